//! Why something of this area is not done.

use crate::knowledge::ReadError;
use db::DbError;
use kernel::Problem;

/// Why something about rubrics, trackers, insights or figures is not done.
#[derive(Debug, thiserror::Error)]
pub enum CoachingError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// It is not there, or not theirs to see.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    /// A value is refused: field and sentence.
    #[error("{0}: {1}")]
    Field(&'static str, String),
}

impl From<ReadError> for CoachingError {
    fn from(error: ReadError) -> Self {
        Self::Field("file", error.to_string())
    }
}

impl From<CoachingError> for Problem {
    fn from(error: CoachingError) -> Self {
        match error {
            CoachingError::Db(error) => error.into(),
            CoachingError::Unknown(what) => Self::not_found(what),
            CoachingError::Conflict(why) => Self::conflict(why),
            CoachingError::Field(name, why) => Self::invalid(format!("{name}: {why}")).field(name, why),
        }
    }
}
