//! The client against servers on real sockets.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod faults;
mod keeper;
mod oauth;
mod pages;
mod renewal;
mod secrets;
