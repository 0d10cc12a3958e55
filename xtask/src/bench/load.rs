//! Load on a server over HTTP: blocking sockets, a thread each, which take next to nothing of the processors that the server shares with them.

use crate::http::Connection;
use anyhow::{Result, ensure};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Connections that share an open-loop load: none of them has more than a few requests a second to send.
const LANES: u32 = 32;

/// Latencies of all requests, ascending, and how long they took together.
#[derive(Debug)]
pub struct Outcome {
    /// Milliseconds.
    latencies: Vec<f64>,
    seconds: f64,
}

impl Outcome {
    /// The latency that so many of 100 requests stay below, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        self.latencies[(self.latencies.len() * percent).div_ceil(100) - 1]
    }

    /// How many requests were answered.
    pub fn count(&self) -> usize {
        self.latencies.len()
    }

    /// How many a second.
    pub fn per_second(&self) -> f64 {
        self.count() as f64 / self.seconds
    }
}

/// Requests at a fixed rate a second, whether those before were answered or not. A latency counts from the time at which its request was due, so that
/// a server that stalls is charged for all that had to wait. Every answer has to be 200.
///
/// # Errors
/// When one is not, or a connection breaks off.
pub fn open_loop(address: SocketAddr, requests: &[Vec<u8>], rate: f64, lasting: Duration) -> Result<Outcome> {
    let total = (rate * lasting.as_secs_f64()) as u32;
    let start = Instant::now() + Duration::from_millis(50);
    let lane = |lane: u32| -> Result<Vec<f64>> {
        let mut connection = Connection::open(address)?;
        let mut latencies = Vec::new();
        for number in (lane..total).step_by(LANES as usize) {
            let due = start + Duration::from_secs_f64(f64::from(number) / rate);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            ask(&mut connection, &requests[number as usize % requests.len()])?;
            latencies.push(due.elapsed().as_secs_f64() * 1e3);
        }
        Ok(latencies)
    };
    together(LANES, lane, start)
}

/// As many requests as `connections` get answered, each sending the next one when the one before is answered. They are taken in their order; after the
/// last it begins anew.
///
/// # Errors
/// As [`open_loop`].
pub fn closed_loop(address: SocketAddr, requests: &[Vec<u8>], connections: u32, lasting: Duration) -> Result<Outcome> {
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    let lane = |_| -> Result<Vec<f64>> {
        let mut connection = Connection::open(address)?;
        let mut latencies = Vec::new();
        loop {
            let sent = Instant::now();
            if sent.duration_since(start) >= lasting {
                break;
            }
            let number = next.fetch_add(1, Ordering::Relaxed);
            ask(&mut connection, &requests[number % requests.len()])?;
            latencies.push(sent.elapsed().as_secs_f64() * 1e3);
        }
        Ok(latencies)
    };
    together(connections, lane, start)
}

fn ask(connection: &mut Connection, request: &[u8]) -> Result<()> {
    let (status, body) = connection.ask(request)?;
    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(body));
    Ok(())
}

fn together(lanes: u32, lane: impl Fn(u32) -> Result<Vec<f64>> + Sync, start: Instant) -> Result<Outcome> {
    let parts: Vec<Result<Vec<f64>>> = thread::scope(|scope| {
        let lane = &lane;
        let handles: Vec<_> = (0..lanes).map(|number| scope.spawn(move || lane(number))).collect();
        handles.into_iter().map(|handle| handle.join().expect("a lane does not panic")).collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let mut latencies = Vec::new();
    for part in parts {
        latencies.extend(part?);
    }
    ensure!(!latencies.is_empty(), "nothing was asked");
    latencies.sort_by(f64::total_cmp);
    Ok(Outcome { latencies, seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    /// A server that answers each request after `delay`, one at a time for all.
    fn server(delay: Duration, status: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let turn = std::sync::Arc::new(std::sync::Mutex::new(()));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (turn, mut stream) = (turn.clone(), BufReader::new(stream.unwrap()));
                thread::spawn(move || {
                    let mut line = String::new();
                    while stream.read_line(&mut line).unwrap() > 0 {
                        if line == "\r\n" {
                            let turn = turn.lock().unwrap();
                            thread::sleep(delay);
                            drop(turn);
                            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                            stream.get_mut().write_all(answer.as_bytes()).unwrap();
                        }
                        line.clear();
                    }
                });
            }
        });
        address
    }

    #[test]
    fn waiting_for_those_before_counts() {
        let requests = [crate::http::get("/", None)];
        // One of 10 ms is due every 5 ms: the last of 40 has waited for some 200 ms.
        let address = server(Duration::from_millis(10), "200");
        let outcome = open_loop(address, &requests, 200.0, Duration::from_millis(200)).unwrap();
        assert_eq!(outcome.count(), 40);
        assert!(outcome.percentile(95) > 120.0, "{outcome:?}");
    }

    #[test]
    fn a_closed_loop_goes_as_fast_as_the_server() {
        let requests = [crate::http::get("/", None)];
        let address = server(Duration::from_millis(10), "200");
        let outcome = closed_loop(address, &requests, 4, Duration::from_millis(400)).unwrap();
        assert!((20.0..=101.0).contains(&outcome.per_second()), "{outcome:?}");
        assert!(outcome.percentile(95) >= 30.0, "{outcome:?}");
    }

    #[test]
    fn a_closed_loop_sends_each_request_once_before_it_begins_anew() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (asked, mut stream) = (asked.clone(), BufReader::new(stream.unwrap()));
                thread::spawn(move || {
                    let mut line = String::new();
                    while stream.read_line(&mut line).unwrap() > 0 {
                        if line.starts_with("GET ") {
                            let _ = asked.send(line.clone());
                        } else if line == "\r\n" {
                            thread::sleep(Duration::from_millis(5));
                            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                        }
                        line.clear();
                    }
                });
            }
        });
        let requests: Vec<_> = (0..1000).map(|number| crate::http::get(&format!("/{number}"), None)).collect();
        let sent = closed_loop(address, &requests, 4, Duration::from_millis(100)).unwrap().count();
        let asked: std::collections::BTreeSet<String> = told.try_iter().collect();
        assert!((8..1000).contains(&sent), "{sent}");
        assert_eq!(asked.len(), sent);
    }

    #[test]
    fn whatever_is_not_200_fails_the_measurement() {
        let requests = [crate::http::get("/", None)];
        let address = server(Duration::ZERO, "503");
        let error = closed_loop(address, &requests, 1, Duration::from_millis(100)).unwrap_err();
        assert!(error.to_string().starts_with("503"), "{error}");
    }

    #[test]
    fn percentiles_of_a_hundred() {
        let outcome = Outcome { latencies: (1..=100).map(f64::from).collect(), seconds: 4.0 };
        for percent in [50, 95, 99, 100] {
            assert!((outcome.percentile(percent) - percent as f64).abs() < f64::EPSILON, "{percent}");
        }
        assert!((outcome.per_second() - 25.0).abs() < f64::EPSILON);
    }
}
