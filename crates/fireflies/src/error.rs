//! What goes wrong, told so that somebody can do something about it. Never a key or a word of a call.

use chrono::{DateTime, TimeDelta, Utc};
use remote::Resting;
use std::time::Duration;

/// Why there is no answer. A status is the one that Fireflies gives the error, whatever that of HTTP is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FirefliesError {
    /// The client cannot be made like this.
    #[error("{0}")]
    Settings(String),
    /// `auth_failed` (401), `require_ai_credits` (402); `forbidden`, `account_cancelled`, `paid_required`, `not_in_team`,
    /// `require_elevated_privilege` (403).
    #[error("Fireflies denies this (status {status}): {check}")]
    Denied {
        /// The status: with 401 the key is good for nothing, else it may not read this.
        status: u16,
        /// What to check.
        check: &'static str,
    },
    /// `too_many_requests` (429).
    #[error("Fireflies takes no more requests before {}: its plans have 50 a day or 60 a minute", .until.format("%Y-%m-%d %H:%M:%S UTC"))]
    Limited {
        /// When it may be asked again.
        until: DateTime<Utc>,
    },
    /// Fireflies failed so often that it is left alone for a while; nothing was sent.
    #[error("Fireflies failed several times in a row and is left alone for another {} s", .rest.as_secs_f32().ceil())]
    Resting {
        /// For how long.
        rest: Duration,
    },
    /// 5xx; `invariant_violation`, `INTERNAL_SERVER_ERROR` (500), `request_timeout` (408).
    #[error("Fireflies failed (status {status}): it may answer later")]
    Server {
        /// The status.
        status: u16,
    },
    /// No connection, or one that broke before an answer.
    #[error("Fireflies at {host} cannot be reached: {why}")]
    Unreachable {
        /// The host and port.
        host: String,
        /// The system's words.
        why: String,
    },
    /// No whole answer in time.
    #[error("Fireflies gave no whole answer within {} s: it may later", .within.as_secs_f32())]
    TimedOut {
        /// The time there was.
        within: Duration,
    },
    /// The answer ended before its end.
    #[error("the answer of Fireflies broke off before its end; asked again it may be whole")]
    Unfinished,
    /// An answer that is none, as a page of something between here and Fireflies.
    #[error(
        "the answer of Fireflies is not understood: {what}; if this goes on, check the address of Fireflies and the proxy on the way to it"
    )]
    NotUnderstood {
        /// What is wrong with it, without its words.
        what: &'static str,
    },
    /// An answer without end.
    #[error("the answer of Fireflies is larger than {} MB, which no call is", .most >> 20)]
    TooLarge {
        /// Bytes of the largest that is read.
        most: usize,
    },
    /// 3xx.
    #[error(
        "the address of Fireflies sends requests elsewhere (HTTP {status}), where the key does not follow: set the address of the API as Fireflies names it"
    )]
    Elsewhere {
        /// The status.
        status: u16,
    },
    /// 404 from what speaks no GraphQL.
    #[error("there is no API of Fireflies at {host}: check its address, which ends in /graphql")]
    NotThere {
        /// The host and port.
        host: String,
    },
    /// Another 4xx: `invalid_arguments`, `args_required`, `GRAPHQL_VALIDATION_FAILED` (400).
    #[error("Fireflies refused the request as wrong (status {status}){message}")]
    Invalid {
        /// The status.
        status: u16,
        /// Its code of the error and its words of at most 300 characters, as they follow the status; empty where it says nothing that can be told.
        message: String,
    },
}

impl FirefliesError {
    /// Whether the same request can succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Limited { .. }
            | Self::Resting { .. }
            | Self::Server { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Unfinished
            | Self::NotUnderstood { .. } => true,
            Self::Settings(_)
            | Self::Denied { .. }
            | Self::TooLarge { .. }
            | Self::Elsewhere { .. }
            | Self::NotThere { .. }
            | Self::Invalid { .. } => false,
        }
    }

    /// When to come back at the earliest, where that is known.
    pub fn retry_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Limited { until } => Some(*until),
            Self::Resting { rest } => {
                let rest = TimeDelta::from_std(*rest).unwrap_or(TimeDelta::MAX);
                Some(now.checked_add_signed(rest).unwrap_or(DateTime::<Utc>::MAX_UTC))
            }
            _ => None,
        }
    }

    /// A stable name, to keep and to count by: `timed_out`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Settings(_) => "settings",
            Self::Denied { .. } => "denied",
            Self::Limited { .. } => "limited",
            Self::Resting { .. } => "resting",
            Self::Server { .. } => "server",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed_out",
            Self::Unfinished => "unfinished",
            Self::NotUnderstood { .. } => "not_understood",
            Self::TooLarge { .. } => "too_large",
            Self::Elsewhere { .. } => "elsewhere",
            Self::NotThere { .. } => "not_there",
            Self::Invalid { .. } => "invalid",
        }
    }
}

impl From<Resting> for FirefliesError {
    fn from(Resting { rest }: Resting) -> Self {
        Self::Resting { rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_come_back_is_told_when() {
        let now = "2026-11-20T08:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let minute = Duration::from_mins(1);
        let table = [
            (FirefliesError::Limited { until: now + minute }, true, Some(now + minute)),
            (FirefliesError::Resting { rest: minute }, true, Some(now + minute)),
            (FirefliesError::Resting { rest: Duration::MAX }, true, Some(DateTime::<Utc>::MAX_UTC)),
            (FirefliesError::Server { status: 500 }, true, None),
            (FirefliesError::Denied { status: 401, check: "x" }, false, None),
            (FirefliesError::Invalid { status: 400, message: String::new() }, false, None),
        ];
        for (error, transient, at) in table {
            assert_eq!((error.is_transient(), error.retry_at(now)), (transient, at), "{error:?}");
        }
        let told = FirefliesError::Limited { until: now }.to_string();
        assert!(told.contains("before 2026-11-20 08:00:00 UTC"), "{told}");
    }
}
