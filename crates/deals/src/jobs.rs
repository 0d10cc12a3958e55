//! The jobs of this area that come by the clock.

use crate::storage::{MEASURE, measure_storage};
use crate::{DealError, Deals, last_week, run_retention, sync, write_reviews};
use intake::Intake;
use queue::{Failure, Handler, Lease, Outcome, Schedule};
use serde_json::json;

/// The kind of the job that writes the reviews of the week before.
pub const REVIEW: &str = "weekly_review";
/// The kind of the job that takes away what is not kept for ever, and measures what is left.
pub const RETENTION: &str = "retention";

fn failed(error: DealError) -> Failure {
    match error {
        DealError::Db(error) => error.into(),
        other => Failure::Retry(other.to_string()),
    }
}

async fn finish(deals: &Deals, lease: &Lease) -> Outcome {
    let mut tx = deals.db.begin().await?;
    lease.complete(&mut tx, &deals.clock).await??;
    Ok(tx.commit().await?)
}

/// What is done for the jobs of this area.
pub fn handlers(deals: &Deals, intake: &Intake) -> Vec<Handler> {
    let of = deals.clone();
    let review = Handler::new(REVIEW, move |lease| {
        let deals = of.clone();
        async move {
            let week = last_week(&deals);
            let written = write_reviews(&deals, week).await.map_err(failed)?;
            tracing::info!(written, %week, "the reviews of the week are there");
            finish(&deals, &lease).await
        }
    });
    let of = deals.clone();
    let retention = Handler::new(RETENTION, move |lease| {
        let deals = of.clone();
        async move {
            let gone = run_retention(&deals, None).await.map_err(failed)?;
            for item in gone.items.iter().filter(|item| item.count > 0) {
                tracing::info!(kind = ?item.kind, count = item.count, "what was kept long enough is gone");
            }
            measure_storage(&deals).await?;
            finish(&deals, &lease).await
        }
    });
    let of = deals.clone();
    let measure = Handler::new(MEASURE, move |lease| {
        let deals = of.clone();
        async move {
            measure_storage(&deals).await?;
            finish(&deals, &lease).await
        }
    });
    let mut all = sync::handlers(deals, intake);
    all.extend([review, retention, measure]);
    all
}

/// When they come: reviews by this schedule and the clocks of this place, what is done at night by those of the team.
pub fn schedules(review: (&str, &str), time_zone: &str) -> Vec<Schedule> {
    let at = |name, kind, cron: &str, zone: &str| Schedule {
        name,
        kind,
        payload: json!({}),
        cron: cron.to_owned(),
        time_zone: zone.to_owned(),
    };
    let (cron, zone) = review;
    vec![
        at("weekly review", REVIEW, cron, zone),
        at("retention", RETENTION, "15 4 * * *", time_zone),
        at("crm", sync::ROUNDS, "*/15 * * * *", time_zone),
    ]
}
