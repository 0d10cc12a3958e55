//! Stories of the doors: who may, what comes back, and how mistakes are told.

use crate::Analyst;
use crate::http::{Door, router};
use crate::tests_given::{Given, People, people};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use calls::Blobs;
use chrono_tz::Tz;
use db::testing::TestDb;
use kernel::{Actor, Clock};
use serde_json::{Value, json};
use tower::ServiceExt as _;

struct Doors {
    router: Router,
    people: People,
    db: TestDb,
}

struct Reply {
    status: u16,
    location: Option<String>,
    body: Value,
}

impl Doors {
    async fn new(db: TestDb) -> Self {
        let people = people(&db).await;
        let door = Door {
            analyst: Analyst::default(),
            redact: transcript::redact::RedactKinds::default(),
            db: (*db).clone(),
            blobs: Blobs::local(&db.dir().join("blobs")).unwrap(),
            clock: Clock::fixed("2026-09-16T12:00:00Z".parse().unwrap()),
            zone: Tz::UTC,
            rubric: "default".to_owned(),
        };
        Self { router: router(door).into(), people, db }
    }

    async fn send(&self, actor: &Actor, method: &str, path: &str, kind: &str, body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        request.extensions_mut().insert(actor.clone());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let location = response.headers().get("location").map(|at| at.to_str().unwrap().to_owned());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Reply { status, location, body }
    }

    async fn get(&self, actor: &Actor, path: &str) -> Reply {
        self.send(actor, "GET", path, "", "").await
    }

    async fn json(&self, actor: &Actor, method: &str, path: &str, body: Value) -> Reply {
        self.send(actor, method, path, "application/json", &body.to_string()).await
    }
}

async fn figures_come_in_pages_and_for_the_period_that_is_asked_for(db: TestDb) {
    let doors = Doors::new(db).await;
    let People { north, south, dana, nora, admin, milo, .. } = &doors.people;
    for _ in 0..5 {
        Given::scored(60.0).keep(&doors.db, dana, "2026-09-15").await;
        Given::scored(80.0).keep(&doors.db, milo, "2026-09-15").await;
    }
    let reply = doors.get(nora, "/analytics/agents").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["period"], json!({"since": "2026-08-18", "until": "2026-09-16"}));
    assert_eq!(reply.body["items"][0]["overall"], json!({"n": 5, "mean": 60.0}));
    assert_eq!(reply.body["items"][1]["overall"]["note"], "not enough data: 0 calls, 5 are needed", "Sam has none");

    let page = doors.get(admin, "/analytics/agents?sort=-overall&limit=1&total=true").await.body;
    assert_eq!((&page["items"][0]["rep"]["name"], &page["total"]), (&json!("Milo"), &json!(3)));
    let next = format!("/analytics/agents?sort=-overall&limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let page = doors.get(admin, &next).await.body;
    assert_eq!((&page["items"][0]["rep"]["name"], page.get("total")), (&json!("Dana"), None));
    let page = doors.get(admin, "/analytics/agents?sort=-overall&limit=1&offset=2").await.body;
    assert_eq!((&page["items"][0]["rep"]["name"], page.get("next_cursor")), (&json!("Sam"), None));

    let team =
        doors.get(admin, &format!("/analytics/team?team_id={south}&since=2026-09-15&until=2026-09-15")).await.body;
    assert_eq!((&team["overall"]["now"]["mean"], &team["calls"]), (&json!(80.0), &json!(5)));
    assert_eq!(team["before"], json!({"since": "2026-09-14", "until": "2026-09-14"}));
    let trend =
        doors.get(nora, &format!("/analytics/trends?measure=calls&team_id={north}&since=2026-09-01")).await.body;
    assert_eq!(trend["points"][2], json!({"week": "2026-09-14", "n": 5, "mean": 5.0}));

    assert_eq!(doors.get(nora, &format!("/analytics/team?team_id={south}")).await.status, 404);
    assert_eq!(doors.get(nora, &format!("/analytics/trends?rep_id={}", milo.id)).await.status, 404);
    for (path, field) in [
        ("/analytics/agents?sort=rank", "sort"),
        ("/analytics/agents?cursor=5b5d", "cursor"),
        ("/analytics/team?since=2026-09-17", "until"),
        ("/analytics/team?since=0001-01-01", "since"),
        ("/analytics/trends?measure=rank", "measure"),
        ("/analytics/trends?span=0", "span"),
        ("/coaching/moments?limit=21", "limit"),
        ("/coaching/moments?week=9999-01-01", "week"),
    ] {
        let reply = doors.get(admin, path).await;
        assert_eq!((reply.status, reply.body["errors"][field].is_array()), (422, true), "{path}: {}", reply.body);
    }
    assert_eq!(doors.get(admin, "/analytics/team?since=yesterday").await.status, 422);
}

async fn insights_are_asked_for_by_the_name_of_a_period_or_its_days(db: TestDb) {
    let doors = Doors::new(db).await;
    let People { dana, sam, admin, .. } = &doors.people;
    for _ in 0..5 {
        Given::scored(60.0).keep(&doors.db, dana, "2026-09-01").await;
    }
    let of = async |actor: &Actor, period: Value| {
        doors.json(actor, "POST", "/coaching/rep-insights", json!({"rep_id": dana.id, "period": period})).await
    };
    let found = of(dana, json!("last_30_days")).await;
    assert_eq!((found.status, &found.body["overall"]["now"]["mean"]), (200, &json!(60.0)));
    assert_eq!(of(dana, Value::Null).await.body, found.body, "what is usual");
    let few = of(admin, json!("last_7_days")).await.body;
    assert_eq!((&few["calls"], &few["note"]), (&json!(0), &json!("not enough data: 0 calls, 5 are needed")));
    let days = of(admin, json!({"since": "2026-09-01", "until": "2026-09-01"})).await.body;
    assert_eq!((&days["calls"], &days["before"]["until"]), (&json!(5), &json!("2026-08-31")));
    assert_eq!(of(sam, json!("last_30_days")).await.status, 404, "a colleague's");
    for wrong in
        [json!("last_year"), json!({"since": "2026-09-01"}), json!({"since": "2024-09-01", "until": "2026-09-01"})]
    {
        let reply = of(admin, wrong.clone()).await;
        assert_eq!(reply.status, 422, "{wrong} {}", reply.body);
    }
    assert!(of(admin, json!("last_year")).await.body["detail"].as_str().unwrap().contains("last_30_days"));
    let first = &found.body["exercises"];
    assert_eq!((first, &found.body["written"]), (&json!([]), &Value::Null), "nothing was judged check by check");
    let write = async |actor: &Actor| {
        doors.json(actor, "POST", "/coaching/rep-insights/write", json!({"rep_id": dana.id})).await
    };
    let refused = write(dana).await;
    assert_eq!((refused.status, refused.body["detail"].as_str().unwrap().contains("no model judges")), (409, true));
    assert_eq!(write(sam).await.status, 404, "a colleague's");
    let moments = doors.get(sam, "/coaching/moments").await;
    assert_eq!((moments.status, &moments.body), (200, &json!({"week": "2026-09-14", "items": []})));
}

async fn learning_points_are_of_what_one_may_see(db: TestDb) {
    let doors = Doors::new(db).await;
    let People { north, south, dana, nora, milo, .. } = &doors.people;
    for rep in [dana, milo] {
        for _ in 0..5 {
            let checks = vec![("impact_quantified", "unmet", Some((1, 7, 5)))];
            let given = Given { dimensions: vec![("discovery", Some(50.0), 1.0, checks)], ..Given::scored(50.0) };
            given.keep(&doors.db, rep, "2026-09-15").await;
        }
    }
    let found = doors.get(nora, &format!("/coaching/learning-points?team_id={north}")).await;
    assert_eq!((found.status, &found.body["calls"], &found.body["reps"]), (200, &json!(5), &json!(1)));
    let point = &found.body["learning_points"][0];
    assert_eq!((&point["check"], &point["evidence"][0]["quote"]), (&json!("impact_quantified"), &json!("400 €")));
    assert_eq!(point["evidence"][0]["rep"]["name"], "Dana");
    assert_eq!(doors.get(nora, "/coaching/learning-points").await.body, found.body, "all that she sees");
    let other = format!("/coaching/learning-points?team_id={south}");
    assert_eq!(doors.get(nora, &other).await.status, 404);
    assert_eq!(doors.json(nora, "POST", &other.replace('?', "/write?"), Value::Null).await.status, 404);
    let write = doors.send(nora, "POST", "/coaching/learning-points/write", "", "").await;
    assert_eq!((write.status, write.body["detail"].as_str().unwrap().contains("no model judges")), (409, true));
    for (query, field) in [("since=0001-01-01", "since"), ("since=2024-01-01", "since"), ("until=1800-01-01", "until")]
    {
        let reply = doors.get(nora, &format!("/coaching/learning-points?{query}")).await;
        assert_eq!((reply.status, reply.body["errors"][field].is_array()), (422, true), "{query}: {}", reply.body);
    }
}

async fn admins_write_rubrics_and_everybody_reads_them(db: TestDb) {
    let doors = Doors::new(db).await;
    let People { dana, nora, coach, admin, .. } = &doors.people;
    let yaml = include_str!("../../../rubrics/service.yaml").replacen("id: service", "id: care", 1);
    for (actor, status) in [(dana, 403), (nora, 403), (coach, 403), (admin, 201)] {
        let reply = doors.send(actor, "POST", "/rubrics", "application/yaml", &yaml).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        if status == 201 {
            assert_eq!(reply.location.as_deref(), Some("/api/v1/rubrics/care"));
        }
    }
    let mut document = doors.get(coach, "/rubrics/care").await.body["document"].clone();
    assert_eq!(document["dimensions"].as_array().unwrap().len(), 4);
    let stale = doors.json(admin, "PUT", "/rubrics/care", document.clone()).await;
    assert_eq!((stale.status, stale.body["detail"].as_str().unwrap().contains("next version is 2")), (409, true));
    document["version"] = json!(2);
    document["dimensions"][0]["weight"] = json!(-1);
    let wrong = doors.json(admin, "PUT", "/rubrics/care", document.clone()).await;
    assert_eq!((wrong.status, wrong.body["errors"]["document"].is_array()), (422, true));
    document["dimensions"][0]["weight"] = json!(40);
    for (actor, status) in [(nora, 403), (admin, 200)] {
        assert_eq!(doors.json(actor, "PUT", "/rubrics/care", document.clone()).await.status, status);
    }
    let heads = doors.get(dana, "/rubrics").await.body;
    assert_eq!((&heads[2]["id"], &heads[2]["version"], &heads[2]["checks"]), (&json!("care"), &json!(2), &json!(7)));
    let versions = doors.get(dana, "/rubrics/care/versions").await.body;
    assert_eq!(versions.as_array().unwrap().len(), 2);
    assert_eq!(doors.get(dana, "/rubrics/care?version=1").await.body["version"], 1);
    assert_eq!(doors.get(dana, "/rubrics/care?version=3").await.status, 404);
    assert_eq!(doors.send(coach, "DELETE", "/rubrics/care", "", "").await.status, 403);
    assert_eq!(doors.send(admin, "DELETE", "/rubrics/default", "", "").await.status, 409);
    assert_eq!(doors.send(admin, "DELETE", "/rubrics/care", "", "").await.status, 204);
    assert_eq!(doors.get(dana, "/rubrics").await.body.as_array().unwrap().len(), 2);
    assert!(doors.get(dana, "/rubrics/care").await.body["retired_at"].is_string());

    for (kind, body, status) in [
        ("text/plain", "x", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("", "x", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json", "{", StatusCode::BAD_REQUEST),
        ("application/json", "{\"id\": \"\\u0000\"}", StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json; charset=utf-8", "{}", StatusCode::UNPROCESSABLE_ENTITY),
        ("text/yaml", "id: [", StatusCode::UNPROCESSABLE_ENTITY),
        ("application/yaml", "", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let reply = doors.send(admin, "POST", "/rubrics", kind, body).await;
        assert_eq!(reply.status, status.as_u16(), "{kind} {body}: {}", reply.body);
    }
}

async fn admins_and_managers_write_trackers_and_everybody_reads_them(db: TestDb) {
    let doors = Doors::new(db).await;
    let People { dana, nora, coach, admin, .. } = &doors.people;
    let new = json!({"id": "rivals", "name": "Rivals", "side": "external", "phrases": ["acme"]});
    for (actor, status) in [(dana, 403), (coach, 403), (nora, 201), (admin, 409)] {
        assert_eq!(doors.json(actor, "POST", "/trackers", new.clone()).await.status, status);
    }
    let all = doors.get(dana, "/trackers").await.body;
    let own: Vec<_> = all.as_array().unwrap().iter().filter(|tracker| tracker["source"] == "own").collect();
    assert_eq!((own.len(), &own[0]["side"], &own[0]["updated_by"]), (1, &json!("external"), &json!(nora.id)));
    assert!(all.as_array().unwrap().len() > 5);
    assert_eq!(doors.get(coach, "/trackers/pricing").await.body["source"], "builtin");
    let change = json!({"name": "Rivals", "phrases": ["globex"]});
    for (actor, path, status) in
        [(dana, "rivals", 403), (admin, "rivals", 200), (admin, "pricing", 409), (admin, "others", 404)]
    {
        assert_eq!(
            doors.json(actor, "PUT", &format!("/trackers/{path}"), change.clone()).await.status,
            status,
            "{path}"
        );
    }
    let wrong = doors.json(admin, "PUT", "/trackers/rivals", json!({"name": "x", "phrases": ["(x"]})).await;
    assert_eq!((wrong.status, wrong.body["errors"]["phrases"].is_array()), (422, true));
    let changed = doors.get(dana, "/trackers/rivals").await.body;
    assert_eq!((&changed["phrases"], &changed["side"]), (&json!(["globex"]), &Value::Null));
    for (actor, status) in [(dana, 403), (nora, 204), (nora, 404)] {
        assert_eq!(doors.send(actor, "DELETE", "/trackers/rivals", "", "").await.status, status);
    }
}

/// A form with a file and further fields.
fn form(file_name: &str, file: &str, more: &[(&str, &str)]) -> String {
    let part =
        |head: String, body: &str| format!("--border\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let mut form = String::new();
    if !file_name.is_empty() {
        form += &part(format!("name=\"file\"; filename=\"{file_name}\""), file);
    }
    for (name, value) in more {
        form += &part(format!("name=\"{name}\""), value);
    }
    form + "--border--\r\n"
}

async fn admins_and_managers_bring_documents_and_everybody_reads_them(db: TestDb) {
    let doors = Doors::new(db).await;
    let People { dana, nora, coach, admin, .. } = &doors.people;
    let kind = "multipart/form-data; boundary=border";
    let bring = async |actor: &Actor, path: &str, form: String| doors.send(actor, "POST", path, kind, &form).await;
    let sheet = "# Dockline\n\n## Pricing\n\nA door costs 49 euros.\n";
    for (actor, status) in [(dana, 403), (coach, 403), (nora, 201), (admin, 409)] {
        let reply = bring(actor, "/knowledge", form("sheet.md", sheet, &[])).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        if status == 201 {
            let place = format!("/api/v1/knowledge/{}?version=1", reply.body["id"].as_str().unwrap());
            assert_eq!(reply.location, Some(place));
            assert_eq!((&reply.body["kind"], &reply.body["created_by"]), (&json!("markdown"), &json!(nora.id)));
        }
    }
    let all = doors.get(dana, "/knowledge").await.body;
    assert_eq!((all.as_array().unwrap().len(), &all[0]["name"]), (1, &json!("Dockline")));
    let at = format!("/knowledge/{}", all[0]["id"].as_str().unwrap());

    let versions = format!("{at}/versions");
    let dearer = sheet.replace("49", "59");
    for (actor, path, text, status) in [
        (dana, &versions, &dearer, 403),
        (nora, &versions, &dearer, 201),
        (nora, &versions, &dearer, 409),
        (nora, &"/knowledge/0199c0ff-ee12-7000-8000-00000000ca11/versions".to_owned(), &dearer, 404),
        (nora, &"/knowledge/none/versions".to_owned(), &dearer, 404),
    ] {
        let reply = bring(actor, path, form("sheet.md", text, &[("name", "Dockline 2026")])).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
    }
    let now = doors.get(coach, &at).await.body;
    assert_eq!((&now["version"], &now["name"]), (&json!(2), &json!("Dockline 2026")));
    let old = doors.get(coach, &format!("{at}?version=1")).await.body;
    assert_eq!((&old["latest"], &old["parts"][0]["text"]), (&json!(2), &json!("A door costs 49 euros.")));
    assert_eq!(doors.get(coach, &format!("{at}?version=3")).await.status, 404);
    let ids = [&now, &old].map(|document| document["parts"][0]["id"].as_str().unwrap().to_owned()).join(",");
    let cited = doors.get(dana, &format!("/knowledge/sections?ids={ids},ffffffffff.v1.1")).await.body;
    assert_eq!((cited.as_array().unwrap().len(), &cited[1]["current"]), (2, &json!(false)));
    assert_eq!(
        (&cited[0]["heading"], &cited[0]["text"]),
        (&json!("Dockline › Pricing"), &json!("A door costs 59 euros."))
    );
    let many = vec!["ffffffffff.v1.1"; 101].join(",");
    for wrong in ["", "k1", "ffffffffff.v1.1,", &many] {
        let reply = doors.get(dana, &format!("/knowledge/sections?ids={wrong}")).await;
        assert_eq!((reply.status, reply.body["errors"]["ids"].is_array()), (422, true), "{wrong}");
    }
    assert_eq!(doors.get(dana, "/knowledge/sections").await.status, 422);

    for (actor, method, path, status) in [
        (dana, "DELETE", at.clone(), 403),
        (nora, "POST", format!("{at}/restore"), 409),
        (nora, "DELETE", at.clone(), 204),
        (nora, "DELETE", at.clone(), 404),
        (dana, "POST", format!("{at}/restore"), 403),
        (dana, "GET", at.clone(), 200),
    ] {
        assert_eq!(doors.send(actor, method, &path, "", "").await.status, status, "{method} {path}");
    }
    assert_eq!(doors.get(dana, "/knowledge").await.body, json!([]));
    assert!(doors.get(dana, "/knowledge?retired=true").await.body[0]["retired_at"].is_string());
    assert_eq!(doors.send(admin, "POST", &format!("{at}/restore"), "", "").await.body["retired_at"], Value::Null);

    let long = "x".repeat(5_000_001);
    for (form, status, field) in [
        (form("sheet.docx", "x", &[]), 422, "file"),
        (form("sheet.md", " ", &[]), 422, "file"),
        (form("sheet.pdf", "%PDF-1.7 and nothing else", &[]), 422, "file"),
        (form("sheet.md", &long, &[]), 413, ""),
        (form("", "", &[("name", "x")]), 422, "file"),
        (form("", "", &[]), 422, "file"),
        (form("sheet.md", "x", &[("name", " ")]), 422, "name"),
        (form("sheet.md", "x", &[("name", &"x".repeat(201))]), 422, "name"),
        (form("sheet.md", "x", &[("file", "y")]), 422, "file"),
        (form("sheet.md", "x", &[("title", "y")]), 422, ""),
        (form("sheet.md", "x", &[]).replace("--border--", ""), 400, ""),
    ] {
        let reply = bring(admin, "/knowledge", form).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        assert!(field.is_empty() || reply.body["errors"][field].is_array(), "{field}: {}", reply.body);
        assert!(reply.body["detail"].as_str().is_some_and(|text| text.len() > 10), "{}", reply.body);
    }
    assert_eq!(doors.send(admin, "POST", "/knowledge", "text/plain", sheet).await.status, 415);
    assert_eq!(doors.get(dana, "/knowledge").await.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_operation_is_described_with_an_example_of_its_body() {
    let db = TestDb::sqlite().await;
    let door = Door {
        analyst: Analyst::default(),
        redact: transcript::redact::RedactKinds::default(),
        db: (*db).clone(),
        blobs: Blobs::local(&db.dir().join("blobs")).unwrap(),
        clock: Clock::system(),
        zone: Tz::UTC,
        rubric: "default".to_owned(),
    };
    let (_, api) = router(door).split_for_parts();
    let api = serde_json::to_value(&api).unwrap();
    let paths = api["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 33, "{:?}", paths.keys());
    for (path, operation) in
        paths.iter().flat_map(|(path, item)| item.as_object().unwrap().values().map(move |o| (path, o)))
    {
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{path}");
        let Some(body) = operation["requestBody"]["content"].get("application/json") else { continue };
        let name = body["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        assert!(
            !api["components"]["schemas"][name]["example"].is_null(),
            "{name}: {}",
            api["components"]["schemas"][name]
        );
    }
}

db::on_both!(
    figures_come_in_pages_and_for_the_period_that_is_asked_for,
    insights_are_asked_for_by_the_name_of_a_period_or_its_days,
    learning_points_are_of_what_one_may_see,
    admins_write_rubrics_and_everybody_reads_them,
    admins_and_managers_write_trackers_and_everybody_reads_them,
    admins_and_managers_bring_documents_and_everybody_reads_them,
);
