//! Parameters behind the question mark that an operation does not have are refused, by its description.

use crate::Fault;
use axum::extract::{MatchedPath, NestedPath, Query, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use kernel::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::OpenApiRouter;

/// The names of the parameters of each operation, by path and method.
type Known = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Has the operations of an area refuse parameters (422) that their description does not name: whoever misspells a filter would take all for what it
/// finds.
pub fn strict(router: OpenApiRouter) -> OpenApiRouter {
    let known = Arc::new(known(router.get_openapi()));
    router.route_layer(from_fn_with_state(known, check))
}

fn known(api: &OpenApi) -> Known {
    api.paths.paths.iter().map(|(path, item)| (path.clone(), operations(item))).collect()
}

fn operations(item: &PathItem) -> BTreeMap<String, BTreeSet<String>> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    let there = all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
    there.map(|(method, operation)| (method.to_string(), names(operation))).collect()
}

fn names(operation: &Operation) -> BTreeSet<String> {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
        _ => None,
    });
    parameters.collect()
}

async fn check(State(known): State<Arc<Known>>, request: Request, next: Next) -> Response {
    match unknown(&known, &request) {
        None => next.run(request).await,
        Some(name) => {
            let name: String = name.chars().take(100).collect();
            let problem = Problem::invalid(format!("there is no parameter `{name}` here"));
            Fault(problem.field(&name, "there is no such parameter")).into_response()
        }
    }
}

/// The first parameter that the operation does not have.
fn unknown(known: &Known, request: &Request) -> Option<String> {
    let Query(given) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).ok()?;
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let below = request.extensions().get::<NestedPath>().map_or("", NestedPath::as_str);
    // HEAD is answered as GET is. Where there is no operation, the router says so.
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let names = known.get(path.strip_prefix(below)?)?.get(method.as_str())?;
    given.into_iter().map(|(name, _)| name).find(|name| !names.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;
    use utoipa_axum::routes;

    #[utoipa::path(get, path = "/things/{id}", params(("id" = u8, Path), ("kind" = Option<String>, Query), ("X-Mark" = Option<String>, Header)))]
    async fn get() {}

    #[utoipa::path(delete, path = "/things/{id}", params(("id" = u8, Path)))]
    async fn remove() {}

    #[tokio::test]
    async fn what_an_operation_does_not_have_is_refused_by_name() {
        let area = strict(OpenApiRouter::new().routes(routes!(get, remove)));
        let whole = OpenApiRouter::new().nest("/api/v1", area.clone()).merge(area).split_for_parts().0;
        for base in ["", "/api/v1"] {
            for (asked, told) in [
                ("GET /things/1", ""),
                ("GET /things/1?", ""),
                ("GET /things/1?kind=a&kind=b", ""),
                ("HEAD /things/1?kind=a", ""),
                ("GET /things/1?kind=a&KIND=b", "KIND"),
                ("GET /things/1?id=1", "id"),
                ("GET /things/1?X-Mark=1", "X-Mark"),
                ("HEAD /things/1?x", ""),
                ("GET /things/1?a%20b", "a b"),
                ("DELETE /things/1?kind=a", "kind"),
                ("DELETE /things/1", ""),
            ] {
                let (method, path) = asked.split_once(' ').unwrap();
                let request = Request::builder().method(method).uri(format!("{base}{path}")).body(Body::empty());
                let answer = whole.clone().oneshot(request.unwrap()).await.unwrap();
                let refused = answer.status() == 422;
                let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
                let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                assert_eq!(refused, !told.is_empty() || asked.contains("HEAD /things/1?x"), "{base} {asked}");
                assert!(told.is_empty() || problem["errors"][told].is_array(), "{asked}: {problem}");
            }
            let other = Request::builder().method("PUT").uri(format!("{base}/things/1?x=1")).body(Body::empty());
            assert_eq!(whole.clone().oneshot(other.unwrap()).await.unwrap().status(), 405);
        }
    }
}
