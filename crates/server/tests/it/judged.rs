//! What commands say of jobs, which is what became of them: resumed imports, other workers, failures, on both databases.

use crate::kept::{Place, synthetic};
use db::testing::TestDb;
use kernel::Clock;
use queue::{Failure, Handler, Schedule, State, Worker};
use std::time::Duration;

/// A worker of somebody else, who takes every job and does `what` with it.
fn other(place: &Place, lease: Duration, what: Option<Failure>) -> Worker {
    let what = std::sync::Arc::new(std::sync::Mutex::new(what));
    let handler = Handler::new(calls::ANALYSE, move |_| {
        let what = what.lock().unwrap().take();
        async move {
            match what {
                Some(failure) => Err(failure),
                None => std::future::pending().await,
            }
        }
    });
    let mut worker = Worker::new((*place.db).clone(), Clock::system(), "elsewhere", vec![handler]);
    worker.concurrency = 1;
    worker.lease = lease;
    worker
}

/// Waits until somebody works on a job.
async fn until_one_is_running(place: &Place) {
    for _ in 0..200 {
        if queue::counts(&place.db).await.unwrap().iter().any(|(state, _)| *state == State::Running) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody has taken a job");
}

async fn jobs_in(place: &Place, state: State) -> i64 {
    queue::counts(&place.db).await.unwrap().iter().find(|(at, _)| *at == state).map_or(0, |(_, count)| *count)
}

async fn an_interrupted_import_is_resumed(db: TestDb) {
    let place = Place { db };
    let folder = synthetic(&format!("resumed_{}", place.db.backend()), "6");
    let folder = folder.to_str().unwrap();
    place.run(&["import", folder, "--later"]).ended(0);
    // One job is left in the hands of a worker that is no more.
    let job = first_job(&place).await;
    let worker = other(&place, Duration::from_secs(3), None);
    let dead = tokio::spawn(async move { worker.only(job).await });
    until_one_is_running(&place).await;
    dead.abort();
    let again = place.run(&["import", folder]).ended(0);
    assert!(again.out.starts_with("0 imported, 6 judged, 6 known already, 0 waiting"), "{}", again.out);
    assert!(again.err.contains("1 in the hands of another worker"), "{}", again.err);
    assert_eq!(jobs_in(&place, State::Done).await, 6);
    let third = place.run(&["import", folder]).ended(0);
    assert!(third.out.starts_with("0 imported, 0 judged, 6 known already"), "{}", third.out);
}

async fn a_call_that_another_worker_keeps_is_not_called_judged(db: TestDb) {
    let place = Place { db };
    let hurried = |args: &[&str]| crate::finish(place.command(args).env("SIDELINE_WORKER_LEASE", "1").spawn().unwrap());
    place.run(&["import", "sales.vtt", "--internal", "Dana", "--later"]).ended(0);
    let id = place.calls()[0]["id"].as_str().unwrap().to_owned();
    let job = first_job(&place).await;
    let worker = other(&place, Duration::from_mins(1), None);
    let busy = tokio::spawn(async move { worker.only(job).await });
    until_one_is_running(&place).await;
    let import = hurried(&["import", "sales.vtt", "--internal", "Dana"]).ended(1);
    assert!(import.out.contains("0 judged, 1 known already, 0 waiting for sides, 1 not judged yet"), "{}", import.out);
    assert!(import.err.contains("sales.vtt: not judged yet: elsewhere has it"), "{}", import.err);
    // Who asks now is not kept waiting: what the other worker finds is not kept.
    hurried(&["analyze", &id]).ended(0);
    assert_eq!(jobs_in(&place, State::Cancelled).await, 1);
    busy.abort();
}

async fn a_failed_judgement_is_a_failure(db: TestDb) {
    let place = Place { db };
    let import = ["import", "sales.vtt", "--internal", "Dana"];
    for command in [&import[..], &["worker"]] {
        let refused =
            crate::finish(place.command(command).env("SIDELINE_RUBRIC", "nonsense").spawn().unwrap()).ended(2);
        assert!(refused.err.contains("there is no rubric nonsense; set SIDELINE_RUBRIC"), "{}", refused.err);
    }
    assert!(place.calls().is_empty(), "nothing was begun");

    place.run(&[&import[..], &["--later"]].concat()).ended(0);
    let id = place.calls()[0]["id"].as_str().unwrap().to_owned();
    let broken = other(&place, Duration::from_mins(1), Some(Failure::Fail("the analyst is broken".to_owned())));
    broken.only(first_job(&place).await).await.unwrap();
    let again = place.run(&import).ended(1);
    assert!(again.out.contains("0 judged, 1 known already") && again.out.contains("1 failed"), "{}", again.out);
    assert!(again.err.contains("sales.vtt: not judged: the analyst is broken; `sideline jobs retry "), "{}", again.err);
    // A person who asks for it has it judged.
    place.run(&["analyze", &id]).ended(0);

    let mut tx = place.db.begin().await.unwrap();
    calls::enqueue_analysis(
        &mut tx,
        &Clock::system(),
        id.parse().unwrap(),
        calls::Analysis { rubric: Some("gone"), ..calls::Analysis::default() },
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let dead = place.run(&import).ended(1);
    assert!(dead.err.contains("sales.vtt: not judged: there is no rubric gone"), "{}", dead.err);
    assert!(dead.out.contains("0 judged, 1 known already, 0 waiting for sides, 1 failed"), "{}", dead.out);
}

async fn one_call_is_judged_and_the_queue_is_left_alone(db: TestDb) {
    let place = Place { db };
    let folder = synthetic(&format!("one_of_many_{}", place.db.backend()), "5");
    place.run(&["import", folder.to_str().unwrap(), "--later"]).ended(0);
    let long_ago = Clock::fixed(chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap());
    let nightly = Schedule {
        name: "nightly",
        kind: coaching::NIGHTLY,
        payload: serde_json::json!({}),
        cron: "30 3 * * *".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    queue::set_schedule(&place.db, &long_ago, &nightly).await.unwrap();
    let id = place.calls()[0]["id"].as_str().unwrap().to_owned();
    // Another rubric than that of the job that waits: what was asked for is what is answered.
    let asked = place.run(&["analyze", &id, "--rubric", "service", "--json"]).ended(0).json();
    assert_eq!((&asked["id"], &asked["status"]), (&id.as_str().into(), &"analysed".into()));
    assert_eq!(place.run(&["report", &id, "--json"]).ended(0).json()["rubric"], "service");
    assert_eq!(jobs_in(&place, State::Queued).await, 4);
    place.run(&["import", "sales.vtt", "--internal", "Dana"]).ended(0);
    assert_eq!(jobs_in(&place, State::Queued).await, 4, "an import does what it brought");
    let kinds: Vec<String> = queue::list(&place.db, &queue::Filter { limit: 100, ..Default::default() })
        .await
        .unwrap()
        .into_iter()
        .map(|job| job.kind)
        .collect();
    assert!(kinds.iter().all(|kind| kind == calls::ANALYSE), "{kinds:?}");
}

async fn importing_again_with_names_sets_the_sides(db: TestDb) {
    let place = Place { db };
    let folder = place.db.dir().join("talks");
    std::fs::create_dir(&folder).unwrap();
    for (name, customer) in [("a", "Ravi"), ("b", "Mila")] {
        let talk = format!("Dana: What does a late order cost you?\n{customer}: About four hundred euros each time.\n");
        std::fs::write(folder.join(format!("{name}.txt")), talk).unwrap();
    }
    let folder = folder.to_str().unwrap();
    let first = place.run(&["import", folder]).ended(0);
    assert!(first.out.starts_with("2 imported, 0 judged, 0 known already, 2 waiting for sides\n"), "{}", first.out);
    let still = place.run(&["import", folder]).ended(0);
    assert!(still.out.starts_with("0 imported, 0 judged, 2 known already, 2 waiting for sides\n"), "{}", still.out);
    assert!(place.run(&["import", folder, "--internal", "Nobody"]).ended(2).err.contains("a.txt: "));
    let named = place.run(&["import", folder, "--internal", "Dana"]).ended(0);
    assert_eq!(named.out, "0 imported, 2 judged, 2 known already, 0 waiting for sides\n");
    assert!(place.calls().iter().all(|call| call["status"] == "analysed" && call["rep"] == "Dana"));
}

/// The job that comes first.
async fn first_job(place: &Place) -> uuid::Uuid {
    let queued = queue::Filter { state: Some(State::Queued), limit: 1, ..Default::default() };
    queue::list(&place.db, &queued).await.unwrap()[0].id
}

db::on_both!(
    an_interrupted_import_is_resumed,
    a_call_that_another_worker_keeps_is_not_called_judged,
    a_failed_judgement_is_a_failure,
    one_call_is_judged_and_the_queue_is_left_alone,
    importing_again_with_names_sets_the_sides,
);
