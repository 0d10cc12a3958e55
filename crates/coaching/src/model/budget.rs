//! What may be spent in a day and in a month. When it is spent nothing is asked before the next one begins.

use super::{Model, ModelFailure, backfill};
use accounts::Settings;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Tz;
use db::{Db, DbError, on_db};
use kernel::Clock;

/// Budgets in millionths of a US dollar; `None` for no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of a day in the time zone of the installation.
    pub day: Option<u64>,
    /// Of a month.
    pub month: Option<u64>,
}

impl Limits {
    /// With what admins have set, in US dollars, in the place of what the program was started with; 0 is no limit.
    pub(super) fn or_set(self, settings: &Settings) -> Self {
        let set = |dollars: Option<f64>, usual: Option<u64>| match dollars {
            Some(dollars) => Some((dollars * 1e6).round() as u64).filter(|micros| *micros > 0),
            None => usual,
        };
        Self { day: set(settings.model_budget_day, self.day), month: set(settings.model_budget_month, self.month) }
    }
}

/// The beginning of a day where the team is. In a zone that skips midnight the day begins later; the earliest moment that is on it counts.
pub(super) fn begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    crate::period::begins(day, zone)
}

/// What was spent since then, in millionths of a US dollar.
pub(super) async fn spent(db: &Db, since: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = "SELECT CAST(coalesce(sum(cost_micros), 0) AS BIGINT) FROM model_runs WHERE at >= $1";
    let sum: i64 = on_db!(db, pool => sqlx::query_scalar(sql).bind(since).fetch_one(pool).await?);
    Ok(sum as u64)
}

/// Whether something may be asked now, with a prompt of so many tokens at most. Questions that are under way are not counted before they are
/// answered: what is spent can be more than the budget by as much as they cost.
pub(super) async fn check(
    db: &Db,
    clock: &Clock,
    model: &Model,
    settings: &Settings,
    prompt: u64,
) -> Result<Result<(), ModelFailure>, DbError> {
    Ok(left(db, clock, model, settings, prompt).await?.map(|_| ()))
}

/// What may be spent now, in millionths of a US dollar; `None` for no limit. Else why nothing may be asked.
pub(super) async fn left(
    db: &Db,
    clock: &Clock,
    model: &Model,
    settings: &Settings,
    prompt: u64,
) -> Result<Result<Option<u64>, ModelFailure>, DbError> {
    let limits = model.limits.or_set(settings);
    if limits == Limits::default() {
        return Ok(Ok(None));
    }
    if model.prices.of(model.client.provider(), &model.name, prompt).is_none() {
        return Ok(Err(ModelFailure::new(
            "price",
            format!(
                "there is a budget, but the table of prices has no price of `{}` for prompts of {prompt} tokens: add it to a table of your own \
                 (`model_prices`), or set the budget to 0",
                model.name
            ),
            false,
        )));
    }
    let today = clock.now().with_timezone(&model.zone).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    // A batch that is being answered is paid for, only that nobody knows yet how much.
    let reserved = backfill::reserved(db).await?;
    let mut least: Option<u64> = None;
    for (limit, since, kind, name) in
        [(limits.day, today, "budget_day", "today"), (limits.month, first, "budget_month", "this month")]
    {
        let Some(limit) = limit else { continue };
        let spent = spent(db, begins(since, model.zone)).await? + reserved;
        if spent >= limit {
            let of_batch = if reserved > 0 { ", with what a batch may cost that is being answered" } else { "" };
            let sentence = format!(
                "the budget for {name} is spent (US$ {:.2} of {:.2}{of_batch}): an admin can raise it in the settings",
                spent as f64 / 1e6,
                limit as f64 / 1e6
            );
            return Ok(Err(ModelFailure::new(kind, sentence, false)));
        }
        least = Some(least.map_or(limit - spent, |least| least.min(limit - spent)));
    }
    Ok(Ok(least))
}
