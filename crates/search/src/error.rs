//! Why something of this area is not done.

use calls::CallError;
use coaching::CoachingError;
use db::DbError;
use embed::EmbedError;
use kernel::Problem;

/// Why something is not found, or not answered.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// What computes vectors failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// It is not there, or not for the actor to see.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// A value is refused: field and sentence.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
}

impl From<CallError> for SearchError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Db(error) => error.into(),
            CallError::Unknown(_) => Self::Unknown("call"),
            other => Self::Conflict(other.to_string()),
        }
    }
}

impl From<CoachingError> for SearchError {
    fn from(error: CoachingError) -> Self {
        match error {
            CoachingError::Db(error) => error.into(),
            CoachingError::Unknown(what) => Self::Unknown(what),
            CoachingError::Field(field, why) => Self::Field(field, why),
            CoachingError::Conflict(why) => Self::Conflict(why),
        }
    }
}

impl From<deals::DealError> for SearchError {
    fn from(error: deals::DealError) -> Self {
        match error {
            deals::DealError::Db(error) => error.into(),
            deals::DealError::Unknown(what) => Self::Unknown(what),
            deals::DealError::Field(field, why) => Self::Field(field, why),
            other => Self::Conflict(other.to_string()),
        }
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Db(error) => error.into(),
            SearchError::Embed(error) => {
                tracing::error!(%error, "a query was not compared by meaning");
                Self::conflict("the service that computes vectors does not answer: search by words, or try again")
            }
            SearchError::Unknown(what) => Self::not_found(what),
            SearchError::Field(name, why) => Self::invalid(format!("{name}: {why}")).field(name, why),
            SearchError::Conflict(why) => Self::conflict(why),
        }
    }
}
