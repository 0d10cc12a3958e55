//! Requests over HTTP: a client that hands its key to nobody else, bodies within bounds, reasons in the system's words.

use bytes::{Bytes, BytesMut};
use reqwest::{ClientBuilder, Response, redirect};
use std::error::Error as _;
use std::time::Duration;
use url::{Host, Url};

/// What is written in place of a reason that the system does not give.
const BROKE: &str = "the connection broke";

/// What builds a client for these addresses: one that follows no redirection, so that nobody else gets what is meant for them, and sends nothing
/// again by itself. `connect` is the time to connect.
pub fn builder(urls: &[&Url], connect: Duration) -> ClientBuilder {
    let mut http = reqwest::Client::builder()
        .user_agent(concat!("sideline/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect)
        .tcp_keepalive(Duration::from_mins(1))
        .redirect(redirect::Policy::none())
        // What is sent again, and when, is decided by `retry`.
        .retry(reqwest::retry::never());
    if urls.iter().all(|url| is_here(url)) {
        http = http.no_proxy();
    }
    if urls.iter().all(|url| url.scheme() == "http") {
        // A machine without certificates can ask a server of its own.
        http = http.tls_certs_only([]);
    }
    http
}

/// Whether an address is on this machine.
pub fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The host of an address with its port: `api.example.com:443`.
pub fn host(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Why no answer came, in the system's words and without the address. `connect` is the time that there was to connect.
pub fn why(error: &reqwest::Error, connect: Duration) -> String {
    if error.is_timeout() {
        return format!("no connection within {} s", connect.as_secs_f32());
    }
    // The innermost reason is the system's; those around it repeat the address.
    let mut reason = error.source();
    while let Some(inner) = reason.and_then(std::error::Error::source) {
        reason = Some(inner);
    }
    reason.map_or_else(|| BROKE.to_owned(), ToString::to_string)
}

/// A body, or its beginning with more than `most` bytes if it is longer; none if it broke off.
pub async fn read_up_to(mut response: Response, most: usize) -> Option<Bytes> {
    let mut body = BytesMut::new();
    while body.len() <= most {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) => return None,
        }
    }
    Some(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        let table = [
            ("http://localhost:9", true),
            ("http://sim.localhost/v2", true),
            ("http://127.0.0.7", true),
            ("http://[::1]:80", true),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
            ("https://api.example.com", false),
        ];
        for (url, here) in table {
            assert_eq!(is_here(&url.parse().unwrap()), here, "{url}");
        }
    }

    #[test]
    fn a_host_is_named_with_its_port() {
        let host = |url: &str| host(&url.parse().unwrap());
        assert_eq!(host("https://me:sesame@api.example.com/v2?key=sesame"), "api.example.com:443");
        assert_eq!(host("http://127.0.0.1:81"), "127.0.0.1:81");
    }
}
