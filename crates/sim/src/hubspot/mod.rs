//! The CRM API of HubSpot, from its public description: search, lists, batches, associations (v4), owners, pipelines, properties, tokens.
//!
//! It has the records that a test puts in ([`HubSpot::put`]) and tells every value as text. A search puts what is equal in another order each time,
//! ends at its ten thousandth result, and can lag behind ([`Settings::search_lag`]); archived records are told by lists alone. In scripts it also
//! knows `unknown-field`.

mod errors;
mod limits;
mod search;
mod store;

use crate::server::Scripted;
use crate::{Asked, Fault, Faults, Plan, Server, Time};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use errors::Refused;
use kernel::Clock;
use limits::Limits;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Object, Store, shown, told};
use url::form_urlencoded::parse;

/// Records of the largest page of a list, and of the largest batch.
const LARGEST: usize = 100;

/// Records that associations can be asked for at once.
const LARGEST_TIES: usize = 1_000;

/// How the service behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; 0 is a free port.
    pub port: u16,
    /// The time of day that it goes by.
    pub time: Time,
    /// The token of a private app, which never ends.
    pub token: String,
    /// The client id of a public app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Its refresh token.
    pub refresh_token: String,
    /// After how many requests an access token of the public app ends; never by default.
    pub token_requests: u64,
    /// How long an access token holds, by the simulator's clock; half an hour.
    pub token_life: Duration,
    /// Searches that may be made in a second of real time; 4.
    pub searches_per_second: f64,
    /// Requests that may be made in a second of real time; 10.
    pub per_second: f64,
    /// Requests that may be made in a day of the simulator.
    pub per_day: u64,
    /// How long a search does not know of a change, by the simulator's clock.
    pub search_lag: Duration,
    /// Associations of a record that are told at once; 500.
    pub ties: usize,
}

impl Default for Settings {
    /// It is 8 o'clock (UTC) on Monday, 2 November 2026.
    fn default() -> Self {
        let time = Time::by(Clock::system());
        time.set(DateTime::from_timestamp_nanos(1_793_606_400_000_000_000));
        Self {
            port: 0,
            time,
            token: "simulated-hubspot-token".to_owned(),
            client_id: "simulated-client-id".to_owned(),
            client_secret: "simulated-client-secret".to_owned(),
            refresh_token: "simulated-refresh-token".to_owned(),
            token_requests: u64::MAX,
            token_life: Duration::from_mins(30),
            searches_per_second: 4.0,
            per_second: 10.0,
            per_day: 250_000,
            search_lag: Duration::ZERO,
            ties: 500,
        }
    }
}

/// A running service.
#[derive(Debug)]
pub struct HubSpot {
    server: Server,
    desk: Arc<Desk>,
}

impl HubSpot {
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
        let desk = Arc::new(Desk { limits: Limits::new(&settings), settings, kept: Mutex::default() });
        let server = Server::open(Router::new().fallback(respond).with_state(desk.clone()), plan);
        Self { server, desk }
    }

    /// Where it answers.
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

    /// Puts a record of `deals`, `companies`, `contacts` or `emails` in, or changes the one whose `id` is among the properties; its id. A property
    /// that HubSpot has not by itself is one that the company added.
    ///
    /// # Errors
    /// What is wrong: an object or an id that cannot be.
    pub fn put(&self, object: &str, properties: Value) -> Result<String, String> {
        let object = Object::named(object).ok_or_else(|| format!("there is no {object}"))?;
        self.desk.kept().store.put(object, properties, self.time().now()).map(|id| id.to_string())
    }

    /// Puts in what a document has: for each object a list of records; `owners` and `pipelines` as they are told; `associations` as
    /// `[{"from": "deals", "id": "1", "to": "contacts", "to_id": "2", "type": 3, "label": null}]`.
    ///
    /// # Errors
    /// As [`Self::put`]; what came before it stays.
    pub fn load(&self, document: &Value) -> Result<usize, String> {
        let mut count = 0;
        for (object, records) in document.as_object().ok_or("expected an object with a list of records each")? {
            for record in records.as_array().ok_or_else(|| format!("{object}: expected a list"))? {
                let text = |name: &str| record[name].as_str().unwrap_or_default();
                match object.as_str() {
                    "owners" => self.put_owner(record.clone()),
                    "pipelines" => self.put_pipeline(record.clone()),
                    "associations" => {
                        let (from, to) = ((text("from"), text("id")), (text("to"), text("to_id")));
                        self.associate(from, to, record["type"].as_u64().unwrap_or(0), record["label"].as_str())?;
                    }
                    _ => drop(self.put(object, record.clone()).map_err(|wrong| format!("{object}: {wrong}"))?),
                }
                count += 1;
            }
        }
        Ok(count)
    }

    /// There is this custom property from now on, whether a record has it or not.
    pub fn add_property(&self, object: &str, property: &str) {
        if let Some(object) = Object::named(object) {
            self.desk.kept().store.declare(object, property);
        }
    }

    /// An owner, as it is told, in place of one of the same `id`; `archived` says that it is no longer active.
    pub fn put_owner(&self, owner: Value) {
        let mut kept = self.desk.kept();
        kept.owners.retain(|known| known["id"] != owner["id"]);
        kept.owners.push(owner);
    }

    /// A pipeline of deals with its stages, as it is told, in place of one of the same `id`.
    pub fn put_pipeline(&self, pipeline: Value) {
        let mut kept = self.desk.kept();
        kept.pipelines.retain(|known| known["id"] != pipeline["id"]);
        kept.pipelines.push(pipeline);
    }

    /// Archives a record; whether there was one.
    pub fn archive(&self, object: &str, id: &str) -> bool {
        let (object, id) = (Object::named(object), id.parse().ok());
        object.zip(id).is_some_and(|(object, id)| self.desk.kept().store.archive(object, id, self.time().now()))
    }

    /// Restores an archived record; whether there was one.
    pub fn restore(&self, object: &str, id: &str) -> bool {
        let (object, id) = (Object::named(object), id.parse().ok());
        object.zip(id).is_some_and(|(object, id)| self.desk.kept().store.restore(object, id, self.time().now()))
    }

    /// Ties two records, each by its object and id, in both directions. `kind` is the number of the association, as 3 from a deal to a contact.
    ///
    /// # Errors
    /// That one of them cannot be.
    pub fn associate(
        &self,
        from: (&str, &str),
        to: (&str, &str),
        kind: u64,
        label: Option<&str>,
    ) -> Result<(), String> {
        let read = |(object, id): (&str, &str)| Some((Object::named(object)?, id.parse().ok()?));
        let (from, to) = read(from).zip(read(to)).ok_or_else(|| format!("{from:?} and {to:?} cannot be tied"))?;
        self.desk.kept().store.tie(from, to, kind, label);
        Ok(())
    }

    /// The records of an object as they are now, without archived ones, each with all its properties, in the order of their ids.
    pub fn records(&self, object: &str) -> Vec<Value> {
        let kept = self.desk.kept();
        let Some(object) = Object::named(object) else { return Vec::new() };
        let all = kept.store.list(object, false, 0);
        all.map(|(id, record)| {
            let names: Vec<String> = record.now.properties.keys().cloned().collect();
            told(object, id, record, &record.now, &names)
        })
        .collect()
    }

    /// From now on no access token of the public app that was given out so far is taken.
    pub fn expire_tokens(&self) {
        for token in self.desk.kept().tokens.values_mut() {
            token.0 = u64::MAX;
        }
    }
}

#[derive(Debug, Default)]
struct Kept {
    store: Store,
    owners: Vec<Value>,
    pipelines: Vec<Value>,
    /// Access tokens of the public app: requests that they had, and until when they hold.
    tokens: HashMap<String, (u64, DateTime<Utc>)>,
    count: u64,
}

/// What requests share.
#[derive(Debug)]
struct Desk {
    settings: Settings,
    limits: Limits,
    kept: Mutex<Kept>,
}

/// Parameters of an address.
type Parameters = HashMap<String, String>;

impl Desk {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        self.settings.time.now()
    }

    fn route(&self, head: &Parts, body: &Bytes, faults: &[Fault]) -> Result<Response, Refused> {
        let path: Vec<&str> = head.uri.path().trim_start_matches('/').split('/').collect();
        if path == ["oauth", "v1", "token"] {
            return self.token(body).map(|told| answer(&told));
        }
        self.admit(head)?;
        let is_search = path.last() == Some(&"search");
        let headers = self.limits.take(is_search, &self.settings.time)?;
        let parameters: Parameters = parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let body = match head.method {
            Method::GET => Value::Null,
            Method::POST => serde_json::from_slice(body)
                .map_err(|_| Refused::invalid("Invalid input JSON: the request body is not valid"))?,
            _ => return Err(Refused::method()),
        };
        let (status, mut told) = self.api(&path, &parameters, &body)?;
        if faults.contains(&Fault::UnknownField) {
            told["notInTheReference"] = json!([1, {"x": null}]);
            for record in told["results"].as_array_mut().into_iter().flatten() {
                record["notInTheReference"] = json!([1, {"x": null}]);
            }
        }
        let mut response = answer(&told);
        *response.status_mut() = status;
        for (name, value) in headers {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
        Ok(response)
    }

    fn api(&self, path: &[&str], parameters: &Parameters, body: &Value) -> Result<(StatusCode, Value), Refused> {
        let object = |name: &str| {
            Object::named(name).ok_or_else(|| Refused::invalid(&format!("Unable to infer object type from: {name}")))
        };
        let posted = !body.is_null();
        let told = match (posted, path) {
            (true, ["crm", "v3", "objects", name, "search"]) => {
                let lag = TimeDelta::from_std(self.settings.search_lag).unwrap_or(TimeDelta::zero());
                let (by, mut kept) = (self.now() - lag, self.kept());
                kept.count += 1;
                search::search(&kept.store, object(name)?, body, by, kept.count)?
            }
            (false, ["crm", "v3", "objects", name]) => self.list(object(name)?, parameters)?,
            (true, ["crm", "v3", "objects", name, "batch", "read"]) => return self.batch(object(name)?, body),
            (true, ["crm", "v4", "associations", from, to, "batch", "read"]) => {
                return self.ties(object(from)?, object(to)?, body);
            }
            (false, ["crm", "v3", "owners"]) => self.owners(parameters)?,
            (false, ["crm", "v3", "pipelines", "deals"]) => json!({"results": self.kept().pipelines}),
            (false, ["crm", "v3", "properties", name, property]) => {
                let kept = self.kept();
                kept.store
                    .kind(object(name)?, property)
                    .ok_or_else(|| Refused::not_found(&format!("Property {property} does not exist on {name}")))?;
                json!({"name": property, "label": property, "type": "string"})
            }
            (false, ["account-info", "v3", "details"]) => json!({
                "portalId": 12_345_678, "accountType": "STANDARD", "timeZone": "Europe/London", "companyCurrency": "EUR",
                "uiDomain": "app.hubspot.com",
            }),
            _ => return Err(Refused::not_found("resource not found")),
        };
        Ok((StatusCode::OK, told))
    }

    fn admit(&self, head: &Parts) -> Result<(), Refused> {
        let header = head.headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).ok_or_else(Refused::unknown)?;
        if token == self.settings.token {
            return Ok(());
        }
        let (now, most) = (self.now(), self.settings.token_requests);
        let mut kept = self.kept();
        let (had, until) = kept.tokens.get_mut(token).ok_or_else(Refused::unknown)?;
        if *had >= most || now >= *until {
            return Err(Refused::expired());
        }
        *had += 1;
        Ok(())
    }

    fn token(&self, body: &Bytes) -> Result<Value, Refused> {
        let form: Parameters = parse(body).into_owned().collect();
        let is = |name: &str, wanted: &str| form.get(name).is_some_and(|given| given == wanted);
        if !is("grant_type", "refresh_token") {
            return Err(Refused::oauth("BAD_GRANT_TYPE", "unknown grant type"));
        }
        if !is("client_id", &self.settings.client_id) {
            return Err(Refused::oauth("BAD_CLIENT_ID", "missing or unknown client id"));
        }
        if !is("client_secret", &self.settings.client_secret) {
            return Err(Refused::oauth("BAD_CLIENT_SECRET", "missing or invalid client secret"));
        }
        if !is("refresh_token", &self.settings.refresh_token) {
            return Err(Refused::oauth("BAD_REFRESH_TOKEN", "missing or unknown refresh token"));
        }
        let (mut kept, life) = (self.kept(), self.settings.token_life);
        kept.count += 1;
        let token = format!("simulated-access-{:06}", kept.count);
        let until = self.now() + TimeDelta::from_std(life).unwrap_or(TimeDelta::days(1));
        kept.tokens.insert(token.clone(), (0, until));
        Ok(json!({
            "token_type": "bearer", "access_token": token, "refresh_token": self.settings.refresh_token, "expires_in": life.as_secs(),
        }))
    }

    fn list(&self, object: &'static Object, parameters: &Parameters) -> Result<Value, Refused> {
        let limit = whole(parameters, "limit", 10)?;
        if !(1..=LARGEST).contains(&limit) {
            return Err(Refused::invalid(&format!("limit {limit} is not between 1 and {LARGEST}")));
        }
        let archived = parameters.get("archived").is_some_and(|archived| archived == "true");
        let after = whole(parameters, "after", 0)? as u64;
        let wanted: Vec<String> =
            parameters.get("properties").map(|names| names.split(',').map(str::to_owned).collect()).unwrap_or_default();
        let kept = self.kept();
        let mut all = kept.store.list(object, archived, after);
        let page: Vec<_> = all.by_ref().take(limit).collect();
        let mut told = json!({
            "results": page.iter().map(|(id, record)| told(object, *id, record, &record.now, &wanted)).collect::<Vec<_>>(),
        });
        if let (Some((last, _)), true) = (page.last(), all.next().is_some()) {
            told["paging"] = json!({"next": {"after": last.to_string(), "link": "https://api.hubapi.com/"}});
        }
        Ok(told)
    }

    fn batch(&self, object: &'static Object, body: &Value) -> Result<(StatusCode, Value), Refused> {
        let ids = inputs(body, LARGEST)?;
        let wanted: Vec<String> =
            body["properties"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let kept = self.kept();
        let found = |(id, _): &(u64, usize)| {
            let record = kept.store.get(object, *id).filter(|record| record.archived.is_none())?;
            Some(told(object, *id, record, &record.now, &wanted))
        };
        let results: Vec<Value> = ids.iter().filter_map(found).collect();
        Ok(multi(&results, ids.len(), "OBJECT_NOT_FOUND", self.now()))
    }

    fn ties(&self, from: &'static Object, to: &'static Object, body: &Value) -> Result<(StatusCode, Value), Refused> {
        let ids = inputs(body, LARGEST_TIES)?;
        let kept = self.kept();
        let mut results = Vec::new();
        for (id, after) in &ids {
            let tied = kept.store.tied(from, *id, to);
            let page: Vec<Value> = tied
                .iter()
                .skip(*after)
                .take(self.settings.ties)
                .map(|(id, (kind, label))| {
                    let category = if label.is_some() { "USER_DEFINED" } else { "HUBSPOT_DEFINED" };
                    json!({"toObjectId": id, "associationTypes": [{"category": category, "typeId": kind, "label": label}]})
                })
                .collect();
            if page.is_empty() {
                continue;
            }
            let end = after + page.len();
            let mut result = json!({"from": {"id": id.to_string()}, "to": page});
            if end < tied.len() {
                result["paging"] = json!({"next": {"after": end.to_string()}});
            }
            results.push(result);
        }
        Ok(multi(&results, ids.len(), "NO_ASSOCIATIONS_FOUND", self.now()))
    }

    fn owners(&self, parameters: &Parameters) -> Result<Value, Refused> {
        let limit = whole(parameters, "limit", 100)?;
        if !(1..=500).contains(&limit) {
            return Err(Refused::invalid(&format!("limit {limit} is not between 1 and 500")));
        }
        let archived = parameters.get("archived").is_some_and(|archived| archived == "true");
        let after = whole(parameters, "after", 0)?;
        let kept = self.kept();
        let all: Vec<&Value> = kept.owners.iter().filter(|owner| (owner["archived"] == true) == archived).collect();
        let page: Vec<&&Value> = all.iter().skip(after).take(limit).collect();
        let mut told = json!({"results": page});
        if after + limit < all.len() {
            told["paging"] = json!({"next": {"after": (after + limit).to_string()}});
        }
        Ok(told)
    }
}

/// A parameter that is a whole number.
fn whole(parameters: &Parameters, name: &str, usual: usize) -> Result<usize, Refused> {
    let read = parameters.get(name).map(|text| text.parse());
    read.unwrap_or(Ok(usual)).map_err(|_| Refused::invalid(&format!("{name} is no whole number")))
}

/// The ids of a batch, each with the place to go on from.
fn inputs(body: &Value, most: usize) -> Result<Vec<(u64, usize)>, Refused> {
    let inputs = body["inputs"].as_array().filter(|inputs| !inputs.is_empty());
    let inputs = inputs.ok_or_else(|| Refused::invalid("inputs is required"))?;
    if inputs.len() > most {
        return Err(Refused::invalid(&format!("at most {most} inputs are allowed")));
    }
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<u64>().ok());
    let read = |input: &Value| {
        let id = number(&input["id"]).ok_or_else(|| Refused::invalid("id is required and must be a number"))?;
        Ok((id, number(&input["after"]).unwrap_or(0) as usize))
    };
    inputs.iter().map(read).collect()
}

/// The answer to a batch of which a part may have come to nothing.
fn multi(results: &[Value], asked: usize, category: &str, now: DateTime<Utc>) -> (StatusCode, Value) {
    let missing = asked - results.len();
    let mut told = json!({
        "status": "COMPLETE", "results": results, "startedAt": shown(now), "completedAt": shown(now),
    });
    if missing == 0 {
        return (StatusCode::OK, told);
    }
    told["numErrors"] = missing.into();
    told["errors"] = json!([{"status": "error", "category": category, "message": "Some were not found"}]);
    (StatusCode::MULTI_STATUS, told)
}

fn answer(value: &Value) -> Response {
    ([("content-type", "application/json;charset=utf-8")], value.to_string()).into_response()
}

async fn respond(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let faults = head.extensions.get::<Scripted>().cloned().unwrap_or_default();
    let answered = match to_bytes(body, usize::MAX).await {
        Ok(body) => desk.route(&head, &body, &faults.0),
        Err(_) => Err(Refused::invalid("The request broke off")),
    };
    let mut response = answered.unwrap_or_else(|refused| refused.response());
    crate::server::set_date(&mut response, desk.now());
    response
}
