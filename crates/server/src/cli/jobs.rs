//! `sideline jobs`: what is to be done, is being done, was done or given up.

use super::app::{App, actor, block_on};
use super::console::{Console, stdout, write_json};
use super::table::{self, Width, short};
use super::{Failure, Status};
use accounts::audit::{self, Action as Deed};
use queue::{Job, State};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
An id is shown by its last ten digits, which are taken in its place; --json has all of it.

Examples:
  sideline jobs
  sideline jobs list --state dead
  sideline jobs retry 7c0ffee123")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
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
        /// Its id, or the beginning or the end of it
        job: String,
    },
    /// Queue a job again that is dead or cancelled
    Retry {
        /// Its id, or the beginning or the end of it
        job: String,
    },
    /// Take a job back that is queued or running
    Cancel {
        /// Its id, or the beginning or the end of it
        job: String,
    },
}

fn state(text: &str) -> Result<State, String> {
    [State::Queued, State::Running, State::Done, State::Dead, State::Cancelled]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| "it is queued, running, done, dead or cancelled".to_owned())
}

/// The job that somebody means.
async fn find(app: &App, who: &str) -> Result<Job, Failure> {
    let mut found = queue::find(&app.db, who).await?;
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => Err(Failure::Usage(format!("there is no job {who}; `sideline jobs` lists them"))),
        _ => Err(Failure::Usage(format!(
            "several jobs have ids that begin or end with {who}; write more of it (`sideline jobs --json` has all of it)"
        ))),
    }
}

/// Lists, shows and changes jobs.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let (done, job, what, needed) = match &args.action {
            None => return list(&app, None, 30, console, json).await,
            Some(Action::List { state, limit }) => return list(&app, *state, *limit, console, json).await,
            Some(Action::Show { job }) => {
                write_json(&mut stdout(), &find(&app, job).await?, true)?;
                return Ok(Status::Done);
            }
            Some(Action::Retry { job }) => {
                let job = find(&app, job).await?;
                (change(&app, &job, Deed::JobRetry).await?, job, "queued again", "dead or cancelled")
            }
            Some(Action::Cancel { job }) => {
                let job = find(&app, job).await?;
                (change(&app, &job, Deed::JobCancel).await?, job, "cancelled", "queued or running")
            }
        };
        let id = short(job.id);
        if !done && needed.contains(job.state.as_str()) {
            return Err(Failure::Usage(format!(
                "a newer job has taken the place of job {id}; it would undo what that one did"
            )));
        }
        if !done {
            return Err(Failure::Usage(format!("job {id} is {}, not {needed}", job.state.as_str())));
        }
        console.note(&format!("{id} is {what}"));
        Ok(Status::Done)
    })
}

/// Retries or cancels a job, and writes down who did. Whether it was one for that.
async fn change(app: &App, job: &Job, deed: Deed) -> Result<bool, Failure> {
    let mut tx = app.db.begin().await?;
    let changed = if deed == Deed::JobRetry {
        queue::retry(&mut tx, &app.clock, job.id).await?
    } else {
        queue::cancel(&mut tx, &app.clock, job.id).await?
    };
    if changed {
        match deed {
            Deed::JobRetry => intake::retried(&mut tx, &app.clock, job).await?,
            _ => intake::cancelled(&mut tx, &app.clock, job).await?,
        }
        let detail = serde_json::json!({ "kind": job.kind });
        audit::record(&mut tx, &app.clock, &actor(), deed, job.id, detail).await?;
        tx.commit().await?;
    }
    Ok(changed)
}

async fn list(app: &App, state: Option<State>, limit: u32, console: &Console, json: bool) -> Result<Status, Failure> {
    let jobs = queue::list(&app.db, &queue::Filter { state, limit: limit.into(), ..queue::Filter::default() }).await?;
    if json {
        let mut out = stdout();
        for job in &jobs {
            write_json(&mut out, job, false)?;
        }
        out.flush()?;
        return Ok(Status::Done);
    }
    if jobs.is_empty() {
        console.note(&"there are no such jobs");
        return Ok(Status::Done);
    }
    let heads = [
        ("ID", Width::Fixed(10)),
        ("STATE", Width::Fixed(9)),
        ("TRIES", Width::Right(5)),
        ("WRITTEN DOWN (UTC)", Width::Fixed(19)),
        ("KIND, ERROR", Width::Rest),
    ];
    let rows = jobs.into_iter().map(|job| {
        [
            short(job.id),
            job.state.as_str().to_owned(),
            format!("{}/{}", job.attempts, job.max_attempts),
            job.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
            job.kind + &job.error.map(|error| format!(": {error}")).unwrap_or_default(),
        ]
    });
    let mut out = console.styled();
    table::write(&mut out, heads, rows, table::width())?;
    out.flush()?;
    Ok(Status::Done)
}
