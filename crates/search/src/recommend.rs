//! What to do next after a call: each with its reason, and with the words that it rests on.

use crate::similar::{Like, similar};
use crate::{Search, SearchError};
use coaching::{CheckView, QuoteView};
use deals::Deals;
use kernel::Actor;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;
use uuid::Uuid;

/// Most of each kind.
const MOST: usize = 3;
/// Words that a recommendation shows, at most so many stretches.
const EVIDENCE: usize = 2;
/// Calls that are less like another are no example for it.
const LIKE: f64 = 0.35;

/// What somebody is recommended to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationKind {
    /// To do what was missed.
    Check,
    /// To keep what was agreed.
    NextStep,
    /// To look at a call of a deal that was won, and is like this one.
    SimilarWon,
}

/// Words that something rests on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = RecommendationEvidence)]
pub struct Evidence {
    /// The call in which they stand.
    pub call_id: Uuid,
    /// What it is called; null where it is the call that was asked about.
    pub call_title: Option<String>,
    /// The segment.
    pub segment_id: i32,
    /// Where it begins.
    pub start_ms: Option<i64>,
    /// Who says it.
    pub speaker: Option<String>,
    /// The words, cut out of the segment.
    pub quote: String,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Recommendation {
    /// Of what kind.
    pub kind: RecommendationKind,
    /// What to do, in a sentence.
    #[schema(example = "Agree on a next step with a day, and on who does what.")]
    pub title: String,
    /// Why, in a sentence.
    #[schema(example = "The call ended without a date.")]
    pub reason: String,
    /// Id of the check, where it is about one.
    pub check: Option<String>,
    /// The words that it rests on; empty where something was not said at all.
    pub evidence: Vec<Evidence>,
}

fn evidence(call: Uuid, quote: &QuoteView) -> Evidence {
    Evidence {
        call_id: call,
        call_title: None,
        segment_id: quote.segment_id as i32,
        start_ms: quote.start_ms.map(|ms| ms as i64),
        speaker: quote.speaker.clone(),
        quote: quote.quote.clone(),
    }
}

/// What to do next after a call that the actor may see, which the caller has made sure of.
///
/// # Errors
/// When the database fails.
pub async fn recommendations(
    search: &Search,
    deals: &Deals,
    actor: &Actor,
    call: Uuid,
) -> Result<Vec<Recommendation>, SearchError> {
    let mut all = next_steps(deals, actor, call).await?;
    all.extend(checks(search, call).await?);
    all.extend(won(search, actor, call).await?);
    Ok(all)
}

/// What was agreed in the call and has not followed.
async fn next_steps(deals: &Deals, actor: &Actor, call: Uuid) -> Result<Vec<Recommendation>, SearchError> {
    use deals::NextStepOutcome::{Kept, Missed, Pending};
    let mut found: Vec<Recommendation> = Vec::new();
    for linked in deals::of_call(&deals.db, actor, call).await? {
        let told = match deals::coaching(deals, actor, linked.opportunity.id).await {
            Ok(told) => told,
            Err(deals::DealError::Db(error)) => return Err(error.into()),
            Err(_) => continue,
        };
        for step in told.next_steps.iter().filter(|step| step.moment.call_id == call) {
            let (title, reason) = match step.outcome {
                Kept => continue,
                Missed => (
                    "Take up the next step that was agreed",
                    format!("Neither a call nor an e-mail of {} followed within 14 days.", linked.opportunity.name),
                ),
                Pending => (
                    "Keep the next step that was agreed",
                    format!("Nothing of {} has followed yet.", linked.opportunity.name),
                ),
            };
            let moment = &step.moment;
            let evidence = vec![Evidence {
                call_id: moment.call_id,
                call_title: None,
                segment_id: moment.segment_id as i32,
                start_ms: moment.start_ms,
                speaker: moment.speaker.clone(),
                quote: moment.quote.clone(),
            }];
            // Two deals of one call tell of the same words.
            if !found.iter().any(|known| known.evidence == evidence) {
                let title = title.to_owned();
                found.push(Recommendation { kind: RecommendationKind::NextStep, title, reason, check: None, evidence });
            }
        }
    }
    found.truncate(MOST);
    Ok(found)
}

/// What was missed, the heaviest first. Scores that are withheld say nothing of what was missed either.
async fn checks(search: &Search, call: Uuid) -> Result<Vec<Recommendation>, SearchError> {
    let Some(session) = coaching::session(&search.db, call, None).await? else { return Ok(Vec::new()) };
    if session.head.waits() {
        return Ok(Vec::new());
    }
    let mut missed: Vec<(f64, &CheckView)> = Vec::new();
    for dimension in &session.dimensions {
        let all: f64 = dimension.checks.iter().map(|check| check.weight).sum();
        let unmet = dimension.checks.iter().filter(|check| check.verdict == "unmet" && !check.advice.is_empty());
        missed.extend(unmet.map(|check| (dimension.weight * check.weight / all.max(f64::MIN_POSITIVE), check)));
    }
    missed.sort_by_key(|(weight, check)| (Reverse((weight * 1e6) as i64), check.id.clone()));
    let told = missed.into_iter().take(MOST).map(|(_, check)| Recommendation {
        kind: RecommendationKind::Check,
        title: check.advice.clone(),
        reason: check.reason.clone(),
        check: Some(check.id.clone()),
        evidence: check.evidence.iter().take(EVIDENCE).map(|quote| evidence(call, quote)).collect(),
    });
    Ok(told.collect())
}

/// Calls of deals that were won, and are like this one.
async fn won(search: &Search, actor: &Actor, call: Uuid) -> Result<Vec<Recommendation>, SearchError> {
    let found = similar(search, actor, Like { call, segment: None }, true, MOST).await?;
    let is_like = |similarity: Option<f64>| similarity.is_none_or(|similarity| similarity >= LIKE);
    let told = found.calls.into_iter().filter(|found| is_like(found.similarity)).map(|found| {
        let whose = found.call.rep.as_ref().map(|rep| format!(" of {}", rep.name)).unwrap_or_default();
        let evidence = found.moment.lines.iter().take(EVIDENCE).map(|line| Evidence {
            call_id: found.call.id,
            call_title: Some(found.call.title.clone()),
            segment_id: line.segment_id,
            start_ms: line.start_ms,
            speaker: line.speaker.clone(),
            quote: line.text.clone(),
        });
        Recommendation {
            kind: RecommendationKind::SimilarWon,
            title: format!("See how it went in “{}”", found.call.title),
            reason: format!("This call{whose} is like it, and its deal was won."),
            check: None,
            evidence: evidence.collect(),
        }
    });
    Ok(told.collect())
}
