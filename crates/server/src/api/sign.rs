//! Who asks: the access token of a request becomes an [`kernel::Actor`].

use super::open;
use accounts::{AccountError, Auth};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kernel::Problem;
use web::Fault;

/// Puts who asks into the request, for the doors; refuses whoever shows no token or one that is no good, except where everybody may go.
pub async fn sign(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    if open(request.uri().path()) {
        return next.run(request).await;
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let Some(token) = header.and_then(bearer) else {
        let problem = Problem::unauthorized("send an access token: `Authorization: Bearer …`");
        return Fault(problem).into_response();
    };
    match auth.actor(token).await {
        Ok(actor) => {
            request.extensions_mut().insert(actor.clone());
            let mut response = next.run(request).await;
            // For the log and the limits around.
            response.extensions_mut().insert(actor);
            response
        }
        Err(error @ AccountError::Token) => Fault(error.into()).into_response(),
        Err(error) => Fault(error.into()).into_response(),
    }
}

/// The token of `Bearer TOKEN`; the word in any case, as RFC 9110 has it.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
