//! Talk, words, questions, fillers, sentiment.

use crate::labels::{QuestionKind, Sentence};
use crate::metrics::testing::*;
use crate::metrics::{Metrics, SpeakerMetrics, metrics};
use transcript::Side;

fn speaker<'a>(metrics: &'a Metrics, name: &str) -> &'a SpeakerMetrics {
    metrics.speakers.iter().find(|s| s.name.as_deref() == Some(name)).unwrap()
}

#[test]
fn talk_is_a_union_by_speaker_and_a_sum_of_the_sides() {
    let m = measured(&[
        (REP, 1000, 5000, "It syncs every night"),
        (REP, 4000, 6000, "to your own cloud"),
        (ENGINEER, 5500, 8000, "with your own keys"),
        (CUSTOMER, 7000, 10_000, "Who holds the keys"),
    ]);
    // From 1000 to 10000. Rep 1000–6000, engineer 5500–8000, our side 1000–8000, customer 7000–10000.
    assert_eq!(m.duration_ms, Some(9000));
    assert_eq!(speaker(&m, "Rep").speech.talk_ms, Some(5000));
    assert_eq!(speaker(&m, "Engineer").speech.talk_ms, Some(2500));
    assert_eq!(m.sides.internal.speech.talk_ms, Some(7000));
    assert_eq!(m.sides.external.speech.talk_ms, Some(3000));
    assert_eq!(m.talk_ms, Some(7000 + 3000));
    // The denominator is talk and not duration: 7000 / 10000, where 7000 / 9000 would be 0.7778.
    assert_eq!(m.talk_ratio, Some(0.7));
    assert_eq!(m.sides.external.speech.talk_share, Some(0.3));
    assert_eq!(speaker(&m, "Engineer").speech.talk_share, Some(0.25));
    // 500 ms of rep and engineer, 1000 ms of engineer and customer, of 9000.
    assert_eq!(m.overtalk_ratio, Some(0.1667));
}

#[test]
fn silence_is_in_no_denominator_of_talk() {
    let m = measured(&[(REP, 0, 6000, "It syncs every night"), (CUSTOMER, 56_000, 60_000, "Who holds the keys")]);
    // 6 s / (6 s + 4 s), with 50 s of silence between.
    assert_eq!((m.talk_ratio, m.talk_ms, m.duration_ms), (Some(0.6), Some(10_000), Some(60_000)));
}

#[test]
fn questions_are_counted_by_kind_and_side() {
    use QuestionKind::{Closed, Factual, Open};
    let t = call(&[
        (REP, 0, 120_000, "…"),
        (ENGINEER, 120_000, 180_000, "…"),
        (CUSTOMER, 180_000, 600_000, "…"),
        (BUYER, 600_000, 720_000, "…"),
    ]);
    let asked = [(0, Open), (0, Open), (0, Factual), (1, Open), (1, Closed), (2, Open), (3, Closed)];
    let m = metrics(&t, &labelled(asked.map(|(segment, kind)| asks(segment, kind)).to_vec()));
    // Rep 2 open, 1 factual; engineer 1 open, 1 closed.
    assert_eq!(m.question_count, Some(5));
    assert_eq!((m.open_question_count, m.factual_question_count, m.closed_question_count), (Some(3), Some(1), Some(1)));
    assert_eq!(m.customer_question_count, Some(2));
    // 12 minutes: 5 · 30 / 12 and 3 · 30 / 12.
    assert_eq!((m.questions_per_30_min, m.open_questions_per_30_min), (Some(12.5), Some(7.5)));
    let rep = &speaker(&m, "Rep").speech;
    assert_eq!(
        (rep.question_count, rep.open_question_count, rep.factual_question_count, rep.closed_question_count),
        (Some(3), Some(2), Some(1), Some(0))
    );
    let theirs = &m.sides.external.speech;
    assert_eq!(
        (theirs.question_count, theirs.open_question_count, theirs.closed_question_count),
        (Some(2), Some(1), Some(1))
    );
}

#[test]
fn pace_and_fillers_are_per_minute_of_own_speech() {
    let t = call(&[
        (REP, 0, 20_000, "one two three four five six"),
        (CUSTOMER, 20_000, 80_000, "one two three"),
        (ENGINEER, 80_000, 90_000, "one two three four"),
    ]);
    let fillers = |segment, fillers| Sentence { fillers, ..sentence(segment) };
    let m = metrics(&t, &labelled(vec![fillers(0, 2), fillers(0, 1), fillers(1, 5), fillers(2, 1)]));
    // Ours: 10 words and 4 fillers in 30 s. Of the whole call of 90 s it would be 6.7 words a minute.
    assert_eq!((m.words_per_minute, m.filler_per_min), (Some(20.0), Some(8.0)));
    assert_eq!((m.sides.internal.speech.word_count, m.sides.internal.speech.filler_count), (10, Some(4)));
    // Rep: 6 words and 3 fillers in 20 s. Customer: 3 words and 5 fillers in 60 s.
    let (rep, customer) = (&speaker(&m, "Rep").speech, &m.sides.external.speech);
    assert_eq!((rep.words_per_minute, rep.filler_per_min), (Some(18.0), Some(9.0)));
    assert_eq!((customer.words_per_minute, customer.filler_per_min), (Some(3.0), Some(5.0)));
}

#[test]
fn speakers_stand_in_order_of_their_first_words() {
    let m = measured(&[
        (CUSTOMER, 0, 1000, "We lost two days"),
        (NOBODY, 1000, 2000, "This call is recorded"),
        (REP, 2000, 3000, "What did that cost"),
        (CUSTOMER, 3000, 4000, "A lot of money"),
    ]);
    let names: Vec<_> = m.speakers.iter().map(|s| (s.name.as_deref(), s.side, s.speech.turn_count)).collect();
    assert_eq!(
        names,
        [(Some("Customer"), Some(Side::External), 2), (None, None, 1), (Some("Rep"), Some(Side::Internal), 1)]
    );
    assert_eq!(m.speakers[1].speech.word_count, 4);
    assert_eq!(m.speakers[1].speech.interruption_count, None);
}

/// By VADER "I love it" is 0.6369, "I hate it" −0.5719, and a text without a word of the lexicon 0.
#[test]
fn sentiment_is_weighted_by_words_and_leaves_backchannels_out() {
    let m = measured(&[
        (CUSTOMER, 0, 2000, "I love it"),
        (REP, 2000, 4000, "There are two of them"),
        (CUSTOMER, 4000, 4500, "Great."),
        (REP, 4600, 6000, "on the table"),
        (BUYER, 7000, 9000, "There are seven of them in the room"),
    ]);
    // (3 · 0.6369 + 8 · 0) / 11; with "Great." (0.6249, 1 word) it would be higher.
    assert_eq!(m.sentiment.external, Some(0.1737));
    assert_eq!(m.sides.external.sentiment, m.sentiment.external);
    assert_eq!(
        (m.sentiment.internal, speaker(&m, "Customer").sentiment, speaker(&m, "Buyer").sentiment),
        (Some(0.0), Some(0.6369), Some(0.0))
    );
    let turns: Vec<_> = m.turns.iter().map(|t| (t.segment_id, t.last_segment_id, t.word_count, t.sentiment)).collect();
    assert_eq!(turns, [(1, 1, 3, 0.6369), (2, 4, 8, 0.0), (5, 5, 8, 0.0)]);
}

#[test]
fn a_colleagues_backchannel_is_a_turn_without_weight_in_the_sentiment() {
    let m = measured(&[
        (CUSTOMER, 0, 2000, "I hate it"),
        (BUYER, 2100, 2500, "Great."),
        (CUSTOMER, 2600, 4000, "I hate it"),
    ]);
    assert_eq!(m.sides.external.speech.turn_count, 3);
    assert_eq!(m.sentiment.external, Some(-0.5719));
    assert_eq!(speaker(&m, "Buyer").sentiment, None);
}

#[test]
fn a_turn_counts_in_the_quarter_of_the_call_in_which_it_starts() {
    // The call lasts from 10 s to 50 s: quarters begin at 10, 20, 30, 40 s.
    let m = measured(&[
        (CUSTOMER, 10_000, 21_000, "I love it"),
        (REP, 21_000, 22_000, "There are two of them"),
        (CUSTOMER, 39_999, 41_000, "I hate it"),
        (REP, 41_000, 42_000, "There are two of them"),
        (CUSTOMER, 43_000, 44_000, "I love it"),
        (REP, 44_000, 45_000, "There are two of them"),
        (CUSTOMER, 46_000, 50_000, "I hate it"),
    ]);
    // Last quarter: (3 · 0.6369 − 3 · 0.5719) / 6 = 0.0325.
    assert_eq!(m.sides.external.sentiment_quarters, Some([Some(0.6369), None, Some(-0.5719), Some(0.0325)]));
    assert_eq!(m.sides.internal.sentiment_quarters, Some([None, Some(0.0), None, Some(0.0)]));
    assert_eq!(
        m.sides.external.sentiment_spoken_quarters.map(|q| q.map(|v| v.is_some())),
        Some([true, false, true, true])
    );
    // Both readings have the same weights: two turns that love and two that hate.
    let spoken = |text| crate::sentiment::spoken(text);
    let mean = f64::midpoint(spoken("I love it"), spoken("I hate it"));
    assert!((m.sentiment_spoken.external.unwrap() - mean).abs() < 0.0001);
}

#[test]
fn the_last_moment_of_a_call_is_in_the_last_quarter() {
    let m = measured(&[(REP, 0, 1000, "There are two of them"), (CUSTOMER, 1000, 1000, "I love it")]);
    assert_eq!(m.sides.external.sentiment_quarters, Some([None, None, None, Some(0.6369)]));
}
