//! Requests over HTTP: a client that hands its key to nobody else, bodies within bounds, reasons in the system's words.

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{ClientBuilder, Response, redirect};
use serde_json::Value;
use std::error::Error as _;
use std::time::Duration;
use url::{Host, Url};

/// Why a client for `https` cannot be built, in a sentence: it is the only reason there is.
pub const NO_CERTIFICATES: &str = "no secure connection can be made: this machine has no certificates of authorities; install its package of them (`ca-certificates`)";

/// Bytes of what is read of the words of a failure.
const LARGEST_FAILURE: usize = 64 << 10;

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

/// Whether an address can be asked with a key: over a secure connection, unless it stays on this machine.
///
/// # Errors
/// Why not, as it follows the name of the address in a sentence; nothing of the address is in it.
pub fn check(url: &Url) -> Result<(), &'static str> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("must begin with https:// and name a host");
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("must have no user, password, query or fragment; keys have settings of their own");
    }
    if url.scheme() == "http" && !is_here(url) {
        return Err("must begin with https://, as keys and calls cross the network; http:// is for this machine alone");
    }
    Ok(())
}

/// The value of a header that is shown nowhere; none if it has characters that no header has.
pub fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
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

/// Why an answer has no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It broke off before its end.
    Unfinished,
    /// It is larger than it may be.
    TooLarge,
    /// It is something else: what, without its words.
    NotUnderstood(&'static str),
}

/// The document of an answer of at most so many bytes.
///
/// # Errors
/// Why it has none.
pub async fn read_json(response: Response, most: usize) -> Result<Value, Unread> {
    let media = media_type(&response);
    if !is_json(&media) {
        return Err(Unread::NotUnderstood(shown(&media)));
    }
    match read_up_to(response, most).await {
        None => Err(Unread::Unfinished),
        Some(body) if body.len() > most => Err(Unread::TooLarge),
        // The reader's own words may repeat what it read.
        Some(body) => serde_json::from_slice(&body).map_err(|error| {
            Unread::NotUnderstood(if error.is_eof() { "it ends in the midst" } else { "it is no JSON" })
        }),
    }
}

/// What an answer that is no success says: its document if that is short, else null.
pub async fn read_failure(response: Response) -> Value {
    let body = read_up_to(response, LARGEST_FAILURE).await.unwrap_or_default();
    serde_json::from_slice(&body).unwrap_or_default()
}

fn media_type(response: &Response) -> String {
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(media: &str) -> bool {
    media == "application/json" || media.starts_with("application/") && media.ends_with("+json")
}

/// What is of another media type, for a sentence: only those that are known, as the header can hold anything.
fn shown(media: &str) -> &'static str {
    match media {
        "text/html" => "it is a page (`text/html`)",
        "text/plain" => "it is a text (`text/plain`)",
        "" => "it is of no kind",
        _ => "it is no JSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_kind() {
        assert!(["application/json", "application/problem+json"].into_iter().all(is_json));
        assert!(!["", "text/html", "application/jsonp", "text/x+json"].into_iter().any(is_json));
    }

    #[test]
    fn a_key_is_sent_where_nobody_listens() {
        let can = |url: &str| check(&url.parse().unwrap()).is_ok();
        for url in ["https://api.example.com/graphql", "http://127.0.0.1:9/x", "http://localhost", "http://[::1]:4"] {
            assert!(can(url), "{url}");
        }
        for url in
            ["ftp://host/", "data:text", "https://me@host/", "https://host/?key=1", "https://host/#x", "http://host"]
        {
            assert!(!can(url), "{url}");
        }
        assert!(sensitive("Bearer x").is_some_and(|value| value.is_sensitive()));
        assert!(sensitive("Bearer x\ny").is_none());
    }

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
