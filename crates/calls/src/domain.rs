//! What a kept call is.

use crate::blobs::hash;
use crate::{BlobError, Who};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use db::DbError;
use kernel::Problem;
use serde::{Deserialize, Serialize};
use transcript::redact::RedactKinds;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = CallStatus)]
pub enum Status {
    /// It is not known who is on our side.
    NeedsSides,
    /// Its analysis is a job.
    Queued,
    /// It has scores.
    Analysed,
    /// Its analysis was given up; the job tells why.
    Failed,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NeedsSides, Self::Queued, Self::Analysed, Self::Failed];

    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeedsSides => "needs_sides",
            Self::Queued => "queued",
            Self::Analysed => "analysed",
            Self::Failed => "failed",
        }
    }
}

/// Where a call came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// A file that somebody has.
    #[default]
    File,
    /// It was made up, so that somebody sees what this program does.
    Sample,
    /// Gong.
    Gong,
    /// Fireflies.
    Fireflies,
    /// A program that sends transcripts.
    Push,
}

impl Source {
    /// Name as in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Sample => "sample",
            Self::Gong => "gong",
            Self::Fireflies => "fireflies",
            Self::Push => "push",
        }
    }
}

/// How it is decided who is on our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sides {
    /// By the names that are told with it, else by our mail domains, else by the file.
    #[default]
    Usual,
    /// By the source alone, which knows our people.
    OfSource {
        /// Whether speakers whom it knows on neither side are customers where one of ours speaks; else a person is asked.
        strangers_are_customers: bool,
    },
}

/// What is told about a call when it comes in, beside the file.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Name of the file, without directories.
    pub file_name: String,
    /// Where it comes from.
    pub source: Source,
    /// How it is decided who is on our side.
    pub sides: Sides,
    /// What the source calls it, where that decides which call it is; otherwise the same file is the same call.
    pub source_id: Option<String>,
    /// Whose call it is: a name or a mail address. Otherwise who of our side says most.
    pub rep: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// A title instead of the source's.
    pub title: Option<String>,
    /// When it began, instead of what the source says.
    pub started_at: Option<DateTime<Utc>>,
    /// Where the team is: times without a zone are read there, and weeks begin there.
    pub time_zone: Tz,
    /// What is replaced before anything is kept.
    pub redact: RedactKinds,
    /// The rubric that judges it, by its id; otherwise the usual one.
    pub rubric: Option<String>,
    /// Who brings it. What a rep brings is theirs, whatever the file says; what a manager brings is only ever that of a rep whom they see, else
    /// the manager's.
    pub who: Who,
}

impl NewCall {
    /// A file of which nothing else is known; times are UTC, and payment and identity numbers are replaced.
    pub fn named(file_name: impl Into<String>) -> Self {
        Self {
            file_name: file_name.into(),
            source: Source::File,
            sides: Sides::Usual,
            source_id: None,
            rep: None,
            customer: None,
            title: None,
            started_at: None,
            time_zone: Tz::UTC,
            redact: RedactKinds::default(),
            rubric: None,
            who: Who::default(),
        }
    }

    /// What makes two calls the same one: SHA-256 of the file, or of what the source calls it.
    pub(crate) fn identity(&self, bytes: &[u8]) -> String {
        match &self.source_id {
            Some(id) => hash(format!("{}:{id}", self.source.as_str()).as_bytes()),
            None => hash(bytes),
        }
    }
}

/// A call as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct Call {
    /// Its id.
    pub id: Uuid,
    /// Id in the source.
    pub external_id: Option<String>,
    /// Title, or the file's name where there is none.
    pub title: String,
    /// Name of the file.
    pub file_name: String,
    /// Format it came in.
    pub format: String,
    /// The customer, where somebody said so.
    pub customer: Option<String>,
    /// Name of the rep.
    pub rep: Option<String>,
    /// How far it has come.
    pub status: Status,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it came in.
    pub imported_at: DateTime<Utc>,
    /// From the first word to the last.
    pub duration_ms: Option<i64>,
    /// 0 to 100.
    pub overall_score: Option<f64>,
    /// When it was judged last.
    pub analysed_at: Option<DateTime<Utc>>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Imported {
    /// A new call.
    New {
        /// Its id.
        id: Uuid,
        /// How far it has come.
        status: Status,
    },
    /// The same file was here before.
    Known {
        /// Id of that call.
        id: Uuid,
    },
}

/// Which calls to list, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this rep.
    pub rep: Option<Uuid>,
    /// Only those of this customer, without regard to case.
    pub customer: Option<String>,
    /// Only those that have come so far.
    pub status: Option<Status>,
    /// Only those that began, or came in where that is not known, at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Only those before this time.
    pub until: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: i64,
}

/// What was deleted with a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The call.
    pub call_id: Uuid,
    /// When.
    pub deleted_at: DateTime<Utc>,
    /// Rows by table.
    pub rows: Vec<(String, u64)>,
    /// Bytes of the original.
    pub original_bytes: i64,
}

/// Why a call cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The original cannot be kept.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A call is deleted, its original is not yet.
    #[error("the call is deleted; its original is not yet: {0}; a job tries again, `sideline jobs list` shows it")]
    OriginalLeft(BlobError),
    /// The transcript cannot be read.
    #[error(transparent)]
    Parse(#[from] transcript::ParseError),
    /// The names of our side are wrong.
    #[error(transparent)]
    Sides(#[from] transcript::sides::SidesError),
    /// There is no such call.
    #[error("there is no call {0}; `sideline calls` lists them")]
    Unknown(String),
    /// Several begin or end so.
    #[error(
        "several calls have ids that begin or end with {0}; write more of it (`sideline calls --json` has all of it)"
    )]
    Ambiguous(String),
    /// A value is refused: field and sentence.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Db(error) => error.into(),
            CallError::Blob(error) | CallError::OriginalLeft(error) => {
                tracing::error!(%error, "the store of originals failed");
                Self::unavailable("the store of the original files does not answer; try again")
            }
            CallError::Parse(error) => Self::invalid(format!("this is no transcript that can be read: {error}")),
            CallError::Sides(error) => {
                let why = error.to_string();
                Self::invalid(format!("internal: {why}")).field("internal", why)
            }
            CallError::Unknown(_) => Self::not_found("call"),
            CallError::Ambiguous(_) => {
                Self::conflict("several calls have this id in their source; ask for the one you mean by our own id")
            }
            CallError::Field(name, why) => Self::invalid(format!("{name}: {why}")).field(name, why),
            CallError::Conflict(why) => Self::conflict(why),
        }
    }
}
