//! The honest judge.

use super::reading::{Check, Reading};
use super::{obeying, verdicts};
use rubric::{Check as RubricCheck, CheckKind, CheckResult, Dimension, LevelText, Rubric, Verdict, analyst};
use serde_json::{Value, json};
use signals::labels::Labeler;
use transcript::Transcript;

/// Words that say nothing about what a sentence is about.
const EMPTY: &[&str] = &[
    "about", "after", "before", "could", "customer", "every", "from", "have", "into", "never", "next", "once", "other",
    "should", "says", "someone", "that", "their", "them", "then", "there", "they", "this", "time", "what", "when",
    "where", "which", "will", "with", "would", "your", "does", "rep", "reps",
];

/// Share of the words of a check's sentence from which a segment is taken to be about it.
const ABOUT: f64 = 0.34;
/// Share of the words of an advice from which it is taken to be followed already.
const FOLLOWED: f64 = 0.6;

/// Everything that the offline analyst can judge, judged once; nothing where nobody speaks.
pub(super) fn analyse(transcript: &Transcript) -> Vec<CheckResult> {
    if transcript.segments.is_empty() {
        return Vec::new();
    }
    let check = |name: &&str| RubricCheck {
        id: (*name).to_owned(),
        name: String::new(),
        sentence: String::new(),
        kind: CheckKind::Presence,
        weight: 1.0,
        call_types: Vec::new(),
        condition: None,
        judge: None,
        advice: String::new(),
        keep: String::new(),
    };
    let dimension = Dimension {
        id: "all".to_owned(),
        name: String::new(),
        weight: 1.0,
        description: String::new(),
        levels: LevelText { low: String::new(), middle: String::new(), high: String::new() },
        checks: analyst::judge_names().iter().map(check).collect(),
    };
    let rubric = Rubric {
        id: "all".to_owned(),
        name: String::new(),
        version: 1,
        description: String::new(),
        dimensions: vec![dimension],
    };
    let report = analyst::analyse(transcript, &rubric, Labeler::builtin());
    report.dimensions.into_iter().flat_map(|dimension| dimension.checks).collect()
}

/// What is said of one check.
pub(super) struct Finding {
    pub id: String,
    pub verdict: Verdict,
    pub level: Option<u8>,
    /// Places of segments, and words of them.
    pub evidence: Vec<(usize, String)>,
    pub reason: String,
    pub advice: String,
}

impl Finding {
    /// In the form of the answer.
    pub(super) fn json(&self, reading: &Reading) -> Value {
        let quotes = self.evidence.iter().map(|(place, quote)| json!({"segment": reading.id(*place), "quote": quote}));
        json!({
            "id": self.id,
            "verdict": self.verdict.as_str(),
            "level": self.level,
            "evidence": quotes.collect::<Vec<_>>(),
            "reason": self.reason,
            "advice": self.advice,
            "sources": self.source(reading).into_iter().collect::<Vec<_>>(),
        })
    }

    /// The section of what is known that shares the most words with the evidence, and more than one.
    fn source<'a>(&self, reading: &'a Reading) -> Option<&'a str> {
        let said = words(&self.evidence.iter().map(|(_, quote)| quote.as_str()).collect::<Vec<_>>().join(" "));
        let shared = |text: &str| words(text).iter().filter(|word| said.contains(word)).count();
        let sections = reading.knowledge.iter().rev().map(|(id, text)| (shared(text), id));
        sections.filter(|(shared, _)| *shared > 1).max_by_key(|(shared, _)| *shared).map(|(_, id)| id.as_str())
    }
}

/// Judges a check.
pub(super) fn finding(reading: &Reading, check: &Check, known: &[CheckResult]) -> Finding {
    let (verdict, evidence) = match known.iter().find(|result| result.id == check.id) {
        Some(result) => {
            let quotes = result.evidence.iter();
            (result.verdict, quotes.map(|quote| (quote.segment_id as usize - 1, quote.quote.clone())).collect())
        }
        None => by_words(reading, check),
    };
    let level = (check.kind == "scale").then(|| match verdict {
        Verdict::Met => evidence.len().clamp(1, 3) as u8,
        _ => 0,
    });
    let at = evidence.first().map(|(place, _)| reading.id(*place));
    let reason = match (verdict, at) {
        (Verdict::Met, Some(id)) => format!("Segment {id} shows it."),
        (Verdict::Met, None) => "Nothing in the call speaks against it.".to_owned(),
        (Verdict::Unmet, Some(id)) => format!("Segment {id} was the moment for it."),
        (Verdict::Unmet, None) => "Nobody on our side does it.".to_owned(),
        (Verdict::NotApplicable, _) => "The call gave no occasion for it.".to_owned(),
        (Verdict::CannotAssess, _) => "The transcript does not let this be judged.".to_owned(),
    };
    let advice = match verdict {
        Verdict::Unmet => format!("Plan for this in the next call: {}", check.sentence),
        _ => String::new(),
    };
    Finding { id: check.id.clone(), verdict, level, evidence, reason, advice }
}

/// By the words that a segment of our side shares with the check's sentence.
fn by_words(reading: &Reading, check: &Check) -> (Verdict, Vec<(usize, String)>) {
    if reading.ours().next().is_none() {
        return (Verdict::CannotAssess, Vec::new());
    }
    let mut found = about(reading, &check.sentence, ABOUT);
    found.truncate(3);
    let evidence: Vec<_> =
        found.into_iter().map(|place| (place, reading.transcript.segments[place].text.clone())).collect();
    match (check.kind.as_str(), evidence.is_empty()) {
        ("absence", true) => (Verdict::Met, evidence),
        ("absence", false) | (_, true) => (Verdict::Unmet, evidence),
        (_, false) => (Verdict::Met, evidence),
    }
}

/// Places of the segments of our side that share at least this part of the words, the nearest first.
fn about(reading: &Reading, sentence: &str, least: f64) -> Vec<usize> {
    let wanted = words(sentence);
    if wanted.is_empty() {
        return Vec::new();
    }
    let share = |text: &str| {
        let said = words(text);
        wanted.iter().filter(|word| said.contains(word)).count() as f64 / wanted.len() as f64
    };
    let mut found: Vec<(f64, usize)> =
        reading.ours().map(|(place, text)| (share(text), place)).filter(|(share, _)| *share >= least).collect();
    found.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    found.into_iter().map(|(_, place)| place).collect()
}

/// The words that say something, shortened so that forms of a word are the same.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 3 && !EMPTY.contains(&word.as_str()))
        .map(|word| word.chars().take(5).collect())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Judges a dimension, and tells of what speaks to the judge.
pub(super) fn dimension(reading: &Reading, checks: &[Check], known: &[CheckResult]) -> Value {
    let judged: Vec<_> = checks.iter().map(|check| finding(reading, check, known).json(reading)).collect();
    let spoken = obeying::orders(reading)
        .into_iter()
        .map(|place| json!({"segment": reading.id(place), "quote": reading.transcript.segments[place].text}));
    verdicts(&judged, &spoken.collect::<Vec<_>>())
}

/// Says of each advice whether it was already followed.
pub(super) fn advice(reading: &Reading, advice: &[(String, String)]) -> Value {
    let say = |(id, sentence): &(String, String)| {
        let found = about(reading, sentence, FOLLOWED).into_iter().next();
        let quote =
            found.map(|place| json!({"segment": reading.id(place), "quote": reading.transcript.segments[place].text}));
        json!({"id": id, "done": quote.is_some(), "evidence": quote.into_iter().collect::<Vec<_>>()})
    };
    json!({ "advice": advice.iter().map(say).collect::<Vec<_>>() })
}
