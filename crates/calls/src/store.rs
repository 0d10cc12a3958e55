//! The tables `calls`, `participants` and `segments`.

use crate::{Call, CallError, Filter};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::part_of_id;
use sqlx::QueryBuilder;
use std::collections::HashMap;
use std::sync::Arc;
use transcript::{Participant, Segment, Side, Transcript};
use uuid::Uuid;

const COLUMNS: &str = "c.id, c.external_id, coalesce(c.title, c.file_name) AS title, c.file_name, c.format, c.customer, \
     u.name AS rep, c.status, c.started_at, c.imported_at, c.duration_ms, c.overall_score, c.analysed_at \
     FROM calls c LEFT JOIN users u ON u.id = c.rep_id";

/// A text as it is compared and looked in: in lower case. Not the database's `lower`, which in SQLite knows ASCII only.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Rows written by one statement; SQLite takes at most 32,766 values.
const ROWS: usize = 2_000;

/// Writes the participants of a call.
pub(crate) async fn insert_people(tx: &mut Tx, call: Uuid, transcript: &Transcript) -> Result<(), DbError> {
    let people: Vec<(usize, &Participant)> = transcript.participants.iter().enumerate().collect();
    for rows in people.chunks(ROWS) {
        on_tx!(tx, conn => {
            let mut insert =
                QueryBuilder::new("INSERT INTO participants (call_id, position, name, side, email, title, external_id) ");
            insert.push_values(rows, |mut row, (position, person)| {
                row.push_bind(call)
                    .push_bind(*position as i32)
                    .push_bind(&person.name)
                    .push_bind(person.side.map(Side::as_str))
                    .push_bind(&person.email)
                    .push_bind(&person.title)
                    .push_bind(&person.external_id);
            });
            insert.build().execute(conn).await?.rows_affected()
        });
    }
    Ok(())
}

/// Writes the segments of a call.
pub(crate) async fn insert_segments(tx: &mut Tx, call: Uuid, transcript: &Transcript) -> Result<(), DbError> {
    for rows in transcript.segments.chunks(ROWS) {
        on_tx!(tx, conn => {
            let mut insert = QueryBuilder::new(
                "INSERT INTO segments (call_id, id, speaker, start_ms, end_ms, text, estimated, confidence, topic) ",
            );
            insert.push_values(rows, |mut row, segment| {
                row.push_bind(call)
                    .push_bind(segment.id as i32)
                    .push_bind(segment.speaker.map(|speaker| speaker as i32))
                    .push_bind(segment.start_ms.map(|ms| ms as i64))
                    .push_bind(segment.end_ms.map(|ms| ms as i64))
                    .push_bind(&segment.text)
                    .push_bind(segment.estimated)
                    .push_bind(segment.confidence.map(i32::from))
                    .push_bind(segment.topic.as_deref());
            });
            insert.build().execute(conn).await?.rows_affected()
        });
    }
    Ok(())
}

/// The call with this id.
///
/// # Errors
/// When the database fails.
pub async fn get(db: &Db, id: Uuid) -> Result<Option<Call>, DbError> {
    let sql = format!("SELECT {COLUMNS} WHERE c.id = $1");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?))
}

/// The call that somebody means by its id, the beginning or the end of it, or its id in the source. Calls that came in together have ids that
/// begin alike; the ends are random.
///
/// # Errors
/// When there is none or more than one.
pub async fn find(db: &Db, who: &str) -> Result<Call, CallError> {
    if let Ok(id) = who.parse::<Uuid>() {
        return get(db, id).await?.ok_or_else(|| CallError::Unknown(who.to_owned()));
    }
    // By an index; the rest looks at every id, which is for people who wait.
    let sql = format!("SELECT {COLUMNS} WHERE c.external_id = $1 ORDER BY c.imported_at DESC LIMIT 2");
    let mut found: Vec<Call> = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(who)
        .fetch_all(pool)
        .await
        .map_err(DbError::from)?);
    if found.is_empty()
        && let Some(digits) = part_of_id(who)
    {
        found = find_by_part(db, &digits).await?;
    }
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => Err(CallError::Unknown(who.to_owned())),
        _ => Err(CallError::Ambiguous(who.to_owned())),
    }
}

async fn find_by_part(db: &Db, digits: &str) -> Result<Vec<Call>, DbError> {
    let id = match db {
        Db::Sqlite(_) => "lower(hex(c.id))",
        Db::Postgres(_) => "replace(c.id::text, '-', '')",
    };
    let sql = format!("SELECT {COLUMNS} WHERE {id} LIKE $1 OR {id} LIKE $2 ORDER BY c.imported_at DESC LIMIT 2");
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(format!("{digits}%"))
        .bind(format!("%{digits}"))
        .fetch_all(pool)
        .await?))
}

/// The calls, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db, filter: &Filter) -> Result<Vec<Call>, DbError> {
    Ok(on_db!(db, pool => {
        let mut select = QueryBuilder::new(format!("SELECT {COLUMNS} WHERE TRUE"));
        if let Some(rep) = filter.rep {
            select.push(" AND c.rep_id = ").push_bind(rep);
        }
        if let Some(customer) = &filter.customer {
            select.push(" AND c.customer_key = ").push_bind(folded(customer));
        }
        if let Some(status) = filter.status {
            select.push(" AND c.status = ").push_bind(status.as_str());
        }
        // The day that is listed: when it began, else when it came in.
        if let Some(since) = filter.since {
            select.push(" AND c.happened_at >= ").push_bind(since);
        }
        if let Some(until) = filter.until {
            select.push(" AND c.happened_at < ").push_bind(until);
        }
        select.push(" ORDER BY c.imported_at DESC, c.id DESC LIMIT ").push_bind(filter.limit);
        select.build_query_as().fetch_all(pool).await?
    }))
}

/// The keys of all originals.
///
/// # Errors
/// When the database fails.
pub async fn originals(db: &Db) -> Result<Vec<String>, DbError> {
    let sql = "SELECT DISTINCT original_key FROM calls";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).fetch_all(pool).await?))
}

#[derive(sqlx::FromRow)]
struct Head {
    format: String,
    external_id: Option<String>,
    title: Option<String>,
    language: Option<String>,
    separate_channels: bool,
    #[sqlx(json)]
    warnings: Vec<transcript::Warning>,
    started: Option<String>,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    name: String,
    side: Option<String>,
    email: Option<String>,
    title: Option<String>,
    external_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct SegmentRow {
    id: i32,
    speaker: Option<i32>,
    start_ms: Option<i64>,
    end_ms: Option<i64>,
    text: String,
    estimated: bool,
    confidence: Option<i32>,
    topic: Option<String>,
}

fn side(name: &str) -> Option<Side> {
    [Side::Internal, Side::External].into_iter().find(|side| side.as_str() == name)
}

/// What is known of a call and the people in it, as a transcript without segments: enough to redact what is told about it.
///
/// # Errors
/// When there is no such call or the database fails.
pub async fn load_people(db: &Db, id: Uuid) -> Result<Transcript, CallError> {
    let started = match db {
        Db::Sqlite(_) => "started_at",
        Db::Postgres(_) => "to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    };
    let head = format!(
        "SELECT format, external_id, title, language, separate_channels, warnings, {started} AS started FROM calls WHERE id = $1"
    );
    let people = "SELECT name, side, email, title, external_id FROM participants WHERE call_id = $1 ORDER BY position";
    let (head, people): (Option<Head>, Vec<PersonRow>) = on_db!(db, pool => (
        sqlx::query_as(sqlx::AssertSqlSafe(head)).bind(id).fetch_optional(pool).await.map_err(DbError::from)?,
        sqlx::query_as(people).bind(id).fetch_all(pool).await.map_err(DbError::from)?,
    ));
    let head = head.ok_or_else(|| CallError::Unknown(id.to_string()))?;
    let participants = people.into_iter().map(|person| Participant {
        name: person.name,
        side: person.side.as_deref().and_then(side),
        email: person.email,
        title: person.title,
        external_id: person.external_id,
    });
    Ok(Transcript {
        format: serde_json::from_value(head.format.into()).unwrap_or(transcript::Format::Json),
        participants: participants.collect(),
        segments: Vec::new(),
        warnings: head.warnings,
        title: head.title,
        started_at: head.started,
        external_id: head.external_id,
        language: head.language,
        separate_channels: head.separate_channels,
    })
}

/// The transcript of a call as it is kept.
///
/// # Errors
/// When there is no such call or the database fails.
pub async fn load(db: &Db, id: Uuid) -> Result<Transcript, CallError> {
    let known = load_people(db, id).await?;
    let segments = "SELECT id, speaker, start_ms, end_ms, text, estimated, confidence, topic FROM segments \
         WHERE call_id = $1 ORDER BY id";
    let segments: Vec<SegmentRow> =
        on_db!(db, pool => sqlx::query_as(segments).bind(id).fetch_all(pool).await.map_err(DbError::from)?);
    let mut topics: HashMap<String, Arc<str>> = HashMap::new();
    let segments = segments.into_iter().map(|segment| Segment {
        id: segment.id as u32,
        speaker: segment.speaker.map(|speaker| speaker as usize),
        start_ms: segment.start_ms.map(|ms| ms as u64),
        end_ms: segment.end_ms.map(|ms| ms as u64),
        text: segment.text,
        estimated: segment.estimated,
        confidence: segment.confidence.map(|c| c as u16),
        topic: segment
            .topic
            .map(|topic| Arc::clone(topics.entry(topic).or_insert_with_key(|topic| Arc::from(topic.as_str())))),
    });
    Ok(Transcript { segments: segments.collect(), ..known })
}
