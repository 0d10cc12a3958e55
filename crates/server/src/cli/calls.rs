//! `sideline calls`: the kept calls.

use super::app::{App, block_on};
use super::console::{Console, stdout, write_json};
use super::table::{self, Width, short};
use super::{Failure, Status};
use crate::render::words::{clock, score};
use calls::{Filter, Status as CallStatus};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
An id is shown by its last ten digits, which other commands take; --json has all of it.

Examples:
  sideline calls --rep dana@acme.com
  sideline calls --status needs_sides
  sideline calls --since 2026-11-01 --until 2026-11-30
  sideline calls --json --limit 1000 | jq .overall_score")]
pub struct Args {
    /// Only those of this rep: a name or a mail address
    #[arg(long, value_name = "NAME")]
    rep: Option<String>,
    /// Only those of this customer
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// Only those that have come so far: `needs_sides`, `queued`, `analysed`, `failed`
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<CallStatus>,
    /// Only those of this day (UTC) and later; the day of a call is when it began, or when it came in where that is not known
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<NaiveDate>,
    /// Only those of this day and earlier
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<NaiveDate>,
    /// At most so many, those that came in last first
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

fn status(text: &str) -> Result<CallStatus, String> {
    CallStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or_else(|| "it is needs_sides, queued, analysed or failed".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "write it like 2026-11-20".to_owned())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Lists the calls.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
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
        let filter = Filter {
            rep,
            customer: args.customer.clone(),
            status: args.status,
            since: args.since.map(midnight),
            until: args.until.and_then(|day| day.checked_add_days(Days::new(1))).map(midnight),
            limit: args.limit.into(),
        };
        let list = calls::list(&app.db, &filter).await?;
        if json {
            let mut out = stdout();
            for call in &list {
                write_json(&mut out, call, false)?;
            }
            out.flush()?;
            return Ok(Status::Done);
        }
        if list.is_empty() {
            console.note(&"there are no such calls; `sideline import FILE…` takes some in");
            return Ok(Status::Done);
        }
        let heads = [
            ("ID", Width::Fixed(10)),
            ("DAY", Width::Fixed(10)),
            ("SCORE", Width::Right(11)),
            ("LENGTH", Width::Right(7)),
            ("REP", Width::Share(2)),
            ("TITLE", Width::Share(3)),
        ];
        let rows = list.into_iter().map(|call| {
            [
                short(call.id),
                call.started_at.unwrap_or(call.imported_at).format("%Y-%m-%d").to_string(),
                // Where there is none, why.
                if call.status == CallStatus::Analysed {
                    score(call.overall_score)
                } else {
                    call.status.as_str().to_owned()
                },
                call.duration_ms.map(|ms| clock(ms as u64)).unwrap_or_default(),
                call.rep.unwrap_or_else(|| "–".to_owned()),
                call.title,
            ]
        });
        let mut out = console.styled();
        table::write(&mut out, heads, rows, table::width())?;
        out.flush()?;
        Ok(Status::Done)
    })
}
