//! A server on a real socket that answers byte by byte what a test scripts, one request a connection; and a log to look into.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use serde_json::Value;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// What is logged, for a test to look into. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// All of it so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `POST /v1/messages`.
    pub line: String,
    /// Its headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub text: String,
    /// The body, if it is JSON; else null.
    pub body: Value,
}

impl Seen {
    /// The value of a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is written, in order; then the connection is closed.
#[derive(Debug, Clone)]
pub enum Piece {
    /// This.
    Bytes(Vec<u8>),
    /// Nothing for so long.
    Wait(Duration),
}

/// An answer, piece by piece.
pub type Answer = Vec<Piece>;

/// A server that runs until it is dropped.
#[derive(Debug)]
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

    /// Where it answers.
    pub fn url(&self) -> Url {
        format!("http://{}", self.addr).parse().unwrap()
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Requests under way at the same time, at most so far.
    pub fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
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
    let text = String::from_utf8(bytes.split_off(head + 4)).unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Some(Seen { line, headers, text, body })
}

/// A whole answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut text = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    vec![Piece::Bytes((text + "\r\n" + body).into_bytes())]
}

/// A whole answer in JSON.
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

/// The end of a body in chunks; without it the connection has broken off.
pub fn stream_end() -> Piece {
    Piece::Bytes(b"0\r\n\r\n".to_vec())
}

/// A stream as a whole, in chunks of this size.
pub fn stream(text: &str, size: usize) -> Answer {
    let chunks = text.as_bytes().chunks(size).map(chunk);
    std::iter::once(stream_head()).chain(chunks).chain([stream_end()]).collect()
}
