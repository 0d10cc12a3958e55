//! The pages for people: what `web/` was built into, within the program.

use super::docs;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::Problem;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex, PoisonError};
use web::Fault;

/// Read from the disk by a development build, which needs not be built anew for them.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// The page that becomes whatever its address asks for.
const PAGE: &str = "index.html";
/// Paths whose lower part belongs to programs: nothing there is a page.
const FOR_PROGRAMS: [&str; 2] = ["/api/", "/webhooks/"];
/// What the pages may do in a browser: be themselves, and ask this program. Styles are set by what places menus and rows.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A file of the pages; the page itself for addresses that a browser goes to; otherwise nothing is there.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    let reading = [Method::GET, Method::HEAD].contains(request.method());
    if !reading || FOR_PROGRAMS.iter().any(|of| path.starts_with(of)) {
        return docs::nothing();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = Some(name).filter(|name| !name.is_empty()).and_then(Files::get) {
        return answer(name, file, request.headers());
    }
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/html") {
        return docs::nothing();
    }
    match Files::get(PAGE) {
        Some(file) => answer(PAGE, file, request.headers()),
        None => Fault(Problem::unavailable(
            "this program was built without its pages: `cargo xtask web` builds them; what programs ask for is described at /docs",
        ))
        .into_response(),
    }
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let accepts = |header| asked.get(header).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let small = (packs(name) && accepts(ACCEPT_ENCODING).contains("gzip")).then(|| packed(hash, &file.data));
    let mark = format!("\"{}{}\"", kernel::hex(&hash[..16]), if small.is_some() { "-gz" } else { "" });
    // The names of these hold what is in them.
    let keep = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if accepts(IF_NONE_MATCH) == mark {
        StatusCode::NOT_MODIFIED.into_response()
    } else if let Some(small) = small {
        ([(CONTENT_TYPE, kind(name)), (CONTENT_ENCODING, "gzip")], small).into_response()
    } else {
        ([(CONTENT_TYPE, kind(name))], file.data.into_owned()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, HeaderValue::from_str(&mark).expect("hexadecimal in quotes"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// Whether it becomes smaller: fonts and pictures are packed already.
fn packs(name: &str) -> bool {
    !matches!(name.rsplit('.').next(), Some("woff2" | "png"))
}

/// A file as gzip, which is made once: strangers ask for these.
fn packed(hash: [u8; 32], data: &[u8]) -> Bytes {
    static PACKED: LazyLock<Mutex<HashMap<[u8; 32], Bytes>>> = LazyLock::new(Mutex::default);
    let mut all = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    let pack = || {
        let mut encoder = GzEncoder::new(Vec::with_capacity(data.len() / 2), Compression::best());
        let written = encoder.write_all(data).and_then(|()| encoder.finish());
        Bytes::from(written.expect("memory takes all"))
    };
    all.entry(hash).or_insert_with(pack).clone()
}

/// The media type by the end of the name; only what the pages are made of.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("json" | "map") => "application/json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use std::io::Read as _;

    async fn ask(method: &str, path: &str, accept: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header(ACCEPT, accept).body(Body::empty()).unwrap();
        let response = serve(request).await;
        let status = response.status();
        let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        assert!(!to_bytes(response.into_body(), usize::MAX).await.unwrap().is_empty());
        (status, kind)
    }

    #[tokio::test]
    async fn programs_are_told_that_nothing_is_there_and_browsers_get_the_page() {
        let problem = (StatusCode::NOT_FOUND, "application/problem+json".to_owned());
        for (method, path, accept) in [
            ("GET", "/api/v1/none", "text/html"),
            ("GET", "/webhooks/none", "text/html"),
            ("GET", "/calls", "application/json"),
            ("GET", "/assets/none.js", "*/*"),
            ("GET", "/../Cargo.toml", "*/*"),
            ("POST", "/calls", "text/html"),
        ] {
            assert_eq!(ask(method, path, accept).await, problem, "{method} {path}");
        }
        if let Some(file) = Files::get(PAGE) {
            let ask = |packed: &'static str, known: String| {
                let request = Request::builder().uri("/").header(ACCEPT, "text/html").header(ACCEPT_ENCODING, packed);
                serve(request.header(IF_NONE_MATCH, known).body(Body::empty()).unwrap())
            };
            let plain = ask("br", "x".to_owned()).await;
            let small = ask("br, gzip", "x".to_owned()).await;
            assert!(plain.headers().get(CONTENT_ENCODING).is_none() && small.headers()[CONTENT_ENCODING] == "gzip");
            let mark = small.headers()[ETAG].to_str().unwrap().to_owned();
            assert_ne!(plain.headers()[ETAG], mark.as_str());
            let bytes = to_bytes(small.into_body(), usize::MAX).await.unwrap();
            let mut text = Vec::new();
            flate2::read::GzDecoder::new(bytes.as_ref()).read_to_end(&mut text).unwrap();
            assert_eq!(text, file.data.as_ref());
            assert_eq!(ask("gzip", mark).await.status(), StatusCode::NOT_MODIFIED);
        }
        // A clone in which the pages were not built has none; it says so.
        let page = match Files::get(PAGE) {
            Some(_) => (StatusCode::OK, "text/html; charset=utf-8".to_owned()),
            None => (StatusCode::SERVICE_UNAVAILABLE, "application/problem+json".to_owned()),
        };
        for path in ["/", "/calls", "/calls/0199c0ff-ee12-7000-8000-000000000001?at=3"] {
            assert_eq!(ask("GET", path, "text/html,application/xhtml+xml,*/*;q=0.8").await, page, "{path}");
        }
    }
}
