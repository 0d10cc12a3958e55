//! `sideline calls`, `delete`, `jobs`, `worker`, `migrate`, `backup`, `restore`: what is done with what is kept.

use super::app::{App, block_on, config};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use crate::render::words::{length, plain};
use calls::{CallError, Filter, Originals, Status as CallStatus};
use chrono::{DateTime, Utc};
use db::Db;
use queue::State;
use std::io::Write as _;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// `sideline calls`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sideline calls --rep dana@acme.com\n  sideline calls --status needs_sides\n  sideline calls --json --limit 1000 | jq .overall_score"
)]
pub struct CallsArgs {
    /// Only those of this rep: a name or a mail address
    #[arg(long, value_name = "NAME")]
    rep: Option<String>,
    /// Only those of this customer
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// Only those that have come so far: `needs_sides`, `queued`, `analysed`, `failed`
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<CallStatus>,
    /// At most so many, the newest first
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

fn status(text: &str) -> Result<CallStatus, String> {
    CallStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or_else(|| "it is needs_sides, queued, analysed or failed".to_owned())
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// Lists the calls.
pub fn calls(args: &CallsArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let rep = match &args.rep {
            None => None,
            Some(who) => Some(
                accounts::find_rep(&app.db, who)
                    .await?
                    .ok_or_else(|| Failure::Usage(format!("nobody is called {who}")))?
                    .id,
            ),
        };
        let filter =
            Filter { rep, customer: args.customer.clone(), status: args.status, since: None, limit: args.limit.into() };
        let list = calls::list(&app.db, &filter).await?;
        if json {
            let mut out = stdout();
            for call in &list {
                write_json(&mut out, call, false)?;
            }
            out.flush()?;
            return Ok(Status::Done);
        }
        let mut out = console.styled();
        for call in &list {
            let score = call.overall_score.map_or_else(|| "  –".to_owned(), |score| format!("{score:3.0}"));
            let when = day(call.started_at.unwrap_or(call.imported_at));
            let length = call.duration_ms.map(|ms| length(ms as u64)).unwrap_or_default();
            let rep = plain(call.rep.as_deref().unwrap_or("–")).to_string();
            writeln!(
                out,
                "{}  {when}  {score}  {:11}  {length:>14}  {rep:20}  {}",
                call.id,
                call.status.as_str(),
                plain(&call.title)
            )?;
        }
        out.flush()?;
        if list.is_empty() {
            console.note(&"there are no such calls; `sideline import FILE…` takes some in");
        }
        Ok(Status::Done)
    })
}

/// `sideline doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  sideline doctor")]
pub struct DoctorArgs {}

/// Looks at everything the program needs and says what to do about what is wrong.
pub fn doctor(_: &DoctorArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let findings = crate::doctor::examine().await;
        let worst = if findings.iter().all(|finding| finding.ok) { Status::Done } else { Status::Failed };
        if json {
            write_json(&mut stdout(), &findings, true)?;
            return Ok(worst);
        }
        let mut out = console.styled();
        for finding in &findings {
            let mark = if finding.ok { "ok   " } else { "WRONG" };
            writeln!(out, "{mark}  {:9}  {}", finding.what, plain(&finding.told))?;
        }
        out.flush()?;
        Ok(worst)
    })
}

/// `sideline worker`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Several workers share the jobs. What is begun when it is told to end (Ctrl-C, SIGTERM) is finished.

Examples:
  sideline worker
  SIDELINE_WORKER_CONCURRENCY=4 sideline worker")]
pub struct WorkerArgs {}

/// `sideline migrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Other commands do it as well when they start; this one is for those who want to see it done.

Example:
  DATABASE_URL=postgres://sideline@db/sideline sideline migrate")]
pub struct MigrateArgs {}

/// `sideline delete`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  sideline delete 0199c0ff-ee12")]
pub struct DeleteArgs {
    /// The call: its id, the beginning of it, or its id in the source
    call: String,
}

/// Deletes a call with everything of it and prints a receipt.
pub fn delete(args: &DeleteArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let call = calls::find(&app.db, &args.call).await?;
        let deleted = coaching::delete(&app.db, &app.blobs, &app.clock, call.id, "cli").await;
        let receipt = deleted.map_err(|error| match error {
            CallError::Blob(_) => Failure::Failed(format!(
                "{error}. The call is deleted; its original is deleted by a worker (`sideline worker`), which tries again"
            )),
            other => other.into(),
        })?;
        if json {
            write_json(&mut stdout(), &receipt, true)?;
            return Ok(Status::Done);
        }
        let mut out = console.styled();
        writeln!(out, "Deleted {} ({}) at {}", plain(&call.title), receipt.call_id, receipt.deleted_at.to_rfc3339())?;
        for (table, rows) in &receipt.rows {
            writeln!(out, "  {table:18} {rows:>8} rows")?;
        }
        writeln!(out, "  {:18} {:>8} bytes", "original", receipt.original_bytes)?;
        out.flush()?;
        Ok(Status::Done)
    })
}

/// `sideline jobs`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sideline jobs\n  sideline jobs list --state dead\n  sideline jobs retry 0199c0ff-ee12-7000-8000-000000000000"
)]
pub struct JobsArgs {
    #[command(subcommand)]
    action: Option<JobsAction>,
}

#[derive(Debug, clap::Subcommand)]
enum JobsAction {
    /// The jobs that were written down last
    List {
        /// Only those in this state: queued, running, done, dead, cancelled
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// At most so many
        #[arg(long, default_value_t = 30, value_name = "N")]
        limit: u32,
    },
    /// One job with everything that is known of it
    Show {
        /// Its id
        job: Uuid,
    },
    /// Queue a job again that is dead or cancelled
    Retry {
        /// Its id
        job: Uuid,
    },
    /// Take a job back that is queued or running
    Cancel {
        /// Its id
        job: Uuid,
    },
}

fn state(text: &str) -> Result<State, String> {
    [State::Queued, State::Running, State::Done, State::Dead, State::Cancelled]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| "it is queued, running, done, dead or cancelled".to_owned())
}

/// Lists, shows and changes jobs.
pub fn jobs(args: &JobsArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let changed = match &args.action {
            None => return list_jobs(&app, None, 30, console, json).await,
            Some(JobsAction::List { state, limit }) => return list_jobs(&app, *state, *limit, console, json).await,
            Some(JobsAction::Show { job }) => {
                let found = queue::get(&app.db, *job).await?;
                let found = found.ok_or_else(|| Failure::Usage(format!("there is no job {job}")))?;
                write_json(&mut stdout(), &found, true)?;
                return Ok(Status::Done);
            }
            Some(JobsAction::Retry { job }) => {
                (queue::retry(&app.db, &app.clock, *job).await?, job, "queued again", "dead or cancelled")
            }
            Some(JobsAction::Cancel { job }) => {
                (queue::cancel(&app.db, &app.clock, *job).await?, job, "cancelled", "queued or running")
            }
        };
        let (done, job, what, needed) = changed;
        if !done {
            return Err(Failure::Usage(format!("there is no job {job} that is {needed}")));
        }
        console.note(&format!("{job} is {what}"));
        Ok(Status::Done)
    })
}

async fn list_jobs(
    app: &App,
    state: Option<State>,
    limit: u32,
    console: &Console,
    json: bool,
) -> Result<Status, Failure> {
    let jobs = queue::list(&app.db, &queue::Filter { state, kind: None, limit: limit.into() }).await?;
    if json {
        let mut out = stdout();
        for job in &jobs {
            write_json(&mut out, job, false)?;
        }
        out.flush()?;
        return Ok(Status::Done);
    }
    let mut out = console.styled();
    for job in &jobs {
        let error = job.error.as_deref().map(|error| format!("  {}", plain(error))).unwrap_or_default();
        writeln!(
            out,
            "{}  {:9}  {}/{}  {}  {}{error}",
            job.id,
            job.state.as_str(),
            job.attempts,
            job.max_attempts,
            job.created_at.format("%Y-%m-%d %H:%M:%S"),
            job.kind
        )?;
    }
    out.flush()?;
    if jobs.is_empty() {
        console.note(&"there are no such jobs");
    }
    Ok(Status::Done)
}

/// Works until it is interrupted or told to end; what has begun is finished.
pub fn worker(_: &WorkerArgs, console: &Console) -> Result<Status, Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    block_on(async {
        let app = App::open().await?;
        for schedule in coaching::schedules(&app.config.time_zone) {
            queue::set_schedule(&app.db, &app.clock, &schedule)
                .await
                .map_err(|error| Failure::Usage(error.to_string()))?;
        }
        let stop = CancellationToken::new();
        let asked = stop.clone();
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            asked.cancel();
        });
        console.note(&format!("working on {}; end it with Ctrl-C", app.db.backend()));
        app.worker().run(&stop).await;
        app.db.close().await;
        Ok(Status::Done)
    })
}

/// Brings the schema up to date.
pub fn migrate(_: &MigrateArgs, console: &Console) -> Result<Status, Failure> {
    block_on(async {
        let config = config()?;
        std::fs::create_dir_all(&config.data_dir).map_err(|error| {
            Failure::Failed(format!("{}: the data folder cannot be made: {error}", config.data_dir.display()))
        })?;
        let db = Db::open(&config.database).await?;
        let before = db.migrate().await?;
        let mut out = console.styled();
        if before.found == before.known {
            writeln!(out, "The schema is up to date (version {})", before.known)?;
        } else {
            writeln!(out, "The schema was brought from version {} to {}", before.found, before.known)?;
        }
        db.close().await;
        Ok(Status::Done)
    })
}

/// `sideline backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The folder gets the database, consistent while others write, and the originals; those in a bucket stay there. To restore it, name it to `sideline restore` with \
SIDELINE_DATA_DIR set to an empty folder.

Example:
  sideline backup /backups/2026-11-20")]
pub struct BackupArgs {
    /// A folder that is not there yet
    folder: PathBuf,
}

/// The folder of the originals in a backup, as in the data folder.
const BLOBS: &str = "blobs";
/// The file of a backup that says in which bucket its originals are, where they are in one.
const BUCKET: &str = "originals.txt";

/// Copies database and originals of an installation on SQLite. Originals in a bucket are named, not copied.
pub fn backup(args: &BackupArgs, console: &Console) -> Result<Status, Failure> {
    block_on(async {
        if args.folder.exists() {
            return Err(Failure::Usage(format!("{} is there already; name a new folder", args.folder.display())));
        }
        let app = App::open().await?;
        let cannot = |error| Failure::Failed(format!("{}: cannot be written: {error}", args.folder.display()));
        std::fs::create_dir_all(&args.folder).map_err(cannot)?;
        // The database first: every original that it names was there before it named it.
        app.db.copy_to(&args.folder.join("sideline.db")).await?;
        match &app.config.originals {
            Originals::Folder(blobs) => copy_folder(blobs, &args.folder.join(BLOBS)).map_err(cannot)?,
            Originals::Bucket(bucket) => {
                std::fs::write(args.folder.join(BUCKET), format!("{bucket}\n")).map_err(cannot)?;
                console.note(&format!(
                    "the originals stay in {bucket}; the backup names them and does not hold them: an original that is deleted there is gone, \
                     so keep the bucket's versions or copies as long as the backup"
                ));
            }
        }
        console.note(&format!("the backup is in {}", args.folder.display()));
        Ok(Status::Done)
    })
}

/// `sideline restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  SIDELINE_DATA_DIR=/srv/sideline sideline restore /backups/2026-11-20")]
pub struct RestoreArgs {
    /// The folder of a backup
    folder: PathBuf,
}

/// Puts a backup into an empty data folder.
pub fn restore(args: &RestoreArgs, console: &Console) -> Result<Status, Failure> {
    let config = config()?;
    let source = args.folder.join("sideline.db");
    if !source.is_file() {
        return Err(Failure::Usage(format!("{} is no backup: sideline.db is not in it", args.folder.display())));
    }
    let target = config.data_dir.join("sideline.db");
    if target.exists() || config.data_dir.join(BLOBS).exists() {
        return Err(Failure::Usage(format!(
            "{} is not empty; set SIDELINE_DATA_DIR to a new folder, nothing is overwritten",
            config.data_dir.display()
        )));
    }
    let cannot = |error| Failure::Failed(format!("{}: cannot be written: {error}", config.data_dir.display()));
    let (blobs, bucket) = (args.folder.join(BLOBS), std::fs::read_to_string(args.folder.join(BUCKET)).ok());
    match (&config.originals, bucket.as_deref().map(str::trim)) {
        (Originals::Folder(folder), None) => copy_folder(&blobs, folder).map_err(cannot)?,
        (Originals::Folder(_), Some(theirs)) => {
            return Err(Failure::Usage(format!(
                "the originals of this backup are in {theirs}; set SIDELINE_ORIGINALS (and s3_endpoint) to that"
            )));
        }
        (Originals::Bucket(ours), None) => {
            return Err(Failure::Usage(format!(
                "the originals of this backup are in it, not in {}; leave SIDELINE_ORIGINALS empty",
                ours.address()
            )));
        }
        (Originals::Bucket(ours), Some(theirs)) => {
            std::fs::create_dir_all(&config.data_dir).map_err(cannot)?;
            let told = if ours.to_string() == theirs {
                format!("the originals are in {theirs}, as before")
            } else {
                format!("the originals were in {theirs} and are looked for in {ours} now")
            };
            console.note(&told);
        }
    }
    std::fs::copy(&source, &target).map_err(cannot)?;
    console.note(&format!("the backup is restored into {}", config.data_dir.display()));
    Ok(Status::Done)
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
