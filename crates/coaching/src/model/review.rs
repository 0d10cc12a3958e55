//! Scores that were withheld, because somebody in the call speaks to the judge, are told when a person has looked.

use super::kept::DimensionUse;
use crate::{CoachingError, moments, rollups, store, summary};
use accounts::audit::{self, Action};
use calls::events::{self, Event};
use calls::{CallError, Status};
use db::{Db, DbError, on_db, on_tx};
use kernel::{Actor, Clock};
use rubric::model::apply;
use rubric::{Evidence, Flag, FlagKind, Report};
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

/// Tells the scores of a session that were withheld, by the verdicts that are kept.
///
/// # Errors
/// When there is no such session, its scores are not withheld, or the database fails.
pub async fn confirm(db: &Db, clock: &Clock, call: Uuid, session: Uuid, actor: &Actor) -> Result<(), CoachingError> {
    let transcript = calls::load(db, call).await.map_err(unknown)?;
    let mut tx = db.begin().await?;
    store::lock_call(&mut tx, call).await.map_err(unknown)?;
    let sql = "SELECT withheld, confirmed_at IS NOT NULL, \
         EXISTS (SELECT 1 FROM calls c WHERE c.id = $1 AND c.session_id = coaching_sessions.id) \
         FROM coaching_sessions WHERE call_id = $1 AND id = $2";
    let found: Option<(bool, bool, bool)> = on_tx!(&mut tx, conn => sqlx::query_as(sql).bind(call).bind(session).fetch_optional(conn).await.map_err(DbError::from)?);
    let latest = match found {
        None => return Err(CoachingError::Unknown("session")),
        Some((true, false, latest)) => latest,
        Some(_) => return Err(CoachingError::Conflict("the scores of this session are not withheld".to_owned())),
    };
    let sql = "SELECT model FROM analyses WHERE session_id = $1 ORDER BY position";
    let uses: Vec<(Option<Json<DimensionUse>>,)> =
        on_tx!(&mut tx, conn => sqlx::query_as(sql).bind(session).fetch_all(conn).await.map_err(DbError::from)?);
    let Some(mut report) = store::report_of(&mut tx, call, session, &transcript).await? else {
        return Err(CoachingError::Unknown("session"));
    };
    rollups::take_out(&mut tx, call).await?;
    let failed: Vec<String> = report
        .dimensions
        .iter()
        .zip(&uses)
        .filter(|(_, (used,))| used.as_ref().is_some_and(|used| used.failure.is_some()))
        .map(|(dimension, _)| dimension.name.clone())
        .collect();
    let (dimensions, overall) = apply::score_anew(report.dimensions, |dimension| failed.contains(&dimension.name));
    report.dimensions = dimensions;
    (report.overall_score, report.overall_note) = match overall {
        Ok(score) => (Some(score), None),
        Err(why) => (None, Some(why)),
    };
    write(&mut tx, clock, call, session, &report, actor, latest).await?;
    rollups::put_in(&mut tx, call).await?;
    let detail = json!({ "session_id": session, "overall_score": report.overall_score });
    audit::record(&mut tx, clock, &actor.trail(), Action::ScoresConfirm, call, detail).await?;
    if latest {
        let detail = json!({ "status": Status::Analysed, "overall_score": report.overall_score });
        events::tell(&mut tx, clock.now(), Event::Score, call, detail).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Words of a call that speak to the judge, at which a person has looked and let the scores be told in spite of them.
pub(crate) async fn looked_at(db: &Db, call: Uuid) -> Result<Vec<Evidence>, DbError> {
    let sql = "SELECT flags FROM coaching_sessions WHERE call_id = $1 AND confirmed_at IS NOT NULL";
    let rows: Vec<(Json<Vec<Flag>>,)> = on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_all(pool).await?);
    let flags = rows.into_iter().flat_map(|(Json(flags),)| flags);
    Ok(flags.filter(|flag| flag.kind == FlagKind::InstructionToJudge).flat_map(|flag| flag.evidence).collect())
}

async fn write(
    tx: &mut db::Tx,
    clock: &Clock,
    call: Uuid,
    session: Uuid,
    report: &Report,
    actor: &Actor,
    latest: bool,
) -> Result<(), DbError> {
    for (position, dimension) in report.dimensions.iter().enumerate() {
        let sql = "UPDATE analyses SET score = $1, coverage = $2, level = $3, note = $4 WHERE session_id = $5 AND position = $6";
        on_tx!(tx, conn => sqlx::query(sql)
            .bind(dimension.score)
            .bind(dimension.coverage)
            .bind(dimension.level.map(i32::from))
            .bind(&dimension.note)
            .bind(session)
            .bind(position as i32)
            .execute(conn)
            .await?
            .rows_affected());
    }
    let sql = "UPDATE coaching_sessions SET overall_score = $1, overall_note = $2, summary = $3, key_themes = $4, confirmed_at = $5, \
         confirmed_by = $6 WHERE id = $7";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(report.overall_score)
        .bind(&report.overall_note)
        .bind(summary::summary(report))
        .bind(Json(summary::key_themes(report)))
        .bind(clock.now())
        .bind(actor.id)
        .bind(session)
        .execute(conn)
        .await?
        .rows_affected());
    if latest {
        let sql = "UPDATE calls SET overall_score = $1, heaviest = $2, withheld = FALSE WHERE id = $3";
        on_tx!(tx, conn => sqlx::query(sql)
            .bind(report.overall_score)
            .bind(moments::heaviest(report))
            .bind(call)
            .execute(conn)
            .await?
            .rows_affected());
    }
    Ok(())
}

fn unknown(error: CallError) -> CoachingError {
    match error {
        CallError::Db(error) => error.into(),
        _ => CoachingError::Unknown("call"),
    }
}
