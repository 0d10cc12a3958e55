//! Answers byte by byte: what other servers say, and that nothing of a text or a key is told on.

use crate::product;
use embed::{EmbedError, Embedder, Settings};
use kernel::Secret;
use remote::testing::{Answer, Log, Server, answer, json};
use serde_json::json as value;
use std::time::Duration;

const KEY: &str = "sk-sesame-0123456789";
const TEXT: &str = "our margin is thirty-one percent and falling";

fn embedder(server: &Server) -> Embedder {
    let settings = Settings {
        base_url: server.url().join("v1/").unwrap(),
        key: Some(Secret::new(KEY)),
        dimensions: Some(2),
        backoff: Duration::from_millis(5),
        ..Settings::new("some-model")
    };
    Embedder::remote(settings).unwrap()
}

async fn error_of(answers: Vec<Answer>) -> EmbedError {
    let server = Server::script(answers).await;
    embedder(&server).embed(vec![TEXT.to_owned()]).await.unwrap_err()
}

#[tokio::test]
async fn a_server_that_knows_no_base64_is_understood() {
    let data = value!({ "data": [{ "index": 1, "embedding": [0.0, 2.0] }, { "index": 0, "embedding": [3.0, 4.0] }] });
    let server = Server::script(vec![json(200, &data)]).await;
    let vectors = embedder(&server).embed(vec!["one".to_owned(), "two".to_owned()]).await.unwrap();
    assert!(product(&vectors[0], &[0.6, 0.8]) > 0.999_999 && product(&vectors[1], &[0.0, 1.0]) > 0.999_999);
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /v1/embeddings");
    assert!(seen.headers.contains(&("authorization".to_owned(), format!("Bearer {KEY}"))));
    assert_eq!(seen.body, value!({ "model": "some-model", "input": ["one", "two"], "encoding_format": "base64" }));
}

#[tokio::test]
async fn words_of_a_refusal_are_told_in_each_shape_they_come_in() {
    let shapes = [
        value!({ "error": { "message": "no pooling", "type": "invalid_request_error" } }),
        value!({ "error": "no pooling" }),
        value!({ "message": "no pooling", "object": "error" }),
    ];
    for shape in shapes {
        let error = error_of(vec![json(400, &shape)]).await;
        assert_eq!(error, EmbedError::Invalid { status: 400, message: "no pooling".to_owned() }, "{shape}");
    }
    let silent = error_of(vec![answer(422, &[], "<html>")]).await;
    assert_eq!(silent, EmbedError::Invalid { status: 422, message: "it does not say why".to_owned() });
    let long = value!({ "error": { "message": "input exceeds the available context size" } });
    assert_eq!(error_of(vec![json(400, &long)]).await, EmbedError::TooLarge);
    assert_eq!(error_of(vec![answer(307, &[("location", "https://elsewhere/")], "")]).await.kind(), "not_understood");
}

#[tokio::test]
async fn neither_text_nor_key_is_told_or_logged() {
    let log = Log::default();
    let writer = log.clone();
    // For the whole program, as only that hears what other crates log. What other tests log meanwhile must be as clean.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let echo = value!({ "error": { "message": format!("bad input: '{TEXT}' of {KEY}") } });
    for (status, times) in [(400, 1), (401, 1), (500, 3)] {
        let server = Server::script(vec![json(status, &echo)]).await;
        let embedder = embedder(&server);
        let error = embedder.embed(vec![TEXT.to_owned()]).await.unwrap_err();
        assert_eq!(server.seen().len(), times);
        let told = format!("{error} {error:?} {embedder:?}");
        assert!(!told.contains("margin") && !told.contains("sesame"), "{told}");
    }
    let logged = log.text();
    assert!(logged.contains("the service for embeddings failed and is asked again"), "{logged}");
    assert!(!logged.contains("margin") && !logged.contains("sesame"), "{logged}");
}
