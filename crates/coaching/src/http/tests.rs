//! The doors as clients meet them; on both databases.

use super::*;
use crate::tests::{CALL, World};
use crate::{check, for_rep};
use ::calls::{Imported, NewCall};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Extension;
use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use db::testing::TestDb;
use kernel::{Actor, Role};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

fn doors(world: &World, id: Uuid, role: Role) -> Router {
    let door = Door {
        analyst: Analyst::default(),
        db: (*world.db).clone(),
        blobs: world.blobs.clone(),
        clock: world.clock.clone(),
        redact: RedactKinds::default(),
        zone: Tz::UTC,
        rubric: "default".to_owned(),
    };
    let (router, _) = router(door).split_for_parts();
    router.layer(Extension(Actor { id, role, session: Uuid::nil() }))
}

async fn ask(doors: &Router, method: &str, path: &str, body: Option<&Value>) -> (u16, Option<String>, Value) {
    let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    let body = body.map_or(Body::empty(), |body| body.to_string().into());
    let response = doors.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let location = response.headers().get(LOCATION).map(|at| at.to_str().unwrap().to_owned());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, location, serde_json::from_slice(&body).unwrap())
}

async fn get(doors: &Router, path: &str) -> (u16, Value) {
    let (status, _, body) = ask(doors, "GET", path, None).await;
    (status, body)
}

async fn user(world: &World, name: &str) -> Uuid {
    let mut tx = world.db.begin().await.unwrap();
    let id = accounts::rep(&mut tx, &world.clock, name, None).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn sum(world: &World, rep: Uuid) -> i64 {
    assert_eq!(check(&world.db).await.unwrap(), [], "the sums are what the calls say");
    for_rep(&world.db, rep).await.unwrap().iter().filter(|sum| sum.measure == "calls").map(|sum| sum.n).sum()
}

async fn call_rep(world: &World, call: Uuid) -> Option<String> {
    ::calls::get(&world.db, call).await.unwrap().unwrap().rep
}

async fn a_call_is_judged_once_unless_somebody_insists(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    let dana = doors(&world, user(&world, "Dana").await, Role::Rep);
    let wish = json!({ "call_id": id });
    let analyze = async |body: &Value| ask(&dana, "POST", "/coaching/analyze-call", Some(body)).await;
    let (status, location, first) = analyze(&wish).await;
    let job = first["job_id"].as_str().unwrap().to_owned();
    assert_eq!((status, location), (202, Some(format!("/api/v1/jobs/{job}"))));
    assert_eq!(analyze(&wish).await.2["job_id"], json!(job), "a job is about to; no other one");
    let (_, waiting) = get(&dana, &format!("/calls/{id}/analyses")).await;
    assert_eq!((&waiting["session"], &waiting["status"]), (&Value::Null, &json!("queued")));
    let (status, measured) = get(&dana, &format!("/calls/{id}/metrics")).await;
    assert_eq!((status, &measured["metrics"], &measured["computed_at"]), (200, &Value::Null, &Value::Null));
    assert_eq!(world.work().await, 1);
    let (_, told) = get(&dana, &format!("/transcripts/{id}/status")).await;
    assert_eq!(
        (&told["call_status"], &told["job"]["state"], &told["job"]["id"]),
        (&json!("analysed"), &json!("done"), &json!(job))
    );

    let (status, _, found) = analyze(&wish).await;
    assert_eq!((status, &found["call_id"]), (200, &json!(id)));
    let session = &found["session"];
    let (transcript, report) = crate::stored(&world.db, id).await.unwrap();
    let report = report.unwrap();
    assert_eq!((&session["rubric_id"], &session["overall_score"]), (&json!("default"), &json!(report.overall_score)));
    let mut quotes = 0;
    for (shown, judged) in session["dimensions"].as_array().unwrap().iter().zip(&report.dimensions) {
        assert_eq!((&shown["dimension"], &shown["score"]), (&json!(judged.name), &json!(judged.score)));
        for (shown, judged) in shown["checks"].as_array().unwrap().iter().zip(&judged.checks) {
            assert_eq!(
                (&shown["id"], &shown["verdict"], &shown["kind"]),
                (&json!(judged.id), &json!(judged.verdict), &json!(judged.kind))
            );
            assert_eq!(shown["evidence"], json!(judged.evidence));
            for quote in shown["evidence"].as_array().unwrap() {
                let segment = transcript.segment(quote["segment_id"].as_u64().unwrap() as u32).unwrap();
                assert!(segment.text.contains(quote["quote"].as_str().unwrap()));
                quotes += 1;
            }
        }
    }
    assert!(quotes > 0);
    assert_eq!(session["dimensions"].as_array().unwrap().len(), report.dimensions.len());
    let (status, _, one) = analyze(&json!({ "call_id": id, "focus_area": "discovery" })).await;
    let names: Vec<_> =
        one["session"]["dimensions"].as_array().unwrap().iter().map(|d| d["dimension"].clone()).collect();
    assert_eq!((status, names), (200, vec![json!("discovery")]));
    let (_, measured) = get(&dana, &format!("/calls/{id}/metrics")).await;
    assert_eq!(measured["metrics"], serde_json::to_value(&report.metrics).unwrap());
    assert_eq!(measured["bands"], json!([]), "without times there is nothing to hold against a band");
    let (_, listed) = get(&dana, &format!("/calls/{id}/sessions")).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);

    // Another rubric, and once more.
    assert_eq!(analyze(&json!({ "call_id": id, "rubric": "service" })).await.0, 202);
    world.work().await;
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(analyze(&json!({ "call_id": id, "rubric": "service" })).await.0, 200);
    assert_eq!(analyze(&json!({ "call_id": id, "rubric": "service", "force": true })).await.0, 202);
    world.work().await;
    let (_, listed) = get(&dana, &format!("/calls/{id}/sessions")).await;
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(listed[0]["rubric_id"], "service");
    let oldest = listed[2]["id"].as_str().unwrap();
    let (_, earlier) = get(&dana, &format!("/calls/{id}/analyses?session_id={oldest}")).await;
    assert_eq!(earlier["session"]["id"], session["id"]);
    assert_eq!(get(&dana, &format!("/calls/{id}/analyses?session_id={}", Uuid::nil())).await.0, 404);

    for (body, status, field) in [
        (json!({}), 422, "call_id"),
        (json!({ "call_id": id, "gong_call_id": "7" }), 422, "call_id"),
        (json!({ "call_id": id, "focus_area": "charm" }), 422, "focus_area"),
        (json!({ "call_id": id, "rubric": "none" }), 422, "rubric"),
        (json!({ "gong_call_id": "7" }), 404, ""),
        (json!({ "call_id": Uuid::nil() }), 404, ""),
    ] {
        let (found, _, problem) = analyze(&body).await;
        assert_eq!(found, status, "{problem}");
        assert!(field.is_empty() || problem["errors"][field].is_array(), "{problem}");
    }
}

async fn a_call_that_waits_for_sides_says_so_and_gets_them(db: TestDb) {
    let world = World::new(db);
    let mut new = NewCall::named("call.txt");
    let dana = user(&world, "Dana").await;
    new.who = (&Actor { id: dana, role: Role::Rep, session: Uuid::nil() }).into();
    let Imported::New { id, .. } = world.import_as(CALL, &[], &new).await else { panic!("it is new") };
    let hers = doors(&world, dana, Role::Rep);
    let (_, told) = get(&hers, &format!("/transcripts/{id}/status")).await;
    assert_eq!((&told["needs_sides"], &told["job"]), (&json!(true), &Value::Null));
    let names: Vec<_> = told["participants"].as_array().unwrap().iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, [json!("Dana"), json!("Ravi")]);
    let (status, _, problem) = ask(&hers, "POST", "/coaching/analyze-call", Some(&json!({ "call_id": id }))).await;
    assert!(status == 409 && problem["detail"].as_str().unwrap().contains("internal"), "{problem}");
    let process = async |doors: &Router, body: Value| ask(doors, "POST", "/transcripts/process", Some(&body)).await;
    let (status, _, problem) = process(&hers, json!({ "transcript_ids": [id] })).await;
    assert!(status == 422 && problem["errors"][id.to_string()].is_array(), "{problem}");
    let (status, _, problem) = process(&hers, json!({ "transcript_ids": [id], "internal": ["Nobody"] })).await;
    assert!(status == 422 && problem["errors"][id.to_string()][0].as_str().unwrap().contains("Nobody"), "{problem}");
    for (body, expected) in [
        (json!({ "transcript_ids": [] }), 422),
        (json!({ "transcript_ids": [id], "internal": [] }), 422),
        (json!({ "transcript_ids": [id], "rubric": "none" }), 422),
        (json!({ "transcript_ids": [id, Uuid::nil()], "internal": ["Dana"] }), 404),
    ] {
        assert_eq!(process(&hers, body.clone()).await.0, expected, "{body}");
    }
    assert_eq!(world.work().await, 0, "nothing was done");
    let coach = doors(&world, dana, Role::Coach);
    assert_eq!(process(&coach, json!({ "transcript_ids": [id], "internal": ["Dana"] })).await.0, 403);
    let (status, _, jobs) = process(&hers, json!({ "transcript_ids": [id, id], "internal": ["Dana"] })).await;
    assert_eq!((status, jobs.as_array().unwrap().len()), (202, 1), "{jobs}");
    assert!(jobs[0]["job_id"].is_string() && jobs[0]["up_to_date"] == false);
    assert_eq!(world.work().await, 1);
    let (status, _, jobs) = process(&coach, json!({ "transcript_ids": [id] })).await;
    assert_eq!((status, jobs), (202, json!([{ "id": id, "up_to_date": true }])));
    let (_, _, jobs) = process(&coach, json!({ "transcript_ids": [id], "force": true })).await;
    assert!(jobs[0]["job_id"].is_string(), "{jobs}");
}

async fn sums_move_with_the_rep_and_texts_are_redacted(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    world.work().await;
    let (dana, milo, far) = (user(&world, "Dana").await, user(&world, "Milo").await, user(&world, "Far").await);
    let boss = user(&world, "Boss").await;
    let mut tx = world.db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &world.clock, "North").await.unwrap();
    for member in [dana, milo, boss] {
        accounts::add_member(&mut tx, &world.clock, team, member).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (rep, manager) = (doors(&world, dana, Role::Rep), doors(&world, boss, Role::Manager));
    let path = format!("/calls/{id}");
    let patch = async |doors: &Router, body: Value| ask(doors, "PATCH", &path, Some(&body)).await;
    assert_eq!((sum(&world, dana).await, sum(&world, milo).await), (1, 0));

    let (status, _, call) = patch(&rep, json!({ "title": "Paid with 4111 1111 1111 1111", "customer": "Acme" })).await;
    assert_eq!((status, &call["title"], &call["customer"]), (200, &json!("Paid with [CARD]"), &json!("Acme")));
    let (_, _, call) = patch(&rep, json!({ "customer": null })).await;
    assert_eq!((&call["title"], &call["customer"]), (&json!("Paid with [CARD]"), &Value::Null));
    assert_eq!(patch(&rep, json!({ "rep_id": milo })).await.0, 403);
    assert_eq!(patch(&doors(&world, dana, Role::Coach), json!({ "title": "x" })).await.0, 403);
    assert_eq!(patch(&doors(&world, milo, Role::Rep), json!({ "title": "x" })).await.0, 404);
    for (body, field) in [
        (json!({ "rep_id": far }), "rep_id"),
        (json!({ "rep_id": Uuid::nil() }), "rep_id"),
        (json!({ "title": " " }), "title"),
        (json!({ "internal": [] }), "internal"),
        (json!({ "internal": ["Nobody"], "title": "never" }), "internal"),
    ] {
        let (status, _, problem) = patch(&manager, body).await;
        assert!(status == 422 && problem["errors"][field].is_array(), "{problem}");
    }
    // Sides that a rep says leave the call whose it is, also where they name nobody of the rep's own.
    let (status, _, call) = patch(&rep, json!({ "internal": ["Ravi"] })).await;
    assert_eq!((status, &call["rep"]["id"]), (200, &json!(dana)));
    let process = json!({ "transcript_ids": [id], "internal": ["Ravi"] });
    assert_eq!(ask(&rep, "POST", "/transcripts/process", Some(&process)).await.0, 202);
    assert_eq!((sum(&world, dana).await, call_rep(&world, id).await), (1, Some("Dana".to_owned())));
    patch(&rep, json!({ "internal": ["Dana"] })).await;
    let (_, _, call) = patch(&manager, json!({ "rep_id": milo })).await;
    assert_eq!(call["rep"], json!({ "id": milo, "name": "Milo" }));
    assert_eq!(call["title"], "Paid with [CARD]", "what was refused changed nothing");
    assert_eq!((sum(&world, dana).await, sum(&world, milo).await), (0, 1));
    // Said by a person: sides do not change it any more.
    let (_, _, call) = patch(&manager, json!({ "internal": ["Ravi"] })).await;
    assert_eq!((&call["rep"]["name"], &call["status"]), (&json!("Milo"), &json!("queued")));
    assert_eq!(call["participants"][1]["side"], "internal");
    world.work().await;
    assert_eq!((sum(&world, dana).await, sum(&world, milo).await), (0, 1));
    let trail =
        accounts::audit::list(&world.db, &accounts::audit::Wanted::latest(Some(&id.to_string()), 100)).await.unwrap();
    let actions = |who: Uuid| {
        let by = format!("user:{who}");
        trail.iter().rev().filter(|event| event.actor == by).map(|event| event.action.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(actions(dana), ["call.change", "call.change", "call.sides", "call.sides", "call.sides"]);
    assert_eq!(actions(boss), ["call.change", "call.sides"]);
    assert!(trail.iter().all(|event| !event.detail.to_string().contains("Acme")));
}

async fn a_call_is_deleted_by_those_who_may(db: TestDb) {
    let world = World::new(db);
    let id = world.new_call(CALL).await;
    world.work().await;
    let dana = user(&world, "Dana").await;
    let path = format!("/calls/{id}");
    for (who, role, expected) in [
        (dana, Role::Rep, 403),
        (dana, Role::Coach, 403),
        (Uuid::nil(), Role::Manager, 404),
        (Uuid::nil(), Role::Admin, 200),
    ] {
        let (status, _, receipt) = ask(&doors(&world, who, role), "DELETE", &path, None).await;
        assert_eq!(status, expected, "{receipt}");
        if status == 200 {
            assert_eq!((&receipt["call_id"], &receipt["original_deleted"]), (&json!(id), &json!(true)));
            assert_eq!((&receipt["rows"]["calls"], &receipt["rows"]["segments"]), (&json!(1), &json!(6)));
        }
    }
    assert_eq!(sum(&world, dana).await, 0);
    for path in ["", "/analyses", "/metrics", "/sessions"] {
        let admin = doors(&world, dana, Role::Admin);
        let there =
            ask(&admin, if path.is_empty() { "DELETE" } else { "GET" }, &format!("/calls/{id}{path}"), None).await;
        assert_eq!(there.0, 404, "{path}");
    }
}

async fn what_is_no_parameter_is_told(db: TestDb) {
    let world = World::new(db);
    let admin = doors(&world, user(&world, "Ada").await, Role::Admin);
    let id = world.new_call(CALL).await;
    let call = format!("/calls/{id}/analyses");
    let paths =
        ["/analytics/agents", "/analytics/team", "/analytics/trends", "/coaching/moments", "/rubrics/default", &call];
    for path in paths {
        assert_eq!(get(&admin, path).await.0, 200, "{path}");
        let (status, problem) = get(&admin, &format!("{path}?teamid={id}")).await;
        assert!(status == 422 && problem.to_string().contains("teamid"), "{path}: {problem}");
    }
}

db::on_both!(
    what_is_no_parameter_is_told,
    a_call_is_judged_once_unless_somebody_insists,
    a_call_that_waits_for_sides_says_so_and_gets_them,
    sums_move_with_the_rep_and_texts_are_redacted,
    a_call_is_deleted_by_those_who_may,
);
