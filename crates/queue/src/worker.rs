//! Workers: take jobs, run their handlers, tell what became of them.

use crate::outage::Outage;
use crate::store::{self, Job, Lease, State};
use crate::{LostLease, schedule};
use chrono::TimeDelta;
use db::{Db, DbError, Tx};
use kernel::Clock;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Why a handler did not finish its job.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Trying again later can help.
    #[error("{0}")]
    Retry(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Fail(String),
    /// Somebody else has the job.
    #[error(transparent)]
    Lost(#[from] LostLease),
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        // A statement that is refused today may be refused because of a program that is mended tomorrow.
        Self::Retry(error.to_string())
    }
}

/// What a handler returns. When it is `Ok`, the job was finished by [`Lease::complete`] in a transaction that was committed.
pub type Outcome = Result<(), Failure>;

type Dead =
    dyn for<'a> Fn(&'a mut Tx, &'a Job) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>> + Send + Sync;
type Work = dyn Fn(Lease) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync;

/// What is done for jobs of one kind.
#[derive(Clone)]
pub struct Handler {
    kind: &'static str,
    work: Arc<Work>,
    dead: Option<Arc<Dead>>,
}

impl Handler {
    /// Calls `work` for each job of `kind`. It may be called again for a job that it has done before.
    pub fn new<F, Fut>(kind: &'static str, work: F) -> Self
    where
        F: Fn(Lease) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        Self { kind, work: Arc::new(move |lease| Box::pin(work(lease))), dead: None }
    }

    /// Calls `dead` in the transaction that gives a job up.
    #[must_use]
    pub fn when_dead(
        mut self,
        dead: impl for<'a> Fn(&'a mut Tx, &'a Job) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.dead = Some(Arc::new(dead));
        self
    }
}

/// Takes jobs and has them done.
#[derive(Clone)]
pub struct Worker {
    db: Db,
    clock: Clock,
    name: String,
    handlers: Vec<Handler>,
    /// How many jobs at a time.
    pub concurrency: usize,
    /// How long a job may stay silent.
    pub lease: Duration,
    /// How often it is looked for jobs when there were none.
    pub poll: Duration,
    /// How long the database is left alone after it failed.
    pub pause: Duration,
    outage: Outage,
}

impl Worker {
    /// A worker for the kinds of `handlers`. `name` says to people who it is.
    pub fn new(db: Db, clock: Clock, name: impl Into<String>, handlers: Vec<Handler>) -> Self {
        Self {
            db,
            clock,
            name: name.into(),
            handlers,
            concurrency: 2,
            lease: Duration::from_mins(1),
            poll: Duration::from_secs(1),
            pause: Duration::from_secs(2),
            outage: Outage::default(),
        }
    }

    /// Works until `stop`; then no job is begun, and those that run are finished. A database that goes away is waited for.
    pub async fn run(&self, stop: &CancellationToken) {
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            if running.len() >= self.concurrency {
                tokio::select! {
                    () = stop.cancelled() => break,
                    _ = running.join_next() => continue,
                }
            }
            let wait = match self.next().await {
                Ok(Some(lease)) => {
                    let worker = self.clone();
                    running.spawn(async move { worker.work(lease).await });
                    continue;
                }
                Ok(None) => self.poll,
                Err(error) => {
                    self.outage.failed(&error);
                    self.pause
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
                Some(_) = running.join_next() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Works until no job is due, for programs that do not stay. Returns how many jobs were begun. A database that goes away is waited for
    /// as long as a job may stay silent.
    ///
    /// # Errors
    /// When no job can be taken because the database fails.
    pub async fn drain(&self) -> Result<usize, DbError> {
        let mut begun = 0;
        let mut running = JoinSet::new();
        loop {
            while running.len() < self.concurrency
                && let Some(lease) = self.next_patiently().await?
            {
                begun += 1;
                let worker = self.clone();
                running.spawn(async move { worker.work(lease).await });
            }
            // A finished job may have written down another one.
            if running.join_next().await.is_none() {
                return Ok(begun);
            }
        }
    }

    async fn next_patiently(&self) -> Result<Option<Lease>, DbError> {
        let until = Instant::now() + self.lease;
        loop {
            match self.next().await {
                Err(error) if error.is_transient() && Instant::now() < until => {
                    self.outage.failed(&error);
                    tokio::time::sleep(self.pause).await;
                }
                next => return next,
            }
        }
    }

    /// Does one job here and now, if it is due and nobody has it. Whether it was begun; the table tells what became of it.
    ///
    /// # Errors
    /// When it cannot be taken because the database fails.
    pub async fn only(&self, job: Uuid) -> Result<bool, DbError> {
        let lease = self.claim(Some(job)).await?;
        let begun = lease.is_some();
        if let Some(lease) = lease {
            self.work(lease).await;
        }
        Ok(begun)
    }

    /// Takes jobs back from workers that let their lease run out: for another attempt, or dead after the last one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self) -> Result<(), DbError> {
        if store::any_expired(&self.db, &self.clock).await? {
            let mut tx = self.db.begin().await?;
            for job in store::release_expired(&mut tx, &self.clock).await? {
                let (id, state) = (job.id, job.state.as_str());
                tracing::warn!(job = %id, kind = job.kind, state, "its worker stopped in the midst of it");
                if job.state == State::Dead {
                    self.bury(&mut tx, &job).await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }

    async fn next(&self) -> Result<Option<Lease>, DbError> {
        self.release().await?;
        schedule::tick(&self.db, &self.clock).await?;
        self.claim(None).await
    }

    async fn claim(&self, only: Option<Uuid>) -> Result<Option<Lease>, DbError> {
        let kinds: Vec<_> = self.handlers.iter().map(|handler| handler.kind).collect();
        let claimed = store::claim(&self.db, &self.clock, &kinds, only, &self.name, self.time()).await?;
        self.outage.works();
        Ok(claimed)
    }

    async fn give_back(&self, lease: &Lease, error: &str, retry: bool) -> Result<Option<State>, DbError> {
        let mut tx = self.db.begin().await?;
        let state = lease.fail(&mut tx, &self.clock, error, retry).await?;
        if state == Some(State::Dead) {
            self.bury(&mut tx, &lease.job).await?;
        }
        tx.commit().await?;
        Ok(state)
    }

    async fn bury(&self, tx: &mut Tx, job: &Job) -> Result<(), DbError> {
        let handler = self.handlers.iter().find(|handler| handler.kind == job.kind);
        match handler.and_then(|handler| handler.dead.as_ref()) {
            Some(dead) => dead(tx, job).await,
            None => Ok(()),
        }
    }

    fn time(&self) -> TimeDelta {
        TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::MAX)
    }

    /// Does one job, and counts how long it took and what became of it.
    async fn work(&self, lease: Lease) {
        let (start, kind) = (Instant::now(), lease.job.kind.clone());
        let outcome = self.attempt(lease).await;
        metrics::histogram!("sideline_job_duration_seconds", "kind" => kind, "outcome" => outcome)
            .record(start.elapsed().as_secs_f64());
    }

    /// The lease is prolonged while the handler works, on its own task: a panic there is told as a failure. Returns what became of it in a word.
    async fn attempt(&self, lease: Lease) -> &'static str {
        let (id, kind) = (lease.job.id, lease.job.kind.clone());
        let Some(handler) = self.handlers.iter().find(|handler| handler.kind == kind) else { return "none" };
        let mut task = tokio::spawn((handler.work)(lease.clone()));
        let outcome = loop {
            tokio::select! {
                outcome = &mut task => break outcome,
                () = tokio::time::sleep(self.lease / 3) => match lease.prolong(&self.db, &self.clock, self.time()).await {
                    Ok(true) => {}
                    // Cancelled, or somebody else's: stop at the next point where the handler waits.
                    Ok(false) => task.abort(),
                    Err(error) => self.outage.failed(&error),
                },
            }
        };
        let (error, retry) = match outcome {
            Ok(Ok(())) => {
                tracing::debug!(job = %id, kind, "done");
                return "done";
            }
            Ok(Err(Failure::Lost(lost))) => {
                tracing::warn!(job = %id, kind, %lost, "dropped");
                return "lost";
            }
            Ok(Err(Failure::Retry(error))) => (error, true),
            Ok(Err(Failure::Fail(error))) => (error, false),
            Err(stopped) if stopped.is_cancelled() => {
                tracing::warn!(job = %id, kind, "stopped: it was cancelled");
                return "cancelled";
            }
            // What a panic says may contain what was said in the call.
            Err(_) => ("the handler panicked; the log of the worker has the place".to_owned(), true),
        };
        let until = Instant::now() + self.lease;
        loop {
            match self.give_back(&lease, &error, retry).await {
                Ok(Some(State::Dead)) => {
                    tracing::error!(job = %id, kind, error, "dead");
                    return "dead";
                }
                Ok(Some(_)) => {
                    tracing::warn!(job = %id, kind, error, "failed; it is tried again");
                    return "failed";
                }
                // Its result was stored after all, though nobody said so; or it was cancelled.
                Ok(None) => {
                    tracing::warn!(job = %id, kind, error, "failed, and is somebody else's or finished");
                    return "lost";
                }
                Err(problem) => {
                    self.outage.failed(&problem);
                    if !problem.is_transient() || Instant::now() + self.pause > until {
                        // The lease runs out, and the job is taken again.
                        tracing::warn!(job = %id, kind, error, %problem, "failed, which cannot be written down");
                        return "failed";
                    }
                    tokio::time::sleep(self.pause).await;
                }
            }
        }
    }
}
