//! `sideline label`: one line of standard input, one line of JSON.

use super::console::{stdout, write_json};
use super::sides::side_of_label;
use super::{Failure, Status};
use serde::{Deserialize, Serialize, Serializer};
use signals::labels::{CallLabels, Label, LabelSet, Labeler, ObjectionKind, QuestionKind};
use signals::sentiment::{spoken, vader};
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Write};
use transcript::char_offset;

const BUFFER: usize = 1 << 16;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A line is plain text, or an object with \"text\" and, where known, \"previous\" (what the other side said before it) and
\"speaker\" (internal, external, or a role such as agent or customer). Results come as soon as their line does.

Examples:
  echo 'That is more than we budgeted for.' | sideline label
  echo '{\"text\":\"Not this year.\",\"previous\":\"Shall we start?\",\"speaker\":\"customer\"}' | sideline label
  sideline label --only sentiment < lines.txt")]
pub struct Args {
    /// Print this field only, and compute nothing else
    #[arg(long, value_enum, value_name = "FIELD")]
    only: Option<Field>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Field {
    Sentiment,
    Objection,
    Question,
    Trackers,
}

/// An input line that is an object.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    previous: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    speaker: Option<Cow<'a, str>>,
}

/// Everything about a line. The sentences of a line are merged.
#[derive(Serialize)]
struct Found<'a> {
    sentiment: f64,
    sentiment_spoken: f64,
    objection: Option<ObjectionKind>,
    question: Option<QuestionKind>,
    trackers: Vec<Hit<'a>>,
    commitment: bool,
    next_step: Option<NextStep>,
    labels: Names,
}

#[derive(Serialize)]
struct NextStep {
    dated: bool,
}

#[derive(Serialize)]
struct Hit<'a> {
    id: &'a str,
    name: &'a str,
    offset: usize,
    length: usize,
    quote: &'a str,
}

/// A set of labels as the list of their names.
struct Names(LabelSet);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Label::as_str))
    }
}

/// One field of [`Found`].
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Only<'a> {
    Sentiment(f64),
    Objection(Option<ObjectionKind>),
    Question(Option<QuestionKind>),
    Trackers(Vec<Hit<'a>>),
}

#[derive(Serialize)]
struct Broken {
    error: String,
}

/// Labels standard input line by line.
pub fn run(args: &Args) -> Result<Status, Failure> {
    label_lines(&mut BufReader::with_capacity(BUFFER, io::stdin().lock()), &mut stdout(), args.only)
}

fn label_lines<R: io::Read>(
    input: &mut BufReader<R>,
    out: &mut impl Write,
    only: Option<Field>,
) -> Result<Status, Failure> {
    let mut status = Status::Done;
    let mut bytes = Vec::new();
    let mut number = 0_u64;
    loop {
        // The next line is not here yet: hand over what is done before waiting for it.
        if !input.buffer().contains(&b'\n') {
            out.flush()?;
        }
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        number += 1;
        let line = String::from_utf8_lossy(bytes.trim_ascii());
        if line.starts_with('{') {
            match serde_json::from_str::<Line<'_>>(&line) {
                Ok(line) => write_labels(out, &line, only)?,
                Err(error) => {
                    status = Status::Failed;
                    let what = error.to_string();
                    let what = what.split(" at line ").next().unwrap_or_default();
                    write_json(
                        out,
                        &Broken {
                            error: format!(
                                "line {number}: {what}; expected {{\"text\", \"previous\", \"speaker\"}} or plain text"
                            ),
                        },
                        false,
                    )?;
                }
            }
        } else {
            write_labels(out, &Line { text: line, previous: None, speaker: None }, only)?;
        }
    }
    Ok(status)
}

fn write_labels(out: &mut impl Write, line: &Line<'_>, only: Option<Field>) -> io::Result<()> {
    let text: &str = &line.text;
    if let Some(Field::Sentiment) = only {
        return write_json(out, &Only::Sentiment(vader(text).compound), false);
    }
    let labeler = Labeler::builtin();
    let side = line.speaker.as_deref().and_then(side_of_label);
    let found = labeler.label_line(text, line.previous.as_deref(), side);
    match only {
        Some(Field::Sentiment) => Ok(()),
        Some(Field::Objection) => write_json(out, &Only::Objection(objection(&found)), false),
        Some(Field::Question) => write_json(out, &Only::Question(question(&found)), false),
        Some(Field::Trackers) => write_json(out, &Only::Trackers(trackers(labeler, text, &found)), false),
        None => write_json(out, &labels(labeler, text, &found), false),
    }
}

fn labels<'a>(labeler: &'a Labeler, text: &'a str, found: &CallLabels) -> Found<'a> {
    let mut union = LabelSet::default();
    let mut next_step = None;
    for sentence in &found.sentences {
        for label in sentence.labels.iter() {
            union.insert(label);
        }
        if sentence.labels.has(Label::NextStep) {
            let dated = sentence.dated || matches!(next_step, Some(NextStep { dated: true }));
            next_step = Some(NextStep { dated });
        }
    }
    Found {
        sentiment: vader(text).compound,
        // As many places as VADER's.
        sentiment_spoken: (spoken(text) * 1e4).round() / 1e4,
        objection: objection(found),
        question: question(found),
        trackers: trackers(labeler, text, found),
        commitment: union.has(Label::Commitment),
        next_step,
        labels: Names(union),
    }
}

fn objection(found: &CallLabels) -> Option<ObjectionKind> {
    found.sentences.iter().find_map(|sentence| sentence.objection)
}

fn question(found: &CallLabels) -> Option<QuestionKind> {
    found.sentences.iter().find_map(|sentence| sentence.question)
}

fn trackers<'a>(labeler: &'a Labeler, text: &'a str, found: &CallLabels) -> Vec<Hit<'a>> {
    let hit = |hit: &signals::labels::TrackerHit| {
        let tracker = &labeler.trackers().trackers()[usize::from(hit.tracker)];
        let quote = &text[hit.start..hit.end];
        Hit {
            id: &tracker.id,
            name: &tracker.name,
            offset: char_offset(text, hit.start),
            length: quote.chars().count(),
            quote,
        }
    };
    found.hits.iter().map(hit).collect()
}
