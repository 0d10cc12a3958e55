//! Who has the floor, and who takes it from whom.

use super::{BREATH_MAX_MS, INTERRUPTION_MIN_MS};
use crate::interval::{Interval, Union};

/// The stretches in which each of two sides has the floor, from the unions of their speech.
///
/// A pause ends a stretch if it is longer than a breath or the other side takes the floor in it. Going through both in order of time tells
/// for each pause whether the other side had begun before it or begins in it.
pub(super) fn floors(sides: [&[Interval]; 2]) -> [Vec<Interval>; 2] {
    let mut floors: [Vec<Interval>; 2] = [Vec::new(), Vec::new()];
    let [mut first, mut second] = sides.map(|side| side.iter().copied().peekable());
    loop {
        let side = match (first.peek(), second.peek()) {
            (None, None) => return floors,
            (Some(a), Some(b)) => usize::from(b.0 < a.0),
            (Some(_), None) => 0,
            (None, Some(_)) => 1,
        };
        let Some((start, end)) = (if side == 0 { first.next() } else { second.next() }) else { return floors };
        let goes_on = floors[side].last().is_some_and(|floor| goes_on(floor.1, start, &floors[1 - side]));
        match floors[side].last_mut() {
            Some(floor) if goes_on => floor.1 = floor.1.max(end),
            _ => floors[side].push((start, end)),
        }
    }
}

/// Whether speech that paused at `end` goes on at `start`: after a breath, in which the other side did not take the floor.
fn goes_on(end: u64, start: u64, other_floors: &[Interval]) -> bool {
    start <= end.saturating_add(BREATH_MAX_MS) && last_before(start, other_floors).is_none_or(|other| other.0 < end)
}

/// The last of `floors` that begins before `at`. One that begins at the same moment is not earlier, in whatever order they are looked at.
fn last_before(at: u64, floors: &[Interval]) -> Option<Interval> {
    let before = floors.partition_point(|floor| floor.0 < at);
    floors[..before].last().copied()
}

/// Number and overlap (ms) of the interruptions by one speaker, whose speech is `own`, of the other side, which speaks in `theirs`.
///
/// An interruption begins where the speaker takes the floor while the other side has it, and lasts until one of them leaves it. It counts
/// if both speak at once for [`INTERRUPTION_MIN_MS`] or more in it.
pub(super) fn interruptions(own: &[Interval], theirs: &Union, their_floors: &[Interval]) -> (u32, u64) {
    let (mut count, mut total) = (0, 0);
    let mut index = 0;
    while index < own.len() {
        let start = own[index].0;
        let until = last_before(start, their_floors).map_or(start, |floor| floor.1);
        let mut overlap = 0;
        loop {
            let (from, end) = own[index];
            if from < until {
                overlap += theirs.covered((from, end.min(until)));
            }
            index += 1;
            match own.get(index) {
                Some(next) if goes_on(end, next.0, their_floors) => {}
                _ => break,
            }
        }
        if overlap >= INTERRUPTION_MIN_MS {
            count += 1;
            total += overlap;
        }
    }
    (count, total)
}
