//! `sideline report`: a call judged against a rubric.

use super::app::{App, block_on, config};
use super::console::{Console, spread_json, stdout, write_json};
use super::sides::SidesArgs;
use super::trackers::TrackersArgs;
use super::{Failure, Status, each_file, input, rubric as rubrics};
use crate::render::{Judgement, html, markdown, text};
use anstream::StripStream;
use calls::CallError;
use rubric::analyst::analyse;
use rubric::{CallView, Report, Rubric, tracker_views};
use serde::Serialize;
use signals::labels::Labeler;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use transcript::Transcript;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The sides come from the file where it says so (roles, mail domains, affiliation), else from --internal; nothing is \
guessed. Each claim quotes the words it rests on, with their time. A kept call is shown as it was judged last; `sideline analyze` \
judges it again, by another rubric or with other sides.

Examples:
  sideline report call.vtt --internal Jihoon
  sideline report call.vtt --internal Jihoon --format html -o call.html
  sideline report support/*.json --rubric service --format html -o reports
  sideline report call.json --json | jq .overall_score")]
pub struct Args {
    /// Transcripts, or kept calls: the id, the beginning or the end of it, or the id in the source; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    sides: SidesArgs,
    #[command(flatten)]
    trackers: TrackersArgs,
    /// The rubric: an id of `sideline rubric list`, or a YAML file [default: default]
    #[arg(long, value_name = "ID|FILE")]
    rubric: Option<String>,
    /// How the report is written
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<Format>,
    /// Write to this file; with several transcripts, a file each into this directory
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For the terminal
    Text,
    /// Markdown, for a chat or a wiki
    Md,
    /// A page that stands alone
    Html,
    /// Everything, for programs
    Json,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Md => "md",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    call: CallView<'a>,
    #[serde(flatten)]
    report: &'a Report,
}

/// Judges the files.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    let format = if json { Format::Json } else { args.format.unwrap_or(Format::Text) };
    let several = args.files.len() > 1;
    if several && format == Format::Html && args.output.is_none() {
        return Err(Failure::Usage(
            "several HTML reports cannot share one output; say -o DIR to get a file each".to_owned(),
        ));
    }
    let rubric = rubrics::find(args.rubric.as_deref().unwrap_or("default"))?;
    let trackers = args.trackers.labeler()?;
    let dir = args.output.as_deref().filter(|path| several || path.is_dir());
    if let Some(dir) = dir {
        fs::create_dir_all(dir)
            .map_err(|error| Failure::Failed(format!("{}: the directory cannot be made: {error}", dir.display())))?;
    }
    let mut written: Vec<PathBuf> = Vec::new();
    let mut first = true;
    each_file(console, &args.files, |path| {
        let (transcript, report) = if let Some(kept) = kept(path)? {
            refuse_options(args, path)?;
            kept
        } else {
            let mut transcript = input::load(path)?;
            args.sides.require(&mut transcript, path, several, console)?;
            let report = judge(&transcript, &rubric, trackers.as_ref());
            (transcript, report)
        };
        let name = input::name(path);
        let judged = Judgement { transcript: &transcript, report: &report, name: &name };
        let file = several.then_some(name.as_str());
        let target = dir.map(|dir| input::output_path(dir, path, format.extension())).or_else(|| args.output.clone());
        let Some(target) = target else {
            print(&judged, file, format, std::mem::take(&mut first), console)?;
            return Ok(());
        };
        input::refuse_overwrite(&target, path, &written)?;
        let cannot = |error: io::Error| Failure::Failed(format!("{}: cannot be written: {error}", target.display()));
        let out = fs::File::create(&target).map_err(cannot)?;
        match format {
            // Files hold no colour.
            Format::Text => write(&mut BufWriter::new(StripStream::new(out)), &judged, file, format),
            _ => write(&mut BufWriter::new(out), &judged, file, format),
        }
        .map_err(cannot)?;
        console.note(&format!("{name}: the report is in {}", target.display()));
        written.push(target);
        Ok(())
    })
}

/// The report of a kept call, where `path` is no file and there is such a call.
fn kept(path: &Path) -> Result<Option<(Transcript, Report)>, Failure> {
    let name = path.to_string_lossy();
    if input::is_stdin(path) || path.exists() {
        return Ok(None);
    }
    let is_id = name.len() >= 6 && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let no_file =
        |more: &str| Failure::Failed(format!("{name}: there is no such file; check the name and the directory{more}"));
    // Whoever mistypes the name of a file shall not have made an installation by it.
    if !is_id && config()?.database.file()?.is_some_and(|file| !file.exists()) {
        return Err(no_file(""));
    }
    block_on(async {
        let app = App::open().await?;
        let call = match calls::find(&app.db, &name).await {
            Err(CallError::Unknown(_)) if !is_id => return Err(no_file(". It is no kept call either")),
            found => found?,
        };
        let (transcript, report) = coaching::stored(&app.db, call.id).await?;
        app.db.close().await;
        let report = report.ok_or_else(|| {
            Failure::Usage(format!("{} is not judged yet: `sideline analyze {}`", call.title, call.id))
        })?;
        Ok(Some((transcript, report)))
    })
}

/// What changes how a file is judged cannot change how a kept call was.
fn refuse_options(args: &Args, path: &Path) -> Result<(), Failure> {
    let call = input::name(path);
    let again = |option: &str| {
        Failure::Usage(format!(
            "{call} is a kept call, shown as it was judged; `sideline analyze {call} {option}` judges it again, then report it without {option}"
        ))
    };
    if let Some(rubric) = &args.rubric {
        return Err(again(&format!("--rubric {rubric}")));
    }
    if let Some(names) = args.sides.given() {
        return Err(again(&format!("--internal {names}")));
    }
    if args.trackers.are_given() {
        return Err(Failure::Usage(format!(
            "{call} is a kept call, shown with the trackers it was judged with; --trackers is for files"
        )));
    }
    Ok(())
}

/// Trackers of one's own change what is listened for, not how the call is judged.
fn judge(transcript: &Transcript, rubric: &Rubric, trackers: Option<&Labeler>) -> Report {
    let mut report = analyse(transcript, rubric, Labeler::builtin());
    if let Some(own) = trackers {
        report.trackers = tracker_views(transcript, &own.label_call(transcript), own);
    }
    report
}

fn print(judged: &Judgement<'_>, file: Option<&str>, format: Format, first: bool, console: &Console) -> io::Result<()> {
    if format == Format::Text {
        let mut out = console.styled();
        if !first {
            writeln!(out)?;
        }
        return write(&mut out, judged, file, format);
    }
    write(&mut stdout(), judged, file, format)
}

fn write(out: &mut impl Write, judged: &Judgement<'_>, file: Option<&str>, format: Format) -> io::Result<()> {
    match format {
        Format::Text => text::report(out, judged, Console::width())?,
        Format::Md => markdown::report(out, judged)?,
        Format::Html => html::report(out, judged)?,
        Format::Json => {
            let whole = Whole { file, call: CallView(judged.transcript), report: judged.report };
            write_json(out, &whole, file.is_none() && spread_json(1))?;
        }
    }
    out.flush()
}
