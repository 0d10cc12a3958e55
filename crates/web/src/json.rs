//! Answers of JSON.

use crate::Fault;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kernel::Problem;
use serde::Serialize;

/// Bytes of a page of a list, about: what is written into grows seldom.
const PAGE: usize = 16 << 10;

/// A body of JSON. Axum's own writes into a buffer that grows from a few bytes, which a long list copies again and again.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(PAGE);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as JSON");
                Fault(Problem::internal()).into_response()
            }
        }
    }
}
