//! The time of day, passed in so that tests can set it.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the time comes from. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still at `at` until it is moved.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// Now, in whole microseconds: PostgreSQL keeps no more, and what is read back must equal what was written.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            None => Utc::now(),
            Some(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        };
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Moves a fixed clock; the machine's goes by itself.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(at) = &self.0 {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_goes_when_it_is_moved_and_keeps_whole_microseconds() {
        let clock = Clock::fixed(DateTime::from_timestamp_nanos(1_700_000_000_123_456_789));
        assert_eq!(clock.now().timestamp_nanos_opt(), Some(1_700_000_000_123_456_000));
        let other = clock.clone();
        other.advance(TimeDelta::seconds(5));
        assert_eq!(clock.now().timestamp(), 1_700_000_005);
    }

    #[test]
    fn the_machines_clock_does_not_stand_still() {
        let clock = Clock::system();
        let first = clock.now();
        while clock.now() == first {
            std::hint::spin_loop();
        }
        assert!(clock.now() > first);
    }
}
