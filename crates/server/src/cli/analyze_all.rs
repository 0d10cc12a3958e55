//! `sideline analyze --all`: what is not up to date is judged again, one by one or in batches of a model's service.

use super::amounts::{dollars, grouped, plural};
use super::app::{App, actor};
use super::console::{Console, stdout, write_json};
use super::judging::{Ended, Judging, problem};
use super::{Failure, Status};
use calls::{Filter, Status as CallStatus};
use coaching::{Asked, Backfill, BackfillState, BackfillWish};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::unbounded_channel;
use uuid::Uuid;

/// Most calls at once.
pub const MOST: i64 = 1_000_000;
/// How often it is looked how far a backfill is.
const LOOK: Duration = Duration::from_secs(1);
/// How often a line tells that nothing has changed.
const STILL: Duration = Duration::from_mins(5);

/// Which calls are to be judged, and how.
#[derive(Debug)]
pub struct Wish<'a> {
    pub rubric: Option<&'a str>,
    pub force: bool,
    pub filter: Filter,
}

impl Wish<'_> {
    async fn calls(&self, app: &App) -> Result<Vec<calls::Call>, Failure> {
        let calls = calls::list(&app.db, &self.filter).await?;
        Ok(calls.into_iter().filter(|call| call.status != CallStatus::NeedsSides).collect())
    }
}

/// Judges what is not up to date, here and now.
pub async fn one_by_one(app: &App, wish: &Wish<'_>, console: &Console, json: bool) -> Result<Status, Failure> {
    let (send, jobs) = unbounded_channel();
    let mut current = 0;
    for call in wish.calls(app).await? {
        let how = coaching::Wish { rubric: wish.rubric, usual: &app.config.rubric, force: wish.force };
        match coaching::ask_unless_current(&app.db, &app.clock, &app.analyst, call.id, how, &actor()).await? {
            Asked::Job(job) => {
                let _ = send.send(job);
            }
            Asked::Current => current += 1,
            Asked::NeedsSides => {}
        }
    }
    drop(send);
    let ended = Judging::new(app).all(jobs, || (), |text| console.note(&text)).await?;
    told(app, &ended, current, console, json).await
}

async fn told(app: &App, ended: &Ended, current: usize, console: &Console, json: bool) -> Result<Status, Failure> {
    let mut status = Status::Done;
    for job in ended.failed.iter().chain(&ended.left) {
        let call = job.payload.get("call_id").and_then(|id| id.as_str()).unwrap_or_default();
        console.error(&format!("{call}: {}", problem(job)));
        status = Status::Failed;
    }
    if json {
        let counts =
            json!({ "judged": ended.done, "current": current, "failed": ended.failed.len(), "left": ended.left.len() });
        write_json(&mut stdout(), &counts, false)?;
    } else {
        writeln!(
            console.styled(),
            "{} judged, {current} up to date already; `sideline calls` lists them",
            plural(ended.done, "call")
        )?;
    }
    app.db.close().await;
    Ok(status)
}

/// Has a model's service judge in batches, and waits until all is judged. Goes on with a backfill that is open.
pub async fn in_batches(app: &App, wish: &Wish<'_>, console: &Console, json: bool) -> Result<Status, Failure> {
    let open = coaching::backfills(&app.db).await?.into_iter().find(|backfill| backfill.finished_at.is_none());
    let begun = if let Some(open) = open {
        let begun = open.created_at.format("%Y-%m-%d %H:%M UTC");
        console.note(&format!("goes on with the backfill of {begun}, with its calls and its rubric"));
        coaching::revive_backfills(&app.db, &app.clock).await?;
        open
    } else {
        let wish = BackfillWish {
            since: wish.filter.since,
            until: wish.filter.until,
            rubric: wish.rubric,
            usual: &app.config.rubric,
        };
        coaching::begin_backfill(&app.db, &app.clock, &app.analyst, wish, &actor())
            .await
            .map_err(|error| Failure::Usage(error.to_string()))?
    };
    console.note(
        &"answers come within a day; where this command ends before, `sideline serve` or the same command goes on",
    );
    let over = followed(app, begun.id, console).await?;
    let (send, jobs) = unbounded_channel();
    for call in wish.calls(app).await? {
        let job = queue::unfinished(&app.db, &calls::analysis_key(call.id)).await?;
        // What is put off is done by a worker in its time.
        if let Some(job) = job.filter(|job| job.run_at <= app.clock.now()) {
            let _ = send.send(job.id);
        }
    }
    drop(send);
    let ended = Judging::new(app).all(jobs, || (), |text| console.note(&text)).await?;
    let mut status = if over.state == BackfillState::Done { Status::Done } else { Status::Failed };
    for job in ended.failed.iter().chain(&ended.left) {
        console.error(&problem(job));
        status = Status::Failed;
    }
    if json {
        write_json(&mut stdout(), &over, false)?;
    } else {
        writeln!(
            console.styled(),
            "{}: {} questions in {}, {} answered, {} to be asked alone; {}",
            match over.state {
                BackfillState::Stopped => "stopped",
                BackfillState::Cancelled => "cancelled",
                BackfillState::Done | BackfillState::Open => "done",
            },
            grouped(over.questions as u64),
            plural(over.batches as usize, "batch"),
            grouped(over.answered as u64),
            grouped(over.failed as u64),
            dollars(over.cost_micros.map(|micros| micros as u64))
        )?;
    }
    if let Some(why) = &over.why {
        console.error(why);
    }
    app.db.close().await;
    Ok(status)
}

/// Does the steps of a backfill as they are due, until it is over.
async fn followed(app: &App, id: Uuid, console: &Console) -> Result<Backfill, Failure> {
    let worker = app.worker();
    let (mut last, mut since) = (String::new(), Instant::now());
    loop {
        let found = coaching::backfill(&app.db, id).await.map_err(|error| Failure::Failed(error.to_string()))?;
        if found.finished_at.is_some() {
            return Ok(found);
        }
        let line = match &found.why {
            Some(why) => why.clone(),
            None => format!(
                "{} of {} wait; {} of {} questions answered",
                found.waiting,
                plural(found.calls as usize, "call"),
                grouped((found.answered + found.failed) as u64),
                grouped(found.questions as u64)
            ),
        };
        if line != last || since.elapsed() > STILL {
            console.note(&line);
            (last, since) = (line, Instant::now());
        }
        worker.release().await?;
        let job = queue::unfinished(&app.db, &coaching::backfill_job_key(id)).await?;
        let is_begun = match job {
            Some(job) => worker.only(job.id).await?,
            // It was over in the same moment.
            None if coaching::backfill(&app.db, id).await.is_ok_and(|found| found.finished_at.is_some()) => continue,
            None => return Err(Failure::Failed("its job was cancelled; `sideline jobs list` shows it".to_owned())),
        };
        if !is_begun {
            tokio::time::sleep(LOOK).await;
        }
    }
}
