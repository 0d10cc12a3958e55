//! Stories of deliveries that come at once, or tell of what is known.

use super::*;
use db::on_tx;
use std::sync::Arc;
use tokio::task::JoinSet;

async fn deliveries_at_once_are_each_recorded_once_with_one_job(db: TestDb) {
    let world = Arc::new(World::new(db, 200, |_| {}));
    world.connect().await;
    let mut sent = JoinSet::new();
    for number in 0..200 {
        let mut send = |how: How| {
            let world = Arc::clone(&world);
            sent.spawn(async move { world.send(&world.delivery(number, how)).await });
        };
        send(How::Genuine);
        if number % 3 == 0 {
            send(How::Genuine);
        }
        if number % 5 == 0 {
            send(How::Forged(Forgery::WrongKey));
        }
    }
    let (mut recorded, mut again, mut refused) = (0, 0, 0);
    while let Some(answer) = sent.join_next().await {
        match answer.unwrap() {
            Ok(Received::Recorded) => recorded += 1,
            Ok(Received::Again) => again += 1,
            Err(IntakeError::Unproven(_)) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((recorded, again, refused), (200, 67, 40));
    assert_eq!(
        world.count("SELECT count(*) FROM webhook_events WHERE status = 'received' AND payload IS NOT NULL").await,
        200
    );
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE deliveries = 2").await, 67);
    assert_eq!(world.backlog().await.open, 200);
    assert_eq!(
        world.count("SELECT count(*) FROM jobs WHERE kind = 'process_new_call' AND state = 'queued'").await,
        200
    );
    assert_eq!(world.count("SELECT count(DISTINCT unique_key) FROM jobs").await, 200);
    world.work().await;
    assert_eq!(world.backlog().await, Backlog { kept: 200, unjudged: 200, ..Backlog::default() });
}

async fn what_another_rule_tells_of_a_call_is_kept_with_the_job_that_is_there(db: TestDb) {
    let world = World::new(db, 1, |_| {});
    let connection = world.connect().await;
    world.prove_by_key(connection).await;
    let shown = Shown { key: Some(URL_KEY), ..Shown::default() };
    let first = String::from_utf8(world.delivery(0, How::Genuine).body.to_vec()).unwrap();
    let second = first.replacen("\"callData\":{", "\"callData\":{\"more\":\"of it\",", 1);
    for body in [&first, &second] {
        let received =
            events::receive(&world.intake, (Kind::Gong, Some("main")), &shown, body.as_bytes()).await.unwrap();
        assert_eq!(received, Received::Recorded);
    }
    assert_eq!(
        world.count("SELECT count(*) FROM webhook_events WHERE status = 'received' AND deliveries = 1").await,
        2
    );
    assert_eq!(world.count("SELECT count(*) FROM source_calls WHERE details ->> 'more' = 'of it'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM source_calls").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM jobs").await, 1);
    world.work().await;
    assert_eq!(world.backlog().await.kept, 1);
}

async fn a_delivery_that_came_before_is_the_same_whatever_it_tells(db: TestDb) {
    let world = World::new(db, 2, |_| {});
    world.connect().await;
    for (number, received) in [(0, Received::Recorded), (1, Received::Again)] {
        let told = String::from_utf8(world.delivery(number, How::Genuine).body.to_vec()).unwrap();
        let told = told.replacen('{', "{\"gong_webhook_id\":\"W-17\",", 1);
        let signature = signed(SECRET, &told);
        let shown = Shown { signature: Some(&signature), ..Shown::default() };
        assert_eq!(
            events::receive(&world.intake, (Kind::Gong, Some("main")), &shown, told.as_bytes()).await.unwrap(),
            received
        );
    }
    assert_eq!(world.count("SELECT deliveries FROM webhook_events").await, 2);
    assert_eq!((world.backlog().await.open, world.count("SELECT count(*) FROM jobs").await), (1, 1));
}

async fn a_delivery_that_cannot_be_written_spoils_none_that_came_with_it(db: TestDb) {
    let world = Arc::new(World::new(db, 60, |_| {}));
    world.connect().await;
    world.connect_as("other", world.settings()).await;
    world.send_to("other", &world.delivery(59, How::Genuine)).await.unwrap();
    // By another instance: this one remembers the connection for some seconds.
    let mut tx = world.db.begin().await.unwrap();
    let sql = "DELETE FROM connections WHERE name = 'other'";
    on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    let mut sent = JoinSet::new();
    for number in 0..50 {
        let world = Arc::clone(&world);
        let name = if number % 5 == 0 { "other" } else { "main" };
        sent.spawn(async move { (name, world.send_to(name, &world.delivery(number, How::Genuine)).await) });
    }
    while let Some(answer) = sent.join_next().await {
        match answer.unwrap() {
            ("main", answer) => assert_eq!(answer.unwrap(), Received::Recorded),
            (_, answer) => assert!(matches!(answer, Err(IntakeError::Db(_) | IntakeError::Together(_))), "{answer:?}"),
        }
    }
    assert_eq!(world.backlog().await.open, 40);
    assert_eq!(world.count("SELECT count(*) FROM webhook_events").await, 40);
    assert_eq!(
        world.count("SELECT count(*) FROM jobs WHERE kind = 'process_new_call' AND state = 'queued'").await,
        40 + 1
    );
}

db::on_both!(
    deliveries_at_once_are_each_recorded_once_with_one_job,
    what_another_rule_tells_of_a_call_is_kept_with_the_job_that_is_there,
    a_delivery_that_came_before_is_the_same_whatever_it_tells,
    a_delivery_that_cannot_be_written_spoils_none_that_came_with_it,
);
