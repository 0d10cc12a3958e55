//! The REST API of Salesforce, from its public description: tokens, queries in SOQL (`query` and `queryAll`) with the pages of them, who one is.
//!
//! It has the records that a test puts in ([`Salesforce::put`]) and keeps what Salesforce keeps of each: ids of eighteen characters, times in
//! whole seconds, deleted rows that `queryAll` alone tells. The query language is read and not guessed (`soql`); what it does not know is refused.
//! A query's later pages are those of the moment of the first. In scripts it also knows `unknown-field`.

mod errors;
mod schema;
mod soql;
mod store;

use crate::server::Scripted;
use crate::{Asked, Fault, Faults, Plan, Server, Time};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use errors::Refused;
use kernel::Clock;
use schema::Object;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use store::{Store, is_id, time};
use url::form_urlencoded::parse;

/// Bytes of the longest address.
const LONGEST_ADDRESS: usize = 16_384;

/// The newest version of the API that it speaks.
const NEWEST: f64 = 67.0;

/// How the service behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; 0 is a free port.
    pub port: u16,
    /// The time of day that it goes by.
    pub time: Time,
    /// The consumer key of the connected app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The refresh token that is taken.
    pub refresh_token: String,
    /// Whether a refresh token is worth something once, and the answer has the next.
    pub rotate: bool,
    /// After how many requests an access token ends; never by default.
    pub token_requests: u64,
    /// How long an access token holds, by the simulator's clock; two hours.
    pub token_life: Duration,
    /// Records of a page where none is asked for; 2,000.
    pub page: usize,
    /// Requests that may be made in a day of the simulator.
    pub per_day: u64,
}

impl Default for Settings {
    /// It is 8 o'clock (UTC) on Monday, 2 November 2026.
    fn default() -> Self {
        let time = Time::by(Clock::system());
        time.set(DateTime::from_timestamp_nanos(1_793_606_400_000_000_000));
        Self {
            port: 0,
            time,
            client_id: "simulated-consumer-key".to_owned(),
            client_secret: "simulated-consumer-secret".to_owned(),
            refresh_token: "simulated-refresh-token".to_owned(),
            rotate: false,
            token_requests: u64::MAX,
            token_life: Duration::from_hours(2),
            page: 2_000,
            per_day: 15_000,
        }
    }
}

/// A running service.
#[derive(Debug)]
pub struct Salesforce {
    server: Server,
    desk: Arc<Desk>,
}

impl Salesforce {
    /// Starts as by default.
    pub fn start() -> Self {
        Self::with(Settings::default())
    }

    /// Starts with these settings.
    pub fn with(settings: Settings) -> Self {
        let plan = Plan {
            port: settings.port,
            time: settings.time.clone(),
            refusing: Arc::new(|refuse| Refused::scripted(refuse).response()),
        };
        let kept = Kept { refresh: settings.refresh_token.clone(), ..Kept::default() };
        let desk = Arc::new(Desk { settings, kept: Mutex::new(kept), instance: OnceLock::new() });
        let server = Server::open(Router::new().fallback(respond).with_state(desk.clone()), plan);
        // Another name of the same place, as an instance has another than a domain.
        let _ = desk.instance.set(server.url().replace("127.0.0.1", "localhost"));
        Self { server, desk }
    }

    /// Where it answers: what stands for My Domain.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The script of its faults.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// Its time of day.
    pub fn time(&self) -> &Time {
        self.server.time()
    }

    /// Puts a record in, or changes the one whose `Id` is among the fields; its id. Fields whose names end in `__c` need not be known before.
    /// `SystemModstamp` is now, in whole seconds, unless the fields say otherwise.
    ///
    /// # Errors
    /// What is wrong: an object, a field or an id that does not exist.
    pub fn put(&self, object: &str, fields: Value) -> Result<String, String> {
        self.desk.kept().store.put(object, fields, self.time().now())
    }

    /// Puts in what a document has: for each object a list of records.
    ///
    /// # Errors
    /// As [`Self::put`]; what came before it stays.
    pub fn load(&self, document: &Value) -> Result<usize, String> {
        let mut count = 0;
        for (object, records) in document.as_object().ok_or("expected an object with a list of records each")? {
            for record in records.as_array().ok_or_else(|| format!("{object}: expected a list"))? {
                self.put(object, record.clone()).map_err(|wrong| format!("{object}: {wrong}"))?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Deletes a record, into the bin; whether there was one.
    pub fn delete(&self, id: &str) -> bool {
        self.desk.kept().store.set_deleted(id, true, self.time().now())
    }

    /// Takes a record out of the bin; whether it was there.
    pub fn undelete(&self, id: &str) -> bool {
        self.desk.kept().store.set_deleted(id, false, self.time().now())
    }

    /// The records of an object as they are now, without those in the bin, in the order of their ids.
    pub fn records(&self, object: &str) -> Vec<Value> {
        self.desk.kept().store.records(object)
    }

    /// From now on no access token that was given out so far is taken.
    pub fn expire_tokens(&self) {
        self.desk.kept().tokens.clear();
    }
}

#[derive(Debug, Default)]
struct Kept {
    store: Store,
    /// Access tokens: requests that they had, and until when they hold.
    tokens: HashMap<String, (u64, DateTime<Utc>)>,
    /// The refresh token that is taken.
    refresh: String,
    /// Pages that are waiting, by their locator without the number of the first record.
    pages: HashMap<String, Vec<Value>>,
    /// What was counted so far, for names that are never the same.
    count: u64,
    /// Which day, counted from 1 January 1970, and how many requests it has had.
    day: (i64, u64),
}

/// What requests share.
#[derive(Debug)]
struct Desk {
    settings: Settings,
    kept: Mutex<Kept>,
    instance: OnceLock<String>,
}

impl Desk {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        self.settings.time.now()
    }

    fn route(&self, head: &Parts, body: &Bytes, faults: &[Fault]) -> Result<Response, Refused> {
        if head.uri.to_string().len() > LONGEST_ADDRESS {
            return Err(Refused::too_long());
        }
        let path = head.uri.path();
        match (&head.method, path) {
            (&Method::POST, "/services/oauth2/token") => {
                return self.token(head, body).map(|told| answer(&told));
            }
            (&Method::GET, "/services/oauth2/userinfo") => {
                self.admit(head).map_err(|_| Refused::bad_token())?;
                return Ok(answer(&json!({
                    "sub": "https://login.example.com/id/00D000000000001EAA/005000000000001AAA",
                    "user_id": "005000000000001AAA",
                    "organization_id": "00D000000000001EAA",
                    "preferred_username": "sync@example.com",
                    "name": "Sync User",
                    "email": "sync@example.com",
                    "active": true,
                })));
            }
            _ => {}
        }
        self.admit(head)?;
        let below = path.strip_prefix("/services/data/v").and_then(|rest| rest.split_once('/'));
        let (version, what) = below.ok_or_else(Refused::not_found)?;
        if !version.parse().is_ok_and(|version: f64| (31.0..=NEWEST).contains(&version)) {
            return Err(Refused::not_found());
        }
        if head.method != Method::GET {
            return Err(Refused::method());
        }
        let usage = self.count_request()?;
        let mut told = match what.trim_end_matches('/') {
            "query" => self.query(version, head, false)?,
            "queryAll" => self.query(version, head, true)?,
            what => {
                let locator = what.strip_prefix("query/").ok_or_else(Refused::not_found)?;
                self.more(version, locator, self.batch(head))?
            }
        };
        if faults.contains(&Fault::UnknownField) {
            told["notInTheReference"] = json!([1, {"x": null}]);
            for record in told["records"].as_array_mut().into_iter().flatten() {
                record["NotInTheSchema"] = json!([1, {"x": null}]);
            }
        }
        let mut response = answer(&told);
        response.headers_mut().insert(
            "sforce-limit-info",
            HeaderValue::try_from(format!("api-usage={usage}/{}", self.settings.per_day)).expect("a number"),
        );
        Ok(response)
    }

    /// Counts a request of the day: how many it has had.
    fn count_request(&self) -> Result<u64, Refused> {
        let today = self.now().timestamp().div_euclid(86_400);
        let mut kept = self.kept();
        if kept.day.0 != today {
            kept.day = (today, 0);
        }
        if kept.day.1 >= self.settings.per_day {
            return Err(Refused::limited());
        }
        kept.day.1 += 1;
        Ok(kept.day.1)
    }

    /// Takes a request off the token that it shows.
    fn admit(&self, head: &Parts) -> Result<(), Refused> {
        let header = head.headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).ok_or_else(Refused::session)?;
        let (now, most) = (self.now(), self.settings.token_requests);
        let mut kept = self.kept();
        let (had, until) = kept.tokens.get_mut(token).ok_or_else(Refused::session)?;
        if *had >= most || now >= *until {
            return Err(Refused::session());
        }
        *had += 1;
        Ok(())
    }

    /// `POST /services/oauth2/token`: `client_credentials` or `refresh_token`, the app in the form or in the header.
    fn token(&self, head: &Parts, body: &Bytes) -> Result<Value, Refused> {
        let form: HashMap<String, String> = parse(body).into_owned().collect();
        let given = |name: &str| form.get(name).cloned().unwrap_or_default();
        let header = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let basic = header.strip_prefix("Basic ").and_then(|both| STANDARD.decode(both).ok());
        let basic = basic.and_then(|both| String::from_utf8(both).ok());
        let (id, secret) = basic
            .and_then(|both| both.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned())))
            .unwrap_or_else(|| (given("client_id"), given("client_secret")));
        if id != self.settings.client_id {
            return Err(Refused::oauth("invalid_client_id", "client identifier invalid"));
        }
        if secret != self.settings.client_secret {
            return Err(Refused::oauth("invalid_client", "invalid client credentials"));
        }
        let mut kept = self.kept();
        let refreshes = match given("grant_type").as_str() {
            "client_credentials" => false,
            "refresh_token" if given("refresh_token") == kept.refresh => true,
            "refresh_token" => return Err(Refused::oauth("invalid_grant", "expired access/refresh token")),
            _ => return Err(Refused::oauth("unsupported_grant_type", "grant type not supported")),
        };
        kept.count += 1;
        let (token, now) = (format!("00D000000000001!simulated.{:06}", kept.count), self.now());
        let life = TimeDelta::from_std(self.settings.token_life).unwrap_or(TimeDelta::days(1));
        kept.tokens.insert(token.clone(), (0, now + life));
        let mut told = json!({
            "access_token": token,
            "signature": "c2lnbmVk",
            "scope": "api",
            "instance_url": self.instance.get(),
            "id": "https://login.example.com/id/00D000000000001EAA/005000000000001AAA",
            "token_type": "Bearer",
            "issued_at": now.timestamp_millis().to_string(),
        });
        if refreshes && self.settings.rotate {
            kept.refresh = format!("simulated-refresh-{:06}", kept.count);
            told["refresh_token"] = kept.refresh.clone().into();
        }
        Ok(told)
    }

    /// Records of a page, as the header asks.
    fn batch(&self, head: &Parts) -> usize {
        let header = head.headers.get("sforce-query-options").and_then(|value| value.to_str().ok());
        let wanted = header.and_then(|header| header.trim().strip_prefix("batchSize=")?.trim().parse::<usize>().ok());
        wanted.map_or(usize::MAX, |wanted| wanted.clamp(200, 2_000)).min(self.settings.page)
    }

    fn query(&self, version: &str, head: &Parts, with_deleted: bool) -> Result<Value, Refused> {
        let parameters: HashMap<String, String> =
            parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let text = parameters.get("q").ok_or_else(|| Refused::malformed("A query string has to be specified"))?;
        let mut kept = self.kept();
        let query = soql::parse(text, &|object: &Object| kept.store.custom(object.name))?;
        let mut found: Vec<&Map<String, Value>> = kept.store.rows(query.object.name, with_deleted);
        found.retain(|record| query.means(record));
        found.sort_by(|one, other| query.compare(one, other));
        found.truncate(query.limit.unwrap_or(usize::MAX));
        let shown = |record: &&Map<String, Value>| {
            let id = record["Id"].as_str().unwrap_or_default();
            let url = format!("/services/data/v{version}/sobjects/{}/{id}", query.object.name);
            let mut shown = Map::new();
            shown.insert("attributes".to_owned(), json!({"type": query.object.name, "url": url}));
            for field in &query.fields {
                shown.insert(field.clone(), record.get(field).cloned().unwrap_or_default());
            }
            Value::Object(shown)
        };
        let all: Vec<Value> = found.iter().map(shown).collect();
        kept.count += 1;
        let locator = format!("01g{:012}AAA", kept.count);
        let page = self.batch(head);
        if all.len() > page {
            kept.pages.insert(locator.clone(), all.clone());
        }
        Ok(told(&all, version, &locator, 0, page))
    }

    /// A page that waits: `01g…-2000`.
    fn more(&self, version: &str, locator: &str, page: usize) -> Result<Value, Refused> {
        let (name, from) = locator.rsplit_once('-').ok_or_else(Refused::locator)?;
        let from: usize = from.parse().map_err(|_| Refused::locator())?;
        let kept = self.kept();
        let all = kept.pages.get(name).filter(|all| from < all.len()).ok_or_else(Refused::locator)?;
        Ok(told(all, version, name, from, page))
    }
}

/// A page as it is told.
fn told(all: &[Value], version: &str, locator: &str, from: usize, page: usize) -> Value {
    let to = from.saturating_add(page).min(all.len());
    let mut told = json!({"totalSize": all.len(), "done": to == all.len(), "records": all[from..to]});
    if to < all.len() {
        told["nextRecordsUrl"] = format!("/services/data/v{version}/query/{locator}-{to}").into();
    }
    told
}

fn answer(value: &Value) -> Response {
    ([("content-type", "application/json;charset=UTF-8")], value.to_string()).into_response()
}

async fn respond(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let faults = head.extensions.get::<Scripted>().cloned().unwrap_or_default();
    let answered = match to_bytes(body, usize::MAX).await {
        Ok(body) => desk.route(&head, &body, &faults.0),
        Err(_) => Err(Refused::malformed("The request broke off")),
    };
    let mut response = answered.unwrap_or_else(|refused| refused.response());
    crate::server::set_date(&mut response, desk.now());
    response
}
