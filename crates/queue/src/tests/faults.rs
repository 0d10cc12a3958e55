//! Databases that go away, and jobs that kill their worker.

use super::put;
use crate::*;
use db::testing::{Line, TestDb};
use db::{Db, Settings, on_db, on_tx};
use kernel::{Clock, Secret, new_id};
use serde_json::json;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A handler that writes one row for its job, which cannot be written twice.
fn writer(db: &Db) -> Handler {
    let db = db.clone();
    Handler::new("work", move |lease| {
        let db = db.clone();
        async move {
            let clock = Clock::system();
            tokio::time::sleep(Duration::from_millis(20)).await;
            let mut tx = db.begin().await?;
            let sql = "INSERT INTO teams (id, name, created_at) VALUES ($1, $2, $3)";
            on_tx!(&mut tx, conn => sqlx::query(sql)
                .bind(new_id())
                .bind(lease.job.payload.to_string())
                .bind(clock.now())
                .execute(conn)
                .await
                .map_err(db::DbError::from)?
                .rows_affected());
            lease.complete(&mut tx, &clock).await??;
            Ok(tx.commit().await?)
        }
    })
}

async fn done(db: &TestDb) -> i64 {
    counts(db).await.unwrap().iter().find(|(state, _)| *state == State::Done).map_or(0, |(_, count)| *count)
}

async fn until_done(db: &TestDb, wanted: i64) {
    for _ in 0..1_000 {
        if done(db).await >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", counts(db).await.unwrap());
}

async fn a_database_that_goes_away_is_waited_for(db: TestDb) {
    const JOBS: i64 = 30;
    let clock = Clock::system();
    for n in 0..JOBS / 2 {
        put(&db, &clock, NewJob::new("work", json!(n))).await;
    }
    let mut line = Line::to(&db).await;
    let hasty = Settings { acquire_timeout: Duration::from_millis(300), ..line.settings().clone() };
    let far = Db::open(&hasty).await.unwrap();
    let mut worker = Worker::new(far.clone(), clock.clone(), "test", vec![writer(&far)]);
    worker.lease = Duration::from_secs(2);
    worker.poll = Duration::from_millis(20);
    worker.pause = Duration::from_millis(50);
    let stop = CancellationToken::new();
    let working = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(&stop).await }
    });
    // Once in the midst of work, and once when there is nothing to do.
    for before in [5, JOBS / 2] {
        until_done(&db, before).await;
        line.cut().await;
        // What had reached the server is still done.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let left = done(&db).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(done(&db).await, left, "nothing is done without a database");
        line.mend();
    }
    for n in JOBS / 2..JOBS {
        put(&db, &clock, NewJob::new("work", json!(n))).await;
    }
    until_done(&db, JOBS).await;
    stop.cancel();
    working.await.unwrap();
    let rows: i64 =
        on_db!(&*db, pool => sqlx::query_scalar("SELECT count(*) FROM teams").fetch_one(pool).await.unwrap());
    assert_eq!((rows, counts(&db).await.unwrap()), (JOBS, vec![(State::Done, JOBS)]));
}

db::on_both!(a_database_that_goes_away_is_waited_for);

/// The address of the database for which this test program is a worker, started by the story below.
const WORKER_OF: &str = "QUEUE_TEST_WORKER_OF";

/// In a process of its own: a worker that the job `poison` kills.
async fn work(url: String) {
    let db = Db::open(&Settings::new(Secret::new(url))).await.unwrap();
    let poison = Handler::new("poison", |_| async { std::process::abort() });
    let mut worker = Worker::new(db.clone(), Clock::system(), "child", vec![poison, writer(&db)]);
    worker.concurrency = 1;
    worker.lease = Duration::from_millis(300);
    worker.drain().await.unwrap();
}

async fn a_job_that_kills_its_worker_ends_dead(db: TestDb, test: &str) {
    const ATTEMPTS: i32 = 3;
    let clock = Clock::system();
    let poison = NewJob { max_attempts: ATTEMPTS, priority: 9, ..NewJob::new("poison", json!({})) };
    let poison = put(&db, &clock, poison).await.unwrap();
    let harmless = put(&db, &clock, NewJob::new("work", json!("harmless"))).await.unwrap();
    let mut killed = 0;
    for _ in 0..200 {
        let mut worker = Command::new(std::env::current_exe().unwrap());
        worker.args([test, "--exact"]).env(WORKER_OF, db.settings().url.expose());
        let ended = worker.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        killed += i32::from(!ended.success());
        if get(&db, poison).await.unwrap().unwrap().state == State::Dead {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let job = get(&db, poison).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempts, killed), (State::Dead, ATTEMPTS, ATTEMPTS));
    assert_eq!(job.error.as_deref(), Some("the worker stopped in the midst of it"));
    assert_eq!(get(&db, harmless).await.unwrap().unwrap().state, State::Done, "the others are done meanwhile");
}

mod a_job_that_kills_its_worker {
    use super::{TestDb, WORKER_OF, a_job_that_kills_its_worker_ends_dead, work};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        let Ok(url) = std::env::var(WORKER_OF) else {
            let test = "tests::faults::a_job_that_kills_its_worker::sqlite";
            return a_job_that_kills_its_worker_ends_dead(TestDb::sqlite().await, test).await;
        };
        work(url).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        let Ok(url) = std::env::var(WORKER_OF) else {
            let test = "tests::faults::a_job_that_kills_its_worker::postgres";
            return a_job_that_kills_its_worker_ends_dead(TestDb::postgres().await, test).await;
        };
        work(url).await;
    }
}
