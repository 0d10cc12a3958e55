//! What can go wrong with a database, in sentences that say what to do.

use kernel::Problem;
use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;
use std::io;
use std::path::Path;

/// An outcome that depends on the database.
pub type Result<T> = std::result::Result<T, DbError>;

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The setting is wrong.
    #[error("the database address is not understood: {0}; examples: sqlite:sideline.db, postgres://user@host/name")]
    Address(String),
    /// The folder of the file is not there.
    #[error("the folder of the database is not there: {0}; make it, or change DATABASE_URL")]
    Missing(String),
    /// Nobody answers.
    #[error("the database cannot be reached: {0}; check that it runs and that DATABASE_URL is right")]
    Unreachable(String),
    /// Somebody answers and does not let us in.
    #[error("the database refuses us: {0}; check user, password and name in DATABASE_URL, and what the server grants")]
    Denied(String),
    /// The encrypted connection does not come about; the text says what to do.
    #[error("the database cannot be reached by TLS: {0}")]
    Tls(String),
    /// The server has as many connections as it takes.
    #[error("the database takes no more connections: {0}; lower database_max_connections, or raise the server's limit")]
    Crowded(String),
    /// Somebody else holds the lock.
    #[error("the database is locked by another program or a long write; try again, or end the other program")]
    Locked,
    /// PostgreSQL gave a statement up.
    #[error(
        "the database stopped a statement that took longer than database_statement_timeout; try again, or raise it"
    )]
    TooSlow,
    /// Nothing can be written.
    #[error(
        "the database cannot be written: {0}; check owner and permissions of the file and its folder, and that the disk is not mounted read-only"
    )]
    ReadOnly(String),
    /// No room.
    #[error("the disk of the database is full; nothing was changed; free some space and try again")]
    Full,
    /// The disk fails, or a limit on the size of files or the quota of the user is reached.
    #[error(
        "the disk of the database reports an error ({0}); nothing was changed; look at quotas, at limits of file sizes, and at the system's log"
    )]
    Disk(String),
    /// The file is something else, or damaged.
    #[error("the file is no intact SQLite database: {0}; restore a backup or choose another file")]
    Corrupt(String),
    /// The file is not where it was opened.
    #[error(
        "the file of the database was moved or deleted while it was in use: {0}; put it back and start the program again"
    )]
    Moved(String),
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
        matches!(self, Self::Unreachable(_) | Self::Crowded(_) | Self::Locked | Self::TooSlow)
    }

    /// Whether whatever else is asked of the database now fails alike.
    pub fn concerns_all(&self) -> bool {
        !matches!(self, Self::Duplicate | Self::Unsupported(_) | Self::Other(_))
    }

    /// Names the file where SQLite does not.
    pub(crate) fn of_file(self, path: &Path) -> Self {
        let named = |told: String| format!("{}: {told}", path.display());
        match self {
            Self::ReadOnly(told) => Self::ReadOnly(named(told)),
            Self::Corrupt(told) => Self::Corrupt(named(told)),
            Self::Disk(told) => Self::Disk(named(told)),
            // The one connection that writes is taken: somebody of this program writes for long.
            Self::Unreachable(_) => Self::Locked,
            other => other,
        }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(io) => {
                crate::broken::note();
                of_io(io)
            }
            sqlx::Error::Tls(told) => Self::Tls(tls(&told.to_string())),
            sqlx::Error::Configuration(told) => Self::Address(told.to_string()),
            sqlx::Error::PoolTimedOut => {
                Self::Unreachable("it does not answer in time, or all connections are in use".to_owned())
            }
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unreachable("it was closed".to_owned()),
            sqlx::Error::Database(found) if found.kind() == ErrorKind::UniqueViolation => Self::Duplicate,
            sqlx::Error::Database(found) => {
                let code = found.code().unwrap_or_default();
                let told = found.message().to_owned();
                let known = if found.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                    of_sqlite(code.parse().unwrap_or_default(), told)
                } else {
                    of_postgres(&code, told)
                };
                known.unwrap_or(Self::Other(error))
            }
            _ => Self::Other(error),
        }
    }
}

/// What a result code of SQLite means: <https://www.sqlite.org/rescode.html>.
fn of_sqlite(code: u32, told: String) -> Option<DbError> {
    Some(match code {
        1032 => DbError::Moved(told),
        // The index of the log cannot grow, which it does before anything else.
        4874 => DbError::Full,
        // The primary code is the low byte.
        _ => match code & 0xff {
            5 | 6 => DbError::Locked,
            3 | 8 | 14 => DbError::ReadOnly(told),
            10 => DbError::Disk(told),
            11 | 26 => DbError::Corrupt(told),
            13 => DbError::Full,
            _ => return None,
        },
    })
}

/// What an SQLSTATE means: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(code: &str, told: String) -> Option<DbError> {
    Some(match code {
        "53100" => DbError::Full,
        "58030" => DbError::Disk(told),
        "25006" => DbError::ReadOnly(told),
        "55P03" | "40001" | "40P01" => DbError::Locked,
        "57014" => DbError::TooSlow,
        "53300" => DbError::Crowded(told),
        // pg_hba.conf has lines for encrypted connections only.
        "28000" if told.ends_with("no encryption") => {
            DbError::Tls(format!("{told}; add sslmode=verify-full or sslmode=require to DATABASE_URL"))
        }
        "28000" | "28P01" | "3D000" | "42501" => DbError::Denied(told),
        code if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => {
            crate::broken::note();
            DbError::Unreachable(told)
        }
        _ => return None,
    })
}

fn of_io(error: &io::Error) -> DbError {
    let told = error.to_string();
    match error.kind() {
        // So rustls tells what it thinks of a certificate.
        io::ErrorKind::InvalidData => DbError::Tls(tls(&told)),
        io::ErrorKind::NotFound => DbError::Address(format!("a file that it names is not there ({told})")),
        _ => DbError::Unreachable(told),
    }
}

/// What to do about a TLS connection that does not come about.
fn tls(told: &str) -> String {
    let advice = if told.contains("UnknownIssuer") {
        "name the file of the right authority with sslrootcert=FILE in DATABASE_URL"
    } else if told.contains("not valid for name") || told.contains("NotValidForName") {
        "write the host in DATABASE_URL as the certificate names it, or have it name this host"
    } else if told.contains("xpired") || told.contains("NotValidYet") {
        "renew the certificate, or set the clock"
    } else if told.contains("does not support TLS") {
        "switch `ssl` on in its postgresql.conf, or use sslmode=disable where nobody else is on the network"
    } else {
        "check sslmode, sslrootcert, sslcert and sslkey in DATABASE_URL"
    };
    format!("{told}; {advice}")
}

impl From<MigrateError> for DbError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Migrate(other.to_string()),
        }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        Self::from(&error)
    }
}

/// What clients are told of a database that failed: when to try again, nothing of its inside.
impl From<&DbError> for Problem {
    fn from(error: &DbError) -> Self {
        if error.is_transient() {
            tracing::warn!(%error, "the database does not answer");
            return Self::unavailable("the database does not answer at the moment; try again");
        }
        tracing::error!(%error, "the database failed");
        if error.concerns_all() {
            return Self::unavailable("nothing can be kept at the moment; the log of the program says why");
        }
        Self::internal()
    }
}
