//! `sideline audit`: who did what.

use super::app::{App, block_on};
use super::console::{Console, stdout, write_json};
use super::table::{self, Width, short};
use super::{Failure, Status};
use std::io::Write as _;

/// `sideline audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Imports, deletions, sides that were set, analyses that were asked for, jobs that were retried or cancelled, backups and restores. \
What the program does by itself is in its log.

Examples:
  sideline audit
  sideline audit 7c0ffee123
  sideline audit --limit 100000 --json > trail.jsonl")]
pub struct Args {
    /// Only what was done to this call or job, also to one that is deleted: its id, or the end of it
    subject: Option<String>,
    /// At most so many, the newest first
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

/// Lists the events.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let events = accounts::audit::list(
            &app.db,
            &accounts::audit::Wanted::latest(args.subject.as_deref(), args.limit.into()),
        )
        .await?;
        if json {
            let mut out = stdout();
            for event in &events {
                write_json(&mut out, event, false)?;
            }
            out.flush()?;
            return Ok(Status::Done);
        }
        if events.is_empty() {
            console.note(&"nothing of the kind was done yet");
            return Ok(Status::Done);
        }
        let heads = [
            ("WHEN (UTC)", Width::Fixed(19)),
            ("WHAT", Width::Fixed(12)),
            ("WHICH", Width::Share(2)),
            ("WHO", Width::Share(1)),
            ("MORE", Width::Rest),
        ];
        let rows = events.into_iter().map(|event| {
            let subject = event.subject.parse().map_or(event.subject, short);
            let more = if event.detail.is_null() { String::new() } else { event.detail.to_string() };
            [event.at.format("%Y-%m-%d %H:%M:%S").to_string(), event.action, subject, event.actor, more]
        });
        let mut out = console.styled();
        table::write(&mut out, heads, rows, table::width())?;
        out.flush()?;
        Ok(Status::Done)
    })
}
