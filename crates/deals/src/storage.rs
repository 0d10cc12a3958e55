//! How much room things take. It is measured at night, since the databases read all of themselves for it, and kept.

use crate::Deals;
use chrono::{DateTime, Utc};
use db::{Db, DbError, on_db, on_tx};
use queue::NewJob;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The kind of the job that measures.
pub const MEASURE: &str = "measure_storage";

/// How much room things take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Storage {
    /// When it was measured; null where it was not yet.
    pub measured_at: Option<DateTime<Utc>>,
    /// Whether it is known what each kind takes. If not, all of the database stands under `other`.
    pub exact: bool,
    /// Bytes of all kinds together: the database, and the original files.
    pub total_bytes: i64,
    /// Each kind, the largest first.
    pub kinds: Vec<StorageUse>,
}

/// How much room a kind of things takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StorageUse {
    /// What it is.
    #[schema(value_type = StorageKind)]
    pub kind: String,
    /// How many bytes: in the database with its indexes, but for original files.
    pub bytes: i64,
}

/// What takes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StorageKind {
    /// The files that calls came in, in the folder or bucket of originals.
    Originals,
    /// Calls, who takes part, and what is said.
    Transcripts,
    /// What was judged, with answers of models, sums and reviews.
    Judgements,
    /// Deals, firms and people.
    Deals,
    /// E-mails.
    Emails,
    /// What services sent, and what became of it.
    Sources,
    /// Jobs, schedules and events.
    Jobs,
    /// The knowledge base.
    Knowledge,
    /// What is needed to find what was said: words and vectors of passages, saved searches.
    Search,
    /// All else: accounts, settings, the audit trail.
    Other,
    /// Room that the file of an SQLite database has and uses again.
    Free,
}

impl StorageKind {
    const ALL: [Self; 11] = [
        Self::Originals,
        Self::Transcripts,
        Self::Judgements,
        Self::Deals,
        Self::Emails,
        Self::Sources,
        Self::Jobs,
        Self::Knowledge,
        Self::Search,
        Self::Other,
        Self::Free,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Originals => "originals",
            Self::Transcripts => "transcripts",
            Self::Judgements => "judgements",
            Self::Deals => "deals",
            Self::Emails => "emails",
            Self::Sources => "sources",
            Self::Jobs => "jobs",
            Self::Knowledge => "knowledge",
            Self::Search => "search",
            Self::Other => "other",
            Self::Free => "free",
        }
    }

    /// What a table holds. One that nobody named here is not lost: it is among all else.
    fn of_table(table: &str) -> Self {
        match table {
            "calls" | "participants" | "segments" | "call_domains" => Self::Transcripts,
            "coaching_sessions" | "analyses" | "metrics" | "rollups" | "day_sums" | "call_values" | "insight_texts"
            | "insight_text_calls" | "model_results" | "model_runs" | "backfills" | "backfill_batches"
            | "backfill_calls" | "backfill_questions" | "weekly_reviews" | "review_moments" | "rubrics"
            | "trackers" => Self::Judgements,
            "opportunities"
            | "call_opportunities"
            | "crm_accounts"
            | "crm_contacts"
            | "crm_gone"
            | "crm_marks"
            | "crm_owners"
            | "crm_runs"
            | "deal_warnings"
            | "opportunity_texts"
            | "opportunity_text_calls" => Self::Deals,
            "emails" => Self::Emails,
            "webhook_events" | "source_calls" | "source_steps" | "sync_runs" | "connections" => Self::Sources,
            "jobs" | "schedules" | "events" | "followers" => Self::Jobs,
            "indexed_calls" | "call_codes" | "search_model" => Self::Search,
            _ if table.starts_with("passage") || table.starts_with("saved_search") => Self::Search,
            _ if table.starts_with("knowledge_") => Self::Knowledge,
            _ => Self::Other,
        }
    }
}

/// How much room things took when it was measured last.
///
/// # Errors
/// When the database fails.
pub async fn storage(db: &Db) -> Result<Storage, DbError> {
    let sql = "SELECT kind, bytes, exact, measured_at FROM storage_sizes ORDER BY bytes DESC, kind";
    let rows: Vec<(String, i64, bool, DateTime<Utc>)> = on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(Storage {
        measured_at: rows.first().map(|(_, _, _, at)| *at),
        exact: rows.iter().all(|(_, _, exact, _)| *exact),
        total_bytes: rows.iter().map(|(_, bytes, ..)| bytes).sum(),
        kinds: rows.into_iter().map(|(kind, bytes, ..)| StorageUse { kind, bytes }).collect(),
    })
}

/// Measures how much room things take, and keeps it. The database is read once as a whole.
///
/// # Errors
/// When the database fails.
pub async fn measure_storage(deals: &Deals) -> Result<(), DbError> {
    let db = &deals.db;
    let (mut sizes, exact) = match db {
        Db::Sqlite(_) => of_sqlite(db).await?,
        Db::Postgres(_) => (of_postgres(db).await?, true),
    };
    let sql = "SELECT CAST(coalesce(sum(original_bytes), 0) AS BIGINT) FROM calls";
    let originals: i64 = on_db!(db, pool => sqlx::query_scalar(sql).fetch_one(pool).await?);
    sizes.insert(StorageKind::Originals, originals);
    let now = deals.clock.now();
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, conn => sqlx::query("DELETE FROM storage_sizes").execute(conn).await?.rows_affected());
    for kind in StorageKind::ALL {
        let Some(bytes) = sizes.get(&kind) else { continue };
        // Two programs may measure at a time.
        let sql = "INSERT INTO storage_sizes (kind, bytes, exact, measured_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind) DO UPDATE SET bytes = excluded.bytes, exact = excluded.exact, measured_at = excluded.measured_at";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(kind.as_str())
            .bind(bytes)
            .bind(exact)
            .bind(now)
            .execute(conn)
            .await?
            .rows_affected());
    }
    tx.commit().await
}

type Sizes = BTreeMap<StorageKind, i64>;

/// Sums of tables by what they hold; each kind is there, also where it takes nothing.
fn by_kind(tables: Vec<(String, i64)>) -> Sizes {
    let without = [StorageKind::Originals, StorageKind::Free];
    let mut sizes: Sizes =
        StorageKind::ALL.into_iter().filter(|kind| !without.contains(kind)).map(|kind| (kind, 0)).collect();
    for (table, bytes) in tables {
        *sizes.entry(StorageKind::of_table(&table)).or_default() += bytes;
    }
    sizes
}

/// Each page of the file counts once: those of tables and their indexes, those that are free, and the few by which it is managed.
async fn of_sqlite(db: &Db) -> Result<(Sizes, bool), DbError> {
    let one = async |sql: &'static str| -> Result<i64, DbError> {
        Ok(on_db!(db, pool => sqlx::query_scalar(sql).fetch_one(pool).await?))
    };
    let pages = "SELECT s.tbl_name, CAST(sum(d.pgsize) AS BIGINT) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name \
         WHERE d.aggregate = TRUE GROUP BY s.tbl_name";
    // A library that somebody built otherwise has no such table.
    let has = one("SELECT count(*) FROM pragma_module_list WHERE name = 'dbstat'").await? > 0;
    let tables: Vec<(String, i64)> =
        if has { on_db!(db, pool => sqlx::query_as(pages).fetch_all(pool).await?) } else { Vec::new() };
    let size = one("SELECT page_size FROM pragma_page_size").await?;
    let (all, free) = (
        one("SELECT page_count FROM pragma_page_count").await? * size,
        one("SELECT freelist_count FROM pragma_freelist_count").await? * size,
    );
    let mut sizes = by_kind(tables);
    let known: i64 = sizes.values().sum();
    *sizes.entry(StorageKind::Other).or_default() += (all - free - known).max(0);
    sizes.insert(StorageKind::Free, free);
    Ok((sizes, has))
}

/// Tables with their indexes and what is kept beside them; parts of a table count as that table.
async fn of_postgres(db: &Db) -> Result<Sizes, DbError> {
    let sql = "SELECT CAST(t.name AS TEXT), CAST(sum(t.bytes) AS BIGINT) FROM (\
         SELECT coalesce((SELECT p.relname FROM pg_class p WHERE p.oid = pg_partition_root(c.oid)), c.relname) AS name, \
         pg_total_relation_size(c.oid) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'm')) AS t GROUP BY t.name";
    let tables: Vec<(String, i64)> = on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(by_kind(tables))
}

/// Has it measured soon where it never was, so that nobody waits for the night.
///
/// # Errors
/// When the database fails.
pub async fn measure_soon(deals: &Deals, anew: bool) -> Result<(), DbError> {
    if !anew && storage(&deals.db).await?.measured_at.is_some() {
        return Ok(());
    }
    let mut tx = deals.db.begin().await?;
    queue::enqueue(&mut tx, &deals.clock, NewJob::new(MEASURE, json!({})).unique(MEASURE)).await?;
    tx.commit().await
}

/// Whether a table is among all else.
#[cfg(test)]
pub(crate) fn is_other(table: &str) -> bool {
    StorageKind::of_table(table) == StorageKind::Other
}
