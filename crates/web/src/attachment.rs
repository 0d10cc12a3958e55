//! Files that are saved where somebody asks for them.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse as _, Response};
use std::fmt::Write as _;

/// The answer that is a file: of this media type, and to be saved under this name. No browser takes it for anything else.
pub fn file(content: impl Into<Body>, media_type: &'static str, name: &str) -> Response {
    let mut response = content.into().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let disposition = HeaderValue::from_str(&attachment(name)).unwrap_or(HeaderValue::from_static("attachment"));
    headers.insert(CONTENT_DISPOSITION, disposition);
    response
}

/// The `Content-Disposition` of a file to be saved under this name: in ASCII for old programs, and in full as RFC 8187 has it.
fn attachment(file_name: &str) -> String {
    let name: String = file_name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).collect();
    let ascii: String =
        name.chars().map(|c| if c.is_ascii() && !matches!(c, '"' | '%' | ';') { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(attachment("call 1.vtt"), "attachment; filename=\"call 1.vtt\"; filename*=UTF-8''call%201.vtt");
        assert_eq!(
            attachment("../Köln\"; x=1\r\n.txt"),
            "attachment; filename=\"..K_ln__ x=1.txt\"; filename*=UTF-8''..K%C3%B6ln%22%3B%20x%3D1.txt"
        );
    }
}
