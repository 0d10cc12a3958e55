//! Jobs that a command wants done before it ends: done here, or waited for where another worker has them.

use super::Failure;
use super::app::App;
use db::{Db, DbError};
use queue::{Job, State, Worker};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often it is looked whether another worker is done.
const LOOK: Duration = Duration::from_millis(200);
/// Leases that run out while nothing is finished before the wait is given up.
const PATIENCE: u32 = 3;
/// What another worker finishes within this time is not worth a word.
const SILENCE: Duration = Duration::from_secs(1);

/// What became of the jobs.
#[derive(Debug, Default)]
pub struct Ended {
    /// How many were done, by whomever.
    pub done: usize,
    /// Those that are dead or cancelled.
    pub failed: Vec<Job>,
    /// Those that are not finished: another worker has them, or they wait for another attempt.
    pub left: Vec<Job>,
}

/// Has jobs done.
pub struct Judging {
    db: Db,
    worker: Worker,
    lease: Duration,
}

impl Judging {
    pub fn new(app: &App) -> Self {
        let (db, lease) = (app.db.clone(), app.config.worker_lease);
        Self { db, worker: app.worker(), lease }
    }

    /// Does the jobs as they come, until there come no more and all are finished, or until other workers have finished none for as long as
    /// three leases. `finished` is called after each; `waiting` once, where only other workers or another attempt can finish the rest.
    pub async fn all(
        &self,
        jobs: UnboundedReceiver<Uuid>,
        finished: impl Fn(),
        waiting: impl Fn(&str),
    ) -> Result<Ended, Failure> {
        let mut ended = Ended::default();
        let mut open = self.pass(jobs, &finished, &mut ended).await?;
        let (mut since, mut told) = (Instant::now(), false);
        while !open.is_empty() {
            let waited = since.elapsed();
            if waited > self.lease * PATIENCE {
                let away = "the database stayed away; what was taken in is judged when the command is repeated";
                ended.left = self.look_at(&open).await?.ok_or_else(|| Failure::Failed(away.to_owned()))?;
                break;
            }
            if waited > SILENCE
                && !told
                && let Some(jobs) = self.look_at(&open).await?
            {
                waiting(&self.waits_for(&jobs));
                told = true;
            }
            tokio::time::sleep(LOOK).await;
            if let Err(error) = self.worker.release().await
                && !error.is_transient()
            {
                return Err(error.into());
            }
            let (send, again) = unbounded_channel();
            for id in &open {
                let _ = send.send(*id);
            }
            drop(send);
            let before = open.len();
            open = self.pass(again, &finished, &mut ended).await?;
            if open.len() < before {
                since = Instant::now();
            }
        }
        Ok(ended)
    }

    /// Does one job.
    pub async fn one(&self, job: Uuid, waiting: impl Fn(&str)) -> Result<Ended, Failure> {
        let (send, jobs) = unbounded_channel();
        let _ = send.send(job);
        drop(send);
        self.all(jobs, || (), waiting).await
    }

    /// Tries each job once, several at a time. Returns those that are not finished.
    async fn pass(
        &self,
        mut jobs: UnboundedReceiver<Uuid>,
        finished: &impl Fn(),
        ended: &mut Ended,
    ) -> Result<Vec<Uuid>, Failure> {
        let (mut running, mut open) = (JoinSet::new(), Vec::new());
        loop {
            let (id, found) = tokio::select! {
                Some(id) = jobs.recv(), if running.len() < self.worker.concurrency => {
                    let (worker, db) = (self.worker.clone(), self.db.clone());
                    running.spawn(async move { (id, attempt(&worker, &db, id).await) });
                    continue;
                }
                Some(tried) = running.join_next() => tried.map_err(|error| Failure::Failed(error.to_string()))?,
                else => return Ok(open),
            };
            match found {
                Ok(Some(Job { state: State::Queued | State::Running, .. })) => open.push(id),
                Ok(Some(Job { state: State::Done, .. })) => {
                    ended.done += 1;
                    finished();
                }
                Ok(Some(job)) => {
                    ended.failed.push(job);
                    finished();
                }
                // The call was deleted meanwhile, and its job with it.
                Ok(None) => finished(),
                Err(error) if error.is_transient() => open.push(id),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The jobs as they are now; `None` while the database is away.
    async fn look_at(&self, jobs: &[Uuid]) -> Result<Option<Vec<Job>>, DbError> {
        let mut found = Vec::new();
        for id in jobs {
            match queue::get(&self.db, *id).await {
                Ok(job) => found.extend(job),
                Err(error) if error.is_transient() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(found))
    }

    fn waits_for(&self, jobs: &[Job]) -> String {
        let held = jobs.iter().filter(|job| job.state == State::Running).count();
        let failed = jobs.len() - held;
        let lease = self.lease.as_secs();
        let mut parts = Vec::new();
        if held > 0 {
            parts.push(format!(
                "{held} in the hands of another worker: waiting until it is done, or {lease} s silent because it was killed"
            ));
        }
        if failed > 0 {
            parts.push(format!("{failed} to be tried again in some seconds"));
        }
        parts.join("; ")
    }
}

async fn attempt(worker: &Worker, db: &Db, id: Uuid) -> Result<Option<Job>, DbError> {
    worker.only(id).await?;
    queue::get(db, id).await
}

/// Why a call is not judged, and what can be done.
pub fn problem(job: &Job) -> String {
    let id = job.id;
    let error = job.error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
    match job.state {
        State::Cancelled => {
            format!("not judged, because its job was cancelled; `sideline jobs retry {id}` queues it again")
        }
        State::Running => {
            let worker = job.worker.as_deref().unwrap_or("another worker");
            format!("not judged yet: {worker} has it; `sideline jobs show {id}` tells more")
        }
        State::Queued => format!("not judged yet{error}; it is tried again, see `sideline jobs show {id}`"),
        State::Dead | State::Done => format!("not judged{error}; `sideline jobs retry {id}` tries again"),
    }
}
