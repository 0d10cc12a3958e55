//! What goes wrong, told so that somebody can do something about it. Never a key, a prompt or a word of it.

use remote::Resting;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LlmError {
    /// The client cannot be made like this.
    #[error("{0}")]
    Settings(String),
    /// 401 or 403.
    #[error(
        "the model's service does not accept the key (HTTP {status}): set a valid key that may use this model; new keys are made in the console of the service"
    )]
    Key {
        /// The status.
        status: u16,
    },
    /// 402, a quota that is used up, a cap on spending.
    #[error(
        "the account at the model's service cannot pay for this: add credit or raise the spending limit in its console; until then nothing is judged by the model"
    )]
    Billing,
    /// 404.
    #[error(
        "the model's service knows no model `{model}` at this address: check the name of the model and the address; a local server must have the model loaded first"
    )]
    Model {
        /// The model that was asked for.
        model: String,
    },
    /// 404 for something else than a model.
    #[error("the model's service has no such {what}, or keeps it no longer")]
    NotThere {
        /// What: `batch`.
        what: &'static str,
    },
    /// 413, or more tokens than the model can hold.
    #[error("the text is too long for the model: choose one with a larger context, or split the text")]
    TooLarge,
    /// 429.
    #[error("the model's service takes no more requests for now{}: it will later", after(*.retry_after))]
    Limited {
        /// The wait that it asked for.
        retry_after: Option<Duration>,
    },
    /// 503, 529.
    #[error("the model's service is overloaded, or still loads its model (HTTP {status}): it may answer later")]
    Overloaded {
        /// The status; of an error in the midst of an answer the one it stands for.
        status: u16,
    },
    /// 5xx, 408, 409.
    #[error("the model's service failed (HTTP {status}): it may answer later")]
    Server {
        /// The status; of an error in the midst of an answer the one it stands for.
        status: u16,
    },
    /// Another 4xx, or a request that is refused here before it is sent.
    #[error("the request was refused as wrong{}: {message}", with(*.status))]
    Invalid {
        /// The status; none where it was refused here.
        status: Option<u16>,
        /// The service's words, at most 300 characters, without what they repeat of the prompt.
        message: String,
    },
    /// Nobody waited for the answer any more.
    #[error("nobody waited for the answer any more: ask again")]
    Left,
    /// The answer ended before its end.
    #[error("the answer of the model's service broke off before its end; asked again it may be whole")]
    Unfinished,
    /// No answer within the deadline.
    #[error("the model's service gave no whole answer within {} s: a longer deadline or a smaller model may help", .within.as_secs_f32())]
    TimedOut {
        /// The deadline.
        within: Duration,
    },
    /// No connection, or one that broke before an answer.
    #[error("the model's service at {host} cannot be reached: {why}")]
    Unreachable {
        /// The host and port of the service.
        host: String,
        /// The system's words.
        why: String,
    },
    /// The service failed so often that it is left alone for a while; nothing was sent.
    #[error("the model's service failed several times in a row and is left alone for another {} s", .rest.as_secs_f32().ceil())]
    Resting {
        /// For how long.
        rest: Duration,
    },
    /// An answer that is none.
    #[error("the answer of the model's service is not understood: {what}; check the provider and the address")]
    NotUnderstood {
        /// What is wrong with it, without its words.
        what: String,
    },
    /// The provider does not offer this.
    #[error("{provider} offers no {what}")]
    Unsupported {
        /// What: `batches`.
        what: &'static str,
        /// The name of the provider.
        provider: &'static str,
    },
}

impl LlmError {
    /// Whether the same request can succeed later without anybody doing anything.
    pub fn helps_to_wait(&self) -> bool {
        match self {
            Self::Limited { .. }
            | Self::Overloaded { .. }
            | Self::Server { .. }
            | Self::Left
            | Self::Unfinished
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::Resting { .. } => true,
            Self::Settings(_)
            | Self::Key { .. }
            | Self::Billing
            | Self::Model { .. }
            | Self::NotThere { .. }
            | Self::TooLarge
            | Self::Invalid { .. }
            | Self::NotUnderstood { .. }
            | Self::Unsupported { .. } => false,
        }
    }

    /// How long to wait at least, where that is known.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after } => *retry_after,
            Self::Resting { rest } => Some(*rest),
            _ => None,
        }
    }

    /// A stable name, to keep and to count by: `timed_out`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Settings(_) => "settings",
            Self::Key { .. } => "key",
            Self::Billing => "billing",
            Self::Model { .. } => "model",
            Self::NotThere { .. } => "not_there",
            Self::TooLarge => "too_large",
            Self::Limited { .. } => "limited",
            Self::Overloaded { .. } => "overloaded",
            Self::Server { .. } => "server",
            Self::Invalid { .. } => "invalid",
            Self::Unfinished => "unfinished",
            Self::Left => "left",
            Self::TimedOut { .. } => "timed_out",
            Self::Unreachable { .. } => "unreachable",
            Self::Resting { .. } => "resting",
            Self::NotUnderstood { .. } => "not_understood",
            Self::Unsupported { .. } => "unsupported",
        }
    }
}

impl From<Resting> for LlmError {
    fn from(Resting { rest }: Resting) -> Self {
        Self::Resting { rest }
    }
}

fn after(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!(" (next in {} s)", wait.as_secs_f32().ceil()))
}

fn with(status: Option<u16>) -> String {
    status.map_or_else(String::new, |status| format!(" (HTTP {status})"))
}

/// What a client is told when it is not told more.
pub(crate) fn not_understood(what: impl Into<String>) -> LlmError {
    LlmError::NotUnderstood { what: what.into() }
}
