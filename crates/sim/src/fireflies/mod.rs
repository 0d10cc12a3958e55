//! The GraphQL API of Fireflies, from its public reference: `transcripts`, `transcript`, `user`, and the webhooks of version 2.
//!
//! It has the calls of a team, as [`crate::Gong`] has: one finishes each so often by the simulator's clock, and is listed from then on; its
//! sentences are null for some time. It answers what was selected and nothing else; what its schema does not know is refused. What it tells has
//! the oddities of the real thing: dates as milliseconds or text, seconds as numbers or text, calls without an organizer or a calendar, several
//! participants in one text. Errors have the status of HTTP that they name, or 200 ([`Settings::in_ok`]). [`Settings::trouble`] has a share of the
//! requests fail; in scripts it also knows `refuse-in-ok` and `unknown-field`.

mod delivery;
mod errors;
mod graphql;
mod limits;
mod schema;
mod transcripts;

pub use crate::ring::{Ring, Rung};
pub use crate::signing::{Delivery, Forgery, How, Signing};

use crate::ring::{self, Bell as _, Board};
use crate::server::Scripted;
use crate::world::{Course, For, World};
use crate::{Asked, Fault, Faults, Plan, Server, Time, Trouble};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use errors::Refused;
use kernel::Clock;
use limits::Limits;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use synth::SynthCall;

/// The key that is taken unless the settings name another.
pub const KEY: &str = "simulated-fireflies-key";

/// The signs of ids, but for their last six.
const SIGNS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

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
    /// How long after a call its sentences are there.
    pub transcript_after: Duration,
    /// The key that it takes.
    pub key: String,
    /// Requests that may be made in a minute of real time: 60 with the plans Business and Enterprise.
    pub per_minute: u64,
    /// Requests that may be made in a day of the simulator: 50 with the plans Free and Pro.
    pub per_day: u64,
    /// Whether errors come with the status 200.
    pub in_ok: bool,
    /// The share of requests that fail: refused by 429 or 500, with an error in a 200, cut, never answered to the end, or reset.
    pub trouble: f64,
    /// Who is told of calls once their sentences are there. Of its signing only HMAC is known.
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
            transcript_after: Duration::ZERO,
            key: KEY.to_owned(),
            per_minute: 60,
            per_day: u64::MAX,
            in_ok: false,
            trouble: 0.0,
            webhook: None,
        }
    }

    fn course(&self) -> Course {
        let Self { seed, calls, begin, every, backlog, days, .. } = *self;
        Course { seed, calls, begin, every, backlog, days, latest: Duration::ZERO }
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
pub struct Fireflies {
    server: Server,
    desk: Arc<Desk>,
}

impl Fireflies {
    /// Starts as by default.
    pub fn start() -> Self {
        Self::with(Settings::default())
    }

    /// Starts with these settings.
    pub fn with(settings: Settings) -> Self {
        let (time, in_ok) = (settings.time.clone(), settings.in_ok);
        let plan = Plan {
            port: settings.port,
            time: settings.time.clone(),
            refusing: Arc::new(move |refuse| scripted(refuse.status, &time).response(in_ok)),
        };
        let desk = Arc::new(Desk {
            world: World::new(settings.course()),
            limits: Limits::new(&settings),
            served: Mutex::default(),
            board: Board::new(settings.webhook.clone()),
            settings,
        });
        let server = Server::open(Router::new().fallback(respond).with_state(desk.clone()), plan);
        let refusals = [Fault::status(429), Fault::status(500), Fault::RefuseInOk(500)];
        let faults = refusals.into_iter().chain([Fault::Cut, Fault::Stall(0), Fault::Reset]).collect();
        let (seed, share) = (desk.settings.seed, desk.settings.trouble);
        server.faults().by_chance(Some(Trouble { seed, share, within: "/graphql", faults }));
        // From here on, however late the runtime comes to it.
        server.spawn(ring::attend(desk.clone(), desk.due()));
        Self { server, desk }
    }

    /// Where it answers, with its path.
    pub fn url(&self) -> String {
        format!("{}/graphql", self.server.url())
    }

    /// The script of its faults.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// How many requests were answered so far that asked for this: `transcripts`, `transcript`, `user`.
    pub fn served(&self, operation: &str) -> usize {
        self.desk.served.lock().unwrap_or_else(PoisonError::into_inner).get(operation).copied().unwrap_or_default()
    }

    /// Its time of day.
    pub fn time(&self) -> &Time {
        self.server.time()
    }

    /// The ids of the calls that have finished by its clock, in that order.
    pub fn finished(&self) -> Vec<String> {
        (0..self.desk.world.finished(self.desk.now())).map(|number| self.desk.id(number)).collect()
    }

    /// The id of a call, counted from 0 with the backlog first, whether it has finished or not.
    pub fn id(&self, number: u32) -> Option<String> {
        (number < self.desk.world.total()).then(|| self.desk.id(number))
    }

    /// The call of this id and what is true of it, whether it has finished or not. It is made anew each time.
    pub fn truth(&self, id: &str) -> Option<SynthCall> {
        self.desk.number(id).map(|number| self.desk.world.call(number))
    }

    /// From now on this is told of calls once their sentences are there.
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
}

/// What requests share.
#[derive(Debug)]
struct Desk {
    world: World,
    limits: Limits,
    served: Mutex<BTreeMap<String, usize>>,
    board: Board,
    settings: Settings,
}

impl Desk {
    fn now(&self) -> DateTime<Utc> {
        self.settings.time.now()
    }

    /// How many calls have their sentences by now: those below this number.
    fn written(&self) -> u32 {
        let after = TimeDelta::from_std(self.settings.transcript_after).unwrap_or(TimeDelta::MAX);
        self.now().checked_sub_signed(after).map_or(0, |by| self.world.finished(by))
    }

    /// The id of a call, which ends in its number.
    fn id(&self, number: u32) -> String {
        let mut dice = self.world.dice(For::CallId, number.into());
        let signs: String = (0..8).map(|_| char::from(dice.pick(SIGNS))).collect();
        format!("{signs}{number:06}")
    }

    /// The call of this id, whether it has finished or not.
    fn number(&self, id: &str) -> Option<u32> {
        let number: u32 = id.get(id.len().checked_sub(6)?..)?.parse().ok()?;
        (number < self.world.total() && self.id(number) == id).then_some(number)
    }

    fn answer(&self, headers: &HeaderMap, body: &Bytes, faults: &[Fault]) -> Result<Value, Refused> {
        let header = headers.get("authorization").and_then(|value| value.to_str().ok());
        let key =
            header.and_then(|header| header.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
        if key.is_none_or(|(_, key)| key.trim() != self.settings.key) {
            return Err(Refused::by_status(401));
        }
        self.limits.take(&self.settings.time)?;
        let unreadable = || Refused::unparsed("POST body is no JSON object with a query");
        let body: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
        let query = graphql::parse(body["query"].as_str().ok_or_else(unreadable)?).map_err(Refused::unparsed)?;
        let none = Map::new();
        let variables = body["variables"].as_object().unwrap_or(&none);
        let mut data = Map::new();
        for (field, arguments) in schema::check(&query, variables)? {
            let found = match field.name.as_str() {
                "transcripts" => transcripts::list(self, &arguments, field),
                "transcript" => transcripts::get(self, &arguments, field),
                _ => transcripts::user(self, &arguments),
            };
            let mut found = schema::select(&found.map_err(|refused| refused.at(field.key()))?, &field.fields);
            if faults.contains(&Fault::UnknownField) {
                unheard(&mut found);
            }
            *self.served.lock().unwrap_or_else(PoisonError::into_inner).entry(field.name.clone()).or_default() += 1;
            data.insert(field.key().to_owned(), found);
        }
        Ok(json!({"data": data}))
    }
}

/// Adds fields that nobody has asked for, as something between here and the client may.
fn unheard(found: &mut Value) {
    match found {
        Value::Array(items) => items.iter_mut().for_each(unheard),
        Value::Object(fields) => {
            fields.insert("notInTheSchema".to_owned(), json!([1, {"x": null}]));
        }
        _ => {}
    }
}

/// As a test scripted it.
fn scripted(status: u16, time: &Time) -> Refused {
    if status == 429 {
        Refused::limited(time.clock().now() + TimeDelta::seconds(1))
    } else {
        Refused::by_status(status)
    }
}

fn answer(value: &Value) -> Response {
    ([("content-type", "application/json; charset=utf-8")], value.to_string()).into_response()
}

async fn respond(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if head.uri.path() != "/graphql" {
        return StatusCode::NOT_FOUND.into_response();
    }
    if head.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let faults = head.extensions.get::<Scripted>().cloned().unwrap_or_default();
    let in_ok =
        faults.0.iter().find_map(|fault| if let Fault::RefuseInOk(status) = fault { Some(*status) } else { None });
    if let Some(status) = in_ok {
        return scripted(status, &desk.settings.time).response(true);
    }
    let answered = match to_bytes(body, usize::MAX).await {
        Ok(body) => desk.answer(&head.headers, &body, &faults.0),
        Err(_) => Err(Refused::unparsed("The request broke off")),
    };
    answered.map_or_else(|refused| refused.response(desk.settings.in_ok), |told| answer(&told))
}
