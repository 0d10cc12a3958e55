//! Medians of several rounds; ours and the peer's take turns, so that what else the machine does hits both.

use super::peer::Peer;
use anyhow::Result;
use std::time::{Duration, Instant};

/// Rounds of a measurement, after one for warming up.
const ROUNDS: usize = 7;

/// A round of ours lasts at least this long: as many passes as that takes, of which the mean counts.
const MIN_ROUND: Duration = Duration::from_millis(50);

/// Median seconds of one pass.
pub fn alone(mut work: impl FnMut()) -> f64 {
    round(&mut work);
    median((0..ROUNDS).map(|_| round(&mut work)).collect())
}

/// Median seconds of one pass of ours and of the peer's.
///
/// # Errors
/// When the peer fails.
pub fn beside(peer: &mut Peer, mut work: impl FnMut()) -> Result<(f64, f64)> {
    round(&mut work);
    peer.pass()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round(&mut work));
        theirs.push(peer.pass()?);
    }
    Ok((median(ours), median(theirs)))
}

/// Median seconds of one pass of two programs.
///
/// # Errors
/// When one fails.
pub fn both(ours: &mut Peer, theirs: &mut Peer) -> Result<(f64, f64)> {
    ours.pass()?;
    theirs.pass()?;
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        own.push(ours.pass()?);
        other.push(theirs.pass()?);
    }
    Ok((median(own), median(other)))
}

fn round(work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut passes = 0;
    while passes == 0 || start.elapsed() < MIN_ROUND {
        work();
        passes += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(passes)
}

/// The middle one of an odd number of values.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_an_outlier() {
        assert!((median(vec![2.0, 900.0, 1.0]) - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_round_is_the_time_of_one_pass() {
        let nap = Duration::from_millis(20);
        let seconds = round(&mut || std::thread::sleep(nap));
        assert!((0.020..0.100).contains(&seconds), "{seconds}");
    }
}
