//! Whatever the bytes, a parser neither panics nor breaks the invariants.

use crate::assert_invariants;
use crate::samples::{DOCUMENT, SAMPLES, docx};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use transcript::{Format, decode, formats::srt, formats::vtt, parse, sides, write};

/// What lines of transcripts are made of.
const FRAGMENTS: &[&str] = &[
    "WEBVTT",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\t",
    "1",
    "42",
    "00:00:01.000",
    "00:00:01,000",
    "0:01",
    "1:02:03",
    "99:99:99.9",
    "18446744073709551615:00:00.000",
    " --> ",
    "-->",
    "->",
    "Ann: ",
    "Ann",
    "Bo Li: ",
    "kev: ",
    "Agent 1: ",
    "Customer",
    "SPEAKER_00: ",
    ": ",
    ":",
    "Note: ",
    "[Ann] ",
    "[00:01] ",
    "(1:02)",
    "[",
    "]",
    "(",
    ")",
    "hello there",
    "Hello.",
    "Is it?",
    "<v Ann>",
    "<v.loud Bo>",
    "</v>",
    "<i>",
    "<",
    ">",
    ">>",
    "- ",
    "&amp;",
    "&#65;",
    "&",
    "NOTE",
    "STYLE",
    "**Agent:** ",
    "**",
    "__",
    "### ",
    "Transcript",
    "דנה: ",
    "李雷：",
    "\u{FEFF}",
    "{\\an8}",
    "é",
    "{",
    "}",
    "\"segments\":",
    "\"text\":\"a\"",
    "\"start_ms\":1e308",
    ",",
    "null",
    "[{",
    "}]",
    "AM",
    "8c1f-51/12-0",
    "transcribed by ",
    "Attendees\n",
    "speaker,start,end,text\n",
    "timestamp;name;text\n",
    "\"",
    ";",
    "2026-11-02T10:00:00Z",
    "Weekly - Transcript",
    "Transcription ended after ",
    "Ann  0:03  \n",
    "\"items\":[",
    "\"start_time\":\"1.5\"",
    "\"sentences\":",
    "\"speaker_label\":\"spk_0\"",
];

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

const FORMATS: &[Format] = &[
    Format::Vtt,
    Format::Srt,
    Format::GongJson,
    Format::DeepgramJson,
    Format::WhisperJson,
    Format::WhisperCppJson,
    Format::AwsTranscribeJson,
    Format::FirefliesJson,
    Format::Json,
    Format::OtterText,
    Format::MeetText,
    Format::Csv,
    Format::Docx,
    Format::Text,
];

/// Reads with detection and as every format, and uses what comes out.
fn read_all_ways(bytes: &[u8]) {
    let hints = FORMATS.iter().copied().map(Some).chain([None]);
    for hint in hints {
        let Ok(mut transcript) = parse(bytes, hint) else { continue };
        assert_invariants(&transcript);
        let json = serde_json::to_string(&write::to_json(&transcript)).expect("JSON can be written");
        let back = parse(json.as_bytes(), None).expect("written JSON can be read");
        transcript.format = Format::Json;
        assert_eq!(back, transcript, "{hint:?}");
        let _ = (write::to_vtt(&transcript), write::to_srt(&transcript));
        sides::assign(&mut transcript, &[]).expect("no names were given");
    }
    if let Ok((text, _)) = decode(bytes) {
        let cues = vtt::cues(&text, vtt::Times::Strict).cues;
        assert!(
            cues.iter().all(|cue| !cue.plain().contains('\r') && cue.voice().is_none_or(|voice| !voice.is_empty()))
        );
        assert!(srt::cues(&text).iter().all(|cue| cue.plain().len() <= cue.text.len().max(1) * 4));
    }
}

/// A change to a valid file.
#[derive(Debug, Clone)]
enum Change {
    Truncate(Index),
    Delete(Index, Index),
    Repeat(Index, Index),
    Replace(Index, u8),
    Insert(Index, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Change::Truncate),
        (index(), index()).prop_map(|(a, b)| Change::Delete(a, b)),
        (index(), index()).prop_map(|(a, b)| Change::Repeat(a, b)),
        (index(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (index(), select(FRAGMENTS)).prop_map(|(at, fragment)| Change::Insert(at, fragment)),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let at = |index: &Index| index.index(bytes.len());
        let range = |a: &Index, b: &Index| at(a).min(at(b))..at(a).max(at(b));
        match self {
            Self::Truncate(index) => bytes.truncate(at(index)),
            Self::Delete(a, b) => drop(bytes.drain(range(a, b))),
            Self::Repeat(a, b) => {
                let range = range(a, b);
                let copy = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, copy);
            }
            Self::Replace(index, byte) => {
                let at = at(index);
                bytes[at] = *byte;
            }
            Self::Insert(index, fragment) => {
                let at = at(index);
                bytes.splice(at..at, fragment.bytes());
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..300)) {
        read_all_ways(&bytes);
    }

    #[test]
    fn arbitrary_text(text in "(?s).{0,200}") {
        read_all_ways(text.as_bytes());
    }

    #[test]
    fn lines_of_fragments(fragments in vec(select(FRAGMENTS), 0..60), signature in any::<bool>()) {
        let text = format!("{}{}", if signature { "WEBVTT\n\n" } else { "" }, fragments.concat());
        read_all_ways(text.as_bytes());
    }

    #[test]
    fn changed_samples((_, sample) in select(SAMPLES), changes in vec(change(), 1..6)) {
        let mut bytes = sample.as_bytes().to_vec();
        for change in &changes {
            change.apply(&mut bytes);
        }
        read_all_ways(&bytes);
    }

    #[test]
    fn changed_documents(changes in vec(change(), 0..6), outside in vec(change(), 0..2)) {
        let mut document = DOCUMENT.as_bytes().to_vec();
        for change in &changes {
            change.apply(&mut document);
        }
        let mut bytes = docx(&document);
        for change in &outside {
            change.apply(&mut bytes);
        }
        read_all_ways(&bytes);
    }

    #[test]
    fn truncated_samples((_, sample) in select(SAMPLES), at in any::<Index>()) {
        read_all_ways(&sample.as_bytes()[..at.index(sample.len() + 1)]);
    }
}
