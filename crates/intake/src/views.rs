//! What people see of events and of the ledger.

use crate::ledger::{self, State, Step};
use crate::{Intake, IntakeError, Kind};
use accounts::audit::{self, Action};
use chrono::{DateTime, Utc};
use db::{Db, DbError, on_db};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

/// A call that a connection knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct SourceCall {
    /// Its id in the ledger.
    pub id: Uuid,
    /// Which connection knows it.
    pub connection_id: Uuid,
    /// What that is called.
    pub connection: String,
    /// What kind of place that is.
    pub kind: Kind,
    /// Its id there.
    pub external_id: String,
    /// How far it is.
    pub state: State,
    /// How it became known: `webhook`, `sync`, `push`.
    pub known_by: String,
    /// When it became known.
    pub known_at: DateTime<Utc>,
    /// When it began, as far as that is known.
    pub began_at: Option<DateTime<Utc>>,
    /// When its transcript was there.
    pub transcript_at: Option<DateTime<Utc>>,
    /// The call here; null before it came in, and where it was deleted.
    pub call_id: Option<Uuid>,
    /// When it was judged last.
    pub analysed_at: Option<DateTime<Utc>>,
    /// When it is tried next, where it is open.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why it waits, failed or was skipped.
    pub why: Option<String>,
}

const CALLS: &str = "SELECT s.id, s.connection_id, n.name AS connection, n.kind, s.external_id, s.state, s.known_by, s.known_at, s.began_at, \
     s.transcript_at, s.call_id, c.analysed_at, CASE WHEN s.state = 'open' THEN s.next_try_at END AS next_try_at, s.why \
     FROM source_calls s JOIN connections n ON n.id = s.connection_id LEFT JOIN calls c ON c.id = s.call_id";

/// The calls of a connection in this state, those first that became known last.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db, connection: Uuid, state: Option<State>, limit: i64) -> Result<Vec<SourceCall>, DbError> {
    Ok(on_db!(db, pool => {
        let mut select = QueryBuilder::new(CALLS);
        select.push(" WHERE s.connection_id = ").push_bind(connection);
        if let Some(state) = state {
            select.push(" AND s.state = ").push_bind(state.as_str());
        }
        select.push(" ORDER BY s.known_at DESC, s.id DESC LIMIT ").push_bind(limit);
        select.build_query_as().fetch_all(pool).await?
    }))
}

/// A step by which a call came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct StepView {
    /// Which.
    pub step: Step,
    /// `done`, `waiting`, `failed`.
    pub state: String,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was begun last.
    pub started_at: DateTime<Utc>,
    /// When it was done.
    pub finished_at: Option<DateTime<Utc>>,
    /// Milliseconds that the last attempt took.
    pub took_ms: i64,
    /// Why it waits or failed.
    pub error: Option<String>,
}

/// Where a call came from and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallSource {
    /// What is in the ledger.
    #[serde(flatten)]
    pub call: SourceCall,
    /// Its page at its service.
    pub url: Option<String>,
    /// The steps by which it came in, in their order.
    pub steps: Vec<StepView>,
}

/// Where the call with this id came from; `None` where somebody brought it, or its connection was removed.
///
/// # Errors
/// When the database fails.
pub async fn source_of(db: &Db, call: Uuid) -> Result<Option<CallSource>, DbError> {
    let sql = format!("{CALLS} WHERE s.call_id = $1 ORDER BY s.known_at LIMIT 1");
    let found: Option<SourceCall> =
        on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(call).fetch_optional(pool).await?);
    let Some(found) = found else { return Ok(None) };
    let details = told_of(db, call).await?;
    let url = details.and_then(|details| page_of(&details).map(str::to_owned));
    // Into a link goes nothing else.
    let url = url.filter(|url| url.starts_with("https://"));
    let steps = steps(db, found.id).await?;
    Ok(Some(CallSource { call: found, url, steps }))
}

/// What its service tells of a call, as it is kept; `None` where it came in otherwise, or nothing is kept of it.
///
/// # Errors
/// When the database fails.
pub async fn told_of(db: &Db, call: Uuid) -> Result<Option<Value>, DbError> {
    let sql = "SELECT details FROM source_calls WHERE call_id = $1 ORDER BY known_at LIMIT 1";
    let found: Option<Option<Json<Value>>> =
        on_db!(db, pool => sqlx::query_scalar(sql).bind(call).fetch_optional(pool).await?);
    Ok(found.flatten().map(|details| details.0))
}

/// The page of a call at its service, as that tells it: Gong's, or Fireflies'.
fn page_of(told: &Value) -> Option<&str> {
    told["metaData"]["url"].as_str().or_else(|| told["transcript_url"].as_str())
}

/// The steps of a call of the ledger, in their order.
///
/// # Errors
/// When the database fails.
pub async fn steps(db: &Db, id: Uuid) -> Result<Vec<StepView>, DbError> {
    let sql = "SELECT step, state, attempts, started_at, finished_at, took_ms, error FROM source_steps WHERE source_call_id = $1";
    let mut steps: Vec<StepView> = on_db!(db, pool => sqlx::query_as(sql).bind(id).fetch_all(pool).await?);
    steps.sort_by_key(|step| step.step);
    Ok(steps)
}

/// Has a call tried again that did not come in.
///
/// # Errors
/// [`IntakeError::Unknown`] without such a call, [`IntakeError::Conflict`] where it is here.
pub async fn retry(intake: &Intake, connection: Uuid, id: Uuid, who: &str) -> Result<(), IntakeError> {
    let row = ledger::open(&intake.db, id).await?.filter(|row| row.connection_id == connection);
    let row = row.ok_or(IntakeError::Unknown("call of a connection"))?;
    let mut tx = intake.db.begin().await?;
    if !ledger::again(&mut tx, &intake.clock, id).await? {
        return Err(IntakeError::Conflict("this call is here already".to_owned()));
    }
    let detail = json!({ "external_id": row.external_id });
    audit::record(&mut tx, &intake.clock, who, Action::ConnectionRetry, row.connection_id, detail).await?;
    Ok(tx.commit().await?)
}

/// How far an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum EventStatus {
    /// Its call is on its way.
    Received,
    /// Its call is here, or is not to come.
    Processed,
    /// Its call was given up.
    Failed,
    /// It was a test.
    Test,
    /// It was not genuine, or not understood.
    Refused,
}

impl EventStatus {
    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::Test => "test",
            Self::Refused => "refused",
        }
    }
}

/// Something that a service sent by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct WebhookEvent {
    /// Its id.
    pub id: Uuid,
    /// Through which connection it came.
    pub connection_id: Uuid,
    /// What that is called.
    pub connection: String,
    /// The call that it is about, as its service names it.
    pub external_id: Option<String>,
    /// Whether it was signed as it must be.
    pub signature_valid: bool,
    /// How far it is.
    pub status: EventStatus,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Bytes of its body.
    pub bytes: i64,
    /// How often it came.
    pub deliveries: i64,
    /// When it came first.
    pub received_at: DateTime<Utc>,
    /// When its call was here.
    pub processed_at: Option<DateTime<Utc>>,
    /// The call here.
    pub call_id: Option<Uuid>,
    /// Its call in the ledger.
    pub source_call_id: Option<Uuid>,
}

/// Which events to list.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only those of this connection.
    pub connection: Option<Uuid>,
    /// Only those with this status.
    pub status: Option<EventStatus>,
    /// Only those of this call, as its service names it.
    pub external_id: Option<String>,
    /// At most so many.
    pub limit: i64,
    /// Behind the event of this time and id.
    pub after: Option<(DateTime<Utc>, Uuid)>,
}

const EVENTS: &str = "SELECT e.id, e.connection_id, n.name AS connection, e.external_id, e.signature_valid, e.status, e.reason, e.bytes, \
     e.deliveries, e.received_at, e.processed_at, s.call_id, s.id AS source_call_id FROM webhook_events e \
     JOIN connections n ON n.id = e.connection_id \
     LEFT JOIN source_calls s ON s.connection_id = e.connection_id AND s.external_id = e.external_id";

/// The events, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn events(db: &Db, filter: &EventFilter) -> Result<Vec<WebhookEvent>, DbError> {
    Ok(on_db!(db, pool => {
        let mut select = QueryBuilder::new(EVENTS);
        select.push(" WHERE TRUE");
        if let Some(connection) = filter.connection {
            select.push(" AND e.connection_id = ").push_bind(connection);
        }
        if let Some(status) = filter.status {
            select.push(" AND e.status = ").push_bind(status.as_str());
        }
        if let Some(external_id) = &filter.external_id {
            select.push(" AND e.external_id = ").push_bind(external_id);
        }
        if let Some((at, id)) = filter.after {
            select.push(" AND (e.received_at, e.id) < (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        select.push(" ORDER BY e.received_at DESC, e.id DESC LIMIT ").push_bind(filter.limit);
        select.build_query_as().fetch_all(pool).await?
    }))
}

/// An event with what was sent, redacted as it is kept; that is null where it was refused or its call was deleted.
///
/// # Errors
/// [`IntakeError::Unknown`] where there is none.
pub async fn event(db: &Db, id: Uuid) -> Result<(WebhookEvent, Option<Value>), IntakeError> {
    let sql = format!("{EVENTS} WHERE e.id = $1");
    let found: Option<WebhookEvent> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .fetch_optional(pool)
        .await
        .map_err(DbError::from)?);
    let found = found.ok_or(IntakeError::Unknown("event"))?;
    let sql = "SELECT payload FROM webhook_events WHERE id = $1";
    let payload: Option<Json<Value>> =
        on_db!(db, pool => sqlx::query_scalar(sql).bind(id).fetch_one(pool).await.map_err(DbError::from)?);
    Ok((found, payload.map(|payload| payload.0)))
}
