//! `/search/ask`.

use super::Door;
use super::search::LONGEST;
use crate::{AskEvent, Scope, SearchError, ask};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use std::convert::Infallible;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, Body, ProblemBody, Signed};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(asked))
}

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AskRequest, example = json!({"question": "What do customers say about the setup fee?"}))]
pub(super) struct AskBody {
    /// The question.
    #[schema(min_length = 1, max_length = 1000)]
    question: String,
    /// About this call alone.
    call_id: Option<Uuid>,
}

/// Answers a question out of what was said in the calls that I may see. First comes `found`: how the question was read, and what was found; then a `sentence`
/// at a time as the model writes it, each with one to three places where that was said; then `done`. Sentences that nothing they cite shows are left out and
/// counted. `again` takes back all sentences before it. Where no model judges, `done` follows at once, and what was found is the answer. Something that fails
/// in the midst is told as `failed`, a problem.
#[utoipa::path(post, path = "/search/ask", tag = "search", request_body = AskBody,
    responses((status = 200, description = "Server-sent events: `event` and `data`, which is JSON", body = AskEvent, content_type = "text/event-stream"),
        (status = 404, description = "There is no such call, or it is not mine to see", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn asked(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(body): Body<AskBody>,
) -> Answer<Response> {
    let question = body.question.trim().to_owned();
    if question.is_empty() || question.chars().count() > LONGEST {
        return Err(SearchError::Field("question", format!("take 1 to {LONGEST} characters")).into());
    }
    let call = match body.call_id {
        None => None,
        Some(id) => Some(calls::seen(&door.search.db, &actor, &id.to_string()).await?),
    };
    // Few: who does not read is waited for here.
    let (out, told) = mpsc::channel(8);
    let (lines, events) = mpsc::channel(8);
    tokio::spawn(async move {
        let scope = Scope { call, ..Scope::default() };
        let asking = ask(&door.search, &actor, &question, &scope, out);
        let forward = forward(told, lines.clone());
        let (asked, ()) = tokio::join!(asking, forward);
        if let Err(error) = asked {
            let problem = kernel::Problem::from(error);
            let _ = lines.send(event("failed", &problem)).await;
        }
    });
    let stream = ReceiverStream::new(events).map(Ok::<_, Infallible>);
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().text("")).into_response();
    // Or nginx keeps it back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn event(name: &str, data: &impl serde::Serialize) -> Event {
    Event::default().event(name).json_data(data).unwrap_or_default()
}

async fn forward(mut told: mpsc::Receiver<AskEvent>, lines: mpsc::Sender<Event>) {
    // Until all is told, or whoever asked is gone.
    while let Some(said) = tokio::select! { said = told.recv() => said, () = lines.closed() => None } {
        let value = serde_json::to_value(&said).unwrap_or_default();
        let name = value["event"].as_str().unwrap_or_default().to_owned();
        if lines.send(event(&name, &value["data"])).await.is_err() {
            return;
        }
    }
}
