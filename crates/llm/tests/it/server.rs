//! A server on a real socket that answers byte by byte what a test scripts. One request a connection.

use llm::{Client, Message, Part, Provider, Request, Settings};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The key of all tests, which nobody may show.
pub const KEY: &str = "sk-sesame-0123456789";

/// Words of the prompt of all tests, which nobody may show.
pub const SECRET_WORDS: &str = "our floor is ninety thousand";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `POST /v1/messages`.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is written, in order; then the connection is closed.
#[derive(Debug, Clone)]
pub enum Piece {
    Bytes(Vec<u8>),
    Wait(Duration),
}

pub type Answer = Vec<Piece>;

pub struct Server {
    addr: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    most: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers each request by its number, from 0, and what it is.
    pub async fn start(answer: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (journal, most_there, answer) = (seen.clone(), most.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (journal, now, most, answer) = (journal.clone(), now.clone(), most_there.clone(), answer.clone());
                tokio::spawn(async move {
                    let Some(request) = read(&mut stream).await else { return };
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let number = {
                        let mut journal = journal.lock().unwrap();
                        journal.push(request.clone());
                        journal.len() - 1
                    };
                    for piece in answer(number, &request) {
                        match piece {
                            Piece::Wait(time) => tokio::time::sleep(time).await,
                            Piece::Bytes(bytes) => {
                                // Who asked may have gone.
                                let _ = stream.write_all(&bytes).await;
                                let _ = stream.flush().await;
                            }
                        }
                    }
                    now.fetch_sub(1, Ordering::SeqCst);
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { addr, seen, most, task }
    }

    /// Gives these answers in turn, the last one from then on.
    pub async fn script(answers: Vec<Answer>) -> Self {
        Self::start(move |number, _| answers[number.min(answers.len() - 1)].clone()).await
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Requests under way at the same time, at most so far.
    pub fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// Settings that are patient enough for a slow machine and wait little between requests.
    pub fn settings(&self, provider: Provider) -> Settings {
        let path = if provider == Provider::Anthropic { "" } else { "/v1" };
        Settings {
            base_url: format!("http://{}{path}", self.addr).parse().unwrap(),
            key: Some(kernel::Secret::new(KEY)),
            deadline: Duration::from_secs(20),
            backoff: Duration::from_millis(5),
            ..Settings::new(provider)
        }
    }

    pub fn client(&self, provider: Provider) -> Client {
        Client::new(self.settings(provider)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(key, _)| key == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < head + 4 + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    let body = serde_json::from_slice(&bytes[head + 4..]).unwrap_or_default();
    Some(Seen { line, headers, body })
}

/// A whole answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut text = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    vec![Piece::Bytes((text + "\r\n" + body).into_bytes())]
}

pub fn json(status: u16, body: &Value) -> Answer {
    answer(status, &[("content-type", "application/json")], &body.to_string())
}

/// The head of a stream in chunks.
pub fn stream_head() -> Piece {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\nrequest-id: req_1\r\nconnection: close\r\n\r\n";
    Piece::Bytes(head.as_bytes().to_vec())
}

/// A chunk of a stream.
pub fn chunk(bytes: &[u8]) -> Piece {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    Piece::Bytes(chunk)
}

/// The end of a stream; without it the connection has broken off.
pub fn stream_end() -> Piece {
    Piece::Bytes(b"0\r\n\r\n".to_vec())
}

/// A stream as a whole, in chunks of this size.
pub fn stream(text: &str, size: usize) -> Answer {
    let chunks = text.as_bytes().chunks(size).map(chunk);
    std::iter::once(stream_head()).chain(chunks).chain([stream_end()]).collect()
}

/// Events of Anthropic, each with its type as its name.
pub fn events(all: &[Value]) -> String {
    let event = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    all.iter().map(event).collect::<Vec<_>>().concat()
}

/// A short answer of Anthropic.
pub fn good_anthropic(text: &str) -> String {
    use serde_json::json;
    let usage = json!({ "input_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 90, "output_tokens": 1 });
    events(&[
        json!({ "type": "message_start", "message": { "id": "msg_1", "model": "claude-x-1", "content": [], "usage": usage } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "ping" }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 5 } }),
        json!({ "type": "message_stop" }),
    ])
}

/// Chunks of chat completions with their end.
pub fn chunks(all: &[Value]) -> String {
    all.iter().map(|chunk| format!("data: {chunk}\n\n")).chain(["data: [DONE]\n\n".to_owned()]).collect()
}

/// A short answer of chat completions.
pub fn good_openai(text: &str) -> String {
    use serde_json::json;
    let usage = json!({ "prompt_tokens": 97, "completion_tokens": 5, "total_tokens": 102, "prompt_tokens_details": { "cached_tokens": 90 } });
    chunks(&[
        json!({ "model": "m-1", "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }], "usage": null }),
        json!({ "model": "m-1", "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] }),
        json!({ "model": "m-1", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] }),
        json!({ "model": "m-1", "choices": [], "usage": usage }),
    ])
}

/// A short answer of whichever.
pub fn good(provider: Provider, text: &str) -> Answer {
    stream(&if provider == Provider::Anthropic { good_anthropic(text) } else { good_openai(text) }, 4096)
}

pub fn question() -> Request {
    Request {
        model: "m-1".to_owned(),
        system: vec![Part::new("You judge calls.")],
        messages: vec![Message::user(vec![Part::new(format!("#1 0:00 A: {SECRET_WORDS}")), Part::new("Was it good?")])],
        schema: None,
        max_tokens: 500,
    }
}
