//! Services of others as processes of their own: the simulators of `sim`, for demo and pages.

use crate::http::call;
use crate::served::{Served, free};
use crate::tools::{Workspace, run};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

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

/// The key that the simulator of Gong takes, and its secret.
const GONG_KEY: (&str, &str) = ("SIMULATEDACCESSKEY", "simulated-access-key-secret");
/// What the demo's deliveries prove themselves by. It opens nothing but the demo.
const RINGS_BY: &str = "a-secret-of-the-demo-alone";
/// What the demo's connection is called.
const CONNECTION: &str = "demo";
/// Seconds from one call that finishes to the next, and until its transcript is there.
const EVERY_S: (&str, &str) = ("40", "15");

/// A running simulator of Gong, in which calls go on and finish.
pub struct Gong {
    /// Where it answers.
    pub address: SocketAddr,
    /// It ends when this end of its input is closed, by whoever has it by then.
    pub line: ChildStdin,
}

impl Gong {
    /// Builds and starts it. It rings at the program that listens there.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn start(workspace: &Workspace, listens: SocketAddr) -> Result<Self> {
        let program = service(workspace, "gong")?;
        let address = free()?;
        // Other calls each time.
        let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut command = workspace.command(program);
        command.args([
            "--port",
            &address.port().to_string(),
            "--seed",
            &seed.to_string(),
            "--backlog",
            "0",
            "--calls",
            "2000",
        ]);
        command.args(["--every-s", EVERY_S.0, "--transcript-after-s", EVERY_S.1, "--secret", RINGS_BY]);
        command.args(["--webhook", &format!("http://{listens}/webhooks/gong/{CONNECTION}")]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("Gong cannot be started")?;
        let line = child.stdin.take().context("it has an input")?;
        Ok(Self { address, line })
    }
}

/// Has the program that listens there take calls from the simulator of Gong.
///
/// # Errors
/// When it does not let this be set up.
pub fn connect(listens: SocketAddr, gong: SocketAddr, admin: &str, password: &str) -> Result<()> {
    let login = json!({ "username": admin, "password": password });
    let tokens = call(listens, "POST", "/api/v1/auth/login", None, Some(&login))?;
    let token = tokens["access_token"].as_str();
    let settings = json!({ "base_url": format!("http://{gong}"), "access_key": GONG_KEY.0, "proof": "hmac" });
    let secrets = json!({ "secret": GONG_KEY.1, "webhook_secret": RINGS_BY });
    let known = call(listens, "GET", "/api/v1/connections", token, None)?;
    let ours = known["items"].as_array().into_iter().flatten().find(|known| known["name"] == CONNECTION);
    if let Some(id) = ours.and_then(|known| known["id"].as_str()) {
        // It answers elsewhere each time.
        let change = json!({ "settings": settings, "secrets": secrets });
        call(listens, "PATCH", &format!("/api/v1/connections/{id}"), token, Some(&change))?;
    } else {
        let new = json!({ "kind": "gong", "name": CONNECTION, "settings": settings, "secrets": secrets });
        call(listens, "POST", "/api/v1/connections", token, Some(&new))?;
    }
    Ok(())
}

/// Builds the simulator of a service, `gong` or `fireflies`: the file that is started, by whoever knows what it shall do.
///
/// # Errors
/// When it cannot be built.
pub fn service(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    run(&mut workspace.cargo(["build", "--quiet", "--locked", "--package", "sim", "--example", name]))?;
    Ok(workspace.target().join("debug/examples").join(name))
}
