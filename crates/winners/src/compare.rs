//! Won deals beside lost ones.

use crate::adjust::benjamini_hochberg;
use crate::clustered::{Cluster, Estimate, estimate};
use crate::student::{two_sided_p, two_sided_quantile};
use std::collections::BTreeMap;

/// Fewest closed deals with a value, on each side, for any number.
pub const MIN_DEALS: usize = 30;
/// Fewest reps who closed them, on each side. Degrees of freedom are fewer than reps, and with fewer than four of them Satterthwaite's t is
/// not to be relied on (Tipton, 2015, Psychological Methods 20); only from five reps on there can be as many.
pub const MIN_REPS: usize = 5;
/// Of all that is called a finding at most this share is expected to be chance. It is half of the usual 5 %: where nothing differs, anything is
/// found in as many teams as this share says, and that is to stay below 5 % when it is counted.
pub const MAX_Q: f64 = 0.025;
/// What an interval leaves out, both ends together.
pub(crate) const OUTSIDE: f64 = 0.05;
/// A standard error below this share of the values is what rounding leaves of nothing.
pub(crate) const ROUNDING: f64 = 1e-10;

/// A closed deal.
#[derive(Debug, Clone, PartialEq)]
pub struct Deal {
    /// Whose it is; any number, the same for all deals of a rep.
    pub rep: usize,
    /// Whether it was won; lost otherwise.
    pub won: bool,
    /// A value a feature, the mean of its calls; `None` where it is not known.
    pub values: Vec<Option<f64>>,
}

/// Deals on one side that have a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Side {
    /// How many.
    pub deals: usize,
    /// How many reps they are of.
    pub reps: usize,
}

/// A feature of won deals beside that of lost ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The won deals that have a value.
    pub won: Side,
    /// The lost ones.
    pub lost: Side,
    /// What came out, or why nothing can be said.
    pub result: Result<Difference, NotEnough>,
}

/// A difference in the feature's own unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Mean of the won deals, each counting once.
    pub won: f64,
    /// Mean of the lost ones.
    pub lost: f64,
    /// `won` − `lost`.
    pub difference: f64,
    /// Lower bound of the 95 % interval of the difference.
    pub low: f64,
    /// Upper bound. The interval speaks of this feature alone; 0 lies outside exactly where `p` is below 0.05.
    pub high: f64,
    /// Standard error, clustered by rep.
    pub standard_error: f64,
    /// Degrees of freedom: how many evenly matched reps the interval is worth.
    pub df: f64,
    /// How often chance alone would show as large a difference of this feature.
    pub p: f64,
    /// The same with regard to how many features were compared (Benjamini–Hochberg).
    pub q: f64,
    /// Whether it may be called a finding: `q` at most [`MAX_Q`].
    pub is_found: bool,
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEnough {
    /// A side has fewer than [`MIN_DEALS`] deals with a value.
    Deals {
        /// How many won deals have one.
        won: usize,
        /// How many lost ones.
        lost: usize,
    },
    /// The deals of a side are of fewer than [`MIN_REPS`] reps.
    Reps {
        /// Of how many the won deals are.
        won: usize,
        /// Of how many the lost ones.
        lost: usize,
    },
    /// The value is the same throughout, or won and lost deals of every rep differ by exactly the same: nothing by which chance could be measured.
    Same,
}

impl NotEnough {
    /// The reason, as a sentence.
    pub fn why(self) -> String {
        match self {
            Self::Deals { won, lost } => {
                format!(
                    "Not enough data: {won} won and {lost} lost deals have a value; {MIN_DEALS} of each are needed."
                )
            }
            Self::Reps { won, lost } => format!(
                "Not enough data: the won deals are of {won} reps and the lost ones of {lost}; {MIN_REPS} reps on each side are needed."
            ),
            Self::Same => "The value is the same throughout, so chance cannot be measured.".to_owned(),
        }
    }
}

/// Compares every feature. What can be tested is adjusted for how many features could be.
///
/// A value that is not a number counts as not known, and so does one that a shorter list lacks.
pub fn compare(deals: &[Deal]) -> Vec<Comparison> {
    let features = deals.iter().map(|deal| deal.values.len()).max().unwrap_or(0);
    let mut compared: Vec<Comparison> = (0..features).map(|feature| one(deals, feature)).collect();
    let p: Vec<f64> = compared.iter().filter_map(|c| c.result.as_ref().ok()).map(|d| d.p).collect();
    let found = compared.iter_mut().filter_map(|c| c.result.as_mut().ok());
    for (difference, q) in found.zip(benjamini_hochberg(&p)) {
        difference.q = q;
        difference.is_found = q <= MAX_Q;
    }
    compared
}

fn one(deals: &[Deal], feature: usize) -> Comparison {
    let mut by_rep: BTreeMap<usize, Cluster> = BTreeMap::new();
    let mut largest = 0.0_f64;
    for deal in deals {
        let Some(value) = deal.values.get(feature).copied().flatten().filter(|value| value.is_finite()) else {
            continue;
        };
        let cluster = by_rep.entry(deal.rep).or_default();
        let side = if deal.won { &mut cluster.won } else { &mut cluster.lost };
        side.add(value);
        largest = largest.max(value.abs());
    }
    let clusters: Vec<Cluster> = by_rep.into_values().collect();
    let side = |n: fn(&Cluster) -> usize| Side {
        deals: clusters.iter().map(n).sum(),
        reps: clusters.iter().filter(|cluster| n(cluster) > 0).count(),
    };
    let (won, lost) = (side(|cluster| cluster.won.n), side(|cluster| cluster.lost.n));
    let result = if won.deals.min(lost.deals) < MIN_DEALS {
        Err(NotEnough::Deals { won: won.deals, lost: lost.deals })
    } else if won.reps.min(lost.reps) < MIN_REPS {
        Err(NotEnough::Reps { won: won.reps, lost: lost.reps })
    } else {
        estimate(&clusters)
            .filter(|estimate| estimate.standard_error > largest * ROUNDING)
            .map(Difference::new)
            .ok_or(NotEnough::Same)
    };
    Comparison { won, lost, result }
}

impl Difference {
    /// Not adjusted yet.
    fn new(estimate: Estimate) -> Self {
        let difference = estimate.won - estimate.lost;
        let reach = estimate.standard_error * two_sided_quantile(OUTSIDE, estimate.df);
        let p = two_sided_p(difference / estimate.standard_error, estimate.df);
        Self {
            won: estimate.won,
            lost: estimate.lost,
            difference,
            low: difference - reach,
            high: difference + reach,
            standard_error: estimate.standard_error,
            df: estimate.df,
            p,
            q: p,
            is_found: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `n` deals a rep and side; the value of deal `i` of a rep.
    fn team(reps: usize, n: usize, value: impl Fn(usize, bool, usize) -> Option<f64>) -> Vec<Deal> {
        let mut deals = Vec::new();
        for rep in 0..reps {
            for won in [true, false] {
                deals.extend((0..n).map(|i| Deal { rep, won, values: vec![value(rep, won, i)] }));
            }
        }
        deals
    }

    fn only(deals: &[Deal]) -> Comparison {
        let compared = compare(deals);
        assert_eq!(compared.len(), 1);
        compared[0]
    }

    #[test]
    fn a_difference_is_that_of_the_means_of_deals() {
        let shares =
            |rep: usize, won: bool, i: usize| Some(f64::from(u8::from(won)) / 4.0 + (i % 2) as f64 / 2.0 + rep as f64);
        let found = only(&team(6, 6, shares));
        assert_eq!((found.won, found.lost), (Side { deals: 36, reps: 6 }, Side { deals: 36, reps: 6 }));
        assert_eq!(found.result, Err(NotEnough::Same), "each rep shows exactly the same difference");
        let slips = |rep: usize, won: bool, i: usize| {
            shares(rep, won, i).map(|v| if won && i == 0 { v + rep as f64 / 10.0 } else { v })
        };
        let difference = only(&team(6, 6, slips)).result.unwrap();
        // Lost: mean of rep + 1/4. Won: 1/4 more, and rep/10 more in every sixth deal.
        assert!((difference.lost - 2.75).abs() < 1e-12);
        assert!((difference.difference - (0.25 + 0.25 / 6.0)).abs() < 1e-12);
        assert!(difference.is_found && difference.low > 0.25 && difference.high < 0.35, "{difference:?}");
    }

    #[test]
    fn below_the_least_there_is_a_reason_and_no_number() {
        let value = |rep: usize, won: bool, i: usize| Some(((rep * 7 + i * 3 + usize::from(won) * rep) % 5) as f64);
        assert!(only(&team(5, 6, value)).result.is_ok(), "exactly enough");
        let short = only(&team(5, 6, |rep, won, i| value(rep, won, i).filter(|_| !won || rep + i > 0)));
        assert_eq!(short.result, Err(NotEnough::Deals { won: 29, lost: 30 }));
        assert!(short.result.unwrap_err().why().contains("29 won and 30 lost"));
        let few = only(&team(4, 20, value));
        assert_eq!(few.result, Err(NotEnough::Reps { won: 4, lost: 4 }));
        assert_eq!(only(&team(5, 6, |_, won, _| Some(f64::from(u8::from(won))))).result, Err(NotEnough::Same));
        assert_eq!(only(&team(6, 6, |_, _, _| Some(0.1))).result, Err(NotEnough::Same));
        let nan = only(&team(5, 6, |rep, won, i| if won { Some(f64::NAN) } else { value(rep, won, i) }));
        assert_eq!(nan.result, Err(NotEnough::Deals { won: 0, lost: 30 }));
        assert!(compare(&[]).is_empty());
    }

    #[test]
    fn what_cannot_be_tested_does_not_count_among_the_comparisons() {
        let value = |rep: usize, won: bool, i: usize| ((rep * 7 + i * 3) % 5 + usize::from(won) * (2 + rep % 3)) as f64;
        let mut deals = team(6, 6, |rep, won, i| Some(value(rep, won, i)));
        let alone = only(&deals).result.unwrap();
        assert!(alone.q <= alone.p);
        for deal in &mut deals {
            deal.values.extend([None, Some(1.0), deal.values[0].map(|v| v * 60_000.0)]);
        }
        let compared = compare(&deals);
        assert!(compared[1].result.is_err() && compared[2].result.is_err());
        let (first, scaled) = (compared[0].result.unwrap(), compared[3].result.unwrap());
        assert!((first.q - alone.p).abs() < 1e-12, "of two that are the same, both have the p for their q");
        assert!((first.p - scaled.p).abs() < 1e-12 * first.p, "no unit is better than another");
    }

    /// Enough deals, though for some features not.
    fn deals() -> impl Strategy<Value = Vec<Deal>> {
        let value = |known: f64| prop::option::weighted(known, -1e6..1e6_f64);
        let deal = (0..9_usize, any::<bool>(), (value(0.95), value(0.8), value(0.3)));
        let deal = deal.prop_map(|(rep, won, (a, b, c))| Deal { rep, won, values: vec![a, b, c] });
        prop::collection::vec(deal, 60..240)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn interval_p_and_q_agree(deals in deals()) {
            let compared = compare(&deals);
            let tested: Vec<Difference> = compared.iter().filter_map(|comparison| comparison.result.ok()).collect();
            let p: Vec<f64> = tested.iter().map(|d| d.p).collect();
            prop_assert_eq!(benjamini_hochberg(&p), tested.iter().map(|d| d.q).collect::<Vec<_>>());
            for comparison in compared {
                let Ok(d) = comparison.result else { continue };
                prop_assert!(d.low < d.difference && d.difference < d.high);
                prop_assert_eq!(d.p < OUTSIDE, d.low > 0.0 || d.high < 0.0);
                prop_assert!(d.p <= d.q + 1e-15 && d.q <= 1.0);
                prop_assert_eq!(d.is_found, d.q <= MAX_Q);
                prop_assert!(d.df > 0.0 && d.df < comparison.won.reps.max(comparison.lost.reps) as f64 + 1e-9);
            }
        }

        /// Neither the order of the deals nor the numbers of the reps say anything, and to exchange won and lost turns the sign.
        #[test]
        fn only_the_deals_count(mut deals in deals()) {
            let before = compare(&deals);
            deals.reverse();
            for deal in &mut deals {
                deal.rep = 1000 - deal.rep * 3;
                deal.won = !deal.won;
            }
            for (a, b) in before.iter().zip(compare(&deals)) {
                prop_assert_eq!((a.won, a.lost), (b.lost, b.won));
                let (Ok(a), Ok(b)) = (a.result, b.result) else { continue };
                prop_assert!((a.difference + b.difference).abs() < 1e-6 && (a.p - b.p).abs() < 1e-9, "{:?} {:?}", a, b);
            }
        }
    }
}
