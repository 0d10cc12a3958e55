//! An installation with people of two teams, and their ways of asking it.

use crate::api::{Api, Limits, Settings};
use accounts::{Account, Auth, Registration};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use calls::{Blobs, Imported, NewCall};
use coaching::Analyst;
use db::testing::TestDb;
use intake::{Intake, Sealer};
use kernel::{Clock, Role, Secret};
use queue::Worker;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;

/// What a scheduler shows.
pub const CRON: &str = "what only the scheduler knows";

pub const PASSWORD: &str = "seven-pallets-over-oslo";

/// A call of the rep `rep`, of team North.
pub const CALL: &str = "Rep: Good morning, I would like to hear how receiving works today, and at the end we decide whether a pilot makes sense.\n\
Ravi: Fine. We lose about six hours a week chasing pallets.\n\
Rep: What does a late order cost you?\n\
Ravi: About four hundred euros each time.\n\
Rep: I will send the plan on Thursday, and we meet again on Tuesday at ten. Agreed?\n\
Ravi: Agreed. Tuesday at ten works.\n";

/// Who asks in the tests: name, role, team.
pub const PEOPLE: [(&str, Role, Option<&str>); 8] = [
    ("admin", Role::Admin, None),
    ("manager", Role::Manager, Some("North")),
    ("coach", Role::Coach, None),
    ("rep", Role::Rep, Some("North")),
    ("mate", Role::Rep, Some("North")),
    ("foreign_manager", Role::Manager, Some("South")),
    ("foreign_coach", Role::Coach, None),
    ("foreign_rep", Role::Rep, Some("South")),
];

pub struct World {
    pub db: TestDb,
    pub blobs: Blobs,
    pub clock: Clock,
    pub router: Router,
    pub description: Value,
    pub ids: BTreeMap<String, Uuid>,
    analyst: Analyst,
    intake: Intake,
    auth: Auth,
    tokens: BTreeMap<String, String>,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub fn settings() -> Settings {
    Settings {
        limits: Limits { user: 0, address: 0, proxies: Vec::new() },
        cors_origins: vec!["https://crm.example".to_owned()],
        tls: false,
        zone: chrono_tz::Tz::UTC,
        redact: transcript::redact::RedactKinds::default(),
        rubric: "default".to_owned(),
        upload: 20_000_000,
        analyst: Analyst::default(),
        sealer: Sealer::new(&Sealer::new_key().unwrap()).unwrap(),
        patience: intake::Patience::default(),
        watch: None,
        cron_secret: Some(Secret::new(CRON)),
        search: None,
    }
}

impl World {
    /// With people and nothing else.
    pub async fn new(db: TestDb) -> Self {
        Self::with(db, &settings()).await
    }

    pub async fn with(db: TestDb, settings: &Settings) -> Self {
        let clock = Clock::fixed("2026-11-04T10:00:00Z".parse().unwrap());
        let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
        let auth = Auth::new((*db).clone(), clock.clone(), Registration::Closed).await.unwrap();
        let stop = CancellationToken::new();
        let api = Api::new(auth.clone(), blobs.clone(), settings, stop.clone());
        let description =
            serde_json::from_str(&api.areas(settings, api.connected(settings)).1.to_json().unwrap()).unwrap();
        let (router, intake) = (api.router(settings).unwrap(), api.connected(settings).intake);
        let (mut ids, mut tokens) = (BTreeMap::new(), BTreeMap::new());
        // One hash for all: hashing is slow on purpose.
        for (name, role, team) in PEOPLE {
            let mut tx = db.begin().await.unwrap();
            let mut teams = Vec::new();
            if let Some(team) = team {
                let id = accounts::team(&mut tx, &clock, team).await.unwrap();
                ids.insert(team.to_owned(), id);
                teams.push(id);
            }
            let account = Account {
                name: name.to_owned(),
                username: None,
                email: format!("{name}@dockline.example"),
                role,
                teams,
                password: None,
                person: None,
            };
            let id = accounts::add_user(&mut tx, &clock, account).await.unwrap();
            tx.commit().await.unwrap();
            ids.insert(name.to_owned(), id);
            tokens.insert(name.to_owned(), auth.grant(id).await.unwrap().access_token);
        }
        let mut tx = db.begin().await.unwrap();
        accounts::assign(&mut tx, &clock, ids["coach"], ids["rep"]).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            db,
            blobs,
            clock,
            router,
            description,
            ids,
            auth,
            tokens,
            stop,
            intake,
            analyst: settings.analyst.clone(),
        }
    }

    /// Takes in a call of `rep`, and has it judged. Returns call and job.
    pub async fn call(&self) -> (Uuid, Uuid) {
        self.call_of(CALL).await
    }

    /// The same with these words.
    pub async fn call_of(&self, said: &str) -> (Uuid, Uuid) {
        let new = NewCall { rep: Some("rep@dockline.example".to_owned()), ..NewCall::named("call.txt") };
        let names = ["Rep".to_owned()];
        let imported = calls::import(&self.db, &self.blobs, &self.clock, said.as_bytes().to_vec(), &names, &new).await;
        let Imported::New { id, .. } = imported.unwrap() else { panic!("it is new") };
        let job = queue::latest(&self.db, &calls::analysis_key(id)).await.unwrap().unwrap().id;
        self.work().await;
        (id, job)
    }

    pub async fn work(&self) {
        let mut handlers = coaching::handlers(&self.db, &self.blobs, &self.clock, "default", &self.analyst);
        handlers.extend(intake::handlers(&self.intake));
        Worker::new((*self.db).clone(), self.clock.clone(), "test", handlers).drain().await.unwrap();
    }

    /// Lets time pass, after which all are logged in still.
    pub async fn pass(&mut self, time: chrono::TimeDelta) {
        self.clock.advance(time);
        for (name, token) in &mut self.tokens {
            *token = self.auth.grant(self.ids[name]).await.unwrap().access_token;
        }
    }

    pub fn token(&self, who: &str) -> &str {
        &self.tokens[who]
    }

    /// A request of somebody, or of nobody.
    pub fn request(&self, who: Option<&str>, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(who) = who {
            request = request.header("authorization", format!("Bearer {}", self.token(who)));
        }
        match body {
            None => request.body(Body::empty()).unwrap(),
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
            }
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream has no end; what it is shows in its head.
        let stream = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if stream { Vec::new() } else { to_bytes(body, usize::MAX).await.unwrap().to_vec() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn ask(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(self.request(Some(who), method, path, body.as_ref())).await
    }

    /// Sends this text as a file `sheet.md`.
    pub async fn bring(&self, who: &str, path: &str, text: &str) -> Answer {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"sheet.md\"";
        let request =
            Request::builder().method("POST").uri(path).header("authorization", format!("Bearer {}", self.token(who)));
        let request = request.header("content-type", "multipart/form-data; boundary=border");
        self.send(request.body(Body::from(format!("--border\r\n{head}\r\n\r\n{text}\r\n--border--\r\n"))).unwrap())
            .await
    }

    pub async fn get(&self, who: &str, path: &str) -> Answer {
        self.ask(who, "GET", path, None).await
    }

    /// Sets a password for somebody and logs them in by it.
    pub async fn login(&self, who: &str) -> Value {
        let password = accounts::chosen("password", &Secret::new(PASSWORD), &[]).await.unwrap();
        let change = accounts::AccountChange { password: Some(password), ..Default::default() };
        let mut tx = self.db.begin().await.unwrap();
        accounts::change_user(&mut tx, &self.clock, self.ids[who], change).await.unwrap();
        tx.commit().await.unwrap();
        let body = json!({ "username": who, "password": PASSWORD });
        let answer = self.send(self.request(None, "POST", "/api/v1/auth/login", Some(&body))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}
