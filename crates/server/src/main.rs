//! The program `sideline`: transcripts in, verified coaching out.

mod api;
mod cli;
mod config;
mod doctor;
mod log;
mod render;

fn main() -> std::process::ExitCode {
    cli::run()
}
