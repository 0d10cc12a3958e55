//! What a model is asked: the rules, the transcript as data, the task, and the shape of the answer.
//!
//! The prompt has the same bytes for the same input, and its first part is the same for all dimensions of a call, so that a provider keeps it.

use crate::{CheckKind, Dimension};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signals::figures::clock;
use std::fmt::Write as _;
use std::ops::Range;
use transcript::{Segment, Side, Transcript};

/// The rules: `prompts/judge.md`.
pub const SYSTEM: &str = include_str!("../../../../prompts/judge.md");

/// Counted up when the form of transcript, task or answer changes; the rules are hashed as they are.
const FORM: u32 = 1;

/// A section of what is known of the product, for the model to hold statements against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its id, by which an answer names it.
    pub id: String,
    /// Where it stands: document and heading.
    pub title: String,
    /// Its words.
    pub text: String,
}

/// SHA-256 of everything in a prompt that does not come from the call: an answer to another prompt is another answer.
#[must_use]
pub fn version() -> String {
    hex(&Sha256::new().chain_update(FORM.to_le_bytes()).chain_update(SYSTEM).finalize())
}

/// SHA-256 of what a model sees of these segments of a call.
#[must_use]
pub fn transcript_hash(transcript: &Transcript, range: Range<usize>) -> String {
    hex(&Sha256::digest(transcript_block(transcript, range)))
}

/// The speakers and the segments of this range, one line each, between marks that no line of it can imitate: a line begins with a letter or `#`
/// that we write, and `<` is replaced in what people say.
#[must_use]
pub fn transcript_block(transcript: &Transcript, range: Range<usize>) -> String {
    let mut lines = String::new();
    let mut named = vec![false; transcript.participants.len()];
    for speaker in transcript.segments[range.clone()].iter().filter_map(|segment| segment.speaker) {
        named[speaker] = true;
    }
    for (speaker, person) in transcript.participants.iter().enumerate().filter(|(speaker, _)| named[*speaker]) {
        let side = match person.side {
            Some(Side::Internal) => "ours",
            Some(Side::External) => "customer",
            None => "unknown",
        };
        let _ = writeln!(lines, "{} = {}, {side}", letter(speaker), plain(&person.name));
    }
    for segment in &transcript.segments[range] {
        lines.push_str(&line(segment));
    }
    let id = &hex(&Sha256::digest(&lines))[..12];
    format!("<transcript {id}>\n{lines}</transcript {id}>")
}

/// A segment as the model sees it.
#[must_use]
pub fn line(segment: &Segment) -> String {
    let who = segment.speaker.map_or_else(|| "?".to_owned(), letter);
    format!(
        "#{} {} {who}: {}\n",
        segment.id,
        segment.start_ms.map_or_else(|| "-".to_owned(), clock),
        plain(&segment.text)
    )
}

/// On one line, and without the mark that begins and ends a block.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('<', "‹")
}

/// A, B … Z, AA, AB …
fn letter(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (number % 26) as u8));
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// The checks of a dimension that a model judges: all but those that are computed.
pub fn asked(dimension: &Dimension) -> impl Iterator<Item = &crate::Check> {
    dimension.checks.iter().filter(|check| check.kind != CheckKind::Metric)
}

/// The task of judging a dimension.
#[must_use]
pub fn task(dimension: &Dimension, knowledge: &[Section]) -> String {
    let checks: Vec<Value> = asked(dimension)
        .map(|check| json!({ "id": check.id, "kind": check.kind, "sentence": check.sentence }))
        .collect();
    let mut task = json!({
        "dimension": dimension.id,
        "name": dimension.name,
        "description": dimension.description,
        "checks": checks,
    });
    if !knowledge.is_empty() {
        task["knowledge"] = json!(knowledge);
    }
    wrapped(&task)
}

/// The task of looking whether our side already did what is advised; pairs of id and advice.
#[must_use]
pub fn advice_task(advice: &[(&str, &str)]) -> String {
    let advice: Vec<Value> = advice.iter().map(|(id, advice)| json!({ "id": id, "advice": advice })).collect();
    wrapped(&json!({ "advice": advice }))
}

fn wrapped(task: &Value) -> String {
    format!("<task>\n{}\n</task>", task.to_string().replace('<', "\\u003c"))
}

/// The JSON Schema of every answer: the same for all tasks, because what a provider remembers of a prompt begins with the schema (measured with
/// Anthropic's service; `OpenAI`'s documentation says so), so that another one would share nothing. Only what all providers understand is in it: no
/// bounds of numbers and lengths. Which ids were asked for is checked by [`super::answer`].
#[must_use]
pub fn schema() -> Value {
    let check = json!({
        "id": { "type": "string" },
        "verdict": { "type": "string", "enum": ["met", "unmet", "not_applicable", "cannot_assess"] },
        "level": { "anyOf": [{ "type": "integer", "enum": [0, 1, 2, 3] }, { "type": "null" }] },
        "evidence": cited(),
        "reason": { "type": "string" },
        "advice": { "type": "string" },
        "sources": { "type": "array", "items": { "type": "string" } },
    });
    let done = json!({ "id": { "type": "string" }, "done": { "type": "boolean" }, "evidence": cited() });
    object(&json!({
        "checks": { "type": "array", "items": object(&check) },
        "advice": { "type": "array", "items": object(&done) },
        "instructions": cited(),
    }))
}

fn cited() -> Value {
    json!({ "type": "array", "items": object(&json!({ "segment": { "type": "integer" }, "quote": { "type": "string" } })) })
}

/// An object that has all of these and nothing else.
fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().map(|all| all.keys().collect()).unwrap_or_default();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin;

    fn call() -> Transcript {
        let json = r#"[{"speaker":"Dana","start_ms":0,"end_ms":900,"text":"Hello </transcript> there,\nAva."},
            {"speaker":"Ava","start_ms":3729000,"end_ms":3730000,"text":"Hi."},
            {"speaker":"Dana","start_ms":3731000,"end_ms":3732000,"text":"Bye."}]"#;
        let mut call = transcript::parse(json.as_bytes(), None).unwrap();
        transcript::sides::assign(&mut call, &["Dana".to_owned()]).unwrap();
        call
    }

    #[test]
    fn a_transcript_is_lines_that_nobody_can_imitate() {
        let block = transcript_block(&call(), 0..3);
        let id = block.strip_prefix("<transcript ").unwrap()[..12].to_owned();
        let expected = format!(
            "<transcript {id}>\nA = Dana, ours\nB = Ava, customer\n#1 0:00 A: Hello ‹/transcript> there, Ava.\n\
             #2 1:02:09 B: Hi.\n#3 1:02:11 A: Bye.\n</transcript {id}>"
        );
        assert_eq!(block, expected);
        assert_eq!(transcript_block(&call(), 0..3), block);
        let window = transcript_block(&call(), 1..2);
        assert!(!window.contains("Dana") && window.contains("\n#2 1:02:09 B: Hi.\n"), "{window}");
        assert_ne!(transcript_hash(&call(), 0..3), transcript_hash(&call(), 0..2));
    }

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letter), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn what_is_computed_is_not_asked_for() {
        let rubrics = builtin();
        let discovery = &rubrics[0].dimensions[0];
        let task = task(discovery, &[]);
        let inner = task.strip_prefix("<task>\n").unwrap().strip_suffix("\n</task>").unwrap();
        let task: Value = serde_json::from_str(inner).unwrap();
        let ids: Vec<&str> = task["checks"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["agenda_set", "pain_followed_up", "impact_quantified", "decision_process"]);
        assert!(task.get("knowledge").is_none());
    }

    #[test]
    fn every_object_of_a_schema_is_closed() {
        fn closed(schema: &Value) -> usize {
            let here = usize::from(schema["type"] == "object");
            if here == 1 {
                assert_eq!(schema["additionalProperties"], json!(false), "{schema}");
                assert_eq!(
                    schema["required"].as_array().unwrap().len(),
                    schema["properties"].as_object().unwrap().len()
                );
            }
            here + match schema {
                Value::Object(all) => all.values().map(closed).sum::<usize>(),
                Value::Array(all) => all.iter().map(closed).sum(),
                _ => 0,
            }
        }
        assert_eq!(closed(&schema()), 6);
    }
}
