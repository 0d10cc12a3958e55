//! The program `sideline`: transcripts in, verified coaching out.

mod cli;
mod config;
mod doctor;
mod log;
mod render;

fn main() -> std::process::ExitCode {
    cli::run()
}
