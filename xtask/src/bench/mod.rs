//! `cargo xtask bench`: how fast, measured in one run beside what people would use otherwise.

mod core;
mod deals;
mod embed;
mod inputs;
mod load;
mod model;
mod pages;
mod peer;
mod search;
mod server;
mod store;
mod timing;
mod webhook;

use crate::tools::{Workspace, run as run_command};
use anyhow::{Result, bail};
use serde::Serialize;
use std::fs;
use std::path::PathBuf;

/// People who hold the calls that are asked for.
const AGENTS: &str = "40";

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Args {
    /// What to measure
    #[arg(default_value = "core")]
    group: Group,
    /// One JSON object a row instead of the table
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Group {
    /// Parsing, sentiment, labels, the offline report, synthetic calls
    Core,
    /// Import and analysis of 10,000 calls and queries at 100,000, on both databases
    Store,
    /// A million segments searched by words, by meaning and by both, on both databases
    Search,
    /// Lists at 50,000 deals and the timeline of one with 300 calls and 2,000 e-mails, on both databases
    Deals,
    /// Embeddings of passages and of questions a second, on one thread, beside ONNX Runtime
    Embed,
    /// A call of 45 minutes judged by a simulated model: how long it takes, what it costs, and the second time
    Model,
    /// The pages in a real browser: until they answer a hand, and the longest task in a call of ten hours
    Pages,
    /// The program over HTTP: start, memory, lists and analytics at 100,000 calls, beside a Python program
    Server,
    /// Deliveries of webhooks, verified and committed before they are answered, on both databases, beside a Python program
    Webhook,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What was measured.
    id: String,
    /// Ours, in `unit`.
    value: f64,
    /// Unit of `value` and `peer`.
    unit: &'static str,
    /// The peer's, or what else `value` is compared with.
    peer: Option<f64>,
    /// How the two relate, so that the goal can be read: peer / value where less is better, value / peer where more is, or where growth is limited.
    ratio: Option<f64>,
    /// What has to hold.
    goal: String,
    /// Whether it does.
    holds: bool,
}

impl Row {
    /// Ours takes at most one `times`-th of the peer's time.
    fn faster(id: impl Into<String>, unit: &'static str, value: f64, peer: f64, times: f64) -> Self {
        let ratio = peer / value;
        Self::beside(id, unit, (value, peer), ratio, (">=", times), ratio >= times)
    }

    /// Ours is at least `times` the peer's: for what is better when there is more of it.
    fn more(id: impl Into<String>, unit: &'static str, value: f64, peer: f64, times: f64) -> Self {
        let ratio = value / peer;
        Self::beside(id, unit, (value, peer), ratio, (">=", times), ratio >= times)
    }

    /// `value` is at most `times` what it is compared with.
    fn growth(id: impl Into<String>, unit: &'static str, value: f64, base: f64, times: f64) -> Self {
        let ratio = value / base;
        Self::beside(id, unit, (value, base), ratio, ("<=", times), ratio <= times)
    }

    fn beside(
        id: impl Into<String>,
        unit: &'static str,
        (value, peer): (f64, f64),
        ratio: f64,
        (compared, times): (&str, f64),
        holds: bool,
    ) -> Self {
        let goal = format!("ratio {compared} {times}");
        Self { id: id.into(), value, unit, peer: Some(peer), ratio: Some(ratio), goal, holds }
    }

    /// `value` is at most `limit`.
    fn within(id: impl Into<String>, unit: &'static str, value: f64, limit: f64) -> Self {
        Self {
            id: id.into(),
            value,
            unit,
            peer: None,
            ratio: None,
            goal: format!("value <= {limit}"),
            holds: value <= limit,
        }
    }

    /// `value` is at least `limit`.
    fn at_least(id: impl Into<String>, unit: &'static str, value: f64, limit: f64) -> Self {
        let goal = format!("value >= {limit}");
        Self { id: id.into(), value, unit, peer: None, ratio: None, goal, holds: value >= limit }
    }

    /// A figure without a goal.
    fn told(id: impl Into<String>, unit: &'static str, value: f64) -> Self {
        Self { id: id.into(), value, unit, peer: None, ratio: None, goal: "-".to_owned(), holds: true }
    }
}

/// What the groups that ask the whole program begin with: its release build, and a new folder under `bench/`. Returns the program and the folder.
fn release(workspace: &Workspace, group: &str) -> Result<(PathBuf, PathBuf)> {
    crate::pages::build(workspace)?;
    run_command(&mut workspace.cargo(["build", "--quiet", "--release", "--locked", "--package", "server"]))?;
    let sideline = workspace.target().join("release/sideline");
    let folder = workspace.target().join("bench").join(group);
    let _ = fs::remove_dir_all(&folder);
    Ok((sideline, folder))
}

/// The same, and in the folder so many synthetic calls of these people. Returns the calls' folder as well.
fn prepare(workspace: &Workspace, group: &str, calls: usize) -> Result<(PathBuf, PathBuf, PathBuf)> {
    let (sideline, folder) = release(workspace, group)?;
    let synthetic = folder.join("calls");
    let mut synth = workspace.command(&sideline);
    synth.args(["--quiet", "synth", "--seed", "1", "--agents", AGENTS, "--calls", &calls.to_string(), "--out"]);
    run_command(synth.arg(&synthetic))?;
    Ok((sideline, folder, synthetic))
}

/// Measures and prints.
///
/// # Errors
/// When something cannot be measured, or a goal is missed.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if cfg!(debug_assertions) {
        // What is measured is the release build: start again as one.
        let mut command = workspace.cargo(["run", "--quiet", "--release", "--package", "xtask", "--", "bench"]);
        return run_command(command.args(std::env::args_os().skip(2)));
    }
    let rows = match args.group {
        Group::Core => core::measure(workspace)?,
        Group::Store => store::measure(workspace)?,
        Group::Deals => deals::measure(workspace)?,
        Group::Search => search::measure(workspace)?,
        Group::Embed => embed::measure(workspace)?,
        Group::Model => model::measure(workspace)?,
        Group::Pages => pages::measure(workspace)?,
        Group::Server => server::measure(workspace)?,
        Group::Webhook => webhook::measure(workspace)?,
    };
    if args.json {
        for row in &rows {
            println!("{}", serde_json::to_string(row)?);
        }
    } else {
        print!("{}", table(&rows));
    }
    let missed: Vec<&str> = rows.iter().filter(|row| !row.holds).map(|row| row.id.as_str()).collect();
    if !missed.is_empty() {
        bail!("missed: {}", missed.join(", "));
    }
    Ok(())
}

fn table(rows: &[Row]) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
    let mut lines =
        vec![format!("{:26} {:>10} {:>10}  {:14} {:>8}  {:15} holds", "id", "value", "peer", "unit", "ratio", "goal")];
    for Row { id, value, unit, peer, ratio, goal, holds } in rows {
        let holds = if *holds { "yes" } else { "NO" };
        lines.push(format!(
            "{id:26} {value:>10.2} {:>10}  {unit:14} {:>8}  {goal:15} {holds}",
            number(*peer),
            number(*ratio)
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_hold_up_to_their_bound() {
        assert!(Row::faster("a", "ms", 2.0, 60.0, 30.0).holds);
        assert!(!Row::faster("a", "ms", 2.0, 59.0, 30.0).holds);
        assert!(Row::more("a", "1/s", 25.0, 10.0, 2.5).holds);
        assert!(!Row::more("a", "1/s", 24.0, 10.0, 2.5).holds);
        assert!(Row::growth("a", "ms/h", 13.0, 10.0, 1.3).holds);
        assert!(!Row::growth("a", "ms/h", 14.0, 10.0, 1.3).holds);
        assert!(Row::within("a", "s", 60.0, 60.0).holds);
        assert!(!Row::within("a", "s", 60.1, 60.0).holds);
    }

    #[test]
    fn a_row_is_the_json_that_was_promised() {
        let json = serde_json::to_value(Row::faster("parse", "ms", 2.0, 80.0, 30.0)).unwrap();
        let expected = serde_json::json!({
            "id": "parse", "value": 2.0, "unit": "ms", "peer": 80.0, "ratio": 40.0, "goal": "ratio >= 30", "holds": true
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn the_table_has_a_line_a_row_and_marks_what_is_missed() {
        let text = table(&[Row::within("fast", "ms", 1.0, 2.0), Row::within("slow", "ms", 3.0, 2.0)]);
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().nth(1).unwrap().ends_with("yes"));
        assert!(text.lines().nth(2).unwrap().ends_with("NO"));
    }
}
