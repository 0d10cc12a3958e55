//! `sideline synth`: synthetic calls with known truth.

use super::console::{Console, spread_json, stdout, write_json};
use super::{Failure, Status};
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde::Serialize;
use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;
use synth::{CallKind, SynthCall, SynthOptions, call};
use transcript::write::{Document, to_json};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each call is two files: CALL_12345678.json, a transcript, and CALL_12345678.truth.json, what a careful coach would find \
in it. The same options give the same files.

Examples:
  sideline synth --calls 20 --seed 1 --out calls
  sideline synth --calls 200 --seed 7 --kind sales --skill 0.9 --out strong
  sideline report calls/CALL_*[0-9].json --format html -o reports")]
pub struct Args {
    /// How many calls
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    calls: u32,
    /// What everything is drawn from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The directory for the files; made when it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Skill of all agents from 0 (weak) to 1 (strong), in place of each one's own
    #[arg(long, value_name = "0..1", value_parser = skill)]
    skill: Option<f64>,
    /// How many agents there are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=9_000))]
    agents: Option<u32>,
    /// How many customers there are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=900_000))]
    customers: Option<u32>,
    /// What the calls are about
    #[arg(long, value_enum, default_value_t = Kind::Mixed)]
    kind: Kind,
    /// Write into a directory that holds something already
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Sales,
    Service,
    Mixed,
}

fn skill(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|skill| (0.0..=1.0).contains(skill))
        .ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

/// A call as its file holds it: a neutral transcript with what is known of the call beside it.
#[derive(Serialize)]
struct File<'a> {
    #[serde(flatten)]
    transcript: Document<'a>,
    agent_id: &'a str,
    customer_id: &'a str,
    kind: CallKind,
    start_time: &'a str,
    duration_seconds: u32,
}

/// What was made.
#[derive(Default, Serialize)]
struct Summary {
    calls: u32,
    sales: u32,
    service: u32,
    speech_hours: f64,
    out: PathBuf,
}

/// Makes the calls on all cores.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    prepare(&args.out, args.force)?;
    let defaults = SynthOptions::default();
    let options = SynthOptions {
        calls: args.calls,
        seed: args.seed,
        skill: args.skill,
        service_share: match args.kind {
            Kind::Sales => 0.0,
            Kind::Service => 1.0,
            Kind::Mixed => defaults.service_share,
        },
        agents: args.agents.unwrap_or(defaults.agents),
        customers: args.customers.unwrap_or(defaults.customers),
        ..defaults
    };
    let started = Instant::now();
    let progress = console.progress(u64::from(args.calls), "calls");
    let summary = make(&options, &args.out, &progress)?;
    progress.finish_and_clear();
    if json {
        let mut out = stdout();
        write_json(&mut out, &summary, spread_json(1))?;
        out.flush()?;
    } else {
        let Summary { calls, sales, service, speech_hours, out } = &summary;
        let seconds = started.elapsed().as_secs_f64();
        console.note(&format!("{calls} calls ({sales} sales, {service} service, {speech_hours:.1} hours of speech) in {} in {seconds:.1} s", out.display()));
    }
    Ok(Status::Done)
}

/// Makes the directory, and refuses one that holds something.
fn prepare(dir: &Path, force: bool) -> Result<(), Failure> {
    fs::create_dir_all(dir)
        .map_err(|error| Failure::Failed(format!("{}: the directory cannot be made: {error}", dir.display())))?;
    let mut entries = fs::read_dir(dir)
        .map_err(|error| Failure::Failed(format!("{}: the directory cannot be read: {error}", dir.display())))?;
    if !force && entries.next().is_some() {
        return Err(Failure::Failed(format!(
            "{}: the directory is not empty; name another one, or say --force to write into it",
            dir.display()
        )));
    }
    Ok(())
}

/// Makes and writes all calls; every core takes the next one until none is left or one cannot be written.
fn make(options: &SynthOptions, dir: &Path, progress: &ProgressBar) -> Result<Summary, Failure> {
    let next = AtomicU32::new(0);
    let work = || -> Result<Summary, Failure> {
        let mut summary = Summary::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= options.calls {
                return Ok(summary);
            }
            let made = call(options, number);
            if let Err(failure) = save(&made, dir) {
                next.store(options.calls, Ordering::Relaxed);
                return Err(failure);
            }
            summary.calls += 1;
            match made.kind {
                CallKind::Sales => summary.sales += 1,
                CallKind::Service => summary.service += 1,
            }
            summary.speech_hours += f64::from(made.duration_seconds) / 3600.0;
            progress.inc(1);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let parts: Vec<_> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().map(|handle| handle.join().expect("a worker does not panic")).collect()
    });
    let mut total = Summary { out: dir.to_owned(), ..Summary::default() };
    for part in parts {
        let part = part?;
        total.calls += part.calls;
        total.sales += part.sales;
        total.service += part.service;
        total.speech_hours += part.speech_hours;
    }
    total.speech_hours = (total.speech_hours * 100.0).round() / 100.0;
    Ok(total)
}

fn save(made: &SynthCall, dir: &Path) -> Result<(), Failure> {
    let file = File {
        transcript: to_json(&made.transcript),
        agent_id: &made.agent_id,
        customer_id: &made.customer_id,
        kind: made.kind,
        start_time: &made.start_time,
        duration_seconds: made.duration_seconds,
    };
    let id = &made.external_id;
    write_file(&dir.join(format!("{id}.json")), &file)?;
    write_file(&dir.join(format!("{id}.truth.json")), &made.truth)
}

fn write_file(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    write_json(&mut bytes, value, true)?;
    fs::write(path, bytes).map_err(|error| Failure::Failed(format!("{}: cannot be written: {error}", path.display())))
}
