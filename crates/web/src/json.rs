//! Answers of JSON.

use crate::Fault;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kernel::Problem;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize as _, Deserializer, Serialize};
use serde_json::{Map, Value};

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

/// Reads an object within a body: serde takes a list for a struct as well, whose items stand for the fields.
///
/// # Errors
/// When it is none, or not of this shape.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let object = Map::<String, Value>::deserialize(deserializer)?;
    T::deserialize(Value::Object(object)).map_err(D::Error::custom)
}

/// The same where it may be null.
///
/// # Errors
/// As [`object`].
pub fn object_or_null<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let object = Option::<Map<String, Value>>::deserialize(deserializer)?;
    object.map(|object| T::deserialize(Value::Object(object)).map_err(D::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Inner {
        a: u32,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Outer {
        #[serde(deserialize_with = "object")]
        one: Inner,
        #[serde(default, deserialize_with = "object_or_null")]
        other: Option<Inner>,
    }

    #[test]
    fn a_list_is_no_object() {
        let read = |text: &str| serde_json::from_str::<Outer>(text).ok();
        assert_eq!(
            read(r#"{"one":{"a":1},"other":{"a":2}}"#),
            Some(Outer { one: Inner { a: 1 }, other: Some(Inner { a: 2 }) })
        );
        assert_eq!(read(r#"{"one":{"a":1},"other":null}"#), read(r#"{"one":{"a":1}}"#));
        for wrong in [r#"{"one":[1]}"#, r#"{"one":{"a":1},"other":[2]}"#, r#"{"one":null}"#, r#"{"one":{"a":"x"}}"#] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
