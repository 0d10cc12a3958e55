//! What is true of every operation, put into the description once instead of beside each handler.

use crate::problem::ProblemBody;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, security::SecurityRequirement};
use utoipa::{PartialSchema as _, ToSchema as _};

/// Name of the way to sign requests.
pub const SCHEME: &str = "access_token";
/// Operations that make something take this header: the same key gives the same answer again.
pub const MADE: &str = "Idempotency-Key";

/// Adds to each operation below `/api/v1` how it is signed (unless it is open to all) and each problem that it can answer, as the extractors and
/// layers give them.
pub fn describe(api: &mut OpenApi, open: impl Fn(&str) -> bool) {
    let components = api.components.get_or_insert_default();
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    for (path, item) in api.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/v1")) {
        let signed = !open(path);
        let writing = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in writing.into_iter().flatten() {
            one(path, operation, signed, true);
        }
        for operation in item.get.as_mut().into_iter() {
            one(path, operation, signed, false);
        }
    }
}

fn one(path: &str, operation: &mut Operation, signed: bool, writing: bool) {
    let mut problems = vec![("429", "Too many requests; `Retry-After` says when"), ("500", "It went wrong here"), (
        "503",
        "Something that is needed is away; `Retry-After` says when",
    )];
    if signed {
        operation.security = Some(vec![SecurityRequirement::new(SCHEME, Vec::<String>::new())]);
        problems.push(("403", "The role of who asks is not enough"));
    }
    // A token that is no good is told everywhere.
    problems.push(("401", "No access token, or one that is no good"));
    let queried = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => true,
    });
    if path.contains('{') {
        problems.push(("404", "There is no such thing, or it is not for who asks"));
    }
    if operation.request_body.is_some() {
        problems.push(("413", "The body is too large"));
        problems.push(("415", "Another media type is needed"));
    }
    if operation.request_body.is_some() || queried {
        problems.push(("422", "A value is wrong; `errors` names the field"));
    }
    problems.push(("400", "The request is not understood"));
    if writing {
        problems.push(("409", "It does not fit what is there"));
    }
    for (status, why) in problems {
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
        let response = ResponseBuilder::new().description(why).content("application/problem+json", body).build();
        operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
}
