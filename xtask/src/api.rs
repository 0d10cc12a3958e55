//! The interface against its description: requests that schemathesis makes from `/openapi.json`, good ones and bad ones, on both databases at once, as an
//! admin and as a rep.

use crate::http::call;
use crate::postgres::Postgres;
use crate::python;
use crate::served::Served;
use crate::tools::{Workspace, run};
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

/// What is known of schemathesis here: packages, settings, and what it is to leave alone.
const FOLDER: &str = "xtask/schemathesis";
/// Seconds that requests are made for; and with `--long`, when an access token, which is good for 15 minutes, must still do.
const SECONDS: &str = "75";
const LONG_SECONDS: &str = "780";
/// Calls that there are.
const CALLS: &str = "24";
const PASSWORD: &str = "four-pallets-over-oslo";

/// Builds the program, fills it with a few calls and checks its answers for a while.
///
/// # Errors
/// When an answer is a fault of the server or is not as it is described; what schemathesis says of it is printed.
pub fn check(workspace: &Workspace, long: bool) -> Result<()> {
    let bin = python::environment(workspace, "schemathesis-venv", &Path::new(FOLDER).join("requirements.txt"))?;
    run(&mut workspace.cargo(["build", "--quiet", "--locked", "--package", "server"]))?;
    let postgres = Postgres::start(workspace)?;
    let folder = workspace.target().join("schemathesis");
    let _ = fs::remove_dir_all(&folder);
    let check = Check { workspace, folder, schemathesis: bin.join("schemathesis"), long };
    let url = postgres.url();
    let outcomes = thread::scope(|scope| {
        // A rep is refused much, which has to be as described as what an admin may.
        let all = [("sqlite", None, false), ("postgres", Some(url.as_str()), false), ("sqlite-rep", None, true)];
        let check = &check;
        let running = all.map(|(name, url, rep)| (name, scope.spawn(move || check.run(name, url, rep))));
        running.map(|(name, handle)| (name, handle.join().expect("a check does not panic")))
    });
    let mut failed = Vec::new();
    for (name, outcome) in outcomes {
        if let Some(told) = outcome.with_context(|| name.to_owned())? {
            println!("{told}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("answers are not as described ({})", failed.join(", "));
    }
    Ok(())
}

struct Check<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
    schemathesis: PathBuf,
    long: bool,
}

impl Check<'_> {
    /// What schemathesis says where it finds something.
    fn run(&self, name: &str, url: Option<&str>, as_rep: bool) -> Result<Option<String>> {
        let data = self.folder.join(name);
        fs::create_dir_all(&data)?;
        let program = self.workspace.target().join("debug/sideline");
        let sideline = || self.workspace.sideline(&program, &data, url);
        let calls = data.join("calls");
        run(sideline().args(["--quiet", "synth", "--calls", CALLS, "--agents", "4", "--out"]).arg(&calls))?;
        run(sideline().args(["--quiet", "import"]).arg(&calls).stdout(Stdio::null()))?;
        let log = data.join("serve.log");
        let mut serve = sideline();
        serve.stderr(File::create(&log)?);
        let served = Served::sideline(serve).with_context(|| log.display().to_string())?;
        let admin = json!({ "username": "admin", "email": "admin@check.example", "password": PASSWORD });
        call(served.address, "POST", "/api/v1/auth/register", None, Some(&admin))?;
        let login = |who: &str| -> Result<String> {
            let login = json!({ "username": who, "password": PASSWORD });
            let tokens = call(served.address, "POST", "/api/v1/auth/login", None, Some(&login))?;
            Ok(tokens["access_token"].as_str().context("no access token")?.to_owned())
        };
        let mut token = login("admin")?;
        if as_rep {
            let rep =
                json!({ "name": "Robin Rep", "email": "robin@check.example", "role": "rep", "password": PASSWORD });
            call(served.address, "POST", "/api/v1/users", Some(&token), Some(&rep))?;
            token = login("robin")?;
        }

        let settings = self.workspace.root().join(FOLDER);
        let mut schemathesis = self.workspace.command(&self.schemathesis);
        schemathesis.arg("--no-color").arg("--config-file").arg(settings.join("schemathesis.toml")).arg("run");
        schemathesis.arg(format!("http://{}/openapi.json", served.address));
        schemathesis.args(["--max-time", if self.long { LONG_SECONDS } else { SECONDS }]);
        // Three programs and three of these share the machine.
        schemathesis.args(["--request-timeout", "30"]);
        if !self.long {
            // The same requests every time; the long run looks elsewhere each time and says by which seed.
            schemathesis.args(["--seed", "1"]);
        }
        // What it remembers is kept where it runs.
        schemathesis
            .current_dir(&data)
            .env("PYTHONPATH", settings)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("SIDELINE_TOKEN", token);
        let output = schemathesis.stdin(Stdio::null()).output().context("schemathesis cannot be started")?;
        if output.status.success() {
            return Ok(None);
        }
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        Ok(Some(format!("==> on {name}; the log of the server is {}\n{said}", log.display())))
    }
}
