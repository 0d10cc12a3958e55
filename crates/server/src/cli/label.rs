//! `sideline label`: one line of standard input, one line of JSON.

use super::console::{stdout, write_json};
use super::sides::side_of_label;
use super::trackers::TrackersArgs;
use super::{Failure, Status};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::error::Category;
use signals::dates::date_words;
use signals::labels::{CallLabels, Label, LabelSet, Labeler, ObjectionKind, QuestionKind};
use signals::sentiment::{spoken, vader};
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Write};
use transcript::char_offset;
use transcript::redact::{RedactKind, RedactKinds, Redacted, redact_text};

const BUFFER: usize = 1 << 16;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A line is plain text, or an object with \"text\" and, where known, \"previous\" (what the other side said before it) \
and \"speaker\" (internal, external, or a role such as agent or customer). Results come as soon as their line does.

Examples:
  echo 'That is more than we budgeted for.' | sideline label
  echo '{\"text\":\"Not this year.\",\"speaker\":\"customer\"}' | sideline label
  sideline label --only sentiment < lines.txt
  echo 'My PIN is four eight two one.' | sideline label --redact=default,email")]
pub struct Args {
    /// Print this field only, and compute nothing else
    #[arg(long, value_enum, value_name = "FIELD")]
    only: Option<Field>,
    /// Replace personal data before labelling, and print the text: payment and identity numbers, or the kinds given
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, default_missing_value = "default")]
    redact: Option<RedactKinds>,
    #[command(flatten)]
    trackers: TrackersArgs,
}

/// The fields of [`Found`], named as in JSON. The text after redaction is printed beside any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Field {
    Sentiment,
    SentimentSpoken,
    Objection,
    Question,
    Answer,
    Trackers,
    Commitment,
    NextStep,
    Labels,
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
    /// Whether the line answers the question before it; null where the line before asks nothing or is not given.
    answer: Option<bool>,
    trackers: Vec<Hit<'a>>,
    commitment: bool,
    next_step: Option<NextStep<'a>>,
    labels: Names,
}

/// The line after redaction, of which all offsets tell, before what else there is to print.
#[derive(Serialize)]
struct WithText<'a, T> {
    text: &'a str,
    redacted: Vec<Place>,
    #[serde(flatten)]
    rest: T,
}

/// A placeholder; offset and length count characters of the redacted text.
#[derive(Serialize)]
struct Place {
    kind: RedactKind,
    offset: usize,
    length: usize,
}

#[derive(Serialize)]
struct NextStep<'a> {
    dated: bool,
    /// The words that name the date.
    when: Option<&'a str>,
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
    Answer(Option<bool>),
    Trackers(Vec<Hit<'a>>),
    SentimentSpoken(f64),
    Commitment(bool),
    NextStep(Option<NextStep<'a>>),
    Labels(Names),
}

#[derive(Serialize)]
struct Broken {
    error: String,
}

/// Labels standard input line by line.
pub fn run(args: &Args) -> Result<Status, Failure> {
    let own = args.trackers.labeler()?;
    let mut input = BufReader::with_capacity(BUFFER, io::stdin().lock());
    label_lines(&mut input, &mut stdout(), own.as_ref(), args)
}

/// `own` stands in for the built-in labeler, which is only made when something asks for it.
fn label_lines<R: io::Read>(
    input: &mut BufReader<R>,
    out: &mut impl Write,
    own: Option<&Labeler>,
    args: &Args,
) -> Result<Status, Failure> {
    let mut status = Status::Done;
    let mut bytes = Vec::new();
    let mut found = CallLabels::default();
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
                Ok(line) => write_labels(out, &mut found, &line, own, args)?,
                Err(error) => {
                    status = Status::Failed;
                    let mut error = format!("line {number}: {}", explain(&error));
                    // It may quote the value that does not fit.
                    if let Some(kinds) = args.redact {
                        error = redact_text(&error, None, kinds).text;
                    }
                    write_json(out, &Broken { error }, false)?;
                }
            }
        } else {
            write_labels(out, &mut found, &Line { text: line, previous: None, speaker: None }, own, args)?;
        }
    }
    Ok(status)
}

/// What is wrong with an object, and how to write it.
fn explain(error: &serde_json::Error) -> String {
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    let what = match error.classify() {
        Category::Eof => "the object breaks off; a quotation mark or the closing `}` is missing".to_owned(),
        Category::Data => format!("the object does not fit ({what})"),
        Category::Syntax | Category::Io => {
            format!("this begins like an object and is no JSON ({what} at character {})", error.column())
        }
    };
    format!("{what}; write {{\"text\": \"…\"}} with strings, if known also \"previous\" and \"speaker\", or plain text")
}

/// `found` is a buffer.
fn write_labels(
    out: &mut impl Write,
    found: &mut CallLabels,
    line: &Line<'_>,
    own: Option<&Labeler>,
    args: &Args,
) -> io::Result<()> {
    let previous = line.previous.as_deref();
    let redacted = args.redact.map(|kinds| redact_text(&line.text, previous, kinds));
    let text: &str = redacted.as_ref().map_or(&line.text, |redacted| &redacted.text);
    match args.only {
        Some(Field::Sentiment) => return write(out, &Only::Sentiment(vader(text).compound), redacted.as_ref()),
        Some(Field::SentimentSpoken) => {
            return write(out, &Only::SentimentSpoken(rounded_spoken(text)), redacted.as_ref());
        }
        _ => {}
    }
    let labeler = match own {
        Some(own) => own,
        None => Labeler::builtin(),
    };
    let side = line.speaker.as_deref().and_then(side_of_label);
    labeler.label_line_into(found, text, previous, side);
    let Some(field) = args.only else { return write(out, &labels(labeler, text, found), redacted.as_ref()) };
    let only = match field {
        Field::Sentiment => Only::Sentiment(vader(text).compound),
        Field::SentimentSpoken => Only::SentimentSpoken(rounded_spoken(text)),
        Field::Objection => Only::Objection(objection(found)),
        Field::Question => Only::Question(question(found)),
        Field::Answer => Only::Answer(answer(found)),
        Field::Trackers => Only::Trackers(trackers(labeler, text, found)),
        Field::Commitment => Only::Commitment(union(found).has(Label::Commitment)),
        Field::NextStep => Only::NextStep(next_step(text, found)),
        Field::Labels => Only::Labels(Names(union(found))),
    };
    write(out, &only, redacted.as_ref())
}

/// Writes a line of JSON, with the text where it was redacted.
fn write(out: &mut impl Write, rest: &impl Serialize, redacted: Option<&Redacted>) -> io::Result<()> {
    let Some(redacted) = redacted else { return write_json(out, rest, false) };
    let text = redacted.text.as_str();
    // Characters are counted on from the place before, so that a long line takes linear time.
    let (mut byte, mut offset) = (0, 0);
    let places = redacted.spans.iter().map(|span| {
        offset += text[byte..span.start].chars().count();
        byte = span.start;
        Place { kind: span.kind, offset, length: text[span.start..span.end].chars().count() }
    });
    write_json(out, &WithText { text, redacted: places.collect(), rest }, false)
}

fn labels<'a>(labeler: &'a Labeler, text: &'a str, found: &CallLabels) -> Found<'a> {
    let union = union(found);
    Found {
        sentiment: vader(text).compound,
        sentiment_spoken: rounded_spoken(text),
        objection: objection(found),
        question: question(found),
        answer: answer(found),
        trackers: trackers(labeler, text, found),
        commitment: union.has(Label::Commitment),
        next_step: next_step(text, found),
        labels: Names(union),
    }
}

/// As many places as VADER's.
fn rounded_spoken(text: &str) -> f64 {
    (spoken(text) * 1e4).round() / 1e4
}

fn union(found: &CallLabels) -> LabelSet {
    let mut union = LabelSet::default();
    for label in found.sentences.iter().flat_map(|sentence| sentence.labels.iter()) {
        union.insert(label);
    }
    union
}

/// The first step with a date, else the first one.
fn next_step<'a>(text: &'a str, found: &CallLabels) -> Option<NextStep<'a>> {
    let mut steps = found.sentences.iter().filter(|sentence| sentence.labels.has(Label::NextStep)).peekable();
    steps.peek()?;
    let when = steps.find_map(|step| {
        let tokens = &found.tokens[step.tokens()];
        let words = &tokens[date_words(text, tokens)?];
        Some(&text[words.first()?.start as usize..words.last()?.end()])
    });
    Some(NextStep { dated: when.is_some(), when })
}

fn objection(found: &CallLabels) -> Option<ObjectionKind> {
    found.sentences.iter().find_map(|sentence| sentence.objection)
}

fn question(found: &CallLabels) -> Option<QuestionKind> {
    found.sentences.iter().find_map(|sentence| sentence.question)
}

fn answer(found: &CallLabels) -> Option<bool> {
    found.sentences.iter().filter_map(|sentence| sentence.answer).reduce(|all, answers| all || answers)
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
