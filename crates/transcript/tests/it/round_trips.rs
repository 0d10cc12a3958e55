//! What the writers write, the parsers read.

use crate::samples::SAMPLES;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;
use transcript::{Format, Transcript, parse, write};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

fn to_json(transcript: &Transcript) -> String {
    serde_json::to_string_pretty(&write::to_json(transcript)).expect("JSON can be written")
}

/// Speaker, times and words, which captions keep.
type Spoken<'a> = (Option<&'a str>, Option<u64>, Option<u64>, &'a str);

fn spoken(transcript: &Transcript) -> Vec<Spoken<'_>> {
    transcript.segments.iter().map(|s| (transcript.speaker_name(s), s.start_ms, s.end_ms, s.text.as_str())).collect()
}

/// A transcript with these lines of (speaker, start, length, words).
fn transcript(lines: Vec<(Option<String>, u64, u64, String)>) -> Option<Transcript> {
    let segments = lines.into_iter().map(|(speaker, start, length, text)| {
        json!({ "speaker": speaker, "start_ms": start, "end_ms": start + length, "text": text })
    });
    let segments: Vec<_> = segments.collect();
    parse(json!(segments).to_string().as_bytes(), Some(Format::Json)).ok()
}

#[test]
fn samples_survive_json_whole() {
    for (_, sample) in SAMPLES {
        let mut original = parse(sample.as_bytes(), None).unwrap();
        let back = parse(to_json(&original).as_bytes(), None).unwrap();
        original.format = Format::Json;
        assert_eq!(back, original);
    }
}

#[test]
fn samples_survive_captions() {
    for (format, sample) in SAMPLES.iter().filter(|(format, _)| *format != Format::Json) {
        let original = parse(sample.as_bytes(), None).unwrap();
        let vtt = parse(write::to_vtt(&original).unwrap().as_bytes(), None).unwrap();
        assert_eq!(spoken(&vtt), spoken(&original), "{format:?}");
        if original.participants.iter().all(|p| !p.name.contains(',')) && *format != Format::Vtt {
            let srt = parse(write::to_srt(&original).unwrap().as_bytes(), None).unwrap();
            assert_eq!(spoken(&srt), spoken(&original), "{format:?}");
        }
    }
}

#[test]
fn json_has_the_documented_keys() {
    let (_, sample) = SAMPLES[0];
    let value = serde_json::to_value(write::to_json(&parse(sample.as_bytes(), None).unwrap())).unwrap();
    assert_eq!(
        value["segments"][0],
        json!({ "id": 1, "speaker": "Ann", "start_ms": 1000, "end_ms": 2500, "text": "R&D < 5", "estimated": false })
    );
    assert_eq!((&value["format"], &value["participants"][1]["name"]), (&json!("vtt"), &json!("Bo")));
}

#[test]
fn captions_need_times() {
    let untimed = parse(b"Ann: Hello.\n", None).unwrap();
    let error = write::to_vtt(&untimed).unwrap_err();
    assert_eq!(error.to_string(), "segment 1 has no times, and WebVTT cannot do without; write JSON instead");
    assert!(write::to_srt(&untimed).unwrap_err().to_string().contains("SRT"));
}

#[test]
fn vtt_is_written_with_voices_and_escapes() {
    let text = "WEBVTT\n\n100:00:01.000 --> 100:00:02.500\n<v R&amp;D>1 &lt; 2 --&gt; 3</v>\n\n100:00:03.000 --> 100:00:04.000\nwho?\n";
    let transcript = parse(text.as_bytes(), None).unwrap();
    let written = "WEBVTT\n\n1\n100:00:01.000 --> 100:00:02.500\n<v R&amp;D>1 &lt; 2 --&gt; 3</v>\n\n2\n100:00:03.000 --> 100:00:04.000\nwho?\n\n";
    assert_eq!(write::to_vtt(&transcript).unwrap(), written);
    let written =
        "1\n100:00:01,000 --> 100:00:02,500\nR&D: 1 < 2 --> 3\n\n2\n100:00:03,000 --> 100:00:04,000\nwho?\n\n";
    assert_eq!(write::to_srt(&transcript).unwrap(), written);
}

#[test]
fn a_name_that_ends_like_an_arrow_survives_vtt() {
    let original = transcript(vec![(Some("n--".to_owned()), 0, 5, "Yes.".to_owned())]).unwrap();
    let back = parse(write::to_vtt(&original).unwrap().as_bytes(), None).unwrap();
    assert_eq!(spoken(&back), spoken(&original));
}

fn times() -> (std::ops::Range<u64>, std::ops::Range<u64>) {
    (0..400_000_000, 0..100_000)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_transcript_survives_json(
        lines in vec((option::of("(?s).{0,20}"), 0..400_000_000_u64, 0..9_u64, "(?s).{0,40}"), 1..12),
        title in option::of("(?s).{1,20}"),
    ) {
        let Some(mut original) = transcript(lines) else { return Ok(()) };
        original.title = title.filter(|title| !title.trim().is_empty());
        prop_assert_eq!(parse(to_json(&original).as_bytes(), None).unwrap(), original);
    }

    #[test]
    fn any_transcript_with_speakers_survives_vtt(
        lines in vec(("(?s).{0,20}", times().0, times().1, "(?s).{0,40}"), 1..12),
    ) {
        let lines = lines.into_iter().map(|(name, start, length, text)| (Some(format!("n{name}")), start, length, text));
        let Some(original) = transcript(lines.collect()) else { return Ok(()) };
        let back = parse(write::to_vtt(&original).unwrap().as_bytes(), None).unwrap();
        prop_assert_eq!(spoken(&back), spoken(&original));
    }

    #[test]
    fn a_transcript_with_plain_names_and_words_survives_srt(
        lines in vec(("(Ann|Bo Li|Maria Gomez|Agent 1|SPEAKER_00)", times().0, times().1, "[a-z]{1,9}( [a-z',.]{1,9}){0,9}[.?!]"), 1..12),
    ) {
        let lines = lines.into_iter().map(|(name, start, length, text)| (Some(name), start, length, text));
        let original = transcript(lines.collect()).expect("there are words");
        let back = parse(write::to_srt(&original).unwrap().as_bytes(), None).unwrap();
        prop_assert_eq!(spoken(&back), spoken(&original));
    }
}
