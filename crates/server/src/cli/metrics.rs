//! `sideline metrics`: the numbers of a call.

use super::console::{Console, spread_json, stdout, write_json};
use super::sides::{self, SidesArgs};
use super::{Failure, Status, each_file, input};
use crate::render::text;
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
  sideline metrics *.vtt --internal @acme.com --json | jq .talk_ratio")]
pub struct Args {
    /// Transcripts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    sides: SidesArgs,
}

/// What is printed of a file.
#[derive(Serialize)]
struct Measured<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(flatten)]
    metrics: &'a Metrics,
}

/// Measures the files.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    let mut first = true;
    each_file(console, &args.files, |path| {
        let name = input::name(path);
        let mut transcript = input::load(path)?;
        let outcome = args.sides.assign(&mut transcript, path, args.files.len() > 1, console)?;
        sides::hint(&outcome, &transcript, path, console);
        let metrics = metrics(&transcript, &Labeler::builtin().label_call(&transcript));
        if json {
            let mut out = stdout();
            let file = (args.files.len() > 1).then_some(name.as_str());
            write_json(&mut out, &Measured { file, metrics: &metrics }, spread_json(args.files.len()))?;
            out.flush()?;
        } else {
            let mut out = console.styled();
            if !std::mem::take(&mut first) {
                writeln!(out)?;
            }
            text::metrics(&mut out, &name, &metrics, Console::width())?;
            out.flush()?;
        }
        Ok(())
    })
}
