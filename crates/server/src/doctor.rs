//! `sideline doctor`: what the program needs, looked at one by one.

use crate::config::Config;
use crate::embedding::{self, SetUp};
use crate::models;
use calls::{Blobs, Originals};
use chrono::{DateTime, TimeDelta, Utc};
use coaching::Analyst;
use db::{Db, DbError, on_db, sqlx};
use kernel::Clock;
use queue::{Schedule, State};
use search::{Meaning, Search};
use serde::Serialize;
use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

/// Most that the clocks of program and database may differ: leases of jobs are counted in seconds.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// Bytes below which the disk is about to be full, with time left to do something about it.
const LITTLE_ROOM: u64 = 1_000_000_000;

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

/// Asks the service of the model whether it knows the model; that costs nothing.
async fn model(config: &Config) -> Result<String, String> {
    let Some(set_up) = &config.model else {
        return Ok("none: the offline analyst judges; ANTHROPIC_API_KEY or model_provider sets one up".to_owned());
    };
    let analyst = models::analyst(Some(set_up), config.zone()?, &Clock::system())?;
    if let Some(model) = analyst.model() {
        model.client.model(&model.name).await.map_err(|error| format!("{}: {error}", set_up.told()))?;
    }
    Ok(set_up.told())
}

/// Looks at everything; what depends on something that is wrong is left out.
pub async fn examine() -> Vec<Finding> {
    let config = match Config::load() {
        Ok(config) => config,
        Err(error) => return vec![finding("settings", Err(error))],
    };
    let mut findings = vec![finding("settings", Ok("all keys are known".to_owned()))];
    findings.extend(config.told.iter().map(|told| finding("setting", Ok(told.clone()))));
    findings.push(finding("data", folder(&config.data_dir)));
    findings.push(finding("disk", room(&config.data_dir)));
    findings.push(finding("rubric", rubric(&config.rubric)));
    findings.push(finding("time zone", time_zone(&config.time_zone)));
    findings.push(finding("model", model(&config).await));
    findings.push(finding("originals", originals(&config.originals).await));
    findings.push(finding("port", port(config.listen)));
    if let Some(watch) = &config.watch {
        findings.push(finding("watch", watched(&watch.folder)));
    }
    if let Ok(Some(file)) = config.database.file()
        && !file.exists()
    {
        // Looking must not make it: a backup is restored where nothing is.
        findings.push(finding("database", Ok("sqlite, not there yet: the first import makes it".to_owned())));
        return findings;
    }
    match Db::open(&config.database).await {
        Err(error) => findings.push(finding("database", Err(error.to_string()))),
        Ok(db) => {
            let schema = db.check_schema().await.map(|()| format!("{}, schema up to date", db.backend()));
            let usable = schema.is_ok();
            // Nothing is wrong with a database that nobody has used yet.
            let schema = match schema {
                Err(DbError::Older { found: 0, .. }) => {
                    Ok(format!("{}, empty: the first import makes the tables", db.backend()))
                }
                other => other,
            };
            findings.push(finding("database", schema.map_err(|error| error.to_string())));
            findings.push(finding("clock", clocks(&db).await));
            if usable {
                findings.push(finding("jobs", jobs(&db).await));
                findings.push(finding("meaning", meaning(&config, &db).await));
            }
            db.close().await;
        }
    }
    findings
}

/// Whether things are found by what they mean; by words they are in any case.
async fn meaning(config: &Config, db: &Db) -> Result<String, String> {
    if let SetUp::Local(folder) = &config.embedding
        && !folder.join("model.safetensors").exists()
    {
        // Nothing is wrong with an installation that has no use for it.
        return Ok(
            "off, things are found by words alone: `sideline embeddings install` fetches the model (91 MB)".to_owned()
        );
    }
    let made = embedding::meaning(config.embedding.clone()).await;
    if matches!(made, Meaning::Unwanted) {
        return Ok("things are found by words alone (embedding_provider is none)".to_owned());
    }
    let search = Search::new(db.clone(), Clock::system(), config.zone()?, Analyst::default(), made);
    search.look().await.map_err(|error| error.to_string())?;
    let progress = search::progress(&search).await.map_err(|error| error.to_string())?;
    match (progress.model, progress.meaning_off) {
        (Some(model), None) => {
            Ok(format!("{model}; {} of {} calls are found by meaning", progress.embedded, progress.calls))
        }
        (_, why) => Err(format!("{}; by words things are found meanwhile", why.unwrap_or_default())),
    }
}

/// Whether transcripts can be taken from a folder.
fn watched(dir: &Path) -> Result<String, String> {
    let entries = fs::read_dir(dir).map_err(|error| {
        format!("{}: cannot be read ({error}); make it, change its owner, or set SIDELINE_WATCH_FOLDER", dir.display())
    })?;
    Ok(format!("{} can be read; {} files and folders lie in it", dir.display(), entries.count()))
}

fn folder(dir: &Path) -> Result<String, String> {
    let cannot = |error| {
        format!(
            "{}: cannot be written ({error}); free some space, change its owner, or set SIDELINE_DATA_DIR",
            dir.display()
        )
    };
    fs::create_dir_all(dir).map_err(cannot)?;
    let probe = dir.join(".doctor");
    // As large as a write that SQLite makes at once, so that a full disk shows.
    let written = fs::write(&probe, vec![0; 1 << 20]);
    // On a full disk there is a part of it.
    let removed = fs::remove_file(&probe);
    written.and(removed).map_err(cannot)?;
    Ok(format!("{} can be written", dir.display()))
}

/// How much room there is for database and originals.
fn room(dir: &Path) -> Result<String, String> {
    let found =
        rustix::fs::statvfs(dir).map_err(|error| format!("{}: its disk is not known ({error})", dir.display()))?;
    // What is left for those who are not the system's administrator.
    judge_room(dir, found.f_bavail.saturating_mul(found.f_frsize))
}

fn judge_room(dir: &Path, free: u64) -> Result<String, String> {
    let told = format!("{:.1} GB free for {}", free as f64 / 1e9, dir.display());
    if free < LITTLE_ROOM {
        return Err(format!("{told}; free some space, or set SIDELINE_DATA_DIR to a folder on a larger disk"));
    }
    Ok(told)
}

/// Whether the port is free. Nobody is answered meanwhile.
fn port(listen: SocketAddr) -> Result<String, String> {
    match TcpListener::bind(listen) {
        Ok(_) => Ok(format!("{listen} is free")),
        Err(error) => Err(match error.kind() {
            ErrorKind::AddrInUse => {
                format!("{listen} is in use; end the program that has it, or set SIDELINE_LISTEN to another port")
            }
            ErrorKind::PermissionDenied => format!(
                "{listen} is not for you; set SIDELINE_LISTEN to a port above 1023, or let the system's administrator grant it"
            ),
            ErrorKind::AddrNotAvailable => {
                format!("this machine has no address {}; set SIDELINE_LISTEN to one it has, or to 0.0.0.0", listen.ip())
            }
            _ => format!("{listen} cannot be used ({error}); set SIDELINE_LISTEN"),
        }),
    }
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
    if let Originals::Folder(folder) = place {
        // If there is nothing in it, there was none.
        let _ = fs::remove_dir(folder);
    }
    Ok(format!("{place}: kept, read and deleted"))
}

async fn clocks(db: &Db) -> Result<String, String> {
    let now = Clock::system().now();
    let Db::Postgres(_) = db else { return Ok(now.format("%Y-%m-%d %H:%M:%S UTC").to_string()) };
    let theirs = async {
        let at: DateTime<Utc> =
            on_db!(db, pool => sqlx::query_scalar("SELECT CURRENT_TIMESTAMP").fetch_one(pool).await?);
        Ok::<_, DbError>(at)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_cannot_be_had_is_told_with_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let told = port(address).unwrap_err();
        assert!(told.starts_with(&format!("{address} is in use; ")) && told.contains("SIDELINE_LISTEN"), "{told}");
        // 192.0.2.0/24 is kept for documentation (RFC 5737): nobody has it.
        assert!(
            port("192.0.2.1:8080".parse().unwrap()).unwrap_err().starts_with("this machine has no address 192.0.2.1")
        );
        port("127.0.0.1:0".parse().unwrap()).unwrap();
    }

    #[test]
    fn little_room_is_wrong() {
        let dir = Path::new("/data");
        assert_eq!(judge_room(dir, 52_340_000_000).unwrap(), "52.3 GB free for /data");
        let told = judge_room(dir, 900_000_000).unwrap_err();
        assert!(told.starts_with("0.9 GB free for /data; free some space"), "{told}");
        assert!(room(Path::new("/nowhere/at/all")).unwrap_err().contains("its disk is not known"));
    }
}
