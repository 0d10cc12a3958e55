//! What surrounds the doors: ids, problems, keys, marks of answers, limits, headers.

use super::world::{World, settings};
use crate::api::{Limits, Settings};
use axum::body::Body;
use axum::http::Request;
use db::on_db;
use db::testing::TestDb;
use serde_json::{Value, json};

async fn teams(world: &World) -> i64 {
    on_db!(&*world.db, pool => sqlx::query_scalar("SELECT count(*) FROM teams").fetch_one(pool).await.unwrap())
}

fn keyed(world: &World, who: &str, key: &str, path: &str, body: &Value) -> Request<Body> {
    let mut request = world.request(Some(who), "POST", path, Some(body));
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

async fn what_has_a_key_is_done_once(db: TestDb) {
    let world = World::new(db).await;
    let east = json!({ "name": "East" });
    let before = teams(&world).await;
    let first = world.send(keyed(&world, "admin", "k1", "/api/v1/teams", &east)).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let again = world.send(keyed(&world, "admin", "k1", "/api/v1/teams", &east)).await;
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(teams(&world).await, before + 1);
    // What was refused may be tried again, and what was only found lies nowhere.
    let refused = world.send(keyed(&world, "admin", "k0", "/api/v1/teams", &json!({ "name": "" }))).await;
    assert_eq!(refused.status, 422);
    let mended = world.send(keyed(&world, "admin", "k0", "/api/v1/teams", &json!({ "name": "Other" }))).await;
    assert_eq!(mended.status, 201, "{}", mended.text());
    let (call, _) = world.call().await;
    let ask = json!({ "call_id": call });
    let found = world.send(keyed(&world, "admin", "k9", "/api/v1/coaching/analyze-call", &ask)).await;
    assert_eq!(found.status, 200, "{}", found.text());
    world.ask("admin", "DELETE", &format!("/api/v1/calls/{call}"), None).await;
    assert_eq!(world.send(keyed(&world, "admin", "k9", "/api/v1/coaching/analyze-call", &ask)).await.status, 404);
    let other = world.send(keyed(&world, "admin", "k1", "/api/v1/teams", &json!({ "name": "West" }))).await;
    assert_eq!(other.status, 422, "another request with the same key");
    assert!(other.json()["errors"]["Idempotency-Key"].is_array());
    let without = world.ask("admin", "POST", "/api/v1/teams", Some(east.clone())).await;
    assert_eq!(without.status, 422, "without a key it is tried again, and the name is taken");
    let theirs = world.send(keyed(&world, "manager", "k1", "/api/v1/teams", &east)).await;
    assert_eq!(theirs.status, 403, "keys are everybody's own");
    // What holds a secret is not kept, and not done again.
    let invite = json!({ "email": "new@dockline.example", "role": "rep" });
    let first = world.send(keyed(&world, "admin", "k2", "/api/v1/invitations", &invite)).await;
    assert_eq!(first.status, 201);
    let again = world.send(keyed(&world, "admin", "k2", "/api/v1/invitations", &invite)).await;
    assert_eq!(again.status, 409, "{}", again.text());
    let secrets: i64 = on_db!(&*world.db, pool => sqlx::query_scalar("SELECT count(body) FROM idempotency_keys WHERE name = 'k2'")
        .fetch_one(pool)
        .await
        .unwrap());
    assert_eq!(secrets, 0);
    // A day later the key is free.
    world.clock.advance(chrono::TimeDelta::hours(25));
    let late = World::login(&world, "admin").await;
    let mut request = keyed(&world, "admin", "k1", "/api/v1/teams", &json!({ "name": "West" }));
    let bearer = format!("Bearer {}", late["access_token"].as_str().unwrap());
    request.headers_mut().insert("authorization", bearer.parse().unwrap());
    assert_eq!(world.send(request).await.status, 201);
}

async fn of_many_with_one_key_one_is_done(db: TestDb) {
    let world = World::new(db).await;
    let before = teams(&world).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (router, request) =
            (world.router.clone(), keyed(&world, "admin", "k", "/api/v1/teams", &json!({ "name": "East" })));
        tasks.spawn(async move { tower::ServiceExt::oneshot(router, request).await.unwrap().status().as_u16() });
    }
    let mut all = Vec::new();
    while let Some(status) = tasks.join_next().await {
        all.push(status.unwrap());
    }
    assert!(all.contains(&201) && all.iter().all(|status| [201, 409].contains(status)), "{all:?}");
    assert_eq!(teams(&world).await, before + 1);
}

async fn settings_hold_at_once(db: TestDb) {
    let world = World::new(db).await;
    let set = async |value: Value| world.ask("admin", "PATCH", "/api/v1/settings", Some(value)).await;
    for (wrong, field) in [
        (json!({ "registration": "open" }), "registration"),
        (json!({ "internal_domains": ["@x"] }), "internal_domains"),
        (json!({ "organisation": 5 }), "organisation"),
        (json!({ "colour": "red" }), "settings"),
    ] {
        let answer = set(wrong).await;
        assert_eq!(answer.status, 422);
        assert!(answer.json()["errors"][field].is_array(), "{}", answer.text());
    }
    let register = async |name: &str| {
        let new =
            json!({ "username": name, "email": format!("{name}@new.example"), "password": "seven-pallets-over-oslo" });
        world.send(world.request(None, "POST", "/api/v1/auth/register", Some(&new))).await.status.as_u16()
    };
    // Nobody here has a password, so that the first who registers is an admin.
    assert_eq!(register("first").await, 201);
    assert_eq!(register("milo").await, 403);
    assert_eq!(set(json!({ "registration": "@new.example", "organisation": "Dockline" })).await.status, 200);
    assert_eq!(register("milo").await, 201);
    let known = set(json!({ "registration": null })).await.json();
    assert_eq!((&known["registration"], &known["organisation"]), (&Value::Null, &json!("Dockline")));
    assert_eq!(register("ravi").await, 403);

    // Our domains say who is on our side; the rubric that is set judges.
    set(json!({ "internal_domains": ["dockline.example"], "rubric": "service" })).await;
    let call = json!({
        "participants": [{ "name": "Rep", "email": "rep@dockline.example" }, { "name": "Ravi" }],
        "segments": [{ "speaker": "Rep", "text": "How can I help you today?" }, { "speaker": "Ravi", "text": "My order is late." }],
    });
    let made = world.ask("manager", "POST", "/api/v1/calls", Some(call)).await;
    assert_eq!((made.status.as_u16(), &made.json()["call_status"]), (201, &json!("queued")), "{}", made.text());
    world.work().await;
    let used: Vec<String> = on_db!(&*world.db, pool => sqlx::query_scalar("SELECT rubric_id FROM coaching_sessions")
        .fetch_all(pool)
        .await
        .unwrap());
    assert_eq!(used, ["service"]);
}

/// What a driver says may name folders and hosts of the machine.
async fn why_a_job_failed_is_told_to_admins_in_full_and_to_others_by_a_sentence(db: TestDb) {
    let world = World::new(db).await;
    let (call, job) = world.call().await;
    for (state, told) in
        [("queued", "tried again"), ("running", "tried again"), ("dead", "given up"), ("cancelled", "taken back")]
    {
        let mut tx = world.db.begin().await.unwrap();
        let sql = "UPDATE jobs SET error = '/var/lib/secret: disk I/O error', state = $1 WHERE id = $2";
        db::on_tx!(&mut tx, conn => sqlx::query(sql).bind(state).bind(job).execute(conn).await.unwrap().rows_affected());
        tx.commit().await.unwrap();
        for (who, full) in [("admin", true), ("manager", false), ("coach", false), ("rep", false)] {
            let door = world.get(who, &format!("/api/v1/jobs/{job}")).await.json();
            let other = world.get(who, &format!("/api/v1/transcripts/{call}/status")).await.json();
            for error in [&door["error"], &other["job"]["error"]] {
                let error = error.as_str().unwrap();
                assert_eq!(error.contains("secret"), full, "{who}: {error}");
                assert!(full || error.contains(told), "{who}, {state}: {error}");
            }
        }
    }
}

db::on_both!(settings_hold_at_once, why_a_job_failed_is_told_to_admins_in_full_and_to_others_by_a_sentence,);
db::on_both!(what_has_a_key_is_done_once, of_many_with_one_key_one_is_done);

/// More than is read into memory for a key: an upload goes by, however large.
#[tokio::test]
async fn a_large_upload_with_a_key_is_taken() {
    let world = World::new(TestDb::sqlite().await).await;
    let line = "Rep: What does a late order cost you?\nRavi: About four hundred euros each time.\n";
    let head = "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"long.txt\"\r\n\r\n";
    let body = format!("{head}{}\r\n--cut--\r\n", line.repeat(60_000));
    assert!(body.len() > 4 << 20);
    let mut request = keyed(&world, "rep", "k", "/api/v1/transcripts/upload", &Value::Null);
    request.headers_mut().insert("content-type", "multipart/form-data; boundary=cut".parse().unwrap());
    *request.body_mut() = Body::from(body);
    let answer = world.send(request).await;
    assert_eq!((answer.status.as_u16(), &answer.json()[0]["status"]), (200, &json!("kept")), "{}", answer.text());
}

#[tokio::test]
async fn whoever_has_an_answer_is_told_that_it_is_still_right() {
    let world = World::new(TestDb::sqlite().await).await;
    let first = world.get("admin", "/api/v1/teams").await;
    let mark = first.header("etag").to_owned();
    assert!(mark.len() > 10 && first.header("cache-control") == "private, no-cache", "{:?}", first.headers);
    let with = |mark: &str| {
        let mut request = world.request(Some("admin"), "GET", "/api/v1/teams", None);
        request.headers_mut().insert("if-none-match", mark.parse().unwrap());
        request
    };
    let again = world.send(with(&format!("\"other\", W/{mark}"))).await;
    assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, mark.as_str()));
    assert!(!again.header("x-request-id").is_empty());
    world.ask("admin", "POST", "/api/v1/teams", Some(json!({ "name": "East" }))).await;
    let changed = world.send(with(&mark)).await;
    assert!(changed.status == 200 && changed.header("etag") != mark);
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_one_form() {
    let world = World::new(TestDb::sqlite().await).await;
    let send = async |method: &str, path: &str, kind: &str, body: &str| {
        let mut request = world.request(Some("admin"), method, path, None);
        if !kind.is_empty() {
            request.headers_mut().insert("content-type", kind.parse().unwrap());
        }
        *request.body_mut() = Body::from(body.to_owned());
        let answer = world.send(request).await;
        assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status.as_u16());
        assert_eq!(problem["request_id"], answer.header("x-request-id"));
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/") && problem["title"].is_string());
        (answer.status.as_u16(), problem["detail"].as_str().unwrap().to_owned(), problem)
    };
    let json = "application/json";
    let (status, detail, _) = send("POST", "/api/v1/teams", json, "{\"name\":").await;
    assert!(status == 400 && detail.contains("EOF"), "{detail}");
    let (status, detail, _) = send("POST", "/api/v1/teams", json, "{\"nam\":\"x\"}").await;
    assert!(status == 422 && detail.contains("unknown field `nam`"), "{detail}");
    assert_eq!(send("POST", "/api/v1/teams", "text/plain", "{}").await.0, 415);
    let (status, _, problem) = send("POST", "/api/v1/teams", json, "{\"name\":\"  \"}").await;
    assert_eq!((status, &problem["errors"]["name"][0]), (422, &json!("take 1 to 100 characters")));
    assert_eq!(send("POST", "/api/v1/teams", json, "{\"name\":\"a\\u0000b\"}").await.0, 422);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(send("POST", "/api/v1/auth/token", form, "username=a%00b&password=x").await.0, 422);
    assert_eq!(send("PATCH", "/api/v1/settings", json, "{\"rubric\":\"none\"}").await.0, 422);
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(3 << 20));
    assert_eq!(send("POST", "/api/v1/teams", json, &large).await.0, 413);
    for (path, status) in [
        ("/api/v1/users?limit=0", 422),
        ("/api/v1/users?limit=many", 422),
        ("/api/v1/users?cursor=zz", 422),
        ("/api/v1/users?cursor=5b5d", 422),
        // ["a\u0000b", an id]
        (
            "/api/v1/users?cursor=5b22615c753030303062222c2230303030303030302d303030302d303030302d303030302d303030303030303030303030225d",
            422,
        ),
        (
            "/api/v1/audit?cursor=5b222d353030302d30312d30315430303a30303a30305a222c2230303030303030302d303030302d303030302d303030302d303030303030303030303030225d",
            422,
        ),
        ("/api/v1/users?offset=1&cursor=5b5d", 422),
        ("/api/v1/users?role=king", 422),
        ("/api/v1/users?q=%00", 422),
        ("/api/v1/users/none", 404),
        ("/api/v1/users/%00", 404),
        ("/api/v1/none", 404),
        ("/none", 404),
    ] {
        assert_eq!(send("GET", path, "", "").await.0, status, "{path}");
    }
    assert_eq!(send("PUT", "/api/v1/users", "", "").await.0, 405);
}

#[tokio::test]
async fn mates_know_each_other_by_name_alone() {
    let world = World::new(TestDb::sqlite().await).await;
    let (north, manager, mate) = (world.ids["North"], world.ids["manager"], world.ids["mate"]);
    let members = world.get("rep", &format!("/api/v1/teams/{north}/members")).await.json();
    let alone = [(manager, "manager"), (mate, "mate"), (world.ids["rep"], "rep")];
    assert_eq!(members, alone.map(|(id, name)| json!({ "id": id, "name": name })).into_iter().collect::<Value>());
    assert_eq!(world.get("rep", &format!("/api/v1/users/{mate}")).await.status, 404);
    let of_team = async |who: &str| {
        let users = world.get(who, &format!("/api/v1/users?team_id={north}")).await.json();
        users["items"].as_array().unwrap().iter().map(|user| user["email"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of_team("rep").await, ["rep@dockline.example"]);
    assert_eq!(of_team("manager").await, ["manager@dockline.example", "mate@dockline.example", "rep@dockline.example"]);
}

#[tokio::test]
async fn tokens_that_are_no_good_get_401() {
    let world = World::new(TestDb::sqlite().await).await;
    let ask = async |header: &str| {
        let mut request = world.request(None, "GET", "/api/v1/auth/me", None);
        if !header.is_empty() {
            request.headers_mut().insert("authorization", header.parse().unwrap());
        }
        let answer = world.send(request).await;
        assert!(answer.status == 200 || answer.header("www-authenticate") == "Bearer");
        answer.status.as_u16()
    };
    let token = world.token("rep").to_owned();
    let (rest, last) = token.split_at(token.len() - 1);
    let forged = format!("{rest}{}", if last == "A" { "B" } else { "A" });
    assert_eq!(ask(&format!("Bearer {token}")).await, 200);
    assert_eq!(ask(&format!("bearer {token}")).await, 200);
    for header in ["", "Bearer", "Bearer x", "Basic ZGFuYTp4", &token, &format!("Bearer {forged}"), "Bearer a.b.c"] {
        assert_eq!(ask(header).await, 401, "{header}");
    }
    world.clock.advance(chrono::TimeDelta::minutes(15));
    assert_eq!(ask(&format!("Bearer {token}")).await, 401, "out of date");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let limits = Limits { user: 60, address: 60, proxies: Vec::new() };
    let world = World::with(TestDb::sqlite().await, &Settings { limits, ..settings() }).await;
    let mut last = world.get("rep", "/api/v1/teams").await;
    for _ in 0..12 {
        last = world.get("rep", "/api/v1/teams").await;
    }
    assert_eq!((last.status.as_u16(), last.header("retry-after")), (429, "1"));
    assert_eq!(last.json()["type"], "/problems/too-many-requests");
    assert_eq!(world.get("manager", "/api/v1/teams").await.status, 200, "others are not concerned");
    let mut all = Vec::new();
    for _ in 0..12 {
        let body = json!({ "username": "rep", "password": "wrong" });
        all.push(world.send(world.request(None, "POST", "/api/v1/auth/login", Some(&body))).await.status.as_u16());
    }
    assert!(all[..5].iter().all(|status| *status == 401), "{all:?}");
    assert!(all[5..].iter().all(|status| *status == 429), "locked, then limited: {all:?}");
}

#[tokio::test]
async fn a_stranger_who_asks_too_often_is_told_when_to_come_back() {
    let limits = Limits { user: 0, address: 1, proxies: Vec::new() };
    // Ten at once, and then one a minute, however long the passwords take. Each way in by itself, on an installation of its own.
    for token in ["", "Bearer x"] {
        let world = World::with(TestDb::sqlite().await, &Settings { limits: limits.clone(), ..settings() }).await;
        let mut all = Vec::new();
        for _ in 0..12 {
            let mut request = world.request(None, "GET", "/api/v1/teams", None);
            request.headers_mut().insert("authorization", token.parse().unwrap());
            all.push(world.send(request).await.status.as_u16());
        }
        assert!(all[..10].iter().all(|status| *status == 401) && all[11] == 429, "{token}: {all:?}");
    }
    let world = World::with(TestDb::sqlite().await, &Settings { limits, ..settings() }).await;
    let mut all = Vec::new();
    for n in 0..12 {
        // No account is locked: each name is another one.
        let body = json!({ "username": format!("nobody{n}"), "password": "wrong" });
        all.push(world.send(world.request(None, "POST", "/api/v1/auth/login", Some(&body))).await.status.as_u16());
    }
    assert!(all[..10].iter().all(|status| *status == 401) && all[11] == 429, "{all:?}");
    assert_eq!(world.get("rep", "/api/v1/teams").await.status, 200, "users are not concerned");
}

#[tokio::test]
async fn browsers_are_told_what_they_may() {
    let world = World::new(TestDb::sqlite().await).await;
    let answer = world.get("rep", "/api/v1/teams").await;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("strict-transport-security", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let from = async |origin: &str| {
        let mut request = world.request(None, "OPTIONS", "/api/v1/teams", None);
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request.headers_mut().insert("access-control-request-method", "POST".parse().unwrap());
        world.send(request).await.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(from("https://crm.example").await, "https://crm.example");
    assert_eq!(from("https://evil.example").await, "");
    let secure = World::with(TestDb::sqlite().await, &Settings { tls: true, ..settings() }).await;
    let answer = secure.get("rep", "/api/v1/teams").await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn health_and_figures_and_documentation_are_there() {
    let world = World::new(TestDb::sqlite().await).await;
    let nobody = async |path: &str| world.send(world.request(None, "GET", path, None)).await;
    assert_eq!(nobody("/health").await.json()["status"], "ok");
    let ready = nobody("/health/ready").await;
    let names: Vec<_> =
        ready.json()["dependencies"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!((ready.status.as_u16(), names), (200, vec![json!("database"), json!("originals")]));
    std::fs::remove_dir_all(world.db.dir().join("blobs")).unwrap();
    assert_eq!(nobody("/health/ready").await.status, 200, "an answer is good for a second");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let ready = nobody("/health/ready").await;
    assert_eq!((ready.status.as_u16(), ready.json()["dependencies"][1]["ok"].clone()), (503, json!(false)));
    nobody("/none").await;
    world.send(world.request(None, "BREW", "/none", None)).await;
    let mut request = world.request(Some("rep"), "GET", "/api/v1/teams", None);
    request.headers_mut().insert("x-request-id", "from-proxy-7".parse().unwrap());
    assert_eq!(world.send(request).await.header("x-request-id"), "from-proxy-7");
    world.call().await;
    let figures = nobody("/metrics").await.text();
    for line in [
        "sideline_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/teams\",status=\"200\"}",
        "sideline_jobs{state=\"queued\"} 0",
        "sideline_job_duration_seconds_count{kind=\"analyse_call\",outcome=\"done\"}",
        "sideline_problems_total{type=\"/problems/not-found\"}",
        "sideline_request_duration_seconds_count{method=\"other\",route=\"none\",status=\"404\"}",
    ] {
        assert!(figures.contains(line), "{line} is not in {figures}");
    }
    let dead = async || {
        let figures = nobody("/metrics").await.text();
        figures.lines().find(|line| line.starts_with("sideline_jobs{state=\"dead\"}")).unwrap().to_owned()
    };
    let sql = "UPDATE jobs SET state = 'dead'";
    let mut tx = world.db.begin().await.unwrap();
    db::on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    assert_eq!(dead().await, "sideline_jobs{state=\"dead\"} 0", "counted once a second, however many ask");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(dead().await, "sideline_jobs{state=\"dead\"} 1");
    assert_eq!(nobody("/openapi.json").await.json(), world.description);
    assert!(nobody("/docs/").await.text().contains("swagger-ui"));
}
