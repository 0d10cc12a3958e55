//! How a service is shown who asks: a token that stays, or one that is asked for.

use crate::settings::{HubSpotAuth, SalesforceAuth, Settings, Which};
use crate::{CrmError, Service};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Secret;
use reqwest::header::HeaderValue;
use serde_json::Value;
use std::sync::{Mutex as Lock, PoisonError};
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::Serializer;

/// A token is renewed this long before it ends, so that it does not end on its way.
const BEFORE_END: TimeDelta = TimeDelta::seconds(30);

/// What one request shows, and where.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub access: Secret,
    pub header: HeaderValue,
    pub base: Url,
    /// Until when it holds, where that is told.
    until: Option<DateTime<Utc>>,
}

/// The token of one client. Those who ask at the same time wait for the one who renews it.
#[derive(Debug)]
pub(crate) struct Session {
    service: Service,
    grant: Option<Grant>,
    pub token: Mutex<Option<Token>>,
    rotated: Lock<Option<Secret>>,
}

/// Where tokens are given, and for what.
#[derive(Debug)]
pub(crate) struct Grant {
    pub url: Url,
    base: Url,
    client_id: String,
    pub client_secret: Secret,
    refresh: Option<Secret>,
}

impl Session {
    pub fn new(settings: &Settings) -> Result<Self, CrmError> {
        let service = settings.service();
        let (grant, token) = match &settings.which {
            Which::Salesforce(salesforce) => {
                let base = salesforce.my_domain.clone();
                let refresh = match &salesforce.auth {
                    SalesforceAuth::ClientCredentials => None,
                    SalesforceAuth::RefreshToken(token) => Some(token.clone()),
                };
                let (client_id, client_secret) = (salesforce.client_id.clone(), salesforce.client_secret.clone());
                let url = below(&base, "/services/oauth2/token");
                (Some(Grant { url, base, client_id, client_secret, refresh }), None)
            }
            Which::HubSpot(hubspot) => {
                let base = hubspot.base_url.clone();
                match &hubspot.auth {
                    HubSpotAuth::PrivateApp(token) => (None, Some(Token::new(token, base)?)),
                    HubSpotAuth::OAuth { client_id, client_secret, refresh_token } => {
                        let (client_id, client_secret) = (client_id.clone(), client_secret.clone());
                        let (url, refresh) = (below(&base, "/oauth/v1/token"), Some(refresh_token.clone()));
                        (Some(Grant { url, base, client_id, client_secret, refresh }), None)
                    }
                }
            }
        };
        Ok(Self { service, grant, token: Mutex::new(token), rotated: Lock::default() })
    }

    /// How tokens are asked for; none where there is one that stays.
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// The refresh token that took the place of the one in the settings.
    pub fn rotated(&self) -> Option<Secret> {
        self.rotated.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is sent to be given a token.
    pub fn form(&self, grant: &Grant) -> String {
        let mut form = Serializer::new(String::new());
        let refresh = self.rotated().or_else(|| grant.refresh.clone());
        let kind = if refresh.is_some() { "refresh_token" } else { "client_credentials" };
        form.append_pair("grant_type", kind).append_pair("client_id", &grant.client_id);
        form.append_pair("client_secret", grant.client_secret.expose());
        if let Some(refresh) = &refresh {
            form.append_pair("refresh_token", refresh.expose());
        }
        form.finish()
    }

    /// What no error may repeat when a token is asked for.
    pub fn secrets(&self, grant: &Grant) -> Vec<Secret> {
        [Some(grant.client_secret.clone()), grant.refresh.clone(), self.rotated()].into_iter().flatten().collect()
    }

    /// The token in an answer. A refresh token that comes with it counts from now on.
    pub fn read(&self, grant: &Grant, document: &Value, now: DateTime<Utc>) -> Result<Token, CrmError> {
        let service = self.service;
        let text = |name: &str| document[name].as_str().filter(|text| !text.is_empty());
        let access = text("access_token").ok_or(CrmError::NotUnderstood { service, what: "it has no token" })?;
        let base = match text("instance_url") {
            Some(url) => self.instance(grant, url)?,
            None => grant.base.clone(),
        };
        if let (Some(new), Some(old)) = (text("refresh_token"), &grant.refresh)
            && new != old.expose()
        {
            *self.rotated.lock().unwrap_or_else(PoisonError::into_inner) = Some(Secret::new(new));
        }
        let holds = document["expires_in"].as_i64().and_then(TimeDelta::try_seconds);
        let until = holds.and_then(|holds| now.checked_add_signed(holds - BEFORE_END));
        Ok(Token { until, ..Token::new(&Secret::new(access), base)? })
    }

    /// Where the service answers for this company, if that can be asked as safely as where it gives tokens.
    fn instance(&self, grant: &Grant, text: &str) -> Result<Url, CrmError> {
        let url = Url::parse(text).ok().filter(|url| {
            // Who is not on this machine has no say in what is asked on it.
            remote::http::check(url).is_ok() && remote::http::is_here(url) == remote::http::is_here(&grant.base)
        });
        url.ok_or(CrmError::NotUnderstood { service: self.service, what: "it tells an instance that cannot be asked" })
    }
}

impl Token {
    fn new(access: &Secret, base: Url) -> Result<Self, CrmError> {
        let header = remote::http::sensitive(&format!("Bearer {}", access.expose())).ok_or_else(|| {
            CrmError::Settings("the token has characters that no token has: copy it again".to_owned())
        })?;
        Ok(Self { access: access.clone(), header, base, until: None })
    }

    /// Whether it still holds, as far as is known.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// An address with this path below a base.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}
