//! `cargo xtask demo`: from a fresh clone to a team's half year of deals and coached calls, served.

mod team;

use crate::simulated::{self, Gong, Model};
use crate::tools::{Workspace, output, run as run_command};
use crate::{embedding, postgres};
use crate::{http, tools};
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::{CommandExt as _, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use synth::team::TEAMS;

/// Where the demo's installations lie, in the folder of build artefacts.
const FOLDER: &str = "demo";
/// Stands in an installation that is whole.
const FILLED: &str = "filled";
/// Keeps the password of all logins.
const PASSWORD: &str = "password";
/// How long the program may take to get ready.
const PATIENCE: Duration = Duration::from_mins(1);
/// Stands in an installation whose latest calls a model has judged.
const JUDGED: &str = "judged";
/// How many of the latest calls a model judges.
const MODELLED: usize = 12;
/// Of how many calls the best is chosen.
const LOOKED_AT: usize = 20;
/// A call in which the customer speaks to whoever judges it.
const SPOKEN: &str = include_str!("spoken.txt");
/// Who sets the connection to Gong up.
const ADMIN: &str = "viktor";
/// What the last line of the part of a report that is shown begins with.
const LAST_LINE: &str = "Overall";

/// Options of `cargo xtask demo`.
#[derive(clap::Args)]
pub struct Args {
    /// Throw away what the last demo made and begin anew
    #[arg(long)]
    fresh: bool,
    /// Keep the calls in this PostgreSQL database, which the demo has for itself
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Do everything but serve
    #[arg(long)]
    no_serve: bool,
    /// Have the latest calls judged by a model: `sim` is a simulator on this machine, so that nothing is sent anywhere and nothing costs anything
    #[arg(long, value_name = "MODEL", value_parser = ["sim"])]
    model: Option<String>,
    /// Where to serve
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Say how to log in once the server is ready, and end: for the demo itself. The file with the password
    #[arg(long, hide = true, requires = "gong")]
    greet: Option<PathBuf>,
    /// Where the simulator of Gong answers, from which calls are to come
    #[arg(long, hide = true)]
    gong: Option<SocketAddr>,
    /// In a folder of its own, so that the demo that somebody looks at stays
    #[arg(skip)]
    test: bool,
}

impl Args {
    /// For `cargo xtask test`: everything from the start, without the server.
    pub fn for_test() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Self { fresh: true, postgres: None, no_serve: true, model: None, listen, greet: None, gong: None, test: true }
    }
}

/// Builds the program, fills an installation unless the last demo did, shows a report and serves.
///
/// # Errors
/// When the program cannot be built, or fails.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if let (Some(file), Some(gong)) = (&args.greet, args.gong) {
        return greet(args.listen, gong, &password(file)?);
    }
    if !args.no_serve {
        // Said now and not after minutes of building.
        TcpListener::bind(args.listen)
            .with_context(|| format!("{} is taken; name another one by --listen", args.listen))?;
    }
    crate::pages::build(workspace)?;
    // The dev build: most of it is built for xtask already. Release takes minutes more.
    run_command(&mut workspace.cargo(["build", "--locked", "--package", "server"]))?;
    let mut place = Place::of(workspace, args.postgres.as_deref());
    if args.test {
        place.data.set_file_name("test");
    } else {
        match embedding::model(workspace) {
            Ok(folder) => place.model = Some(folder),
            Err(error) => println!("Calls are found by words alone: {error:#}"),
        }
    }
    let model = args.model.as_ref().map(|_| Model::start(workspace)).transpose()?;
    if model.is_some() {
        let name = place.data.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        place.data.set_file_name(format!("{name}-model"));
    }
    if args.fresh {
        place.empty()?;
    }
    let password = place.fill()?;
    if let Some(model) = &model {
        place.judge_by(model)?;
    }
    place.show_best()?;
    if args.no_serve {
        println!("{}", logins(&password));
        return Ok(());
    }
    let gong = Gong::start(workspace, args.listen)?;
    let mut serve = place.sideline();
    // The end of the program ends the simulator.
    serve.arg("serve").env("SIDELINE_LISTEN", args.listen.to_string()).stdin(Stdio::from(gong.line));
    // Somebody watches.
    serve.env("SIDELINE_TRANSCRIPT_WAIT", "5");
    if let Some(model) = &model {
        // The simulator ends with this program, which therefore stays.
        model.judges(&mut serve);
        let mut serve = serve.spawn().context("the program cannot be started")?;
        let living = || matches!(serve.try_wait(), Ok(None));
        if http::wait_until_ready(args.listen, "/health/ready", PATIENCE, living).is_ok() {
            simulated::connect(args.listen, gong.address, ADMIN, &password)?;
            println!("{}\n{}", logins(&password), tries(args.listen, &password));
        }
        ensure!(serve.wait()?.success(), "the program failed");
        return Ok(());
    }
    // The program takes the place of this one, so that signals reach it; what is to be said then is said by a child.
    let mut greeting = Command::new(std::env::current_exe()?);
    greeting.args(["demo", "--listen", &args.listen.to_string(), "--gong", &gong.address.to_string(), "--greet"]);
    greeting.arg(place.data.join(PASSWORD));
    greeting.stdin(Stdio::null()).spawn()?;
    Err(serve.exec()).context("the program cannot be started")
}

/// The demo's installation in a folder of its own, made anew: what to start the program with, and the password of all logins.
///
/// # Errors
/// When it cannot be filled.
pub fn installation(workspace: &Workspace, name: &str) -> Result<(Command, String)> {
    run_command(&mut workspace.cargo(["build", "--quiet", "--locked", "--package", "server"]))?;
    let mut place = Place::of(workspace, None);
    place.data.set_file_name(name);
    place.empty()?;
    let password = place.fill()?;
    Ok((place.sideline(), password))
}

/// A copy of the demo's installation of this name, under another one. Nobody serves it meanwhile.
///
/// # Errors
/// When it cannot be copied.
pub fn copy_of(workspace: &Workspace, name: &str, copy: &str) -> Result<Command> {
    let mut place = Place::of(workspace, None);
    place.data.set_file_name(name);
    let from = place.data.clone();
    place.data.set_file_name(copy);
    place.empty()?;
    run_command(workspace.command("cp").arg("-a").arg(&from).arg(&place.data))?;
    Ok(place.sideline())
}

/// What to start the program with on a folder in which nothing is yet, as whoever installs it does. The program is built already.
///
/// # Errors
/// When what the last time left cannot be thrown away.
pub fn empty_installation(workspace: &Workspace, name: &str) -> Result<Command> {
    let mut place = Place::of(workspace, None);
    place.data.set_file_name(name);
    place.empty()?;
    fs::create_dir_all(&place.data).with_context(|| place.data.display().to_string())?;
    Ok(place.sideline())
}

/// An installation of the demo's own.
struct Place<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
    data: PathBuf,
    postgres: Option<&'a str>,
    /// The folder of the model by which calls are found by meaning.
    model: Option<PathBuf>,
}

impl<'a> Place<'a> {
    fn of(workspace: &'a Workspace, postgres: Option<&'a str>) -> Self {
        // A folder for each database: originals and what is known of it lie there.
        let name = postgres.map_or_else(
            || "sqlite".to_owned(),
            |url| {
                let mut hasher = DefaultHasher::new();
                url.hash(&mut hasher);
                format!("postgres-{:08x}", hasher.finish() as u32)
            },
        );
        let data = workspace.target().join(FOLDER).join(name);
        Self { workspace, program: workspace.target().join("debug/sideline"), data, postgres, model: None }
    }

    fn sideline(&self) -> Command {
        let mut sideline = self.workspace.sideline(&self.program, &self.data, self.postgres);
        match &self.model {
            Some(folder) => sideline.env("SIDELINE_EMBEDDING_FOLDER", folder),
            // To compute the vectors of all calls takes minutes.
            None => sideline.env("SIDELINE_EMBEDDING_PROVIDER", "none"),
        };
        sideline
    }

    /// Whether the demo has filled it, or begun to.
    fn is_ours(&self) -> bool {
        self.data.join(PASSWORD).is_file()
    }

    fn holds_calls(&self) -> Result<bool> {
        Ok(!output(self.sideline().args(["calls", "--json", "--limit", "1"]))?.trim().is_empty())
    }

    /// Throws away what the demo made.
    fn empty(&self) -> Result<()> {
        if let Some(url) = self.postgres.filter(|_| self.is_ours()) {
            let statements = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
            let mut psql = self.workspace.command(postgres::client(self.workspace, "psql")?);
            run_command(
                psql.args(["--quiet", "--set", "ON_ERROR_STOP=1", "--command", statements, url])
                    .env("PGOPTIONS", "-c client_min_messages=warning"),
            )
            .context("the database cannot be emptied; name an empty one")?;
        }
        if self.data.exists() {
            fs::remove_dir_all(&self.data).with_context(|| self.data.display().to_string())?;
        }
        Ok(())
    }

    /// Imports the calls, which judges them, and makes the logins; what is there already stays. Returns the password of the logins.
    fn fill(&self) -> Result<String> {
        let filled = self.data.join(FILLED);
        if self.postgres.is_some() && !self.is_ours() {
            ensure!(!self.holds_calls()?, "the database holds calls that the demo did not make; name an empty one");
        }
        fs::create_dir_all(&self.data).with_context(|| self.data.display().to_string())?;
        let password = password(&self.data.join(PASSWORD))?;
        if filled.exists() && self.holds_calls()? {
            println!("The calls of the last demo are still there; --fresh begins anew.\n");
            return Ok(password);
        }
        let start = Instant::now();
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let files = team::write_world(&self.data.join("world"), now)?;
        let (calls, customers) = (files.calls, files.customers.len());
        println!("Half a year of a team that sells: {} deals, {calls} calls with {customers} customers.", team::DEALS);
        for (customer, folder) in &files.customers {
            output(self.sideline().args(["--quiet", "import", "--customer", customer]).arg(folder))?;
        }
        println!("The calls are imported and judged after {:.0} s.", start.elapsed().as_secs_f64());
        let mut deals = self.sideline();
        deals.args(["--quiet", "import-deals"]);
        for (name, file) in ["--deals", "--emails", "--links"].into_iter().zip(&files.deals) {
            deals.arg(name).arg(file);
        }
        output(&mut deals)?;
        println!("Deals and e-mails are there after {:.0} s.\n", start.elapsed().as_secs_f64());
        self.make_logins(&password)?;
        // As if the program had been there on Monday.
        output(self.sideline().arg("review"))?;
        for team in TEAMS {
            output(self.sideline().args(["review", "--team", team.name]))?;
        }
        fs::write(filled, "")?;
        Ok(password)
    }

    fn make_logins(&self, password: &str) -> Result<()> {
        #[derive(Deserialize)]
        struct User {
            username: Option<String>,
        }
        let listed = output(self.sideline().args(["user", "list", "--json"]))?;
        let there: Vec<User> = listed.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        for login in team::logins() {
            if there.iter().any(|user| user.username.as_ref() == Some(&login.username)) {
                continue;
            }
            let mut add = self.sideline();
            add.args(["--quiet", "user", "add", &login.name, "--email", &login.email, "--role", login.role]);
            add.args(login.team.iter().flat_map(|team| ["--team", team]));
            add.args(login.coaches.iter().flat_map(|rep| ["--coaches", rep]));
            tools::feed(&mut add, password)?;
        }
        Ok(())
    }

    /// Has the latest calls judged by a model, and one in which a customer speaks to whoever judges it.
    fn judge_by(&self, model: &Model) -> Result<()> {
        let judged = self.data.join(JUDGED);
        if judged.exists() {
            return Ok(());
        }
        let said = self.data.join("spoken-to-the-judge.txt");
        fs::write(&said, SPOKEN)?;
        let mut import = self.sideline();
        import.args(["--quiet", "import", "--internal", "Noor Haddad", "--customer", "Brightwater"]).arg(&said);
        output(model.judges(&mut import))?;
        let listed = output(self.sideline().args(["calls", "--json", "--limit", &MODELLED.to_string()]))?;
        for line in listed.lines() {
            let call: Value = serde_json::from_str(line)?;
            let id = call["id"].as_str().context("a call has an id")?;
            output(model.judges(self.sideline().args(["--quiet", "analyze", id])))?;
        }
        println!("The latest {MODELLED} of them were judged by a simulated model.\n");
        fs::write(judged, "")?;
        Ok(())
    }

    /// Shows the head of the report of the best call: of those with the highest scores the one of which most could be judged.
    fn show_best(&self) -> Result<()> {
        let listed = output(self.sideline().args(["calls", "--json", "--limit", "1000"]))?;
        let mut scored: Vec<(f64, String)> = Vec::new();
        for line in listed.lines() {
            let call: Value = serde_json::from_str(line)?;
            let (Some(score), Some(id)) = (call["overall_score"].as_f64(), call["id"].as_str()) else { continue };
            scored.push((score, id.to_owned()));
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut best: Option<(usize, String)> = None;
        for (_, id) in scored.into_iter().take(LOOKED_AT) {
            let report = output(self.sideline().args(["report", "--format", "json", &id]))?;
            let report: Value = serde_json::from_str(&report)?;
            let dimensions = report["dimensions"].as_array().context("a report has dimensions")?;
            let judged = dimensions.iter().filter(|dimension| dimension["score"].is_number()).count();
            if best.as_ref().is_none_or(|(most, _)| judged > *most) {
                best = Some((judged, id));
            }
        }
        let (_, id) = best.context("no call has a score")?;
        let report = output(self.sideline().args(["report", &id]))?;
        println!("The best of them:\n");
        for line in report.lines() {
            println!("{line}");
            if line.starts_with(LAST_LINE) {
                break;
            }
        }
        println!();
        Ok(())
    }
}

/// The password of all logins: random, made once, readable for nobody else.
fn password(file: &Path) -> Result<String> {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    const LENGTH: usize = 16;
    if let Ok(password) = fs::read_to_string(file) {
        return Ok(password);
    }
    let mut random = [0; LENGTH];
    fs::File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut random)).context("/dev/urandom")?;
    let password: String = random.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(password.as_bytes())?;
    Ok(password)
}

/// Waits for the server, and says what to do with it.
fn greet(address: SocketAddr, gong: SocketAddr, password: &str) -> Result<()> {
    let server = parent_id();
    if http::wait_until_ready(address, "/health/ready", PATIENCE, || parent_id() == server).is_err() {
        bail!("nothing answers at http://{address}/health/ready");
    }
    simulated::connect(address, gong, ADMIN, password)?;
    println!("{}\n{}", logins(password), tries(address, password));
    Ok(())
}

fn logins(password: &str) -> String {
    let mut text = format!("Logins, all with the password {password}\n");
    for team::Login { username, role, team, coaches, .. } in team::logins() {
        let reps: Vec<&str> = coaches.iter().filter_map(|email| email.split('@').next()).collect();
        let sees = team.map_or_else(|| reps.join(", "), |team| format!("team {team}"));
        let _ = writeln!(text, "{}", format!("  {username:10} {role:8} {sees}").trim_end());
    }
    text
}

fn tries(address: SocketAddr, password: &str) -> String {
    let manager = "ingrid";
    format!(
        "Open http://{address} and log in as {manager}. Or try, in another terminal:\n\
         \x20 TOKEN=$(curl -s http://{address}/api/v1/auth/login -H 'content-type: application/json' -d '{{\"username\":\"{manager}\",\"password\":\"{password}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\).*/\\1/')\n\
         \x20 curl -s -H \"Authorization: Bearer $TOKEN\" 'http://{address}/api/v1/calls?limit=3'\n\
         \x20 curl -s -H \"Authorization: Bearer $TOKEN\" 'http://{address}/api/v1/analytics/agents'\n\
         Calls come in meanwhile, from a simulator of Gong: one every 40 seconds, rung in by a webhook, judged as it comes.\n\
         Ctrl-C ends it."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_database_has_a_folder_of_its_own() {
        let workspace = Workspace::here();
        let folder = |url| Place::of(&workspace, url).data;
        assert_ne!(folder(None), folder(Some("postgres://a/b")));
        assert_ne!(folder(Some("postgres://a/c")), folder(Some("postgres://a/b")));
        assert_eq!(folder(Some("postgres://a/b")), folder(Some("postgres://a/b")));
    }

    #[test]
    fn the_password_is_made_once_and_for_its_owner() {
        let file = std::env::temp_dir().join(format!("sideline-demo-password-{}", std::process::id()));
        let first = password(&file).unwrap();
        assert_eq!(password(&file).unwrap(), first);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&file).unwrap();
        assert_ne!(password(&file).unwrap(), first);
        fs::remove_file(&file).unwrap();
        assert_eq!(first.len(), 16);
    }

    #[test]
    fn what_to_try_is_three_lines_of_curl() {
        let text = tries("127.0.0.1:8080".parse().unwrap(), "secret");
        assert_eq!(text.matches("curl -s").count(), 3, "{text}");
        assert!(text.contains(r#"'{"username":"ingrid","password":"secret"}'"#), "{text}");
        assert!(team::logins().iter().any(|login| login.username == "ingrid" && login.role == "manager"));
    }
}
