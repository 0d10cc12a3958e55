//! Stories of jobs, on both databases.

mod faults;

use crate::*;
use chrono::{DateTime, TimeDelta, Utc};
use db::Db;
use db::testing::TestDb;
use kernel::Clock;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn clock() -> Clock {
    Clock::fixed(DateTime::from_timestamp(1_790_000_000, 0).unwrap())
}

async fn put(db: &TestDb, clock: &Clock, job: NewJob) -> Option<uuid::Uuid> {
    let mut tx = db.begin().await.unwrap();
    let id = enqueue(&mut tx, clock, job).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn take(db: &TestDb, clock: &Clock) -> Option<Lease> {
    store::claim(db, clock, &["work"], None, "test", TimeDelta::seconds(60)).await.unwrap()
}

async fn state(db: &TestDb, id: uuid::Uuid) -> State {
    get(db, id).await.unwrap().unwrap().state
}

async fn a_job_exists_when_its_transaction_is_committed(db: TestDb) {
    let clock = clock();
    let mut tx = db.begin().await.unwrap();
    enqueue(&mut tx, &clock, NewJob::new("work", json!({}))).await.unwrap();
    drop(tx);
    assert!(take(&db, &clock).await.is_none());
    let id = put(&db, &clock, NewJob::new("work", json!({ "n": 1 }))).await.unwrap();
    let lease = take(&db, &clock).await.unwrap();
    assert_eq!((lease.job.id, lease.job.payload["n"].as_i64(), lease.job.attempts), (id, Some(1), 1));
    assert!(take(&db, &clock).await.is_none(), "it is taken");
}

async fn urgent_ones_first_then_those_that_are_due_longest(db: TestDb) {
    let clock = clock();
    let later = NewJob {
        run_at: Some(clock.now() + TimeDelta::seconds(30)),
        priority: 9,
        ..NewJob::new("work", json!("later"))
    };
    put(&db, &clock, later).await;
    put(&db, &clock, NewJob::new("work", json!("first"))).await;
    clock.advance(TimeDelta::seconds(1));
    put(&db, &clock, NewJob::new("work", json!("second"))).await;
    put(&db, &clock, NewJob { priority: 1, ..NewJob::new("work", json!("urgent")) }).await;
    put(&db, &clock, NewJob::new("other", json!("not ours"))).await;
    let mut order = Vec::new();
    while let Some(lease) = take(&db, &clock).await {
        order.push(lease.job.payload.as_str().unwrap().to_owned());
    }
    assert_eq!(order, ["urgent", "first", "second"]);
    clock.advance(TimeDelta::seconds(30));
    assert_eq!(take(&db, &clock).await.unwrap().job.payload, json!("later"));
}

async fn a_key_is_unique_among_unfinished_jobs(db: TestDb) {
    let clock = clock();
    let job = || NewJob::new("work", json!({})).unique("call:1");
    assert!(put(&db, &clock, job()).await.is_some());
    assert!(put(&db, &clock, job()).await.is_none());
    let lease = take(&db, &clock).await.unwrap();
    assert!(put(&db, &clock, job()).await.is_none(), "it is running");
    let mut tx = db.begin().await.unwrap();
    lease.complete(&mut tx, &clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert!(put(&db, &clock, job()).await.is_some());
}

async fn released(db: &Db, clock: &Clock) -> usize {
    let mut tx = db.begin().await.unwrap();
    let count = store::release_expired(&mut tx, clock).await.unwrap().len();
    tx.commit().await.unwrap();
    count
}

async fn a_lease_that_ran_out_is_taken_again_and_the_old_one_stores_nothing(db: TestDb) {
    let clock = clock();
    let id = put(&db, &clock, NewJob { max_attempts: 2, ..NewJob::new("work", json!({})) }).await.unwrap();
    let old = take(&db, &clock).await.unwrap();
    clock.advance(TimeDelta::seconds(59));
    assert_eq!(released(&db, &clock).await, 0);
    assert!(old.prolong(&db, &clock, TimeDelta::seconds(60)).await.unwrap());
    clock.advance(TimeDelta::seconds(59));
    assert_eq!(released(&db, &clock).await, 0, "it was prolonged");
    clock.advance(TimeDelta::seconds(2));
    assert_eq!(released(&db, &clock).await, 1);
    clock.advance(TimeDelta::seconds(10));
    let new = take(&db, &clock).await.unwrap();
    assert_eq!(new.job.attempts, 2);
    let mut tx = db.begin().await.unwrap();
    assert!(old.complete(&mut tx, &clock).await.unwrap().is_err());
    drop(tx);
    assert!(!old.prolong(&db, &clock, TimeDelta::seconds(60)).await.unwrap());
    // The second worker dies as well: that was the last attempt.
    clock.advance(TimeDelta::seconds(61));
    assert_eq!(released(&db, &clock).await, 1);
    let job = get(&db, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.error.as_deref()), (State::Dead, Some("the worker stopped in the midst of it")));
    assert!(take(&db, &clock).await.is_none());
    let mut tx = db.begin().await.unwrap();
    assert!(retry(&mut tx, &clock, id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(take(&db, &clock).await.unwrap().job.attempts, 1);
}

async fn failures_are_tried_again_with_growing_pauses_and_then_dead(db: TestDb) {
    let clock = clock();
    let id = put(&db, &clock, NewJob { max_attempts: 3, ..NewJob::new("work", json!({})) }).await.unwrap();
    let worker = Worker::new(
        (*db).clone(),
        clock.clone(),
        "test",
        vec![Handler::new("work", |lease| async move {
            match lease.job.attempts {
                1 => panic!("broken"),
                n => Err(Failure::Retry(format!("attempt {n} failed"))),
            }
        })],
    );
    assert_eq!(worker.drain().await.unwrap(), 1);
    let job = get(&db, id).await.unwrap().unwrap();
    assert!(job.state == State::Queued && job.error.unwrap().contains("panicked"));
    assert_eq!(worker.drain().await.unwrap(), 0, "it waits");
    clock.advance(TimeDelta::seconds(3));
    assert_eq!(worker.drain().await.unwrap(), 1);
    clock.advance(TimeDelta::seconds(5));
    assert_eq!(worker.drain().await.unwrap(), 1);
    let job = get(&db, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.error.as_deref()), (State::Dead, Some("attempt 3 failed")));
    assert_eq!(counts(&db).await.unwrap(), [(State::Dead, 1)]);
}

async fn whoever_cares_is_told_of_a_job_that_died(db: TestDb) {
    let clock = clock();
    let told = Arc::new(AtomicUsize::new(0));
    let ear = Arc::clone(&told);
    let handler = Handler::new("work", |_| async { Err(Failure::Retry("no".to_owned())) }).when_dead(move |tx, job| {
        let ear = Arc::clone(&ear);
        Box::pin(async move {
            ear.fetch_add(1, Ordering::SeqCst);
            // In the same transaction as the death.
            enqueue(tx, &Clock::system(), NewJob::new("mourn", job.payload.clone())).await.map(|_| ())
        })
    });
    put(&db, &clock, NewJob { max_attempts: 2, ..NewJob::new("work", json!(1)) }).await;
    let worker = Worker::new((*db).clone(), clock.clone(), "test", vec![handler]);
    worker.drain().await.unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 0, "there is another attempt");
    clock.advance(TimeDelta::minutes(5));
    worker.drain().await.unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 1);
    // The other way to die: by a lease that ran out at the last attempt.
    put(&db, &clock, NewJob { max_attempts: 1, ..NewJob::new("work", json!(2)) }).await;
    take(&db, &clock).await.unwrap();
    clock.advance(TimeDelta::minutes(5));
    worker.drain().await.unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 2);
    let mourned = list(&db, &Filter { kind: Some("mourn".to_owned()), limit: 9, ..Filter::default() }).await.unwrap();
    assert_eq!(mourned.len(), 2);
}

async fn a_job_that_is_superseded_stores_nothing(db: TestDb) {
    let clock = clock();
    put(&db, &clock, NewJob::new("work", json!("old")).unique("k")).await.unwrap();
    let old = take(&db, &clock).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    supersede(&mut tx, &clock, "k").await.unwrap();
    enqueue(&mut tx, &clock, NewJob::new("work", json!("new")).unique("k")).await.unwrap().expect("the key is free");
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert!(old.complete(&mut tx, &clock).await.unwrap().is_err());
    drop(tx);
    assert_eq!(take(&db, &clock).await.unwrap().job.payload, json!("new"));
    let mut tx = db.begin().await.unwrap();
    assert_eq!(remove(&mut tx, "k").await.unwrap(), 2);
}

async fn old_jobs_are_purged_but_not_dead_ones(db: TestDb) {
    let clock = clock();
    let done = put(&db, &clock, NewJob::new("work", json!(1))).await.unwrap();
    let lease = take(&db, &clock).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    lease.complete(&mut tx, &clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let dead = put(&db, &clock, NewJob::new("work", json!(2))).await.unwrap();
    let handler = Handler::new("work", |_| async { Err(Failure::Fail("no".to_owned())) });
    Worker::new((*db).clone(), clock.clone(), "test", vec![handler]).drain().await.unwrap();
    assert_eq!(purge(&db, clock.now()).await.unwrap(), 0, "it was done just now");
    assert_eq!(purge(&db, clock.now() + TimeDelta::seconds(1)).await.unwrap(), 1);
    assert!(get(&db, done).await.unwrap().is_none());
    assert_eq!(state(&db, dead).await, State::Dead);
}

async fn what_cannot_succeed_is_not_tried_again(db: TestDb) {
    let clock = clock();
    let id = put(&db, &clock, NewJob::new("work", json!({}))).await.unwrap();
    let handler = Handler::new("work", |_| async { Err(Failure::Fail("the call is gone".to_owned())) });
    Worker::new((*db).clone(), clock.clone(), "test", vec![handler]).drain().await.unwrap();
    assert_eq!(state(&db, id).await, State::Dead);
}

async fn workers_share_jobs_and_do_each_once(db: TestDb) {
    let clock = Clock::system();
    let jobs: usize = 60;
    for n in 0..jobs {
        put(&db, &clock, NewJob::new("work", json!(n))).await;
    }
    let done = Arc::new(AtomicUsize::new(0));
    let worker = |name: &str| {
        let (db, clock, done) = ((*db).clone(), clock.clone(), Arc::clone(&done));
        let handler_db = db.clone();
        let handler = Handler::new("work", move |lease| {
            let (db, clock, done) = (handler_db.clone(), clock.clone(), Arc::clone(&done));
            async move {
                let mut tx = db.begin().await?;
                lease.complete(&mut tx, &clock).await??;
                tx.commit().await?;
                done.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        });
        let mut worker = Worker::new(db, Clock::system(), name, vec![handler]);
        worker.concurrency = 3;
        worker
    };
    let (a, b) = (worker("a"), worker("b"));
    let (a, b) = tokio::join!(a.drain(), b.drain());
    assert_eq!(a.unwrap() + b.unwrap(), jobs);
    assert_eq!(done.load(Ordering::SeqCst), jobs);
    assert_eq!(counts(&db).await.unwrap(), [(State::Done, 60)]);
}

async fn one_job_is_done_and_the_others_wait(db: TestDb) {
    let clock = clock();
    let first = put(&db, &clock, NewJob::new("work", json!({})).unique("first")).await.unwrap();
    let wanted = put(&db, &clock, NewJob::new("work", json!({})).unique("wanted")).await.unwrap();
    let schedule = Schedule {
        name: "hourly",
        kind: "work",
        payload: json!({}),
        cron: "0 * * * *".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    set_schedule(&db, &clock, &schedule).await.unwrap();
    clock.advance(TimeDelta::hours(2));
    let (of, at) = ((*db).clone(), clock.clone());
    let handler = Handler::new("work", move |lease| {
        let (db, clock) = (of.clone(), at.clone());
        async move {
            let mut tx = db.begin().await?;
            lease.complete(&mut tx, &clock).await??;
            Ok(tx.commit().await?)
        }
    });
    let worker = Worker::new((*db).clone(), clock.clone(), "test", vec![handler]);
    assert_eq!(unfinished(&db, "wanted").await.unwrap().unwrap().id, wanted);
    assert!(worker.only(wanted).await.unwrap());
    assert!(!worker.only(wanted).await.unwrap(), "it is done");
    assert!(unfinished(&db, "wanted").await.unwrap().is_none());
    assert_eq!(latest(&db, "wanted").await.unwrap().unwrap().state, State::Done);
    assert_eq!(state(&db, first).await, State::Queued);
    assert_eq!(counts(&db).await.unwrap(), [(State::Done, 1), (State::Queued, 1)], "no schedule was looked at");

    let theirs = take(&db, &clock).await.unwrap();
    assert!(!worker.only(theirs.job.id).await.unwrap(), "somebody else has it");
}

async fn a_worker_that_is_stopped_finishes_what_it_has_begun(db: TestDb) {
    let clock = Clock::system();
    let id = put(&db, &clock, NewJob::new("work", json!({}))).await.unwrap();
    let stop = CancellationToken::new();
    let begun = stop.clone();
    let (inner, inner_clock) = ((*db).clone(), clock.clone());
    let handler = Handler::new("work", move |lease| {
        let (db, clock, begun) = (inner.clone(), inner_clock.clone(), begun.clone());
        async move {
            begun.cancel();
            tokio::time::sleep(Duration::from_millis(100)).await;
            let mut tx = db.begin().await?;
            lease.complete(&mut tx, &clock).await??;
            Ok(tx.commit().await?)
        }
    });
    Worker::new((*db).clone(), clock, "test", vec![handler]).run(&stop).await;
    assert_eq!(state(&db, id).await, State::Done);
}

async fn a_cancelled_job_is_not_stored(db: TestDb) {
    let clock = clock();
    let id = put(&db, &clock, NewJob::new("work", json!({}))).await.unwrap();
    let lease = take(&db, &clock).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert!(cancel(&mut tx, &clock, id).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert!(lease.complete(&mut tx, &clock).await.unwrap().is_err());
    drop(tx);
    assert_eq!(state(&db, id).await, State::Cancelled);
    let mut tx = db.begin().await.unwrap();
    assert!(!cancel(&mut tx, &clock, id).await.unwrap(), "it is cancelled already");
}

async fn a_schedule_comes_back_at_the_time_on_the_wall(db: TestDb) {
    // Saturday; on Sunday 2026-11-01 the clocks of Los Angeles go back at two.
    let clock = Clock::fixed("2026-10-31T12:00:00Z".parse().unwrap());
    let schedule = Schedule {
        name: "nightly",
        kind: "work",
        payload: json!({}),
        cron: "0 6 * * *".to_owned(),
        time_zone: "America/Los_Angeles".to_owned(),
    };
    set_schedule(&db, &clock, &schedule).await.unwrap();
    assert_eq!(tick(&db, &clock).await.unwrap(), 0);
    let mut seen = Vec::new();
    while clock.now() < "2026-11-03T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
        clock.advance(TimeDelta::minutes(30));
        if tick(&db, &clock).await.unwrap() > 0 {
            seen.push(clock.now().format("%m-%d %H:%M").to_string());
            let lease = take(&db, &clock).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            lease.complete(&mut tx, &clock).await.unwrap().unwrap();
            tx.commit().await.unwrap();
        }
        set_schedule(&db, &clock, &schedule).await.unwrap();
    }
    assert_eq!(seen, ["10-31 13:00", "11-01 14:00", "11-02 14:00"]);
    // Nobody looked for a week: one job, not seven.
    clock.advance(TimeDelta::days(7));
    assert_eq!(tick(&db, &clock).await.unwrap(), 1);
    assert_eq!(tick(&db, &clock).await.unwrap(), 0);
}

db::on_both!(
    a_job_exists_when_its_transaction_is_committed,
    urgent_ones_first_then_those_that_are_due_longest,
    a_key_is_unique_among_unfinished_jobs,
    a_lease_that_ran_out_is_taken_again_and_the_old_one_stores_nothing,
    failures_are_tried_again_with_growing_pauses_and_then_dead,
    whoever_cares_is_told_of_a_job_that_died,
    a_job_that_is_superseded_stores_nothing,
    old_jobs_are_purged_but_not_dead_ones,
    what_cannot_succeed_is_not_tried_again,
    workers_share_jobs_and_do_each_once,
    one_job_is_done_and_the_others_wait,
    a_worker_that_is_stopped_finishes_what_it_has_begun,
    a_cancelled_job_is_not_stored,
    a_schedule_comes_back_at_the_time_on_the_wall,
);

#[test]
fn times_and_places_that_are_none_are_named() {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let error = |cron: &str, zone: &str| schedule::next(cron, zone, now).unwrap_err().to_string();
    assert!(error("61 * * * *", "UTC").starts_with("`61 * * * *` is no schedule"));
    assert!(error("0 3 * * *", "Mars/Olympus").starts_with("`Mars/Olympus` is no time zone"));
}
