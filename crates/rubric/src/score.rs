//! All arithmetic of scores. Judges give verdicts; numbers come from here.

use crate::{CheckResult, DimensionResult, Verdict};
use signals::figures::percent;

/// Least coverage at which a dimension shows a number.
pub const COVERAGE_MIN: f64 = 0.60;
/// Least share of all weight that the dimensions with a number must carry for an overall score.
const OVERALL_WEIGHT_MIN: f64 = 0.5;

/// Level 1..5 of a score: below 30, below 50, below 70, below 90, and from 90.
pub fn level_of(score: f64) -> u8 {
    match score {
        s if s < 30.0 => 1,
        s if s < 50.0 => 2,
        s if s < 70.0 => 3,
        s if s < 90.0 => 4,
        _ => 5,
    }
}

/// Score, coverage and level of the checks of a dimension.
///
/// Score = 100 · Σw(met) / Σw(met + unmet), a scale counting level/3 of its weight. Coverage = Σw(met + unmet) / Σw(not N/A); below
/// [`COVERAGE_MIN`] there is no score.
pub fn score_dimension(name: &str, title: &str, weight: f64, checks: Vec<CheckResult>) -> DimensionResult {
    let (mut met, mut judged, mut applicable) = (0.0, 0.0, 0.0);
    for check in &checks {
        let share = match (check.level, check.verdict) {
            (_, Verdict::NotApplicable) => continue,
            (_, Verdict::CannotAssess) => None,
            (Some(level), _) => Some(f64::from(level.min(3)) / 3.0),
            (None, Verdict::Met) => Some(1.0),
            (None, Verdict::Unmet) => Some(0.0),
        };
        applicable += check.weight;
        if let Some(share) = share {
            judged += check.weight;
            met += check.weight * share;
        }
    }
    let coverage = (applicable > 0.0).then(|| judged / applicable);
    let score = coverage.filter(|coverage| *coverage >= COVERAGE_MIN).map(|_| 100.0 * met / judged);
    let note = match (coverage, score) {
        (None, _) => Some(
            "Not applicable: nothing in this call calls for it; its weight goes to the other dimensions.".to_owned(),
        ),
        (Some(coverage), None) => Some(format!(
            "Insufficient evidence: {} of the checks could be judged, {} are needed for a score.",
            percent(coverage),
            percent(COVERAGE_MIN)
        )),
        _ => None,
    };
    let round = |value: f64, scale: f64| (value * scale).round() / scale;
    DimensionResult {
        name: name.to_owned(),
        title: title.to_owned(),
        weight,
        level: score.map(level_of),
        score: score.map(|score| round(score, 10.0)),
        coverage: coverage.map(|coverage| round(coverage, 1000.0)),
        note,
        checks,
    }
}

/// Overall score: the weighted mean of the dimensions with a number, so that the weight of the others is spread over these.
///
/// # Errors
/// The reason, as a sentence, when the dimensions with a number carry less than half of all weight.
pub fn score_overall(dimensions: &[DimensionResult]) -> Result<f64, String> {
    let all: f64 = dimensions.iter().map(|d| d.weight).sum();
    let (sum, weight) = dimensions
        .iter()
        .filter_map(|d| Some((d.score?, d.weight)))
        .fold((0.0, 0.0), |(sum, total), (score, weight)| (sum + score * weight, total + weight));
    if all <= 0.0 || weight < all * OVERALL_WEIGHT_MIN {
        let share = if all > 0.0 { weight / all } else { 0.0 };
        return Err(format!(
            "The dimensions with a score carry {} of the weight; an overall score needs half.",
            percent(share)
        ));
    }
    Ok((sum / weight * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CheckKind;
    use Verdict::{CannotAssess, Met, NotApplicable, Unmet};

    fn check(verdict: Verdict, weight: f64, level: Option<u8>) -> CheckResult {
        CheckResult {
            id: "x".into(),
            name: "X".into(),
            kind: CheckKind::Presence,
            weight,
            verdict,
            level,
            reason: String::new(),
            advice: String::new(),
            evidence: vec![],
        }
    }

    fn dimension(weight: f64, verdicts: &[Verdict]) -> DimensionResult {
        score_dimension("d", "D", weight, verdicts.iter().map(|v| check(*v, 1.0, None)).collect())
    }

    #[test]
    fn score_coverage_and_level() {
        let d = dimension(1.0, &[Met, Met, Unmet, CannotAssess]);
        assert_eq!((d.score, d.coverage, d.level), (Some(66.7), Some(0.75), Some(3)));
        let d = dimension(1.0, &[Met, Unmet, CannotAssess, CannotAssess]);
        assert_eq!((d.score, d.coverage, d.level), (None, Some(0.5), None));
        assert!(d.note.unwrap().contains("50 %"));
        let d = dimension(1.0, &[Met, Met, Met, CannotAssess, CannotAssess]);
        assert_eq!(d.score, Some(100.0), "0.60 itself is enough");
    }

    #[test]
    fn not_applicable_weight_is_left_out() {
        let d = dimension(1.0, &[Met, NotApplicable, NotApplicable]);
        assert_eq!((d.score, d.coverage), (Some(100.0), Some(1.0)));
        let d = dimension(1.0, &[NotApplicable]);
        assert_eq!((d.score, d.coverage), (None, None));
    }

    #[test]
    fn weights_and_scales() {
        let d = score_dimension("d", "D", 1.0, vec![check(Met, 3.0, None), check(Unmet, 1.0, None)]);
        assert_eq!(d.score, Some(75.0));
        let d = score_dimension("d", "D", 1.0, vec![check(Met, 1.0, Some(2)), check(Unmet, 1.0, Some(0))]);
        assert_eq!(d.score, Some(33.3));
    }

    #[test]
    fn levels_change_at_their_bounds() {
        assert_eq!([29.9, 30.0, 49.9, 50.0, 69.9, 70.0, 89.9, 90.0, 100.0].map(level_of), [1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }

    #[test]
    fn overall_needs_half_of_the_weight() {
        let scored = dimension(50.0, &[Met, Unmet]);
        let better = dimension(25.0, &[Met]);
        let none = dimension(25.0, &[NotApplicable]);
        assert_eq!(score_overall(&[scored.clone(), better, none.clone()]), Ok(66.7));
        assert_eq!(score_overall(&[scored, dimension(50.0, &[CannotAssess])]), Ok(50.0));
        assert!(
            score_overall(&[dimension(49.0, &[Met]), dimension(51.0, &[CannotAssess])]).unwrap_err().contains("49 %")
        );
    }
}
