//! How much may be asked.

use super::Settings;
use super::errors::Refused;
use crate::Time;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const DAY_S: i64 = 86_400;

/// Headers of an answer.
type Headers = Vec<(&'static str, u64)>;

/// What is left of the limits: by the second in real time, by the day in that of the simulator.
#[derive(Debug)]
pub(super) struct Limits {
    per_day: u64,
    left: Mutex<Left>,
}

#[derive(Debug)]
struct Left {
    searches: Bucket,
    all: Bucket,
    /// Which day, counted from 1 January 1970, and how many requests it has had.
    day: (i64, u64),
}

#[derive(Debug)]
struct Bucket {
    per_second: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn new(per_second: f64) -> Self {
        Self { per_second, tokens: per_second.max(1.0), at: Instant::now() }
    }

    fn take(&mut self) -> bool {
        if !self.per_second.is_finite() {
            return true;
        }
        let refilled = self.tokens + self.at.elapsed().as_secs_f64() * self.per_second;
        self.tokens = refilled.min(self.per_second.max(1.0));
        self.at = Instant::now();
        let is_left = self.tokens >= 1.0;
        self.tokens -= f64::from(u8::from(is_left));
        is_left
    }
}

impl Limits {
    pub(super) fn new(settings: &Settings) -> Self {
        let (searches, all) = (Bucket::new(settings.searches_per_second), Bucket::new(settings.per_second));
        Self { per_day: settings.per_day, left: Mutex::new(Left { searches, all, day: (0, 0) }) }
    }

    /// Takes one request off what is left: the headers that tell of it, which a search does not have.
    pub(super) fn take(&self, is_search: bool, time: &Time) -> Result<Headers, Refused> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let today = time.now().timestamp().div_euclid(DAY_S);
        if left.day.0 != today {
            left.day = (today, 0);
        }
        if left.day.1 >= self.per_day {
            return Err(Refused::limited("DAILY", "You have reached your daily limit."));
        }
        if is_search && !left.searches.take() {
            return Err(Refused::limited("SECONDLY", "You have reached your secondly limit."));
        }
        if !is_search && !left.all.take() {
            return Err(Refused::limited("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."));
        }
        left.day.1 += 1;
        if is_search {
            return Ok(Headers::new());
        }
        let window = if left.all.per_second.is_finite() { left.all.per_second * 10.0 } else { 1_000.0 };
        Ok(vec![
            ("x-hubspot-ratelimit-daily", self.per_day),
            ("x-hubspot-ratelimit-daily-remaining", self.per_day - left.day.1),
            ("x-hubspot-ratelimit-interval-milliseconds", 10_000),
            ("x-hubspot-ratelimit-max", window as u64),
        ])
    }
}
