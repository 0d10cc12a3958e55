//! Clients of language models: Anthropic's Messages API and the chat completions of `OpenAI`, Ollama, llama.cpp and vLLM behind one [`Client`].
//!
//! A client asks at most so many questions at once, sends again what failed for a passing reason, and leaves a service alone that fails again and
//! again. What went wrong for good is an [`LlmError`] that says what to do; none has the key, the prompt or a word of it in it, nor has a log.

mod batch;
mod call;
mod client;
mod error;
mod models;
mod price;
mod reply;
mod request;
mod settings;
mod tokens;
mod tries;
mod wire;

pub use batch::{Batch, BatchCounts, BatchOutcome, BatchResult, BatchResults, BatchStatus, MOST_QUESTIONS, Question};
pub use client::Client;
pub use error::LlmError;
pub use models::ModelInfo;
pub use price::{Price, PriceTable};
pub use remote::BreakerState;
pub use reply::{Reply, Stop, Usage};
pub use request::{CacheFor, Message, Part, Request, Role, Schema};
pub use settings::{Provider, Settings, UnknownProvider};
pub use tokens::tokens;
