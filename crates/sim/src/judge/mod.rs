//! Who answers in the simulators of language models.
//!
//! A judge reads the transcript and the task out of the prompt and answers in the task's form:
//!
//! ```text
//! <transcript 3f9a0c12d4e5>
//! A = Dana Whitlock, ours
//! B = Piotr Lind, customer
//! #1 0:00 A: Hello, thanks for taking the time.
//! </transcript 3f9a0c12d4e5>
//! <task>{"dimension": "discovery", "checks": [{"id", "kind", "sentence"}]}</task>
//! ```
//!
//! Learning points and exercises stand as JSON between marks of their own, and are worded:
//!
//! ```text
//! <material 3f9a0c12d4e5>
//! {"points": [{"id", "about", "moments": [{"id", "words"}]}], "exercises": [{"id", "point", "practise", "sign"}]}
//! </material 3f9a0c12d4e5>
//! <task>{"write": ["p1", "e1"]}</task>
//! ```
//!
//! What has no task is answered by a short text, or by the simplest value that fits the schema.

mod dice;
mod lying;
mod obeying;
mod reading;
mod scripted;
mod wording;

use crate::model::schema::{misfits, sample, shape};
pub(crate) use dice::Dice;
use reading::{Reading, Task};
use rubric::CheckResult;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signals::labels::Labeler;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What the model reads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prompt {
    /// The system text.
    pub system: String,
    /// The turns of the conversation.
    pub turns: Vec<Turn>,
    /// The schema of the answer, where the request has one.
    pub schema: Option<Value>,
}

/// A turn of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// `user`, `assistant` or `tool`.
    pub role: String,
    /// Its text, the parts joined by line feeds.
    pub text: String,
}

/// A judge of a test's own.
type Own = Arc<dyn Fn(&Prompt) -> Value + Send + Sync>;

/// Who answers.
#[derive(Clone)]
pub enum Judge {
    /// Judges by the offline analyst where it knows the check, else by the words of the check's sentence, and tells of segments that speak to it.
    Scripted,
    /// The same, but it does what a segment tells it.
    Obeying,
    /// Says what nobody said, about what nobody asked; each seed its own way.
    Lying(u64),
    /// Always this.
    Fixed(Value),
    /// What a closure says.
    By(Own),
}

impl Judge {
    /// What a closure says: a string as it is, anything else as JSON.
    pub fn by(answer: impl Fn(&Prompt) -> Value + Send + Sync + 'static) -> Self {
        Self::By(Arc::new(answer))
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scripted => f.write_str("Scripted"),
            Self::Obeying => f.write_str("Obeying"),
            Self::Lying(seed) => write!(f, "Lying({seed})"),
            Self::Fixed(value) => write!(f, "Fixed({value})"),
            Self::By(_) => f.write_str("By(…)"),
        }
    }
}

/// An answer, before it is checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The JSON that it is, where it is JSON.
    pub value: Option<Value>,
    /// The words that it is otherwise.
    words: String,
}

impl Answer {
    /// As the model says it.
    pub(crate) fn text(&self) -> String {
        self.value.as_ref().map_or_else(|| self.words.clone(), Value::to_string)
    }
}

/// What the offline analyst says about transcripts, by their hash; it says it once.
type Known = Mutex<HashMap<[u8; 32], Arc<Vec<CheckResult>>>>;

/// Transcripts that are remembered; then all are forgotten.
const MOST_KNOWN: usize = 64;

/// A judge at work.
#[derive(Debug)]
pub(crate) struct Judging {
    judge: Mutex<Judge>,
    known: Known,
}

impl Judging {
    pub(crate) fn new(judge: Judge) -> Self {
        if !matches!(judge, Judge::Fixed(_) | Judge::By(_)) {
            // What the analyst needs is read once, and not while the first request waits.
            std::thread::spawn(Labeler::builtin);
        }
        Self { judge: Mutex::new(judge), known: Known::default() }
    }

    /// From now on somebody else judges.
    pub(crate) fn set(&self, judge: Judge) {
        *self.judge.lock().unwrap_or_else(PoisonError::into_inner) = judge;
    }

    /// Answers a prompt.
    pub(crate) fn answer(&self, prompt: &Prompt) -> Answer {
        let judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let own = match &judge {
            Judge::Fixed(value) => Some(value.clone()),
            Judge::By(own) => Some(own(prompt)),
            _ => None,
        };
        if let Some(own) = own {
            return match own {
                Value::String(words) if prompt.schema.is_none() => Answer { value: None, words },
                value => Answer { value: Some(value), words: String::new() },
            };
        }
        let reading = Reading::of(prompt);
        let value = match (&reading.task, &prompt.schema) {
            (Some(task), schema) => {
                let value = self.judge(&judge, &reading, task, prompt);
                Some(match schema {
                    Some(schema) => fitted(value, schema),
                    None => value,
                })
            }
            (None, Some(schema)) => Some(sample(schema)),
            (None, None) => None,
        };
        Answer { value, words: small_talk(prompt) }
    }

    fn judge(&self, judge: &Judge, reading: &Reading, task: &Task, prompt: &Prompt) -> Value {
        let checks = match task {
            Task::Dimension(checks) => checks,
            Task::Advice(advice) => {
                return match judge {
                    Judge::Obeying => obeying::advice(reading, advice),
                    Judge::Lying(seed) => lying::advice(reading, advice, *seed, hash(prompt)),
                    _ => scripted::advice(reading, advice),
                };
            }
            Task::Insights(material) => {
                return match judge {
                    Judge::Obeying => wording::obeying(material),
                    Judge::Lying(seed) => wording::lying(material, *seed, hash(prompt)),
                    _ => wording::scripted(material),
                };
            }
        };
        let known = self.known(reading);
        match judge {
            Judge::Obeying => obeying::dimension(reading, checks, &known),
            Judge::Lying(seed) => lying::dimension(reading, checks, &known, *seed, hash(prompt)),
            _ => scripted::dimension(reading, checks, &known),
        }
    }

    /// What the offline analyst says about this transcript.
    fn known(&self, reading: &Reading) -> Arc<Vec<CheckResult>> {
        let key = reading.hash;
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&key) {
            return found.clone();
        }
        // Meanwhile others may ask; at worst two find out the same.
        let found = Arc::new(scripted::analyse(&reading.transcript));
        let mut known = known();
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key, found.clone());
        found
    }
}

/// The answer as the schema allows it: first shaped, then without the items that do not fit.
fn fitted(value: Value, schema: &Value) -> Value {
    let mut value = shape(value, schema);
    loop {
        let found = misfits(&value, schema);
        let item = found.iter().find_map(|misfit| reading::item(&misfit.path));
        let Some((list, index)) = item else { return value };
        let removed = value.pointer_mut(&list).and_then(Value::as_array_mut).map(|list| list.remove(index));
        if removed.is_none() {
            return value;
        }
    }
}

fn hash(prompt: &Prompt) -> u64 {
    let mut hash = Sha256::new();
    for turn in &prompt.turns {
        hash.update(&turn.text);
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// An answer to nothing in particular.
fn small_talk(prompt: &Prompt) -> String {
    let asked = prompt.turns.last().map(|turn| turn.text.as_str()).unwrap_or_default();
    let begin: String = asked.chars().take(60).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let after = prompt.turns.iter().filter(|turn| turn.role == "tool").count();
    match after {
        0 => format!("This is a simulated answer. You said: {begin}"),
        _ => format!("This is a simulated answer after the tool. It said: {begin}"),
    }
}

/// The form of an answer to a dimension.
fn verdicts(checks: &[Value], instructions: &[Value]) -> Value {
    json!({ "checks": checks, "instructions": instructions })
}

#[cfg(test)]
mod tests;
