//! Which questions of which calls make the next batch.

use super::super::ask::Question;
use super::super::estimate::{Estimate, Missing};
use super::super::results::Reuse;
use super::super::{Model, budget};
use super::round::Rounds;
use super::store;
use crate::{Asked, Listening, Wish, ask_unless_current, known_rubric};
use accounts::Settings;
use calls::CallError;
use llm::MOST_QUESTIONS;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of the texts of a batch, at most: the service takes 256 MB with all that is around them.
const BYTES: usize = 180_000_000;

/// What there is to do.
#[derive(Debug)]
pub(super) enum Gathered {
    /// These questions are to be asked, each about its call.
    Ask(Vec<(Uuid, Question)>),
    /// All calls were given to be judged.
    Nothing,
    /// The budget does not allow a single call.
    Spent(String),
}

/// Looks through the calls of a backfill: what misses an answer is gathered, what does not is given to be judged.
pub(super) async fn gather(
    rounds: &Rounds<'_>,
    model: &Model,
    settings: &Settings,
    backfill: &store::Backfill,
) -> Result<Gathered, CallError> {
    let Rounds { db, clock, .. } = *rounds;
    let rubric = known_rubric(db, backfill.rubric.as_deref(), rounds.usual).await?;
    let listening = Arc::new(Listening::of(db).await?);
    let missing = Missing { db, clock, model, settings, rubric: &rubric, listening: &listening, reuse: Reuse::All };
    let tried: HashSet<String> = store::questions(db, backfill.id).await?.into_keys().collect();
    let mut left = match budget::left(db, clock, model, settings, 1).await? {
        Ok(left) => left,
        Err(failure) => return Ok(Gathered::Spent(failure.sentence)),
    };
    let (mut questions, mut keys, mut bytes) = (Vec::new(), HashSet::new(), 0);
    for call in store::waiting(db, backfill.id).await? {
        let wanted = match missing.questions(call).await {
            Ok(wanted) => wanted,
            Err(CallError::Unknown(_)) => continue,
            Err(error) => return Err(error),
        };
        let wanted: Vec<Question> = wanted.into_iter().filter(|question| !tried.contains(&question.key)).collect();
        if wanted.is_empty() {
            let wish = Wish { rubric: backfill.rubric.as_deref(), usual: rounds.usual, force: false };
            let actor = &backfill.created_by;
            match ask_unless_current(db, clock, rounds.analyst, call, wish, actor).await {
                Ok(Asked::Current | Asked::Job(_) | Asked::NeedsSides) | Err(CallError::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
            store::ready(db, backfill.id, call).await?;
            continue;
        }
        // Two calls with the same words ask the same; the second finds the answers in the next round.
        let wanted: Vec<Question> = wanted.into_iter().filter(|question| !keys.contains(&question.key)).collect();
        let size: usize = wanted.iter().flat_map(|question| question.request.texts()).map(str::len).sum();
        // As if the service remembered nothing from one to the next: in a batch it promises no more.
        let cost = if left.is_some() { Estimate::of(model, &wanted).await.most_in_batch_micros } else { Some(0) };
        let Some(cost) = cost else {
            return Ok(Gathered::Spent(format!(
                "there is a budget, but the table of prices has no price of `{}` for calls of this length",
                model.name
            )));
        };
        if left.is_some_and(|left| cost > left) {
            if questions.is_empty() {
                return Ok(Gathered::Spent(
                    "what is left of the budget is less than the next call may cost: begin another backfill when there is more".to_owned(),
                ));
            }
            break;
        }
        if questions.len() + wanted.len() > MOST_QUESTIONS || (bytes + size > BYTES && !questions.is_empty()) {
            break;
        }
        left = left.map(|left| left - cost);
        bytes += size;
        keys.extend(wanted.iter().map(|question| question.key.clone()));
        questions.extend(wanted.into_iter().map(|question| (call, question)));
    }
    Ok(if questions.is_empty() { Gathered::Nothing } else { Gathered::Ask(questions) })
}
