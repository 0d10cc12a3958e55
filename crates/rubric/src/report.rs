//! The report: what the analyst found, dimension by dimension.

use crate::{CheckKind, Evidence};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use signals::metrics::Metrics;
use std::borrow::Cow;
use transcript::{Side, Transcript};

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What the check asks for is so.
    Met,
    /// It is not so.
    Unmet,
    /// The check does not apply to this call.
    NotApplicable,
    /// This analyst cannot tell.
    CannotAssess,
}

impl Verdict {
    /// Name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "unmet",
            Self::NotApplicable => "not_applicable",
            Self::CannotAssess => "cannot_assess",
        }
    }
}

/// One check of one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Id in the rubric.
    pub id: String,
    /// Name in the rubric.
    pub name: String,
    /// Kind in the rubric.
    pub kind: CheckKind,
    /// Weight in the rubric.
    pub weight: f64,
    /// The outcome.
    pub verdict: Verdict,
    /// For a scale: 0 to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Why, in a sentence.
    pub reason: String,
    /// What to do, in a sentence; empty where there is nothing to advise.
    pub advice: String,
    /// The words it rests on.
    pub evidence: Vec<Evidence>,
}

/// One dimension of one call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionResult {
    /// Id in the rubric.
    pub name: String,
    /// Name in the rubric, for people.
    pub title: String,
    /// Weight in the rubric.
    pub weight: f64,
    /// 0..100, or null below the least coverage or where nothing applies.
    pub score: Option<f64>,
    /// Share of the applicable weight that could be judged, 0..1; null where nothing applies.
    pub coverage: Option<f64>,
    /// 1..5 by the score.
    pub level: Option<u8>,
    /// Why there is no score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The checks in the rubric's order.
    pub checks: Vec<CheckResult>,
}

/// What stands beside the scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// Our side asks again for what the customer has said.
    RepeatedQuestion,
    /// Our side states a fact that contradicts what was said.
    ContradictedFact,
    /// A question of the customer stays without an answer.
    UnansweredQuestion,
    /// A request of the customer is neither done nor owned.
    UnresolvedRequest,
    /// A promise that must not be made.
    CompliancePhrase,
    /// Words that speak to whoever judges the call.
    InstructionToJudge,
}

impl FlagKind {
    /// Name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RepeatedQuestion => "repeated_question",
            Self::ContradictedFact => "contradicted_fact",
            Self::UnansweredQuestion => "unanswered_question",
            Self::UnresolvedRequest => "unresolved_request",
            Self::CompliancePhrase => "compliance_phrase",
            Self::InstructionToJudge => "instruction_to_judge",
        }
    }
}

/// Something a coach should look at, whatever the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// What it is.
    pub kind: FlagKind,
    /// What was found, in a sentence.
    pub reason: String,
    /// The words it rests on, in order: first what was said, then what contradicts or repeats it.
    pub evidence: Vec<Evidence>,
}

/// A call as a report shows it; written as it is serialised, since a call can be as large as memory allows.
///
/// `{"title", "started_at", "external_id", "format", "participants", "segments", "warnings"}`; a segment is
/// `{"id", "speaker", "side", "start_ms", "end_ms", "text", "estimated"}`.
#[derive(Debug, Clone, Copy)]
pub struct CallView<'a>(pub &'a Transcript);

#[derive(Serialize)]
struct SegmentView<'a> {
    id: u32,
    speaker: Option<&'a str>,
    side: Option<Side>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
    text: &'a str,
    estimated: bool,
}

struct Segments<'a>(&'a Transcript);

impl Serialize for Segments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(transcript) = *self;
        serializer.collect_seq(transcript.segments.iter().map(|segment| SegmentView {
            id: segment.id,
            speaker: transcript.speaker_name(segment),
            side: transcript.side(segment),
            start_ms: segment.start_ms,
            end_ms: segment.end_ms,
            text: &segment.text,
            estimated: segment.estimated,
        }))
    }
}

impl Serialize for CallView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(transcript) = *self;
        let mut call = serializer.serialize_struct("call", 7)?;
        call.serialize_field("title", &transcript.title)?;
        call.serialize_field("started_at", &transcript.started_at)?;
        call.serialize_field("external_id", &transcript.external_id)?;
        call.serialize_field("format", transcript.format.as_str())?;
        call.serialize_field("participants", &transcript.participants)?;
        call.serialize_field("segments", &Segments(transcript))?;
        call.serialize_field("warnings", &transcript.warnings)?;
        call.end()
    }
}

/// A call judged against a rubric; the call itself is shown by [`CallView`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Id of the rubric.
    pub rubric: String,
    /// Name of the rubric, for people.
    pub rubric_name: String,
    /// Version of the rubric.
    pub rubric_version: u32,
    /// Who judged: `offline`.
    pub analyst: Cow<'static, str>,
    /// The numbers.
    pub metrics: Metrics,
    /// The trackers that were heard.
    pub trackers: Vec<crate::TrackerView>,
    /// The dimensions in the rubric's order.
    pub dimensions: Vec<DimensionResult>,
    /// What stands beside the scores.
    pub flags: Vec<Flag>,
    /// 0..100: weighted mean of the dimensions that have a number, if these carry at least half of all weight.
    pub overall_score: Option<f64>,
    /// Why there is no overall score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall_note: Option<String>,
}
