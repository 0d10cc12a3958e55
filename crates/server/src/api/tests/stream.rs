//! `/events`: to each what they may see, nothing twice, nothing lost.

use super::world::World;
use axum::body::{Body, HttpBody as _};
use axum::http::Request;
use calls::events::{self, Event, Position};
use db::testing::TestDb;
use serde_json::{Value, json};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tower::ServiceExt as _;

struct Listener {
    body: Body,
    text: String,
}

impl Listener {
    async fn new(world: &World, who: &str, after: Option<&str>) -> Self {
        let mut request: Request<Body> = world.request(Some(who), "GET", "/api/v1/events", None);
        if let Some(after) = after {
            request.headers_mut().insert("last-event-id", after.parse().unwrap());
        }
        let response = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event: id, name, data; `None` where none comes in time.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some((one, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    one.lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|text| text.trim_start_matches([':', ' ']).to_owned())
                };
                let told = field("event").map(|event| {
                    let data = serde_json::from_str(&field("data").unwrap_or_default()).unwrap();
                    (field("id").unwrap_or_default(), event, data)
                });
                self.text = rest.to_owned();
                if told.is_some() {
                    return told;
                }
                continue;
            }
            let frame = poll_fn(|context| Pin::new(&mut self.body).poll_frame(context));
            let frame = tokio::time::timeout(Duration::from_secs(3), frame).await.ok()??.unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }

    async fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        while names.len() < count {
            match self.next().await {
                Some((_, name, _)) => names.push(name),
                None => break,
            }
        }
        names
    }
}

async fn listeners_are_told_what_they_may_see(db: TestDb) {
    let world = World::new(db).await;
    let mut manager = Listener::new(&world, "manager", None).await;
    let mut foreign = Listener::new(&world, "foreign_manager", None).await;
    assert_eq!(manager.names(1).await, ["hello"]);
    assert_eq!(foreign.names(1).await, ["hello"]);
    let (call, _) = world.call().await;
    let (_, name, data) = manager.next().await.unwrap();
    assert_eq!(
        (name.as_str(), &data["call_id"], &data["detail"]["status"]),
        ("call.status", &json!(call), &json!("queued"))
    );
    let (seen, name, data) = manager.next().await.unwrap();
    assert_eq!((name.as_str(), &data["detail"]["status"]), ("call.score", &json!("analysed")));
    assert!(data["detail"]["overall_score"].is_number(), "{data}");
    coaching::delete(&world.db, &world.blobs, &world.clock, call, "test").await.unwrap().1.unwrap();
    let (last, name, _) = manager.next().await.unwrap();
    assert_eq!(name, "call.deleted");
    assert!(foreign.next().await.is_none(), "nothing of another team");

    // Who was away is told the rest, once.
    let mut back = Listener::new(&world, "rep", Some(&seen)).await;
    assert_eq!(back.names(2).await, ["hello", "call.deleted"]);
    let mut none = Listener::new(&world, "rep", Some(&last)).await;
    assert_eq!(none.names(2).await, ["hello"]);
    let all = Listener::new(&world, "coach", Some("0-0")).await.names(4).await;
    assert_eq!(all, ["hello", "call.status", "call.score", "call.deleted"]);

    // What is forgotten is not passed over in silence.
    events::purge(&world.db, "2027-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(Listener::new(&world, "rep", Some(&seen)).await.names(1).await, ["reset"]);
    // From a time before a backup was put back.
    for future in ["0-9223372036854775807", "9223372036854775807-1"] {
        assert_eq!(Listener::new(&world, "rep", Some(future)).await.names(1).await, ["reset"]);
    }
    let bad = world.ask("rep", "GET", "/api/v1/events?last_event_id=x", None).await;
    assert_eq!(bad.status, 422);
}

async fn what_ends_late_is_told_although_others_ended_before(db: TestDb) {
    let world = World::new(db).await;
    let (call, _) = world.call().await;
    let admin = kernel::Actor { id: world.ids["admin"], role: kernel::Role::Admin, session: world.ids["admin"] };
    let start = events::latest(&world.db).await.unwrap();
    let at = world.clock.now();
    let tell =
        async |tx: &mut db::Tx, n: i32| events::tell(tx, at, Event::Status, call, json!({ "n": n })).await.unwrap();
    let numbers = async |after: Position| {
        let told = events::since(&world.db, &admin, after, 100).await.unwrap();
        (
            // Without those of the call itself, which become lasting later where another test writes at the moment.
            told.iter().filter_map(|one| one.detail["n"].as_i64()).collect::<Vec<_>>(),
            told.last().map(|one| one.position),
        )
    };
    let mut early = world.db.begin().await.unwrap();
    if matches!(early, db::Tx::Sqlite(_)) {
        // One writer: nothing can overtake.
        tell(&mut early, 1).await;
        early.commit().await.unwrap();
        assert_eq!(numbers(start).await.0, [1]);
        return;
    }
    tell(&mut early, 1).await;
    let mut late = world.db.begin().await.unwrap();
    tell(&mut late, 2).await;
    late.commit().await.unwrap();
    assert_eq!(numbers(start).await.0, [0; 0], "while the first may still come before it");
    early.commit().await.unwrap();
    // Whoever writes anywhere on this server holds the order up, as other tests do.
    let mut all = numbers(start).await;
    for _ in 0..500 {
        if all.0.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        all = numbers(start).await;
    }
    let (told, position) = all;
    assert_eq!(told, [1, 2]);
    assert_eq!(numbers(position.unwrap()).await.0, [0; 0]);
}

async fn nobody_holds_more_streams_than_they_need(db: TestDb) {
    let world = World::new(db).await;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(Listener::new(&world, "rep", None).await);
    }
    let more = world.ask("rep", "GET", "/api/v1/events", None).await;
    assert_eq!(more.status, 429, "{}", more.text());
    assert_eq!(Listener::new(&world, "coach", None).await.names(1).await, ["hello"], "others are not concerned");
    drop(open);
    for _ in 0..100 {
        if world.ask("rep", "GET", "/api/v1/events", None).await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("places are given back");
}

async fn a_listener_who_may_no_longer_listen_is_let_go(db: TestDb) {
    let world = World::new(db).await;
    let mut rep = Listener::new(&world, "rep", None).await;
    assert_eq!(rep.names(1).await, ["hello"]);
    assert_eq!(world.ask("rep", "POST", "/api/v1/auth/logout", None).await.status, 204);
    let (call, _) = world.call().await;
    let told = rep.next().await;
    assert!(told.is_none(), "{told:?} of {call}");
}

db::on_both!(
    listeners_are_told_what_they_may_see,
    what_ends_late_is_told_although_others_ended_before,
    nobody_holds_more_streams_than_they_need,
    a_listener_who_may_no_longer_listen_is_let_go,
);
