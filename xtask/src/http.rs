//! As much HTTP/1.1 as asking our own server takes: one connection that stays open, requests without body or with JSON, answers with a length or
//! in chunks.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked whether a server is ready.
const LOOK: Duration = Duration::from_millis(2);
/// No answer is longer.
const LONGEST: usize = 64 << 20;

/// An open connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
    line: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::with_capacity(64 << 10, stream), body: Vec::new(), line: Vec::new() })
    }

    /// Sends a request as it is and reads the answer; returns its status and body.
    ///
    /// # Errors
    /// When the connection breaks off or what comes is no HTTP.
    pub fn ask(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.get_mut().write_all(request)?;
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.context("the answer is no HTTP")?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { bail!("no header: {line}") };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().context("no length")?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = value.trim().eq_ignore_ascii_case("chunked");
            }
        }
        self.body.clear();
        if chunked {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).context("no size of a chunk")?;
                self.take(size)?;
                ensure!(self.line()?.is_empty(), "a chunk is longer than it says");
                if size == 0 {
                    break;
                }
            }
        } else {
            self.take(length)?;
        }
        Ok((status, &self.body))
    }

    fn take(&mut self, length: usize) -> Result<()> {
        let start = self.body.len();
        ensure!(start + length <= LONGEST, "the answer is too long");
        self.body.resize(start + length, 0);
        Ok(self.stream.read_exact(&mut self.body[start..])?)
    }

    fn line(&mut self) -> Result<&str> {
        self.line.clear();
        ensure!(self.stream.read_until(b'\n', &mut self.line)? > 0, "the server has closed the connection");
        Ok(std::str::from_utf8(&self.line)?.trim_end_matches(['\r', '\n']))
    }
}

/// A GET request as bytes; `token` is the bearer's.
pub fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    request("GET", path, token, "")
}

/// The bytes of a request that sends JSON.
pub fn post(path: &str, token: Option<&str>, json: &Value) -> Vec<u8> {
    request("POST", path, token, &json.to_string())
}

fn request(method: &str, path: &str, token: Option<&str>, json: &str) -> Vec<u8> {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let about = if json.is_empty() {
        String::new()
    } else {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", json.len())
    };
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n{token}{about}\r\n{json}")
        .into_bytes()
}

/// One request of its own; the answer as JSON.
///
/// # Errors
/// When there is no answer, it is no success, or it is no JSON.
pub fn call(address: SocketAddr, method: &str, path: &str, token: Option<&str>, json: Option<&Value>) -> Result<Value> {
    let mut connection = Connection::open(address)?;
    let json = json.map(Value::to_string).unwrap_or_default();
    let (status, body) = connection.ask(&request(method, path, token, &json))?;
    let said = String::from_utf8_lossy(body);
    ensure!((200..300).contains(&status), "{method} {path} answers {status}: {said}");
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(body)? })
}

/// Waits until the server answers this path with success, while `alive` holds.
///
/// # Errors
/// When it does not get so far in time, or has ended.
pub fn wait_until_ready(
    address: SocketAddr,
    path: &str,
    within: Duration,
    mut alive: impl FnMut() -> bool,
) -> Result<()> {
    let start = Instant::now();
    loop {
        ensure!(alive(), "the server has ended before it was ready");
        let ready = Connection::open(address).and_then(|mut it| Ok(it.ask(&get(path, None))?.0 == 200));
        if ready.is_ok_and(|ready| ready) {
            return Ok(());
        }
        ensure!(start.elapsed() < within, "the server was not ready after {} s", within.as_secs());
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A server that answers the first requests with these bytes.
    fn server(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut stream = BufReader::new(stream);
            for answer in answers {
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    stream.read_line(&mut line).unwrap();
                }
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        address
    }

    #[test]
    fn answers_follow_each_other_on_one_connection() {
        let address = server(&[
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n3\r\nxyz\r\n1\r\n!\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        ]);
        let mut connection = Connection::open(address).unwrap();
        let ask = get("/", Some("t"));
        assert_eq!(connection.ask(&ask).unwrap(), (200, &b"abc"[..]));
        assert_eq!(connection.ask(&ask).unwrap(), (404, &b"xyz!"[..]));
        assert_eq!(connection.ask(&ask).unwrap(), (200, &b""[..]));
        assert!(connection.ask(&ask).is_err());
    }

    #[test]
    fn who_is_asked_is_told_what_was_sent() {
        let json = request("POST", "/a?b=c", Some("t"), "{}");
        let expected = "POST /a?b=c HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\nauthorization: Bearer t\r\n\
             content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(String::from_utf8(json).unwrap(), expected);
    }

    #[test]
    fn a_failure_is_told_with_what_the_server_said() {
        let address = server(&["HTTP/1.1 409 Conflict\r\ncontent-length: 6\r\n\r\nno way"]);
        let error = call(address, "GET", "/x", None, None).unwrap_err().to_string();
        assert_eq!(error, "GET /x answers 409: no way");
    }
}
