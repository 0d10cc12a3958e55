//! Build logic, all of it: `cargo xtask demo`, `test`, `web`, `bench`, `eval`, `train`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal of whoever builds the project"
)]

mod api;
mod bench;
mod demo;
mod embedding;
mod eval;
mod eval_pii;
mod eval_search;
mod eval_winners;
mod http;
mod pages;
mod postgres;
mod python;
mod served;
mod simulated;
mod steps;
#[cfg(test)]
mod synth_words;
mod test;
mod tidy;
mod tools;
mod train;
mod truth;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use tools::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Shows, checks, measures and trains the project")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the program, fill it with half a year of a synthetic team, judge the calls and serve them
    Demo(demo::Args),
    /// Check everything: format, lints, documentation, dependencies, tests
    Test(test::Args),
    /// Build the pages, which the program carries
    Web,
    /// Go the main ways through the pages in a real browser
    Walk,
    /// Take a picture of every page, at two sizes, light and dark
    Screenshots {
        /// Where to put them
        #[arg(default_value = "target/screenshots")]
        folder: PathBuf,
    },
    /// Measure speed against limits and against the libraries people would use otherwise
    Bench(bench::Args),
    /// Compare the offline analyst with the truth set, or redaction with labelled sentences: precision and recall; or the comparison of deals
    /// with worlds of known truth: power and false findings; or embeddings with those of other programs
    Eval(eval::Options),
    /// Fit the label model and write its weights
    Train,
}

fn main() -> ExitCode {
    let workspace = Workspace::here();
    let result = match Cli::parse().command {
        Command::Demo(args) => demo::run(&workspace, &args),
        Command::Test(args) => test::run(&workspace, &args),
        Command::Walk => pages::walk(&workspace),
        Command::Web => pages::build(&workspace),
        Command::Screenshots { folder } => pages::screenshots(&workspace, &folder),
        Command::Bench(args) => bench::run(&workspace, &args),
        Command::Eval(options) => eval::run(&workspace, &options),
        Command::Train => train::run(workspace.root()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
