//! Instructions to the judge inside a transcript. A model may follow them, so they are looked for by rules as well, in what people say and in
//! what they try to hide in it.

use super::prompt::hex;
use crate::{Evidence, Flag, FlagKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use signals::pattern::{PatternSet, PatternSetBuilder, Words};
use signals::text::Vocabulary;
use signals::tracker::{TrackerFile, TrackerSet};
use std::sync::LazyLock;
use transcript::Transcript;
use unicode_normalization::UnicodeNormalization as _;

const CUES: &str = include_str!("../../../../trackers/cues/judge.yaml");

/// Marks of prompts and of our own answers, which nobody speaks.
const MARKS: &[&str] = &[
    "</transcript",
    "‹/transcript",
    "<transcript",
    "<task>",
    "</task>",
    "<system>",
    "</system>",
    "<|im_start|>",
    "<|im_end|>",
    "<|system|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "### instruction",
    "### system",
    "\"verdict\"",
    "\"checks\":",
    "overall_score",
    "human:\n",
    "assistant:\n",
];

/// What words run together are looked for that were said letter by letter: where one ends is not known then.
const SPELLED: &[&str] = &[
    "ignoreall",
    "ignoreprevious",
    "ignoretheprevious",
    "ignoreyour",
    "ignoretherubric",
    "disregardall",
    "disregardtherubric",
    "forgetall",
    "previousinstructions",
    "checkasmet",
    "checksasmet",
    "fullmarks",
    "perfectscore",
    "maximumscore",
    "systemprompt",
    "systemoverride",
];

/// Letters of hidden text from which it is looked at.
const HIDDEN: usize = 24;

/// Words of the next segment that are looked at with a segment: recognisers cut sentences anywhere.
const AHEAD: usize = 12;

static GUARD: LazyLock<Guard> = LazyLock::new(|| Guard::new(CUES).expect("the cues are checked by a test"));

struct Guard {
    vocabulary: Vocabulary,
    patterns: PatternSet,
    cues: TrackerSet,
}

/// Counted up when it changes where is looked; the rules are hashed as they are.
const FORM: u32 = 2;

/// A hash of the rules: what was looked through by others is looked through again.
#[must_use]
pub fn version() -> String {
    hex(&Sha256::new()
        .chain_update(FORM.to_le_bytes())
        .chain_update(CUES)
        .chain_update(MARKS.join("\n"))
        .chain_update(SPELLED.join("\n"))
        .finalize())
}

/// Flags for the segments that speak to the judge, each with its words.
#[must_use]
pub fn find(transcript: &Transcript) -> Vec<Flag> {
    let mut flags = Vec::new();
    let segments = &transcript.segments;
    for (at, segment) in segments.iter().enumerate() {
        let next = segments.get(at + 1).filter(|next| next.speaker == segment.speaker);
        let ahead: Vec<&str> = next.map(|next| next.text.split_whitespace().take(AHEAD).collect()).unwrap_or_default();
        let alone = GUARD.speaks_to_judge(&segment.text);
        // What stands in the next segment alone is that one's.
        let across = || {
            let ahead = ahead.join(" ");
            (!ahead.is_empty() && GUARD.speaks_to_judge(&ahead).is_none())
                .then(|| GUARD.speaks_to_judge(&format!("{} {ahead}", segment.text)))
                .flatten()
        };
        if let Some(what) = alone.or_else(across) {
            flags.push(flag(what, Evidence::segment(transcript, at)));
        }
    }
    // A name is shown to the model as well. It has no place of its own among the words, so that the first ones of whoever bears it stand for it.
    for (speaker, person) in transcript.participants.iter().enumerate() {
        let first = segments.iter().position(|segment| segment.speaker == Some(speaker));
        if let (Some(at), Some(what)) = (first, GUARD.speaks_to_judge(&person.name)) {
            let what = format!("the name of who says this does, {what}");
            flags.push(flag(&what, Evidence::segment(transcript, at)));
        }
    }
    flags
}

/// A flag for words that speak to the judge.
#[must_use]
pub fn flag(what: &str, evidence: Evidence) -> Flag {
    Flag {
        kind: FlagKind::InstructionToJudge,
        reason: format!(
            "Words in the call speak to whoever judges it: {what}. Scores are told when a person has looked at them."
        ),
        evidence: vec![evidence],
    }
}

/// What a model found that the rules did not.
pub const BY_MODEL: &str = "the model took them for an instruction";

impl Guard {
    fn new(cues: &str) -> Result<Self, signals::tracker::TrackerError> {
        let (mut vocabulary, mut patterns) = (Vocabulary::default(), PatternSetBuilder::default());
        let file = TrackerFile::from_yaml(cues)?;
        let cues = TrackerSet::compile(&mut vocabulary, &mut patterns, 0, vec![file])?;
        Ok(Self { vocabulary, patterns: patterns.build(), cues })
    }

    /// What a text asks of the judge, if it does.
    fn speaks_to_judge(&self, text: &str) -> Option<&str> {
        let plain = uncovered(text);
        let low = plain.to_lowercase();
        if MARKS.iter().any(|mark| low.contains(mark)) {
            return Some("it holds marks of a prompt");
        }
        if low.split(' ').any(|word| SPELLED.iter().any(|spelled| word.len() > spelled.len() && word.contains(spelled)))
        {
            return Some("letter by letter");
        }
        self.cue(&low).or_else(|| hidden(text).iter().find_map(|text| self.cue(&uncovered(text).to_lowercase())))
    }

    fn cue(&self, text: &str) -> Option<&str> {
        let (mut tokens, mut signatures, mut met) = (Vec::new(), Vec::new(), Vec::new());
        self.vocabulary.tokenize(text, &mut tokens);
        let mut found = None;
        self.patterns.find(Words::new(&tokens, &mut signatures), 0, &mut met, |hit| {
            found = found.or(Some(hit.owner));
        });
        found.map(|owner| self.cues.trackers()[usize::from(owner)].name.as_str())
    }
}

/// A text without the covers under which words hide: letters that cannot be seen, letters of other alphabets that look like ours, digits for
/// letters, letters one by one.
fn uncovered(text: &str) -> String {
    let seen: String = text
        .nfkc()
        .filter(|char| !matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'))
        .map(latin)
        .collect();
    let mut words: Vec<String> = Vec::new();
    let mut letters = String::new();
    let flush = |letters: &mut String, words: &mut Vec<String>| {
        if letters.chars().count() >= 4 {
            words.push(std::mem::take(letters));
        } else {
            words.extend(letters.drain(..).map(String::from));
        }
    };
    for word in seen.split_whitespace() {
        let bare = word.trim_matches(|char: char| matches!(char, '.' | '-' | '_' | '*' | ','));
        if bare.chars().count() == 1 && bare.chars().all(char::is_alphabetic) {
            letters.push_str(bare);
        } else {
            flush(&mut letters, &mut words);
            words.push(lettered(word));
        }
    }
    flush(&mut letters, &mut words);
    words.join(" ")
}

/// A word with letters in the place of the digits that stand for them: `1gn0re`. Words that are mostly digits are numbers.
fn lettered(word: &str) -> String {
    let letters = word.chars().filter(|char| char.is_alphabetic()).count();
    let digits = word.chars().filter(|char| matches!(char, '0' | '1' | '3' | '4' | '5' | '7' | '@' | '$')).count();
    if digits == 0 || letters <= digits || word.chars().next().is_some_and(|first| first == '$') {
        return word.to_owned();
    }
    let letter = |char| match char {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    word.chars().map(letter).collect()
}

/// The Latin letter that a letter of another alphabet looks like.
fn latin(char: char) -> char {
    match char {
        'а' | 'α' => 'a',
        'в' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'п' | 'η' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ц' => 'u',
        'ѵ' | 'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' => 'C',
        'Е' | 'Ε' => 'E',
        'І' | 'Ι' => 'I',
        'М' | 'Μ' => 'M',
        'Н' | 'Η' => 'H',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        other => other,
    }
}

/// Texts inside a text: Base64, hexadecimal, and each word or all letters backwards.
fn hidden(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.split(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '-' | '_' | '=')))
    {
        let word = word.trim_end_matches('=');
        if word.len() < HIDDEN {
            continue;
        }
        let bytes = STANDARD_NO_PAD.decode(word).or_else(|_| URL_SAFE_NO_PAD.decode(word)).ok();
        found.extend([bytes, unhex(word)].into_iter().flatten().filter_map(|bytes| String::from_utf8(bytes).ok()));
    }
    if text.len() >= HIDDEN {
        found.push(text.chars().rev().collect());
        found.push(
            text.split_whitespace().map(|word| word.chars().rev().collect::<String>()).collect::<Vec<_>>().join(" "),
        );
        found.push(text.chars().map(rot13).collect());
    }
    found
}

fn rot13(char: char) -> char {
    match char {
        'a'..='m' | 'A'..='M' => char::from(char as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(char as u8 - 13),
        other => other,
    }
}

fn unhex(word: &str) -> Option<Vec<u8>> {
    if !word.len().is_multiple_of(2) {
        return None;
    }
    (0..word.len()).step_by(2).map(|at| u8::from_str_radix(word.get(at..at + 2)?, 16).ok()).collect()
}
