//! `/coaching/search`, `/search/query`, `/search/suggest`.

use super::Door;
use crate::{Found, Mode, Ranks, Reading, Scope, SearchError, Suggestion, Wanted, find, read, suggest};
use axum::extract::State;
use chrono::{Datelike as _, NaiveDate};
use kernel::{Actor, Role};
use retrieval::Fields;
use serde::{Deserialize, Serialize};
use transcript::Side;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::{Answer, Body, Json, Params, Signed};

/// Characters of a query.
pub(super) const LONGEST: usize = 1_000;
/// Characters of a field.
const LONGEST_FIELD: usize = 200;
/// Moments on a page where nobody says.
const USUAL: usize = 20;
/// And at most.
const MOST: usize = 50;
/// So far a list can be looked through.
const DEEPEST: usize = 500;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(coaching_search)).routes(routes!(query)).routes(routes!(suggestions))
}

/// Whose words they are.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SearchSide)]
enum SideOf {
    /// Those of our side.
    Internal,
    /// Those of the other side.
    External,
}

/// What is looked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SearchRequest, example = json!({"query": "\"out of budget\" pric* -discount side:customer", "mode": "hybrid", "limit": 20, "facets": true}))]
pub(super) struct SearchBody {
    /// Words, "phrases", begin*, -unwanted, and fields such as `side:customer` or `after:2026-11-02`; any text is one. Empty: the latest calls of the fields.
    #[serde(default)]
    #[schema(max_length = 1000)]
    query: String,
    /// How is looked; by words and meaning where it is left out.
    mode: Option<Mode>,
    /// In this call alone.
    call_id: Option<Uuid>,
    /// Said by somebody with this in their name.
    #[schema(max_length = 200)]
    speaker: Option<String>,
    /// Said by this side.
    #[schema(value_type = Option<SideOf>)]
    side: Option<SideOf>,
    /// In calls of this rep: an id, or part of the name or mail address.
    #[schema(max_length = 200)]
    agent: Option<String>,
    /// In calls with a customer with this in the name.
    #[schema(max_length = 200)]
    customer: Option<String>,
    /// In calls of this deal: an id, or part of the name.
    #[schema(max_length = 200)]
    opportunity: Option<String>,
    /// On this day or later, where the team is.
    since: Option<NaiveDate>,
    /// On this day or earlier.
    until: Option<NaiveDate>,
    /// In calls with at least this overall score.
    #[schema(minimum = 0, maximum = 100)]
    min_score: Option<f64>,
    /// In calls with at most this overall score.
    #[schema(minimum = 0, maximum = 100)]
    max_score: Option<f64>,
    /// In calls in which this tracker was heard: its id.
    #[schema(max_length = 200)]
    tracker: Option<String>,
    /// In calls in this language; `en` is also `en-GB`.
    #[schema(max_length = 200)]
    language: Option<String>,
    /// At most so many moments, 1 to 50; 20 where it is left out.
    #[schema(minimum = 1, maximum = 50, default = 20)]
    limit: Option<usize>,
    /// Without the first so many.
    #[serde(default)]
    #[schema(maximum = 500)]
    offset: usize,
    /// Whether to tell what there is among what was found.
    #[serde(default)]
    facets: bool,
    /// Whether to tell where each moment stands in both rankings.
    #[serde(default)]
    explain: bool,
}

impl SearchBody {
    fn read(self) -> Result<(Wanted, bool), SearchError> {
        let limit = bounded(&self.query, self.limit, self.offset)?;
        let texts = [
            ("speaker", &self.speaker),
            ("agent", &self.agent),
            ("customer", &self.customer),
            ("opportunity", &self.opportunity),
            ("tracker", &self.tracker),
            ("language", &self.language),
        ];
        for (name, text) in texts {
            if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_FIELD) {
                return Err(SearchError::Field(name, format!("at most {LONGEST_FIELD} characters")));
            }
        }
        for (name, score) in [("min_score", self.min_score), ("max_score", self.max_score)] {
            if score.is_some_and(|score| !(0.0..=100.0).contains(&score)) {
                return Err(SearchError::Field(name, "from 0 to 100".to_owned()));
            }
        }
        for (name, day) in [("since", self.since), ("until", self.until)] {
            if day.is_some_and(|day| !(1..=9999).contains(&day.year())) {
                return Err(SearchError::Field(name, "a day like 2026-11-02".to_owned()));
            }
        }
        let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let fields = Fields {
            speaker: some(self.speaker),
            side: self.side.map(|side| match side {
                SideOf::Internal => Side::Internal,
                SideOf::External => Side::External,
            }),
            agent: some(self.agent),
            customer: some(self.customer),
            opportunity: some(self.opportunity),
            since: self.since,
            until: self.until,
            min_score: self.min_score,
            max_score: self.max_score,
            tracker: some(self.tracker),
            language: some(self.language),
        };
        let scope = Scope { fields, call: self.call_id, ..Scope::default() };
        let mode = self.mode.unwrap_or_default();
        let wanted = Wanted { query: self.query, mode, scope, limit, offset: self.offset, facets: self.facets };
        Ok((wanted, self.explain))
    }
}

fn bounded(query: &str, limit: Option<usize>, offset: usize) -> Result<usize, SearchError> {
    if query.chars().count() > LONGEST {
        return Err(SearchError::Field("query", format!("at most {LONGEST} characters")));
    }
    if offset > DEEPEST {
        return Err(SearchError::Field("offset", format!("at most {DEEPEST}: say more of what you look for")));
    }
    let limit = limit.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(SearchError::Field("limit", format!("from 1 to {MOST}"))) }
}

/// Without where moments stand, unless it was asked for. The score of words counts in how many passages of all calls they stand, which only those are told
/// who see all calls.
fn shown(mut found: Found, explain: bool, actor: &Actor) -> Found {
    for moment in found.calls.iter_mut().flat_map(|found| &mut found.moments) {
        moment.ranks = moment.ranks.filter(|_| explain).map(|ranks| match actor.role {
            Role::Admin => ranks,
            _ => Ranks { keyword_score: None, second_look: None, ..ranks },
        });
    }
    found
}

/// Finds moments in the calls that I may see, by words, by meaning, or by both; the best first, grouped by call. Counts and facets are of these calls alone.
#[utoipa::path(post, path = "/coaching/search", tag = "search", request_body = SearchBody,
    responses((status = 200, description = "What was found", body = Found)))]
pub(super) async fn coaching_search(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(body): Body<SearchBody>,
) -> Answer<Json<Found>> {
    let (wanted, explain) = body.read()?;
    Ok(Json(shown(find(&door.search, &actor, &wanted).await?, explain, &actor)))
}

/// A question in everyday words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SearchQuestion, example = json!({"question": "Where did customers complain about the price last week?"}))]
pub(super) struct QuestionBody {
    /// The question, in English as far as days and sides are to be understood.
    #[schema(min_length = 1, max_length = 1000)]
    question: String,
    /// At most so many moments, 1 to 50; 20 where it is left out.
    #[schema(minimum = 1, maximum = 50, default = 20)]
    limit: Option<usize>,
    /// Without the first so many.
    #[serde(default)]
    #[schema(maximum = 500)]
    offset: usize,
    /// Whether to tell where each moment stands in both rankings.
    #[serde(default)]
    explain: bool,
}

/// What was found for a question.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchAnswer)]
pub(super) struct Answered {
    /// How the question was read.
    reading: Reading,
    /// What was found.
    found: Found,
}

/// Finds moments for a question in everyday words: days, reps, customers, sides and scores in it say where is looked, the rest what is looked for.
#[utoipa::path(post, path = "/search/query", tag = "search", request_body = QuestionBody,
    responses((status = 200, description = "How it was read, and what was found", body = Answered)))]
pub(super) async fn query(
    State(door): State<Door>,
    Signed(actor): Signed,
    Body(body): Body<QuestionBody>,
) -> Answer<Json<Answered>> {
    let limit = bounded(&body.question, body.limit, body.offset)?;
    if body.question.trim().is_empty() {
        return Err(SearchError::Field("question", "ask something".to_owned()).into());
    }
    let reading = read(&door.search, &actor, &body.question).await?;
    let wanted = Wanted {
        query: reading.text.clone(),
        scope: reading.scope.clone(),
        limit,
        offset: body.offset,
        ..Wanted::default()
    };
    let found = find(&door.search, &actor, &wanted).await?;
    Ok(Json(Answered { reading, found: shown(found, body.explain, &actor) }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Begun {
    /// What has been written so far.
    #[param(max_length = 200, example = "pri")]
    q: String,
}

/// What I may mean who have begun to write: words that were said, calls, reps, people, customers and deals, of those that I may see.
#[utoipa::path(get, path = "/search/suggest", tag = "search", params(Begun),
    responses((status = 200, description = "At most five of each kind", body = Vec<Suggestion>)))]
pub(super) async fn suggestions(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(begun): Params<Begun>,
) -> Answer<Json<Vec<Suggestion>>> {
    if begun.q.chars().count() > LONGEST_FIELD {
        return Err(SearchError::Field("q", format!("at most {LONGEST_FIELD} characters")).into());
    }
    Ok(Json(suggest(&door.search, &actor, &begun.q).await?))
}
