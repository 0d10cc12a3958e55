//! What is sent, to the letter.

use crate::server::{Asked as _, KEY, Server, good, json, question};
use llm::{CacheFor, LlmError, Message, Part, Provider, Request, Role, Schema};
use serde_json::json;

fn full() -> Request {
    let document = json!({ "type": "object", "properties": { "ok": { "type": "boolean" } }, "required": ["ok"], "additionalProperties": false });
    Request {
        model: "m-1".to_owned(),
        system: vec![Part::new("Stable rules.").cached(CacheFor::OneHour), Part::new("")],
        messages: vec![
            Message::user(vec![Part::new("The call.").cached(CacheFor::FiveMinutes), Part::new("The task.")]),
            Message::assistant("{}"),
            Message { role: Role::User, parts: vec![Part::new("`ok` is missing.")] },
        ],
        schema: Some(Schema { name: "discovery check!".to_owned(), document }),
        max_tokens: 800,
    }
}

#[tokio::test]
async fn anthropic_gets_blocks_with_marks_and_no_temperature() {
    let server = Server::script(vec![good(Provider::Anthropic, "x")]).await;
    server.client(Provider::Anthropic).ask(&full(), None).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /v1/messages");
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    assert_eq!(seen.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("authorization"), None);
    let schema = full().schema.unwrap().document;
    let expected = json!({
        "model": "m-1", "max_tokens": 800, "stream": true,
        "system": [{ "type": "text", "text": "Stable rules.", "cache_control": { "type": "ephemeral", "ttl": "1h" } }],
        "messages": [
            { "role": "user", "content": [
                { "type": "text", "text": "The call.", "cache_control": { "type": "ephemeral" } },
                { "type": "text", "text": "The task." },
            ] },
            { "role": "assistant", "content": [{ "type": "text", "text": "{}" }] },
            { "role": "user", "content": [{ "type": "text", "text": "`ok` is missing." }] },
        ],
        "output_config": { "format": { "type": "json_schema", "schema": schema } },
    });
    assert_eq!(seen.body, expected);
}

#[tokio::test]
async fn each_flavour_of_chat_completions_gets_its_field_for_the_longest_answer() {
    let server = Server::script(vec![good(Provider::OpenAi, "x")]).await;
    let schema = full().schema.unwrap().document;
    for provider in [Provider::OpenAi, Provider::Ollama, Provider::LlamaCpp, Provider::Vllm] {
        server.client(provider).ask(&full(), None).await.unwrap();
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.line, "POST /v1/chat/completions");
        assert_eq!(seen.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
        assert_eq!((seen.header("x-api-key"), seen.header("anthropic-version")), (None, None));
        let limit = if provider == Provider::OpenAi { "max_completion_tokens" } else { "max_tokens" };
        let expected = json!({
            "model": "m-1", limit: 800, "stream": true, "stream_options": { "include_usage": true },
            "messages": [
                { "role": "system", "content": "Stable rules." },
                { "role": "user", "content": "The call.\n\nThe task." },
                { "role": "assistant", "content": "{}" },
                { "role": "user", "content": "`ok` is missing." },
            ],
            "response_format": { "type": "json_schema", "json_schema": { "name": "discovery_check_", "strict": true, "schema": schema } },
        });
        assert_eq!(seen.body, expected, "{provider}");
    }
}

#[tokio::test]
async fn without_a_key_and_a_system_text_neither_is_sent() {
    let server = Server::script(vec![good(Provider::Ollama, "x")]).await;
    let settings = llm::Settings { key: None, ..server.settings(Provider::Ollama) };
    let request = Request { system: Vec::new(), ..question() };
    llm::Client::new(settings).unwrap().ask(&request, None).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.body["messages"].as_array().unwrap().len(), 1);
    assert_eq!(seen.body.get("response_format"), None);
}

#[test]
fn a_client_of_each_service_can_be_made_or_says_what_the_machine_lacks() {
    for provider in Provider::ALL {
        match llm::Client::new(llm::Settings::new(provider)) {
            Ok(client) => assert_eq!(client.provider(), provider),
            Err(error) => {
                let needs_certificates = matches!(provider, Provider::Anthropic | Provider::OpenAi);
                assert!(needs_certificates && error.to_string().contains("certificates"), "{provider}: {error}");
            }
        }
    }
    let settings =
        llm::Settings { key: Some(kernel::Secret::new("sk-\u{7}sesame")), ..llm::Settings::new(Provider::Ollama) };
    let error = llm::Client::new(settings).unwrap_err();
    assert!(matches!(error, LlmError::Settings(_)) && !error.to_string().contains("sesame"));
}

#[tokio::test]
async fn a_fifth_mark_is_refused_before_anything_is_sent() {
    let server = Server::script(vec![good(Provider::Anthropic, "x")]).await;
    let parts = |count| (0..count).map(|n| Part::new(n.to_string()).cached(CacheFor::FiveMinutes)).collect();
    let request = |count| Request { messages: vec![Message::user(parts(count))], ..question() };
    let client = server.client(Provider::Anthropic);
    let error = client.ask(&request(5), None).await.unwrap_err();
    assert!(matches!(error, LlmError::Invalid { status: None, .. }), "{error:?}");
    assert!(server.seen().is_empty());
    client.ask(&request(4), None).await.unwrap();
}

#[tokio::test]
async fn anthropic_counts_and_the_others_are_counted_for() {
    let server = Server::script(vec![json(200, &json!({ "input_tokens": 2095, "more": [] }))]).await;
    assert_eq!(server.client(Provider::Anthropic).count(&full()).await, Ok(2095));
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /v1/messages/count_tokens");
    assert_eq!((seen.body.get("max_tokens"), seen.body.get("stream")), (None, None));
    assert!(seen.body["messages"].is_array() && seen.body["output_config"].is_object());
    let here = server.client(Provider::OpenAi).count(&full()).await.unwrap();
    assert!((10..40).contains(&here), "{here}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn models_are_listed_page_by_page() {
    let model = |id: &str| json!({ "id": id, "type": "model", "display_name": "X", "lifecycle": "active", "max_input_tokens": 1_000_000, "max_tokens": 128_000, "capabilities": {} });
    let server = Server::start(move |_, seen| {
        let page = match seen.line.as_str() {
            "GET /v1/models?limit=1000" => {
                json!({ "data": [model("a"), model("b")], "has_more": true, "first_id": "a", "last_id": "b" })
            }
            "GET /v1/models?limit=1000&after_id=b" => {
                json!({ "data": [model("c")], "has_more": false, "last_id": "c" })
            }
            "GET /v1/models/c" => model("c"),
            _ => {
                return json(
                    404,
                    &json!({ "type": "error", "error": { "type": "not_found_error", "message": "model: d" } }),
                );
            }
        };
        json(200, &page)
    })
    .await;
    let client = server.client(Provider::Anthropic);
    let models = client.models().await.unwrap();
    assert_eq!(models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let model = client.model("c").await.unwrap();
    assert_eq!((model.max_input_tokens, model.lifecycle.as_deref()), (Some(1_000_000), Some("active")));
    assert_eq!(client.model("d").await, Err(LlmError::Model { model: "d".to_owned() }));
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    let page = json!({ "data": [{ "id": "a" }], "has_more": true, "last_id": "a" });
    let server = Server::script(vec![json(200, &page)]).await;
    let error = server.client(Provider::Anthropic).models().await.unwrap_err();
    assert!(matches!(error, LlmError::NotUnderstood { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn local_servers_list_their_models_each_in_its_way() {
    let vllm = json!({ "object": "list", "data": [{ "id": "org/m", "object": "model", "max_model_len": 32_768 }] });
    let server = Server::script(vec![json(200, &vllm)]).await;
    let model = server.client(Provider::Vllm).model("org/m").await.unwrap();
    assert_eq!(model.max_input_tokens, Some(32_768));
    assert_eq!(server.seen()[0].line, "GET /v1/models");
    let ollama = json!({ "object": "list", "data": [{ "id": "llama3:latest", "object": "model" }] });
    let server = Server::script(vec![json(200, &ollama), json(200, &json!({ "object": "list", "data": null }))]).await;
    let client = server.client(Provider::Ollama);
    assert_eq!(client.model("llama3").await.unwrap().id, "llama3:latest");
    assert_eq!(client.models().await, Ok(Vec::new()));
}
