//! The official Python SDKs against the simulators: what they take for the real service, our clients may be tested with.

use sim::openai::Flavour;
use sim::{Anthropic, Judge, OpenAi};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk");

/// Runs a command to its end; what it printed where it failed.
fn run(command: &mut Command) {
    let ended = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(
        ended.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
}

/// Python with the SDKs that `requirements.txt` pins, installed beneath the target folder.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let venv = folder.join("sdk-venv");
        // Runners that give each test a process of its own must not install twice at a time.
        let lock = File::create(folder.join("sdk-venv.lock")).unwrap();
        lock.lock().unwrap();
        let python = venv.join("bin/python");
        if !python.exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        }
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run(Command::new(&python).args(install).arg(format!("{FOLDER}/requirements.txt")));
        python
    })
}

fn tell(story: &str, url: &str, key: &str) {
    run(Command::new(python()).arg(format!("{FOLDER}/{story}")).args([url, key]).env_remove("ANTHROPIC_API_KEY"));
}

#[test]
#[ignore = "installs the Python SDKs: cargo test -p sim -- --ignored"]
fn the_sdk_of_anthropic_finds_everything_as_it_is_used_to() {
    let sim = Anthropic::start(Judge::Scripted);
    tell("anthropic_story.py", &sim.url(), sim::anthropic::API_KEY);
}

#[test]
#[ignore = "installs the Python SDKs: cargo test -p sim -- --ignored"]
fn the_sdk_of_openai_finds_everything_as_it_is_used_to() {
    let sim = OpenAi::start(Flavour::OpenAi, Judge::Scripted);
    tell("openai_story.py", &sim.url(), sim::openai::API_KEY);
}
