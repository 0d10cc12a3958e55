//! Stories of rounds, of what is waited for, and of a Gong that does not do what it should, on both databases.

use crate::connection::{self, ConnectionChange, ConnectionSettings, Secrets};
use crate::events;
use crate::ledger::{self, Backlog, State};
use crate::source::{self, Listed};
use crate::tests::{SECRET, World, monday, signed};
use crate::{Kind, Shown, sync, watch};
use calls::Status;
use chrono::TimeDelta;
use db::testing::TestDb;
use sim::gong::How;
use std::time::Duration;

async fn a_round_lists_what_is_new_with_few_requests(db: TestDb) {
    let world = World::new(db, 240, |_| {});
    let connection = world.connect().await;
    let run = world.sync(&connection).await;
    assert_eq!((run.state, run.found, run.new_calls), (sync::RunState::Done, 240, 240), "{run:?}");
    assert_eq!(world.backlog().await, Backlog { kept: 240, unjudged: 240, ..Backlog::default() });
    assert_eq!(world.calls().await.iter().filter(|call| call.status == Status::Queued).count(), 240);
    // Three pages, three times a hundred transcripts, and one more for each worker that begins at once. Of 1,000 calls see below.
    assert!(world.requests() <= 9, "{} requests", world.requests());
    let after = connection::get(&world.intake, connection.id).await.unwrap();
    assert_eq!(after.covered_until, Some(run.until));
    assert_eq!(after.requests_today as usize, world.requests());

    let again = world.sync(&connection).await;
    assert_eq!((again.found, again.new_calls), (240, 0), "the hours before are listed again");
    assert_eq!(world.calls().await.len(), 240);
}

async fn a_thousand_new_calls_cost_few_requests(db: TestDb) {
    let world = World::new(db, 1_000, |_| {});
    let connection = world.connect().await;
    let run = world.sync(&connection).await;
    assert_eq!((run.found, run.new_calls, world.backlog().await.kept), (1_000, 1_000, 1_000));
    assert!(world.requests() <= 25, "{} requests", world.requests());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: cargo xtask test --long"]
async fn a_thousand_new_calls_cost_few_requests_on_sqlite() {
    a_thousand_new_calls_cost_few_requests(TestDb::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: cargo xtask test --long"]
async fn a_thousand_new_calls_cost_few_requests_on_postgres() {
    a_thousand_new_calls_cost_few_requests(TestDb::postgres().await).await;
}

async fn a_transcript_that_is_late_is_waited_for(db: TestDb) {
    let world = World::new(db, 2, |gong| gong.transcript_after = Duration::from_hours(30));
    let connection = world.connect().await;
    world.sync(&connection).await;
    assert_eq!(world.backlog().await.open, 2);
    assert!(world.calls().await.is_empty());
    let connection = connection::get(&world.intake, connection.id).await.unwrap();
    let mark = sync::watermark(&world.db, &connection).await.unwrap().unwrap();
    assert!(mark < monday(), "it does not pass a call that is open: {mark}");
    let mut rounds = 0;
    while world.backlog().await.open > 0 {
        world.clock.advance(TimeDelta::minutes(30));
        world.work().await;
        rounds += 1;
        assert!(rounds < 100);
    }
    assert_eq!(world.calls().await.len(), 2);
    // Later and later, at most every four hours.
    let looks = world.count("SELECT max(attempts) FROM source_steps WHERE step = 'fetch_transcript'").await;
    assert!((10..=18).contains(&looks), "{looks} looks in 30 hours");
    assert_eq!(sync::watermark(&world.db, &connection).await.unwrap(), connection.covered_until);
}

async fn what_never_has_a_transcript_is_given_up_and_can_be_tried_again(db: TestDb) {
    let world = World::new(db, 1, |gong| gong.transcript_after = Duration::from_hours(200));
    let connection = world.connect().await;
    world.ring(0).await.unwrap();
    for _ in 0..60 {
        world.work().await;
        world.clock.advance(TimeDelta::hours(1));
    }
    let backlog = world.backlog().await;
    assert_eq!((backlog.open, backlog.failed), (0, 1));
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE status = 'failed'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM jobs WHERE state NOT IN ('done', 'cancelled')").await, 0);
    // Gong rings again, of itself or because somebody asked it to.
    let told = world.delivery(0, How::Genuine);
    let told = String::from_utf8(told.body.to_vec()).unwrap().replacen("\"isTest\"", "\"again\":1,\"isTest\"", 1);
    let signature = signed(SECRET, &told);
    let shown = Shown { signature: Some(&signature), ..Shown::default() };
    events::receive(&world.intake, (Kind::Gong, Some("main")), &shown, told.as_bytes()).await.unwrap();
    assert_eq!(world.backlog().await.open, 1, "it is waited for again");
    for _ in 0..60 {
        world.work().await;
        world.clock.advance(TimeDelta::hours(1));
    }
    world.clock.advance(TimeDelta::hours(100));
    let listed = ledger::list(&world.db, connection.id, Some(State::Failed), 10).await.unwrap();
    assert!(listed[0].why.as_deref().unwrap().contains("48 hours"), "{listed:?}");
    ledger::retry(&world.intake, connection.id, listed[0].id, "tester").await.unwrap();
    world.work().await;
    assert_eq!(world.backlog().await.kept, 1);
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE status = 'processed'").await, 2);
}

async fn a_gong_that_fails_loses_nothing(db: TestDb) {
    let world = World::new(db, 5, |_| {});
    let connection = world.connect().await;
    // Fewer than after which it is left alone for a minute of real time.
    world.gong.faults().read("status=500\n".repeat(4).as_str()).unwrap();
    let run = sync::begin(&world.intake, &connection, None, Some("tester")).await.unwrap();
    for _ in 0..40 {
        world.work().await;
        world.clock.advance(TimeDelta::minutes(2));
    }
    let run = sync::get(&world.db, run.id).await.unwrap();
    assert_eq!((run.state, run.found), (sync::RunState::Done, 5), "{run:?}");
    assert_eq!(world.backlog().await.kept, 5);
    let after = connection::get(&world.intake, connection.id).await.unwrap();
    assert_eq!((after.failures, after.error), (0, None));
}

async fn a_wrong_key_is_told_and_a_right_one_goes_on_at_once(db: TestDb) {
    let world = World::new(db, 2, |_| {});
    let connection = world.connect().await;
    let wrong = Secrets { secret: Some("wrong".to_owned()), ..Secrets::default() };
    let change = ConnectionChange { secrets: wrong, ..ConnectionChange::default() };
    connection::change(&world.intake, connection.id, change, "tester").await.unwrap();
    world.ring(0).await.unwrap();
    world.work().await;
    let told = connection::get(&world.intake, connection.id).await.unwrap();
    assert!(told.error.as_deref().unwrap().contains("401"), "{told:?}");
    assert_eq!(world.backlog().await.open, 1, "it waits");
    let change = ConnectionChange { secrets: World::secrets(), ..ConnectionChange::default() };
    connection::change(&world.intake, connection.id, change, "tester").await.unwrap();
    world.work().await;
    assert_eq!(world.backlog().await.kept, 1);
}

async fn who_goes_from_a_key_to_oauth_leaves_the_secret_of_the_key(db: TestDb) {
    let world = World::new(db, 0, |_| {});
    let connection = world.connect().await;
    let secrets = |secret: Option<&str>, client: Option<&str>| Secrets {
        secret: secret.map(str::to_owned),
        client_secret: client.map(str::to_owned),
        ..Secrets::default()
    };
    let change = |access_key: Option<&str>, client_id: Option<&str>, secrets: Secrets| {
        let (access_key, client_id) = (access_key.map(str::to_owned), client_id.map(str::to_owned));
        let settings = ConnectionSettings { access_key, client_id, ..world.settings() };
        let change = ConnectionChange { settings: Some(settings), secrets, ..ConnectionChange::default() };
        connection::change(&world.intake, connection.id, change, "tester")
    };
    let changed = change(None, Some("client"), secrets(None, Some("hush"))).await.unwrap();
    assert_eq!(changed.secrets, ["client_secret", "webhook_secret"]);
    // The secret of the key is gone with it.
    assert!(change(Some("key"), None, Secrets::default()).await.is_err());
    let back = change(Some("key"), None, secrets(Some("of it"), None)).await.unwrap();
    assert_eq!(back.secrets, ["secret", "webhook_secret"]);
}

async fn the_requests_of_a_day_are_kept_to_and_it_goes_on_the_next(db: TestDb) {
    let world = World::new(db, 250, |_| {});
    let connection = world.connect_with(ConnectionSettings { requests_per_day: 4, ..world.settings() }).await;
    let run = world.sync(&connection).await;
    assert_eq!((run.state, world.requests()), (sync::RunState::Done, 4));
    let backlog = world.backlog().await;
    // Which of the batches of 100, 100 and 50 had the request that was left, is chance.
    assert!(backlog.open + backlog.kept == 250 && [50, 100].contains(&backlog.kept), "{backlog:?}");
    let told = connection::get(&world.intake, connection.id).await.unwrap();
    assert_eq!(told.failures, 0, "that is no failure: {told:?}");
    world.clock.advance(TimeDelta::hours(15));
    world.work().await;
    assert_eq!(world.requests(), 4);
    world.clock.advance(TimeDelta::hours(2));
    world.work().await;
    // Four workers that begin at once ask each for their own.
    assert!((6..=8).contains(&world.requests()), "{} requests", world.requests());
    assert_eq!(world.backlog().await.kept, 250);
}

async fn a_mark_that_is_too_old_begins_the_list_anew(db: TestDb) {
    let world = World::new(db, 240, |_| {});
    let connection = world.connect().await;
    for (round, old) in ["status=404", "status=400"].into_iter().enumerate() {
        // The second page.
        world.gong.faults().read(&format!("delay=0\n{old}\n")).unwrap();
        let run = world.sync(&connection).await;
        let new = if round == 0 { 240 } else { 0 };
        assert_eq!((run.state, run.pages, run.new_calls), (sync::RunState::Done, 4, new), "{old}: {run:?}");
    }
}

async fn a_page_that_stays_missing_covers_nothing(db: TestDb) {
    let world = World::new(db, 240, |_| {});
    let connection = world.connect().await;
    world.gong.faults().read("delay=0\nstatus=404\ndelay=0\nstatus=404\n").unwrap();
    let run = world.sync(&connection).await;
    assert_eq!(run.state, sync::RunState::Failed, "{run:?}");
    let after = connection::get(&world.intake, connection.id).await.unwrap();
    assert_eq!(after.covered_until, None, "what lies behind it was not seen");
    assert_eq!(world.sync(&connection).await.found, 240);
}

async fn what_fails_for_one_alone_ends_by_its_patience(db: TestDb) {
    let world = World::new(db, 2, |_| {});
    let connection = world.connect().await;
    world.ring(0).await.unwrap();
    let mut hours = 0;
    while world.backlog().await.failed == 0 {
        // Whatever is asked of this one is refused, while others come.
        world.gong.faults().read(&"status=418\n".repeat(4)).unwrap();
        connection::tried(&world.db, &world.clock, connection.id, None).await.unwrap();
        world.work().await;
        world.clock.advance(TimeDelta::minutes(30));
        hours += 1;
        assert!(hours < 200, "it is held for ever");
    }
    assert!((95..=110).contains(&hours), "after 48 hours: {hours}");
    assert!(world.requests() < 30, "{} requests", world.requests());
    let failed = ledger::list(&world.db, connection.id, Some(State::Failed), 10).await.unwrap();
    assert!(failed[0].why.as_deref().unwrap().contains("48 hours"), "{failed:?}");
}

async fn a_service_that_is_away_has_nothing_given_up(db: TestDb) {
    let world = World::new(db, 1, |_| {});
    let connection = world.connect().await;
    world.ring(0).await.unwrap();
    // A key that may not: for the service as a whole.
    let wrong = Secrets { secret: Some("wrong".to_owned()), ..Secrets::default() };
    let change = ConnectionChange { secrets: wrong, ..ConnectionChange::default() };
    connection::change(&world.intake, connection.id, change, "tester").await.unwrap();
    for _ in 0..80 {
        world.work().await;
        world.clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(
        world.backlog().await,
        Backlog { open: 1, waiting: 1, oldest: world.backlog().await.oldest, ..Backlog::default() }
    );
}

async fn what_a_round_finds_private_leaves_nothing_of_what_was_sent(db: TestDb) {
    let world = World::new(db, 1, |_| {});
    let connection = world.connect().await;
    world.ring(0).await.unwrap();
    let told = Listed {
        id: world.gong.id(0).unwrap(),
        began_at: None,
        rep: None,
        details: serde_json::json!({ "metaData": { "title": "On pay" } }),
        skip: Some("it is private there"),
    };
    let mut tx = world.db.begin().await.unwrap();
    watch::learn(&world.intake, &mut tx, connection.id, &told).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.backlog().await, Backlog { skipped: 1, ..Backlog::default() });
    let left = "SELECT (SELECT count(*) FROM webhook_events WHERE payload IS NOT NULL OR status <> 'processed') \
         + (SELECT count(*) FROM source_calls WHERE details IS NOT NULL)";
    assert_eq!(world.count(left).await, 0);
}

async fn another_key_does_not_wait_for_the_old_one(db: TestDb) {
    let world = World::new(db, 1, |_| {});
    let connection = world.connect().await;
    world.gong.faults().read("status=429;retry-after=3600\n").unwrap();
    let run = world.sync(&connection).await;
    assert_eq!((run.state, world.requests()), (sync::RunState::Waiting, 1), "{run:?}");
    let told = source::test(&world.intake, &connection).await.unwrap().unwrap_err();
    assert!(told.contains("takes no more requests") && world.requests() == 1, "{told}");
    let change = ConnectionChange { secrets: World::secrets(), ..ConnectionChange::default() };
    let connection = connection::change(&world.intake, connection.id, change, "tester").await.unwrap();
    assert!(source::test(&world.intake, &connection).await.unwrap().is_ok());
}

async fn rounds_that_fail_alarm_whatever_else_goes_well(db: TestDb) {
    let world = World::new(db, 3, |_| {});
    let connection = world.connect().await;
    for round in 0_u32..3 {
        world.gong.faults().read("status=403\n").unwrap();
        let run = world.sync(&connection).await;
        assert_eq!(run.state, sync::RunState::Failed, "{run:?}");
        // What rings comes in all the same.
        world.ring(round).await.unwrap();
        world.work().await;
        assert_eq!(world.backlog().await.kept, round + 1);
        assert_eq!(sync::failures(&world.db, connection.id).await.unwrap(), i64::from(round) + 1);
    }
    assert_eq!(connection::get(&world.intake, connection.id).await.unwrap().failures, 0);
    let counted = ledger::counts(&world.db).await.unwrap();
    assert_eq!(counted[0].1, 3, "the figure that is watched tells it");
    world.sync(&connection).await;
    assert_eq!(sync::failures(&world.db, connection.id).await.unwrap(), 0);
}

async fn jobs_that_are_cancelled_and_done_again_are_told_to_the_ledger(db: TestDb) {
    let world = World::new(db, 1, |_| {});
    let connection = world.connect().await;
    world.ring(0).await.unwrap();
    let run = sync::begin(&world.intake, &connection, None, Some("tester")).await.unwrap();
    let jobs = queue::list(&world.db, &queue::Filter { limit: 10, ..queue::Filter::default() }).await.unwrap();
    let mut tx = world.db.begin().await.unwrap();
    for job in &jobs {
        assert!(queue::cancel(&mut tx, &world.clock, job.id).await.unwrap());
        crate::cancelled(&mut tx, &world.clock, job).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!((jobs.len(), world.work().await), (2, 0));
    assert_eq!(world.backlog().await, Backlog { failed: 1, ..Backlog::default() });
    let told = sync::get(&world.db, run.id).await.unwrap();
    assert_eq!((told.state, told.error.as_deref()), (sync::RunState::Failed, Some("its job was cancelled")));
    let mut tx = world.db.begin().await.unwrap();
    for job in &jobs {
        assert!(queue::retry(&mut tx, &world.clock, job.id).await.unwrap());
        crate::retried(&mut tx, &world.clock, job).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.work().await;
    // The round may have had its row when the other job looked for it.
    world.clock.advance(TimeDelta::seconds(5));
    world.work().await;
    assert_eq!(world.backlog().await.kept, 1);
    assert_eq!(sync::get(&world.db, run.id).await.unwrap().state, sync::RunState::Done);
}

db::on_both!(
    a_mark_that_is_too_old_begins_the_list_anew,
    a_page_that_stays_missing_covers_nothing,
    what_fails_for_one_alone_ends_by_its_patience,
    a_service_that_is_away_has_nothing_given_up,
    what_a_round_finds_private_leaves_nothing_of_what_was_sent,
    another_key_does_not_wait_for_the_old_one,
    rounds_that_fail_alarm_whatever_else_goes_well,
    jobs_that_are_cancelled_and_done_again_are_told_to_the_ledger,
    a_round_lists_what_is_new_with_few_requests,
    a_transcript_that_is_late_is_waited_for,
    what_never_has_a_transcript_is_given_up_and_can_be_tried_again,
    a_gong_that_fails_loses_nothing,
    a_wrong_key_is_told_and_a_right_one_goes_on_at_once,
    who_goes_from_a_key_to_oauth_leaves_the_secret_of_the_key,
    the_requests_of_a_day_are_kept_to_and_it_goes_on_the_next,
);
