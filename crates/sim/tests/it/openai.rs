//! The protocol of `OpenAI` in its flavours, asked over bare sockets.

use crate::http::{Answer, ask};
use base64::Engine as _;
use serde_json::{Value, json};
use sim::openai::{API_KEY, Flavour, Settings};
use sim::{Judge, OpenAi};

const FLAVOURS: [Flavour; 4] = [Flavour::OpenAi, Flavour::Ollama, Flavour::LlamaCpp, Flavour::Vllm];

fn model(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::OpenAi => "gpt-5-mini",
        Flavour::Ollama => "qwen3:8b",
        Flavour::LlamaCpp => "whatever",
        Flavour::Vllm => "Qwen/Qwen3-8B",
    }
}

fn post(sim: &OpenAi, path: &str, body: &Value, fault: &str) -> Answer {
    let bearer = format!("Bearer {API_KEY}");
    let mut headers = vec![("authorization", bearer.as_str())];
    if !fault.is_empty() {
        headers.push(("x-sim-fault", fault));
    }
    ask("POST", &format!("{}{path}", sim.url()), &headers, &body.to_string())
}

fn chat(sim: &OpenAi, body: &Value) -> Answer {
    post(sim, "/chat/completions", body, "")
}

fn hello(flavour: Flavour) -> Value {
    json!({"model": model(flavour), "messages": [{"role": "user", "content": "Hello"}]})
}

fn with(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}

fn format(schema: &Value) -> Value {
    json!({"type": "json_schema", "json_schema": {"name": "out", "strict": true, "schema": schema}})
}

fn ok_schema() -> Value {
    json!({"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": false})
}

#[test]
fn every_flavour_streams_what_it_says_whole() {
    for flavour in FLAVOURS {
        let sim = OpenAi::start(flavour, Judge::Scripted);
        let whole = chat(&sim, &hello(flavour)).json();
        let text = whole["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
        assert!(text.contains("Hello"));
        let mut body = with(&hello(flavour), "stream", json!(true));
        let answer = chat(&sim, &body);
        assert!(answer.whole && answer.body.ends_with("data: [DONE]\n\n"));
        let joined = |events: &[Value]| -> String {
            events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect()
        };
        assert_eq!(joined(&answer.events()), text);
        assert_eq!(answer.events().last().unwrap()["choices"][0]["finish_reason"], "stop");
        assert!(answer.events().iter().all(|event| event["usage"].is_null()), "{flavour}");
        body["stream_options"] = json!({"include_usage": true});
        let events = chat(&sim, &body).events();
        let last = events.last().unwrap();
        assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &whole["usage"]["total_tokens"]));
    }
}

#[test]
fn flavours_differ_as_their_servers_do() {
    let [openai, ollama, llamacpp, vllm] =
        FLAVOURS.map(|flavour| OpenAi::start(flavour, Judge::by(|_| json!("one two three four five"))));
    let sims = [&openai, &ollama, &llamacpp, &vllm];
    let all = |change: &dyn Fn(Value) -> Value| -> Vec<(u16, Value)> {
        let ask = |(sim, flavour): (&&OpenAi, Flavour)| {
            let answer = chat(sim, &change(hello(flavour)));
            (answer.status, answer.json())
        };
        sims.iter().zip(FLAVOURS).map(ask).collect()
    };
    let statuses = |answers: &[(u16, Value)]| answers.iter().map(|(status, _)| *status).collect::<Vec<_>>();
    let unknown = all(&|body| with(&body, "chat_template_kwargs", json!({})));
    assert_eq!(statuses(&unknown), [400, 200, 200, 200]);
    let stranger = all(&|body| with(&body, "model", json!("no-such")));
    assert_eq!(statuses(&stranger), [404, 404, 200, 404]);
    let types: Vec<_> = stranger.iter().map(|(_, answer)| answer["error"]["type"].clone()).collect();
    assert_eq!(types, [json!("invalid_request_error"), json!("not_found_error"), Value::Null, json!("NotFoundError")]);
    assert_eq!(stranger[3].1["error"]["code"], 404);
    let reason = |answers: &[(u16, Value)]| -> Vec<String> {
        answers
            .iter()
            .map(|(_, answer)| answer["choices"][0]["finish_reason"].as_str().unwrap_or("none").to_owned())
            .collect()
    };
    assert_eq!(reason(&all(&|body| with(&body, "max_tokens", json!(2)))), ["length"; 4]);
    assert_eq!(
        reason(&all(&|body| with(&body, "max_completion_tokens", json!(2)))),
        ["length", "stop", "length", "length"]
    );
    assert_eq!(reason(&all(&|body| with(&body, "stop", json!("three")))), ["stop"; 4]);
    let both = all(&|body| with(&with(&body, "max_tokens", json!(2)), "max_completion_tokens", json!(2)));
    assert_eq!(statuses(&both), [400, 200, 200, 200]);
    let thought = all(&|body| with(&body, "reasoning_effort", json!("low")));
    let where_to: Vec<Vec<&String>> = thought
        .iter()
        .map(|(_, answer)| {
            answer["choices"][0]["message"]
                .as_object()
                .unwrap()
                .keys()
                .filter(|key| key.starts_with("reasoning"))
                .collect()
        })
        .collect();
    assert_eq!(where_to, [vec![], vec!["reasoning"], vec!["reasoning_content"], vec!["reasoning_content"]]);
    assert!(thought[2].1["timings"]["predicted_n"].as_u64().unwrap() > 0);
    let unnamed = all(&|body| {
        with(&body, "response_format", json!({"type": "json_schema", "json_schema": {"schema": ok_schema()}}))
    });
    assert_eq!(unnamed[0].0, 400);
    let bare = |sim: &OpenAi, flavour| {
        ask("POST", &format!("{}/chat/completions", sim.url()), &[], &hello(flavour).to_string()).status
    };
    let keys: Vec<u16> = sims.iter().zip(FLAVOURS).map(|(sim, flavour)| bare(sim, flavour)).collect();
    assert_eq!(keys, [401, 200, 200, 401]);
    let loading = OpenAi::with(Settings { flavour: Flavour::LlamaCpp, loading: 2, ..Settings::default() });
    let statuses: Vec<u16> = (0..3).map(|_| chat(&loading, &hello(Flavour::LlamaCpp)).status).collect();
    assert_eq!(statuses, [503, 503, 200]);
}

#[test]
fn strict_schemas_are_strict() {
    let sim = OpenAi::start(Flavour::OpenAi, Judge::Fixed(json!({"ok": true})));
    let body = |schema: Value| with(&hello(Flavour::OpenAi), "response_format", format(&schema));
    assert_eq!(chat(&sim, &body(ok_schema())).json()["choices"][0]["message"]["content"], r#"{"ok":true}"#);
    let mut loose = ok_schema();
    loose["required"] = json!([]);
    let told = chat(&sim, &body(loose));
    assert!(
        told.status == 400 && told.json()["error"]["message"].as_str().unwrap().contains("Missing 'ok'"),
        "{}",
        told.body
    );
    let mut named = body(ok_schema());
    named["response_format"]["json_schema"]["name"] = json!("has a space");
    assert_eq!(chat(&sim, &named).status, 400);
    let object = with(&hello(Flavour::OpenAi), "response_format", json!({"type": "json_object"}));
    assert_eq!(chat(&sim, &object).status, 400, "the word JSON is missing");
}

#[test]
fn a_prefix_is_cached_without_being_asked_to() {
    let sim = OpenAi::start(Flavour::OpenAi, Judge::Scripted);
    let rules = "Every claim needs its evidence from the call. ".repeat(150);
    let body = |schema: &str, question: &str| {
        let mut named = ok_schema();
        named["description"] = schema.into();
        json!({"model": "gpt-5-mini", "response_format": format(&named),
            "messages": [{"role": "system", "content": rules}, {"role": "user", "content": question}]})
    };
    let cached = |body: &Value| {
        let usage = chat(&sim, body).json()["usage"].clone();
        let (cached, prompt) = (
            usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap(),
            usage["prompt_tokens"].as_u64().unwrap(),
        );
        assert!(cached < prompt || cached == 0 || cached == prompt);
        cached
    };
    assert_eq!(cached(&body("a", "one")), 0);
    let read = cached(&body("a", "two"));
    assert!(read >= 1_024, "{read}");
    assert_eq!(cached(&body("b", "two")), 0, "the schema stands before everything else");
    sim.time().advance(chrono::TimeDelta::seconds(301));
    assert_eq!(cached(&body("a", "three")), 0);
}

#[test]
fn arguments_of_tools_come_in_pieces() {
    let sim = OpenAi::start(Flavour::OpenAi, Judge::Scripted);
    let parameters = json!({"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"], "additionalProperties": false});
    let tools =
        json!([{"type": "function", "function": {"name": "find_call", "strict": true, "parameters": parameters}}]);
    let mut body = with(&with(&hello(Flavour::OpenAi), "tools", tools), "stream", json!(true));
    let events = chat(&sim, &body).events();
    let calls: Vec<&Value> = events
        .iter()
        .map(|event| &event["choices"][0]["delta"]["tool_calls"][0])
        .filter(|call| !call.is_null())
        .collect();
    let arguments: String = calls.iter().map(|call| call["function"]["arguments"].as_str().unwrap()).collect();
    assert!(calls.len() > 3 && calls.iter().all(|call| call["index"] == 0));
    assert!(serde_json::from_str::<Value>(&arguments).unwrap()["query"].is_string());
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");
    let id = calls[0]["id"].as_str().unwrap();
    let call = json!({"id": id, "type": "function", "function": {"name": "find_call", "arguments": arguments}});
    body["stream"] = json!(false);
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
    messages.push(json!({"role": "tool", "tool_call_id": id, "content": "three calls"}));
    let answer = chat(&sim, &body).json();
    assert!(answer["choices"][0]["message"]["content"].as_str().unwrap().contains("three calls"), "{answer}");
    body["messages"][2]["tool_call_id"] = json!("call_of_nobody");
    assert_eq!(chat(&sim, &body).status, 400);
}

#[test]
fn embeddings_are_of_unit_length_and_out_of_order() {
    let sim = OpenAi::start(Flavour::OpenAi, Judge::Scripted);
    let texts = ["The price is too high", "the price seems high", "Penguins swim", "The price is too high"];
    let body = json!({"model": "text-embedding-3-small", "input": texts, "dimensions": 256});
    let answer = post(&sim, "/embeddings", &body, "").json();
    let data = answer["data"].as_array().unwrap();
    let order: Vec<u64> = data.iter().map(|entry| entry["index"].as_u64().unwrap()).collect();
    assert_ne!(order, [0, 1, 2, 3]);
    let vector = |index: u64| -> Vec<f64> {
        let entry = data.iter().find(|entry| entry["index"] == index).unwrap();
        entry["embedding"].as_array().unwrap().iter().map(|place| place.as_f64().unwrap()).collect()
    };
    let product = |left: &[f64], right: &[f64]| left.iter().zip(right).map(|(left, right)| left * right).sum::<f64>();
    for index in 0..4 {
        let vector = vector(index);
        assert_eq!(vector.len(), 256);
        assert!((product(&vector, &vector) - 1.0).abs() < 1e-5);
    }
    assert_eq!(vector(0), vector(3));
    assert!(product(&vector(0), &vector(1)) > product(&vector(0), &vector(2)) + 0.2);
    let coded = post(&sim, "/embeddings", &with(&body, "encoding_format", json!("base64")), "").json();
    let entry = coded["data"].as_array().unwrap().iter().find(|entry| entry["index"] == 2).unwrap().clone();
    let bytes = base64::engine::general_purpose::STANDARD.decode(entry["embedding"].as_str().unwrap()).unwrap();
    let floats = bytes.chunks(4).map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())));
    assert!(floats.zip(vector(2)).all(|(left, right)| (left - right).abs() < 1e-6));
    let missing = post(&sim, "/embeddings", &body, "missing-embedding").json();
    assert_eq!(missing["data"].as_array().unwrap().len(), 3);
    let short = post(&sim, "/embeddings", &body, "short-embedding").json();
    assert_eq!(short["data"][0]["embedding"].as_array().unwrap().len(), 128);
    for wrong in [json!([]), json!(""), json!(vec!["x"; 2_049]), json!({"x": 1})] {
        assert_eq!(post(&sim, "/embeddings", &with(&body, "input", wrong), "").status, 400);
    }
}

#[test]
fn faults_have_the_words_of_the_flavour() {
    for flavour in FLAVOURS {
        let sim = OpenAi::start(flavour, Judge::Scripted);
        let body = hello(flavour);
        let stream = with(&body, "stream", json!(true));
        let ask = |body: &Value, fault: &str| post(&sim, "/chat/completions", body, fault);
        let limited = ask(&body, "status=429;retry-after-ms=1500");
        assert_eq!((limited.status, limited.header("retry-after-ms")), (429, Some("1500")));
        let quota = ask(&body, "quota");
        assert_eq!((quota.status, quota.json()["error"]["type"].clone()), (429, json!("insufficient_quota")));
        let refused = ask(&body, "refusal").json()["choices"][0]["message"].clone();
        assert_eq!(refused["refusal"].is_string(), flavour == Flavour::OpenAi, "{flavour}");
        assert_eq!(refused["content"].is_null(), flavour == Flavour::OpenAi, "{flavour}");
        let filtered = ask(&body, "content-filter").json();
        assert_eq!(filtered["choices"][0]["finish_reason"], "content_filter");
        let broken = ask(&stream, "error-in-stream=server_error");
        assert_eq!(broken.events().last().unwrap()["error"]["type"], "server_error");
        assert!(!broken.body.contains("[DONE]"));
        let unfinished = ask(&stream, "no-end");
        assert!(unfinished.whole && !unfinished.body.contains("[DONE]"));
        assert!(unfinished.events().iter().all(|event| event["choices"][0]["finish_reason"].is_null()));
        assert!(ask(&stream, "unknown-event").body.ends_with("data: [DONE]\n\n"));
        assert_eq!(ask(&body, "empty").json()["choices"][0]["message"]["content"], "");
    }
}
