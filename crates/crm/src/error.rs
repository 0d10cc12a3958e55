//! What goes wrong, told so that somebody can do something about it. Never a key, a token or a word of a record.

use crate::{Object, Service};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrmError {
    /// The client cannot be made like this.
    #[error("{0}")]
    Settings(String),
    /// 401 or 403, or the app is refused where tokens are given.
    #[error("{service} denies this (HTTP {status}): {check}")]
    Denied {
        /// Who.
        service: Service,
        /// The status.
        status: u16,
        /// What to check.
        check: &'static str,
    },
    /// The refresh token is worth nothing any more.
    #[error("{service} no longer lets this program in: connect {service} again")]
    Disconnected {
        /// Who.
        service: Service,
    },
    /// 429, or `REQUEST_LIMIT_EXCEEDED`.
    #[error("{service} takes no more requests before {}: its limit {policy} is reached", .until.format("%Y-%m-%d %H:%M:%S UTC"))]
    Limited {
        /// Who.
        service: Service,
        /// When it may be asked again.
        until: DateTime<Utc>,
        /// Which limit, as sentences name it: `of a day`.
        policy: &'static str,
    },
    /// The service failed so often that it is left alone for a while; nothing was sent.
    #[error("{service} failed several times in a row and is left alone for another {} s", .rest.as_secs_f32().ceil())]
    Resting {
        /// Who.
        service: Service,
        /// For how long.
        rest: Duration,
    },
    /// 5xx.
    #[error("{service} failed (HTTP {status}): it may answer later")]
    Server {
        /// Who.
        service: Service,
        /// The status.
        status: u16,
    },
    /// No connection, or one that broke before an answer.
    #[error("{service} at {host} cannot be reached: {why}")]
    Unreachable {
        /// Who.
        service: Service,
        /// The host and port.
        host: String,
        /// The system's words.
        why: String,
    },
    /// No whole answer in time.
    #[error("{service} gave no whole answer within {} s: it may later", .within.as_secs_f32())]
    TimedOut {
        /// Who.
        service: Service,
        /// The time there was.
        within: Duration,
    },
    /// The answer ended before its end.
    #[error("the answer of {service} broke off before its end; asked again it may be whole")]
    Unfinished {
        /// Whose.
        service: Service,
    },
    /// An answer that is none, as a page of something between here and the service.
    #[error(
        "the answer of {service} is not understood: {what}; if this goes on, check the address of {service} and the proxy on the way to it"
    )]
    NotUnderstood {
        /// Whose.
        service: Service,
        /// What is wrong with it, without its words.
        what: &'static str,
    },
    /// An answer without end.
    #[error("the answer of {service} is larger than {} MB: set a smaller page", .most >> 20)]
    TooLarge {
        /// Whose.
        service: Service,
        /// Bytes of the largest that is read.
        most: usize,
    },
    /// 3xx.
    #[error(
        "the address of {service} sends requests elsewhere (HTTP {status}), where the key does not follow: set the address of the API itself"
    )]
    Elsewhere {
        /// Who.
        service: Service,
        /// The status.
        status: u16,
    },
    /// 404.
    #[error(
        "there is no API of {service} at {host}, or it has no {what}: check the address of {service}, the version of its API and what is switched on there"
    )]
    NotThere {
        /// Who.
        service: Service,
        /// The host and port.
        host: String,
        /// What was asked for: `deals`.
        what: &'static str,
    },
    /// `INVALID_FIELD`, `INVALID_TYPE`; a property that does not exist.
    #[error(
        "{service} has not all the fields that are asked for with {what}, or does not show them to this key: check the names of your own fields and what the key may see{message}"
    )]
    NoField {
        /// Who.
        service: Service,
        /// What was asked for: `deals`.
        what: &'static str,
        /// The words of the service of at most 300 characters, as they follow; empty where it says nothing that can be told.
        message: String,
    },
    /// Another 4xx.
    #[error("{service} refused the request as wrong (HTTP {status}){message}")]
    Invalid {
        /// Who.
        service: Service,
        /// The status.
        status: u16,
        /// The words of the service of at most 300 characters, as they follow; empty where it says nothing that can be told.
        message: String,
    },
    /// Something that is no id was given for one; nothing was sent.
    #[error("this is no id of a record of {service}: nothing was asked")]
    NotAnId {
        /// Whose.
        service: Service,
    },
    /// A mark of another list; nothing was sent.
    #[error("the mark does not belong to the {} of {service}: read them from the beginning", .object.plural())]
    Mark {
        /// Whose.
        service: Service,
        /// What was asked for.
        object: Object,
    },
}

impl CrmError {
    /// Whether the same request can succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Limited { .. }
            | Self::Resting { .. }
            | Self::Server { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Unfinished { .. }
            | Self::NotUnderstood { .. } => true,
            Self::Settings(_)
            | Self::Denied { .. }
            | Self::Disconnected { .. }
            | Self::TooLarge { .. }
            | Self::Elsewhere { .. }
            | Self::NotThere { .. }
            | Self::NoField { .. }
            | Self::Invalid { .. }
            | Self::NotAnId { .. }
            | Self::Mark { .. } => false,
        }
    }

    /// When to come back at the earliest, where that is known.
    pub fn retry_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Limited { until, .. } => Some(*until),
            Self::Resting { rest, .. } => {
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
            Self::Disconnected { .. } => "disconnected",
            Self::Limited { .. } => "limited",
            Self::Resting { .. } => "resting",
            Self::Server { .. } => "server",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed_out",
            Self::Unfinished { .. } => "unfinished",
            Self::NotUnderstood { .. } => "not_understood",
            Self::TooLarge { .. } => "too_large",
            Self::Elsewhere { .. } => "elsewhere",
            Self::NotThere { .. } => "not_there",
            Self::NoField { .. } => "no_field",
            Self::Invalid { .. } => "invalid",
            Self::NotAnId { .. } => "not_an_id",
            Self::Mark { .. } => "mark",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_come_back_is_told_when() {
        let now = "2026-11-20T08:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let (service, minute) = (Service::HubSpot, Duration::from_mins(1));
        let table = [
            (CrmError::Limited { service, until: now + minute, policy: "of a day" }, true, Some(now + minute)),
            (CrmError::Resting { service, rest: minute }, true, Some(now + minute)),
            (CrmError::Resting { service, rest: Duration::MAX }, true, Some(DateTime::<Utc>::MAX_UTC)),
            (CrmError::Server { service, status: 500 }, true, None),
            (CrmError::Denied { service, status: 401, check: "x" }, false, None),
            (CrmError::Disconnected { service }, false, None),
        ];
        for (error, transient, at) in table {
            assert_eq!((error.is_transient(), error.retry_at(now)), (transient, at), "{error:?}");
        }
        let told = CrmError::Limited { service, until: now, policy: "of a day" }.to_string();
        assert_eq!(
            told,
            "HubSpot takes no more requests before 2026-11-20 08:00:00 UTC: its limit of a day is reached"
        );
    }
}
