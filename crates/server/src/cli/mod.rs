//! The command line: definitions, dispatch, exit codes. One file a command.

mod amounts;
mod analyze;
mod analyze_all;
mod app;
mod audit;
mod backup;
mod calls;
mod completions;
mod console;
mod eval;
mod files;
mod import;
mod import_deals;
mod input;
mod jobs;
mod judging;
mod kept;
mod knowledge;
mod label;
mod metrics;
mod parse;
mod progress;
mod report;
mod review;
mod rubric;
mod search;
mod serve;
mod sides;
mod sync;
mod synth;
mod table;
mod tls;
mod trackers;
mod user;

use crate::config::Config;
use crate::log::{self, Reader};
use clap::{Parser, Subcommand};
use console::{Color, Console};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "sideline", version, about = "Turns sales and service calls into verified coaching: scores whose every claim opens at the words that were said", long_about = None, max_term_width = 100, propagate_version = true, after_help = HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colour; `auto` follows the terminal, `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Print errors only: no hints, no progress
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Print JSON: one object, or one a line when there are several files
    #[arg(long, global = true)]
    json: bool,
}

const HELP: &str = "\
Examples:
  sideline report call.vtt --internal Jihoon        a scored report
  sideline report call.vtt --format html -o call.html
  sideline metrics gong/*.json --internal @acme.com --json
  sideline synth --calls 20 --seed 1 --out calls    calls to try things with
  sideline import calls/ && sideline calls          keep them, judged

Everything runs on this machine: no key, no network, nothing else to install.
Exit codes: 0 done, 1 something failed, 2 the command needs something else.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Read transcripts and print them as JSON, WebVTT or SubRip
    Parse(parse::Args),
    /// Measure a call: talk ratio, monologues, questions, pauses, sentiment …
    Metrics(metrics::Args),
    /// Label lines of standard input: sentiment, objections, questions, trackers
    Label(label::Args),
    /// Judge a call against a rubric, with the words each claim rests on
    Report(report::Args),
    /// Take transcripts in: kept, redacted, judged
    Import(import::Args),
    /// Judge a kept call again, or say who is on our side in it
    Analyze(analyze::Args),
    /// List the kept calls
    Calls(calls::Args),
    /// Bring calls in from a service
    Sync(sync::Args),
    /// Delete a kept call with everything of it
    Delete(kept::DeleteArgs),
    /// List, show, retry and cancel jobs
    Jobs(jobs::Args),
    /// List who did what: imports, deletions, analyses asked for, backups
    Audit(audit::Args),
    /// Answer over HTTP, and do the jobs, until it is ended
    Serve(serve::Args),
    /// Do the jobs until it is ended
    Worker(kept::WorkerArgs),
    /// Bring the schema of the database up to date
    Migrate(kept::MigrateArgs),
    /// Check settings, database, folders and clock, and say what to do
    Doctor(kept::DoctorArgs),
    /// Take deals, e-mails and links between deals and calls out of files
    ImportDeals(import_deals::Args),
    /// Print the review of a week: calls, figures, deals, moments to look at
    Review(review::Args),
    /// Find what was said in calls, by words and by meaning
    Search(search::Args),
    /// Ask a question over what was said
    Ask(search::AskArgs),
    /// Make the index of what was said anew, and wait for it
    Reindex(search::ReindexArgs),
    /// Fetch and check the model by which things are found by meaning
    Embeddings(search::EmbeddingsArgs),
    /// Measure how well this program does something, on data of your own
    Eval(eval::Args),
    /// Copy database and originals while others work (SQLite)
    Backup(backup::BackupArgs),
    /// Put a backup into an empty data folder
    Restore(backup::RestoreArgs),
    /// Make accounts, set passwords, list users
    User(user::Args),
    /// List, show and check rubrics
    Rubric(rubric::Args),
    /// Keep product sheets and playbooks that calls are judged against
    Knowledge(knowledge::Args),
    /// Make synthetic calls with known truth
    Synth(synth::Args),
    /// Print the completion script of a shell
    Completions(completions::Args),
}

/// How a command ended; of several files the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Done,
    Usage,
    Failed,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Usage => 2,
        })
    }
}

/// Why a command, or the part of it that concerns one file, stops.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The command has to be given differently; exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It was given rightly and did not work; exit code 1.
    #[error("{0}")]
    Failed(String),
    /// So did it, and whatever would follow would not either; exit code 1.
    #[error("{0}")]
    Stopped(String),
    /// The output cannot be written. A reader that has seen enough (`| head`) is no failure.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    fn status(&self) -> Status {
        match self {
            Self::Usage(_) => Status::Usage,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Done,
            Self::Failed(_) | Self::Stopped(_) | Self::Output(_) => Status::Failed,
        }
    }
}

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let Cli { command, color, quiet, json } = Cli::parse();
    let console = Console::new(color, quiet);
    log::begin(match command {
        // Settings that are wrong are told when the command reads them.
        Command::Worker(_) | Command::Serve(_) => {
            Reader::Keeper(Config::load().map_or(log::Format::Text, |config| config.log_format))
        }
        _ if quiet => Reader::Quiet,
        _ => Reader::User,
    });
    let result = match command {
        Command::Parse(args) => parse::run(&args, &console),
        Command::Metrics(args) => metrics::run(&args, &console, json),
        Command::Label(args) => label::run(&args),
        Command::Report(args) => report::run(&args, &console, json),
        Command::Import(args) => import::run(&args, &console, json),
        Command::Analyze(args) => analyze::run(&args, &console, json),
        Command::Calls(args) => calls::run(&args, &console, json),
        Command::Sync(args) => sync::run(&args, &console, json),
        Command::Delete(args) => kept::delete(&args, &console, json),
        Command::Jobs(args) => jobs::run(&args, &console, json),
        Command::Audit(args) => audit::run(&args, &console, json),
        Command::Serve(args) => serve::run(&args, &console),
        Command::Worker(args) => kept::worker(&args, &console),
        Command::Migrate(args) => kept::migrate(&args, &console),
        Command::Doctor(args) => kept::doctor(&args, &console, json),
        Command::ImportDeals(args) => import_deals::run(&args, &console, json),
        Command::Review(args) => review::run(&args, &console, json),
        Command::Search(args) => search::run(&args, &console, json),
        Command::Ask(args) => search::ask(&args, &console, json),
        Command::Reindex(args) => search::reindex(&args, &console, json),
        Command::Embeddings(args) => search::embeddings(&args, &console),
        Command::Eval(args) => eval::run(&args, &console, json),
        Command::Backup(args) => backup::backup(&args, &console),
        Command::Restore(args) => backup::restore(&args, &console),
        Command::User(args) => user::run(&args, &console, json),
        Command::Rubric(args) => rubric::run(&args, &console, json),
        Command::Knowledge(args) => knowledge::run(&args, &console, json),
        Command::Synth(args) => synth::run(&args, &console, json),
        Command::Completions(args) => completions::run(&args),
    };
    let status = result.unwrap_or_else(|failure| {
        let status = failure.status();
        if status != Status::Done {
            console.error(&failure);
        }
        status
    });
    status.into()
}

/// Runs `one` for every file. The failure of one is told and does not stop the others.
fn each_file(
    console: &Console,
    files: &[PathBuf],
    mut one: impl FnMut(&Path) -> Result<(), Failure>,
) -> Result<Status, Failure> {
    let mut worst = Status::Done;
    for file in files {
        match one(file) {
            Ok(()) => {}
            Err(failure @ (Failure::Output(_) | Failure::Stopped(_))) => return Err(failure),
            Err(failure) => {
                console.error(&failure);
                worst = worst.max(failure.status());
            }
        }
    }
    Ok(worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(
                help.contains("sideline ") && help.contains(command.get_name()),
                "`sideline {} --help` has no example",
                command.get_name()
            );
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let closed = Failure::Output(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(closed.status(), Status::Done);
        assert_eq!(Failure::Output(io::Error::from(io::ErrorKind::StorageFull)).status(), Status::Failed);
    }
}
