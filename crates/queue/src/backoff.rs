//! How long to wait before trying again.

use chrono::TimeDelta;
use rand::RngExt as _;

const FIRST_MS: i64 = 2_000;
const LONGEST_MS: i64 = 10 * 60 * 1000;

/// The wait after the attempt with this number (from 1): twice as long each time up to ten minutes, and by chance between half and all of
/// it, so that jobs which failed together do not come back together.
pub(crate) fn after(attempt: u32) -> TimeDelta {
    let full = FIRST_MS.saturating_mul(1 << attempt.saturating_sub(1).min(20)).min(LONGEST_MS);
    TimeDelta::milliseconds(rand::rng().random_range(full / 2..=full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_ten_minutes_and_differ() {
        for (attempt, full) in [(1, 2_000), (2, 4_000), (5, 32_000), (30, 600_000)] {
            let waits: Vec<i64> = (0..200).map(|_| after(attempt).num_milliseconds()).collect();
            assert!(waits.iter().all(|wait| (full / 2..=full).contains(wait)), "{attempt}: {waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
    }
}
