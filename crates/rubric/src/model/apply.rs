//! A report with the verdicts of a model in the place of the offline analyst's, and scores that wait until a person has looked.

use super::answer::Verified;
use crate::{CheckKind, CheckResult, DimensionResult, Report, Verdict, score_dimension, score_overall};
use std::collections::BTreeMap;

/// Why scores are withheld.
pub const WITHHELD: &str =
    "Withheld: words in this call speak to whoever judges it. A person has to look at them before the scores are told.";

/// What became of asking a model about a dimension: its verdicts, or why there are none, as a sentence.
pub type Outcome = Result<Vec<Verified>, String>;

/// Puts what a model found about dimensions (by their ids) in the place of what was there, and scores anew. What is computed stays as it is; of a
/// dimension that was asked for without success nothing is told but that.
pub fn apply(report: &mut Report, outcomes: &BTreeMap<String, Outcome>) {
    for dimension in &mut report.dimensions {
        let Some(outcome) = outcomes.get(&dimension.name) else { continue };
        let mut checks = std::mem::take(&mut dimension.checks);
        for check in checks.iter_mut().filter(|check| check.kind != CheckKind::Metric) {
            let found = outcome.as_ref().map(|all| all.iter().find(|verified| verified.result.id == check.id));
            *check = match found {
                Ok(Some(verified)) => verified.result.clone(),
                Ok(None) => unknown(check, "The model gave no verdict."),
                Err(why) => unknown(check, why),
            };
        }
        let scored = score_dimension(&dimension.name, &dimension.title, dimension.weight, checks);
        *dimension = match outcome {
            Ok(_) => scored,
            Err(why) => unscored(scored, &format!("Not judged: {why}")),
        };
    }
    sum_up(report);
}

/// Takes the scores out of a report, until [`score_anew`] puts them in.
pub fn withhold(report: &mut Report) {
    for dimension in &mut report.dimensions {
        let scored = std::mem::replace(dimension, empty());
        *dimension = if scored.score.is_some() { unscored(scored, WITHHELD) } else { scored };
    }
    report.overall_score = None;
    report.overall_note = Some(WITHHELD.to_owned());
}

/// The dimensions with the scores of their checks, but for those that `keep` their note; and the overall score, or why there is none.
pub fn score_anew(
    dimensions: Vec<DimensionResult>,
    keep: impl Fn(&DimensionResult) -> bool,
) -> (Vec<DimensionResult>, Result<f64, String>) {
    let anew = |dimension: DimensionResult| {
        if keep(&dimension) {
            return dimension;
        }
        score_dimension(&dimension.name, &dimension.title, dimension.weight, dimension.checks)
    };
    let dimensions: Vec<_> = dimensions.into_iter().map(anew).collect();
    let overall = score_overall(&dimensions);
    (dimensions, overall)
}

fn sum_up(report: &mut Report) {
    (report.overall_score, report.overall_note) = match score_overall(&report.dimensions) {
        Ok(score) => (Some(score), None),
        Err(why) => (None, Some(why)),
    };
}

fn unknown(check: &CheckResult, why: &str) -> CheckResult {
    CheckResult {
        verdict: Verdict::CannotAssess,
        level: None,
        reason: why.to_owned(),
        advice: String::new(),
        evidence: Vec::new(),
        ..check.clone()
    }
}

fn unscored(dimension: DimensionResult, why: &str) -> DimensionResult {
    DimensionResult { score: None, level: None, note: Some(why.to_owned()), ..dimension }
}

fn empty() -> DimensionResult {
    score_dimension("", "", 0.0, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analyst::analyse, builtin};
    use signals::labels::Labeler;

    fn report() -> Report {
        let call = "Dana: What does a late order cost you?\nRavi: About four hundred euros each time.\nDana: I see, thank you.\n";
        let mut call = transcript::parse(call.as_bytes(), None).unwrap();
        transcript::sides::assign(&mut call, &["Dana".to_owned()]).unwrap();
        analyse(&call, &builtin()[0], Labeler::builtin())
    }

    /// The model says this of every check it is asked about.
    fn says(report: &Report, dimension: usize, verdict: Verdict) -> Vec<Verified> {
        let all = report.dimensions[dimension].checks.iter().filter(|check| check.kind != CheckKind::Metric);
        let one = |check: &CheckResult| CheckResult { verdict, reason: "the model".to_owned(), ..check.clone() };
        all.map(|check| Verified { result: one(check), sources: Vec::new(), dropped: 0, unproven: false }).collect()
    }

    #[test]
    fn verdicts_of_the_model_count_and_what_is_computed_stays() {
        let mut report = report();
        let before = report.clone();
        let outcomes = [("discovery".to_owned(), Ok(says(&before, 0, Verdict::Met)))].into_iter().collect();
        apply(&mut report, &outcomes);
        for (check, old) in report.dimensions[0].checks.iter().zip(&before.dimensions[0].checks) {
            if check.kind == CheckKind::Metric {
                assert_eq!(check, old);
            } else {
                assert_eq!((check.verdict, check.reason.as_str()), (Verdict::Met, "the model"));
            }
        }
        assert_eq!(report.dimensions[1..], before.dimensions[1..], "nobody asked about the others");
        let expected = score_dimension("d", "D", 1.0, report.dimensions[0].checks.clone());
        assert_eq!(report.dimensions[0].score, expected.score);
        assert!(report.dimensions[0].score > before.dimensions[0].score);
    }

    #[test]
    fn a_dimension_without_an_answer_says_so_and_leaves_the_others() {
        let mut report = report();
        let outcomes = [
            ("discovery".to_owned(), Ok(says(&report, 0, Verdict::Met))),
            ("engagement".to_owned(), Err("the service is overloaded.".to_owned())),
        ];
        apply(&mut report, &outcomes.into_iter().collect());
        let failed = report.dimensions.iter().find(|dimension| dimension.name == "engagement").unwrap();
        assert_eq!((failed.score, failed.level), (None, None), "what was computed alone is no score of the dimension");
        assert_eq!(failed.note.as_deref(), Some("Not judged: the service is overloaded."));
        let asked: Vec<_> = failed.checks.iter().filter(|check| check.kind != CheckKind::Metric).collect();
        assert!(asked.iter().all(|c| c.verdict == Verdict::CannotAssess && c.reason.contains("overloaded")));
        assert!(report.dimensions[0].score.is_some());
    }

    #[test]
    fn scores_are_withheld_and_come_back_as_they_were() {
        let mut report = report();
        let all = (0..4).map(|at| (report.dimensions[at].name.clone(), Ok(says(&report, at, Verdict::Met))));
        let all: BTreeMap<_, _> = all.collect();
        apply(&mut report, &all);
        let scored = report.clone();
        assert!(scored.overall_score.is_some());
        withhold(&mut report);
        assert_eq!((report.overall_score, report.overall_note.as_deref()), (None, Some(WITHHELD)));
        assert!(report.dimensions.iter().all(|d| d.score.is_none() && d.level.is_none()));
        let (dimensions, overall) = score_anew(report.dimensions, |_| false);
        assert_eq!((dimensions, overall.ok()), (scored.dimensions, scored.overall_score));
    }
}
