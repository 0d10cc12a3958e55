//! The group `server`: the program as it answers over HTTP, on both databases, beside a Python program (`FastAPI`) that does the
//! same.

use super::{Row, load, timing};
use crate::http::{call, get};
use crate::postgres::Postgres;
use crate::python;
use crate::served::{Served, free};
use crate::tools::{Workspace, output, run};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Calls that are imported and judged, and there when memory is measured.
const CALLS: usize = 1_000;
/// Calls when the program is asked; those that are missing are copies.
const KEPT: u32 = 100_000;
/// How often the program is started.
const STARTS: usize = 7;
/// How long it is left alone before its memory is measured.
const REST: Duration = Duration::from_secs(3);
/// Requests a second.
const RATE: f64 = 300.0;
/// How long a load lasts, after one for warming up.
const LASTING: Duration = Duration::from_secs(20);
const WARM_UP: Duration = Duration::from_secs(2);
/// Connections that ask at once.
const CONNECTIONS: u32 = 100;
/// How often each question about the team is asked.
const ASKED: usize = 40;
/// Connections that ask both programs, turns that these take, and how long a turn is.
const BESIDE: u32 = 16;
const TURNS: usize = 3;
const TURN: Duration = Duration::from_secs(8);

/// The list as a start page shows it.
const LIST: &str = "/api/v1/calls?limit=50&sort=-started_at";
const PASSWORD: &str = "four-pallets-over-oslo";

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When a program or an input cannot be had.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let (sideline, folder, calls) = super::prepare(workspace, "server", CALLS)?;
    let postgres = Postgres::start_durable(workspace)?;
    let sqlite = format!("sqlite:{}", folder.join("sqlite/sideline.db").display());
    let place =
        |name: &'static str, url: String| Place { workspace, sideline: sideline.clone(), data: folder.join(name), url };
    let sqlite = place("sqlite", sqlite).measure(&calls)?;
    let beside = place("postgres", postgres.url());
    let postgres = beside.measure(&calls)?;
    let worse = |figure: fn(&Figures) -> f64| figure(&sqlite).max(figure(&postgres));
    let mut rows = vec![
        Row::within("ready", "ms", worse(|it| it.ready), 300.0),
        Row::within("idle_rss", "MB", worse(|it| it.idle_rss), 80.0),
        Row::within("list_latency_sqlite", "ms", sqlite.list_latency, 10.0),
        Row::within("list_latency_postgres", "ms", postgres.list_latency, 10.0),
        Row::within("list_100_connections", "ms", worse(|it| it.list_100_connections), 100.0),
        Row::within("analytics", "ms", worse(|it| it.analytics), 100.0),
        Row::told("insights", "ms", worse(|it| it.insights)),
    ];
    rows.extend(beside.beside_fastapi()?);
    Ok(rows)
}

/// What was measured on one database; milliseconds and MB.
struct Figures {
    ready: f64,
    idle_rss: f64,
    list_latency: f64,
    list_100_connections: f64,
    analytics: f64,
    insights: f64,
}

/// Tokens of people who see different calls: all of them, a team's, their own.
struct Tokens {
    admin: String,
    manager: String,
    rep: String,
}

/// One installation.
struct Place<'a> {
    workspace: &'a Workspace,
    sideline: PathBuf,
    data: PathBuf,
    url: String,
}

impl Place<'_> {
    fn command(&self) -> Command {
        self.workspace.sideline(&self.sideline, &self.data, Some(&self.url))
    }

    fn serve(&self) -> Result<Served> {
        let mut command = self.command();
        command.stderr(File::create(self.data.join("serve.log"))?);
        Served::sideline(command).with_context(|| self.data.join("serve.log").display().to_string())
    }

    fn measure(&self, calls: &Path) -> Result<Figures> {
        run(self.command().args(["--quiet", "import"]).arg(calls).stdout(Stdio::null()))?;
        let mut starts = Vec::new();
        for _ in 0..STARTS {
            starts.push(self.serve()?.ready.as_secs_f64() * 1e3);
        }
        let ready = timing::median(starts);
        let served = self.serve()?;
        let admin = register(served.address)?;
        // It has worked before it rests.
        load::closed_loop(served.address, &[get(LIST, Some(&admin))], 4, WARM_UP)?;
        sleep(REST);
        let idle_rss = served.resident_mb()?;
        drop(served);
        self.fill()?;
        let served = self.serve()?;
        let tokens = make_people(served.address)?;
        let lists: Vec<_> =
            [&tokens.admin, &tokens.manager, &tokens.rep].iter().map(|token| get(LIST, Some(token.as_str()))).collect();
        let listed = call(served.address, "GET", LIST, Some(&tokens.rep), None)?;
        ensure!(items(&listed)?.len() == 50, "the rep sees {} calls", items(&listed)?.len());
        load::open_loop(served.address, &lists, RATE, WARM_UP)?;
        let list_latency = load::open_loop(served.address, &lists, RATE, LASTING)?.percentile(95);
        load::closed_loop(served.address, &lists, CONNECTIONS, WARM_UP)?;
        let list_100_connections = load::closed_loop(served.address, &lists, CONNECTIONS, LASTING)?.percentile(95);
        let analytics = analytics(served.address, &tokens)?;
        let insights = insights(served.address, &tokens)?;
        Ok(Figures { ready, idle_rss, list_latency, list_100_connections, analytics, insights })
    }

    /// Copies calls until there are as many as wanted, as the group `store` does.
    fn fill(&self) -> Result<()> {
        let mut bench =
            self.workspace.cargo(["bench", "--quiet", "--locked", "--package", "server", "--bench", "store"]);
        bench.env("SIDELINE_BENCH_DATABASE", &self.url).env("SIDELINE_BENCH_CALLS", KEPT.to_string());
        output(&mut bench)?;
        Ok(())
    }

    /// Our list and the peer's, in turns, each alone, for a manager who sees half of the calls.
    fn beside_fastapi(&self) -> Result<[Row; 2]> {
        let requirements = Path::new("bench/peers/fastapi_requirements.txt");
        let python = python::environment(self.workspace, "bench-fastapi-venv", requirements)?.join("python");
        let ours = self.serve()?;
        let address = free()?;
        let mut peer = self.workspace.command(python);
        peer.arg(self.workspace.root().join("bench/peers/fastapi_list.py"))
            .arg(&self.url)
            .arg(address.port().to_string());
        peer.env("PYTHONDONTWRITEBYTECODE", "1").stderr(File::create(self.data.join("fastapi.log"))?);
        let peer = Served::start(&mut peer, address, "/health")
            .with_context(|| self.data.join("fastapi.log").display().to_string())?;
        let token = log_in(ours.address, "manager@bench.example")?;
        same_answer(ours.address, peer.address, &token)?;
        let requests = [get(LIST, Some(&token))];
        let turn = |served: &Served, lasting| -> Result<(f64, f64)> {
            let before = served.cpu_seconds()?;
            let outcome = load::closed_loop(served.address, &requests, BESIDE, lasting)?;
            let cpu_us = (served.cpu_seconds()? - before) * 1e6 / outcome.count() as f64;
            Ok((cpu_us, outcome.per_second()))
        };
        turn(&ours, WARM_UP)?;
        turn(&peer, WARM_UP)?;
        let (mut our_cpu, mut our_rate, mut their_cpu, mut their_rate) = (vec![], vec![], vec![], vec![]);
        for _ in 0..TURNS {
            let (cpu, rate) = turn(&ours, TURN)?;
            our_cpu.push(cpu);
            our_rate.push(rate);
            let (cpu, rate) = turn(&peer, TURN)?;
            their_cpu.push(cpu);
            their_rate.push(rate);
        }
        let median = timing::median;
        Ok([
            Row::faster("list_vs_fastapi_cpu", "us/request", median(our_cpu), median(their_cpu), 8.0),
            Row::more("list_vs_fastapi_rate", "requests/s", median(our_rate), median(their_rate), 2.5),
        ])
    }
}

/// Makes the first user of a new installation, who is its admin; returns an access token.
pub(super) fn register(address: SocketAddr) -> Result<String> {
    let admin = json!({ "username": "admin", "email": "admin@bench.example", "password": PASSWORD });
    call(address, "POST", "/api/v1/auth/register", None, Some(&admin))?;
    log_in(address, "admin@bench.example")
}

fn log_in(address: SocketAddr, email: &str) -> Result<String> {
    let login = json!({ "email": email, "password": PASSWORD });
    let tokens = call(address, "POST", "/api/v1/auth/login", None, Some(&login))?;
    Ok(tokens["access_token"].as_str().context("no access token")?.to_owned())
}

/// A manager of a team of half of the reps, and a rep, beside the admin who is there.
fn make_people(address: SocketAddr) -> Result<Tokens> {
    let admin = log_in(address, "admin@bench.example")?;
    let ask = |method: &str, path: &str, json: Option<Value>| call(address, method, path, Some(&admin), json.as_ref());
    let id = |made: &Value| made["id"].as_str().map(str::to_owned).context("what was made has no id");
    let team = id(&ask("POST", "/api/v1/teams", Some(json!({ "name": "Half" })))?)?;
    let reps = ask("GET", "/api/v1/users?role=rep&limit=200", None)?;
    let reps: Vec<String> = items(&reps)?.iter().map(id).collect::<Result<_>>()?;
    ensure!(reps.len() >= 20, "there are {} reps", reps.len());
    for rep in reps.iter().step_by(2) {
        ask("PUT", &format!("/api/v1/teams/{team}/members/{rep}"), None)?;
    }
    ask(
        "POST",
        "/api/v1/users",
        Some(json!({
            "name": "Manager", "email": "manager@bench.example", "role": "manager", "team_ids": [team], "password": PASSWORD
        })),
    )?;
    let login = json!({ "email": "rep@bench.example", "password": PASSWORD });
    ask("PATCH", &format!("/api/v1/users/{}", reps[0]), Some(login))?;
    Ok(Tokens { manager: log_in(address, "manager@bench.example")?, rep: log_in(address, "rep@bench.example")?, admin })
}

/// What is asked about the team, of a period in which all calls are; the slowest counts.
fn analytics(address: SocketAddr, tokens: &Tokens) -> Result<f64> {
    let days = "since=2026-01-01&until=2026-06-30";
    let mut slowest = 0.0_f64;
    for about in ["agents", "team", "trends"] {
        slowest = slowest.max(p95(address, tokens, "GET", &format!("/api/v1/analytics/{about}?{days}"), None)?);
    }
    Ok(slowest)
}

/// What a rep's calls of a month have in common, of which there are some 800; and the moments of a week.
fn insights(address: SocketAddr, tokens: &Tokens) -> Result<f64> {
    let me = call(address, "GET", "/api/v1/auth/me", Some(&tokens.rep), None)?;
    let of = json!({ "rep_id": me["id"], "period": { "since": "2026-02-01", "until": "2026-03-02" } });
    let rep = p95(address, tokens, "POST", "/api/v1/coaching/rep-insights", Some(&of))?;
    Ok(rep.max(p95(address, tokens, "GET", "/api/v1/coaching/moments?week=2026-02-02", None)?))
}

/// Milliseconds that 95 of 100 answers to who sees all calls stay below.
fn p95(address: SocketAddr, tokens: &Tokens, method: &str, path: &str, json: Option<&Value>) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let start = Instant::now();
        call(address, method, path, Some(&tokens.admin), json)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[ASKED * 95 / 100 - 1])
}

/// Both answer with the same calls in the same order, with the same fields.
fn same_answer(ours: SocketAddr, theirs: SocketAddr, token: &str) -> Result<()> {
    let shape = |address| -> Result<Vec<(Value, BTreeSet<String>)>> {
        let page = call(address, "GET", LIST, Some(token), None)?;
        ensure!(page["next_cursor"].is_string(), "there is no next page");
        let calls = items(&page)?.iter();
        Ok(calls.map(|call| (call["id"].clone(), fields(call))).collect())
    };
    let (ours, theirs) = (shape(ours)?, shape(theirs)?);
    ensure!(ours.len() == 50 && ours == theirs, "the peer answers something else:\n{ours:?}\n{theirs:?}");
    Ok(())
}

fn fields(call: &Value) -> BTreeSet<String> {
    call.as_object().map(|call| call.keys().cloned().collect()).unwrap_or_default()
}

fn items(page: &Value) -> Result<&Vec<Value>> {
    page["items"].as_array().context("the page has no items")
}
