//! A question with all the requests it takes: the breaker, the time, and what is sent again.

use crate::send::Failed;
use crate::{GongError, Keeper, Settings};
use metrics::counter;
use remote::retry::{self, Decision, Outcome, Rule};
use remote::{Breaker, Sign};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// A longer wait is told and not waited for: whoever asked has better to do, and a job that waits holds its worker.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How a host is asked, and how it stands.
#[derive(Debug)]
pub(crate) struct Door {
    pub breaker: Breaker,
    rule: Rule,
    timeout: Duration,
}

impl Door {
    pub fn new(settings: &Settings) -> Self {
        let rule =
            Rule { retries: settings.retries, backoff: settings.backoff, longest: Some(LONGEST_WAIT), makes: false };
        Self { breaker: Breaker::new(settings.rest), rule, timeout: settings.timeout }
    }

    /// `keeper` is told when the host wants to be left alone.
    pub fn tries<'a>(&'a self, keeper: Option<&'a dyn Keeper>) -> Tries<'a> {
        Tries { door: self, keeper, begun: Instant::now(), again: 0 }
    }
}

/// A question under way.
#[derive(Debug)]
pub(crate) struct Tries<'a> {
    door: &'a Door,
    keeper: Option<&'a dyn Keeper>,
    begun: Instant,
    /// How often it was sent again.
    again: u32,
}

impl Tries<'_> {
    /// Sends one request: its answer, or none if it failed and is to be sent again now, after a wait.
    pub async fn run<T>(
        &mut self,
        url: &Url,
        request: impl Future<Output = Result<T, Failed>>,
    ) -> Result<Option<T>, GongError> {
        let door = self.door;
        let pass = door.breaker.enter()?;
        let answer = tokio::time::timeout(door.timeout, request).await;
        let failed = match answer {
            Ok(Ok(answer)) => {
                pass.tell(Sign::Alive);
                count("ok");
                return Ok(Some(answer));
            }
            Ok(Err(failed)) => failed,
            Err(_) => Failed::new(GongError::TimedOut { within: door.timeout }, Outcome::NoAnswer),
        };
        pass.tell(sign(&failed.error));
        let (host, error, attempt) = (remote::http::host(url), failed.error.kind(), self.again + 1);
        count(error);
        if let (Some(keeper), GongError::Limited { .. }, Some(wait)) = (self.keeper, &failed.error, failed.hints.wait)
            && let Err(refusal) = keeper.hold(wait).await
        {
            // This client keeps to it all the same; the others meet the limit by themselves.
            tracing::warn!(host, error = %refusal, "the wait that Gong asked for is not told to others");
        }
        let bound = door.timeout.saturating_mul(door.rule.retries.saturating_add(1));
        let left = bound.saturating_sub(self.begun.elapsed());
        let decision = retry::after(failed.outcome, failed.hints, &door.rule, self.again, left, retry::chance());
        match decision {
            // A service that is left alone now is not asked again, and the error says more than that it rests.
            Decision::Wait(wait) if door.breaker.look().is_ok() => {
                let wait_ms = wait.as_millis() as u64;
                tracing::info!(host, error, attempt, wait_ms, "Gong failed and is asked again");
                tokio::time::sleep(wait).await;
                if door.breaker.look().is_err() {
                    return Err(failed.error);
                }
                self.again += 1;
                Ok(None)
            }
            _ => {
                tracing::warn!(host, error, attempt, "Gong failed");
                Err(failed.error)
            }
        }
    }
}

/// Counts a request by what became of it.
fn count(outcome: &'static str) {
    counter!("sideline_gong_requests_total", "outcome" => outcome).increment(1);
}

/// What an error says about the service.
fn sign(error: &GongError) -> Sign {
    match error {
        GongError::Server { .. }
        | GongError::Unfinished
        | GongError::TimedOut { .. }
        | GongError::Unreachable { .. } => Sign::Failing,
        GongError::Limited { .. } | GongError::NotUnderstood { .. } | GongError::Elsewhere { .. } => Sign::Unclear,
        _ => Sign::Alive,
    }
}
