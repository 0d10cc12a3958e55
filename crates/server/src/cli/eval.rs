//! `sideline eval`: how well this program does something, on data that somebody brings.

mod collection;

use super::app::{block_on, config};
use super::console::{Console, stdout, write_json};
use super::{Failure, Status};
use clap::{Subcommand, ValueEnum};
use collection::Collection;
use std::io::Write as _;
use std::path::PathBuf;

/// `sideline eval`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  sideline eval search --passages passages.tsv --queries queries.tsv --qrels qrels.tsv")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measure how well passages are found: by words, by meaning, by both
    #[command(after_help = "\
Files are tables with a line of names and tabs between columns, or JSON lines. What they hold:
  passages  id, text, and call where queries are asked within calls
  queries   id, text, and call with --scope call
  qrels     query, passage, relevance (0 is not relevant; 1 where it is left out); lines of TREC are taken as well
docs/search.md tells it all.

Examples:
  sideline eval search --passages passages.tsv --queries queries.tsv --qrels qrels.tsv
  sideline eval search --passages p.jsonl --queries q.jsonl --qrels qrels.tsv --scope call --json")]
    Search(SearchArgs),
}

#[derive(Debug, clap::Args)]
struct SearchArgs {
    /// What is looked through
    #[arg(long, value_name = "FILE")]
    passages: PathBuf,
    /// What is asked
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Which passages answer which queries
    #[arg(long, value_name = "FILE")]
    qrels: PathBuf,
    /// Where each query is asked: within its call, or in all passages
    #[arg(long, value_enum, default_value_t = Within::All, value_name = "SCOPE")]
    scope: Within,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Within {
    /// In the passages of its call
    Call,
    /// In all passages
    All,
}

/// Measures and prints.
pub fn run(args: &Args, console: &Console, json: bool) -> Result<Status, Failure> {
    let What::Search(args) = &args.what;
    let collection = Collection::read(&args.passages, &args.queries, &args.qrels, args.scope == Within::Call)?;
    let embedding = config()?.embedding;
    block_on(async {
        let bar = console.progress(collection.steps(), "passages and queries");
        let measured = collection.measure(embedding, || bar.inc(1)).await?;
        bar.finish_and_clear();
        if let Some(why) = &measured.meaning_off {
            console.note(&format!("measured by words alone: {why}"));
        }
        if json {
            let mut out = stdout();
            write_json(&mut out, &measured, false)?;
            out.flush()?;
            return Ok(Status::Done);
        }
        let mut out = console.styled();
        writeln!(out, "{} queries over {} passages", measured.queries, measured.passages)?;
        writeln!(out, "{:10} {:>8} {:>10} {:>7} {:>7}", "", "nDCG@10", "recall@10", "hit@10", "MRR")?;
        for (mode, found) in measured.modes() {
            let (ndcg, recall) = (found.ndcg_at_10, found.recall_at_10);
            writeln!(out, "{mode:10} {ndcg:8.4} {recall:10.4} {:7.4} {:7.4}", found.hit_at_10, found.mrr)?;
        }
        out.flush()?;
        Ok(Status::Done)
    })
}
