//! Why something of this area is not done.

use crate::seal::SealError;
use calls::CallError;
use db::DbError;
use kernel::Problem;
use std::sync::Arc;

/// Why something about connections and what they send is not done.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The database failed for all that was written together.
    #[error(transparent)]
    Together(Arc<DbError>),
    /// It is not there.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    /// A value is another's already: field and sentence.
    #[error("{1}")]
    Taken(&'static str, String),
    /// A value is refused: field and sentence.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// A delivery is not proven to come from whom it must come from.
    #[error("{0}")]
    Unproven(String),
    /// The secrets of a connection cannot be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The service does not do what is asked: a sentence for the person who asked.
    #[error("{0}")]
    Service(String),
    /// A call cannot be kept.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Db(error) => error.into(),
            IntakeError::Together(error) => Self::from(&*error),
            IntakeError::Unknown(what) => Self::not_found(what),
            IntakeError::Field(name, why) => Self::invalid(format!("{name}: {why}")).field(name, why),
            IntakeError::Taken(name, why) => Self::conflict(why.clone()).field(name, why),
            IntakeError::Unproven(why) => Self::unauthorized(why),
            IntakeError::Seal(error) => Self::conflict(error.to_string()),
            IntakeError::Conflict(why) | IntakeError::Service(why) => Self::conflict(why),
            IntakeError::Call(error) => error.into(),
        }
    }
}
