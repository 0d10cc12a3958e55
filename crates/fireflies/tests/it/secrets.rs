//! No key and no word of a call is in an error, in a log, or in what `Debug` shows.

use crate::client;
use fireflies::TranscriptView;
use remote::testing::{Answer, Log, Server, answer, json};
use serde_json::json;
use std::io::Write;

const KEY: &str = "ff-sesame-0123456789";

/// Words of a call.
const WORDS: &str = "our floor is ninety thousand";

/// All that is shown when a server gives this answer to everything.
async fn shown(answer: Answer) -> String {
    let mut told = Vec::new();
    let server = Server::script(vec![answer]).await;
    let client = client(server.url(), KEY);
    let (list, one, user) =
        (client.transcripts(None, None, 0).await, client.transcript("x").await, client.user().await);
    let views: Vec<_> = list.iter().flatten().chain(one.iter().flatten()).map(TranscriptView::of).collect();
    for error in [list.err(), one.err(), user.err()].into_iter().flatten() {
        writeln!(told, "{error} {error:?}").unwrap();
    }
    writeln!(told, "{client:?} {views:?}").unwrap();
    String::from_utf8(told).unwrap()
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let log = Log::default();
    let writer = log.clone();
    // For the whole program, as only that hears what other crates log. What other tests log meanwhile must be as clean.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let failure = |status: u16, message: &str| {
        let extensions = json!({ "code": message, "metadata": { "retryAfter": message, "words": WORDS } });
        json(
            status,
            &json!({ "errors": [{ "message": message, "path": [message], "extensions": extensions }], "data": { "user": WORDS } }),
        )
    };
    let echo = format!("you sent Bearer {KEY}");
    let html = [("content-type", "text/html")];
    let mut answers: Vec<_> = [200, 400, 401, 402, 403, 404, 408, 418, 429, 500, 503]
        .into_iter()
        .flat_map(|status| [failure(status, &echo), failure(status, &echo[12..30]), answer(status, &html, WORDS)])
        .collect();
    let good = json!({ "id": "1", "title": WORDS, "participants": [WORDS], "sentences": [{ "text": WORDS }] });
    let parts = json!([{ "message": WORDS, "path": ["transcripts", 0, WORDS] }]);
    answers.extend([
        answer(302, &[("location", &format!("http://127.0.0.1:1/{KEY}"))], &echo),
        Vec::new(),
        answer(200, &[("content-type", "application/json")], &format!("{{\"data\": \"{WORDS} {echo}")),
        answer(200, &[("content-type", "application/json")], &format!("{{\"data\": {KEY} {WORDS}")),
        json(200, &json!({ "data": { "transcripts": WORDS, "transcript": WORDS, "user": WORDS } })),
        json(200, &json!({ "errors": parts, "data": { "transcripts": [good], "transcript": good, "user": good } })),
    ]);
    let shown: Vec<_> = answers.into_iter().map(|answer| tokio::spawn(shown(answer))).collect();
    let mut told = String::new();
    for shown in shown {
        told += &shown.await.unwrap();
    }
    let logged = log.text();
    assert!(logged.contains("Fireflies failed") && logged.contains("could not tell all"), "{logged}");
    assert!(told.contains("(status 401)") && told.contains("has_sentences: true"), "{told}");
    for text in [&logged, &told] {
        for secret in ["sesame", "ninety", "0123456"] {
            let found = text.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "{secret}");
        }
    }
}
