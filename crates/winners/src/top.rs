//! Top performers, by how they did in an earlier period than the one whose calls are looked at: chosen by the same deals, the comparison would
//! be circular.

/// Fewest closed deals by which a rep is chosen. Few of them weigh little anyway: it is the lower bound of their interval that counts.
pub const MIN_CLOSED: usize = 5;
/// One in so many of the reps who can be chosen is.
const SHARE: usize = 4;
/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// What a rep closed in the earlier period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Who; any number, unique.
    pub rep: usize,
    /// Deals won.
    pub won: usize,
    /// Deals won or lost.
    pub closed: usize,
}

/// 95 % interval of a share by Wilson's score (1927); the whole of 0 to 1 where there is nothing.
pub fn wilson(part: usize, all: usize) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let n = all as f64;
    let share = part as f64 / n;
    let centre = share + Z * Z / (2.0 * n);
    let reach = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let bound = |value: f64| (value / (1.0 + Z * Z / n)).clamp(0.0, 1.0);
    (bound(centre - reach), bound(centre + reach))
}

/// The reps who won the largest share, the best first: a quarter of those who closed at least [`MIN_CLOSED`] deals, rounded down, but at least
/// one. `asked` is who is to be compared with them and is never one of them. Empty where nobody closed enough.
///
/// The share is the lower bound of its Wilson interval, so that few deals do not make anybody the best; equal ones go by deals closed, then by
/// the smaller number.
pub fn performers(records: &[Record], asked: Option<usize>) -> Vec<usize> {
    let mut ranked: Vec<(f64, &Record)> = records
        .iter()
        .filter(|record| record.closed >= MIN_CLOSED && Some(record.rep) != asked)
        .map(|record| (wilson(record.won.min(record.closed), record.closed).0, record))
        .collect();
    ranked.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(y.closed.cmp(&x.closed)).then(x.rep.cmp(&y.rep)));
    let chosen = (ranked.len() / SHARE).max(1);
    ranked.into_iter().take(chosen).map(|(_, record)| record.rep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(rep: usize, won: usize, closed: usize) -> Record {
        Record { rep, won, closed }
    }

    #[test]
    fn few_deals_make_nobody_the_best() {
        assert_eq!(performers(&[record(1, 1, 1), record(2, 12, 20)], None), [2]);
        assert_eq!(performers(&[record(1, 9, 10), record(2, 85, 100)], None), [2], "0.60 and 0.77 at least");
        assert_eq!(performers(&[record(1, 10, 10), record(2, 12, 20)], None), [1]);
        assert!(performers(&[record(1, 4, 4)], None).is_empty());
    }

    #[test]
    fn nobody_is_compared_with_themself() {
        let team: Vec<Record> = (0..9).map(|rep| record(rep, 20 - rep, 30)).collect();
        assert_eq!(performers(&team, None), [0, 1]);
        assert_eq!(performers(&team, Some(0)), [1, 2]);
        assert_eq!(performers(&team[..1], Some(0)), [] as [usize; 0]);
    }

    #[test]
    fn the_bounds_of_wilson_are_those_of_his_formula() {
        // statsmodels.stats.proportion.proportion_confint(count, nobs, method="wilson")
        for (part, all, low, high) in [
            (0, 100, 0.0, 0.036_993_498_206_985_69),
            (3, 100, 0.010_254_524_023_915_24, 0.084_519_364_290_527_61),
            (5, 10, 0.236_593_090_512_564_37, 0.763_406_909_487_435_6),
        ] {
            let bounds = wilson(part, all);
            assert!((bounds.0 - low).abs() < 1e-12 && (bounds.1 - high).abs() < 1e-12, "{part}/{all}: {bounds:?}");
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    fn records() -> impl Strategy<Value = Vec<Record>> {
        let deals = (0..40_usize).prop_flat_map(|closed| (0..=closed, Just(closed)));
        prop::collection::vec(deals, 0..20).prop_map(|all| {
            all.into_iter().enumerate().map(|(rep, (won, closed))| Record { rep, won, closed }).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_quarter_is_chosen_and_nobody_better_is_left_out(mut records in records(), asked in prop::option::of(0..20_usize)) {
            let chosen = performers(&records, asked);
            let able: Vec<Record> =
                records.iter().copied().filter(|r| r.closed >= MIN_CLOSED && Some(r.rep) != asked).collect();
            prop_assert_eq!(chosen.len(), (able.len() / 4).max(1).min(able.len()));
            prop_assert!(chosen.iter().all(|rep| able.iter().any(|r| r.rep == *rep)));
            let bound = |r: &Record| wilson(r.won, r.closed).0;
            let least = able.iter().filter(|r| chosen.contains(&r.rep)).map(bound).fold(1.0, f64::min);
            prop_assert!(able.iter().filter(|r| !chosen.contains(&r.rep)).all(|r| bound(r) <= least));
            records.reverse();
            prop_assert_eq!(performers(&records, asked), chosen, "the order of the records does not matter");
        }

        #[test]
        fn to_win_one_more_never_costs_the_place(mut records in records()) {
            for rep in performers(&records, None) {
                let at = &mut records[rep];
                if at.won < at.closed {
                    at.won += 1;
                    prop_assert!(performers(&records, None).contains(&rep));
                    records[rep].won -= 1;
                }
            }
        }

        #[test]
        fn a_share_lies_in_its_interval(all in 1..500_usize, part in 0..500_usize) {
            let part = part.min(all);
            let (low, high) = wilson(part, all);
            let share = part as f64 / all as f64;
            prop_assert!(low <= share + 1e-12 && share <= high + 1e-12 && low < high);
        }
    }
}
