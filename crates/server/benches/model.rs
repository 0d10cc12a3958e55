//! The part of `cargo xtask bench model` that judges: a call by a simulated model with set latencies, alone and in a batch. Prints one JSON object
//! a line: `{"id", "value", "unit"}`. Not for use alone.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the terminal of whoever measures")]

use calls::{Blobs, Imported, NewCall};
use coaching::{Analyst, BackfillWish, Model, handlers};
use db::{Db, Settings, on_db};
use kernel::{Clock, Secret};
use llm::{Client, PriceTable, Provider};
use queue::Worker;
use sim::anthropic::{API_KEY, Settings as Service};
use sim::{Anthropic, Judge, Latency};
use std::env::var;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Judgements of which the median is taken; one before them warms up.
const PASSES: usize = 5;
/// The model, at whose price tokens are reckoned.
const MODEL: &str = "claude-sonnet-5-5";
/// Until the first token of a prompt that is read afresh, and of one whose beginning is remembered; from token to token.
const LATENCY: [Duration; 3] = [Duration::from_millis(1_200), Duration::from_millis(500), Duration::from_millis(4)];

fn main() {
    // `cargo test --all-targets` runs benches as well: there is nothing to measure then.
    let (Ok(folder), Ok(call)) = (var("SIDELINE_BENCH_FOLDER"), var("SIDELINE_BENCH_CALL")) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(Path::new(&folder), Path::new(&call)));
}

struct World {
    db: Db,
    blobs: Blobs,
    clock: Clock,
    analyst: Analyst,
}

/// What one question took.
#[derive(sqlx::FromRow)]
struct Run {
    at: chrono::DateTime<chrono::Utc>,
    purpose: String,
    outcome: String,
    input_tokens: i64,
    cache_write_tokens: i64,
    cache_read_tokens: i64,
    took_ms: i64,
}

impl Run {
    fn begun(&self) -> chrono::DateTime<chrono::Utc> {
        self.at - chrono::TimeDelta::milliseconds(self.took_ms)
    }

    /// What its prompt cost, in millionths of a US dollar, and what it would cost if nothing were remembered.
    fn input(&self, part: f64) -> (f64, f64) {
        let price = PriceTable::builtin().of(Provider::Anthropic, MODEL, 1).unwrap();
        let (fresh, written, read) =
            (self.input_tokens as f64, self.cache_write_tokens as f64, self.cache_read_tokens as f64);
        let paid = fresh * price.input + written * price.cache_write + read * price.cache_read;
        (paid * part, (fresh + written + read) * price.input)
    }
}

async fn measure(folder: &Path, call: &Path) {
    let url = format!("sqlite:{}", folder.join("model.db").display());
    let db = Db::open(&Settings::new(Secret::new(url))).await.unwrap();
    db.migrate().await.unwrap();
    let [first_token, cached, per_token] = LATENCY;
    let latency = Latency { first_token, first_token_cached: Some(cached), per_token };
    let sim = Anthropic::with(Service { judge: Judge::Scripted, latency, ..Service::default() });
    let settings = llm::Settings {
        base_url: sim.url().parse().unwrap(),
        key: Some(Secret::new(API_KEY)),
        ..llm::Settings::new(Provider::Anthropic)
    };
    let model = Model::new(Client::new(settings).unwrap(), MODEL, PriceTable::builtin().clone(), chrono_tz::Tz::UTC);
    let blobs = Blobs::local(&folder.join("blobs")).unwrap();
    let world = World { db, blobs, clock: Clock::system(), analyst: Analyst::default() };
    let id = world.import(call).await;
    let world = World { analyst: Analyst::with(model), ..world };
    let (mut walls, mut shares, mut agains) = (Vec::new(), Vec::new(), Vec::new());
    for pass in 0..=PASSES {
        let before = sim.asked().len();
        let runs = world.judged(id, true).await;
        let asked = sim.asked();
        let first = asked[before..].iter().find(|asked| asked.uri.path() == "/v1/messages").unwrap();
        let first_token = first.answered.saturating_sub(first.arrived).as_secs_f64() * 1e3;
        let dimensions: Vec<&Run> = runs.iter().filter(|run| run.purpose == "dimension").collect();
        assert!(dimensions.len() == 4 && runs.iter().all(|run| run.outcome == "ok"));
        let begun = dimensions.iter().map(|run| run.begun()).min().unwrap();
        let ended = dimensions.iter().map(|run| run.at).max().unwrap();
        let others = dimensions.iter().filter(|run| run.begun() > begun);
        let slowest = others.map(|run| run.took_ms).max().unwrap();
        // Judged once more, from the answers that are kept.
        let start = Instant::now();
        let again = world.judged(id, false).await;
        let again_ms = start.elapsed().as_secs_f64() * 1e3;
        assert!(again.iter().all(|run| run.outcome == "cached"));
        if pass > 0 {
            walls.push((ended - begun).num_milliseconds() as f64 - first_token - slowest as f64);
            shares.push(share(&dimensions, 1.0));
            agains.push(again_ms);
        }
        // What a service remembers lasts five minutes; the next pass begins with nothing.
        sim.time().advance(chrono::TimeDelta::minutes(6));
    }
    row("wall_over_first_and_slowest", median(walls), "ms");
    row("input_cost_of_naive", median(shares), "share");
    row("judged_from_kept_answers", median(agains), "ms");
    row("input_cost_of_naive_batch", world.in_a_batch().await, "share");
    world.db.close().await;
}

/// What prompts cost as a share of what they would if each were sent alone and nothing were remembered.
fn share(runs: &[&Run], part: f64) -> f64 {
    let (paid, naive) = runs
        .iter()
        .map(|run| run.input(part))
        .fold((0.0, 0.0), |(paid, naive), (more, all)| (paid + more, naive + all));
    paid / naive
}

fn row(id: &str, value: f64, unit: &str) {
    println!("{}", serde_json::json!({ "id": id, "value": value, "unit": unit }));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl World {
    async fn import(&self, file: &Path) -> Uuid {
        let new = NewCall { who: "bench".into(), ..NewCall::named("call.vtt") };
        let bytes = std::fs::read(file).unwrap();
        let ours = [var("SIDELINE_BENCH_OURS").unwrap()];
        let id = match calls::import(&self.db, &self.blobs, &self.clock, bytes, &ours, &new).await.unwrap() {
            Imported::New { id, .. } | Imported::Known { id } => id,
        };
        self.work().await;
        id
    }

    async fn work(&self) {
        let handlers = handlers(&self.db, &self.blobs, &self.clock, "default", &self.analyst);
        Worker::new(self.db.clone(), self.clock.clone(), "bench", handlers).drain().await.unwrap();
    }

    /// Judges the call, and returns what was asked.
    async fn judged(&self, call: Uuid, force: bool) -> Vec<Run> {
        let since = self.clock.now();
        coaching::ask(&self.db, &self.clock, call, None, force, "bench").await.unwrap();
        self.work().await;
        self.runs(since).await
    }

    async fn runs(&self, since: chrono::DateTime<chrono::Utc>) -> Vec<Run> {
        let sql = "SELECT at, purpose, outcome, input_tokens, cache_write_tokens, cache_read_tokens, took_ms FROM model_runs WHERE at >= $1";
        on_db!(&self.db, pool => sqlx::query_as(sql).bind(since).fetch_all(pool).await.unwrap())
    }

    /// What the prompts about the dimensions cost in a batch, by a rubric that nothing is kept for.
    async fn in_a_batch(&self) -> f64 {
        let since = self.clock.now();
        let sql = "DELETE FROM model_results";
        let mut tx = self.db.begin().await.unwrap();
        db::on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
        tx.commit().await.unwrap();
        let wish = BackfillWish { usual: "default", ..BackfillWish::default() };
        let begun = coaching::begin_backfill(&self.db, &self.clock, &self.analyst, wish, "bench").await.unwrap();
        while coaching::backfill(&self.db, begun.id).await.unwrap().finished_at.is_none() {
            self.work().await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let runs = self.runs(since).await;
        let batched: Vec<&Run> =
            runs.iter().filter(|run| run.outcome == "batched" && run.purpose == "dimension").collect();
        assert_eq!(batched.len(), 4);
        let price = PriceTable::builtin().of(Provider::Anthropic, MODEL, 1).unwrap();
        share(&batched, price.batch)
    }
}
