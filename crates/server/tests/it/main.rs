//! The program as its users meet it: the built binary on files, with arguments, pipes and exit codes.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and speak as tests do")]

mod backup;
mod bad_input;
mod faults;
mod gong;
mod judged;
mod kept;
mod killed;
mod knowledge;
mod label;
mod measure;
mod originals;
mod parse;
mod readme;
mod report;
mod rubric;
mod search;
mod serve;
mod sides;
mod synth;

use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run left behind.
struct Run {
    /// Exit code.
    code: i32,
    /// Standard output.
    out: String,
    /// Standard error.
    err: String,
}

impl Run {
    /// Standard output as one JSON value.
    fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in {:?}; standard error: {}", self.out, self.err))
    }

    /// Standard output as JSON Lines.
    fn json_lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}")))
            .collect()
    }

    /// The run itself, if it ended with this code.
    fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "standard output: {}\nstandard error: {}", self.out, self.err);
        self
    }
}

/// The program in the directory of the fixtures, with neither colour nor terminal, and with the usual settings whatever whoever tests has set.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sideline"));
    let own = |name: &OsStr| {
        let name = name.as_encoded_bytes();
        name == b"DATABASE_URL" || name.starts_with(b"SIDELINE_") || name.ends_with(b"_API_KEY")
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| own(name)) {
        command.env_remove(name);
    }
    command.args(args).current_dir(fixtures()).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program.
fn sideline(args: &[&str]) -> Run {
    finish(command(args).spawn().unwrap())
}

/// Runs the program with something on standard input.
fn sideline_with(args: &[&str], stdin: &[u8]) -> Run {
    let mut child = command(args).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    let writer = std::thread::spawn(move || pipe.write_all(&bytes));
    let run = finish(child);
    // It may end before it has read everything.
    let _ = writer.join().unwrap();
    run
}

fn finish(child: std::process::Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().expect("it ends by itself"), out: text(output.stdout), err: text(output.stderr) }
}

/// Where the fixtures are.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Files of the shared samples, or none, told, where there are no shared samples.
fn shared(dir: &str, extension: &str) -> Vec<String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(dir);
    let Ok(entries) = std::fs::read_dir(&dir) else {
        println!("SKIPPED: {} is not there", dir.display());
        return Vec::new();
    };
    let mut files: Vec<String> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension) && !path.to_string_lossy().contains(".tldr."))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    files.sort();
    files
}

/// An empty directory of this test's own.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn the_usual_settings_hold() {
    let dir = scratch(&format!("usual_{}", std::process::id()));
    finish(command(&["calls"]).env("SIDELINE_DATA_DIR", &dir).spawn().unwrap()).ended(0);
    std::fs::remove_dir_all(dir).unwrap();
}

/// `cargo xtask test --long` sets one such variable for all tests.
#[test]
fn the_environment_of_whoever_tests_does_not_matter() {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "the_usual_settings_hold"]).env("SIDELINE_FUZZ_ROUNDS", "1").env("DATABASE_URL", "nonsense");
    let run = finish(again.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert!(run.code == 0 && run.out.contains("1 passed"), "{} {}", run.out, run.err);
}

#[test]
fn help_teaches_and_names_the_exit_codes() {
    let help = sideline(&["--help"]).ended(0).out;
    for word in ["sideline report call.vtt", "Exit codes", "no network", "label", "completions"] {
        assert!(help.contains(word), "{word} is not in {help}");
    }
    assert!(sideline(&["--version"]).ended(0).out.starts_with("sideline "));
    assert!(
        sideline(&["repot"]).ended(2).err.contains("report"),
        "a slip of the finger is answered with the command that was meant"
    );
    sideline(&[]).ended(2);
}

#[test]
fn help_has_its_first_line_and_no_line_broken_by_hand() {
    for command in
        [&[][..], &["parse"], &["metrics"], &["label"], &["report"], &["rubric"], &["synth"], &["completions"]]
    {
        let help = sideline(&[command, &["--help"]].concat()).ended(0).out;
        let first = help.lines().next().unwrap_or_default();
        assert!(first.len() > 20 && !first.starts_with("Usage"), "{command:?} says first what it is for: {help}");
        let prose: Vec<&str> = help.lines().take_while(|line| !line.starts_with("Examples:")).collect();
        let examples = help.lines().skip_while(|line| !line.starts_with("Examples:"));
        for line in examples.take_while(|line| !line.is_empty()) {
            assert!(line.len() <= 80, "{command:?}: {line}");
        }
        for pair in prose.windows(2) {
            // A short line of prose with another line under it was broken by hand, or left over by such a break.
            let goes_on = !pair[0].starts_with(' ') && pair[1].starts_with(|c: char| c.is_lowercase());
            assert!(!goes_on || pair[0].len() > 75, "{command:?}: {pair:?}");
        }
    }
}

#[test]
fn completions_come_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sideline(&["completions", shell]).ended(0).out;
        assert!(script.contains("sideline") && script.contains("internal"), "{shell}");
    }
    sideline(&["completions", "cobol"]).ended(2);
}
