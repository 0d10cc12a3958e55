//! `sideline analyze`: a kept call is judged again.

use super::app::{App, actor, block_on};
use super::console::{Console, stdout, write_json};
use super::judging::{Ended, Judging, problem};
use super::{Failure, Status};
use calls::Status as CallStatus;
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
    /// Ask the model again also where its answer is kept
    #[arg(long)]
    force: bool,
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
        let (ours, rubric) = (&args.internal, args.rubric.as_deref());
        let status = if ours.is_empty() {
            call.status
        } else {
            coaching::set_sides(&app.db, &app.clock, call.id, ours, rubric, actor()).await?
        };
        if status == CallStatus::NeedsSides {
            return Err(Failure::Usage(format!(
                "it is not known who is on our side in {}; say --internal NAME",
                call.title
            )));
        }
        // New sides bring their job with them; it may be done already, by a worker.
        let job = if ours.is_empty() {
            Some(coaching::ask(&app.db, &app.clock, call.id, rubric, args.force, &actor()).await?)
        } else {
            queue::latest(&app.db, &calls::analysis_key(call.id)).await?.map(|job| job.id)
        };
        let ended = match job {
            Some(job) => Judging::new(&app).one(job, |text| console.note(&text)).await?,
            None => Ended::default(),
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
