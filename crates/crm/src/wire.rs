//! Requests: who asks, how fast, what is sent again, and how they fail.

use crate::session::{Grant, Session, Token, below};
use crate::settings::{Settings, Which};
use crate::{CrmError, Service, Usage, hubspot, salesforce};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock, Secret};
use metrics::counter;
use remote::http::{self, Unread};
use remote::retry::{self, Decision, Hints, Outcome, Rule};
use remote::words::tellable;
use remote::{Breaker, Resting, Sign};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// Time to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// Bytes of the largest answer that is read.
const LARGEST: usize = 64 << 20;

/// A longer wait is told and not waited for: whoever asked has better to do, and a job that waits holds its worker.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// No longer wait is believed: the limits are those of a second and of a day.
const BELIEVED: Duration = Duration::from_hours(24);

/// A question.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    /// What is asked for, as errors name it.
    pub what: &'static str,
    /// The path, from its slash on.
    pub path: String,
    pub query: Vec<(&'static str, String)>,
    /// What is sent with a POST; a GET where there is none.
    pub body: Option<Value>,
    /// Records that Salesforce is to give at once.
    pub batch: Option<u32>,
    /// Whether it is a search, which has a limit of its own.
    pub is_search: bool,
}

/// What came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub document: Value,
    /// When it was given, by the clock of the service where it says.
    pub now: DateTime<Utc>,
}

/// An answer that is no success, as a service tells it.
#[derive(Debug)]
pub(crate) struct Refusal<'a> {
    pub status: u16,
    pub words: &'a Value,
    /// The wait that the headers name.
    pub wait: Option<Duration>,
    pub now: DateTime<Utc>,
    pub what: &'static str,
    pub host: String,
    secrets: &'a [Secret],
}

impl Refusal<'_> {
    /// Words of the service as they follow a sentence.
    pub fn told(&self, words: Option<&str>) -> String {
        let secrets: Vec<&str> = self.secrets.iter().map(Secret::expose).collect();
        words.and_then(|words| tellable(words, &secrets)).map(|told| format!(": {told}")).unwrap_or_default()
    }

    /// From when on it may be asked again: as the headers say, else after this.
    pub fn until(&self, usual: Duration) -> DateTime<Utc> {
        let wait = TimeDelta::from_std(self.wait.unwrap_or(usual).min(BELIEVED)).unwrap_or(TimeDelta::days(1));
        self.now.checked_add_signed(wait).unwrap_or(self.now)
    }
}

/// A limit of so many requests in a second: each takes the next free moment.
#[derive(Debug)]
struct Pace {
    every: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    fn new(per_second: f64) -> Self {
        let every = Duration::try_from_secs_f64(1.0 / per_second).unwrap_or_default();
        Self { every, next: Mutex::new(Instant::now()) }
    }

    async fn admit(&self) {
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = (*next).max(Instant::now());
            *next = at + self.every;
            at
        };
        tokio::time::sleep_until(at).await;
    }
}

#[derive(Debug)]
struct Failed {
    error: CrmError,
    outcome: Outcome,
    hints: Hints,
}

impl Failed {
    fn new(error: CrmError, outcome: Outcome) -> Self {
        Self { error, outcome, hints: Hints::default() }
    }
}

/// What one client asks through.
#[derive(Debug)]
pub(crate) struct Wire {
    pub service: Service,
    pub breaker: Breaker,
    pub session: Session,
    http: reqwest::Client,
    rule: Rule,
    timeout: Duration,
    clock: Clock,
    searches: Option<Pace>,
    others: Option<Pace>,
    usage: Mutex<Option<Usage>>,
}

impl Wire {
    /// Of settings that were checked.
    pub fn new(settings: &Settings) -> Result<Self, CrmError> {
        let (base, paces) = match &settings.which {
            Which::Salesforce(salesforce) => (&salesforce.my_domain, None),
            Which::HubSpot(hubspot) => {
                (&hubspot.base_url, Some((Pace::new(hubspot.searches_per_second), Pace::new(hubspot.per_second))))
            }
        };
        let (searches, others) = paces.unzip();
        let http = http::builder(&[base], CONNECT).build();
        let http = http.map_err(|_| CrmError::Settings(http::NO_CERTIFICATES.to_owned()))?;
        let rule =
            Rule { retries: settings.retries, backoff: settings.backoff, longest: Some(LONGEST_WAIT), makes: false };
        Ok(Self {
            service: settings.service(),
            breaker: Breaker::new(settings.rest),
            session: Session::new(settings)?,
            http,
            rule,
            timeout: settings.timeout,
            clock: settings.clock.clone(),
            searches,
            others,
            usage: Mutex::default(),
        })
    }

    /// What the service said last of its daily limit.
    pub fn usage(&self) -> Option<Usage> {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error about this service's words.
    pub fn not_understood(&self, what: &'static str) -> CrmError {
        CrmError::NotUnderstood { service: self.service, what }
    }

    /// Asks, again where that may help, and once with a new token where the old is refused.
    pub async fn ask(&self, ask: &Ask) -> Result<Answer, CrmError> {
        let (begun, mut again, mut renewed) = (Instant::now(), 0, false);
        loop {
            self.breaker.look().map_err(|resting| self.resting(resting))?;
            let token = self.token().await?;
            if let Some(pace) = if ask.is_search { &self.searches } else { &self.others } {
                pace.admit().await;
            }
            match self.run(&token.base, self.once(ask, &token), begun, &mut again).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(CrmError::Denied { status: 401, .. }) if !renewed && self.session.grant().is_some() => {
                    renewed = true;
                    let mut kept = self.session.token.lock().await;
                    // Another may have renewed it meanwhile.
                    if kept.as_ref().is_some_and(|kept| kept.access == token.access) {
                        *kept = None;
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn token(&self) -> Result<Token, CrmError> {
        let mut kept = self.session.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| token.holds(self.clock.now())) {
            return Ok(token.clone());
        }
        let grant = self.session.grant().ok_or_else(|| self.not_understood("it ended a token that does not end"))?;
        let (begun, mut again) = (Instant::now(), 0);
        let token = loop {
            if let Some(token) = self.run(&grant.url, self.granted(grant), begun, &mut again).await? {
                break token;
            }
        };
        *kept = Some(token.clone());
        Ok(token)
    }

    /// Sends one request: what came of it, or none if it failed and is to be sent again now, after a wait.
    async fn run<T>(
        &self,
        url: &Url,
        request: impl Future<Output = Result<T, Failed>>,
        begun: Instant,
        again: &mut u32,
    ) -> Result<Option<T>, CrmError> {
        let pass = self.breaker.enter().map_err(|resting| self.resting(resting))?;
        let (service, within) = (self.service, self.timeout);
        let failed = match tokio::time::timeout(within, request).await {
            Ok(Ok(answer)) => {
                pass.tell(Sign::Alive);
                self.count("ok");
                return Ok(Some(answer));
            }
            Ok(Err(failed)) => failed,
            Err(_) => Failed::new(CrmError::TimedOut { service, within }, Outcome::NoAnswer),
        };
        pass.tell(sign(&failed.error));
        let (host, error, attempt) = (http::host(url), failed.error.kind(), *again + 1);
        self.count(error);
        let bound = within.saturating_mul(self.rule.retries.saturating_add(1));
        let left = bound.saturating_sub(begun.elapsed());
        match retry::after(failed.outcome, failed.hints, &self.rule, *again, left, retry::chance()) {
            Decision::Wait(wait) if self.breaker.look().is_ok() => {
                tracing::info!(
                    host,
                    error,
                    attempt,
                    wait_ms = wait.as_millis() as u64,
                    "{service} failed and is asked again"
                );
                tokio::time::sleep(wait).await;
                *again += 1;
                Ok(None)
            }
            _ => {
                tracing::warn!(host, error, attempt, "{service} failed");
                Err(failed.error)
            }
        }
    }

    async fn once(&self, ask: &Ask, token: &Token) -> Result<Answer, Failed> {
        let mut url = below(&token.base, &ask.path);
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&ask.query);
        }
        let mut request = match &ask.body {
            None => self.http.get(url),
            Some(body) => self.http.post(url).header(CONTENT_TYPE, "application/json").body(body.to_string()),
        };
        request = request.header(AUTHORIZATION, token.header.clone());
        if let Some(batch) = ask.batch {
            request = request.header("sforce-query-options", format!("batchSize={batch}"));
        }
        let secrets = [token.access.clone()];
        self.send(request, &token.base, ask.what, &secrets, false).await
    }

    async fn granted(&self, grant: &Grant) -> Result<Token, Failed> {
        let request = self.http.post(grant.url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (request, secrets) = (request.body(self.session.form(grant)), self.session.secrets(grant));
        let answer = self.send(request, &grant.url, "tokens", &secrets, true).await?;
        let read = self.session.read(grant, &answer.document, self.clock.now());
        read.map_err(|error| Failed::new(error, Outcome::Midst))
    }

    async fn send(
        &self,
        request: RequestBuilder,
        url: &Url,
        what: &'static str,
        secrets: &[Secret],
        for_token: bool,
    ) -> Result<Answer, Failed> {
        let service = self.service;
        let response = request.send().await.map_err(|error| {
            let outcome = if error.is_connect() { Outcome::NoConnection } else { Outcome::NoAnswer };
            let (host, why) = (http::host(url), http::why(&error, CONNECT));
            Failed::new(CrmError::Unreachable { service, host, why }, outcome)
        })?;
        if let Some(usage) = Usage::read(response.headers()) {
            *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = Some(usage);
        }
        let status = response.status();
        if status.is_redirection() {
            let error = CrmError::Elsewhere { service, status: status.as_u16() };
            return Err(Failed::new(error, Outcome::Final));
        }
        let now = date(&response).unwrap_or_else(|| self.clock.now());
        if status.is_success() {
            return match http::read_json(response, LARGEST).await {
                Ok(document) => Ok(Answer { document, now }),
                Err(Unread::Unfinished) => Err(Failed::new(CrmError::Unfinished { service }, Outcome::Midst)),
                Err(Unread::TooLarge) => {
                    Err(Failed::new(CrmError::TooLarge { service, most: LARGEST }, Outcome::Final))
                }
                Err(Unread::NotUnderstood(what)) => Err(Failed::new(self.not_understood(what), Outcome::Midst)),
            };
        }
        let (status, now) = (status.as_u16(), self.clock.now());
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let wait = Hints::read(header, now).wait;
        let words = http::read_failure(response).await;
        let refusal = Refusal { status, words: &words, wait, now, what, host: http::host(url), secrets };
        let error = match service {
            _ if status >= 500 => CrmError::Server { service, status },
            Service::Salesforce => salesforce::refused(&refusal, for_token),
            Service::HubSpot => hubspot::refused(&refusal, for_token),
        };
        let (outcome, wait) = match &error {
            CrmError::Limited { until, .. } => (Outcome::Status(429), (*until - now).to_std().ok()),
            CrmError::Server { .. } => (Outcome::Status(status), wait),
            _ => (Outcome::Final, None),
        };
        Err(Failed { error, outcome, hints: Hints { should: None, wait } })
    }

    fn resting(&self, Resting { rest }: Resting) -> CrmError {
        CrmError::Resting { service: self.service, rest }
    }

    /// Counts a request by what became of it.
    fn count(&self, outcome: &'static str) {
        let service = match self.service {
            Service::Salesforce => "salesforce",
            Service::HubSpot => "hubspot",
        };
        counter!("sideline_crm_requests_total", "service" => service, "outcome" => outcome).increment(1);
    }
}

/// When an answer was given, as it says.
fn date(response: &Response) -> Option<DateTime<Utc>> {
    let text = response.headers().get("date")?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

/// What an error says about the service.
fn sign(error: &CrmError) -> Sign {
    match error {
        CrmError::Server { .. }
        | CrmError::Unfinished { .. }
        | CrmError::TimedOut { .. }
        | CrmError::Unreachable { .. } => Sign::Failing,
        CrmError::Limited { .. } | CrmError::NotUnderstood { .. } | CrmError::Elsewhere { .. } => Sign::Unclear,
        _ => Sign::Alive,
    }
}
