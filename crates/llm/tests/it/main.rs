//! The clients against servers on real sockets.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod batches;
mod faults;
mod sent;
mod server;
mod streams;
mod together;
