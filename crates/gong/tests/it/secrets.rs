//! No key, token or word of a call is in an error, in a log, or in what `Debug` shows.

use crate::keeper::{
    ACCESS, ACCESS_KEY, CLIENT_SECRET, KEY_SECRET, Memory, REFRESH, client, failure, integration, now, oauth_client,
    records, tokens,
};
use gong::{CallView, Filter, Trail, authorize_at, authorize_url, everything, exchange_code};
use kernel::{Clock, Secret};
use remote::testing::{Answer, Log, Server, answer, json};
use serde_json::json;
use std::io::Write;

/// Words of a call.
const WORDS: &str = "our floor is ninety thousand";

/// The mark of a page.
const MARK: &str = "eyJsesame.mark";

/// All that is shown when a server gives this answer to everything.
async fn shown(answer: Answer) -> String {
    let mut told = Vec::new();
    let server = Server::script(vec![answer]).await;
    let (by_key, _) = client(&server);
    let memory = Memory::connected();
    let by_tokens = oauth_client(&server, &memory);
    for client in [by_key, by_tokens] {
        for mark in [None, Some("eyJsesame.before"), Some(MARK)] {
            let calls = client.calls(&Filter::default(), &everything(true), mark).await;
            let views = calls.iter().flat_map(|page| &page.items).map(CallView::of).collect::<Vec<_>>();
            let parties = views.iter().map(|view| (&view.parties, &view.media)).collect::<Vec<_>>();
            let mut trail = Trail::default();
            let circle =
                calls.as_ref().ok().map(|page| (trail.next(page, "calls").is_ok(), trail.next(page, "calls").err()));
            writeln!(told, "{client:?} {calls:?} {views:?} {parties:?} {trail:?} {circle:?}").unwrap();
            let transcripts = client.transcripts(&Filter::default(), mark).await;
            let users = client.users(mark).await;
            writeln!(told, "{transcripts:?} {users:?} {:?}", client.workspaces().await.err()).unwrap();
            for error in
                [calls.err(), transcripts.err(), users.err(), circle.and_then(|circle| circle.1)].into_iter().flatten()
            {
                writeln!(told, "{error}").unwrap();
            }
        }
        writeln!(told, "{memory:?}").unwrap();
    }
    let back = "https://coach.example.com/".parse().unwrap();
    let oauth = integration(&server);
    let exchanged = exchange_code(&oauth, &Secret::new("sesame-code"), &back, &Clock::fixed(now())).await;
    let asked = authorize_url(&authorize_at(), &oauth.client_id, &back, "state", &[]);
    writeln!(told, "{exchanged:?} {oauth:?} {asked}").unwrap();
    if let Err(error) = exchanged {
        writeln!(told, "{error}").unwrap();
    }
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
    let basic = "QUtzZXNhbWVBQ0NFU1M6c2VzYW1lLW9mLXRoZS1rZXk=";
    let echo = format!("you sent {KEY_SECRET} {basic} {ACCESS} {REFRESH} {CLIENT_SECRET} {MARK}");
    let good = json!({
        "records": records(1, Some(MARK)), "users": [WORDS], "workspaces": [WORDS], "callTranscripts": [{ "transcript": WORDS }],
        "calls": [{
            "metaData": { "id": "1", "title": WORDS }, "parties": [{ "name": WORDS }], "media": { "audioUrl": format!("https://m/?{KEY_SECRET}") },
        }],
        "access_token": ACCESS, "refresh_token": REFRESH,
    });
    let html = [("content-type", "text/html")];
    let mut answers: Vec<_> = [400, 401, 402, 403, 404, 408, 409, 413, 418, 429, 500, 503]
        .into_iter()
        .flat_map(|status| [failure(status, &echo), answer(status, &html, &format!("{echo} {WORDS}"))])
        .collect();
    answers.extend(
        [302, 308].map(|status| answer(status, &[("location", &format!("http://127.0.0.1:1/{KEY_SECRET}"))], &echo)),
    );
    answers.extend([
        json(400, &json!({ "error": "invalid_grant", "error_description": echo })),
        json(400, &json!({ "requestId": MARK, "errors": [WORDS.len(), &echo[9..30]] })),
        Vec::new(),
        answer(200, &html, WORDS),
        answer(200, &[("content-type", &*format!("text/{MARK}"))], WORDS),
        answer(200, &[("content-type", "application/json")], &format!("{{\"users\": \"{WORDS} {echo}")),
        answer(200, &[("content-type", "application/json")], &format!("{{\"users\": {ACCESS} {WORDS}")),
        json(200, &json!({ "users": WORDS, "calls": 7 })),
        json(200, &good),
        tokens(1),
    ]);
    let shown: Vec<_> = answers.into_iter().map(|answer| tokio::spawn(shown(answer))).collect();
    let mut told = String::new();
    for shown in shown {
        told += &shown.await.unwrap();
    }
    let logged = log.text();
    assert!(logged.contains("Gong failed") && told.contains("(HTTP 401)") && told.contains("items: 1"), "{told}");
    for text in [&logged, &told] {
        for secret in ["sesame", "ninety", WORDS, ACCESS_KEY, &basic[..12]] {
            let found = text.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "{secret}");
        }
    }
}
