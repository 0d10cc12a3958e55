//! The offline analyst: judges a call from labels and metrics, without any model.
//!
//! A check names its judge (by its id, or by `judge:`). A judge looks at the call through the crate's `View` and returns a verdict with a reason and the
//! sentences it rests on; quotes are cut out of the transcript here. What no judge can tell is `cannot_assess`, never guessed.
//!
//! To add a check: a function in `sales.rs` or `service.rs` and a line in `JUDGES`.

mod contradictions;
mod disputes;
mod facts;
mod flags;
mod measures;
mod objections;
mod outcomes;
mod questions;
mod renamed;
mod repeats;
mod resolution;
mod sales;
mod service;
mod tasks;
mod understanding;
mod unknowns;
mod values;
mod view;
mod words;

use crate::{
    Check, CheckKind, CheckResult, Dimension, DimensionResult, Report, Rubric, Verdict, score_dimension, score_overall,
};
pub use measures::{METRIC_FIELDS, title as metric_title, value as metric_value};
use signals::labels::{CallLabels, Labeler};
use signals::metrics::{Metrics, metrics};
use transcript::Transcript;
use view::View;
use words::Prepared;

/// Most sentences quoted for one verdict.
const MAX_EVIDENCE: usize = 3;

/// What a judge found.
struct Finding {
    verdict: Verdict,
    reason: String,
    /// Sentences it rests on, the strongest first.
    evidence: Vec<usize>,
}

impl Finding {
    fn new(verdict: Verdict, reason: impl Into<String>, evidence: impl IntoIterator<Item = usize>) -> Self {
        Self { verdict, reason: reason.into(), evidence: evidence.into_iter().collect() }
    }

    fn met(reason: impl Into<String>, evidence: impl IntoIterator<Item = usize>) -> Self {
        Self::new(Verdict::Met, reason, evidence)
    }

    fn unmet(reason: impl Into<String>, evidence: impl IntoIterator<Item = usize>) -> Self {
        Self::new(Verdict::Unmet, reason, evidence)
    }

    fn not_applicable(reason: impl Into<String>) -> Self {
        Self::new(Verdict::NotApplicable, reason, [])
    }

    fn cannot_assess(reason: impl Into<String>) -> Self {
        Self::new(Verdict::CannotAssess, reason, [])
    }
}

type Judge = fn(&View<'_>) -> Finding;

/// The judges by name.
const JUDGES: &[(&str, Judge)] = &[
    ("agenda_set", sales::agenda_set),
    ("pain_followed_up", sales::pain_followed_up),
    ("impact_quantified", sales::impact_quantified),
    ("decision_process", sales::decision_process),
    ("need_linked", sales::need_linked),
    ("proof_given", sales::proof_given),
    ("answered_directly", sales::answered_directly),
    ("no_contradiction", sales::no_contradiction),
    ("unknowns_followed_up", unknowns::unknowns_followed_up),
    ("objection_acknowledged", objections::acknowledged),
    ("objection_clarified", objections::clarified),
    ("objection_evidence", objections::evidence),
    ("objection_confirmed", objections::confirmed),
    ("no_premature_concession", objections::no_premature_concession),
    ("recap_given", sales::recap_given),
    ("next_step_dated", sales::next_step_dated),
    ("customer_agreed", sales::customer_agreed),
    ("request_understood", understanding::request_understood),
    ("no_repeated_questions", service::no_repeated_questions),
    ("facts_consistent", service::facts_consistent),
    ("questions_answered", service::questions_answered),
    ("resolved_or_owned", outcomes::resolved_or_owned),
    ("further_help_offered", service::further_help_offered),
];

/// Whether the offline analyst has a judge of this name.
pub fn is_judge(name: &str) -> bool {
    JUDGES.iter().any(|(judge, _)| *judge == name)
}

/// Names of all judges.
pub fn judge_names() -> Vec<&'static str> {
    JUDGES.iter().map(|(name, _)| *name).collect()
}

const NOT_UNDERSTOOD: &str = "The call is not in English, the only language whose words the offline analyst understands; a language model or a person \
     has to judge it.";

/// What every judgement rests on; `then` looks at the call through it.
fn viewed<T>(
    transcript: &Transcript,
    labeler: &Labeler,
    then: impl FnOnce(&View<'_>) -> T,
) -> (T, CallLabels, Metrics) {
    let mut labels = labeler.label_call(transcript);
    let prepared = Prepared::new(transcript, &labels);
    // Judges look at what was prepared, and metrics need no words.
    labels.forget_words();
    let metrics = metrics(transcript, &labels);
    let result = then(&View::new(transcript, &labels, &metrics, labeler, prepared));
    (result, labels, metrics)
}

fn dimensions(view: &View<'_>, rubric: &Rubric) -> Vec<DimensionResult> {
    let dimension = |dimension: &Dimension| {
        let checks = dimension.checks.iter().map(|check| judge(view, check)).collect();
        score_dimension(&dimension.id, &dimension.name, dimension.weight, checks)
    };
    rubric.dimensions.iter().map(dimension).collect()
}

/// The dimensions and metrics of [`analyse`] alone: half of the time goes into flags.
pub fn judge_checks(transcript: &Transcript, rubric: &Rubric, labeler: &Labeler) -> (Vec<DimensionResult>, Metrics) {
    let (dimensions, _, metrics) = viewed(transcript, labeler, |view| dimensions(view, rubric));
    (dimensions, metrics)
}

/// Judges a call against a rubric. What needs to know who is on our side is `cannot_assess` where the sides are not set.
pub fn analyse(transcript: &Transcript, rubric: &Rubric, labeler: &Labeler) -> Report {
    let serves = rubric.dimensions.iter().flat_map(|d| &d.checks).any(|c| judge_of(c) == "resolved_or_owned");
    let ((dimensions, flags, is_understood), labels, metrics) = viewed(transcript, labeler, |view| {
        let flags = if view.sides_known && view.understood { flags::raise(view, serves) } else { Vec::new() };
        (dimensions(view, rubric), flags, view.understood)
    });
    let (overall_score, overall_note) = match score_overall(&dimensions) {
        Ok(score) => (Some(score), None),
        Err(_) if !is_understood => (None, Some(NOT_UNDERSTOOD.to_owned())),
        Err(reason) => (None, Some(reason)),
    };
    Report {
        rubric: rubric.id.clone(),
        rubric_name: rubric.name.clone(),
        rubric_version: rubric.version,
        analyst: "offline".into(),
        trackers: crate::tracker_views(transcript, &labels, labeler),
        dimensions,
        flags,
        overall_score,
        overall_note,
        metrics,
    }
}

/// Name of the judge of a check.
fn judge_of(check: &Check) -> &str {
    check.judge.as_deref().unwrap_or(&check.id)
}

fn judge(view: &View<'_>, check: &Check) -> CheckResult {
    let finding = if !view.sides_known {
        Finding::cannot_assess("It is not known who is on our side and who is the customer.")
    } else if check.kind == CheckKind::Metric {
        metric(view, check)
    } else if !view.understood {
        Finding::cannot_assess(NOT_UNDERSTOOD)
    } else {
        let name = judge_of(check);
        match JUDGES.iter().find(|(judge, _)| *judge == name) {
            Some((_, judge)) => judge(view),
            None => Finding::cannot_assess(
                "The offline analyst has no rule for this check; a language model or a person has to judge it.",
            ),
        }
    };
    let advice = match finding.verdict {
        Verdict::Unmet => check.advice.clone(),
        Verdict::Met => check.keep.clone(),
        Verdict::NotApplicable | Verdict::CannotAssess => String::new(),
    };
    CheckResult {
        id: check.id.clone(),
        name: check.name.clone(),
        kind: check.kind,
        weight: check.weight,
        verdict: finding.verdict,
        level: None,
        reason: finding.reason,
        advice,
        evidence: finding.evidence.iter().take(MAX_EVIDENCE).map(|index| view.evidence(*index)).collect(),
    }
}

/// Shortest call, in minutes, for which `at_least` holds as written.
const FULL_CALL_MIN: f64 = 20.0;

fn metric(view: &View<'_>, check: &Check) -> Finding {
    let Some(condition) = &check.condition else {
        return Finding::cannot_assess("The check has no condition.");
    };
    let value = if condition.metric == "unannounced_silence_ms" {
        service::unannounced_silence_ms(view)
    } else {
        measures::value(view.metrics, &condition.metric)
    };
    let Some(value) = value else {
        let reason = view
            .metrics
            .unavailable
            .get(condition.metric.as_str())
            .map_or("The source does not support this metric.", String::as_str);
        return Finding::cannot_assess(reason);
    };
    let short = condition
        .short_call_one_per_minutes
        .zip(view.metrics.duration_ms)
        .map(|(per, duration)| (per, duration as f64 / 60_000.0))
        .filter(|(_, minutes)| *minutes < FULL_CALL_MIN);
    // How much may be wanted of a call goes by its length; where that is not known only the least of it can be wanted.
    if let (Some(least), Some(_), None) =
        (condition.at_least, condition.short_call_one_per_minutes, view.metrics.duration_ms)
        && (1.0..least).contains(&value)
    {
        return Finding::cannot_assess(format!(
            "{}: {}; how many are to be wanted goes by the length of the call, which is not known.",
            measures::title(&condition.metric),
            show(&condition.metric, value)
        ));
    }
    let (met, wanted) = match (condition.at_least, condition.at_most, short) {
        (Some(least), _, None) => {
            (value >= least, format!("at least {} {} wanted", show(&condition.metric, least), plural_are(least)))
        }
        (Some(least), _, Some((per, minutes))) => {
            let scaled = (minutes / per).floor().clamp(1.0, least);
            (
                value >= scaled,
                format!(
                    "at least {} {} wanted in a call of {}",
                    show(&condition.metric, scaled),
                    plural_are(scaled),
                    if minutes < 1.5 { "a minute".to_owned() } else { format!("{minutes:.0} minutes") }
                ),
            )
        }
        (None, Some(most), _) => (value <= most, format!("the limit is {}", show(&condition.metric, most))),
        (None, None, _) => return Finding::cannot_assess("The check's condition has no bound."),
    };
    let reason = format!("{}: {}; {wanted}.", measures::title(&condition.metric), show(&condition.metric, value));
    let verdict = if met { Verdict::Met } else { Verdict::Unmet };
    Finding::new(verdict, reason, service::metric_evidence(view, &condition.metric))
}

fn plural_are(count: f64) -> &'static str {
    if (count - 1.0).abs() < f64::EPSILON { "is" } else { "are" }
}

/// A value in the unit people read.
fn show(field: &str, value: f64) -> String {
    if field.ends_with("_ms") {
        if value < 10_000.0 {
            format!("{:.1} s", value / 1000.0)
        } else if value < 120_000.0 {
            format!("{:.0} s", value / 1000.0)
        } else {
            format!("{:.1} min", value / 60_000.0)
        }
    } else if field.ends_with("_ratio") {
        signals::figures::percent(value)
    } else if field.ends_with("_count") {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_fairness;
#[cfg(test)]
mod tests_outcomes;
