//! `sideline knowledge`: product sheets and playbooks that calls are judged against.

use super::app::{App, actor, block_on};
use super::console::{Console, spread_json, stdout, write_json};
use super::table::{self, Width, short};
use super::{Failure, Status, input};
use crate::render::words::plain;
use calls::Who;
use coaching::CoachingError;
use coaching::knowledge::{self, DocumentHead, KnowledgeDocument};
use serde_json::json;
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// `sideline knowledge`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Markdown, text and PDF are taken apart by their headings into sections. Those that a call speaks of are laid before the model that judges it, which cites them.

Examples:
  sideline knowledge add sheets/*.md 'Price list.pdf'
  sideline knowledge list
  sideline knowledge show 'Price list'
  sideline knowledge retire 7c0ffee123")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Keep documents; one whose title is known already becomes its next version, unless it says the same
    Add {
        /// Markdown (.md), text (.txt) or PDF files, 5 MB at most
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What it is called, of a single file; otherwise its title
        #[arg(long)]
        name: Option<String>,
    },
    /// List the documents
    List {
        /// Also those that were retired
        #[arg(long)]
        retired: bool,
    },
    /// Show a document as it was taken apart
    Show {
        /// Its id, the end of it, or its name
        id: String,
        /// Not the latest version, but this one
        #[arg(value_name = "VERSION")]
        number: Option<u32>,
    },
    /// Hold nothing against a document any more; what cites it opens still
    Retire {
        /// Its id, the end of it, or its name
        id: String,
    },
    /// Take a retired document back into use
    Restore {
        /// Its id, or the end of it
        id: String,
    },
}

impl From<CoachingError> for Failure {
    fn from(error: CoachingError) -> Self {
        match error {
            CoachingError::Db(error) => error.into(),
            other => Self::Usage(other.to_string()),
        }
    }
}

/// Does what is asked for.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    if let What::Add { files, name: Some(_) } = &args.what
        && files.len() > 1
    {
        return Err(Failure::Usage("--name is for a single file".to_owned()));
    }
    block_on(async {
        let app = App::open().await?;
        let who = Who::from(actor());
        match &args.what {
            What::Add { files, name } => add_all(&app, &who, files, name.as_deref(), console, json).await,
            What::List { retired } => list(&app, *retired, console, json).await,
            What::Show { id, number } => {
                let head = knowledge::find(&app.db, id).await?;
                show(&knowledge::document(&app.db, head.id, *number).await?, console, json)
            }
            What::Retire { id } => {
                let head = knowledge::find(&app.db, id).await?;
                knowledge::retire(&app.db, &app.clock, &who, head.id).await?;
                console.note(&format!("{} is retired", head.name));
                Ok(Status::Done)
            }
            What::Restore { id } => {
                let head = knowledge::find(&app.db, id).await?;
                knowledge::restore(&app.db, &app.clock, &who, head.id).await?;
                console.note(&format!("{} is in use again", head.name));
                Ok(Status::Done)
            }
        }
    })
}

async fn add_all(
    app: &App,
    who: &Who,
    files: &[PathBuf],
    name: Option<&str>,
    console: &Console,
    json: bool,
) -> Result<Status, Failure> {
    let (mut out, mut worst, mut done) = (stdout(), Status::Done, HashMap::new());
    for file in files {
        let (outcome, head) = match add(app, who, file, name, &done).await {
            Ok(added) => {
                done.insert(added.1.id, file);
                added
            }
            Err(failure @ (Failure::Output(_) | Failure::Stopped(_))) => return Err(failure),
            Err(failure) => {
                console.error(&failure);
                worst = worst.max(failure.status());
                continue;
            }
        };
        if json {
            let line = json!({ "file": input::name(file), "outcome": outcome, "document": head });
            write_json(&mut out, &line, spread_json(files.len()))?;
        } else {
            let DocumentHead { name, version, sections, .. } = &head;
            writeln!(out, "{}: {outcome}, {name} version {version}, {sections} sections", input::name(file))?;
        }
        out.flush()?;
    }
    Ok(worst)
}

/// Keeps a file as a new document, or as the next version of the one that has its name. Tells which. What was kept in this run is not replaced: two
/// files with one title are hardly two versions of one sheet.
async fn add(
    app: &App,
    who: &Who,
    file: &Path,
    name: Option<&str>,
    done: &HashMap<Uuid, &PathBuf>,
) -> Result<(&'static str, DocumentHead), Failure> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", input::name(file));
    let bytes = input::read_a("document", file)?;
    let reading = knowledge::read(bytes, &input::name(file)).await;
    let reading = reading.map_err(|error| Failure::Failed(told(&error)))?;
    let known = knowledge::in_use(&app.db, name.unwrap_or(&reading.title)).await?;
    let kept = match known {
        Some(known) if known.sha256 == reading.sha256() => return Ok(("unchanged", known)),
        Some(known) if done.contains_key(&known.id) => {
            let other = input::name(done[&known.id]);
            let why = format!("{other} is called `{}` as well; give this one another --name, by itself", known.name);
            return Err(Failure::Failed(told(&why)));
        }
        Some(known) => knowledge::add_version(&app.db, &app.clock, who, known.id, None, &reading)
            .await
            .map(|document| ("changed", document)),
        None => knowledge::add(&app.db, &app.clock, who, name, &reading).await.map(|document| ("new", document)),
    };
    match kept {
        Ok((outcome, document)) => Ok((outcome, document.head)),
        Err(CoachingError::Db(error)) if error.concerns_all() => Err(Failure::Stopped(error.to_string())),
        Err(error) => Err(Failure::Failed(told(&error))),
    }
}

async fn list(app: &App, retired: bool, console: &Console, json: bool) -> Result<Status, Failure> {
    let heads = knowledge::documents(&app.db, retired).await?;
    if json {
        let mut out = stdout();
        for head in &heads {
            write_json(&mut out, head, false)?;
        }
        out.flush()?;
        return Ok(Status::Done);
    }
    if heads.is_empty() {
        console.note(&"there are no documents yet; `sideline knowledge add` keeps one");
        return Ok(Status::Done);
    }
    let columns = [
        ("ID", Width::Fixed(10)),
        ("NAME", Width::Share(1)),
        ("KIND", Width::Fixed(8)),
        ("VERSION", Width::Right(7)),
        ("SECTIONS", Width::Right(8)),
        ("SINCE", Width::Fixed(10)),
        ("", Width::Rest),
    ];
    let rows = heads.into_iter().map(|head| {
        [
            short(head.id),
            head.name,
            head.kind.as_str().to_owned(),
            head.version.to_string(),
            head.sections.to_string(),
            head.created_at.format("%Y-%m-%d").to_string(),
            head.retired_at.map_or("", |_| "retired").to_owned(),
        ]
    });
    let mut out = console.styled();
    table::write(&mut out, columns, rows, table::width())?;
    out.flush()?;
    Ok(Status::Done)
}

fn show(document: &KnowledgeDocument, console: &Console, json: bool) -> Result<Status, Failure> {
    if json {
        let mut out = stdout();
        write_json(&mut out, document, true)?;
        out.flush()?;
        return Ok(Status::Done);
    }
    let mut out = console.styled();
    let head = &document.head;
    writeln!(out, "{}, version {} of {}", plain(&head.name), head.version, document.latest)?;
    for part in &document.parts {
        writeln!(out, "\n[{}] {}", part.id, plain(&part.heading))?;
        for line in part.text.lines() {
            writeln!(out, "{}", plain(line))?;
        }
    }
    out.flush()?;
    Ok(Status::Done)
}
