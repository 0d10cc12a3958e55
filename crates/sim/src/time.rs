//! The time of day as a simulator has it.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The fastest that a clock may go: a year passes in half a minute.
pub const FASTEST: f64 = 1_000_000.0;

/// A clock that goes as another does, or faster, and can be moved besides, so that what lives for an hour need not be waited for. Clones
/// share it.
#[derive(Debug, Clone, Default)]
pub struct Time {
    clock: Clock,
    pace: Arc<Mutex<Pace>>,
}

#[derive(Debug, Default)]
struct Pace {
    /// How far it is ahead of the clock, but for what it has gained since.
    ahead: TimeDelta,
    /// Since when it has gained on the clock, by the clock.
    since: Option<DateTime<Utc>>,
    /// Seconds that it gains in a second.
    gain: f64,
}

impl Pace {
    /// How far it is ahead when the clock says `now`.
    fn ahead(&self, now: DateTime<Utc>) -> TimeDelta {
        // In whole microseconds from the first: a clock that stands is not to tremble.
        let passed = (now - self.since.unwrap_or(now)).num_microseconds().unwrap_or(i64::MAX);
        self.ahead + TimeDelta::microseconds((passed as f64 * self.gain).round() as i64)
    }
}

impl Time {
    /// Goes as this clock does.
    pub fn by(clock: Clock) -> Self {
        Self { clock, pace: Arc::default() }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        now + self.pace().ahead(now)
    }

    /// Moves it, back if `by` is negative.
    pub fn advance(&self, by: TimeDelta) {
        self.pace().ahead += by;
    }

    /// Sets it.
    pub fn set(&self, now: DateTime<Utc>) {
        let clock = self.clock.now();
        let mut pace = self.pace();
        let by = now - (clock + pace.ahead(clock));
        pace.ahead += by;
    }

    /// From now on so many seconds pass in a second of its clock: 0 stands still, 1 goes as the clock does; at most a million, and never back.
    pub fn run(&self, speed: f64) {
        let speed = if speed.is_nan() { 0.0 } else { speed.clamp(0.0, FASTEST) };
        let now = self.clock.now();
        let mut pace = self.pace();
        let ahead = pace.ahead(now);
        *pace = Pace { ahead, since: Some(now), gain: speed - 1.0 };
    }

    /// How many seconds pass in a second of its clock.
    pub fn speed(&self) -> f64 {
        self.pace().gain + 1.0
    }

    /// The clock that it goes by, which is neither moved nor hurried.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_moved_and_set_beside_its_clock() {
        let clock = Clock::fixed(DateTime::from_timestamp_nanos(0));
        let time = Time::by(clock.clone());
        time.clone().advance(TimeDelta::seconds(301));
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(time.now().timestamp(), 302);
        time.set(DateTime::from_timestamp_nanos(5_000_000_000));
        assert_eq!((time.now().timestamp(), clock.now().timestamp()), (5, 1));
    }

    #[test]
    fn time_runs_at_its_speed_from_where_it_is() {
        let clock = Clock::fixed(DateTime::from_timestamp_nanos(0));
        let time = Time::by(clock.clone());
        let passes = |seconds| {
            clock.advance(TimeDelta::seconds(seconds));
            time.now().timestamp()
        };
        assert_eq!(passes(10), 10);
        time.run(600.0);
        assert_eq!((time.now().timestamp(), passes(2)), (10, 1_210));
        time.advance(TimeDelta::seconds(-210));
        assert_eq!(passes(1), 1_600);
        time.run(0.0);
        assert_eq!(passes(100), 1_600);
        time.set(DateTime::from_timestamp_nanos(0));
        time.run(0.5);
        assert_eq!(passes(100), 50);
        time.run(0.0);
        let standing = time.now();
        for micros in 1..1_000 {
            clock.advance(TimeDelta::microseconds(micros));
            assert_eq!(time.now(), standing);
        }
        time.run(f64::NAN);
        assert_eq!(passes(1), 50, "no speed is none");
    }
}
