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

/// How much of `(start, end)` lies within `union` (disjoint and in order).
pub fn covered((start, end): Interval, union: &[Interval]) -> u64 {
    let first = union.partition_point(|interval| interval.1 <= start);
    union[first..].iter().take_while(|interval| interval.0 < end).map(|interval| interval.1.min(end) - interval.0.max(start)).sum()
}

/// Time covered by at least two of the speakers at once; each inner list is one speaker's union.
pub fn overlap(speakers: &[Vec<Interval>]) -> u64 {
    let mut edges: Vec<(u64, i32)> =
        speakers.iter().flatten().filter(|(start, end)| end > start).flat_map(|&(start, end)| [(start, 1), (end, -1)]).collect();
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

    #[test]
    fn unions_and_overlaps() {
        let a = union(vec![(5, 8), (0, 3), (2, 4)]);
        assert_eq!(a, [(0, 4), (5, 8)]);
        assert_eq!(total(&a), 7);
        assert_eq!(covered((3, 6), &a), 2);
        assert_eq!(covered((8, 9), &a), 0);
        assert_eq!(overlap(&[a, vec![(3, 6)], vec![(3, 4)]]), 2);
    }
}
