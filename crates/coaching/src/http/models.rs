//! `/model`: which model judges, whether it answers, what it costs; and scores that were withheld.

use super::Door;
use crate::model::{self, ModelFailure};
use crate::sessions::CoachingSession;
use crate::{Costs, Period};
use axum::extract::State;
use chrono::NaiveDate;
use kernel::{Problem, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, At, Json, Params, ProblemBody, Signed, only};

/// Who may look at what models cost.
const LOOKERS: [Role; 2] = [Role::Admin, Role::Manager];
/// Days of a period where nobody says.
const USUAL_DAYS: u64 = 30;
/// Longest period.
const MOST_DAYS: i64 = 366;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(test)).routes(routes!(costs)).routes(routes!(confirm))
}

/// Who judges.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhoJudges {
    /// `model`, or `offline` where none is set up or admins have switched it off.
    #[schema(example = "model")]
    judge: &'static str,
    /// The model that is set up; null where there is none.
    model: Option<SetUp>,
    /// How a model is set up, where there is none.
    how: Option<&'static str>,
}

/// A model that is set up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetUp {
    /// `anthropic`, `openai`, `ollama`, `llamacpp` or `vllm`.
    #[schema(example = "anthropic")]
    provider: &'static str,
    /// Its name at its service.
    #[schema(example = "claude-sonnet-5-5")]
    name: String,
    /// `closed` where requests are sent; `open` while the service is left alone because it failed several times in a row; `half_open` while it is
    /// tried whether it answers again.
    #[schema(example = "closed")]
    breaker: &'static str,
    /// What it costs; null where the table of prices does not have it.
    price: Option<Price>,
    /// The day the table of prices is from.
    prices_as_of: NaiveDate,
}

/// US dollars for a million tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Price {
    /// Read afresh.
    input: f64,
    /// Read afresh and remembered.
    cache_write: f64,
    /// Remembered from before.
    cache_read: f64,
    /// Written.
    output: f64,
}

const HOW: &str = "Set ANTHROPIC_API_KEY, or model_provider, model_url and model for a server of your own, and start the program again; until then the offline analyst judges.";

/// Which model judges calls, or how one is set up. Its key is never told.
#[utoipa::path(get, path = "/model", tag = "model",
    responses((status = 200, description = "Who judges", body = WhoJudges)))]
pub(super) async fn show(State(door): State<Door>, _who: Signed) -> Answer<Json<WhoJudges>> {
    let judges = door.analyst.judging(&door.db).await?.is_some();
    let model = door.analyst.model().map(|model| {
        let price = model.prices.of(model.client.provider(), &model.name, 1);
        SetUp {
            provider: model.client.provider().as_str(),
            name: model.name.clone(),
            breaker: match model.client.state() {
                llm::BreakerState::Closed { .. } => "closed",
                llm::BreakerState::Open { .. } => "open",
                llm::BreakerState::HalfOpen => "half_open",
            },
            price: price.map(|price| Price {
                input: price.input,
                cache_write: price.cache_write,
                cache_read: price.cache_read,
                output: price.output,
            }),
            prices_as_of: model.prices.as_of,
        }
    });
    let how = model.is_none().then_some(HOW);
    Ok(Json(WhoJudges { judge: if judges { "model" } else { "offline" }, model, how }))
}

/// Whether a model answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tested {
    /// It does.
    answers: bool,
    /// How long it took, in milliseconds.
    took_ms: u64,
    /// The model that answered, as its service names it.
    model: Option<String>,
    /// Why it does not, and what to do.
    failure: Option<ModelFailure>,
}

/// Asks the model for one word, to see whether key, address and name are right (admins). It costs a few tokens, and is in the books.
#[utoipa::path(post, path = "/model/test", tag = "model",
    responses((status = 200, description = "Whether it answers", body = Tested),
        (status = 409, description = "No model is set up", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn test(State(door): State<Door>, Signed(actor): Signed) -> Answer<Json<Tested>> {
    only(&actor, &[Role::Admin])?;
    let Some(model) = door.analyst.model() else { return Err(Problem::conflict(HOW).into()) };
    let (took, answer) = model::test(&door.db, &door.clock, model).await?;
    let took_ms = took.as_millis() as u64;
    Ok(Json(match answer {
        Ok(name) => Tested { answers: true, took_ms, model: Some(name), failure: None },
        Err(failure) => Tested { answers: false, took_ms, model: None, failure: Some(failure) },
    }))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Days {
    /// The first day; 30 days before the last one where it is left out.
    since: Option<NaiveDate>,
    /// The last day; today where it is left out. At most 366 days.
    until: Option<NaiveDate>,
}

/// What models cost in a period, by rep and by day, and what of the budgets is spent (managers and admins). Amounts are millionths of a US dollar.
#[utoipa::path(get, path = "/model/costs", tag = "model", params(Days),
    responses((status = 200, description = "What they cost", body = Costs)))]
pub(super) async fn costs(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(days): Params<Days>,
) -> Answer<Json<Costs>> {
    only(&actor, &LOOKERS)?;
    let period = Period::of(days.since, days.until, door.today(), USUAL_DAYS, MOST_DAYS)?;
    let settings = accounts::settings(&door.db).await?;
    let model = door.analyst.model().map(AsRef::as_ref);
    let mut costs = crate::costs(&door.db, &door.clock, door.zone, period, model, &settings).await?;
    if actor.role == Role::Manager {
        // A manager sees the reps whose calls they see; what the others cost is in the sum.
        let mut seen = Vec::new();
        for rep in costs.reps {
            if let Some(id) = rep.rep_id
                && accounts::sees(&door.db, &actor, id).await?
            {
                seen.push(rep);
            }
        }
        costs.reps = seen;
    }
    Ok(Json(costs))
}

/// Lets the scores of a session be told that were withheld because words in the call speak to the judge (coaches, managers and admins).
#[utoipa::path(post, path = "/calls/{id}/sessions/{session_id}/confirm", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source"),
        ("session_id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "The session with its scores", body = CoachingSession),
        (status = 409, description = "Its scores are not withheld", body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn confirm(
    State(door): State<Door>,
    Signed(actor): Signed,
    At((id, session)): At<(String, Uuid)>,
) -> Answer<Json<CoachingSession>> {
    only(&actor, &[Role::Coach, Role::Manager, Role::Admin])?;
    let call = super::calls::seen(&door, &actor, &id).await?;
    crate::confirm(&door.db, &door.clock, call, session, &actor).await?;
    let found = crate::sessions::session(&door.db, call, Some(session)).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("session"))?))
}
