//! The doors as clients meet them; on both databases.

use super::*;
use crate::tests_lists::{World, actor};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Extension;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Request};
use db::on_db;
use db::testing::TestDb;
use kernel::{Actor, Role};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;
use uuid::Uuid;
use web::Cursor;

fn door(world: &World, max_upload: usize) -> Door {
    Door {
        db: (*world.db).clone(),
        blobs: world.blobs.clone(),
        clock: world.clock.clone(),
        redact: RedactKinds::default(),
        zone: Tz::UTC,
        max_upload,
    }
}

/// The doors, at which this actor stands.
fn doors(world: &World, actor: &Actor) -> Router {
    let (router, _) = router(door(world, 1 << 20)).split_for_parts();
    router.layer(Extension(actor.clone()))
}

async fn ask(doors: &Router, request: Request<Body>) -> (u16, HeaderMap, Vec<u8>) {
    let response = doors.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
}

async fn get(doors: &Router, path: &str) -> (u16, Value) {
    let (status, _, body) = ask(doors, Request::get(path).body(Body::empty()).unwrap()).await;
    (status, serde_json::from_slice(&body).unwrap())
}

async fn post(doors: &Router, path: &str, body: &Value) -> (u16, HeaderMap, Value) {
    let request = Request::post(path).header(CONTENT_TYPE, "application/json").body(body.to_string().into()).unwrap();
    let (status, headers, body) = ask(doors, request).await;
    (status, headers, serde_json::from_slice(&body).unwrap())
}

/// A form of fields: name, file name (empty for none), what is in it.
fn form(fields: &[(&str, &str, &str)]) -> String {
    let mut body = String::new();
    for (name, file, text) in fields {
        let file = if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
        let _ = write!(body, "--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n");
    }
    body + "--cut--\r\n"
}

async fn upload(doors: &Router, body: String) -> (u16, Value) {
    let request = Request::post("/transcripts/upload").header(CONTENT_TYPE, "multipart/form-data; boundary=cut");
    let (status, _, body) = ask(doors, request.body(body.into()).unwrap()).await;
    (status, serde_json::from_slice(&body).unwrap())
}

const CALL: &str = "Dana: What does a late order cost you?\nRavi: Four hundred.\n";

async fn count(world: &World, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    on_db!(&*world.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap())
}

async fn a_list_is_walked_and_wrong_wishes_are_told(db: TestDb) {
    let world = World::new(db);
    let ann = world.user("Ann").await;
    for n in 0..5 {
        world.call(&format!("call {n}"), Some(ann), Some(n)).await;
    }
    let doors = doors(&world, &actor(ann, Role::Rep));
    let (status, first) = get(&doors, "/calls?limit=2&total=true&sort=title").await;
    assert_eq!((status, &first["total"]), (200, &json!(5)));
    assert_eq!(first["items"][1]["title"], "call 1");
    assert_eq!(first["items"][1]["rep"], json!({"id": ann, "name": "Ann"}));
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, second) = get(&doors, &format!("/calls?limit=3&sort=title&cursor={cursor}")).await;
    let titles: Vec<_> = second["items"].as_array().unwrap().iter().map(|item| item["title"].clone()).collect();
    assert_eq!(titles, ["call 2", "call 3", "call 4"]);
    assert!(second.get("next_cursor").is_none() && second.get("total").is_none());
    for (query, field) in [
        ("sort=-name", "sort"),
        ("since=yesterday", "since"),
        ("until=2026-02-30", "until"),
        ("min_score=NaN", "min_score"),
        ("q=a%00b", "q"),
        ("agent=%00", "agent"),
        ("limit=0", "limit"),
        ("agnet=Ann", "agnet"),
        ("limit=1&%6Cimit2=1", "limit2"),
        ("cursor=5b5d", "cursor"),
    ] {
        let (status, problem) = get(&doors, &format!("/calls?{query}")).await;
        assert_eq!(status, 422, "{query}");
        assert!(problem["errors"][field].is_array(), "{query}: {problem}");
    }
    let (status, problem) = get(&doors, &format!("/calls?cursor={cursor}")).await;
    assert_eq!(
        (status, &problem["errors"]["cursor"][0]),
        (422, &json!("it belongs to another order; begin again without it"))
    );
    assert_eq!(get(&doors, "/calls?status=lost").await.0, 422);
    let far = Cursor::encode(&["-started_at", "-5000-01-01T00:00:00Z", &Uuid::nil().to_string()].map(str::to_owned));
    let (status, problem) = get(&doors, &format!("/calls?cursor={far}")).await;
    assert!(status == 422 && problem["errors"]["cursor"].is_array(), "{problem}");
    for (query, expected) in [
        ("until=9999-12-31", 5),
        ("until=9999-12-31T23:59:59-01:00", 5),
        ("since=0000-01-01", 5),
        ("since=0001-01-01&until=9999-12-31", 5),
        ("since=9999-12-31", 0),
    ] {
        let query = query.replace(':', "%3A");
        let (status, found) = get(&doors, &format!("/calls?total=true&{query}")).await;
        assert_eq!((status, &found["total"]), (200, &json!(expected)), "{query}");
    }
    assert_eq!(get(&doors, "/calls?until=2026-11-09").await.1["items"], json!([]));
}

async fn what_is_not_theirs_is_not_there(db: TestDb) {
    let world = World::new(db);
    let (ann, bo) = (world.user("Ann").await, world.user("Bo").await);
    let id = world.call("secret", Some(ann), None).await;
    let (hers, his) = (doors(&world, &actor(ann, Role::Rep)), doors(&world, &actor(bo, Role::Manager)));
    for path in ["", "/transcript", "/original"] {
        let there = Request::get(format!("/calls/{id}{path}")).body(Body::empty()).unwrap();
        assert_eq!(ask(&hers, there).await.0, 200, "{path}");
        let (status, problem) = get(&his, &format!("/calls/{id}{path}")).await;
        let (nowhere, same) = get(&his, &format!("/calls/{}{path}", Uuid::nil())).await;
        assert_eq!((status, nowhere, &problem), (404, 404, &same), "{path}");
        assert_eq!(get(&hers, &format!("/calls/a%00b{path}")).await.0, 404);
    }
    let (_, transcript) = get(&hers, &format!("/calls/{id}/transcript?limit=1")).await;
    assert_eq!(transcript["items"][0]["speaker"]["side"], "internal");
    let cursor = transcript["next_cursor"].as_str().unwrap();
    let (_, rest) = get(&hers, &format!("/calls/{id}/transcript?cursor={cursor}")).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["items"][0]["id"]), (1, &json!(2)));
    assert_eq!(get(&hers, &format!("/calls/{id}/transcript?from=1")).await.0, 422);
    assert_eq!(get(&hers, &format!("/calls/{id}/transcript?%6Cimit=1&to_ms=5")).await.0, 200);
    let (status, problem) = get(&hers, &format!("/calls/{id}/transcript?from_ms=-1")).await;
    assert!(status == 422 && problem["errors"]["from_ms"].is_array(), "{problem}");
    let (_, headers, body) =
        ask(&hers, Request::get(format!("/calls/{id}/original")).body(Body::empty()).unwrap()).await;
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers[CONTENT_TYPE], "text/plain");
    assert!(headers[CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment; filename=\"call.txt\""));
    assert!(body.starts_with(b"Agent: Hello"));
}

async fn a_transcript_is_posted_once(db: TestDb) {
    let world = World::new(db);
    let (dana, bo) = (world.user("Dana").await, world.user("Bo").await);
    let doors = async |id, role| doors(&world, &actor(id, role));
    let hers = doors(dana, Role::Rep).await;
    let call = json!({
        "title": "Acme", "started_at": "2026-11-02T10:00:00+01:00", "external_id": "X1", "customer": "Acme", "language": "en",
        "participants": [{"name": "Dana", "side": "internal"}, {"name": "Ravi", "side": "external"}],
        "segments": [{"speaker": "Dana", "start_ms": 0, "end_ms": 900, "text": "Hello."}, {"speaker": "Ravi", "text": "Hi."}]
    });
    let (status, headers, body) = post(&hers, "/calls", &call).await;
    assert_eq!((status, &body["status"], &body["call_status"]), (201, &json!("kept"), &json!("queued")), "{body}");
    let id = body["id"].as_str().unwrap();
    assert_eq!(headers[LOCATION], format!("/api/v1/calls/{id}"));
    let (_, shown) = get(&hers, "/calls/X1").await;
    assert_eq!(
        (&shown["id"], &shown["customer"], &shown["started_at"]),
        (&body["id"], &json!("Acme"), &json!("2026-11-02T09:00:00Z"))
    );
    let (status, _, again) = post(&hers, "/calls", &call).await;
    assert_eq!((status, &again["status"], &again["id"]), (200, &json!("known"), &body["id"]));
    // Somebody else learns that it is here, and nothing of it.
    let (status, _, problem) = post(&doors(bo, Role::Manager).await, "/calls", &call).await;
    assert!(status == 409 && !problem.to_string().contains(id), "{problem}");

    let wrong = |field: &str, value: Value| {
        let mut call = call.clone();
        call[field] = value;
        call
    };
    for (call, expected) in [
        (wrong("started_at", json!("yesterday")), 422),
        (wrong("started_at", json!("1969-12-31T23:59:59Z")), 422),
        (wrong("started_at", json!("9999-12-31T23:59:59-01:00")), 422),
        (wrong("segments", json!([])), 422),
        (wrong("segments", json!([{"text": "a", "start_ms": -1}])), 422),
        (wrong("what", json!(1)), 422),
        (wrong("customer", json!(" ")), 422),
        (wrong("title", json!("a\u{0}b")), 422),
        (wrong("rep", json!("Bo")), 403),
    ] {
        let (status, _, problem) = post(&hers, "/calls", &call).await;
        assert_eq!(status, expected, "{problem}");
    }
    assert_eq!(count(&world, "calls").await, 1);
}

/// A call in which this one of ours says most.
fn call_of(name: &str, email: Option<&str>) -> Value {
    json!({
        "participants": [{"name": name, "email": email, "side": "internal"}, {"name": "Ravi", "side": "external"}],
        "segments": [{"speaker": name, "text": format!("Hello, this is number {}.", kernel::new_id())}, {"speaker": "Ravi", "text": "Hi."}]
    })
}

async fn whose_a_call_becomes_is_decided_by_who_brings_it(db: TestDb) {
    let world = World::new(db);
    let (ann, boss, cy) = (world.user("Ann").await, world.user("Boss").await, world.user("Cy").await);
    let mut tx = world.db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &world.clock, "North").await.unwrap();
    for member in [ann, boss] {
        accounts::add_member(&mut tx, &world.clock, team, member).await.unwrap();
    }
    // A namesake of hers elsewhere, known by an address.
    let other_ann = accounts::rep(&mut tx, &world.clock, "Ann Other", Some("ann@south.example")).await.unwrap();
    tx.commit().await.unwrap();
    let admin = actor(world.user("Ada").await, Role::Admin);
    let (rep, manager) = (actor(ann, Role::Rep), actor(boss, Role::Manager));
    let users = count(&world, "users").await;
    let named = |rep: &str| {
        let mut call = call_of("Boss", None);
        call["rep"] = json!(rep);
        call
    };
    for (who, call, expected) in [
        // A rep's own, whomever it names.
        (&rep, call_of("Cy", None), Some(ann)),
        (&rep, call_of("Stranger", Some("stranger@acme.example")), Some(ann)),
        // A manager's reps are reached, and nobody else.
        (&manager, call_of("Ann", None), Some(ann)),
        (&manager, call_of("ANN", Some("ann@north.example")), Some(ann)),
        (&manager, call_of("Ann Other", Some("ann@south.example")), Some(boss)),
        (&manager, call_of("Cy", None), Some(boss)),
        (&manager, call_of("Stranger", None), Some(boss)),
        (&manager, named("Ann"), Some(ann)),
        (&admin, call_of("Cy", None), Some(cy)),
        (&admin, call_of("Ann Other", Some("ann@south.example")), Some(other_ann)),
        (&admin, call_of("Agent", None), None),
    ] {
        let (status, _, body) = post(&doors(&world, who), "/calls", &call).await;
        assert_eq!(status, 201, "{body}");
        let (_, shown) = get(&doors(&world, &admin), &format!("/calls/{}", body["id"].as_str().unwrap())).await;
        assert_eq!(shown["rep"]["id"], json!(expected), "{:?} {call}", who.role);
        let seen = get(&doors(&world, who), &format!("/calls/{}", body["id"].as_str().unwrap())).await.0;
        assert_eq!(seen, 200, "whoever brings a call sees it");
    }
    for rep in ["Cy", "ann@south.example", "Stranger"] {
        let (status, _, problem) = post(&doors(&world, &manager), "/calls", &named(rep)).await;
        assert!(status == 422 && problem["errors"]["rep"].is_array(), "{problem}");
    }
    let left = std::fs::read_dir(world.db.dir().join("blobs/originals")).unwrap();
    let left: usize = left.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum();
    assert_eq!((left, count(&world, "calls").await), (11, 11), "what was refused left nothing");
    assert_eq!(count(&world, "users").await, users, "nobody has made an account by a call");
    let coach = doors(&world, &actor(cy, Role::Coach));
    assert_eq!(post(&coach, "/calls", &call_of("Cy", None)).await.0, 403);
    assert_eq!(upload(&coach, form(&[("file", "x.txt", CALL)])).await.0, 403);
    let (_, hers) = get(&doors(&world, &actor(cy, Role::Rep)), "/calls?total=true").await;
    assert_eq!(hers["total"], 1, "the admin's alone");
}

/// Characters that no compression makes few of, or an index of PostgreSQL would take them.
fn random(count: usize) -> String {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + ((state >> 33) % 26) as u8)
    };
    (0..count).map(|_| next()).collect()
}

async fn long_texts_are_refused_or_cut(db: TestDb) {
    let world = World::new(db);
    let dana = world.user("Dana").await;
    let admin = doors(&world, &actor(dana, Role::Admin));
    let call = json!({
        "participants": [{"name": "Dana", "side": "internal"}, {"name": "Ravi"}],
        "segments": [{"speaker": "Dana", "text": "Hello."}, {"speaker": "Ravi", "text": "Hi."}]
    });
    let long = random(9_000);
    let people: Vec<Value> = (0..501).map(|n| json!({ "name": format!("P{n}") })).collect();
    let speakers: Vec<Value> = (0..501).map(|n| json!({ "speaker": format!("P{n}"), "text": "Hi." })).collect();
    for (pointer, value, field) in [
        ("/title", json!(long), "title"),
        ("/customer", json!(long), "customer"),
        ("/external_id", json!(long), "external_id"),
        ("/language", json!(long), "language"),
        ("/rep", json!(long), "rep"),
        ("/rubric", json!(long), "rubric"),
        ("/internal", json!([long]), "internal"),
        ("/internal", json!(vec!["x"; 501]), "internal"),
        ("/participants/0/name", json!(long), "participants"),
        ("/participants/0/email", json!(long), "participants"),
        ("/participants/0/title", json!(long), "participants"),
        ("/participants/0/external_id", json!(long), "participants"),
        ("/participants", json!(people), "participants"),
        ("/segments", json!(speakers), "participants"),
        ("/segments/0/speaker", json!(long), "segments"),
        ("/segments/0/topic", json!(long), "segments"),
        ("/started_at", json!("3000-01-01T00:00:00Z"), "started_at"),
    ] {
        let mut call = call.clone();
        let (place, name) = pointer.rsplit_once('/').unwrap();
        call.pointer_mut(place).unwrap()[name] = value;
        let (status, _, problem) = post(&admin, "/calls", &call).await;
        assert!(status == 422 && problem["errors"][field].is_array(), "{pointer}: {status} {problem}");
    }
    for field in ["customer", "rep", "rubric", "internal"] {
        let (status, problem) = upload(&admin, form(&[("file", "x.txt", CALL), (field, "", &long)])).await;
        assert!(status == 422 && problem["errors"][field].is_array(), "{field}: {status} {problem}");
    }
    assert_eq!(count(&world, "calls").await, 0);
    // What a file says is cut or left out, and that is told.
    let file = json!({
        "title": long, "external_id": long, "language": long, "started_at": "9999-12-31T23:59:59-01:00",
        "participants": [
            {"name": long, "email": format!("{long}@acme.example"), "side": "internal", "title": long, "external_id": long},
            {"name": "Ravi", "side": "external"}
        ],
        "segments": [{"speaker": long, "text": "Hello."}, {"speaker": "Ravi", "text": "Hi."}]
    });
    let name = format!("{long}.json");
    let (status, taken) = upload(&admin, form(&[("file", &name, &file.to_string())])).await;
    assert_eq!((status, &taken[0]["status"]), (200, &json!("kept")), "{taken}");
    let (_, listed) = get(&admin, "/calls").await;
    let item = &listed["items"][0];
    assert_eq!(item["title"].as_str().unwrap().len(), 300);
    assert_eq!(
        (&item["external_id"], &item["language"], &item["started_at"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(item["rep"]["name"].as_str().unwrap().len(), 200);
    let (_, shown) = get(&admin, &format!("/calls/{}", taken[0]["id"].as_str().unwrap())).await;
    let person = &shown["participants"][0];
    assert_eq!((person["name"].as_str().unwrap().len(), person["title"].as_str().unwrap().len()), (200, 300));
    assert_eq!((&person["email"], &person["external_id"]), (&Value::Null, &Value::Null));
    assert!(shown["file_name"].as_str().unwrap().len() <= 255);
    assert_eq!(shown["warnings"].as_array().unwrap().len(), 5, "{}", shown["warnings"]);
    // A title from before there was a limit.
    let old = format!("UPDATE calls SET title = '{long}'");
    let mut tx = world.db.begin().await.unwrap();
    db::on_tx!(&mut tx, conn => sqlx::query(sqlx::AssertSqlSafe(old)).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    let (_, listed) = get(&admin, "/calls").await;
    assert_eq!(listed["items"][0]["title"].as_str().unwrap().len(), 300);
}

async fn so_many_at_once_are_taken_in_and_others_wait(db: TestDb) {
    let world = World::new(db);
    let who = actor(world.user("Dana").await, Role::Rep);
    let intake = Intake::new(door(&world, 1 << 20));
    let (router, _) = routes(&intake).split_for_parts();
    let doors = router.layer(Extension(who));
    let others = [intake.turn().await, intake.turn().await];
    let posted = {
        let doors = doors.clone();
        tokio::spawn(async move { post(&doors, "/calls", &call_of("Dana", None)).await })
    };
    let uploaded = {
        let doors = doors.clone();
        tokio::spawn(async move { upload(&doors, form(&[("file", "one.txt", CALL)])).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!posted.is_finished() && !uploaded.is_finished() && count(&world, "calls").await == 0);
    assert_eq!(get(&doors, "/calls").await.0, 200, "nobody else waits");
    // Too much is told without waiting.
    let huge = json!({ "segments": [{ "text": "x".repeat(1 << 20) }] });
    assert_eq!(post(&doors, "/calls", &huge).await.0, 413);
    drop(others);
    let ((posted, ..), (uploaded, _)) = (posted.await.unwrap(), uploaded.await.unwrap());
    assert_eq!((posted, uploaded, count(&world, "calls").await), (201, 200, 2));
    assert_eq!(intake.turns.available_permits(), AT_ONCE, "each gives its turn back");
    let (status, _, _) = ask(&doors, Request::post("/calls").body("{}".into()).unwrap()).await;
    assert_eq!(status, 415);
}

/// On one thread, so that whatever holds it up shows.
#[tokio::test]
async fn a_large_body_is_understood_beside_what_others_wait_for() {
    let world = World::new(TestDb::sqlite().await);
    let dana = actor(world.user("Dana").await, Role::Rep);
    let (router, _) = router(door(&world, 64 << 20)).split_for_parts();
    let doors = router.layer(Extension(dana));
    // Its title is too long, which is told when all of it was understood.
    let segments = vec![json!({ "speaker": "Dana", "text": "Hello." }); 200_000];
    let body = json!({ "title": "x".repeat(301), "segments": segments }).to_string();
    let request = Request::post("/calls").header(CONTENT_TYPE, "application/json").body(body.into()).unwrap();
    let mut asked = std::pin::pin!(ask(&doors, request));
    let (begun, mut longest) = (Instant::now(), Duration::ZERO);
    let (status, ..) = loop {
        let last = Instant::now();
        let answer = tokio::select! {
            answer = &mut asked => Some(answer),
            () = tokio::time::sleep(Duration::from_millis(2)) => None,
        };
        longest = longest.max(last.elapsed());
        if let Some(answer) = answer {
            break answer;
        }
    };
    let all = begun.elapsed();
    assert_eq!(status, 422);
    // Understood on this thread, it would hold it up nearly all the time.
    assert!(longest < all * 3 / 4, "{longest:?} of {all:?}");
}

async fn what_is_on_its_way_lies_in_its_folder_and_has_a_place(db: TestDb) {
    let world = World::new(db);
    let (dana, bo) = (world.user("Dana").await, world.user("Bo").await);
    let folder = world.db.dir().join("deep/arriving");
    let mut door = door(&world, 1 << 20);
    door.blobs = door.blobs.arriving_in(&folder);
    door.blobs.clear_arriving().unwrap();
    let intake = Intake::new(door);
    let (router, _) = routes(&intake).split_for_parts();
    let doors = |id| router.clone().layer(Extension(actor(id, Role::Rep)));
    let others = [intake.turn().await, intake.turn().await];
    let mut waiting = Vec::new();
    for n in 0..4 {
        let doors = doors(dana);
        waiting.push(tokio::spawn(async move {
            if n % 2 == 0 {
                return post(&doors, "/calls", &call_of("Dana", None)).await.0;
            }
            upload(&doors, form(&[("file", "one.txt", &CALL.replace("Four", &format!("{n}")))])).await.0
        }));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (status, headers, problem) = post(&doors(dana), "/calls", &call_of("Dana", None)).await;
    assert_eq!((status, &headers["retry-after"]), (429, &"5".parse().unwrap()), "{problem}");
    assert_eq!(upload(&doors(dana), form(&[("file", "one.txt", CALL)])).await.0, 429);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&folder).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    // A name lasts until its file is open, which a disk that others write to may delay.
    let named = || std::fs::read_dir(&folder).unwrap().count();
    let begun = Instant::now();
    while named() > 0 && begun.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(named(), 0, "without names");
    let free = doors(bo);
    let other = tokio::spawn(async move { post(&free, "/calls", &call_of("Bo", None)).await.0 });
    // What a killed program leaves is gone at the next start; what waits now is not touched.
    for name in ["arriving-left", "mine.txt"] {
        std::fs::write(folder.join(name), CALL).unwrap();
    }
    intake.door.blobs.clear_arriving().unwrap();
    assert!(!folder.join("arriving-left").exists() && folder.join("mine.txt").exists());
    drop(others);
    for waiting in waiting {
        let status = waiting.await.unwrap();
        assert!(status == 201 || status == 200, "{status}");
    }
    assert_eq!((other.await.unwrap(), count(&world, "calls").await), (201, 5));
    assert_eq!(post(&doors(dana), "/calls", &call_of("Dana", None)).await.0, 201, "places are given back");
}

async fn files_are_taken_in_each_for_itself(db: TestDb) {
    let world = World::new(db);
    let (dana, bo) = (world.user("Dana").await, world.user("Bo").await);
    let hers = doors(&world, &actor(dana, Role::Rep));
    let other = CALL.replace("Four", "Five").replace("Dana", "Milo");
    let body = form(&[
        ("internal", "", "Dana, Milo"),
        ("file", "C:\\\\calls\\\\one.txt", CALL),
        ("file", "no.json", "{\"what\": 1}"),
        ("file", "two.txt", &other),
        ("customer", "", "Acme"),
        ("file", "again.txt", CALL),
    ]);
    let (status, taken) = upload(&hers, body.clone()).await;
    assert_eq!(status, 200, "{taken}");
    let told: Vec<_> = taken
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["file"].as_str().unwrap(), file["status"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("one.txt", "kept"), ("no.json", "refused"), ("two.txt", "kept"), ("again.txt", "known")]);
    assert_eq!(taken[1]["problem"]["status"], 422);
    assert!(taken[2]["id"].is_string() && taken[2]["call_status"] == "queued", "{taken}");
    assert_eq!((count(&world, "calls").await, count(&world, "jobs").await), (2, 2));
    let (_, listed) = get(&hers, "/calls").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "both are hers, also where Milo speaks");
    assert_eq!(listed["items"][0]["customer"], "Acme");
    // Somebody else's upload of the same files tells no ids.
    let his = doors(&world, &actor(bo, Role::Rep));
    let (status, taken) = upload(&his, form(&[("file", "mine.txt", CALL)])).await;
    assert_eq!((status, taken), (200, json!([{"file": "mine.txt", "status": "known"}])));

    let (status, problem) = upload(&hers, form(&[("file", "a.json", "{\"what\": 1}"), ("file", "b.txt", "")])).await;
    assert_eq!(status, 422);
    assert!(problem["errors"]["a.json"].is_array() && problem["errors"]["b.txt"].is_array(), "{problem}");
    for (body, expected) in [
        (form(&[]), 422),
        (form(&[("customer", "", "Acme")]), 422),
        (form(&[("file", "x.txt", "A: new"), ("what", "", "x")]), 422),
        (form(&[("file", "x.txt", "A: new"), ("rep", "", "Bo")]), 403),
        (form(&[("file", "x.txt", "A: new"), ("customer", "", &"x".repeat(20_000))]), 422),
        (form(&[("file", "x.txt", "A: new")]).replace("--cut--", ""), 400),
        (form(&[("file", "x.txt", &"A: new\n".repeat(200_000))]), 413),
    ] {
        let (status, problem) = upload(&hers, body).await;
        assert_eq!(status, expected, "{problem}");
    }
    let (status, _, _) = post(&hers, "/transcripts/upload", &json!({})).await;
    assert_eq!(status, 415);
    assert_eq!(count(&world, "calls").await, 2);
}

async fn an_upload_that_breaks_off_leaves_nothing(db: TestDb) {
    let world = World::new(db);
    let dana = world.user("Dana").await;
    let doors = doors(&world, &actor(dana, Role::Rep));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, doors).await });
    let body = form(&[
        ("internal", "", "Dana"),
        ("file", "one.txt", CALL),
        ("file", "two.txt", &CALL.replace("Four", "Five")),
    ]);
    let head = format!(
        "POST /transcripts/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=cut\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    // In the midst of the second file; after it, before the end of the form; in the midst of that.
    for sent in [body.find("Five").unwrap(), body.len() - 12, body.len() - 3] {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(format!("{head}{}", &body[..sent]).as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(stream);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    for table in ["calls", "segments", "jobs", "audit_events"] {
        assert_eq!(count(&world, table).await, 0, "{table}");
    }
    let blobs = std::fs::read_dir(world.db.dir().join("blobs")).unwrap().count();
    assert_eq!(blobs, 0, "no original either");
    // The same to its end is taken in.
    let mut stream = TcpStream::connect(at).await.unwrap();
    let head = head.replace("Host: x", "Host: x\r\nConnection: close");
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(count(&world, "calls").await, 2);
    server.abort();
}

db::on_both!(
    a_list_is_walked_and_wrong_wishes_are_told,
    what_is_not_theirs_is_not_there,
    a_transcript_is_posted_once,
    whose_a_call_becomes_is_decided_by_who_brings_it,
    long_texts_are_refused_or_cut,
    so_many_at_once_are_taken_in_and_others_wait,
    what_is_on_its_way_lies_in_its_folder_and_has_a_place,
    files_are_taken_in_each_for_itself,
    an_upload_that_breaks_off_leaves_nothing,
);
