//! Stories of calls that come in from the simulator of Gong, on both databases.

mod at_once;

use crate::connection::{self, Connection, ConnectionChange, ConnectionSettings, NewConnection, Proof, Secrets};
use crate::events::{self, Received};
use crate::ledger::{self, Backlog};
use crate::{Intake, IntakeError, Kind, Patience, Sealer, Shown, handlers, oauth, push, sync};
use calls::{Blobs, Filter, Status};
use chrono::{DateTime, TimeDelta, Utc};
use db::testing::TestDb;
use db::{Db, on_db};
use kernel::Clock;
use queue::Worker;
use sim::gong::{Delivery, Forgery, How, Ring, Settings, Signing};
use sim::{Gong, Time};
use std::time::Duration;
use transcript::redact::RedactKinds;
use transcript::{Participant, Side};

pub(crate) const SECRET: &str = "what only both sides know";

/// A last part of an address that nobody guesses.
const URL_KEY: &str = "kkkkkkkkkkkkkkkkkkkk";

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) intake: Intake,
    pub(crate) gong: Gong,
    pub(crate) clock: Clock,
}

/// A Monday at eight.
pub(crate) fn monday() -> DateTime<Utc> {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

impl World {
    /// With a Gong in which `backlog` calls are over since yesterday.
    pub(crate) fn new(db: TestDb, backlog: u32, settings: impl FnOnce(&mut Settings)) -> Self {
        let clock = Clock::fixed(monday());
        let mut told = Settings {
            time: Time::by(clock.clone()),
            backlog,
            days: 1,
            latest: Duration::ZERO,
            per_second: f64::INFINITY,
            webhook: Some(Ring {
                by_itself: false,
                ..Ring::new("http://127.0.0.1:9/", Signing::Hmac(SECRET.to_owned()))
            }),
            ..Settings::from(monday())
        };
        told.time = Time::by(clock.clone());
        settings(&mut told);
        let gong = Gong::with(told);
        let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
        let sealer = Sealer::new(&Sealer::new_key().unwrap()).unwrap();
        let intake = Intake::new((*db).clone(), blobs, clock.clone(), sealer);
        Self { db, intake, gong, clock }
    }

    pub(crate) fn settings(&self) -> ConnectionSettings {
        ConnectionSettings {
            base_url: self.gong.url(),
            access_key: Some(sim::gong::ACCESS_KEY.0.to_owned()),
            proof: Some(Proof::Hmac),
            requests_per_second: 100.0,
            include_private: true,
            ..ConnectionSettings::default()
        }
    }

    pub(crate) fn secrets() -> Secrets {
        Secrets {
            secret: Some(sim::gong::ACCESS_KEY.1.to_owned()),
            webhook_secret: Some(SECRET.to_owned()),
            ..Secrets::default()
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        self.connect_with(self.settings()).await
    }

    pub(crate) async fn connect_with(&self, settings: ConnectionSettings) -> Connection {
        self.connect_as("main", settings).await
    }

    pub(crate) async fn connect_as(&self, name: &str, settings: ConnectionSettings) -> Connection {
        let new = NewConnection {
            kind: Kind::Gong,
            name: name.to_owned(),
            settings,
            secrets: Self::secrets(),
            since: Some(monday() - TimeDelta::days(2)),
        };
        connection::add(&self.intake, new, "tester").await.unwrap()
    }

    /// From now on deliveries prove themselves by [`URL_KEY`].
    pub(crate) async fn prove_by_key(&self, connection: Connection) {
        let change = ConnectionChange {
            settings: Some(ConnectionSettings { proof: Some(Proof::UrlKey), ..connection.settings }),
            secrets: Secrets { webhook_secret: Some(URL_KEY.to_owned()), ..Secrets::default() },
            ..ConnectionChange::default()
        };
        connection::change(&self.intake, connection.id, change, "tester").await.unwrap();
    }

    pub(crate) fn delivery(&self, number: u32, how: How) -> Delivery {
        self.gong.delivery(number, how).unwrap()
    }

    pub(crate) async fn send(&self, delivery: &Delivery) -> Result<Received, IntakeError> {
        self.send_to("main", delivery).await
    }

    pub(crate) async fn send_to(&self, name: &str, delivery: &Delivery) -> Result<Received, IntakeError> {
        let header = |name: &str| {
            delivery.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        };
        let shown = Shown { signature: header("x-gong-signature"), authorization: header("authorization"), key: None };
        events::receive(&self.intake, (Kind::Gong, Some(name)), &shown, &delivery.body).await
    }

    pub(crate) async fn ring(&self, number: u32) -> Result<Received, IntakeError> {
        self.send(&self.delivery(number, How::Genuine)).await
    }

    /// Does all that is due.
    pub(crate) async fn work(&self) -> usize {
        let mut worker = Worker::new((*self.db).clone(), self.clock.clone(), "test", handlers(&self.intake));
        worker.concurrency = 4;
        worker.drain().await.unwrap()
    }

    /// Asks for what is new, and does all that is due.
    pub(crate) async fn sync(&self, connection: &Connection) -> sync::SyncRun {
        let connection = connection::get(&self.intake, connection.id).await.unwrap();
        let run = sync::begin(&self.intake, &connection, None, Some("tester")).await.unwrap();
        self.work().await;
        sync::get(&self.db, run.id).await.unwrap()
    }

    pub(crate) async fn backlog(&self) -> Backlog {
        {
            let connection = connection::named(&self.intake, Kind::Gong, Some("main")).await.unwrap();
            ledger::backlog(&self.db, connection.id).await.unwrap()
        }
    }

    pub(crate) async fn calls(&self) -> Vec<calls::Call> {
        calls::list(&self.db, &Filter { limit: 2_000, ..Filter::default() }).await.unwrap()
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        on_db!(&*self.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
    }

    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        // As text on both.
        let sql = match &*self.db {
            Db::Sqlite(_) => sql.to_owned(),
            Db::Postgres(_) => sql.replacen("SELECT ", "SELECT CAST(", 1).replacen(" FROM", " AS TEXT) FROM", 1),
        };
        on_db!(&*self.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.unwrap())
    }

    pub(crate) fn requests(&self) -> usize {
        self.gong.asked().len()
    }
}

fn is_ours(person: &Participant) -> bool {
    person.email.as_deref().is_some_and(|email| email.ends_with(&format!("@{}", synth::team::DOMAIN)))
}

async fn a_call_that_is_rung_for_comes_in_once(db: TestDb) {
    let world = World::new(db, 3, |_| {});
    world.connect().await;
    assert_eq!(world.ring(0).await.unwrap(), Received::Recorded);
    assert_eq!(world.ring(0).await.unwrap(), Received::Again);
    assert_eq!(world.count("SELECT count(*) FROM webhook_events").await, 1);
    assert_eq!(world.count("SELECT deliveries FROM webhook_events").await, 2);
    assert_eq!(world.count("SELECT count(*) FROM jobs WHERE kind = 'process_new_call'").await, 1);
    assert_eq!(world.backlog().await.open, 1);

    world.work().await;
    assert_eq!(world.requests(), 1, "the delivery tells of the call; its words are asked for");
    let kept = world.calls().await;
    let id = world.gong.id(0).unwrap();
    let truth = world.gong.truth(&id).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].external_id.as_deref(), kept[0].status), (Some(id.as_str()), Status::Queued));
    let rep = truth.transcript.participants.iter().find(|p| p.side == Some(Side::Internal)).unwrap();
    assert_eq!(kept[0].rep.as_deref(), Some(rep.name.as_str()), "by the user of Gong whose call it is");
    assert_eq!(kept[0].customer.as_deref(), truth.company.as_deref());
    let said =
        |call: &transcript::Transcript| call.segments.iter().map(|s| s.text.clone()).collect::<Vec<_>>().join(" ");
    assert_eq!(said(&calls::load(&world.db, kept[0].id).await.unwrap()), said(&truth.transcript));
    assert_eq!(world.backlog().await, Backlog { kept: 1, unjudged: 1, ..Backlog::default() });
    assert_eq!(world.count("SELECT count(*) FROM source_steps WHERE state = 'done' AND attempts = 1").await, 5);
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE status = 'processed'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM jobs WHERE kind = 'analyse_call'").await, 1);

    // Of this call Gong does not know who the customer is.
    let people = calls::load(&world.db, kept[0].id).await.unwrap().participants;
    assert!(people.iter().all(|person| (person.side == Some(Side::Internal)) == is_ours(person)), "{people:?}");
    // Whoever has the address of a recording can hear it.
    assert!(String::from_utf8_lossy(&world.delivery(0, How::Genuine).body).contains("audioUrl"));
    for sql in ["SELECT payload FROM webhook_events", "SELECT details FROM source_calls"] {
        let kept = world.texts(sql).await;
        assert!(kept.iter().all(|text| !text.contains("audioUrl") && text.contains("parties")), "{sql}");
    }

    // Another rule of Gong's rings for the same call, with more about it.
    let richer = String::from_utf8(world.delivery(0, How::Genuine).body.to_vec()).unwrap();
    let richer = richer.replacen("\"isTest\"", "\"more\":1,\"isTest\"", 1).replacen(
        "\"metaData\":{",
        "\"metaData\":{\"purpose\":\"demo\",",
        1,
    );
    let signature = signed(SECRET, &richer);
    let shown = Shown { signature: Some(&signature), ..Shown::default() };
    let again = events::receive(&world.intake, (Kind::Gong, Some("main")), &shown, richer.as_bytes()).await.unwrap();
    assert_eq!((again, world.count("SELECT count(*) FROM webhook_events").await), (Received::Recorded, 2));
    assert!(world.texts("SELECT details FROM source_calls").await[0].contains("purpose"), "what is new of it is kept");
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE status = 'processed'").await, 2);
    assert_eq!(world.work().await, 0);
    assert_eq!(world.calls().await.len(), 1);
}

async fn what_is_not_genuine_is_refused_and_a_test_leaves_no_call(db: TestDb) {
    let world = World::new(db, 3, |_| {});
    world.connect().await;
    for forgery in [Forgery::Unsigned, Forgery::WrongKey, Forgery::Changed] {
        let error = world.send(&world.delivery(0, How::Forged(forgery))).await.unwrap_err();
        assert!(matches!(error, IntakeError::Unproven(_)), "{forgery:?}: {error}");
    }
    assert_eq!(world.send(&world.delivery(0, How::Test)).await.unwrap(), Received::Test);
    assert_eq!(
        world.count("SELECT count(*) FROM webhook_events WHERE status = 'refused' AND NOT signature_valid AND payload IS NULL").await,
        3
    );
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE status = 'test' AND signature_valid").await, 1);
    assert_eq!(
        world.count("SELECT count(*) FROM source_calls").await + world.count("SELECT count(*) FROM jobs").await,
        0
    );
    // However many they are, what is written of them is bounded.
    for _ in 0..40 {
        world.send(&world.delivery(0, How::Forged(Forgery::WrongKey))).await.unwrap_err();
    }
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE status = 'refused'").await, 30);
    assert!(matches!(
        events::receive(&world.intake, (Kind::Gong, Some("other")), &Shown::default(), b"{}").await,
        Err(IntakeError::Unknown(_))
    ));
}

async fn a_call_that_was_deleted_here_leaves_nothing_and_does_not_come_again(db: TestDb) {
    let world = World::new(db, 2, |_| {});
    let connection = world.connect().await;
    world.ring(0).await.unwrap();
    world.work().await;
    let id = world.calls().await[0].id;
    let mut tx = world.db.begin().await.unwrap();
    calls::delete(&mut tx, &world.clock, id, "tester").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM source_calls WHERE details IS NOT NULL OR rep IS NOT NULL").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM webhook_events WHERE payload IS NOT NULL").await, 0);
    let run = world.sync(&connection).await;
    assert_eq!((run.found, run.new_calls), (2, 1));
    assert_eq!(world.calls().await.len(), 1, "the other one");
    assert_eq!(world.count("SELECT count(*) FROM source_calls WHERE details IS NOT NULL").await, 1);
}

async fn whom_nobody_knows_is_asked_for_where_that_is_set(db: TestDb) {
    let world = World::new(db, 40, |_| {});
    let strict = ConnectionSettings { strangers_are_customers: false, ..world.settings() };
    let connection = world.connect_with(strict).await;
    world.sync(&connection).await;
    let kept = world.calls().await;
    let waiting = kept.iter().filter(|call| call.status == Status::NeedsSides).count();
    assert!((3..38).contains(&waiting), "{waiting} of 40");
    assert_eq!(world.count("SELECT count(*) FROM source_calls WHERE why IS NOT NULL").await, 0);
}

async fn people_let_the_program_in_and_it_renews_what_they_gave(db: TestDb) {
    let world = World::new(db, 1, |gong| gong.token_lifetime = Duration::from_hours(1));
    let settings = ConnectionSettings {
        base_url: "http://127.0.0.1:9".to_owned(),
        client_id: Some(sim::gong::CLIENT.0.to_owned()),
        authorize_url: Some(format!("{}/oauth2/authorize", world.gong.url())),
        token_url: Some(format!("{}/oauth2/generate-customer-token", world.gong.url())),
        requests_per_second: 100.0,
        ..ConnectionSettings::default()
    };
    let secrets = Secrets { client_secret: Some(sim::gong::CLIENT.1.to_owned()), ..Secrets::default() };
    let since = Some(monday() - TimeDelta::days(2));
    let new = NewConnection { kind: Kind::Gong, name: "main".to_owned(), settings, secrets, since };
    let connection = connection::add(&world.intake, new, "tester").await.unwrap();
    let run = world.sync(&connection).await;
    assert!(run.error.as_deref().unwrap().contains("connect Gong again"), "{run:?}");

    // Somebody goes to Gong and comes back.
    let url = oauth::authorize(&world.intake, &connection, "http://127.0.0.1:9/oauth/gong/callback", "tester").unwrap();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let back = client.get(&url).send().await.unwrap();
    let back = url::Url::parse(back.headers()["location"].to_str().unwrap()).unwrap();
    let told = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert!(oauth::accept(&world.intake, &told("code"), "forged").await.is_err());
    assert_eq!(oauth::accept(&world.intake, &told("code"), &told("state")).await.unwrap(), "main");
    let connection = connection::get(&world.intake, connection.id).await.unwrap();
    assert_eq!(connection.secrets, ["client_secret", "tokens"]);
    let run = world.sync(&connection).await;
    assert_eq!((run.state, run.found), (sync::RunState::Done, 1), "at the address that came with the tokens: {run:?}");
    assert_eq!(world.backlog().await.kept, 1);

    // Tokens end, and each refresh token is good once.
    for _ in 0..3 {
        world.clock.advance(TimeDelta::hours(2));
        assert_eq!(world.sync(&connection).await.state, sync::RunState::Done);
    }
    let kept = world.count("SELECT count(*) FROM connections WHERE secrets LIKE '%access%'");
    assert_eq!(kept.await, 0, "what is secret is sealed");
    let late = oauth::authorize(&world.intake, &connection, "http://127.0.0.1:9/x", "tester").unwrap();
    world.clock.advance(TimeDelta::minutes(11));
    let state = url::Url::parse(&late).unwrap().query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let error = oauth::accept(&world.intake, "code", &state).await.unwrap_err();
    assert!(error.to_string().contains("begin again"), "{error}");
}

async fn what_is_to_be_redacted_is_nowhere(db: TestDb) {
    let world = World::new(db, 2, |_| {});
    let intake = world.intake.clone().with(RedactKinds::ALL, chrono_tz::Tz::UTC, Patience::default());
    let world = World { intake, ..world };
    let connection = world.connect().await;
    // One is rung for, the other is found by a round.
    world.ring(0).await.unwrap();
    world.work().await;
    assert_eq!(world.backlog().await.kept, 1);
    assert_eq!(world.sync(&connection).await.new_calls, 1);
    assert_eq!(world.backlog().await.kept, 2);
    let mut kept: Vec<(String, String)> = Vec::new();
    for sql in [
        "SELECT payload FROM webhook_events",
        "SELECT details FROM source_calls",
        "SELECT text FROM segments",
        "SELECT name FROM participants",
        "SELECT title FROM calls",
        "SELECT payload FROM jobs",
    ] {
        kept.extend(world.texts(sql).await.into_iter().map(|text| (sql.to_owned(), text)));
    }
    let originals = world.texts("SELECT original_key FROM calls").await;
    for key in &originals {
        let original = world.intake.blobs.get(key).await.unwrap();
        kept.push((key.clone(), String::from_utf8(original).unwrap()));
    }
    assert_eq!(originals.len(), 2);
    assert!(
        kept.iter().any(|(place, text)| originals.contains(place) && text.contains("[NAME]")),
        "originals are looked into"
    );
    for number in 0..2 {
        let truth = world.gong.truth(&world.gong.id(number).unwrap()).unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&world.delivery(number, How::Genuine).body).unwrap();
        let customer = truth.transcript.participants.iter().find(|p| p.side == Some(Side::External)).unwrap();
        let parties = sent["callData"]["parties"].as_array().unwrap();
        let numbers = parties.iter().filter_map(|party| party["phoneNumber"].as_str());
        let hidden: Vec<&str> = customer.name.split(' ').chain(numbers).collect();
        // Whom Gong does not name, nobody knows to look for in what was said; but nothing that it writes itself may name them.
        let is_named = parties.iter().any(|party| party["name"] == customer.name.as_str());
        for (place, text) in
            kept.iter().filter(|(place, _)| is_named || place.contains("payload") || place.contains("details"))
        {
            let found = hidden.iter().find(|word| text.contains(*word));
            assert_eq!(found, None, "{place}");
        }
        // Whose call it is, is an account's.
        let rep = truth.transcript.participants.iter().find(|person| person.side == Some(Side::Internal)).unwrap();
        assert!(world.calls().await.iter().any(|call| call.rep.as_ref() == Some(&rep.name)));
    }
}

async fn transcripts_that_are_sent_are_kept_at_once_and_once(db: TestDb) {
    let world = World::new(db, 0, |_| {});
    let settings = ConnectionSettings { proof: Some(Proof::Hmac), ..ConnectionSettings::default() };
    let secrets = Secrets { webhook_secret: Some(SECRET.to_owned()), ..Secrets::default() };
    let new = NewConnection { kind: Kind::Push, name: "dialler".to_owned(), settings, secrets, since: None };
    let connection = connection::add(&world.intake, new, "tester").await.unwrap();
    let send = async |body: &str, secret: &str| {
        let signature = signed(secret, body);
        let shown = Shown { signature: Some(&signature), ..Shown::default() };
        push::receive(&world.intake, "dialler", &shown, body.as_bytes()).await
    };
    let body = serde_json::json!({ "id": "D-17", "internal": ["Dana"], "customer": "Menon", "started_at": "2026-11-01T10:00:00Z",
        "transcript": "Dana: What does a late order cost you?\nRavi: My card is 4111 1111 1111 1111, and about four hundred euros." })
    .to_string();
    assert!(matches!(send(&body, "another secret").await, Err(IntakeError::Unproven(_))));
    assert_eq!(send(&body, SECRET).await.unwrap(), Received::Recorded);
    assert_eq!(send(&body, SECRET).await.unwrap(), Received::Again);
    let kept = world.calls().await;
    assert_eq!((kept.len(), kept[0].customer.as_deref(), kept[0].status), (1, Some("Menon"), Status::Queued));
    let text = world.texts("SELECT text FROM segments").await.join(" ");
    assert!(text.contains("[CARD]") && text.contains("four hundred"), "{text}");
    assert!(
        world
            .texts("SELECT payload FROM webhook_events WHERE payload IS NOT NULL")
            .await
            .iter()
            .all(|kept| !kept.contains("euros"))
    );
    assert_eq!(
        ledger::backlog(&world.db, connection.id).await.unwrap(),
        Backlog { kept: 1, unjudged: 1, ..Backlog::default() }
    );
    assert_eq!(world.count("SELECT deliveries FROM webhook_events WHERE status = 'processed'").await, 2);
    assert_eq!(world.count("SELECT count(*) FROM jobs WHERE kind = 'process_new_call'").await, 0);
    for (wrong, told) in [
        ("{}", "transcript"),
        ("no JSON", "not JSON"),
        (r#"{"id":"x","transcript":""}"#, ""),
        (r#"{"id":"","transcript":"A: hello"}"#, "`id`"),
    ] {
        let error = send(wrong, SECRET).await.unwrap_err().to_string();
        assert!(error.contains(told), "{wrong}: {error}");
    }
    assert_eq!(world.calls().await.len(), 1);
    assert!(matches!(sync::begin(&world.intake, &connection, None, None).await, Err(IntakeError::Conflict(_))));
    assert!(crate::begin_all(&world.intake, None).await.unwrap().is_empty());
}

pub(crate) fn signed(secret: &str, body: &str) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    kernel::hex(&mac.finalize().into_bytes())
}

async fn a_connection_that_is_removed_leaves_its_calls_and_no_work(db: TestDb) {
    let world = World::new(db, 3, |_| {});
    let connection = world.connect().await;
    world.ring(0).await.unwrap();
    world.work().await;
    world.ring(1).await.unwrap();
    sync::begin(&world.intake, &connection, None, Some("tester")).await.unwrap();
    connection::remove(&world.intake, connection.id, "tester").await.unwrap();
    world.work().await;
    assert_eq!(world.calls().await.len(), 1);
    let rows = "SELECT (SELECT count(*) FROM source_calls) + (SELECT count(*) FROM webhook_events) + (SELECT count(*) FROM sync_runs)";
    assert_eq!(world.count(rows).await, 0);
    let left =
        "SELECT count(*) FROM jobs WHERE kind <> 'analyse_call' AND kind <> 'delete_original' AND state <> 'done'";
    assert_eq!(world.count(left).await, 0);

    // Connected anew, what came in before is found again.
    let connection = world.connect().await;
    let run = world.sync(&connection).await;
    assert_eq!((run.found, run.new_calls, world.calls().await.len()), (3, 3, 3));
    assert_eq!(world.backlog().await.kept, 3);
}

async fn private_calls_stay_where_they_are(db: TestDb) {
    let world = World::new(db, 2, |_| {});
    let connection = world.connect_with(ConnectionSettings { include_private: false, ..world.settings() }).await;
    world.prove_by_key(connection).await;
    let shown = Shown { key: Some(URL_KEY), ..Shown::default() };
    let body = |private: bool| {
        let id = world.gong.id(0).unwrap();
        format!(r#"{{"callData":{{"metaData":{{"id":"{id}","isPrivate":{private},"title":"On pay"}},"parties":[]}}}}"#)
    };
    events::receive(&world.intake, (Kind::Gong, Some("main")), &shown, body(true).as_bytes()).await.unwrap();
    assert_eq!(world.work().await, 0);
    assert_eq!(world.backlog().await, Backlog { skipped: 1, ..Backlog::default() });
    let told = [
        world.texts("SELECT details FROM source_calls WHERE details IS NOT NULL").await,
        world.texts("SELECT payload FROM webhook_events WHERE payload IS NOT NULL").await,
    ];
    assert!(told.concat().is_empty(), "nothing of it is kept: {told:?}");
    // Somebody opens it to all.
    events::receive(&world.intake, (Kind::Gong, Some("main")), &shown, body(false).as_bytes()).await.unwrap();
    world.work().await;
    assert_eq!(world.backlog().await.kept, 1);
}

db::on_both!(
    a_call_that_is_rung_for_comes_in_once,
    what_is_not_genuine_is_refused_and_a_test_leaves_no_call,
    a_call_that_was_deleted_here_leaves_nothing_and_does_not_come_again,
    people_let_the_program_in_and_it_renews_what_they_gave,
    what_is_to_be_redacted_is_nowhere,
    transcripts_that_are_sent_are_kept_at_once_and_once,
    a_connection_that_is_removed_leaves_its_calls_and_no_work,
    private_calls_stay_where_they_are,
    whom_nobody_knows_is_asked_for_where_that_is_set,
);
