//! Small calls for the tests.

use super::{Metrics, metrics};
use crate::labels::{CallLabels, Labeler, ObjectionKind, QuestionKind, Sentence};
use transcript::{Format, Participant, Segment, Side, Transcript};

pub(super) type Who = Option<usize>;
pub(super) const REP: Who = Some(0);
pub(super) const CUSTOMER: Who = Some(1);
/// A second one of ours.
pub(super) const ENGINEER: Who = Some(2);
/// A second one of theirs.
pub(super) const BUYER: Who = Some(3);
/// Somebody with a name, of whom it is not known on which side.
pub(super) const STRANGER: Who = Some(4);
pub(super) const NOBODY: Who = None;

/// Who, start and end in milliseconds, words.
pub(super) type Line<'a> = (Who, u64, u64, &'a str);

/// A call on one channel; lines are in order of their start.
pub(super) fn call(lines: &[Line<'_>]) -> Transcript {
    let (ours, theirs) = (Some(Side::Internal), Some(Side::External));
    let people = [("Rep", ours), ("Customer", theirs), ("Engineer", ours), ("Buyer", theirs), ("Stranger", None)];
    let segment = |(id, (speaker, start, end, text)): (u32, &Line<'_>)| Segment {
        id,
        speaker: *speaker,
        start_ms: Some(*start),
        end_ms: Some(*end),
        text: (*text).to_owned(),
        estimated: false,
        confidence: None,
        topic: None,
    };
    Transcript {
        format: Format::Json,
        participants: people
            .map(|(name, side)| Participant { name: name.to_owned(), side, ..Participant::default() })
            .to_vec(),
        segments: (1..).zip(lines).map(segment).collect(),
        warnings: Vec::new(),
        title: None,
        started_at: None,
        external_id: None,
        language: None,
        separate_channels: false,
    }
}

/// The metrics of a call in which nobody asks, objects or hesitates.
pub(super) fn measured(lines: &[Line<'_>]) -> Metrics {
    metrics(&call(lines), &CallLabels::default())
}

/// A sentence of a segment (index), in which nobody asks, objects or hesitates.
pub(super) fn sentence(segment: usize) -> Sentence {
    let said = Labeler::builtin().label_line("There are two of them.", None, None).sentences.into_iter().next();
    let said = said.expect("one sentence");
    Sentence { segment: segment as u32, start: 0, end: 0, question: None, objection: None, fillers: 0, ..said }
}

pub(super) fn asks(segment: usize, question: QuestionKind) -> Sentence {
    Sentence { question: Some(question), ..sentence(segment) }
}

pub(super) fn objects(segment: usize) -> Sentence {
    Sentence { objection: Some(ObjectionKind::Price), ..sentence(segment) }
}

pub(super) fn labelled(sentences: Vec<Sentence>) -> CallLabels {
    CallLabels { sentences, ..CallLabels::default() }
}
