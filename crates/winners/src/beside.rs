//! One rep's deals beside those that top performers won.

use crate::clustered::{Cluster, Sum, estimate};
use crate::compare::{MIN_DEALS, OUTSIDE};
use crate::student::two_sided_quantile;

/// Fewest values for a mean.
pub const MIN_SHOWN: usize = 5;

/// Values of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// How many deals have a value.
    pub n: usize,
    /// Their mean; `None` below [`MIN_SHOWN`].
    pub mean: Option<f64>,
}

/// A feature of one rep's deals beside that of others'.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    /// The rep's.
    pub own: Group,
    /// The others'.
    pub others: Group,
    /// The rep's mean less the others'; where both are known.
    pub difference: Option<f64>,
    /// 95 % interval of the difference; where both sides have [`MIN_DEALS`] values that are not all the same. It speaks of the deals of these very
    /// people: what other reps do does not follow from it, and it is not adjusted for how many features are compared.
    pub interval: Option<(f64, f64)>,
}

/// Compares every feature of two lists of deals: values as in [`crate::Deal`]; a call that belongs to no deal stands for itself.
///
/// The interval takes each deal for itself: one rep cannot be told from chance by how reps differ, so the statistic is that of
/// [`crate::compare`] with every deal a cluster of its own, which is Welch's.
pub fn beside(own: &[Vec<Option<f64>>], others: &[Vec<Option<f64>>]) -> Vec<Beside> {
    let features = own.iter().chain(others).map(Vec::len).max().unwrap_or(0);
    (0..features)
        .map(|feature| {
            let values = |deals: &[Vec<Option<f64>>]| -> Vec<f64> {
                deals.iter().filter_map(|deal| deal.get(feature).copied().flatten()).filter(|v| v.is_finite()).collect()
            };
            one(&values(own), &values(others))
        })
        .collect()
}

fn one(own: &[f64], others: &[f64]) -> Beside {
    let group = |values: &[f64]| Group {
        n: values.len(),
        mean: (values.len() >= MIN_SHOWN).then(|| values.iter().sum::<f64>() / values.len() as f64),
    };
    let (own_group, others_group) = (group(own), group(others));
    let difference = own_group.mean.zip(others_group.mean).map(|(own, others)| own - others);
    let largest = own.iter().chain(others).fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let single = |value: &f64| Sum { n: 1, total: *value };
    let clusters: Vec<Cluster> = own
        .iter()
        .map(|value| Cluster { won: single(value), lost: Sum::default() })
        .chain(others.iter().map(|value| Cluster { won: Sum::default(), lost: single(value) }))
        .collect();
    let interval = (own.len().min(others.len()) >= MIN_DEALS)
        .then(|| estimate(&clusters))
        .flatten()
        .filter(|estimate| estimate.standard_error > largest * crate::compare::ROUNDING)
        .zip(difference)
        .map(|(estimate, difference)| {
            let reach = estimate.standard_error * two_sided_quantile(OUTSIDE, estimate.df);
            (difference - reach, difference + reach)
        });
    Beside { own: own_group, others: others_group, difference, interval }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deals(values: impl IntoIterator<Item = f64>) -> Vec<Vec<Option<f64>>> {
        values.into_iter().map(|value| vec![Some(value)]).collect()
    }

    fn waves(n: usize, around: f64) -> Vec<Vec<Option<f64>>> {
        deals((0..n).map(|i| around + f64::from((i % 3) as u32) - 1.0))
    }

    #[test]
    fn means_need_five_and_an_interval_thirty() {
        let few = beside(&waves(4, 2.0), &waves(30, 1.0))[0];
        assert_eq!((few.own, few.difference, few.interval), (Group { n: 4, mean: None }, None, None));
        let some = beside(&waves(6, 2.0), &waves(30, 1.0))[0];
        assert_eq!((some.own.mean, some.difference, some.interval), (Some(2.0), Some(1.0), None));
        let (low, high) = beside(&waves(30, 2.0), &waves(30, 1.0))[0].interval.unwrap();
        // Both variances are 20/29, so t has 58 degrees of freedom: 2.00172 · √(2 · 20/29 / 30).
        assert!((low - 0.570_79).abs() < 1e-4 && (high - 1.429_21).abs() < 1e-4, "{low} {high}");
    }

    #[test]
    fn what_is_not_known_or_does_not_differ_has_no_interval() {
        let mut own = waves(40, 2.0);
        for deal in own.iter_mut().take(11) {
            deal[0] = None;
        }
        assert_eq!(beside(&own, &waves(40, 1.0))[0].own.n, 29);
        assert_eq!(beside(&own, &waves(40, 1.0))[0].interval, None);
        let same = beside(&deals([1.0; 40]), &deals([0.0; 40]))[0];
        assert_eq!((same.difference, same.interval), (Some(1.0), None));
        assert!(beside(&[], &[]).is_empty());
    }
}
