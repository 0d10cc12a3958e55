//! OAuth: consent, codes, tokens. Refresh tokens are single-use, and so are codes.

use super::errors::Refused;
use super::page::hex;
use super::{Asking, CUSTOMER, Desk};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;
use url::form_urlencoded::parse;

/// What was given out.
#[derive(Debug, Default)]
pub(super) struct OAuth(Mutex<Given>);

#[derive(Debug, Default)]
struct Given {
    /// Codes that nobody has used: where they were sent, and what was consented to.
    codes: HashMap<String, (String, String)>,
    /// Access tokens: what may be done with them, and until when.
    access: HashMap<String, (String, DateTime<Utc>)>,
    /// Refresh tokens: what may be done with them, and whether they are spent.
    refresh: HashMap<String, (String, bool)>,
    count: u64,
}

impl Given {
    fn next(&mut self, desk: &Desk, kind: &str) -> String {
        self.count += 1;
        format!("{kind}-{}", hex(&desk.signed(&format!("{kind} {}", self.count))))
    }

    /// New tokens, as they are told.
    fn tokens(&mut self, desk: &Desk, scope: &str) -> Value {
        let (access, refresh) = (self.next(desk, "access"), self.next(desk, "refresh"));
        let lifetime = desk.settings.token_lifetime;
        let until = desk.now() + TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::days(1));
        self.access.insert(access.clone(), (scope.to_owned(), until));
        self.refresh.insert(refresh.clone(), (scope.to_owned(), false));
        json!({
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": lifetime.as_secs(),
            "scope": scope,
            "token_type": "bearer",
            "api_base_url_for_customer": format!("{}{CUSTOMER}", desk.url()),
        })
    }
}

impl OAuth {
    fn given(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What may be done with an access token, if it is good.
    pub(super) fn scope(&self, desk: &Desk, token: &str) -> Option<String> {
        let given = self.given();
        let (scope, until) = given.access.get(token)?;
        (desk.now() < *until).then(|| scope.clone())
    }

    /// New tokens without a browser.
    pub(super) fn grant(&self, desk: &Desk, scope: &str) -> Value {
        self.given().tokens(desk, scope)
    }

    /// `GET /oauth2/authorize`: whoever comes is an administrator and consents.
    pub(super) fn authorize(&self, desk: &Desk, asking: &Asking<'_>) -> Result<Response, Refused> {
        let wanted =
            |name: &str| asking.parameter(name).ok_or_else(|| Refused::malformed(format!("{name} is required")));
        if wanted("client_id")? != desk.settings.client_id {
            return Err(Refused::malformed("client_id is unknown"));
        }
        if wanted("response_type")? != "code" {
            return Err(Refused::malformed("response_type: only code"));
        }
        let (redirect, scope) = (wanted("redirect_uri")?, wanted("scope")?);
        let mut to = Url::parse(redirect).map_err(|_| Refused::malformed("redirect_uri is no address"))?;
        let mut given = self.given();
        let code = given.next(desk, "code");
        given.codes.insert(code.clone(), (redirect.to_owned(), scope.to_owned()));
        to.query_pairs_mut().append_pair("code", &code);
        if let Some(state) = asking.parameter("state") {
            to.query_pairs_mut().append_pair("state", state);
        }
        Ok((StatusCode::FOUND, [(LOCATION, to.to_string())]).into_response())
    }

    /// `POST /oauth2/generate-customer-token`, its parameters in the body or in the query.
    pub(super) fn token(&self, desk: &Desk, asking: &Asking<'_>, body: &[u8]) -> Result<Value, Refused> {
        if asking.basic() != Some((desk.settings.client_id.clone(), desk.settings.client_secret.clone())) {
            return Err(Refused::denied("invalid_client: the client id or its secret is wrong"));
        }
        let form: HashMap<String, String> = parse(body).into_owned().collect();
        let parameter = |name: &str| form.get(name).map(String::as_str).or_else(|| asking.parameter(name));
        if parameter("client_id").is_some_and(|id| id != desk.settings.client_id) {
            return Err(Refused::malformed("client_id is not that of the Authorization header"));
        }
        let mut given = self.given();
        let invalid = |what: &str| Refused::malformed(format!("invalid_grant: {what}"));
        let scope = match parameter("grant_type") {
            Some("authorization_code") => {
                let code = parameter("code").ok_or_else(|| Refused::malformed("code is required"))?;
                let (redirect, scope) =
                    given.codes.remove(code).ok_or_else(|| invalid("the code is unknown or spent"))?;
                if parameter("redirect_uri") != Some(redirect.as_str()) {
                    return Err(invalid("redirect_uri is not that of the code"));
                }
                scope
            }
            Some("refresh_token") => {
                let token =
                    parameter("refresh_token").ok_or_else(|| Refused::malformed("refresh_token is required"))?;
                let known = given.refresh.get_mut(token);
                let (scope, spent) = known.ok_or_else(|| invalid("the refresh token is unknown"))?;
                if *spent {
                    return Err(invalid("the refresh token is spent"));
                }
                *spent = true;
                scope.clone()
            }
            _ => return Err(Refused::malformed("grant_type: authorization_code or refresh_token")),
        };
        Ok(given.tokens(desk, &scope))
    }
}
