//! `sideline review`: the review of a week.

use super::app::{App, actor, block_on};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use crate::api::is_base;
use crate::render::review::{Form, review};
use chrono::NaiveDate;
use clap::ValueEnum;
use deals::{DealError, Review};
use kernel::{Actor, Role};
use std::io::Write as _;
use uuid::Uuid;

/// `sideline review`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It is written where there is none yet, and stays as it is afterwards: deals and figures are those of the time when it was written.

Examples:
  sideline review
  sideline review --week 2026-09-14 --team North
  sideline review --format html --base https://coach.acme.com > week.html
  sideline review --again --json")]
pub struct Args {
    /// A day of the week; the last week that is over where it is left out
    #[arg(long, value_name = "DAY")]
    week: Option<NaiveDate>,
    /// Of this team, by name, instead of everybody
    #[arg(long, value_name = "NAME")]
    team: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Md, value_name = "FORMAT")]
    format: Format,
    /// Where links lead: the address of the pages
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    base: String,
    /// Write it anew
    #[arg(long)]
    again: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Md,
    Html,
}

impl From<DealError> for Failure {
    fn from(error: DealError) -> Self {
        match error {
            DealError::Db(_) => Self::Failed(error.to_string()),
            _ => Self::Usage(error.to_string()),
        }
    }
}

/// Writes the review where there is none, and prints it.
pub fn run(args: &Args, _console: &Console, json: bool) -> Result<Status, Failure> {
    if !args.base.is_empty() && !is_base(&args.base) {
        return Err(Failure::Usage("--base: write an address such as https://coach.acme.com".to_owned()));
    }
    block_on(async {
        let app = App::open().await?;
        // Who may read the database may read all of it.
        let admin = Actor { id: Uuid::nil(), role: Role::Admin, session: Uuid::nil() };
        let team = match &args.team {
            None => None,
            Some(name) => {
                let known = accounts::teams(&app.db, &admin).await?;
                let found = known.iter().find(|team| team.name.to_lowercase() == name.to_lowercase());
                Some(found.ok_or_else(|| Failure::Usage(format!("there is no team {name}")))?.id)
            }
        };
        let week = args.week.unwrap_or_else(|| deals::last_week(&app.deals));
        let wanted = Review { team, week, replace: args.again };
        let id = deals::write_review(&app.deals, &admin, &actor(), wanted).await?;
        let found = deals::review(&app.db, &admin, id).await?;
        let mut out = stdout();
        if json {
            write_json(&mut out, &found, false)?;
        } else {
            let form = match args.format {
                Format::Md => Form::Markdown,
                Format::Html => Form::Html,
            };
            review(&mut out, &found, &args.base, form)?;
        }
        out.flush()?;
        Ok(Status::Done)
    })
}
