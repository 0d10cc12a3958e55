//! The part of `cargo xtask bench deals` that asks the database: 50,000 deals, one of them with 300 calls and 2,000 e-mails, and the lists and the first page of
//! the timeline that people ask for. Prints one JSON object a line: `{"id", "value"}`. Not for use alone.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the terminal of whoever measures")]

use calls::{Blobs, NewCall};
use db::{Db, Settings, on_db, on_tx};
use deals::{By, Deals, FileKind, Filter, Search, Status, WarningKind, What};
use kernel::{Actor, Clock, Role, Secret};
use serde_json::{Value, json};
use std::env::var;
use std::path::Path;
use std::time::Instant;
use transcript::redact::RedactKinds;
use uuid::Uuid;

/// Passes of which the median is taken.
const PASSES: usize = 41;
/// Passes before them.
const WARM_UP: usize = 5;
/// Deals in all.
const DEALS: usize = 50_000;
/// Deals of one file.
const FILE: usize = 10_000;
/// Calls and e-mails of one deal.
const CALLS: usize = 300;
const EMAILS: usize = 2_000;
/// Reps.
const REPS: usize = 40;

fn main() {
    // `cargo test --all-targets` runs benches as well: there is nothing to measure then.
    let (Ok(url), Ok(folder)) = (var("SIDELINE_BENCH_DATABASE"), var("SIDELINE_BENCH_FOLDER")) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(measure(&url, Path::new(&folder)));
}

async fn measure(url: &str, folder: &Path) {
    let db = Db::open(&Settings::new(Secret::new(url.to_owned()))).await.unwrap();
    db.migrate().await.unwrap();
    let deals = Deals {
        db: db.clone(),
        clock: Clock::system(),
        redact: RedactKinds::default(),
        zone: chrono_tz::Tz::UTC,
        rubric: "default".to_owned(),
        analyst: coaching::Analyst::default(),
    };
    let rep = fill(&deals, folder).await;
    let admin = Actor { id: Uuid::from_u128(1), role: Role::Admin, session: Uuid::nil() };
    let own = Actor { id: rep, role: Role::Rep, session: Uuid::nil() };
    let page = Search { limit: 51, ..Search::default() };
    for (id, actor, search) in [
        ("list_close_date", &admin, page.clone()),
        ("list_health", &admin, Search { by: By::Health, descending: true, ..page.clone() }),
        ("list_amount", &admin, Search { by: By::Amount, descending: true, ..page.clone() }),
        ("list_open", &admin, Search { status: Some(Status::Open), ..page.clone() }),
        ("list_stage", &admin, Search { stage: Some("Closed Lost".to_owned()), ..page.clone() }),
        ("list_product", &admin, Search { product: Some("Yard".to_owned()), by: By::Name, ..page.clone() }),
        ("list_warned", &admin, Search { warning: Some(WarningKind::Overdue), ..page.clone() }),
        ("list_text", &admin, Search { text: Some("firm 4321".to_owned()), ..page.clone() }),
        ("list_owner", &admin, Search { owner: Some(rep), by: By::Health, ..page.clone() }),
        ("list_own", &own, page),
    ] {
        let ms = median(async || {
            let (found, _) = deals::search(&db, actor, &search, false).await.unwrap();
            assert!(!found.is_empty() && found.len() <= 51, "{id}");
        });
        row(id, ms.await);
    }
    let sql = "SELECT id FROM opportunities WHERE external_id = 'D-0'";
    let deal: Uuid = on_db!(&db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    for (id, filter) in [
        ("timeline", Filter { limit: 21, ..Filter::default() }),
        ("timeline_person", Filter { limit: 21, person: Some("mara@firm0.example".to_owned()), ..Filter::default() }),
    ] {
        let ms = median(async || {
            assert_eq!(deals::timeline(&db, &admin, deal, &filter).await.unwrap().len(), 21);
        });
        row(id, ms.await);
    }
    db.close().await;
}

fn row(id: &str, value: f64) {
    println!("{}", json!({ "id": id, "value": value }));
}

/// Median milliseconds of a pass.
async fn median(mut pass: impl AsyncFnMut()) -> f64 {
    let mut times = Vec::new();
    for _ in 0..WARM_UP + PASSES {
        let start = Instant::now();
        pass().await;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let times = &mut times[WARM_UP..];
    times.sort_by(f64::total_cmp);
    times[PASSES / 2]
}

/// Makes reps, deals, calls and e-mails; returns one of the reps.
async fn fill(deals: &Deals, folder: &Path) -> Uuid {
    let mut tx = deals.db.begin().await.unwrap();
    let mut reps = Vec::new();
    for number in 0..REPS {
        let email = format!("rep{number}@us.example");
        reps.push(accounts::rep(&mut tx, &deals.clock, &format!("Rep {number}"), Some(&email)).await.unwrap());
    }
    tx.commit().await.unwrap();
    let now = deals.clock.now();
    let day = |days: i64| (now + chrono::TimeDelta::days(days)).date_naive().to_string();
    for file in 0..DEALS / FILE {
        let all: Vec<Value> = (file * FILE..(file + 1) * FILE)
            .map(|n| {
                let stage = ["Demo", "Proposal", "Negotiation", "Closed Won", "Closed Lost"][n % 5];
                let (product, segment) = (["Docks", "Yard", "Gate"][n % 3], ["smb", "enterprise"][n % 2]);
                json!({ "id": format!("D-{n}"), "name": format!("Deal {n}"), "account": format!("Firm {n}"), "owner": format!("rep{}@us.example", n % REPS),
                    "account_domain": format!("firm{n}.example"), "stage": stage,
                    "product": product, "segment": segment, "amount": 100 * (n % 977),
                    "currency": "USD", "close_date": day((n % 400) as i64 - 300), "opened_at": day(-390) })
            })
            .collect();
        bring(deals, What::Opportunities, &all).await;
    }
    let blobs = Blobs::local(&folder.join("blobs")).unwrap();
    for n in 0..CALLS {
        let at = (now - chrono::TimeDelta::hours(n as i64)).to_rfc3339();
        let text = json!({ "title": format!("Call {n}"), "started_at": at,
            "participants": [{ "name": "Rep 0", "side": "internal", "email": "rep0@us.example" },
                { "name": "Mara Stone", "side": "external", "email": "mara@firm0.example" }],
            "segments": [{ "speaker": "Rep 0", "start_ms": 0, "end_ms": 900, "text": "Hello." },
                { "speaker": "Mara Stone", "start_ms": 1000, "end_ms": 1900, "text": format!("Hello {n}.") }] });
        let new = NewCall { who: "bench".into(), ..NewCall::named("call.json") };
        calls::import(&deals.db, &blobs, &deals.clock, text.to_string().into_bytes(), &[], &new).await.unwrap();
    }
    let all: Vec<Value> = (0..EMAILS)
        .map(|n| {
            json!({ "id": format!("M-{n}"), "opportunity_id": "D-0", "subject": format!("About {n}"), "sender": "rep0@us.example",
                "recipients": ["mara@firm0.example"], "sent_at": (now - chrono::TimeDelta::minutes(17 * n as i64)).to_rfc3339(),
                "body": "Here is what we spoke about. ".repeat(20) })
        })
        .collect();
    bring(deals, What::Emails, &all).await;
    deals::catch_up(deals).await.unwrap();
    let mut tx = deals.db.begin().await.unwrap();
    on_tx!(&mut tx, conn => sqlx::raw_sql("ANALYZE").execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    reps[0]
}

async fn bring(deals: &Deals, what: What, all: &[Value]) {
    let file = serde_json::to_vec(all).unwrap();
    deals::bring(deals, "bench", what, FileKind::Json, &file).await.unwrap();
}
