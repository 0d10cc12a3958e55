//! Reads a transcript and a task out of a prompt. What is not understood is left out: a judge is no parser of ours.

use super::Prompt;
use crate::model::schema::Step;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use transcript::{Format, Participant, Segment, Side, Transcript};

/// Milliseconds taken for a word where nothing says when it ended.
const MS_PER_WORD: u64 = 375;

/// What a prompt is about.
pub(super) struct Reading {
    /// The conversation; its segments are counted from 1, whatever they are called in the prompt.
    pub transcript: Transcript,
    /// What each segment is called in the prompt.
    pub ids: Vec<u64>,
    /// Of the transcript's text.
    pub hash: [u8; 32],
    /// What is to be done.
    pub task: Option<Task>,
    /// What statements are to be held against: ids and words of sections.
    pub knowledge: Vec<(String, String)>,
}

/// What is to be done.
pub(super) enum Task {
    /// Judge these checks.
    Dimension(Vec<Check>),
    /// Say of each advice whether it was already followed: id and sentence.
    Advice(Vec<(String, String)>),
    /// Word these learning points and exercises: the material as the prompt has it.
    Insights(Value),
}

/// A check as the prompt has it.
pub(super) struct Check {
    pub id: String,
    pub kind: String,
    pub sentence: String,
}

impl Reading {
    /// Reads a prompt: the transcript is what stands first between its marks, the task what stands last between its own.
    pub(super) fn of(prompt: &Prompt) -> Self {
        let users = prompt.turns.iter().filter(|turn| turn.role == "user").map(|turn| turn.text.as_str());
        let text = users.collect::<Vec<_>>().join("\n");
        let (spoken, rest) = conversation(&text);
        let (transcript, ids) = read_transcript(spoken);
        let task = task_json(rest);
        Self {
            transcript,
            ids,
            hash: Sha256::digest(spoken.as_bytes()).into(),
            task: task.as_ref().and_then(|task| read_task(task, rest)),
            knowledge: task.as_ref().map(read_knowledge).unwrap_or_default(),
        }
    }

    /// What a segment of the transcript is called in the prompt, by its place.
    pub(super) fn id(&self, place: usize) -> u64 {
        self.ids.get(place).copied().unwrap_or_default()
    }

    /// Places and texts of the segments that our side says.
    pub(super) fn ours(&self) -> impl Iterator<Item = (usize, &str)> {
        let ours = |segment: &&Segment| self.transcript.side(segment) == Some(Side::Internal);
        self.transcript.segments.iter().filter(ours).map(|segment| (segment.id as usize - 1, segment.text.as_str()))
    }
}

/// The lines of the transcript, and what comes after them.
fn conversation(text: &str) -> (&str, &str) {
    let Some(start) = text.find("<transcript") else { return ("", text) };
    let Some(open) = text[start..].find('>') else { return ("", text) };
    let body = &text[start + open + 1..];
    match body.find("</transcript") {
        Some(end) => (&body[..end], &body[end..]),
        None => (body, body),
    }
}

fn task_json(text: &str) -> Option<Value> {
    let open = text.rfind("<task>")? + "<task>".len();
    let body = &text[open..];
    let body = body.find("</task>").map_or(body, |end| &body[..end]);
    serde_json::from_str(body.trim()).ok()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn read_knowledge(task: &Value) -> Vec<(String, String)> {
    let sections = task["knowledge"].as_array().into_iter().flatten();
    sections.map(|section| (text(section, "id"), text(section, "text"))).collect()
}

/// The task in a prompt; `rest` is what comes behind the transcript, where material stands.
fn read_task(task: &Value, rest: &str) -> Option<Task> {
    if task["write"].is_array() {
        return read_material(rest).map(Task::Insights);
    }
    if let Some(checks) = task["checks"].as_array() {
        let read = |check: &Value| Check {
            id: text(check, "id"),
            kind: text(check, "kind"),
            sentence: text(check, "sentence"),
        };
        return Some(Task::Dimension(checks.iter().map(read).collect()));
    }
    let advice = task["advice"].as_array()?;
    Some(Task::Advice(advice.iter().map(|advice| (text(advice, "id"), text(advice, "advice"))).collect()))
}

/// What stands between the marks of the material.
fn read_material(text: &str) -> Option<Value> {
    let start = text.find("<material")?;
    let open = start + text[start..].find('>')? + 1;
    let body = &text[open..];
    serde_json::from_str(body[..body.find("</material")?].trim()).ok()
}

fn read_transcript(text: &str) -> (Transcript, Vec<u64>) {
    let mut transcript = Transcript {
        format: Format::Json,
        participants: Vec::new(),
        segments: Vec::new(),
        warnings: Vec::new(),
        title: None,
        started_at: None,
        external_id: None,
        language: None,
        separate_channels: false,
    };
    let mut labels: HashMap<&str, usize> = HashMap::new();
    let mut ids = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(line) = line.strip_prefix('#') {
            let Some((id, segment)) = read_segment(line, &labels) else { continue };
            ids.push(id);
            transcript.segments.push(Segment { id: ids.len() as u32, ..segment });
        } else if let Some((label, who)) = line.split_once(" = ") {
            let (name, side) = who.rsplit_once(", ").unwrap_or((who, ""));
            let side = match side {
                "ours" => Some(Side::Internal),
                "customer" => Some(Side::External),
                _ => None,
            };
            labels.insert(label, transcript.participants.len());
            transcript.participants.push(Participant { name: name.to_owned(), side, ..Participant::default() });
        }
    }
    let mut next = None;
    for segment in transcript.segments.iter_mut().rev() {
        let Some(start) = segment.start_ms else { continue };
        let spoken = segment.text.split(' ').count() as u64 * MS_PER_WORD;
        segment.end_ms = Some(next.unwrap_or(start + spoken).max(start));
        next = Some(start);
    }
    (transcript, ids)
}

/// `17 1:02:09 A: Sure.`, behind the `#`.
fn read_segment(line: &str, labels: &HashMap<&str, usize>) -> Option<(u64, Segment)> {
    let (id, rest) = line.split_once(' ')?;
    let (time, rest) = rest.split_once(' ')?;
    let (speaker, text) = match rest.split_once(": ") {
        Some((label, text)) if labels.contains_key(label) => (labels.get(label).copied(), text),
        Some((label, text)) if label.len() <= 2 => (None, text),
        _ => (None, rest),
    };
    let start_ms = milliseconds(time);
    let segment = Segment {
        id: 0,
        speaker,
        start_ms,
        end_ms: None,
        text: text.to_owned(),
        estimated: start_ms.is_some(),
        confidence: None,
        topic: None,
    };
    (!segment.text.is_empty()).then_some((id.parse().ok()?, segment))
}

/// `m:ss` or `h:mm:ss`.
fn milliseconds(time: &str) -> Option<u64> {
    let parts = time.split(':').map(|part| part.parse::<u64>().ok());
    let parts: Vec<u64> = parts.collect::<Option<_>>()?;
    (parts.len() > 1).then(|| parts.iter().fold(0, |sum, part| sum * 60 + part) * 1000)
}

/// The deepest item of a list on a way into a value: the pointer to the list, and the place in it.
pub(super) fn item(path: &[Step]) -> Option<(String, usize)> {
    let (at, index) = path.iter().enumerate().rev().find_map(|(at, step)| match step {
        Step::Index(index) => Some((at, *index)),
        Step::Key(_) => None,
    })?;
    let mut list = String::new();
    for step in &path[..at] {
        let _ = match step {
            Step::Key(key) => write!(list, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => write!(list, "/{index}"),
        };
    }
    Some((list, index))
}
