//! The description of the interface (`OpenAPI` 3.1) and the page to try it.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use kernel::Problem;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr};
use utoipa_swagger_ui::{Config, SwaggerUi};
use web::Fault;

const ABOUT: &str = "Calls, scores and everything else of a Sideline installation.\n\n\
    Log in by `POST /api/v1/auth/login` and send the access token with each request: `Authorization: Bearer …`. Times are RFC 3339 in UTC, \
    lengths and offsets in milliseconds end in `_ms`. Lists come in pages: ask for the next one with `cursor`. Everything that goes wrong is told \
    as `application/problem+json` (RFC 9457) with a stable `type`, a sentence and the id of the request. What makes something takes an \
    `Idempotency-Key`: the same key gives the same answer again. What is not yours to see is answered as if it were not there.";

/// What stands before the operations.
pub fn head() -> OpenApi {
    let mut license = LicenseBuilder::new().name("Apache-2.0").build();
    license.identifier = Some("Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("Sideline")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license))
        .build();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = ComponentsBuilder::new().security_scheme(web::SCHEME, SecurityScheme::Http(scheme)).build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Answers of each operation, as a test has got them: by method, path and status.
const EXAMPLES: &str = include_str!("examples.json");

/// Puts an example beside each answer that succeeds.
pub fn illustrate(api: &mut OpenApi) {
    let examples: BTreeMap<String, Value> = serde_json::from_str(EXAMPLES).expect("a test writes it");
    for (path, item) in &mut api.paths.paths {
        let all = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        for (method, operation) in all {
            for (status, answer) in operation.iter_mut().flat_map(|operation| &mut operation.responses.responses) {
                if let Some(example) = examples.get(&format!("{method} {path} {status}"))
                    && let RefOr::T(answer) = answer
                    && let Some(RefOr::T(content)) = answer.content.get_mut("application/json")
                {
                    content.example = Some(example.clone());
                }
            }
        }
    }
}

/// `/openapi.json` and `/docs`.
pub fn router(api: &OpenApi) -> Router {
    let text = api.to_json().expect("the description is plain JSON");
    let json = move || async move { ([("content-type", "application/json")], text) };
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json").try_it_out_enabled(true));
    Router::new().route("/openapi.json", get(json)).merge(page)
}

/// What is nowhere.
pub fn nothing() -> Response {
    Fault(Problem::not_found("page")).into_response()
}

/// What is there and is asked for in another way.
pub async fn no_such_method(request: Request) -> Response {
    Fault(Problem::no_such_method(request.method().as_str())).into_response()
}
