//! The public API of Gong, version 2, from its public reference: calls, transcripts, users, OAuth, and the webhooks of its rules.
//!
//! It has the calls of a team ([`synth::team`]), of which one finishes each so often by the simulator's clock; before that the API does not know
//! it. What it tells of them has the oddities of the real thing: ids of twenty digits, times in several notations, calls that were planned for
//! another time than they took place at, parties that never spoke, speakers without a party, fields that no reference names.
//! [`Settings::trouble`] has a share of the requests fail; in scripts it also knows `duplicate-page` and `unknown-field`.

mod calls;
mod content;
mod crm;
mod delivery;
mod errors;
mod limits;
mod oauth;
mod page;
mod people;
mod request;

pub use crate::ring::{Ring, Rung};
pub use crate::signing::{Delivery, Forgery, How, KeyPair, Signing};

use crate::ring::{self, Bell as _, Board};
use crate::server::Scripted;
use crate::world::{self, Course, World};
use crate::{Asked, Fault, Faults, Plan, Server, Time, Trouble};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use errors::Refused;
use kernel::Clock;
use limits::Limits;
use oauth::OAuth;
use page::{Turn, canonical};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use synth::SynthCall;
use url::form_urlencoded::parse;

/// The access key and its secret that are taken unless the settings name others.
pub const ACCESS_KEY: (&str, &str) = ("SIMULATEDACCESSKEY", "simulated-access-key-secret");

/// The OAuth client and its secret, unless the settings name others.
pub const CLIENT: (&str, &str) = ("simulated-client", "simulated-client-secret");

/// The path of the API of the one customer, which tokens come with; the API answers there and without it.
const CUSTOMER: &str = "/customer/us-55616";

/// The scope without which an access token gives no addresses of recordings.
const MEDIA_SCOPE: &str = "api:calls:read:media-url";

/// How the service behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; 0 is a free port.
    pub port: u16,
    /// The time of day that it goes by, and at its speed.
    pub time: Time,
    /// Everything is drawn from this.
    pub seed: u64,
    /// How many calls finish from `begin` on.
    pub calls: u32,
    /// The first of these finishes `every` after this.
    pub begin: DateTime<Utc>,
    /// How long after the one before a call finishes.
    pub every: Duration,
    /// How many calls have finished before `begin`.
    pub backlog: u32,
    /// Over how many days before `begin` they are spread.
    pub days: u32,
    /// How much later than planned a call begins at most: one conference in twelve is later than ten minutes.
    pub latest: Duration,
    /// How long after a call its transcript is there.
    pub transcript_after: Duration,
    /// The access key that it takes.
    pub access_key: String,
    /// The secret of the access key.
    pub secret: String,
    /// The OAuth client that it knows.
    pub client_id: String,
    /// The secret of the client.
    pub client_secret: String,
    /// How long an access token lives, by the simulator's clock.
    pub token_lifetime: Duration,
    /// Items of a page.
    pub page: usize,
    /// Requests that may be made in a second of real time; infinity is no limit.
    pub per_second: f64,
    /// Requests that may be made in a day of the simulator.
    pub per_day: u64,
    /// The share of requests to the API that fail: refused by 429 or 500, never answered to the end, or reset.
    pub trouble: f64,
    /// Who is told of calls.
    pub webhook: Option<Ring>,
}

impl Settings {
    /// As by default, with this beginning, from which its time goes on.
    pub fn from(begin: DateTime<Utc>) -> Self {
        let time = Time::by(Clock::system());
        time.set(begin);
        Self {
            port: 0,
            time,
            seed: 1,
            calls: 1_000,
            begin,
            every: Duration::from_mins(10),
            backlog: 0,
            days: 30,
            latest: Duration::from_hours(2),
            transcript_after: Duration::ZERO,
            access_key: ACCESS_KEY.0.to_owned(),
            secret: ACCESS_KEY.1.to_owned(),
            client_id: CLIENT.0.to_owned(),
            client_secret: CLIENT.1.to_owned(),
            token_lifetime: Duration::from_hours(24),
            page: 100,
            per_second: 3.0,
            per_day: 10_000,
            trouble: 0.0,
            webhook: None,
        }
    }

    fn course(&self) -> Course {
        let Self { seed, calls, begin, every, backlog, days, latest, .. } = *self;
        Course { seed, calls, begin, every, backlog, days, latest }
    }
}

impl Default for Settings {
    /// It is 8 o'clock (UTC) on Monday, 2 November 2026, and a call finishes every ten minutes.
    fn default() -> Self {
        Self::from(DateTime::from_timestamp_nanos(1_793_606_400_000_000_000))
    }
}

/// A running service.
#[derive(Debug)]
pub struct Gong {
    server: Server,
    desk: Arc<Desk>,
}

impl Gong {
    /// Starts as by default.
    pub fn start() -> Self {
        Self::with(Settings::default())
    }

    /// Starts with these settings.
    pub fn with(settings: Settings) -> Self {
        let plan = Plan {
            port: settings.port,
            time: settings.time.clone(),
            refusing: Arc::new(|refuse| Refused::scripted(refuse).response("scripted")),
        };
        let desk = Arc::new(Desk::new(settings));
        let server = Server::open(Router::new().fallback(respond).with_state(desk.clone()), plan);
        // Nobody else sets it, and nobody knows the address before.
        let _ = desk.url.set(server.url());
        let faults =
            vec![Fault::status_with(429, &[("retry-after", "1")]), Fault::status(500), Fault::Stall(0), Fault::Reset];
        let (seed, share) = (desk.settings.seed, desk.settings.trouble);
        server.faults().by_chance(Some(Trouble { seed, share, within: "/v2/", faults }));
        // From here on, however late the runtime comes to it.
        let next = desk.world.finished(desk.now());
        server.spawn(ring::attend(desk.clone(), next));
        Self { server, desk }
    }

    /// Its base URL, without `/v2`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The base URL that tokens come with, without `/v2`.
    pub fn customer_url(&self) -> String {
        format!("{}{CUSTOMER}", self.url())
    }

    /// The script of its faults.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// The most requests that it answered at a time.
    pub fn most_at_once(&self) -> usize {
        self.server.most_at_once()
    }

    /// Its time of day.
    pub fn time(&self) -> &Time {
        self.server.time()
    }

    /// The ids of the calls that have finished by its clock, in that order.
    pub fn finished(&self) -> Vec<String> {
        (0..self.desk.world.finished(self.desk.now())).map(|number| self.desk.world.id(number)).collect()
    }

    /// The id of a call, counted from 0 with the backlog first, whether it has finished or not.
    pub fn id(&self, number: u32) -> Option<String> {
        (number < self.desk.world.total()).then(|| self.desk.world.id(number))
    }

    /// The call of this id and what is true of it, whether it has finished or not. It is made anew each time.
    pub fn truth(&self, id: &str) -> Option<SynthCall> {
        self.desk.world.number(id).map(|number| self.desk.world.call(number))
    }

    /// What the service answers who asks for tokens, with these scopes, without a browser.
    pub fn grant(&self, scope: &str) -> Value {
        self.desk.oauth.grant(&self.desk, scope)
    }

    /// From now on this is told of calls as they finish.
    pub fn set_ring(&self, ring: Option<Ring>) {
        self.desk.board.set_ring(ring);
    }

    /// Fires the webhook for a call, counted from 0, with all that the ring does. Nothing happens where there is no ring or no such call.
    pub fn ring(&self, number: u32) {
        if let Some(ring) = self.desk.board.ring().filter(|_| number < self.desk.world.total()) {
            self.server.spawn(ring::fire(self.desk.clone(), ring, number));
        }
    }

    /// A delivery for a call, counted from 0, to be sent by whoever asks for it; `None` where there is no ring or no such call.
    pub fn delivery(&self, number: u32, how: How) -> Option<Delivery> {
        let ring = self.desk.board.ring().filter(|_| number < self.desk.world.total())?;
        Some(self.desk.delivery(&ring, number, how))
    }

    /// The deliveries that were sent so far, in the order of their answers.
    pub fn rung(&self) -> Vec<Rung> {
        self.desk.board.rung()
    }

    /// The public key of its rule as Gong's pages show it: SPKI in DER, bare base64. That of [`KeyPair::default`] where the ring signs otherwise.
    pub fn public_key(&self) -> String {
        match self.desk.board.ring().map(|ring| ring.signing) {
            Some(Signing::Jwt { key, .. }) => key.public,
            _ => KeyPair::default().public,
        }
    }
}

/// What requests share.
#[derive(Debug)]
struct Desk {
    world: World,
    limits: Limits,
    oauth: OAuth,
    url: OnceLock<String>,
    serial: AtomicU64,
    board: Board,
    settings: Settings,
}

/// Who asks.
#[derive(Debug)]
enum Who {
    /// Whoever has the access key.
    Key,
    /// Whoever has a token with these scopes.
    Token(String),
}

impl Who {
    fn may_see_media(&self) -> bool {
        match self {
            Self::Key => true,
            Self::Token(scope) => scope.split_whitespace().any(|scope| scope == MEDIA_SCOPE),
        }
    }
}

/// A request as it is answered.
struct Asking<'a> {
    who: Who,
    /// Its path, without the customer's.
    path: &'a str,
    headers: &'a HeaderMap,
    /// Its query.
    query: Vec<(String, String)>,
    /// Its body, where it is a POST to the API.
    body: Value,
    faults: &'a [Fault],
}

impl Asking<'_> {
    /// A parameter of the query.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// User and password of the header `Authorization`, if it is of the kind Basic.
    fn basic(&self) -> Option<(String, String)> {
        let (kind, code) = self.headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
        let plain = String::from_utf8(BASE64_STANDARD.decode(code.trim()).ok()?).ok()?;
        let (user, password) = plain.split_once(':').filter(|_| kind.eq_ignore_ascii_case("basic"))?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// Which page is asked for. The cursor of a GET is in the query; that of a POST in the body, and one in its query is overlooked, as is all
    /// of that query.
    fn turn(&self, desk: &Desk) -> Result<Turn, Refused> {
        let Some(fields) = self.body.as_object() else {
            let mut others: Vec<_> = self.query.iter().filter(|(name, _)| name != "cursor").collect();
            others.sort();
            return Turn::of(desk, &format!("{} {others:?}", self.path), self.parameter("cursor"), self.faults);
        };
        let mut others = fields.clone();
        let cursor = others.remove("cursor").filter(|cursor| !cursor.is_null());
        let cursor = match &cursor {
            Some(cursor) => Some(cursor.as_str().ok_or_else(|| Refused::malformed("cursor: not a string"))?),
            None => None,
        };
        Turn::of(desk, &format!("{} {}", self.path, canonical(&others.into())), cursor, self.faults)
    }
}

impl Desk {
    fn new(settings: Settings) -> Self {
        let url = OnceLock::new();
        if settings.port != 0 {
            // On a port that is known somebody may ask at once.
            let _ = url.set(format!("http://127.0.0.1:{}", settings.port));
        }
        Self {
            world: World::new(settings.course()),
            limits: Limits::new(&settings),
            oauth: OAuth::default(),
            url,
            serial: AtomicU64::default(),
            board: Board::new(settings.webhook.clone()),
            settings,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.settings.time.now()
    }

    fn url(&self) -> &str {
        self.url.get().map_or("", String::as_str)
    }

    /// Who asks, if they may.
    fn admit(&self, asking: &Asking<'_>) -> Result<Who, Refused> {
        if let Some(pair) = asking.basic() {
            let known = pair == (self.settings.access_key.clone(), self.settings.secret.clone());
            return if known { Ok(Who::Key) } else { Err(Refused::denied("Access key or secret is wrong")) };
        }
        let header = asking.headers.get("authorization").and_then(|value| value.to_str().ok());
        let (kind, token) = header
            .and_then(|header| header.split_once(' '))
            .ok_or_else(|| Refused::denied("Authorization header is missing"))?;
        let scope = self.oauth.scope(self, token.trim()).filter(|_| kind.eq_ignore_ascii_case("bearer"));
        scope.map(Who::Token).ok_or_else(|| Refused::denied("Access token is wrong or has expired"))
    }

    fn route(&self, head: &Parts, body: &Bytes, faults: &[Fault]) -> Result<Response, Refused> {
        let path = head.uri.path();
        let path = path.strip_prefix(CUSTOMER).unwrap_or(path);
        let query = parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let mut asking = Asking { who: Who::Key, path, headers: &head.headers, query, body: Value::Null, faults };
        match (&head.method, path) {
            (&Method::GET, "/oauth2/authorize") => return self.oauth.authorize(self, &asking),
            (&Method::POST, "/oauth2/generate-customer-token") => {
                return self.oauth.token(self, &asking, body).map(|tokens| answer(&tokens));
            }
            (&Method::GET, path) if path.starts_with("/media/") => {
                let bytes = calls::media(self, path.trim_start_matches("/media/"), &asking)?;
                return Ok(([("content-type", "application/octet-stream")], bytes).into_response());
            }
            _ => {}
        }
        asking.who = self.admit(&asking)?;
        self.limits.take(&self.settings.time)?;
        if head.method == Method::POST {
            asking.body = serde_json::from_slice(body)
                .ok()
                .filter(Value::is_object)
                .ok_or_else(|| Refused::malformed("The body is not a JSON object"))?;
        }
        self.api(&head.method, &asking).map(|mut told| {
            told["requestId"] = self.request_id().into();
            if faults.contains(&Fault::UnknownField) {
                told["notInTheReference"] = json!([1, {"x": null}]);
            }
            answer(&told)
        })
    }

    fn api(&self, method: &Method, asking: &Asking<'_>) -> Result<Value, Refused> {
        match (method, asking.path) {
            (&Method::GET, "/v2/calls") => calls::list(self, asking),
            (&Method::POST, "/v2/calls/extensive") => calls::extensive(self, asking),
            (&Method::POST, "/v2/calls/transcript") => calls::transcript(self, asking),
            (&Method::GET, "/v2/users") => self.users(asking, &(0..world::users().len()).collect::<Vec<_>>()),
            (&Method::POST, "/v2/users/extensive") => self.users(asking, &people::matching(self, &asking.body)?),
            (&Method::GET, "/v2/workspaces") => Ok(json!({"workspaces": [
                {"id": self.world.workspace_id(), "name": "Sales", "description": "All calls"},
            ]})),
            (_, "/v2/calls/extensive" | "/v2/calls/transcript" | "/v2/users/extensive") => {
                Err(Refused::new(405, "Method not allowed"))
            }
            (&Method::GET, path) => match (path.strip_prefix("/v2/calls/"), path.strip_prefix("/v2/users/")) {
                (Some(id), _) => calls::get(self, id, asking),
                (_, Some(id)) => self.user(id),
                _ => Err(Refused::not_found("Path")),
            },
            (_, "/v2/calls" | "/v2/users" | "/v2/workspaces") => Err(Refused::new(405, "Method not allowed")),
            _ => Err(Refused::not_found("Path")),
        }
    }

    fn users(&self, asking: &Asking<'_>, all: &[usize]) -> Result<Value, Refused> {
        let (page, records) = asking.turn(self)?.cut(self, all);
        let users: Vec<Value> = page.iter().filter_map(|user| people::user(self, *user)).collect();
        Ok(json!({"records": records, "users": users}))
    }

    fn user(&self, id: &str) -> Result<Value, Refused> {
        let user = (0..world::users().len()).find(|user| self.world.user_id(*user) == id);
        let user = user.and_then(|user| people::user(self, user)).ok_or_else(|| Refused::not_found("User"))?;
        Ok(json!({"user": user}))
    }

    /// The id of a request: fixed width, never the same.
    fn request_id(&self) -> String {
        let serial = self.serial.fetch_add(1, Ordering::SeqCst);
        page::hex(&self.signed(&format!("request {serial}"))[..10])
    }
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
    answered.unwrap_or_else(|refused| refused.response(&desk.request_id()))
}
