use super::*;
use crate::FlagKind;
use proptest::prelude::*;
use transcript::{Format, Participant, Segment, Side};

/// A call from lines `(side, start s, end s, text)`.
pub(super) fn call(lines: &[(Side, u64, u64, &str)]) -> Transcript {
    let participant = |name: &str, side| Participant { name: name.into(), side: Some(side), ..Participant::default() };
    Transcript {
        format: Format::Json,
        participants: vec![participant("Agent", Side::Internal), participant("Caller", Side::External)],
        segments: lines
            .iter()
            .enumerate()
            .map(|(index, (side, start, end, text))| Segment {
                id: index as u32 + 1,
                speaker: Some(usize::from(*side == Side::External)),
                start_ms: Some(start * 1000),
                end_ms: Some(end * 1000),
                text: (*text).into(),
                estimated: false,
                confidence: None,
                topic: None,
            })
            .collect(),
        warnings: vec![],
        title: None,
        started_at: None,
        external_id: None,
        language: None,
        separate_channels: true,
    }
}

/// The lines of a call, one after the other, six seconds each.
pub(super) fn talk(lines: &[(Side, &str)]) -> Transcript {
    let timed: Vec<_> =
        lines.iter().enumerate().map(|(i, (side, text))| (*side, i as u64 * 7, i as u64 * 7 + 6, *text)).collect();
    call(&timed)
}

pub(super) fn report(transcript: &Transcript, rubric: &str) -> Report {
    let rubric = crate::builtin().into_iter().find(|r| r.id == rubric).unwrap();
    analyse(transcript, &rubric, Labeler::builtin())
}

pub(super) fn verdict(report: &Report, check: &str) -> Verdict {
    report.dimensions.iter().flat_map(|d| &d.checks).find(|c| c.id == check).unwrap().verdict
}

pub(super) fn flags(report: &Report) -> Vec<FlagKind> {
    report.flags.iter().map(|f| f.kind).collect()
}

use Side::{External as C, Internal as A};

const BOOKED_WRONG: &[(Side, &str)] = &[
    (A, "hello this is oak street clinic how can i help you"),
    (C, "hi i would like to make an appointment please"),
    (A, "what day would you like for your appointment"),
    (C, "i would like thursday"),
    (A, "what time would you like"),
    (C, "ten thirty a m please"),
    (A, "okay your appointment has been scheduled for tuesday at ten thirty a m"),
    (C, "okay thank you"),
    (A, "is there anything else i can help you with"),
    (C, "no that is all bye"),
];

#[test]
fn every_check_of_the_built_in_rubrics_has_a_judge() {
    for rubric in crate::builtin() {
        for check in rubric.dimensions.iter().flat_map(|d| &d.checks) {
            assert!(
                check.kind == CheckKind::Metric || is_judge(check.judge.as_deref().unwrap_or(&check.id)),
                "{}",
                check.id
            );
            assert!(!check.advice.is_empty() && !check.keep.is_empty(), "{}", check.id);
        }
    }
}

#[test]
fn a_day_that_differs_from_the_one_asked_for_is_a_contradiction() {
    let wrong = report(&talk(BOOKED_WRONG), "service");
    assert_eq!(verdict(&wrong, "facts_consistent"), Verdict::Unmet);
    assert_eq!(flags(&wrong), [FlagKind::ContradictedFact]);
    let quotes: Vec<&str> = wrong.flags[0].evidence.iter().map(|e| e.quote.as_str()).collect();
    assert_eq!(
        quotes,
        ["i would like thursday", "okay your appointment has been scheduled for tuesday at ten thirty a m"]
    );

    let mut lines = BOOKED_WRONG.to_vec();
    lines[6].1 = "okay your appointment has been scheduled for thursday at ten thirty a m";
    let right = report(&talk(&lines), "service");
    assert_eq!(verdict(&right, "facts_consistent"), Verdict::Met);
    assert_eq!(flags(&right), []);
}

#[test]
fn a_slip_that_is_put_right_is_no_contradiction() {
    let mut lines = BOOKED_WRONG.to_vec();
    lines[7].1 = "no i said thursday";
    lines.insert(8, (A, "sorry my mistake thursday at ten thirty a m"));
    let mended = report(&talk(&lines), "service");
    assert_eq!(verdict(&mended, "facts_consistent"), Verdict::Met, "{:?}", mended.flags);
}

#[test]
fn asking_for_what_was_said_is_a_repeated_question() {
    let again = report(
        &talk(&[
            (A, "hello this is harbor bank how can i help you"),
            (C, "hi my name is rosa marin i lost my debit card can you send me a new one"),
            (A, "what is your name"),
            (C, "rosa marin"),
            (A, "okay your new debit card has been ordered and will arrive in five days"),
            (C, "thank you"),
        ]),
        "service",
    );
    assert_eq!(verdict(&again, "no_repeated_questions"), Verdict::Unmet);
    assert!(flags(&again).contains(&FlagKind::RepeatedQuestion));
}

#[test]
fn reading_back_to_confirm_is_no_repeated_question() {
    let fine = report(
        &talk(&[
            (A, "hello this is harbor bank how can i help you"),
            (C, "hi i lost my debit card can you send me a new one"),
            (A, "sure what is your account number"),
            (C, "four four one nine two"),
            (A, "four four one nine two is that right"),
            (C, "yes that's right"),
            (A, "okay your new debit card has been ordered and will arrive in five days"),
            (C, "thank you"),
            (A, "is there anything else i can help you with"),
            (C, "no that is all"),
        ]),
        "service",
    );
    assert_eq!(verdict(&fine, "no_repeated_questions"), Verdict::Met, "{:?}", fine.flags);
    assert_eq!(verdict(&fine, "resolved_or_owned"), Verdict::Met);
    assert_eq!(verdict(&fine, "further_help_offered"), Verdict::Met);
    assert_eq!(flags(&fine), []);
}

#[test]
fn a_request_that_came_to_nothing_is_flagged() {
    let lost = report(
        &talk(&[
            (A, "thank you for calling pine telecom how can i help"),
            (C, "my internet is down can you please send somebody to fix it"),
            (A, "okay let me look"),
            (C, "thanks"),
            (A, "no it will not let me book anything the system is down right now"),
            (C, "so nothing is going to happen today"),
            (A, "you could call back tomorrow i guess"),
            (C, "i am not happy about that bye"),
        ]),
        "service",
    );
    assert_eq!(verdict(&lost, "resolved_or_owned"), Verdict::Unmet);
    assert!(flags(&lost).contains(&FlagKind::UnresolvedRequest), "{:?}", lost.flags);
}

#[test]
fn silence_that_was_announced_is_no_dead_air() {
    let with = |before: &'static str| {
        report(
            &call(&[
                (C, 0, 4, "can you check my order please"),
                (A, 5, 9, before),
                (A, 39, 44, "your order has been sent this morning"),
                (C, 45, 47, "great thank you"),
            ]),
            "service",
        )
    };
    assert_eq!(verdict(&with("sure bear with me one moment while i pull that up"), "no_dead_air"), Verdict::Met);
    let silent = with("your order was placed on the web");
    assert_eq!(verdict(&silent, "no_dead_air"), Verdict::Unmet);
    let check = silent.dimensions.iter().flat_map(|d| &d.checks).find(|c| c.id == "no_dead_air").unwrap();
    assert!(check.reason.contains("30 s"), "{}", check.reason);
}

#[test]
fn open_questions_scale_with_short_calls() {
    let minutes = |minutes: u64, questions: usize| {
        let mut lines =
            vec![(C, 0, 5, "we make doors and windows for houses in the valley"), (A, 6, 9, "That is a nice valley.")];
        lines.extend((0..questions).map(|i| (A, 10 + i as u64 * 5, 13 + i as u64 * 5, "How does that work today?")));
        lines.push((C, minutes * 60 - 5, minutes * 60, "that is how it works here"));
        verdict(&report(&call(&lines), "default"), "open_questions")
    };
    assert_eq!(minutes(4, 0), Verdict::Unmet, "never fewer than one");
    assert_eq!(minutes(4, 1), Verdict::Met);
    assert_eq!(minutes(11, 1), Verdict::Unmet, "two full five minutes");
    assert_eq!(minutes(11, 2), Verdict::Met);
    assert_eq!(minutes(21, 3), Verdict::Unmet);
    assert_eq!(minutes(21, 4), Verdict::Met);
}

#[test]
fn without_an_objection_its_handling_does_not_apply() {
    let calm = report(
        &talk(&[
            (A, "Today I'd like to hear how you plan your deliveries and then show you the board, does that suit you?"),
            (C, "Yes, that suits us."),
            (A, "How do you plan the vans now?"),
            (C, "On a whiteboard, and it takes Pete three hours every morning."),
            (A, "What happens when Pete is away?"),
            (C, "Then somebody else does it."),
        ]),
        "default",
    );
    let handling = calm.dimensions.iter().find(|d| d.name == "objection_handling").unwrap();
    assert_eq!((handling.score, handling.coverage), (None, None));
    assert!(handling.checks.iter().all(|c| c.verdict == Verdict::NotApplicable));
}

#[test]
fn unknown_sides_are_never_guessed() {
    let mut transcript = talk(BOOKED_WRONG);
    transcript.participants[1].side = None;
    let report = report(&transcript, "service");
    assert!(report.dimensions.iter().flat_map(|d| &d.checks).all(|c| c.verdict == Verdict::CannotAssess));
    assert!(report.flags.is_empty() && report.overall_score.is_none() && report.overall_note.is_some());
}

#[test]
fn a_check_without_a_judge_is_left_open() {
    let yaml = "id: own\nname: Own\nversion: 1\ndescription: x\ndimensions:\n- id: d\n  name: D\n  weight: 1\n  description: x\n  levels: {\"1\": a, \"3\": b, \"5\": c}\n  checks:\n  - {id: sang, name: Sang, sentence: The rep sang., kind: presence, advice: Sing.}\n";
    let rubric = Rubric::from_yaml(yaml).unwrap();
    let report = analyse(&talk(BOOKED_WRONG), &rubric, Labeler::builtin());
    assert_eq!(report.dimensions[0].checks[0].verdict, Verdict::CannotAssess);
    assert_eq!(report.dimensions[0].score, None);
}

const TRANSFER: &[(Side, &str)] = &[
    (A, "hello this is harbor bank how can i help you today"),
    (C, "hi this is rosa i would like to transfer some money"),
    (A, "okay and what is your last name"),
    (C, "uh marin"),
    (A, "which account would you like to transfer from"),
    (C, "my savings"),
    (A, "and which account would you like to transfer to"),
    (C, "checking"),
    (A, "how much would you like to transfer"),
    (C, "sixty five"),
    (A, "okay i have transferred sixty five dollars from your savings to your checking"),
    (A, "is there anything else i can help you with"),
    (C, "no that is all"),
];

/// [`TRANSFER`] with one line in other words.
fn transfer_with(line: usize, text: &'static str) -> Report {
    let mut lines = TRANSFER.to_vec();
    lines[line].1 = text;
    report(&talk(&lines), "service")
}

#[test]
fn both_ends_of_a_transfer_and_both_parts_of_a_name_may_be_asked_for() {
    let fine = report(&talk(TRANSFER), "service");
    assert_eq!(flags(&fine), []);
    let unmet = fine.dimensions.iter().flat_map(|d| &d.checks).find(|c| c.verdict == Verdict::Unmet);
    assert!(unmet.is_none(), "{:?}", unmet.map(|c| &c.reason));
}

#[test]
fn the_same_end_of_a_transfer_asked_for_twice_is_a_repeat() {
    let again = transfer_with(6, "and from which account was that");
    assert!(flags(&again).contains(&FlagKind::RepeatedQuestion), "{:?}", again.flags);
}

#[test]
fn a_sum_or_an_account_other_than_the_one_asked_for_is_a_contradiction() {
    for wrong in [
        "okay i have transferred fifty five dollars from your savings to your checking",
        "okay i have transferred sixty five dollars out of your checking",
        "okay sixty five dollars has been moved into your savings",
    ] {
        assert_eq!(flags(&transfer_with(10, wrong)), [FlagKind::ContradictedFact], "{wrong}");
    }
}

#[test]
fn a_balance_is_no_other_sum() {
    let mut lines = TRANSFER.to_vec();
    lines.insert(11, (A, "your savings account has ninety dollars left"));
    assert_eq!(flags(&report(&talk(&lines), "service")), []);
}

#[test]
fn an_errand_passed_over_is_unresolved() {
    let passed = transfer_with(10, "okay");
    assert_eq!(verdict(&passed, "resolved_or_owned"), Verdict::Unmet);
    assert!(flags(&passed).contains(&FlagKind::UnresolvedRequest));
}

#[test]
fn another_errand_than_the_one_asked_for_is_not_understood() {
    let errand = |done: &'static str| {
        report(
            &talk(&[
                (A, "hello this is harbor bank how can i help you today"),
                (C, "hi i need to reset my password please"),
                (A, "what is your name"),
                (C, "rosa marin"),
                (A, done),
                (A, "is there anything else i can help you with"),
                (C, "no"),
            ]),
            "service",
        )
    };
    let other = errand("okay rosa i have ordered your checks");
    assert_eq!(verdict(&other, "request_understood"), Verdict::Unmet);
    assert_eq!(verdict(&other, "resolved_or_owned"), Verdict::Unmet);
    assert_eq!(flags(&other), [FlagKind::UnresolvedRequest]);
    let right = errand("okay rosa i have sent you a link to log in");
    assert_eq!(verdict(&right, "request_understood"), Verdict::Met);
    assert_eq!(flags(&right), []);
}

#[test]
fn a_caller_who_puts_themself_right_is_not_contradicted() {
    let mut lines = BOOKED_WRONG.to_vec();
    lines.insert(4, (C, "no wait sorry tuesday"));
    let mended = report(&talk(&lines), "service");
    assert_eq!(flags(&mended), []);
}

#[test]
fn another_slot_may_be_asked_for_when_the_first_is_taken() {
    let ask_again = |before: &'static str| {
        let mut lines = BOOKED_WRONG.to_vec();
        lines[6].1 = "okay your appointment has been scheduled for thursday at nine a m";
        lines.splice(6..6, [(A, before), (A, "what time would you like"), (C, "nine a m")]);
        flags(&report(&talk(&lines), "service"))
    };
    assert_eq!(ask_again("unfortunately that time is taken"), []);
    assert!(ask_again("okay").contains(&FlagKind::RepeatedQuestion));
}

#[test]
fn a_question_passed_over_stays_open() {
    let asked = |reply: &'static str| {
        flags(&report(
            &talk(&[
                (A, "hello this is harbor bank how can i help you today"),
                (C, "hi what are the hours of the branch on elm street"),
                (A, "can i have your name"),
                (C, "it is rosa marin"),
                (A, reply),
                (A, "is there anything else i can help you with"),
                (C, "no"),
            ]),
            "service",
        ))
    };
    assert!(asked("okay thank you rosa").contains(&FlagKind::UnansweredQuestion));
    assert_eq!(asked("it is open from nine to five rosa"), []);
}

#[test]
fn a_question_that_needs_another_first_is_not_avoided() {
    let asked = report(
        &talk(&[
            (A, "hello this is harbor bank how can i help you today"),
            (C, "hi um how late are you open"),
            (A, "for which location"),
            (C, "um the airport"),
            (A, "airport is eight to eight every day"),
            (C, "what time was that"),
            (A, "eight to eight"),
            (A, "anything else"),
            (C, "no that is all"),
        ]),
        "service",
    );
    assert_eq!(flags(&asked), []);
}

/// Sentences that together touch every judge, in different scripts and lengths.
fn any_text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "What does that cost you?",
        "it's too expensive for us",
        "I understand, that's a real concern.",
        "We lost $4,000 last month – ouch!",
        "Thursday at ten works for me.",
        "no i said friday",
        "I'll send it by noon tomorrow.",
        "can you repeat that please",
        "Größe «é» 日本語 😀 what?",
        "how can i help you today",
        "your appointment has been scheduled for tuesday",
        "um",
        "Mm-hm.",
        "that's two hundred and fifty dollars",
        "you told me ninety four",
        "guaranteed, no risk at all",
        "is there anything else",
        "…",
        "a b c. d e f? g!",
        "my name is john smith",
    ]);
    prop::collection::vec(prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{1,40}"], 1..4)
        .prop_map(|parts| parts.join(" ").split_whitespace().collect::<Vec<_>>().join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_quote_stands_where_the_evidence_says(lines in prop::collection::vec((any::<bool>(), 0u64..9, any_text()), 1..40), service in any::<bool>()) {
        let mut clock = 0;
        let timed: Vec<(Side, u64, u64, String)> = lines
            .into_iter()
            .filter(|(.., text)| !text.is_empty())
            .map(|(ours, gap, text)| {
                let start = clock + gap;
                clock = start + 4;
                (if ours { A } else { C }, start, clock, text)
            })
            .collect();
        let borrowed: Vec<_> = timed.iter().map(|(side, start, end, text)| (*side, *start, *end, text.as_str())).collect();
        let transcript = call(&borrowed);
        let report = report(&transcript, if service { "service" } else { "default" });
        for evidence in report.dimensions.iter().flat_map(|d| &d.checks).flat_map(|c| &c.evidence).chain(report.flags.iter().flat_map(|f| &f.evidence)) {
            prop_assert!(evidence.holds(&transcript), "{evidence:?}");
        }
        for dimension in &report.dimensions {
            prop_assert!(dimension.score.is_none_or(|s| (0.0..=100.0).contains(&s)));
        }
    }
}
