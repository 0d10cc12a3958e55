//! What a model answers.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::time::Duration;

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Its text; with a schema the JSON document, if `stop` is [`Stop::End`]. May be empty.
    pub text: String,
    /// Why it ended.
    pub stop: Stop,
    /// What it cost.
    pub usage: Usage,
    /// The model that answered, as the service names it.
    pub model: String,
    /// The id under which the service knows the request.
    pub request_id: Option<String>,
    /// From the first request of the question until the first token of its text, repetitions included.
    pub first_token: Option<Duration>,
    /// From the first request of the question until the end of the answer, repetitions included; zero for an answer out of a batch.
    pub took: Duration,
    /// Requests that it took.
    pub attempts: u32,
}

/// Why an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The model was done.
    End,
    /// The answer reached `max_tokens`.
    Cut,
    /// The conversation reached what the model can hold.
    ContextFull,
    /// The model, or what watches over it, refused to answer.
    Refused {
        /// Of what kind, in the service's word.
        category: Option<String>,
        /// Why, in the service's words or the model's.
        explanation: Option<String>,
    },
    /// Something else, in the service's word.
    Other(String),
}

/// Tokens. Those of the prompt are `input`, the three of the cache together, each token in one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Read afresh.
    pub input: u64,
    /// Read afresh and remembered for five minutes.
    pub cache_write_5m: u64,
    /// Read afresh and remembered for an hour.
    pub cache_write_1h: u64,
    /// Remembered from before.
    pub cache_read: u64,
    /// Written, thoughts included.
    pub output: u64,
    /// The service did not tell, or not all: counted here.
    pub estimated: bool,
}

impl Usage {
    /// Tokens of the whole prompt.
    pub fn prompt(&self) -> u64 {
        self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            cache_write_5m: self.cache_write_5m + other.cache_write_5m,
            cache_write_1h: self.cache_write_1h + other.cache_write_1h,
            cache_read: self.cache_read + other.cache_read,
            output: self.output + other.output,
            estimated: self.estimated || other.estimated,
        }
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_adds_up_field_by_field_and_is_estimated_if_a_part_of_it_is() {
        let one = Usage { input: 1, cache_write_5m: 2, cache_write_1h: 3, cache_read: 4, output: 5, estimated: false };
        let other =
            Usage { input: 10, cache_write_5m: 20, cache_write_1h: 30, cache_read: 40, output: 50, estimated: true };
        let mut sum: Usage = [one, one].into_iter().sum();
        assert_eq!((sum.prompt(), sum.output, sum.estimated), (20, 10, false));
        sum += other;
        let all =
            Usage { input: 12, cache_write_5m: 24, cache_write_1h: 36, cache_read: 48, output: 60, estimated: true };
        assert_eq!(sum, all);
    }
}
