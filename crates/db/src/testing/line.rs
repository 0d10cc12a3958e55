//! A line to a database that can be cut, as networks and servers that start again do it.

use super::TestDb;
use crate::{Db, Settings, Tx};
use kernel::Secret;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The way to the database of a test. PostgreSQL is reached through a forwarder; SQLite, which has no way, is locked for ever instead.
#[derive(Debug)]
pub struct Line {
    settings: Settings,
    end: End,
}

#[derive(Debug)]
enum End {
    Sqlite { db: Db, lock: Option<Tx> },
    Postgres { server: SocketAddr, near: SocketAddr, forwarder: Option<Forwarder> },
}

/// Takes connections until it is dropped, and cuts them then.
#[derive(Debug)]
struct Forwarder {
    open: Arc<Mutex<Option<Vec<TcpStream>>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Line {
    /// A line to `db` that works.
    pub async fn to(db: &TestDb) -> Self {
        match &**db {
            Db::Sqlite(_) => {
                let other = Db::open(db.settings()).await.expect("the database opens twice");
                Self { settings: db.settings().clone(), end: End::Sqlite { db: other, lock: None } }
            }
            Db::Postgres(_) => {
                let url = db.settings().url.expose();
                let (before, rest) = url.split_once('@').expect("the address names a user");
                let (host, after) = rest.split_once('/').expect("the address names a database");
                let server: SocketAddr = host.parse().expect("the server of the tests has an address and a port");
                let forwarder = Forwarder::new("127.0.0.1:0".parse().expect("an address"), server);
                let (near, forwarder) = forwarder.expect("a port is free");
                let url = Secret::new(format!("{before}@{near}/{after}"));
                let settings = Settings { url, ..db.settings().clone() };
                Self { settings, end: End::Postgres { server, near, forwarder: Some(forwarder) } }
            }
        }
    }

    /// How the database is opened over this line.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Cuts it: connections end, new ones are refused; SQLite is locked.
    pub async fn cut(&mut self) {
        match &mut self.end {
            End::Sqlite { db, lock } => *lock = Some(db.begin().await.expect("the lock becomes free")),
            End::Postgres { forwarder, .. } => *forwarder = None,
        }
    }

    /// Mends it.
    pub fn mend(&mut self) {
        match &mut self.end {
            End::Sqlite { lock, .. } => *lock = None,
            End::Postgres { server, near, forwarder } => {
                *forwarder = Some(Forwarder::new(*near, *server).expect("the port is free again").1);
            }
        }
    }
}

impl Forwarder {
    fn new(near: SocketAddr, server: SocketAddr) -> std::io::Result<(SocketAddr, Self)> {
        let listener = TcpListener::bind(near)?;
        let near = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let streams = Arc::clone(&open);
        let thread = thread::spawn(move || {
            loop {
                let accepted = listener.accept();
                if accepted.is_err() {
                    // Nobody came; not with the lock held.
                    thread::sleep(Duration::from_millis(2));
                }
                // Taken away by `drop`.
                let Some(streams) = &mut *streams.lock().expect("nobody panics with it") else { return };
                if let Ok((client, _)) = accepted {
                    let Ok(server) = TcpStream::connect(server) else { continue };
                    client.set_nonblocking(false).expect("a socket can wait");
                    for (from, to) in [(&client, &server), (&server, &client)] {
                        let (from, to) = (from.try_clone(), to.try_clone());
                        let (from, to) = (from.expect("a handle is free"), to.expect("a handle is free"));
                        thread::spawn(move || copy(from, to));
                    }
                    streams.extend([client, server]);
                }
            }
        });
        Ok((near, Self { open, thread: Some(thread) }))
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        let streams = self.open.lock().ok().and_then(|mut open| open.take());
        // The listener ends with its thread; then connections are refused.
        let _ = self.thread.take().map(thread::JoinHandle::join);
        for stream in streams.into_iter().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 1 << 14];
    while let Ok(count) = from.read(&mut buffer)
        && count > 0
        && to.write_all(&buffer[..count]).is_ok()
    {}
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
