//! Commands that are run, and the tools that are installed for them.

use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The repository and the folder of its build artefacts.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

/// A cargo subcommand that is installed where it is missing.
pub struct CargoTool {
    /// What follows `cargo`, for example `deny`.
    pub subcommand: &'static str,
    /// The version installed; another one that is there already is used as it is.
    pub version: &'static str,
    /// Further arguments of `cargo install`.
    pub options: &'static [&'static str],
}

impl Workspace {
    /// The repository this program was built from.
    pub fn here() -> Self {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository").to_path_buf();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Self { root, target }
    }

    /// The repository's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Folder of build artefacts; everything in it can be made again.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// A command at the root that finds the tools installed by [`Workspace::ensure`].
    pub fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(&self.root);
        let mut folders = vec![self.tools().join("bin")];
        folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
        command
    }

    /// The program on an installation of its own, whatever the environment or a file says of whoever runs this.
    pub fn sideline(&self, program: &Path, data: &Path, database_url: Option<&str>) -> Command {
        let mut command = self.command(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("SIDELINE_") || name == "DATABASE_URL" || name.ends_with("_API_KEY") {
                command.env_remove(&*name);
            }
        }
        // Given by name, so that no other file is read; it holds nothing.
        command.env("SIDELINE_CONFIG", "/dev/null").env("SIDELINE_DATA_DIR", data);
        if let Some(url) = database_url {
            command.env("SIDELINE_DATABASE_URL", url);
        }
        command
    }

    /// `cargo`, the same one that runs this program.
    pub fn cargo<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut command = self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args);
        command
    }

    /// Installs a cargo subcommand under the target folder unless it is there. Nothing outside the repository changes.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub fn ensure(&self, tool: &CargoTool) -> Result<()> {
        if succeeds(self.cargo([tool.subcommand, "--version"])) {
            return Ok(());
        }
        let package = format!("cargo-{}", tool.subcommand);
        println!("    {package} is missing: installing {} into {}, once", tool.version, self.tools().display());
        let start = Instant::now();
        // The tool works for seconds and compiles for minutes: built without optimisation it is there in half the time.
        let install = self
            .cargo(["install", "--quiet", "--locked", &package, "--version", tool.version])
            .args(tool.options)
            .arg("--root")
            .arg(self.tools())
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .status();
        match install {
            Ok(status) if status.success() => {
                println!("    installed after {:.0} s", start.elapsed().as_secs_f64());
                Ok(())
            }
            _ => bail!("{package} cannot be installed; by hand: `cargo install --locked {package}`"),
        }
    }

    fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }
}

/// Runs a command with its output shown.
///
/// # Errors
/// When it cannot be started or fails; names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` cannot be started", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs a command and returns what it prints; its errors are shown.
///
/// # Errors
/// As [`run`]; also when the output is no UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("`{}` cannot be started", line(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", line(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed what is no UTF-8", line(command)))
}

/// Runs a command that reads `input`; its output is shown.
///
/// # Errors
/// As [`run`].
pub fn feed(command: &mut Command, input: &str) -> Result<()> {
    let mut child =
        command.stdin(Stdio::piped()).spawn().with_context(|| format!("`{}` cannot be started", line(command)))?;
    // What ends without reading says by its status why.
    let _ = child.stdin.take().map(|mut pipe| pipe.write_all(input.as_bytes()));
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Whether a command can be started and succeeds; nothing is shown.
pub fn succeeds(mut command: Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command as a person would type it, the program without its folder.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_named_as_typed() {
        let error = run(Workspace::here().cargo(["no-such-subcommand"]).stderr(Stdio::null())).unwrap_err();
        assert!(error.to_string().starts_with("`cargo no-such-subcommand` failed"), "{error}");
    }

    #[test]
    fn the_root_is_the_repository() {
        let workspace = Workspace::here();
        assert!(workspace.root().join("deny.toml").is_file());
        assert!(succeeds(workspace.cargo(["--version"])));
        assert!(!succeeds(workspace.command("no-such-program")));
    }
}
