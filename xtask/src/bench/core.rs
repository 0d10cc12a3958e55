//! The group `core`: what a call costs before there is a server.

use super::peer::Python;
use super::{Row, inputs, timing};
use crate::tools::{Workspace, run};
use anyhow::{Context as _, Result};
use rubric::{Rubric, analyst};
use signals::labels::{CallLabels, Labeler};
use signals::sentiment;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use transcript::Transcript;

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When a peer or an input cannot be had.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let python = Python::prepare(workspace)?;
    let folder = workspace.target().join("bench");
    let vtt = inputs::write_vtt(&folder, 60)?;
    let lines = inputs::write_lines(&folder, 300)?;
    let mut rows = vec![parsing(workspace, &python, &vtt)?];
    rows.extend(lines_of_text(workspace, &python, &lines)?);
    rows.extend(reports()?);
    rows.push(synthesis(workspace, &folder.join("synth"))?);
    Ok(rows)
}

/// A file of one hour, from the disk to its segments.
fn parsing(workspace: &Workspace, python: &Python, vtt: &Path) -> Result<Row> {
    let parse = || fs::read(vtt).map_err(anyhow::Error::from).and_then(|bytes| Ok(transcript::parse(&bytes, None)?));
    parse().context("the input does not parse")?;
    let mut peer = python.start(workspace, "parse_vtt", vtt)?;
    let (ours, theirs) = timing::beside(&mut peer, || drop(black_box(parse())))?;
    Ok(Row::faster("parse_vtt_60min", "ms", ours * 1e3, theirs * 1e3, 30.0))
}

/// The same lines for sentiment alone and for everything that `sideline label` finds; the peer knows sentiment only.
fn lines_of_text(workspace: &Workspace, python: &Python, file: &Path) -> Result<[Row; 2]> {
    let text = fs::read_to_string(file)?;
    let lines: Vec<&str> = text.lines().collect();
    let per_line = 1e6 / lines.len() as f64;
    let labeler = Labeler::builtin();
    let mut peer = python.start(workspace, "sentiment_lines", file)?;
    let (ours, theirs) = timing::beside(&mut peer, || {
        for line in &lines {
            black_box(sentiment::vader(line).compound);
        }
    })?;
    let sentiment = Row::faster("sentiment_lines", "us/line", ours * per_line, theirs * per_line, 50.0);
    let mut found = CallLabels::default();
    let (ours, theirs) = timing::beside(&mut peer, || {
        for line in &lines {
            black_box(sentiment::vader(line).compound);
            labeler.label_line_into(&mut found, line, None, None);
            black_box(&found);
        }
    })?;
    let labels = Row::faster("label_lines", "us/line", ours * per_line, theirs * per_line, 10.0);
    Ok([sentiment, labels])
}

/// Metrics, labels and rubric of a call in memory, on one core; and how that grows with the length of the call.
fn reports() -> Result<[Row; 2]> {
    let rubric =
        rubric::builtin().into_iter().find(|rubric| rubric.id == "default").context("there is no rubric `default`")?;
    let (usual, long) = (inputs::conversation(45)?, inputs::conversation(600)?);
    let seconds = |call: &Transcript| timing::alone(|| drop(black_box(report(call, &rubric))));
    let hours = |call: &Transcript| call.span_ms().map_or(0.0, |(start, end)| (end - start) as f64 / 3.6e6);
    let (usual_ms, long_ms) = (seconds(&usual) * 1e3, seconds(&long) * 1e3);
    // The 45-minute call ends with the synthetic call in which it reaches 45 minutes; what counts is the time a minute.
    let at_45 = usual_ms / hours(&usual) * 0.75;
    Ok([
        Row::within("offline_report_45min", "ms", at_45, 50.0),
        Row::growth("offline_growth_10h", "ms/hour of call", long_ms / hours(&long), usual_ms / hours(&usual), 1.3),
    ])
}

fn report(call: &Transcript, rubric: &Rubric) -> rubric::Report {
    analyst::analyse(call, rubric, Labeler::builtin())
}

/// Ten thousand calls by the program, files included.
fn synthesis(workspace: &Workspace, folder: &Path) -> Result<Row> {
    run(&mut workspace.cargo(["build", "--quiet", "--release", "--locked", "--package", "server"]))?;
    let mut outcome = Ok(());
    let seconds = timing::alone(|| {
        let mut sideline = workspace.command(workspace.target().join("release/sideline"));
        sideline.args(["--quiet", "synth", "--calls", "10000", "--seed", "1", "--force", "--out"]).arg(folder);
        outcome = run(&mut sideline);
    });
    outcome?;
    Ok(Row::within("synth_10000", "s", seconds, 60.0))
}
