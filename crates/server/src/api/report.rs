//! `/calls/{id}/report`: what was judged in a call, as a file to pass on.

use super::Api;
use crate::render::{Judgement, html, markdown};
use axum::extract::State;
use axum::response::Response;
use kernel::{Problem, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, At, Params, Signed};

/// The one door.
pub fn router(api: Api) -> OpenApiRouter {
    web::strict(OpenApiRouter::new().routes(routes!(report)).with_state(api))
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReportFormat {
    /// Markdown, for a chat or a wiki.
    Md,
    /// A page that stands alone.
    #[default]
    Html,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How it is written; a page where it is left out.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// What was judged in a call last, as a file: scores, checks with the words they rest on, flags and figures. The same as `sideline report` writes.
#[utoipa::path(get, path = "/calls/{id}/report", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source"), Wanted),
    responses((status = 200, description = "The report", content((String = "text/html"), (String = "text/markdown")))))]
async fn report(
    State(api): State<Api>,
    Signed(actor): Signed,
    At(id): At<String>,
    Params(wanted): Params<Wanted>,
) -> Answer<Response> {
    let id = calls::seen(&api.db, &actor, &id).await?;
    let title = calls::details(&api.db, id).await?.call.title;
    let (transcript, report) = coaching::stored(&api.db, id).await?;
    // As for everything else that is not there.
    let report = report.ok_or_else(|| Problem {
        detail: "the call was not judged yet; its report comes with its scorecard".to_owned(),
        ..Problem::not_found("report")
    })?;
    // The same as the verdicts over HTTP.
    if actor.role == Role::Rep
        && coaching::session(&api.db, id, None).await?.is_some_and(|session| session.head.waits())
    {
        return Err(Problem {
            detail: "the scores of this call are withheld; a coach or manager has to look at it first".to_owned(),
            ..Problem::not_found("report")
        }
        .into());
    }
    let (media_type, ending) = match wanted.format.unwrap_or_default() {
        ReportFormat::Md => ("text/markdown; charset=utf-8", "md"),
        ReportFormat::Html => ("text/html; charset=utf-8", "html"),
    };
    let name = format!("{title}.{ending}");
    // The report of a long call takes a while to write.
    let written = tokio::task::spawn_blocking(move || {
        let judged = Judgement { transcript: &transcript, report: &report, name: &title };
        let mut out = Vec::new();
        match ending {
            "md" => markdown::report(&mut out, &judged),
            _ => html::report(&mut out, &judged),
        }
        .map(|()| out)
    });
    let bytes = written.await.map_err(std::io::Error::other).flatten().map_err(|error| {
        tracing::error!(%error, "a report cannot be written");
        Problem::internal()
    })?;
    Ok(web::file(bytes, media_type, &name))
}
