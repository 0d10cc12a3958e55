//! The tables `coaching_sessions`, `analyses`, `metrics` and `rubrics`.

use crate::{Judged, moments};
use calls::CallError;
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::new_id;
use rubric::{CheckResult, DimensionResult, Flag, Report, TrackerView};
use signals::labels::Labeler;
use signals::metrics::metrics;
use sqlx::QueryBuilder;
use sqlx::types::Json;
use std::collections::HashMap;
use transcript::Transcript;
use uuid::Uuid;

/// Holds the call until the end of the transaction.
pub(crate) async fn lock_call(tx: &mut Tx, call: Uuid) -> Result<(), CallError> {
    let sql = match tx {
        Tx::Sqlite(_) => "SELECT id FROM calls WHERE id = $1",
        Tx::Postgres(_) => "SELECT id FROM calls WHERE id = $1 FOR UPDATE",
    };
    let found: Option<Uuid> =
        on_tx!(tx, conn => sqlx::query_scalar(sql).bind(call).fetch_optional(conn).await.map_err(DbError::from)?);
    found.map(|_| ()).ok_or_else(|| CallError::Unknown(call.to_string()))
}

/// Writes session, dimensions, metrics and the rubric they rest on; marks the call as analysed.
pub(crate) async fn keep(tx: &mut Tx, call: Uuid, judged: &Judged) -> Result<(), DbError> {
    let Judged { report, rubric, input_hash, words_hash, summary, key_themes, started_at, finished_at, found } = judged;
    let (used, withheld) =
        (found.as_ref().map(|found| Json(&found.model)), found.as_ref().is_some_and(|found| found.withheld));
    let version = report.rubric_version as i32;
    let sql = "INSERT INTO rubrics (id, version, name, document, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(&report.rubric)
        .bind(version)
        .bind(&report.rubric_name)
        .bind(Json(rubric))
        .bind(finished_at)
        .execute(conn)
        .await?
        .rows_affected());
    let session = new_id();
    let sql = "INSERT INTO coaching_sessions (id, call_id, rubric_id, rubric_version, analyst, input_hash, overall_score, \
         overall_note, summary, key_themes, flags, started_at, finished_at, model, withheld, words_hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(session)
        .bind(call)
        .bind(&report.rubric)
        .bind(version)
        .bind(&*report.analyst)
        .bind(input_hash)
        .bind(report.overall_score)
        .bind(&report.overall_note)
        .bind(summary)
        .bind(Json(key_themes))
        .bind(Json(&report.flags))
        .bind(started_at)
        .bind(finished_at)
        .bind(used)
        .bind(withheld)
        .bind(words_hash)
        .execute(conn)
        .await?
        .rows_affected());
    for (position, dimension) in report.dimensions.iter().enumerate() {
        let sql = "INSERT INTO analyses (id, session_id, call_id, position, dimension, title, weight, score, coverage, level, note, \
             checks, rubric_id, rubric_version, analyst, input_hash, started_at, finished_at, model) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
        let used = found.as_ref().and_then(|found| found.dimensions.get(&dimension.name));
        on_tx!(tx, conn => sqlx::query(sql)
            .bind(new_id())
            .bind(session)
            .bind(call)
            .bind(position as i32)
            .bind(&dimension.name)
            .bind(&dimension.title)
            .bind(dimension.weight)
            .bind(dimension.score)
            .bind(dimension.coverage)
            .bind(dimension.level.map(i32::from))
            .bind(&dimension.note)
            .bind(Json(&dimension.checks))
            .bind(&report.rubric)
            .bind(version)
            .bind(&*report.analyst)
            .bind(input_hash)
            .bind(started_at)
            .bind(finished_at)
            .bind(used.map(Json))
            .execute(conn)
            .await?
            .rows_affected());
    }
    let sql = "INSERT INTO metrics (call_id, metrics, trackers, computed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (call_id) \
         DO UPDATE SET metrics = excluded.metrics, trackers = excluded.trackers, computed_at = excluded.computed_at";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(call)
        .bind(Json(&report.metrics))
        .bind(Json(&report.trackers))
        .bind(finished_at)
        .execute(conn)
        .await?
        .rows_affected());
    let sql = "UPDATE calls SET status = 'analysed', session_id = $1, overall_score = $2, analysed_at = $3, customer_sentiment = $4, \
         heaviest = $5, withheld = $6 WHERE id = $7";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(session)
        .bind(report.overall_score)
        .bind(finished_at)
        .bind(report.metrics.sentiment.external)
        .bind(moments::heaviest(report))
        .bind(withheld)
        .bind(call)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Session {
    id: Uuid,
    rubric_id: String,
    rubric_version: i32,
    rubric_name: String,
    analyst: String,
    overall_score: Option<f64>,
    overall_note: Option<String>,
    #[sqlx(json)]
    flags: Vec<Flag>,
    #[sqlx(json)]
    trackers: Vec<TrackerView>,
}

#[derive(sqlx::FromRow)]
struct Analysis {
    dimension: String,
    title: String,
    weight: f64,
    score: Option<f64>,
    coverage: Option<f64>,
    level: Option<i32>,
    note: Option<String>,
    #[sqlx(json)]
    checks: Vec<CheckResult>,
}

impl From<Analysis> for DimensionResult {
    fn from(analysis: Analysis) -> Self {
        Self {
            name: analysis.dimension,
            title: analysis.title,
            weight: analysis.weight,
            score: analysis.score,
            coverage: analysis.coverage,
            level: analysis.level.map(|level| level as u8),
            note: analysis.note,
            checks: analysis.checks,
        }
    }
}

/// What was found in a session.
#[derive(Debug)]
pub(crate) struct SessionResult {
    pub(crate) rubric: String,
    pub(crate) version: i32,
    pub(crate) dimensions: Vec<DimensionResult>,
    pub(crate) flags: Vec<Flag>,
}

#[derive(sqlx::FromRow)]
struct OfSession {
    session_id: Uuid,
    #[sqlx(flatten)]
    analysis: Analysis,
}

/// What was found in these sessions, by their ids; of those whose scores are withheld only the flags.
pub(crate) async fn sessions(db: &Db, ids: &[Uuid]) -> Result<HashMap<Uuid, SessionResult>, DbError> {
    let mut found = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let heads: Vec<(Uuid, String, i32, Json<Vec<Flag>>)> = on_db!(db, pool => {
        let mut select =
            QueryBuilder::new("SELECT id, rubric_id, rubric_version, flags FROM coaching_sessions WHERE id IN ");
        select.push_tuples(ids, |mut tuple, id| {
            tuple.push_bind(*id);
        });
        select.build_query_as().fetch_all(pool).await?
    });
    for (id, rubric, version, Json(flags)) in heads {
        found.insert(id, SessionResult { rubric, version, dimensions: Vec::new(), flags });
    }
    let rows: Vec<OfSession> = on_db!(db, pool => {
        let mut select = QueryBuilder::new(
            "SELECT a.session_id, a.dimension, a.title, a.weight, a.score, a.coverage, a.level, a.note, a.checks FROM analyses a \
             JOIN coaching_sessions s ON s.id = a.session_id WHERE NOT (s.withheld AND s.confirmed_at IS NULL) AND a.session_id IN ",
        );
        select.push_tuples(ids, |mut tuple, id| {
            tuple.push_bind(*id);
        });
        select.push(" ORDER BY a.position").build_query_as().fetch_all(pool).await?
    });
    for OfSession { session_id, analysis } in rows {
        if let Some(session) = found.get_mut(&session_id) {
            session.dimensions.push(analysis.into());
        }
    }
    Ok(found)
}

/// The latest report on a call. The metrics are computed from the transcript again: they depend on nothing else.
pub(crate) async fn report(db: &Db, call: Uuid, transcript: &Transcript) -> Result<Option<Report>, DbError> {
    let session: Option<Session> =
        on_db!(db, pool => sqlx::query_as(SESSION).bind(call).bind(None::<Uuid>).fetch_optional(pool).await?);
    let Some(session) = session else { return Ok(None) };
    let analyses: Vec<Analysis> = on_db!(db, pool => sqlx::query_as(ANALYSES).bind(session.id).fetch_all(pool).await?);
    Ok(Some(whole(session, analyses, transcript)))
}

/// A report on a call, of this session.
pub(crate) async fn report_of(
    tx: &mut Tx,
    call: Uuid,
    session: Uuid,
    transcript: &Transcript,
) -> Result<Option<Report>, DbError> {
    let found: Option<Session> =
        on_tx!(tx, conn => sqlx::query_as(SESSION).bind(call).bind(Some(session)).fetch_optional(conn).await?);
    let Some(found) = found else { return Ok(None) };
    let analyses: Vec<Analysis> = on_tx!(tx, conn => sqlx::query_as(ANALYSES).bind(found.id).fetch_all(conn).await?);
    Ok(Some(whole(found, analyses, transcript)))
}

/// The session of a call with this id, or the latest one where that is null.
const SESSION: &str = "SELECT s.id, s.rubric_id, s.rubric_version, r.name AS rubric_name, s.analyst, s.overall_score, s.overall_note, \
     s.flags, m.trackers FROM calls c JOIN coaching_sessions s ON s.id = coalesce($2, c.session_id) AND s.call_id = c.id \
     JOIN rubrics r ON r.id = s.rubric_id AND r.version = s.rubric_version JOIN metrics m ON m.call_id = c.id WHERE c.id = $1";
const ANALYSES: &str = "SELECT dimension, title, weight, score, coverage, level, note, checks FROM analyses WHERE session_id = $1 \
     ORDER BY position";

fn whole(session: Session, analyses: Vec<Analysis>, transcript: &Transcript) -> Report {
    let dimensions = analyses.into_iter().map(DimensionResult::from);
    Report {
        rubric: session.rubric_id,
        rubric_name: session.rubric_name,
        rubric_version: session.rubric_version as u32,
        analyst: session.analyst.into(),
        metrics: metrics(transcript, &Labeler::builtin().label_call(transcript)),
        trackers: session.trackers,
        dimensions: dimensions.collect(),
        flags: session.flags,
        overall_score: session.overall_score,
        overall_note: session.overall_note,
    }
}
