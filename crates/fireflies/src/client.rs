//! The client: one for each key.

use crate::question::Question;
use crate::refusal::Refusal;
use crate::{FirefliesError, Settings};
use chrono::{DateTime, TimeDelta, Utc};
use metrics::counter;
use remote::http::{self, Unread};
use remote::retry::Hints;
use remote::{Breaker, BreakerState, Sign};
use reqwest::Response;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Transcripts of a full page, which is as many as Fireflies gives at a time (docs.fireflies.ai/graphql-api/query/transcripts).
pub const PAGE: u32 = 50;

/// Time to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// Bytes of the largest answer that is read.
const LARGEST: usize = 64 << 20;

/// Asks Fireflies with one key. Clones share its connections and its breaker.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    http: reqwest::Client,
    header: HeaderValue,
    breaker: Breaker,
}

impl Client {
    /// A client that has asked nothing yet.
    ///
    /// # Errors
    /// [`FirefliesError::Settings`] when the address cannot be asked, the key is none, or this machine has no certificates for `https`.
    pub fn new(settings: Settings) -> Result<Self, FirefliesError> {
        let settings = settings.checked()?;
        let header = http::sensitive(&format!("Bearer {}", settings.key.expose())).ok_or_else(|| {
            FirefliesError::Settings("the key has characters that no key has: copy it again from Fireflies".to_owned())
        })?;
        let http = http::builder(&[&settings.url], CONNECT).build();
        let http = http.map_err(|_| FirefliesError::Settings(http::NO_CERTIFICATES.to_owned()))?;
        let breaker = Breaker::new(settings.rest);
        Ok(Self(Arc::new(Inner { settings, http, header, breaker })))
    }

    /// Whether requests are sent, or Fireflies is left alone.
    pub fn state(&self) -> BreakerState {
        self.0.breaker.state()
    }

    /// A page of at most [`PAGE`] of the transcripts of calls that began between these times, newest first, each as it came and without its
    /// sentences; `skip` as many as were read before. A page that is not full is the last. Calls that finish meanwhile come in before the others:
    /// what was read may then come again, and nothing is left out.
    ///
    /// # Errors
    /// Each of [`FirefliesError`]. One request was sent, or none with [`FirefliesError::Resting`].
    pub async fn transcripts(
        &self,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        skip: u32,
    ) -> Result<Vec<Value>, FirefliesError> {
        match self.ask(&Question::list(from, to, skip, PAGE)).await? {
            Some(Value::Array(transcripts)) => Ok(transcripts),
            _ => Err(FirefliesError::NotUnderstood { what: "it has no list of transcripts" }),
        }
    }

    /// The transcript of this id, as it came, with its sentences, which are null while it is being written; none where there is none that the key
    /// may read.
    ///
    /// # Errors
    /// As [`Self::transcripts`].
    pub async fn transcript(&self, id: &str) -> Result<Option<Value>, FirefliesError> {
        match self.ask(&Question::one(id)).await? {
            Some(transcript) if !transcript.is_object() => {
                Err(FirefliesError::NotUnderstood { what: "it has no transcript" })
            }
            found => Ok(found),
        }
    }

    /// Whose key it is: `user_id`, `name`, `email`, `num_transcripts`, `is_admin`. This also tells cheaply whether the connection works.
    ///
    /// # Errors
    /// As [`Self::transcripts`].
    pub async fn user(&self) -> Result<Value, FirefliesError> {
        match self.ask(&Question::user()).await? {
            Some(user) if user.is_object() => Ok(user),
            _ => Err(FirefliesError::NotUnderstood { what: "it has no user" }),
        }
    }

    async fn ask(&self, question: &Question) -> Result<Option<Value>, FirefliesError> {
        let inner = &*self.0;
        let (pass, within) = (inner.breaker.enter()?, inner.settings.timeout);
        let answer = tokio::time::timeout(within, inner.send(question)).await;
        let answer = answer.unwrap_or(Err(FirefliesError::TimedOut { within }));
        pass.tell(answer.as_ref().err().map_or(Sign::Alive, sign));
        let outcome = answer.as_ref().err().map_or("ok", FirefliesError::kind);
        counter!("sideline_fireflies_requests_total", "outcome" => outcome).increment(1);
        if let Err(error) = &answer {
            let host = http::host(&inner.settings.url);
            tracing::warn!(host, error = error.kind(), what = question.field, "Fireflies failed");
        }
        answer
    }
}

impl Inner {
    async fn send(&self, question: &Question) -> Result<Option<Value>, FirefliesError> {
        let request = self.http.post(self.settings.url.clone()).header(AUTHORIZATION, self.header.clone());
        let request = request.header(CONTENT_TYPE, "application/json").body(question.body());
        let response = request.send().await.map_err(|error| {
            let (host, why) = (http::host(&self.settings.url), http::why(&error, CONNECT));
            FirefliesError::Unreachable { host, why }
        })?;
        let (status, now) = (response.status(), self.settings.clock.now());
        if status.is_redirection() {
            return Err(FirefliesError::Elsewhere { status: status.as_u16() });
        }
        let answer = if status.is_success() {
            question.answer(http::read_json(response, LARGEST).await.map_err(unread)?)
        } else {
            self.failed(question, response, now).await?
        };
        answer.map_err(|refusal| refusal.error(now, self.settings.key.expose()))
    }

    /// An answer that is no success: an error of Fireflies, or of something before it.
    async fn failed(
        &self,
        question: &Question,
        response: Response,
        now: DateTime<Utc>,
    ) -> Result<Result<Option<Value>, Refusal>, FirefliesError> {
        let status = response.status().as_u16();
        let headers = response.headers();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let wait = Hints::read(header, now).wait.and_then(|wait| TimeDelta::from_std(wait).ok());
        let until = wait.and_then(|wait| now.checked_add_signed(wait));
        let document = http::read_failure(response).await;
        let is_told = !Refusal::all(&document).is_empty();
        if !is_told && status == 404 {
            // What speaks no GraphQL knows nothing of transcripts: it would look like a call that is gone.
            return Err(FirefliesError::NotThere { host: http::host(&self.settings.url) });
        }
        let answer = if is_told { question.answer(document) } else { Err(Refusal::default()) };
        Ok(answer.map_err(|refusal| refusal.or_by_http(status, until)))
    }
}

fn unread(unread: Unread) -> FirefliesError {
    match unread {
        Unread::Unfinished => FirefliesError::Unfinished,
        Unread::TooLarge => FirefliesError::TooLarge { most: LARGEST },
        Unread::NotUnderstood(what) => FirefliesError::NotUnderstood { what },
    }
}

/// What an error says about the service.
fn sign(error: &FirefliesError) -> Sign {
    match error {
        FirefliesError::Server { .. }
        | FirefliesError::Unfinished
        | FirefliesError::TimedOut { .. }
        | FirefliesError::Unreachable { .. } => Sign::Failing,
        FirefliesError::Limited { .. } | FirefliesError::NotUnderstood { .. } | FirefliesError::Elsewhere { .. } => {
            Sign::Unclear
        }
        _ => Sign::Alive,
    }
}
