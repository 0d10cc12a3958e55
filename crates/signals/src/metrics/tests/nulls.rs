//! What is not known is null and says why.

use crate::labels::{CallLabels, Labeler, QuestionKind};
use crate::metrics::known::*;
use crate::metrics::testing::*;
use crate::metrics::{Metrics, metrics};
use serde_json::Value;
use transcript::{Side, Transcript};

const TIMED: &[&str] = &[
    "duration_ms",
    "talk_ms",
    "talk_ratio",
    "longest_monologue_ms",
    "longest_customer_story_ms",
    "interactivity_per_min",
    "patience_ms",
    "overlapped_answer_ratio",
    "pause_after_objection_ms",
    "questions_per_30_min",
    "open_questions_per_30_min",
    "words_per_minute",
    "filler_per_min",
    "interruption_count",
    "interruption_ms",
    "overtalk_ratio",
    "non_talk_ms",
    "longest_silence_ms",
    "sentiment_quarters",
];
const COUNTS: &[&str] = &[
    "question_count",
    "open_question_count",
    "factual_question_count",
    "closed_question_count",
    "customer_question_count",
    "sentiment",
    "sentiment_spoken",
];
/// What can be said without knowing the sides.
const SIDELESS: &[&str] = &["duration_ms", "talk_ms", "overtalk_ratio", "non_talk_ms", "longest_silence_ms"];

const LINES: &[Line<'_>] = &[
    (REP, 0, 4000, "What do you use today"),
    (CUSTOMER, 5000, 9000, "We love the old one"),
    (REP, 8000, 12_000, "So you know it"),
];

/// The metrics, after a check that a field of the top level is null if and only if `unavailable` names it.
fn checked(transcript: &Transcript) -> Metrics {
    let labels = labelled(transcript.segments.first().map(|_| asks(0, QuestionKind::Open)).into_iter().collect());
    let m = metrics(transcript, &labels);
    let Value::Object(json) = serde_json::to_value(&m).unwrap() else { panic!("an object") };
    for (field, value) in &json {
        let null = match field.as_str() {
            "sentiment" | "sentiment_spoken" => value["internal"].is_null() || value["external"].is_null(),
            _ => value.is_null(),
        };
        assert_eq!(null, m.unavailable.contains_key(field.as_str()), "{field}: {value}");
    }
    assert!(m.unavailable.keys().all(|field| json.contains_key(*field) || *field == "sentiment_quarters"));
    m
}

fn reasons<'a>(m: &'a Metrics, reason: &str) -> Vec<&'a str> {
    m.unavailable.iter().filter(|(_, why)| *why == reason).map(|(field, _)| *field).collect()
}

fn sorted<'a>(lists: &[&[&'a str]]) -> Vec<&'a str> {
    let mut fields = lists.concat();
    fields.sort_unstable();
    fields
}

#[test]
fn a_call_that_supports_everything_but_an_objection_has_one_null() {
    let m = checked(&call(LINES));
    // The answer begins early and there is no objection.
    assert_eq!(m.unavailable.keys().copied().collect::<Vec<_>>(), ["patience_ms", "pause_after_objection_ms"]);
    assert_eq!((m.question_count, m.overlapped_answer_ratio), (Some(1), Some(1.0)));
}

#[test]
fn in_another_language_only_what_needs_no_words_remains() {
    let mut t = call(LINES);
    t.language = Some("de".to_owned());
    for segment in &mut t.segments {
        segment.text = "Das kostet uns jeden Morgen eine Stunde".to_owned();
    }
    let m = checked(&t);
    let of_words = [
        COUNTS,
        &["filler_per_min", "open_questions_per_30_min", "pause_after_objection_ms", "questions_per_30_min"],
        &["sentiment_quarters"],
    ];
    assert_eq!(reasons(&m, NOT_ENGLISH), sorted(&of_words));
    assert!(m.talk_ratio.is_some() && m.words_per_minute.is_some());
    assert!(m.turns.is_empty() && m.questions.is_empty() && m.objections.is_empty());
    let (side, speaker) = (&m.sides.internal, &m.speakers[0]);
    assert_eq!((side.speech.question_count, side.speech.filler_count, side.sentiment), (None, None, None));
    assert_eq!((speaker.speech.question_count, speaker.sentiment_spoken, speaker.speech.word_count), (None, None, 14));
}

#[test]
fn without_times_only_counts_remain() {
    let mut t = call(LINES);
    for segment in &mut t.segments {
        (segment.start_ms, segment.end_ms) = (None, None);
    }
    let m = checked(&t);
    assert_eq!(reasons(&m, NO_TIMES), sorted(&[TIMED]));
    assert_eq!((m.question_count, m.sides.internal.speech.word_count, m.unavailable.len()), (Some(1), 9, TIMED.len()));
    let speech = &m.speakers[0].speech;
    assert_eq!(
        (speech.talk_ms, speech.longest_turn_ms, speech.words_per_minute, speech.interruption_count),
        (None, None, None, None)
    );
}

#[test]
fn one_segment_without_times_is_enough() {
    let mut t = call(LINES);
    (t.segments[1].start_ms, t.segments[1].end_ms) = (None, None);
    assert_eq!(reasons(&checked(&t), SOME_TIMES), sorted(&[TIMED]));
}

#[test]
fn estimated_times_measure_nothing() {
    let mut t = call(LINES);
    t.segments[2].estimated = true;
    let m = checked(&t);
    assert_eq!(reasons(&m, ESTIMATED), sorted(&[TIMED]));
    assert_eq!((m.speakers[0].speech.talk_ms, m.sides.internal.sentiment_quarters), (None, None));
}

#[test]
fn one_unknown_speaker_leaves_lengths_and_silences() {
    let mut t = call(LINES);
    t.segments.iter_mut().for_each(|segment| segment.speaker = None);
    t.separate_channels = true;
    let m = checked(&t);
    let known = ["duration_ms", "talk_ms", "non_talk_ms", "longest_silence_ms"];
    let null: Vec<_> = sorted(&[TIMED, COUNTS]).into_iter().filter(|field| !known.contains(field)).collect();
    assert_eq!(reasons(&m, NO_SPEAKERS), null);
    // 0–4000 and 5000–12000.
    assert_eq!((m.duration_ms, m.talk_ms, m.longest_silence_ms), (Some(12_000), Some(11_000), Some(1000)));
    assert_eq!((m.speakers.len(), m.speakers[0].name.as_deref(), m.sides.internal.sentiment), (1, None, None));
}

#[test]
fn an_unknown_side_leaves_what_compares_nobody() {
    for who in [STRANGER, NOBODY] {
        let mut t = call(LINES);
        t.segments[2].speaker = who;
        let m = checked(&t);
        let null: Vec<_> = sorted(&[TIMED, COUNTS]).into_iter().filter(|field| !SIDELESS.contains(field)).collect();
        assert_eq!(reasons(&m, NO_SIDES), null, "{who:?}");
        // 1000 of 12000 ms at once.
        assert_eq!((m.talk_ms, m.overtalk_ratio), (Some(11_000), Some(0.0833)));
        // The rep's own 4000 of 11000 ms are known; what our side did is not, since the third speaker may be ours.
        assert_eq!((m.speakers[0].speech.talk_share, m.sides.internal.speech.talk_ms), (Some(0.3636), None));
        assert_eq!(
            (m.sentiment.external, m.sides.external.sentiment, m.sides.external.sentiment_quarters),
            (None, None, None)
        );
    }
}

#[test]
fn without_anybody_of_ours_nothing_is_said_of_us() {
    let m = checked(&call(&[(CUSTOMER, 0, 4000, "We love the old one"), (BUYER, 3000, 9000, "and the new one")]));
    let ours = [
        "longest_monologue_ms",
        "question_count",
        "open_question_count",
        "factual_question_count",
        "closed_question_count",
        "questions_per_30_min",
        "open_questions_per_30_min",
        "words_per_minute",
        "filler_per_min",
        "interruption_count",
        "interruption_ms",
        "sentiment",
        "sentiment_spoken",
    ];
    assert_eq!(reasons(&m, OURS_SILENT), sorted(&[&ours]));
    assert_eq!(reasons(&m, ONE_SIDE), ["interactivity_per_min", "talk_ratio"]);
    assert_eq!(reasons(&m, NO_ANSWER), ["overlapped_answer_ratio", "patience_ms", "pause_after_objection_ms"]);
    assert_eq!((m.customer_question_count, m.longest_customer_story_ms), (Some(1), Some(6000)));
    assert!(m.sentiment.external.is_some() && m.sentiment.internal.is_none());
}

#[test]
fn without_the_customer_nothing_is_said_of_them() {
    let m = checked(&call(&[(REP, 0, 4000, "What do you use today"), (ENGINEER, 3000, 9000, "and what for")]));
    let theirs = ["customer_question_count", "longest_customer_story_ms", "sentiment", "sentiment_spoken"];
    assert_eq!(reasons(&m, THEIRS_SILENT), sorted(&[&theirs]));
    assert_eq!((m.question_count, m.longest_monologue_ms, m.interruption_count), (Some(1), Some(6000), Some(0)));
}

#[test]
fn a_side_that_only_acknowledges_takes_no_turn() {
    let m = checked(&call(&[(CUSTOMER, 0, 4000, "We love the old one"), (REP, 4000, 4500, "Right.")]));
    assert_eq!(reasons(&m, no_turn(Side::Internal)), ["longest_monologue_ms", "sentiment", "sentiment_spoken"]);
    // The words were said all the same.
    assert_eq!((m.talk_ratio, m.words_per_minute), (Some(0.1111), Some(120.0)));
}

#[test]
fn no_overlap_says_nothing_on_one_channel_and_all_on_several() {
    let mut t = call(&[(REP, 0, 4000, "What do you use today"), (CUSTOMER, 5000, 9000, "We love the old one")]);
    assert_eq!(reasons(&checked(&t), NO_OVERLAP), ["interruption_count", "interruption_ms", "overtalk_ratio"]);
    assert_eq!(checked(&t).speakers[0].speech.interruption_count, None);
    t.separate_channels = true;
    let m = checked(&t);
    assert_eq!((m.interruption_count, m.interruption_ms, m.overtalk_ratio), (Some(0), Some(0), Some(0.0)));
    assert_eq!(m.speakers[1].speech.interruption_count, Some(0));
}

#[test]
fn a_speaker_over_themself_shows_no_overlap() {
    let t =
        call(&[(REP, 0, 4000, "What do you use"), (REP, 2000, 5000, "today"), (CUSTOMER, 5000, 9000, "The old one")]);
    assert_eq!(reasons(&checked(&t), NO_OVERLAP).len(), 3);
}

#[test]
fn an_empty_transcript_has_nothing_but_reasons() {
    let m = checked(&call(&[]));
    assert_eq!(reasons(&m, EMPTY), sorted(&[TIMED, COUNTS]));
    assert!(m.speakers.is_empty() && m.turns.is_empty());
}

#[test]
fn one_segment_has_a_length_and_no_gaps() {
    let m = checked(&call(&[(REP, 1000, 4000, "What do you use today")]));
    assert_eq!((m.duration_ms, m.talk_ms, m.longest_monologue_ms), (Some(3000), Some(3000), Some(3000)));
    assert_eq!((m.non_talk_ms, m.longest_silence_ms), (Some(0), Some(0)));
    // 5 words in 3 s.
    assert_eq!((m.words_per_minute, m.talk_ratio), (Some(100.0), None));
}

#[test]
fn a_call_of_no_length_has_no_rates() {
    let mut t = call(&[(REP, 1000, 1000, "What do you use today"), (CUSTOMER, 1000, 1000, "We love the old one")]);
    t.separate_channels = true;
    let m = checked(&t);
    let rates = ["interactivity_per_min", "open_questions_per_30_min", "overtalk_ratio", "questions_per_30_min"];
    assert_eq!(reasons(&m, NO_LENGTH), rates);
    assert_eq!(reasons(&m, NO_SPEECH_LENGTH), ["filler_per_min", "talk_ratio", "words_per_minute"]);
    assert_eq!((m.duration_ms, m.longest_monologue_ms), (Some(0), Some(0)));
    assert_eq!((m.speakers[0].speech.talk_share, m.speakers[0].speech.words_per_minute), (None, None));
}

#[test]
fn labels_of_the_real_labeler_fit() {
    let t = call(&[(REP, 0, 4000, "Um, what do you use today?"), (CUSTOMER, 3000, 9000, "How much does it cost?")]);
    let m = metrics(&t, &Labeler::builtin().label_call(&t));
    let asked: Vec<_> = m.questions.iter().map(|q| (q.segment_id, q.side, q.offset, q.length)).collect();
    assert_eq!(asked, [(1, Some(Side::Internal), 0, 26), (2, Some(Side::External), 0, 22)]);
    assert_eq!(
        (m.open_question_count, m.customer_question_count, m.sides.internal.speech.filler_count),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!(m.sides.external.speech.factual_question_count, Some(1));
    assert_ne!(m, metrics(&t, &CallLabels::default()));
}
