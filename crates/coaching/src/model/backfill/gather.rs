//! Which questions of which calls make the next batch.

use super::super::ask::Question;
use super::super::judge::{Judging, missing, sections};
use super::super::results::Reuse;
use super::super::{Model, budget, looked_at};
use super::round::Rounds;
use super::store;
use crate::{Asked, Listening, Wish, ask_unless_current, judge, known_rubric};
use accounts::Settings;
use calls::CallError;
use db::DbError;
use llm::{MOST_QUESTIONS, Usage};
use rubric::Rubric;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use transcript::Transcript;
use uuid::Uuid;

/// Bytes of the texts of a batch, at most: the service takes 256 MB with all that is around them.
const BYTES: usize = 180_000_000;
/// Tokens of a usual answer.
const ANSWER: u64 = 600;

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
    let tried: HashSet<String> = store::questions(db, backfill.id).await?.into_keys().collect();
    let mut left = match budget::left(db, clock, model, settings, 1).await? {
        Ok(left) => left,
        Err(failure) => return Ok(Gathered::Spent(failure.sentence)),
    };
    let (mut questions, mut keys, mut bytes) = (Vec::new(), HashSet::new(), 0);
    for call in store::waiting(db, backfill.id).await? {
        let wanted = match wanted(rounds, model, settings, call, &rubric, &listening).await {
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
        let cost = if left.is_some() { cost(model, &wanted).await } else { Some(0) };
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

/// The questions whose answers a call misses now.
async fn wanted(
    rounds: &Rounds<'_>,
    model: &Model,
    settings: &Settings,
    call: Uuid,
    rubric: &Rubric,
    listening: &Arc<Listening>,
) -> Result<Vec<Question>, CallError> {
    let Rounds { db, clock, .. } = *rounds;
    let transcript = Arc::new(calls::load(db, call).await?);
    let mut report = offline(rounds, &transcript, rubric, listening).await?;
    let sections = sections(db, &transcript, rubric).await?;
    let judging = Judging {
        db,
        clock,
        model,
        settings,
        call,
        transcript: &transcript,
        rubric,
        knowledge: &sections,
        reuse: Reuse::All,
        looked_at: looked_at(db, call).await?,
    };
    Ok(missing(&judging, &mut report).await?)
}

async fn offline(
    rounds: &Rounds<'_>,
    transcript: &Arc<Transcript>,
    rubric: &Rubric,
    listening: &Arc<Listening>,
) -> Result<rubric::Report, DbError> {
    let (said, rubric, heard, clock) =
        (Arc::clone(transcript), rubric.clone(), Arc::clone(listening), rounds.clock.clone());
    // Takes a core for a while: not on a thread that others wait for.
    let judged = tokio::task::spawn_blocking(move || judge(&said, rubric, &heard, &clock)).await;
    Ok(judged.expect("the analyst does not panic").report)
}

/// What these questions cost in a batch at most, in millionths of a US dollar: as if the service remembered nothing from one to the next.
async fn cost(model: &Model, questions: &[Question]) -> Option<u64> {
    let texts: Vec<Vec<String>> =
        questions.iter().map(|question| question.request.texts().map(str::to_owned).collect()).collect();
    let count = move || {
        let mut known: HashMap<&str, u64> = HashMap::new();
        let mut prompts = Vec::new();
        for texts in &texts {
            prompts.push(texts.iter().map(|text| *known.entry(text).or_insert_with(|| llm::tokens(text) as u64)).sum());
        }
        prompts
    };
    let prompts: Vec<u64> = tokio::task::spawn_blocking(count).await.unwrap_or_default();
    let one = |input: u64| model.cost(&Usage { input, output: ANSWER, ..Usage::default() }, true);
    prompts.into_iter().map(one).sum()
}
