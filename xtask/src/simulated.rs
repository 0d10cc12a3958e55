//! Services of others as processes of their own: the simulators of `sim`, for demo and pages.

use crate::http::call;
use crate::served::{Served, free};
use crate::tools::{Workspace, run};
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::process::Command;

/// The key that the simulator takes.
const KEY: &str = "sk-ant-simulated-key";

/// A running simulator; ended when dropped.
pub struct Model(Served);

impl Model {
    /// Builds and starts it. It judges as the offline analyst does, and says what it is told by who speaks to it.
    ///
    /// # Errors
    /// When it cannot be built or does not get ready.
    pub fn start(workspace: &Workspace) -> Result<Self> {
        run(&mut workspace.cargo(["build", "--quiet", "--locked", "--package", "sim", "--example", "llm"]))?;
        let address = free()?;
        let mut command = workspace.command(workspace.target().join("debug/examples/llm"));
        command.args(["--port", &address.port().to_string(), "--judge", "scripted"]);
        Ok(Self(Served::start(&mut command, address, "/__sim/clock")?))
    }

    /// How many requests it was sent so far.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn requests(&self) -> Result<usize> {
        let journal = call(self.0.address, "GET", "/__sim/requests", None, None)?;
        Ok(journal.as_array().context("the journal is no list")?.len())
    }

    /// Has the program judge by it.
    pub fn judges<'a>(&self, sideline: &'a mut Command) -> &'a mut Command {
        sideline
            .env("SIDELINE_MODEL_PROVIDER", "anthropic")
            .env("SIDELINE_MODEL_URL", format!("http://{}", self.0.address))
            .env("SIDELINE_MODEL_KEY", KEY)
    }
}

/// Builds the simulator of Gong: the file that is started, by whoever knows what it shall do.
///
/// # Errors
/// When it cannot be built.
pub fn gong(workspace: &Workspace) -> Result<PathBuf> {
    run(&mut workspace.cargo(["build", "--quiet", "--locked", "--package", "sim", "--example", "gong"]))?;
    Ok(workspace.target().join("debug/examples/gong"))
}
