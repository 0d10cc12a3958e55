//! `sideline sync`: lists the calls of a service and brings in those that are not here.

use super::app::{App, actor, block_on};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use intake::ledger::{self, Backlog};
use intake::sync::{self, RunState, SyncRun};
use intake::{Connection, IntakeError, Kind, connection};
use serde::Serialize;
use std::io::Write as _;
use std::time::Duration;

/// How often it is looked whether another worker has gone on.
const LOOK: Duration = Duration::from_millis(500);
/// A round that rests for longer is left to a worker, or to the next time this command is given.
const PATIENCE_S: i64 = 120;

/// `sideline sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It lists what began since the last time, with the hours before it that the connection is set to, and does what is due: calls that come in are judged. \
Those whose transcript is not there yet wait for a worker (`sideline serve`), or for the next time. Without --since it begins with the day on which the \
connection was made.

Examples:
  sideline sync gong
  sideline sync gong --since 2026-09-01
  sideline sync gong --connection europe --json
  sideline sync folder")]
pub struct Args {
    /// Which service: gong, fireflies, or folder for that of the setting `watch_folder`
    #[arg(value_parser = service, value_name = "SERVICE")]
    service: Kind,
    /// Which connection, where there are several
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Calls from this day on, or from this time (RFC 3339), instead of what is new
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
}

fn service(name: &str) -> Result<Kind, String> {
    match name {
        "gong" => Ok(Kind::Gong),
        "fireflies" => Ok(Kind::Fireflies),
        "folder" => Ok(Kind::Folder),
        _ => Err("there are gong, fireflies and folder".to_owned()),
    }
}

impl From<IntakeError> for Failure {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Field(..) | IntakeError::Conflict(_) => Self::Usage(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

#[derive(Serialize)]
struct Synced {
    connection: String,
    run: SyncRun,
    backlog: Backlog,
}

/// Lists calls and does what is due.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        app.check_rubric()?;
        let intake = app.intake.clone();
        let zone = app.config.zone().map_err(Failure::Usage)?;
        let since = args.since.as_deref().map(|text| time(text, zone)).transpose()?;
        if args.service == Kind::Folder {
            // The connection of the folder is made when it is looked at first.
            intake::folder_connection(&intake).await?;
        }
        let found: Connection = match connection::named(&intake, args.service, args.connection.as_deref()).await {
            Ok(found) => found,
            Err(IntakeError::Unknown(_)) => return Err(Failure::Usage(missing(&intake, args).await?)),
            Err(error) => return Err(error.into()),
        };
        let begun = sync::begin(&intake, &found, since, Some(&actor())).await?;
        let mut worker = app.worker();
        // Who gives this command wants it done, also where the server leaves jobs to others.
        worker.concurrency = worker.concurrency.max(1);
        let run = loop {
            worker.drain().await?;
            let run = sync::get(&app.db, begun.id).await?;
            let rests = run.wait_until.map_or(0, |until| (until - app.clock.now()).num_seconds());
            if run.finished_at.is_some() || rests > PATIENCE_S {
                break run;
            }
            tokio::time::sleep(LOOK).await;
        };
        let backlog = ledger::backlog(&app.db, found.id).await?;
        let failed = run.state != RunState::Done;
        if json {
            write_json(&mut stdout(), &Synced { connection: found.name, run, backlog }, true)?;
        } else {
            let mut out = console.styled();
            writeln!(out, "{}", told(&found.name, &run, &backlog))?;
            out.flush()?;
        }
        app.db.close().await;
        Ok(if failed { Status::Failed } else { Status::Done })
    })
}

/// What to do where there is no such connection.
async fn missing(intake: &intake::Intake, args: &Args) -> Result<String, Failure> {
    let all = connection::list(intake).await?.into_iter().filter(|connection| connection.kind == args.service);
    let names: Vec<String> = all.map(|connection| connection.name).collect();
    let service = args.service.as_str();
    Ok(match (&args.connection, names.as_slice()) {
        (_, []) => {
            format!("there is no connection of the kind {service} yet; make one on the page Settings, Integrations")
        }
        (Some(name), _) => format!("there is no connection {name}, but {}", names.join(", ")),
        (None, _) => format!(
            "there are several connections of the kind {service}; name one with --connection: {}",
            names.join(", ")
        ),
    })
}

/// A day, where the team is, or a time.
fn time(text: &str, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let day: Option<NaiveDate> = text.parse().ok();
    let begin = day.and_then(|day| zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest());
    let wrong = || {
        Failure::Usage(format!(
            "--since {text}: write a day such as 2026-09-01, or a time such as 2026-09-01T08:00:00Z"
        ))
    };
    begin.map(|begin| begin.to_utc()).ok_or_else(wrong)
}

fn told(name: &str, run: &SyncRun, backlog: &Backlog) -> String {
    let calls = |n: i64| if n == 1 { "1 call".to_owned() } else { format!("{n} calls") };
    let mut parts = vec![format!("{name}: {} listed, {} new", calls(run.found), run.new_calls)];
    if backlog.open > 0 {
        let (open, waiting) = (calls(backlog.open.into()), backlog.waiting);
        parts.push(format!("{open} on the way, {waiting} without a transcript yet"));
    }
    if backlog.failed > 0 {
        parts.push(format!("{} did not come in", calls(backlog.failed.into())));
    }
    let told = parts.join("; ");
    match (&run.error, run.wait_until) {
        (Some(why), Some(until)) => format!("{told}\nIt rests until {}: {why}", until.format("%Y-%m-%d %H:%M UTC")),
        (Some(why), None) => format!("{told}\nIt was given up: {why}"),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_team_is() {
        let at = |text| time(text, Tz::Europe__Berlin).map(|at| at.to_rfc3339()).map_err(|error| error.to_string());
        assert_eq!(at("2026-07-01").unwrap(), "2026-06-30T22:00:00+00:00");
        assert_eq!(at("2026-07-01T08:00:00+02:00").unwrap(), "2026-07-01T06:00:00+00:00");
        assert!(at("yesterday").unwrap_err().contains("2026-09-01"));
    }
}
