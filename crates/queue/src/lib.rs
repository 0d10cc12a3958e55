//! Durable jobs: work that is written down in the transaction that makes it necessary, and done later, at least once.
//!
//! A worker takes a job by a *lease*: a token and a time until which nobody else touches it. While it works it prolongs the lease; if it
//! dies, the lease runs out and the job is taken again, until its attempts are used up: then it is `dead`, with the error, for a person to look at.
//! A handler finishes its job in the transaction that stores the result ([`Lease::complete`]), so that both are done or neither is.
//!
//! Knows no domain: kinds are names, payloads are JSON.

mod backoff;
mod outage;
mod schedule;
mod store;
mod worker;

pub use schedule::{Schedule, ScheduleError, set_schedule, tick};
pub use store::{
    Filter, INTO_JOBS, Job, Lease, LostLease, NewJob, State, cancel, counts, enqueue, find, get, is_running, latest,
    list, purge, remove, retry, supersede, unfinished, wake,
};
pub use worker::{Failure, Handler, Outcome, Worker};

#[cfg(test)]
mod tests;
