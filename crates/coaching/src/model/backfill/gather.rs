//! Which questions of which calls make the next batch.

use super::super::ask::Question;
use super::super::estimate::{Estimate, Missing};
use super::super::results::Reuse;
use super::super::{Model, budget};
use super::round::Rounds;
use super::store;
use crate::ops::is_current;
use crate::{Listening, known_rubric};
use accounts::Settings;
use calls::{Analysis, CallError};
use llm::MOST_QUESTIONS;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of the texts of a batch, at most: the service takes 256 MB with all that is around them.
const BYTES: usize = 180_000_000;
/// What comes in by itself goes before.
const LAST: i32 = -10;

/// What there is to do.
#[derive(Debug)]
pub(super) enum Gathered {
    /// These questions are to be asked, each about its call; together they cost about so much at most, in millionths of a US dollar.
    Ask(Vec<(Uuid, Question)>, u64),
    /// All calls were given to be judged.
    Nothing,
    /// The budget does not allow what is left. What was answered before was given to be judged.
    Spent(String),
}

/// Looks through the calls of a backfill: what misses an answer is gathered as far as the budget allows, the others are given to be judged.
pub(super) async fn gather(
    rounds: &Rounds<'_>,
    model: &Model,
    settings: &Settings,
    backfill: &store::Backfill,
) -> Result<Gathered, CallError> {
    let Rounds { db, clock, analyst, .. } = *rounds;
    let rubric = known_rubric(db, backfill.rubric.as_deref(), rounds.usual).await?;
    let listening = Arc::new(Listening::of(db).await?);
    let missing = Missing { db, clock, model, settings, rubric: &rubric, listening: &listening, reuse: Reuse::All };
    let tried: HashSet<String> = store::questions(db, backfill.id).await?.into_keys().collect();
    let (mut left, mut spent) = match budget::left(db, clock, model, settings, 1).await? {
        Ok(left) => (left, None),
        Err(failure) => (Some(0), Some(failure.sentence)),
    };
    let (mut questions, mut keys, mut bytes, mut most) = (Vec::new(), HashSet::new(), 0, 0);
    for call in store::waiting(db, backfill.id).await? {
        let found = match is_current(db, analyst, call, &rubric).await {
            Ok(true) => None,
            Ok(false) => Some(missing.questions(call).await),
            Err(error) => Some(Err(error)),
        };
        let (wanted, known) = match found.transpose() {
            Ok(None) => {
                let mut tx = db.begin().await?;
                store::ready(&mut tx, backfill.id, call).await?;
                tx.commit().await?;
                continue;
            }
            Ok(Some(found)) => found,
            // It was deleted, and its rows with it.
            Err(CallError::Unknown(_)) => continue,
            Err(error) => return Err(error),
        };
        let wanted: Vec<Question> = wanted.into_iter().filter(|question| !tried.contains(&question.key)).collect();
        if wanted.is_empty() {
            hand_over(rounds, backfill, call).await?;
            continue;
        }
        // Two calls with the same words ask the same; the second finds the answers in the next round.
        let wanted: Vec<Question> = wanted.into_iter().filter(|question| !keys.contains(&question.key)).collect();
        let size: usize = wanted.iter().flat_map(|question| question.request.texts()).map(str::len).sum();
        let cost = Estimate::of(model, &wanted).await.most_in_batch_micros;
        if let Some(there) = left
            && cost.is_none_or(|cost| cost > there)
        {
            spent.get_or_insert_with(|| match cost {
                Some(_) => "what is left of the budget is less than the next call may cost: begin another backfill when there is more".to_owned(),
                None => format!(
                    "there is a budget, but the table of prices has no price of `{}` for calls as long as some of these",
                    model.name
                ),
            });
            if known > 0 {
                // What was paid for is used; what is missing is told as it is of any call.
                hand_over(rounds, backfill, call).await?;
            }
            continue;
        }
        if questions.len() + wanted.len() > MOST_QUESTIONS || (bytes + size > BYTES && !questions.is_empty()) {
            break;
        }
        let cost = cost.unwrap_or_default();
        left = left.map(|left| left - cost);
        (bytes, most) = (bytes + size, most + cost);
        keys.extend(wanted.iter().map(|question| question.key.clone()));
        questions.extend(wanted.into_iter().map(|question| (call, question)));
    }
    Ok(match (questions.is_empty(), spent) {
        (false, _) => Gathered::Ask(questions, most),
        (true, Some(why)) if !store::waiting(db, backfill.id).await?.is_empty() => Gathered::Spent(why),
        (true, _) => Gathered::Nothing,
    })
}

/// Has a call judged as always, behind what comes in; one that is about to be judged is.
async fn hand_over(rounds: &Rounds<'_>, backfill: &store::Backfill, call: Uuid) -> Result<(), CallError> {
    let Rounds { db, clock, .. } = *rounds;
    let is_asked = queue::unfinished(db, &calls::analysis_key(call)).await?.is_some();
    let mut tx = db.begin().await?;
    if !is_asked {
        let how = Analysis { rubric: backfill.rubric.as_deref(), priority: LAST, ..Analysis::default() };
        calls::enqueue_analysis(&mut tx, clock, call, how).await?;
    }
    store::ready(&mut tx, backfill.id, call).await?;
    Ok(tx.commit().await?)
}
