//! The two protocols: what is sent, and what comes back.

pub(crate) mod anthropic;
pub(crate) mod fault;
pub(crate) mod openai;

use crate::error::not_understood;
use crate::{LlmError, Stop, Usage};
use serde::de::DeserializeOwned;

/// What an event of a stream brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing of the text.
    Other,
    /// A piece of the text.
    Text,
    /// The end; nothing more is read.
    End,
}

/// What a stream brought in all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gathered {
    pub text: String,
    pub stop: Stop,
    /// As the service told; none if it did not.
    pub usage: Option<Usage>,
    pub model: Option<String>,
}

/// Puts the pieces of a stream together.
#[derive(Debug)]
pub(crate) enum Gather {
    Anthropic(anthropic::Gather),
    OpenAi(openai::Gather),
}

/// What comes instead of a piece.
#[derive(Debug)]
pub(crate) enum Bad {
    /// The service tells that it failed.
    Told(fault::Told),
    /// It cannot be read.
    Unreadable(LlmError),
}

impl Gather {
    /// Takes one event: its name, if it has one, and its data.
    pub fn event(&mut self, name: Option<&str>, data: &str) -> Result<Step, Bad> {
        match self {
            Self::Anthropic(gather) => gather.event(name, data),
            Self::OpenAi(gather) => gather.event(data),
        }
    }

    /// What was told and written so far, once an answer has begun.
    pub fn so_far(&self) -> Option<(Option<Usage>, &str)> {
        match self {
            Self::Anthropic(gather) => gather.so_far(),
            Self::OpenAi(gather) => gather.so_far(),
        }
    }

    /// The whole, if its end was seen.
    pub fn finish(&mut self) -> Result<Gathered, LlmError> {
        match self {
            Self::Anthropic(gather) => gather.finish(),
            Self::OpenAi(gather) => gather.finish(),
        }
    }
}

/// Reads an event or a document; the error tells where it stops making sense, not what stands there.
pub(crate) fn read<T: DeserializeOwned>(data: &[u8], what: &str) -> Result<T, LlmError> {
    serde_json::from_slice(data).map_err(|error| {
        let kind = match error.classify() {
            serde_json::error::Category::Eof => "ends in the midst",
            serde_json::error::Category::Data => "has other fields than expected",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is not JSON",
        };
        not_understood(format!("{what} {kind} (line {}, column {})", error.line(), error.column()))
    })
}
