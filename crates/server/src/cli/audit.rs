//! `sideline audit`: who did what.

use super::app::{App, block_on};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use crate::render::words::plain;
use std::io::Write as _;

/// `sideline audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Imports, deletions, sides that were set, analyses that were asked for, jobs that were retried or cancelled, backups and restores. \
What the program does by itself is in its log.

Examples:
  sideline audit
  sideline audit 0199c0ff-ee12-7000-8000-000000000000
  sideline audit --limit 100000 --json > trail.jsonl")]
pub struct Args {
    /// Only what was done to this call or job, also to one that is deleted: its whole id
    subject: Option<String>,
    /// At most so many, the newest first
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

/// Lists the events.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let events = accounts::audit::list(&app.db, args.subject.as_deref(), args.limit.into()).await?;
        if json {
            let mut out = stdout();
            for event in &events {
                write_json(&mut out, event, false)?;
            }
            out.flush()?;
            return Ok(Status::Done);
        }
        let mut out = console.styled();
        for event in &events {
            let at = event.at.format("%Y-%m-%d %H:%M:%S");
            let (actor, subject) = (plain(&event.actor), plain(&event.subject));
            writeln!(out, "{at}  {:12}  {subject:36}  {actor:16}  {}", event.action, plain(&event.detail.to_string()))?;
        }
        out.flush()?;
        if events.is_empty() {
            console.note(&"nothing was done yet");
        }
        Ok(Status::Done)
    })
}
