//! The time of day as a simulator has it.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use std::sync::{Arc, Mutex, PoisonError};

/// A clock that goes as another does and can be moved besides, so that what lives for an hour need not be waited for. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Time {
    clock: Clock,
    moved: Arc<Mutex<TimeDelta>>,
}

impl Time {
    /// Goes as this clock does.
    pub fn by(clock: Clock) -> Self {
        Self { clock, moved: Arc::default() }
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now() + *self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it, back if `by` is negative.
    pub fn advance(&self, by: TimeDelta) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Sets it.
    pub fn set(&self, now: DateTime<Utc>) {
        let by = now - self.now();
        self.advance(by);
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
}
