//! Conformance cases of other projects and real files, read from `../shared/data` beside the repository; skipped aloud where absent.

use serde_json::Value;
use std::path::PathBuf;
use transcript::formats::{srt, vtt};
use transcript::{Format, Transcript, decode, parse};

/// A file of the shared data, or `None` with a note that the test is skipped.
#[expect(clippy::print_stdout, reason = "a skipped test must say so")]
fn shared(path: &str) -> Option<Vec<u8>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    let bytes = std::fs::read(&file).ok();
    if bytes.is_none() {
        println!("SKIPPED: the shared file {path} is absent, so nothing was checked against it");
    }
    bytes
}

fn cases(path: &str) -> Option<Vec<Value>> {
    shared(path).map(|bytes| serde_json::from_slice(&bytes).expect("the case file is a JSON list"))
}

#[test]
fn every_webvtt_case_of_vttjs_gives_the_expected_cues() {
    let Some(cases) = cases("vtt/vttjs_cases.json") else { return };
    assert_eq!(cases.len(), 231);
    let mut wrong = Vec::new();
    for case in &cases {
        let file = format!("vtt/{}", case["file"].as_str().unwrap());
        let bytes = shared(&file).expect("the file of a case stands beside the list");
        let (text, _) = decode(&bytes).unwrap();
        let cues = vtt::cues(&text, vtt::Times::Strict).cues;
        let expected = case["cues"].as_array().unwrap();
        let same =
            cues.len() == expected.len() && cues.iter().zip(expected).all(|(cue, expected)| matches(cue, expected));
        if !same {
            wrong.push(format!("{file}\n  expected {expected:?}\n  found    {cues:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Compares all fields that the case has; some cases leave `plain` and `voice` out.
fn matches(cue: &vtt::Cue<'_>, expected: &Value) -> bool {
    cue.id == expected["id"]
        && cue.start_ms == expected["start_ms"]
        && cue.end_ms == expected["end_ms"]
        && *cue.text == expected["text"]
        && expected.get("plain").is_none_or(|plain| cue.plain() == *plain)
        && expected.get("voice").is_none_or(|voice| cue.voice().map_or(Value::Null, Value::from) == *voice)
}

#[test]
fn every_srt_case_of_subtitles_gives_the_expected_cues() {
    let Some(cases) = cases("srt/cases.json") else { return };
    assert_eq!(cases.len(), 10);
    for case in &cases {
        let input = case["input"].as_str().unwrap();
        let found: Vec<Value> = srt::cues(input)
            .iter()
            .map(|cue| {
                let lines: Vec<String> =
                    cue.plain().lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
                serde_json::json!({ "start_ms": cue.start_ms, "end_ms": cue.end_ms, "lines": lines })
            })
            .filter(|cue| cue["lines"] != serde_json::json!([]))
            .collect();
        assert_eq!(Value::from(found), case["cues"], "{}", case["id"]);
        assert_eq!(parse(input.as_bytes(), None).unwrap().format, Format::Srt, "{}", case["id"]);
    }
}

#[test]
fn a_real_zoom_recording_has_its_speakers() {
    let Some(bytes) = shared("zoom_vtt/zoom_focil_2026-04-07_032.vtt") else { return };
    let transcript = parse(&bytes, None).unwrap();
    assert_eq!(transcript.format, Format::ZoomVtt);
    let names: Vec<&str> = transcript.participants.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["kev", "Jihoon", "Gottfried Herold", "Pelle Krabbenhoeft"]);
    assert!(transcript.segments.iter().all(|s| s.speaker.is_some()));
    assert_eq!((transcript.segments.len(), transcript.warnings.len()), (43, 0));
}

#[test]
fn a_real_deepgram_response_is_read() {
    let Some(bytes) = shared("llm_sse/deepgram__deepgram-transcription.json") else { return };
    let transcript = parse(&bytes, None).unwrap();
    assert_eq!(transcript.format, Format::DeepgramJson);
    assert_eq!(transcript.segments[0].start_ms, Some(160));
    assert!(
        transcript.segments[0].text.starts_with("galileo was an american robotic space program"),
        "{:?}",
        transcript.segments[0]
    );
    let words: usize = transcript.segments.iter().map(|s| s.text.split(' ').count()).sum();
    let response: Value = serde_json::from_slice(&bytes).unwrap();
    let expected = response.pointer("/results/channels/0/alternatives/0/words").unwrap().as_array().unwrap().len();
    assert_eq!(words, expected);
}

#[test]
fn harper_valley_calls_are_neutral_json() {
    for file in ["hvb_0002f70f7386445b", "hvb_0df279dab5a44e6c"] {
        let Some(bytes) = shared(&format!("transcripts/{file}.json")) else { return };
        let source: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
        let transcript = parse(&bytes, None).unwrap();
        assert_eq!(transcript.format, Format::Json);
        assert_eq!(transcript.segments.len(), source.len());
        assert!(transcript.has_measured_times());
        assert_eq!(words(&transcript), source.iter().map(|s| count(s["text"].as_str().unwrap())).sum::<usize>());
    }
}

#[test]
fn contact_centre_dialogues_on_one_line_become_segments() {
    let Some(cases) = cases("dialogs/ms_contact_center_188.json") else { return };
    for case in &cases {
        let content = case["Content"].as_str().unwrap();
        let transcript = parse(content.as_bytes(), None).unwrap();
        let labels = content.matches("**Agent:**").count() + content.matches("**Customer:**").count();
        assert_eq!(transcript.format, Format::Text);
        assert_eq!(transcript.segments.len(), labels, "{}", case["ConversationId"]);
        assert_eq!(transcript.participants.len(), 2);
        assert!(transcript.segments.iter().all(|s| s.speaker.is_some() && !s.text.contains("**")));
        // The heading (four words) and the labels (one word each) are no speech.
        assert_eq!(words(&transcript), count(content) - labels - 4);
    }
}

fn words(transcript: &Transcript) -> usize {
    transcript.segments.iter().map(|s| count(&s.text)).sum()
}

fn count(text: &str) -> usize {
    text.split_whitespace().count()
}
