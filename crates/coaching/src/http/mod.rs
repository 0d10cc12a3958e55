//! The doors of this area over HTTP: what is done with a call and was found in it; `/coaching`, `/analytics`, `/rubrics`, `/trackers`,
//! `/knowledge`.

mod analytics;
mod backfills;
mod calls;
mod insights;
mod knowledge;
mod models;
mod rubrics;
#[cfg(test)]
mod tests;
mod trackers;
mod transcripts;

use crate::{Analyst, Writing};
use ::calls::Blobs;
use chrono::NaiveDate;
use chrono_tz::Tz;
use db::Db;
use kernel::{Clock, Problem};
use transcript::redact::RedactKinds;
use utoipa_axum::router::OpenApiRouter;
use web::{Answer, Json};

/// What the doors need. Clones share it.
#[derive(Debug, Clone)]
pub struct Door {
    /// The database.
    pub db: Db,
    /// The originals.
    pub blobs: Blobs,
    /// The clock.
    pub clock: Clock,
    /// What is replaced in what people write.
    pub redact: RedactKinds,
    /// Where the team is: days and weeks begin there.
    pub zone: Tz,
    /// Id of the rubric that judges where nobody names one.
    pub rubric: String,
    /// Who judges.
    pub analyst: Analyst,
}

impl Door {
    fn today(&self) -> NaiveDate {
        crate::period::today(self.clock.now(), self.zone)
    }
}

/// Has a model write to the end, even if nobody waits any more: what it says is paid for.
///
/// # Errors
/// Those of the writing.
pub async fn to_the_end<E>(writing: impl Future<Output = Result<Writing, E>> + Send + 'static) -> Answer<Json<Writing>>
where
    E: Into<Problem> + Send + 'static,
{
    let written = tokio::spawn(writing).await.map_err(|_| Problem::internal())?;
    Ok(Json(written.map_err(Into::into)?))
}

/// All of them, below `/api/v1`.
pub fn router(door: Door) -> OpenApiRouter {
    let doors = OpenApiRouter::new()
        .merge(calls::routes())
        .merge(transcripts::routes())
        .merge(insights::routes())
        .merge(analytics::routes())
        .merge(rubrics::routes())
        .merge(trackers::routes())
        .merge(models::routes())
        .merge(backfills::routes())
        .merge(knowledge::routes())
        .with_state(door);
    web::strict(doors)
}
