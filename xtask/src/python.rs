//! Python programs that checks and measurements need: each set of packages in a virtual environment of its own.

use crate::tools::{Workspace, run, succeeds};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Makes the virtual environment `name` under the target folder with the packages of `requirements` (from the root), unless it is there with the
/// same ones. Returns the folder of its programs.
///
/// # Errors
/// When Python is missing and cannot be installed, or the packages cannot.
pub fn environment(workspace: &Workspace, name: &str, requirements: &Path) -> Result<PathBuf> {
    let folder = workspace.target().join(name);
    let bin = folder.join("bin");
    let requirements = workspace.root().join(requirements);
    let wanted = fs::read_to_string(&requirements).with_context(|| requirements.display().to_string())?;
    let installed = folder.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(bin);
    }
    eprintln!("installing {} into {}", requirements.display(), folder.display());
    make(workspace, &folder)?;
    let mut pip = workspace.command(bin.join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    run(pip.arg(&requirements))?;
    fs::write(&installed, wanted)?;
    Ok(bin)
}

/// A Python that has pip: the system's, or else one of a virtual environment that is made in `folder`.
///
/// # Errors
/// When Python is missing and cannot be installed.
pub fn with_pip(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    let mut pip = workspace.command("python3");
    pip.args(["-m", "pip", "--version"]);
    if succeeds(pip) {
        return Ok("python3".into());
    }
    make(workspace, folder)?;
    Ok(folder.join("bin/python"))
}

/// Makes an empty virtual environment; installs what Python needs for it where that is missing and possible.
fn make(workspace: &Workspace, folder: &Path) -> Result<()> {
    let venv = || {
        let mut command = workspace.command("python3");
        command.args(["-m", "venv", "--clear"]).arg(folder).stdout(Stdio::null());
        command
    };
    if succeeds(venv()) {
        return Ok(());
    }
    let apt = |words: &[&str]| run(workspace.command("apt-get").args(words).stdout(Stdio::null()));
    apt(&["update"])
        .and_then(|()| apt(&["install", "--yes", "--no-install-recommends", "python3-venv"]))
        .context("Python 3 with `venv` is missing (Debian: python3-venv)")?;
    run(&mut venv())
}
