//! The log, on standard error.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

/// Which log somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Whoever looks after a program that stays: what it does and what goes wrong.
    Keeper,
    /// Whoever gave a command, which tells itself what became of its jobs: what else goes wrong.
    User,
    /// Nobody wants more than errors.
    Quiet,
}

/// Begins to log. What is logged before is lost.
pub fn begin(reader: Reader) {
    let targets = match reader {
        Reader::Keeper => Targets::new().with_default(LevelFilter::INFO),
        Reader::User => told_otherwise(LevelFilter::WARN),
        Reader::Quiet => told_otherwise(LevelFilter::ERROR),
    };
    // PostgreSQL remarks on statements that change nothing, at each start.
    let targets = targets.with_target("sqlx::postgres::notice", LevelFilter::WARN);
    // What sqlx says of each connection that is lost says the worker or the command once, with what to do.
    let targets = targets.with_targets([("sqlx_core::pool", LevelFilter::OFF), ("sqlx::pool", LevelFilter::OFF)]);
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    registry().with(lines.with_filter(targets)).init();
}

/// From this level on, but not what commands tell themselves of their jobs and of a database that is away.
fn told_otherwise(level: LevelFilter) -> Targets {
    let own = [("queue::worker", LevelFilter::OFF), ("queue::outage", LevelFilter::OFF)];
    Targets::new().with_default(level).with_targets(own)
}
