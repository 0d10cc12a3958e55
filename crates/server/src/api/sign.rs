//! Who asks: the access token of a request becomes an [`kernel::Actor`].

use super::{Api, open};
use accounts::AccountError;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kernel::Problem;
use web::{Address, Fault};

/// Puts who asks into the request, for the doors; refuses whoever shows no token or one that is no good, except where everybody may go.
///
/// Strangers are counted by their address, users by their account.
pub async fn sign(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<Address>().and_then(|address| address.0);
    let stranger = |problem: Problem| match api.meter.stranger(address) {
        Ok(()) => Fault(problem).into_response(),
        Err(fault) => fault.into_response(),
    };
    if open(request.uri().path()) {
        let refreshes = request.uri().path() == accounts::http::REFRESH;
        let counted = if refreshes { api.meter.refresh(address) } else { api.meter.stranger(address) };
        return match counted {
            Ok(()) => next.run(request).await,
            Err(fault) => fault.into_response(),
        };
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let Some(token) = header.and_then(bearer) else {
        return stranger(Problem::unauthorized("send an access token: `Authorization: Bearer …`"));
    };
    match api.auth.actor(token).await {
        Ok(actor) => {
            if let Err(fault) = api.meter.user(&actor) {
                return fault.into_response();
            }
            request.extensions_mut().insert(actor.clone());
            let mut response = next.run(request).await;
            // For the log and the limits around.
            response.extensions_mut().insert(actor);
            response
        }
        Err(error @ AccountError::Token) => stranger(error.into()),
        Err(error) => Fault(error.into()).into_response(),
    }
}

/// The token of `Bearer TOKEN`; the word in any case, as RFC 9110 has it.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
