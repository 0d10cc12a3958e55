//! How much may be asked.

use super::Settings;
use super::errors::Refused;
use crate::Time;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Mutex, PoisonError};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const DAY_S: i64 = 86_400;

/// What was asked so far: by the minute in real time, by the day in that of the simulator.
#[derive(Debug)]
pub(super) struct Limits {
    per_minute: u64,
    per_day: u64,
    had: Mutex<Had>,
}

#[derive(Debug)]
struct Had {
    /// When the minute began, and how many requests it has had.
    minute: (DateTime<Utc>, u64),
    /// Which day, counted from 1 January 1970, and how many requests it has had.
    day: (i64, u64),
}

impl Limits {
    pub(super) fn new(settings: &Settings) -> Self {
        let had = Had { minute: (DateTime::<Utc>::MIN_UTC, 0), day: (0, 0) };
        Self { per_minute: settings.per_minute, per_day: settings.per_day, had: Mutex::new(had) }
    }

    /// Takes one request off what is left.
    pub(super) fn take(&self, time: &Time) -> Result<(), Refused> {
        let mut had = self.had.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits does so by the machine's clock.
        let (real, seconds) = (time.clock().now(), time.now().timestamp());
        if had.day.0 != seconds.div_euclid(DAY_S) {
            had.day = (seconds.div_euclid(DAY_S), 0);
        }
        if had.minute.0 > real || real - had.minute.0 >= MINUTE {
            had.minute = (real, 0);
        }
        if had.day.1 >= self.per_day {
            let rest = (DAY_S - seconds.rem_euclid(DAY_S)) as f64;
            let speed = if time.speed() > 0.0 { time.speed() } else { 1.0 };
            return Err(Refused::limited(real + TimeDelta::milliseconds((rest / speed * 1000.0).ceil() as i64)));
        }
        if had.minute.1 >= self.per_minute {
            return Err(Refused::limited(had.minute.0 + MINUTE));
        }
        had.day.1 += 1;
        had.minute.1 += 1;
        Ok(())
    }
}
