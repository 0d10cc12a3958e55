//! `sideline delete`, `worker`, `migrate`, `doctor`: what is done with what is kept.

use super::app::{App, Private, actor, block_on, config, told_to_end};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use crate::render::words::plain;
use db::Db;
use std::io::Write as _;

/// `sideline doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  sideline doctor")]
pub struct DoctorArgs {}

/// Looks at everything the program needs and says what to do about what is wrong.
pub fn doctor(_: &DoctorArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    // It makes what is missing.
    let _private = Private::begin();
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
#[command(after_help = "Example:\n  sideline delete 7c0ffee123")]
pub struct DeleteArgs {
    /// The call: its id, the beginning or the end of it, or its id in the source
    call: String,
}

/// Deletes a call with everything of it and prints a receipt.
pub fn delete(args: &DeleteArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let call = calls::find(&app.db, &args.call).await?;
        let (receipt, original) = coaching::delete(&app.db, &app.blobs, &app.clock, call.id, &actor()).await?;
        let original = original.map(|()| Status::Done).map_err(Failure::from);
        if json {
            write_json(&mut stdout(), &receipt, true)?;
            return original;
        }
        let mut out = console.styled();
        writeln!(out, "Deleted {} ({}) at {}", plain(&call.title), receipt.call_id, receipt.deleted_at.to_rfc3339())?;
        for (table, rows) in &receipt.rows {
            writeln!(out, "  {table:18} {rows:>8} rows")?;
        }
        writeln!(out, "  {:18} {:>8} bytes", "original", receipt.original_bytes)?;
        out.flush()?;
        original
    })
}

/// Works until it is interrupted or told to end; what has begun is finished.
pub fn worker(_: &WorkerArgs, console: &Console) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        app.check_rubric()?;
        app.set_schedules().await?;
        let stop = told_to_end()?;
        console.note(&format!("working on {}; end it with Ctrl-C", app.db.backend()));
        let search = app.search().await?;
        let worker = app.worker_with(Some(&search));
        tokio::join!(worker.run(&stop), stop.run_until_cancelled(search::follow(&search)));
        app.db.close().await;
        Ok(Status::Done)
    })
}

/// Brings the schema up to date.
pub fn migrate(_: &MigrateArgs, console: &Console) -> Result<Status, Failure> {
    block_on(async {
        let config = config()?;
        let _private = Private::begin();
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
