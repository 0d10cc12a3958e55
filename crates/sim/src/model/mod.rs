//! What the simulators of language models share: tokens, caches of prefixes, schemas, streams, and what a model says.

pub(crate) mod blocks;
pub(crate) mod cache;
pub(crate) mod schema;
pub(crate) mod speech;
pub(crate) mod stream;
pub(crate) mod tokens;

use std::time::Duration;

/// How long a simulated model takes. Nothing, unless a test sets it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latency {
    /// From the request to the first token.
    pub first_token: Duration,
    /// The same where a prefix is read from the cache; as `first_token` where it is not set.
    pub first_token_cached: Option<Duration>,
    /// From each token of the answer to the next.
    pub per_token: Duration,
}

impl Latency {
    /// Until the first token.
    pub(crate) fn first(&self, cached: bool) -> Duration {
        self.first_token_cached.filter(|_| cached).unwrap_or(self.first_token)
    }
}
