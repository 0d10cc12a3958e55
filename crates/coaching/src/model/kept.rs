//! What is kept of asking a model, beside the verdicts: as JSON in `coaching_sessions.model` and `analyses.model`.

use llm::{LlmError, Usage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What it took to judge a call by a model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelUse {
    /// `anthropic`, `openai`, `ollama`, `llamacpp` or `vllm`.
    #[schema(example = "anthropic")]
    pub provider: String,
    /// The model, as its service names it.
    #[schema(example = "claude-sonnet-5-5")]
    pub model: String,
    /// SHA-256 of the rules that it was given.
    pub prompt_hash: String,
    /// SHA-256 of the words that it was given.
    pub transcript_hash: String,
    /// Pieces that the call was read in: 1 where the model could read it whole.
    pub windows: u32,
    /// Answers that were asked for.
    pub requests: u32,
    /// Answers that were used again.
    pub cached: u32,
    /// Claims that did not hold and are not shown.
    pub dropped: u32,
    /// Tokens that were read afresh.
    pub input_tokens: u64,
    /// Tokens that were read afresh and remembered by the service.
    pub cache_write_tokens: u64,
    /// Tokens that the service remembered.
    pub cache_read_tokens: u64,
    /// Tokens that were written.
    pub output_tokens: u64,
    /// The service did not tell all of these; they were counted here.
    pub estimated: bool,
    /// What it cost, in millionths of a US dollar; null where the price is not known.
    #[schema(example = 41_250)]
    pub cost_micros: Option<u64>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Whether it was looked whether advice had been followed in the call already.
    pub advice_checked: bool,
    /// Why it could not be looked, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice_failure: Option<ModelFailure>,
    /// Why the model judged nothing, so that the offline analyst's verdicts stand.
    pub failure: Option<ModelFailure>,
}

/// What it took to judge a dimension by a model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DimensionUse {
    /// The answer was there already.
    pub cached: bool,
    /// The first answer was not understood, the second was.
    pub repaired: bool,
    /// Claims that did not hold and are not shown.
    pub dropped: u32,
    /// How often it was judged; each verdict is what most of them say.
    pub passes: u32,
    /// Sections of the knowledge base that verdicts rest on, by the id of the check.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, Vec<String>>,
    /// Checks whose advice was dropped, because the call shows that it was followed already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub followed: Vec<String>,
    /// Why there are no verdicts of it.
    pub failure: Option<ModelFailure>,
}

/// Why a model did not judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelFailure {
    /// A stable name: `overloaded`, `key`, `refused`, `budget_day` …
    #[schema(example = "overloaded")]
    pub kind: String,
    /// What it is and what to do about it.
    pub sentence: String,
    /// It is tried again without anybody doing anything.
    pub again: bool,
}

impl ModelFailure {
    pub(super) fn new(kind: &str, sentence: impl Into<String>, again: bool) -> Self {
        Self { kind: kind.to_owned(), sentence: sentence.into(), again }
    }

    /// Whether it is tried again after so many tries. A model that is not understood is not soon understood better, and each try costs.
    pub(super) fn again_after(&self, tries: u32) -> bool {
        self.again && (tries == 0 || !matches!(self.kind.as_str(), "invalid_answer" | "stopped"))
    }

    /// The same as a reason within a sentence.
    pub(super) fn why(&self) -> String {
        let again = if self.again { " It is tried again." } else { "" };
        format!("{}.{again}", self.sentence.trim_end_matches('.'))
    }
}

impl From<&LlmError> for ModelFailure {
    fn from(error: &LlmError) -> Self {
        Self::new(error.kind(), error.to_string(), error.helps_to_wait())
    }
}

impl ModelUse {
    pub(super) fn add(&mut self, usage: &Usage) {
        self.input_tokens += usage.input;
        self.cache_write_tokens += usage.cache_write_5m + usage.cache_write_1h;
        self.cache_read_tokens += usage.cache_read;
        self.output_tokens += usage.output;
        self.estimated |= usage.estimated;
    }
}
