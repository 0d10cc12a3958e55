//! The program `sideline`: transcripts in, verified coaching out.

mod api;
mod cli;
mod config;
mod connections;
mod doctor;
mod embedding;
mod log;
mod models;
mod render;

/// Requests take and give back many small pieces of memory on several threads, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
