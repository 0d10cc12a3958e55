//! What doors take out of requests, each with a problem that says what is wrong with it.

use crate::Fault;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{FormRejection, JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use kernel::{Actor, Problem, Role};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::convert::Infallible;
use std::net::IpAddr;

/// Who asks. Whoever builds the router puts them into the request; where nobody is, the answer is 401.
#[derive(Debug, Clone)]
pub struct Signed(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let actor = parts.extensions.get::<Actor>().cloned();
        actor.map(Self).ok_or_else(|| Fault(Problem::unauthorized("send an access token: Authorization: Bearer …")))
    }
}

/// A body of JSON.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = bytes.map_err(|rejection| Fault(unread(rejection.status())))?;
        if has_nul(&bytes) {
            return Err(Fault(Problem::invalid("the body holds the character NUL (\\u0000), which no text here can")));
        }
        match Json::<T>::from_request(Request::from_parts(parts, bytes.into()), state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(Fault(body_problem(&rejection))),
        }
    }
}

/// A document that people write, in JSON or YAML, as its text: whoever reads it tells mistakes by its lines.
#[derive(Debug, Clone)]
pub struct Document {
    /// The text.
    pub text: String,
    /// Whether it is JSON.
    pub is_json: bool,
}

/// The media types of YAML, the registered one first (RFC 9512).
const YAML: [&str; 4] = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"];

impl<S: Send + Sync> FromRequest<S> for Document {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_json = kind == "application/json";
        if !is_json && !YAML.contains(&kind.as_str()) {
            return Err(Fault(Problem::media_type(
                "send JSON or YAML, with Content-Type: application/json or application/yaml",
            )));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| Fault(unread(rejection.status())))?;
        if has_nul(&bytes) || bytes.contains(&0) {
            return Err(Fault(Problem::invalid("the body holds the character NUL, which no text here can")));
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| Problem::bad_request("the body is not UTF-8"))?;
        if is_json && let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
            return Err(Fault(Problem::bad_request(format!("the body is not JSON: {error}"))));
        }
        Ok(Self { text, is_json })
    }
}

fn body_problem(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            Problem::media_type("send JSON, with Content-Type: application/json")
        }
        // What serde says names the field and what it should be; the values it quotes are the client's own.
        JsonRejection::JsonDataError(error) => Problem::invalid(tail(&error.body_text())),
        JsonRejection::JsonSyntaxError(error) => Problem::bad_request(tail(&error.body_text())),
        other => unread(other.status()),
    }
}

fn unread(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large("the body is larger than this program takes");
    }
    Problem::bad_request("the body cannot be read")
}

/// Whether JSON has `\u0000` in a text: PostgreSQL keeps none, and nobody means it.
fn has_nul(json: &[u8]) -> bool {
    let escape = b"\\u0000";
    let is_escaped = |at: usize| json[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
    json.windows(escape.len()).enumerate().any(|(at, window)| window == escape && !is_escaped(at))
}

/// A body as forms send it.
#[derive(Debug, Clone)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = bytes.map_err(|rejection| Fault(unread(rejection.status())))?;
        if bytes.contains(&0) || bytes.windows(3).any(|window| window == b"%00") {
            return Err(Fault(Problem::invalid("the form holds the character NUL, which no text here can")));
        }
        match axum::Form::<T>::from_request(Request::from_parts(parts, bytes.into()), state).await {
            Ok(axum::Form(value)) => Ok(Self(value)),
            Err(FormRejection::InvalidFormContentType(_)) => {
                Err(Fault(Problem::media_type("send a form, with Content-Type: application/x-www-form-urlencoded")))
            }
            Err(FormRejection::FailedToDeserializeFormBody(error)) => {
                Err(Fault(Problem::invalid(tail(&error.body_text()))))
            }
            Err(other) => Err(Fault(unread(other.status()))),
        }
    }
}

/// From where somebody asks, as the router found out; none where it could not.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub Option<IpAddr>);

/// Whose address it is: a whole network of IPv6 (a /64) belongs to one subscriber, who may take another address for each request.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mut segments = address.segments();
            segments[4..].fill(0);
            IpAddr::from(segments)
        }
        other @ IpAddr::V4(_) => other,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(None)))
    }
}

/// Refuses whoever has none of these roles.
///
/// # Errors
/// 403, with the roles that may.
pub fn only(actor: &Actor, roles: &[Role]) -> Result<(), Fault> {
    if roles.contains(&actor.role) {
        return Ok(());
    }
    let who: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    Err(Fault(Problem::forbidden(format!("this is for {} only", who.join(" and ")))))
}

/// Parameters behind the question mark.
#[derive(Debug, Clone)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(Fault(Problem::invalid(tail(&error.body_text()))))
            }
            Err(_) => Err(Fault(Problem::bad_request("the parameters are not understood"))),
        }
    }
}

/// What the path names: an id, or a tuple of several. What is none names nothing, so that the answer is 404.
#[derive(Debug, Clone)]
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(Fault(Problem::not_found("thing"))),
        }
    }
}

/// Without the library's own words before the first colon.
fn tail(text: &str) -> String {
    text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned()
}
