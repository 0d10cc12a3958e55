//! `sideline doctor`: what the program needs, looked at one by one.

use crate::config::Config;
use calls::{Blobs, Originals};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, on_db, sqlx};
use kernel::Clock;
use queue::{Schedule, State};
use serde::Serialize;
use std::fs;
use std::path::Path;

/// Most that the clocks of program and database may differ: leases of jobs are counted in seconds.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What it is.
    pub what: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// How it is; what to do where it is wrong.
    pub told: String,
}

fn finding(what: &'static str, result: Result<String, String>) -> Finding {
    let ok = result.is_ok();
    Finding { what, ok, told: result.unwrap_or_else(|told| told) }
}

/// Looks at everything; what depends on something that is wrong is left out.
pub async fn examine() -> Vec<Finding> {
    let config = match Config::load() {
        Ok(config) => config,
        Err(error) => return vec![finding("settings", Err(error))],
    };
    let mut findings =
        vec![finding("settings", Ok("all keys are known".to_owned())), finding("data", folder(&config.data_dir))];
    findings.push(finding("rubric", rubric(&config.rubric)));
    findings.push(finding("time zone", time_zone(&config.time_zone)));
    findings.push(finding("originals", originals(&config.originals).await));
    match Db::open(&config.database).await {
        Err(error) => findings.push(finding("database", Err(error.to_string()))),
        Ok(db) => {
            let schema = db.check_schema().await.map(|()| format!("{}, schema up to date", db.backend()));
            let usable = schema.is_ok();
            findings.push(finding("database", schema.map_err(|error| error.to_string())));
            findings.push(finding("clock", clocks(&db).await));
            if usable {
                findings.push(finding("jobs", jobs(&db).await));
            }
            db.close().await;
        }
    }
    findings
}

fn folder(dir: &Path) -> Result<String, String> {
    let cannot =
        |error| format!("{}: cannot be written ({error}); set SIDELINE_DATA_DIR, or change its owner", dir.display());
    fs::create_dir_all(dir).map_err(cannot)?;
    let probe = dir.join(".doctor");
    // As large as a write that SQLite makes at once, so that a full disk shows.
    fs::write(&probe, vec![0; 1 << 20]).map_err(cannot)?;
    fs::remove_file(&probe).map_err(cannot)?;
    Ok(format!("{} can be written", dir.display()))
}

fn rubric(id: &str) -> Result<String, String> {
    match rubric::builtin().iter().find(|rubric| rubric.id == id) {
        Some(rubric) => Ok(format!("{} (version {})", rubric.name, rubric.version)),
        None => Err(format!("there is no rubric {id}; set SIDELINE_RUBRIC to one of `sideline rubric list`")),
    }
}

fn time_zone(name: &str) -> Result<String, String> {
    Schedule::check("0 3 * * *", name).map(|()| name.to_owned()).map_err(|error| error.to_string())
}

async fn originals(place: &Originals) -> Result<String, String> {
    let blobs = Blobs::open(place).map_err(|error| error.to_string())?;
    blobs.check().await.map_err(|error| error.to_string())?;
    Ok(format!("{place}: kept, read and deleted"))
}

async fn clocks(db: &Db) -> Result<String, String> {
    let now = Clock::system().now();
    let Db::Postgres(_) = db else { return Ok(now.format("%Y-%m-%d %H:%M:%S UTC").to_string()) };
    let theirs = async {
        let at: DateTime<Utc> =
            on_db!(db, pool => sqlx::query_scalar("SELECT CURRENT_TIMESTAMP").fetch_one(pool).await?);
        Ok::<_, db::DbError>(at)
    };
    let theirs = theirs.await.map_err(|error| error.to_string())?;
    let apart = (theirs - now).abs();
    if apart > CLOCKS_DIFFER {
        return Err(format!("the database's clock is {} s off; set both by NTP", apart.num_seconds()));
    }
    Ok(format!("{} UTC, as the database's", now.format("%Y-%m-%d %H:%M:%S")))
}

async fn jobs(db: &Db) -> Result<String, String> {
    let counts = queue::counts(db).await.map_err(|error| error.to_string())?;
    let of = |wanted| counts.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
    let dead = of(State::Dead);
    if dead > 0 {
        return Err(format!(
            "{dead} gave up; `sideline jobs list --state dead` tells why, `sideline jobs retry ID` tries again"
        ));
    }
    Ok(format!("{} waiting, {} running, {} done", of(State::Queued), of(State::Running), of(State::Done)))
}
