//! Everything that goes wrong: what is told, and what is asked again.

use crate::server::{
    Answer, Asked as _, KEY, Piece, SECRET_WORDS, Server, answer, chunk, events, good, good_anthropic, good_openai,
    json, question, stream, stream_end, stream_head,
};
use llm::{Client, LlmError, Provider, Settings, Usage};
use remote::testing::Log;
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

fn failure(status: u16, kind: &str, message: &str) -> Answer {
    json(status, &json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_9" }))
}

/// What comes of asking a server that gives these answers, and how many requests it took.
async fn ask(provider: Provider, answers: Vec<Answer>) -> (Result<String, LlmError>, usize) {
    let server = Server::script(answers).await;
    let reply = server.client(provider).ask(&question(), None).await;
    if let Ok(reply) = &reply {
        assert_eq!(reply.attempts as usize, server.seen().len());
    }
    (reply.map(|reply| reply.text), server.seen().len())
}

fn ok(provider: Provider) -> Answer {
    good(provider, "well")
}

#[tokio::test]
async fn a_limit_is_waited_for_as_the_service_says() {
    let long_ago = [("retry-after", "Fri, 20 Nov 2026 08:00:01 GMT"), ("date", "Fri, 20 Nov 2026 08:00:00 GMT")];
    let table = [
        ("seconds", &[("retry-after", "1")][..], Duration::from_secs(1)),
        ("milliseconds", &[("retry-after-ms", "300"), ("retry-after", "30")], Duration::from_millis(300)),
        ("a date", &long_ago, Duration::from_secs(1)),
        ("nothing", &[], Duration::from_millis(3)),
    ];
    for (what, headers, wait) in table {
        let begun = Instant::now();
        let (reply, sent) = ask(Provider::Anthropic, vec![answer(429, headers, ""), ok(Provider::Anthropic)]).await;
        assert_eq!((reply, sent), (Ok("well".to_owned()), 2), "{what}");
        let took = begun.elapsed();
        assert!(took >= wait && took < wait + Duration::from_secs(5), "{what}: {took:?}");
    }
}

#[tokio::test]
async fn a_wait_past_the_deadline_is_told_at_once() {
    let begun = Instant::now();
    let (reply, sent) = ask(Provider::Anthropic, vec![answer(429, &[("retry-after", "3600")], "")]).await;
    assert_eq!((reply, sent), (Err(LlmError::Limited { retry_after: Some(Duration::from_hours(1)) }), 1));
    assert!(begun.elapsed() < Duration::from_secs(10));
    // As OpenAI's own client: more than two minutes are not waited, however long the deadline.
    let server = Server::script(vec![answer(429, &[("retry-after", "121")], "")]).await;
    let settings = Settings { deadline: Duration::from_mins(10), ..server.settings(Provider::OpenAi) };
    let error = Client::new(settings).unwrap().ask(&question(), None).await.unwrap_err();
    assert_eq!(error.wait(), Some(Duration::from_secs(121)));
}

#[tokio::test]
async fn what_passes_is_asked_again_and_what_does_not_is_not() {
    let money = |status, message| failure(status, "rate_limit_error", message);
    let quota = json(
        429,
        &json!({ "error": { "message": "x", "type": "insufficient_quota", "code": "insufficient_quota", "param": null } }),
    );
    let table = [
        (failure(529, "overloaded_error", "x"), Provider::Anthropic, LlmError::Overloaded { status: 529 }, 3),
        (failure(500, "api_error", "x"), Provider::Anthropic, LlmError::Server { status: 500 }, 3),
        (answer(503, &[], "Loading model"), Provider::LlamaCpp, LlmError::Overloaded { status: 503 }, 3),
        (answer(529, &[("x-should-retry", "false")], ""), Provider::Anthropic, LlmError::Overloaded { status: 529 }, 1),
        (failure(401, "authentication_error", KEY), Provider::Anthropic, LlmError::Key { status: 401 }, 1),
        (failure(403, "permission_error", "x"), Provider::Anthropic, LlmError::Key { status: 403 }, 1),
        (failure(402, "billing_error", "x"), Provider::Anthropic, LlmError::Billing, 1),
        (quota, Provider::OpenAi, LlmError::Billing, 1),
        (
            money(429, "your organization has reached its monthly spend limit"),
            Provider::Anthropic,
            LlmError::Billing,
            1,
        ),
        (money(429, "too many requests"), Provider::Anthropic, LlmError::Limited { retry_after: None }, 3),
        (failure(404, "not_found_error", "x"), Provider::Anthropic, LlmError::Model { model: "m-1".to_owned() }, 1),
        (failure(413, "request_too_large", "x"), Provider::Anthropic, LlmError::TooLarge, 1),
    ];
    for (answer, provider, error, requests) in table {
        let (reply, sent) = ask(provider, vec![answer]).await;
        assert_eq!((reply, sent), (Err(error.clone()), requests), "{error:?}");
        let passes = matches!(error.kind(), "overloaded" | "server" | "limited");
        assert_eq!(error.helps_to_wait(), passes, "{error:?}");
        if passes && requests > 1 {
            let (reply, sent) = ask(provider, vec![self::answer(529, &[], ""), ok(provider)]).await;
            assert_eq!((reply, sent), (Ok("well".to_owned()), 2));
        }
    }
}

#[tokio::test]
async fn what_breaks_off_after_it_began_is_counted() {
    let text = good_anthropic("well");
    let before = text[..text.find("event: message_delta").unwrap()].to_owned();
    let broken = vec![stream_head(), chunk(before.as_bytes())];
    let good = || ok(Provider::Anthropic);
    let count = async |answers: Vec<Answer>| {
        let server = Server::script(answers).await;
        let mut lost = Usage::default();
        let reply = server.client(Provider::Anthropic).ask_and_count(&question(), None, &mut lost).await;
        (reply.map(|reply| reply.usage.output), lost)
    };
    // What the first events tell of the prompt, and at least the token that was written.
    let (reply, once) = count(vec![broken.clone(), good()]).await;
    assert_eq!((reply, once.input, once.cache_read, once.estimated), (Ok(5), 7, 90, true));
    assert!(once.output >= 1, "{once:?}");
    let (reply, twice) = count(vec![broken.clone(), broken.clone(), good()]).await;
    assert_eq!((reply, twice), (Ok(5), once + once));
    let (reply, all) = count(vec![broken]).await;
    assert_eq!((reply, all), (Err(LlmError::Unfinished), once + once + once));
    for nothing in [failure(529, "overloaded_error", "x"), Vec::new(), vec![stream_head()]] {
        assert_eq!(count(vec![nothing, good()]).await, (Ok(5), Usage::default()));
    }
    assert_eq!(count(vec![good()]).await.1, Usage::default());
    // Of a service that tells at the end alone, the prompt is counted here.
    let text = good_openai("well");
    let server = Server::script(vec![stream(&text[..text.len() / 3], 50)]).await;
    let mut lost = Usage::default();
    let error = server.client(Provider::OpenAi).ask_and_count(&question(), None, &mut lost).await.unwrap_err();
    assert!(matches!(error, LlmError::NotUnderstood { .. } | LlmError::Unfinished), "{error:?}");
    assert!(lost.input > 0 && lost.estimated, "{lost:?}");
}

#[tokio::test]
async fn what_fails_in_the_midst_of_a_stream_is_asked_again() {
    let whole = good_anthropic("half");
    let (before, _) = whole.split_once("event: content_block_stop").unwrap();
    let error = |kind: &str| events(&[json!({ "type": "error", "error": { "type": kind, "message": "x" } })]);
    let midst = |kind: &str| stream(&format!("{before}{}", error(kind)), 100);
    let broken = vec![stream_head(), chunk(before.as_bytes())];
    let garbled = stream(&format!("{before}event: content_block_delta\ndata: {{\"type\":\"content_blo\n\n"), 100);
    let table = [
        (midst("overloaded_error"), LlmError::Overloaded { status: 529 }, 3),
        (midst("api_error"), LlmError::Server { status: 500 }, 3),
        (midst("rate_limit_error"), LlmError::Limited { retry_after: None }, 3),
        (midst("authentication_error"), LlmError::Key { status: 401 }, 1),
        (broken, LlmError::Unfinished, 3),
    ];
    for (answer, error, requests) in table {
        assert_eq!(ask(Provider::Anthropic, vec![answer.clone()]).await, (Err(error.clone()), requests));
        if requests > 1 {
            // Nothing of the half answer is left in the whole one.
            let again = ask(Provider::Anthropic, vec![answer, ok(Provider::Anthropic)]).await;
            assert_eq!(again, (Ok("well".to_owned()), 2), "{error:?}");
        }
    }
    let (reply, sent) = ask(Provider::Anthropic, vec![garbled.clone()]).await;
    assert!(matches!(&reply, Err(LlmError::NotUnderstood { what }) if what.contains("ends in the midst")), "{reply:?}");
    assert_eq!(sent, 3);
    assert_eq!(ask(Provider::Anthropic, vec![garbled, ok(Provider::Anthropic)]).await.1, 2);

    let told = json!({ "error": { "message": "x", "type": "server_error", "code": null } });
    let first = json!({ "choices": [{ "index": 0, "delta": { "content": "half" } }] });
    let midst = stream(&format!("data: {first}\n\ndata: {told}\n\n"), 100);
    let expected = (Err(LlmError::Server { status: 500 }), 3);
    assert_eq!(ask(Provider::Vllm, vec![midst.clone()]).await, expected);
    assert_eq!(ask(Provider::Vllm, vec![midst, ok(Provider::Vllm)]).await, (Ok("well".to_owned()), 2));
}

#[tokio::test]
async fn an_answer_that_is_none_is_not_asked_for_again() {
    let page = answer(200, &[("content-type", "text/html; charset=utf-8")], "<h1>Sign in to the hotel</h1>");
    let (reply, sent) = ask(Provider::OpenAi, vec![page]).await;
    assert!(matches!(&reply, Err(LlmError::NotUnderstood { what }) if what.contains("`text/html`")), "{reply:?}");
    assert_eq!(sent, 1);
    let server =
        Server::script(vec![answer(200, &[("content-type", "application/json")], r#"{"input_tokens":20"#)]).await;
    let error = server.client(Provider::Anthropic).count(&question()).await.unwrap_err();
    assert!(matches!(&error, LlmError::NotUnderstood { what } if what.contains("ends in the midst")), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_stream_that_never_ends_is_not_read_forever() {
    let server = Server::start(|_, _| {
        let megabyte = chunk(&vec![b'x'; 1 << 20]);
        std::iter::once(stream_head()).chain(std::iter::repeat_n(megabyte, 80)).collect()
    })
    .await;
    let settings = Settings { retries: 0, ..server.settings(Provider::OpenAi) };
    let error = Client::new(settings).unwrap().ask(&question(), None).await.unwrap_err();
    assert!(matches!(&error, LlmError::NotUnderstood { what } if what.contains("no end")), "{error:?}");
}

#[tokio::test]
async fn a_silent_server_is_given_up_at_the_deadline() {
    let long = Duration::from_mins(1);
    let silent = vec![Piece::Wait(long)];
    let stuck = vec![stream_head(), chunk(b": still there\n\n"), Piece::Wait(long), stream_end()];
    for answer in [silent, stuck] {
        let server = Server::script(vec![answer]).await;
        let within = Duration::from_millis(400);
        let client = Client::new(Settings { deadline: within, ..server.settings(Provider::Anthropic) }).unwrap();
        let begun = Instant::now();
        assert_eq!(client.ask(&question(), None).await, Err(LlmError::TimedOut { within }));
        assert!((within..Duration::from_secs(10)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_with_its_port() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let base_url = format!("http://127.0.0.1:{port}/v1").parse().unwrap();
    let settings = Settings { base_url, backoff: Duration::from_millis(1), ..Settings::new(Provider::Ollama) };
    let error = Client::new(settings).unwrap().ask(&question(), None).await.unwrap_err();
    let LlmError::Unreachable { host, why } = &error else { panic!("{error:?}") };
    assert_eq!(*host, format!("127.0.0.1:{port}"));
    assert!(why.to_lowercase().contains("refused"), "{why}");
    assert!(error.helps_to_wait());
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_tried_again() {
    assert_eq!(ask(Provider::Anthropic, vec![Vec::new(), ok(Provider::Anthropic)]).await, (Ok("well".to_owned()), 2));
    let (reply, sent) = ask(Provider::Anthropic, vec![Vec::new()]).await;
    assert!(matches!(reply, Err(LlmError::Unreachable { .. })), "{reply:?}");
    assert_eq!(sent, 3);
}

#[tokio::test]
async fn the_key_does_not_follow_a_redirection() {
    let other = Server::script(vec![ok(Provider::Anthropic)]).await;
    let target = other.settings(Provider::Anthropic).base_url.join("/v1/messages").unwrap().to_string();
    for status in [301, 302, 307, 308] {
        let (reply, sent) = ask(Provider::Anthropic, vec![answer(status, &[("location", &target)], "")]).await;
        assert!(matches!(&reply, Err(LlmError::NotUnderstood { what }) if what.contains("elsewhere")), "{reply:?}");
        assert_eq!((sent, other.seen().len()), (1, 0));
    }
}

#[tokio::test]
async fn no_log_and_no_error_shows_the_key_or_the_prompt() {
    let log = Log::default();
    let writer = log.clone();
    // For the whole program, as only that hears what other crates log. What other tests log meanwhile must be as clean.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let echo = format!("you sent {KEY} and {SECRET_WORDS}");
    let midst = stream(
        &events(&[json!({ "type": "error", "error": { "type": "invalid_request_error", "message": echo } })]),
        100,
    );
    let mut answers: Vec<_> = [400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 500, 503, 504, 529]
        .map(|status| failure(status, "invalid_request_error", &echo))
        .into();
    answers
        .extend([301, 308].map(|status| answer(status, &[("location", &format!("http://127.0.0.1:1/{KEY}"))], &echo)));
    answers.extend([midst, Vec::new(), stream(&format!("data: {echo}\n\n"), 100), stream(&echo, 9)]);
    answers.extend([
        answer(200, &[("content-type", &echo)], &echo),
        answer(200, &[("content-type", "text/event-stream")], &echo),
    ]);
    answers.push(ok(Provider::Anthropic));
    let mut told = Vec::new();
    for provider in [Provider::Anthropic, Provider::OpenAi] {
        for answer in &answers {
            let server = Server::script(vec![answer.clone()]).await;
            let client = server.client(provider);
            let (asked, counted) = (client.ask(&question(), None).await, client.count(&question()).await);
            writeln!(told, "{asked:?} {counted:?} {client:?}").unwrap();
            for error in [asked.err(), counted.err()].into_iter().flatten() {
                writeln!(told, "{error}").unwrap();
            }
        }
    }
    let told = String::from_utf8(told).unwrap();
    let logged = log.text();
    assert!(logged.contains("the model's service failed") && told.contains("(HTTP 401)"), "{logged}");
    for text in [&logged, &told] {
        for secret in ["sesame", "ninety", SECRET_WORDS] {
            let found = text.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "{secret}");
        }
    }
}
