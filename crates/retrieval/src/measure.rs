//! How good a ranking is, as `trec_eval` and BEIR measure it.

use serde::Serialize;
use std::collections::HashMap;
use std::hash::Hash;

/// So many of the first places are looked at.
pub const CUT: usize = 10;

/// Means over queries, each 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Measures {
    /// Normalised discounted cumulative gain of the first ten: linear gain, discounted by the binary logarithm of the place plus one (Järvelin and Kekäläinen,
    /// 2002, as in `trec_eval`).
    pub ndcg_at_10: f64,
    /// Which share of what is relevant is among the first ten.
    pub recall_at_10: f64,
    /// Whether anything relevant is among the first ten.
    pub hit_at_10: f64,
    /// One by the place of the first that is relevant, however far down; 0 where none is.
    pub mrr: f64,
    /// Queries that the means are of: those with something relevant.
    pub queries: usize,
}

impl Measures {
    /// The measures of one query: what was found, the best first, and how relevant things are (those above 0). `None` where nothing is relevant.
    pub fn of<Id: Eq + Hash>(found: &[Id], relevant: &HashMap<Id, f64>) -> Option<Self> {
        let mut gains: Vec<f64> = relevant.values().copied().filter(|gain| *gain > 0.0).collect();
        if gains.is_empty() {
            return None;
        }
        gains.sort_by(|a, b| b.total_cmp(a));
        let discounted = |at: usize, gain: f64| gain / (at as f64 + 2.0).log2();
        let ideal: f64 = gains.iter().take(CUT).enumerate().map(|(at, gain)| discounted(at, *gain)).sum();
        let gain = |id: &Id| relevant.get(id).copied().filter(|gain| *gain > 0.0);
        let got: f64 =
            found.iter().take(CUT).enumerate().filter_map(|(at, id)| gain(id).map(|gain| discounted(at, gain))).sum();
        let hits = found.iter().take(CUT).filter(|id| gain(id).is_some()).count();
        let first = found.iter().position(|id| gain(id).is_some());
        Some(Self {
            ndcg_at_10: got / ideal,
            recall_at_10: hits as f64 / gains.len() as f64,
            hit_at_10: if hits > 0 { 1.0 } else { 0.0 },
            mrr: first.map_or(0.0, |at| 1.0 / (at as f64 + 1.0)),
            queries: 1,
        })
    }

    /// The means of measures of queries.
    pub fn mean(all: &[Self]) -> Self {
        let count = all.len().max(1) as f64;
        let mean = |of: fn(&Self) -> f64| all.iter().map(of).sum::<f64>() / count;
        Self {
            ndcg_at_10: mean(|one| one.ndcg_at_10),
            recall_at_10: mean(|one| one.recall_at_10),
            hit_at_10: mean(|one| one.hit_at_10),
            mrr: mean(|one| one.mrr),
            queries: all.iter().map(|one| one.queries).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_of_trec_eval() {
        let relevant = HashMap::from([("a", 2.0), ("b", 1.0), ("c", 1.0), ("no", 0.0)]);
        let found = Measures::of(&["no", "b", "x", "a"], &relevant).unwrap();
        // (1/log2(3) + 2/log2(5)) / (2/log2(2) + 1/log2(3) + 1/log2(4)), by hand.
        assert!((found.ndcg_at_10 - 0.476_626).abs() < 1e-6, "{found:?}");
        assert!((found.recall_at_10 - 2.0 / 3.0).abs() < 1e-12);
        assert!((found.mrr - 0.5).abs() < 1e-12);
        assert!((found.hit_at_10 - 1.0).abs() < 1e-12);
        // The eleventh place counts for the reciprocal rank alone.
        let far: Vec<String> = (0..10).map(|n| n.to_string()).chain(["a".to_owned()]).collect();
        let far = Measures::of(&far, &HashMap::from([("a".to_owned(), 1.0)])).unwrap();
        assert_eq!((far.ndcg_at_10, far.recall_at_10, far.hit_at_10), (0.0, 0.0, 0.0));
        assert!((far.mrr - 1.0 / 11.0).abs() < 1e-12);
        assert_eq!(Measures::of(&["a"], &HashMap::from([("a", 0.0)])), None);
        let mean = Measures::mean(&[found, far]);
        assert!((mean.mrr - f64::midpoint(0.5, 1.0 / 11.0)).abs() < 1e-12);
        assert_eq!(mean.queries, 2);
    }
}
