//! The rules of the house that no compiler keeps: short files, pure crates, nothing of one machine in the repository, a readable truth set.

use crate::tools::{Workspace, output};
use crate::truth;
use anyhow::{Result, bail};
use std::path::Path;

/// Lines a source file may have; longer ones are two subjects in one file.
const MAX_LINES: usize = 600;

/// Crates without files, network, clock or async, by their folder.
const PURE: [&str; 6] = [
    "crates/transcript/src/",
    "crates/signals/src/",
    "crates/retrieval/src/",
    "crates/rubric/src/",
    "crates/synth/src/",
    "crates/winners/src/",
];

/// Names that a pure crate does not utter.
const IMPURE: [&str; 6] = ["fs", "net", "process", "tokio", "SystemTime", "Instant"];

/// The manifest of the simulators, and the crates of ours that these know. They are written from what services publish, so they know no client.
const SIMULATORS: (&str, [&str; 5]) = ("crates/sim/Cargo.toml", ["kernel", "transcript", "signals", "rubric", "synth"]);

/// Beginnings of absolute paths that exist on one machine, and hosts that cargo, pip, npm and apt know by themselves. Each in two parts,
/// so that this file does not find itself.
const FOREIGN: [(&str, &str); 9] = [
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("/Us", "ers/"),
    ("/wo", "rk/"),
    ("index.cr", "ates.io"),
    ("static.cr", "ates.io"),
    ("files.python", "hosted.org"),
    ("registry.np", "mjs.org"),
    ("deb.deb", "ian.org"),
];

/// Checks every file that git knows or would add, and that the truth set can be read.
///
/// # Errors
/// With all findings, `file:line: sentence` each.
pub fn check(workspace: &Workspace) -> Result<()> {
    let listed = output(&mut {
        let mut git = workspace.command("git");
        git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
        git
    })?;
    let crates: Vec<&str> = listed
        .split_terminator('\0')
        .filter_map(|name| name.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"))
        .collect();
    let mut findings = Vec::new();
    let mut count = 0;
    for name in listed.split_terminator('\0') {
        // A file that was deleted but not yet committed is listed; a binary one has no lines.
        if let Ok(text) = std::fs::read_to_string(workspace.root().join(name)) {
            count += 1;
            check_file(name, &text, &mut findings);
            if name == SIMULATORS.0 {
                check_simulators(&text, &crates, &mut findings);
            }
        }
    }
    if !findings.is_empty() {
        bail!("{} findings\n{}", findings.len(), findings.join("\n"));
    }
    let truth = workspace.root().join("truth");
    let calls = truth::read_folder(&truth.join("dev"))?.len() + truth::read_folder(&truth.join("holdout"))?.len();
    println!("    {count} files, {calls} of them calls of the truth set");
    Ok(())
}

fn check_file(name: &str, text: &str, findings: &mut Vec<String>) {
    let is_rust = Path::new(name).extension().is_some_and(|extension| extension == "rs");
    let is_source =
        is_rust && (name.starts_with("xtask/src/") || name.starts_with("crates/") && name.contains("/src/"));
    let lines = text.lines().count();
    if is_source && lines > MAX_LINES {
        findings.push(format!(
            "{name}:{lines}: {lines} lines; a source file has at most {MAX_LINES}, so split it by subject"
        ));
    }
    // Tests, at the end of a file or in one of their own, may read fixtures.
    let mut is_pure = is_rust && PURE.iter().any(|folder| name.starts_with(folder)) && !name.ends_with("/tests.rs");
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        is_pure &= line != "#[cfg(test)]";
        if is_pure && let Some(word) = impure(line) {
            findings.push(format!("{name}:{number}: `{word}` in a pure crate; the caller reads files and clocks"));
        }
        // The lock file names the registry as cargo writes it.
        if name != "Cargo.lock"
            && let Some(part) = foreign(line)
        {
            findings.push(format!(
                "{name}:{number}: `{part}` belongs to one machine or to a tool's own settings, not into the repository"
            ));
        }
    }
}

/// Finds the crates of ours in the manifest of the simulators that these must not know.
fn check_simulators(manifest: &str, crates: &[&str], findings: &mut Vec<String>) {
    let (name, known) = SIMULATORS;
    for (index, line) in manifest.lines().enumerate() {
        // `llm.workspace = true`, `llm = { … }`; the name of the package is in quotation marks.
        let word = line.split(['.', '=', ' ']).next().unwrap_or_default();
        if crates.contains(&word) && !known.contains(&word) {
            findings.push(format!("{name}:{}: simulators do not know `{word}`, nor any client", index + 1));
        }
    }
}

/// The first impure name in a line of code: a path segment of `std` (also within `std::{…}`), or the name of a crate or type.
fn impure(line: &str) -> Option<&'static str> {
    let code = line.trim_start();
    if code.starts_with("//") {
        return None;
    }
    let names_std = code.contains("std::");
    let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    IMPURE.into_iter().find(|name| {
        let is_module = name.chars().all(char::is_lowercase) && *name != "tokio";
        words.contains(name) && (names_std || !is_module)
    })
}

/// The first foreign path or host in a line. A path counts where it begins, not within an address or a longer path.
fn foreign(line: &str) -> Option<String> {
    FOREIGN.iter().map(|(a, b)| format!("{a}{b}")).find(|part| {
        line.match_indices(part.as_str()).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !part.starts_with('/') || before.is_none_or(|c| !c.is_alphanumeric() && !"./-_}*~".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check_file(name, text, &mut findings);
        findings
    }

    #[test]
    fn a_long_source_file_is_found() {
        let text = "x\n".repeat(MAX_LINES + 1);
        assert_eq!(findings("crates/db/src/a.rs", &text).len(), 1);
        assert_eq!(findings("xtask/src/a.rs", &text).len(), 1);
        assert!(findings("crates/db/src/a.rs", &text[2..]).is_empty());
        assert!(findings("crates/db/data/words.tsv", &text).is_empty());
    }

    #[test]
    fn impure_names_are_found_in_pure_crates_only() {
        for line in [
            "use std::fs;",
            "let t = std::time::Instant::now();",
            "use std::{io, net};",
            "tokio::spawn(f)",
            "fn f(t: SystemTime) {}",
        ] {
            assert_eq!(findings("crates/signals/src/a.rs", line).len(), 1, "{line}");
            assert!(findings("crates/server/src/a.rs", line).is_empty(), "{line}");
        }
        for line in ["// std::fs is not for us", "let net = gross - tax;", "use std::fmt;"] {
            assert!(findings("crates/signals/src/a.rs", line).is_empty(), "{line}");
        }
        assert!(findings("crates/signals/src/a.rs", "#[cfg(test)]\nuse std::fs;").is_empty());
        assert!(findings("crates/signals/src/a/tests.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn simulators_know_no_client() {
        let found = |manifest: &str| {
            let mut findings = Vec::new();
            check_simulators(manifest, &["kernel", "llm", "sim", "synth"], &mut findings);
            findings
        };
        assert!(
            found("name = \"sim\"\nkernel.workspace = true\nserde.workspace = true\nsynth.workspace = true").is_empty()
        );
        for line in ["llm.workspace = true", "llm = { workspace = true }", "llm={ path = \"../llm\" }"] {
            assert_eq!(found(&format!("kernel.workspace = true\n{line}")).len(), 1, "{line}");
        }
    }

    #[test]
    fn paths_of_a_machine_and_hosts_of_registries_are_found() {
        for (a, b) in FOREIGN {
            assert_eq!(findings("README.md", &format!("see {a}{b}x")).len(), 1, "{a}{b}");
        }
        assert!(findings("README.md", &format!("https://example.com{}{}page", "/ho", "me/")).is_empty());
        assert!(findings("README.md", "crates/server, ../shared/data").is_empty());
    }
}
