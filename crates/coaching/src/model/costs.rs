//! What models cost: by month, by rep, by call.

use super::Model;
use super::budget::{self, Limits};
use crate::period::{self, Period};
use accounts::Settings;
use chrono::{Datelike as _, Days, NaiveDate};
use chrono_tz::Tz;
use db::{Db, DbError, on_db};
use kernel::Clock;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was asked in a part of a period, and what it cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Cost {
    /// Questions that were sent.
    pub requests: i64,
    /// Questions that a kept answer was used for.
    pub cached: i64,
    /// Questions that had no answer, or none that was understood.
    pub failed: i64,
    /// Tokens read afresh.
    pub input_tokens: i64,
    /// Tokens read afresh and remembered by the service.
    pub cache_write_tokens: i64,
    /// Tokens that the service remembered.
    pub cache_read_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// In millionths of a US dollar, as far as prices are known.
    pub cost_micros: i64,
    /// Questions whose price is not known.
    pub unpriced: i64,
}

/// What the calls of a rep cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct RepCost {
    /// Whose calls; null for those that are nobody's, and for people who were removed.
    pub rep_id: Option<Uuid>,
    /// Their name.
    pub name: Option<String>,
    /// Calls about which something was asked.
    pub calls: i64,
    /// What it took.
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub cost: Cost,
}

/// What was spent on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCost {
    /// The day.
    pub day: NaiveDate,
    /// In millionths of a US dollar.
    pub cost_micros: u64,
}

/// What models cost in a period.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Costs {
    /// The period.
    pub period: Period,
    /// All of it.
    pub total: Cost,
    /// Share of the questions that a kept answer was used for, 0 to 1; null where there were none.
    pub hit_rate: Option<f64>,
    /// By whose calls they were about, the most expensive first.
    pub reps: Vec<RepCost>,
    /// Day by day.
    pub days: Vec<DayCost>,
    /// What was spent today, in millionths of a US dollar.
    pub today_micros: u64,
    /// What was spent this month.
    pub month_micros: u64,
    /// What may be spent in a day; null for no limit.
    pub budget_day_micros: Option<u64>,
    /// What may be spent in a month; null for no limit.
    pub budget_month_micros: Option<u64>,
}

const SUMS: &str = "CAST(coalesce(sum(CASE WHEN r.outcome NOT IN ('cached', 'resting') THEN 1 ELSE 0 END), 0) AS BIGINT) AS requests, \
     CAST(coalesce(sum(CASE WHEN r.outcome = 'cached' THEN 1 ELSE 0 END), 0) AS BIGINT) AS cached, \
     CAST(coalesce(sum(CASE WHEN r.outcome NOT IN ('ok', 'cached', 'batched', 'resting') THEN 1 ELSE 0 END), 0) AS BIGINT) AS failed, \
     CAST(coalesce(sum(r.input_tokens), 0) AS BIGINT) AS input_tokens, \
     CAST(coalesce(sum(r.cache_write_tokens), 0) AS BIGINT) AS cache_write_tokens, \
     CAST(coalesce(sum(r.cache_read_tokens), 0) AS BIGINT) AS cache_read_tokens, \
     CAST(coalesce(sum(r.output_tokens), 0) AS BIGINT) AS output_tokens, \
     CAST(coalesce(sum(r.cost_micros), 0) AS BIGINT) AS cost_micros, \
     CAST(coalesce(sum(CASE WHEN r.cost_micros IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS unpriced";

/// What models cost in these days, whoever judges now.
///
/// # Errors
/// When the database fails.
pub async fn costs(
    db: &Db,
    clock: &Clock,
    zone: Tz,
    period: Period,
    model: Option<&Model>,
    settings: &Settings,
) -> Result<Costs, DbError> {
    let since = budget::begins(period.since, zone);
    let until = budget::begins(period.until + Days::new(1), zone);
    let sql = format!("SELECT {SUMS} FROM model_runs r WHERE r.at >= $1 AND r.at < $2");
    let total: Cost =
        on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(since).bind(until).fetch_one(pool).await?);
    let sql = format!(
        "SELECT r.rep_id, u.name, CAST(count(DISTINCT r.call_id) AS BIGINT) AS calls, {SUMS} FROM model_runs r \
         LEFT JOIN users u ON u.id = r.rep_id WHERE r.at >= $1 AND r.at < $2 AND r.purpose <> 'test' \
         GROUP BY r.rep_id, u.name ORDER BY cost_micros DESC, u.name, r.rep_id"
    );
    let reps: Vec<RepCost> =
        on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(since).bind(until).fetch_all(pool).await?);
    let mut days = Vec::new();
    let mut day = period.since;
    while day <= period.until {
        let sql = "SELECT CAST(coalesce(sum(cost_micros), 0) AS BIGINT) FROM model_runs WHERE at >= $1 AND at < $2";
        let (from, to) = (budget::begins(day, zone), budget::begins(day + Days::new(1), zone));
        let sum: i64 = on_db!(db, pool => sqlx::query_scalar(sql).bind(from).bind(to).fetch_one(pool).await?);
        days.push(DayCost { day, cost_micros: sum as u64 });
        day = day + Days::new(1);
    }
    let today = period::today(clock.now(), zone);
    let limits = model.map_or_else(Limits::default, |model| model.limits).or_set(settings);
    let questions = total.requests + total.cached;
    Ok(Costs {
        hit_rate: (questions > 0).then(|| total.cached as f64 / questions as f64),
        total,
        reps,
        days,
        today_micros: budget::spent(db, budget::begins(today, zone)).await?,
        month_micros: budget::spent(db, budget::begins(today.with_day(1).unwrap_or(today), zone)).await?,
        budget_day_micros: limits.day,
        budget_month_micros: limits.month,
        period,
    })
}
