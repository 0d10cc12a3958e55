//! One question: looked for among the answers that are kept, else asked, mended once where it is not understood, kept and written into the books.

use super::kept::{ModelFailure, ModelUse};
use super::runs::{self, Purpose, Run};
use super::{Model, results};
use db::{Db, DbError};
use kernel::Clock;
use llm::{CacheFor, LlmError, Message, Part, Reply, Request, Schema, Stop, Usage};
use rubric::model::prompt;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A question about a call.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) purpose: Purpose,
    pub(super) dimension: Option<String>,
    pub(super) key: String,
    pub(super) request: Request,
}

/// The question about this piece of a call (its block) with this task. All questions about a piece begin alike, up to the end of the block.
pub(super) fn request(model: &str, block: &str, task: String, most: u32) -> Request {
    Request {
        model: model.to_owned(),
        system: vec![Part::new(prompt::SYSTEM)],
        messages: vec![Message::user(vec![Part::new(block).cached(CacheFor::FiveMinutes), Part::new(task)])],
        schema: Some(Schema { name: "verdicts".to_owned(), document: prompt::schema() }),
        max_tokens: most,
    }
}

/// What was understood of an answer.
#[derive(Debug)]
pub(super) struct Answered<T> {
    pub(super) value: T,
    pub(super) cached: bool,
    pub(super) repaired: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The model did not answer, or not so that it is understood.
    Model(ModelFailure),
    /// The text is too long for the model.
    TooLong(ModelFailure),
    /// It was written down to be asked later.
    Wanted(ModelFailure),
    /// What it said could not be kept.
    Db(DbError),
}

impl From<DbError> for Unanswered {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Where questions about one call are asked.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) db: &'a Db,
    pub(super) clock: &'a Clock,
    pub(super) model: &'a Model,
    pub(super) call: Uuid,
    /// Answers that are kept, by their keys.
    pub(super) known: HashMap<String, String>,
    /// Tokens of the longest answer.
    pub(super) most: u32,
    /// Tokens of the longest prompt, at most.
    pub(super) prompt: u64,
    /// Where nothing is asked: the questions that would be.
    pub(super) wanted: Option<Mutex<Vec<Question>>>,
    /// What it took so far.
    pub(super) tally: Mutex<ModelUse>,
}

impl Desk<'_> {
    pub(super) fn tally(&self) -> MutexGuard<'_, ModelUse> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a question; `read` understands an answer, or says in a sentence what is wrong with it, and `usable` takes of a second answer what
    /// can be used. `first` is told at the first token of a new answer and dropped where there is none.
    pub(super) async fn answer<T>(
        &self,
        question: &Question,
        first: Option<oneshot::Sender<()>>,
        read: impl Fn(&str) -> Result<T, String>,
        usable: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Answered<T>, Unanswered> {
        let known = self.known.get(&question.key).and_then(|text| read(text).or_else(|_| usable(text)).ok());
        if let Some(wanted) = &self.wanted {
            let Some(value) = known else {
                wanted.lock().unwrap_or_else(PoisonError::into_inner).push(question.clone());
                return Err(Unanswered::Wanted(ModelFailure::new("wanted", "it is asked in a batch", false)));
            };
            self.tally().cached += 1;
            return Ok(Answered { value, cached: true, repaired: false });
        }
        if let Some(value) = known {
            self.book(question, "cached", &Usage::default(), Some(0), Duration::ZERO, Some(Kept::Again)).await?;
            self.tally().cached += 1;
            return Ok(Answered { value, cached: true, repaired: false });
        }
        let (reply, value) = match self.ask(question, question.request.clone(), first, &read).await? {
            (_, Ok(value)) => return Ok(Answered { value, cached: false, repaired: false }),
            (reply, Err(wrong)) => (reply, wrong),
        };
        // One turn to mend it, with what is wrong. An empty turn of the model is none.
        let mut request = question.request.clone();
        if !reply.text.trim().is_empty() {
            request.messages.push(Message::assistant(reply.text));
            request.messages.push(Message::user(vec![Part::new(mend(&value))]));
        } else if let Some(asked) = request.messages.last_mut() {
            asked.parts.push(Part::new(mend(&value)));
        }
        match self.ask(question, request, None, &|text: &str| read(text).or_else(|_| usable(text))).await? {
            (_, Ok(value)) => Ok(Answered { value, cached: false, repaired: true }),
            (_, Err(wrong)) => Err(Unanswered::Model(ModelFailure::new(
                "invalid_answer",
                format!("the model's answer was not understood, nor was the one it was asked to mend it by: {wrong}"),
                true,
            ))),
        }
    }

    /// Asks once, and writes down what it cost.
    async fn ask<T>(
        &self,
        question: &Question,
        request: Request,
        first: Option<oneshot::Sender<()>>,
        read: &impl Fn(&str) -> Result<T, String>,
    ) -> Result<(Reply, Result<T, String>), Unanswered> {
        let begun = Instant::now();
        let mut lost = Usage::default();
        let reply = self.model.client.ask_and_count(&request, first, &mut lost).await;
        let lost_cost = self.model.cost(&lost, false);
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => {
                // A service that is left alone was not asked.
                if !matches!(error, LlmError::Resting { .. }) {
                    self.tally().requests += 1;
                }
                self.book(question, error.kind(), &lost, lost_cost, begun.elapsed(), None).await?;
                let failure = ModelFailure::from(&error);
                let too_long = matches!(error, LlmError::TooLarge);
                return Err(if too_long { Unanswered::TooLong(failure) } else { Unanswered::Model(failure) });
            }
        };
        self.tally().requests += 1;
        let read = if reply.stop == Stop::End { Some(read(&reply.text)) } else { None };
        let outcome = match (&reply.stop, &read) {
            (_, Some(Ok(_))) => "ok",
            (_, Some(Err(_))) => "invalid_answer",
            (Stop::Cut, _) => "cut",
            (Stop::ContextFull, _) => "too_large",
            (Stop::Refused { .. }, _) => "refused",
            _ => "stopped",
        };
        let cost = self.model.cost(&reply.usage, false).zip(lost_cost).map(|(cost, lost)| cost + lost);
        let kept = matches!(read, Some(Ok(_))).then_some(Kept::New(&reply.text));
        self.book(question, outcome, &(reply.usage + lost), cost, reply.took, kept).await?;
        match read {
            Some(read) => Ok((reply, read)),
            None => Err(stopped(&reply.stop)),
        }
    }

    /// Writes a row into the books, together with the answer that it brought.
    async fn book(
        &self,
        question: &Question,
        outcome: &str,
        usage: &Usage,
        cost: Option<u64>,
        took: Duration,
        kept: Option<Kept<'_>>,
    ) -> Result<(), DbError> {
        let run = Run {
            at: self.clock.now(),
            call: Some(self.call),
            rep: None,
            purpose: question.purpose,
            dimension: question.dimension.as_deref(),
            provider: self.model.client.provider().as_str(),
            model: &self.model.name,
            outcome,
            usage: *usage,
            cost,
            took,
        };
        let mut tx = self.db.begin().await?;
        runs::write(&mut tx, &run).await?;
        match kept {
            Some(Kept::New(answer)) => {
                results::keep(&mut tx, self.clock, &question.key, self.call, answer).await?;
            }
            Some(Kept::Again) => results::count_hit(&mut tx, &question.key).await?,
            None => {}
        }
        tx.commit().await?;
        let mut tally = self.tally();
        tally.add(usage);
        tally.cost_micros = tally.cost_micros.zip(cost).map(|(sum, cost)| sum + cost);
        Ok(())
    }
}

/// What is done with an answer that was understood.
enum Kept<'a> {
    New(&'a str),
    Again,
}

fn mend(wrong: &str) -> String {
    format!("{wrong} Answer once more, with the whole JSON that the schema asks for and nothing else.")
}

/// Why an answer that ended so is none.
fn stopped(stop: &Stop) -> Unanswered {
    let failure = |kind: &str, sentence: &str, again| ModelFailure::new(kind, sentence, again);
    match stop {
        Stop::Cut => Unanswered::Model(failure(
            "cut",
            "the model's answer was longer than it may be and was cut; another model, or a rubric with fewer checks in this dimension, helps",
            false,
        )),
        Stop::ContextFull => Unanswered::TooLong(failure(
            "too_large",
            "the call is too long for the model; a model with a larger context helps",
            false,
        )),
        // What the service says about its reasons may repeat the call, and is left to its console.
        Stop::Refused { .. } => {
            Unanswered::Model(failure("refused", "the model refused to judge this; another model may not", false))
        }
        Stop::End | Stop::Other(_) => Unanswered::Model(failure(
            "stopped",
            "the model stopped before its answer was whole, for a reason that is not known here",
            true,
        )),
    }
}
