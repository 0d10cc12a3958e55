//! The database: SQLite or PostgreSQL behind one type.
//!
//! A statement is written once, with `$1` placeholders, and run by [`on_db!`] (reading) or [`on_tx!`] (within a [`Tx`]; all writing is).
//! What the two cannot say alike is matched by hand.

mod broken;
mod error;
mod migrate;
mod statement;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::{DbError, Result};
pub use migrate::SchemaVersion;
pub use sqlx;
pub use statement::{Statement, Value};

use kernel::Secret;
use log::LevelFilter;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Postgres, Sqlite, Transaction};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A connection that has rested so long may have ended.
const RESTED: Duration = Duration::from_secs(1);

/// Where the database is and how it is used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`; `sslmode` and the like are honoured.
    pub url: Secret,
    /// Most connections of the pool; with SQLite those that read.
    pub max_connections: u32,
    /// How long to wait for a connection, or for SQLite's lock.
    pub acquire_timeout: Duration,
    /// How long PostgreSQL may work on one statement.
    pub statement_timeout: Duration,
    /// Statements that take longer are logged, with their time and without values.
    pub slow_query: Duration,
}

impl Settings {
    /// The usual ones for a database at `url`.
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            max_connections: 8,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_mins(1),
            slow_query: Duration::from_millis(500),
        }
    }

    /// The file of the database; `None` for a server.
    ///
    /// # Errors
    /// When the address is not understood.
    pub fn file(&self) -> Result<Option<PathBuf>> {
        let url = self.url.expose();
        if !url.starts_with("sqlite:") {
            return Ok(None);
        }
        let options = SqliteConnectOptions::from_str(url).map_err(|error| DbError::Address(error.to_string()))?;
        Ok(Some(options.get_filename().to_owned()))
    }
}

/// The address of a SQLite database in this file, whatever is in its name. What is no UTF-8 in it is lost.
pub fn sqlite_url(file: &Path) -> String {
    // What comes after a question mark would be parameters, and what comes after a percent sign a byte.
    format!("sqlite:{}", file.to_string_lossy().replace('%', "%25").replace('?', "%3f"))
}

/// An open database. Clones share its connections.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file.
    Sqlite(SqliteDb),
    /// A server.
    Postgres(PgPool),
}

/// SQLite allows one writer: it gets a connection of its own, so that writers wait in line here and not on the file's lock.
#[derive(Debug, Clone)]
pub struct SqliteDb {
    /// Connections that read.
    pub read: SqlitePool,
    /// The connection that writes.
    pub write: SqlitePool,
    path: Arc<Path>,
    /// Which file it was when it was opened; `None` in memory.
    file: Option<(u64, u64)>,
}

/// A transaction; rolled back when it is dropped.
#[derive(Debug)]
pub enum Tx {
    /// Of SQLite: the only one that writes.
    Sqlite(Transaction<'static, Sqlite>),
    /// Of PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs `body` with `$pool` being a pool of the database at hand, for reading.
#[macro_export]
macro_rules! on_db {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::Db::Sqlite(sqlite) => {
                let $pool = &sqlite.read;
                $body
            }
            $crate::Db::Postgres($pool) => $body,
        }
    };
}

/// Runs `body` with `$conn` being the connection of the transaction.
#[macro_export]
macro_rules! on_tx {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}

impl Db {
    /// Opens the database; a file that is not there is made.
    ///
    /// # Errors
    /// When the address is none, or the database cannot be reached.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let url = settings.url.expose();
        if url.starts_with("sqlite:") {
            Self::open_sqlite(settings).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)
                .map_err(|error| DbError::Address(error.to_string()))?
                .application_name("sideline")
                .options([
                    ("statement_timeout", settings.statement_timeout.as_millis().to_string()),
                    // What a program that vanished holds is let go soon, not after the hours that TCP takes by itself.
                    ("idle_in_transaction_session_timeout", "60000".to_owned()),
                    // Statements here are short: to compile one takes longer than to run it.
                    ("jit", "off".to_owned()),
                    // What is asked for often is in memory, and disks of today do not turn: as is advised for them. By itself PostgreSQL would rather read
                    // a whole table than fetch a tenth of it.
                    ("random_page_cost", "1.1".to_owned()),
                    ("tcp_keepalives_idle", "60".to_owned()),
                    ("tcp_keepalives_interval", "10".to_owned()),
                    ("tcp_keepalives_count", "6".to_owned()),
                ])
                // Nobody reads them; how long they take is measured by whoever listens.
                .log_statements(LevelFilter::Debug)
                .log_slow_statements(LevelFilter::Warn, settings.slow_query);
            let pool = PgPoolOptions::new()
                .max_connections(settings.max_connections)
                .acquire_timeout(settings.acquire_timeout)
                // To ask a connection whether it is there takes as long as a statement: only where it has rested, or another one has broken
                // since it was used.
                .test_before_acquire(false)
                .before_acquire(|connection, meta| {
                    Box::pin(async move {
                        let trusted = meta.idle_for < RESTED && !broken::since(meta.idle_for);
                        Ok(trusted || connection.ping().await.is_ok())
                    })
                })
                .connect_with(options)
                .await?;
            Ok(Self::Postgres(pool))
        } else {
            Err(DbError::Address("it must begin with sqlite: or postgres://".to_owned()))
        }
    }

    async fn open_sqlite(settings: &Settings) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(settings.url.expose())
            .map_err(|error| DbError::Address(error.to_string()))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // In WAL mode only FULL syncs the log at every commit: what was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten, not only forgotten.
            .pragma("secure_delete", "ON")
            .busy_timeout(settings.acquire_timeout)
            // The rows of a page and one more: whoever reads them waits once.
            .row_buffer_size(256)
            // Nobody reads them; how long they take is measured by whoever listens.
            .log_statements(LevelFilter::Debug)
            .log_slow_statements(LevelFilter::Warn, settings.slow_query);
        let path: Arc<Path> = options.get_filename().into();
        let named = |error: sqlx::Error| DbError::from(error).of_file(&path);
        if !settings.url.expose().contains("mode=ro") {
            writable(&path)?;
        }
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(settings.acquire_timeout)
                // When the disk is full or fails, SQLite rolls back by itself; sqlx then believes for ever that the transaction is open,
                // and the connection begins no other one.
                .test_before_acquire(false)
                .before_acquire(|connection, _| {
                    let idle = !connection.is_in_transaction();
                    Box::pin(async move { Ok(idle) })
                })
        };
        let begun = Instant::now();
        let write = loop {
            match pool(1).connect_with(options.clone()).await.map_err(named) {
                // Programs that start together on a new file: who changes it to WAL is refused at once where another one does, busy or not.
                Err(DbError::Locked) if begun.elapsed() < settings.acquire_timeout => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                opened => break opened?,
            }
        };
        let read = pool(settings.max_connections).connect_with(options.pragma("query_only", "ON")).await;
        let read = read.map_err(named)?;
        let file = identity(&path);
        Ok(Self::Sqlite(SqliteDb { read, write, path, file }))
    }

    /// `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(sqlite) => Some(&sqlite.path),
            Self::Postgres(_) => None,
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When the database cannot be reached or stays locked.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            // A deferred transaction that wants to write later fails at once when somebody else has written; no time-out helps.
            Self::Sqlite(sqlite) => {
                // SQLite goes on writing into a file that was deleted, and everything is lost with the last program that has it open.
                if identity(&sqlite.path) != sqlite.file {
                    return Err(DbError::Moved(sqlite.path.display().to_string()));
                }
                let begun = sqlite.write.begin_with("BEGIN IMMEDIATE").await;
                Tx::Sqlite(begun.map_err(|error| DbError::from(error).of_file(&sqlite.path))?)
            }
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When it gives none.
    pub async fn ping(&self) -> Result<()> {
        on_db!(self, pool => sqlx::query("SELECT 1").execute(pool).await?.rows_affected());
        Ok(())
    }

    /// Brings what was written into SQLite's file and empties its log, where deleted words would lie until somebody writes over them.
    ///
    /// # Errors
    /// When the database fails. That somebody reads meanwhile is no error: the log is emptied later.
    pub async fn checkpoint(&self) -> Result<()> {
        if let Self::Sqlite(sqlite) = self {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&sqlite.write).await?;
        }
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => {
                sqlite.read.close().await;
                sqlite.write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Writes a copy of a SQLite database to `target`, consistent while others write.
    ///
    /// # Errors
    /// When the copy cannot be written, or the database is PostgreSQL, which has `pg_dump` for it.
    pub async fn copy_to(&self, target: &Path) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => {
                // On a connection of its own: the pooled ones that read may not write anywhere.
                let target = target.to_str().ok_or_else(|| DbError::Address("the path is no UTF-8".to_owned()))?;
                let mut conn = sqlite.read.acquire().await?;
                sqlx::query("PRAGMA query_only = OFF").execute(&mut *conn).await?;
                let copied = sqlx::query("VACUUM INTO $1").bind(target).execute(&mut *conn).await;
                sqlx::query("PRAGMA query_only = ON").execute(&mut *conn).await?;
                copied?;
                Ok(())
            }
            Self::Postgres(_) => Err(DbError::Unsupported("back PostgreSQL up with pg_dump")),
        }
    }
}

/// Whether a file of SQLite, and those it puts beside it, can be written. SQLite tells only at the first change, and not which file it is.
fn writable(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(DbError::ReadOnly(format!("{} is a folder", path.display()))),
    };
    if !folder.is_dir() {
        return Err(DbError::Missing(folder.display().to_string()));
    }
    // Not by opening it: closing a file drops every lock that this process has on it, SQLite's as well.
    for path in [folder, path].into_iter().filter(|path| path.exists()) {
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK)
            .map_err(|error| DbError::ReadOnly(format!("{}: {error}", path.display())))?;
    }
    Ok(())
}

/// Device and number of a file.
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

impl Tx {
    /// Makes everything lasting.
    ///
    /// # Errors
    /// When the database did not acknowledge it: it is not known then whether it is so.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
