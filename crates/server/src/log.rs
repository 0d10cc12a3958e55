//! The log, on standard error.

use std::io::IsTerminal as _;
use std::str::FromStr;
use tracing::field::{Field, Visit};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt, registry};

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines for people.
    Text,
    /// One object a line.
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "auto" if std::io::stderr().is_terminal() => Ok(Self::Text),
            "auto" | "json" => Ok(Self::Json),
            other => Err(format!("`{other}` is none of auto, text and json")),
        }
    }
}

/// Which log somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Whoever looks after a program that stays: what it does and what goes wrong.
    Keeper(Format),
    /// Whoever gave a command, which tells itself what became of its jobs: what else goes wrong.
    User,
    /// Nobody wants more than errors.
    Quiet,
}

/// Begins to log. What is logged before is lost.
pub fn begin(reader: Reader) {
    let targets = match reader {
        Reader::Keeper(_) => Targets::new().with_default(LevelFilter::INFO),
        Reader::User => told_otherwise(LevelFilter::WARN),
        Reader::Quiet => told_otherwise(LevelFilter::ERROR),
    };
    // PostgreSQL remarks on statements that change nothing, at each start.
    let targets = targets.with_target("sqlx::postgres::notice", LevelFilter::WARN);
    // What sqlx says of each connection that is lost says the worker or the command once, with what to do.
    let targets = targets.with_targets([("sqlx_core::pool", LevelFilter::OFF), ("sqlx::pool", LevelFilter::OFF)]);
    // What a reader of PDFs remarks on a file quotes it, and whoever brings the file is told what is wrong.
    let targets = targets.with_target("lopdf", LevelFilter::OFF);
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = match reader {
        Reader::Keeper(Format::Json) => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
        _ => lines.boxed(),
    };
    // Programs that stay are measured as well: every statement, whatever is logged.
    let statements = Targets::new().with_target(STATEMENTS, LevelFilter::DEBUG);
    let measured = matches!(reader, Reader::Keeper(_)).then(|| Statements.with_filter(statements));
    registry().with(lines.with_filter(targets)).with(measured).init();
}

/// From this level on, but not what commands tell themselves of their jobs and of a database that is away.
fn told_otherwise(level: LevelFilter) -> Targets {
    let own = [("queue::worker", LevelFilter::OFF), ("queue::outage", LevelFilter::OFF)];
    Targets::new().with_default(level).with_targets(own)
}

/// Where sqlx tells of each statement.
const STATEMENTS: &str = "sqlx::query";

/// Measures how long statements take.
struct Statements;

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Seconds(Option<f64>);
        impl Visit for Seconds {
            fn record_f64(&mut self, field: &Field, value: f64) {
                if field.name() == "elapsed_secs" {
                    self.0 = Some(value);
                }
            }
            fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
        }
        let mut seconds = Seconds(None);
        event.record(&mut seconds);
        if let Some(seconds) = seconds.0 {
            metrics::histogram!("sideline_query_duration_seconds").record(seconds);
        }
    }
}
