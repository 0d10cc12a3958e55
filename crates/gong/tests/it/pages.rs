//! What is sent, and what comes of it when all is well.

use crate::keeper::{ACCESS_KEY, KEY_SECRET, client, failure, records, settings, users, with};
use gong::{CallView, Filter, GongError, Page, Settings, Trail, TranscriptView, everything};
use remote::testing::{Server, answer, json};
use serde_json::{Value, json};

fn filter() -> Filter {
    Filter {
        from: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        to: Some("2026-11-02T00:00:00Z".parse().unwrap()),
        workspace: Some("62".to_owned()),
        calls: vec!["12345678901234567890".to_owned()],
    }
}

fn calls(items: &Value, cursor: Option<&str>) -> Value {
    json!({ "requestId": "r", "records": records(items.as_array().unwrap().len(), cursor), "calls": items })
}

#[tokio::test]
async fn the_mark_of_a_page_stands_in_the_body_of_a_post_and_all_else_stays() {
    let server = Server::start(|number, _| {
        let cursor = ["eyJ.2", "eyJ.3"].get(number).copied();
        json(200, &calls(&json!([{ "metaData": { "id": number.to_string() } }]), cursor))
    })
    .await;
    let (client, memory) = client(&server);
    let (mut cursor, mut ids, mut trail) = (None, Vec::new(), Trail::default());
    loop {
        let page = client.calls(&filter(), &everything(true), cursor.as_deref()).await.unwrap();
        ids.extend(page.items.iter().filter_map(|item| CallView::of(item).id));
        cursor = trail.next(&page, "calls").unwrap();
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(ids, ["0", "1", "2"]);
    assert_eq!(memory.state().admitted, 3);
    let seen = server.seen();
    let filter = json!({
        "fromDateTime": "2026-11-01T00:00:00Z", "toDateTime": "2026-11-02T00:00:00Z", "workspaceId": "62",
        "callIds": ["12345678901234567890"],
    });
    for (seen, cursor) in seen.iter().zip([json!(null), json!("eyJ.2"), json!("eyJ.3")]) {
        assert_eq!(seen.line, "POST /v2/calls/extensive", "and no query");
        assert_eq!(seen.header("content-type"), Some("application/json"));
        let mut body = json!({ "filter": filter, "contentSelector": everything(true) });
        if !cursor.is_null() {
            body["cursor"] = cursor;
        }
        assert_eq!(seen.body, body);
    }
}

#[tokio::test]
async fn the_mark_of_a_page_stands_in_the_address_of_a_get() {
    let server = Server::script(vec![users(&["1"], Some("a+/=&b")), users(&["2"], None)]).await;
    let (client, _) = client(&server);
    let first = client.users(None).await.unwrap();
    assert_eq!((first.items, first.total), (vec![json!({ "id": "1" })], Some(250)));
    let second = client.users(first.cursor.as_deref()).await.unwrap();
    assert_eq!((second.items, second.cursor), (vec![json!({ "id": "2" })], None));
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["GET /v2/users", "GET /v2/users?cursor=a%2B%2F%3D%26b"]);
}

#[tokio::test]
async fn the_access_key_and_its_secret_are_shown_as_gong_wants_them() {
    let list = json!({ "requestId": "r", "workspaces": [{ "id": "62", "name": "Sales", "novelty": 1 }] });
    let server = Server::script(vec![json(200, &list)]).await;
    let base = server.url().join("gate/v2/").unwrap();
    let (client, _) = with(Settings { base_url: base, ..settings(&server) });
    assert_eq!(client.workspaces().await.unwrap(), [json!({ "id": "62", "name": "Sales", "novelty": 1 })]);
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "GET /gate/v2/workspaces");
    // Encoded by another program.
    assert_eq!((ACCESS_KEY, KEY_SECRET), ("AKsesameACCESS", "sesame-of-the-key"));
    assert_eq!(seen.header("authorization"), Some("Basic QUtzZXNhbWVBQ0NFU1M6c2VzYW1lLW9mLXRoZS1rZXk="));
}

#[tokio::test]
async fn a_filter_that_fits_nothing_is_an_empty_page_but_an_address_without_gong_is_none() {
    let none = failure(404, "No calls found corresponding to the provided filters");
    let server = Server::script(vec![none]).await;
    let (client, _) = client(&server);
    let nothing = Ok(Page { none: true, ..Page::default() });
    assert_eq!(client.calls(&filter(), &everything(false), None).await, nothing);
    assert_eq!(client.transcripts(&filter(), None).await, nothing);
    assert_eq!(server.seen().len(), 2);
    let error = client.users(None).await.unwrap_err();
    assert!(matches!(error, GongError::NotThere { what: "users", .. }), "a list without a filter: {error:?}");

    for page in
        [answer(404, &[("content-type", "text/html")], "<h1>Not found</h1>"), json(404, &json!({ "message": "x" }))]
    {
        let server = Server::script(vec![page]).await;
        let (client, _) = crate::keeper::client(&server);
        let error = client.calls(&filter(), &everything(false), None).await.unwrap_err();
        assert!(matches!(error, GongError::NotThere { what: "calls", .. }), "{error:?}");
        assert!(!error.is_transient());
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn items_come_as_they_are() {
    let item = json!({
        "metaData": { "id": "18446744073709551615", "novelty": { "deep": [1, 2.5, null, "é"] }, "duration": "odd" },
        "unheardOf": true, "parties": [{ "speakerId": null }],
    });
    let list = calls(&json!([item, 7]), None);
    let transcript =
        json!({ "callId": "77", "transcript": [{ "speakerId": "901", "topic": null, "mood": "x", "sentences": [] }] });
    let transcripts = json!({ "requestId": "r", "records": records(1, None), "callTranscripts": [transcript] });
    let server =
        Server::start(move |_, seen| json(200, if seen.line.ends_with("transcript") { &transcripts } else { &list }))
            .await;
    let (client, _) = client(&server);
    let page = client.calls(&filter(), &everything(true), None).await.unwrap();
    assert_eq!(page.items, [item, json!(7)]);
    let page = client.transcripts(&filter(), Some("eyJ")).await.unwrap();
    assert_eq!(page.items, [transcript]);
    assert!(TranscriptView::of(&page.items[0]).is_empty());
    let seen = server.seen();
    assert_eq!(seen[1].line, "POST /v2/calls/transcript");
    assert_eq!(
        (&seen[1].body["cursor"], seen[1].body.as_object().unwrap().len()),
        (&json!("eyJ"), 2),
        "{}",
        seen[1].text
    );
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    let server = Server::script(vec![users(&["1"], Some("same"))]).await;
    let (client, _) = client(&server);
    let page = client.users(None).await.unwrap();
    let error = client.users(page.cursor.as_deref()).await.unwrap_err();
    assert_eq!(error, GongError::Circle { what: "users" });
    assert_eq!(server.seen().len(), 2, "it is not asked for again");
    assert!(!error.is_transient() && error.to_string().contains("no end"), "{error}");
    // Page 1 for ever, with a mark of its own each time.
    let server = Server::start(|number, _| users(&["1", "2"], Some(&format!("mark {number}")))).await;
    let (client, _) = crate::keeper::client(&server);
    let (mut trail, mut cursor) = (Trail::default(), None);
    let end = loop {
        let page = client.users(cursor.as_deref()).await.unwrap();
        match trail.next(&page, "users") {
            Ok(next) => cursor = next,
            Err(error) => break error,
        }
    };
    assert_eq!((end, server.seen().len()), (GongError::Circle { what: "users" }, 2));
}
