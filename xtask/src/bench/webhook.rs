//! The group `webhook`: deliveries of Gong's webhook, verified, and committed with the job that brings their call in before they are answered. On
//! both databases, beside a Python program (`FastAPI` and asyncpg) that does the same on the same PostgreSQL.
//!
//! The jobs are left where they are: no worker runs. Both databases sync each commit to the disk.

use super::load::{self, Outcome};
use super::{Row, server, timing};
use crate::http::{Connection, call, get};
use crate::postgres::Postgres;
use crate::python;
use crate::served::{Served, free};
use crate::tools::{Workspace, output};
use anyhow::{Context as _, Result, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

/// Calls of the simulator of which deliveries tell; each delivery tells of a call with an id of its own.
const CALLS: &str = "200";
/// Connections that send at once while the highest rate is looked for.
const CONNECTIONS: u32 = 32;
/// Turns of each program, one after the other, and how long one is.
const TURNS: usize = 3;
const TURN: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(2);
/// How long the load at half of the highest rate lasts, after one for warming up.
const LASTING: Duration = Duration::from_secs(15);
/// More than anything here takes in a second.
const MOST: u64 = 12_000;

const SECRET: &str = "what only both sides know";
const NAME: &str = "main";

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When a program or an input cannot be had, or a delivery that was answered is not there.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let (sideline, folder) = super::release(workspace, "webhook")?;
    let mut deliveries = Deliveries::of(workspace)?;
    let postgres = Postgres::start_durable(workspace)?;
    let sqlite = format!("sqlite:{}", folder.join("sqlite/sideline.db").display());
    let open = |name: &str, url: &str| Ours::start(workspace, &sideline, &folder.join(name), url);
    let (mut sqlite, mut ours) = (open("sqlite", &sqlite)?, open("postgres", &postgres.url())?);
    let mut peer = Peer::start(workspace, &folder, &postgres.url(), &ours.connection)?;
    let mut turns = [Turns::default(), Turns::default(), Turns::default()];
    for turn in 0..=TURNS {
        let lasting = if turn == 0 { WARM_UP } else { TURN };
        let programs: [&mut dyn Taker; 3] = [&mut ours, &mut peer, &mut sqlite];
        for (program, turns) in programs.into_iter().zip(&mut turns) {
            let measured = at_once(program, &mut deliveries, lasting)?;
            if turn > 0 {
                turns.push(measured);
            }
        }
    }
    let [on_postgres, on_sqlite, theirs] = {
        let [ours, theirs, sqlite] = turns.map(Turns::medians);
        [ours, sqlite, theirs]
    };
    let mut rows = Vec::new();
    for (backend, program, (cpu, rate)) in [("postgres", &mut ours, on_postgres), ("sqlite", &mut sqlite, on_sqlite)] {
        rows.push(Row::faster(format!("{backend}_cpu"), "us/delivery", cpu, theirs.0, 8.0));
        rows.push(Row::more(format!("{backend}_rate"), "deliveries/s", rate, theirs.1, 2.5));
        let half = at_rate(program, &mut deliveries, rate / 2.0)?;
        rows.push(Row::told(format!("{backend}_half_p50"), "ms", half.percentile(50)));
        rows.push(Row::within(format!("{backend}_half_p99"), "ms", half.percentile(99), 10.0));
    }
    // What was answered is there, each with one row of each kind.
    for program in [&ours as &dyn Taker, &peer, &sqlite] {
        let (kept, sent) = (program.kept()?, program.served().1);
        ensure!(kept == sent, "{sent} deliveries were answered by {}, {kept} are kept", program.name());
    }
    Ok(rows)
}

/// Microseconds of processor time for a delivery, and deliveries a second, of each turn.
#[derive(Default)]
struct Turns(Vec<(f64, f64)>);

impl Turns {
    fn push(&mut self, turn: (f64, f64)) {
        self.0.push(turn);
    }

    fn medians(self) -> (f64, f64) {
        let (cpu, rate) = self.0.into_iter().unzip();
        (timing::median(cpu), timing::median(rate))
    }
}

/// As many deliveries as a program takes, one after the other on each connection.
fn at_once(program: &mut dyn Taker, deliveries: &mut Deliveries, lasting: Duration) -> Result<(f64, f64)> {
    let requests = deliveries.make(MOST * lasting.as_secs());
    let served = program.served().0;
    let before = served.cpu_seconds()?;
    let outcome = load::closed_loop(served.address, &requests, CONNECTIONS, lasting)?;
    let cpu_us = (served.cpu_seconds()? - before) * 1e6 / outcome.count() as f64;
    ensure!(outcome.count() <= requests.len(), "more deliveries were taken than there are");
    *program.sent() += outcome.count();
    Ok((cpu_us, outcome.per_second()))
}

/// Deliveries at a fixed rate a second.
fn at_rate(program: &mut dyn Taker, deliveries: &mut Deliveries, rate: f64) -> Result<Outcome> {
    let mut send = |lasting: Duration| -> Result<Outcome> {
        let requests = deliveries.make((rate * lasting.as_secs_f64()).ceil() as u64);
        let outcome = load::open_loop(program.served().0.address, &requests, rate, lasting)?;
        *program.sent() += outcome.count();
        Ok(outcome)
    };
    send(WARM_UP)?;
    send(LASTING)
}

/// A program that takes deliveries.
trait Taker {
    fn name(&self) -> &'static str;
    /// Its process, and how many deliveries it was sent.
    fn served(&self) -> (&Served, usize);
    fn sent(&mut self) -> &mut usize;
    /// How many calls it knows by them, with a job each.
    fn kept(&self) -> Result<usize>;
}

/// Our program.
struct Ours {
    served: Served,
    sent: usize,
    token: String,
    /// The id of the connection that takes the deliveries.
    connection: String,
}

impl Ours {
    fn start(workspace: &Workspace, sideline: &Path, data: &Path, url: &str) -> Result<Self> {
        fs::create_dir_all(data)?;
        let mut command = workspace.sideline(sideline, data, Some(url));
        command.env("SIDELINE_WORKER_CONCURRENCY", "0").stderr(File::create(data.join("serve.log"))?);
        let served = Served::sideline(command).with_context(|| data.join("serve.log").display().to_string())?;
        let token = server::register(served.address)?;
        let connection = json!({
            "kind": "gong", "name": NAME, "settings": { "proof": "hmac", "include_private": true },
            "secrets": { "webhook_secret": SECRET },
        });
        let made = call(served.address, "POST", "/api/v1/connections", Some(&token), Some(&connection))?;
        let connection = made["id"].as_str().context("the connection has no id")?.to_owned();
        Ok(Self { served, sent: 0, token, connection })
    }
}

impl Taker for Ours {
    fn name(&self) -> &'static str {
        "sideline"
    }

    fn served(&self) -> (&Served, usize) {
        (&self.served, self.sent)
    }

    fn sent(&mut self) -> &mut usize {
        &mut self.sent
    }

    fn kept(&self) -> Result<usize> {
        let mut connection = Connection::open(self.served.address)?;
        let (_, figures) = connection.ask(&get("/metrics", Some(&self.token)))?;
        let figures = String::from_utf8_lossy(figures);
        let figure = |start: String| -> Result<usize> {
            let value = figures.lines().find_map(|line| line.strip_prefix(&start));
            value.with_context(|| format!("no figure {start}"))?.trim().parse().with_context(|| start.clone())
        };
        let calls = figure(format!(r#"sideline_source_calls{{connection="{NAME}",state="open"}}"#))?;
        let jobs = figure(r#"sideline_jobs{state="queued"}"#.to_owned())?;
        ensure!(calls == jobs, "{calls} calls are known, and {jobs} jobs wait");
        Ok(calls)
    }
}

/// The Python program.
struct Peer {
    served: Served,
    sent: usize,
}

impl Peer {
    fn start(workspace: &Workspace, folder: &Path, url: &str, connection: &str) -> Result<Self> {
        let requirements = Path::new("bench/peers/fastapi_requirements.txt");
        let python = python::environment(workspace, "bench-fastapi-venv", requirements)?.join("python");
        let address = free()?;
        let log = folder.join("fastapi.log");
        let mut command = workspace.command(python);
        command.arg(workspace.root().join("bench/peers/fastapi_webhook.py")).arg(url).arg(address.port().to_string());
        command.args([connection, SECRET]).env("PYTHONDONTWRITEBYTECODE", "1").stderr(File::create(&log)?);
        let served = Served::start(&mut command, address, "/health").with_context(|| log.display().to_string())?;
        let settings = call(served.address, "GET", "/fsync", None, None)?;
        let durable = json!({ "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on" });
        ensure!(settings == durable, "PostgreSQL does not wait for the disk: {settings}");
        Ok(Self { served, sent: 0 })
    }
}

impl Taker for Peer {
    fn name(&self) -> &'static str {
        "the Python program"
    }

    fn served(&self) -> (&Served, usize) {
        (&self.served, self.sent)
    }

    fn sent(&mut self) -> &mut usize {
        &mut self.sent
    }

    fn kept(&self) -> Result<usize> {
        let counts = call(self.served.address, "GET", "/counts", None, None)?;
        let counts = ["webhook_events", "source_calls", "jobs"].map(|table| counts[table].as_u64());
        ensure!(counts.iter().all(|count| *count == counts[0]), "its tables have {counts:?} rows");
        Ok(counts[0].context("no count")? as usize)
    }
}

/// What the simulator sends of a call.
#[derive(Deserialize)]
struct Sample {
    call: String,
    body: String,
}

/// Deliveries without end, each of a call of its own.
struct Deliveries {
    samples: Vec<Sample>,
    made: u64,
}

impl Deliveries {
    fn of(workspace: &Workspace) -> Result<Self> {
        let mut sim = workspace.cargo(["run", "--quiet", "--locked", "--package", "sim", "--example", "deliveries"]);
        let told = output(sim.args(["--", CALLS]))?;
        let samples = told.lines().map(serde_json::from_str).collect::<Result<Vec<Sample>, _>>()?;
        ensure!(!samples.is_empty(), "the simulator has sent nothing");
        Ok(Self { samples, made: 0 })
    }

    /// So many requests, signed.
    fn make(&mut self, count: u64) -> Vec<Vec<u8>> {
        let numbers = self.made..self.made + count;
        self.made += count;
        numbers.map(|number| request(&self.samples[number as usize % self.samples.len()], number)).collect()
    }
}

/// A delivery of a call as in the sample, with the id `number` in as many digits.
fn request(sample: &Sample, number: u64) -> Vec<u8> {
    let body = sample.body.replace(&sample.call, &format!("{number:0digits$}", digits = sample.call.len()));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body.as_bytes());
    let signature = mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    format!(
        "POST /webhooks/gong/{NAME} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         x-gong-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_delivery_has_an_id_of_its_own_and_the_signature_of_its_body() {
        let sample = Sample { call: "12345".to_owned(), body: r#"{"id":"12345","url":"/12345"}"#.to_owned() };
        let mut deliveries = Deliveries { samples: vec![sample], made: 0 };
        assert_eq!(deliveries.make(7).len(), 7);
        let eighth = String::from_utf8(deliveries.make(1).remove(0)).unwrap();
        let (head, body) = eighth.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, r#"{"id":"00007","url":"/00007"}"#);
        // printf '{"id":"00007","url":"/00007"}' | openssl dgst -sha256 -hmac 'what only both sides know'
        assert!(head.contains("\r\nx-gong-signature: de8447a0959733745466d2d49b32a4d7b55b50eeed3f539e8899f992d6667bf6\r\ncontent-length: 29"), "{head}");
    }
}
