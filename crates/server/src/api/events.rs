//! `/events`: what happens to calls, told as it happens (server-sent events), to each what they may see.

use super::Api;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use calls::events::{self, Position, Told};
use kernel::{Actor, Problem};
use serde::Deserialize;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, Params, Signed};

/// How often it is looked for something new, once for all listeners.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is looked whether a listener may still listen.
const CHECK: Duration = Duration::from_secs(15);
/// Streams that somebody may have open at once.
const STREAMS: usize = 10;
/// Events that are told at a time.
const BATCH: i64 = 200;

/// The end of the stream, as far as one look has seen it. Clones share it.
#[derive(Clone)]
pub struct Feed {
    end: watch::Sender<Position>,
    listeners: Arc<Mutex<HashMap<Uuid, usize>>>,
}

/// One of the streams that somebody may have at once.
struct Place {
    listeners: Arc<Mutex<HashMap<Uuid, usize>>>,
    user: Uuid,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = listeners.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                listeners.remove(&self.user);
            }
        }
    }
}

impl Feed {
    /// Looks for something new while somebody listens, until `stop`.
    pub fn begin(db: db::Db, stop: CancellationToken) -> Self {
        let (end, _) = watch::channel(Position::default());
        let feed = Self { end: end.clone(), listeners: Arc::default() };
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
                if end.receiver_count() == 0 {
                    continue;
                }
                match events::latest(&db).await {
                    Ok(latest) => {
                        end.send_if_modified(|end| std::mem::replace(end, latest) != latest);
                    }
                    Err(error) => tracing::debug!(%error, "listeners wait for the database"),
                }
            }
        });
        feed
    }

    /// One more stream for somebody, unless they have as many as they may.
    fn take_place(&self, actor: &Actor) -> Result<Place, Problem> {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let count = listeners.entry(actor.id).or_default();
        if *count >= STREAMS {
            return Err(Problem::too_many(format!("you have {STREAMS} streams open; close one"), 5));
        }
        *count += 1;
        Ok(Place { listeners: Arc::clone(&self.listeners), user: actor.id })
    }
}

/// `/events`.
pub fn router(api: Api) -> OpenApiRouter {
    web::strict(OpenApiRouter::new().routes(routes!(listen)).with_state(api))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct From {
    /// The id of the last event that was received, for clients that cannot send `Last-Event-ID`.
    last_event_id: Option<String>,
}

/// What happens to the calls that I may see, as it happens: `call.status`, `call.score`, `call.deleted`. Who was away sends `Last-Event-ID` and is told
/// what was missed; where that is forgotten (after a week), `reset` comes first, which means: read your lists again.
#[utoipa::path(get, path = "/events", tag = "events",
    params(From, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received")),
    responses((status = 200, description = "Server-sent events: `id`, `event` and `data`, which is JSON", body = Told, content_type = "text/event-stream")))]
async fn listen(
    State(api): State<Api>,
    Signed(actor): Signed,
    headers: HeaderMap,
    Params(from): Params<From>,
) -> Answer<Response> {
    let given = headers.get("last-event-id").map(HeaderValue::to_str).transpose();
    let given = given.map_err(|_| wrong())?.map(str::to_owned).or(from.last_event_id);
    let (after, reset) = match given {
        None => (events::latest(&api.db).await?, false),
        Some(id) => {
            let after: Position = id.parse().map_err(|_| wrong())?;
            // One that is not given out yet is another installation's, or from before a backup was put back.
            let lost = after > events::latest(&api.db).await? || events::forgotten(&api.db, after).await?;
            if lost { (events::latest(&api.db).await?, true) } else { (after, false) }
        }
    };
    let place = api.feed.take_place(&actor)?;
    // Few: a listener who does not read is waited for here and not in memory.
    let (out, told) = mpsc::channel(8);
    let ends = api.feed.end.subscribe();
    tokio::spawn(async move {
        follow(api, actor, after, reset, ends, out).await;
        drop(place);
    });
    let stream = ReceiverStream::new(told).map(Ok::<_, Infallible>);
    let alive = KeepAlive::new().interval(CHECK).text("");
    let mut response = Sse::new(stream).keep_alive(alive).into_response();
    // Or nginx keeps it back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn wrong() -> Problem {
    Problem::invalid("Last-Event-ID: it is none of ours").field("Last-Event-ID", "it is none of ours")
}

/// Tells what is behind `after` whenever the end moves, until the listener goes, may not listen any more, or the program ends.
async fn follow(
    api: Api,
    actor: Actor,
    mut after: Position,
    reset: bool,
    mut ends: watch::Receiver<Position>,
    out: mpsc::Sender<Event>,
) {
    let begin = Event::default().id(after.to_string()).event(if reset { "reset" } else { "hello" }).data("{}");
    if out.send(begin).await.is_err() {
        return;
    }
    loop {
        let end = *ends.borrow_and_update();
        let told = events::since(&api.db, &actor, after, BATCH).await;
        // Behind the reading: what came after the end of the login is not told.
        match (told, api.auth.still(&actor).await) {
            // A role that has changed is another view: who comes back has it.
            (_, Ok(now)) if now.as_ref().is_none_or(|now| now.role != actor.role) => return,
            (Ok(told), Ok(_)) => {
                let full = told.len() as i64 == BATCH;
                for one in told {
                    after = one.position;
                    let data = serde_json::to_string(&one).unwrap_or_default();
                    let event = Event::default().id(after.to_string()).event(&one.kind).data(data);
                    if out.send(event).await.is_err() {
                        return;
                    }
                }
                if full {
                    continue;
                }
                // What lies before the end and was not told is not theirs.
                after = after.max(end);
            }
            (Err(error), _) | (_, Err(error)) => tracing::debug!(%error, "a listener waits for the database"),
        }
        tokio::select! {
            () = api.stop.cancelled() => return,
            () = out.closed() => return,
            changed = ends.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(CHECK) => {}
        }
    }
}
