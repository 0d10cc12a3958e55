//! One step of a backfill: gather and send, look whether the batch is answered, take in its answers.

use super::super::runs::{self, Purpose, Run};
use super::super::{Model, results};
use super::gather::{Gathered, gather};
use super::store::{self, Backfill, BackfillState, Sent};
use crate::Analyst;
use accounts::Settings;
use calls::CallError;
use chrono::TimeDelta;
use db::{Db, DbError};
use kernel::Clock;
use llm::{BatchOutcome, BatchResult, BatchStatus, LlmError, Reply, Stop, Usage};
use queue::Failure;
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// How long it is waited at least and at most before a batch is looked at again.
const LOOK: (TimeDelta, TimeDelta) = (TimeDelta::seconds(10), TimeDelta::minutes(5));
/// How long a service that fails is left alone.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// By how much the clock of the service may differ from ours.
const SKEW: TimeDelta = TimeDelta::minutes(10);
/// How long a batch may be on its way to the service, and longer than a question may take.
const SENDING: TimeDelta = TimeDelta::minutes(20);
/// Answers that are kept in one transaction.
const TOGETHER: usize = 20;

/// What steps need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds<'a> {
    pub(crate) db: &'a Db,
    pub(crate) clock: &'a Clock,
    /// Id of the rubric that judges where none is named.
    pub(crate) usual: &'a str,
    pub(crate) analyst: &'a Analyst,
}

/// When the next step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// After this time.
    After(TimeDelta),
    /// Never: it is over.
    Over,
}

const NOW: Next = Next::After(TimeDelta::zero());

/// Does the next step of a backfill. It may be done again after a crash at any point. While a batch is under way, or may be, a backfill is never over:
/// what is paid for is taken in.
pub(crate) async fn step(rounds: &Rounds<'_>, id: Uuid) -> Result<Next, Failure> {
    let Rounds { db, analyst, .. } = *rounds;
    let Some(backfill) = store::get(db, id).await?.filter(|backfill| backfill.finished_at.is_none()) else {
        return Ok(Next::Over);
    };
    let model = analyst.model().filter(|model| model.client.has_batches());
    if backfill.sending_at.is_some() {
        let Some(model) = model else {
            let why = format!("its batch waits until {} is set up again", backfill.model);
            store::tell(db, id, Some(&why)).await?;
            return Ok(Next::After(LOOK.1));
        };
        return match &backfill.batch_id {
            Some(batch) => look(rounds, model, &backfill, batch).await,
            None => find_sent(rounds, model, &backfill).await,
        };
    }
    if backfill.state == BackfillState::Cancelled {
        return over(rounds, id, BackfillState::Cancelled, None).await;
    }
    let (Some(model), Some((_, settings))) = (model, analyst.judging(db).await?) else {
        return stop(rounds, id, "no model with batches judges here any more").await;
    };
    if model.name != backfill.model {
        return stop(rounds, id, "another model judges now: begin another backfill, by that one").await;
    }
    send(rounds, model, &settings, &backfill).await
}

/// Gathers what is missing, and sends it.
async fn send(rounds: &Rounds<'_>, model: &Model, settings: &Settings, backfill: &Backfill) -> Result<Next, Failure> {
    let (Rounds { db, clock, .. }, id) = (*rounds, backfill.id);
    let (questions, most) = match gather(rounds, model, settings, backfill).await {
        Ok(Gathered::Ask(questions, most)) => (questions, most),
        Ok(Gathered::Nothing) => return over(rounds, id, BackfillState::Done, None).await,
        Ok(Gathered::Spent(why)) => return stop(rounds, id, &why).await,
        Err(CallError::Db(error)) => return Err(error.into()),
        Err(error) => return stop(rounds, id, &error.to_string()).await,
    };
    if !store::sending(db, clock, id, &questions, most).await? {
        return Ok(NOW);
    }
    let count = questions.len();
    let questions: Vec<llm::Question> = questions
        .into_iter()
        .map(|(_, question)| llm::Question { custom_id: question.key, request: question.request })
        .collect();
    match model.client.batch_create(&questions).await {
        Ok(batch) => {
            store::sent(db, id, &batch.id, count, false).await?;
            Ok(Next::After(LOOK.0))
        }
        // It may have been made: it is looked for before it is made again.
        Err(error) if error.helps_to_wait() => wait(rounds, id, &error).await,
        Err(error) => {
            store::between(db, id).await?;
            stop(rounds, id, &error.to_string()).await
        }
    }
}

async fn over(rounds: &Rounds<'_>, id: Uuid, state: BackfillState, why: Option<&str>) -> Result<Next, Failure> {
    let mut tx = rounds.db.begin().await?;
    store::end(&mut tx, rounds.clock, id, state, why).await?;
    tx.commit().await?;
    Ok(Next::Over)
}

async fn stop(rounds: &Rounds<'_>, id: Uuid, why: &str) -> Result<Next, Failure> {
    tracing::warn!(backfill = %id, why, "a backfill was stopped");
    over(rounds, id, BackfillState::Stopped, Some(why)).await
}

/// The service does not answer as it should now. What nobody can wait for, such as a wrong key, somebody may mend.
async fn wait(rounds: &Rounds<'_>, id: Uuid, error: &LlmError) -> Result<Next, Failure> {
    store::tell(rounds.db, id, Some(&format!("{error}; it is tried again"))).await?;
    if !error.helps_to_wait() {
        return Ok(Next::After(LOOK.1));
    }
    let asked = error.wait().and_then(|wait| TimeDelta::from_std(wait).ok()).unwrap_or_default();
    Ok(Next::After(asked.max(PAUSE)))
}

/// Looks for a batch that was sent, of which it is not known whether it was made: one that is nobody's, came at that time, and has as many questions.
/// Whether it is ours its answers show, which name their questions.
async fn find_sent(rounds: &Rounds<'_>, model: &Model, backfill: &Backfill) -> Result<Next, Failure> {
    let Rounds { db, clock, .. } = *rounds;
    let questions = store::questions(db, backfill.id).await?.values().filter(|sent| sent.outcome.is_none()).count();
    let known = store::known_batches(db).await?;
    let batches = match model.client.batches().await {
        Ok(batches) => batches,
        Err(error) => return wait(rounds, backfill.id, &error).await,
    };
    let sent = backfill.sending_at.unwrap_or(backfill.created_at);
    let found = batches.into_iter().find(|batch| {
        let counts = &batch.request_counts;
        let all = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired;
        let then = batch.created_at.is_none_or(|at| at >= sent - SKEW && at <= sent + SENDING + SKEW);
        !known.contains(&batch.id) && all == questions as u64 && then
    });
    match found {
        Some(batch) => {
            tracing::info!(backfill = %backfill.id, "a batch that was sent before is found again");
            store::sent(db, backfill.id, &batch.id, questions, true).await?;
            Ok(NOW)
        }
        // Whoever sent it may be at it still.
        None if clock.now() < sent + SENDING => Ok(Next::After(PAUSE)),
        None => {
            store::between(db, backfill.id).await?;
            Ok(NOW)
        }
    }
}

/// Looks whether a batch is answered, and takes in its answers.
async fn look(rounds: &Rounds<'_>, model: &Model, backfill: &Backfill, batch: &str) -> Result<Next, Failure> {
    let Rounds { db, clock, .. } = *rounds;
    let told = match model.client.batch(batch).await {
        Ok(told) => told,
        Err(LlmError::NotThere { .. }) => {
            store::between(db, backfill.id).await?;
            return Ok(NOW);
        }
        Err(error) => return wait(rounds, backfill.id, &error).await,
    };
    if told.processing_status != BatchStatus::Ended {
        // One that was found may be somebody else's.
        let unwanted = backfill.state == BackfillState::Cancelled || rounds.analyst.judging(db).await?.is_none();
        if unwanted && !backfill.batch_found && told.processing_status == BatchStatus::InProgress {
            match model.client.batch_cancel(batch).await {
                Ok(_) | Err(LlmError::NotThere { .. }) => return Ok(Next::After(LOOK.0)),
                Err(error) => return wait(rounds, backfill.id, &error).await,
            }
        }
        store::tell(db, backfill.id, None).await?;
        // The longer it takes, the less often it is asked about.
        let age = backfill.sending_at.map(|since| clock.now() - since).unwrap_or_default();
        return Ok(Next::After((age / 10).clamp(LOOK.0, LOOK.1)));
    }
    let open = store::questions(db, backfill.id).await?;
    let taken = match take_in(rounds, model, backfill, batch, &open).await {
        Ok(taken) => taken,
        Err(Taken::Db(error)) => return Err(error.into()),
        // Who cancelled it does not wait for what cannot be read.
        Err(Taken::Model(error)) if backfill.state == BackfillState::Cancelled && !error.helps_to_wait() => {
            return over(rounds, backfill.id, BackfillState::Cancelled, Some(&error.to_string())).await;
        }
        Err(Taken::Model(error)) => return wait(rounds, backfill.id, &error).await,
    };
    if taken.ours == 0 && !open.is_empty() {
        // It was taken for the one that was sent, and is somebody else's.
        store::between(db, backfill.id).await?;
        return Ok(NOW);
    }
    // The words are not left there for longer than they are needed. Where this fails the service forgets them by itself in a month.
    if let Err(error) = model.client.batch_delete(batch).await {
        tracing::info!(backfill = %backfill.id, error = error.kind(), "a batch that is taken in could not be deleted");
    }
    store::between(db, backfill.id).await?;
    if taken.answered == 0 && backfill.state == BackfillState::Open {
        return stop(rounds, backfill.id, "a batch brought no answer that can be used; its service may say why").await;
    }
    Ok(NOW)
}

/// Why answers could not be taken in.
enum Taken {
    Db(DbError),
    Model(LlmError),
}

impl From<DbError> for Taken {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// What was found in a batch.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// Results of questions of ours.
    ours: usize,
    /// Those with an answer that can be used.
    answered: usize,
}

/// Keeps the answers of a batch; those that are kept already are left out.
async fn take_in(
    rounds: &Rounds<'_>,
    model: &Model,
    backfill: &Backfill,
    batch: &str,
    open: &HashMap<String, Sent>,
) -> Result<Counted, Taken> {
    let Rounds { db, clock, .. } = *rounds;
    let mut answers = model.client.batch_results(batch).await.map_err(Taken::Model)?;
    let mut taken = Counted::default();
    loop {
        let mut some = Vec::new();
        while some.len() < TOGETHER
            && let Some(result) = answers.next().await
        {
            some.push(result.map_err(Taken::Model)?);
        }
        if some.is_empty() {
            return Ok(taken);
        }
        let mut tx = db.begin().await?;
        for BatchResult { custom_id, outcome } in some {
            let Some(sent) = open.get(&custom_id) else { continue };
            taken.ours += 1;
            // An earlier try took it in before it was broken off.
            if let Some(before) = &sent.outcome {
                taken.answered += usize::from(before == "ok");
                continue;
            }
            let Some((outcome, reply)) = read(outcome) else { continue };
            let usage = reply.as_ref().map(|reply| reply.usage).unwrap_or_default();
            // By the model that was asked, which may not be the one that judges now.
            let provider = model.client.provider();
            let cost = model.prices.micros(provider, &backfill.model, &usage, true);
            let cost = if usage == Usage::default() { Some(0) } else { cost };
            taken.answered += usize::from(outcome == "ok");
            if !store::settle(&mut tx, backfill.id, &sent.key, outcome, cost).await? {
                continue;
            }
            let run = Run {
                at: clock.now(),
                call: Some(sent.call_id),
                rep: None,
                purpose: Purpose::of(&sent.purpose),
                dimension: sent.dimension.as_deref(),
                provider: provider.as_str(),
                model: &backfill.model,
                outcome: if outcome == "ok" { "batched" } else { outcome },
                usage,
                cost,
                took: Duration::ZERO,
            };
            runs::write(&mut tx, &run).await?;
            if let (Some(reply), "ok") = (&reply, outcome) {
                results::keep(&mut tx, clock, &sent.key, sent.call_id, &reply.text).await?;
            }
        }
        tx.commit().await?;
    }
}

/// What became of a question, and its answer; `None` where it was not looked at, so that it is asked anew.
fn read(outcome: BatchOutcome) -> Option<(&'static str, Option<Box<Reply>>)> {
    match outcome {
        BatchOutcome::Succeeded(reply) => {
            let outcome = match &reply.stop {
                // Whether it is what was asked for shows when the call is judged.
                Stop::End if serde_json::from_str::<serde::de::IgnoredAny>(&reply.text).is_ok() => "ok",
                Stop::End => "invalid_answer",
                Stop::Cut => "cut",
                Stop::ContextFull => "too_large",
                Stop::Refused { .. } => "refused",
                Stop::Other(_) => "stopped",
            };
            Some((outcome, Some(reply)))
        }
        BatchOutcome::Errored(error) => Some((error.kind(), None)),
        BatchOutcome::Canceled | BatchOutcome::Expired => None,
    }
}
