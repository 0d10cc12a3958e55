//! Searches that people come back to, and what is new in them.

use crate::find::{Mode, Ranks, Wanted, find};
use crate::moments::{FoundCall, found_calls};
use crate::{Scope, Search, SearchError};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Statement, Value, on_db, on_tx};
use kernel::{Actor, Role, new_id};
use retrieval::{Fields, Query};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use utoipa::ToSchema;
use uuid::Uuid;

/// So many searches one may keep.
const MOST: i64 = 100;
/// A passage that has not all words is new only if it means as much as this.
const MEANT: f64 = 0.45;
/// Moments of a call that are looked at for one that is new.
const LOOKED_AT: usize = 50;
/// Calls that are looked at at once.
const BATCH: i64 = 20;
/// So long a call waits for what computes vectors of searches; then words decide.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// A search that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedSearch {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    #[schema(example = "Competitors in my team")]
    pub name: String,
    /// As it was written.
    #[schema(example = "competitor OR rival side:customer")]
    pub query: String,
    /// How is looked.
    #[schema(value_type = Mode)]
    pub mode: String,
    /// Whether new calls in which something is found are told of.
    pub alert: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// New calls in it that were not looked at yet.
    #[schema(example = 2)]
    pub unseen: i64,
}

/// A call that is new in a search.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SavedSearchHit {
    /// The call.
    pub call: FoundCall,
    /// The segment that fits best.
    pub segment_id: i32,
    /// When that was noticed.
    pub found_at: DateTime<Utc>,
    /// Whether it was looked at.
    pub seen: bool,
}

/// What a search is to be.
#[derive(Debug, Clone, Default)]
pub struct Saving {
    /// What it is called.
    pub name: Option<String>,
    /// What is looked for.
    pub query: Option<String>,
    /// How is looked.
    pub mode: Option<Mode>,
    /// Whether new calls are told of.
    pub alert: Option<bool>,
}

fn checked(field: &'static str, text: &str, most: usize) -> Result<String, SearchError> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > most || text.chars().any(char::is_control) {
        return Err(SearchError::Field(field, format!("take 1 to {most} characters")));
    }
    Ok(text.to_owned())
}

fn checked_query(text: &str) -> Result<String, SearchError> {
    let text = checked("query", text, 1_000)?;
    let query = Query::parse(&text);
    if query.is_wordless() && query.unwanted.is_empty() && query.fields == Fields::default() {
        return Err(SearchError::Field("query", "take at least one word or field".to_owned()));
    }
    Ok(text)
}

/// The searches of the actor, in the order of their names. What is new is counted of calls that the actor may still see.
///
/// # Errors
/// When the database fails.
pub async fn saved(db: &Db, actor: &Actor) -> Result<Vec<SavedSearch>, SearchError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
        name: String,
        query: String,
        mode: String,
        alert: bool,
        created_at: DateTime<Utc>,
        unseen: i64,
    }
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    made.sql = format!(
        "SELECT s.id, s.name, s.query, s.mode, s.alert, s.created_at, (SELECT count(*) FROM saved_search_hits h JOIN calls c ON c.id = h.call_id \
         WHERE h.search_id = s.id AND NOT h.seen AND {}) AS unseen FROM saved_searches s WHERE s.user_id = $1 ORDER BY lower(s.name), s.id",
        accounts::may_see(actor.role, "c.rep_id")
    );
    let rows: Vec<Row> = made.rows(db).await?;
    let item = |row: Row| SavedSearch {
        id: row.id,
        name: row.name,
        query: row.query,
        mode: row.mode,
        alert: row.alert,
        created_at: row.created_at,
        unseen: row.unseen,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// One of the actor's searches.
///
/// # Errors
/// [`SearchError::Unknown`] where they have none with this id.
pub async fn saved_one(db: &Db, actor: &Actor, id: Uuid) -> Result<SavedSearch, SearchError> {
    let all = saved(db, actor).await?;
    all.into_iter().find(|search| search.id == id).ok_or(SearchError::Unknown("saved search"))
}

/// Keeps a search. Calls that are here already are not new in it.
///
/// # Errors
/// [`SearchError::Field`] where a text is none, [`SearchError::Conflict`] where there are too many.
pub async fn save(search: &Search, actor: &Actor, saving: &Saving) -> Result<SavedSearch, SearchError> {
    let name = checked("name", saving.name.as_deref().unwrap_or_default(), 100)?;
    let query = checked_query(saving.query.as_deref().unwrap_or_default())?;
    let id = new_id();
    let mut tx = search.db.begin().await?;
    let count = "SELECT count(*) FROM saved_searches WHERE user_id = $1";
    let count: i64 =
        on_tx!(&mut tx, conn => sqlx::query_scalar(count).bind(actor.id).fetch_one(conn).await.map_err(DbError::from)?);
    if count >= MOST {
        return Err(SearchError::Conflict(format!("{MOST} searches are kept already: delete one first")));
    }
    let sql = "INSERT INTO saved_searches (id, user_id, name, query, mode, alert, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(actor.id)
        .bind(name)
        .bind(query)
        .bind(saving.mode.unwrap_or_default().as_str())
        .bind(saving.alert.unwrap_or_default())
        .bind(search.clock.now())
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    tx.commit().await?;
    saved_one(&search.db, actor, id).await
}

/// Changes one of the actor's searches; what is left out stays. Where another thing is looked for, what was new in it is forgotten.
///
/// # Errors
/// As [`save`], and [`SearchError::Unknown`].
pub async fn change_saved(
    search: &Search,
    actor: &Actor,
    id: Uuid,
    saving: &Saving,
) -> Result<SavedSearch, SearchError> {
    let known = saved_one(&search.db, actor, id).await?;
    let name = saving.name.as_deref().map(|name| checked("name", name, 100)).transpose()?.unwrap_or(known.name);
    let query = saving.query.as_deref().map(checked_query).transpose()?;
    let mode = saving.mode.map_or(known.mode.clone(), |mode| mode.as_str().to_owned());
    let is_other = query.as_ref().is_some_and(|query| *query != known.query) || mode != known.mode;
    let mut tx = search.db.begin().await?;
    if is_other {
        let sql = "DELETE FROM saved_search_hits WHERE search_id = $1";
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    }
    let sql = "UPDATE saved_searches SET name = $1, query = $2, mode = $3, alert = $4 WHERE id = $5 AND user_id = $6";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(name)
        .bind(query.unwrap_or(known.query))
        .bind(mode)
        .bind(saving.alert.unwrap_or(known.alert))
        .bind(id)
        .bind(actor.id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    tx.commit().await?;
    saved_one(&search.db, actor, id).await
}

/// Deletes one of the actor's searches.
///
/// # Errors
/// [`SearchError::Unknown`] where they have none with this id.
pub async fn delete_saved(db: &Db, actor: &Actor, id: Uuid) -> Result<(), SearchError> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM saved_searches WHERE id = $1 AND user_id = $2";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).bind(actor.id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    if rows == 0 {
        return Err(SearchError::Unknown("saved search"));
    }
    Ok(tx.commit().await?)
}

/// What is new in one of the actor's searches, what was not looked at first, then the latest first, at most 200; `seen` marks it as looked at.
///
/// # Errors
/// [`SearchError::Unknown`] where they have none with this id.
pub async fn hits(search: &Search, actor: &Actor, id: Uuid, seen: bool) -> Result<Vec<SavedSearchHit>, SearchError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        call_id: Uuid,
        segment_id: i32,
        found_at: DateTime<Utc>,
        seen: bool,
    }
    let db = &search.db;
    saved_one(db, actor, id).await?;
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    let of = made.place(Value::Id(id));
    made.sql = format!(
        "SELECT h.call_id, h.segment_id, h.found_at, h.seen FROM saved_search_hits h JOIN calls c ON c.id = h.call_id WHERE h.search_id = {of} AND {} ORDER BY h.seen, h.found_at DESC, h.call_id LIMIT 200",
        accounts::may_see(actor.role, "c.rep_id")
    );
    let rows: Vec<Row> = made.rows(db).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.call_id).collect();
    let mut calls: BTreeMap<Uuid, FoundCall> = found_calls(db, &ids).await?;
    if seen {
        let mut tx = db.begin().await?;
        // Those that are told, and no others: more may have come meanwhile.
        let sql = "UPDATE saved_search_hits SET seen = TRUE WHERE search_id = $1 AND call_id = $2";
        for call in &ids {
            on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).bind(call).execute(conn).await.map_err(DbError::from)?.rows_affected());
        }
        tx.commit().await?;
    }
    let item = |row: Row| {
        let call = calls.remove(&row.call_id)?;
        Some(SavedSearchHit { call, segment_id: row.segment_id, found_at: row.found_at, seen: row.seen })
    };
    Ok(rows.into_iter().filter_map(item).collect())
}

/// Asks the saved searches of all new calls.
///
/// # Errors
/// When the database fails.
pub async fn notice_all(search: &Search) -> Result<(), SearchError> {
    while notice(search).await? {}
    Ok(())
}

/// A search that waits for new calls: its id, query, mode and age, and whose it is, in which role.
type Waiting = (Uuid, String, String, DateTime<Utc>, Uuid, String);

/// Asks the saved searches of new calls. Those are looked at once they can be found by all that there is: judged, and with vectors where these are to be had.
/// Whether there may be more.
///
/// # Errors
/// When the database fails.
async fn notice(search: &Search) -> Result<bool, SearchError> {
    let db = &search.db;
    let mut made = Statement::default();
    let embedded = if search.embedder().await?.is_ok() {
        let refused = search.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let refused = made.list(db, refused.into_iter().map(i64::from));
        format!(" AND (i.model IS NOT NULL OR i.number IN {refused})")
    } else {
        String::new()
    };
    made.sql = format!(
        "SELECT i.call_id, c.imported_at FROM indexed_calls i JOIN calls c ON c.id = i.call_id WHERE NOT i.noticed \
         AND c.status IN ('analysed', 'failed'){embedded} \
         ORDER BY i.number LIMIT {BATCH}"
    );
    let calls: Vec<(Uuid, DateTime<Utc>)> = made.rows(db).await?;
    if calls.is_empty() {
        return Ok(false);
    }
    let sql = "SELECT s.id, s.query, s.mode, s.created_at, u.id, u.role FROM saved_searches s JOIN users u ON u.id = s.user_id \
         WHERE s.alert AND u.active";
    let waiting: Vec<Waiting> = on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool).await.map_err(DbError::from)?);
    for (call, came) in &calls {
        let mut hits = Vec::new();
        for (id, query, mode, since, user, role) in &waiting {
            let Ok(role) = role.parse::<Role>() else { continue };
            if came <= since {
                continue;
            }
            let actor = Actor { id: *user, role, session: Uuid::nil() };
            let mode = match mode.as_str() {
                "keyword" => Mode::Keyword,
                "vector" => Mode::Vector,
                _ => Mode::Hybrid,
            };
            let scope = Scope { call: Some(*call), ..Scope::default() };
            let wanted = Wanted { query: query.clone(), mode, scope, limit: LOOKED_AT, ..Wanted::default() };
            let found = best(search, &actor, &wanted).await;
            if matches!(found, Ok(Best::Unknown)) && search.clock.now() - *came < PATIENCE {
                // What computes vectors does not answer now: this call is looked at again.
                return Ok(false);
            }
            match found {
                Ok(Best::Is(segment)) => hits.push((*id, query, mode, segment)),
                Ok(Best::None | Best::Unknown) => {}
                Err(SearchError::Db(error)) if error.is_transient() => return Err(error.into()),
                // One that fails does not keep the others from being asked.
                Err(error) => tracing::error!(%error, search = %id, "a saved search was not asked of a new call"),
            }
        }
        let mut tx = db.begin().await?;
        for (id, query, mode, segment) in hits {
            // Unless the call was deleted meanwhile, or the search is another now.
            let sql = "INSERT INTO saved_search_hits (search_id, call_id, segment_id, found_at) SELECT s.id, c.id, $3, $4 FROM saved_searches s, calls c \
                 WHERE s.id = $1 AND c.id = $2 AND s.query = $5 AND s.mode = $6 AND s.alert ON CONFLICT (search_id, call_id) DO NOTHING";
            on_tx!(&mut tx, conn => sqlx::query(sql)
                .bind(id)
                .bind(call)
                .bind(segment)
                .bind(search.clock.now())
                .bind(query)
                .bind(mode.as_str())
                .execute(conn)
                .await
                .map_err(DbError::from)?
                .rows_affected());
        }
        let sql = "UPDATE indexed_calls SET noticed = TRUE WHERE call_id = $1";
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(call).execute(conn).await.map_err(DbError::from)?.rows_affected());
        tx.commit().await?;
    }
    Ok(true)
}

/// What fits a search best in a call.
enum Best {
    /// This segment, and well enough to be told of: it has all words, or means what is looked for.
    Is(i32),
    /// Nothing does.
    None,
    /// Nothing does by its words; by meaning could not be looked just now.
    Unknown,
}

async fn best(search: &Search, actor: &Actor, wanted: &Wanted) -> Result<Best, SearchError> {
    let found = find(search, actor, wanted).await?;
    // No words that are wanted: the call itself is what is looked for.
    let is_call = found.query.wanted.is_empty();
    let fits = |ranks: Ranks| ranks.has_all || ranks.cosine.is_some_and(|cosine| cosine >= MEANT);
    let mut moments = found.calls.into_iter().flat_map(|found| found.moments);
    if let Some(moment) = moments.find(|moment| is_call || moment.ranks.is_some_and(fits)) {
        return Ok(Best::Is(moment.segment_id));
    }
    let may_mean = wanted.mode != Mode::Keyword && !is_call && found.meaning_off.is_some();
    Ok(if may_mean && search.embedder().await?.is_ok() { Best::Unknown } else { Best::None })
}
