//! `sideline metrics`: the numbers of a call.

use super::console::{Console, spread_json, stdout, write_json};
use super::sides::{self, SidesArgs};
use super::trackers::TrackersArgs;
use super::{Failure, Status, each_file, input};
use crate::render::text;
use rubric::{TrackerView, tracker_views};
use serde::Serialize;
use signals::labels::Labeler;
use signals::metrics::{Metrics, metrics};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
What the source cannot support is left out with the reason (null in JSON, the reasons under \"unavailable\").

Examples:
  sideline metrics call.vtt --internal Jihoon
  sideline metrics gong/*.json --internal @acme.com --json | jq .talk_ratio
  sideline metrics call.vtt --trackers mine.yaml --json | jq .trackers")]
pub struct Args {
    /// Transcripts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    sides: SidesArgs,
    #[command(flatten)]
    trackers: TrackersArgs,
}

/// What is printed of a file.
#[derive(Serialize)]
struct Measured<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(flatten)]
    metrics: &'a Metrics,
    trackers: &'a [TrackerView],
}

/// Measures the files.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    let trackers = args.trackers.labeler()?;
    let mut first = true;
    each_file(console, &args.files, |path| {
        let name = input::name(path);
        let mut transcript = input::load(path)?;
        let outcome = args.sides.assign(&mut transcript, path, args.files.len() > 1, console)?;
        sides::hint(&outcome, &transcript, path, console);
        let mut labels = Labeler::builtin().label_call(&transcript);
        labels.forget_words();
        let metrics = metrics(&transcript, &labels);
        let heard = match &trackers {
            Some(own) => tracker_views(&transcript, &own.label_call(&transcript), own),
            None => tracker_views(&transcript, &labels, Labeler::builtin()),
        };
        if json {
            let mut out = stdout();
            let file = (args.files.len() > 1).then_some(name.as_str());
            write_json(
                &mut out,
                &Measured { file, metrics: &metrics, trackers: &heard },
                spread_json(args.files.len()),
            )?;
            out.flush()?;
        } else {
            let mut out = console.styled();
            if !std::mem::take(&mut first) {
                writeln!(out)?;
            }
            text::metrics(&mut out, &name, &metrics, &heard, Console::width())?;
            out.flush()?;
        }
        Ok(())
    })
}
