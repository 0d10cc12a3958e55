//! What goes wrong, told so that somebody can do something about it. Never a key or a word of a text.

use remote::Resting;
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no embedding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// A file of the model is not there.
    #[error("{} is missing: install the model for embeddings, or set the folder that it is in", .path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is not the one that this was made for.
    #[error("{} is not the file that belongs here (its SHA-256 is {found}, not {wanted}): install the model for embeddings again", .path.display())]
    WrongChecksum {
        /// The file, or the address that it came from.
        path: PathBuf,
        /// SHA-256 of the right one.
        wanted: String,
        /// SHA-256 of what is there.
        found: String,
    },
    /// A file of the model that cannot be made sense of.
    #[error("{} cannot be used: {why}; install the model for embeddings again", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file that the system does not let read or write.
    #[error("{}: {why}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// The model cannot be fetched.
    #[error(
        "{url} cannot be fetched: {why}; check the way to the internet and the proxy, or fetch the file elsewhere and install it from there"
    )]
    Download {
        /// What was asked for.
        url: &'static str,
        /// Why not.
        why: String,
    },
    /// What is asked cannot be done like this.
    #[error("{0}")]
    Settings(String),
    /// A computation that ended before its end.
    #[error("the embeddings were not computed to their end: the program is stopping, or this is a mistake of it")]
    Stopped,
    /// 401 or 403.
    #[error(
        "the service for embeddings does not accept the key (HTTP {status}): set a valid key that may use this model"
    )]
    Key {
        /// The status.
        status: u16,
    },
    /// 402, or a quota that is used up.
    #[error(
        "the account at the service for embeddings cannot pay for this: add credit or raise the spending limit in its console"
    )]
    Billing,
    /// 404.
    #[error(
        "the service for embeddings knows no model `{model}` at this address: check the name of the model and the address, which often ends in /v1; a local server must have the model loaded first"
    )]
    Model {
        /// The model that was asked for.
        model: String,
    },
    /// 413.
    #[error("a text is too long for the model of the service for embeddings: choose a model that takes longer ones")]
    TooLarge,
    /// 429.
    #[error("the service for embeddings takes no more requests for now{}: it will later", after(*.retry_after))]
    Limited {
        /// The wait that it asked for.
        retry_after: Option<Duration>,
    },
    /// 5xx, 408, 409.
    #[error("the service for embeddings failed (HTTP {status}): it may answer later")]
    Server {
        /// The status.
        status: u16,
    },
    /// Another 4xx.
    #[error("the service for embeddings refused the request as wrong (HTTP {status}): {message}")]
    Invalid {
        /// The status.
        status: u16,
        /// Its words, at most 300 characters, unless they repeat what it was sent.
        message: String,
    },
    /// The answer ended before its end.
    #[error("the answer of the service for embeddings broke off before its end; asked again it may be whole")]
    Unfinished,
    /// No answer within the deadline.
    #[error("the service for embeddings gave no whole answer within {} s: it may later", .within.as_secs_f32())]
    TimedOut {
        /// The deadline.
        within: Duration,
    },
    /// No connection, or one that broke before an answer.
    #[error("the service for embeddings at {host} cannot be reached: {why}")]
    Unreachable {
        /// The host and port of the service.
        host: String,
        /// The system's words.
        why: String,
    },
    /// The service failed so often that it is left alone for a while; nothing was sent.
    #[error("the service for embeddings failed several times in a row and is left alone for another {} s", .rest.as_secs_f32().ceil())]
    Resting {
        /// For how long.
        rest: Duration,
    },
    /// An answer that is none.
    #[error(
        "the answer of the service for embeddings is not understood: {what}; check its address and the proxy on the way to it"
    )]
    NotUnderstood {
        /// What is wrong with it, without its words.
        what: &'static str,
    },
    /// Another number of vectors than of texts.
    #[error(
        "the service for embeddings gave {found} vectors for {wanted} texts: check that its model is one for embeddings"
    )]
    Count {
        /// Texts.
        wanted: usize,
        /// Vectors.
        found: usize,
    },
    /// Vectors of another length than is set.
    #[error(
        "the vectors of the model for embeddings have {found} numbers, not {wanted}: set the dimensions of this model"
    )]
    Dimensions {
        /// Numbers that a vector should have.
        wanted: usize,
        /// Numbers that one has.
        found: usize,
    },
}

impl EmbedError {
    /// Whether the same can succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Stopped
            | Self::Download { .. }
            | Self::Limited { .. }
            | Self::Server { .. }
            | Self::Unfinished
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::Resting { .. } => true,
            Self::Missing { .. }
            | Self::WrongChecksum { .. }
            | Self::Broken { .. }
            | Self::Io { .. }
            | Self::Settings(_)
            | Self::Key { .. }
            | Self::Billing
            | Self::Model { .. }
            | Self::TooLarge
            | Self::Invalid { .. }
            | Self::NotUnderstood { .. }
            | Self::Count { .. }
            | Self::Dimensions { .. } => false,
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
            Self::Missing { .. } => "missing",
            Self::WrongChecksum { .. } => "wrong_checksum",
            Self::Broken { .. } => "broken",
            Self::Io { .. } => "io",
            Self::Download { .. } => "download",
            Self::Settings(_) => "settings",
            Self::Stopped => "stopped",
            Self::Key { .. } => "key",
            Self::Billing => "billing",
            Self::Model { .. } => "model",
            Self::TooLarge => "too_large",
            Self::Limited { .. } => "limited",
            Self::Server { .. } => "server",
            Self::Invalid { .. } => "invalid",
            Self::Unfinished => "unfinished",
            Self::TimedOut { .. } => "timed_out",
            Self::Unreachable { .. } => "unreachable",
            Self::Resting { .. } => "resting",
            Self::NotUnderstood { .. } => "not_understood",
            Self::Count { .. } => "count",
            Self::Dimensions { .. } => "dimensions",
        }
    }
}

impl From<Resting> for EmbedError {
    fn from(Resting { rest }: Resting) -> Self {
        Self::Resting { rest }
    }
}

fn after(wait: Option<Duration>) -> String {
    wait.map(|wait| format!(", for another {} s", wait.as_secs_f32().ceil())).unwrap_or_default()
}
