//! One fuzz target for each parser, on stable Rust: files changed at random, the same ones in every run.
//!
//! `SIDELINE_FUZZ_ROUNDS=100000 cargo test --release -p transcript fuzz` looks longer; a failure prints the round and the input.

use crate::assert_invariants;
use crate::samples::{DOCUMENT, SAMPLES, docx};
use encoding_rs::{GB18030, WINDOWS_1252};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use transcript::{Format, decode, parse, write};

/// Rounds of each target unless the environment asks for more.
const ROUNDS: u64 = 300;
/// Longest input; repeated repetition would grow without end.
const MAX_BYTES: usize = 1 << 16;

/// What means something to some parser.
const TOKENS: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\t",
    "  ",
    " --> ",
    "00:00:01.000",
    "1:02:03",
    "0:03  \n",
    "99999999999999999999",
    "-1",
    "1e308",
    "NaN",
    "0",
    "null",
    "true",
    "\"\"",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    "[]",
    "{}",
    ",",
    ":",
    ";",
    "|",
    "Ann: ",
    "Ann  0:03\n",
    "Note: ",
    "**",
    "# ",
    ">>",
    "- ",
    "<v Ann>",
    "</v>",
    "<",
    ">",
    "&amp;",
    "&#0;",
    "&#xFFFFFFFF;",
    "&",
    "WEBVTT\n\n",
    "Transcript\n",
    "Attendees\n",
    "Transcription ended after 0:01",
    "Transcribed by https://otter.ai",
    "speaker,start,end,text\n",
    "sep=;\n",
    "2026-11-02T10:00:00Z",
    "9999-12-31 23:59",
    "AM",
    "PM",
    "ms",
    "\"start_time\":",
    "\"sentences\":",
    "\"segments\":",
    "\"items\":",
    "\"speaker_label\":\"spk_1\",",
    "<w:p>",
    "</w:p>",
    "<w:t>",
    "</w:t>",
    "<w:br/>",
    "<!--",
    "<![CDATA[",
    "]]>",
    "<mc:Fallback>",
    "é",
    "李雷：",
    "\u{FEFF}",
    "\u{2028}",
    "\u{0}",
    "\u{202E}",
];

/// Random numbers (`SplitMix64`), the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A range within so many bytes, mostly a short one.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        let most = if self.below(4) == 0 { length - from } else { (length - from).min(24) };
        from..from + self.below(most + 1)
    }
}

/// Changes the bytes at one to sixteen places; `other` is a valid file to take pieces from.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let places = 1 + random.below(16);
    for _ in 0..=random.below(places) {
        let at = random.below(bytes.len() + 1);
        match random.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.next() as u8,
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(random.range(bytes.len()))),
            4 => {
                let copy = bytes[random.range(bytes.len())].to_vec();
                bytes.splice(at..at, copy);
            }
            5 => {
                let copy = other[random.range(other.len())].to_vec();
                bytes.splice(at..at, copy);
            }
            6 => number(bytes, at, random),
            _ => drop(bytes.splice(at..at, random.pick(TOKENS).bytes())),
        }
        bytes.truncate(MAX_BYTES);
    }
}

/// Puts another number in the place of the next one.
fn number(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    const NUMBERS: &[&str] = &["0", "-0.5", "1e300", "18446744073709551616", "4398046511105", "0.0000001", "59", "99"];
    let Some(from) = bytes[at..].iter().position(u8::is_ascii_digit).map(|offset| at + offset) else { return };
    let length = bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.splice(from..from + length, random.pick(NUMBERS).bytes());
}

/// Changes the values of a JSON document, which stays JSON; bytes changed in it are mostly refused at once.
fn change_json(sample: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(sample).ok()?;
    for _ in 0..=random.below(6) {
        change_value(&mut document, random);
    }
    serde_json::to_vec(&document).ok()
}

fn change_value(value: &mut Value, random: &mut Random) {
    let goes_down = random.below(6) > 0;
    match value {
        Value::Array(list) if goes_down && !list.is_empty() => {
            let at = random.below(list.len());
            match random.below(8) {
                0 => drop(list.remove(at)),
                1 => list.insert(0, list[at].clone()),
                2 => list.swap(0, at),
                _ => change_value(&mut list[at], random),
            }
        }
        Value::Object(fields) if goes_down && !fields.is_empty() => {
            let at = random.below(fields.len());
            let key = fields.keys().nth(at).expect("the place is within the fields").clone();
            if random.below(8) == 0 {
                fields.remove(&key);
            } else {
                change_value(&mut fields[&key], random);
            }
        }
        _ => {
            *value = match random.below(8) {
                0 => Value::Null,
                1 => json!([]),
                2 => json!({}),
                3 => json!(true),
                4 => json!(random.pick(&[0.0, -0.5, 1e300, 4_398_046_511_105.0, 0.25])),
                5 => json!(random.next()),
                6 => json!([value.clone(), value.clone()]),
                _ => json!(random.pick(TOKENS)),
            }
        }
    }
}

fn rounds() -> u64 {
    std::env::var("SIDELINE_FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS)
}

/// Calls `check` with the inputs that `input` makes, and names the round and the input of a failure.
fn run(target: &str, input: impl Fn(&mut Random) -> Vec<u8>, check: impl Fn(&[u8])) {
    let seed = target.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(257).wrapping_add(u64::from(byte)));
    for round in 0..rounds() {
        let bytes = input(&mut Random(seed.wrapping_add(round << 20)));
        let checked = catch_unwind(AssertUnwindSafe(|| check(&bytes)));
        assert!(checked.is_ok(), "{target}, round {round}, fails with: {}", bytes.escape_ascii());
    }
}

/// What must hold of any file read as this format: an error with a message, or a transcript that keeps its promises and can be written.
fn holds(bytes: &[u8], hint: Option<Format>) {
    match parse(bytes, hint) {
        Ok(mut transcript) => {
            assert_invariants(&transcript);
            let json = serde_json::to_string(&write::to_json(&transcript)).expect("JSON can be written");
            transcript.format = Format::Json;
            assert_eq!(parse(json.as_bytes(), None).as_ref(), Ok(&transcript), "written and read again");
        }
        Err(error) => assert!(!error.message.trim().is_empty()),
    }
}

fn samples_of(format: Format) -> Vec<&'static [u8]> {
    SAMPLES.iter().filter(|(of, _)| *of == format).map(|(_, sample)| sample.as_bytes()).collect()
}

fn fuzz(format: Format) {
    let samples = samples_of(format);
    let input = |random: &mut Random| {
        let sample = random.pick(&samples);
        if let Some(document) = Some(sample).filter(|_| random.below(2) == 0).and_then(|json| change_json(json, random))
        {
            return document;
        }
        let mut bytes = sample.to_vec();
        let (_, other) = random.pick(SAMPLES);
        change(&mut bytes, other.as_bytes(), random);
        bytes
    };
    run(format.as_str(), input, |bytes| {
        holds(bytes, Some(format));
        holds(bytes, None);
    });
}

macro_rules! targets {
    ($($name:ident: $format:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                fuzz(Format::$format);
            }
        )*

        const TARGETS: &[Format] = &[$(Format::$format),*];
    };
}

targets! {
    vtt: Vtt,
    zoom_vtt: ZoomVtt,
    teams_vtt: TeamsVtt,
    srt: Srt,
    gong_json: GongJson,
    deepgram_json: DeepgramJson,
    whisper_json: WhisperJson,
    whisper_cpp_json: WhisperCppJson,
    aws_transcribe_json: AwsTranscribeJson,
    fireflies_json: FirefliesJson,
    json: Json,
    otter_text: OtterText,
    meet_text: MeetText,
    csv: Csv,
    text: Text,
}

/// The document is changed before it is packed, so that changes get past the checksum, and now and then the archive as well.
#[test]
fn docx_documents() {
    let input = |random: &mut Random| {
        let mut document = DOCUMENT.as_bytes().to_vec();
        let (_, other) = random.pick(SAMPLES);
        change(&mut document, other.as_bytes(), random);
        let mut bytes = docx(&document);
        if random.below(4) == 0 {
            change(&mut bytes, other.as_bytes(), random);
        }
        bytes
    };
    run("docx", input, |bytes| {
        holds(bytes, Some(Format::Docx));
        holds(bytes, None);
    });
}

/// Samples in all encodings.
#[test]
fn encodings() {
    let input = |random: &mut Random| {
        let (_, sample) = random.pick(SAMPLES);
        let text = sample.replace("Ann", random.pick(&["Ann", "李雷", "Zoé", "𠀀好"]));
        let mut bytes = match random.below(5) {
            0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            1 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            2 => GB18030.encode(&text).0.into_owned(),
            3 => WINDOWS_1252.encode(&text).0.into_owned(),
            _ => text.into_bytes(),
        };
        if random.below(4) > 0 {
            change(&mut bytes, sample.as_bytes(), random);
        }
        bytes
    };
    run("encodings", input, |bytes| {
        if let Ok((text, _)) = decode(bytes) {
            assert!(!text.contains('\0') && text.len() <= bytes.len() * 3);
        }
        holds(bytes, None);
    });
}

#[test]
fn every_format_has_a_target() {
    for (format, _) in SAMPLES {
        assert!(TARGETS.contains(format), "{format:?} has no fuzz target");
    }
    for format in TARGETS {
        assert!(!samples_of(*format).is_empty(), "{format:?} has no sample");
    }
}

/// A target that changes nothing, or breaks everything, would find nothing.
#[test]
fn the_changes_leave_some_files_readable() {
    for format in TARGETS {
        let sample = samples_of(*format)[0];
        let (mut changed, mut read) = (0, 0);
        for round in 0..200 {
            let mut bytes = sample.to_vec();
            change(&mut bytes, b"Ann: Hello.", &mut Random(round));
            changed += usize::from(bytes != sample);
            read += usize::from(bytes != sample && parse(&bytes, Some(*format)).is_ok());
        }
        assert!(changed > 150 && (10..changed).contains(&read), "{format:?}: {read} of {changed} can be read");
    }
}
