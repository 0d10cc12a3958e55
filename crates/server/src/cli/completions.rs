//! `sideline completions`: the completion script of a shell.

use super::console::stdout;
use super::{Cli, Failure, Status};
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  sideline completions bash >> ~/.bash_completion
  sideline completions fish > ~/.config/fish/completions/sideline.fish
  sideline completions zsh > ~/.zfunc/_sideline")]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub fn run(args: &Args) -> Result<Status, Failure> {
    // By way of memory, because the generator panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "sideline", &mut script);
    let mut out = stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Status::Done)
}
