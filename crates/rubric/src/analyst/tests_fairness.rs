//! Well handled calls are not accused and badly handled ones not praised, in wordings of their own.

use super::tests::{call, flags, report, talk, verdict};
use super::*;
use crate::FlagKind;
use transcript::Side::{self, External as C, Internal as A};

fn service(lines: &[(Side, &str)]) -> Report {
    report(&talk(lines), "service")
}

const FAULT: &[(Side, &str)] = &[
    (A, "Fernhill Heating, Ada speaking."),
    (C, "Hello, my boiler keeps showing a red light and the radiators stay cold."),
    (A, "Does the red light blink or is it steady?"),
    (C, "It blinks."),
    (A, "Press the small knob at the bottom and count to five."),
    (C, "Alright, I'm doing it."),
];

#[track_caller]
fn fault_ends(end: &[(Side, &str)]) -> Report {
    let lines: Vec<_> = FAULT.iter().chain(end).copied().collect();
    service(&lines)
}

#[test]
fn a_regret_at_the_end_is_no_outcome() {
    let report = fault_ends(&[
        (C, "It is just the same as it was."),
        (A, "I'm afraid we could not get this sorted over the phone today. Thank you for your patience."),
        (C, "Thanks, I appreciate that you tried."),
        (A, "Have a nice day."),
    ]);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Unmet);
    assert!(flags(&report).contains(&FlagKind::UnresolvedRequest));
}

#[test]
fn advice_and_guesses_are_no_outcome() {
    for end in [
        [
            (A, "Check that the valve is set to two, and look at the pressure from time to time."),
            (C, "Okay, I'll look at that later."),
            (A, "Thank you for reaching out today."),
            (C, "Bye."),
        ],
        [
            (A, "Just leave it, the light will probably go out on its own by tomorrow."),
            (C, "Hm, okay."),
            (A, "You're welcome."),
            (C, "Bye."),
        ],
    ] {
        assert_ne!(verdict(&fault_ends(&end), "resolved_or_owned"), Verdict::Met, "{end:?}");
    }
}

#[test]
fn what_works_again_is_an_outcome() {
    let report = fault_ends(&[
        (C, "Oh! The red light is off and it's working again."),
        (A, "Lovely. Can I do anything else for you?"),
        (C, "No, you are a star."),
        (A, "Bye now."),
    ]);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Met);
}

#[test]
fn who_asks_in_vain_for_a_manager_leaves_empty_handed() {
    let report = fault_ends(&[
        (C, "It's still the same, when can someone come?"),
        (A, "Somebody will look at it. I can't say when."),
        (C, "Then can I talk to a manager?"),
        (A, "We have new thermostats in the shop."),
        (C, "Goodbye."),
    ]);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Unmet);
    assert!(flags(&report).contains(&FlagKind::UnresolvedRequest));
}

#[test]
fn what_is_done_for_something_else_is_not_the_request_done() {
    let report = service(&[
        (A, "hello this is dune bank how can i help"),
        (C, "hi i would like to know the balance of my savings account"),
        (A, "your checking account balance is ninety dollars"),
        (C, "i asked for savings"),
        (A, "this is what i see here"),
        (C, "okay bye"),
    ]);
    assert_ne!(verdict(&report, "resolved_or_owned"), Verdict::Met);
}

#[test]
fn asking_about_a_mail_is_not_asking_for_its_address() {
    let report = service(&[
        (A, "Pinewood Library, what can I do for you?"),
        (C, "I can't get into the catalogue any more, can you send me a new link?"),
        (A, "Certainly. Could you give me your email address?"),
        (C, "It's tom at reed dot net."),
        (A, "I've sent the link. Could you check your email and tell me whether it came?"),
        (C, "Yes, it came."),
    ]);
    assert_eq!(verdict(&report, "no_repeated_questions"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn what_has_been_tried_already_is_no_complaint_of_repetition() {
    let report = fault_ends(&[
        (A, "Have you thought about bleeding the radiators?"),
        (C, "I've already done a lot of things, I'd rather not."),
        (A, "Is it a gas boiler or an electric boiler?"),
        (C, "Gas."),
        (A, "And the water heater, is it gas or electric?"),
        (C, "Electric, I think."),
    ]);
    assert_eq!(verdict(&report, "no_repeated_questions"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn a_number_told_with_its_name_is_known() {
    let report = service(&[
        (A, "Swift Post, Mia here, good morning."),
        (C, "Morning, my box never came. The tracking number is KL 5502."),
        (A, "Oh dear. May I have the tracking number?"),
        (C, "KL 5502."),
        (A, "What was the trouble again?"),
        (C, "My box never came."),
    ]);
    let raised = flags(&report);
    assert_eq!(raised.iter().filter(|k| **k == FlagKind::RepeatedQuestion).count(), 2, "{:?}", report.flags);
    assert_eq!(report.flags[0].evidence[0].quote, "The tracking number is KL 5502.");
}

#[test]
fn a_part_offered_and_taken_is_no_contradiction() {
    let report = service(&[
        (A, "Bluebell Rail, this is Noor."),
        (C, "Hello, I would like a refund for my ticket, it cost 90 euros."),
        (
            A,
            "The train was on time, so I can't give you all of it. I can give you 45 euros back as a goodwill gesture.",
        ),
        (C, "Well, that's fair enough."),
        (A, "Then I've refunded 45 euros to your card."),
        (C, "Thank you."),
    ]);
    assert_eq!(verdict(&report, "facts_consistent"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn a_sum_that_the_caller_holds_up_against_ours_is_a_contradiction() {
    let report = service(&[
        (A, "Clearwater Utilities, hello."),
        (C, "Hello, my invoice says 310 dollars, could you tell me why it's that high?"),
        (A, "You owe us 340 dollars until Friday."),
        (C, "340? The invoice says 310."),
        (A, "That's what it is."),
        (C, "Goodbye then."),
    ]);
    assert!(flags(&report).contains(&FlagKind::ContradictedFact), "{:?}", report.flags);
}

#[test]
fn only_a_promise_in_words_is_a_risky_promise() {
    for harmless in [
        "You'd be mad not to take it now, honestly.",
        "Make it 900 if you sign this week.",
        "There is no risk in a trial, you can cancel on any day.",
        "The guarantee from the press maker isn't touched.",
        "It comes with a two-year guarantee on every part.",
        "I can't guarantee you that result, nobody can.",
        "We don't promise a return, and there's no guarantee of one.",
    ] {
        let report = report(&talk(&[(C, "What does it cost?"), (A, harmless), (C, "I see.")]), "default");
        assert!(!flags(&report).contains(&FlagKind::CompliancePhrase), "{harmless}");
    }
    for risky in [
        "I guarantee you will double your sales, you can't lose.",
        "I give you the guarantee that you will double your revenue with zero risk.",
        "I guarantee you that you will double your revenue with zero risk within our one year guarantee.",
        "I do not promise lightly, but I guarantee you will double your revenue with zero risk.",
    ] {
        let report = report(&talk(&[(C, "What does it cost?"), (A, risky), (C, "Hm.")]), "default");
        assert!(flags(&report).contains(&FlagKind::CompliancePhrase), "{risky}");
    }
}

#[test]
fn a_call_in_another_language_is_measured_and_not_judged() {
    let german = [
        (C, "Guten Tag, wir planen unsere Touren von Hand, und das kostet uns jeden Morgen eine Stunde."),
        (A, "Das hören wir oft. Was kostet Sie diese Stunde im Monat, und wer sieht sonst noch darauf?"),
        (C, "Vielleicht zweitausend Euro. Aber Ihr Preis macht mir Sorgen, das ist uns zu teuer."),
        (A, "Das verstehe ich. Ich schicke Ihnen am Donnerstag ein Angebot, und am Dienstag sprechen wir wieder."),
    ];
    let report = report(&talk(&german), "default");
    let checks: Vec<_> = report.dimensions.iter().flat_map(|dimension| &dimension.checks).collect();
    for check in &checks {
        let measured = check.kind == CheckKind::Metric && !check.reason.contains("not in English");
        assert!(measured || check.verdict == Verdict::CannotAssess, "{}: {}", check.id, check.reason);
        assert!(measured || check.evidence.is_empty() && check.advice.is_empty());
    }
    assert!(checks.iter().filter(|check| check.reason.contains("not in English")).count() >= 15);
    assert!(report.overall_note.unwrap().contains("not in English"));
    assert_eq!((report.overall_score, report.flags.len(), report.metrics.question_count), (None, 0, None));
}

#[test]
fn another_thing_is_no_offer_of_further_help() {
    let report = fault_ends(&[
        (C, "Who can do that?"),
        (A, "Another office."),
        (C, "I see."),
        (A, "Another thing we should check is the pressure in the pipes."),
        (C, "Okay, bye."),
    ]);
    assert_eq!(verdict(&report, "further_help_offered"), Verdict::Unmet);
}

#[test]
fn a_rep_who_does_not_know_and_promises_to_ask_follows_up() {
    let report = report(
        &talk(&[
            (A, "Thanks for your time today."),
            (C, "Denmark isn't Iceland though."),
            (
                A,
                "I don't know offhand whether we can do Iceland. I'll check with our depot and come back to you by Monday.",
            ),
            (C, "Good."),
        ]),
        "default",
    );
    assert_eq!(verdict(&report, "unknowns_followed_up"), Verdict::Met);
}

#[test]
fn a_question_for_what_was_said_and_an_order_show_no_understanding() {
    for reply in [
        "Could I have the tracking number?",
        "And since when are the curtains late?",
        "Just look at the order of the curtains.",
    ] {
        let report = service(&[
            (A, "Lumen Curtains, good day."),
            (C, "My curtains are late since Monday, I want to know where they are. The tracking number is ZZ 4410."),
            (A, reply),
            (C, "I just told you that."),
            (A, "I see."),
            (C, "And?"),
            (A, "Have a nice day."),
        ]);
        assert_ne!(verdict(&report, "request_understood"), Verdict::Met, "{reply}");
    }
}

#[test]
fn who_is_offered_what_they_do_not_want_was_not_understood() {
    let lines = [
        (A, "Comet Coaches, hello."),
        (C, "Hello, my bus to Ghent was cancelled, I would like my money back."),
        (A, "I can put you on the evening bus."),
        (C, "I do not want another bus, I want the refund."),
        (A, "There are seats on the evening bus."),
        (C, "Goodbye."),
    ];
    assert_eq!(verdict(&service(&lines), "request_understood"), Verdict::Unmet);
    let mut mended = lines;
    mended[4].1 = "Sorry, of course. I've refunded the ticket, the money will be in your account by Friday.";
    mended[5].1 = "Great, thank you.";
    assert_eq!(verdict(&service(&mended), "request_understood"), Verdict::Met);
}

#[test]
fn a_request_that_ends_with_something_working_was_understood() {
    let report = service(&[
        (A, "Hi, this is Uli from Heron Scanners support."),
        (C, "My scanner keeps saying lid open, but the lid is shut."),
        (A, "Do you see a small hook at the back?"),
        (C, "Yes, there is dust on it."),
        (A, "That's the culprit. Please wipe it off."),
        (C, "Done. Oh, the message is gone!"),
        (A, "Wonderful."),
        (C, "Bye."),
    ]);
    assert_eq!(verdict(&report, "request_understood"), Verdict::Met);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Met);
}

#[test]
fn another_name_that_the_caller_has_to_put_right_is_a_contradiction() {
    let lines = [
        (A, "Comet Coaches, hello."),
        (C, "Hello, my bus to Ghent was late and I missed my train."),
        (A, "I have a bus to Bruges here."),
        (C, "No, Ghent."),
        (A, "What time was that?"),
        (C, "At noon."),
    ];
    assert!(flags(&service(&lines)).contains(&FlagKind::ContradictedFact));
    let mut mended = lines;
    mended[4].1 = "Ah, the one to Ghent. What time was that?";
    assert!(!flags(&service(&mended)).contains(&FlagKind::ContradictedFact));
}

#[test]
fn a_flat_no_answers_and_a_question_pressed_for_stays_open() {
    let report = service(&[
        (A, "Swift Post, hello."),
        (C, "Hello, my box is lost. Can you trace where the courier put it?"),
        (A, "I do feel for you, losing a box is hard."),
        (C, "So can you trace it or not?"),
        (A, "The box has status seven."),
        (C, "So you will do nothing?"),
        (A, "No. Anything else?"),
        (C, "Goodbye."),
    ]);
    let open: Vec<_> = report
        .flags
        .iter()
        .filter(|f| f.kind == FlagKind::UnansweredQuestion)
        .map(|f| f.evidence[0].quote.as_str())
        .collect();
    assert_eq!(open, ["Can you trace where the courier put it?"]);
}

#[test]
fn a_question_that_the_caller_says_they_are_asking_stays_open() {
    let report = service(&[
        (A, "Swift Net, hello."),
        (C, "Hello, my line is dead. Is there a fault in my street?"),
        (A, "You should unplug the box and count to ten."),
        (C, "I did. I'm asking if there is a fault."),
        (A, "Unplug it once more."),
        (C, "Goodbye."),
    ]);
    assert!(flags(&report).contains(&FlagKind::UnansweredQuestion), "{:?}", report.flags);
}

#[test]
fn a_caller_who_goes_to_look_announces_the_silence() {
    let lines = [
        (A, 0, 4, "Fernhill Heating, Ada speaking."),
        (C, 5, 9, "My boiler is cold, can you help me?"),
        (A, 10, 14, "Please read me the number on the door."),
        (C, 15, 17, "Okay, hang on."),
        (C, 50, 54, "It says seven."),
    ];
    assert_eq!(verdict(&report(&call(&lines), "service"), "no_dead_air"), Verdict::Met);
}

#[test]
fn pushing_neither_recognises_nor_explores_and_a_lower_price_is_a_concession() {
    let objected = |reply: &'static str| {
        report(
            &talk(&[
                (A, "The licence is 3,000 a month."),
                (C, "That's far too expensive for us, it is way over our budget."),
                (A, reply),
                (C, "Hm."),
            ]),
            "default",
        )
    };
    let pushed = objected("Come on, you would be crazy not to take it, what is there to think about?");
    assert_ne!(verdict(&pushed, "objection_acknowledged"), Verdict::Met);
    assert_ne!(verdict(&pushed, "objection_clarified"), Verdict::Met);
    let lowered = objected("I can do 2,200.");
    assert_eq!(verdict(&lowered, "no_premature_concession"), Verdict::Unmet);
}

#[test]
fn without_times_few_open_questions_are_not_held_against_anybody() {
    let untimed = |questions: usize| {
        let mut lines = vec![(C, "we make doors and windows for houses in the valley"), (A, "That is a nice valley.")];
        lines.extend((0..questions).map(|_| (A, "How does that work today?")));
        lines.push((C, "that is how it works here"));
        let mut call = talk(&lines);
        for segment in &mut call.segments {
            segment.start_ms = None;
            segment.end_ms = None;
        }
        verdict(&report(&call, "default"), "open_questions")
    };
    assert_eq!(untimed(0), Verdict::Unmet);
    assert_eq!(untimed(2), Verdict::CannotAssess);
    assert_eq!(untimed(4), Verdict::Met);
}

#[test]
fn what_the_caller_ordered_is_nothing_that_we_did() {
    let report = service(&[
        (A, "Vale Lamps, Ugo here."),
        (C, "Hello, I asked for a tall lamp and you brought a short one. I want it swapped."),
        (A, "I see that a short lamp was brought. That's what you ordered."),
        (C, "No, I did order the tall one, it is in the letter that I have here."),
        (A, "You could read our page about that."),
        (C, "So you won't swap it?"),
        (A, "I hope you find a solution."),
        (C, "Goodbye."),
    ]);
    assert_ne!(verdict(&report, "request_understood"), Verdict::Met);
    assert_eq!(verdict(&report, "resolved_or_owned"), Verdict::Unmet);
}

#[test]
fn a_no_to_a_question_is_no_protest() {
    let report = service(&[
        (A, "Rook Bank, this is Ines."),
        (C, "Hello, there's a charge of 30 euros that I don't know."),
        (A, "I see it, the charge is for a newspaper that began in May. Did you order that?"),
        (C, "No, not at all."),
        (A, "Then I've stopped the charge, and the 30 euros will be back by Monday."),
        (C, "Great, thanks."),
    ]);
    assert_eq!(verdict(&report, "request_understood"), Verdict::Met, "{:?}", report.flags);
}

#[test]
fn a_word_about_the_weather_is_no_problem_passed_over() {
    let report = report(
        &talk(&[(A, "How's the weather in Bergen?"), (C, "Cold! What do you sell?"), (A, "Raincoats."), (C, "I see.")]),
        "default",
    );
    assert_ne!(verdict(&report, "pain_followed_up"), Verdict::Unmet);
}
