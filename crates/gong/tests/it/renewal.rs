//! Tokens are renewed once, and kept before they are used.

use crate::keeper::{ACCESS, Memory, REFRESH, client, failure, now, oauth_client, oauth_settings, tokens, users};
use chrono::TimeDelta;
use gong::{Client, GongError, Refusal, Settings, Unrenewed};
use kernel::{Clock, Secret};
use remote::testing::{Answer, Piece, Seen, Server, answer, json};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

fn asks_for_tokens(seen: &Seen) -> bool {
    seen.line.starts_with("POST /oauth2/")
}

/// A server that takes the newest access token alone, and each refresh token once.
async fn strict() -> Server {
    let state = Mutex::new((0, HashSet::new()));
    Server::start(move |_, seen| {
        let (newest, used) = &mut *state.lock().unwrap();
        if asks_for_tokens(seen) {
            if !seen.text.ends_with(&format!("refresh_token=sesame-refresh-{newest}")) || !used.insert(*newest) {
                return json(400, &json!({ "error": "invalid_grant" }));
            }
            *newest += 1;
            return tokens(*newest);
        }
        // The first access token has ended already.
        if *newest > 0 && seen.header("authorization") == Some(&format!("Bearer sesame-access-{newest}")) {
            users(&["1"], None)
        } else {
            failure(401, "the token has ended")
        }
    })
    .await
}

#[tokio::test]
async fn tokens_that_ended_are_renewed_and_the_question_asked_again() {
    let server = strict().await;
    let memory = Memory::connected();
    let client = oauth_client(&server, &memory);
    assert_eq!(client.users(None).await.unwrap().items.len(), 1);
    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(|seen| &*seen.line).collect();
    assert_eq!(lines, ["GET /v2/users", "POST /oauth2/generate-customer-token", "GET /v2/users"]);
    assert_eq!(seen[0].header("authorization"), Some("Bearer sesame-access-0"));
    assert_eq!(seen[1].text, "grant_type=refresh_token&refresh_token=sesame-refresh-0");
    assert_eq!(seen[2].header("authorization"), Some("Bearer sesame-access-1"));
    let state = memory.state();
    let kept = state.tokens.clone().unwrap();
    assert_eq!((kept.refresh, kept.expires_at), (Secret::new("sesame-refresh-1"), now() + TimeDelta::days(1)));
    assert_eq!((state.admitted, state.renewals, state.kept), (2, 1, 1), "requests for tokens are not counted");
}

#[tokio::test]
async fn tokens_that_end_soon_are_renewed_before_they_are_sent() {
    let server = strict().await;
    let memory = Memory::connected();
    memory.state().tokens.as_mut().unwrap().expires_at = now() + TimeDelta::seconds(30);
    assert_eq!(oauth_client(&server, &memory).users(None).await.unwrap().items.len(), 1);
    assert_eq!(server.seen().iter().map(asks_for_tokens).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn tokens_are_kept_before_they_are_used() {
    let memory = Memory::connected();
    let kept = memory.clone();
    let server = Server::start(move |_, seen| match seen.header("authorization") {
        _ if asks_for_tokens(seen) => tokens(1),
        Some("Bearer sesame-access-1") => {
            let access = kept.state().tokens.clone().unwrap().access;
            assert_eq!(access, Secret::new("sesame-access-1"), "used before it was kept");
            failure(500, "from now on nothing works")
        }
        _ => failure(401, "x"),
    })
    .await;
    let client = oauth_client(&server, &memory);
    assert_eq!(client.users(None).await, Err(GongError::Server { status: 500 }), "after they were kept");
    assert_eq!(memory.state().tokens.clone().unwrap().refresh, Secret::new("sesame-refresh-1"));
    assert_eq!(memory.state().renewals, 1);
}

#[tokio::test]
async fn tokens_that_could_not_be_kept_are_not_used_and_not_lost() {
    let server = strict().await;
    let memory = Memory::connected();
    memory.state().unkept.push_back(Refusal::Failed("the database is away".to_owned()));
    let client = oauth_client(&server, &memory);
    let error = client.users(None).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("the database is away"), "{error}");
    assert_eq!(memory.state().unrenewed, [Unrenewed::Failed], "another may try");
    assert!(!server.seen().iter().any(|seen| seen.header("authorization") == Some("Bearer sesame-access-1")));
    assert_eq!(memory.state().tokens.clone().unwrap().refresh, Secret::new(REFRESH));
    // The old refresh token is worth nothing any more; asking with it would end the connection.
    assert_eq!(client.users(None).await.unwrap().items.len(), 1);
    assert_eq!(server.seen().iter().filter(|seen| asks_for_tokens(seen)).count(), 1);
    assert_eq!(memory.state().tokens.clone().unwrap().refresh, Secret::new("sesame-refresh-1"));
}

#[tokio::test]
async fn who_gives_up_a_question_does_not_lose_the_tokens_on_their_way() {
    let server = Server::start(|_, seen| {
        if asks_for_tokens(seen) {
            let slow = Piece::Wait(Duration::from_millis(400));
            [slow].into_iter().chain(tokens(1)).collect()
        } else {
            failure(401, "x")
        }
    })
    .await;
    let memory = Memory::connected();
    let client = oauth_client(&server, &memory);
    assert!(tokio::time::timeout(Duration::from_millis(200), client.users(None)).await.is_err());
    assert_eq!((server.seen().len(), memory.state().kept), (2, 0), "given up while they are on their way");
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if memory.state().kept == 1 {
            break;
        }
    }
    assert_eq!(memory.state().tokens.clone().unwrap().refresh, Secret::new("sesame-refresh-1"));
}

#[tokio::test]
async fn two_clients_at_once_renew_once() {
    let server = strict().await;
    let memory = Memory::connected();
    // As two programs have them, each with several questions.
    let clients = [oauth_client(&server, &memory), oauth_client(&server, &memory)];
    let ask = |client: Client| tokio::spawn(async move { client.users(None).await });
    let asked: Vec<_> = (0..8).map(|number| ask(clients[number % 2].clone())).collect();
    for asked in asked {
        assert_eq!(asked.await.unwrap().unwrap().items.len(), 1);
    }
    assert_eq!(server.seen().iter().filter(|seen| asks_for_tokens(seen)).count(), 1);
    let state = memory.state();
    assert_eq!((state.renewals, state.kept), (1, 1));
}

#[tokio::test]
async fn a_refused_renewal_ends_the_connection() {
    let server = Server::start(|_, seen| {
        if asks_for_tokens(seen) { json(400, &json!({ "error": "invalid_grant" })) } else { failure(401, "x") }
    })
    .await;
    let memory = Memory::connected();
    let client = oauth_client(&server, &memory);
    let error = client.users(None).await.unwrap_err();
    assert_eq!((&error, error.is_transient()), (&GongError::Disconnected, false));
    assert!(error.to_string().contains("connect Gong again"), "{error}");
    assert_eq!((server.seen().len(), &memory.state().unrenewed), (2, &vec![Unrenewed::Refused]));
    assert_eq!(client.users(None).await, Err(GongError::Disconnected));
    assert_eq!(server.seen().len(), 2, "without tokens nothing is sent");
}

#[tokio::test]
async fn a_renewal_refused_because_another_was_quicker_is_none() {
    let memory = Memory::connected();
    let quicker = memory.clone();
    let server = Server::start(move |_, seen| {
        if asks_for_tokens(seen) {
            // Whoever was thought lost comes back just now.
            let mut state = quicker.state();
            let tokens = state.tokens.as_mut().unwrap();
            (tokens.access, tokens.refresh) = (Secret::new("sesame-access-1"), Secret::new("sesame-refresh-1"));
            return failure(400, "Refresh token code is invalid");
        }
        let is_new = seen.header("authorization") == Some("Bearer sesame-access-1");
        if is_new { users(&["1"], None) } else { failure(401, "x") }
    })
    .await;
    assert_eq!(oauth_client(&server, &memory).users(None).await.unwrap().items.len(), 1);
    assert_eq!(memory.state().unrenewed, []);
}

#[tokio::test]
async fn a_renewal_that_fails_for_a_passing_reason_leaves_the_connection() {
    let table: [(Answer, &str, usize); 3] = [
        (failure(503, "x"), "server", 3),
        (answer(429, &[("retry-after", "600")], ""), "limited", 1),
        (json(401, &json!({ "error": "invalid_client" })), "denied", 1),
    ];
    for (answer, kind, requests) in table {
        let server =
            Server::start(move |_, seen| if asks_for_tokens(seen) { answer.clone() } else { failure(401, "x") }).await;
        let memory = Memory::connected();
        let error = oauth_client(&server, &memory).users(None).await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len()), (kind, 1 + requests), "{error:?}");
        let state = memory.state();
        assert_eq!((&state.unrenewed, &state.held), (&vec![Unrenewed::Failed], &vec![]), "{kind}");
        assert_eq!(state.tokens.clone().unwrap().refresh, Secret::new(REFRESH));
    }
}

#[tokio::test]
async fn new_tokens_that_are_denied_as_well_are_not_renewed_again() {
    let server = Server::start(|_, seen| if asks_for_tokens(seen) { tokens(1) } else { failure(401, "x") }).await;
    for soon in [false, true] {
        let memory = Memory::connected();
        if soon {
            memory.state().tokens.as_mut().unwrap().expires_at = now();
        }
        let error = oauth_client(&server, &memory).users(None).await.unwrap_err();
        assert_eq!((error.kind(), memory.state().renewals), ("denied", 1));
        assert!(error.to_string().contains("connect Gong again"), "{error}");
    }
    // No renewal helps with an access key, and none with what is forbidden.
    let (client, memory) = client(&server);
    assert_eq!(client.users(None).await.unwrap_err().kind(), "denied");
    assert_eq!(memory.state().renewals, 0);
    let server = Server::script(vec![failure(403, "x")]).await;
    let memory = Memory::connected();
    assert_eq!(oauth_client(&server, &memory).users(None).await.unwrap_err().kind(), "denied");
    assert_eq!((memory.state().renewals, server.seen().len()), (0, 1));
}

#[tokio::test]
async fn gong_is_asked_where_it_said_with_the_tokens() {
    let server = Server::script(vec![users(&["1"], None)]).await;
    let memory = Memory::connected();
    let client = oauth_client(&server, &memory);
    memory.state().tokens.as_mut().unwrap().base_url = Some(server.url().join("us-55616").unwrap());
    client.users(None).await.unwrap();
    assert_eq!(server.seen()[0].line, "GET /us-55616/v2/users");
    assert_eq!(server.seen()[0].header("authorization"), Some(&*format!("Bearer {ACCESS}")));
    for base in ["http://10.0.0.1", "https://example.com", "http://me:x@localhost"] {
        memory.state().tokens.as_mut().unwrap().base_url = Some(base.parse().unwrap());
        assert_eq!(client.users(None).await.unwrap_err().kind(), "settings", "{base}");
    }
    // Who is asked on the network says nothing about this machine.
    let mut settings = oauth_settings(&server);
    let gong::Auth::OAuth(oauth) = &mut settings.auth else { panic!() };
    oauth.token_url = gong::OAuth::new("x", Secret::new("x")).token_url;
    memory.state().tokens.as_mut().unwrap().base_url = Some(server.url());
    let client = Client::new(Settings { ..settings }, memory.clone(), Clock::fixed(now())).unwrap();
    assert_eq!(client.users(None).await.unwrap_err().kind(), "settings");
    assert_eq!(server.seen().len(), 1);
}
