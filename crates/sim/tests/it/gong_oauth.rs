//! Gong's OAuth, asked over bare sockets.

use crate::gong::{DAY, basic, settings, text};
use crate::http::ask;
use serde_json::{Value, json};
use sim::Gong;
use sim::gong::CLIENT;

/// A form as the endpoint of tokens takes it.
fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[test]
fn tokens_come_by_a_code_and_refresh_once() {
    let gong = Gong::with(settings());
    let redirect = "https://sideline.example/gong?x=1";
    let consent = |client: &str| {
        let query = form(&[
            ("client_id", client),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", "api:calls:read:basic api:calls:read:extensive"),
            ("state", "a b&c"),
        ]);
        ask("GET", &format!("{}/oauth2/authorize?{query}", gong.url()), &[], "")
    };
    assert_eq!(consent("somebody").status, 400);
    let code = || {
        let sent = consent(CLIENT.0);
        assert_eq!(sent.status, 302);
        let to = url::Url::parse(sent.header("location").unwrap()).unwrap();
        assert!(to.query_pairs().any(|(name, value)| name == "state" && value == "a b&c"), "{to}");
        to.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    };
    let endpoint = format!("{}/oauth2/generate-customer-token", gong.url());
    let trade = |secret: &str, body: &[(&str, &str)], query: &[(&str, &str)]| {
        let headers = [
            ("authorization", basic((CLIENT.0, secret))),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        ask("POST", &format!("{endpoint}?{}", form(query)), &headers, &form(body))
    };
    let first = code();
    let wish = |code| {
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("client_id", CLIENT.0)]
    };
    assert_eq!(trade("wrong", &wish(&first), &[]).status, 401);
    let given = trade(CLIENT.1, &wish(&first), &[]).json();
    assert_eq!((&given["token_type"], &given["expires_in"]), (&json!("bearer"), &json!(86_400)));
    assert_eq!(trade(CLIENT.1, &wish(&first), &[]).status, 400, "a code is spent");
    // The same in the query.
    let (second, third) = (code(), code());
    let other = trade(CLIENT.1, &[], &wish(&second)).json();
    assert!(other["access_token"].is_string(), "{other}");
    let mut astray = wish(&third);
    astray[2].1 = "https://elsewhere.example";
    assert_eq!(trade(CLIENT.1, &astray, &[]).status, 400);

    let base = text(&given, "api_base_url_for_customer");
    assert!(base == gong.customer_url() && base != gong.url());
    let bearer = |tokens: &Value| {
        let header = format!("Bearer {}", text(tokens, "access_token"));
        let body = json!({"filter": {}, "contentSelector": {"exposedFields": {"media": true}}}).to_string();
        ask("POST", &format!("{base}/v2/calls/extensive"), &[("authorization", &header)], &body)
    };
    let calls = bearer(&given).json();
    assert_eq!(calls["calls"][0].get("media"), None, "the scope for it is missing");
    assert!(bearer(&gong.grant("api:calls:read:media-url")).json()["calls"][0]["media"]["audioUrl"].is_string());

    let again = |tokens: &Value| {
        trade(CLIENT.1, &[("grant_type", "refresh_token"), ("refresh_token", &text(tokens, "refresh_token"))], &[])
    };
    let fresh = again(&given).json();
    let spent = again(&given);
    assert_eq!((spent.status, spent.json()["errors"][0].is_string()), (400, true), "a refresh token is spent");
    assert_eq!(bearer(&fresh).status, 200);
    gong.time().advance(DAY);
    assert_eq!(bearer(&fresh).status, 401, "its day is over");
    assert_eq!(bearer(&again(&fresh).json()).status, 200);
}
