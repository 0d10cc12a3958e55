//! Many questions at once at half the price, answered within a day: Anthropic's Message Batches.

use crate::call::Call;
use crate::client::Inner;
use crate::error::not_understood;
use crate::tries::Tries;
use crate::wire::anthropic;
use crate::wire::fault::{Subject, Told};
use crate::{Client, LlmError, Reply, Request};
use bytes::{Buf as _, BytesMut};
use chrono::{DateTime, Utc};
use kernel::Secret;
use remote::retry::Hints;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Questions of the largest batch.
pub const MOST_QUESTIONS: usize = 100_000;

/// Bytes of the largest batch.
const LARGEST_BATCH: usize = 256_000_000;

/// Bytes of the longest line of results.
const LONGEST_LINE: usize = 16 << 20;

/// A question in a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Our name for it, unique in the batch: up to 64 letters, digits, `_` and `-`.
    pub custom_id: String,
    /// The question.
    pub request: Request,
}

/// A batch as the service tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Batch {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub processing_status: BatchStatus,
    /// What became of its questions; all but `processing` are zero until it has ended.
    #[serde(default)]
    pub request_counts: BatchCounts,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When its last question was answered or given up.
    pub ended_at: Option<DateTime<Utc>>,
    /// When what is not answered is given up.
    pub expires_at: Option<DateTime<Utc>>,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchStatus {
    /// Questions are being answered.
    InProgress,
    /// It was cancelled, and some questions are still under way.
    Canceling,
    /// There are results.
    Ended,
    /// Something that is not known here.
    #[serde(other)]
    Other,
}

/// What became of the questions of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct BatchCounts {
    /// Under way.
    pub processing: u64,
    /// Answered.
    pub succeeded: u64,
    /// Failed.
    pub errored: u64,
    /// Cancelled before they were answered.
    pub canceled: u64,
    /// Not answered within a day.
    pub expired: u64,
}

/// What became of one question of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchResult {
    /// Our name for the question.
    pub custom_id: String,
    /// What became of it.
    pub outcome: BatchOutcome,
}

/// What became of a question. Nothing is paid for what has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchOutcome {
    /// It was answered. Times are zero.
    Succeeded(Box<Reply>),
    /// It failed. The words of an invalid one are left out, as they may repeat the prompt, which is not known here.
    Errored(LlmError),
    /// The batch was cancelled before.
    Canceled,
    /// It was not answered within a day.
    Expired,
}

impl Client {
    /// Whether the service takes batches.
    pub fn has_batches(&self) -> bool {
        self.provider().is_anthropic()
    }

    /// The path of a batch, if there are batches.
    fn batches_at<'a>(&self, rest: &[&'a str]) -> Result<Vec<&'a str>, LlmError> {
        if !self.has_batches() {
            return Err(LlmError::Unsupported { what: "batches", provider: self.provider().as_str() });
        }
        Ok([&["v1", "messages", "batches"], rest].concat())
    }

    /// Makes a batch. It is not sent again where it may have been made in spite of an error; [`Self::batches`] tells whether it was.
    ///
    /// # Errors
    /// [`LlmError::Unsupported`] where there are none, [`LlmError::Invalid`] when the names are not unique; else as [`Self::ask`].
    pub async fn batch_create(&self, questions: &[Question]) -> Result<Batch, LlmError> {
        let path = self.batches_at(&[])?;
        let invalid = |message: String| Err(LlmError::Invalid { status: None, message });
        if questions.is_empty() || questions.len() > MOST_QUESTIONS {
            return invalid(format!("a batch has 1 to {MOST_QUESTIONS} questions, here are {}", questions.len()));
        }
        let mut names = HashSet::new();
        let is_name = |id: &str| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        };
        if !questions.iter().all(|question| is_name(&question.custom_id) && names.insert(&question.custom_id)) {
            return invalid(
                "each question of a batch has a name of its own of up to 64 letters, digits, _ and -".to_owned(),
            );
        }
        let mut requests = Vec::with_capacity(questions.len());
        for question in questions {
            let params = anthropic::body(&question.request)?;
            requests.push(json!({ "custom_id": question.custom_id, "params": params }));
        }
        let prompts = questions.iter().map(|question| &question.request).collect();
        let url = self.0.settings.address(&path);
        let mut call =
            Call::post(url, &json!({ "requests": requests }), Subject::Other("way to make batches"), prompts);
        if call.size() > LARGEST_BATCH {
            return Err(LlmError::TooLarge);
        }
        call.makes = true;
        self.json(&call).await
    }

    /// How far a batch is.
    ///
    /// # Errors
    /// [`LlmError::NotThere`] when there is no such batch; else as [`Self::ask`].
    pub async fn batch(&self, id: &str) -> Result<Batch, LlmError> {
        self.json(&self.get(&self.batches_at(&[id])?, Subject::Other("batch"))).await
    }

    /// All batches, the newest first.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn batches(&self) -> Result<Vec<Batch>, LlmError> {
        self.list(&self.batches_at(&[])?, "list of batches").await
    }

    /// Cancels a batch; what is answered by then has results.
    ///
    /// # Errors
    /// As [`Self::batch`].
    pub async fn batch_cancel(&self, id: &str) -> Result<Batch, LlmError> {
        let url = self.0.settings.address(&self.batches_at(&[id, "cancel"])?);
        self.json(&Call::post(url, &json!({}), Subject::Other("batch"), Vec::new())).await
    }

    /// Forgets a batch that has ended, results included.
    ///
    /// # Errors
    /// As [`Self::batch`].
    pub async fn batch_delete(&self, id: &str) -> Result<(), LlmError> {
        self.done(&self.get(&self.batches_at(&[id])?, Subject::Other("batch")).deleting()).await
    }

    /// The results of a batch that has ended, in any order. They are read as they are asked for, so that a large batch needs no large memory.
    ///
    /// # Errors
    /// As [`Self::batch`].
    pub async fn batch_results(&self, id: &str) -> Result<BatchResults, LlmError> {
        let call = self.get(&self.batches_at(&[id, "results"])?, Subject::Other("batch with results"));
        let mut tries = Tries::begin(&self.0, false).await?;
        let response = loop {
            if let Some(response) = tries.run(self.0.send(&call)).await? {
                break response;
            }
        };
        // The place is given back: who reads may ask meanwhile.
        drop(tries);
        Ok(BatchResults { inner: self.0.clone(), response, buffer: BytesMut::new(), searched: 0, is_over: false })
    }
}

/// Results on their way.
#[derive(Debug)]
pub struct BatchResults {
    inner: Arc<Inner>,
    response: reqwest::Response,
    buffer: BytesMut,
    /// Bytes of the buffer without a line end.
    searched: usize,
    is_over: bool,
}

impl BatchResults {
    /// The next one; none after the last. After an error nothing comes any more, and reading starts over with [`Client::batch_results`].
    pub async fn next(&mut self) -> Option<Result<BatchResult, LlmError>> {
        loop {
            match self.line().await {
                Ok(None) => return None,
                Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) => {
                    let result = self.result(&line);
                    self.is_over |= result.is_err();
                    return Some(result);
                }
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
    }

    async fn line(&mut self) -> Result<Option<BytesMut>, LlmError> {
        while !self.is_over {
            if let Some(at) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(self.searched + at);
                self.buffer.advance(1);
                self.searched = 0;
                return Ok(Some(line));
            }
            self.searched = self.buffer.len();
            if self.searched > LONGEST_LINE {
                return Err(not_understood("a line of the results has no end"));
            }
            let within = self.inner.settings.deadline;
            match tokio::time::timeout(within, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => self.buffer.extend_from_slice(&chunk),
                Ok(Ok(None)) => {
                    self.is_over = true;
                    return Ok(Some(self.buffer.split()));
                }
                Ok(Err(_)) => return Err(LlmError::Unfinished),
                Err(_) => return Err(LlmError::TimedOut { within }),
            }
        }
        Ok(None)
    }

    fn result(&self, line: &[u8]) -> Result<BatchResult, LlmError> {
        #[derive(Deserialize)]
        struct Line {
            custom_id: String,
            result: Result,
        }
        #[derive(Deserialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        enum Result {
            Succeeded { message: Value },
            Errored { error: Value },
            Canceled,
            Expired,
        }
        let Line { custom_id, result } = crate::wire::read(line, "a line of the results")?;
        let outcome = match result {
            Result::Canceled => BatchOutcome::Canceled,
            Result::Expired => BatchOutcome::Expired,
            Result::Errored { error } => BatchOutcome::Errored(self.errored(&error)),
            Result::Succeeded { message } => match anthropic::whole(message) {
                Ok(whole) => BatchOutcome::Succeeded(Box::new(Reply {
                    text: whole.text,
                    stop: whole.stop,
                    usage: whole.usage.unwrap_or_default(),
                    model: whole.model.unwrap_or_default(),
                    request_id: None,
                    first_token: None,
                    took: Duration::ZERO,
                    attempts: 1,
                })),
                // One answer that cannot be read takes no other with it.
                Err(error) => BatchOutcome::Errored(error),
            },
        };
        Ok(BatchResult { custom_id, outcome })
    }

    fn errored(&self, error: &Value) -> LlmError {
        let key = self.inner.settings.key.as_ref().map(Secret::expose);
        let told = Told::in_stream(&error.to_string());
        match told.error(Hints::default(), Subject::Other("model"), std::iter::empty(), key) {
            LlmError::Invalid { status, .. } => LlmError::Invalid {
                status,
                message: "the question was refused as wrong; asked alone it says why".to_owned(),
            },
            error => error,
        }
    }
}
