//! What whoever begins sees: whether there is an account yet, and calls that are made up.

use super::world::{World, settings};
use crate::api::Settings;
use chrono::TimeDelta;
use db::testing::TestDb;
use serde_json::{Value, json};

/// How many sample calls there are on the day of these tests.
const CALLS: u64 = 190;

async fn deals_of(world: &World) -> Value {
    world.get("admin", "/api/v1/opportunities?total=true&limit=1").await.json()["total"].clone()
}

async fn count(world: &World) -> Value {
    world.get("admin", "/api/v1/samples").await.json()["calls"].clone()
}

async fn total(world: &World, query: &str) -> u64 {
    world.get("admin", &format!("/api/v1/calls?total=true&limit=1{query}")).await.json()["total"].as_u64().unwrap()
}

async fn names(world: &World) -> Vec<String> {
    let users = world.get("admin", "/api/v1/users?limit=100").await.json();
    users["items"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

async fn samples_come_once_and_go_without_a_trace(db: TestDb) {
    let mut world = World::new(db).await;
    world.call().await;
    let people = names(&world).await;
    assert_eq!(count(&world).await, 0);
    let added = world.ask("admin", "POST", "/api/v1/samples", None).await;
    assert_eq!((added.status.as_u16(), added.json()), (200, json!({ "calls": CALLS })), "{}", added.text());
    assert_eq!((count(&world).await, total(&world, "").await), (json!(CALLS), CALLS + 1));
    // All of them lie in the four months before today, and each is somebody's.
    assert_eq!(total(&world, "&since=2026-07-07&until=2026-11-03").await, CALLS);
    assert_eq!(names(&world).await.len(), people.len() + 8);
    // Days later nothing is there twice, and what somebody deleted comes again.
    world.pass(TimeDelta::days(3)).await;
    let listed = world.get("admin", "/api/v1/calls?limit=1&until=2026-11-03").await.json();
    let one = listed["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{listed}")).to_owned();
    let details = world.get("admin", &format!("/api/v1/calls/{one}")).await.json();
    let took_part = details["participants"].as_array().unwrap().len();
    assert_eq!((&details["source"], (2..=3).contains(&took_part)), (&json!("sample"), true), "{details}");
    assert_eq!(world.ask("admin", "POST", "/api/v1/samples", None).await.json()["calls"], CALLS);
    assert_eq!(total(&world, "").await, CALLS + 1);
    assert_eq!(world.ask("admin", "DELETE", &format!("/api/v1/calls/{one}"), None).await.status, 200);
    assert_eq!(count(&world).await, CALLS - 1);
    assert_eq!(world.ask("admin", "POST", "/api/v1/samples", None).await.json()["calls"], CALLS);
    assert_eq!(total(&world, "").await, CALLS + 1);
    let deals = deals_of(&world).await;
    assert_eq!(deals, json!(64));
    // Judged like every call.
    world.work().await;
    assert_eq!(total(&world, "&status=analysed").await, CALLS + 1);
    // Of their people, who was made one of a team stays.
    let users = world.get("admin", "/api/v1/users?q=Amara").await.json();
    let amara = users["items"][0]["id"].as_str().unwrap().to_owned();
    let put = format!("/api/v1/teams/{}/members/{amara}", world.ids["North"]);
    assert!(world.ask("admin", "PUT", &put, None).await.status.is_success());
    let removed = world.ask("admin", "DELETE", "/api/v1/samples", None).await;
    assert_eq!((removed.status.as_u16(), removed.json()), (200, json!({ "calls": CALLS })));
    assert_eq!((count(&world).await, total(&world, "").await), (json!(0), 1));
    assert_eq!(deals_of(&world).await, json!(0));
    let mut left = names(&world).await;
    left.retain(|name| !people.contains(name));
    assert_eq!(left, ["Amara Okoro"]);
    let originals = std::fs::read_dir(world.db.dir().join("blobs/originals")).unwrap();
    let files: usize = originals.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum();
    assert_eq!(files, 1);
}

async fn whoever_comes_is_told_whether_they_may_register(db: TestDb) {
    let settings = Settings { zone: chrono_tz::Asia::Tokyo, ..settings() };
    let world = World::with(db, &settings).await;
    let told = || async {
        let answer = world.send(world.request(None, "GET", "/api/v1/installation", None)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut told = answer.json();
        assert_eq!(told.as_object_mut().unwrap().remove("time_zone"), Some(json!("Asia/Tokyo")));
        told
    };
    // People without a password are no accounts.
    assert_eq!(told().await, json!({ "organisation": null, "registering": "first" }));
    world.login("mate").await;
    assert_eq!(told().await, json!({ "organisation": null, "registering": "closed" }));
    for (registration, registering) in [("invited", "invited"), ("@dockline.example", "domain"), ("closed", "closed")] {
        let change = json!({ "organisation": "Dockline", "registration": registration });
        assert_eq!(world.ask("admin", "PATCH", "/api/v1/settings", Some(change)).await.status, 200);
        assert_eq!(told().await, json!({ "organisation": "Dockline", "registering": registering }));
    }
}

db::on_both!(samples_come_once_and_go_without_a_trace, whoever_comes_is_told_whether_they_may_register,);
