//! Why something of this area is not done.

use coaching::CoachingError;
use db::DbError;
use kernel::Problem;

/// Why something about deals is not done.
#[derive(Debug, thiserror::Error)]
pub enum DealError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// It is not there, or not for the actor to see.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// A value is refused: field and sentence.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// A file cannot be taken in: a sentence for each of the first rows that are wrong.
    #[error("nothing was taken in: {}", .0.join("; "))]
    File(Vec<String>),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
}

impl From<CoachingError> for DealError {
    fn from(error: CoachingError) -> Self {
        match error {
            CoachingError::Db(error) => error.into(),
            CoachingError::Unknown(what) => Self::Unknown(what),
            CoachingError::Field(field, why) => Self::Field(field, why),
            CoachingError::Conflict(why) => Self::Conflict(why),
        }
    }
}

impl From<DealError> for Problem {
    fn from(error: DealError) -> Self {
        match error {
            DealError::Db(error) => error.into(),
            DealError::Unknown(what) => Self::not_found(what),
            DealError::Field(name, why) => Self::invalid(format!("{name}: {why}")).field(name, why),
            DealError::File(rows) => {
                let problem = Self::invalid("nothing was taken in: rows of the file cannot be read");
                rows.into_iter().fold(problem, |problem, row| problem.field("file", row))
            }
            DealError::Conflict(why) => Self::conflict(why),
        }
    }
}
