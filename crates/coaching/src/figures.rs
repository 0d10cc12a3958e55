//! Averages over calls, each with how many calls it rests on, out of the sums that are kept.

use crate::CoachingError;
use crate::period::Period;
use accounts::may_see;
use chrono::{Days, NaiveDate};
use db::{Db, DbError, on_db};
use kernel::Actor;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Fewest calls for an average; below it there is no number, since one call would tip it.
pub const MIN_CALLS: i64 = 5;

/// An average over calls: scores 0 to 100, a talk ratio 0 to 1, sentiment −1 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"n": 12, "mean": 63.5}))]
pub struct Average {
    /// How many calls have the measure.
    pub n: i64,
    /// Their mean; null where there is not enough data.
    pub mean: Option<f64>,
    /// Why there is no mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An average beside that of the period before, which is as long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Compared {
    /// In the period.
    pub now: Average,
    /// In the period before.
    pub before: Average,
    /// How much higher it is now; null unless both have a mean.
    pub change: Option<f64>,
}

/// A point of a series.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Point {
    /// The Monday of its week, the last week that it is an average over.
    pub week: NaiveDate,
    /// How many calls have the measure.
    pub n: i64,
    /// The mean; null where fewer than five calls have it.
    pub mean: Option<f64>,
}

/// A sum: how many calls, and their total in ten-thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) n: i64,
    pub(crate) total: i64,
}

/// Sums by measure.
pub(crate) type Totals = BTreeMap<String, Total>;

/// The sum of a measure.
pub(crate) fn of(totals: &Totals, measure: &str) -> Total {
    totals.get(measure).copied().unwrap_or_default()
}

/// The sums of dimensions, by the dimension's id.
pub(crate) fn dimensions(totals: &Totals) -> impl Iterator<Item = (&str, Total)> {
    totals.iter().filter_map(|(measure, total)| Some((measure.strip_prefix("dimension:")?, *total)))
}

/// To four decimals, as exact as the sums are.
pub(crate) fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

impl Compared {
    /// Two averages beside each other.
    pub fn of(now: Average, before: Average) -> Self {
        let change = now.mean.zip(before.mean).map(|(now, before)| round(now - before));
        Self { now, before, change }
    }
}

impl Total {
    pub(crate) fn add(&mut self, other: Self) {
        self.n += other.n;
        self.total += other.total;
    }

    fn mean(self) -> Option<f64> {
        (self.n >= MIN_CALLS).then(|| round(self.total as f64 / self.n as f64 / 1e4))
    }

    pub(crate) fn average(self) -> Average {
        Average { n: self.n, mean: self.mean(), note: not_enough(self.n) }
    }

    pub(crate) fn compared(self, before: Self) -> Compared {
        Compared::of(self.average(), before.average())
    }
}

/// What is said in the place of a number that would rest on so few calls.
pub(crate) fn not_enough(n: i64) -> Option<String> {
    let calls = if n == 1 { "call" } else { "calls" };
    (n < MIN_CALLS).then(|| format!("not enough data: {n} {calls}, {MIN_CALLS} are needed"))
}

/// Points for the weeks of `weeks`, each an average over `span` weeks up to its own.
pub(crate) fn series(by_week: &BTreeMap<NaiveDate, Total>, weeks: Period, span: u64) -> Vec<Point> {
    let point = |week: NaiveDate| {
        let mut sum = Total::default();
        for (_, total) in by_week.range(week - Days::new(7 * (span - 1))..=week) {
            sum.add(*total);
        }
        Point { week, n: sum.n, mean: sum.mean() }
    };
    weeks.mondays().map(point).collect()
}

/// Whose calls are looked at: of those that the actor may see, all, or those of a rep, or of the members of a team.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    actor: &'a Actor,
    rep: Option<Uuid>,
    team: Option<Uuid>,
}

impl<'a> Scope<'a> {
    /// Checks that the actor may ask for this rep or team.
    ///
    /// # Errors
    /// [`CoachingError::Unknown`] where they are not there or not for the actor to see.
    pub async fn new(db: &Db, actor: &'a Actor, rep: Option<Uuid>, team: Option<Uuid>) -> Result<Self, CoachingError> {
        if let Some(rep) = rep
            && !accounts::sees(db, actor, rep).await?
        {
            return Err(CoachingError::Unknown("rep"));
        }
        if let Some(team) = team
            && accounts::team_of(db, actor, team).await?.is_none()
        {
            return Err(CoachingError::Unknown("team"));
        }
        Ok(Self { actor, rep, team })
    }

    /// The condition on the column of a rep. It takes the actor as `$1`, the rep as `$2` and the team as `$3`.
    pub(crate) fn condition(&self, column: &str) -> String {
        let rep = if self.rep.is_some() { format!("{column} = $2") } else { "$2 IS NULL".to_owned() };
        let team = match self.team {
            Some(_) => format!("{column} IN (SELECT user_id FROM memberships WHERE team_id = $3)"),
            None => "$3 IS NULL".to_owned(),
        };
        format!("{} AND {rep} AND {team}", may_see(self.actor.role, column))
    }

    /// What `$1`, `$2` and `$3` are.
    pub(crate) fn values(&self) -> (Uuid, Option<Uuid>, Option<Uuid>) {
        (self.actor.id, self.rep, self.team)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    rep_id: Uuid,
    measure: String,
    n: i64,
    total: i64,
}

/// The sums of each rep in a period, to the day: whole weeks of it as they are kept, and the days around them.
pub(crate) async fn by_rep(db: &Db, scope: &Scope<'_>, period: Period) -> Result<BTreeMap<Uuid, Totals>, DbError> {
    let parts = period.parts();
    let (weeks, days) = (scope.condition("r.rep_id"), scope.condition("d.rep_id"));
    let sql = format!(
        "SELECT rep_id, measure, CAST(sum(n) AS BIGINT) AS n, CAST(sum(total) AS BIGINT) AS total FROM (\
         SELECT r.rep_id, r.measure, r.n, r.total FROM rollups r WHERE r.week >= $4 AND r.week < $5 AND {weeks} \
         UNION ALL SELECT d.rep_id, d.measure, d.n, d.total FROM day_sums d WHERE d.day >= $6 AND d.day < $4 AND {days} \
         UNION ALL SELECT d.rep_id, d.measure, d.n, d.total FROM day_sums d WHERE d.day >= $5 AND d.day < $7 AND {days}\
         ) AS found GROUP BY rep_id, measure HAVING sum(n) > 0"
    );
    let (actor, rep, team) = scope.values();
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor)
        .bind(rep)
        .bind(team)
        .bind(&parts.weeks_since)
        .bind(&parts.weeks_until)
        .bind(&parts.since)
        .bind(&parts.until)
        .fetch_all(pool)
        .await?);
    let mut found: BTreeMap<Uuid, Totals> = BTreeMap::new();
    for Row { rep_id, measure, n, total } in rows {
        found.entry(rep_id).or_default().insert(measure, Total { n, total });
    }
    Ok(found)
}

/// The sums of everybody together.
pub(crate) fn together<'a>(reps: impl IntoIterator<Item = &'a Totals>) -> Totals {
    let mut all = Totals::new();
    for (measure, total) in reps.into_iter().flatten() {
        all.entry(measure.clone()).or_default().add(*total);
    }
    all
}

/// The sums of everybody together by measure and week, of the whole weeks that have a day in the period and `more` weeks before; of one
/// measure where one is named.
pub(crate) async fn by_week(
    db: &Db,
    scope: &Scope<'_>,
    period: Period,
    more: u64,
    measure: Option<&str>,
) -> Result<BTreeMap<String, BTreeMap<NaiveDate, Total>>, DbError> {
    let weeks = period.whole_weeks();
    let sql = format!(
        "SELECT r.week, r.measure, CAST(sum(r.n) AS BIGINT), CAST(sum(r.total) AS BIGINT) FROM rollups r \
         WHERE r.week >= $4 AND r.week <= $5 AND ($6 IS NULL OR r.measure = $6) AND {} GROUP BY r.week, r.measure HAVING sum(r.n) > 0",
        scope.condition("r.rep_id")
    );
    let (actor, rep, team) = scope.values();
    let rows: Vec<(String, String, i64, i64)> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor)
        .bind(rep)
        .bind(team)
        .bind((weeks.since - Days::new(7 * more)).to_string())
        .bind(weeks.until.to_string())
        .bind(measure)
        .fetch_all(pool)
        .await?);
    let mut found: BTreeMap<String, BTreeMap<NaiveDate, Total>> = BTreeMap::new();
    for (week, measure, n, total) in rows {
        if let Ok(week) = week.parse() {
            found.entry(measure).or_default().insert(week, Total { n, total });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(n: i64, mean: f64) -> Total {
        Total { n, total: (mean * 1e4) as i64 * n }
    }

    #[test]
    fn there_is_no_number_below_five_calls() {
        let few = total(4, 50.0).average();
        assert_eq!((few.n, few.mean), (4, None));
        assert_eq!(few.note.unwrap(), "not enough data: 4 calls, 5 are needed");
        assert!(total(1, 50.0).average().note.unwrap().contains("1 call,"));
        let enough = Total { n: 6, total: 1_000_000 }.average();
        assert_eq!((enough.mean, enough.note), (Some(16.6667), None));
        assert_eq!(total(5, 60.0).compared(total(4, 50.0)).change, None);
        assert_eq!(total(5, 60.0).compared(total(9, 62.5)).change, Some(-2.5));
    }

    #[test]
    fn averages_of_everybody_weigh_calls_and_not_people() {
        let of_rep = |n, mean| Totals::from([("overall".to_owned(), total(n, mean))]);
        let all = together([&of_rep(9, 80.0), &of_rep(1, 30.0)]);
        assert_eq!(of(&all, "overall").average().mean, Some(75.0));
    }

    #[test]
    fn a_series_has_every_week_and_reaches_back() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let weeks = Period { since: day("2026-09-16"), until: day("2026-09-30") };
        let known =
            [("2026-08-31", 3, 10.0), ("2026-09-07", 4, 20.0), ("2026-09-14", 2, 50.0), ("2026-09-28", 5, 70.0)];
        let known: BTreeMap<NaiveDate, Total> =
            known.into_iter().map(|(week, n, mean)| (day(week), total(n, mean))).collect();
        let found = |span| -> Vec<(i64, Option<f64>)> {
            series(&known, weeks, span).into_iter().map(|point| (point.n, point.mean)).collect()
        };
        assert_eq!(found(1), [(2, None), (0, None), (5, Some(70.0))]);
        // (4 · 20 + 2 · 50) / 6, and (2 · 50 + 5 · 70) / 7
        assert_eq!(found(2), [(6, Some(30.0)), (2, None), (5, Some(70.0))]);
        assert_eq!(found(3), [(9, Some(23.3333)), (6, Some(30.0)), (7, Some(64.2857))]);
    }
}
