//! Calls that come in from Gong by themselves while the program is killed again and again: nothing is lost and nothing is doubled, on both databases.

use crate::kept::Place;
use calls::Blobs;
use chrono::TimeDelta;
use db::testing::TestDb;
use db::{on_db, sqlx};
use intake::connection::{self, ConnectionSettings, NewConnection, Proof, Secrets};
use intake::ledger::{self, Backlog};
use intake::{Connection, Intake, Kind, Sealer};
use kernel::{Clock, Secret};
use sim::Gong;
use sim::gong::{Ring, Settings, Signing};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "what only both sides know";

/// An installation that Gong rings at, wherever the program is just now.
struct Rung {
    place: Place,
    gong: Gong,
    port: u16,
    key: Secret,
    intake: Intake,
    moment: u64,
}

impl Rung {
    async fn new(db: TestDb, calls: u32, settings: impl FnOnce(&mut Settings, &mut Ring)) -> Self {
        // Nobody else is given this port for a while after it was free.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let signing = Signing::Hmac(SECRET.to_owned());
        let mut ring = Ring::new(format!("http://127.0.0.1:{port}/webhooks/gong/main"), signing);
        (ring.retries, ring.pause) = (10_000, Duration::from_millis(100));
        let now = Clock::system().now();
        let mut told = Settings {
            calls,
            every: Duration::from_secs(1),
            per_second: f64::INFINITY,
            per_day: u64::MAX,
            ..Settings::from(now)
        };
        settings(&mut told, &mut ring);
        told.webhook = Some(ring);
        let gong = Gong::with(told);
        let key = Sealer::new_key().unwrap();
        let blobs = Blobs::local(&db.dir().join("data/blobs")).unwrap();
        let intake = Intake::new((*db).clone(), blobs, Clock::system(), Sealer::new(&key).unwrap());
        let new = NewConnection {
            kind: Kind::Gong,
            name: "main".to_owned(),
            settings: ConnectionSettings {
                base_url: gong.url(),
                access_key: Some(sim::gong::ACCESS_KEY.0.to_owned()),
                proof: Some(Proof::Hmac),
                include_private: true,
                requests_per_second: 100.0,
                requests_per_day: 1_000_000,
                timeout_seconds: 1,
                ..ConnectionSettings::default()
            },
            secrets: Secrets {
                secret: Some(sim::gong::ACCESS_KEY.1.to_owned()),
                webhook_secret: Some(SECRET.to_owned()),
                ..Secrets::default()
            },
            since: Some(now - TimeDelta::days(1)),
        };
        connection::add(&intake, new, "tester").await.unwrap();
        Self { place: Place { db }, gong, port, key, intake, moment: 0x9e37_79b9_7f4a_7c15 }
    }

    /// The program, which says nothing. A killed one's jobs rest for a second only.
    fn serve(&self, workers: &str) -> Child {
        let mut command = self.place.command(&["serve"]);
        command
            .env("SIDELINE_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("SIDELINE_SECRET_KEY", self.key.expose())
            .env("SIDELINE_WORKER_CONCURRENCY", workers)
            .env("SIDELINE_WORKER_LEASE", "1")
            .env("SIDELINE_TRANSCRIPT_WAIT", "1");
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A time of up to `most`, another one each time, and the same ones in every run.
    fn chance(&mut self, most: Duration) -> Duration {
        self.moment = self.moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        most.mul_f64((self.moment >> 33) as f64 / f64::from(1_u32 << 31))
    }

    /// Kills the program after a while, `kills` times, as long as `open` says that there is work; then lets it go on until there is none.
    async fn kill_while(
        &mut self,
        workers: &str,
        kills: u32,
        most: Duration,
        open: impl AsyncFn(&Self) -> bool,
    ) -> u32 {
        let begun = Instant::now();
        let mut killed = 0;
        let mut program = self.serve(workers);
        while open(self).await {
            assert!(begun.elapsed() < Duration::from_mins(20), "it comes to no end: {:?}", self.backlog().await);
            if killed < kills {
                tokio::time::sleep(Duration::from_millis(300) + self.chance(most)).await;
                assert!(program.try_wait().unwrap().is_none(), "it ended by itself");
                program.kill().unwrap();
                program.wait().unwrap();
                killed += 1;
                program = self.serve(workers);
            } else {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        program.kill().unwrap();
        program.wait().unwrap();
        killed
    }

    /// The ids of all calls that Gong has.
    fn finished(&self) -> BTreeSet<String> {
        self.gong.finished().into_iter().collect()
    }

    /// The calls of which a genuine delivery was answered by 200.
    fn taken(&self) -> BTreeSet<String> {
        self.gong.rung().into_iter().filter(|rung| rung.is_taken() && !rung.forged).map(|rung| rung.call).collect()
    }

    async fn connection(&self) -> Connection {
        connection::named(&self.intake, Kind::Gong, Some("main")).await.unwrap()
    }

    async fn backlog(&self) -> Backlog {
        ledger::backlog(&self.place.db, self.connection().await.id).await.unwrap()
    }

    async fn texts(&self, sql: &'static str) -> Vec<String> {
        on_db!(&*self.place.db, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap())
    }

    async fn count(&self, sql: &'static str) -> i64 {
        on_db!(&*self.place.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
    }
}

/// `calls` ring as fast as they are taken, a fifth of them twice, and others forge some; the program is killed `kills` times meanwhile.
async fn deliveries(db: TestDb, calls: u32, kills: u32) {
    let mut rung = Rung::new(db, calls, |gong, ring| {
        // All of them within `kills` seconds, if nobody hindered them.
        gong.time.run(f64::from(calls) / f64::from(kills));
        (ring.duplicates, ring.forged) = (0.2, 0.05);
    })
    .await;
    let killed = rung
        .kill_while("0", kills, Duration::from_millis(1_200), async |rung| rung.taken().len() < calls as usize)
        .await;
    assert!(killed >= kills / 2, "only {killed} kills while deliveries came");
    let finished = rung.finished();
    assert_eq!((finished.len(), rung.taken()), (calls as usize, finished.clone()));
    let sent = rung.gong.rung();
    let forged = sent.iter().filter(|sent| sent.forged && sent.status.is_some()).count();
    assert!(forged > 0 && sent.iter().filter(|sent| sent.forged).all(|sent| matches!(sent.status, None | Some(401))));
    let twice = sent.iter().filter(|sent| sent.duplicate && sent.is_taken()).count();
    assert!(twice > 0 && sent.iter().any(|sent| sent.status.is_none()), "{twice} of {} came twice", sent.len());

    // Each genuine one is recorded once, and so is its call and its job.
    let events = rung.texts("SELECT external_id FROM webhook_events WHERE signature_valid ORDER BY external_id").await;
    assert_eq!(events, finished.iter().cloned().collect::<Vec<_>>());
    let known = rung.texts("SELECT external_id FROM source_calls ORDER BY external_id").await;
    assert_eq!(known, events);
    let jobs = "SELECT count(*) FROM jobs WHERE kind = 'process_new_call'";
    assert_eq!(rung.count(jobs).await, i64::from(calls));
    assert_eq!(
        rung.count("SELECT count(DISTINCT unique_key) FROM jobs WHERE kind = 'process_new_call'").await,
        i64::from(calls)
    );
    let refused =
        rung.count("SELECT count(*) FROM webhook_events WHERE NOT signature_valid AND status = 'refused'").await;
    assert!(refused > 0 && refused <= forged as i64, "{refused} of {forged}");
}

/// `calls` finish by a fast clock at a Gong that fails in this share of its requests and has transcripts late; the program is killed `kills` times.
async fn pipeline(db: TestDb, calls: u32, kills: u32, trouble: f64) {
    let mut rung = Rung::new(db, calls, |gong, ring| {
        gong.time.run(600.0);
        (gong.every, gong.transcript_after) = (Duration::from_mins(2), Duration::from_mins(40));
        gong.trouble = trouble;
        (ring.duplicates, ring.forged) = (0.2, 0.05);
    })
    .await;
    let all = calls;
    // The job of a call that came in with others has yet to see that.
    let unfinished = "SELECT count(*) FROM jobs WHERE kind = 'process_new_call' AND state <> 'done'";
    let open = async |rung: &Rung| {
        rung.backlog().await != Backlog { kept: all, ..Backlog::default() } || rung.count(unfinished).await > 0
    };
    let killed = rung.kill_while("2", kills, Duration::from_secs(4), open).await;
    assert_eq!(killed, kills);
    let known = rung.texts("SELECT external_id FROM calls ORDER BY external_id").await;
    assert_eq!(known, rung.finished().into_iter().collect::<Vec<_>>(), "each is here once");
    assert_eq!(rung.count("SELECT count(*) FROM calls WHERE status = 'analysed'").await, i64::from(calls));
    let sessions = rung.count("SELECT count(*) FROM coaching_sessions").await;
    assert_eq!(sessions, i64::from(calls), "each is judged once");
    assert_eq!(rung.count("SELECT count(*) FROM source_steps WHERE state = 'done'").await, 6 * i64::from(calls));
    assert_eq!(rung.count("SELECT count(*) FROM webhook_events WHERE status = 'received'").await, 0);
    let late = rung.count("SELECT count(*) FROM source_steps WHERE step = 'fetch_transcript' AND attempts > 1").await;
    assert!(late > i64::from(calls) / 2, "{late} transcripts were late");
    let failed =
        rung.gong.asked().iter().filter(|asked| asked.status.is_none_or(|status| status.as_u16() >= 429)).count();
    assert!(failed > 0, "Gong never failed");
}

async fn each_genuine_delivery_is_recorded_once_whatever_is_killed(db: TestDb) {
    deliveries(db, 300, 4).await;
}

async fn calls_come_in_whatever_fails_and_whatever_is_killed(db: TestDb) {
    // More often than one in ten: there are few requests.
    pipeline(db, 20, 3, 0.3).await;
}

db::on_both!(
    each_genuine_delivery_is_recorded_once_whatever_is_killed,
    calls_come_in_whatever_fails_and_whatever_is_killed,
);

/// The same with 10,000 deliveries and twenty kills, and with 300 calls and twenty kills.
mod long {
    use db::testing::TestDb;

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "takes minutes: cargo xtask test --long"]
    async fn deliveries_sqlite() {
        super::deliveries(TestDb::sqlite().await, 10_000, 20).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "takes minutes: cargo xtask test --long"]
    async fn deliveries_postgres() {
        super::deliveries(TestDb::postgres().await, 10_000, 20).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "takes minutes: cargo xtask test --long"]
    async fn pipeline_sqlite() {
        super::pipeline(TestDb::sqlite().await, 300, 20, 0.1).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "takes minutes: cargo xtask test --long"]
    async fn pipeline_postgres() {
        super::pipeline(TestDb::postgres().await, 300, 20, 0.1).await;
    }
}
