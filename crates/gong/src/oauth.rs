//! Tokens: how an administrator lets this program in, and how tokens are renewed.

use crate::error::not_understood;
use crate::keeper::{Renewal, Tokens, Unrenewed};
use crate::send::{CONNECT, Failed, Place, send};
use crate::settings::{check, without_version};
use crate::tries::Door;
use crate::{Auth, GongError, Keeper, OAuth, RENEWAL, Settings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use kernel::{Clock, Secret};
use remote::retry::Outcome;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;
use url::form_urlencoded::Serializer;

/// What it needs to be allowed besides, to be told where recordings are.
pub const MEDIA_SCOPE: &str = "api:calls:read:media-url";

/// What this client needs to be allowed, but for the addresses of recordings (`api:calls:read:media-url`).
pub const SCOPES: [&str; 4] =
    ["api:calls:read:basic", "api:calls:read:extensive", "api:calls:read:transcript", "api:users:read"];

/// Time for one request for tokens: three of them with their waits stay within [`RENEWAL`].
const LONGEST_TRY: Duration = Duration::from_secs(20);

/// How long an access token is taken to hold where Gong does not say it.
const UNSAID: TimeDelta = TimeDelta::hours(1);

/// The shortest time after which is asked again whether another renewed.
const SHORTEST_WAIT: Duration = Duration::from_millis(20);

/// What to check when it is not known who asks for tokens.
const CHECK_CLIENT: &str = "check the client id and the client secret of the integration, which Gong shows under Company settings, Ecosystem, API";

/// Where an administrator of Gong is asked: `https://app.gong.io/oauth2/authorize`.
pub fn authorize_at() -> Url {
    Url::parse("https://app.gong.io/oauth2/authorize").expect("an address written here")
}

/// Where to send an administrator of Gong, who is asked there to let this program in and sent back to `redirect_uri` with `state` and a `code`.
pub fn authorize_url(at: &Url, client_id: &str, redirect_uri: &Url, state: &str, scopes: &[&str]) -> Url {
    let mut url = at.clone();
    url.query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", redirect_uri.as_str())
        .append_pair("scope", &scopes.join(" "))
        .append_pair("state", state);
    url
}

/// Takes tokens for the code that somebody was sent back with. It is worth something once, for a short time, and with the same `redirect_uri` alone.
///
/// # Errors
/// [`GongError::Disconnected`] when the code is refused, [`GongError::Denied`] when the client id or its secret is; else as a question to Gong.
pub async fn exchange_code(
    oauth: &OAuth,
    code: &Secret,
    redirect_uri: &Url,
    clock: &Clock,
) -> Result<Tokens, GongError> {
    let oauth = oauth.clone().checked()?;
    let door = TokenDoor::new(&oauth, &Settings::new(Auth::OAuth(oauth.clone())), clock)?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", redirect_uri.as_str()),
        ("client_id", &oauth.client_id),
    ];
    door.tokens(&form, code, None).await
}

/// The value of a header that shows a name and its secret.
pub(crate) fn basic(name: &str, secret: &Secret) -> Result<HeaderValue, GongError> {
    let both = STANDARD.encode(format!("{name}:{}", secret.expose()));
    sensitive(&format!("Basic {both}"))
}

/// The value of a header that shows a token.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, GongError> {
    sensitive(&format!("Bearer {}", token.expose()))
}

fn sensitive(text: &str) -> Result<HeaderValue, GongError> {
    remote::http::sensitive(text).ok_or_else(|| {
        GongError::Settings("the token of Gong has characters that no token has: connect Gong again".to_owned())
    })
}

/// An HTTP client for these addresses.
pub(crate) fn http(urls: &[&Url]) -> Result<reqwest::Client, GongError> {
    let http = remote::http::builder(urls, CONNECT).build();
    http.map_err(|_| GongError::Settings(remote::http::NO_CERTIFICATES.to_owned()))
}

/// Where tokens are given.
#[derive(Debug)]
struct TokenDoor {
    http: reqwest::Client,
    oauth: OAuth,
    header: HeaderValue,
    door: Door,
    clock: Clock,
}

impl TokenDoor {
    fn new(oauth: &OAuth, settings: &Settings, clock: &Clock) -> Result<Self, GongError> {
        let patience = Settings {
            timeout: settings.timeout.min(LONGEST_TRY),
            retries: settings.retries.min(2),
            backoff: settings.backoff.min(Duration::from_secs(1)),
            ..settings.clone()
        };
        Ok(Self {
            http: http(&[&oauth.token_url])?,
            header: basic(&oauth.client_id, &oauth.client_secret)?,
            oauth: oauth.clone(),
            door: Door::new(&patience),
            clock: clock.clone(),
        })
    }

    /// Asks for tokens. `given` is what they are asked for with, `before` those that they follow.
    async fn tokens(
        &self,
        form: &[(&str, &str)],
        given: &Secret,
        before: Option<&Tokens>,
    ) -> Result<Tokens, GongError> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let mut tries = self.door.tries(None);
        loop {
            let request = self.once(body.clone(), given, before);
            if let Some(tokens) = tries.run(&self.oauth.token_url, request).await? {
                return Ok(tokens);
            }
        }
    }

    async fn once(&self, body: String, given: &Secret, before: Option<&Tokens>) -> Result<Tokens, Failed> {
        let place = Place {
            url: &self.oauth.token_url,
            what: "tokens",
            may_be_none: false,
            check: |_| CHECK_CLIENT,
            secrets: vec![self.oauth.client_secret.expose(), given.expose(), self.header.to_str().unwrap_or_default()],
            now: self.clock.now(),
        };
        let request = self
            .http
            .post(self.oauth.token_url.clone())
            .header(AUTHORIZATION, self.header.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let document = send(request, &place).await.map_err(refused)?.unwrap_or_default();
        self.read(&document, before).ok_or_else(|| Failed::new(not_understood("it has no tokens"), Outcome::Midst))
    }

    fn read(&self, document: &Value, before: Option<&Tokens>) -> Option<Tokens> {
        let text = |name: &str| document[name].as_str().filter(|text| !text.is_empty());
        let secret = |name: &str| text(name).map(Secret::new);
        let holds = document["expires_in"].as_i64().and_then(TimeDelta::try_seconds).unwrap_or(UNSAID);
        let now = self.clock.now();
        let base_url = text("api_base_url_for_customer").and_then(|url| self.base(url));
        Some(Tokens {
            access: secret("access_token")?,
            refresh: secret("refresh_token").or_else(|| before.map(|before| before.refresh.clone()))?,
            expires_at: now.checked_add_signed(holds).unwrap_or(now),
            base_url: base_url.or_else(|| before?.base_url.clone()),
            scope: text("scope").or_else(|| before.map(|before| &*before.scope)).unwrap_or_default().to_owned(),
        })
    }

    /// Where Gong answers for a company, if that can be asked as safely as where it gives tokens.
    fn base(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok().filter(|url| usable(url, &self.oauth).is_ok());
        if url.is_none() {
            tracing::warn!("Gong told an address for this company that cannot be asked; the one before stays");
        }
        url.map(|mut url| {
            without_version(&mut url);
            url
        })
    }
}

/// Whether tokens may be sent to this address.
pub(crate) fn usable(base: &Url, oauth: &OAuth) -> Result<(), GongError> {
    check(base, "the address that Gong told for this company")?;
    // Who is not on this machine has no say in what is asked on it.
    if base.scheme() == oauth.token_url.scheme() {
        return Ok(());
    }
    Err(GongError::Settings("the address that Gong told for this company must begin with https://".to_owned()))
}

/// What was refused where tokens are given: the settings of this program, or what it had to give for tokens.
fn refused(failed: Failed) -> Failed {
    let (GongError::Denied { status, .. } | GongError::Invalid { status, .. }) = failed.error else { return failed };
    let error = match (status, failed.code.as_str()) {
        // A 401 that says no more is about who asks, and not about what was given.
        (_, "invalid_client" | "unauthorized_client") | (401, "") => GongError::Denied { status, check: CHECK_CLIENT },
        (400, "invalid_request" | "unsupported_grant_type" | "invalid_scope") => return failed,
        (400 | 401 | 403, _) => GongError::Disconnected,
        _ => return failed,
    };
    Failed::new(error, Outcome::Final)
}

/// Renews the tokens of one connection.
#[derive(Debug)]
pub(crate) struct Renewer {
    door: TokenDoor,
    keeper: Arc<dyn Keeper>,
    /// New tokens that could not be kept, by the refresh token that they came for.
    unkept: Mutex<Option<(Secret, Tokens)>>,
}

impl Renewer {
    pub fn new(oauth: &OAuth, settings: &Settings, keeper: Arc<dyn Keeper>, clock: &Clock) -> Result<Self, GongError> {
        Ok(Self { door: TokenDoor::new(oauth, settings, clock)?, keeper, unkept: Mutex::default() })
    }

    pub fn oauth(&self) -> &OAuth {
        &self.door.oauth
    }

    /// Sees to it that tokens other than those whose access token is `spent` are kept. Whoever gives up waiting for it stops nothing: tokens that are
    /// on their way are worth all, and those before them nothing any more.
    pub async fn renew(self: &Arc<Self>, spent: &Secret) -> Result<(), GongError> {
        let (renewer, spent) = (self.clone(), spent.clone());
        let renewal = tokio::spawn(async move { renewer.renewed(&spent).await }.in_current_span());
        match renewal.await {
            Ok(renewed) => renewed,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(GongError::Keeper("the program ends".to_owned())),
        }
    }

    async fn renewed(&self, spent: &Secret) -> Result<(), GongError> {
        let begun = Instant::now();
        loop {
            match self.keeper.begin_renewal(spent).await? {
                Renewal::Yours(old) => return self.replace(&old).await,
                Renewal::Renewed(_) => return Ok(()),
                Renewal::Gone => return Err(GongError::Disconnected),
                Renewal::Wait(_) if begun.elapsed() > RENEWAL => {
                    let why = format!("another has been renewing its tokens for {} s", RENEWAL.as_secs());
                    return Err(GongError::Keeper(why));
                }
                Renewal::Wait(time) => tokio::time::sleep(time.clamp(SHORTEST_WAIT, RENEWAL)).await,
            }
        }
    }

    async fn replace(&self, old: &Tokens) -> Result<(), GongError> {
        let unkept = self.unkept().take();
        let new = match unkept {
            Some((from, tokens)) if from == old.refresh => tokens,
            _ => match self.ask(old).await {
                Ok(tokens) => tokens,
                Err(error) => return self.unrenewed(old, error).await,
            },
        };
        let kept = self.keeper.keep(&new).await;
        if let Err(refusal) = kept {
            tracing::warn!(error = %refusal, "new tokens of Gong could not be kept; they are kept with the next renewal");
            *self.unkept() = Some((old.refresh.clone(), new));
            self.end(Unrenewed::Failed).await;
            return Err(refusal.into());
        }
        tracing::info!("the tokens of Gong were renewed");
        Ok(())
    }

    async fn ask(&self, old: &Tokens) -> Result<Tokens, GongError> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", old.refresh.expose())];
        self.door.tokens(&form, &old.refresh, Some(old)).await
    }

    async fn unrenewed(&self, old: &Tokens, error: GongError) -> Result<(), GongError> {
        if error != GongError::Disconnected {
            self.end(Unrenewed::Failed).await;
            return Err(error);
        }
        // It is refused as well if another, who was thought lost, used it before.
        if self.keeper.tokens().await?.is_some_and(|kept| kept.refresh != old.refresh) {
            return Ok(());
        }
        self.end(Unrenewed::Refused).await;
        Err(error)
    }

    async fn end(&self, why: Unrenewed) {
        if let Err(refusal) = self.keeper.unrenewed(why).await {
            tracing::warn!(error = %refusal, "the end of a renewal could not be kept; it ends by its time");
        }
    }

    fn unkept(&self) -> std::sync::MutexGuard<'_, Option<(Secret, Tokens)>> {
        self.unkept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
