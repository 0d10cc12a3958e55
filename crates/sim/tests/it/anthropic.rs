//! The Messages API, asked over bare sockets.

use crate::http::{Answer, ask};
use serde_json::{Value, json};
use sim::anthropic::{API_KEY, Settings};
use sim::{Anthropic, Fault, Judge, Latency, ModelFault};
use std::time::{Duration, Instant};

const MODEL: &str = "claude-sonnet-5-5";

fn call(sim: &Anthropic, method: &str, path: &str, body: &Value) -> Answer {
    faulty(sim, method, path, body, "")
}

fn faulty(sim: &Anthropic, method: &str, path: &str, body: &Value, fault: &str) -> Answer {
    let mut headers = vec![("x-api-key", API_KEY), ("anthropic-version", "2026-10-21")];
    if !fault.is_empty() {
        headers.push(("x-sim-fault", fault));
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    ask(method, &format!("{}{path}", sim.url()), &headers, &body)
}

fn create(sim: &Anthropic, body: &Value) -> Answer {
    call(sim, "POST", "/v1/messages", body)
}

fn hello() -> Value {
    json!({"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]})
}

fn ok_schema() -> Value {
    json!({"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": false})
}

fn with(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    match pointer.rsplit_once('/') {
        Some((parent, name)) => body.pointer_mut(parent).unwrap()[name] = value,
        None => body[pointer] = value,
    }
    body
}

#[test]
fn strangers_are_refused_and_the_key_header_wins() {
    let sim = Anthropic::start(Judge::Scripted);
    let url = format!("{}/v1/messages", sim.url());
    let bearer = format!("Bearer {API_KEY}");
    let version = ("anthropic-version", "2026-10-21");
    let told = |headers: &[(&str, &str)]| {
        let answer = ask("POST", &url, headers, &hello().to_string());
        (answer.status, answer.json()["error"]["type"].as_str().unwrap_or("none").to_owned())
    };
    let refused = (401, "authentication_error".to_owned());
    let fine = (200, "none".to_owned());
    assert_eq!(told(&[version]), refused);
    assert_eq!(told(&[version, ("x-api-key", "wrong")]), refused);
    assert_eq!(told(&[version, ("authorization", &bearer)]), fine);
    assert_eq!(told(&[version, ("authorization", "Bearer wrong"), ("x-api-key", API_KEY)]), fine);
    assert_eq!(told(&[version, ("authorization", &bearer), ("x-api-key", "wrong")]), refused);
    assert_eq!(told(&[("x-api-key", API_KEY)]), (400, "invalid_request_error".to_owned()));
}

#[test]
fn what_the_api_does_not_take_is_told() {
    let sim = Anthropic::start(Judge::Scripted);
    let hello = hello();
    let text = |text: &str| json!({"type": "text", "text": text, "cache_control": {"type": "ephemeral"}});
    let format = |schema: Value| json!({"format": {"type": "json_schema", "schema": schema}});
    let bounded = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "additionalProperties": false});
    let cases = [
        (with(&hello, "temperature", json!(1)), 400, "temperature"),
        (with(&hello, "top_k", json!(5)), 400, "top_k"),
        (with(&hello, "response_format", json!({})), 400, "response_format: Extra inputs"),
        (with(&hello, "model", json!("claude-imaginary-9")), 404, "claude-imaginary-9"),
        (with(&hello, "max_tokens", json!(null)), 400, "max_tokens"),
        (with(&hello, "max_tokens", json!(1_000_000)), 400, "max_tokens"),
        (with(&hello, "messages", json!([])), 400, "at least one message"),
        (with(&hello, "/messages/0/role", json!("assistant")), 400, "first message"),
        (with(&hello, "/messages/0/content", json!("")), 400, "non-empty"),
        (
            with(&hello, "/messages/0/content", json!((0..5).map(|n| text(&n.to_string())).collect::<Vec<_>>())),
            400,
            "maximum of 4",
        ),
        (
            with(&hello, "output_config", format(json!({"type": "object", "properties": {}}))),
            400,
            "additionalProperties",
        ),
        (with(&hello, "output_config", format(bounded)), 400, "minimum"),
        (with(&hello, "thinking", json!({"type": "enabled", "budget_tokens": 100})), 400, "budget_tokens"),
        (with(&hello, "system", json!("word ".repeat(1_000_001))), 400, "prompt is too long"),
        (with(&hello, "system", json!("x".repeat(32 << 20))), 413, "maximum size"),
        (
            with(
                &hello,
                "messages",
                json!([
                    {"role": "user", "content": "a"},
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "x", "input": {}}]},
                    {"role": "user", "content": "b"}
                ]),
            ),
            400,
            "without `tool_result`",
        ),
        (
            with(
                &hello,
                "messages",
                json!([
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t9", "content": "x"}]}
                ]),
            ),
            400,
            "unexpected `tool_use_id`",
        ),
        (
            with(&hello, "messages", json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "{"}])),
            400,
            "prefill",
        ),
    ];
    for (body, status, words) in cases {
        let answer = create(&sim, &body);
        let error = answer.json();
        assert_eq!(answer.status, status, "{words}: {error}");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{words}: {message}");
        assert_eq!(error["request_id"].as_str(), answer.header("request-id"));
    }
    let old = [("x-api-key", API_KEY), ("anthropic-version", "2023-06-01")];
    let warm = |model: &str| {
        let body = with(&with(&hello, "temperature", json!(0.5)), "model", json!(model)).to_string();
        ask("POST", &format!("{}/v1/messages", sim.url()), &old, &body).status
    };
    assert_eq!((warm("claude-haiku-4-5"), warm(MODEL)), (200, 400));
}

#[test]
fn a_prefix_is_paid_for_once_while_it_lives() {
    let sim = Anthropic::start(Judge::Scripted);
    let transcript = "Tell me more about that, please. ".repeat(200);
    let body = |task: &str| {
        json!({"model": MODEL, "max_tokens": 100,
        "system": [{"type": "text", "text": "rule ".repeat(1_100), "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": transcript, "cache_control": {"type": "ephemeral"}}, {"type": "text", "text": task}
        ]}]})
    };
    let usage = |body: &Value| {
        let usage = create(&sim, body).json()["usage"].clone();
        let of = |name: &str| usage.pointer(name).unwrap().as_u64().unwrap();
        let written =
            (of("/cache_creation/ephemeral_1h_input_tokens"), of("/cache_creation/ephemeral_5m_input_tokens"));
        assert_eq!(of("/cache_creation_input_tokens"), written.0 + written.1);
        (of("/input_tokens"), written, of("/cache_read_input_tokens"))
    };
    let (rules, words) = (1_375, 1_650);
    assert_eq!(usage(&body("one")), (1, (rules, words), 0));
    assert_eq!(usage(&body("two words")), (3, (0, 0), rules + words));
    let mut counted = body("two words");
    counted.as_object_mut().unwrap().remove("max_tokens");
    let count = call(&sim, "POST", "/v1/messages/count_tokens", &counted).json();
    assert_eq!(count["input_tokens"], 3 + rules + words, "what is counted is what is paid for, in whichever way");
    let schema = |name: &str| {
        let mut schema = ok_schema();
        schema["title"] = name.into();
        with(&body("one"), "output_config", json!({"format": {"type": "json_schema", "schema": schema}}))
    };
    assert_eq!(usage(&schema("a")).2, 0, "another schema is another prompt");
    assert_eq!(usage(&schema("b")).2, 0);
    assert!(usage(&schema("a")).2 > rules + words);
    assert_eq!(usage(&with(&body("one"), "model", json!("claude-haiku-5-5"))).2, 0, "and so is another model");
    let clock = ask("POST", &format!("{}/__sim/clock", sim.url()), &[], r#"{"advance_s": 301}"#);
    assert_eq!(clock.status, 200);
    assert_eq!(usage(&body("one")), (1, (0, words), rules), "after five minutes the rules are still known");
    sim.time().advance(chrono::TimeDelta::seconds(3_601));
    assert_eq!(usage(&body("one")), (1, (rules, words), 0));
}

#[test]
fn what_is_asked_before_the_first_token_is_paid_for_again() {
    let latency = Latency {
        first_token: Duration::from_millis(1_500),
        first_token_cached: Some(Duration::from_millis(100)),
        per_token: Duration::from_millis(1),
    };
    let sim = Anthropic::with(Settings { latency, cache_minimum: 10, ..Settings::default() });
    let mut body = hello();
    body["system"] = json!([{"type": "text", "text": "rule ".repeat(50), "cache_control": {"type": "ephemeral"}}]);
    let read = |answer: &Answer| answer.json()["usage"]["cache_read_input_tokens"].as_u64().unwrap();
    let reads: Vec<u64> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..3).map(|_| scope.spawn(|| read(&create(&sim, &body)))).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert_eq!(reads, [0, 0, 0]);
    assert_eq!(sim.most_at_once(), 3);
    let begun = Instant::now();
    assert!(read(&create(&sim, &body)) > 0);
    assert!(begun.elapsed() < Duration::from_millis(1_400), "reading is faster: {:?}", begun.elapsed());
    let asked = sim.asked();
    let took = |at: usize| asked[at].answered.saturating_sub(asked[at].arrived);
    assert!(
        took(0) >= Duration::from_millis(1_500) && took(3) >= Duration::from_millis(100),
        "{:?} {:?}",
        took(0),
        took(3)
    );
}

#[test]
fn a_stream_says_what_the_whole_answer_says() {
    let sim = Anthropic::start(Judge::Scripted);
    let mut body = with(&hello(), "thinking", json!({"type": "adaptive"}));
    let whole = create(&sim, &body).json();
    body["stream"] = json!(true);
    let answer = create(&sim, &body);
    assert!(answer.whole && answer.header("content-type").unwrap().starts_with("text/event-stream"));
    let events = answer.events();
    for (line, event) in answer.body.lines().filter_map(|line| line.strip_prefix("event: ")).zip(&events) {
        assert_eq!(line, event["type"]);
    }
    let joined = |kind: &str, field: &str| {
        let deltas = events.iter().map(|event| &event["delta"]).filter(|delta| delta["type"] == kind);
        deltas.map(|delta| delta[field].as_str().unwrap()).collect::<String>()
    };
    assert_eq!(whole["content"][0]["thinking"], joined("thinking_delta", "thinking"));
    assert_eq!(whole["content"][1]["text"], joined("text_delta", "text"));
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types.first(), Some(&"message_start"));
    assert!(types.contains(&"ping"));
    assert_eq!(types[types.len() - 2..], ["message_delta", "message_stop"]);
    let end = &events[events.len() - 2];
    assert_eq!(
        (&end["delta"]["stop_reason"], &end["usage"]["output_tokens"]),
        (&json!("end_turn"), &whole["usage"]["output_tokens"])
    );
}

#[test]
fn answers_end_where_they_must() {
    let sim = Anthropic::start(Judge::by(|_| json!("one two three four five six seven eight")));
    let stop = |body: &Value| {
        let answer = create(&sim, body).json();
        (answer["stop_reason"].clone(), answer["content"][0]["text"].clone())
    };
    assert_eq!(stop(&hello()).0, "end_turn");
    assert_eq!(stop(&with(&hello(), "max_tokens", json!(3))), (json!("max_tokens"), json!("one two thre")));
    assert_eq!(
        stop(&with(&hello(), "stop_sequences", json!(["six", " three"]))),
        (json!("stop_sequence"), json!("one two"))
    );
    assert_eq!(stop(&with(&hello(), "max_tokens", json!(0))), (json!("max_tokens"), Value::Null));
}

#[test]
fn what_a_judge_says_fits_the_schema_or_is_a_fault_of_the_simulator() {
    let sim = Anthropic::start(Judge::Fixed(json!({"ok": true})));
    let body = with(&hello(), "output_config", json!({"format": {"type": "json_schema", "schema": ok_schema()}}));
    assert_eq!(create(&sim, &body).json()["content"][0]["text"], r#"{"ok":true}"#);
    sim.set_judge(Judge::Fixed(json!({"ok": "yes"})));
    let answer = create(&sim, &body);
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(answer.status == 500 && message.contains("$.ok: expected"), "{message}");
}

#[test]
fn a_tool_is_called_and_answered() {
    let sim = Anthropic::start(Judge::Scripted);
    let tool = |name: &str| json!({"name": name, "input_schema": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"], "additionalProperties": false}});
    let mut body = with(&hello(), "tools", json!([tool("find_call"), tool("other")]));
    let first = create(&sim, &body).json();
    assert_eq!(first["stop_reason"], "tool_use");
    let called = first["content"].as_array().unwrap().iter().find(|block| block["type"] == "tool_use").unwrap();
    assert_eq!((&called["name"], called["input"]["q"].is_string()), (&json!("find_call"), true));
    let named = with(&body, "tool_choice", json!({"type": "tool", "name": "other"}));
    assert_eq!(
        create(&sim, &with(&named, "stream", json!(true)))
            .events()
            .iter()
            .find(|event| event["content_block"]["type"] == "tool_use")
            .unwrap()["content_block"]["name"],
        "other"
    );
    assert_eq!(create(&sim, &with(&body, "tool_choice", json!({"type": "none"}))).json()["stop_reason"], "end_turn");
    let result = json!([{"type": "tool_result", "tool_use_id": called["id"], "content": "three calls"}]);
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": first["content"]}));
    messages.push(json!({"role": "user", "content": result}));
    let last = create(&sim, &body).json();
    assert_eq!(last["stop_reason"], "end_turn");
    assert!(last["content"][0]["text"].as_str().unwrap().contains("three calls"));
}

#[test]
fn faults_are_played_by_header_and_by_script() {
    let sim = Anthropic::start(Judge::Scripted);
    let schema = json!({"format": {"type": "json_schema", "schema": ok_schema()}});
    let body = with(&hello(), "output_config", schema);
    let stream = with(&body, "stream", json!(true));
    let ask = |body: &Value, fault: &str| faulty(&sim, "POST", "/v1/messages", body, fault);
    let limited = ask(&body, "status=429;retry-after=2;x-should-retry=true");
    assert_eq!(
        (limited.status, limited.header("retry-after"), limited.header("x-should-retry")),
        (429, Some("2"), Some("true"))
    );
    assert_eq!(limited.json()["error"]["type"], "rate_limit_error");
    let capped = ask(&body, "spend-cap");
    assert_eq!((capped.status, capped.header("retry-after")), (429, None));
    assert!(capped.json()["error"]["message"].as_str().unwrap().contains("monthly spend"));
    assert_eq!(
        (ask(&body, "quota").status, ask(&body, "status=529").json()["error"]["type"].clone()),
        (402, json!("overloaded_error"))
    );
    let refused = ask(&body, "refusal").json();
    assert_eq!((&refused["stop_reason"], &refused["content"]), (&json!("refusal"), &json!([])));
    assert_eq!(ask(&body, "empty").json()["content"], json!([]));
    let cut = ask(&body, "max-tokens").json();
    assert_eq!(cut["stop_reason"], "max_tokens");
    for fault in ["max-tokens", "not-json"] {
        let said = ask(&body, fault).json();
        assert!(serde_json::from_str::<Value>(said["content"][0]["text"].as_str().unwrap()).is_err(), "{fault}");
    }
    assert!(serde_json::from_str::<Value>(&ask(&body, "truncate-json").body).is_err());
    assert_eq!(ask(&body, "wrong-content-type").header("content-type"), Some("text/html; charset=utf-8"));
    let types = |fault: &str| -> Vec<String> {
        ask(&stream, fault).events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types("error-in-stream=overloaded_error").last().unwrap(), "error");
    assert_eq!(types("no-end").last().unwrap(), "message_delta");
    let strange = types("unknown-event");
    assert!(strange.iter().any(|kind| kind == "novelty") && strange.last().unwrap() == "message_stop");
    let broken = ask(&stream, "truncate-json");
    let data = broken.body.lines().filter(|line| line.starts_with("data: ")).count();
    assert_eq!(broken.events().len(), data - 1, "one event is half");
    let dropped = ask(&stream, "drop-after-bytes=300");
    assert_eq!((dropped.status, dropped.body.len(), dropped.whole), (200, 300, false));
    assert_eq!(ask(&body, "explode").status, 400);

    sim.faults().next(1, &Fault::status(529));
    sim.faults().next(1, &ModelFault::Refusal.into());
    assert_eq!(create(&sim, &body).status, 529);
    assert_eq!(create(&sim, &body).json()["stop_reason"], "refusal");
    let script = crate::http::ask("POST", &format!("{}/__sim/faults", sim.url()), &[], "status=500\npass\nstatus=529");
    assert_eq!(script.status, 200);
    let statuses: Vec<u16> = (0..4).map(|_| create(&sim, &body).status).collect();
    assert_eq!(statuses, [500, 200, 529, 200]);
    let journal = crate::http::ask("GET", &format!("{}/__sim/requests", sim.url()), &[], "").json();
    let last = journal.as_array().unwrap().last().unwrap();
    assert_eq!(journal.as_array().unwrap().len(), sim.asked().len());
    assert_eq!(serde_json::from_str::<Value>(last["body"].as_str().unwrap()).unwrap(), body);
    assert_eq!((&last["headers"]["x-api-key"], &last["status"]), (&json!(API_KEY), &json!(200)));
}

#[test]
fn a_stalled_answer_begins_and_goes_no_further() {
    use std::io::{Read as _, Write as _};
    let sim = Anthropic::start(Judge::Scripted);
    let body = with(&hello(), "stream", json!(true)).to_string();
    let mut socket = std::net::TcpStream::connect(sim.url().trim_start_matches("http://")).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
    write!(
        socket,
        "POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: {API_KEY}\r\nanthropic-version: 2026-10-21\r\n\
        x-sim-fault: stall=64\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = Vec::new();
    let ended = socket.read_to_end(&mut text);
    assert!(
        ended.is_err_and(|error| matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut))
    );
    assert!(String::from_utf8_lossy(&text).contains("event: message_start"));
}

#[test]
fn a_batch_ends_in_its_time_and_tells_its_results_in_another_order() {
    let sim = Anthropic::start(Judge::Scripted);
    let ids: Vec<String> = (0..5).map(|n| format!("call-{n}")).collect();
    let request = |id: &String| json!({"custom_id": id, "params": hello()});
    let mut requests: Vec<_> = ids.iter().map(request).collect();
    requests[4]["params"]["temperature"] = json!(1);
    let batch = json!({ "requests": requests });
    let made = faulty(&sim, "POST", "/v1/messages/batches", &batch, "errored=call-1;expired=call-2").json();
    let path = format!("/v1/messages/batches/{}", made["id"].as_str().unwrap());
    let get = || call(&sim, "GET", &path, &Value::Null).json();
    assert_eq!(call(&sim, "GET", &format!("{path}/results"), &Value::Null).status, 404);
    assert_eq!(call(&sim, "DELETE", &path, &Value::Null).status, 400);
    for poll in 0..2 {
        let told = get();
        assert_eq!(told["processing_status"], "in_progress", "{poll}");
        assert_eq!(
            told["request_counts"],
            json!({"processing": 5, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0})
        );
    }
    let mut ended = get();
    for _ in 0..200 {
        if ended["processing_status"] == "ended" {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        ended = get();
    }
    assert_eq!(
        ended["request_counts"],
        json!({"processing": 0, "succeeded": 2, "errored": 2, "canceled": 0, "expired": 1})
    );
    let url = ended["results_url"].as_str().unwrap();
    let results = ask("GET", url, &[("x-api-key", API_KEY), ("anthropic-version", "2026-10-21")], "");
    let lines: Vec<Value> = results.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let order: Vec<&str> = lines.iter().map(|line| line["custom_id"].as_str().unwrap()).collect();
    assert!(order != ids && ids.iter().all(|id| order.contains(&id.as_str())), "{order:?}");
    let result = |id: &str| &lines.iter().find(|line| line["custom_id"] == id).unwrap()["result"];
    assert_eq!(result("call-0")["message"]["usage"]["service_tier"], "batch");
    assert_eq!(result("call-1")["error"]["error"]["type"], "api_error");
    assert_eq!(result("call-2"), &json!({"type": "expired"}));
    assert_eq!(result("call-4")["error"]["error"]["type"], "invalid_request_error");

    let other = call(&sim, "POST", "/v1/messages/batches", &json!({"requests": [request(&ids[0])]})).json();
    let other = format!("/v1/messages/batches/{}", other["id"].as_str().unwrap());
    assert_eq!(call(&sim, "POST", &format!("{other}/cancel"), &Value::Null).json()["processing_status"], "canceling");
    assert_eq!(call(&sim, "GET", &other, &Value::Null).json()["request_counts"]["canceled"], 1);
    let listed = call(&sim, "GET", "/v1/messages/batches?limit=1", &Value::Null).json();
    assert_eq!((listed["has_more"].clone(), listed["data"].as_array().unwrap().len()), (json!(true), 1));
    assert_eq!(call(&sim, "DELETE", &path, &Value::Null).json()["type"], "message_batch_deleted");
    assert_eq!(call(&sim, "GET", &path, &Value::Null).status, 404);

    let wrong = |requests: Value| call(&sim, "POST", "/v1/messages/batches", &json!({ "requests": requests })).status;
    assert_eq!(wrong(json!([request(&ids[0]), request(&ids[0])])), 400, "ids are unique");
    assert_eq!(wrong(json!([{"custom_id": "a", "params": with(&hello(), "stream", json!(false))}])), 400);
    let late = call(&sim, "POST", "/v1/messages/batches", &json!({"requests": [request(&ids[0])]})).json();
    sim.time().advance(chrono::TimeDelta::hours(25));
    let late =
        call(&sim, "GET", &format!("/v1/messages/batches/{}", late["id"].as_str().unwrap()), &Value::Null).json();
    assert_eq!(late["request_counts"]["expired"], 1);
}

#[test]
fn models_come_in_pages() {
    let sim = Anthropic::start(Judge::Scripted);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = call(&sim, "GET", &format!("/v1/models?limit=4{after}"), &Value::Null).json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned()));
        if page["has_more"] == false {
            break;
        }
        after = format!("&after_id={}", page["last_id"].as_str().unwrap());
    }
    assert_eq!(seen, Settings::default().models);
    assert_eq!(call(&sim, "GET", &format!("/v1/models/{MODEL}"), &Value::Null).json()["id"], MODEL);
    assert_eq!(call(&sim, "GET", "/v1/models/gpt-4", &Value::Null).status, 404);
}

#[test]
fn a_stream_takes_its_time_for_every_token() {
    let latency = Latency { per_token: Duration::from_millis(40), ..Latency::default() };
    let judge = Judge::by(|_| json!("twelve tokens are what this sentence has, about that"));
    let sim = Anthropic::with(Settings { latency, judge, ..Settings::default() });
    for stream in [true, false] {
        let begun = Instant::now();
        let answer = create(&sim, &with(&hello(), "stream", json!(stream)));
        let took = begun.elapsed();
        assert!(answer.whole && took >= Duration::from_millis(480), "{stream}: {took:?}");
    }
    let head = sim.asked()[0].answered.saturating_sub(sim.asked()[0].arrived);
    assert!(head < Duration::from_millis(400), "a stream begins before it ends: {head:?}");
}
