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
        Reader::User => Targets::new().with_default(LevelFilter::WARN).with_target("queue::worker", LevelFilter::OFF),
        Reader::Quiet => Targets::new().with_default(LevelFilter::ERROR).with_target("queue::worker", LevelFilter::OFF),
    };
    // PostgreSQL remarks on statements that change nothing, at each start.
    let targets = targets.with_target("sqlx::postgres::notice", LevelFilter::WARN);
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    registry().with(lines.with_filter(targets)).init();
}
