//! Who interrupts whom.

use crate::labels::CallLabels;
use crate::metrics::testing::*;
use crate::metrics::{Metrics, metrics};

/// (count, ms) of our side and of theirs.
fn by_side(m: &Metrics) -> [(u32, u64); 2] {
    [&m.sides.internal.speech, &m.sides.external.speech]
        .map(|speech| (speech.interruption_count.unwrap(), speech.interruption_ms.unwrap()))
}

fn interruptions(lines: &[Line<'_>]) -> [(u32, u64); 2] {
    let mut call = call(lines);
    // Where there is no overlap, the channels say that there is none.
    call.separate_channels = true;
    let m = metrics(&call, &CallLabels::default());
    let by_side = by_side(&m);
    assert_eq!(
        (m.interruption_count, m.interruption_ms),
        (Some(by_side[0].0), Some(by_side[0].1)),
        "the top level is ours"
    );
    by_side
}

const NONE: (u32, u64) = (0, 0);

#[test]
fn who_begins_inside_the_others_turn_interrupts() {
    // 9000–10000.
    let rep = [(CUSTOMER, 0, 10_000, "We have two of these"), (REP, 9000, 12_000, "So you know it")];
    assert_eq!(interruptions(&rep), [(1, 1000), NONE]);
    let customer = [(REP, 0, 10_000, "It syncs every night"), (CUSTOMER, 9000, 12_000, "Who holds the keys")];
    assert_eq!(interruptions(&customer), [NONE, (1, 1000)]);
}

#[test]
fn eight_hundred_milliseconds_are_the_least() {
    for (start, expected) in [(9201, NONE), (9200, (1, 800))] {
        let lines = [(CUSTOMER, 0, 10_000, "We have two of these"), (REP, start, 12_000, "So you know it")];
        assert_eq!(interruptions(&lines), [expected, NONE], "{start}");
    }
}

#[test]
fn beginning_together_or_at_the_end_interrupts_nobody() {
    for start in [0, 10_000] {
        let lines = [(CUSTOMER, 0, 10_000, "We have two of these"), (REP, start, 12_000, "So you know it")];
        assert_eq!(interruptions(&lines), [NONE, NONE], "{start}");
    }
}

#[test]
fn a_backchannel_interrupts_nobody_and_cannot_be_interrupted() {
    let nod = |text| [(CUSTOMER, 0, 10_000, "We have two of these"), (REP, 5000, 5900, text)];
    assert_eq!(interruptions(&nod("Right.")), [NONE, NONE]);
    assert_eq!(interruptions(&nod("Right, Tuesday.")), [(1, 900), NONE]);
    let into_nod = [(CUSTOMER, 0, 1000, "Okay."), (REP, 100, 5000, "So you know it")];
    assert_eq!(interruptions(&into_nod), [NONE, NONE]);
}

#[test]
fn nods_of_the_interrupted_side_later_on_add_nothing() {
    // 500 ms of overlap at first, and 400 + 400 ms of "mm-hm" in the minute after it.
    let lines = [
        (CUSTOMER, 0, 10_000, "We have two of these"),
        (REP, 9500, 70_000, "So you know it"),
        (CUSTOMER, 30_000, 30_400, "Mm-hm."),
        (CUSTOMER, 50_000, 50_400, "Mm-hm."),
    ];
    assert_eq!(interruptions(&lines), [NONE, NONE]);
}

#[test]
fn words_of_the_interrupted_side_later_on_are_an_interruption_of_their_own() {
    let lines = [
        (CUSTOMER, 0, 10_000, "We have two of these"),
        (REP, 9500, 70_000, "So you know it"),
        (CUSTOMER, 30_000, 33_000, "but not the new one"),
    ];
    assert_eq!(interruptions(&lines), [NONE, (1, 3000)]);
}

#[test]
fn beginning_together_with_who_goes_on_after_a_breath_is_the_same_for_both_sides() {
    let lines = |first, second| {
        [
            (first, 0, 5800, "We have two of these"),
            (second, 5900, 7000, "So you know it"),
            (first, 5900, 7000, "and they are old"),
        ]
    };
    let swapped = [interruptions(&lines(REP, CUSTOMER)), interruptions(&lines(CUSTOMER, REP))];
    assert_eq!(swapped, [[NONE, (1, 1100)], [(1, 1100), NONE]]);
}

#[test]
fn an_interruption_cut_into_cues_is_one() {
    // 5000–5500 and 5500–6100 are too short each.
    let lines = [
        (CUSTOMER, 0, 10_000, "We have two of these"),
        (REP, 5000, 5500, "So you know"),
        (REP, 5500, 6100, "what it does"),
    ];
    assert_eq!(interruptions(&lines), [(1, 1100), NONE]);
}

#[test]
fn two_attempts_are_two_interruptions_and_a_breath_makes_no_second() {
    let lines = |second| {
        [
            (CUSTOMER, 0, 10_000, "We have two of these"),
            (REP, 2000, 3000, "So you know it"),
            (REP, second, second + 900, "and what it does"),
        ]
    };
    assert_eq!(interruptions(&lines(3801)), [(2, 1000 + 900), NONE]);
    // 3000–3800 is a breath; only the time in which both speak counts.
    assert_eq!(interruptions(&lines(3800)), [(1, 1900), NONE]);
}

#[test]
fn going_on_after_a_breath_while_the_other_talks_over_interrupts_nobody() {
    let lines = [
        (REP, 0, 6000, "It syncs every night"),
        (CUSTOMER, 5000, 8000, "Who holds the keys"),
        (REP, 6200, 9000, "to your own cloud"),
    ];
    // The customer began inside ours: 5000–6000 and 6200–8000.
    assert_eq!(interruptions(&lines), [NONE, (1, 1000 + 1800)]);
}

#[test]
fn who_lost_the_floor_in_a_pause_interrupts_when_coming_back() {
    let lines = [
        (REP, 0, 3000, "It syncs every night"),
        (CUSTOMER, 3100, 6000, "Who holds the keys"),
        (REP, 3700, 5000, "to your own cloud"),
    ];
    assert_eq!(interruptions(&lines), [(1, 1300), NONE]);
}

#[test]
fn beginning_in_the_pause_of_the_other_is_taking_the_floor() {
    let lines = [
        (CUSTOMER, 0, 5000, "We have two of these"),
        (REP, 5100, 7000, "So you know it"),
        (CUSTOMER, 5300, 8000, "and they are old"),
    ];
    assert_eq!(interruptions(&lines), [NONE, (1, 1700)]);
}

#[test]
fn colleagues_do_not_interrupt_each_other_and_each_answers_for_themselves() {
    let call = call(&[
        (REP, 0, 5000, "It syncs every night"),
        (ENGINEER, 3000, 5000, "to your own cloud"),
        (CUSTOMER, 5000, 20_000, "We have two of these"),
        (REP, 7000, 8000, "So you know it"),
        (ENGINEER, 12_000, 14_000, "There is a new one"),
        (REP, 16_000, 17_500, "and it costs less"),
    ]);
    let m = metrics(&call, &CallLabels::default());
    let of = |name: &str| {
        let speech = &m.speakers.iter().find(|s| s.name.as_deref() == Some(name)).unwrap().speech;
        (speech.interruption_count.unwrap(), speech.interruption_ms.unwrap())
    };
    assert_eq!((of("Rep"), of("Engineer"), of("Customer")), ((2, 1000 + 1500), (1, 2000), NONE));
    assert_eq!(by_side(&m), [(3, 4500), NONE]);
    // Rep and engineer 2000 ms at once, and the 4500 ms with the customer, of 20 s.
    assert_eq!(m.overtalk_ratio, Some(0.325));
}

#[test]
fn two_customers_at_once_are_one_overlap() {
    let lines = [
        (CUSTOMER, 0, 10_000, "We have two of these"),
        (BUYER, 6000, 10_000, "and they are old"),
        (REP, 8000, 12_000, "So you know it"),
    ];
    assert_eq!(interruptions(&lines), [(1, 2000), NONE]);
}
