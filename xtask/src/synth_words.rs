//! Synthetic calls must not be worded after the trackers: a truth set that quotes the patterns it tests measures nothing.

use signals::labels::Labeler;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use synth::{Expected, SynthOptions, Truth, generate};

/// Share of the segments that object and may hit a tracker of objections.
const OBJECTIONS_HIT: f64 = 0.02;
/// Share of the segments that show a thing and may hit the tracker of that thing.
const EVIDENCE_HIT: f64 = 0.10;
/// Fewer segments than this decide nothing.
const ENOUGH: usize = 20;

/// A call's truth and the phrases found in it.
struct Call {
    truth: Truth,
    /// Segment, tracker, words in lower case.
    hits: Vec<(u32, &'static str, String)>,
}

static CALLS: LazyLock<Vec<Call>> = LazyLock::new(|| {
    let labeler = Labeler::builtin();
    let trackers = labeler.trackers().trackers();
    let options = SynthOptions { calls: 400, seed: 17, agents: 100, ..SynthOptions::default() };
    let labelled = generate(&options).map(|call| {
        let hits = labeler.label_call(&call.transcript).hits.into_iter().map(|hit| {
            let segment = &call.transcript.segments[hit.segment];
            (segment.id, trackers[hit.tracker as usize].id.as_str(), segment.text[hit.start..hit.end].to_lowercase())
        });
        Call { hits: hits.collect(), truth: call.truth }
    });
    labelled.collect()
});

/// Fails when more than `limit` of the segments that `chosen` names hit a tracker whose id begins with `tracker`.
fn assert_own_words(tracker: &str, limit: f64, chosen: impl Fn(&Truth) -> BTreeSet<u32>) {
    let (mut judged, mut hit, mut phrases) = (0, 0, BTreeMap::<_, u32>::new());
    for call in CALLS.iter() {
        let segments = chosen(&call.truth);
        let quotes = call.hits.iter().filter(|(segment, id, _)| segments.contains(segment) && id.starts_with(tracker));
        let mut quoting = BTreeSet::new();
        for (segment, id, words) in quotes {
            quoting.insert(segment);
            *phrases.entry((id, words)).or_default() += 1;
        }
        judged += segments.len();
        hit += quoting.len();
    }
    assert!(judged >= ENOUGH, "{tracker}: only {judged} segments to judge by");
    assert!(hit as f64 <= limit * judged as f64, "{tracker}: {hit} of {judged} segments quote it: {phrases:#?}");
}

/// Segments for which `check` is met.
fn showing(truth: &Truth, check: &str) -> BTreeSet<u32> {
    let met = truth.verdicts.iter().filter(|verdict| verdict.check == check && verdict.verdict == Expected::Met);
    met.flat_map(|verdict| verdict.segments.iter().copied()).collect()
}

#[test]
fn customers_object_in_their_own_words() {
    assert_own_words("objection_", OBJECTIONS_HIT, |truth| {
        truth.labels.iter().filter(|mark| mark.kind.starts_with("objection:")).map(|mark| mark.segment).collect()
    });
}

#[test]
fn evidence_does_not_quote_the_trackers() {
    assert_own_words("next_steps", EVIDENCE_HIT, |truth| showing(truth, "next_step_dated"));
    assert_own_words("decision_makers", EVIDENCE_HIT, |truth| showing(truth, "decision_process"));
    assert_own_words("compliance", EVIDENCE_HIT, |truth| {
        truth.flags.iter().filter(|mark| mark.kind == "compliance_phrase").map(|mark| mark.segment).collect()
    });
}
