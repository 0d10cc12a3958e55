//! Unions and overlaps of time intervals, in milliseconds.

/// A half-open stretch of time `[start, end)` in milliseconds.
pub type Interval = (u64, u64);

/// The union of `intervals` as disjoint intervals in order.
pub fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    let mut merged: Vec<Interval> = Vec::with_capacity(intervals.len());
    for (start, end) in intervals {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// Total length of disjoint intervals.
pub fn total(intervals: &[Interval]) -> u64 {
    intervals.iter().map(|(start, end)| end - start).sum()
}

/// Disjoint intervals in order, prepared to tell fast how much of a stretch they cover.
#[derive(Debug, Clone, Default)]
pub struct Union {
    intervals: Vec<Interval>,
    /// Total length of the intervals before each.
    before: Vec<u64>,
}

impl Union {
    /// The union of `intervals`, which may overlap and be in any order.
    pub fn new(intervals: Vec<Interval>) -> Self {
        let intervals = union(intervals);
        let add = |sum: &mut u64, (start, end): &Interval| Some(std::mem::replace(sum, *sum + (end - start)));
        let before = intervals.iter().scan(0, add).collect();
        Self { intervals, before }
    }

    /// The disjoint intervals in order.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// How much of `(start, end)` lies within, in milliseconds.
    pub fn covered(&self, (start, end): Interval) -> u64 {
        self.until(end).saturating_sub(self.until(start))
    }

    /// How much lies before `at`.
    fn until(&self, at: u64) -> u64 {
        let Some(last) = self.intervals.partition_point(|interval| interval.0 < at).checked_sub(1) else { return 0 };
        let (start, end) = self.intervals[last];
        self.before[last] + (end.min(at) - start)
    }
}

/// Time covered by at least two of the speakers at once; each inner list is one speaker's union.
pub fn overlap(speakers: &[impl AsRef<[Interval]>]) -> u64 {
    let mut edges: Vec<(u64, i32)> = speakers
        .iter()
        .flat_map(AsRef::as_ref)
        .filter(|(start, end)| end > start)
        .flat_map(|&(start, end)| [(start, 1), (end, -1)])
        .collect();
    edges.sort_unstable();
    let (mut speaking, mut since, mut overlap) = (0, 0, 0);
    for (at, change) in edges {
        if speaking >= 2 {
            overlap += at - since;
        }
        speaking += change;
        since = at;
    }
    overlap
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_union_joins_what_overlaps_or_touches_and_keeps_gaps() {
        assert_eq!(union(vec![(5, 8), (0, 3), (2, 4)]), [(0, 4), (5, 8)]);
        assert_eq!(union(vec![(0, 3), (3, 4)]), [(0, 4)], "touching");
        assert_eq!(union(vec![(0, 9), (2, 4), (5, 6)]), [(0, 9)], "inside");
        assert_eq!(union(vec![]), []);
        assert_eq!(total(&union(vec![(5, 8), (0, 3), (2, 4)])), 4 + 3);
    }

    #[test]
    fn covered_counts_each_part_of_a_stretch() {
        let union = Union::new(vec![(10, 14), (20, 25), (12, 16)]);
        assert_eq!(union.intervals(), [(10, 16), (20, 25)]);
        // 15..16 of the first and 20..22 of the second.
        assert_eq!(union.covered((15, 22)), 1 + 2);
        for (stretch, expected) in
            [((0, 10), 0), ((16, 20), 0), ((25, 99), 0), ((11, 12), 1), ((0, 99), 11), ((13, 13), 0)]
        {
            assert_eq!(union.covered(stretch), expected, "{stretch:?}");
        }
        assert_eq!(Union::new(vec![]).covered((0, 9)), 0);
    }

    #[test]
    fn overlap_counts_time_and_not_people() {
        // 3..4 has three speakers, 5..6 two.
        assert_eq!(overlap(&[vec![(0, 4), (5, 8)], vec![(3, 6)], vec![(3, 4)]]), 1 + 1);
        assert_eq!(overlap(&[vec![(0, 4)], vec![(4, 6)]]), 0, "relief at the same moment");
        assert_eq!(overlap(&[vec![(0, 4)], vec![(2, 2)]]), 0, "of no length");
        assert_eq!(overlap(&[] as &[Vec<Interval>]), 0);
    }

    fn intervals() -> impl Strategy<Value = Vec<Interval>> {
        prop::collection::vec((0..60_u64, 0..12_u64).prop_map(|(start, length)| (start, start + length)), 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Against counting milliseconds one by one.
        #[test]
        fn sums_agree_with_counting(a in intervals(), b in intervals(), from in 0..80_u64, length in 0..80_u64) {
            let inside = |list: &[Interval], at: u64| list.iter().any(|(start, end)| (*start..*end).contains(&at));
            let count = |test: &dyn Fn(u64) -> bool| (0..160).filter(|at| test(*at)).count() as u64;
            prop_assert_eq!(total(&union(a.clone())), count(&|at| inside(&a, at)));
            let stretch = (from, from + length);
            prop_assert_eq!(Union::new(a.clone()).covered(stretch), count(&|at| inside(&a, at) && inside(&[stretch], at)));
            let both = overlap(&[union(a.clone()), union(b.clone())]);
            prop_assert_eq!(both, count(&|at| inside(&a, at) && inside(&b, at)));
        }
    }
}
