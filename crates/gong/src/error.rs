//! What goes wrong, told so that somebody can do something about it. Never a key, a token or a word of a call.

use crate::Refusal;
use chrono::{DateTime, TimeDelta, Utc};
use remote::Resting;
use std::time::Duration;

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GongError {
    /// The client cannot be made like this.
    #[error("{0}")]
    Settings(String),
    /// 401 or 403.
    #[error("Gong denies this (HTTP {status}): {check}")]
    Denied {
        /// The status.
        status: u16,
        /// What to check.
        check: &'static str,
    },
    /// There are no tokens, or Gong takes them no longer.
    #[error("Gong no longer lets this program in: connect Gong again, as a technical administrator of Gong")]
    Disconnected,
    /// 429.
    #[error("Gong takes no more requests for another {} s", .wait.as_secs_f32().ceil())]
    Limited {
        /// How long it wants to be left alone.
        wait: Duration,
    },
    /// The requests of the day are used up; nothing was sent.
    #[error("the requests that may be sent to Gong in a day are used up: it goes on at {}", .until.format("%Y-%m-%d %H:%M UTC"))]
    Exhausted {
        /// When there are requests again.
        until: DateTime<Utc>,
    },
    /// Gong failed so often that it is left alone for a while; nothing was sent.
    #[error("Gong failed several times in a row and is left alone for another {} s", .rest.as_secs_f32().ceil())]
    Resting {
        /// For how long.
        rest: Duration,
    },
    /// 5xx.
    #[error("Gong failed (HTTP {status}): it may answer later")]
    Server {
        /// The status.
        status: u16,
    },
    /// No connection, or one that broke before an answer.
    #[error("Gong at {host} cannot be reached: {why}")]
    Unreachable {
        /// The host and port.
        host: String,
        /// The system's words.
        why: String,
    },
    /// No whole answer in time.
    #[error("Gong gave no whole answer within {} s: it may later", .within.as_secs_f32())]
    TimedOut {
        /// The time there was.
        within: Duration,
    },
    /// The answer ended before its end.
    #[error("the answer of Gong broke off before its end; asked again it may be whole")]
    Unfinished,
    /// An answer that is none, as a page of something between here and Gong.
    #[error(
        "the answer of Gong is not understood: {what}; if this goes on, check the address of Gong and the proxy on the way to it"
    )]
    NotUnderstood {
        /// What is wrong with it, without its words.
        what: String,
    },
    /// An answer without end.
    #[error("the answer of Gong is larger than {} MB: ask for fewer calls at once", .most >> 20)]
    TooLarge {
        /// Bytes of the largest that is read.
        most: usize,
    },
    /// 3xx.
    #[error(
        "Gong's address sends requests elsewhere (HTTP {status}), where the key does not follow: set the address of the API as Gong shows it"
    )]
    Elsewhere {
        /// The status.
        status: u16,
    },
    /// 404 that no filter explains.
    #[error("there is no API of Gong at {host}, or it has no {what}: check the address of Gong")]
    NotThere {
        /// The host and port.
        host: String,
        /// What was asked for: `users`.
        what: &'static str,
    },
    /// Another 4xx.
    #[error("Gong refused the request as wrong (HTTP {status}){message}")]
    Invalid {
        /// The status.
        status: u16,
        /// Gong's words of at most 300 characters and its id of the request, as they follow the status; empty where it says nothing that can be told.
        message: String,
    },
    /// A list that goes in circles.
    #[error(
        "Gong gave a page of its list of {what} that was read before, so that the list has no end: reading stopped there; what was read holds"
    )]
    Circle {
        /// What is listed: `calls`.
        what: &'static str,
    },
    /// What clients of this connection share is not to be had.
    #[error("the connection to Gong cannot be used for now: {0}")]
    Keeper(String),
}

impl GongError {
    /// Whether the same request can succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Limited { .. }
            | Self::Exhausted { .. }
            | Self::Resting { .. }
            | Self::Server { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Unfinished
            | Self::NotUnderstood { .. }
            | Self::Keeper(_) => true,
            Self::Settings(_)
            | Self::Denied { .. }
            | Self::Disconnected
            | Self::TooLarge { .. }
            | Self::Elsewhere { .. }
            | Self::NotThere { .. }
            | Self::Invalid { .. }
            | Self::Circle { .. } => false,
        }
    }

    /// When to come back at the earliest, where that is known.
    pub fn retry_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wait = match self {
            Self::Exhausted { until } => return Some(*until),
            Self::Limited { wait } => *wait,
            Self::Resting { rest } => *rest,
            _ => return None,
        };
        let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
        Some(now.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// A stable name, to keep and to count by: `timed_out`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Settings(_) => "settings",
            Self::Denied { .. } => "denied",
            Self::Disconnected => "disconnected",
            Self::Limited { .. } => "limited",
            Self::Exhausted { .. } => "exhausted",
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
            Self::Circle { .. } => "circle",
            Self::Keeper(_) => "keeper",
        }
    }
}

impl From<Resting> for GongError {
    fn from(Resting { rest }: Resting) -> Self {
        Self::Resting { rest }
    }
}

impl From<Refusal> for GongError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Until(until) => Self::Exhausted { until },
            Refusal::Held(wait) => Self::Limited { wait },
            Refusal::Failed(why) => Self::Keeper(why),
        }
    }
}

/// What a client is told when it is not told more.
pub(crate) fn not_understood(what: impl Into<String>) -> GongError {
    GongError::NotUnderstood { what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_come_back_is_told_when() {
        let now = "2026-11-20T08:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let minute = Duration::from_mins(1);
        let later = Some(now + minute);
        let table = [
            (GongError::Limited { wait: minute }, true, later),
            (GongError::Resting { rest: minute }, true, later),
            (GongError::Exhausted { until: now + minute }, true, later),
            (GongError::Limited { wait: Duration::MAX }, true, Some(DateTime::<Utc>::MAX_UTC)),
            (GongError::Server { status: 500 }, true, None),
            (GongError::Denied { status: 401, check: "x" }, false, None),
            (GongError::Disconnected, false, None),
            (GongError::Circle { what: "calls" }, false, None),
        ];
        for (error, transient, at) in table {
            assert_eq!((error.is_transient(), error.retry_at(now)), (transient, at), "{error:?}");
        }
        let told = GongError::Exhausted { until: now }.to_string();
        assert!(told.ends_with("at 2026-11-20 08:00 UTC"), "{told}");
    }
}
