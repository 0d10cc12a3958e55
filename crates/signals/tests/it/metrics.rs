//! Metrics of whole files: the names of the fields, and what must hold of any call.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use signals::labels::{CallLabels, Labeler};
use signals::metrics::{INTERRUPTION_MIN_MS, Metrics, NON_TALK_MIN_MS, Speech, metrics};
use transcript::turns::is_backchannel;
use transcript::{Side, Transcript, parse};

fn read(call: &Value) -> Transcript {
    parse(call.to_string().as_bytes(), None).expect("neutral JSON")
}

#[test]
fn every_field_of_the_domain_is_in_the_json_by_its_name() {
    let call = read(&json!({
        "participants": [{"name": "Rep", "side": "internal"}, {"name": "Customer", "side": "external"}],
        "segments": [
            {"speaker": "Customer", "start_ms": 0, "end_ms": 6000, "text": "We have forty vans in two depots."},
            {"speaker": "Rep", "start_ms": 7500, "end_ms": 12_000, "text": "I hear you. What do you use for them today?"},
            {"speaker": "Customer", "start_ms": 11_000, "end_ms": 20_000, "text": "That is more than we budgeted for."},
            {"speaker": "Rep", "start_ms": 24_000, "end_ms": 30_000, "text": "Um, how many seats is that?"},
        ],
    }));
    let json = serde_json::to_value(metrics(&call, &Labeler::builtin().label_call(&call))).unwrap();
    for (field, expected) in [
        ("talk_ms", json!(6000 + 4500 + 9000 + 6000)),
        ("talk_ratio", json!(0.4118)), // 10.5 / 25.5
        ("longest_monologue_ms", json!(6000)),
        ("longest_customer_story_ms", json!(9000)),
        ("interactivity_per_min", json!(6.0)), // 3 in 30 s
        ("patience_ms", json!(2750)),          // 1500, 4000
        ("overlapped_answer_ratio", json!(0.0)),
        ("pause_after_objection_ms", json!(4000)),
        ("question_count", json!(2)),
        ("open_question_count", json!(1)),
        ("factual_question_count", json!(1)),
        ("closed_question_count", json!(0)),
        ("words_per_minute", json!(91.4)), // 16 words in 10.5 s
        ("filler_per_min", json!(5.71)),   // 1
        ("interruption_count", json!(0)),
        ("interruption_ms", json!(0)),
        ("overtalk_ratio", json!(0.0333)), // 1 of 30 s
        ("non_talk_ms", json!(4000)),
        ("duration_ms", json!(30_000)),
        ("longest_silence_ms", json!(4000)),
        ("unavailable", json!({})),
    ] {
        assert_eq!(json[field], expected, "{field}");
    }
    for side in ["internal", "external"] {
        assert!(json["sentiment"][side].is_f64());
        assert_eq!(json["sides"][side]["sentiment_quarters"].as_array().map(Vec::len), Some(4));
    }
    assert_eq!(json["sides"]["external"]["interruption_count"], 1);
    assert_eq!(json["speakers"][1]["talk_ms"], 10_500);
    assert!(json["turns"].as_array().is_some_and(|turns| turns.len() == 4 && turns[0]["sentiment"].is_f64()));
    assert_eq!(json["moments"]["longest_silence"]["start_ms"], 20_000);
}

/// Times are multiples of this, so that they can be counted.
const STEP: u64 = 100;
const NAMES: [&str; 5] = ["Rep", "Engineer", "Customer", "Buyer", "Stranger"];
const TEXTS: &[&str] = &[
    "Mm-hm.",
    "Right.",
    "Great, okay.",
    "What do you use today?",
    "I love it",
    "It is too expensive for us, and we hate it",
    "How many?",
    "um, Tuesday",
];

/// Who (the last one is nobody), pause since the last start and length in steps, words.
type Said = (usize, u64, u64, &'static str);

fn calls(speakers: usize) -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec((0..speakers, 0..60_u64, 0..80_u64, select(TEXTS)), 1..24)
}

/// The call from `offset` on, with Rep and Engineer on `side`.
fn transcript(said: &[Said], offset: u64, side: Side) -> Transcript {
    let mut start = offset;
    let segments: Vec<Value> = said
        .iter()
        .map(|(who, pause, length, text)| {
            start += pause * STEP;
            json!({"speaker": NAMES.get(*who), "start_ms": start, "end_ms": start + length * STEP, "text": text})
        })
        .collect();
    let (ours, theirs) = (side.as_str(), side.other().as_str());
    let participants = NAMES.iter().zip([Some(ours), Some(ours), Some(theirs), Some(theirs), None]);
    let participants: Vec<Value> = participants.map(|(name, side)| json!({"name": name, "side": side})).collect();
    let mut call = read(&json!({"participants": participants, "segments": segments}));
    call.separate_channels = true;
    call
}

fn measure(call: &Transcript) -> Metrics {
    metrics(call, &Labeler::builtin().label_call(call))
}

/// How many people speak in each step, and how many sides.
fn counted(call: &Transcript) -> Vec<(usize, usize)> {
    let (from, to) = call.span_ms().expect("times");
    let at = |step: u64| {
        let speaking: Vec<_> = call
            .segments
            .iter()
            .filter(|s| s.start_ms <= Some(step) && Some(step) < s.end_ms)
            .map(|s| (s.speaker, call.side(s)))
            .collect();
        let distinct = |values: Vec<usize>| values.into_iter().collect::<std::collections::BTreeSet<_>>().len();
        let people = distinct(speaking.iter().map(|(who, _)| who.map_or(0, |ix| ix + 1)).collect());
        (people, distinct(speaking.iter().map(|(_, side)| side.map_or(0, |side| 1 + side as usize)).collect()))
    };
    (from..to).step_by(STEP as usize).map(at).collect()
}

fn assert_speech(speech: &Speech, m: &Metrics) {
    assert!(speech.talk_ms <= m.duration_ms);
    assert!(speech.talk_share.is_none_or(|share| (0.0..=1.0).contains(&share)));
    assert!(speech.longest_turn_ms <= m.duration_ms);
    assert!(
        speech.interruption_ms.unwrap_or(0) >= u64::from(speech.interruption_count.unwrap_or(0)) * INTERRUPTION_MIN_MS
    );
    let kinds = [speech.open_question_count, speech.factual_question_count, speech.closed_question_count];
    assert_eq!(speech.question_count, kinds.into_iter().sum());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn times_agree_with_counting_steps(said in calls(6)) {
        let call = transcript(&said, 0, Side::Internal);
        let m = measure(&call);
        let steps = counted(&call);
        let count = |test: &dyn Fn(&(usize, usize)) -> bool| steps.iter().filter(|s| test(s)).count() as u64 * STEP;
        let duration = steps.len() as u64 * STEP;
        prop_assert_eq!(m.duration_ms, Some(duration));
        if m.unavailable.contains_key("talk_ratio") && m.sides.internal.speech.talk_ms.is_none() {
            prop_assert_eq!(m.talk_ms, Some(count(&|(people, _)| *people > 0)));
        } else {
            prop_assert_eq!(m.talk_ms, Some(count(&|(_, sides)| *sides == 1) + 2 * count(&|(_, sides)| *sides == 2)));
        }
        if let Some(ratio) = m.overtalk_ratio {
            let expected = count(&|(people, _)| *people >= 2) as f64 / duration as f64;
            prop_assert!((ratio - expected).abs() <= 0.000_051, "{ratio} {expected}");
        }
        let silences: Vec<u64> = steps
            .chunk_by(|a, b| (a.0 == 0) == (b.0 == 0))
            .filter(|run| run[0].0 == 0)
            .map(|run| run.len() as u64 * STEP)
            .collect();
        // A segment of no length splits a silence, but takes nothing of it.
        if call.segments.iter().all(|s| s.end_ms > s.start_ms) {
            prop_assert_eq!(m.longest_silence_ms, Some(silences.iter().copied().max().unwrap_or(0)));
            prop_assert_eq!(m.non_talk_ms, Some(silences.iter().filter(|s| **s > NON_TALK_MIN_MS).sum()));
        }
    }

    #[test]
    fn values_keep_their_ranges_and_sums(said in calls(4)) {
        let call = transcript(&said, 0, Side::Internal);
        let m = measure(&call);
        let ratios = [m.talk_ratio, m.overlapped_answer_ratio, m.overtalk_ratio];
        prop_assert!(ratios.into_iter().flatten().all(|ratio| (0.0..=1.0).contains(&ratio)), "{ratios:?}");
        let sides = [Side::Internal, Side::External].map(|side| m.sides.get(side));
        for (side, metrics) in [Side::Internal, Side::External].into_iter().zip(sides) {
            assert_speech(&metrics.speech, &m);
            let speakers: Vec<_> = m.speakers.iter().filter(|s| s.side == Some(side)).collect();
            let sum = |value: fn(&Speech) -> u64| speakers.iter().map(|s| value(&s.speech)).sum::<u64>();
            let summed: [fn(&Speech) -> u64; 6] = [
                |s| s.word_count.into(), |s| s.turn_count.into(), |s| s.question_count.unwrap().into(), |s| s.filler_count.unwrap().into(),
                |s| s.interruption_count.unwrap().into(), |s| s.interruption_ms.unwrap(),
            ];
            for value in summed {
                prop_assert_eq!(value(&metrics.speech), sum(value));
            }
            let talk = metrics.speech.talk_ms.unwrap();
            prop_assert!(talk <= sum(|s| s.talk_ms.unwrap()) && speakers.iter().all(|s| s.speech.talk_ms.unwrap() <= talk));
            quarters_agree(&m, &call, side);
        }
        prop_assert_eq!(m.talk_ms, sides.iter().map(|s| s.speech.talk_ms).sum());
        m.speakers.iter().for_each(|speaker| assert_speech(&speaker.speech, &m));
        prop_assert_eq!(m.turns.len() as u32, sides.iter().map(|s| s.speech.turn_count).sum::<u32>());
        let json = serde_json::to_value(&m).unwrap();
        for (field, value) in json.as_object().unwrap().iter().filter(|(_, value)| !value.is_object()) {
            prop_assert_eq!(value.is_null(), m.unavailable.contains_key(field.as_str()), "{}", field);
        }
    }

    #[test]
    fn it_matters_neither_when_the_recording_began_nor_which_side_is_ours(said in calls(4)) {
        let call = transcript(&said, 0, Side::Internal);
        let m = metrics(&call, &CallLabels::default());
        let late = metrics(&transcript(&said, 3_600_000, Side::Internal), &CallLabels::default());
        let timeless = |m: &Metrics| {
            let mut json = serde_json::to_value(m).unwrap();
            json["turns"] = Value::Null;
            json["moments"] = Value::Null;
            json
        };
        prop_assert_eq!(timeless(&m), timeless(&late));
        let turned = metrics(&transcript(&said, 0, Side::External), &CallLabels::default());
        prop_assert_eq!(&m.sides.internal, &turned.sides.external);
        prop_assert_eq!(&m.sides.external, &turned.sides.internal);
        prop_assert_eq!((m.overtalk_ratio, m.non_talk_ms, m.interactivity_per_min), (turned.overtalk_ratio, turned.non_talk_ms, turned.interactivity_per_min));
        prop_assert_eq!(m.longest_monologue_ms, turned.longest_customer_story_ms);
        if let (Some(ours), Some(theirs)) = (m.talk_ratio, turned.talk_ratio) {
            prop_assert!((ours + theirs - 1.0).abs() < 0.0002);
        }
    }
}

/// The sentiment of a side, by call and by quarter, from the turns alone.
fn quarters_agree(m: &Metrics, call: &Transcript, side: Side) {
    let (from, to) = call.span_ms().expect("times");
    let mean = |quarter: Option<u64>| {
        let (mut sum, mut words) = (0.0, 0.0);
        for turn in m.turns.iter().filter(|turn| turn.side == Some(side)) {
            let own = |s: &&transcript::Segment| {
                (turn.segment_id..=turn.last_segment_id).contains(&s.id)
                    && call.speaker_name(s) == turn.speaker.as_deref()
            };
            let only_backchannels = call.segments.iter().filter(own).all(is_backchannel);
            let starts_in = (turn.start_ms.expect("times") - from) * 4 / (to - from).max(1);
            if !only_backchannels && quarter.is_none_or(|quarter| starts_in.min(3) == quarter) {
                sum += turn.sentiment * f64::from(turn.word_count);
                words += f64::from(turn.word_count);
            }
        }
        (words > 0.0).then(|| sum / words)
    };
    let same = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 0.00006,
        (a, b) => a.is_none() && b.is_none(),
    };
    let metrics = m.sides.get(side);
    assert!(same(metrics.sentiment, mean(None)), "{:?} {:?}", metrics.sentiment, mean(None));
    for (quarter, value) in (0..).zip(metrics.sentiment_quarters.expect("times and sides")) {
        assert!(same(value, mean(Some(quarter))), "{quarter}: {value:?} {:?}", mean(Some(quarter)));
    }
}
