//! `sideline serve` as a program: it answers, ends when it is told to, speaks TLS, and lets nobody hold it.

use crate::kept::Place;
use crate::{Run, finish};
use db::testing::{CERTIFICATES, TestDb, set_by_tests};
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PASSWORD: &str = "seven-pallets-over-oslo";

/// A program that answers; killed when it is dropped.
struct Server {
    child: Child,
    at: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let at = loop {
            let line = lines.next().expect("it says where it answers").unwrap();
            if let Some((_, rest)) = line.split_once("://") {
                break rest.split(';').next().unwrap().parse().unwrap();
            }
        };
        // Or it would wait for somebody to read its log.
        std::thread::spawn(move || for _ in lines {});
        Self { child, at }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.at).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let stream = self.connect();
        send(&stream, method, path, token, body);
        answer(stream)
    }

    fn terminate(&self) {
        let pid = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

fn send(mut stream: impl Write, method: &str, path: &str, token: &str, body: &Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: sideline\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
}

fn answer(mut stream: impl Read) -> (u16, Value) {
    let mut text = String::new();
    // A peer of TLS may close without a word.
    let _ = stream.read_to_string(&mut text);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
}

fn login(server: &Server) -> Value {
    let (status, tokens) =
        server.ask("POST", "/api/v1/auth/login", "", &json!({ "username": "dana", "password": PASSWORD }));
    assert_eq!(status, 200, "{tokens}");
    tokens
}

async fn it_answers_ends_when_it_is_told_to_and_knows_its_people_again(db: TestDb) {
    let place = Place { db };
    let mut server = Server::start(&mut place.command(&["serve"]));
    let (status, ready) = server.ask("GET", "/health/ready", "", &Value::Null);
    assert_eq!((status, &ready["status"]), (200, &json!("ok")));
    let new = json!({ "username": "dana", "email": "dana@dockline.example", "password": PASSWORD });
    let (status, user) = server.ask("POST", "/api/v1/auth/register", "", &new);
    assert_eq!((status, &user["role"]), (201, &json!("admin")));
    let tokens = login(&server);
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    assert_eq!(server.ask("GET", "/api/v1/auth/me", &token, &Value::Null).1["username"], "dana");

    // What has begun is answered.
    let stream = server.connect();
    send(&stream, "POST", "/api/v1/auth/login", "", &json!({ "username": "dana", "password": PASSWORD }));
    std::thread::sleep(Duration::from_millis(20));
    let told = Instant::now();
    server.terminate();
    assert_eq!(answer(stream).0, 200);
    assert!(server.wait().success());
    assert!(told.elapsed() < Duration::from_secs(15), "nobody was waited for in vain");

    let mut killed = Server::start(&mut place.command(&["serve"]));
    killed.child.kill().unwrap();
    killed.wait();
    let server = Server::start(&mut place.command(&["serve"]));
    assert_eq!(server.ask("GET", "/api/v1/auth/me", &token, &Value::Null).0, 200, "the keys are the installation's");
}

async fn accounts_are_made_and_passwords_set_at_the_machine(db: TestDb) {
    let place = Place { db };
    let with = |args: &[&str], password: &str| -> Run {
        let mut child = place.command(args).stdin(std::process::Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        finish(child)
    };
    let add =
        ["user", "add", "Dana Whitlock", "--email", "dana@dockline.example", "--role", "admin", "--team", "North"];
    let weak = with(&add, "password123\n").ended(2);
    assert!(weak.err.contains("password: "), "{}", weak.err);
    let none = with(&add, "").ended(2);
    assert!(none.err.contains("there is no password"), "{}", none.err);
    with(&add, &format!("{PASSWORD}\n")).ended(0);
    let again = with(&add, &format!("{PASSWORD}\n")).ended(2);
    assert!(again.err.contains("somebody has this name"), "{}", again.err);
    let users = place.run(&["user", "list", "--json"]).ended(0).json_lines();
    assert_eq!((users.len(), &users[0]["username"], &users[0]["role"]), (1, &json!("dana"), &json!("admin")));
    let server = Server::start(&mut place.command(&["serve"]));
    let token = login(&server)["access_token"].as_str().unwrap().to_owned();
    // Who registers by an open domain has an address that nobody has confirmed: they are listed and found by it all the same.
    let open = json!({ "registration": "@dockline.example" });
    assert_eq!(server.ask("PATCH", "/api/v1/settings", &token, &open).0, 200);
    let milo = json!({ "username": "banks", "email": "milo@dockline.example", "password": PASSWORD });
    assert_eq!(server.ask("POST", "/api/v1/auth/register", "", &milo).0, 201);
    let listed = place.run(&["user", "list"]).ended(0);
    let row = listed.out.lines().find(|line| line.contains("banks")).unwrap();
    assert!(row.contains("milo@dockline.example") && row.contains("address unconfirmed"), "{}", listed.out);
    with(&["user", "password", "milo@dockline.example"], "plover marble evening 9\n").ended(0);
    with(&["user", "password", "dana@dockline.example"], "plover marble evening 9\n").ended(0);
    assert_eq!(server.ask("GET", "/api/v1/auth/me", &token, &Value::Null).0, 401, "its logins have ended");
    let nobody = with(&["user", "password", "nobody"], "plover marble evening 9\n").ended(2);
    assert!(nobody.err.contains("nobody is called nobody"), "{}", nobody.err);
}

db::on_both!(
    it_answers_ends_when_it_is_told_to_and_knows_its_people_again,
    accounts_are_made_and_passwords_set_at_the_machine,
);

#[tokio::test]
async fn it_speaks_tls_by_setting() {
    let place = Place { db: TestDb::sqlite().await };
    let folder = set_by_tests(CERTIFICATES);
    let file = |name: &str| Path::new(&folder).join(name);
    let mut command = place.command(&["serve"]);
    command.env("SIDELINE_TLS_CERTIFICATE", file("server.crt")).env("SIDELINE_TLS_KEY", file("server.key"));
    let server = Server::start(&mut command);
    let trusting = |authority: &str| {
        let mut roots = RootCertStore::empty();
        let certificate = rustls::pki_types::CertificateDer::from_pem_file(file(authority)).unwrap();
        roots.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(config.with_root_certificates(roots).with_no_client_auth())
    };
    let ask = |authority: &str| {
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(trusting(authority), name).unwrap();
        let mut stream = StreamOwned::new(connection, server.connect());
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: sideline\r\nconnection: close\r\n\r\n")?;
        Ok::<_, std::io::Error>(answer(stream))
    };
    assert_eq!(ask("ca.crt").unwrap().1["status"], "ok");
    assert!(ask("other.crt").is_err(), "another authority");
    let mut plain = server.connect();
    plain.write_all(b"GET /health HTTP/1.1\r\nhost: sideline\r\n\r\n").unwrap();
    let mut text = Vec::new();
    let _ = plain.read_to_end(&mut text);
    assert!(!text.starts_with(b"HTTP/1.1 200"), "not without TLS");
}

#[tokio::test]
async fn what_it_cannot_start_with_is_told() {
    let place = Place { db: TestDb::sqlite().await };
    let run = |set: &[(&str, &str)]| finish(place.command(&["serve"]).envs(set.iter().copied()).spawn().unwrap());
    let missing = run(&[("SIDELINE_TLS_CERTIFICATE", "none.crt"), ("SIDELINE_TLS_KEY", "none.key")]).ended(2);
    assert!(missing.err.contains("tls_certificate none.crt and tls_key none.key cannot be used"), "{}", missing.err);
    let half = run(&[("SIDELINE_TLS_KEY", "none.key")]).ended(2);
    assert!(half.err.contains("give both or none"), "{}", half.err);
    let server = Server::start(&mut place.command(&["serve"]));
    let taken = run(&[("SIDELINE_LISTEN", &server.at.to_string())]).ended(1);
    assert!(taken.err.contains(&format!("{}: the program cannot listen there", server.at)), "{}", taken.err);
}

#[tokio::test]
async fn who_is_slow_holds_nobody_up_and_is_let_go() {
    let place = Place { db: TestDb::sqlite().await };
    let server = Server::start(&mut place.command(&["serve"]));
    let mut slow: Vec<TcpStream> = (0..200).map(|_| server.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: side").unwrap();
    }
    let start = Instant::now();
    assert_eq!(server.ask("GET", "/health", "", &Value::Null).0, 200);
    assert!(start.elapsed() < Duration::from_secs(2));
    let mut text = Vec::new();
    let ended = slow[0].read_to_end(&mut text);
    assert!(ended.is_ok() && !text.starts_with(b"HTTP/1.1 200"), "{ended:?}");
}
