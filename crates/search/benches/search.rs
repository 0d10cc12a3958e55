//! The part of `cargo xtask bench search` that asks the database: calls with a million segments and 200,000 passages, and a fixed mix of queries, at three sizes on the
//! way there. Prints one JSON object a line: `{"id", "value"}`. Not for use alone.
//!
//! The words are those of synthetic calls: 20,000 different passages, put together to calls in another order each time, with a made-up word here and there that
//! stands nowhere else. The vectors are those of the 20,000 passages, with a little noise for each time that one is used.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a program for the terminal of whoever measures"
)]

use chrono::{DateTime, TimeDelta};
use db::{Db, Settings, on_db, on_tx};
use embed::Embedder;
use half::f16;
use kernel::{Actor, Clock, Role, Secret};
use retrieval::codes::cosine;
use retrieval::{Part, Passage};
use search::{Meaning, Mode, Scope, Search, Wanted, lab};
use serde_json::json;
use std::env::var;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use synth::deals::{WorldOptions, outline};
use transcript::{Format, Participant, Segment, Side, Transcript};
use uuid::Uuid;

/// Different passages.
const POOL: usize = 20_000;
/// Passages of a call.
const OF_CALL: usize = 20;
/// Calls in all.
const CALLS: usize = 10_000;
/// Reps.
const REPS: usize = 40;
/// Calls at which is measured.
const SIZES: [(usize, &str); 3] = [(100, "10k"), (1_000, "100k"), (CALLS, "1m")];
/// Times that each query is asked, after one that is not counted.
const PASSES: usize = 5;
/// Queries by which it is measured whether the nearest are found.
const RECALLED: usize = 100;
/// Cosines that differ by less are the same: vectors are kept as numbers of two bytes.
const ALIKE: f32 = 5e-4;
/// How far the noise of a vector reaches, as a share of its length.
const NOISE: f32 = 0.35;

/// The mix: common words, rare ones, phrases, questions.
const QUERIES: [&str; 20] = [
    "price",
    "people time",
    "month",
    "team office system",
    "customers first year",
    "qx17w",
    "qx4211w",
    "qx905w contract",
    "\"next week\"",
    "\"thanks for\" time",
    "\"what would you do\" -price",
    "depart* trouble",
    "side:customer nobody knows",
    "side:us question team",
    "What did the customer say about the price of the product?",
    "Who decides about the purchase, and when do they want to start?",
    "How long does it take to connect it to the systems they use today?",
    "they are worried that people will not use the new tool",
    "the competitor offered a discount",
    "somebody asks where the data is stored",
];

/// What somebody has begun to write.
const BEGUN: [&str; 6] = ["pri", "depart", "peop", "Call 9", "Number", "month tea"];

fn main() {
    // `cargo test --all-targets` runs benches as well: there is nothing to measure then.
    let (Ok(url), Ok(folder), Ok(model)) =
        (var("SIDELINE_BENCH_DATABASE"), var("SIDELINE_BENCH_FOLDER"), var("SIDELINE_TEST_MODEL"))
    else {
        return;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(measure(&url, Path::new(&folder), Path::new(&model)));
}

fn tell(id: &str, value: f64) {
    println!("{}", json!({ "id": id, "value": value }));
}

/// Numbers drawn from a seed: a linear congruential generator (Knuth's multiplier), of which the upper bits are used.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// From -1 to 1.
    fn fraction(&mut self) -> f32 {
        self.next() as f32 / (1_u64 << 30) as f32 - 1.0
    }
}

/// A passage of the pool: who says what.
type Said = Vec<(Option<Side>, String)>;

fn pool() -> Vec<Said> {
    let mut found: Vec<Said> = Vec::with_capacity(POOL);
    let mut known = std::collections::HashSet::new();
    for seed in 1.. {
        let world = outline(&WorldOptions { seed, deals: 400, ..WorldOptions::default() });
        for number in 0..world.len() {
            let call = world.call(number).unwrap().call.transcript;
            for passage in retrieval::passages(&call) {
                if !known.insert(passage.text(&call)) {
                    continue;
                }
                let said = passage.parts.iter().map(|part| {
                    let segment = &call.segments[part.segment];
                    (call.side(segment), segment.text[part.bytes.clone()].trim().to_owned())
                });
                found.push(said.filter(|(_, text)| !text.is_empty()).collect());
                if found.len() == POOL {
                    return found;
                }
            }
        }
    }
    found
}

/// The vectors of the pool: computed once and kept beside the databases, since that takes minutes.
async fn vectors(pool: &[Said], embedder: &Embedder, folder: &Path) -> Vec<Vec<f32>> {
    let file = folder.join("pool.f16");
    if let Ok(bytes) = fs::read(&file)
        && bytes.len() == POOL * 384 * 2
    {
        let numbers: Vec<f32> =
            bytes.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect();
        return numbers.chunks(384).map(<[f32]>::to_vec).collect();
    }
    let begun = Instant::now();
    let mut made = Vec::with_capacity(POOL);
    // Several at once: the embedder uses the processors that it may.
    for part in pool.chunks(512) {
        let texts: Vec<String> =
            part.iter().map(|said| said.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n")).collect();
        let (a, b) = texts.split_at(texts.len() / 2);
        let (a, b) = tokio::try_join!(embedder.embed(a.to_vec()), embedder.embed(b.to_vec())).unwrap();
        made.extend(a.into_iter().chain(b));
        eprintln!("{} of {POOL} passages embedded, {} s", made.len(), begun.elapsed().as_secs());
    }
    let bytes: Vec<u8> = made.iter().flatten().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect();
    fs::write(&file, bytes).unwrap();
    made
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    for number in &mut vector {
        *number /= length;
    }
    vector
}

/// Call `number`: its transcript, its passages, and which of the pool they are.
fn call(pool: &[Said], number: usize, rep: &str) -> (Transcript, Vec<Passage>, Vec<usize>) {
    let mut draw = Draw(number as u64 + 1);
    let (mut segments, mut passages, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for place in 0..OF_CALL {
        // The first have each passage of the pool once.
        let drawn = draw.next() as usize % POOL;
        let at = if number < POOL / OF_CALL { number * OF_CALL + place } else { drawn };
        let mut parts = Vec::new();
        let mut words = 0;
        for (line, (side, text)) in pool[at].iter().enumerate() {
            let mut text = text.clone();
            if line == 0 && place == 0 {
                text.extend([" qx", &number.to_string(), "w"]);
            }
            let start = segments.len() as u64 * 5_000;
            words += text.split_whitespace().count();
            parts.push(Part { segment: segments.len(), bytes: 0..text.len() });
            segments.push(Segment {
                id: segments.len() as u32 + 1,
                speaker: side.map(|side| usize::from(side == Side::External)),
                start_ms: Some(start),
                end_ms: Some(start + 4_500),
                text,
                estimated: false,
                confidence: None,
                topic: None,
            });
        }
        passages.push(Passage { parts, words });
        used.push(at);
    }
    let person = |name: &str, side| Participant { name: name.to_owned(), side: Some(side), ..Participant::default() };
    let transcript = Transcript {
        format: Format::Json,
        participants: vec![person(rep, Side::Internal), person("Somebody Else", Side::External)],
        segments,
        warnings: Vec::new(),
        title: None,
        started_at: None,
        external_id: None,
        language: Some("en".to_owned()),
        separate_channels: false,
    };
    (transcript, passages, used)
}

async fn measure(url: &str, folder: &Path, model: &Path) {
    let embedder = Embedder::local_with(model, 2).unwrap();
    let pool = pool();
    let made = vectors(&pool, &embedder, folder).await;
    let db = Db::open(&Settings::new(Secret::new(url.to_owned()))).await.unwrap();
    db.migrate().await.unwrap();
    let clock = Clock::system();
    let search = Search::new(
        db.clone(),
        clock.clone(),
        chrono_tz::Tz::UTC,
        coaching::Analyst::default(),
        Meaning::Ready(embedder.clone()),
    );
    search.prepare().await.unwrap();
    let mut reps = Vec::new();
    let mut tx = db.begin().await.unwrap();
    for rep in 0..REPS {
        reps.push(accounts::rep(&mut tx, &clock, &format!("Rep Number{rep}"), None).await.unwrap());
    }
    tx.commit().await.unwrap();
    let manager = manager(&db, &clock, &reps[..REPS * 3 / 10]).await;
    // Each passage with its vector, for what is exactly the nearest.
    let mut kept: Vec<(i64, usize, Vec<f32>)> = Vec::with_capacity(CALLS * OF_CALL);
    let (mut number, mut segments, mut indexing) = (0, 0, Duration::ZERO);
    for (calls, size) in SIZES {
        while number < calls {
            let begun = Instant::now();
            let mut tx = db.begin().await.unwrap();
            for _ in 0..25 {
                let rep = number % REPS;
                let (transcript, passages, used) = call(&pool, number, &format!("Rep Number{rep}"));
                segments += transcript.segments.len();
                let at = DateTime::from_timestamp(1_760_000_000, 0).unwrap() + TimeDelta::minutes(number as i64);
                let title = format!("Call {number}");
                let (_, first) = lab::put(&mut tx, &title, Some(reps[rep]), at, &transcript, &passages).await.unwrap();
                let mut draw = Draw(number as u64 + 77);
                // As they are in the first calls.
                let noise = if number < POOL / OF_CALL { 0.0 } else { NOISE / 11.3 };
                let noisy: Vec<Vec<f32>> = used
                    .iter()
                    .map(|at| unit(made[*at].iter().map(|n| n + noise * draw.fraction()).collect()))
                    .collect();
                lab::put_vectors(&mut tx, first, &noisy, embedder.model()).await.unwrap();
                kept.extend((first..).zip(noisy).map(|(id, vector)| (id, rep, vector)));
                number += 1;
            }
            tx.commit().await.unwrap();
            indexing += begun.elapsed();
            if number % 1_000 == 0 {
                eprintln!("{number} calls, {segments} segments, {} s", indexing.as_secs());
            }
        }
        if let Db::Postgres(pool) = &db {
            sqlx::query("ANALYZE").execute(pool).await.unwrap();
        }
        tell(&format!("segments_at_{size}"), segments as f64);
        for (name, who, mode, filter, facets) in [
            ("keyword", &admin(), Mode::Keyword, "", false),
            ("vector", &admin(), Mode::Vector, "", false),
            ("hybrid", &admin(), Mode::Hybrid, "", false),
            ("hybrid_of_agent", &admin(), Mode::Hybrid, "agent:Number7 ", false),
            ("hybrid_of_speaker", &admin(), Mode::Hybrid, "speaker:Number7 ", false),
            // What the page asks: of a manager with three in ten of all calls, and with what there is among what was found.
            ("hybrid_of_manager", &manager, Mode::Hybrid, "", true),
            ("hybrid_with_facets", &admin(), Mode::Hybrid, "", true),
        ] {
            let asked = Asked { who, mode, filter, facets, told: size == "1m" };
            tell_times(&format!("{name}_{size}"), ask(&search, &asked).await);
        }
        let mut times = Vec::new();
        for begun in BEGUN {
            for pass in 0..=PASSES {
                let at = Instant::now();
                assert!(
                    !search::suggest(&search, &manager, begun).await.unwrap().is_empty(),
                    "{begun} suggests nothing"
                );
                if pass > 0 {
                    times.push(at.elapsed().as_secs_f64() * 1e3);
                }
            }
        }
        tell_times(&format!("suggest_{size}"), times);
        // At 100,000 these are vectors of real passages, each once; beyond, noise is added.
        if size != "10k" {
            recall(&search, &pool, &embedder, &kept, size).await;
        }
    }
    tell("index_seconds", indexing.as_secs_f64());
    sizes(&db).await;
    db.close().await;
}

fn admin() -> Actor {
    Actor { id: Uuid::from_u128(1), role: Role::Admin, session: Uuid::nil() }
}

/// Somebody who manages so many of these reps.
async fn manager(db: &Db, clock: &Clock, reps: &[Uuid]) -> Actor {
    let mut tx = db.begin().await.unwrap();
    let id = accounts::rep(&mut tx, clock, "Manager Ofmany", None).await.unwrap();
    let team = Uuid::from_u128(7);
    let sql = "INSERT INTO teams (id, name, created_at) VALUES ($1, 'Many', $2)";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(team).bind(clock.now()).execute(conn).await.unwrap().rows_affected());
    let sql = "INSERT INTO memberships (team_id, user_id, created_at) VALUES ($1, $2, $3)";
    for member in reps.iter().chain([&id]) {
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(team).bind(member).bind(clock.now()).execute(conn).await.unwrap().rows_affected());
    }
    tx.commit().await.unwrap();
    Actor { id, role: Role::Manager, session: Uuid::nil() }
}

/// How the mix is asked.
struct Asked<'a> {
    who: &'a Actor,
    mode: Mode,
    filter: &'a str,
    facets: bool,
    /// Whether each query is told of.
    told: bool,
}

/// Tells the median, and what 95 of 100 stay below.
fn tell_times(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let (name, size) = name.rsplit_once('_').unwrap();
    tell(&format!("{name}_p50_{size}"), times[times.len() / 2]);
    tell(&format!("{name}_p95_{size}"), times[times.len() * 95 / 100]);
}

/// Milliseconds of each query of the mix, each time. What a query means is computed anew each time, as if nobody had asked it lately.
async fn ask(search: &Search, asked: &Asked<'_>) -> Vec<f64> {
    let Asked { who, mode, filter, facets, told } = *asked;
    let mut all = Vec::new();
    for query in QUERIES {
        let mut of_query = Vec::new();
        for pass in 0..=PASSES {
            let wanted = Wanted { query: format!("{filter}{query}"), mode, limit: 20, facets, ..Wanted::default() };
            // A program that has just begun knows no vector of a query yet.
            let search = search.forgetful();
            let begun = Instant::now();
            let found = search::find(&search, who, &wanted).await.unwrap();
            let took = begun.elapsed().as_secs_f64() * 1e3;
            // A made-up word may stand in a call that is not there yet, and of few calls not each query finds something.
            let is_all = filter.is_empty() && who.role == Role::Admin;
            assert!(!found.calls.is_empty() || !is_all || query.contains("qx"), "{query} finds nothing by {mode:?}");
            if pass > 0 {
                of_query.push(took);
            }
        }
        of_query.sort_by(f64::total_cmp);
        if told {
            eprintln!(
                "{mode:?}{} {:7.1} ms  {filter}{query}",
                if facets { " with facets" } else { "" },
                of_query[of_query.len() / 2]
            );
        }
        all.extend(of_query);
    }
    all
}

/// Megabytes of what finds: words, vectors, codes.
async fn sizes(db: &Db) {
    let sql = match db {
        Db::Sqlite(_) => {
            "SELECT CAST(coalesce(sum(pgsize), 0) AS BIGINT) FROM dbstat WHERE name LIKE 'passage%' OR name LIKE 'indexed_calls%' OR name LIKE 'call_codes%'"
        }
        Db::Postgres(_) => {
            "SELECT CAST(pg_total_relation_size('passages') + pg_total_relation_size('passage_vectors') + pg_total_relation_size('indexed_calls') AS BIGINT)"
        }
    };
    let bytes: i64 = on_db!(db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    tell("index_megabytes", bytes as f64 / 1e6);
}

/// Which share of the ten nearest passages are found, among all and among those of a rep.
async fn recall(search: &Search, pool: &[Said], embedder: &Embedder, kept: &[(i64, usize, Vec<f32>)], size: &str) {
    let mut texts: Vec<String> =
        QUERIES.iter().filter(|query| query.len() > 40).map(|query| (*query).to_owned()).collect();
    let mut draw = Draw(5);
    while texts.len() < RECALLED {
        let said = &pool[draw.next() as usize % POOL];
        texts.push(said[draw.next() as usize % said.len()].1.clone());
    }
    let asked = embedder.embed(texts).await.unwrap();
    for (id, rep) in [("recall_at_10", None), ("recall_at_10_of_agent", Some(7))] {
        let mut scope = Scope::default();
        scope.fields.agent = rep.map(|rep: usize| format!("Rep Number{rep}"));
        let allowed = search::allowed(search, &admin(), &scope).await.unwrap();
        let mut hits = 0;
        for vector in &asked {
            let mut exact: Vec<(f32, i64)> = kept
                .iter()
                .filter(|(_, of, _)| rep.is_none_or(|rep| *of == rep))
                .map(|(id, _, other)| (cosine(vector, other), *id))
                .collect();
            exact.select_nth_unstable_by(9, |a, b| b.0.total_cmp(&a.0));
            let found = search::nearest(search, vector, &allowed, 10).await.unwrap();
            // Of some that are as near as each other any is right: what lies between them is less than a number of two bytes tells.
            let tenth = exact[..10].iter().map(|(cosine, _)| *cosine).fold(f32::INFINITY, f32::min);
            hits += found.iter().filter(|found| found.cosine >= tenth - ALIKE).count();
        }
        tell(&format!("{id}_{size}"), hits as f64 / (10 * asked.len()) as f64);
    }
}
