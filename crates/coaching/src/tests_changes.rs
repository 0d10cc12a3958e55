//! Stories of calls that change while or after they are judged, on both databases.

use crate::tests::{CALL, World};
use crate::*;
use calls::{Imported, NewCall, Status};
use chrono::TimeDelta;
use db::testing::TestDb;
use db::{Db, on_db, on_tx};
use queue::{Filter, State, Worker};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use transcript::redact::RedactKinds;
use uuid::Uuid;

impl World {
    async fn rep(&self, call: Uuid) -> Option<String> {
        calls::get(&self.db, call).await.unwrap().unwrap().rep
    }

    async fn original(&self, call: Uuid) -> Result<String, calls::BlobError> {
        self.blobs.get(&calls::Blobs::key_of(call)).await.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    async fn text_of(&self, column: &str, table: &str) -> Vec<String> {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM {table} WHERE {column} IS NOT NULL");
        on_db!(&*self.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.unwrap())
    }
}

async fn sides_that_change_while_a_call_is_judged_win(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    // A worker has the job and has read the old sides: what it keeps under its lease is lost.
    let slow = {
        let (db, clock) = ((*world.db).clone(), world.clock.clone());
        let (inner, begun) = ((db.clone(), clock.clone()), Arc::new(AtomicBool::new(false)));
        let handler = queue::Handler::new(calls::ANALYSE, move |lease| {
            let ((db, clock), begun) = (inner.clone(), begun.swap(true, Ordering::SeqCst));
            async move {
                if begun {
                    return Err(queue::Failure::Retry("left to the other worker".to_owned()));
                }
                let transcript = calls::load(&db, id).await.unwrap();
                set_sides(&db, &clock, id, &["Ravi".to_owned()], None, "test").await.unwrap();
                let rubric = rubric::builtin().into_iter().find(|r| r.id == "default").unwrap();
                let judged = judge(&transcript, rubric, &Listening::builtin(), &clock);
                let mut tx = db.begin().await?;
                judged.keep(&mut tx, id).await.unwrap();
                lease.complete(&mut tx, &clock).await??;
                Ok(tx.commit().await?)
            }
        });
        Worker::new(db, clock, "slow", vec![handler])
    };
    slow.drain().await.unwrap();
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(world.count("coaching_sessions").await, 0, "the slow worker's result is dropped");
    assert_eq!(world.work().await, 1);
    let (transcript, report) = stored(&world.db, id).await.unwrap();
    let rubric = rubric::builtin().into_iter().find(|r| r.id == "default").unwrap();
    let expected = rubric::analyst::analyse(&transcript, &rubric, signals::labels::Labeler::builtin());
    assert_eq!(report.unwrap(), expected);
    assert_eq!(world.rep(id).await.as_deref(), Some("Ravi"));
    assert_eq!(check(&world.db).await.unwrap(), []);
}

async fn corrected_sides_correct_whose_call_it_is_unless_somebody_said_so(db: TestDb) {
    let world = World::new(db);
    let guessed = world.new_call(CALL).await;
    let mut new = NewCall::named("named.txt");
    new.rep = Some("Mina Cole".to_owned());
    let text = CALL.replace("six hours", "ten hours");
    let Imported::New { id: named, .. } = world.import_as(&text, &["Dana"], &new).await else { panic!("it is new") };
    world.work().await;
    for call in [guessed, named] {
        set_sides(&world.db, &world.clock, call, &["Ravi".to_owned()], None, "test").await.unwrap();
        assert_eq!(check(&world.db).await.unwrap(), [], "before it is judged again");
    }
    world.work().await;
    assert_eq!(world.rep(guessed).await.as_deref(), Some("Ravi"));
    assert_eq!(world.rep(named).await.as_deref(), Some("Mina Cole"));
    assert_eq!(check(&world.db).await.unwrap(), []);
}

async fn a_newer_wish_takes_the_place_of_an_older_one(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    ask(&world.db, &world.clock, id, Some("service"), false, "test").await.unwrap();
    assert_eq!(world.work().await, 1);
    assert_eq!(stored(&world.db, id).await.unwrap().1.unwrap().rubric, "service");
}

async fn an_older_job_that_is_retried_does_not_undo_the_newest_wish(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    let older = queue::unfinished(&world.db, &calls::analysis_key(id)).await.unwrap().unwrap().id;
    world.clock.advance(TimeDelta::seconds(1));
    ask(&world.db, &world.clock, id, Some("service"), false, "test").await.unwrap();
    let mut tx = world.db.begin().await.unwrap();
    assert!(!queue::retry(&mut tx, &world.clock, older).await.unwrap());
    tx.commit().await.unwrap();
    world.work().await;
    assert_eq!(stored(&world.db, id).await.unwrap().1.unwrap().rubric, "service");
}

async fn a_call_whose_analysis_was_given_up_is_failed_until_it_is_asked_for_again(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    ask(&world.db, &world.clock, id, Some("nonsense"), false, "test").await.unwrap();
    world.work().await;
    assert_eq!(calls::get(&world.db, id).await.unwrap().unwrap().status, Status::Failed);
    let dead = Filter { state: Some(State::Dead), limit: 9, ..Filter::default() };
    let job = queue::list(&world.db, &dead).await.unwrap().swap_remove(0);
    assert!(job.error.unwrap().contains("there is no rubric nonsense"));
    ask(&world.db, &world.clock, id, None, false, "test").await.unwrap();
    world.work().await;
    assert_eq!(calls::get(&world.db, id).await.unwrap().unwrap().status, Status::Analysed);
}

async fn calls_that_differ_in_what_is_redacted_have_an_original_each(db: TestDb) {
    let world = World::new(db);
    let with = |card: &str| CALL.replace("Tuesday at ten works.", &format!("My card number is {card}."));
    let first = world.new_call(&with("4111 1111 1111 1111")).await;
    let second = world.new_call(&with("5500 0000 0000 0004")).await;
    delete(&world.db, &world.blobs, &world.clock, second, "test").await.unwrap().1.unwrap();
    assert!(world.original(first).await.unwrap().contains("[CARD]"));
    assert!(world.original(second).await.is_err());
}

/// Neither are there for it.
async fn a_new_title_needs_neither_words_nor_sums(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    world.work().await;
    let rename = async |from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        let mut tx = world.db.begin().await.unwrap();
        on_tx!(&mut tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).execute(conn).await.unwrap().rows_affected());
        tx.commit().await.unwrap();
    };
    let tables = ["segments", "rollups", "day_sums"];
    for table in tables {
        rename(table, &format!("{table}_away")).await;
    }
    let call = calls::CallChange {
        title: Some("For Dana, 4111 1111 1111 1111".to_owned()),
        customer: Some(Some("Acme".to_owned())),
        rep: None,
    };
    let changes = CallChanges { call, internal: None };
    change(&world.db, &world.clock, id, changes, RedactKinds::ALL, "test").await.unwrap();
    for table in tables {
        rename(&format!("{table}_away"), table).await;
    }
    let call = calls::get(&world.db, id).await.unwrap().unwrap();
    assert_eq!((call.title.as_str(), call.customer.as_deref()), ("For [NAME], [CARD]", Some("Acme")));
    assert_eq!(check(&world.db).await.unwrap(), []);
}

/// The row cannot be written, as if the import were killed after its original.
async fn an_original_that_no_row_names_in_time_is_deleted_and_no_other(db: TestDb) {
    let world = World::new(db);
    let kept = world.new_call(CALL).await;
    // One that is another installation's.
    let other = calls::Blobs::key_of(kernel::new_id());
    world.blobs.put(&other, b"of another database".to_vec()).await.unwrap();
    let mut tx = world.db.begin().await.unwrap();
    let broken = "ALTER TABLE segments RENAME TO elsewhere";
    on_tx!(&mut tx, conn => sqlx::query(broken).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    let text = CALL.replace("six hours", "nine hours").into_bytes();
    let (names, new) = (["Dana".to_owned()], NewCall::named("call.txt"));
    calls::import(&world.db, &world.blobs, &world.clock, text, &names, &new).await.unwrap_err();
    let originals = || walk(&world.db.dir().join("blobs"));
    assert_eq!(originals().len(), 3);
    world.clock.advance(TimeDelta::hours(23));
    world.work().await;
    assert_eq!(originals().len(), 3, "its import may go on");
    world.clock.advance(TimeDelta::hours(2));
    world.work().await;
    assert_eq!(originals().len(), 2);
    assert!(world.original(kept).await.is_ok() && world.blobs.get(&other).await.is_ok());
}

/// All files below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

async fn an_original_that_cannot_be_deleted_now_is_deleted_by_a_job(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    let mut tx = world.db.begin().await.unwrap();
    // As if the program ended right after the commit.
    calls::delete(&mut tx, &world.clock, id, "test").await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.original(id).await.is_ok());
    assert_eq!(world.work().await, 0, "whoever deleted it has a minute to do it");
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(world.work().await, 1);
    assert!(world.original(id).await.is_err());
}

async fn deleted_words_are_not_in_the_file_of_the_database(db: TestDb) {
    let world = World::new(db);
    let Some(file) = world.db.file().map(Path::to_owned) else { return };
    let needle = b"chasing pallets";
    let lies_in = |file: &Path| {
        let mut wal = file.as_os_str().to_owned();
        wal.push("-wal");
        [file.into(), wal].iter().any(|file: &std::ffi::OsString| {
            std::fs::read(file).unwrap_or_default().windows(needle.len()).any(|window| window == needle)
        })
    };
    let id = world.new_call(CALL).await;
    world.work().await;
    assert!(lies_in(&file));
    delete(&world.db, &world.blobs, &world.clock, id, "test").await.unwrap().1.unwrap();
    assert!(!lies_in(&file));
}

async fn reps_stay_apart_and_nothing_else_stays_when_names_and_addresses_are_redacted(db: TestDb) {
    let world = World::new(db);
    let call = |name: &str, mail: &str| {
        serde_json::json!({
            "title": format!("{name} with Ravi Menon"),
            "participants": [
                { "name": name, "email": mail, "side": "internal" },
                { "name": "Ravi Menon", "email": "ravi.menon@northwind.example", "side": "external" },
            ],
            "segments": [
                { "speaker": name, "text": "Good morning, what does a late order cost you?" },
                { "speaker": "Ravi Menon", "text": "Four hundred. Write to ravi.menon@northwind.example, please." },
            ],
        })
        .to_string()
    };
    let mut ids = Vec::new();
    for (name, mail) in [("Dana Whitlock", "dana.whitlock@acme.example"), ("Jo Smith", "jo.smith@acme.example")] {
        let mut new = NewCall::named(format!("{mail} 4111 1111 1111 1111.json"));
        new.redact = RedactKinds::ALL;
        new.customer = Some("ravi.menon@northwind.example".to_owned());
        match world.import_as(&call(name, mail), &[], &new).await {
            Imported::New { id, status } => ids.push((id, status)),
            Imported::Known { .. } => panic!("it is new"),
        }
    }
    assert_eq!(ids.iter().map(|(_, status)| *status).collect::<Vec<_>>(), [Status::Queued; 2]);
    assert_eq!(world.rep(ids[0].0).await.as_deref(), Some("Dana Whitlock"), "an account is not redacted");
    assert_eq!(world.rep(ids[1].0).await.as_deref(), Some("Jo Smith"));
    world.work().await;
    let mut kept = Vec::new();
    for (table, columns) in [
        ("calls", &["title", "file_name", "customer", "external_id", "warnings"][..]),
        ("participants", &["name", "email", "external_id"]),
        ("segments", &["text"]),
        ("analyses", &["checks", "note"]),
        ("coaching_sessions", &["summary", "flags"]),
        ("metrics", &["metrics", "trackers"]),
        ("audit_events", &["detail"]),
        ("jobs", &["payload"]),
    ] {
        for column in columns {
            kept.extend(world.text_of(column, table).await.into_iter().map(|text| format!("{table}.{column}: {text}")));
        }
    }
    for (id, _) in &ids {
        kept.push(world.original(*id).await.unwrap());
    }
    for secret in ["northwind", "acme.example", "Menon", "Whitlock", "whitlock", "1111"] {
        assert!(!kept.iter().any(|text| text.contains(secret)), "{secret}: {kept:#?}");
    }
}

async fn a_call_counts_in_the_week_of_the_team(db: TestDb) {
    let world = World::new(db);
    let mut new = NewCall::named("sunday.txt");
    // Monday in UTC, Sunday evening in Los Angeles.
    new.started_at = Some("2026-09-14T05:00:00Z".parse().unwrap());
    new.time_zone = chrono_tz::America::Los_Angeles;
    world.import_as(CALL, &["Dana"], &new).await;
    world.work().await;
    assert!(!world.text_of("week", "rollups").await.is_empty());
    assert!(world.text_of("week", "rollups").await.iter().all(|week| week == "2026-09-07"));
    assert!(!world.text_of("day", "day_sums").await.is_empty());
    assert!(world.text_of("day", "day_sums").await.iter().all(|day| day == "2026-09-13"));
}

async fn sessions_that_came_before_their_partition_move_into_it(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    world.work().await;
    for _ in 0..2 {
        make_partitions(&world.db, world.clock.now()).await.unwrap();
        if let Db::Postgres(_) = &*world.db {
            assert_eq!(world.count("coaching_sessions_2026q3").await, 1);
            assert_eq!(world.count("coaching_sessions_default").await, 0);
        }
    }
    assert!(stored(&world.db, id).await.unwrap().1.is_some());
    delete(&world.db, &world.blobs, &world.clock, id, "test").await.unwrap().1.unwrap();
    assert_eq!(world.count("coaching_sessions").await, 0);
}

db::on_both!(
    sides_that_change_while_a_call_is_judged_win,
    corrected_sides_correct_whose_call_it_is_unless_somebody_said_so,
    a_newer_wish_takes_the_place_of_an_older_one,
    an_older_job_that_is_retried_does_not_undo_the_newest_wish,
    a_call_whose_analysis_was_given_up_is_failed_until_it_is_asked_for_again,
    calls_that_differ_in_what_is_redacted_have_an_original_each,
    a_new_title_needs_neither_words_nor_sums,
    an_original_that_no_row_names_in_time_is_deleted_and_no_other,
    an_original_that_cannot_be_deleted_now_is_deleted_by_a_job,
    deleted_words_are_not_in_the_file_of_the_database,
    reps_stay_apart_and_nothing_else_stays_when_names_and_addresses_are_redacted,
    a_call_counts_in_the_week_of_the_team,
    sessions_that_came_before_their_partition_move_into_it,
);
