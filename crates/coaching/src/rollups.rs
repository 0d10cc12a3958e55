//! Sums per rep and week: taken out and put in with every analysis, and compared with what they should be every night.

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
    /// The Monday, as `YYYY-MM-DD`.
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

/// What the judged calls that match `condition` contribute, by the week of the call: one each to `calls`, what their metrics say of our side's share of the talk and of both sides' sentiment, and the scores of their latest session.
fn contributions(sqlite: bool, condition: &str) -> String {
    let metric = |path: &[&str]| {
        if sqlite {
            format!("json_extract(m.metrics, '$.{}')", path.join("."))
        } else {
            format!("CAST(m.metrics #>> '{{{}}}' AS DOUBLE PRECISION)", path.join(","))
        }
    };
    let one = |measure: &str, value: &str, tables: &str| {
        format!(
            "SELECT c.rep_id, c.week, {measure} AS measure, CAST(round({value} * {SCALE}) AS BIGINT) AS value \
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
    let what = contributions(matches!(tx, Tx::Sqlite(_)), "c.id = $1");
    // In one order for everybody, so that two transactions that add to the same sums do not wait for each other in a circle.
    let sql = format!(
        "INSERT INTO rollups (rep_id, week, measure, n, total) \
         SELECT rep_id, week, measure, CAST($2 AS BIGINT), CAST($2 AS BIGINT) * value FROM ({what}) AS found WHERE TRUE ORDER BY rep_id, week, measure \
         ON CONFLICT (rep_id, week, measure) DO UPDATE SET n = rollups.n + excluded.n, total = rollups.total + excluded.total"
    );
    on_tx!(tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).bind(call).bind(sign).execute(conn).await?.rows_affected());
    Ok(())
}

/// Compares the sums with what the calls say, mends what differs and returns it. Both are read at one moment.
///
/// # Errors
/// When the database fails.
pub async fn check(db: &Db) -> Result<Vec<Difference>, DbError> {
    let mut tx = db.begin().await?;
    if let Tx::Postgres(tx) = &mut tx {
        // Nobody adds meanwhile; reading goes on.
        sqlx::query("LOCK TABLE rollups IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    }
    let what = contributions(matches!(tx, Tx::Sqlite(_)), "TRUE");
    let right = format!(
        "SELECT rep_id, week, measure, count(*) AS n, CAST(sum(value) AS BIGINT) AS total FROM ({what}) AS found GROUP BY rep_id, week, measure"
    );
    let right: Vec<Sum> = on_tx!(&mut tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(right)).fetch_all(conn).await?);
    let kept = "SELECT rep_id, week, measure, n, total FROM rollups WHERE n <> 0 OR total <> 0";
    let kept: Vec<Sum> = on_tx!(&mut tx, conn => sqlx::query_as(kept).fetch_all(conn).await?);
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
    for ((rep, week, measure), difference) in &all {
        let (n, total) = difference.right.as_ref().map_or((0, 0), |sum| (sum.n, sum.total));
        let sql = "INSERT INTO rollups (rep_id, week, measure, n, total) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (rep_id, week, measure) DO UPDATE SET n = excluded.n, total = excluded.total";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(rep)
            .bind(week)
            .bind(measure)
            .bind(n)
            .bind(total)
            .execute(conn)
            .await?
            .rows_affected());
    }
    let empty = "DELETE FROM rollups WHERE n = 0 AND total = 0";
    on_tx!(&mut tx, conn => sqlx::query(empty).execute(conn).await?.rows_affected());
    tx.commit().await?;
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
