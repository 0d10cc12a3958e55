//! Several programs on one installation, and programs that are killed: nothing is lost and nothing is doubled, on both databases.

use crate::kept::{Place, synthetic};
use calls::Blobs;
use chrono::TimeDelta;
use db::testing::TestDb;
use db::{on_db, sqlx};
use kernel::Clock;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What is kept of a call: file, participants, segments, sessions, analyses, metrics, overall score.
type Kept = (String, i64, i64, i64, i64, i64, Option<f64>);
/// A sum: rep, week, measure, count, total.
type Sum = (String, String, String, i64, i64);

impl Place {
    async fn kept(&self) -> (Vec<Kept>, Vec<String>, Vec<Sum>) {
        let calls = "SELECT c.file_name, (SELECT count(*) FROM participants x WHERE x.call_id = c.id), \
             (SELECT count(*) FROM segments x WHERE x.call_id = c.id), \
             (SELECT count(*) FROM coaching_sessions x WHERE x.call_id = c.id), \
             (SELECT count(*) FROM analyses x WHERE x.call_id = c.id), \
             (SELECT count(*) FROM metrics x WHERE x.call_id = c.id), c.overall_score FROM calls c ORDER BY c.file_name";
        let users = "SELECT name FROM users ORDER BY name";
        let sums = "SELECT u.name, r.week, r.measure, r.n, r.total FROM rollups r JOIN users u ON u.id = r.rep_id \
             ORDER BY u.name, r.week, r.measure";
        on_db!(&*self.db, pool => (
            sqlx::query_as(calls).fetch_all(pool).await.unwrap(),
            sqlx::query_scalar(users).fetch_all(pool).await.unwrap(),
            sqlx::query_as(sums).fetch_all(pool).await.unwrap(),
        ))
    }

    /// Calls that came in, and those of them that were judged.
    async fn steps(&self) -> (i64, i64) {
        let sql = "SELECT count(*), count(analysed_at) FROM calls";
        on_db!(&*self.db, pool => sqlx::query_as(sql).fetch_one(pool).await.unwrap())
    }

    /// A program of this installation that says nothing. A killed one's jobs rest for a second only.
    fn silent(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.env("SIDELINE_WORKER_LEASE", "1").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }
}

/// What is kept is what one undisturbed import keeps: each call once with all its people and words, one session with all its dimensions, the same
/// reps, the same sums, each job done.
pub(crate) async fn all_is_there_once(place: &Place, folder: &str, count: usize) {
    let undisturbed = Place {
        db: match place.db.backend() {
            "sqlite" => TestDb::sqlite().await,
            _ => TestDb::postgres().await,
        },
    };
    undisturbed.run(&["import", folder, "--quiet"]).ended(0);
    let (calls, users, sums) = place.kept().await;
    let (right, right_users, right_sums) = undisturbed.kept().await;
    assert_eq!(right.len(), count);
    assert_eq!(calls, right);
    let dimensions = rubric::builtin().into_iter().find(|rubric| rubric.id == "default").unwrap().dimensions.len();
    for (file, people, segments, sessions, analyses, metrics, _) in &calls {
        assert!(*people > 1 && *segments > 10, "{file}: {people} people, {segments} segments");
        assert_eq!((*sessions, *analyses, *metrics), (1, dimensions as i64, 1), "{file}");
    }
    assert_eq!((users, &sums), (right_users, &right_sums));
    assert!(!sums.is_empty());
    let differences = coaching::check(&place.db).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
    let jobs = queue::list(&place.db, &queue::Filter { limit: 100_000, ..Default::default() }).await.unwrap();
    let jobs: Vec<_> = jobs.iter().filter(|job| job.kind == calls::ANALYSE).collect();
    assert_eq!(jobs.len(), count);
    assert!(jobs.iter().all(|job| job.state == queue::State::Done), "{jobs:?}");
    let originals = place.db.dir().join("data/blobs");
    // A kill may leave an original that no call names, until a job deletes it.
    let tomorrow = Clock::fixed(Clock::system().now() + TimeDelta::hours(25));
    let blobs = Blobs::local(&originals).unwrap();
    let handlers = coaching::handlers(&place.db, &blobs, &tomorrow, "default", &coaching::Analyst::default());
    queue::Worker::new((*place.db).clone(), tomorrow, "tomorrow", handlers).drain().await.unwrap();
    originals_match(&originals.join("originals"), count);
}

/// Each call has its original; a kill may leave one that no call names, which the next import of the file takes up.
fn originals_match(folder: &Path, files: usize) {
    let of = |folder: &Path| folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let all =
        of(folder).iter().flat_map(|folder| of(folder)).filter(|file| !file.to_string_lossy().contains('#')).count();
    assert_eq!(all, files);
}

async fn several_workers_do_every_job_once(db: TestDb) {
    let place = Place { db };
    let folder = synthetic(&format!("workers_{}", place.db.backend()), "40");
    let folder = folder.to_str().unwrap();
    place.run(&["import", folder, "--later", "--quiet"]).ended(0);
    let mut workers: Vec<_> = (0..3)
        .map(|_| place.command(&["worker"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    let begun = Instant::now();
    while place.steps().await != (40, 40) && begun.elapsed() < Duration::from_mins(2) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for worker in &mut workers {
        Command::new("kill").args(["-TERM", &worker.id().to_string()]).status().unwrap();
        assert!(worker.wait().unwrap().success(), "it ends when it is told to");
    }
    all_is_there_once(&place, folder, 40).await;
    let jobs = queue::list(&place.db, &queue::Filter { limit: 1000, ..Default::default() }).await.unwrap();
    for job in jobs.iter().filter(|job| job.kind == calls::ANALYSE) {
        assert_eq!(job.attempts, 1, "{job:?}");
    }
}

/// Kills imports and workers in the midst of their work, `rounds` times, and has the last import do what is left.
async fn killed(db: TestDb, rounds: u64, files: u64) {
    let place = Place { db };
    let folder = synthetic(&format!("killed_{}_{files}", place.db.backend()), &files.to_string());
    let folder = folder.to_str().unwrap();
    let all = files as i64;
    // The same moments in every run, spread over what the work takes.
    let mut moment = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut kills, mut imports, mut tries) = (0, 0, 0);
    while kills < rounds {
        tries += 1;
        let before = place.steps().await;
        assert!(before != (all, all) && tries <= 4 * rounds, "after {kills} kills no work is left: {before:?}");
        let is_import = tries % 2 == 1;
        let args: &[&str] = if is_import { &["import", folder, "--quiet"] } else { &["worker"] };
        let mut child = place.silent(args);
        // When it has shown that it works, and then some more. One that finds nothing to do, since all jobs rest, is no round.
        let begun = Instant::now();
        while place.steps().await == before && begun.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis((moment >> 33) % (20 * files / rounds))).await;
        let has_worked = place.steps().await != before;
        let is_alive = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        if has_worked && is_alive && place.steps().await != (all, all) {
            kills += 1;
            imports += u64::from(is_import);
        }
    }
    assert!(imports >= rounds / 4, "{imports} of {kills} were imports");
    // No worker beside it: what the killed ones had comes back when their leases run out.
    let run = place.run(&["import", folder, "--quiet"]).ended(0);
    assert!(run.out.contains(" known already, 0 waiting for sides\n"), "{}", run.out);
    all_is_there_once(&place, folder, files as usize).await;
}

async fn a_kill_loses_nothing_and_doubles_nothing(db: TestDb) {
    killed(db, 8, 40).await;
}

db::on_both!(several_workers_do_every_job_once, a_kill_loses_nothing_and_doubles_nothing);

/// The same at thirty moments with five hundred files.
mod long {
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "takes minutes: cargo xtask test --long"]
    async fn sqlite() {
        super::killed(db::testing::TestDb::sqlite().await, 30, 500).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "takes minutes: cargo xtask test --long"]
    async fn postgres() {
        super::killed(db::testing::TestDb::postgres().await, 30, 500).await;
    }
}
