//! What is compared: the checks of a rubric and the metrics of a call, each as one number.

use rubric::analyst::{METRIC_FIELDS, metric_title, metric_value};
use rubric::{DimensionResult, Rubric, Verdict};
use signals::metrics::Metrics;

/// A metric that rests on the labels of a call as well, so that a call that is kept does not have it.
const NOT_KEPT: &str = "unannounced_silence_ms";

/// Where a feature comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A check of the rubric: 1 met, 0 unmet, a third of the level on a scale.
    Check,
    /// A metric of the call.
    Metric,
}

/// What the values of a feature count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 0 to 1: the share of the calls in which a check is met, or a ratio.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// How many a call.
    Count,
    /// How many a minute.
    PerMinute,
    /// How many in thirty minutes.
    PerThirtyMinutes,
}

/// Something that a call has more or less of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Id of the check in its rubric, or field of the metrics; unique together with `kind`.
    pub id: String,
    /// Which of the two.
    pub kind: Kind,
    /// What its values count.
    pub unit: Unit,
    /// Name for people.
    pub label: String,
}

impl Kind {
    /// Name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Metric => "metric",
        }
    }
}

impl Unit {
    /// Name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Milliseconds => "ms",
            Self::Count => "count",
            Self::PerMinute => "per_min",
            Self::PerThirtyMinutes => "per_30_min",
        }
    }

    fn of(field: &str) -> Self {
        if field.ends_with("_ms") {
            Self::Milliseconds
        } else if field.ends_with("_ratio") {
            Self::Share
        } else if field.ends_with("_30_min") {
            Self::PerThirtyMinutes
        } else if field.ends_with("_count") {
            Self::Count
        } else {
            Self::PerMinute
        }
    }
}

/// All that is compared under a rubric: its checks in its order, then the metrics.
pub fn features(rubric: &Rubric) -> Vec<Feature> {
    let checks = rubric.dimensions.iter().flat_map(|dimension| &dimension.checks).map(|check| Feature {
        id: check.id.clone(),
        kind: Kind::Check,
        unit: Unit::Share,
        label: check.name.clone(),
    });
    let metrics = METRIC_FIELDS.iter().filter(|field| **field != NOT_KEPT).map(|field| Feature {
        id: (*field).to_owned(),
        kind: Kind::Metric,
        unit: Unit::of(field),
        label: metric_title(field).to_owned(),
    });
    checks.chain(metrics).collect()
}

/// The value of a verdict, with its level on a scale; `None` where the check does not apply or cannot be judged.
pub fn verdict_value(verdict: Verdict, level: Option<u8>) -> Option<f64> {
    match (verdict, level) {
        (Verdict::NotApplicable | Verdict::CannotAssess, _) => None,
        (_, Some(level)) => Some(f64::from(level.min(3)) / 3.0),
        (Verdict::Met, None) => Some(1.0),
        (Verdict::Unmet, None) => Some(0.0),
    }
}

/// The values of a call, one a feature, from what is kept of it: verdict and level of a check by id (`None` where it was not judged), value
/// of a metric by field.
pub fn values(
    features: &[Feature],
    verdict: impl Fn(&str) -> Option<(Verdict, Option<u8>)>,
    metric: impl Fn(&str) -> Option<f64>,
) -> Vec<Option<f64>> {
    let value = |feature: &Feature| match feature.kind {
        Kind::Check => verdict(&feature.id).and_then(|(verdict, level)| verdict_value(verdict, level)),
        Kind::Metric => metric(&feature.id),
    };
    features.iter().map(value).collect()
}

/// The values of a call that was judged just now, from its dimensions and metrics.
pub fn of_judged(features: &[Feature], dimensions: &[DimensionResult], metrics: &Metrics) -> Vec<Option<f64>> {
    let verdict = |id: &str| {
        let check = dimensions.iter().flat_map(|dimension| &dimension.checks).find(|check| check.id == id)?;
        Some((check.verdict, check.level))
    };
    values(features, verdict, |field| metric_value(metrics, field))
}

/// The values of a deal: feature by feature the mean of those calls that have one.
pub fn average(calls: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let features = calls.iter().map(Vec::len).max().unwrap_or(0);
    (0..features)
        .map(|feature| {
            let known: Vec<f64> = calls.iter().filter_map(|call| call.get(feature).copied().flatten()).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn rubric(id: &str) -> Rubric {
        rubric::builtin().into_iter().find(|rubric| rubric.id == id).unwrap().clone()
    }

    fn verdict(word: &str) -> Verdict {
        [Verdict::Met, Verdict::Unmet, Verdict::NotApplicable].into_iter().find(|v| v.as_str() == word).unwrap()
    }

    #[test]
    fn checks_come_before_metrics_and_each_once() {
        let features = features(&rubric("default"));
        assert_eq!((features[0].id.as_str(), features[0].label.as_str()), ("agenda_set", "Agenda set"));
        let first = features.iter().position(|f| f.kind == Kind::Metric).unwrap();
        assert!(features[first..].iter().all(|f| f.kind == Kind::Metric && f.id != NOT_KEPT));
        assert_eq!(features.len() - first, METRIC_FIELDS.len() - 1);
        let pause = features.iter().find(|f| f.id == "pause_after_objection_ms").unwrap();
        assert_eq!((pause.unit, pause.label.as_str()), (Unit::Milliseconds, "Pause after objections"));
        let unit = |id: &str| features.iter().find(|f| f.id == id).unwrap().unit;
        assert_eq!(unit("talk_ratio"), Unit::Share);
        assert_eq!(unit("question_count"), Unit::Count);
        assert_eq!(unit("questions_per_30_min"), Unit::PerThirtyMinutes);
        assert_eq!([unit("words_per_minute"), unit("filler_per_min")], [Unit::PerMinute; 2]);
        assert_eq!(features.iter().map(|f| (f.kind, &f.id)).collect::<HashSet<_>>().len(), features.len());
    }

    #[test]
    fn a_call_has_a_value_only_where_it_could_be_judged() {
        let features = features(&rubric("default"));
        let verdicts = [("agenda_set", "met"), ("open_questions", "unmet"), ("proof_given", "not_applicable")];
        let values = values(
            &features,
            |id| verdicts.iter().find(|(check, _)| *check == id).map(|(_, word)| (verdict(word), None)),
            |field| (field == "talk_ratio").then_some(0.4),
        );
        let known: Vec<(&str, f64)> =
            features.iter().zip(&values).filter_map(|(f, v)| Some((f.id.as_str(), (*v)?))).collect();
        assert_eq!(known, [("agenda_set", 1.0), ("open_questions", 0.0), ("talk_ratio", 0.4)]);
        assert_eq!(verdict_value(Verdict::Met, Some(2)), Some(2.0 / 3.0));
        assert_eq!(verdict_value(Verdict::CannotAssess, Some(0)), None);
    }

    #[test]
    fn a_deal_is_the_mean_of_the_calls_that_have_a_value() {
        let calls = [vec![Some(1.0), None, Some(3.0)], vec![Some(0.0), None], vec![Some(0.5), None, None]];
        assert_eq!(average(&calls), [Some(0.5), None, Some(3.0)]);
        assert!(average(&[]).is_empty());
    }
}
