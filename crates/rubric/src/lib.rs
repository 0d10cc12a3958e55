//! What good looks like: rubrics, verdicts, scores, evidence, flags, and the offline analyst that judges a call against a rubric.
//!
//! This crate is pure: a transcript with its labels and metrics in, a [`Report`] out; no files, no clock, no async.

pub mod analyst;
mod document;
mod evidence;
pub mod model;
mod report;
mod score;
mod trackers;
pub mod wording;

pub use document::{Check, CheckKind, Condition, Dimension, LevelText, Rubric, RubricError, builtin, json_schema};
pub use evidence::Evidence;
pub use report::{CallView, CheckResult, DimensionResult, Flag, FlagKind, Report, Verdict};
pub use score::{COVERAGE_MIN, level_of, score_dimension, score_overall};
pub use trackers::{TrackerHitView, TrackerView, tracker_views};

/// Whether the rubric of this id is for sales calls: every rubric but the one for service calls is.
#[must_use]
pub fn is_sales(id: &str) -> bool {
    id != "service"
}
