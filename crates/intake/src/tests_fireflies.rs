//! Stories of calls that come in from the simulator of Fireflies, on both databases.

use crate::connection::{self, Connection, ConnectionSettings, NewConnection, Proof, Secrets};
use crate::events::{self, Received};
use crate::ledger::{self, Backlog};
use crate::tests::{SECRET, World, monday};
use crate::{IntakeError, Kind, Shown, source, sync};
use chrono::TimeDelta;
use db::testing::TestDb;
use sim::Time;
use sim::fireflies::{Delivery, Fireflies, Forgery, How, KEY, Ring, Settings, Signing};
use std::time::Duration;
use transcript::redact::RedactKinds;

struct Listening {
    world: World,
    fireflies: Fireflies,
    connection: Connection,
}

impl Listening {
    /// With a Fireflies that has written so many calls since yesterday.
    async fn new(world: World, backlog: u32, settings: impl FnOnce(&mut Settings)) -> Self {
        let mut told = Settings {
            backlog,
            days: 1,
            per_minute: u64::MAX,
            webhook: Some(Ring {
                by_itself: false,
                ..Ring::new("http://127.0.0.1:9/", Signing::Hmac(SECRET.to_owned()))
            }),
            ..Settings::from(monday())
        };
        told.time = Time::by(world.clock.clone());
        settings(&mut told);
        let fireflies = Fireflies::with(told);
        let new = NewConnection {
            kind: Kind::Fireflies,
            name: "notes".to_owned(),
            settings: ConnectionSettings {
                base_url: fireflies.url(),
                proof: Some(Proof::Hmac),
                requests_per_second: 100.0,
                ..ConnectionSettings::default()
            },
            secrets: Secrets {
                secret: Some(KEY.to_owned()),
                webhook_secret: Some(SECRET.to_owned()),
                ..Secrets::default()
            },
            since: Some(monday() - TimeDelta::days(2)),
        };
        let connection = connection::add(&world.intake, new, "tester").await.unwrap();
        Self { world, fireflies, connection }
    }

    async fn backlog(&self) -> Backlog {
        ledger::backlog(&self.world.db, self.connection.id).await.unwrap()
    }

    async fn send(&self, delivery: &Delivery) -> Result<Received, IntakeError> {
        let signature = delivery.headers.iter().find(|(name, _)| name == "x-hub-signature");
        let shown = Shown { signature: signature.map(|(_, value)| value.as_str()), ..Shown::default() };
        events::receive(&self.world.intake, (Kind::Fireflies, Some("notes")), &shown, &delivery.body).await
    }
}

async fn a_round_brings_in_what_is_written(db: TestDb) {
    let of = Listening::new(World::new(db, 0, |_| {}), 60, |_| {}).await;
    let told = source::test(&of.world.intake, &of.connection).await.unwrap().unwrap();
    assert!(told.starts_with("Fireflies answers: the key is that of "), "{told}");
    let run = of.world.sync(&of.connection).await;
    assert_eq!((run.state, run.pages, run.found, run.new_calls), (sync::RunState::Done, 2, 60, 60), "{run:?}");
    assert_eq!(of.backlog().await.kept, 60);
    assert_eq!((of.fireflies.served("transcripts"), of.fireflies.served("transcript")), (2, 60));
    let kept = of.world.calls().await;
    assert_eq!(kept.len(), 60);
    let said =
        |call: &transcript::Transcript| call.segments.iter().map(|s| s.text.clone()).collect::<Vec<_>>().join(" ");
    for call in &kept[..5] {
        let truth = of.fireflies.truth(call.external_id.as_deref().unwrap()).unwrap();
        let here = calls::load(&of.world.db, call.id).await.unwrap();
        assert_eq!(said(&here), said(&truth.transcript));
    }
    let details = of.world.texts("SELECT details FROM source_calls").await;
    assert!(details.iter().all(|told| !told.contains("sentences")), "no word is kept beside the call");
    assert_eq!(of.world.count("SELECT count(*) FROM calls WHERE source = 'fireflies'").await, 60);
    let again = of.world.sync(&of.connection).await;
    assert_eq!((again.found, again.new_calls), (60, 0));
    assert_eq!(of.world.calls().await.len(), 60);
}

async fn a_webhook_brings_a_call_whose_words_come_later(db: TestDb) {
    let after = Duration::from_hours(1);
    let of = Listening::new(World::new(db, 0, |_| {}), 2, |told| told.transcript_after = after).await;
    let delivery = of.fireflies.delivery(1, How::Genuine).unwrap();
    assert_eq!(of.send(&delivery).await.unwrap(), Received::Recorded);
    assert_eq!(of.send(&delivery).await.unwrap(), Received::Again);
    let forged = of.fireflies.delivery(0, How::Forged(Forgery::Changed)).unwrap();
    assert!(matches!(of.send(&forged).await, Err(IntakeError::Unproven(_))));
    of.world.work().await;
    let mut rounds = 0;
    while of.backlog().await.open > 0 {
        of.world.clock.advance(TimeDelta::minutes(10));
        of.world.work().await;
        rounds += 1;
        assert!(rounds < 100);
    }
    assert_eq!(of.backlog().await, Backlog { kept: 1, unjudged: 1, ..Backlog::default() });
    let kept = of.world.calls().await;
    assert_eq!(kept[0].external_id, of.fireflies.id(1));
    assert_eq!(
        of.world.count("SELECT count(*) FROM webhook_events WHERE status = 'processed' AND deliveries = 2").await,
        1
    );
    assert_eq!(of.world.count("SELECT count(*) FROM source_steps WHERE state = 'done'").await, 6);
}

async fn limits_are_kept_to_and_a_wrong_key_is_told(db: TestDb) {
    let of = Listening::new(World::new(db, 0, |_| {}), 30, |told| told.per_day = 20).await;
    let run = of.world.sync(&of.connection).await;
    assert_eq!(run.state, sync::RunState::Done, "{run:?}");
    assert_eq!(of.backlog().await.kept, 19, "one request was for the list");
    let told = connection::get(&of.world.intake, of.connection.id).await.unwrap();
    assert_eq!((told.failures, told.error), (0, None), "that is no failure");
    let why = of.world.texts("SELECT why FROM source_calls WHERE state = 'open'").await;
    assert!(why.iter().any(|why| why.contains("no more requests")), "{why:?}");
    of.world.clock.advance(TimeDelta::hours(17));
    of.world.work().await;
    assert_eq!(of.backlog().await.kept, 30, "it goes on the next day");

    let change = connection::ConnectionChange {
        secrets: Secrets { secret: Some("wrong".to_owned()), ..Secrets::default() },
        ..connection::ConnectionChange::default()
    };
    let connection = connection::change(&of.world.intake, of.connection.id, change, "tester").await.unwrap();
    let told = source::test(&of.world.intake, &connection).await.unwrap().unwrap_err();
    assert!(told.contains("key") && !told.contains("wrong"), "{told}");
    assert_eq!(of.world.sync(&connection).await.state, sync::RunState::Failed);
}

async fn names_are_nowhere_where_they_are_to_be_redacted(db: TestDb) {
    let mut world = World::new(db, 0, |_| {});
    world.intake = world.intake.with(RedactKinds::ALL, chrono_tz::Tz::UTC, crate::Patience::default());
    let of = Listening::new(world, 3, |_| {}).await;
    of.world.sync(&of.connection).await;
    assert_eq!(of.backlog().await.kept, 3);
    for number in 0..3 {
        let truth = of.fireflies.truth(&of.fireflies.id(number).unwrap()).unwrap();
        for person in truth.transcript.participants.iter().filter(|person| person.name.contains(' ')) {
            for sql in ["SELECT details FROM source_calls", "SELECT text FROM segments"] {
                for text in of.world.texts(sql).await {
                    assert!(!text.contains(&person.name), "{sql}: {}", person.name);
                    let address = person.email.as_deref().unwrap_or(&person.name);
                    assert!(!text.contains(address), "{sql}: {address}");
                }
            }
        }
    }
}

db::on_both!(
    a_round_brings_in_what_is_written,
    a_webhook_brings_a_call_whose_words_come_later,
    limits_are_kept_to_and_a_wrong_key_is_told,
    names_are_nowhere_where_they_are_to_be_redacted,
);
