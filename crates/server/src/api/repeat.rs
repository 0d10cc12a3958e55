//! `Idempotency-Key`: what was done once is not done again, and answered as it was.

use accounts::answers::{self, Answered, Known};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use db::Db;
use kernel::{Actor, Clock, Problem};
use sha2::{Digest as _, Sha256};
use web::Fault;

/// Most bytes of an answer that is remembered, and of a JSON body that is compared.
const MOST: usize = 4 << 20;

/// Where answers are remembered.
#[derive(Clone)]
pub struct Memory {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
}

/// Does a POST with a key once; whoever sends it again gets the answer of the first time. Requests without a key go by, and so do uploads: the same
/// file is the same call anyway.
pub async fn once(State(memory): State<Memory>, request: Request, next: Next) -> Response {
    let key = request.headers().get(web::MADE).cloned();
    let actor = request.extensions().get::<Actor>().cloned();
    let form = request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    let (Some(key), Some(actor), &Method::POST, false) = (key, actor, request.method(), form) else {
        return next.run(request).await;
    };
    let Some(key) = key.to_str().ok().filter(|key| (1..=200).contains(&key.len())).map(str::to_owned) else {
        let problem = Problem::invalid(format!("{}: take 1 to 200 plain characters", web::MADE));
        return Fault(problem).into_response();
    };
    let (fingerprint, request) = match fingerprint(request).await {
        Ok(both) => both,
        Err(fault) => return fault.into_response(),
    };
    match answers::begin(&memory.db, &memory.clock, &actor, &key, &fingerprint).await {
        Ok(Known::New) => {}
        Ok(Known::Done(answer)) => return again(answer),
        Ok(Known::Busy) => {
            let mut problem = Problem::conflict("a request with this key is being answered; try again in a moment");
            problem.retry_after = Some(1);
            return Fault(problem).into_response();
        }
        Ok(Known::Other) => {
            let problem =
                Problem::invalid("another request had this key; take a new one for each thing that is to be made");
            return Fault(problem.field(web::MADE, "another request had this key")).into_response();
        }
        Err(error) => return Fault(error.into()).into_response(),
    }
    // On a task of its own: the answer is remembered although whoever asked has gone.
    let task = tokio::spawn(async move {
        let response = next.run(request).await;
        memory.keep(&actor, &key, response).await
    });
    task.await.unwrap_or_else(|_| Fault(Problem::internal()).into_response())
}

/// What a request is, so that another one with the same key is told from it.
async fn fingerprint(request: Request) -> Result<(String, Request), Fault> {
    let (parts, body) = request.into_parts();
    let mut hash = Sha256::new();
    hash.update(parts.uri.to_string());
    let bytes = to_bytes(body, MOST).await;
    let bytes = bytes.map_err(|_| Fault(Problem::too_large("a body with an Idempotency-Key has at most 4 MiB")))?;
    hash.update(&bytes);
    Ok((kernel::hex(&hash.finalize()), Request::from_parts(parts, Body::from(bytes))))
}

fn again(answer: Answered) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let Some(body) = answer.body else {
        let problem = Problem::conflict("this was done already; its answer held a secret and is not kept");
        return Fault(problem).into_response();
    };
    let mut response = (status, body).into_response();
    let mut headers = HeaderMap::new();
    for (name, value) in [(CONTENT_TYPE, answer.content_type), (LOCATION, answer.location)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    response.headers_mut().extend(headers);
    response
}

impl Memory {
    /// Remembers what was answered where something was made, or is being made. What failed may be tried again under the same key; and what was only
    /// found is not remembered, so that nothing of a call lies here that is deleted meanwhile.
    async fn keep(&self, actor: &Actor, key: &str, response: Response) -> Response {
        let status = response.status();
        let (parts, body) = response.into_parts();
        let made = [StatusCode::CREATED, StatusCode::ACCEPTED, StatusCode::NO_CONTENT].contains(&status);
        if !made {
            if let Err(error) = answers::forget(&self.db, actor, key).await {
                tracing::warn!(%error, "a key stays taken for some minutes");
            }
            return Response::from_parts(parts, body);
        }
        let Ok(bytes) = to_bytes(body, MOST).await else { return Fault(Problem::internal()).into_response() };
        let secret = parts.headers.get(CACHE_CONTROL).is_some_and(|value| value == "no-store");
        let text =
            |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
        let answer = Answered {
            status: status.as_u16(),
            content_type: text(CONTENT_TYPE),
            location: text(LOCATION),
            body: (!secret).then(|| bytes.to_vec()),
        };
        if let Err(error) = answers::keep(&self.db, actor, key, &answer).await {
            tracing::warn!(%error, "an answer is not remembered");
        }
        Response::from_parts(parts, Body::from(bytes))
    }
}
