//! A question with all the requests it takes: a place among those under way, the breaker, the deadline, and what is sent again.

use crate::LlmError;
use crate::call::Failed;
use crate::client::Inner;
use remote::Sign;
use remote::retry::{self, Decision, Hints, Outcome, Rule};
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

/// A question under way. It keeps its place while it waits to be sent again: others would meet the same limit.
#[derive(Debug)]
pub(crate) struct Tries<'a> {
    inner: &'a Inner,
    rule: Rule,
    begun: Instant,
    sent: u32,
    _place: SemaphorePermit<'a>,
}

impl<'a> Tries<'a> {
    /// Waits for a place. `makes`: what is asked for must not be made twice.
    pub async fn begin(inner: &'a Inner, makes: bool) -> Result<Self, LlmError> {
        inner.breaker.look()?;
        let place = inner.places.acquire().await.expect("the semaphore is never closed");
        Ok(Self { inner, rule: Rule { makes, ..inner.rule }, begun: Instant::now(), sent: 0, _place: place })
    }

    /// When it had its place.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// Requests so far.
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// Sends one request: its answer, or none if it failed and is to be sent again now, after a wait.
    pub async fn run<T>(&mut self, request: impl Future<Output = Result<T, Failed>>) -> Result<Option<T>, LlmError> {
        let settings = &self.inner.settings;
        let pass = self.inner.breaker.enter()?;
        self.sent += 1;
        let deadline = self.begun + settings.deadline;
        let failed = match tokio::time::timeout_at(deadline, request).await {
            Ok(Ok(answer)) => {
                pass.tell(Sign::Alive);
                return Ok(Some(answer));
            }
            Ok(Err(failed)) => failed,
            Err(_) => {
                let error = LlmError::TimedOut { within: settings.deadline };
                Failed { error, outcome: Outcome::NoAnswer, hints: Hints::default() }
            }
        };
        pass.tell(sign(&failed.error));
        let left = deadline.saturating_duration_since(Instant::now());
        let decision = retry::after(failed.outcome, failed.hints, &self.rule, self.sent - 1, left, retry::chance());
        let (provider, host) = (settings.provider.as_str(), settings.base_url.host_str().unwrap_or_default());
        let (error, sent) = (failed.error.kind(), self.sent);
        match decision {
            // A service that is left alone now is not asked again, and the error says more than that it rests.
            Decision::Wait(wait) if self.inner.breaker.look().is_ok() => {
                let wait_ms = wait.as_millis() as u64;
                tracing::info!(provider, host, error, sent, wait_ms, "the model's service failed and is asked again");
                tokio::time::sleep(wait).await;
                if self.inner.breaker.look().is_err() {
                    return Err(failed.error);
                }
                Ok(None)
            }
            _ => {
                tracing::warn!(provider, host, error, sent, "the model's service failed");
                Err(failed.error)
            }
        }
    }
}

/// What an error says about the service.
fn sign(error: &LlmError) -> Sign {
    match error {
        LlmError::Server { status: 409 } => Sign::Alive,
        LlmError::Overloaded { .. }
        | LlmError::Server { .. }
        | LlmError::Unfinished
        | LlmError::TimedOut { .. }
        | LlmError::Unreachable { .. } => Sign::Failing,
        LlmError::Limited { .. } | LlmError::NotUnderstood { .. } => Sign::Unclear,
        _ => Sign::Alive,
    }
}
