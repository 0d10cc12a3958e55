//! Answers that no simulator gives, and what is told of them; the breaker, the figures, the request itself.

use crate::{client, now, settings};
use chrono::TimeDelta;
use fireflies::{Client, FirefliesError, Settings};
use metrics_exporter_prometheus::PrometheusBuilder;
use remote::BreakerState;
use remote::testing::{Answer, Piece, Server, answer, chunk, json, stream_end};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn url(server: &Server) -> String {
    server.url().join("graphql").unwrap().to_string()
}

fn of(server: &Server) -> Client {
    client(url(server), "key")
}

/// An answer with this for `user`.
fn user() -> Answer {
    json(200, &json!({ "data": { "user": { "name": "Ann" } } }))
}

fn error(status: u16, code: &str) -> Answer {
    json(status, &json!({ "errors": [{ "message": "x", "code": code }], "data": null }))
}

/// What comes of asking a server that gives this answer, and of asking for a transcript.
async fn ask(answer: Answer) -> (Result<Value, FirefliesError>, Result<Option<Value>, FirefliesError>) {
    let server = Server::script(vec![answer]).await;
    let client = of(&server);
    let told = (client.user().await, client.transcript("x").await);
    assert_eq!(server.seen().len(), 2, "one request a question");
    told
}

#[tokio::test]
async fn it_asks_as_the_reference_says() {
    let server =
        Server::script(vec![json(200, &json!({ "data": { "transcripts": [], "transcript": {}, "user": {} } }))]).await;
    let client = client(url(&server), " key-7\n");
    let (from, to) = (now() - TimeDelta::days(1), now());
    client.transcripts(Some(from), Some(to), 100).await.unwrap();
    client.transcripts(None, None, 0).await.unwrap();
    client.transcript("AS\"}x").await.unwrap();
    client.user().await.unwrap();
    let seen = server.seen();
    for request in &seen {
        assert_eq!(request.line, "POST /graphql");
        assert_eq!(request.header("authorization"), Some("Bearer key-7"));
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
    let variables: Vec<_> = seen.iter().map(|request| request.body["variables"].clone()).collect();
    let window = json!({ "limit": 50, "skip": 100, "fromDate": "2026-11-19T08:00:00.000Z", "toDate": "2026-11-20T08:00:00.000Z" });
    let all = json!({ "limit": 50, "skip": 0, "fromDate": null, "toDate": null });
    assert_eq!(variables, [window, all, json!({ "id": "AS\"}x" }), json!({})], "nothing is written into the query");
    assert_eq!(seen[0].body["query"], seen[1].body["query"]);
}

#[tokio::test]
async fn answers_that_are_none_are_told_apart() {
    let text = |body: &str| answer(200, &[("content-type", "application/json")], body);
    let html =
        |status| answer(status, &[("content-type", "text/html; charset=utf-8")], "<h1>Sign in to the hotel</h1>");
    let table = [
        (html(200), "not_understood"),
        (text(r#"{"data":{"user""#), "not_understood"),
        (text("[]"), "not_understood"),
        (text(r#"{"data":null}"#), "not_understood"),
        (text(r#"{"data":{"user":7,"transcript":"x"}}"#), "not_understood"),
        (text(r#"{"errors":[],"data":{}}"#), "not_understood"),
        (text(r#"{"errors":"no"}"#), "not_understood"),
        (Vec::new(), "unreachable"),
        (html(502), "server"),
        (html(500), "server"),
        (html(401), "denied"),
        (html(403), "denied"),
        (html(404), "not_there"),
        (html(405), "invalid"),
        (html(429), "limited"),
        (json(400, &json!({ "errors": [{ "message": "no such field" }] })), "invalid"),
        (error(500, "auth_failed"), "denied"),
        (error(400, "too_many_requests"), "limited"),
    ];
    for (answer, kind) in table {
        let (user, transcript) = ask(answer.clone()).await;
        let (user, transcript) = (user.unwrap_err(), transcript.unwrap_err());
        assert_eq!((user.kind(), transcript.kind()), (kind, kind), "{user} {answer:?}");
    }
    let (_, none) = ask(text(r#"{"data":{"transcript":null}}"#)).await;
    assert_eq!(none, Ok(None));
    let told = ask(json(400, &json!({ "errors": [{ "message": "no such field" }] }))).await.0.unwrap_err().to_string();
    assert!(told.ends_with("(status 400): no such field"), "{told}");
}

#[tokio::test]
async fn a_list_is_read_although_one_call_has_a_flaw() {
    let flawed = json!({
        "errors": [{ "message": "x", "path": ["transcripts", 1, "title"], "extensions": { "code": "INTERNAL_SERVER_ERROR" } }],
        "data": { "transcripts": [{ "id": "a" }, { "id": "b", "title": null }] },
    });
    let server = Server::script(vec![json(200, &flawed)]).await;
    assert_eq!(of(&server).transcripts(None, None, 0).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_header_counts_where_the_answer_names_no_time() {
    for (answer, seconds) in [
        (answer(429, &[("retry-after", "11")], ""), 11),
        (answer(429, &[("retry-after", "31536000")], ""), 86_400),
        (answer(429, &[], ""), 60),
    ] {
        let error = ask(answer).await.0.unwrap_err();
        assert_eq!(error.retry_at(now()), Some(now() + TimeDelta::seconds(seconds)));
    }
}

#[tokio::test]
async fn the_key_does_not_follow_a_redirection() {
    let other = Server::script(vec![user()]).await;
    for status in [301, 302, 307, 308] {
        let (user, _) = ask(answer(status, &[("location", other.url().as_str())], "")).await;
        assert_eq!((user, other.seen().len()), (Err(FirefliesError::Elsewhere { status }), 0));
    }
}

#[tokio::test]
async fn a_fireflies_that_fails_five_times_rests_and_is_tried_once() {
    let is_well = Arc::new(AtomicBool::new(false));
    let well = is_well.clone();
    let failing = move |number, _: &remote::testing::Seen| match number % 3 {
        _ if well.load(Ordering::SeqCst) => user(),
        0 => error(500, "invariant_violation"),
        1 => error(200, "INTERNAL_SERVER_ERROR"),
        _ => Vec::new(),
    };
    let server = Server::start(failing).await;
    let rest = Duration::from_millis(700);
    let client = Client::new(Settings { rest, ..settings(url(&server), "key") }).unwrap();
    for failures in 1..=5 {
        client.clone().user().await.unwrap_err();
        assert!(failures == 5 || client.state() == BreakerState::Closed { failures });
    }
    let error = client.transcripts(None, None, 0).await.unwrap_err();
    let FirefliesError::Resting { rest: left } = error else { panic!("{error:?}") };
    assert!(left <= rest && error.retry_at(now()) == Some(now() + left) && error.is_transient());
    assert_eq!(server.seen().len(), 5, "nothing is sent");
    tokio::time::sleep(rest).await;
    is_well.store(true, Ordering::SeqCst);
    client.user().await.unwrap();
    assert_eq!((client.state(), server.seen().len()), (BreakerState::Closed { failures: 0 }, 6));
}

#[tokio::test]
async fn limits_and_refusals_are_no_failures_of_fireflies() {
    let answers = ["too_many_requests", "forbidden", "GRAPHQL_VALIDATION_FAILED", "object_not_found"];
    let server = Server::start(move |number, _| error(200, answers[number % answers.len()])).await;
    let client = of(&server);
    for _ in 0..8 {
        client.user().await.unwrap_err();
    }
    assert_eq!((client.state(), server.seen().len()), (BreakerState::Closed { failures: 0 }, 8));
    let codes = ["invariant_violation", "invariant_violation", "too_many_requests"];
    let server = Server::start(move |number, _| error(200, codes[number])).await;
    let client = of(&server);
    for _ in codes {
        client.user().await.unwrap_err();
    }
    assert_eq!(client.state(), BreakerState::Closed { failures: 2 }, "nor are they a sign that it works");
}

#[tokio::test]
async fn an_answer_that_never_ends_is_not_read_for_ever() {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let server = Server::start(move |_, _| {
        let megabyte = chunk(&vec![b' '; 1 << 20]);
        let head = Piece::Bytes(head.as_bytes().to_vec());
        [head].into_iter().chain(std::iter::repeat_n(megabyte, 80)).chain([stream_end()]).collect()
    })
    .await;
    let error = of(&server).transcript("x").await.unwrap_err();
    assert_eq!(error, FirefliesError::TooLarge { most: 64 << 20 });
    assert!(error.to_string().contains("64 MB") && !error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_fireflies_that_is_not_there_is_named_with_its_port() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = client(format!("http://127.0.0.1:{port}/graphql"), "key").user().await.unwrap_err();
    let FirefliesError::Unreachable { host, why } = &error else { panic!("{error:?}") };
    assert_eq!(*host, format!("127.0.0.1:{port}"));
    assert!(why.to_lowercase().contains("refused") && error.is_transient(), "{why}");
}

#[tokio::test]
async fn requests_are_counted_by_what_became_of_them() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _counting = metrics::set_default_local_recorder(&recorder);
    ask(user()).await.0.unwrap();
    ask(error(200, "object_not_found")).await.1.unwrap();
    ask(error(401, "auth_failed")).await.0.unwrap_err();
    let mut figures: Vec<_> =
        handle.render().lines().filter(|line| line.contains("{outcome=")).map(str::to_owned).collect();
    figures.sort();
    let figure = |(outcome, count)| format!("sideline_fireflies_requests_total{{outcome=\"{outcome}\"}} {count}");
    assert_eq!(figures, [("denied", 2), ("invalid", 1), ("not_understood", 1), ("ok", 2)].map(figure));
}
