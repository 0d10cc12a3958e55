//! Properties of finished calls.

use super::*;
use crate::truth::checks;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use transcript::Side;

/// Calls of every kind and skill, enough to meet each exchange in several companies.
fn many() -> impl Iterator<Item = SynthCall> {
    let options = SynthOptions { calls: 1200, agents: 300, customers: 2000, service_share: 0.4, ..Default::default() };
    (0..options.calls).map(move |number| call(&options, number))
}

fn is_id(id: &str, prefix: &str, digits: usize) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| rest.len() == digits && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Lower-case words without punctuation, as a listener hears them.
fn heard(text: &str) -> Vec<String> {
    let word = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    text.split_whitespace().map(word).filter(|word| !word.is_empty()).collect()
}

fn verdict<'a>(call: &'a SynthCall, check: &str) -> &'a Verdict {
    call.truth.verdicts.iter().find(|verdict| verdict.check == check).expect("the rubric has this check")
}

#[test]
fn the_words_are_clean() {
    for call in many() {
        for segment in &call.transcript.segments {
            let text = &segment.text;
            assert!(!text.contains(['{', '}', '[', ']', '|', '@', '#']), "{}: {text}", call.external_id);
            assert!(!text.contains("  ") && text.trim() == text, "{}: {text:?}", call.external_id);
            assert!(text.ends_with(['.', '?', '!']), "{}: {text}", call.external_id);
            assert!(!text.contains("..") && !text.contains(" ,") && !text.contains(" ."), "{text}");
            assert!(!text.starts_with(|c: char| c.is_lowercase()), "{}: {text}", call.external_id);
            assert_eq!(slip(text), None, "{}: {text}", call.external_id);
        }
    }
}

/// "a apple", "an pear", and the same word twice in a row without a comma.
pub(crate) fn slip(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).find_map(|pair| {
        let next = pair[1].to_lowercase();
        let vowel_sound =
            next.starts_with(['a', 'e', 'i', 'o', 'u', '8']) || next.starts_with("hour") || next.starts_with("honest");
        let consonant_sound = ["one", "uni", "use", "usu", "eu", "once"].iter().any(|start| next.starts_with(start));
        let spelled = ["x-ray", "nhs"].iter().any(|start| next.starts_with(start));
        let wrong = match pair[0].to_lowercase().as_str() {
            "a" => (vowel_sound && !consonant_sound) || spelled,
            "an" => (!vowel_sound || consonant_sound) && !spelled,
            word => word == next && !word.ends_with(',') && !["that", "had"].contains(&word),
        };
        wrong.then(|| pair.join(" "))
    })
}

#[test]
fn nobody_says_the_same_thing_twice() {
    let repeats: Vec<String> = many().flat_map(|call| repeated(&call)).collect();
    assert!(repeats.is_empty(), "{repeats:#?}");
}

/// Runs of words that one side says twice in a call.
pub(crate) fn repeated(call: &SynthCall) -> Vec<String> {
    const LONGEST: usize = 6;
    let mut repeats = Vec::new();
    for side in [Side::Internal, Side::External] {
        let mut seen = HashSet::new();
        for segment in call.transcript.segments.iter().filter(|s| call.transcript.side(s) == Some(side)) {
            for run in heard(&segment.text).windows(LONGEST + 1) {
                if !seen.insert(run.to_vec()) {
                    repeats.push(run.join(" "));
                }
            }
        }
    }
    repeats
}

#[test]
fn calls_are_as_long_as_real_ones() {
    let (mut sales, mut service) = (Vec::new(), Vec::new());
    for call in many() {
        let list = if call.kind == CallKind::Sales { &mut sales } else { &mut service };
        list.push(call.duration_seconds);
    }
    let share =
        |list: &[u32], low, high| list.iter().filter(|s| (low..high).contains(*s)).count() as f64 / list.len() as f64;
    assert!(share(&sales, 300, 1320) > 0.95, "sales {:?}", spread(&mut sales));
    assert!(share(&service, 105, 400) > 0.95, "service {:?}", spread(&mut service));
}

fn spread(list: &mut [u32]) -> Vec<u32> {
    list.sort_unstable();
    [0, 1, 5, 10, 25, 50, 75, 90, 95, 99].iter().map(|percent| list[list.len() * percent / 100]).collect()
}

#[test]
fn stronger_agents_do_better() {
    let met = |skill: f64| {
        let options =
            SynthOptions { calls: 400, skill: Some(skill), agents: 100, service_share: 0.4, ..Default::default() };
        let mut counts: HashMap<String, (f64, f64)> = HashMap::new();
        for verdict in generate(&options).flat_map(|call| call.truth.verdicts) {
            let entry = counts.entry(verdict.check).or_default();
            entry.0 += f64::from(u8::from(verdict.verdict == Expected::Met));
            entry.1 += f64::from(u8::from(matches!(verdict.verdict, Expected::Met | Expected::Unmet)));
        }
        counts.into_iter().map(|(check, (met, all))| (check, met / all)).collect::<HashMap<_, _>>()
    };
    let (weak, strong) = (met(0.1), met(0.9));
    for check in checks(CallKind::Sales).into_iter().chain(checks(CallKind::Service)) {
        // Nothing but a contradiction can be seen without a product sheet, so that check is never met.
        if check != "no_contradiction" {
            // Even a weak agent seldom gets a fact wrong and lets it stand.
            let margin = if check == "facts_consistent" { 0.05 } else { 0.15 };
            assert!(
                strong[check] > weak[check] + margin,
                "{check}: weak {:.2}, strong {:.2}",
                weak[check],
                strong[check]
            );
        }
    }
}

#[test]
fn counted_checks_agree_with_the_call() {
    for call in many() {
        let segment = |id: u32| call.transcript.segment(id).expect("the segment exists");
        let labels = |side, kind: &str| {
            let of_side = call.truth.labels.iter().filter(|l| call.transcript.side(segment(l.segment)) == Some(side));
            of_side.filter(|label| label.kind.starts_with(kind)).count()
        };
        if call.kind == CallKind::Sales {
            let (start, end) = call.transcript.span_ms().expect("times");
            let wanted = if end - start >= 20 * 60_000 { 4 } else { ((end - start) / 300_000).max(1) as usize };
            let open = labels(Side::Internal, "q:open");
            assert_eq!(
                verdict(&call, "open_questions").verdict == Expected::Met,
                open >= wanted,
                "{}",
                call.external_id
            );
            let asked = labels(Side::External, "q:");
            assert_eq!(verdict(&call, "customer_questions").verdict == Expected::Met, asked >= 3);
            assert_eq!(verdict(&call, "no_monologue").verdict == Expected::Met, longest_run_ms(&call) <= 150_000);
            let objects = labels(Side::External, "objection:") > 0;
            let applies = verdict(&call, "objection_clarified").verdict != Expected::NotApplicable;
            assert_eq!(objects, applies);
        } else {
            for silence in &verdict(&call, "no_dead_air").segments {
                let end = segment(*silence).end_ms.expect("times");
                let rest = &call.transcript.segments[*silence as usize..];
                let next =
                    rest.iter().filter_map(|s| s.start_ms).find(|start| *start >= end).expect("somebody goes on");
                assert!(next - end >= 20_000 && !segment(*silence).text.contains("moment"), "{}", call.external_id);
            }
        }
    }
}

/// Longest time from the first to the last word of the rep between two lines of the customer that say something. A nod while the
/// customer still speaks begins nothing.
fn longest_run_ms(call: &SynthCall) -> u64 {
    let (mut longest, mut from, mut heard_until) = (0, None, 0);
    for segment in &call.transcript.segments {
        let (start, end) = (segment.start_ms.expect("times"), segment.end_ms.expect("times"));
        let nod = transcript::turns::is_backchannel(segment);
        if call.transcript.side(segment) != Some(Side::Internal) {
            if !nod {
                (from, heard_until) = (None, end);
            }
        } else if !nod || start >= heard_until {
            longest = longest.max(end - *from.get_or_insert(start));
        }
    }
    longest
}

#[test]
fn ids_are_unique_and_people_stay_themselves() {
    let (mut calls, mut people) = (HashSet::new(), HashMap::new());
    for call in many() {
        assert!(calls.insert(call.external_id.clone()), "{} twice", call.external_id);
        let name = call
            .transcript
            .participants
            .iter()
            .find(|p| p.side == Some(Side::Internal))
            .expect("an agent")
            .name
            .clone();
        assert_eq!(people.entry(call.agent_id.clone()).or_insert_with(|| name.clone()), &name);
    }
}

#[test]
fn there_is_something_of_everything() {
    let (mut seen, mut overlaps, mut backchannels) = (HashSet::new(), 0, 0);
    for call in many() {
        seen.extend(call.truth.flags.iter().map(|flag| format!("flag {}", flag.kind)));
        seen.extend(call.truth.labels.iter().map(|label| label.kind.clone()));
        seen.extend(call.truth.verdicts.iter().map(|v| format!("{} {:?}", v.check, v.verdict)));
        overlaps += call.transcript.segments.windows(2).filter(|pair| pair[1].start_ms < pair[0].end_ms).count();
        backchannels += call.transcript.segments.iter().filter(|s| transcript::turns::is_backchannel(s)).count();
    }
    for wanted in [
        "flag repeated_question",
        "flag contradicted_fact",
        "flag unanswered_question",
        "flag unresolved_request",
        "flag compliance_phrase",
        "objection:price",
        "objection:timing",
        "objection:authority",
        "objection:need",
        "objection:competitor",
        "objection:trust",
        "objection:effort",
        "no_contradiction CannotAssess",
        "no_contradiction Unmet",
        "unknowns_followed_up NotApplicable",
        "no_monologue Unmet",
        "no_dead_air Unmet",
    ] {
        assert!(seen.contains(wanted), "no {wanted} in 1,200 calls");
    }
    assert!(overlaps > 1200 && backchannels > 1200, "{overlaps} overlaps, {backchannels} backchannels");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_call_alone_is_the_call_of_the_stream(seed: u64, agents in 1u32..50, customers in 1u32..500, share in 0.0..=1.0f64) {
        let options = SynthOptions { calls: 4, seed, agents, customers, service_share: share, ..Default::default() };
        for (number, call) in (0..).zip(generate(&options)) {
            prop_assert_eq!(&call, &super::call(&options, number));
        }
    }

    #[test]
    fn a_call_keeps_its_promises(seed: u64, number in 0u32..1_000_000, skill in proptest::option::of(0.0..=1.0f64)) {
        let call = call(&SynthOptions { seed, skill, ..Default::default() }, number);
        prop_assert!(is_id(&call.external_id, "CALL_", 8) && is_id(&call.agent_id, "AGENT_", 4) && is_id(&call.customer_id, "CUST_", 6));
        let transcript = &call.transcript;
        prop_assert!(transcript.has_measured_times() && transcript.warnings.is_empty());
        for (at, segment) in transcript.segments.iter().enumerate() {
            prop_assert_eq!(segment.id as usize, at + 1);
            prop_assert!(segment.start_ms < segment.end_ms);
            prop_assert!(transcript.side(segment).is_some());
        }
        prop_assert!(transcript.segments.is_sorted_by_key(|segment| segment.start_ms));
        for ix in 0..transcript.participants.len() {
            let own: Vec<_> = transcript.segments.iter().filter(|s| s.speaker == Some(ix)).collect();
            prop_assert!(!own.is_empty());
            prop_assert!(own.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms), "nobody speaks over themself");
        }
        let ids = call.truth.verdicts.iter().flat_map(|v| v.segments.iter().copied());
        let ids = ids.chain(call.truth.labels.iter().chain(&call.truth.flags).map(|mark| mark.segment));
        for id in ids {
            prop_assert!(transcript.segment(id).is_some());
        }
        let checked: Vec<_> = call.truth.verdicts.iter().map(|v| v.check.as_str()).collect();
        prop_assert_eq!(checked, checks(call.kind));
        let json = serde_json::to_string(&call.truth).expect("truth is plain data");
        prop_assert_eq!(serde_json::from_str::<Truth>(&json).expect("and reads back"), call.truth);
    }
}
