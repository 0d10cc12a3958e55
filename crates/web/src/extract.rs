//! What doors take out of requests, each with a problem that says what is wrong with it.

use crate::Fault;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use kernel::{Actor, Problem};
use serde::de::DeserializeOwned;

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
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(Fault(body_problem(&rejection))),
        }
    }
}

fn body_problem(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Problem::media_type("send JSON, with Content-Type: application/json"),
        // What serde says names the field and what it should be; the values it quotes are the client's own.
        JsonRejection::JsonDataError(error) => Problem::invalid(tail(&error.body_text())),
        JsonRejection::JsonSyntaxError(error) => Problem::bad_request(tail(&error.body_text())),
        other if other.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::too_large("the body is larger than this program takes")
        }
        _ => Problem::bad_request("the body cannot be read"),
    }
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

/// Without the library's own words before the first colon.
fn tail(text: &str) -> String {
    text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned()
}
