//! The API of Gong, asked over bare sockets.

use crate::http::{Answer, ask};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use serde_json::{Value, json};
use sim::gong::{ACCESS_KEY, Settings};
use sim::{Fault, Gong, Time};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use transcript::Side;

pub const DAY: TimeDelta = TimeDelta::days(1);

/// What the tests begin with: a clock that stands, ten calls a day for thirty days before it, no limit.
pub fn settings() -> Settings {
    let begin = DateTime::from_timestamp(1_793_606_400, 0).unwrap();
    Settings {
        time: Time::by(Clock::fixed(begin)),
        backlog: 300,
        per_second: f64::INFINITY,
        page: 20,
        ..Settings::default()
    }
}

pub fn basic((user, password): (&str, &str)) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

fn get(gong: &Gong, path: &str) -> Answer {
    ask("GET", &format!("{}{path}", gong.url()), &[("authorization", &basic(ACCESS_KEY))], "")
}

pub fn post(gong: &Gong, path: &str, body: &Value) -> Answer {
    ask("POST", &format!("{}{path}", gong.url()), &[("authorization", &basic(ACCESS_KEY))], &body.to_string())
}

fn faulty(gong: &Gong, path: &str, body: &Value, fault: &str) -> Answer {
    let headers = [("authorization", &*basic(ACCESS_KEY)), ("x-sim-fault", fault)];
    ask("POST", &format!("{}{path}", gong.url()), &headers, &body.to_string())
}

fn iso(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn window(from: DateTime<Utc>, to: DateTime<Utc>) -> Value {
    json!({"fromDateTime": iso(from), "toDateTime": iso(to)})
}

/// The path of `GET /v2/calls` for this window.
fn list(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    format!("/v2/calls?fromDateTime={}&toDateTime={}", iso(from), iso(to))
}

/// All there is in this list of an answer.
fn items<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().unwrap_or_else(|| panic!("{name} in {answer}"))
}

fn ids(answer: &Value) -> Vec<String> {
    items(answer, "calls").iter().map(|call| text(call.get("metaData").unwrap_or(call), "id")).collect()
}

pub fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_else(|| panic!("{name} in {object}")).to_owned()
}

fn moment(text: &Value) -> Option<DateTime<Utc>> {
    text.as_str().map(|text| DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

/// The pages of a POST, each with its cursor in the body.
fn pages(gong: &Gong, path: &str, body: &Value) -> Vec<Value> {
    let (mut body, mut pages) = (body.clone(), Vec::new());
    loop {
        let page = post(gong, path, &body);
        assert_eq!(page.status, 200, "{}", page.body);
        let page = page.json();
        let cursor = page["records"]["cursor"].clone();
        pages.push(page);
        if cursor.is_null() {
            return pages;
        }
        body["cursor"] = cursor;
    }
}

/// All calls of the backlog, at length.
fn all_at_length(gong: &Gong, selector: &Value) -> Vec<Value> {
    let body = json!({"filter": {}, "contentSelector": selector});
    pages(gong, "/v2/calls/extensive", &body).iter().flat_map(|page| items(page, "calls").to_vec()).collect()
}

#[test]
fn strangers_are_refused_and_every_error_has_one_shape() {
    let gong = Gong::with(settings());
    let now = gong.time().now();
    let url = format!("{}{}", gong.url(), list(now - DAY, now));
    let with = |header: &str| ask("GET", &url, &[("authorization", header)], "");
    let wrong = [basic((ACCESS_KEY.0, "wrong")), "Bearer wrong".to_owned(), "Basic !".to_owned(), "wrong".to_owned()];
    let mut refused: Vec<(u16, Answer)> = wrong.iter().map(|header| (401, with(header))).collect();
    refused.push((401, ask("GET", &url, &[], "")));
    refused.push((401, post(&gong, "/oauth2/generate-customer-token", &json!({}))));
    refused.push((400, get(&gong, "/v2/calls")));
    refused.push((400, get(&gong, "/v2/calls?fromDateTime=2026-11-01T00:00:00Z")));
    refused.push((400, get(&gong, "/v2/calls?fromDateTime=2026-11-01&toDateTime=2026-11-02")));
    refused.push((400, get(&gong, &list(now, now - DAY))));
    let extensive = "/v2/calls/extensive";
    for body in [
        json!([]),
        json!({}),
        json!({"filter": {"callIds": 7}}),
        json!({"filter": {"callIds": [7]}}),
        json!({"filter": {}, "contentSelector": {"context": "Everything"}}),
        json!({"filter": {}, "contentSelector": {"contextTiming": ["Now"]}}),
        json!({"filter": {}, "cursor": "x.y.z"}),
    ] {
        refused.push((400, post(&gong, extensive, &body)));
    }
    let cut = ask("POST", &format!("{}{extensive}", gong.url()), &[("authorization", &basic(ACCESS_KEY))], "{\"filter");
    refused.push((400, cut));
    refused.push((404, get(&gong, "/v2/calls/77")));
    refused.push((404, get(&gong, "/v2/users/77")));
    refused.push((404, get(&gong, "/v2/nothing")));
    refused.push((405, get(&gong, extensive)));
    let nobody = json!({"filter": {"callIds": ["77"]}});
    refused.push((404, post(&gong, extensive, &nobody)));
    refused.push((404, post(&gong, "/v2/calls/transcript", &nobody)));
    refused.push((404, get(&gong, &list(now + DAY, now + DAY * 2))));
    for (at, (status, answer)) in refused.iter().enumerate() {
        assert_eq!(answer.status, *status, "{at}: {}", answer.body);
        let (told, body) = (answer.json(), &answer.body);
        assert!(told["requestId"].is_string() && told["errors"][0].is_string(), "{at}: {body}");
        assert_eq!(told.as_object().unwrap().len(), 2, "{at}: {body}");
    }
    assert_eq!(with(&basic(ACCESS_KEY)).status, 200);
}

#[test]
fn pages_follow_cursors_that_belong_to_their_request() {
    let gong = Gong::with(settings());
    let (begin, path) = (gong.time().now(), "/v2/calls/extensive");
    let end = begin - DAY / 4;
    let body = json!({"filter": window(begin - DAY * 40, end)});
    let first = post(&gong, path, &body).json();
    let cursor = text(&first["records"], "cursor");
    assert_eq!(cursor.split('.').count(), 3, "as a JWT");
    let pages = pages(&gong, path, &body);
    let fresh: Vec<String> = pages.iter().flat_map(ids).collect();
    assert_eq!(first["records"]["totalRecords"], fresh.len());
    assert_eq!(fresh.iter().collect::<BTreeSet<_>>().len(), fresh.len());
    assert!((290..=300).contains(&fresh.len()), "{}", fresh.len());
    let numbers: Vec<_> = pages.iter().map(|page| page["records"]["currentPageNumber"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..fresh.len().div_ceil(20) as u64).collect::<Vec<_>>());
    assert_eq!(pages[0]["records"]["currentPageSize"], 20);

    // In the query of a POST a cursor is overlooked: the first page again.
    let again = post(&gong, &format!("{path}?cursor={cursor}"), &body).json();
    assert_eq!((ids(&again), &again["records"]["currentPageNumber"]), (ids(&first), &json!(0)));

    let with = |mut body: Value, cursor: &str| {
        body["cursor"] = cursor.into();
        body
    };
    let second = post(&gong, path, &with(body.clone(), &cursor)).json();
    assert_eq!(ids(&second), ids(&pages[1]));
    let mut other = body.clone();
    other["filter"]["toDateTime"] = iso(begin - DAY).into();
    assert_eq!(post(&gong, path, &with(other, &cursor)).status, 400);
    assert_eq!(post(&gong, "/v2/calls/transcript", &with(body.clone(), &cursor)).status, 400);
    let [head, claims, signature]: [&str; 3] = cursor.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["page"] = 3.into();
    let forged = format!("{head}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    assert_eq!(post(&gong, path, &with(body, &forged)).status, 400);

    // In a GET it is in the query.
    let listed = get(&gong, &list(begin - DAY * 40, end)).json();
    assert_eq!(ids(&listed), ids(&first));
    let cursor = text(&listed["records"], "cursor");
    let next = get(&gong, &format!("{}&cursor={cursor}", list(begin - DAY * 40, end))).json();
    assert_eq!(ids(&next), ids(&second));
    assert_eq!(get(&gong, &format!("{}&cursor={cursor}", list(begin - DAY * 39, end))).status, 400);
}

#[test]
fn a_list_without_end_stays_as_it_was_at_its_first_page() {
    let gong = Gong::with(Settings { backlog: 30, ..settings() });
    let body = json!({"filter": {}});
    let first = post(&gong, "/v2/calls/extensive", &body).json();
    gong.time().advance(DAY);
    let mut next = body.clone();
    next["cursor"] = first["records"]["cursor"].clone();
    let second = post(&gong, "/v2/calls/extensive", &next).json();
    assert_eq!((items(&second, "calls").len(), &second["records"]["cursor"]), (10, &Value::Null));
    assert_eq!(post(&gong, "/v2/calls/extensive", &body).json()["records"]["totalRecords"], 30 + 144);
}

#[test]
fn the_window_compares_the_planned_time_where_there_is_one() {
    let gong = Gong::with(settings());
    let calls = all_at_length(&gong, &json!({}));
    assert_eq!(calls.len(), 300);
    let times: Vec<_> = calls
        .iter()
        .map(|call| &call["metaData"])
        .map(|meta| (text(meta, "id"), moment(&meta["scheduled"]), moment(&meta["started"]).unwrap()))
        .collect();
    assert!(times.iter().any(|(_, scheduled, _)| scheduled.is_none()));
    let apart = |(_, scheduled, started): &&(String, Option<DateTime<Utc>>, DateTime<Utc>)| {
        scheduled.is_some_and(|scheduled| *started - scheduled > TimeDelta::minutes(30))
    };
    let (id, scheduled, started) = times.iter().find(apart).unwrap();
    let between = scheduled.unwrap() + (*started - scheduled.unwrap()) / 2;
    let has = |from, to| {
        let answer = get(&gong, &list(from, to));
        answer.status == 200 && ids(&answer.json()).contains(id)
    };
    assert!(has(between - TimeDelta::hours(3), between));
    assert!(!has(between, between + TimeDelta::hours(3)));
    // From is inclusive, to is not.
    let planned = scheduled.unwrap();
    assert!(has(planned, planned + DAY / 24) && !has(planned - DAY / 24 * 8, planned));
    let (id, _, started) = times.iter().find(|(_, scheduled, _)| scheduled.is_none()).unwrap();
    let second = TimeDelta::seconds(1);
    assert!(ids(&get(&gong, &list(*started, *started + second)).json()).contains(id));
    // Whatever the filter, it agrees with what it tells.
    let (from, to) = (gong.time().now() - DAY * 10, gong.time().now() - DAY * 7);
    let body = json!({"filter": window(from, to)});
    let found: BTreeSet<String> = pages(&gong, "/v2/calls/extensive", &body).iter().flat_map(ids).collect();
    let expected = times.iter().filter(|(_, scheduled, started)| (from..to).contains(&scheduled.unwrap_or(*started)));
    assert_eq!(found, expected.map(|(id, _, _)| id.clone()).collect());
    let rep = text(&calls[7]["metaData"], "primaryUserId");
    let of_rep = json!({"filter": {"primaryUserIds": [rep], "callIds": [text(&calls[7]["metaData"], "id"), "77"]}});
    assert_eq!(ids(&post(&gong, "/v2/calls/extensive", &of_rep).json()), [text(&calls[7]["metaData"], "id")]);
    let elsewhere = json!({"filter": {"workspaceId": "62"}});
    assert_eq!(post(&gong, "/v2/calls/extensive", &elsewhere).status, 404);
}

#[test]
fn what_is_not_selected_is_absent() {
    let gong = Gong::with(settings());
    let now = gong.time().now();
    let ask = |selector: Value| {
        let body = json!({"filter": window(now - DAY, now), "contentSelector": selector});
        post(&gong, "/v2/calls/extensive", &body).json()["calls"][0].clone()
    };
    let fields = |value: &Value| -> Vec<String> {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.retain(|name| name != "notInTheReference");
        names.sort();
        names
    };
    assert_eq!(fields(&ask(json!({}))), ["metaData"]);
    let some = ask(json!({"exposedFields": {"content": {"brief": true, "topics": false}, "media": false}}));
    assert_eq!(
        (fields(&some), fields(&some["content"])),
        (vec!["content".into(), "metaData".into()], vec!["brief".into()])
    );
    let basic = ask(json!({"context": "Basic"}));
    assert_eq!(fields(&basic), ["context", "metaData"]);
    assert!(items(&basic["context"][0], "objects").iter().all(|object| object["fields"] == json!([])));
    let content = json!({"structure": true, "topics": true, "trackers": true, "pointsOfInterest": true, "brief": true,
        "outline": true, "highlights": true, "callOutcome": true, "keyPoints": true});
    let interaction = json!({"speakers": true, "video": true, "personInteractionStats": true, "questions": true});
    let mut selector = json!({"context": "Extended", "contextTiming": ["Now", "TimeOfCall"], "exposedFields": {
        "parties": true, "content": content, "interaction": interaction,
        "collaboration": {"publicComments": true}, "media": true}});
    let all = ask(selector.clone());
    assert_eq!(fields(&all), ["collaboration", "content", "context", "interaction", "media", "metaData", "parties"]);
    assert_eq!(fields(&all["content"]).len(), 9);
    assert_eq!(fields(&all["interaction"]), ["interactionStats", "questions", "speakers", "video"]);
    assert_eq!(all["content"]["trackers"][0].get("occurrences"), None);
    selector["exposedFields"]["content"]["trackerOccurrences"] = true.into();
    assert!(ask(selector)["content"]["trackers"][0]["occurrences"].is_array());
    let objects = items(&all["context"][0], "objects");
    let deals: Vec<_> = objects.iter().filter(|object| object["objectType"] == "Opportunity").collect();
    assert_eq!(deals.iter().map(|deal| text(deal, "timing")).collect::<Vec<_>>(), ["Now", "TimeOfCall"]);
    let names: BTreeSet<String> = items(deals[0], "fields").iter().map(|field| text(field, "name")).collect();
    assert!(["Name", "StageName", "Amount", "CloseDate"].iter().all(|name| names.contains(*name)), "{names:?}");
    // The address of the recording works without a key, for eight hours.
    let url = text(&all["media"], "audioUrl");
    let hear = || crate::http::ask("GET", &url, &[], "").status;
    assert_eq!(hear(), 200);
    gong.time().advance(TimeDelta::hours(9));
    assert_eq!(hear(), 404);
}

#[test]
fn people_and_words_have_the_oddities_of_the_real_thing() {
    let gong = Gong::with(settings());
    let calls = all_at_length(&gong, &json!({"exposedFields": {"parties": true}}));
    let mut users = get(&gong, "/v2/users").json();
    let users = users["users"].take();
    let user = |id: &Value| users.as_array().unwrap().iter().find(|user| user["id"] == *id);
    let body = json!({"filter": {}});
    let transcripts: Vec<Value> = pages(&gong, "/v2/calls/transcript", &body)
        .iter()
        .flat_map(|page| items(page, "callTranscripts").to_vec())
        .collect();
    assert_eq!(transcripts.len(), calls.len());
    let (mut silent, mut unnamed, mut untold, mut about) = (0, 0, 0, 0);
    for (call, words) in calls.iter().zip(&transcripts) {
        let (meta, id) = (&call["metaData"], text(words, "callId"));
        assert_eq!((text(meta, "id"), id.len()), (id.clone(), 20));
        let parties = items(call, "parties");
        let rep = parties.iter().find(|party| party["userId"] == meta["primaryUserId"]).unwrap();
        assert_eq!(
            (&rep["affiliation"], &rep["emailAddress"]),
            (&json!("Internal"), &user(&rep["userId"]).unwrap()["emailAddress"])
        );
        silent += parties.iter().filter(|party| party["speakerId"].is_null()).count();
        let known: BTreeSet<&str> = parties.iter().filter_map(|party| party["speakerId"].as_str()).collect();
        let monologues = items(words, "transcript");
        let speakers: BTreeSet<String> = monologues.iter().map(|monologue| text(monologue, "speakerId")).collect();
        unnamed += speakers.iter().filter(|speaker| !known.contains(speaker.as_str())).count();
        untold += monologues.iter().filter(|monologue| monologue["topic"].is_null()).count();
        about += monologues.iter().filter(|monologue| monologue["topic"].is_string()).count();
        // The words are those of the call, in milliseconds.
        let truth = gong.truth(&id).unwrap();
        let said = monologues.iter().flat_map(|monologue| {
            let ours = monologue["speakerId"] == rep["speakerId"];
            items(monologue, "sentences").iter().map(move |sentence| (ours, sentence))
        });
        let said: Vec<_> =
            said.map(|(ours, s)| (ours, text(s, "text"), s["start"].as_u64(), s["end"].as_u64())).collect();
        let ours = |segment| truth.transcript.side(segment) == Some(Side::Internal);
        let segments = truth.transcript.segments.iter();
        let known: Vec<_> = segments.map(|s| (ours(s), s.text.clone(), s.start_ms, s.end_ms)).collect();
        assert_eq!(said, known);
        assert_eq!(moment(&meta["started"]), moment(&json!(truth.start_time)));
        assert_eq!(meta["duration"], truth.duration_seconds);
    }
    assert!(silent > 20 && unnamed > 10 && untold > 20 && about > 20, "{silent} {unnamed} {untold} {about}");
    let notations: BTreeSet<usize> = calls.iter().map(|call| text(&call["metaData"], "started").len()).collect();
    assert!(notations.len() >= 3, "{notations:?}");
    let odd = calls.iter().filter(|call| !call["metaData"]["notInTheReference"].is_null()).count();
    assert!((20..90).contains(&odd), "{odd}");
}

#[test]
fn users_and_workspaces_are_told() {
    let gong = Gong::with(Settings { page: 4, ..settings() });
    let first = get(&gong, "/v2/users").json();
    let cursor = text(&first["records"], "cursor");
    let second = get(&gong, &format!("/v2/users?cursor={cursor}")).json();
    assert_eq!((items(&first, "users").len(), items(&second, "users").len()), (4, 4));
    let amara = &first["users"][0];
    assert_eq!((&amara["emailAddress"], &amara["active"]), (&json!("amara@brightlane.example"), &json!(true)));
    assert_eq!(get(&gong, &format!("/v2/users/{}", text(amara, "id"))).json()["user"], *amara);
    assert_eq!(get(&gong, &format!("/v2/users/{}", text(amara, "managerId"))).json()["user"]["firstName"], "Ingrid");
    let one = json!({"filter": {"userIds": [amara["id"]]}});
    assert_eq!(post(&gong, "/v2/users/extensive", &one).json()["users"], json!([amara]));
    let none = post(&gong, "/v2/users/extensive", &json!({"filter": {"userIds": ["77"]}})).json();
    assert_eq!((&none["users"], &none["records"]["totalRecords"]), (&json!([]), &json!(0)));
    let workspace = text(&get(&gong, "/v2/workspaces").json()["workspaces"][0], "id");
    let body = json!({"filter": {"workspaceId": workspace}});
    assert_eq!(post(&gong, "/v2/calls/extensive", &body).json()["records"]["totalRecords"], 300);
}

#[test]
fn a_call_is_there_when_it_has_finished_and_its_transcript_later() {
    let gong = Gong::with(Settings { backlog: 0, transcript_after: Duration::from_mins(5), ..settings() });
    let begin = gong.time().now();
    let window = json!({"filter": window(begin - DAY, begin + DAY)});
    let look = || {
        let status = |path: &str| post(&gong, path, &window).status;
        (gong.finished().len(), status("/v2/calls/extensive"), status("/v2/calls/transcript"))
    };
    let next = gong.id(0).unwrap();
    let by_id = || post(&gong, "/v2/calls/extensive", &json!({"filter": {"callIds": [next]}})).status;
    assert_eq!(by_id(), 404);
    assert_eq!((look(), get(&gong, &format!("/v2/calls/{next}")).status), ((0, 404, 404), 404));
    gong.time().advance(TimeDelta::minutes(10));
    assert_eq!((look(), get(&gong, &format!("/v2/calls/{next}")).status), ((1, 200, 404), 200));
    assert_eq!(by_id(), 200);
    gong.time().advance(TimeDelta::minutes(5));
    assert_eq!(look(), (1, 200, 200));
    // One call without a transcript beside one that has it is left out.
    gong.time().advance(TimeDelta::minutes(6));
    let calls = post(&gong, "/v2/calls/extensive", &window).json();
    let words = post(&gong, "/v2/calls/transcript", &window).json();
    assert_eq!((ids(&calls), gong.finished()), (vec![next.clone(), gong.id(1).unwrap()], ids(&calls)));
    assert_eq!((items(&words, "callTranscripts").len(), text(&words["callTranscripts"][0], "callId")), (1, next));
}

#[test]
fn the_same_seed_is_the_same_world() {
    let all =
        json!({"context": "Extended", "exposedFields": {"parties": true, "content": {"brief": true, "outline": true}}});
    let of = |seed| all_at_length(&Gong::with(Settings { seed, backlog: 40, ..settings() }), &all);
    assert!(of(3) == of(3));
    let ids = |calls: Vec<Value>| calls.iter().map(|call| text(&call["metaData"], "id")).collect::<BTreeSet<_>>();
    assert!(ids(of(3)).is_disjoint(&ids(of(4))));
}

#[test]
fn too_much_is_refused_until_it_may_be_asked_again() {
    let gong = Gong::with(Settings { per_second: 3.0, per_day: 7, ..settings() });
    let ask = || get(&gong, "/v2/workspaces");
    let begun = Instant::now();
    let first: Vec<u16> = (0..4).map(|_| ask().status).collect();
    if begun.elapsed() < Duration::from_millis(300) {
        assert_eq!(first, [200, 200, 200, 429]);
    }
    while ask().status == 200 {}
    let limited = ask();
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("1")));
    assert!(limited.json()["errors"][0].is_string());
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(ask().status, 200);
    // The limit of the day goes by the simulator's.
    let spent = (0..60).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let answer = ask();
        answer.header("retry-after").filter(|wait| *wait != "1").map(str::to_owned)
    });
    assert_eq!(spent.as_deref(), Some("57600"), "16 hours until midnight");
    gong.time().run(600.0);
    assert_eq!(ask().header("retry-after"), Some("96"), "of which each passes in a six-hundredth");
    gong.time().advance(TimeDelta::hours(16));
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(ask().status, 200);
    // Strangers use up nothing.
    let strangers = (0..50).map(|_| crate::http::ask("GET", &format!("{}/v2/users", gong.url()), &[], "").status);
    assert!(strangers.into_iter().all(|status| status == 401));
}

#[test]
fn faults_are_told_as_the_service_would() {
    let gong = Gong::with(settings());
    let (path, body) = ("/v2/calls/extensive", json!({"filter": {}}));
    let limited = faulty(&gong, path, &body, "status=429;retry-after=2");
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("2")));
    assert_eq!(limited.json()["errors"], json!(["Too Many Requests"]));
    assert_eq!(faulty(&gong, path, &body, "status=500").json()["errors"], json!(["Internal Server Error"]));
    assert_eq!(faulty(&gong, path, &body, "reset").status, 0);
    let half = faulty(&gong, path, &body, "truncate-json");
    assert!(half.status == 200 && serde_json::from_str::<Value>(&half.body).is_err());
    let begun = Instant::now();
    assert_eq!(faulty(&gong, path, &body, "delay=300").status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let odd = faulty(&gong, path, &body, "unknown-field").json();
    assert!(!odd["notInTheReference"].is_null());
    assert!(items(&odd, "calls").iter().all(|call| !call["metaData"]["notInTheReference"].is_null()));

    // A page comes twice, and nothing is lost for whoever goes on with the cursor that came with it.
    let first = post(&gong, path, &body).json();
    let mut next = body.clone();
    next["cursor"] = first["records"]["cursor"].clone();
    let again = faulty(&gong, path, &next, "duplicate-page").json();
    assert_eq!((ids(&again), &again["records"]["currentPageNumber"]), (ids(&first), &json!(0)));
    assert_ne!(again["records"]["cursor"], first["records"]["cursor"]);
    next["cursor"] = again["records"]["cursor"].clone();
    let second = post(&gong, path, &next).json();
    assert_eq!(second["records"]["currentPageNumber"], 1);
    assert!(ids(&second).iter().all(|id| !ids(&first).contains(id)));
    gong.faults().next(1, &Fault::DuplicatePage);
    assert_eq!(ids(&post(&gong, path, &body).json()), ids(&first), "before the first page there is none");
}

#[test]
fn trouble_meets_its_share_of_the_api_and_nothing_else() {
    let play = |seed| {
        let gong = Gong::with(Settings { trouble: 0.4, seed, ..settings() });
        let asked = |number: usize| {
            if number.is_multiple_of(10) {
                let consent = ask("GET", &format!("{}/oauth2/authorize", gong.url()), &[], "");
                assert_eq!(consent.status, 400);
            }
            begun(&gong, "/v2/workspaces")
        };
        (0..60).map(asked).collect::<Vec<_>>()
    };
    let played = play(1);
    let count = |end: &str| played.iter().filter(|known| **known == end).count();
    assert!(["reset", "429", "500", "stalled"].iter().all(|end| (2..15).contains(&count(end))), "{played:?}");
    assert!((25..50).contains(&count("200")), "{played:?}");
    assert!(played == play(1) && played != play(2));
}

/// The status of an answer; or how it ended before its body came.
fn begun(gong: &Gong, path: &str) -> String {
    use std::io::{BufRead as _, BufReader, Write as _};
    let mut socket = std::net::TcpStream::connect(gong.url().trim_start_matches("http://")).unwrap();
    let auth = basic(ACCESS_KEY);
    write!(socket, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {auth}\r\n\r\n").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let lines: Result<Vec<String>, _> = BufReader::new(socket).lines().collect();
    match lines {
        Ok(lines) => lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or("nothing").to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => "reset".to_owned(),
        Err(_) => "stalled".to_owned(),
    }
}

#[test]
fn a_fast_clock_finishes_calls() {
    let gong = Gong::with(Settings { backlog: 0, ..Settings::default() });
    let clock = format!("{}/__sim/clock", gong.url());
    let set = |wish: &str| ask("POST", &clock, &[], wish);
    let told = set(r#"{"speed": 36000}"#);
    assert_eq!((told.status, &told.json()["speed"]), (200, &json!(36_000.0)));
    let begun = Instant::now();
    while gong.finished().len() < 30 {
        // Ten hours a second are sixty calls a second.
        assert!(begun.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(begun.elapsed() > Duration::from_millis(300), "{:?}", begun.elapsed());
    set(r#"{"speed": 0, "now": "2026-11-02T09:00:00Z"}"#);
    assert_eq!(
        (gong.finished().len(), ask("GET", &clock, &[], "").json()),
        (6, json!({"now": "2026-11-02T09:00:00.000000Z", "speed": 0.0}))
    );
    for wrong in [
        r#"{"speed": -1}"#,
        r#"{"speed": "fast"}"#,
        r#"{"speed": 1e9, "advance_s": 1}"#,
        r#"{"speed": 1, "now": "noon"}"#,
        "{}",
    ] {
        assert_eq!(set(wrong).status, 400, "{wrong}");
    }
    assert_eq!(gong.finished().len(), 6);
}
