//! A model's answer: read, held against what was asked, and turned into verdicts of which every claim holds.

use super::claim::{self, Cited};
use super::numbers;
use super::prompt::{Section, asked};
use crate::{Check, CheckKind, CheckResult, Dimension, Evidence, Verdict};
use serde::Deserialize;
use signals::figures::clock;
use std::collections::HashSet;
use std::ops::Range;
use transcript::Transcript;

/// Characters of a sentence of a model that are shown.
const SENTENCE: usize = 400;

/// Numbers that a sentence may hold though nobody said them: "asks two questions" counts what was shown, which no list of numbers can tell from a
/// lie. From four on a count is rare and a figure likely. A percentage, a part (`half`) and a number with more words (`two million`) are others.
const COUNTS: &str = "0 1 2 3";

/// What a model says: to a task with checks or to one with advice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// A verdict for each check.
    #[serde(default)]
    pub checks: Vec<CheckAnswer>,
    /// An entry for each piece of advice.
    #[serde(default)]
    pub advice: Vec<Done>,
    /// Words that speak to the judge.
    #[serde(default)]
    pub instructions: Vec<Cited>,
    /// Entries that were left out by [`usable`].
    #[serde(skip)]
    pub dropped: usize,
}

/// What a model says of a check.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckAnswer {
    /// The check.
    pub id: String,
    /// The outcome.
    pub verdict: Verdict,
    /// Of a scale: 0 to 3.
    #[serde(default)]
    pub level: Option<u8>,
    /// The words it rests on.
    pub evidence: Vec<Cited>,
    /// Why.
    pub reason: String,
    /// What to do.
    pub advice: String,
    /// Sections of the knowledge that it rests on.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// Whether a piece of advice was followed already.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// Which piece.
    pub id: String,
    /// Whether it was.
    pub done: bool,
    /// Where.
    pub evidence: Vec<Cited>,
}

/// Reads an answer about a dimension.
///
/// # Errors
/// What is wrong with it, in a sentence that the model can mend it by. It names ids of the rubric and places in the JSON, no words of the call.
pub fn read(text: &str, dimension: &Dimension) -> Result<Answer, String> {
    let answer: Answer = parse(text)?;
    let mut seen = HashSet::new();
    for check in &answer.checks {
        let Some(known) = asked(dimension).find(|known| known.id == check.id) else {
            return Err("An entry of `checks` has an id that was not asked for.".to_owned());
        };
        if !seen.insert(check.id.as_str()) {
            return Err(format!("The check `{}` stands in `checks` twice.", check.id));
        }
        if !level_fits(check, known) {
            let needs =
                if check.level.is_none() || known.kind == CheckKind::Scale { "a level of 0 to 3" } else { "no level" };
            return Err(format!("The check `{}` needs {needs}.", check.id));
        }
    }
    match asked(dimension).find(|check| !seen.contains(check.id.as_str())) {
        Some(missing) => Err(format!("The check `{}` has no entry in `checks`.", missing.id)),
        None => Ok(answer),
    }
}

/// What can be used of an answer that [`read`] refuses: entries about checks that were asked for, once each, with a level that fits. The others are
/// left out and counted.
///
/// # Errors
/// As [`read`], where nothing can be used.
pub fn usable(text: &str, dimension: &Dimension) -> Result<Answer, String> {
    let mut answer: Answer = parse(text)?;
    let all = answer.checks.len();
    let ids: Vec<String> = answer.checks.iter().map(|check| check.id.clone()).collect();
    answer.checks.retain(|check| {
        let known = asked(dimension).find(|known| known.id == check.id);
        known.is_some_and(|known| level_fits(check, known)) && ids.iter().filter(|id| **id == check.id).count() == 1
    });
    answer.dropped = all - answer.checks.len();
    if answer.checks.is_empty() {
        return Err("No entry of `checks` can be used.".to_owned());
    }
    Ok(answer)
}

fn level_fits(said: &CheckAnswer, check: &Check) -> bool {
    let levelled = check.kind == CheckKind::Scale && matches!(said.verdict, Verdict::Met | Verdict::Unmet);
    levelled == said.level.is_some() && said.level.is_none_or(|level| level <= 3)
}

/// Reads an answer about advice: what was done already, each with where.
///
/// # Errors
/// What is wrong with it, as [`read`].
pub fn read_advice(text: &str, asked: &[(&str, &str)]) -> Result<Answer, String> {
    let answer: Answer = parse(text)?;
    let mut ids: Vec<&str> = answer.advice.iter().map(|done| done.id.as_str()).collect();
    let mut wanted: Vec<&str> = asked.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    wanted.sort_unstable();
    if ids == wanted { Ok(answer) } else { Err("`advice` needs one entry for each id that was asked for.".to_owned()) }
}

/// What can be used of an answer about advice that [`read_advice`] refuses: entries that were asked for; what is missing was not done.
///
/// # Errors
/// As [`read_advice`], where it is no answer at all.
pub fn usable_advice(text: &str, asked: &[(&str, &str)]) -> Result<Answer, String> {
    let mut answer: Answer = parse(text)?;
    answer.advice.retain(|done| asked.iter().any(|(id, _)| *id == done.id));
    Ok(answer)
}

fn parse<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, String> {
    if text.trim().is_empty() {
        return Err("The answer is empty.".to_owned());
    }
    serde_json::from_str(text.trim()).map_err(|error| {
        // What serde says may quote words of the answer, and these may be words of the call.
        let kind = match error.classify() {
            serde_json::error::Category::Data => "The answer does not have the shape that was asked for",
            serde_json::error::Category::Eof => "The answer ends before its JSON does",
            _ => "The answer is not JSON",
        };
        format!("{kind} (line {}, column {}).", error.line(), error.column())
    })
}

/// A verdict whose claims were checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The result of the check.
    pub result: CheckResult,
    /// Sections of the knowledge that it rests on.
    pub sources: Vec<String>,
    /// Claims that did not hold.
    pub dropped: usize,
    /// Whether the model claimed what needs words, and none of those that it named holds. The verdict is then that it cannot be assessed.
    pub unproven: bool,
}

/// Turns an answer into results in the rubric's order; checks that are computed are left out. `shown` are the segments that the model saw.
#[must_use]
pub fn verify(
    answer: &Answer,
    dimension: &Dimension,
    knowledge: &[Section],
    transcript: &Transcript,
    shown: &Range<usize>,
) -> Vec<Verified> {
    let one = |check: &Check| {
        let said = answer.checks.iter().find(|said| said.id == check.id);
        said.map_or_else(|| unsaid(check), |said| verified(said, check, knowledge, transcript, shown))
    };
    asked(dimension).map(one).collect()
}

/// Words that speak to the judge, as far as they were said.
#[must_use]
pub fn instructions(answer: &Answer, transcript: &Transcript, shown: &Range<usize>) -> Vec<Evidence> {
    claim::check(transcript, shown, &answer.instructions).evidence
}

const UNPROVEN: &str = "Insufficient evidence: the words that the model named do not stand in the call.";

fn verified(
    said: &CheckAnswer,
    check: &Check,
    knowledge: &[Section],
    transcript: &Transcript,
    shown: &Range<usize>,
) -> Verified {
    let claim::Checked { evidence, mut dropped } = claim::check(transcript, shown, &said.evidence);
    let level = said.level.filter(|_| check.kind == CheckKind::Scale);
    let needs = match (check.kind, said.verdict) {
        (CheckKind::Presence, Verdict::Met) | (CheckKind::Absence, Verdict::Unmet) => true,
        (CheckKind::Scale, _) => level.is_some_and(|level| level > 0),
        _ => false,
    };
    let proven = !needs || !evidence.is_empty();
    let verdict = if proven { said.verdict } else { Verdict::CannotAssess };
    let mut sentence = |text: &str, instead: &str| {
        let text = text.trim();
        if text.is_empty() {
            return instead.to_owned();
        }
        if claim::quotes_hold(transcript, shown, text) && numbers_hold(text, check, knowledge, transcript, shown) {
            return short(text);
        }
        dropped += 1;
        instead.to_owned()
    };
    let reason = if proven { sentence(&said.reason, plain_reason(verdict)) } else { UNPROVEN.to_owned() };
    let advice = match verdict {
        Verdict::Unmet => sentence(&said.advice, &check.advice),
        Verdict::Met => check.keep.clone(),
        Verdict::NotApplicable | Verdict::CannotAssess => String::new(),
    };
    Verified {
        result: CheckResult {
            id: check.id.clone(),
            name: check.name.clone(),
            kind: check.kind,
            weight: check.weight,
            verdict,
            level: level.filter(|_| proven),
            reason,
            advice,
            evidence,
        },
        sources: said.sources.iter().filter(|id| knowledge.iter().any(|section| section.id == **id)).cloned().collect(),
        dropped,
        unproven: !proven,
    }
}

/// Whether every number of a sentence stands in what the model was shown of the call, in what is known of the product, or in the check's own texts,
/// or is a small count.
fn numbers_hold(
    sentence: &str,
    check: &Check,
    knowledge: &[Section],
    transcript: &Transcript,
    shown: &Range<usize>,
) -> bool {
    let segments = &transcript.segments[shown.clone()];
    let sentence = without_references(sentence, |id| segments.iter().any(|segment| segment.id == id));
    let times: Vec<String> = segments.iter().filter_map(|segment| segment.start_ms.map(clock)).collect();
    let names = transcript.participants.iter().map(|person| person.name.as_str());
    let own = [check.name.as_str(), &check.sentence, &check.advice, &check.keep, COUNTS];
    let given = segments.iter().map(|segment| segment.text.as_str()).chain(times.iter().map(String::as_str));
    let known = knowledge.iter().flat_map(|section| [section.title.as_str(), &section.text]);
    numbers::hold(&sentence, given.chain(names).chain(own).chain(known))
}

/// A sentence without the numbers of segments that were shown, as in `segments 17 and 18` or `#17`: they name places, and count nothing.
fn without_references(sentence: &str, known: impl Fn(u32) -> bool) -> String {
    let mut left: Vec<&str> = Vec::new();
    let mut named = false;
    for word in sentence.split_whitespace() {
        let bare = word.trim_matches(|char: char| !char.is_alphanumeric() && char != '#');
        let ids: Option<Vec<u32>> =
            bare.split(['-', '–', ',', '/']).map(|id| id.strip_prefix('#').unwrap_or(id).parse().ok()).collect();
        match ids {
            // What ends in a percent or currency sign is no place.
            Some(ids)
                if (named || bare.starts_with('#'))
                    && !word.contains(['%', '€', '$', '£'])
                    && ids.iter().all(|id| known(*id)) => {}
            _ => {
                let lower = bare.to_lowercase();
                named = matches!(lower.as_str(), "segment" | "segments")
                    || named && matches!(lower.as_str(), "and" | "or" | "to");
                left.push(word);
            }
        }
    }
    left.join(" ")
}

/// A check about which nothing that can be used was said.
fn unsaid(check: &Check) -> Verified {
    Verified {
        result: CheckResult {
            id: check.id.clone(),
            name: check.name.clone(),
            kind: check.kind,
            weight: check.weight,
            verdict: Verdict::CannotAssess,
            level: None,
            reason: "The model gave no verdict that can be used.".to_owned(),
            advice: String::new(),
            evidence: Vec::new(),
        },
        sources: Vec::new(),
        dropped: 0,
        unproven: false,
    }
}

/// What is told where the model's own sentence cannot be shown.
fn plain_reason(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "The model finds that this was done.",
        Verdict::Unmet => "The model finds that this was not done.",
        Verdict::NotApplicable => "The model finds nothing in the call that calls for it.",
        Verdict::CannotAssess => "The model cannot tell from the words.",
    }
}

/// A sentence up to a word: half of a number would be another one.
fn short(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(SENTENCE) else { return text.to_owned() };
    let cut = &text[..end];
    let whole =
        if text[end..].starts_with(char::is_whitespace) { end } else { cut.rfind(char::is_whitespace).unwrap_or(end) };
    format!("{}…", cut[..whole].trim_end())
}
