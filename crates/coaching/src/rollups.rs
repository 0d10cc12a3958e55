//! Sums per rep and week, and per rep and day: taken out and put in with every analysis, and compared with what they should be every night.

use db::{Db, DbError, Tx, on_db, on_tx};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Sums are whole numbers of ten-thousandths, so that taking out undoes putting in exactly.
const SCALE: &str = "10000";

/// One sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Sum {
    /// Whose.
    pub rep_id: Uuid,
    /// The Monday, as `YYYY-MM-DD`; of a sum of a day, that day.
    pub week: String,
    /// `calls`, `overall`, `dimension:ID` (0 to 100), `talk_ratio` (0 to 1), `sentiment` or `customer_sentiment` (−1 to 1).
    pub measure: String,
    /// How many calls have it.
    pub n: i64,
    /// The sum in ten-thousandths.
    pub total: i64,
}

impl Sum {
    /// The mean.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.total as f64 / self.n as f64 / 1e4)
    }
}

/// A sum that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the calls say, if anything.
    pub right: Option<Sum>,
    /// What was kept, if anything.
    pub kept: Option<Sum>,
}

/// The tables of sums with the column that says of which time. Whole weeks are read from the first, what is left of a period from the second.
const TABLES: [(&str, &str); 2] = [("rollups", "week"), ("day_sums", "day")];

/// What the judged calls that match `condition` contribute, by the week or day of the call (`time`): one each to `calls`, what their metrics say of our side's share of the talk and of both sides' sentiment, and the scores of their latest session.
fn contributions(sqlite: bool, time: &str, condition: &str) -> String {
    let metric = |path: &[&str]| {
        if sqlite {
            format!("json_extract(m.metrics, '$.{}')", path.join("."))
        } else {
            format!("CAST(m.metrics #>> '{{{}}}' AS DOUBLE PRECISION)", path.join(","))
        }
    };
    let one = |measure: &str, value: &str, tables: &str| {
        format!(
            "SELECT c.rep_id, c.{time}, {measure} AS measure, CAST(round({value} * {SCALE}) AS BIGINT) AS value \
             FROM calls c {tables} WHERE c.rep_id IS NOT NULL AND c.session_id IS NOT NULL AND {value} IS NOT NULL AND {condition}"
        )
    };
    let metrics = "JOIN metrics m ON m.call_id = c.id";
    [
        one("'calls'", "1", ""),
        one("'overall'", "c.overall_score", ""),
        one("'talk_ratio'", &metric(&["talk_ratio"]), metrics),
        one("'sentiment'", &metric(&["sentiment", "internal"]), metrics),
        one("'customer_sentiment'", &metric(&["sentiment", "external"]), metrics),
        one("'dimension:' || a.dimension", "a.score", "JOIN analyses a ON a.session_id = c.session_id"),
    ]
    .join(" UNION ALL ")
}

/// Takes a call out of the sums, before it changes.
pub(crate) async fn take_out(tx: &mut Tx, call: Uuid) -> Result<(), DbError> {
    add(tx, call, -1).await
}

/// Puts a call into the sums.
pub(crate) async fn put_in(tx: &mut Tx, call: Uuid) -> Result<(), DbError> {
    add(tx, call, 1).await
}

async fn add(tx: &mut Tx, call: Uuid, sign: i64) -> Result<(), DbError> {
    for (table, time) in TABLES {
        let what = contributions(matches!(tx, Tx::Sqlite(_)), time, "c.id = $1");
        // In one order for everybody, so that two transactions that add to the same sums do not wait for each other in a circle.
        let sql = format!(
            "INSERT INTO {table} (rep_id, {time}, measure, n, total) SELECT rep_id, {time}, measure, CAST($2 AS BIGINT), CAST($2 AS BIGINT) * value \
             FROM ({what}) AS found WHERE TRUE ORDER BY rep_id, {time}, measure ON CONFLICT (rep_id, {time}, measure) \
             DO UPDATE SET n = {table}.n + excluded.n, total = {table}.total + excluded.total"
        );
        on_tx!(tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).bind(call).bind(sign).execute(conn).await?.rows_affected());
    }
    Ok(())
}

/// Compares the sums with what the calls say, mends what differs and returns it. Both are read at one moment.
///
/// # Errors
/// When the database fails.
pub async fn check(db: &Db) -> Result<Vec<Difference>, DbError> {
    let mut tx = db.begin().await?;
    let mut found = Vec::new();
    for (table, time) in TABLES {
        found.extend(check_table(&mut tx, table, time).await?);
    }
    tx.commit().await?;
    Ok(found)
}

async fn check_table(tx: &mut Tx, table: &str, time: &str) -> Result<Vec<Difference>, DbError> {
    if let Tx::Postgres(tx) = tx {
        // Nobody adds meanwhile; reading goes on.
        let lock = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
        sqlx::query(sqlx::AssertSqlSafe(lock)).execute(&mut **tx).await?;
    }
    let what = contributions(matches!(tx, Tx::Sqlite(_)), time, "TRUE");
    let right = format!(
        "SELECT rep_id, {time} AS week, measure, count(*) AS n, CAST(sum(value) AS BIGINT) AS total FROM ({what}) AS found \
         GROUP BY rep_id, {time}, measure"
    );
    let right: Vec<Sum> = on_tx!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(right)).fetch_all(conn).await?);
    let kept = format!("SELECT rep_id, {time} AS week, measure, n, total FROM {table} WHERE n <> 0 OR total <> 0");
    let kept: Vec<Sum> = on_tx!(tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(kept)).fetch_all(conn).await?);
    let mut all: BTreeMap<(Uuid, String, String), Difference> = BTreeMap::new();
    let key = |sum: &Sum| (sum.rep_id, sum.week.clone(), sum.measure.clone());
    for sum in right {
        all.insert(key(&sum), Difference { right: Some(sum), kept: None });
    }
    for sum in kept {
        let entry = all.entry(key(&sum)).or_insert(Difference { right: None, kept: None });
        entry.kept = Some(sum);
    }
    all.retain(|_, difference| difference.right != difference.kept);
    let mend = format!(
        "INSERT INTO {table} (rep_id, {time}, measure, n, total) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (rep_id, {time}, measure) DO UPDATE SET n = excluded.n, total = excluded.total"
    );
    for ((rep, at, measure), difference) in &all {
        let (n, total) = difference.right.as_ref().map_or((0, 0), |sum| (sum.n, sum.total));
        on_tx!(tx, conn => sqlx::query(sqlx::AssertSqlSafe(mend.as_str()))
            .bind(rep)
            .bind(at)
            .bind(measure)
            .bind(n)
            .bind(total)
            .execute(conn)
            .await?
            .rows_affected());
    }
    let empty = format!("DELETE FROM {table} WHERE n = 0 AND total = 0");
    on_tx!(tx, conn => sqlx::query(sqlx::AssertSqlSafe(empty)).execute(conn).await?.rows_affected());
    Ok(all.into_values().collect())
}

/// The sums of everybody in a team since the week of that Monday (`YYYY-MM-DD`), by rep and measure over all these weeks together; `week` is
/// the latest one in which the rep has the measure.
///
/// # Errors
/// When the database fails.
pub async fn for_team(db: &Db, team: Uuid, since: &str) -> Result<Vec<Sum>, DbError> {
    let sql = "SELECT r.rep_id, max(r.week) AS week, r.measure, CAST(sum(r.n) AS BIGINT) AS n, CAST(sum(r.total) AS BIGINT) AS total \
         FROM memberships m JOIN rollups r ON r.rep_id = m.user_id WHERE m.team_id = $1 AND r.week >= $2 AND r.n > 0 \
         GROUP BY r.rep_id, r.measure ORDER BY r.rep_id, r.measure";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(team).bind(since).fetch_all(pool).await?))
}

/// The sums of a rep, the latest week first.
///
/// # Errors
/// When the database fails.
pub async fn for_rep(db: &Db, rep: Uuid) -> Result<Vec<Sum>, DbError> {
    let sql =
        "SELECT rep_id, week, measure, n, total FROM rollups WHERE rep_id = $1 AND n > 0 ORDER BY week DESC, measure";
    Ok(on_db!(db, pool => sqlx::query_as(sql).bind(rep).fetch_all(pool).await?))
}
