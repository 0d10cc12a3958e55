//! One call as somebody may see it: what is known of it, its transcript page by page, its original.

use crate::lists::{CallItem, item};
use crate::{Blobs, CallError};
use accounts::may_see;
use bytes::Bytes;
use db::{Db, DbError, on_db};
use kernel::Actor;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// The call that the actor means by our id or by its id in the source, which is Gong's id where it came from there; if they may see it. Where
/// several have this id in their source, it is the one that came in first.
///
/// # Errors
/// [`CallError::Unknown`] where there is none or it is not theirs to see.
pub async fn seen(db: &Db, actor: &Actor, who: &str) -> Result<Uuid, CallError> {
    // What the database could not even be asked for is not there.
    if who.contains('\0') {
        return Err(CallError::Unknown(who.to_owned()));
    }
    let may = may_see(actor.role, "c.rep_id");
    if let Ok(id) = who.parse::<Uuid>() {
        let sql = format!("SELECT c.id FROM calls c WHERE c.id = $2 AND {may}");
        let found: Option<Uuid> = on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(actor.id)
            .bind(id)
            .fetch_optional(pool)
            .await
            .map_err(DbError::from)?);
        if let Some(id) = found {
            return Ok(id);
        }
    }
    let sql =
        format!("SELECT c.id FROM calls c WHERE c.external_id = $2 AND {may} ORDER BY c.imported_at, c.id LIMIT 1");
    let found: Option<Uuid> = on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(actor.id)
        .bind(who)
        .fetch_optional(pool)
        .await
        .map_err(DbError::from)?);
    found.ok_or_else(|| CallError::Unknown(who.to_owned()))
}

/// Somebody who takes part in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct CallParticipant {
    /// What segments refer to, from 0.
    #[schema(example = 0)]
    pub position: i32,
    /// Their name, unique in the call.
    #[schema(example = "Dana Whitlock")]
    pub name: String,
    /// `internal` or `external`; null where it is not known.
    #[schema(example = "internal")]
    pub side: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
    /// Their job title.
    pub title: Option<String>,
    /// Their id in the source.
    pub external_id: Option<String>,
}

/// The people of a call, in order.
///
/// # Errors
/// When the database fails.
pub async fn people(db: &Db, call: Uuid) -> Result<Vec<CallParticipant>, DbError> {
    let sql =
        "SELECT position, name, side, email, title, external_id FROM participants WHERE call_id = $1 ORDER BY position";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_all(pool).await?))
}

/// What was found wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportWarning {
    /// Line of the file, from 1; 0 where no line can be named.
    pub line: usize,
    /// What was found and what was done.
    pub message: String,
}

/// Which rubric a call was judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RubricUsed {
    /// Its id.
    #[schema(example = "default")]
    pub id: String,
    /// Its version.
    #[schema(example = 1)]
    pub version: i32,
}

/// A call with everything that is known of it but its words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallDetails {
    /// As in a list.
    #[serde(flatten)]
    pub call: CallItem,
    /// Where it came from: `file`, or `sample` where it was made up.
    #[schema(example = "file")]
    pub source: String,
    /// Name of the file.
    pub file_name: String,
    /// Format it came in.
    #[schema(example = "zoom_vtt")]
    pub format: String,
    /// Whether each speaker was recorded on a channel of their own.
    pub separate_channels: bool,
    /// Who takes part.
    pub participants: Vec<CallParticipant>,
    /// What could not be read as it should.
    pub warnings: Vec<ImportWarning>,
    /// How many values of each kind were replaced before anything was kept.
    pub redactions: BTreeMap<String, i64>,
    /// Bytes of the original as it is kept.
    pub original_bytes: i64,
    /// The latest coaching session, once it was judged.
    pub session_id: Option<Uuid>,
    /// What it was judged by in that session.
    pub rubric: Option<RubricUsed>,
}

#[derive(sqlx::FromRow)]
struct More {
    source: String,
    file_name: String,
    format: String,
    separate_channels: bool,
    #[sqlx(json)]
    warnings: Vec<ImportWarning>,
    #[sqlx(json)]
    redactions: BTreeMap<String, i64>,
    original_bytes: i64,
    session_id: Option<Uuid>,
    rubric_id: Option<String>,
    rubric_version: Option<i32>,
}

/// Everything that is known of a call but its words.
///
/// # Errors
/// When there is no such call or the database fails.
pub async fn details(db: &Db, call: Uuid) -> Result<CallDetails, CallError> {
    let unknown = || CallError::Unknown(call.to_string());
    let sql = "SELECT c.source, c.file_name, c.format, c.separate_channels, c.warnings, c.redactions, c.original_bytes, c.session_id, \
         s.rubric_id, s.rubric_version FROM calls c LEFT JOIN coaching_sessions s ON s.id = c.session_id AND s.call_id = c.id \
         WHERE c.id = $1";
    let more: Option<More> =
        on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_optional(pool).await.map_err(DbError::from)?);
    let more = more.ok_or_else(unknown)?;
    Ok(CallDetails {
        call: item(db, call).await?.ok_or_else(unknown)?,
        participants: people(db, call).await?,
        source: more.source,
        file_name: more.file_name,
        format: more.format,
        separate_channels: more.separate_channels,
        warnings: more.warnings,
        redactions: more.redactions,
        original_bytes: more.original_bytes,
        session_id: more.session_id,
        rubric: more.rubric_id.zip(more.rubric_version).map(|(id, version)| RubricUsed { id, version }),
    })
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SegmentSpeaker {
    /// Their place among the participants.
    #[schema(example = 0)]
    pub position: i32,
    /// Their name.
    #[schema(example = "Dana Whitlock")]
    pub name: String,
    /// `internal` or `external`; null where it is not known.
    #[schema(example = "internal")]
    pub side: Option<String>,
}

/// What somebody says at a stretch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SegmentItem {
    /// What evidence refers to, from 1.
    #[schema(example = 12)]
    pub id: i32,
    /// Who speaks; null where it is not known.
    pub speaker: Option<SegmentSpeaker>,
    /// Where it begins, from the start of the recording; null where the source has no times.
    pub start_ms: Option<i64>,
    /// Where it ends.
    pub end_ms: Option<i64>,
    /// The words.
    #[schema(example = "What does a late order cost you?")]
    pub text: String,
    /// Whether a time was computed rather than read.
    pub estimated: bool,
    /// What the source says it is about.
    pub topic: Option<String>,
}

#[derive(sqlx::FromRow)]
struct SegmentRow {
    id: i32,
    speaker: Option<i32>,
    name: Option<String>,
    side: Option<String>,
    start_ms: Option<i64>,
    end_ms: Option<i64>,
    text: String,
    estimated: bool,
    topic: Option<String>,
}

/// Which segments are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stretch {
    /// After the segment with this id.
    pub after: i32,
    /// What is said at this time or later.
    pub from_ms: Option<i64>,
    /// What is said before this time.
    pub to_ms: Option<i64>,
    /// Without the first so many.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// Segments of a call in order, with how many there are on all pages if that is asked for. Those without times are in no stretch of time.
///
/// # Errors
/// When the database fails.
pub async fn segments(
    db: &Db,
    call: Uuid,
    wanted: Stretch,
    total: bool,
) -> Result<(Vec<SegmentItem>, Option<i64>), DbError> {
    let condition = "FROM segments s LEFT JOIN participants p ON p.call_id = s.call_id AND p.position = s.speaker \
         WHERE s.call_id = $1 AND ($2 IS NULL OR s.end_ms > $2) AND ($3 IS NULL OR s.start_ms < $3)";
    let page = format!(
        "SELECT s.id, s.speaker, p.name, p.side, s.start_ms, s.end_ms, s.text, s.estimated, s.topic {condition} AND s.id > $4 \
         ORDER BY s.id LIMIT $5 OFFSET $6"
    );
    let rows: Vec<SegmentRow> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(page))
        .bind(call)
        .bind(wanted.from_ms)
        .bind(wanted.to_ms)
        .bind(wanted.after)
        .bind(wanted.limit)
        .bind(wanted.offset)
        .fetch_all(pool)
        .await?);
    let count = format!("SELECT count(*) {condition}");
    let count = if total {
        Some(on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(count))
            .bind(call)
            .bind(wanted.from_ms)
            .bind(wanted.to_ms)
            .fetch_one(pool)
            .await?))
    } else {
        None
    };
    let items = rows.into_iter().map(|row| SegmentItem {
        id: row.id,
        speaker: row.speaker.zip(row.name).map(|(position, name)| SegmentSpeaker { position, name, side: row.side }),
        start_ms: row.start_ms,
        end_ms: row.end_ms,
        text: row.text,
        estimated: row.estimated,
        topic: row.topic,
    });
    Ok((items.collect(), count))
}

/// The file of a call as it is kept.
#[derive(Debug, Clone)]
pub struct Original {
    /// Its name; with another ending where it is kept as redacted JSON.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Bytes,
}

/// The original of a call.
///
/// # Errors
/// When there is no such call, or the original cannot be read.
pub async fn original(db: &Db, blobs: &Blobs, call: Uuid) -> Result<Original, CallError> {
    let sql = "SELECT file_name, format, original_key FROM calls WHERE id = $1";
    let found: Option<(String, String, String)> =
        on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_optional(pool).await.map_err(DbError::from)?);
    let (mut file_name, format, key) = found.ok_or_else(|| CallError::Unknown(call.to_string()))?;
    let bytes = Bytes::from(blobs.get(&key).await?);
    let usual = media_type(&format);
    // Where something was replaced, it is kept as JSON whatever it came as; no other format of ours begins so.
    let json = usual != JSON && bytes.starts_with(b"{\"format\":");
    if json {
        file_name.push_str(".json");
    }
    Ok(Original { file_name, media_type: if json { JSON } else { usual }, bytes })
}

const JSON: &str = "application/json";

/// The media type of files of a format. Never one that a browser would run.
fn media_type(format: &str) -> &'static str {
    match format {
        "vtt" | "zoom_vtt" | "teams_vtt" => "text/vtt",
        "srt" => "application/x-subrip",
        "csv" => "text/csv",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        format if format.ends_with("json") => JSON,
        _ => "text/plain",
    }
}
