//! The client: one for each service, shared by all who ask it.

use crate::call::{Call, Failed};
use crate::error::not_understood;
use crate::tries::Tries;
use crate::wire::fault::Subject;
use crate::wire::{Bad, Gather, Gathered, Step, anthropic, openai};
use crate::{LlmError, Provider, Reply, Request, Settings, Usage, tokens};
use remote::retry::{Hints, Outcome, Rule};
use remote::{Breaker, BreakerState};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sse_stream::SseByteStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::Instant;
use tokio_stream::StreamExt as _;

/// A service that asks for a longer wait than this is not asked again, as `OpenAI`'s own client does.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// Bytes of the largest streamed answer.
const LARGEST_STREAM: usize = 64 << 20;

/// How the media type of a stream begins.
const EVENT_STREAM: &str = "text/event-stream";

/// Asks one service. Clones share its connections, its limit of questions at once and its breaker.
#[derive(Debug, Clone)]
pub struct Client(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub settings: Settings,
    pub http: reqwest::Client,
    pub rule: Rule,
    pub places: Semaphore,
    pub breaker: Breaker,
}

impl Client {
    /// A client that has asked nothing yet.
    ///
    /// # Errors
    /// [`LlmError::Settings`] when the address cannot be asked, the key is none, or this machine has no certificates for `https`.
    pub fn new(settings: Settings) -> Result<Self, LlmError> {
        let settings = settings.checked()?;
        let mut headers = HeaderMap::new();
        if settings.provider.is_anthropic() {
            headers.insert("anthropic-version", HeaderValue::from_static(anthropic::VERSION));
        }
        if let Some(key) = &settings.key {
            let (name, value) = if settings.provider.is_anthropic() {
                (HeaderName::from_static("x-api-key"), key.expose().to_owned())
            } else {
                (AUTHORIZATION, format!("Bearer {}", key.expose()))
            };
            let value = remote::http::sensitive(&value).ok_or_else(|| {
                LlmError::Settings("the key has characters that no key has: copy it again from the console".to_owned())
            })?;
            headers.insert(name, value);
        }
        let http = remote::http::builder(&[&settings.base_url], settings.connect).default_headers(headers);
        let http = http.build().map_err(|_| LlmError::Settings(remote::http::NO_CERTIFICATES.to_owned()))?;
        let rule = Rule {
            retries: settings.retries,
            backoff: settings.backoff,
            longest: (!settings.provider.is_anthropic()).then_some(LONGEST_WAIT),
            makes: false,
        };
        let (places, breaker) =
            (Semaphore::new(settings.at_once.clamp(1, Semaphore::MAX_PERMITS)), Breaker::new(settings.rest));
        Ok(Self(Arc::new(Inner { settings, http, rule, places, breaker })))
    }

    /// The kind of service that is asked.
    pub fn provider(&self) -> Provider {
        self.0.settings.provider
    }

    /// Whether requests are sent, or the service is left alone.
    pub fn state(&self) -> BreakerState {
        self.0.breaker.state()
    }

    /// Asks. The answer is streamed; `first` is told at the first token of its text, when a beginning that is to be remembered can be read by the
    /// next request, and dropped if there is none.
    ///
    /// # Errors
    /// Each of [`LlmError`], after what helps was tried within the deadline.
    pub async fn ask(&self, request: &Request, first: Option<oneshot::Sender<()>>) -> Result<Reply, LlmError> {
        self.ask_and_count(request, first, &mut Usage::default()).await
    }

    /// As [`Self::ask`]; what was read and written in vain, because an answer broke off after it had begun, is added to `lost`: it is paid as
    /// well. Services tell of it only in part, so that it is counted here.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn ask_and_count(
        &self,
        request: &Request,
        first: Option<oneshot::Sender<()>>,
        lost: &mut Usage,
    ) -> Result<Reply, LlmError> {
        self.ask_watched(request, first, None, lost).await
    }

    /// As [`Self::ask_and_count`]; the text of the answer as far as it is there is told to `told` as it comes. Where an answer breaks off and is asked for again, it begins anew.
    /// Where all receivers are gone, it ends at once.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn ask_telling(
        &self,
        request: &Request,
        told: watch::Sender<String>,
        lost: &mut Usage,
    ) -> Result<Reply, LlmError> {
        self.ask_watched(request, None, Some(told), lost).await
    }

    async fn ask_watched(
        &self,
        request: &Request,
        first: Option<oneshot::Sender<()>>,
        told: Option<watch::Sender<String>>,
        lost: &mut Usage,
    ) -> Result<Reply, LlmError> {
        let inner = &*self.0;
        let (path, body): (&[&str], _) = match self.provider() {
            Provider::Anthropic => (&["v1", "messages"], anthropic::streamed(request)?),
            provider => (&["chat", "completions"], openai::streamed(request, provider)),
        };
        let call = Call::post(inner.settings.address(path), &body, Subject::Model(&request.model), vec![request]);
        let mut watch = Watch { first, told, begun: Instant::now(), seen: None, gather: None };
        let mut tries = Tries::begin(inner, false).await?;
        watch.begun = tries.begun();
        let (gathered, request_id) = loop {
            let heard = watch.told.clone();
            let tried = tokio::select! {
                tried = tries.run(inner.stream(&call, &mut watch)) => tried,
                () = unheard(heard.as_ref()) => Err(LlmError::Left),
            };
            match watch.gather.take().as_ref().and_then(Gather::so_far) {
                Some((told, text)) => *lost += broken_off(request, told, text).await,
                // It has the question by now, most likely.
                None if matches!(tried, Err(LlmError::Left)) => *lost += counted_here(request, "").await,
                None => {}
            }
            if let Some(answer) = tried? {
                break answer;
            }
        };
        let (took, attempts) = (tries.begun().elapsed(), tries.sent());
        drop(tries);
        let usage = match gathered.usage {
            Some(usage) => usage,
            None => counted_here(request, &gathered.text).await,
        };
        let model = gathered.model.filter(|model| !model.is_empty()).unwrap_or_else(|| request.model.clone());
        let first_token = watch.seen;
        Ok(Reply { text: gathered.text, stop: gathered.stop, usage, model, request_id, first_token, took, attempts })
    }

    /// Tokens of the prompt of a question: Anthropic counts them; for the others they are counted here, which tells about as many.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn count(&self, request: &Request) -> Result<u64, LlmError> {
        #[derive(Deserialize)]
        struct Counted {
            input_tokens: u64,
        }
        if !self.provider().is_anthropic() {
            return Ok(counted_here(request, "").await.input);
        }
        let url = self.0.settings.address(&["v1", "messages", "count_tokens"]);
        let call = Call::post(url, &anthropic::countable(request)?, Subject::Model(&request.model), vec![request]);
        Ok(self.json::<Counted>(&call).await?.input_tokens)
    }

    /// Asks for a document.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, LlmError> {
        let mut tries = Tries::begin(&self.0, call.makes).await?;
        loop {
            if let Some(document) = tries.run(self.0.document(call)).await? {
                return Ok(document);
            }
        }
    }

    pub(crate) fn get<'a>(&self, path: &[&str], subject: Subject<'a>) -> Call<'a> {
        Call::new(Method::GET, self.0.settings.address(path), subject)
    }
}

/// Waits until nobody wants to know what comes; for ever, where nobody ever did.
async fn unheard(told: Option<&watch::Sender<String>>) {
    match told {
        Some(told) => told.closed().await,
        None => std::future::pending().await,
    }
}

/// What a question costs as far as it can be counted here. Counting a long call takes a while, so not where others wait.
async fn counted_here(request: &Request, answer: &str) -> Usage {
    let texts: Vec<_> = request.texts().map(str::to_owned).collect();
    let answer = answer.to_owned();
    let count = move || {
        let input = texts.iter().map(|text| tokens(text) as u64).sum();
        Usage { input, output: tokens(&answer) as u64, estimated: true, ..Usage::default() }
    };
    tokio::task::spawn_blocking(count).await.unwrap_or(Usage { estimated: true, ..Usage::default() })
}

/// What an answer cost that broke off: what its service told by then, and the text that it brought.
async fn broken_off(request: &Request, told: Option<Usage>, text: &str) -> Usage {
    let counted = counted_here(request, text).await;
    let told = told.unwrap_or(counted);
    Usage { output: told.output.max(counted.output), estimated: true, ..told }
}

/// Waits for the first token, and for the end.
#[derive(Debug)]
struct Watch {
    first: Option<oneshot::Sender<()>>,
    told: Option<watch::Sender<String>>,
    begun: Instant,
    seen: Option<Duration>,
    /// What came of an answer that has no end yet.
    gather: Option<Gather>,
}

impl Inner {
    /// One request with a streamed answer: what it brought, and its id.
    async fn stream(&self, call: &Call<'_>, watch: &mut Watch) -> Result<(Gathered, Option<String>), Failed> {
        let response = self.send(call).await?;
        let id = request_id(&response);
        let media = media_type(&response);
        if !media.starts_with(EVENT_STREAM) {
            let what = format!("it is `{}`, not a stream of events", shown(&media));
            return Err(Failed::last(not_understood(what)));
        }
        let gather = watch.gather.insert(match self.settings.provider {
            Provider::Anthropic => Gather::Anthropic(anthropic::Gather::default()),
            _ => Gather::OpenAi(openai::Gather::default()),
        });
        let mut left = LARGEST_STREAM;
        let bytes = response.bytes_stream().map(move |bytes| {
            let bytes = bytes.map_err(|_| Cut::Broken)?;
            left = left.checked_sub(bytes.len()).ok_or(Cut::Endless)?;
            Ok::<_, Cut>(bytes)
        });
        let mut events = std::pin::pin!(SseByteStream::new(bytes));
        loop {
            let event = match events.next().await {
                Some(Ok(event)) => event,
                // Whether all was there before it broke off, `finish` knows.
                None => break,
                Some(Err(sse_stream::Error::Body(cut))) if cut.downcast_ref::<Cut>() != Some(&Cut::Endless) => break,
                Some(Err(_)) => {
                    return Err(Failed::midst(not_understood("the stream of events has no end or no text")));
                }
            };
            let Some(data) = event.data.filter(|data| !data.is_empty()) else { continue };
            match gather.event(event.event.as_deref(), &data) {
                Ok(Step::Text) => {
                    watch.seen.get_or_insert_with(|| watch.begun.elapsed());
                    if let Some(first) = watch.first.take() {
                        // Whoever wanted to know may have gone.
                        let _ = first.send(());
                    }
                    if let (Some(told), Some((_, text))) = (&watch.told, gather.so_far()) {
                        told.send_replace(text.to_owned());
                    }
                }
                Ok(Step::Other) => {}
                Ok(Step::End) => break,
                Err(Bad::Unreadable(error)) => return Err(Failed::midst(error)),
                Err(Bad::Told(told)) => return Err(self.midst(call, &told)),
            }
        }
        let gathered = gather.finish().map_err(Failed::midst)?;
        watch.gather = None;
        Ok((gathered, id))
    }

    /// An error that the service told in the midst of an answer: as if it had been overloaded, unless it would be the same again.
    fn midst(&self, call: &Call<'_>, told: &crate::wire::fault::Told) -> Failed {
        let error = self.told(call, told, Hints::default());
        let outcome = if error.helps_to_wait() { Outcome::Midst } else { Outcome::Final };
        Failed { error, outcome, hints: Hints::default() }
    }

    /// One request for a document.
    async fn document<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, Failed> {
        let response = self.send(call).await?;
        let media = media_type(&response);
        let body = crate::call::read(response).await?;
        crate::wire::read(&body, "the document").map_err(|error| match error {
            LlmError::NotUnderstood { what } => {
                Failed::last(not_understood(format!("{what}; it came as `{}`", shown(&media))))
            }
            error => Failed::last(error),
        })
    }
}

/// Why no more bytes of a stream are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Cut {
    #[error("broken")]
    Broken,
    #[error("endless")]
    Endless,
}

/// The id under which the service knows a request: Anthropic's header, or that of the others.
pub(crate) fn request_id(response: &Response) -> Option<String> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    header("request-id").or_else(|| header("x-request-id")).map(|id| id.chars().take(100).collect())
}

fn media_type(response: &Response) -> String {
    let media = response.headers().get(reqwest::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media.unwrap_or_default().trim().to_ascii_lowercase()
}

/// A media type as it can stand in a sentence: only those that are known, as the header can hold anything.
fn shown(media: &str) -> &'static str {
    const KNOWN: [&str; 6] =
        [EVENT_STREAM, "application/json", "application/x-ndjson", "application/xml", "text/html", "text/plain"];
    let kind = media.split(';').next().unwrap_or_default().trim();
    KNOWN.into_iter().find(|known| *known == kind).unwrap_or("something else")
}

/// A document with fields of any kind, for those that are only looked at.
pub(crate) type Document = Value;
