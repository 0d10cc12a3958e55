//! Deals that were made up, for whoever has none yet.

use crate::domain::record::FileKind;
use crate::import::{Brought, Files, What};
use crate::{DealError, Deals};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};

/// Whose ids they have.
const SYSTEM: &str = "sample";

/// When the sample deals that are kept were brought in; `None` where there is none.
///
/// # Errors
/// When the database fails.
pub async fn samples_since(db: &Db) -> Result<Option<DateTime<Utc>>, DbError> {
    let sql = "SELECT min(created_at) FROM opportunities WHERE system = $1";
    on_db!(db, pool => Ok(sqlx::query_scalar(sql).bind(SYSTEM).fetch_one(pool).await?))
}

/// Takes in sample deals, their e-mails or their links: a JSON list, as of [`bring`](crate::bring).
///
/// # Errors
/// [`DealError::File`] with what is wrong in which row.
pub async fn bring_samples(deals: &Deals, by: &str, what: What, rows: &[u8]) -> Result<Brought, DealError> {
    Files { deals, system: SYSTEM, by }.bring(what, FileKind::Json, rows).await
}

/// Deletes the sample deals with their e-mails and links, and the firms that are sold to. How many deals these were.
///
/// # Errors
/// When the database fails.
pub async fn remove_samples(tx: &mut Tx) -> Result<u64, DbError> {
    for table in ["crm_contacts", "crm_accounts"] {
        let sql = format!("DELETE FROM {table} WHERE system = $1");
        let sql = sqlx::AssertSqlSafe(sql);
        on_tx!(&mut *tx, conn => sqlx::query(sql).bind(SYSTEM).execute(conn).await?.rows_affected());
    }
    let sql = "DELETE FROM opportunities WHERE system = $1";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(SYSTEM).execute(conn).await?.rows_affected()))
}
