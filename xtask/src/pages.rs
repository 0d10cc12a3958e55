//! The pages in `web/`: built by Node's tools, checked, and tried in a real browser.

use crate::served::Served;
use crate::simulated::{self, Model};
use crate::tools::{Workspace, output, run, succeeds};
use anyhow::{Context as _, Result, ensure};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// The oldest Node.js that Vite runs on.
const NODE: (u32, u32) = (20, 19);

/// Where real transcripts lie, beside the repository.
const SHARED: &str = "../shared/data";

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("web")
}

fn npm(workspace: &Workspace, args: &[&str]) -> Command {
    let mut npm = workspace.command("npm");
    npm.current_dir(folder(workspace)).args(args).env("npm_config_update_notifier", "false");
    npm
}

/// Builds the pages, unless they are as new as what they are made of.
///
/// # Errors
/// When Node.js is missing, or what is there cannot be built.
pub fn build(workspace: &Workspace) -> Result<()> {
    let web = folder(workspace);
    let built = web.join("dist/index.html");
    let made_of = ["src", "public", "index.html", "package-lock.json", "vite.config.ts", "tsconfig.json"];
    let newest = made_of.iter().map(|name| changed(&web.join(name))).collect::<Result<Vec<_>>>()?.into_iter().max();
    if built.exists() && Some(changed(&built)?) >= newest {
        return Ok(());
    }
    install(workspace)?;
    println!("building the pages");
    run(&mut npm(workspace, &["run", "--silent", "build", "--", "--logLevel", "warn"]))
}

/// Checks what the pages are written in, their logic, and that the types of the interface are those of its description.
///
/// # Errors
/// When something does not hold.
pub fn check(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    let types = folder(workspace).join("src/api/schema.d.ts");
    let kept = fs::read_to_string(&types)?;
    let made = workspace.target().join("schema.d.ts");
    run(npm(workspace, &["exec", "--", "openapi-typescript", "../docs/openapi.json", "--alphabetize", "--output"])
        .arg(&made)
        .stdout(Stdio::null()))?;
    ensure!(
        fs::read_to_string(made)? == kept,
        "web/src/api/schema.d.ts is not as docs/openapi.json: `npm run types` in web/"
    );
    run(&mut npm(workspace, &["run", "--silent", "lint"]))?;
    build(workspace)?;
    run(&mut npm(workspace, &["run", "--silent", "test"]))
}

/// Goes the main ways through the pages in a real browser, on the program with the demo's calls.
///
/// # Errors
/// When a way does not lead where it should.
pub fn walk(workspace: &Workspace) -> Result<()> {
    run(&mut Ways::of(workspace)?.vitest(workspace, None))
}

/// How soon the pages answer a hand: names and medians in milliseconds.
///
/// # Errors
/// When the pages cannot be opened.
pub fn pace(workspace: &Workspace) -> Result<Vec<(String, f64)>> {
    let told = output(&mut Ways::of(workspace)?.vitest(workspace, Some(("SIDELINE_PACE", "1".as_ref()))))?;
    let lines = told.lines().filter(|line| line.starts_with('{'));
    let measured: Vec<(String, f64)> = lines
        .map(|line| {
            let Measured { name, value } = serde_json::from_str(line).with_context(|| line.to_owned())?;
            Ok((name, value))
        })
        .collect::<Result<_>>()?;
    ensure!(!measured.is_empty(), "nothing was measured: {told}");
    Ok(measured)
}

/// A line of `test/pace.ts`.
#[derive(serde::Deserialize)]
struct Measured {
    name: String,
    value: f64,
}

/// Takes a picture of every page into `folder`.
///
/// # Errors
/// When a page cannot be opened.
pub fn screenshots(workspace: &Workspace, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let folder = folder.canonicalize()?;
    run(&mut Ways::of(workspace)?.vitest(workspace, Some(("SIDELINE_PICTURES", folder.as_os_str()))))?;
    println!("pictures of every page are in {}", folder.display());
    Ok(())
}

/// What the pages are gone through with: a browser, the program with the demo's calls, and one that is empty.
struct Ways {
    chromium: String,
    served: Served,
    /// The same calls, where a model judges.
    modelled: Served,
    /// Its service.
    _model: Model,
    password: String,
    empty: Served,
    /// One that is connected to services, and the simulators of them.
    connected: Served,
    gong: PathBuf,
    fireflies: PathBuf,
}

impl Ways {
    fn of(workspace: &Workspace) -> Result<Self> {
        build(workspace)?;
        let chromium = chromium(workspace)?;
        let (command, password) = crate::demo::installation(workspace, "pages")?;
        let model = Model::start(workspace)?;
        let mut copy = crate::demo::copy_of(workspace, "pages", "pages-model")?;
        model.judges(&mut copy);
        let modelled = Served::sideline(copy)?;
        let served = Served::sideline(command)?;
        let empty = Served::sideline(crate::demo::empty_installation(workspace, "pages-empty")?)?;
        let connected = Served::sideline(crate::demo::empty_installation(workspace, "pages-connected")?)?;
        let (gong, fireflies) = (simulated::service(workspace, "gong")?, simulated::service(workspace, "fireflies")?);
        Ok(Self { chromium, served, modelled, _model: model, password, empty, connected, gong, fireflies })
    }

    /// Goes all ways, or does what this variable stands for.
    fn vitest(&self, workspace: &Workspace, instead: Option<(&str, &OsStr)>) -> Command {
        let mut command = npm(workspace, &["exec", "--", "vitest", "run", "--config", "test/vitest.config.ts"]);
        command.envs(instead);
        // Files of others, which are not part of the project.
        if let Ok(shared) = workspace.root().join(SHARED).canonicalize() {
            command.env("SIDELINE_SHARED", shared);
        }
        command.env("SIDELINE_URL", format!("http://{}", self.served.address)).env("SIDELINE_PASSWORD", &self.password);
        command.env("SIDELINE_MODELLED_URL", format!("http://{}", self.modelled.address));
        command.env("SIDELINE_EMPTY_URL", format!("http://{}", self.empty.address));
        command.env("SIDELINE_CONNECTED_URL", format!("http://{}", self.connected.address));
        command.env("SIDELINE_GONG_SIMULATOR", &self.gong);
        command.env("SIDELINE_FIREFLIES_SIMULATOR", &self.fireflies);
        command.env("SIDELINE_CHROMIUM", &self.chromium);
        command
    }
}

/// The browser; Debian's is installed where there is none.
fn chromium(workspace: &Workspace) -> Result<String> {
    let found = || {
        ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(|name| {
            let path = output(workspace.command("sh").args(["-c", "command -v \"$0\"", name])).ok()?;
            Some(path.trim().to_owned()).filter(|path| !path.is_empty())
        })
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    let apt = |words: &[&str]| run(workspace.command("apt-get").args(words).stdout(Stdio::null()));
    apt(&["update"])
        .and_then(|()| apt(&["install", "--yes", "--no-install-recommends", "chromium"]))
        .context("Chromium is missing, in which the pages are tried (Debian: chromium)")?;
    found().context("Chromium is not where programs are")
}

/// Installs what the pages are built with, as the lock file has it, unless it is there.
fn install(workspace: &Workspace) -> Result<()> {
    let version = output(workspace.command("node").arg("--version")).unwrap_or_default();
    let mut parts = version.trim().trim_start_matches('v').split('.').filter_map(|part| part.parse().ok());
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    ensure!(
        found >= NODE && succeeds(npm(workspace, &["--version"])),
        "Node.js {}.{} or newer with npm is missing, which builds the pages: https://nodejs.org/en/download",
        NODE.0,
        NODE.1
    );
    let web = folder(workspace);
    // What npm leaves when it is done.
    let done = web.join("node_modules/.package-lock.json");
    if done.exists() && changed(&done)? >= changed(&web.join("package-lock.json"))? {
        return Ok(());
    }
    println!("installing what the pages are built with");
    // Not `ci`, which refuses a lock file that was written where the tools of other platforms cannot be had; the versions are those of the lock file.
    run(&mut npm(workspace, &["install", "--no-save", "--no-audit", "--no-fund", "--loglevel", "error"]))?;
    // Untouched where everything was there already, which would be looked for at each start.
    fs::File::options().append(true).open(&done)?.set_modified(SystemTime::now())?;
    Ok(())
}

/// When a file, or the latest in a folder, was changed.
fn changed(path: &Path) -> Result<SystemTime> {
    let here = fs::metadata(path).with_context(|| path.display().to_string())?;
    if !here.is_dir() {
        return Ok(here.modified()?);
    }
    let within = fs::read_dir(path)?.map(|entry| changed(&entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(within.into_iter().max().unwrap_or(SystemTime::UNIX_EPOCH))
}
