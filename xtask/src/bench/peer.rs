//! The libraries we are measured against: installed into a virtual environment, run as a process that does one pass when asked.

use crate::python;
use crate::tools::Workspace;
use anyhow::{Context as _, Result, ensure};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A Python with the packages of bench/peers/requirements.txt.
pub struct Python {
    interpreter: PathBuf,
    script: PathBuf,
}

impl Python {
    /// Makes the virtual environment under the target folder unless it is there with the same packages.
    ///
    /// # Errors
    /// When Python is missing and cannot be installed, or the packages cannot.
    pub fn prepare(workspace: &Workspace) -> Result<Self> {
        let peers = Path::new("bench/peers");
        let bin = python::environment(workspace, "bench-venv", &peers.join("requirements.txt"))?;
        Ok(Self { interpreter: bin.join("python"), script: workspace.root().join(peers).join("peer.py") })
    }

    /// Starts the peer for `task` (see bench/peers/peer.py) on a file.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(&self, workspace: &Workspace, task: &str, file: &Path) -> Result<Peer> {
        let mut command = workspace.command(&self.interpreter);
        command.arg(&self.script).arg(task).arg(file);
        Peer::of(command)
    }
}

/// A running peer. It ends when dropped.
pub struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a program that does one pass for each line of its input, and then prints the seconds.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn of(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("the peer cannot be started")?;
        let input = child.stdin.take().context("the peer has no stdin")?;
        let output = BufReader::new(child.stdout.take().context("the peer has no stdout")?);
        Ok(Self { child, input: Some(input), output })
    }

    /// Seconds of one pass, as the peer measures them.
    ///
    /// # Errors
    /// When the peer has failed; it has said why on stderr.
    pub fn pass(&mut self) -> Result<f64> {
        if let Some(input) = &mut self.input {
            input.write_all(b"\n").context("the peer has ended")?;
        }
        let mut line = String::new();
        ensure!(self.output.read_line(&mut line)? > 0, "the peer has failed");
        line.trim().parse().with_context(|| format!("the peer said {line:?} instead of a number of seconds"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.input = None; // the end of its input is the end of the peer
        let _ = self.child.wait();
    }
}
