//! Turns, gaps, silences.

use crate::metrics::testing::*;
use crate::metrics::{Moment, metrics};

#[test]
fn a_monologue_runs_from_first_start_to_last_end_across_backchannels() {
    let m = measured(&[
        (REP, 0, 5000, "It syncs every night"),
        (CUSTOMER, 5200, 5600, "Mm-hm."),
        (REP, 7000, 12_000, "to your own cloud"),
        (CUSTOMER, 12_500, 15_000, "We have two of these"),
        (REP, 16_000, 20_000, "with your own keys"),
        (BUYER, 20_500, 24_000, "Who holds the keys then"),
    ]);
    // 12000 − 0, against 20000 − 16000; 24000 − 20500 against 15000 − 12500.
    assert_eq!((m.longest_monologue_ms, m.longest_customer_story_ms), (Some(12_000), Some(3500)));
    let moment =
        |segment_id, last_segment_id, start_ms, end_ms| Some(Moment { segment_id, last_segment_id, start_ms, end_ms });
    assert_eq!(m.moments.longest_monologue, moment(1, 3, 0, 12_000));
    assert_eq!(m.moments.longest_customer_story, moment(6, 6, 20_500, 24_000));
    // Rep, customer, rep, buyer: 3 changes in 24 s.
    assert_eq!(m.interactivity_per_min, Some(7.5));
    assert_eq!((m.sides.internal.speech.turn_count, m.sides.external.speech.turn_count), (2, 2));
    assert_eq!(m.sides.external.speech.longest_turn_ms, Some(3500));
}

#[test]
fn of_equal_turns_the_first_is_the_moment() {
    let m = measured(&[
        (REP, 0, 2000, "It syncs every night"),
        (CUSTOMER, 2000, 3000, "Who holds the keys"),
        (REP, 3000, 5000, "You hold the keys"),
    ]);
    assert_eq!(m.moments.longest_monologue.map(|moment| moment.segment_id), Some(1));
}

#[test]
fn colleagues_change_no_side_and_share_no_monologue() {
    let m = measured(&[
        (REP, 0, 4000, "It syncs every night"),
        (ENGINEER, 4000, 9000, "to your own cloud"),
        (REP, 9000, 12_000, "with your own keys"),
    ]);
    assert_eq!(m.longest_monologue_ms, Some(5000));
    let with_customer = measured(&[
        (REP, 0, 4000, "It syncs every night"),
        (ENGINEER, 4000, 9000, "to your own cloud"),
        (CUSTOMER, 9000, 60_000, "Who holds the keys"),
    ]);
    assert_eq!(with_customer.interactivity_per_min, Some(1.0));
}

/// Gaps of 300, 900, 2000 and 500 ms, and one answer that begins 200 ms early.
fn answers() -> Vec<Line<'static>> {
    vec![
        (CUSTOMER, 0, 1000, "We have two of these"),
        (REP, 1300, 2000, "So you know it"),
        (CUSTOMER, 2000, 3000, "It costs too much"),
        (REP, 3900, 5000, "What do you compare it to"),
        (CUSTOMER, 5000, 6000, "The old one costs half"),
        (REP, 5800, 7000, "That is the one without support"),
        (CUSTOMER, 7000, 8000, "It still costs too much"),
        (REP, 10_000, 11_000, "What would it have to cost"),
        (CUSTOMER, 11_000, 12_000, "Half of it"),
        (REP, 12_500, 13_000, "I see what you mean"),
    ]
}

#[test]
fn patience_is_the_median_gap_without_overlapped_answers() {
    let m = measured(&answers());
    // 300, 500, 900, 2000: (500 + 900) / 2. With the early one at 0 it would be 500. 1 of 5 began early.
    assert_eq!((m.patience_ms, m.overlapped_answer_ratio), (Some(700), Some(0.2)));
}

#[test]
fn the_pause_after_an_objection_looks_at_answers_to_objections_only() {
    // Objections at segments 2 (gap 900), 4 (answered early: left out), 6 (gap 2000): (900 + 2000) / 2.
    let m = metrics(&call(&answers()), &labelled(vec![objects(2), objects(4), objects(6)]));
    assert_eq!((m.pause_after_objection_ms, m.patience_ms), (Some(1450), Some(700)));
    let m = metrics(&call(&answers()), &labelled(vec![objects(4)]));
    assert_eq!(m.pause_after_objection_ms, None);
    assert!(m.unavailable["pause_after_objection_ms"].contains("objection"));
}

#[test]
fn an_answer_at_the_very_end_is_not_early() {
    let m = measured(&[(CUSTOMER, 0, 1000, "We have two of these"), (REP, 1000, 2000, "So you know it")]);
    assert_eq!((m.patience_ms, m.overlapped_answer_ratio), (Some(0), Some(0.0)));
}

#[test]
fn a_nod_during_the_customers_words_is_not_the_answer() {
    let m = measured(&[
        (CUSTOMER, 0, 10_000, "We lost two days over it"),
        (REP, 8000, 8400, "Right."),
        (REP, 11_200, 12_000, "What did that cost"),
    ]);
    assert_eq!((m.patience_ms, m.overlapped_answer_ratio), (Some(1200), Some(0.0)));
}

#[test]
fn with_several_customers_the_latest_end_counts_and_any_objection() {
    let m = metrics(
        &call(&[
            (CUSTOMER, 0, 9000, "It costs too much"),
            (BUYER, 3000, 5000, "We have two of these"),
            (REP, 10_500, 12_000, "What do you compare it to"),
        ]),
        &labelled(vec![objects(0)]),
    );
    // 10500 − 9000, not − 5000. The objection was the first customer's.
    assert_eq!((m.patience_ms, m.pause_after_objection_ms), (Some(1500), Some(1500)));
    let early = measured(&[
        (CUSTOMER, 0, 9000, "It costs too much"),
        (BUYER, 3000, 5000, "We have two of these"),
        (REP, 6000, 8000, "What do you compare it to"),
        (CUSTOMER, 9000, 10_000, "The old one"),
    ]);
    assert_eq!((early.patience_ms, early.overlapped_answer_ratio), (None, Some(1.0)));
}

#[test]
fn a_colleague_who_goes_on_answers_nobody() {
    let m = measured(&[
        (CUSTOMER, 0, 1000, "We have two of these"),
        (REP, 1400, 2000, "So you know it"),
        (ENGINEER, 7000, 8000, "There is a new one"),
    ]);
    assert_eq!(m.patience_ms, Some(400));
}

#[test]
fn silences_are_mutual_and_those_above_three_seconds_are_summed_whole() {
    let m = measured(&[
        (REP, 0, 1000, "It syncs every night"),
        (CUSTOMER, 4000, 5000, "Who holds the keys"),
        (REP, 8001, 20_000, "You hold the keys"),
        (CUSTOMER, 9000, 10_000, "So we do"),
        (REP, 26_000, 27_000, "Let us look at it"),
        (CUSTOMER, 29_000, 30_000, "Let us do that"),
    ]);
    // 3000 (not above 3 s), 3001, 6000 (the rep speaks until 20 s), 2000.
    assert_eq!(m.non_talk_ms, Some(3001 + 6000));
    assert_eq!(m.longest_silence_ms, Some(6000));
    // After the rep's segment 3, which ends last, and not after the customer's.
    let moment = Moment { segment_id: 3, last_segment_id: 5, start_ms: 20_000, end_ms: 26_000 };
    assert_eq!(m.moments.longest_silence, Some(moment));
}

#[test]
fn without_a_pause_the_longest_silence_is_zero() {
    let m = measured(&[(REP, 0, 1000, "It syncs every night"), (CUSTOMER, 1000, 2000, "Who holds the keys")]);
    assert_eq!((m.non_talk_ms, m.longest_silence_ms, m.moments.longest_silence), (Some(0), Some(0), None));
}
