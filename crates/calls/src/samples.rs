//! Calls that were made up, for whoever has none yet.

use crate::Source;
use db::{Db, DbError, Tx, on_db, on_tx};
use uuid::Uuid;

/// The sample calls that are kept: id, and id in their source.
///
/// # Errors
/// When the database fails.
pub async fn samples(db: &Db) -> Result<Vec<(Uuid, String)>, DbError> {
    // Written out, as its index has it.
    let sql = "SELECT id, COALESCE(external_id, '') FROM calls WHERE source = 'sample' ORDER BY id";
    debug_assert_eq!(Source::Sample.as_str(), "sample");
    on_db!(db, pool => Ok(sqlx::query_as(sql).fetch_all(pool).await?))
}

/// Forgets the people with addresses at this domain whom nothing but sample calls has named: they have no account and no calls.
///
/// # Errors
/// When the database fails.
pub async fn forget_sample_people(tx: &mut Tx, domain: &str) -> Result<u64, DbError> {
    let sql = "DELETE FROM users WHERE email LIKE $1 AND username IS NULL AND password_hash IS NULL \
         AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.rep_id = users.id OR c.uploaded_by = users.id) \
         AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id) \
         AND NOT EXISTS (SELECT 1 FROM coach_assignments a WHERE a.rep_id = users.id)";
    let like = format!("%@{domain}");
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(&like).execute(conn).await?.rows_affected()))
}
