//! What can go wrong with a database, in sentences that say what to do.

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

/// An outcome that depends on the database.
pub type Result<T> = std::result::Result<T, DbError>;

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The setting is wrong.
    #[error("the database address is not understood: {0}; examples: sqlite:sideline.db, postgres://user@host/name")]
    Address(String),
    /// Nobody answers.
    #[error("the database cannot be reached: {0}; check that it runs and that DATABASE_URL is right")]
    Unreachable(String),
    /// Somebody else holds the lock.
    #[error("the database is locked by another program; it is tried again, or stop the other program")]
    Locked,
    /// Nothing can be written.
    #[error("the database cannot be written: {0}; check the permissions of the file and its directory")]
    ReadOnly(String),
    /// No room.
    #[error("the disk of the database is full; nothing was changed; free some space and try again")]
    Full,
    /// The file is something else, or damaged.
    #[error("the file is no intact SQLite database: {0}; restore a backup or choose another file")]
    Corrupt(String),
    /// A newer program has been here.
    #[error("the database has schema {found}, this program knows {known}: install the newer program")]
    Newer {
        /// Version in the database.
        found: i64,
        /// Latest version of this program.
        known: i64,
    },
    /// The schema is not there or old.
    #[error("the database has schema {found}, this program needs {known}: run `sideline migrate`")]
    Older {
        /// Version in the database; 0 for an empty one.
        found: i64,
        /// Latest version of this program.
        known: i64,
    },
    /// Changing the schema failed.
    #[error("the schema cannot be brought up to date: {0}")]
    Migrate(String),
    /// What this backend cannot do.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A row with this key exists.
    #[error("there is one already")]
    Duplicate,
    /// Anything else.
    #[error("the database refused: {0}")]
    Other(#[source] sqlx::Error),
}

impl DbError {
    /// Whether trying again later can help without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Locked | Self::Full)
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(io) => Self::Unreachable(io.to_string()),
            sqlx::Error::Tls(tls) => Self::Unreachable(format!("TLS: {tls}")),
            sqlx::Error::PoolTimedOut => Self::Unreachable("no connection became free in time".to_owned()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unreachable("it was closed".to_owned()),
            sqlx::Error::Database(found) => {
                if found.kind() == ErrorKind::UniqueViolation {
                    return Self::Duplicate;
                }
                let code = found.code().unwrap_or_default();
                let message = found.message();
                if found.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                    // The primary result code is the low byte: https://www.sqlite.org/rescode.html
                    match code.parse::<u32>().unwrap_or_default() & 0xff {
                        5 | 6 => Self::Locked,
                        3 | 8 | 14 => Self::ReadOnly(message.to_owned()),
                        10 => Self::Unreachable(format!("the disk reports an error ({message})")),
                        11 | 26 => Self::Corrupt(message.to_owned()),
                        13 => Self::Full,
                        _ => Self::Other(error),
                    }
                } else {
                    // Classes of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
                    match code.as_ref() {
                        "53100" => Self::Full,
                        "25006" => Self::ReadOnly(message.to_owned()),
                        "55P03" | "40001" | "40P01" => Self::Locked,
                        "28000" | "28P01" | "3D000" => Self::Unreachable(message.to_owned()),
                        code if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => {
                            Self::Unreachable(message.to_owned())
                        }
                        _ => Self::Other(error),
                    }
                }
            }
            _ => Self::Other(error),
        }
    }
}

impl From<MigrateError> for DbError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Migrate(other.to_string()),
        }
    }
}
