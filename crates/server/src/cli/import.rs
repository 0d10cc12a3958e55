//! `sideline import`: files become kept calls.

use super::app::{App, block_on};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status, each_file, input};
use calls::{CallError, Imported, NewCall, Status as CallStatus};
use chrono::{DateTime, NaiveDate, Utc};
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A file that was imported before is not imported again, so that the command can be repeated after it was interrupted. Calls in which it is \
not known who is on our side wait for `sideline analyze CALL --internal NAME`.

Examples:
  sideline import calls/ --internal @acme.com
  sideline import call.vtt --internal Jihoon --customer 'Northwind' --started-at 2026-11-20T15:00:00Z
  sideline import exports/*.json --later && sideline worker")]
pub struct Args {
    /// Transcripts, or folders of them; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Who is on our side: a name, or a mail domain such as @acme.com; several with commas or by repeating it
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    internal: Vec<String>,
    /// Whose calls they are: a name or a mail address; otherwise who of our side says most
    #[arg(long, value_name = "NAME")]
    rep: Option<String>,
    /// The customer
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// The title of the call
    #[arg(long)]
    title: Option<String>,
    /// When the call began: 2026-11-20T15:00:00Z, or a day
    #[arg(long, value_name = "TIME", value_parser = time)]
    started_at: Option<DateTime<Utc>>,
    /// Leave the analysis to a worker
    #[arg(long)]
    later: bool,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .or_else(|_| day())
        .map_err(|_| "write it like 2026-11-20T15:00:00Z, 2026-11-20T15:00:00+01:00 or 2026-11-20".to_owned())
}

/// The files, those of folders in the order of their names. Names that begin with a dot are passed over there, and what `synth` writes about
/// its calls.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let cannot = |error| Failure::Failed(format!("{}: the folder cannot be read: {error}", path.display()));
        let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
            .map_err(cannot)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                !name.starts_with('.') && !name.ends_with(".truth.json")
            })
            .collect();
        inside.sort();
        files.extend(self::files(&inside)?);
    }
    Ok(files)
}

/// Imports the files, and judges them unless a worker shall.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    let files = files(&args.files)?;
    if files.is_empty() {
        return Err(Failure::Usage("there are no files in it".to_owned()));
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::Failed(format!("no threads can be started: {error}")))?;
    let app = runtime.block_on(App::open())?;
    let zone = app.config.zone().map_err(Failure::Usage)?;
    let bar = console.progress(files.len() as u64, "files");
    let (mut new, mut known, mut waiting) = (0, 0, 0);
    let (mut away, mut left) = (false, 0);
    let status = each_file(console, &files, |path| {
        bar.inc(1);
        // Each further file would wait as long, to be told the same.
        if away {
            left += 1;
            return Ok(());
        }
        let bytes = input::read(path)?;
        let call = NewCall {
            file_name: file_name(path),
            rep: args.rep.clone(),
            customer: args.customer.clone(),
            title: args.title.clone(),
            started_at: args.started_at,
            time_zone: zone,
            redact: app.config.redact,
        };
        let imported = runtime
            .block_on(calls::import(&app.db, &app.blobs, &app.clock, bytes, &args.internal, &call))
            .map_err(|error| {
            let text = format!("{}: {error}", input::name(path));
            away = matches!(error, CallError::Blob(_));
            match Failure::from(error) {
                Failure::Usage(_) => Failure::Usage(text),
                _ => Failure::Failed(text),
            }
        })?;
        match imported {
            Imported::New { status: CallStatus::NeedsSides, .. } => waiting += 1,
            Imported::New { .. } => new += 1,
            Imported::Known { .. } => known += 1,
        }
        if json {
            let mut out = stdout();
            let file = input::name(path);
            write_json(&mut out, &serde_json::json!({ "file": file, "imported": imported }), false)?;
            out.flush()?;
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    if left > 0 {
        console
            .note(&format!("files that were not looked at: {left}; give the command again when originals can be kept"));
    }
    if !args.later && new > 0 {
        let worker = app.worker();
        runtime.block_on(async { worker.drain().await })?;
    }
    runtime.block_on(app.db.close());
    if !json {
        let mut out = console.styled();
        let judged = if args.later { "to be judged by a worker" } else { "judged" };
        writeln!(out, "{new} imported and {judged}, {known} known already, {waiting} waiting for sides")?;
        if waiting > 0 {
            writeln!(
                out,
                "`sideline calls --status needs_sides` lists those; `sideline analyze CALL --internal NAME` sets them"
            )?;
        }
        out.flush()?;
    }
    Ok(status)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| input::name(path), |name| name.to_string_lossy().into_owned())
}

/// `sideline analyze`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  sideline analyze 0199c0ffee                       judge it again
  sideline analyze 0199c0ffee --internal Jihoon     say who is on our side
  sideline analyze 0199c0ffee --rubric service")]
pub struct AnalyzeArgs {
    /// The call: its id, the beginning of it, or its id in the source
    call: String,
    /// Who is on our side: a name, or a mail domain such as @acme.com
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    internal: Vec<String>,
    /// The rubric: an id of `sideline rubric list`
    #[arg(long, value_name = "ID")]
    rubric: Option<String>,
}

/// Judges a call again, here and now.
pub fn analyze(args: &AnalyzeArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    if let Some(rubric) = &args.rubric
        && !rubric::builtin().iter().any(|known| known.id == *rubric)
    {
        return Err(Failure::Usage(format!("there is no rubric {rubric}; `sideline rubric list` lists them")));
    }
    block_on(async {
        let app = App::open().await?;
        let call = calls::find(&app.db, &args.call).await?;
        let status = if args.internal.is_empty() {
            call.status
        } else {
            coaching::set_sides(&app.db, &app.clock, call.id, &args.internal, args.rubric.as_deref()).await?
        };
        if status == CallStatus::NeedsSides {
            return Err(Failure::Usage(format!(
                "it is not known who is on our side in {}; say --internal NAME",
                call.title
            )));
        }
        if args.internal.is_empty() {
            coaching::ask(&app.db, &app.clock, call.id, args.rubric.as_deref()).await?;
        }
        app.worker().drain().await?;
        let call = calls::find(&app.db, &call.id.to_string()).await?;
        if json {
            write_json(&mut stdout(), &call, false)?;
        } else {
            let score = call.overall_score.map_or_else(|| "no overall score".to_owned(), |score| format!("{score:.0}"));
            writeln!(console.styled(), "{}: {score}; `sideline report {}` shows why", call.title, call.id)?;
        }
        Ok(Status::Done)
    })
}
