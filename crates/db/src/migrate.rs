//! The schema: plain SQL files for each backend, applied in order.

use crate::{Db, DbError, Result, on_db};
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use std::fs::File;

macro_rules! migrations {
    ($backend:literal, $($version:literal $name:literal),+) => {
        vec![$(Migration::new(
            $version,
            $name.into(),
            MigrationType::Simple,
            include_str!(concat!("../migrations/", $backend, "/", $name, ".sql")).into_sql_str(),
            false,
        )),+]
    };
}

fn migrations(db: &Db) -> Vec<Migration> {
    match db {
        Db::Sqlite(_) => {
            migrations!(
                "sqlite",
                1 "0001_first", 2 "0002_weeks_and_reps", 3 "0003_accounts", 4 "0004_call_lists", 5 "0005_coaching", 6 "0006_samples",
                7 "0007_model", 8 "0008_knowledge", 9 "0009_backfills", 10 "0010_insights", 11 "0011_intake", 12 "0012_rounds",
                13 "0013_deals", 14 "0014_housekeeping", 15 "0015_deal_lists", 16 "0016_deal_words", 17 "0017_search"
            )
        }
        Db::Postgres(_) => {
            migrations!(
                "postgres",
                1 "0001_first", 2 "0002_weeks_and_reps", 3 "0003_accounts", 4 "0004_call_lists", 5 "0005_coaching", 6 "0006_samples",
                7 "0007_model", 8 "0008_knowledge", 9 "0009_backfills", 10 "0010_insights", 11 "0011_intake", 12 "0012_rounds",
                13 "0013_deals", 14 "0014_housekeeping", 15 "0015_deal_lists", 16 "0016_deal_words", 17 "0017_search"
            )
        }
    }
}

/// The schema that a database has and the one this program needs; 0 stands for an empty database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// In the database.
    pub found: i64,
    /// In this program.
    pub known: i64,
}

impl Db {
    /// Which schema there is.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn schema(&self) -> Result<SchemaVersion> {
        let known = migrations(self).iter().map(|m| m.version).max().unwrap_or_default();
        let tables = match self {
            Self::Sqlite(_) => "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            Self::Postgres(_) => {
                "SELECT count(*) FROM pg_tables WHERE tablename = '_sqlx_migrations' AND schemaname = current_schema()"
            }
        };
        let tables: i64 = on_db!(self, pool => sqlx::query_scalar(tables).fetch_one(pool).await?);
        let found = if tables == 0 {
            None
        } else {
            let newest = "SELECT max(version) FROM _sqlx_migrations WHERE success";
            on_db!(self, pool => sqlx::query_scalar::<_, Option<i64>>(newest).fetch_one(pool).await?)
        };
        Ok(SchemaVersion { found: found.unwrap_or_default(), known })
    }

    /// Brings the schema up to date, one program at a time: the others wait.
    ///
    /// # Errors
    /// [`DbError::Newer`] when a newer program has changed the schema; otherwise when the database fails. A step that fails is undone.
    pub async fn migrate(&self) -> Result<SchemaVersion> {
        let before = self.schema().await?;
        if before.found > before.known {
            return Err(DbError::Newer { found: before.found, known: before.known });
        }
        if before.found == before.known {
            // Nothing to do, and no lock to wait for.
            return Ok(before);
        }
        let migrator = Migrator::with_migrations(migrations(self));
        match self {
            Self::Sqlite(sqlite) => {
                // SQLite has no lock by name; PostgreSQL's is taken by the migrator.
                let mut name = sqlite.path.as_os_str().to_owned();
                name.push(".migrate");
                let lock =
                    File::create(&name).map_err(|error| DbError::ReadOnly(error.to_string()).of_file(name.as_ref()))?;
                let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await;
                let lock = lock.map_err(|error| DbError::Migrate(error.to_string()))?;
                let _held = lock.map_err(|error| DbError::Migrate(error.to_string()))?;
                migrator.run(&sqlite.write).await?;
            }
            Self::Postgres(pool) => migrator.run(pool).await?,
        }
        Ok(before)
    }

    /// Checks that the schema is the one this program knows.
    ///
    /// # Errors
    /// [`DbError::Newer`] or [`DbError::Older`].
    pub async fn check_schema(&self) -> Result<()> {
        let SchemaVersion { found, known } = self.schema().await?;
        match found.cmp(&known) {
            std::cmp::Ordering::Less => Err(DbError::Older { found, known }),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(DbError::Newer { found, known }),
        }
    }
}
