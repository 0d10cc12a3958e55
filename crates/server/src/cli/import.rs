//! `sideline import`: files become kept calls.

use super::app::{App, actor};
use super::console::{Console, stdout, write_json};
use super::judging::{Ended, Judging, problem};
use super::progress::Progress;
use super::{Failure, Status, each_file, files, input};
use bytes::Bytes;
use calls::{CallError, Imported, NewCall, Source, Status as CallStatus, analysis_key};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use queue::Job;
use std::collections::HashMap;
use std::future::Future;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use uuid::Uuid;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A file that was imported before is not imported again, so that the command can be repeated after it was interrupted: what is missing is \
done. Calls in which it is not known who is on our side wait until the command is repeated with --internal NAME, or for \
`sideline analyze CALL --internal NAME`.

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
    #[arg(long, value_name = "TIME")]
    started_at: Option<String>,
    /// Leave the analysis to a worker
    #[arg(long)]
    later: bool,
}

/// A moment; where it names no zone, in that of the team.
fn time(text: &str, zone: Tz) -> Result<DateTime<Utc>, String> {
    calls::when::parse(text, zone).ok_or_else(|| {
        format!("--started-at: `{text}` is no time; write it like 2026-11-20T15:00:00Z, 2026-11-20 15:00 or 2026-11-20")
    })
}

/// What the command counts.
#[derive(Debug, Default)]
struct Counts {
    new: usize,
    known: usize,
    waiting: usize,
    judged: usize,
    failed: usize,
    left: usize,
}

/// What is still to be done for a call that is kept.
enum Due {
    /// Nothing.
    Nothing,
    /// To say who is on our side.
    Sides,
    /// A job that is not finished.
    Job(Job),
    /// It was judged, though not by this command.
    Judged,
    /// Its job was given up or cancelled.
    Stuck(Job),
}

/// An import under way.
struct Import<'a> {
    args: &'a Args,
    runtime: &'a Runtime,
    app: &'a App,
    console: &'a Console,
    zone: Tz,
    started_at: Option<DateTime<Utc>>,
    counts: Counts,
    /// Where the jobs go that are judged here; `None` where a worker shall.
    judge: Option<UnboundedSender<Uuid>>,
    /// Jobs that were begun before. They come last: one that ends whoever does it must not be in the way of the others each time.
    again: Vec<Uuid>,
    /// The files by their jobs.
    names: HashMap<Uuid, String>,
}

/// Imports the files, and judges them unless a worker shall.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    let found = files::find(&args.files);
    for path in &found.passed_over {
        console.note(&format!("{}: passed over, it is no file", path.display()));
    }
    for problem in &found.unreadable {
        console.error(problem);
    }
    let unreadable = if found.unreadable.is_empty() { Status::Done } else { Status::Failed };
    if found.files.is_empty() {
        return match unreadable {
            Status::Done => Err(Failure::Usage("there are no files in it".to_owned())),
            status => Ok(status),
        };
    }
    let runtime = Runtime::new().map_err(|error| Failure::Failed(format!("no threads can be started: {error}")))?;
    let app = runtime.block_on(App::open())?;
    if !args.later {
        app.check_rubric()?;
    }
    let zone = app.config.zone().map_err(Failure::Usage)?;
    let started_at = args.started_at.as_deref().map(|text| time(text, zone)).transpose().map_err(Failure::Usage)?;
    let progress = Arc::new(Progress::new(console, found.files.len(), !args.later));
    let (send, jobs) = unbounded_channel();
    // While the files come in, not after them.
    let judging = (!args.later).then(|| {
        let (judging, shared, console) = (Judging::new(&app), Arc::clone(&progress), console.clone());
        runtime.spawn(async move { judging.all(jobs, || shared.judged(), |text| console.note(&text)).await })
    });
    let mut import = Import {
        args,
        runtime: &runtime,
        app: &app,
        console,
        zone,
        started_at,
        counts: Counts::default(),
        judge: (!args.later).then_some(send),
        again: Vec::new(),
        names: HashMap::new(),
    };
    let read = each_file(console, &found.files, |path| {
        let taken = import.file(path);
        progress.read();
        match taken {
            Ok((imported, is_judged)) => {
                if is_judged {
                    progress.judged();
                }
                if json {
                    let mut out = stdout();
                    let file = input::name(path);
                    write_json(&mut out, &serde_json::json!({ "file": file, "imported": imported }), false)?;
                    out.flush()?;
                }
                Ok(())
            }
            Err(failure) => {
                progress.judged();
                import.counts.failed += 1;
                Err(failure)
            }
        }
    });
    let Import { mut counts, judge, again, names, .. } = import;
    let read = match read {
        Ok(status) => status,
        Err(stopped) => {
            // What stopped the import would stop the judging as well. What was taken in is judged when the command is repeated.
            if let Some(judging) = judging {
                judging.abort();
            }
            progress.finish();
            return Err(stopped);
        }
    };
    if let Some(judge) = judge {
        for job in again {
            let _ = judge.send(job);
        }
    }
    let ended = match judging {
        Some(judging) => runtime.block_on(judging).map_err(|error| Failure::Failed(error.to_string()))??,
        None => Ended::default(),
    };
    progress.finish();
    let mut status = read.max(unreadable);
    counts.judged += ended.done;
    counts.failed += ended.failed.len();
    counts.left = ended.left.len();
    for job in ended.failed.iter().chain(&ended.left) {
        let name = names.get(&job.id).map(String::as_str).unwrap_or_default();
        console.error(&format!("{name}: {}", problem(job)));
        status = status.max(Status::Failed);
    }
    runtime.block_on(app.db.close());
    if !json {
        tell(&counts, args.later, console)?;
    }
    Ok(status)
}

fn tell(counts: &Counts, later: bool, console: &Console) -> Result<(), Failure> {
    let Counts { new, known, waiting, judged, failed, left } = counts;
    let mut out = console.styled();
    if later {
        write!(out, "{new} imported, to be judged by a worker")?;
    } else {
        write!(out, "{new} imported, {judged} judged")?;
    }
    write!(out, ", {known} known already, {waiting} waiting for sides")?;
    for (count, what) in [(failed, "failed"), (left, "not judged yet")] {
        if *count > 0 {
            write!(out, ", {count} {what}")?;
        }
    }
    writeln!(out)?;
    if *waiting > 0 {
        writeln!(
            out,
            "Import them again with --internal NAME, or one at a time: `sideline calls --status needs_sides` lists them, \
             `sideline analyze CALL --internal NAME` says it"
        )?;
    }
    out.flush()?;
    Ok(())
}

impl Import<'_> {
    /// Takes a file in and says what is due for it. Returns what became of it, and whether no more is to be waited for.
    fn file(&mut self, path: &Path) -> Result<(Imported, bool), Failure> {
        let (runtime, app, args) = (self.runtime, self.app, self.args);
        let told = |error: CallError| {
            let text = format!("{}: {error}", input::name(path));
            match error {
                CallError::Blob(_) => Failure::Stopped(stopped(&text)),
                CallError::Db(error) if error.concerns_all() => Failure::Stopped(stopped(&text)),
                error => match Failure::from(error) {
                    Failure::Usage(_) => Failure::Usage(text),
                    _ => Failure::Failed(text),
                },
            }
        };
        // Cheap to hand out again, when the database is away at first.
        let bytes = Bytes::from(input::read(path)?);
        let call = NewCall {
            source: Source::File,
            source_id: None,
            sides: calls::Sides::Usual,
            file_name: file_name(path),
            rep: args.rep.clone(),
            customer: args.customer.clone(),
            title: args.title.clone(),
            started_at: self.started_at,
            time_zone: self.zone,
            redact: app.config.redact,
            rubric: None,
            who: actor().into(),
        };
        let import = || calls::import(&app.db, &app.blobs, &app.clock, bytes.clone(), &args.internal, &call);
        let imported = runtime.block_on(patiently(app, self.console, import)).map_err(told)?;
        let (id, is_new) = match imported {
            Imported::New { id, .. } => (id, true),
            Imported::Known { id } => (id, false),
        };
        let due = || due(app, id, is_new, &args.internal);
        let due = runtime.block_on(patiently(app, self.console, due)).map_err(told)?;
        if is_new {
            self.counts.new += 1;
        } else {
            self.counts.known += 1;
        }
        match due {
            Due::Nothing => {}
            Due::Sides => self.counts.waiting += 1,
            Due::Judged => self.counts.judged += 1,
            Due::Job(job) => {
                if let Some(judge) = &self.judge {
                    self.names.insert(job.id, input::name(path));
                    if job.attempts == 0 {
                        // Only a judge that failed does not listen; why, it tells at the end.
                        let _ = judge.send(job.id);
                    } else {
                        self.again.push(job.id);
                    }
                    return Ok((imported, false));
                }
            }
            Due::Stuck(job) => return Err(Failure::Failed(format!("{}: {}", input::name(path), problem(&job)))),
        }
        Ok((imported, true))
    }
}

/// What is due for a call that was taken in now or before. One that waits for sides gets them by `names`.
async fn due(app: &App, call: Uuid, is_new: bool, names: &[String]) -> Result<Due, CallError> {
    let Some(kept) = calls::get(&app.db, call).await? else { return Ok(Due::Nothing) };
    let mut status = kept.status;
    if status == CallStatus::NeedsSides && !is_new && !names.is_empty() {
        status = coaching::set_sides(&app.db, &app.clock, call, names, None, actor()).await?;
    }
    if status == CallStatus::NeedsSides {
        return Ok(Due::Sides);
    }
    let key = analysis_key(call);
    if let Some(job) = queue::unfinished(&app.db, &key).await? {
        // What a model did not answer is asked again by a worker in its time; the call is judged.
        let waits = status == CallStatus::Analysed && job.run_at > app.clock.now();
        return Ok(if waits { Due::Nothing } else { Due::Job(job) });
    }
    // There was a job, and it is finished.
    let status = calls::get(&app.db, call).await?.map(|call| call.status);
    if !matches!(status, Some(CallStatus::Queued | CallStatus::Failed)) {
        return Ok(if is_new { Due::Judged } else { Due::Nothing });
    }
    Ok(queue::latest(&app.db, &key).await?.map_or(Due::Nothing, Due::Stuck))
}

/// Each further file would fail alike, perhaps after a long wait.
fn stopped(why: &str) -> String {
    format!("{why}\nthe import stops here; repeat the command then, it goes on where it was")
}

/// How long an import waits for a database that is away, in times that it waits for one answer.
const PATIENCE: u32 = 9;

/// Does it again while the database is away or locked, which is told once.
async fn patiently<T, F: Future<Output = Result<T, CallError>>>(
    app: &App,
    console: &Console,
    what: impl Fn() -> F,
) -> Result<T, CallError> {
    let mut since: Option<Instant> = None;
    loop {
        match what().await {
            Err(CallError::Db(error)) if error.is_transient() => {
                let wait = app.config.database.acquire_timeout;
                if since.is_some_and(|since| since.elapsed() > wait * PATIENCE) {
                    return Err(error.into());
                }
                if since.is_none() {
                    console.note(&format!("{error}; waiting for it"));
                    since = Some(Instant::now());
                }
                tokio::time::sleep(wait / 10).await;
            }
            done => return done,
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| input::name(path), |name| name.to_string_lossy().into_owned())
}
