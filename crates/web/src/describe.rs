//! What is true of every operation, put into the description once instead of beside each handler.

use crate::problem::ProblemBody;
use kernel::Problem;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, Response};
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
    for (status, why) in PROBLEMS {
        components.responses.insert(status.to_owned(), RefOr::T(problem(status, why)));
    }
    for (path, item) in api.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/v1")) {
        let signed = !open(path);
        let all = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in all {
            if let Some(operation) = operation {
                operation.operation_id = Some(name(method, path));
                one(path, method, operation, signed);
            }
        }
    }
}

/// A name of the operation that no other one has: `get_users_by_id`.
fn name(method: &str, path: &str) -> String {
    let parts = path.trim_start_matches("/api/v1/").split('/').map(|part| match part.strip_prefix('{') {
        Some(parameter) => format!("by_{}", parameter.trim_end_matches('}')),
        None => part.replace('-', "_"),
    });
    format!("{method}_{}", parts.collect::<Vec<_>>().join("_"))
}

fn one(path: &str, method: &str, operation: &mut Operation, signed: bool) {
    // 422 also where there is neither body nor parameter: parameters that an operation does not have are refused.
    let mut problems = vec!["400", "401", "403", "422", "429", "500", "503"];
    if signed {
        operation.security = Some(vec![SecurityRequirement::new(SCHEME, Vec::<String>::new())]);
    }
    if path.contains('{') {
        problems.push("404");
    }
    if operation.request_body.is_some() {
        problems.push("413");
        problems.push("415");
    }
    let keyed = method == "post" && signed;
    if method != "get" {
        problems.push("409");
    }
    if keyed {
        let header = ParameterBuilder::new()
            .name(MADE)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("The same key gives the same answer again, for a day"))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(200))))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(header));
    }
    if method == "get" {
        let same = ResponseBuilder::new().description("What `If-None-Match` names is still right").build();
        operation.responses.responses.entry("304".to_owned()).or_insert(RefOr::T(same));
    }
    for status in problems {
        let told = Ref::new(format!("#/components/responses/{status}"));
        operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::Ref(told));
    }
}

/// Each problem with what it means, told once for all operations.
const PROBLEMS: [(&str, &str); 11] = [
    ("400", "The request is not understood"),
    ("401", "No access token, or one that is no good; or a wrong password"),
    ("403", "Not for who asks, by their role or by a setting"),
    ("404", "There is no such thing, or it is not for who asks"),
    ("409", "It does not fit what is there"),
    ("413", "The body is too large"),
    ("415", "Another media type is needed"),
    ("422", "A value is wrong; `errors` names the field"),
    ("429", "Too many requests; `Retry-After` says when"),
    ("500", "It went wrong here"),
    ("503", "Something that is needed is away; `Retry-After` says when"),
];

fn problem(status: &str, why: &str) -> Response {
    let schema = Ref::from_schema_name(ProblemBody::name());
    let body = ContentBuilder::new().schema(Some(schema)).example(example(status)).build();
    ResponseBuilder::new().description(why).content("application/problem+json", body).build()
}

/// A problem of this status as the program tells it.
fn example(status: &str) -> Option<serde_json::Value> {
    let problem = match status {
        "400" => Problem::bad_request("EOF while parsing a value at line 1 column 8"),
        "401" => Problem::unauthorized("the token is no longer good; log in again"),
        "403" => Problem::forbidden("this is for admin only"),
        "404" => Problem::not_found("call"),
        "409" => Problem::conflict("nobody would be admin any more; make somebody else one first"),
        "413" => Problem::too_large("the body is larger than this program takes"),
        "415" => Problem::media_type("send JSON, with Content-Type: application/json"),
        "422" => Problem::invalid("limit: it is 1 to 200").field("limit", "it is 1 to 200"),
        "429" => Problem::too_many("too many requests; try again in 3 s", 3),
        "500" => Problem::internal(),
        "503" => Problem::unavailable("the database does not answer at the moment; try again"),
        _ => return None,
    };
    serde_json::to_value(Problem { request_id: Some("01a1ffdd99e471479df2fc0bd093f5b4".into()), ..problem }).ok()
}
