//! How an administrator lets this program in.

use crate::keeper::{CLIENT_SECRET, failure, integration, now};
use gong::{GongError, OAuth, SCOPES, Tokens, authorize_at, authorize_url, exchange_code};
use kernel::{Clock, Secret};
use remote::testing::{Answer, Server, answer, json};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

const CODE: &str = "sesame-code+/=";

fn back() -> Url {
    "https://coach.example.com/gong/back?team=7".parse().unwrap()
}

async fn exchange(answers: Vec<Answer>) -> (Result<Tokens, GongError>, Server) {
    let server = Server::script(answers).await;
    let clock = Clock::fixed(now());
    let tokens = exchange_code(&integration(&server), &Secret::new(CODE), &back(), &clock).await;
    (tokens, server)
}

fn given(more: &Value) -> Answer {
    let mut tokens = json!({ "access_token": "sesame-a", "refresh_token": "sesame-r", "expires_in": 86400, "scope": "a b", "token_type": "bearer" });
    for (name, value) in more.as_object().unwrap() {
        tokens[name] = value.clone();
    }
    json(200, &tokens)
}

#[test]
fn an_administrator_is_asked_for_what_is_needed() {
    let url = authorize_url(&authorize_at(), "id 7", &back(), "st&te", &SCOPES);
    let expected = "https://app.gong.io/oauth2/authorize?client_id=id+7&response_type=code\
        &redirect_uri=https%3A%2F%2Fcoach.example.com%2Fgong%2Fback%3Fteam%3D7\
        &scope=api%3Acalls%3Aread%3Abasic+api%3Acalls%3Aread%3Aextensive+api%3Acalls%3Aread%3Atranscript+api%3Ausers%3Aread&state=st%26te";
    assert_eq!(url.as_str(), expected);
}

#[tokio::test]
async fn a_code_is_exchanged_for_tokens() {
    let (tokens, server) =
        exchange(vec![given(&json!({ "api_base_url_for_customer": "http://127.0.0.1:7/us-1/v2" }))]).await;
    let expected = Tokens {
        access: Secret::new("sesame-a"),
        refresh: Secret::new("sesame-r"),
        expires_at: now() + Duration::from_hours(24),
        base_url: Some("http://127.0.0.1:7/us-1".parse().unwrap()),
        scope: "a b".to_owned(),
    };
    assert_eq!(tokens, Ok(expected));
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /oauth2/generate-customer-token", "nothing secret stands in the address");
    assert_eq!(CLIENT_SECRET, "sesame-of-the-client");
    assert_eq!(seen.header("authorization"), Some("Basic aWQtNzpzZXNhbWUtb2YtdGhlLWNsaWVudA=="));
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    let form = "grant_type=authorization_code&code=sesame-code%2B%2F%3D\
        &redirect_uri=https%3A%2F%2Fcoach.example.com%2Fgong%2Fback%3Fteam%3D7&client_id=id-7";
    assert_eq!(seen.text, form);
}

#[tokio::test]
async fn a_refused_code_and_a_refused_client_are_told_apart() {
    let code = |status, code: &str| json(status, &json!({ "error": code, "error_description": CODE }));
    let table = [
        (code(400, "invalid_grant"), "disconnected"),
        (failure(400, "the code was used"), "disconnected"),
        (failure(401, "x"), "denied"),
        (code(401, "invalid_client"), "denied"),
        (code(400, "invalid_client"), "denied"),
        (code(401, "invalid_grant"), "disconnected"),
        (answer(403, &[], ""), "disconnected"),
        (code(400, "invalid_request"), "invalid"),
        (failure(404, "x"), "not_there"),
    ];
    for (answer, kind) in table {
        let (tokens, server) = exchange(vec![answer]).await;
        let error = tokens.unwrap_err();
        assert_eq!((error.kind(), server.seen().len(), error.is_transient()), (kind, 1, false), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("sesame"));
    }
    // What passes is tried again.
    let (tokens, server) = exchange(vec![failure(500, "x"), given(&json!({}))]).await;
    assert_eq!((tokens.is_ok(), server.seen().len()), (true, 2));
}

#[tokio::test]
async fn an_address_told_with_tokens_is_taken_only_if_they_may_be_sent_there() {
    for base in ["http://api.gong.io", "https://api.gong.io", "https://me:x@api.gong.io", "ftp://x", "no address", ""] {
        // Tokens of this machine are for this machine.
        let (tokens, _) = exchange(vec![given(&json!({ "api_base_url_for_customer": base }))]).await;
        assert_eq!(tokens.unwrap().base_url, None, "{base}");
    }
}

#[tokio::test]
async fn an_answer_without_tokens_is_none() {
    for without in [json!({ "access_token": null }), json!({ "refresh_token": "" })] {
        let (tokens, _) = exchange(vec![given(&without)]).await;
        assert_eq!(tokens.unwrap_err().kind(), "not_understood");
    }
    let oauth = OAuth::new("id", Secret::new(" "));
    let error = exchange_code(&oauth, &Secret::new(CODE), &back(), &Clock::fixed(now())).await.unwrap_err();
    assert_eq!(error.kind(), "settings");
}
