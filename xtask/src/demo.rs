//! `cargo xtask demo`: from a fresh clone to a coaching report.

use crate::tools::{Workspace, output, run as run_command};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the demo lies, from the root.
const FOLDER: &str = "out/demo";

/// Where its kept calls lie, in the folder of build artefacts.
const KEPT: &str = "demo/data";

/// The synthetic calls: their kind, the rubric that judges it, how many.
const SAMPLES: [(&str, &str, &str); 2] = [("sales", "default", "8"), ("service", "service", "4")];

/// A hand-written call whose file does not say whose side anybody is on, and who is ours.
const WRITTEN: (&str, &str) = ("crates/server/tests/fixtures/sales.vtt", "Dana");

/// Builds the program, makes sample calls and a web page for each, prints the report of the best one, keeps all of them and lists them. Running it
/// again makes the same files.
///
/// # Errors
/// When the program cannot be built or fails on a sample.
pub fn run(workspace: &Workspace) -> Result<()> {
    // The dev build: most of it is built for xtask already, and a report takes it a fraction of a second. Release takes minutes more.
    run_command(&mut workspace.cargo(["build", "--locked", "--package", "server"]))?;
    let program = workspace.target().join("debug/sideline");
    let sideline = || workspace.command(&program);
    let folder = workspace.root().join(FOLDER);
    let pages = folder.join("reports");
    fs::create_dir_all(&pages).with_context(|| pages.display().to_string())?;

    let (written, ours) = WRITTEN;
    let page = pages.join("sales.html");
    run_command(sideline().args(["report", written, "--internal", ours, "--format", "html", "--output"]).arg(page))?;

    let mut best: Option<(f64, String)> = None;
    for (kind, rubric, count) in SAMPLES {
        let calls = folder.join(kind);
        let synth = ["--quiet", "synth", "--seed", "1", "--force", "--kind", kind, "--calls", count, "--out"];
        run_command(sideline().args(synth).arg(&calls))?;
        let files = transcripts(&calls)?;
        let report = ["--quiet", "report", "--rubric", rubric];
        run_command(sideline().args(report).args(["--format", "html", "--output"]).arg(&pages).args(&files))?;
        for line in output(sideline().args(report).arg("--json").args(&files))?.lines() {
            let report: Value = serde_json::from_str(line)?;
            let (Some(score), Some(file)) = (report["overall_score"].as_f64(), report["file"].as_str()) else {
                continue;
            };
            if kind == "sales" && best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, file.to_owned()));
            }
        }
    }
    let (_, best) = best.context("no sample call has an overall score")?;
    println!();
    run_command(sideline().arg("report").arg(&best))?;
    keep(workspace, &program, &folder)?;
    println!("{}", farewell(workspace, &program, Path::new(&best)));
    Ok(())
}

/// Imports the samples into a new installation of the demo's own, and lists them.
fn keep(workspace: &Workspace, program: &Path, samples: &Path) -> Result<()> {
    let data = workspace.target().join(KEPT);
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| data.display().to_string())?;
    }
    let sideline = || workspace.sideline(program, &data, None);
    println!("\nThe same calls, kept:\n");
    let (written, ours) = WRITTEN;
    run_command(sideline().args(["--quiet", "import", written, "--internal", ours]))?;
    for (kind, rubric, _) in SAMPLES {
        run_command(sideline().args(["--quiet", "import"]).arg(samples.join(kind)).env("SIDELINE_RUBRIC", rubric))?;
    }
    println!();
    run_command(sideline().arg("calls"))
}

/// The calls in a folder by name, without the truth beside them.
fn transcripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut calls = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".json") && !name.ends_with(".truth.json") {
            calls.push(path);
        }
    }
    calls.sort();
    Ok(calls)
}

fn farewell(workspace: &Workspace, program: &Path, best: &Path) -> String {
    let root = workspace.root();
    let data = workspace.target().join(KEPT);
    let short = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    let (program, best, data) = (short(program), short(best), short(&data));
    let (written, ours) = WRITTEN;
    format!(
        "\nThat was {best}. A page for every call lies in {FOLDER}/reports, the calls in {FOLDER}/sales and {FOLDER}/service,\n\
         each with the truth it was made from.\n\
         \n\
         Try next:\n\
         \x20 {program} report {written} --internal {ours}\n\
         \x20 echo 'Honestly, that is more than we budgeted for.' | {program} label\n\
         \x20 {program} report YOUR-CALL.vtt\n\
         \x20 SIDELINE_DATA_DIR={data} {program} calls --rep 'Dana Whitlock'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_farewell_names_paths_from_the_root() {
        let workspace = Workspace::here();
        let root = workspace.root();
        let best = root.join("out/demo/sales/CALL_1.json");
        let text = farewell(&workspace, &root.join("target/debug/sideline"), &best);
        assert!(text.contains("That was out/demo/sales/CALL_1.json."), "{text}");
        assert!(
            text.contains("  target/debug/sideline report crates/server/tests/fixtures/sales.vtt --internal Dana\n"),
            "{text}"
        );
        assert!(text.contains("demo/data target/debug/sideline calls"), "{text}");
        assert!(!text.contains(&format!("That was {}", root.display())), "{text}");
    }

    #[test]
    fn the_written_call_is_there() {
        assert!(Workspace::here().root().join(WRITTEN.0).is_file());
    }

    #[test]
    fn truths_and_pages_are_no_transcripts() {
        let folder = std::env::temp_dir().join(format!("sideline-demo-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["CALL_2.json", "CALL_1.json", "CALL_1.truth.json", "CALL_1.html"] {
            fs::write(folder.join(name), "{}").unwrap();
        }
        let found = transcripts(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["CALL_1.json", "CALL_2.json"]);
    }
}
