//! A keeper in memory that writes down what it is asked, and clients that have it.

use chrono::{DateTime, TimeDelta, Utc};
use gong::{Auth, Client, Keeper, Kept, OAuth, Refusal, Renewal, Settings, Tokens, Unrenewed};
use kernel::{Clock, Secret};
use remote::testing::{Answer, Server, json};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What nobody may show: each has `sesame` in it, also where it is encoded.
pub const ACCESS_KEY: &str = "AKsesameACCESS";
pub const KEY_SECRET: &str = "sesame-of-the-key";
pub const CLIENT_SECRET: &str = "sesame-of-the-client";
pub const ACCESS: &str = "sesame-access-0";
pub const REFRESH: &str = "sesame-refresh-0";

#[derive(Debug, Default)]
pub struct State {
    pub admitted: usize,
    /// What is said in place of the next rights to send.
    pub refusals: VecDeque<Refusal>,
    pub held: Vec<Duration>,
    pub tokens: Option<Tokens>,
    renewing: bool,
    pub renewals: usize,
    pub kept: usize,
    /// What is said in place of keeping the next tokens.
    pub unkept: VecDeque<Refusal>,
    pub unrenewed: Vec<Unrenewed>,
}

/// Shared by all clients of a connection.
#[derive(Debug, Default)]
pub struct Memory(Mutex<State>);

impl Memory {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// One that has the first tokens, which hold for an hour.
    pub fn connected() -> Arc<Self> {
        let memory = Self::default();
        memory.state().tokens = Some(Tokens {
            access: Secret::new(ACCESS),
            refresh: Secret::new(REFRESH),
            expires_at: now() + TimeDelta::hours(1),
            base_url: None,
            scope: "api:users:read".to_owned(),
        });
        Arc::new(memory)
    }
}

impl Keeper for Memory {
    fn admit(&self) -> Kept<'_, ()> {
        Box::pin(async move {
            let mut state = self.state();
            if let Some(refusal) = state.refusals.pop_front() {
                return Err(refusal);
            }
            state.admitted += 1;
            Ok(())
        })
    }

    fn hold(&self, wait: Duration) -> Kept<'_, ()> {
        Box::pin(async move {
            self.state().held.push(wait);
            Ok(())
        })
    }

    fn tokens(&self) -> Kept<'_, Option<Tokens>> {
        Box::pin(async move { Ok(self.state().tokens.clone()) })
    }

    fn begin_renewal<'a>(&'a self, spent: &'a Secret) -> Kept<'a, Renewal> {
        Box::pin(async move {
            let mut state = self.state();
            let Some(tokens) = state.tokens.clone() else { return Ok(Renewal::Gone) };
            if tokens.access != *spent {
                return Ok(Renewal::Renewed(tokens));
            }
            if state.renewing {
                return Ok(Renewal::Wait(Duration::from_millis(5)));
            }
            state.renewing = true;
            state.renewals += 1;
            Ok(Renewal::Yours(tokens))
        })
    }

    fn keep<'a>(&'a self, tokens: &'a Tokens) -> Kept<'a, ()> {
        Box::pin(async move {
            let mut state = self.state();
            if let Some(refusal) = state.unkept.pop_front() {
                return Err(refusal);
            }
            state.renewing = false;
            state.kept += 1;
            state.tokens = Some(tokens.clone());
            Ok(())
        })
    }

    fn unrenewed(&self, why: Unrenewed) -> Kept<'_, ()> {
        Box::pin(async move {
            let mut state = self.state();
            state.renewing = false;
            state.unrenewed.push(why);
            if why == Unrenewed::Refused {
                state.tokens = None;
            }
            Ok(())
        })
    }
}

pub fn now() -> DateTime<Utc> {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

/// Settings that wait little between requests.
pub fn settings(server: &Server) -> Settings {
    let auth = Auth::Basic { access_key: Secret::new(ACCESS_KEY), secret: Secret::new(KEY_SECRET) };
    Settings {
        base_url: server.url(),
        timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(5),
        ..Settings::new(auth)
    }
}

/// The integration that a server gives tokens to.
pub fn integration(server: &Server) -> OAuth {
    let token_url = server.url().join("oauth2/generate-customer-token").unwrap();
    OAuth { token_url, ..OAuth::new("id-7", Secret::new(CLIENT_SECRET)) }
}

pub fn oauth_settings(server: &Server) -> Settings {
    Settings { auth: Auth::OAuth(integration(server)), ..settings(server) }
}

/// A client with an access key and a keeper of its own.
pub fn client(server: &Server) -> (Client, Arc<Memory>) {
    with(settings(server))
}

pub fn with(settings: Settings) -> (Client, Arc<Memory>) {
    let memory = Arc::<Memory>::default();
    (Client::new(settings, memory.clone(), Clock::fixed(now())).unwrap(), memory)
}

/// A client with tokens that this keeper has.
pub fn oauth_client(server: &Server, memory: &Arc<Memory>) -> Client {
    Client::new(oauth_settings(server), memory.clone(), Clock::fixed(now())).unwrap()
}

/// A page of users.
pub fn users(ids: &[&str], cursor: Option<&str>) -> Answer {
    let users: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    json(200, &json!({ "requestId": "r", "records": records(ids.len(), cursor), "users": users }))
}

pub fn records(size: usize, cursor: Option<&str>) -> Value {
    let mut records = json!({ "totalRecords": 250, "currentPageSize": size, "currentPageNumber": 0 });
    if let Some(cursor) = cursor {
        records["cursor"] = cursor.into();
    }
    records
}

/// A failure as Gong tells it.
pub fn failure(status: u16, message: &str) -> Answer {
    json(status, &json!({ "requestId": "4al018gz", "errors": [message] }))
}

/// The tokens after the first, number 1 and on.
pub fn tokens(number: usize) -> Answer {
    json(
        200,
        &json!({
            "access_token": format!("sesame-access-{number}"), "refresh_token": format!("sesame-refresh-{number}"), "expires_in": 86400,
            "scope": "api:users:read", "token_type": "bearer",
        }),
    )
}
