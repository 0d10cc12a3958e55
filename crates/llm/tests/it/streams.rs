//! Streams as they come: in pieces, with what is to be ignored, and as the services really sent them.

use crate::server::{
    Answer, Asked as _, Piece, SECRET_WORDS, Server, chunk, chunks, events, good, good_anthropic, good_openai,
    question, stream, stream_end, stream_head,
};
use llm::{LlmError, Provider, Reply, Stop, Usage};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::oneshot;

async fn ask(provider: Provider, answer: Answer) -> Result<Reply, LlmError> {
    let server = Server::script(vec![answer]).await;
    let settings = llm::Settings { retries: 0, ..server.settings(provider) };
    llm::Client::new(settings).unwrap().ask(&question(), None).await
}

#[tokio::test]
async fn a_stream_of_anthropic_is_put_together_whatever_its_pieces_and_line_ends() {
    let text = good_anthropic("Grüße, 谢谢 \"quoted\"\\n");
    let plain = text.clone();
    let with_comments = format!(": hello\n\n{}", text.replace("\n\n", "\n: still here\n\n"));
    for (name, text) in [
        ("LF", plain.clone()),
        ("CRLF", plain.replace('\n', "\r\n")),
        ("CR", plain.replace('\n', "\r")),
        ("comments", with_comments),
    ] {
        for size in [1, 2, 3, 7, 100_000] {
            let reply = ask(Provider::Anthropic, stream(&text, size)).await.unwrap();
            assert_eq!(reply.text, "Grüße, 谢谢 \"quoted\"\\n", "{name} in pieces of {size}");
            assert_eq!((reply.stop, reply.model.as_str()), (Stop::End, "claude-x-1"));
            assert_eq!(reply.request_id.as_deref(), Some("req_1"));
            let usage = Usage { input: 7, cache_read: 90, output: 5, ..Usage::default() };
            assert_eq!(reply.usage, usage);
            assert_eq!(reply.attempts, 1);
            assert!(reply.first_token.unwrap() <= reply.took);
        }
    }
}

#[tokio::test]
async fn a_stream_of_chat_completions_is_put_together_whatever_its_pieces_and_line_ends() {
    let plain = good_openai("Grüße, 谢谢");
    // Data on two lines is one event.
    let split = plain.replace(r#""choices":"#, "\ndata: \"choices\":");
    assert_ne!(split, plain);
    for text in
        [plain.clone(), plain.replace('\n', "\r\n"), plain.replace('\n', "\r"), plain.replace("data: ", "data:"), split]
    {
        for size in [1, 5, 100_000] {
            let reply = ask(Provider::OpenAi, stream(&text, size)).await.unwrap();
            assert_eq!((reply.text.as_str(), reply.stop, reply.model.as_str()), ("Grüße, 谢谢", Stop::End, "m-1"));
            assert_eq!(reply.usage, Usage { input: 7, cache_read: 90, output: 5, ..Usage::default() });
        }
    }
}

#[tokio::test]
async fn what_is_yet_to_be_invented_is_ignored() {
    let text = events(&[
        json!({ "type": "message_start", "message": { "model": "c", "usage": { "input_tokens": 3, "output_tokens": 1, "new": {} }, "new": 1 } }),
        json!({ "type": "aurora", "index": [] }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "thinking", "thinking": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "thinking_delta", "thinking": "secret thoughts" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "signature_delta", "signature": "abc" } }),
        json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "hologram" } }),
        json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "hologram_delta", "text": 5 } }),
        json!({ "type": "content_block_start", "index": 2, "content_block": { "type": "text", "text": "{\"ok\"" } }),
        json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "text_delta", "text": ":true}", "new": null } }),
        json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "citations_delta", "citation": {} } }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "stop_sequence" }, "usage": { "output_tokens": 9, "output_tokens_details": { "thinking_tokens": 5 } } }),
        json!({ "type": "message_stop" }),
    ]);
    let text = format!("event: heartbeat\ndata: not even JSON\n\nretry: 5\nid: 7\n\n{text}");
    let reply = ask(Provider::Anthropic, stream(&text, 64)).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.stop), (r#"{"ok":true}"#, Stop::End));
    assert_eq!(reply.usage, Usage { input: 3, output: 9, ..Usage::default() });

    let text = chunks(&[
        json!({ "choices": [{ "index": 0, "delta": { "reasoning": "hm", "reasoning_content": "hm" } }], "obfuscation": "x", "error": null }),
        json!({ "choices": [{ "index": 1, "delta": { "content": "another" } }, { "index": 0, "delta": { "content": "mine", "new": [] } }] }),
        json!({ "choices": [{ "index": 0, "delta": null, "finish_reason": "length" }], "timings": { "predicted_ms": 3.5 } }),
        json!({ "choices": [], "usage": { "prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6, "prompt_tokens_details": null } }),
    ]);
    let reply = ask(Provider::LlamaCpp, stream(&text, 64)).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.stop, reply.model.as_str()), ("mine", Stop::Cut, "m-1"));
    assert_eq!(reply.usage, Usage { input: 4, output: 2, ..Usage::default() });
}

#[tokio::test]
async fn why_an_answer_of_anthropic_ended_is_told() {
    let ended = |reason: &str, details: Value| {
        let start = json!({ "type": "message_start", "message": { "model": "c", "usage": { "input_tokens": 3, "output_tokens": 1 } } });
        let end = json!({ "type": "message_delta", "delta": { "stop_reason": reason, "stop_details": details }, "usage": { "output_tokens": 2 } });
        stream(&events(&[start, end, json!({ "type": "message_stop" })]), 100)
    };
    let stop = |answer| async { ask(Provider::Anthropic, answer).await.unwrap().stop };
    assert_eq!(stop(ended("max_tokens", Value::Null)).await, Stop::Cut);
    assert_eq!(stop(ended("model_context_window_exceeded", Value::Null)).await, Stop::ContextFull);
    assert_eq!(stop(ended("pause_turn", Value::Null)).await, Stop::Other("pause_turn".to_owned()));
    let details = json!({ "type": "refusal", "category": "cyber", "explanation": "Not this.", "new": 1 });
    let refused = Stop::Refused { category: Some("cyber".to_owned()), explanation: Some("Not this.".to_owned()) };
    assert_eq!(stop(ended("refusal", details)).await, refused);
    assert_eq!(stop(ended("refusal", Value::Null)).await, Stop::Refused { category: None, explanation: None });
}

#[tokio::test]
async fn what_was_remembered_for_how_long_is_told_apart() {
    let usage = json!({ "input_tokens": 3, "cache_creation_input_tokens": 500, "cache_read_input_tokens": 40, "output_tokens": 1,
        "cache_creation": { "ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300 } });
    let whole = |start: Value, end: Value| {
        let start = json!({ "type": "message_start", "message": { "model": "c", "usage": start } });
        let end = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": end });
        stream(&events(&[start, end, json!({ "type": "message_stop" })]), 100)
    };
    // The end tells sums once more: they are not added.
    let last = json!({ "input_tokens": 3, "cache_creation_input_tokens": 500, "cache_read_input_tokens": 40, "output_tokens": 8 });
    let reply = ask(Provider::Anthropic, whole(usage, last)).await.unwrap();
    let expected =
        Usage { input: 3, cache_write_5m: 200, cache_write_1h: 300, cache_read: 40, output: 8, estimated: false };
    assert_eq!((reply.usage, reply.usage.prompt()), (expected, 543));
    let unsplit = json!({ "input_tokens": 3, "cache_creation_input_tokens": 500, "output_tokens": 1 });
    let reply = ask(Provider::Anthropic, whole(unsplit, json!({ "output_tokens": 8 }))).await.unwrap();
    assert_eq!((reply.usage.cache_write_5m, reply.usage.cache_write_1h), (500, 0));
}

#[tokio::test]
async fn a_refusal_of_chat_completions_is_one_by_its_words_or_by_the_filter() {
    let words = chunks(&[
        json!({ "choices": [{ "index": 0, "delta": { "refusal": "I cannot " } }] }),
        json!({ "choices": [{ "index": 0, "delta": { "refusal": "help." }, "finish_reason": "stop" }] }),
    ]);
    let reply = ask(Provider::OpenAi, stream(&words, 100)).await.unwrap();
    assert_eq!(reply.stop, Stop::Refused { category: None, explanation: Some("I cannot help.".to_owned()) });
    assert_eq!((reply.text.as_str(), reply.first_token), ("", None));
    let filter = chunks(&[json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "content_filter" }] })]);
    let reply = ask(Provider::OpenAi, stream(&filter, 100)).await.unwrap();
    assert_eq!(reply.stop, Stop::Refused { category: Some("content_filter".to_owned()), explanation: None });
}

#[tokio::test]
async fn usage_that_is_not_told_is_counted_here_and_says_so() {
    let text = chunks(&[
        json!({ "choices": [{ "index": 0, "delta": { "content": "hello world" }, "finish_reason": "stop" }] }),
    ]);
    let reply = ask(Provider::Ollama, stream(&text, 100)).await.unwrap();
    assert!(reply.usage.estimated);
    assert_eq!((reply.usage.output, reply.usage.cache_read), (2, 0));
    assert!((10..40).contains(&reply.usage.input), "{:?}", reply.usage);
    // The end was told, so what is missing after it is no loss.
    let cut = vec![stream_head(), chunk(text.replace("data: [DONE]\n\n", "").as_bytes())];
    assert_eq!(ask(Provider::Ollama, cut).await.unwrap().text, "hello world");
}

#[tokio::test]
async fn a_stream_without_its_end_is_no_answer() {
    let whole = good_anthropic("half an answer");
    let (before, _) = whole.split_once("event: message_stop").unwrap();
    // Ended in order, broken off, and broken off within the last event.
    let cut = whole.trim_end().as_bytes();
    for answer in [
        stream(before, 100),
        vec![stream_head(), chunk(before.as_bytes())],
        stream("", 1),
        vec![stream_head(), chunk(cut), stream_end()],
    ] {
        assert_eq!(ask(Provider::Anthropic, answer).await, Err(LlmError::Unfinished));
    }
    let whole = good_openai("half an answer");
    let (before, _) = whole.split_once(r#"data: {"choices":[{"delta":{},"#).unwrap();
    for answer in [stream(before, 100), vec![stream_head(), chunk(before.as_bytes())]] {
        assert_eq!(ask(Provider::OpenAi, answer).await, Err(LlmError::Unfinished));
    }
}

#[tokio::test]
async fn the_first_token_is_told_while_the_answer_is_still_written() {
    for provider in [Provider::Anthropic, Provider::OpenAi] {
        let whole = if provider == Provider::Anthropic { good_anthropic("first") } else { good_openai("first") };
        let at = whole.find("first").unwrap();
        let split = at + whole[at..].find("\n\n").unwrap() + 2;
        let pause = |ms| Piece::Wait(Duration::from_millis(ms));
        // Before it comes a while without text, after it one without an end.
        let start = whole.find("\n\n").unwrap() + 2;
        let answer = vec![
            stream_head(),
            chunk(&whole.as_bytes()[..start]),
            pause(150),
            chunk(&whole.as_bytes()[start..split]),
            pause(400),
            chunk(&whole.as_bytes()[split..]),
            stream_end(),
        ];
        let server = Server::script(vec![answer]).await;
        let client = server.client(provider);
        let (tell, told) = oneshot::channel();
        let asked = tokio::spawn(async move { client.ask(&question(), Some(tell)).await });
        told.await.unwrap();
        assert!(!asked.is_finished(), "{provider}: the rest is still to come");
        let reply = asked.await.unwrap().unwrap();
        let first = reply.first_token.unwrap();
        assert!(first >= Duration::from_millis(150) && reply.took >= first + Duration::from_millis(300), "{reply:?}");
    }
}

#[tokio::test]
async fn who_waits_for_the_first_token_of_an_answer_that_fails_is_let_go() {
    let server = Server::script(vec![crate::server::answer(401, &[], "")]).await;
    let (tell, told) = oneshot::channel();
    assert!(server.client(Provider::Anthropic).ask(&question(), Some(tell)).await.is_err());
    assert!(told.await.is_err());
}

#[tokio::test]
async fn an_end_without_an_answer_is_no_answer() {
    assert_eq!(ask(Provider::Vllm, stream("data: [DONE]\n\n", 100)).await, Err(LlmError::Unfinished));
    let told = json!({ "object": "error", "message": "x", "type": "InternalServerError", "param": null, "code": 500 });
    let error = ask(Provider::Vllm, stream(&chunks(&[told]), 100)).await;
    assert_eq!(error, Err(LlmError::Server { status: 500 }));
}

#[tokio::test]
async fn an_empty_answer_is_one() {
    let reply = ask(Provider::OpenAi, good(Provider::OpenAi, "")).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.stop, reply.first_token), ("", Stop::End, None));
}

#[tokio::test]
async fn an_error_does_not_repeat_the_prompt() {
    let body = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": format!("messages.0: '{SECRET_WORDS}' is not for {}", crate::server::KEY) } });
    let error = ask(Provider::Anthropic, crate::server::json(400, &body)).await.unwrap_err();
    assert_eq!(error, LlmError::Invalid { status: Some(400), message: "messages.0: '…' is not for …".to_owned() });
}

/// A recorded stream, or none with a note that it is skipped.
#[expect(clippy::print_stdout, reason = "a skipped test must say so")]
fn recorded(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/llm_sse").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {name} is not there: no folder `shared/data/llm_sse` beside the repository");
    }
    text
}

/// Asks a server that plays a recording; the recordings have the data of one event on a line.
async fn play(provider: Provider, name: &str) -> Option<Reply> {
    let recorded = recorded(name)?;
    let lines: Vec<Value> = recorded.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = if provider == Provider::Anthropic { events(&lines) } else { chunks(&lines) };
    for size in [1, 4096] {
        let reply = ask(provider, stream(&text, size)).await.unwrap();
        if size > 1 {
            return Some(reply);
        }
    }
    None
}

#[tokio::test]
async fn recorded_streams_of_anthropic() {
    if let Some(reply) = play(Provider::Anthropic, "anthropic__anthropic-text.chunks.txt").await {
        let text = "Hello! I'm doing well, thank you for asking. How are you doing today? Is there anything I can help you with?";
        assert_eq!(
            (reply.text.as_str(), reply.stop, reply.model.as_str()),
            (text, Stop::End, "claude-sonnet-4-5-20250929")
        );
        assert_eq!(reply.usage, Usage { input: 12, output: 30, ..Usage::default() });
    }
    if let Some(reply) = play(Provider::Anthropic, "anthropic__anthropic-json-output-format.1.chunks.txt").await {
        let document: Value = serde_json::from_str(&reply.text).unwrap();
        assert!(document["characters"].as_array().is_some_and(|all| !all.is_empty()));
        assert_eq!((reply.stop, reply.usage.input), (Stop::End, 313));
    }
    if let Some(reply) = play(Provider::Anthropic, "anthropic__anthropic-refusal.chunks.txt").await {
        let Stop::Refused { category, explanation } = reply.stop else { panic!("{:?}", reply.stop) };
        assert_eq!((category.as_deref(), reply.text.as_str()), (Some("cyber"), ""));
        assert!(explanation.is_some_and(|text| text.contains("blocked")));
        assert_eq!(reply.usage, Usage { input: 18, output: 5, ..Usage::default() });
    }
    if let Some(reply) = play(Provider::Anthropic, "anthropic__anthropic-tool-no-args.chunks.txt").await {
        assert_eq!(reply.text, "I'll update the issue list for you.");
        assert_eq!(reply.stop, Stop::Other("tool_use".to_owned()));
        assert_eq!(reply.usage, Usage { input: 565, output: 48, ..Usage::default() });
    }
}

#[tokio::test]
async fn recorded_streams_of_chat_completions() {
    if let Some(reply) = play(Provider::OpenAi, "openai__openai-text.chunks.txt").await {
        assert!(reply.text.starts_with("**Holiday Name") && reply.stop == Stop::End, "{}", reply.text);
        assert_eq!(reply.usage, Usage { input: 16, output: 300, ..Usage::default() });
    }
    if let Some(reply) = play(Provider::OpenAi, "openai-compatible__xai-text.chunks.txt").await {
        assert!(!reply.text.is_empty() && !reply.text.contains("the user said"), "{}", reply.text);
        // Its thoughts are in the total alone.
        assert_eq!(reply.usage, Usage { input: 1, cache_read: 11, output: 342, ..Usage::default() });
    }
    if let Some(reply) = play(Provider::OpenAi, "openai-compatible__xai-tool-call.chunks.txt").await {
        assert_eq!(reply.stop, Stop::Other("tool_calls".to_owned()));
    }
    if let Some(text) = recorded("openai-compatible__anthropic-fallback-tool-call.sse") {
        let reply = ask(Provider::OpenAi, stream(&text, 1)).await.unwrap();
        assert_eq!((reply.text.as_str(), reply.stop), ("Reading it.", Stop::Other("tool_calls".to_owned())));
        assert!(reply.usage.estimated && reply.usage.output > 0);
    }
}
