//! A question that somebody asks a model in their own words: answered as text, told as it comes, paid out of the same budget and written into the same books
//! as all others. Nothing of it is kept.

use super::kept::ModelFailure;
use super::room::COUNTED_MORE;
use super::runs::{self, Purpose, Run};
use super::{Analyst, budget, usual_context};
use crate::CoachingError;
use accounts::audit::{self, Action};
use db::Db;
use kernel::{Actor, Clock};
use llm::{LlmError, Message, Part, Request, Stop, Usage};
use serde_json::json;
use std::time::Duration;
use tokio::sync::watch;

/// How long an answer is waited for: somebody looks at the page.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a model is asked.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// By which rules it answers.
    pub rules: String,
    /// What it is given, and the question.
    pub prompt: String,
    /// Tokens of the longest answer.
    pub most_answer: u32,
}

/// Asks the model that judges. The text of its answer is told to `told` as far as it is there, and returned with the model's name when it is whole.
/// Where all receivers are gone, the model is left, and what that cost by then is written into the books.
///
/// # Errors
/// When the database fails. What the model does wrong is none: it is the failure that is returned. `Ok(None)` where no model judges.
pub async fn converse(
    db: &Db,
    clock: &Clock,
    analyst: &Analyst,
    conversation: Conversation,
    told: watch::Sender<String>,
    actor: &Actor,
) -> Result<Option<Result<(String, String), ModelFailure>>, CoachingError> {
    let Some((model, settings)) = analyst.judging(db).await? else { return Ok(None) };
    let prompt = format!("{}{}", conversation.rules, conversation.prompt);
    let tokens = tokio::task::spawn_blocking(move || llm::tokens(&prompt)).await.unwrap_or(usize::MAX);
    let tokens = (tokens as f64 * COUNTED_MORE) as u64;
    let context = model.context.unwrap_or_else(|| usual_context(model.client.provider()));
    if tokens + u64::from(conversation.most_answer) > context {
        let sentence = "what was found is too long for the model: one with a larger context helps, or another question";
        return Ok(Some(Err(ModelFailure::new("too_large", sentence, false))));
    }
    if let Err(failure) = budget::check(db, clock, model, &settings, tokens).await? {
        return Ok(Some(Err(failure)));
    }
    let request = Request {
        model: model.name.clone(),
        system: vec![Part::new(conversation.rules)],
        messages: vec![Message::user(vec![Part::new(conversation.prompt)])],
        schema: None,
        max_tokens: conversation.most_answer,
    };
    let mut lost = Usage::default();
    let asked = model.client.ask_telling(&request, told, &mut lost);
    let reply = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(reply) => reply,
        Err(_) => Err(LlmError::TimedOut { within: PATIENCE }),
    };
    let (usage, took) = reply.as_ref().map(|reply| (reply.usage, reply.took)).unwrap_or_default();
    let cost = model.cost(&usage, false).zip(model.cost(&lost, false)).map(|(cost, lost)| cost + lost);
    let (outcome, result) = match reply {
        Ok(reply) => match reply.stop {
            Stop::End => ("ok", Ok((reply.text, model.name.clone()))),
            // What is there holds by itself: each sentence cites what shows it.
            Stop::Cut => ("cut", Ok((reply.text, model.name.clone()))),
            Stop::Refused { .. } => (
                "refused",
                Err(ModelFailure::new(
                    "refused",
                    "the model refused to answer: ask in other words, or another model",
                    false,
                )),
            ),
            Stop::ContextFull | Stop::Other(_) => (
                "stopped",
                Err(ModelFailure::new("stopped", "the model stopped before its answer was whole: ask again", false)),
            ),
        },
        Err(error) => (error.kind(), Err(ModelFailure { again: false, ..ModelFailure::from(&error) })),
    };
    let run = Run {
        at: clock.now(),
        call: None,
        rep: None,
        purpose: Purpose::Question,
        dimension: None,
        provider: model.client.provider().as_str(),
        model: &model.name,
        outcome,
        usage: usage + lost,
        cost,
        took,
    };
    let mut tx = db.begin().await?;
    runs::write(&mut tx, &run).await?;
    // That somebody asked, not what: the trail outlives the calls.
    let detail = json!({ "model": model.name, "outcome": outcome });
    audit::record(&mut tx, clock, &actor.trail(), Action::SearchAsk, actor.id, detail).await?;
    tx.commit().await?;
    Ok(Some(result))
}
