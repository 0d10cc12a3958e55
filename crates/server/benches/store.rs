//! The part of `cargo xtask bench store` that asks the database: fills it up to a number of calls by copying the calls that are in it, and times
//! the queries of a team's day. Prints one JSON object a line: `{"id", "value", "unit"}`. Not for use alone.
//!
//! Copies have no segments of their own: neither query looks at them.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the terminal of whoever measures")]

use calls::Filter;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use db::{Db, Settings, Tx, on_db, on_tx};
use kernel::{Clock, Secret, new_id};
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::env::var;
use std::time::Instant;
use uuid::Uuid;

/// Passes of which the median is taken.
const PASSES: usize = 41;
/// Passes before them.
const WARM_UP: usize = 5;
/// Rows of one statement.
const ROWS: usize = 2_000;

fn main() {
    // `cargo test --all-targets` runs benches as well: there is nothing to measure then.
    let (Ok(url), Ok(calls)) = (var("SIDELINE_BENCH_DATABASE"), var("SIDELINE_BENCH_CALLS")) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(&url, calls.parse().unwrap()));
}

async fn measure(url: &str, calls: usize) {
    let db = Db::open(&Settings::new(Secret::new(url.to_owned()))).await.unwrap();
    db.migrate().await.unwrap();
    fill(&db, calls).await;
    let team = team(&db).await;
    row("calls", count(&db).await as f64, "calls");
    let some =
        "SELECT rep_id, customer FROM calls WHERE customer IS NOT NULL AND rep_id IS NOT NULL ORDER BY id LIMIT 1";
    let (rep, customer): (Uuid, String) = on_db!(&db, pool => sqlx::query_as(some).fetch_one(pool).await.unwrap());
    let page = Filter { limit: 50, ..Filter::default() };
    for (id, filter) in [
        ("list_newest", page.clone()),
        ("list_rep", Filter { rep: Some(rep), ..page.clone() }),
        ("list_customer", Filter { customer: Some(customer), ..page.clone() }),
        ("list_status", Filter { status: Some(calls::Status::Analysed), ..page.clone() }),
        ("list_waiting", Filter { status: Some(calls::Status::NeedsSides), ..page }),
    ] {
        let ms = median(async || assert!(calls::list(&db, &filter).await.unwrap().len() <= 50)).await;
        row(id, ms, "ms");
    }
    let newest: String =
        on_db!(&db, pool => sqlx::query_scalar("SELECT max(week) FROM rollups").fetch_one(pool).await.unwrap());
    let newest: NaiveDate = newest.parse().unwrap();
    for (id, weeks) in [("rollup_quarter", 13), ("rollup_all", 2_000)] {
        let since = (newest - TimeDelta::weeks(weeks)).to_string();
        let ms = median(async || assert!(!coaching::for_team(&db, team, &since).await.unwrap().is_empty())).await;
        row(id, ms, "ms");
    }
    db.close().await;
}

fn row(id: &str, value: f64, unit: &str) {
    println!("{}", serde_json::json!({ "id": id, "value": value, "unit": unit }));
}

/// Median milliseconds of a pass.
async fn median(mut pass: impl AsyncFnMut()) -> f64 {
    let mut times = Vec::new();
    for _ in 0..WARM_UP + PASSES {
        let start = Instant::now();
        pass().await;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let times = &mut times[WARM_UP..];
    times.sort_by(f64::total_cmp);
    times[PASSES / 2]
}

async fn count(db: &Db) -> i64 {
    on_db!(db, pool => sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(pool).await.unwrap())
}

async fn execute(tx: &mut Tx, sql: &str) {
    on_tx!(tx, conn => sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await.unwrap().rows_affected());
}

/// A team of all reps: the largest there can be.
async fn team(db: &Db) -> Uuid {
    let mut tx = db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &Clock::system(), "Everybody").await.unwrap();
    let all = "INSERT INTO memberships (team_id, user_id, created_at) SELECT $1, id, created_at FROM users";
    on_tx!(&mut tx, conn => sqlx::query(all).bind(team).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    team
}

#[derive(sqlx::FromRow)]
struct Original {
    id: Uuid,
    imported_at: DateTime<Utc>,
}

/// Copies judged calls with metrics and analyses, each under ids of its own, until there are as many as wanted; the sums follow.
async fn fill(db: &Db, wanted: usize) {
    let mut tx = db.begin().await.unwrap();
    let customers = "UPDATE calls SET customer = (SELECT max(p.name) FROM participants p WHERE p.call_id = calls.id AND p.side = 'external') \
         WHERE customer IS NULL";
    execute(&mut tx, customers).await;
    tx.commit().await.unwrap();
    let originals = "SELECT id, imported_at FROM calls WHERE session_id IS NOT NULL ORDER BY id";
    let originals: Vec<Original> = on_db!(db, pool => sqlx::query_as(originals).fetch_all(pool).await.unwrap());
    loop {
        let there = count(db).await;
        let missing = wanted.saturating_sub(there as usize);
        if missing == 0 {
            break;
        }
        let mut tx = db.begin().await.unwrap();
        copy(&mut tx, &originals[..missing.min(originals.len())], there).await;
        tx.commit().await.unwrap();
    }
    coaching::check(db).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    execute(&mut tx, "ANALYZE").await;
    tx.commit().await.unwrap();
}

/// Copies of these calls, taken in `minutes` earlier.
async fn copy(tx: &mut Tx, originals: &[Original], minutes: i64) {
    let (id, time, text, fresh) = match tx {
        Tx::Sqlite(_) => ("BLOB", "TEXT", "hex(p.new)", "randomblob(16)"),
        Tx::Postgres(_) => ("uuid", "timestamptz", "p.new::text", "gen_random_uuid()"),
    };
    let table = format!("CREATE TEMPORARY TABLE copies (old {id} PRIMARY KEY, new {id}, session {id}, at {time})");
    execute(tx, &table).await;
    for rows in originals.chunks(ROWS) {
        on_tx!(tx, conn => {
            let mut insert = QueryBuilder::new("INSERT INTO copies (old, new, session, at) ");
            insert.push_values(rows, |mut row, original| {
                let at = original.imported_at - TimeDelta::minutes(minutes);
                row.push_bind(original.id).push_bind(new_id()).push_bind(new_id()).push_bind(at);
            });
            insert.build().execute(conn).await.unwrap().rows_affected()
        });
    }
    let same = "file_name, format, external_id, title, language, customer, rep_id, rep_named, started_at, week, day, heaviest, duration_ms, \
         separate_channels, status, warnings, redactions, original_key, original_bytes, overall_score, analysed_at, \
         title_key, customer_key, customer_sentiment";
    let of_analysis = "position, dimension, title, weight, score, coverage, level, note, checks, rubric_id, rubric_version, analyst, \
         input_hash, started_at, finished_at";
    for sql in [
        format!(
            "INSERT INTO calls (id, source, source_hash, imported_at, session_id, {same}) \
             SELECT p.new, source, {text}, p.at, p.session, {same} FROM calls c JOIN copies p ON p.old = c.id"
        ),
        "INSERT INTO metrics (call_id, metrics, trackers, computed_at) \
         SELECT p.new, metrics, trackers, computed_at FROM metrics m JOIN copies p ON p.old = m.call_id"
            .to_owned(),
        format!(
            "INSERT INTO analyses (id, session_id, call_id, {of_analysis}) \
             SELECT {fresh}, p.session, p.new, {of_analysis} FROM analyses a JOIN copies p ON p.old = a.call_id"
        ),
        "DROP TABLE copies".to_owned(),
    ] {
        execute(tx, &sql).await;
    }
}
