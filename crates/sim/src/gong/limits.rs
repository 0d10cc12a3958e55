//! How much may be asked.

use super::Settings;
use super::errors::Refused;
use crate::Time;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const DAY_S: i64 = 86_400;

/// What is left of the limits: by the second in real time, by the day in that of the simulator. All who ask share it, as a company does.
#[derive(Debug)]
pub(super) struct Limits {
    per_second: f64,
    per_day: u64,
    left: Mutex<Left>,
}

#[derive(Debug)]
struct Left {
    tokens: f64,
    at: Instant,
    /// Which day, counted from 1 January 1970, and how many requests it has had.
    day: (i64, u64),
}

impl Limits {
    pub(super) fn new(settings: &Settings) -> Self {
        let left = Left { tokens: settings.per_second.max(1.0), at: Instant::now(), day: (0, 0) };
        Self { per_second: settings.per_second, per_day: settings.per_day, left: Mutex::new(left) }
    }

    /// Takes one request off what is left.
    pub(super) fn take(&self, time: &Time) -> Result<(), Refused> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = time.now().timestamp();
        if left.day.0 != seconds.div_euclid(DAY_S) {
            left.day = (seconds.div_euclid(DAY_S), 0);
        }
        if left.day.1 >= self.per_day {
            let rest = (DAY_S - seconds.rem_euclid(DAY_S)) as f64;
            // Whoever waits does so in real time.
            let speed = if time.speed() > 0.0 { time.speed() } else { 1.0 };
            return Err(Refused::limited("Daily API call limit exceeded", ((rest / speed).ceil() as u64).max(1)));
        }
        if self.per_second.is_finite() {
            let refilled = left.tokens + left.at.elapsed().as_secs_f64() * self.per_second;
            left.tokens = refilled.min(self.per_second.max(1.0));
            left.at = Instant::now();
            if left.tokens < 1.0 {
                let wait = (1.0 - left.tokens) / self.per_second;
                return Err(Refused::limited("API rate limit exceeded", (wait.ceil() as u64).max(1)));
            }
            left.tokens -= 1.0;
        }
        left.day.1 += 1;
        Ok(())
    }
}
