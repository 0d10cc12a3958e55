//! Leaves a service alone that fails again and again: after five failures in a row nothing is sent for a while, then a single request tries it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failures in a row after which the service is left alone.
const FAILURES: u32 = 5;

/// How long others wait at least while a request tries whether the service is back.
const MEANWHILE: Duration = Duration::from_secs(1);

/// The service failed so often that it is left alone for a while; nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the service failed several times in a row and is left alone for another {} s", .rest.as_secs_f32().ceil())]
pub struct Resting {
    /// For how long.
    pub rest: Duration,
}

/// How a client stands to its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Requests are sent.
    Closed {
        /// Failures in a row before the next.
        failures: u32,
    },
    /// Nothing is sent.
    Open {
        /// For how long still; zero if the next request will try the service.
        rest: Duration,
    },
    /// One request tries whether the service is back.
    HalfOpen,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed(u32),
    Open(Instant),
    HalfOpen,
}

/// What a request says about the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It answers.
    Alive,
    /// It cannot be reached, is too slow, or says that it fails.
    Failing,
    /// It answers, but whether it does its work is not to be seen: it limits, or is not understood.
    Unclear,
}

/// Counts the failures of a service, and lets requests through or not.
#[derive(Debug)]
pub struct Breaker {
    state: Mutex<State>,
    rest: Duration,
}

impl Breaker {
    /// One that has seen no failure; `rest` is how long a service that fails is left alone.
    pub fn new(rest: Duration) -> Self {
        Self { state: Mutex::new(State::Closed(0)), rest }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether requests are let through.
    pub fn state(&self) -> BreakerState {
        match *self.lock() {
            State::Closed(failures) => BreakerState::Closed { failures },
            State::Open(until) => BreakerState::Open { rest: until.saturating_duration_since(Instant::now()) },
            State::HalfOpen => BreakerState::HalfOpen,
        }
    }

    /// Whether a request would be let through; an error for who need not even wait for a turn.
    ///
    /// # Errors
    /// [`Resting`] with the time until one would be.
    pub fn look(&self) -> Result<(), Resting> {
        let state = *self.lock();
        state.lets_through()
    }

    /// Lets a request through, or not.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub fn enter(&self) -> Result<Pass<'_>, Resting> {
        let mut state = self.lock();
        state.lets_through()?;
        let tries = matches!(*state, State::Open(_));
        if tries {
            *state = State::HalfOpen;
        }
        Ok(Pass { breaker: self, tries, told: false })
    }
}

impl State {
    fn lets_through(self) -> Result<(), Resting> {
        let rest = match self {
            Self::Closed(_) => return Ok(()),
            Self::Open(until) => until.saturating_duration_since(Instant::now()),
            Self::HalfOpen => MEANWHILE,
        };
        if rest.is_zero() { Ok(()) } else { Err(Resting { rest }) }
    }
}

/// A request on its way. One that is given up leaves no sign; the next tries the service then.
#[derive(Debug)]
pub struct Pass<'a> {
    breaker: &'a Breaker,
    tries: bool,
    told: bool,
}

impl Pass<'_> {
    /// What became of it.
    pub fn tell(mut self, sign: Sign) {
        self.told = true;
        let mut state = self.breaker.lock();
        let rested = State::Open(Instant::now() + self.breaker.rest);
        *state = match (sign, *state) {
            (Sign::Alive, _) => State::Closed(0),
            // Who answers at all is asked again.
            (Sign::Unclear, State::HalfOpen) if self.tries => State::Closed(0),
            (Sign::Failing, State::Closed(failures)) if failures + 1 < FAILURES => State::Closed(failures + 1),
            (Sign::Failing, State::Closed(_)) => rested,
            (Sign::Failing, State::HalfOpen) if self.tries => rested,
            // It is no sign, or was sent before the service was left alone.
            (Sign::Unclear | Sign::Failing, same) => same,
        };
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.tries && !self.told {
            let mut state = self.breaker.lock();
            if matches!(*state, State::HalfOpen) {
                *state = State::Open(Instant::now());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_mins(1);

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.enter().unwrap().tell(Sign::Failing);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_open_it_and_one_request_tries_after_a_minute() {
        let breaker = Breaker::new(REST);
        fail(&breaker, 4);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 4 });
        fail(&breaker, 1);
        assert_eq!(breaker.state(), BreakerState::Open { rest: REST });
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(breaker.enter().unwrap_err(), Resting { rest: Duration::from_secs(1) });
        tokio::time::advance(Duration::from_secs(1)).await;
        let probe = breaker.enter().unwrap();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.enter().is_err(), "a single request tries it");
        probe.tell(Sign::Failing);
        assert_eq!(breaker.state(), BreakerState::Open { rest: REST });
        tokio::time::advance(REST).await;
        breaker.enter().unwrap().tell(Sign::Alive);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn only_failures_in_a_row_count() {
        let breaker = Breaker::new(REST);
        fail(&breaker, 4);
        breaker.enter().unwrap().tell(Sign::Unclear);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 4 }, "a limit is no sign");
        breaker.enter().unwrap().tell(Sign::Alive);
        fail(&breaker, 4);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 4 });
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_is_given_up_leaves_the_next_one_to_try() {
        let breaker = Breaker::new(REST);
        fail(&breaker, 5);
        tokio::time::advance(REST).await;
        drop(breaker.enter().unwrap());
        assert_eq!(breaker.state(), BreakerState::Open { rest: Duration::ZERO });
        breaker.enter().unwrap().tell(Sign::Unclear);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 }, "who answers at all is asked again");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_under_way_when_it_opened_does_not_make_it_rest_longer() {
        let breaker = Breaker::new(REST);
        let (slow, good) = (breaker.enter().unwrap(), breaker.enter().unwrap());
        fail(&breaker, 5);
        tokio::time::advance(Duration::from_secs(20)).await;
        slow.tell(Sign::Failing);
        assert_eq!(breaker.state(), BreakerState::Open { rest: Duration::from_secs(40) });
        good.tell(Sign::Alive);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
    }
}
