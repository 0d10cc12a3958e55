//! `sideline analyze`: a kept call is judged again.

use super::app::{App, block_on};
use super::console::{Console, stdout, write_json};
use super::judging::{Judging, problem};
use super::{Failure, Status};
use calls::Status as CallStatus;
use queue::State;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  sideline analyze 7c0ffee123                       judge it again
  sideline analyze 7c0ffee123 --internal Jihoon     say who is on our side
  sideline analyze 7c0ffee123 --rubric service")]
pub struct Args {
    /// The call: its id, the beginning or the end of it, or its id in the source
    call: String,
    /// Who is on our side: a name, or a mail domain such as @acme.com
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    internal: Vec<String>,
    /// The rubric: an id of `sideline rubric list`
    #[arg(long, value_name = "ID")]
    rubric: Option<String>,
}

/// Judges a call again, here and now, and nothing else that waits.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    if let Some(rubric) = &args.rubric
        && !rubric::builtin().iter().any(|known| known.id == *rubric)
    {
        return Err(Failure::Usage(format!("there is no rubric {rubric}; `sideline rubric list` lists them")));
    }
    block_on(async {
        let app = App::open().await?;
        app.check_rubric()?;
        let call = calls::find(&app.db, &args.call).await?;
        let status = if args.internal.is_empty() {
            call.status
        } else {
            coaching::set_sides(&app.db, &app.clock, call.id, &args.internal).await?
        };
        if status == CallStatus::NeedsSides {
            return Err(Failure::Usage(format!(
                "it is not known who is on our side in {}; say --internal NAME",
                call.title
            )));
        }
        let judging = Judging::new(&app);
        let ended = loop {
            let mut tx = app.db.begin().await?;
            let new = calls::enqueue_analysis(&mut tx, &app.clock, call.id, args.rubric.as_deref()).await?;
            tx.commit().await?;
            let (job, is_ours) = if let Some(job) = new {
                (job, true)
            } else {
                let Some(job) = queue::unfinished(&app.db, &calls::analysis_key(call.id)).await? else { continue };
                // One that runs began before we asked, and one with another rubric is another question: ours comes after it.
                let is_ours = job.state == State::Queued && job.payload["rubric"].as_str() == args.rubric.as_deref();
                (job.id, is_ours)
            };
            let ended = judging.one(job, |text| console.note(&text)).await?;
            if is_ours || !ended.left.is_empty() {
                break ended;
            }
        };
        if let Some(job) = ended.failed.first().or(ended.left.first()) {
            return Err(Failure::Failed(format!("{}: {}", call.title, problem(job))));
        }
        let call = calls::find(&app.db, &call.id.to_string()).await?;
        if json {
            write_json(&mut stdout(), &call, false)?;
        } else {
            let score = call.overall_score.map_or_else(|| "no overall score".to_owned(), |score| format!("{score:.0}"));
            writeln!(console.styled(), "{}: {score}; `sideline report {}` shows why", call.title, call.id)?;
        }
        app.db.close().await;
        Ok(Status::Done)
    })
}
