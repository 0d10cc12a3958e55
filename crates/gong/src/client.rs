//! The client: one for each connection.

use crate::ask::Ask;
use crate::oauth::{Renewer, basic, bearer, http, usable};
use crate::send::{Failed, Place, send};
use crate::tries::Door;
use crate::{Auth, Filter, GongError, Keeper, Page, Settings, Tokens};
use chrono::TimeDelta;
use kernel::{Clock, Secret};
use remote::BreakerState;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// Tokens are renewed this long before they end, so that they do not end on their way.
const BEFORE_END: TimeDelta = TimeDelta::seconds(30);

/// Asks Gong for one company. Clones share its connections and its breaker.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    http: reqwest::Client,
    door: Door,
    key: Key,
    keeper: Arc<dyn Keeper>,
    clock: Clock,
}

/// How Gong is shown who asks.
#[derive(Debug)]
enum Key {
    Basic(HeaderValue),
    OAuth(Arc<Renewer>),
}

/// What one request shows, and where.
struct Pass {
    header: HeaderValue,
    base: Url,
    /// The tokens it came of.
    tokens: Option<Tokens>,
}

impl Client {
    /// A client that has asked nothing yet. `clock` tells when tokens end.
    ///
    /// # Errors
    /// [`GongError::Settings`] when an address cannot be asked, a key is none, or this machine has no certificates for `https`.
    pub fn new(settings: Settings, keeper: Arc<dyn Keeper>, clock: Clock) -> Result<Self, GongError> {
        let settings = settings.checked()?;
        let mut urls = vec![&settings.base_url];
        let key = match &settings.auth {
            Auth::Basic { access_key, secret } => Key::Basic(basic(access_key.expose(), secret)?),
            Auth::OAuth(oauth) => {
                urls.push(&oauth.token_url);
                Key::OAuth(Arc::new(Renewer::new(oauth, &settings, keeper.clone(), &clock)?))
            }
        };
        let (http, door) = (http(&urls)?, Door::new(&settings));
        Ok(Self(Arc::new(Inner { settings, http, door, key, keeper, clock })))
    }

    /// Whether requests are sent, or Gong is left alone.
    pub fn state(&self) -> BreakerState {
        self.0.door.breaker.state()
    }

    /// A page of the calls that the filter means, each with what the selector names ([`crate::everything`]). `cursor` is that of the page before;
    /// filter and selector stay the same from page to page. No such call is an empty page.
    ///
    /// # Errors
    /// Each of [`GongError`], after what helps was tried.
    pub async fn calls(&self, filter: &Filter, selector: &Value, cursor: Option<&str>) -> Result<Page, GongError> {
        let body = json!({ "filter": filter.body(), "contentSelector": selector });
        let path = &["calls", "extensive"];
        self.page(&Ask { method: Method::POST, path, what: "calls", list: "calls", body, cursor }).await
    }

    /// A page of the transcripts of the calls that the filter means. No such transcript is an empty page.
    ///
    /// # Errors
    /// As [`Self::calls`].
    pub async fn transcripts(&self, filter: &Filter, cursor: Option<&str>) -> Result<Page, GongError> {
        let body = json!({ "filter": filter.body() });
        let path = &["calls", "transcript"];
        self.page(&Ask { method: Method::POST, path, what: "transcripts", list: "callTranscripts", body, cursor }).await
    }

    /// A page of the users of the company.
    ///
    /// # Errors
    /// As [`Self::calls`].
    pub async fn users(&self, cursor: Option<&str>) -> Result<Page, GongError> {
        self.page(&Ask::get(&["users"], "users", cursor)).await
    }

    /// The workspaces of the company, each as it came. There are few, so that this also tells cheaply whether the connection works.
    ///
    /// # Errors
    /// As [`Self::calls`].
    pub async fn workspaces(&self) -> Result<Vec<Value>, GongError> {
        Ok(self.page(&Ask::get(&["workspaces"], "workspaces", None)).await?.items)
    }

    async fn page(&self, ask: &Ask<'_>) -> Result<Page, GongError> {
        let inner = &*self.0;
        let mut tries = inner.door.tries(Some(&*inner.keeper));
        let mut renewed = false;
        loop {
            inner.door.breaker.look()?;
            let pass = inner.pass(&mut renewed).await?;
            inner.keeper.admit().await?;
            match tries.run(&pass.base, inner.once(ask, &pass)).await {
                Ok(Some(page)) => return Ok(page),
                Ok(None) => {}
                Err(error) => match (&error, &inner.key, &pass.tokens) {
                    // Ended before its time, or renewed by another meanwhile.
                    (GongError::Denied { status: 401, .. }, Key::OAuth(renewer), Some(tokens)) if !renewed => {
                        renewed = true;
                        renewer.renew(&tokens.access).await?;
                    }
                    _ => return Err(error),
                },
            }
        }
    }
}

impl Inner {
    /// What to show with the next request; tokens that end are renewed before, once a question.
    async fn pass(&self, renewed: &mut bool) -> Result<Pass, GongError> {
        let renewer = match &self.key {
            Key::Basic(header) => {
                return Ok(Pass { header: header.clone(), base: self.settings.base_url.clone(), tokens: None });
            }
            Key::OAuth(renewer) => renewer,
        };
        let mut tokens = self.keeper.tokens().await?.ok_or(GongError::Disconnected)?;
        if !*renewed && tokens.expires_at <= self.clock.now() + BEFORE_END {
            *renewed = true;
            renewer.renew(&tokens.access).await?;
            tokens = self.keeper.tokens().await?.ok_or(GongError::Disconnected)?;
        }
        if let Some(base) = &tokens.base_url {
            usable(base, renewer.oauth())?;
        }
        let base = tokens.base_url.as_ref().unwrap_or(&self.settings.base_url).clone();
        Ok(Pass { header: bearer(&tokens.access)?, base, tokens: Some(tokens) })
    }

    async fn once(&self, ask: &Ask<'_>, pass: &Pass) -> Result<Page, Failed> {
        let url = ask.address(&pass.base);
        let mut request = self.http.request(ask.method.clone(), url).header(AUTHORIZATION, pass.header.clone());
        if let Some(body) = ask.sent() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let place = Place {
            url: &pass.base,
            what: ask.what,
            may_be_none: ask.method == Method::POST,
            check: if pass.tokens.is_some() { check_connection } else { check_key },
            secrets: self.secrets(ask, pass),
            now: self.clock.now(),
        };
        match send(request, &place).await? {
            Some(document) => ask.page(document),
            None => Ok(Page { none: true, ..Page::default() }),
        }
    }

    /// What no error may repeat.
    fn secrets<'a>(&'a self, ask: &'a Ask<'_>, pass: &'a Pass) -> Vec<&'a str> {
        let mut secrets: Vec<_> =
            pass.header.to_str().ok().and_then(|header| header.split(' ').next_back()).into_iter().collect();
        secrets.extend(ask.cursor);
        match &self.settings.auth {
            Auth::Basic { access_key, secret } => secrets.extend([access_key, secret].map(Secret::expose)),
            Auth::OAuth(oauth) => secrets.push(oauth.client_secret.expose()),
        }
        secrets
    }
}

fn check_key(status: u16) -> &'static str {
    if status == 401 {
        "check the access key and its secret; both are made in Gong under Company settings, Ecosystem, API, and one deleted there is made anew"
    } else {
        "the access key may not read this: ask a technical administrator of Gong for one that may"
    }
}

fn check_connection(status: u16) -> &'static str {
    if status == 401 {
        "new tokens are not accepted either: connect Gong again, as a technical administrator of Gong"
    } else {
        "the connection may not read this: connect Gong again, and allow all that is asked for"
    }
}
