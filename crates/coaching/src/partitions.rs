//! PostgreSQL's partitions of `coaching_sessions`, one a quarter.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveTime, Utc};
use db::{Db, DbError, Tx};
use sqlx::{AssertSqlSafe, PgConnection};

/// Quarters that are made ahead of time.
const AHEAD: u32 = 2;

/// Makes the partitions of this quarter and the next ones where they are missing. Rows that came before their partition move into it. Nothing
/// is done on SQLite.
///
/// # Errors
/// When the database fails.
pub async fn make(db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    if let Tx::Postgres(tx) = &mut tx {
        let first = NaiveDate::from_ymd_opt(now.year(), now.month0() / 3 * 3 + 1, 1).unwrap_or_default();
        for quarter in 0..=AHEAD {
            make_quarter(tx, first + Months::new(quarter * 3)).await?;
        }
    }
    tx.commit().await
}

async fn make_quarter(conn: &mut PgConnection, from: NaiveDate) -> Result<(), DbError> {
    let to = from + Months::new(3);
    let name = format!("coaching_sessions_{}q{}", from.year(), from.month0() / 3 + 1);
    // Asked before anything is locked: most of the time it is there.
    let there: Option<String> =
        sqlx::query_scalar("SELECT to_regclass($1)::text").bind(&name).fetch_one(&mut *conn).await?;
    if there.is_some() {
        return Ok(());
    }
    let bounds = [from, to].map(|day| day.and_time(NaiveTime::MIN).and_utc());
    // Programs that start together wait for each other here; the second finds the table made.
    sqlx::query("LOCK TABLE coaching_sessions IN ACCESS EXCLUSIVE MODE").execute(&mut *conn).await?;
    let made = format!("CREATE TABLE IF NOT EXISTS {name} (LIKE coaching_sessions INCLUDING ALL)");
    sqlx::query(AssertSqlSafe(made)).execute(&mut *conn).await?;
    let attached = "SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass($1)";
    let attached: i64 = sqlx::query_scalar(attached).bind(&name).fetch_one(&mut *conn).await?;
    if attached > 0 {
        return Ok(());
    }
    let moved = format!(
        "WITH gone AS (DELETE FROM coaching_sessions_default WHERE finished_at >= $1 AND finished_at < $2 RETURNING *) \
         INSERT INTO {name} SELECT * FROM gone"
    );
    sqlx::query(AssertSqlSafe(moved)).bind(bounds[0]).bind(bounds[1]).execute(&mut *conn).await?;
    let attach = format!(
        "ALTER TABLE coaching_sessions ATTACH PARTITION {name} FOR VALUES FROM ('{from} 00:00:00+00') TO ('{to} 00:00:00+00')"
    );
    sqlx::query(AssertSqlSafe(attach)).execute(&mut *conn).await?;
    Ok(())
}
