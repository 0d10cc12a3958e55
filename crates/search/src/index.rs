//! Passages of calls that have none yet, and their vectors: jobs that go on where they stopped.

use crate::{Meaning, Search, SearchError, vectors};
use calls::PASSAGES;
use db::{Db, DbError, Tx, on_db, on_tx};
use embed::{EmbedError, Embedder};
use queue::{Failure, Handler, Lease, NewJob, Outcome};
use serde::Serialize;
use serde_json::json;
use std::sync::PoisonError;
use std::time::Duration;
use transcript::Transcript;
use utoipa::ToSchema;
use uuid::Uuid;

/// The kind of the job that makes the passages of calls that have none.
pub const INDEX: &str = "index_calls";
/// The kind of the job that computes vectors.
pub const EMBED: &str = "embed_calls";

/// How often it is looked whether there are calls without vectors.
const EVERY: Duration = Duration::from_secs(2);
/// Calls that are looked at at once.
const BATCH: i64 = 50;

/// How far the index has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchIndex)]
pub struct Progress {
    /// Calls there are.
    pub calls: i64,
    /// Calls whose words can be found.
    pub indexed: i64,
    /// Calls that can be found by meaning.
    pub embedded: i64,
    /// Passages there are.
    pub passages: i64,
    /// What makes vectors; null where things are found by words alone.
    #[schema(example = "all-MiniLM-L6-v2")]
    pub model: Option<String>,
    /// Why things are not found by meaning, and what to do; null where they are.
    pub meaning_off: Option<String>,
}

/// What made the vectors that are kept.
///
/// # Errors
/// When the database fails.
pub(crate) async fn model(db: &Db) -> Result<Option<String>, DbError> {
    let sql = "SELECT model FROM search_model";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).fetch_optional(pool).await?))
}

/// How far the index has come.
///
/// # Errors
/// When the database fails.
pub async fn progress(search: &Search) -> Result<Progress, DbError> {
    let sql = "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM indexed_calls WHERE version = $1), \
         (SELECT count(*) FROM indexed_calls WHERE model IS NOT NULL), \
         (SELECT CAST(coalesce(sum(passages), 0) AS BIGINT) FROM indexed_calls)";
    let (calls, indexed, embedded, passages): (i64, i64, i64, i64) =
        on_db!(&search.db, pool => sqlx::query_as(sql).bind(retrieval::VERSION).fetch_one(pool).await?);
    let (model, meaning_off) = match search.embedder().await? {
        Ok(embedder) => (Some(embedder.model().to_owned()), None),
        Err(why) => (None, Some(why)),
    };
    Ok(Progress { calls, indexed, embedded, passages, model, meaning_off })
}

/// Has the index made anew: of all calls, or only their vectors. Searches go on meanwhile, and find what is there.
///
/// # Errors
/// [`SearchError::Conflict`] where vectors could not be made: those that are there stay. When the database fails.
pub async fn reindex(search: &Search, words: bool, vectors: bool) -> Result<(), SearchError> {
    search.look().await?;
    match search.meaning() {
        Meaning::Off(why) if vectors => return Err(SearchError::Conflict(why)),
        Meaning::Unwanted if vectors => {
            let why = "searching by meaning is switched off (embedding_provider): there is nothing that makes vectors";
            return Err(SearchError::Conflict(why.to_owned()));
        }
        _ => {}
    }
    let mut tx = search.db.begin().await?;
    if words {
        // No version is this one: they stay findable until it is their turn.
        let sql = "UPDATE indexed_calls SET version = 0";
        on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.map_err(DbError::from)?.rows_affected());
    }
    if vectors {
        vectors::forget(&mut tx).await?;
    }
    queue::enqueue(&mut tx, &search.clock, NewJob::new(INDEX, json!({})).unique(INDEX)).await?;
    tx.commit().await?;
    Ok(search.prepare().await?)
}

/// Makes the passages of all calls that have none, or old ones. Tells how many were made as it goes.
///
/// # Errors
/// When the database fails; what was made stays.
pub async fn index_all(search: &Search, mut told: impl FnMut(usize)) -> Result<usize, DbError> {
    let mut made = 0;
    loop {
        let calls = calls::unindexed(&search.db, BATCH).await?;
        if calls.is_empty() {
            return Ok(made);
        }
        for call in calls {
            calls::index_kept(&search.db, call).await?;
            made += 1;
            told(made);
        }
    }
}

/// Computes the vectors of all calls that have none. Tells how many calls have them as it goes. Nothing is computed where things are found by words alone.
///
/// # Errors
/// When the database fails, or what computes vectors; what was computed stays.
pub async fn embed_all(search: &Search, mut told: impl FnMut(usize)) -> Result<usize, SearchError> {
    let mut made = 0;
    let Ok(embedder) = search.embedder().await? else { return Ok(0) };
    let mut before = i32::MAX;
    loop {
        // The latest first: they are asked for most. Each once: what cannot be done now is looked at again by the next job.
        let sql = "SELECT number, call_id FROM indexed_calls WHERE model IS NULL AND version = $1 AND number < $3 \
             ORDER BY number DESC LIMIT $2";
        let waiting: Vec<(i32, Uuid)> = on_db!(&search.db, pool => sqlx::query_as(sql)
            .bind(retrieval::VERSION)
            .bind(BATCH)
            .bind(before)
            .fetch_all(pool)
            .await
            .map_err(DbError::from)?);
        let Some((last, _)) = waiting.last() else { return Ok(made) };
        before = *last;
        for (number, call) in waiting {
            match embed_call(search, &embedder, number, call).await {
                // It would be refused again: the others go on, and this one is found by words until the program begins anew.
                Err(SearchError::Embed(error @ (EmbedError::TooLarge | EmbedError::Invalid { .. }))) => {
                    tracing::warn!(%error, %call, "a call is not found by meaning");
                    search.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
                }
                other => other?,
            }
            made += 1;
            told(made);
        }
    }
}

/// The passages of a call as they are compared by meaning.
pub(crate) fn texts(transcript: &Transcript) -> Vec<String> {
    retrieval::passages(transcript).iter().take(PASSAGES as usize).map(|passage| passage.text(transcript)).collect()
}

async fn embed_call(search: &Search, embedder: &Embedder, number: i32, call: Uuid) -> Result<(), SearchError> {
    let transcript = match calls::load(&search.db, call).await {
        Ok(transcript) => transcript,
        // It was deleted meanwhile.
        Err(calls::CallError::Unknown(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let vectors = embedder.embed(texts(&transcript)).await?;
    let mut tx = search.db.begin().await?;
    // What was said of one model is not mixed with another's, whoever computes at the same time.
    let first = "INSERT INTO search_model (one, model, dimensions) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING";
    on_tx!(&mut tx, conn => sqlx::query(first)
        .bind(embedder.model())
        .bind(embedder.dimensions() as i32)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    let lock = if matches!(tx, Tx::Postgres(_)) { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT model FROM search_model{lock}");
    let model: String = on_tx!(&mut tx, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(conn).await.map_err(DbError::from)?);
    if model != embedder.model() {
        return Err(SearchError::Conflict(format!("the vectors here are made by {model} now")));
    }
    let done =
        "UPDATE indexed_calls SET model = $1 WHERE number = $2 AND model IS NULL AND version = $3 AND passages = $4";
    let rows = on_tx!(&mut tx, conn => sqlx::query(done)
        .bind(embedder.model())
        .bind(number)
        .bind(retrieval::VERSION)
        .bind(vectors.len() as i32)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows > 0 {
        vectors::keep(&mut tx, number, i64::from(number) * PASSAGES, &vectors).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Looks for calls without vectors until this is dropped, and has them computed by a job.
pub async fn follow(search: &Search) {
    let mut begun = false;
    loop {
        if let Err(error) = Box::pin(crate::saved::notice_all(search)).await {
            match &error {
                // Whoever takes jobs says so; here it is tried again.
                SearchError::Db(error) if error.is_transient() => {
                    tracing::debug!(%error, "saved searches wait for the database");
                }
                _ => tracing::error!(%error, "saved searches were not asked of new calls"),
            }
        }
        match look(search, begun).await {
            Ok(()) => begun = true,
            Err(error) if error.is_transient() => tracing::debug!(%error, "the index waits for the database"),
            Err(error) => tracing::error!(%error, "the index of what was said is not brought up to date"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn look(search: &Search, begun: bool) -> Result<(), DbError> {
    if !begun && !calls::unindexed(&search.db, 1).await?.is_empty() {
        let mut tx = search.db.begin().await?;
        queue::enqueue(&mut tx, &search.clock, NewJob::new(INDEX, json!({})).unique(INDEX)).await?;
        tx.commit().await?;
    }
    // One more than those that cannot have any.
    let refused = search.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let sql = "SELECT number FROM indexed_calls WHERE model IS NULL LIMIT $1";
    let waits: Vec<i32> = on_db!(&search.db, pool => sqlx::query_scalar(sql)
        .bind(refused.len() as i64 + 1)
        .fetch_all(pool)
        .await?);
    if waits.iter().any(|number| !refused.contains(number)) && search.embedder().await?.is_ok() {
        let mut tx = search.db.begin().await?;
        queue::enqueue(&mut tx, &search.clock, NewJob::new(EMBED, json!({})).unique(EMBED)).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn failed(error: SearchError) -> Failure {
    match error {
        SearchError::Db(error) => error.into(),
        other => Failure::Retry(other.to_string()),
    }
}

async fn finish(search: &Search, lease: &Lease) -> Outcome {
    let mut tx = search.db.begin().await?;
    lease.complete(&mut tx, &search.clock).await??;
    Ok(tx.commit().await?)
}

/// What is done for the jobs of this area.
pub fn handlers(search: &Search) -> Vec<Handler> {
    let of = search.clone();
    let index = Handler::new(INDEX, move |lease| {
        let search = of.clone();
        async move {
            let made = index_all(&search, |_| ()).await?;
            tracing::info!(calls = made, "passages were made");
            finish(&search, &lease).await
        }
    });
    let of = search.clone();
    let embed = Handler::new(EMBED, move |lease| {
        let search = of.clone();
        async move {
            let made = embed_all(&search, |_| ()).await.map_err(failed)?;
            tracing::info!(calls = made, "vectors were computed");
            finish(&search, &lease).await
        }
    });
    vec![index, embed]
}
