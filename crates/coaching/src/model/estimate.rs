//! What judging by a model would cost, before anything is asked.

use super::Model;
use llm::{Provider, Usage};
use rubric::Rubric;
use rubric::model::prompt;
use serde::Serialize;
use std::ops::AddAssign;
use transcript::Transcript;

/// What judging a call by a model would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Questions.
    pub requests: u64,
    /// Tokens of all prompts, and about as many as answers have.
    pub usage: Usage,
    /// In millionths of a US dollar: as it is done; `None` where the price is not known.
    pub cost_micros: Option<u64>,
    /// The same in a batch.
    pub batch_micros: Option<u64>,
    /// The same if every question were sent with the whole call and nothing were remembered.
    pub naive_micros: Option<u64>,
}

/// Tokens of a usual answer about a dimension.
const USUAL_ANSWER: u64 = 600;

impl Estimate {
    /// What judging this call by this rubric would take if nothing were kept of it. Tokens are counted here, about as the model counts.
    pub fn of(model: &Model, transcript: &Transcript, rubric: &Rubric) -> Self {
        let block = prompt::transcript_block(transcript, 0..transcript.segments.len());
        let shared =
            (llm::tokens(prompt::SYSTEM) + llm::tokens(&prompt::schema().to_string()) + llm::tokens(&block)) as u64;
        let tasks: Vec<u64> = rubric
            .dimensions
            .iter()
            .filter(|dimension| prompt::asked(dimension).next().is_some())
            .map(|dimension| llm::tokens(&prompt::task(dimension, &[])) as u64)
            .collect();
        let questions = tasks.len() as u64;
        if questions == 0 {
            return Self::default();
        }
        // And one more, about the advice.
        let tail: u64 = tasks.iter().sum::<u64>() + tasks.iter().max().copied().unwrap_or_default();
        let requests = questions + 1;
        let usage = Usage {
            input: tail,
            cache_write_5m: shared,
            cache_read: shared * questions,
            output: USUAL_ANSWER * requests,
            estimated: true,
            ..Usage::default()
        };
        let naive =
            Usage { input: tail + shared * requests, output: usage.output, estimated: true, ..Usage::default() };
        let remembers = model.client.provider() == Provider::Anthropic;
        let usage = if remembers { usage } else { naive };
        let price = |usage: &Usage, batch| model.prices.micros(model.client.provider(), &model.name, usage, batch);
        Self {
            requests,
            usage,
            cost_micros: price(&usage, false),
            batch_micros: price(&usage, true),
            naive_micros: price(&naive, false),
        }
    }
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            requests: 0,
            usage: Usage::default(),
            cost_micros: Some(0),
            batch_micros: Some(0),
            naive_micros: Some(0),
        }
    }
}

impl AddAssign for Estimate {
    fn add_assign(&mut self, other: Self) {
        let both = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a + b);
        self.requests += other.requests;
        self.usage += other.usage;
        self.cost_micros = both(self.cost_micros, other.cost_micros);
        self.batch_micros = both(self.batch_micros, other.batch_micros);
        self.naive_micros = both(self.naive_micros, other.naive_micros);
    }
}
