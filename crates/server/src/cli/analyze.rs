//! `sideline analyze`: a kept call is judged again.

use super::amounts::{dollars, grouped, plural};
use super::analyze_all::{MOST, Wish, in_batches, one_by_one};
use super::app::{App, actor, block_on};
use super::console::{Console, stdout, write_json};
use super::judging::{Ended, Judging, problem};
use super::{Failure, Status};
use calls::{Filter, Status as CallStatus};
use chrono::{Days, NaiveDate};
use coaching::Estimate;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  sideline analyze 7c0ffee123                       judge it again
  sideline analyze 7c0ffee123 --internal Jihoon     say who is on our side
  sideline analyze 7c0ffee123 --rubric service
  sideline analyze --all --since 2026-09-01         judge what is not up to date
  sideline analyze --all --estimate                 what a model would cost for all calls
  sideline analyze --all --batch                    ask it in batches, at half the price")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Args {
    /// The call: its id, the beginning or the end of it, or its id in the source
    #[arg(required_unless_present = "all")]
    call: Option<String>,
    /// All calls of which it is known who is on our side
    #[arg(long, conflicts_with_all = ["call", "internal"])]
    all: bool,
    /// Only those of this day or later, YYYY-MM-DD
    #[arg(long, value_name = "DAY", requires = "all")]
    since: Option<NaiveDate>,
    /// Only those of this day or before
    #[arg(long, value_name = "DAY", requires = "all")]
    until: Option<NaiveDate>,
    /// Ask the model in batches: half the price, answers within a day
    #[arg(long, requires = "all", conflicts_with_all = ["estimate", "force"])]
    batch: bool,
    /// Say what asking the model would cost, and ask nothing
    #[arg(long, conflicts_with = "internal")]
    estimate: bool,
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
    block_on(async {
        let app = App::open().await?;
        app.check_rubric()?;
        if let Some(rubric) = &args.rubric
            && coaching::offered(&app.db, rubric).await?.is_none()
        {
            return Err(Failure::Usage(format!("there is no rubric {rubric}; `sideline rubric list` lists them")));
        }
        if args.estimate {
            return estimate(&app, args, console, json).await;
        }
        if args.all {
            let wish = Wish { rubric: args.rubric.as_deref(), force: args.force, filter: args.filter(&app)? };
            return if args.batch {
                in_batches(&app, &wish, console, json).await
            } else {
                one_by_one(&app, &wish, console, json).await
            };
        }
        let Some(who) = &args.call else { return Err(Failure::Usage("name a call".to_owned())) };
        let call = calls::find(&app.db, who).await?;
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
            let latest = queue::latest(&app.db, &calls::analysis_key(call.id)).await?;
            // A worker may have judged it meanwhile, and put off what a model did not answer.
            latest.filter(|job| job.run_at <= app.clock.now()).map(|job| job.id)
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
            let score = call.overall_score.map_or_else(|| "no overall score".to_owned(), signals::figures::score);
            writeln!(console.styled(), "{}: {score}; `sideline report {}` shows why", call.title, call.id)?;
        }
        app.db.close().await;
        Ok(Status::Done)
    })
}

impl Args {
    /// The calls that `--all`, `--since` and `--until` name, by days where the team is.
    fn filter(&self, app: &App) -> Result<Filter, Failure> {
        let zone = app.config.zone().map_err(Failure::Usage)?;
        let begins = |day| coaching::day_begins(day, zone);
        let since = self.since.map(begins);
        let until = self.until.and_then(|day| day.checked_add_days(Days::new(1))).map(begins);
        Ok(Filter { since, until, limit: MOST, ..Filter::default() })
    }
}

/// Says what judging by the model would cost now, or by force also where its answers are kept.
async fn estimate(app: &App, args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    let Some(model) = app.analyst.model().cloned() else {
        return Err(Failure::Usage(
            "no model is set up, so that nothing is asked and nothing costs anything: set ANTHROPIC_API_KEY, or model_provider, model_url and model"
                .to_owned(),
        ));
    };
    let rubric = coaching::known_rubric(&app.db, args.rubric.as_deref(), &app.config.rubric).await?;
    let calls = match &args.call {
        Some(who) => vec![calls::find(&app.db, who).await?],
        None => calls::list(&app.db, &args.filter(app)?).await?,
    };
    let judged: Vec<_> = calls.into_iter().filter(|call| call.status != CallStatus::NeedsSides).collect();
    let mut sum = Estimate::default();
    for call in &judged {
        sum += coaching::estimate(&app.db, &app.clock, &app.analyst, call.id, &rubric, args.force).await?;
    }
    if json {
        write_json(&mut stdout(), &sum, false)?;
        return Ok(Status::Done);
    }
    let mut out = console.styled();
    let n = judged.len();
    writeln!(
        out,
        "{} by {} ({}): {} questions, about {} tokens in and {} out",
        plural(n, "call"),
        model.name,
        rubric.id,
        grouped(sum.requests),
        grouped(sum.usage.prompt()),
        grouped(sum.usage.output)
    )?;
    writeln!(
        out,
        "about {} by the prices of {}; {} in a batch; {} if nothing were remembered",
        dollars(sum.cost_micros),
        model.prices.as_of,
        dollars(sum.batch_micros),
        dollars(sum.naive_micros)
    )?;
    if sum.cost_micros.is_none() {
        console
            .note(&"the table of prices has no such model: add it to a table of your own, and name it by model_prices");
    }
    Ok(Status::Done)
}
