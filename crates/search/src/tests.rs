//! Stories of search, on both databases.

use crate::*;
use calls::{Blobs, Imported, NewCall};
use chrono::{DateTime, TimeDelta};
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::{Actor, Role};
use retrieval::Fields;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use transcript::redact::RedactKinds;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) blobs: Blobs,
    pub(crate) search: Search,
}

/// A Monday, 2026-11-23 12:00 UTC.
const NOW: i64 = 1_795_435_200;

pub(crate) const DANA: (&str, &str) = ("Dana Whitlock", "dana@us.example");
pub(crate) const RAVI: (&str, &str) = ("Ravi Moss", "ravi@us.example");

impl World {
    /// Without anything that computes vectors.
    pub(crate) fn new(db: TestDb) -> Self {
        Self::with(db, Meaning::Off("it is off here".to_owned()))
    }

    pub(crate) fn with(db: TestDb, meaning: Meaning) -> Self {
        let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
        let clock = Clock::fixed(DateTime::from_timestamp(NOW, 0).unwrap());
        let search = Search::new((*db).clone(), clock, Tz::UTC, Analyst::default(), meaning);
        Self { db, blobs, search }
    }

    pub(crate) fn deals(&self) -> deals::Deals {
        deals::Deals {
            db: (*self.db).clone(),
            clock: self.search.clock.clone(),
            redact: RedactKinds::default(),
            zone: Tz::UTC,
            rubric: "default".to_owned(),
            analyst: Analyst::default(),
        }
    }

    /// A call of a rep with Mara Stone of a customer, so many days ago: lines `D: …` of ours and `C: …` of hers.
    pub(crate) async fn call(&self, rep: (&str, &str), days: i64, customer: &str, said: &str) -> Uuid {
        let segments: Vec<Value> = said
            .lines()
            .enumerate()
            .map(|(place, line)| {
                let (who, text) = line.split_once(": ").unwrap();
                let speaker = if who == "D" { rep.0 } else { "Mara Stone" };
                let start = place as u64 * 6000;
                json!({ "speaker": speaker, "start_ms": start, "end_ms": start + 5000, "text": text })
            })
            .collect();
        let participants = json!([{ "name": rep.0, "side": "internal", "email": rep.1 }, { "name": "Mara Stone", "side": "external" }]);
        let began = DateTime::from_timestamp(NOW, 0).unwrap() - TimeDelta::days(days);
        let text = json!({ "title": format!("{customer}, {days}"), "started_at": began.to_rfc3339(), "segments": segments,
            "participants": participants, "language": "en-GB" });
        let new =
            NewCall { who: "importer".into(), customer: Some(customer.to_owned()), ..NewCall::named("call.json") };
        let clock = &self.search.clock;
        match calls::import(&self.db, &self.blobs, clock, text.to_string().into_bytes(), &[], &new).await.unwrap() {
            Imported::New { id, .. } => id,
            Imported::Known { .. } => panic!("it is new"),
        }
    }

    pub(crate) async fn user(&self, (name, email): (&str, &str)) -> Uuid {
        let mut tx = self.db.begin().await.unwrap();
        let id = accounts::rep(&mut tx, &self.search.clock, name, Some(email)).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn run(&self, sql: &str) -> u64 {
        let mut tx = self.db.begin().await.unwrap();
        let rows =
            on_tx!(&mut tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).execute(conn).await.unwrap().rows_affected());
        tx.commit().await.unwrap();
        rows
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        on_db!(&*self.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap())
    }

    pub(crate) async fn find(&self, actor: &Actor, query: &str) -> Found {
        self.find_by(actor, query, Mode::Hybrid).await
    }

    pub(crate) async fn find_by(&self, actor: &Actor, query: &str, mode: Mode) -> Found {
        let wanted = Wanted { query: query.to_owned(), mode, limit: 50, facets: true, ..Wanted::default() };
        find(&self.search, actor, &wanted).await.unwrap()
    }
}

pub(crate) fn actor(id: Uuid, role: Role) -> Actor {
    Actor { id, role, session: Uuid::nil() }
}

pub(crate) fn admin() -> Actor {
    actor(Uuid::from_u128(1), Role::Admin)
}

/// The titles of the calls in which something was found, in order.
pub(crate) fn titles(found: &Found) -> Vec<&str> {
    found.calls.iter().map(|found| found.call.title.as_str()).collect()
}

/// What is in bold, line by line.
fn marked(found: &Found) -> Vec<String> {
    let lines = found.calls.iter().flat_map(|found| &found.moments).flat_map(|moment| &moment.lines);
    let marked = lines.flat_map(|line| {
        let letters: Vec<char> = line.text.chars().collect();
        line.highlights
            .iter()
            .map(move |mark| letters[mark.start..mark.end].iter().collect::<String>())
            .collect::<Vec<_>>()
    });
    marked.collect()
}

pub(crate) const PRICE: &str = "D: Hello Mara, thank you for the time. How do you plan the docks today?\n\
     C: On paper. Honestly, your pricing is too high for us, the budget is gone until spring.\n\
     D: I see. What would the Salesforce integration be worth to you?";
pub(crate) const SECURITY: &str = "D: Good morning. Which questions did your security team send?\n\
     C: Where is the data kept, and is it encrypted? Our prices stay as they are.\n\
     D: In Frankfurt, and yes, it is. I will send you the certificate.";
const SHORT: &str = "D: Hello?\nC: Call me next week, please. I am about to board a plane.";

async fn scene(db: TestDb) -> World {
    let world = World::new(db);
    world.call(DANA, 3, "Acme", PRICE).await;
    world.call(RAVI, 10, "Bolt & Söhne", SECURITY).await;
    world.call(DANA, 40, "Cargo", SHORT).await;
    world
}

async fn words_are_found_in_all_their_forms(db: TestDb) {
    let world = scene(db).await;
    let who = admin();
    for (query, wanted, bold) in [
        // The one that says it twice as often in fewer words first.
        ("price", vec!["Bolt & Söhne, 10", "Acme, 3"], vec!["prices", "pricing"]),
        ("\"budget is gone\"", vec!["Acme, 3"], vec!["budget is gone"]),
        ("\"gone budget\"", vec![], vec![]),
        ("integra*", vec!["Acme, 3"], vec!["integration"]),
        ("encrypt* certific*", vec!["Bolt & Söhne, 10"], vec!["encrypted", "certificate"]),
        ("price -salesforce", vec!["Bolt & Söhne, 10"], vec!["prices"]),
        ("price -\"stay as they are\"", vec!["Acme, 3"], vec!["pricing"]),
        ("side:us integration", vec!["Acme, 3"], vec!["integration"]),
        ("side:customer integration", vec![], vec![]),
        ("side:customer price", vec!["Bolt & Söhne, 10", "Acme, 3"], vec!["prices", "pricing"]),
        ("speaker:dana integration", vec!["Acme, 3"], vec!["integration"]),
        ("speaker:mara integration", vec![], vec![]),
        ("agent:dana price", vec!["Acme, 3"], vec!["pricing"]),
        ("customer:söhne price", vec!["Bolt & Söhne, 10"], vec!["prices"]),
        ("after:2026-11-19 price", vec!["Acme, 3"], vec!["pricing"]),
        ("before:2026-11-13 price", vec!["Bolt & Söhne, 10"], vec!["prices"]),
        ("lang:en price agent:ravi", vec!["Bolt & Söhne, 10"], vec!["prices"]),
        ("lang:de price", vec![], vec![]),
        ("zeppelin", vec![], vec![]),
    ] {
        let found = world.find(&who, query).await;
        assert_eq!(titles(&found), wanted, "{query}");
        assert_eq!(marked(&found), bold, "{query}");
        assert_eq!((found.mode, found.total), (Mode::Keyword, wanted.len() as i64), "{query}");
        assert_eq!(found.meaning_off.as_deref(), Some("it is off here"));
    }
    // Where no passage has all words, those that have some are found, and it is told.
    let found = world.find(&who, "integration zeppelin").await;
    assert_eq!((titles(&found), found.matched, found.total), (vec!["Acme, 3"], Matched::Any, 1));
    let both = world.find(&who, "price budget").await;
    assert_eq!((titles(&both), both.matched, both.total), (vec!["Acme, 3", "Bolt & Söhne, 10"], Matched::All, 1));
    // A moment opens where it is said.
    let moment = &world.find(&who, "budget").await.calls[0].moments[0];
    assert_eq!((moment.segment_id, moment.start_ms), (2, Some(6000)));
    assert_eq!(moment.lines[0].speaker.as_deref(), Some("Dana Whitlock"), "with the line before it");
    assert_eq!(moment.lines[1].side.as_deref(), Some("external"));
    // Fields alone: the latest calls.
    let latest = world.find(&who, "agent:dana").await;
    assert_eq!((titles(&latest), latest.total), (vec!["Acme, 3", "Cargo, 40"], 2));
    // What is listed is counted as a whole, whatever fits on a page; a minus alone leaves calls out.
    let wanted = Wanted { limit: 1, facets: true, ..Wanted::default() };
    let page = find(&world.search, &who, &wanted).await.unwrap();
    assert_eq!((page.total, page.calls.len(), page.more), (3, 1, true));
    assert_eq!(page.facets.unwrap().agents.iter().map(|facet| facet.calls).collect::<Vec<_>>(), [2, 1]);
    let rest = world.find(&who, "-salesforce -certificate").await;
    assert_eq!((titles(&rest), rest.total), (vec!["Cargo, 40"], 1));
    assert_eq!(titles(&world.find(&who, "agent:dana -salesforce").await), ["Cargo, 40"]);
    let facets = world.find(&who, "price").await.facets.unwrap();
    let told = |facets: &[Facet]| facets.iter().map(|facet| (facet.value.clone(), facet.calls)).collect::<Vec<_>>();
    assert_eq!(told(&facets.agents), [("Dana Whitlock".to_owned(), 1), ("Ravi Moss".to_owned(), 1)]);
    assert_eq!(told(&facets.customers), [("Acme".to_owned(), 1), ("Bolt & Söhne".to_owned(), 1)]);
    assert_eq!(told(&facets.months), [("2026-11".to_owned(), 2)]);
    assert_eq!(told(&facets.languages), [("en-gb".to_owned(), 2)]);
}

async fn any_text_is_a_query(db: TestDb) {
    let world = scene(db).await;
    for query in [
        "'",
        "''",
        "\"",
        "\\",
        "%",
        "_",
        "*",
        "-",
        "--",
        "()",
        "(price",
        "price)",
        "a AND b OR",
        "NOT",
        "NEAR(a b)",
        "price NEAR/2 high",
        "a:b:c",
        "::",
        "internal:price",
        "{internal}: price",
        "^price",
        "price^2",
        "price | high & !low",
        "<->",
        "price <-> high",
        "'price':A",
        "price\0high",
        "-price",
        "\u{202e}price",
        "价格",
        "ﷺ",
        "😀",
        "a\u{301}",
        "score>",
        "side:",
        "agent:'; DROP TABLE calls; --",
        "-\"",
        "\"\"\"",
        "speaker:%",
        "price*",
        "pr*ce",
        "tracker:' OR 1=1",
        "deal:\\",
        "before:9999-12-31 after:0001-01-01 price",
        "score:0..100",
        "before:+262142-12-31",
        "after:-9999-01-01 price",
        "after:-262000-01-01",
    ] {
        for mode in [Mode::Keyword, Mode::Hybrid] {
            let wanted = Wanted { query: query.to_owned(), mode, limit: 5, facets: true, ..Wanted::default() };
            find(&world.search, &admin(), &wanted).await.unwrap_or_else(|error| panic!("{query:?}: {error}"));
        }
        suggest(&world.search, &admin(), query).await.unwrap_or_else(|error| panic!("{query:?}: {error}"));
        read(&world.search, &admin(), query).await.unwrap_or_else(|error| panic!("{query:?}: {error}"));
    }
    // What PostgreSQL and SQLite would take for something of their own are words.
    assert_eq!(titles(&world.find(&admin(), "price -NOT").await).len(), 2);
}

async fn who_may_not_see_a_call_is_told_nothing_of_it(db: TestDb) {
    let world = scene(db).await;
    // As like Ravi's as can be.
    world.call(DANA, 5, "Acme", SECURITY).await;
    let ravi = actor(world.user(RAVI).await, Role::Rep);
    let hidden = ["Acme", "Dana", "budget", "Salesforce", "Cargo", "plane"];
    let silent = |what: &str, told: String| {
        for word in hidden {
            assert!(!told.contains(word), "{what} tells of {word}: {told}");
        }
    };
    for query in [
        "price",
        "budget",
        "agent:dana",
        "customer:acme price",
        "\"budget is gone\"",
        "sales*",
        "plane",
        "high prices",
        "mara",
    ] {
        for mode in [Mode::Keyword, Mode::Hybrid, Mode::Vector] {
            let found = world.find_by(&ravi, query, mode).await;
            let mut told = serde_json::to_value(&found).unwrap();
            // What was asked stands there as it was asked.
            told["query"] = Value::Null;
            silent(query, told.to_string());
            let own = world.count("SELECT count(*) FROM indexed_calls i JOIN calls c ON c.id = i.call_id JOIN users u ON u.id = c.rep_id WHERE u.name = 'Ravi Moss'").await;
            assert!(found.total <= own, "{query} counts {}", found.total);
            let facets = found.facets.unwrap();
            assert!(facets.agents.iter().chain(&facets.months).all(|facet| facet.calls <= 1), "{query}");
        }
    }
    for begun in ["bud", "pla", "Acm", "Dan", "Sal", "a", "Car", "price bud"] {
        silent(begun, json!(suggest(&world.search, &ravi, begun).await.unwrap()).to_string());
    }
    assert!(
        json!(suggest(&world.search, &ravi, "encr").await.unwrap()).to_string().contains("encrypted"),
        "their own words are told"
    );
    let reading = read(&world.search, &ravi, "What did Dana say to Acme about prices?").await.unwrap();
    assert_eq!(reading.understood, Vec::<String>::new(), "nobody whom they do not see is understood");
    // Like their own call is none of those that they do not see.
    let own = world.find(&ravi, "certificate").await.calls[0].call.id;
    let alike = similar(&world.search, &ravi, Like { call: own, segment: None }, false, 10).await.unwrap();
    silent("similar", json!(alike).to_string());
    assert_eq!(alike.calls.len(), 0);
    let all = similar(&world.search, &admin(), Like { call: own, segment: None }, false, 10).await.unwrap();
    assert!(!all.calls.is_empty(), "others see what is like it");
    let recommended = recommendations(&world.search, &world.deals(), &ravi, own).await.unwrap();
    silent("recommendations", json!(recommended).to_string());
    let told = asked(&world, &ravi, "What about the budget and the price?").await;
    silent(
        "ask",
        json!(told)
            .to_string()
            .replace("What about the budget and the price?", "")
            .replace("about the budget and the price", ""),
    );
    // A call asked for by name is not looked through either.
    let acme = world.count("SELECT count(*) FROM calls").await;
    assert_eq!(acme, 4);
    let hidden_call = world.find(&admin(), "budget").await.calls[0].call.id;
    let scope = Scope { call: Some(hidden_call), ..Scope::default() };
    let wanted = Wanted { query: "budget".to_owned(), scope, limit: 5, facets: true, ..Wanted::default() };
    let found = find(&world.search, &ravi, &wanted).await.unwrap();
    assert_eq!((found.total, found.calls.len()), (0, 0));
}

/// Everything that is told of an answer.
pub(crate) async fn asked(world: &World, actor: &Actor, question: &str) -> Vec<AskEvent> {
    let (out, mut told) = tokio::sync::mpsc::channel(100);
    ask(&world.search, actor, question, &Scope::default(), out).await.unwrap();
    let mut all = Vec::new();
    while let Some(event) = told.recv().await {
        all.push(event);
    }
    all
}

async fn a_call_that_is_gone_is_found_no_more(db: TestDb) {
    let world = scene(db).await;
    let who = admin();
    let call = world.find(&who, "budget").await.calls[0].call.id;
    let saved = save(
        &world.search,
        &who_with(&world).await,
        &Saving { name: Some("x".into()), query: Some("budget".into()), ..Saving::default() },
    )
    .await
    .unwrap();
    let mut tx = world.db.begin().await.unwrap();
    on_tx!(&mut tx, conn => sqlx::query("INSERT INTO saved_search_hits (search_id, call_id, segment_id, found_at) SELECT $1, call_id, first_segment, $2 FROM passages WHERE call_id = $3")
        .bind(saved.id).bind(world.search.clock.now()).bind(call).execute(conn).await.unwrap().rows_affected());
    let deleted = calls::delete(&mut tx, &world.search.clock, call, "test").await.unwrap();
    tx.commit().await.unwrap();
    assert!(deleted.receipt.rows.contains(&("passages".to_owned(), 1)), "{:?}", deleted.receipt);
    assert_eq!(titles(&world.find(&who, "budget").await), [] as [&str; 0]);
    for table in ["passages", "indexed_calls", "saved_search_hits"] {
        assert_eq!(
            world.count(&format!("SELECT count(*) FROM {table} WHERE call_id NOT IN (SELECT id FROM calls)")).await,
            0,
            "{table}"
        );
    }
    if let Db::Sqlite(sqlite) = &*world.db {
        // Not even its words are left in what they are looked for by.
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM passage_words WHERE passage_words MATCH 'budget OR salesforc'")
                .fetch_one(&sqlite.read)
                .await
                .unwrap();
        assert_eq!(left, 0);
        let blocks: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT block FROM passage_words_data").fetch_all(&sqlite.read).await.unwrap();
        let has = |word: &[u8]| blocks.iter().any(|block| block.windows(word.len()).any(|part| part == word));
        assert!(has(b"certificat") && !has(b"salesforc"), "what is deleted is overwritten");
    }
}

async fn who_with(world: &World) -> Actor {
    actor(world.user(DANA).await, Role::Rep)
}

async fn sides_that_are_said_later_are_looked_for(db: TestDb) {
    let world = World::new(db);
    let text = "Pat: Our price is nine euros.\nSam: That is too much for us.\n";
    let new = NewCall { who: "importer".into(), ..NewCall::named("call.txt") };
    let clock = &world.search.clock;
    let Imported::New { id, .. } =
        calls::import(&world.db, &world.blobs, clock, text.as_bytes().to_vec(), &[], &new).await.unwrap()
    else {
        panic!()
    };
    let who = admin();
    assert_eq!(world.find(&who, "price").await.total, 1, "it is found before anybody knows who is who");
    assert_eq!(world.find(&who, "side:us price").await.total, 0);
    let transcript = calls::load(&world.db, id).await.unwrap();
    let mut tx = world.db.begin().await.unwrap();
    calls::set_sides(&mut tx, clock, id, transcript, &["Pat".to_owned()], None, &"test".into()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.find(&who, "side:us price").await.total, 1);
    assert_eq!(world.find(&who, "side:customer price").await.total, 0);
    assert_eq!(world.count("SELECT count(*) FROM passages").await, 1, "each passage once");
}

async fn an_index_of_older_rules_is_made_anew(db: TestDb) {
    let world = scene(db).await;
    // As a program left it that knew no passages.
    world.run("DELETE FROM passages").await;
    world.run("DELETE FROM indexed_calls").await;
    assert_eq!(world.find(&admin(), "price").await.total, 0);
    let told = progress(&world.search).await.unwrap();
    assert_eq!((told.calls, told.indexed, told.embedded, told.passages), (3, 0, 0, 0));
    // One is made, then the program ends.
    let first = calls::unindexed(&world.db, 1).await.unwrap();
    calls::index_kept(&world.db, first[0]).await.unwrap();
    let mut steps = Vec::new();
    assert_eq!(index_all(&world.search, |made| steps.push(made)).await.unwrap(), 2, "what was made is not made again");
    assert_eq!(steps, [1, 2]);
    assert_eq!(world.find(&admin(), "price").await.total, 2);
    // All of them, as an admin asks for it: a job does it.
    reindex(&world.search, true, false).await.unwrap();
    assert_eq!(world.find(&admin(), "price").await.total, 2, "they are found meanwhile");
    let worker = queue::Worker::new((*world.db).clone(), world.search.clock.clone(), "test", handlers(&world.search));
    while worker.drain().await.unwrap() > 0 {}
    let told = progress(&world.search).await.unwrap();
    assert_eq!((told.calls, told.indexed, told.passages), (3, 3, 3));
    assert_eq!(world.find(&admin(), "price").await.total, 2);
}

async fn deals_scores_and_trackers_are_fields(db: TestDb) {
    let world = scene(db).await;
    let dana = actor(world.user(DANA).await, Role::Rep);
    let call = world.find(&admin(), "budget").await.calls[0].call.id;
    let handlers = coaching::handlers(&world.db, &world.blobs, &world.search.clock, "default", &Analyst::default());
    queue::Worker::new((*world.db).clone(), world.search.clock.clone(), "test", handlers).drain().await.unwrap();
    world.run("UPDATE calls SET overall_score = 55.5, withheld = FALSE WHERE title = 'Acme, 3'").await;
    world.run("UPDATE calls SET overall_score = 80, withheld = TRUE WHERE title = 'Bolt & Söhne, 10'").await;
    assert_eq!(
        titles(&world.find(&admin(), "price score>50").await),
        ["Acme, 3"],
        "a score that is withheld is not told by what is found"
    );
    assert_eq!(titles(&world.find(&admin(), "price score<50").await), [] as [&str; 0]);
    assert_eq!(titles(&world.find(&admin(), "price score:55.5..55.5").await), ["Acme, 3"]);
    let shown = world.find(&admin(), "price").await;
    let scores: Vec<_> =
        shown.calls.iter().map(|found| (found.call.title.as_str(), found.call.overall_score)).collect();
    assert_eq!(scores, [("Bolt & Söhne, 10", None), ("Acme, 3", Some(55.5))]);
    let heard: Vec<String> = match &*world.db {
        Db::Sqlite(sqlite) => sqlx::query_scalar("SELECT DISTINCT t.value ->> 'id' FROM metrics m, json_each(m.trackers) t JOIN calls c ON c.id = m.call_id WHERE c.title = 'Acme, 3'").fetch_all(&sqlite.read).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_scalar("SELECT DISTINCT t ->> 'id' FROM metrics m JOIN calls c ON c.id = m.call_id, jsonb_array_elements(m.trackers) t WHERE c.title = 'Acme, 3'").fetch_all(pool).await.unwrap(),
    };
    assert!(heard.contains(&"pricing".to_owned()), "{heard:?}");
    assert_eq!(titles(&world.find(&admin(), "tracker:pricing docks").await), ["Acme, 3"]);
    assert_eq!(titles(&world.find(&admin(), "tracker:no_such docks").await), [] as [&str; 0]);
    // A deal of Ravi's to which Dana's call belongs: she is not told by it.
    world.user(RAVI).await;
    let deals = world.deals();
    let deal = json!([{ "id": "D-1", "name": "Acme: docks", "account": "Acme", "owner": RAVI.1, "stage": "Demo" }]);
    let link = json!([{ "call_id": call, "opportunity_id": "D-1" }]);
    for (what, file) in [(deals::What::Opportunities, deal), (deals::What::Links, link)] {
        deals::bring(&deals, "test", what, deals::FileKind::Json, file.to_string().as_bytes()).await.unwrap();
    }
    assert_eq!(titles(&world.find(&admin(), "deal:docks price").await), ["Acme, 3"]);
    assert_eq!(titles(&world.find(&dana, "price").await), ["Acme, 3"]);
    assert_eq!(titles(&world.find(&dana, "deal:docks price").await), [] as [&str; 0]);
    let told = recommendations(&world.search, &deals, &admin(), call).await.unwrap();
    let checks: BTreeSet<_> = told.iter().filter_map(|item| item.check.clone()).collect();
    assert!(!checks.is_empty() && checks.len() <= 3, "{told:?}");
    let transcript = calls::load(&world.db, call).await.unwrap();
    for evidence in told.iter().flat_map(|item| &item.evidence).filter(|evidence| evidence.call_id == call) {
        let segment = &transcript.segments[evidence.segment_id as usize - 1];
        assert!(segment.text.contains(&evidence.quote), "{evidence:?}");
    }
}

async fn searches_are_kept_and_new_calls_told_of(db: TestDb) {
    let world = scene(db).await;
    let (dana, ravi) = (actor(world.user(DANA).await, Role::Rep), actor(world.user(RAVI).await, Role::Rep));
    let saving = |name: &str, query: &str| Saving {
        name: Some(name.into()),
        query: Some(query.into()),
        mode: None,
        alert: Some(true),
    };
    let prices = save(&world.search, &dana, &saving("Prices", "price")).await.unwrap();
    save(&world.search, &ravi, &saving("Prices of all", "price")).await.unwrap();
    let silent = save(&world.search, &dana, &Saving { alert: Some(false), ..saving("Silent", "price") }).await.unwrap();
    world.run("UPDATE calls SET status = 'analysed'").await;
    notice_all(&world.search).await.unwrap();
    assert_eq!(
        saved(&world.db, &dana).await.unwrap().iter().map(|s| s.unseen).sum::<i64>(),
        0,
        "what was there is not new"
    );
    world.search.clock.advance(TimeDelta::minutes(1));
    let call = world.call(DANA, 0, "Delta", "D: Hello.\nC: The price went up again.").await;
    world.call(DANA, 1, "Echo", "D: Hello.\nC: Nothing of that.").await;
    notice_all(&world.search).await.unwrap();
    assert_eq!(saved(&world.db, &dana).await.unwrap()[0].unseen, 0, "not before it is known how the call went");
    world.run("UPDATE calls SET status = 'analysed'").await;
    notice_all(&world.search).await.unwrap();
    notice_all(&world.search).await.unwrap();
    let mine = saved(&world.db, &dana).await.unwrap();
    let told: Vec<_> = mine.iter().map(|search| (search.name.as_str(), search.unseen)).collect();
    assert_eq!(told, [("Prices", 1), ("Silent", 0)]);
    assert_eq!(saved(&world.db, &ravi).await.unwrap()[0].unseen, 0, "it is not his to see");
    let new = hits(&world.search, &dana, prices.id, true).await.unwrap();
    assert_eq!((new.len(), new[0].call.id, new[0].segment_id, new[0].seen), (1, call, 2, false));
    assert_eq!(saved_one(&world.db, &dana, prices.id).await.unwrap().unseen, 0);
    assert!(matches!(hits(&world.search, &ravi, prices.id, false).await, Err(SearchError::Unknown(_))));
    assert!(matches!(delete_saved(&world.db, &ravi, silent.id).await, Err(SearchError::Unknown(_))));
    // Another query is another search.
    let changed =
        change_saved(&world.search, &dana, prices.id, &Saving { query: Some("gate".into()), ..Saving::default() })
            .await
            .unwrap();
    assert_eq!((changed.query.as_str(), changed.name.as_str(), changed.alert), ("gate", "Prices", true));
    assert_eq!(hits(&world.search, &dana, prices.id, false).await.unwrap(), []);
    delete_saved(&world.db, &dana, silent.id).await.unwrap();
    assert_eq!(saved(&world.db, &dana).await.unwrap().len(), 1);
    for wrong in [saving("", "x"), saving("x", " "), saving(&"x".repeat(101), "x"), saving("x\n", "x\u{7}y")] {
        assert!(matches!(save(&world.search, &dana, &wrong).await, Err(SearchError::Field(..))), "{wrong:?}");
    }
}

async fn questions_say_where(db: TestDb) {
    let world = scene(db).await;
    world.user(DANA).await;
    let reading = read(
        &world.search,
        &admin(),
        "Where did the customer complain about pricing in Dana Whitlock's calls with Acme last week?",
    )
    .await
    .unwrap();
    assert_eq!(
        reading.understood,
        ["side:customer", "agent:\"Dana Whitlock\"", "customer:Acme", "after:2026-11-16", "before:2026-11-22"]
    );
    assert_eq!(reading.text, "complain about pricing in calls");
    let wanted = Wanted { query: reading.text.clone(), scope: reading.scope.clone(), limit: 5, ..Wanted::default() };
    assert_eq!(titles(&find(&world.search, &admin(), &wanted).await.unwrap()), ["Acme, 3"]);
    assert_eq!(reading.scope.fields, Fields { ..reading.scope.fields.clone() });
}

async fn without_a_model_what_was_found_is_the_answer(db: TestDb) {
    let world = scene(db).await;
    let told = asked(&world, &admin(), "What about the price?").await;
    let [AskEvent::Found { calls, .. }, AskEvent::Done(ended)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(calls.len(), 2);
    assert_eq!((ended.model.as_deref(), ended.sentences, ended.dropped, &ended.failure), (None, 0, 0, &None));
}

db::on_both!(
    words_are_found_in_all_their_forms,
    any_text_is_a_query,
    who_may_not_see_a_call_is_told_nothing_of_it,
    a_call_that_is_gone_is_found_no_more,
    sides_that_are_said_later_are_looked_for,
    an_index_of_older_rules_is_made_anew,
    deals_scores_and_trackers_are_fields,
    searches_are_kept_and_new_calls_told_of,
    questions_say_where,
    without_a_model_what_was_found_is_the_answer,
);
