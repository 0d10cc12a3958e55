//! Stories of calls that are judged and summed up, on both databases.

use crate::*;
use calls::{Blobs, Filter, Imported, NewCall, Status};
use chrono::DateTime;
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::Clock;
use queue::Worker;
use uuid::Uuid;

pub(crate) const CALL: &str = "Dana: Good morning, I would like to hear how receiving works today, and at the end we decide whether a pilot makes sense.\n\
Ravi: Fine. We lose about six hours a week chasing pallets.\n\
Dana: What does a late order cost you?\n\
Ravi: About four hundred euros each time.\n\
Dana: I will send the plan on Thursday, and we meet again on Tuesday at ten. Agreed?\n\
Ravi: Agreed. Tuesday at ten works.\n";

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Clock,
    pub(crate) analyst: Analyst,
}

impl World {
    pub(crate) fn new(db: TestDb) -> Self {
        let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
        // A Wednesday.
        let clock = Clock::fixed(DateTime::from_timestamp(1_789_560_000, 0).unwrap());
        Self { db, blobs, clock, analyst: Analyst::default() }
    }

    async fn import(&self, text: &str, ours: &str) -> Imported {
        let names: &[&str] = if ours.is_empty() { &[] } else { &[ours] };
        let new = NewCall { who: "importer".into(), ..NewCall::named("call.txt") };
        self.import_as(text, names, &new).await
    }

    pub(crate) async fn import_as(&self, text: &str, ours: &[&str], new: &NewCall) -> Imported {
        let names: Vec<String> = ours.iter().map(|name| (*name).to_owned()).collect();
        calls::import(&self.db, &self.blobs, &self.clock, text.as_bytes().to_vec(), &names, new).await.unwrap()
    }

    pub(crate) async fn new_call(&self, text: &str) -> Uuid {
        match self.import(text, "Dana").await {
            Imported::New { id, .. } => id,
            Imported::Known { .. } => panic!("it is new"),
        }
    }

    pub(crate) async fn work(&self) -> usize {
        let handlers = handlers(&self.db, &self.blobs, &self.clock, "default", &self.analyst);
        Worker::new((*self.db).clone(), self.clock.clone(), "test", handlers).drain().await.unwrap()
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        on_db!(&*self.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap())
    }
}

async fn a_call_comes_in_once_and_is_judged_as_the_file_would_be(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    assert_eq!(world.import(CALL, "Dana").await, Imported::Known { id });
    assert_eq!(calls::get(&world.db, id).await.unwrap().unwrap().status, Status::Queued);
    assert_eq!(world.work().await, 1);
    assert_eq!(world.work().await, 0);

    let mut direct = transcript::parse(CALL.as_bytes(), None).unwrap();
    transcript::sides::assign(&mut direct, &["Dana".to_owned()]).unwrap();
    let rubric = rubric::builtin().into_iter().find(|r| r.id == "default").unwrap();
    let expected = rubric::analyst::analyse(&direct, &rubric, signals::labels::Labeler::builtin());
    let (kept, report) = stored(&world.db, id).await.unwrap();
    assert_eq!(kept, direct);
    assert_eq!(report.unwrap(), expected);

    let call = calls::find(&world.db, &id.simple().to_string()[..20]).await.unwrap();
    assert_eq!(
        (call.status, call.rep.as_deref(), call.overall_score),
        (Status::Analysed, Some("Dana"), expected.overall_score)
    );
    assert!(expected.overall_score.is_some());
    assert_eq!((world.count("calls").await, world.count("analyses").await), (1, expected.dimensions.len() as i64));
    let listed = calls::list(&world.db, &Filter { limit: 10, ..Filter::default() }).await.unwrap();
    assert_eq!(listed, [call]);
}

async fn a_call_without_sides_waits_for_them(db: TestDb) {
    let world = World::new(db);
    let Imported::New { id, status } = world.import(CALL, "").await else { panic!("it is new") };
    assert_eq!((status, world.work().await), (Status::NeedsSides, 0));
    assert!(stored(&world.db, id).await.unwrap().1.is_none());
    let waiting = Filter { status: Some(Status::NeedsSides), limit: 10, ..Filter::default() };
    assert_eq!(calls::list(&world.db, &waiting).await.unwrap().len(), 1);
    assert_eq!(
        set_sides(&world.db, &world.clock, id, &["Ravi".to_owned()], None, "test").await.unwrap(),
        Status::Queued
    );
    assert_eq!(world.work().await, 1);
    let call = calls::get(&world.db, id).await.unwrap().unwrap();
    assert_eq!((call.status, call.rep.as_deref()), (Status::Analysed, Some("Ravi")));
    assert!(calls::list(&world.db, &waiting).await.unwrap().is_empty());
}

async fn sums_follow_every_change_and_a_wrong_one_is_found(db: TestDb) {
    let world = World::new(db);
    let first = world.new_call(CALL).await;
    let second = world.new_call(&CALL.replace("six hours", "nine hours")).await;
    world.work().await;
    let rep = calls::list(&world.db, &Filter { limit: 1, ..Filter::default() }).await.unwrap()[0].rep.clone().unwrap();
    let rep = accounts_id(&world, &rep).await;
    let sums = for_rep(&world.db, rep).await.unwrap();
    let overall = sums.iter().find(|sum| sum.measure == "overall").unwrap();
    // 2026-09-16 is a Wednesday.
    assert_eq!((overall.n, overall.week.as_str()), (2, "2026-09-14"));
    let score = calls::get(&world.db, first).await.unwrap().unwrap().overall_score.unwrap();
    assert!((overall.mean().unwrap() - score).abs() < 1e-3, "both calls are alike");
    assert!(check(&world.db).await.unwrap().is_empty());

    // Judged again: not counted twice.
    ask(&world.db, &world.clock, second, Some("service"), false, "test").await.unwrap();
    assert_eq!(world.work().await, 1);
    assert!(check(&world.db).await.unwrap().is_empty());

    let mut tx = world.db.begin().await.unwrap();
    let sql = "UPDATE rollups SET total = total + 1 WHERE measure = 'overall'";
    on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    let found = check(&world.db).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kept.as_ref().unwrap().total, found[0].right.as_ref().unwrap().total + 1);
    assert!(check(&world.db).await.unwrap().is_empty(), "it was mended");

    for call in [first, second] {
        delete(&world.db, &world.blobs, &world.clock, call, "test").await.unwrap().1.unwrap();
        assert!(check(&world.db).await.unwrap().is_empty());
    }
    assert!(for_rep(&world.db, rep).await.unwrap().is_empty());
}

async fn sums_move_with_a_call_that_gets_its_rep_after_it_was_judged(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    world.work().await;
    let mut tx = world.db.begin().await.unwrap();
    let nobodys = "UPDATE calls SET rep_id = NULL";
    on_tx!(&mut tx, conn => sqlx::query(nobodys).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    check(&world.db).await.unwrap();
    set_sides(&world.db, &world.clock, id, &["Ravi".to_owned()], None, "test").await.unwrap();
    assert_eq!(check(&world.db).await.unwrap(), [], "between the two judgements");
    world.work().await;
    assert_eq!(check(&world.db).await.unwrap(), []);
    let sums = for_rep(&world.db, accounts_id(&world, "Ravi").await).await.unwrap();
    assert_eq!(sums.iter().find(|sum| sum.measure == "calls").map(|sum| sum.n), Some(1));
}

async fn a_team_has_the_sums_of_its_reps(db: TestDb) {
    let world = World::new(db);
    let first = world.new_call(CALL).await;
    world.import(&CALL.replace("Dana", "Milo"), "Milo").await;
    world.work().await;
    let dana = accounts_id(&world, "Dana").await;
    let mut tx = world.db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &world.clock, "North").await.unwrap();
    assert_eq!(accounts::team(&mut tx, &world.clock, "North").await.unwrap(), team, "names are unique");
    accounts::add_member(&mut tx, &world.clock, team, dana).await.unwrap();
    tx.commit().await.unwrap();
    let sums = for_team(&world.db, team, "2026-09-14").await.unwrap();
    assert!(sums.iter().all(|sum| sum.rep_id == dana), "the other rep is in no team");
    let of = |measure: &str| sums.iter().find(|sum| sum.measure == measure).cloned();
    assert_eq!(of("calls").map(|sum| (sum.n, sum.total)), Some((1, 10_000)));
    let (transcript, report) = stored(&world.db, first).await.unwrap();
    let (report, close) = (report.unwrap(), |sum: Option<Sum>, value: Option<f64>| {
        (sum.and_then(|sum| sum.mean()).unwrap() - value.unwrap()).abs() < 1e-4
    });
    assert!(!transcript.segments.is_empty());
    assert!(close(of("overall"), report.overall_score));
    assert!(close(of("sentiment"), report.metrics.sentiment.internal));
    assert!(close(of("customer_sentiment"), report.metrics.sentiment.external));
    assert_eq!(of("talk_ratio").is_some(), report.metrics.talk_ratio.is_some());
    assert_eq!(for_team(&world.db, team, "2026-09-21").await.unwrap(), []);
}

async fn accounts_id(world: &World, name: &str) -> Uuid {
    let sql = "SELECT id FROM users WHERE name = $1";
    on_db!(&*world.db, pool => sqlx::query_scalar(sql).bind(name).fetch_one(pool).await.unwrap())
}

async fn nothing_of_a_deleted_call_is_left(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    world.work().await;
    let key = on_db!(&*world.db, pool => sqlx::query_scalar::<_, String>("SELECT original_key FROM calls").fetch_one(pool).await.unwrap());
    assert_eq!(world.blobs.get(&key).await.unwrap(), CALL.as_bytes());
    let (receipt, original) = delete(&world.db, &world.blobs, &world.clock, id, "test").await.unwrap();
    original.unwrap();
    assert_eq!(receipt.original_bytes, CALL.len() as i64);
    assert!(receipt.rows.contains(&("segments".to_owned(), 6)) && receipt.rows.contains(&("calls".to_owned(), 1)));
    for table in ["calls", "participants", "segments", "metrics", "analyses", "coaching_sessions", "jobs"] {
        let left = world.count(table).await;
        assert!(left == 0 || table == "jobs", "{table}: {left}");
    }
    assert!(world.blobs.get(&key).await.is_err());
    assert_eq!(world.count("audit_events").await, 2, "that it came and that it went is known");
    assert!(delete(&world.db, &world.blobs, &world.clock, id, "test").await.is_err());
}

async fn what_people_do_is_written_down_without_what_was_said(db: TestDb) {
    let world = World::new(db);
    let Imported::New { id, .. } = world.import(CALL, "").await else { panic!("it is new") };
    world.import(CALL, "").await;
    set_sides(&world.db, &world.clock, id, &["Ravi".to_owned()], None, "dana").await.unwrap();
    world.work().await;
    ask(&world.db, &world.clock, id, Some("service"), false, "dana").await.unwrap();
    // Not done, and so not written down.
    assert!(ask(&world.db, &world.clock, Uuid::nil(), None, false, "sam").await.is_err());
    world.work().await;
    delete(&world.db, &world.blobs, &world.clock, id, "dana").await.unwrap().1.unwrap();

    let trail =
        accounts::audit::list(&world.db, &accounts::audit::Wanted::latest(Some(&id.to_string()), 100)).await.unwrap();
    let deeds: Vec<_> = trail.iter().rev().map(|event| (event.action.as_str(), event.actor.as_str())).collect();
    let expected =
        [("call.import", "importer"), ("call.sides", "dana"), ("call.analyse", "dana"), ("call.delete", "dana")];
    assert_eq!(deeds, expected, "what the program does by itself is not in it");
    assert_eq!(trail, accounts::audit::list(&world.db, &accounts::audit::Wanted::latest(None, 100)).await.unwrap());
    assert_eq!(trail[2].detail, serde_json::json!({ "internal": [1] }));
    assert_eq!(trail[1].detail, serde_json::json!({ "rubric": "service" }));
    for event in &trail {
        let detail = event.detail.to_string();
        assert!(["Ravi", "Dana", "call.txt", "pilot"].iter().all(|word| !detail.contains(word)), "{detail}");
    }
}

async fn what_is_redacted_is_nowhere(db: TestDb) {
    let world = World::new(db);
    let secret = "4111 1111 1111 1111";
    let text = CALL.replace("Tuesday at ten works.", &format!("My card number is {secret}."));
    let id = world.new_call(&text).await;
    world.work().await;
    let (kept, _) = stored(&world.db, id).await.unwrap();
    assert!(kept.segments.iter().any(|s| s.text.contains("My card number is [CARD].")), "{:?}", kept.segments);
    let key = on_db!(&*world.db, pool => sqlx::query_scalar::<_, String>("SELECT original_key FROM calls").fetch_one(pool).await.unwrap());
    let original = String::from_utf8(world.blobs.get(&key).await.unwrap()).unwrap();
    assert!(original.contains("[CARD]") && !original.contains("1111"), "{original}");
    for (table, column) in
        [("analyses", "checks"), ("segments", "text"), ("metrics", "trackers"), ("calls", "warnings")]
    {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM {table}");
        let rows: Vec<String> =
            on_db!(&*world.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.unwrap());
        assert!(!rows.is_empty() && rows.iter().all(|text| !text.contains("1111")), "{table}: {rows:?}");
    }
    assert_eq!(world.import(&text, "Dana").await, Imported::Known { id }, "known by the file as it came");
}

/// The card stands where no parser reads: the file is not kept as it came.
async fn what_is_to_be_redacted_is_not_in_the_original_either(db: TestDb) {
    let world = World::new(db);
    let vtt = |note: &str| {
        format!(
            "WEBVTT\n\nNOTE {note}\n\n00:01.000 --> 00:03.000\n<v Dana>What does a late order cost you?\n\n00:04.000 --> 00:09.000\n<v Ravi>Four hundred.\n"
        )
    };
    let (clean, dirty) = (vtt("recorded in room 4"), vtt("card 4111 1111 1111 1111"));
    for (text, kept_as_it_came) in [(&clean, true), (&dirty, false)] {
        let id = world.new_call(text).await;
        let original = String::from_utf8(world.blobs.get(&Blobs::key_of(id)).await.unwrap()).unwrap();
        assert_eq!(original == *text, kept_as_it_came, "{original}");
        assert!(!original.contains("1111") && original.contains("Four hundred."), "{original}");
    }
}

async fn sessions_go_into_the_partition_of_their_quarter(db: TestDb) {
    let world = World::new(db);
    for schedule in schedules("UTC") {
        queue::set_schedule(&world.db, &world.clock, &schedule).await.unwrap();
    }
    world.clock.advance(chrono::TimeDelta::days(1));
    assert_eq!(world.work().await, 2, "nightly and partitions");
    world.new_call(CALL).await;
    world.work().await;
    if let db::Db::Postgres(_) = &*world.db {
        assert_eq!(world.count("coaching_sessions_2026q3").await, 1);
        assert_eq!(world.count("coaching_sessions_default").await, 0);
        assert_eq!(world.count("coaching_sessions_2027q1").await, 0, "it is made ahead of time");
    }
    assert_eq!(world.count("coaching_sessions").await, 1);
}

db::on_both!(
    a_call_comes_in_once_and_is_judged_as_the_file_would_be,
    a_call_without_sides_waits_for_them,
    sums_follow_every_change_and_a_wrong_one_is_found,
    sums_move_with_a_call_that_gets_its_rep_after_it_was_judged,
    a_team_has_the_sums_of_its_reps,
    nothing_of_a_deleted_call_is_left,
    what_people_do_is_written_down_without_what_was_said,
    what_is_redacted_is_nowhere,
    what_is_to_be_redacted_is_not_in_the_original_either,
    sessions_go_into_the_partition_of_their_quarter,
);
