//! What can go wrong with accounts.

use db::DbError;
use kernel::Problem;

/// Why something about an account is not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Name, address or password is wrong; which of them is not told.
    #[error("name or password is wrong")]
    Credentials,
    /// Too many wrong passwords.
    #[error("too many wrong passwords; try again in {0} s")]
    Locked(u64),
    /// Too many passwords are looked at.
    #[error("too many log in at the moment; try again")]
    Busy,
    /// The token is forged, out of date or used.
    #[error("the token is no longer good; log in again")]
    Token,
    /// Registering is not open to them.
    #[error("{0}")]
    Closed(&'static str),
    /// A value is refused: field and sentence.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    /// It is not there, or not theirs to see.
    #[error("there is no such {0}")]
    Unknown(&'static str),
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Db(error) => error.into(),
            AccountError::Credentials | AccountError::Token => Self::unauthorized(error.to_string()),
            AccountError::Busy => Self::unavailable(error.to_string()),
            AccountError::Locked(seconds) => Self::too_many(error.to_string(), seconds),
            AccountError::Closed(why) => Self::forbidden(why),
            AccountError::Field(name, why) => Self::invalid(format!("{name}: {why}")).field(name, why),
            AccountError::Conflict(why) => Self::conflict(why),
            AccountError::Unknown(what) => Self::not_found(what),
        }
    }
}
