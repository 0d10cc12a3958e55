//! The program `sideline`: transcripts in, verified coaching out.

mod cli;
mod render;

fn main() -> std::process::ExitCode {
    cli::run()
}
