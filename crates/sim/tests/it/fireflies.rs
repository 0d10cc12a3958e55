//! The API of Fireflies, asked over bare sockets, and its webhooks, received by a server that writes down what comes.

use crate::http::{Answer, ask};
use axum::Router;
use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Clock, hex};
use serde_json::{Value, json};
use sha2::Sha256;
use sim::fireflies::{Forgery, How, KEY, Ring, Rung, Settings, Signing};
use sim::{Fault, Fireflies, Server, Time};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use transcript::{Format, Transcript};

const SECRET: &str = "a secret of the test";

/// What the tests begin with: a clock that stands, ten calls behind it, no limit.
fn settings() -> Settings {
    let begin = DateTime::from_timestamp(1_793_606_400, 0).unwrap();
    Settings { time: Time::by(Clock::fixed(begin)), backlog: 10, per_minute: u64::MAX, ..Settings::default() }
}

fn post(fireflies: &Fireflies, key: &str, body: &str) -> Answer {
    ask("POST", &fireflies.url(), &[("authorization", &format!("Bearer {key}"))], body)
}

fn query(fireflies: &Fireflies, query: &str, variables: &Value) -> Answer {
    post(fireflies, KEY, &json!({"query": query, "variables": variables}).to_string())
}

/// Status, code, and what else the error says.
fn refused(answer: &Answer) -> (u16, String, Value) {
    let told = answer.json();
    let error = &told["errors"][0];
    assert_eq!(told["data"], Value::Null);
    assert_eq!(error["code"], error["extensions"]["code"]);
    assert!(
        error["message"].is_string() && error["friendly"].is_boolean() && error["extensions"]["helpUrls"].is_array()
    );
    assert!(answer.status == 200 || error["extensions"]["status"] == answer.status, "{error}");
    (answer.status, error["code"].as_str().unwrap().to_owned(), error.clone())
}

#[test]
fn it_answers_what_was_selected_and_nothing_else() {
    let fireflies = Fireflies::with(settings());
    let text = "query($n: Int = 2) { newest: transcripts(limit: $n) { id speakers { name } } user { email } }";
    let answer = query(&fireflies, text, &json!({}));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json; charset=utf-8")));
    let data = answer.json()["data"].clone();
    assert_eq!(data.as_object().unwrap().keys().collect::<Vec<_>>(), ["newest", "user"]);
    let newest = data["newest"].as_array().unwrap();
    assert_eq!(newest.len(), 2);
    for transcript in newest {
        assert_eq!(transcript.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "speakers"]);
        let names: Vec<_> = transcript["speakers"].as_array().unwrap().iter().map(|speaker| &speaker["name"]).collect();
        let truth = fireflies.truth(transcript["id"].as_str().unwrap()).unwrap();
        assert_eq!(names, truth.transcript.participants.iter().map(|person| &person.name).collect::<Vec<_>>());
    }
    assert_eq!(data["user"].as_object().unwrap().len(), 1);
    let last = fireflies.finished().pop().unwrap();
    let one = query(
        &fireflies,
        "query($id: String!) { transcript(id: $id) { id title sentences { text } } }",
        &json!({"id": last}),
    );
    let sentence = one.json()["data"]["transcript"]["sentences"][0].clone();
    assert_eq!(sentence, json!({"text": fireflies.truth(&last).unwrap().transcript.segments[0].text}));
    assert_eq!(["transcripts", "transcript", "user", "bites"].map(|of| fireflies.served(of)), [1, 1, 1, 0]);
}

#[test]
fn what_it_tells_is_read_as_what_is_true_of_the_call() {
    let fireflies = Fireflies::with(settings());
    let all = "title date meeting_attendees { displayName email name } speakers { id name } sentences { speaker_id text start_time end_time }";
    for id in fireflies.finished() {
        let answer = query(&fireflies, &format!("{{ transcript(id: \"{id}\") {{ id {all} }} }}"), &json!({}));
        let read = transcript::parse(answer.body.as_bytes(), None).unwrap();
        let truth = fireflies.truth(&id).unwrap().transcript;
        assert_eq!((read.format, read.external_id.as_deref()), (Format::FirefliesJson, Some(&*id)));
        let said = |transcript: &Transcript| -> Vec<_> {
            let name = |speaker: Option<usize>| speaker.map(|speaker| transcript.participants[speaker].name.clone());
            let segments = transcript.segments.iter();
            segments.map(|segment| (name(segment.speaker), segment.start_ms, segment.text.clone())).collect()
        };
        assert_eq!(said(&read), said(&truth));
    }
}

#[test]
fn what_the_schema_does_not_know_is_refused() {
    let fireflies = Fireflies::with(settings());
    let table = [
        ("{ transcripts { id novel } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts { sentences { novel } } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ novel { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts(novel: 1) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts { id(x: 1) } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts { speakers } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts { id { x } } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts(limit: \"5\") { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcript { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: String!) { transcript(id: $id) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: String) { transcript(id: $id) { id } }", json!({"id": "x"}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Float) { transcripts(limit: $n) { id } }", json!({"n": 5}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts(limit: $n) { id } }", json!({"n": 5}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int) { transcripts { id } }", json!({"n": 5}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ transcripts { id }", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("mutation { deleteTranscript(id: 1) { id } }", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ transcripts(limit: 51) { id } }", json!({}), "invalid_arguments"),
        ("{ transcripts(limit: 0) { id } }", json!({}), "invalid_arguments"),
        ("{ transcripts(skip: -1) { id } }", json!({}), "invalid_arguments"),
        ("{ transcripts(fromDate: \"yesterday\") { id } }", json!({}), "invalid_arguments"),
    ];
    for (text, variables, code) in table {
        let (status, told, error) = refused(&query(&fireflies, text, &variables));
        assert_eq!((status, told.as_str()), (400, code), "{text}: {error}");
    }
    for body in ["", "[]", "{}", "{\"query\": 7}"] {
        assert_eq!(refused(&post(&fireflies, KEY, body)).1, "GRAPHQL_PARSE_FAILED", "{body}");
    }
    let (status, code, error) = refused(&query(&fireflies, "{ transcript(id: \"x\") { id } }", &json!({})));
    assert_eq!((status, code.as_str(), &error["path"]), (404, "object_not_found", &json!(["transcript"])));
    assert_eq!(refused(&post(&fireflies, "x", "")).1, "auth_failed");
    assert_eq!(refused(&ask("POST", &fireflies.url(), &[], "")).0, 401);
    let beside = fireflies.url().replace("/graphql", "/v1");
    assert_eq!((ask("POST", &beside, &[], "").status, ask("GET", &fireflies.url(), &[], "").status), (404, 405));
}

#[test]
fn limits_and_scripts_are_told_in_the_words_of_the_service() {
    for in_ok in [false, true] {
        let fireflies = Fireflies::with(Settings { per_minute: 2, in_ok, ..settings() });
        let user = || query(&fireflies, "{ user { name } }", &json!({}));
        assert_eq!([user().status, user().status], [200, 200]);
        let (status, code, error) = refused(&user());
        assert_eq!((status, code.as_str()), (if in_ok { 200 } else { 429 }, "too_many_requests"));
        let until = error["extensions"]["metadata"]["retryAfter"].as_i64();
        assert_eq!(until, Some((fireflies.time().clock().now() + TimeDelta::minutes(1)).timestamp_millis()));
        fireflies.faults().next(1, &Fault::RefuseInOk(403));
        let (status, code, _) = refused(&user());
        assert_eq!((status, code.as_str()), (200, "forbidden"));
    }
}

fn receiver() -> Server {
    Server::start(Router::new().fallback(|| async { "" }))
}

/// Waits until so many deliveries were answered, and a little longer: there are no more.
fn rung(fireflies: &Fireflies, count: usize) -> Vec<Rung> {
    let begun = Instant::now();
    while fireflies.rung().len() < count && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(150));
    let rung = fireflies.rung();
    assert_eq!(rung.len(), count, "{rung:?}");
    rung
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

#[test]
fn calls_ring_once_their_sentences_are_there() {
    let receiver = receiver();
    let ring = Ring::new(format!("{}/hooks/fireflies", receiver.url()), Signing::Hmac(SECRET.to_owned()));
    let transcript_after = Duration::from_mins(5);
    let fireflies = Fireflies::with(Settings { webhook: Some(ring), transcript_after, ..settings() });
    rung(&fireflies, 0);
    fireflies.time().advance(TimeDelta::minutes(34));
    let finished = fireflies.finished().split_off(10);
    assert_eq!(finished.len(), 3);
    assert!(rung(&fireflies, 2).iter().all(Rung::is_taken), "the third has no sentences yet");
    fireflies.time().advance(TimeDelta::minutes(1));
    rung(&fireflies, 3);
    let asked = receiver.asked();
    let mut told = BTreeSet::new();
    for asked in &asked {
        let header = |name: &str| asked.headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("x-hub-signature"), Some(&*signature(&asked.body)));
        assert_eq!(
            (header("content-type"), header("user-agent")),
            (Some("application/json"), Some("Fireflies-Webhook/1.0"))
        );
        let said: Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!((said["event"].as_str(), said.as_object().unwrap().len()), (Some("meeting.transcribed"), 3));
        assert!(said["timestamp"].as_i64().unwrap() > 1_793_606_400_000, "{said}");
        told.insert(said["meeting_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(told, finished.into_iter().collect());
}

#[test]
fn a_forgery_is_known_by_its_signature() {
    let ring = |signing| Ring { by_itself: false, ..Ring::new("http://127.0.0.1:1/hook", signing) };
    let fireflies = Fireflies::with(Settings { webhook: Some(ring(Signing::Hmac(SECRET.to_owned()))), ..settings() });
    for how in
        [How::Genuine, How::Forged(Forgery::Unsigned), How::Forged(Forgery::WrongKey), How::Forged(Forgery::Changed)]
    {
        let delivery = fireflies.delivery(3, how).unwrap();
        let told = delivery.headers.iter().find(|(name, _)| name == "x-hub-signature").map(|(_, value)| value.clone());
        assert_eq!(told == Some(signature(&delivery.body)), how == How::Genuine, "{how:?}");
        assert_eq!((told.is_none(), delivery.genuine), (how == How::Forged(Forgery::Unsigned), how == How::Genuine));
        assert_eq!(fireflies.truth(&delivery.call).is_some(), delivery.genuine);
    }
    fireflies.set_ring(Some(ring(Signing::Key)));
    let unsigned = fireflies.delivery(3, How::Genuine).unwrap();
    assert!(unsigned.headers.iter().all(|(name, _)| name != "x-hub-signature") && unsigned.genuine);
    fireflies.set_ring(None);
    assert_eq!((fireflies.delivery(3, How::Genuine), fireflies.rung().len()), (None, 0));
}
