//! The operations on objects and their bucket.

use super::{Bucket, Refusal};
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::ops::Range;

const NO_BUCKET: Refusal = Refusal(StatusCode::NOT_FOUND, "NoSuchBucket", "The specified bucket does not exist");
const NO_KEY: Refusal = Refusal(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
const NO_RANGE: Refusal =
    Refusal(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", "The requested range is not satisfiable");
const NO_METHOD: Refusal = Refusal(
    StatusCode::METHOD_NOT_ALLOWED,
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
);

/// Keys on a page of a list where the request does not say.
const PAGE: usize = 1000;

/// What lies under a key.
#[derive(Debug)]
pub(super) struct Object {
    pub bytes: Bytes,
    etag: String,
    modified: DateTime<Utc>,
}

impl Object {
    pub(super) fn new(bytes: Bytes, modified: DateTime<Utc>) -> Self {
        let digest = Sha256::digest(&bytes);
        let etag = digest.iter().take(16).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self { bytes, etag: format!("\"{etag}\""), modified }
    }

    fn headers(&self) -> [(&'static str, String); 3] {
        let modified = self.modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        [("etag", self.etag.clone()), ("last-modified", modified), ("accept-ranges", "bytes".to_owned())]
    }

    /// The object, or the part of it that is asked for.
    fn get(&self, headers: &HeaderMap) -> Result<Response, Refusal> {
        let Some(wanted) = headers.get("range").and_then(|range| range.to_str().ok()) else {
            return Ok((self.headers(), self.bytes.clone()).into_response());
        };
        let range = range(wanted, self.bytes.len()).ok_or(NO_RANGE)?;
        let content = format!("bytes {}-{}/{}", range.start, range.end - 1, self.bytes.len());
        let part = self.bytes.slice(range);
        Ok((StatusCode::PARTIAL_CONTENT, self.headers(), [("content-range", content)], part).into_response())
    }
}

/// `bytes=FROM-TO`, both counted; either may be missing. `None` where there are no such bytes.
fn range(text: &str, length: usize) -> Option<Range<usize>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (from, to) {
        ("", last) => length.saturating_sub(last.parse().ok()?)..length,
        (from, "") => from.parse().ok()?..length,
        (from, to) => from.parse().ok()?..length.min(to.parse::<usize>().ok()?.saturating_add(1)),
    };
    (range.start < range.end).then_some(range)
}

impl Bucket {
    /// Does what a request whose signature is right asks.
    pub(super) fn answer(&self, head: &Parts, body: Bytes) -> Result<Response, Refusal> {
        let path = String::from_utf8_lossy(&decode(head.uri.path())).into_owned();
        let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
        if bucket != self.name {
            return Err(NO_BUCKET);
        }
        let mut objects = self.objects();
        match (&head.method, key) {
            (&Method::GET, "") => Ok(self.list(head.uri.query().unwrap_or_default(), &objects)),
            (&Method::HEAD, "") => Ok(StatusCode::OK.into_response()),
            (_, "") => Err(NO_METHOD),
            // The server leaves the body of an answer to HEAD away.
            (&Method::GET | &Method::HEAD, key) => objects.get(key).ok_or(NO_KEY)?.get(&head.headers),
            (&Method::PUT, key) => {
                let object = Object::new(body, self.clock.now());
                let etag = object.etag.clone();
                objects.insert(key.to_owned(), object);
                Ok([("etag", etag)].into_response())
            }
            (&Method::DELETE, key) => {
                objects.remove(key);
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            _ => Err(NO_METHOD),
        }
    }

    /// A page of `ListObjectsV2`.
    fn list(&self, asked: &str, objects: &std::collections::BTreeMap<String, Object>) -> Response {
        let asked = query(asked);
        let of = |name: &str| {
            let found = asked.iter().find(|(key, _)| key == name.as_bytes());
            found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        };
        let (prefix, delimiter) = (of("prefix").unwrap_or_default(), of("delimiter").filter(|d| !d.is_empty()));
        let page = of("max-keys").and_then(|most| most.parse().ok()).unwrap_or(PAGE);
        // The token is the last key or folder of the page before.
        let after = of("continuation-token").or_else(|| of("start-after")).unwrap_or_default();
        let (mut entries, mut count, mut last) = (String::new(), 0, String::new());
        let mut more = false;
        for (key, object) in objects {
            let Some(rest) = key.strip_prefix(&prefix) else { continue };
            let folder =
                delimiter.as_deref().and_then(|d| rest.split_once(d).map(|(name, _)| format!("{prefix}{name}{d}")));
            let name = folder.as_ref().unwrap_or(key);
            if *name <= after || *name == last {
                continue;
            }
            more = count == page;
            if more {
                break;
            }
            count += 1;
            last.clone_from(name);
            let name = escape(name);
            let _ = match folder {
                Some(_) => write!(entries, "<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"),
                None => write!(
                    entries,
                    "<Contents><Key>{name}</Key><LastModified>{}</LastModified><ETag>{}</ETag><Size>{}</Size>\
                     <StorageClass>STANDARD</StorageClass></Contents>",
                    object.modified.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
                    escape(&object.etag),
                    object.bytes.len()
                ),
            };
        }
        let token = if more {
            format!("<NextContinuationToken>{}</NextContinuationToken>", escape(&last))
        } else {
            String::new()
        };
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Name>{}</Name><Prefix>{}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>{page}</MaxKeys>\
             <IsTruncated>{more}</IsTruncated>{token}{entries}</ListBucketResult>",
            self.name,
            escape(&prefix)
        );
        ([("content-type", "application/xml")], xml).into_response()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Undoes percent-encoding.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let code = others.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        if let Some(byte) = code.filter(|_| first == b'%').and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &others[2..];
        } else {
            bytes.push(first);
            rest = others;
        }
    }
    bytes
}

/// Names and values of a query. S3 takes a plus there for a space, as forms write it.
pub(super) fn query(text: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let decode = |text: &str| decode(&text.replace('+', " "));
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}
