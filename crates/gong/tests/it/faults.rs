//! Everything that goes wrong: what is told, and what is asked again.

use crate::keeper::{client, failure, now, settings, users, with};
use gong::{Filter, GongError, Refusal, Settings, everything};
use metrics_exporter_prometheus::PrometheusBuilder;
use remote::BreakerState;
use remote::testing::{Answer, Piece, Server, answer, chunk, json, stream_end};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What comes of asking a server that gives these answers, and how many requests it took.
async fn ask(answers: Vec<Answer>) -> (Result<usize, GongError>, usize) {
    let server = Server::script(answers).await;
    let (client, memory) = client(&server);
    let page = client.users(None).await;
    assert_eq!(memory.state().admitted, server.seen().len(), "each request has the right to be sent");
    (page.map(|page| page.items.len()), server.seen().len())
}

fn ok() -> Answer {
    users(&["1"], None)
}

fn head(kind: &str) -> Piece {
    Piece::Bytes(
        format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
            .into_bytes(),
    )
}

#[tokio::test]
async fn what_passes_is_asked_again_and_what_does_not_is_not() {
    let broken_off = vec![head("application/json"), chunk(br#"{"users":[]"#)];
    let page = answer(200, &[("content-type", "text/html; charset=utf-8")], "<h1>Sign in to the hotel</h1>");
    let cut = answer(200, &[("content-type", "application/json")], r#"{"requestId":"r","users":[{"id":"1""#);
    let table = [
        (failure(500, "x"), "server", 3),
        (answer(503, &[], "<html>"), "server", 3),
        (Vec::new(), "unreachable", 3),
        (broken_off, "unfinished", 3),
        (page, "not_understood", 3),
        (answer(200, &[("content-type", "text/html")], r#"{"users":[]}"#), "not_understood", 3),
        (cut, "not_understood", 3),
        (json(200, &json!({ "requestId": "r" })), "not_understood", 3),
        (answer(429, &[], ""), "limited", 3),
        (failure(400, "x"), "invalid", 1),
        (failure(401, "x"), "denied", 1),
        (failure(403, "x"), "denied", 1),
        (failure(408, "x"), "invalid", 1),
        (failure(409, "x"), "invalid", 1),
        (answer(410, &[("x-should-retry", "true"), ("retry-after", "1")], ""), "invalid", 1),
    ];
    for (answer, kind, requests) in table {
        let (page, sent) = ask(vec![answer.clone()]).await;
        let error = page.unwrap_err();
        assert_eq!((error.kind(), sent, error.is_transient()), (kind, requests, requests > 1), "{error:?}");
        if requests > 1 {
            assert_eq!(ask(vec![answer.clone(), ok()]).await, (Ok(1), 2), "{kind}");
            assert_eq!(ask(vec![answer.clone(), answer, ok()]).await, (Ok(1), 3), "{kind}");
        }
    }
}

#[tokio::test]
async fn a_short_wait_is_waited_for_and_all_are_told() {
    let begun = Instant::now();
    let server = Server::script(vec![answer(429, &[("retry-after", "1")], ""), ok()]).await;
    let (client, memory) = client(&server);
    assert_eq!(client.users(None).await.unwrap().items.len(), 1);
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(8), "{took:?}");
    let state = memory.state();
    assert_eq!((&state.held, state.admitted), (&vec![Duration::from_secs(1)], 2));
}

#[tokio::test]
async fn a_long_wait_is_told_at_once() {
    let table = [("11", 11), ("3600", 3600), ("31536000", 86_400), ("Fri, 20 Nov 2026 08:05:00 GMT", 300)];
    for (header, seconds) in table {
        let server = Server::script(vec![answer(429, &[("retry-after", header)], ""), ok()]).await;
        let (client, memory) = client(&server);
        let begun = Instant::now();
        let wait = Duration::from_secs(seconds);
        let error = client.users(None).await.unwrap_err();
        assert_eq!(error, GongError::Limited { wait });
        assert_eq!(error.retry_at(now()), Some(now() + wait));
        assert!(begun.elapsed() < Duration::from_secs(8));
        assert_eq!((server.seen().len(), &memory.state().held), (1, &vec![wait]));
    }
}

#[tokio::test]
async fn when_the_requests_of_the_day_are_used_up_none_is_sent() {
    let server = Server::script(vec![failure(500, "x"), ok()]).await;
    let (client, memory) = client(&server);
    let until = now() + Duration::from_hours(16);
    memory.state().refusals.push_back(Refusal::Until(until));
    let error = client.users(None).await.unwrap_err();
    assert_eq!(error, GongError::Exhausted { until });
    assert_eq!((error.is_transient(), error.retry_at(now()), server.seen().len()), (true, Some(until), 0));
    memory.state().refusals.push_back(Refusal::Failed("the database is away".to_owned()));
    let error = client.users(None).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("the database is away"), "{error}");
    assert_eq!(server.seen().len(), 0);
    // A request that is sent again is one more of the day.
    assert_eq!(client.users(None).await.unwrap().items.len(), 1);
    assert_eq!(memory.state().admitted, 2);
}

#[tokio::test]
async fn a_gong_that_fails_five_times_rests_and_is_tried_once() {
    let is_well = Arc::new(AtomicBool::new(false));
    let well = is_well.clone();
    let server = Server::start(move |_, _| if well.load(Ordering::SeqCst) { ok() } else { failure(500, "x") }).await;
    let rest = Duration::from_millis(700);
    let (client, memory) = with(Settings { rest, ..settings(&server) });
    let failed = Err(GongError::Server { status: 500 });
    assert_eq!(client.users(None).await, failed);
    assert_eq!(client.state(), BreakerState::Closed { failures: 3 });
    assert_eq!(client.users(None).await, failed);
    assert!(matches!(client.state(), BreakerState::Open { .. }));
    let error = client.users(None).await.unwrap_err();
    let GongError::Resting { rest: left } = error else { panic!("{error:?}") };
    assert!(left <= rest && error.retry_at(now()) == Some(now() + left));
    assert_eq!(
        (server.seen().len(), memory.state().admitted),
        (5, 5),
        "nothing is sent, and no right to send is taken"
    );
    tokio::time::sleep(rest).await;
    assert_eq!(client.users(None).await, failed);
    assert_eq!(server.seen().len(), 6, "a single request tries it");
    is_well.store(true, Ordering::SeqCst);
    assert_eq!(client.users(None).await.unwrap_err().kind(), "resting");
    tokio::time::sleep(rest).await;
    assert_eq!(client.users(None).await.unwrap().items.len(), 1);
    assert_eq!(client.state(), BreakerState::Closed { failures: 0 });
}

#[tokio::test]
async fn refusals_are_no_failures_of_gong() {
    let server = Server::script(vec![failure(400, "x")]).await;
    let (client, _) = client(&server);
    for _ in 0..7 {
        assert_eq!(client.users(None).await.unwrap_err().kind(), "invalid");
    }
    assert_eq!((client.state(), server.seen().len()), (BreakerState::Closed { failures: 0 }, 7));
}

#[tokio::test]
async fn a_silent_gong_is_given_up_in_time() {
    let long = Duration::from_mins(1);
    let silent = vec![Piece::Wait(long)];
    let stalled = vec![head("application/json"), chunk(br#"{"users":["#), Piece::Wait(long)];
    for answer in [silent, stalled] {
        let server = Server::script(vec![answer.clone(), ok()]).await;
        let timeout = Duration::from_millis(400);
        let (client, _) = with(Settings { timeout, retries: 0, ..settings(&server) });
        let begun = Instant::now();
        assert_eq!(client.users(None).await, Err(GongError::TimedOut { within: timeout }));
        assert!((timeout..Duration::from_secs(10)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
        let server = Server::script(vec![answer, ok()]).await;
        let (client, _) = with(Settings { timeout, ..settings(&server) });
        assert_eq!(client.users(None).await.unwrap().items.len(), 1, "the next may be quicker");
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_is_not_read_for_ever() {
    let server = Server::start(|_, _| {
        let megabyte = chunk(&vec![b' '; 1 << 20]);
        [head("application/json")].into_iter().chain(std::iter::repeat_n(megabyte, 80)).chain([stream_end()]).collect()
    })
    .await;
    let (client, _) = client(&server);
    let error = client.calls(&Filter::default(), &everything(false), None).await.unwrap_err();
    assert_eq!(error, GongError::TooLarge { most: 64 << 20 });
    assert_eq!((error.is_transient(), server.seen().len()), (false, 1));
    assert!(error.to_string().contains("64 MB"), "{error}");
}

#[tokio::test]
async fn a_gong_that_is_not_there_is_named_with_its_port() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let server = Server::script(vec![ok()]).await;
    let base_url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let (client, memory) = with(Settings { base_url, ..settings(&server) });
    let error = client.users(None).await.unwrap_err();
    let GongError::Unreachable { host, why } = &error else { panic!("{error:?}") };
    assert_eq!(*host, format!("127.0.0.1:{port}"));
    assert!(why.to_lowercase().contains("refused"), "{why}");
    assert_eq!((memory.state().admitted, error.is_transient()), (3, true));
}

#[tokio::test]
async fn the_key_does_not_follow_a_redirection() {
    let other = Server::script(vec![ok()]).await;
    let target = other.url().join("v2/users").unwrap().to_string();
    for status in [301, 302, 307, 308] {
        let (page, sent) = ask(vec![answer(status, &[("location", &target)], "")]).await;
        assert_eq!((page, sent, other.seen().len()), (Err(GongError::Elsewhere { status }), 1, 0));
    }
}

#[tokio::test]
async fn requests_are_counted_by_what_became_of_them() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let (page, _) = ask(vec![failure(500, "x"), answer(429, &[], ""), ok()]).await;
    assert_eq!(page, Ok(1));
    assert_eq!(ask(vec![failure(401, "x")]).await.1, 1);
    let mut figures: Vec<_> =
        handle.render().lines().filter(|line| line.contains("{outcome=")).map(str::to_owned).collect();
    figures.sort();
    let figure = |outcome| format!("sideline_gong_requests_total{{outcome=\"{outcome}\"}} 1");
    assert_eq!(figures, ["denied", "limited", "ok", "server"].map(figure));
}
