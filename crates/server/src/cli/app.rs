//! What commands share that keep calls: settings, database, originals, clock.

use super::Failure;
use crate::config::Config;
use crate::{connections, embedding, models};
use calls::{Blobs, CallError};
use coaching::Analyst;
use db::{Db, DbError};
use deals::Deals;
use intake::Intake;
use kernel::Clock;
use queue::Worker;
use rustix::fs::Mode;
use rustix::process::umask;
use search::Search;
use std::future::Future;
use tokio_util::sync::CancellationToken;

/// While it lives, files and folders that are made can be read by their owner only: they hold what was said in calls.
pub struct Private(Mode);

impl Private {
    pub fn begin() -> Self {
        Self(umask(Mode::RWXG | Mode::RWXO))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        umask(self.0);
    }
}

/// The open installation.
pub struct App {
    pub config: Config,
    pub db: Db,
    pub blobs: Blobs,
    pub clock: Clock,
    /// Who judges.
    pub analyst: Analyst,
    /// Where calls come in by themselves.
    pub intake: Intake,
    /// Deals.
    pub deals: Deals,
    _private: Private,
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Sides(_) | CallError::Unknown(_) | CallError::Ambiguous(_) => Self::Usage(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// Runs `work` to its end.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("no threads can be started: {error}")))?
        .block_on(work)
}

/// Who uses the command line, for the audit trail: `cli:` and what the system calls them.
pub fn actor() -> String {
    let name =
        ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    name.map_or_else(|| format!("cli:uid {}", rustix::process::getuid().as_raw()), |name| format!("cli:{name}"))
}

/// Cancelled when this process is told to end (Ctrl-C, SIGTERM).
pub fn told_to_end() -> Result<CancellationToken, Failure> {
    let stop = CancellationToken::new();
    let asked = stop.clone();
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        asked.cancel();
    });
    Ok(stop)
}

/// The settings, or what is wrong with them.
pub fn config() -> Result<Config, Failure> {
    Config::load().map_err(Failure::Usage)
}

impl App {
    /// Opens the installation, which is made where there is none; the schema is brought up to date.
    pub async fn open() -> Result<Self, Failure> {
        let config = config()?;
        let private = Private::begin();
        let cannot =
            |error| Failure::Failed(format!("{}: the data folder cannot be made: {error}", config.data_dir.display()));
        std::fs::create_dir_all(&config.data_dir).map_err(cannot)?;
        let db = Db::open(&config.database).await?;
        db.migrate().await?;
        let blobs = Blobs::open(&config.originals).map_err(|error| Failure::Failed(error.to_string()))?;
        let blobs = blobs.arriving_in(&config.data_dir.join("arriving"));
        let clock = Clock::system();
        coaching::make_partitions(&db, clock.now()).await?;
        let zone = config.zone().map_err(Failure::Usage)?;
        let analyst = models::analyst(config.model.as_ref(), zone, &clock).map_err(Failure::Usage)?;
        let sealer = connections::sealer(&config).map_err(Failure::Usage)?;
        let intake = Intake::new(db.clone(), blobs.clone(), clock.clone(), sealer);
        let intake = intake.with(config.redact, zone, config.patience).watching(config.watch.clone());
        let deals = Deals {
            db: db.clone(),
            clock: clock.clone(),
            redact: config.redact,
            zone,
            rubric: config.rubric.clone(),
            analyst: analyst.clone(),
        };
        Ok(Self { config, db, blobs, clock, analyst, intake, deals, _private: private })
    }

    /// Refuses to judge by a rubric that is none, rather than to find out at each call.
    pub fn check_rubric(&self) -> Result<(), Failure> {
        let id = &self.config.rubric;
        if rubric::builtin().iter().any(|rubric| rubric.id == *id) {
            return Ok(());
        }
        Err(Failure::Usage(format!("there is no rubric {id}; set SIDELINE_RUBRIC to one of `sideline rubric list`")))
    }

    /// Writes down when the jobs come that nobody asks for.
    pub async fn set_schedules(&self) -> Result<(), Failure> {
        let (cron, zone) = (&self.config.sync_schedule, &self.config.time_zone);
        let review = (&*self.config.review_schedule, &*self.config.review_time_zone);
        let all = coaching::schedules(zone).into_iter().chain(intake::schedules(cron, zone));
        for schedule in all.chain(deals::schedules(review, zone)) {
            queue::set_schedule(&self.db, &self.clock, &schedule)
                .await
                .map_err(|error| Failure::Usage(error.to_string()))?;
        }
        deals::measure_soon(&self.deals, false).await?;
        Ok(())
    }

    /// What finds things that were said, by meaning as well where the model is there: reading it takes part of a second.
    pub async fn search(&self) -> Result<Search, Failure> {
        let zone = self.config.zone().map_err(Failure::Usage)?;
        let meaning = embedding::meaning(self.config.embedding.clone()).await;
        let search = Search::new(self.db.clone(), self.clock.clone(), zone, self.analyst.clone(), meaning);
        search.prepare().await?;
        Ok(search)
    }

    /// A worker for all jobs but those of search.
    pub fn worker(&self) -> Worker {
        self.worker_with(None)
    }

    /// A worker for all jobs.
    pub fn worker_with(&self, search: Option<&Search>) -> Worker {
        let mut handlers = coaching::handlers(&self.db, &self.blobs, &self.clock, &self.config.rubric, &self.analyst);
        handlers.extend(intake::handlers(&self.intake));
        handlers.extend(deals::handlers(&self.deals, &self.intake));
        handlers.extend(search.into_iter().flat_map(search::handlers));
        let name =
            format!("{}-{}", std::env::var("HOSTNAME").unwrap_or_else(|_| "local".to_owned()), std::process::id());
        let mut worker = Worker::new(self.db.clone(), self.clock.clone(), name, handlers);
        worker.concurrency = self.config.worker_concurrency;
        worker.lease = self.config.worker_lease;
        worker
    }
}
