//! The table `model_results`: answers that were understood, for as long as they hold. A key is all that an answer depends on, so that an unchanged
//! key is the only reason to use one again; time and the deletion of its call are the only reasons for it to go.

use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::Clock;
use llm::{Provider, Request};
use sha2::{Digest as _, Sha256};
use sqlx::QueryBuilder;
use std::collections::HashMap;
use uuid::Uuid;

/// How long an answer is used.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The key of an answer: everything that is sent, to whom, for which version of which rubric, and which of several passes it is.
pub(super) fn key(provider: Provider, request: &Request, rubric: &str, version: u32, pass: u32) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    part(provider.as_str());
    part(&request.model);
    part(rubric);
    part(&version.to_string());
    part(&pass.to_string());
    part(&request.max_tokens.to_string());
    part(&request.schema.as_ref().map(|schema| schema.document.to_string()).unwrap_or_default());
    for text in request.system.iter().chain(request.messages.iter().flat_map(|message| &message.parts)) {
        part(&text.text);
    }
    kernel::hex(&hash.finalize())
}

/// Which kept answers may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// All that still hold.
    All,
    /// Those of them that are not older.
    Since(DateTime<Utc>),
    /// None.
    Nothing,
}

/// The answers to these keys that still hold and may be used.
pub(super) async fn find(
    db: &Db,
    clock: &Clock,
    keys: &[String],
    reuse: Reuse,
) -> Result<HashMap<String, String>, DbError> {
    if keys.is_empty() || reuse == Reuse::Nothing {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String)> = on_db!(db, pool => {
        let mut select = QueryBuilder::new("SELECT key, answer FROM model_results WHERE expires_at > ");
        select.push_bind(clock.now());
        if let Reuse::Since(since) = reuse {
            select.push(" AND created_at >= ").push_bind(since);
        }
        select.push(" AND key IN ").push_tuples(keys, |mut tuple, key| {
            tuple.push_bind(key);
        });
        select.build_query_as().fetch_all(pool).await?
    });
    Ok(rows.into_iter().collect())
}

/// Keeps an answer, unless its call was deleted meanwhile. Of two for one question the later one holds.
pub(super) async fn keep(tx: &mut Tx, clock: &Clock, key: &str, call: Uuid, answer: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO model_results (key, call_id, answer, created_at, expires_at) SELECT $1, id, $3, $4, $5 FROM calls WHERE id = $2 \
         ON CONFLICT (key) DO UPDATE SET call_id = excluded.call_id, answer = excluded.answer, \
         created_at = excluded.created_at, expires_at = excluded.expires_at";
    let now = clock.now();
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(key)
        .bind(call)
        .bind(answer)
        .bind(now)
        .bind(now + KEPT)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Counts that an answer was used again.
pub(super) async fn count_hit(tx: &mut Tx, key: &str) -> Result<(), DbError> {
    let sql = "UPDATE model_results SET hits = hits + 1 WHERE key = $1";
    on_tx!(tx, conn => sqlx::query(sql).bind(key).execute(conn).await?.rows_affected());
    Ok(())
}

/// Forgets what is used no longer.
pub(crate) async fn purge(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = "DELETE FROM model_results WHERE expires_at <= $1";
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(now).execute(conn).await?.rows_affected()))
}
