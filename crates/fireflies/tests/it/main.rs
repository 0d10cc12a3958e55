//! The client against servers on real sockets.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod answers;
mod secrets;
mod simulated;

use chrono::{DateTime, Utc};
use fireflies::{Client, Settings};
use kernel::{Clock, Secret};
use std::time::Duration;

fn now() -> DateTime<Utc> {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

/// Settings of a client of this address, whose clock stands.
fn settings(url: impl AsRef<str>, key: &str) -> Settings {
    Settings {
        url: url.as_ref().parse().unwrap(),
        timeout: Duration::from_secs(20),
        clock: Clock::fixed(now()),
        ..Settings::new(Secret::new(key))
    }
}

fn client(url: impl AsRef<str>, key: &str) -> Client {
    Client::new(settings(url, key)).unwrap()
}
