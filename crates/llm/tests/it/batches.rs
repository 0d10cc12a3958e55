//! A batch from its making to its results.

use crate::server::{Answer, Asked as _, Piece, SECRET_WORDS, Server, answer, json, question};
use llm::{BatchOutcome, BatchStatus, LlmError, Provider, Question, Stop};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn questions(names: &[&str]) -> Vec<Question> {
    names.iter().map(|name| Question { custom_id: (*name).to_owned(), request: question() }).collect()
}

fn batch(status: &str, succeeded: u64) -> Value {
    json!({
        "id": "msgbatch_1", "type": "message_batch", "processing_status": status, "results_url": "http://127.0.0.1:1/elsewhere",
        "request_counts": { "processing": 4 - succeeded, "succeeded": succeeded, "errored": 0, "canceled": 0, "expired": 0 },
        "created_at": "2026-11-20T08:00:00.123456+00:00", "expires_at": "2026-11-21T08:00:00Z", "ended_at": null, "new": {},
    })
}

fn results() -> Vec<Value> {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-1", "stop_reason": "end_turn", "stop_sequence": null,
        "content": [{ "type": "thinking", "thinking": "hm", "signature": "" }, { "type": "text", "text": "{\"ok\":true}\u{2028}" }],
        "usage": { "input_tokens": 5, "cache_read_input_tokens": 70, "output_tokens": 6, "service_tier": "batch" },
    });
    let overloaded =
        json!({ "type": "error", "error": { "type": "overloaded_error", "message": "x" }, "request_id": null });
    let wrong = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": SECRET_WORDS } });
    vec![
        json!({ "custom_id": "d", "result": { "type": "expired" } }),
        json!({ "custom_id": "b", "result": { "type": "errored", "error": overloaded } }),
        json!({ "custom_id": "e", "result": { "type": "errored", "error": wrong } }),
        json!({ "custom_id": "a", "result": { "type": "succeeded", "message": message } }),
        json!({ "custom_id": "c", "result": { "type": "canceled" } }),
    ]
}

/// Lines in pieces that end anywhere.
fn lines(text: &str) -> Answer {
    let head = "HTTP/1.1 200 X\r\ncontent-type: application/x-jsonl\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let pieces = text.as_bytes().chunks(7).map(crate::server::chunk);
    let head = Piece::Bytes(head.as_bytes().to_vec());
    std::iter::once(head).chain(pieces).chain([crate::server::stream_end()]).collect()
}

#[tokio::test]
async fn a_batch_is_made_polled_and_read_in_any_order() {
    let text = results().iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let server = Server::start(move |number, seen| match (number, seen.line.as_str()) {
        (0, "POST /v1/messages/batches") | (1, "GET /v1/messages/batches/msgbatch_1") => {
            json(200, &batch("in_progress", 0))
        }
        (2, "GET /v1/messages/batches/msgbatch_1") => json(200, &batch("ended", 1)),
        (_, "GET /v1/messages/batches/msgbatch_1/results") => lines(&text),
        _ => answer(500, &[], ""),
    })
    .await;
    let client = server.client(Provider::Anthropic);
    let made = client.batch_create(&questions(&["a", "b", "c", "d", "e"])).await.unwrap();
    assert_eq!(
        (made.id.as_str(), made.processing_status, made.request_counts.processing),
        ("msgbatch_1", BatchStatus::InProgress, 4)
    );
    assert_eq!(made.created_at.unwrap().timestamp_subsec_micros(), 123_456);
    let sent = &server.seen()[0].body["requests"];
    assert_eq!(sent.as_array().unwrap().len(), 5);
    assert_eq!((&sent[1]["custom_id"], &sent[1]["params"]["max_tokens"]), (&json!("b"), &json!(500)));
    assert_eq!(sent[1]["params"].get("stream"), None, "a batch is not streamed");
    assert_eq!(client.batch("msgbatch_1").await.unwrap().processing_status, BatchStatus::InProgress);
    assert_eq!(client.batch("msgbatch_1").await.unwrap().processing_status, BatchStatus::Ended);

    let mut results = client.batch_results("msgbatch_1").await.unwrap();
    let mut outcomes = BTreeMap::new();
    while let Some(result) = results.next().await {
        let result = result.unwrap();
        assert!(outcomes.insert(result.custom_id, result.outcome).is_none());
    }
    assert!(results.next().await.is_none(), "over is over");
    assert_eq!(outcomes.keys().collect::<Vec<_>>(), ["a", "b", "c", "d", "e"]);
    let BatchOutcome::Succeeded(reply) = &outcomes["a"] else { panic!("{:?}", outcomes["a"]) };
    assert_eq!((reply.text.as_str(), &reply.stop), ("{\"ok\":true}\u{2028}", &Stop::End));
    assert_eq!((reply.usage.input, reply.usage.cache_read, reply.usage.output), (5, 70, 6));
    assert_eq!(outcomes["b"], BatchOutcome::Errored(LlmError::Overloaded { status: 529 }));
    assert_eq!((&outcomes["c"], &outcomes["d"]), (&BatchOutcome::Canceled, &BatchOutcome::Expired));
    let BatchOutcome::Errored(wrong) = &outcomes["e"] else { panic!("{:?}", outcomes["e"]) };
    assert!(matches!(wrong, LlmError::Invalid { status: Some(400), .. }) && !wrong.to_string().contains(SECRET_WORDS));
}

#[tokio::test]
async fn results_that_break_off_are_an_error_and_then_nothing() {
    let text = format!("{}\n\n{}", results()[0], &results()[1].to_string()[..20]);
    let mut broken = lines(&text);
    broken.pop();
    let garbled = format!("{}\n{{}}\n{}\n", results()[0], results()[1]);
    let server = Server::script(vec![broken, lines(&text), lines(&garbled)]).await;
    let client = server.client(Provider::Anthropic);
    for kind in ["unfinished", "not_understood", "not_understood"] {
        let mut results = client.batch_results("msgbatch_1").await.unwrap();
        assert_eq!(results.next().await.unwrap().unwrap().custom_id, "d");
        assert_eq!(results.next().await.unwrap().unwrap_err().kind(), kind);
        assert!(results.next().await.is_none());
    }
}

#[tokio::test]
async fn a_batch_that_may_have_been_made_is_not_made_again() {
    for (first, requests) in
        [(answer(500, &[("x-should-retry", "true")], ""), 1), (Vec::new(), 1), (answer(429, &[], ""), 2)]
    {
        let server = Server::script(vec![first, json(200, &batch("in_progress", 0))]).await;
        let made = server.client(Provider::Anthropic).batch_create(&questions(&["a"])).await;
        assert_eq!((made.is_ok(), server.seen().len()), (requests == 2, requests));
    }
}

#[tokio::test]
async fn batches_are_listed_cancelled_and_deleted() {
    let server = Server::start(|_, seen| match seen.line.as_str() {
        "GET /v1/messages/batches?limit=1000" => json(200, &json!({ "data": [batch("ended", 4)], "has_more": false })),
        "POST /v1/messages/batches/msgbatch_1/cancel" => json(200, &batch("canceling", 0)),
        "DELETE /v1/messages/batches/msgbatch_1" => {
            json(200, &json!({ "id": "msgbatch_1", "type": "message_batch_deleted" }))
        }
        _ => answer(404, &[], ""),
    })
    .await;
    let client = server.client(Provider::Anthropic);
    assert_eq!(client.batches().await.unwrap()[0].request_counts.succeeded, 4);
    assert_eq!(client.batch_cancel("msgbatch_1").await.unwrap().processing_status, BatchStatus::Canceling);
    client.batch_delete("msgbatch_1").await.unwrap();
    assert_eq!(client.batch("msgbatch_2").await, Err(LlmError::NotThere { what: "batch" }));
}

#[tokio::test]
async fn what_is_no_batch_is_not_sent() {
    let server = Server::script(vec![json(200, &batch("in_progress", 0))]).await;
    let client = server.client(Provider::Anthropic);
    for names in [&[][..], &["a", "a"], &[""], &["a b"], &["ä"]] {
        let error = client.batch_create(&questions(names)).await.unwrap_err();
        assert!(matches!(error, LlmError::Invalid { status: None, .. }), "{names:?}: {error:?}");
    }
    let client = server.client(Provider::OpenAi);
    let unsupported = LlmError::Unsupported { what: "batches", provider: "openai" };
    assert_eq!(client.batch_create(&questions(&["a"])).await, Err(unsupported.clone()));
    assert_eq!(client.batch("x").await, Err(unsupported.clone()));
    assert_eq!(client.batch_results("x").await.err(), Some(unsupported));
    assert!(server.seen().is_empty());
}
