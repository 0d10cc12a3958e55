//! Who may what: every operation of the description, asked by every role and by the same roles of another team. An operation without a rule fails.

use super::description::operations;
use super::world::{PEOPLE, World};
use db::on_db;
use db::testing::TestDb;
use deals::{Deals, FileKind, Review, What};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Who may do it.
pub enum Rule {
    /// Whoever comes along.
    Open,
    /// Everybody who is logged in; what they get is theirs.
    Everybody,
    /// Those, whatever team they are of; others get 403.
    Roles(&'static [&'static str]),
    /// Those who see the thing, which is the rep's of team North; to others it is not there.
    Seen(&'static [&'static str]),
}
use Rule::{Everybody, Open, Roles, Seen};

const ADMIN: &[&str] = &["admin"];
/// Those who see the rep and what is theirs.
const AROUND: &[&str] = &["admin", "manager", "coach", "rep"];
/// Those who write trackers, of whatever team.
const WRITERS: &[&str] = &["admin", "manager", "foreign_manager"];
/// Those who bring calls, of whatever team.
const UPLOADERS: &[&str] = &["admin", "manager", "rep", "mate", "foreign_manager", "foreign_rep"];
/// Those who belong to team North.
const NORTH: &[&str] = &["admin", "manager", "rep", "mate"];
/// Those who say what the rep's call is about.
const TELLERS: &[&str] = &["admin", "manager", "rep"];

/// A document of the knowledge base.
pub const SHEET: &str = "# Dockline Receive\n\n## Pricing\n\nA dock door costs 49 euros a month, billed yearly.\n\n\
    ### Discounts\n\nTen doors or more: 10 percent.\n";

/// The one table of rules: operation, who may, and what to send.
pub fn rules() -> Vec<(&'static str, Rule, Value)> {
    let none = || Value::Null;
    vec![
        ("GET /api/v1/installation", Open, none()),
        ("POST /api/v1/auth/register", Open, none()),
        ("POST /api/v1/auth/login", Open, none()),
        ("POST /api/v1/auth/token", Open, none()),
        ("POST /api/v1/auth/refresh", Open, none()),
        ("POST /api/v1/auth/logout", Everybody, none()),
        ("GET /api/v1/auth/me", Everybody, none()),
        ("POST /api/v1/auth/change-password", Everybody, json!({ "old_password": "x", "new_password": "y" })),
        ("GET /api/v1/auth/sessions", Everybody, none()),
        // Nobody's login but their own.
        ("DELETE /api/v1/auth/sessions/{id}", Seen(&["rep"]), none()),
        ("GET /api/v1/users", Everybody, none()),
        (
            "POST /api/v1/users",
            Roles(ADMIN),
            json!({ "name": "New", "email": "new@dockline.example", "role": "rep", "password": "plover marble evening 9" }),
        ),
        ("GET /api/v1/users/{id}", Seen(AROUND), none()),
        ("PATCH /api/v1/users/{id}", Roles(ADMIN), json!({ "email": "other@dockline.example" })),
        ("DELETE /api/v1/users/{id}", Roles(ADMIN), none()),
        ("POST /api/v1/invitations", Roles(ADMIN), json!({ "email": "new@dockline.example", "role": "rep" })),
        ("GET /api/v1/invitations", Roles(ADMIN), none()),
        ("DELETE /api/v1/invitations/{id}", Roles(ADMIN), none()),
        ("GET /api/v1/audit", Roles(ADMIN), none()),
        ("GET /api/v1/settings", Everybody, none()),
        ("PATCH /api/v1/settings", Roles(ADMIN), json!({ "organisation": "Dockline" })),
        ("GET /api/v1/samples", Roles(ADMIN), none()),
        ("POST /api/v1/samples", Roles(ADMIN), none()),
        ("DELETE /api/v1/samples", Roles(ADMIN), none()),
        ("GET /api/v1/teams", Everybody, none()),
        ("POST /api/v1/teams", Roles(ADMIN), json!({ "name": "East" })),
        ("GET /api/v1/teams/{id}", Seen(NORTH), none()),
        ("PATCH /api/v1/teams/{id}", Roles(ADMIN), json!({ "name": "East" })),
        ("DELETE /api/v1/teams/{id}", Roles(ADMIN), none()),
        ("GET /api/v1/teams/{id}/members", Seen(NORTH), none()),
        ("PUT /api/v1/teams/{id}/members/{user_id}", Roles(ADMIN), none()),
        ("DELETE /api/v1/teams/{id}/members/{user_id}", Roles(ADMIN), none()),
        ("GET /api/v1/coach-assignments", Everybody, none()),
        ("PUT /api/v1/coach-assignments/{coach_id}/{rep_id}", Roles(ADMIN), none()),
        ("DELETE /api/v1/coach-assignments/{coach_id}/{rep_id}", Roles(ADMIN), none()),
        ("GET /api/v1/jobs", Roles(ADMIN), none()),
        ("GET /api/v1/jobs/{id}", Seen(AROUND), none()),
        ("POST /api/v1/jobs/{id}/retry", Roles(ADMIN), none()),
        ("POST /api/v1/jobs/{id}/cancel", Roles(ADMIN), none()),
        ("GET /api/v1/events", Everybody, none()),
        ("GET /api/v1/calls", Everybody, none()),
        ("POST /api/v1/calls", Roles(UPLOADERS), json!("$example")),
        ("GET /api/v1/calls/{id}", Seen(AROUND), none()),
        ("GET /api/v1/calls/{id}/neighbours", Seen(AROUND), none()),
        ("GET /api/v1/calls/{id}/report", Seen(AROUND), none()),
        ("GET /api/v1/calls/{id}/transcript", Seen(AROUND), none()),
        ("GET /api/v1/calls/{id}/original", Seen(AROUND), none()),
        ("PATCH /api/v1/calls/{id}", Seen(TELLERS), json!({ "title": "Another" })),
        ("DELETE /api/v1/calls/{id}", Seen(&["admin", "manager"]), none()),
        ("GET /api/v1/calls/{id}/metrics", Seen(AROUND), none()),
        ("GET /api/v1/calls/{id}/analyses", Seen(AROUND), none()),
        ("GET /api/v1/calls/{id}/sessions", Seen(AROUND), none()),
        ("POST /api/v1/calls/{id}/sessions/{session_id}/confirm", Seen(&["admin", "manager", "coach"]), none()),
        ("GET /api/v1/model", Everybody, none()),
        ("POST /api/v1/model/test", Roles(ADMIN), none()),
        ("GET /api/v1/opportunities", Everybody, none()),
        ("GET /api/v1/opportunities/facets", Everybody, none()),
        (
            "POST /api/v1/opportunities/import",
            Roles(ADMIN),
            json!([{ "id": "D-2", "name": "Acme: yard", "stage": "Demo", "amount": "12500.00", "currency": "USD" }]),
        ),
        ("GET /api/v1/opportunities/{id}", Seen(AROUND), none()),
        ("GET /api/v1/opportunities/{id}/timeline", Seen(AROUND), none()),
        ("GET /api/v1/opportunities/{id}/coaching", Seen(AROUND), none()),
        // No model judges here: whoever sees the deal is told so.
        ("POST /api/v1/opportunities/{id}/coaching/write", Seen(AROUND), none()),
        ("PUT /api/v1/opportunities/{id}/calls/{call_id}", Seen(AROUND), none()),
        ("DELETE /api/v1/opportunities/{id}/calls/{call_id}", Seen(AROUND), none()),
        ("GET /api/v1/calls/{id}/opportunities", Seen(AROUND), none()),
        (
            "POST /api/v1/coaching/learning-insights",
            Seen(AROUND),
            json!({ "rep_id": "$rep", "focus_area": "discovery" }),
        ),
        ("POST /api/v1/coaching/search", Everybody, json!({ "query": "euros", "facets": true, "explain": true })),
        ("POST /api/v1/search/query", Everybody, json!({ "question": "Where do customers mention euros?" })),
        ("GET /api/v1/search/suggest", Everybody, none()),
        ("POST /api/v1/search/similar", Seen(AROUND), json!({ "call_id": "$call" })),
        ("POST /api/v1/search/ask", Everybody, json!({ "question": "What is said of euros?" })),
        ("GET /api/v1/search/index", Roles(ADMIN), none()),
        ("POST /api/v1/search/index", Roles(ADMIN), json!({ "words": true })),
        ("GET /api/v1/calls/{id}/recommendations", Seen(AROUND), none()),
        ("GET /api/v1/saved-searches", Everybody, none()),
        ("POST /api/v1/saved-searches", Everybody, json!("$example")),
        // Nobody's but their own.
        ("PATCH /api/v1/saved-searches/{id}", Seen(&["rep"]), json!({ "alert": true })),
        ("GET /api/v1/saved-searches/{id}/hits", Seen(&["rep"]), none()),
        ("POST /api/v1/saved-searches/{id}/seen", Seen(&["rep"]), none()),
        ("DELETE /api/v1/saved-searches/{id}", Seen(&["rep"]), none()),
        ("GET /api/v1/deal-warnings", Everybody, none()),
        ("PUT /api/v1/deal-warnings", Roles(WRITERS), json!("$example")),
        ("GET /api/v1/weekly-reviews", Roles(WRITERS), none()),
        // A manager has to name a team, and is told so.
        ("POST /api/v1/weekly-reviews", Roles(WRITERS), json!({ "replace": true })),
        ("GET /api/v1/weekly-reviews/{id}", Seen(&["admin", "manager"]), none()),
        ("GET /api/v1/retention", Roles(ADMIN), none()),
        ("POST /api/v1/retention", Roles(ADMIN), none()),
        ("GET /api/v1/storage", Roles(ADMIN), none()),
        ("GET /api/v1/connections", Roles(ADMIN), none()),
        ("POST /api/v1/connections", Roles(ADMIN), json!("$example")),
        ("GET /api/v1/connections/{id}", Roles(ADMIN), none()),
        ("PATCH /api/v1/connections/{id}", Roles(ADMIN), json!("$example")),
        ("DELETE /api/v1/connections/{id}", Roles(ADMIN), none()),
        ("POST /api/v1/connections/{id}/test", Roles(ADMIN), none()),
        ("POST /api/v1/connections/{id}/sync", Roles(ADMIN), json!({})),
        ("GET /api/v1/connections/{id}/runs", Roles(ADMIN), none()),
        ("GET /api/v1/connections/{id}/calls", Roles(ADMIN), none()),
        ("POST /api/v1/connections/{id}/calls/{source_call}/retry", Roles(ADMIN), none()),
        ("POST /api/v1/connections/{id}/authorize", Roles(ADMIN), json!("$example")),
        ("GET /api/v1/webhook-events", Roles(ADMIN), none()),
        ("GET /api/v1/webhook-events/{id}", Roles(ADMIN), none()),
        ("POST /api/v1/webhook-events/{id}/replay", Roles(ADMIN), none()),
        // A scheduler's own secret, which no account's token is.
        ("POST /api/v1/cron/daily-sync", Roles(&[]), none()),
        ("GET /api/v1/calls/{id}/source", Seen(AROUND), none()),
        ("POST /api/v1/calls/{id}/recording", Seen(AROUND), none()),
        ("GET /api/v1/model/costs", Roles(&["admin", "manager", "foreign_manager"]), none()),
        ("GET /api/v1/model/backfills", Roles(&["admin", "manager", "foreign_manager"]), none()),
        ("POST /api/v1/model/backfills", Roles(ADMIN), json!({})),
        ("GET /api/v1/model/backfills/{id}", Roles(&["admin", "manager", "foreign_manager"]), none()),
        ("POST /api/v1/model/backfills/{id}/cancel", Roles(ADMIN), none()),
        ("POST /api/v1/coaching/analyze-call", Seen(AROUND), json!({ "call_id": "$call", "force": true })),
        ("POST /api/v1/transcripts/upload", Roles(UPLOADERS), none()),
        ("POST /api/v1/transcripts/process", Seen(AROUND), json!({ "transcript_ids": ["$call"], "force": true })),
        ("GET /api/v1/transcripts/{id}/status", Seen(AROUND), none()),
        ("POST /api/v1/coaching/rep-insights", Seen(AROUND), json!({ "rep_id": "$rep", "period": "last_30_days" })),
        // No model judges here: whoever sees the rep is told so.
        ("POST /api/v1/coaching/rep-insights/write", Seen(AROUND), json!({ "rep_id": "$rep" })),
        ("GET /api/v1/coaching/learning-points", Everybody, none()),
        ("POST /api/v1/coaching/learning-points/write", Everybody, none()),
        ("GET /api/v1/coaching/moments", Everybody, none()),
        ("GET /api/v1/analytics/agents", Everybody, none()),
        ("GET /api/v1/analytics/team", Everybody, none()),
        ("GET /api/v1/analytics/trends", Everybody, none()),
        ("GET /api/v1/rubrics", Everybody, none()),
        ("POST /api/v1/rubrics", Roles(ADMIN), json!("$example")),
        ("GET /api/v1/rubrics/{id}", Everybody, none()),
        ("PUT /api/v1/rubrics/{id}", Roles(ADMIN), json!("$example")),
        ("DELETE /api/v1/rubrics/{id}", Roles(ADMIN), none()),
        ("GET /api/v1/rubrics/{id}/versions", Everybody, none()),
        ("POST /api/v1/rubrics/{id}/restore", Roles(ADMIN), none()),
        ("GET /api/v1/trackers", Everybody, none()),
        (
            "POST /api/v1/trackers",
            Roles(WRITERS),
            json!({ "id": "other", "name": "Other", "phrases": ["another word"] }),
        ),
        ("GET /api/v1/trackers/{id}", Everybody, none()),
        ("PUT /api/v1/trackers/{id}", Roles(WRITERS), json!({ "name": "Other", "phrases": ["another word"] })),
        ("DELETE /api/v1/trackers/{id}", Roles(WRITERS), none()),
        ("GET /api/v1/knowledge", Everybody, none()),
        // Files: whoever may is told that there is none.
        ("POST /api/v1/knowledge", Roles(WRITERS), none()),
        ("GET /api/v1/knowledge/sections", Everybody, none()),
        ("GET /api/v1/knowledge/{id}", Everybody, none()),
        ("POST /api/v1/knowledge/{id}/versions", Roles(WRITERS), none()),
        ("DELETE /api/v1/knowledge/{id}", Roles(WRITERS), none()),
        ("POST /api/v1/knowledge/{id}/restore", Roles(WRITERS), none()),
    ]
}

fn those(rule: &Rule) -> &'static [&'static str] {
    match rule {
        Open | Everybody => &[],
        Roles(those) | Seen(those) => those,
    }
}

/// Who has the same role and sees the thing.
fn like(who: &str) -> &str {
    if who == "mate" { "rep" } else { who.trim_start_matches("foreign_") }
}

/// Who sees nothing of the rep's: those of another team, and another rep of the same.
fn is_outside(who: &str) -> bool {
    who == "mate" || who.starts_with("foreign")
}

/// An installation with everything that paths can name, all of it the rep's or team North's.
pub struct Scene {
    pub world: World,
    call: Uuid,
    job: Uuid,
    session: Uuid,
    invitation: String,
    /// A document of the knowledge base, and one of its sections.
    document: String,
    section: String,
    /// A backfill that is open, as there would be one where a model judges.
    backfill: Uuid,
    /// A connection, a call of its ledger, and an event of that.
    connected: [Uuid; 3],
    /// A deal of the rep, to which the call belongs.
    deal: Uuid,
    /// The review of a week of team North.
    review: Uuid,
    /// A search of the rep's, in which the call is new.
    saved: Uuid,
}

/// What there would be where the rep had kept a search before the call came in.
async fn saved(world: &World, call: Uuid) -> Uuid {
    let (id, now) = (kernel::new_id(), world.clock.now());
    let mut tx = world.db.begin().await.unwrap();
    let sql = "INSERT INTO saved_searches (id, user_id, name, query, mode, alert, created_at) VALUES ($1, $2, 'Prices', 'euros', 'hybrid', TRUE, $3)";
    db::on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(id).bind(world.ids["rep"]).bind(now).execute(conn).await.unwrap().rows_affected());
    let sql = "INSERT INTO saved_search_hits (search_id, call_id, segment_id, found_at) SELECT $1, call_id, first_segment, $3 FROM passages WHERE call_id = $2 LIMIT 1";
    let rows = db::on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(id).bind(call).bind(now).execute(conn).await.unwrap().rows_affected());
    assert_eq!(rows, 1);
    tx.commit().await.unwrap();
    id
}

/// What there would be after a Monday, and after a night.
async fn reviewed(world: &World, call: Uuid) -> Uuid {
    let deals = Deals {
        db: (*world.db).clone(),
        // The week of the call is over then.
        clock: kernel::Clock::fixed(world.clock.now() + chrono::TimeDelta::days(7)),
        redact: transcript::redact::RedactKinds::default(),
        zone: chrono_tz::Tz::UTC,
        rubric: "default".to_owned(),
        analyst: coaching::Analyst::default(),
    };
    let week: String = on_db!(&*world.db, pool => sqlx::query_scalar("SELECT week FROM calls WHERE id = $1")
        .bind(call).fetch_one(pool).await.unwrap());
    let wanted = Review { team: Some(world.ids["North"]), week: week.parse().unwrap(), replace: false };
    let admin = kernel::Actor { id: world.ids["admin"], role: kernel::Role::Admin, session: Uuid::nil() };
    let review = deals::write_review(&deals, &admin, "test", wanted).await.unwrap();
    let mut tx = world.db.begin().await.unwrap();
    for (kind, bytes) in [("originals", 812_000_000_i64), ("transcripts", 640_000_000), ("emails", 31_000_000)] {
        let sql = "INSERT INTO storage_sizes (kind, bytes, exact, measured_at) VALUES ($1, $2, TRUE, $3)";
        let now = world.clock.now();
        db::on_tx!(&mut tx, conn => sqlx::query(sql).bind(kind).bind(bytes).bind(now).execute(conn).await.unwrap().rows_affected());
    }
    tx.commit().await.unwrap();
    review
}

/// What there would be where a CRM told of the rep's deal.
pub async fn dealt(world: &World, call: Uuid) -> Uuid {
    let deals = Deals {
        db: (*world.db).clone(),
        clock: world.clock.clone(),
        redact: transcript::redact::RedactKinds::default(),
        zone: chrono_tz::Tz::UTC,
        rubric: "default".to_owned(),
        analyst: coaching::Analyst::default(),
    };
    let now = world.clock.now();
    let day = |days: i64| (now + chrono::TimeDelta::days(days)).to_rfc3339();
    let owner: String = on_db!(&*world.db, pool => sqlx::query_scalar("SELECT email FROM users WHERE id = $1")
        .bind(world.ids["rep"]).fetch_one(pool).await.unwrap());
    let deal = json!([{ "id": "D-1", "name": "Acme: dock doors", "account": "Acme", "account_domain": "acme.example", "owner": owner,
        "stage": "Negotiation", "opened_at": day(-60), "stage_since": day(-40), "amount": 12500, "currency": "USD",
        "close_date": day(20)[..10], "product": "Receive", "segment": "enterprise", "health": 62 }]);
    let mail = json!([{ "id": "M-1", "opportunity_id": "D-1", "subject": "The plan", "sender": owner, "recipients": ["ravi@acme.example"],
        "sent_at": day(-2), "body": "Hello Ravi, here is the plan as agreed." }]);
    let link = json!([{ "call_id": call, "opportunity_id": "D-1" }]);
    for (what, file) in [(What::Opportunities, deal), (What::Emails, mail), (What::Links, link)] {
        deals::bring(&deals, "test", what, FileKind::Json, file.to_string().as_bytes()).await.unwrap();
    }
    deals::catch_up(&deals).await.unwrap();
    on_db!(&*world.db, pool => sqlx::query_scalar("SELECT id FROM opportunities").fetch_one(pool).await.unwrap())
}

/// What there would be where a call came in from Gong.
async fn connected(world: &World, call: Uuid) -> [Uuid; 3] {
    let new = json!({ "kind": "gong", "name": "north", "settings": { "access_key": "KEY", "base_url": "http://127.0.0.1:9" },
        "secrets": { "secret": "sesame" } });
    let made = world.ask("admin", "POST", "/api/v1/connections", Some(new)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let connection: Uuid = made.json()["id"].as_str().unwrap().parse().unwrap();
    let (known, event, now) = (kernel::new_id(), kernel::new_id(), world.clock.now());
    let mut tx = world.db.begin().await.unwrap();
    let sql = "INSERT INTO source_calls (id, connection_id, external_id, state, known_by, known_at, waits_from, next_try_at, call_id) \
         VALUES ($1, $2, '77', 'kept', 'webhook', $3, $3, $3, $4)";
    db::on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(known).bind(connection).bind(now).bind(call).execute(conn).await.unwrap().rows_affected());
    let sql = "INSERT INTO source_steps (source_call_id, step, state, attempts, started_at, finished_at, took_ms) \
         VALUES ($1, 'fetch_transcript', 'done', 2, $2, $2, 412)";
    db::on_tx!(&mut tx, conn => sqlx::query(sql).bind(known).bind(now).execute(conn).await.unwrap().rows_affected());
    let sql = "INSERT INTO webhook_events (id, connection_id, delivery_key, external_id, payload, signature_valid, status, bytes, received_at) \
         VALUES ($1, $2, 'k', '77', $3, TRUE, 'processed', 60, $4)";
    let payload = sqlx::types::Json(json!({ "callData": { "metaData": { "id": "77" } }, "isTest": false }));
    db::on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(event).bind(connection).bind(payload).bind(now).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    [connection, known, event]
}

impl Scene {
    pub async fn new(db: TestDb) -> Self {
        let world = World::new(db).await;
        let (call, job) = world.call().await;
        let tracker = json!({ "id": "own", "name": "Own", "phrases": ["some word"] });
        let made = world.ask("admin", "POST", "/api/v1/trackers", Some(tracker)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let made = world.bring("admin", "/api/v1/knowledge", SHEET).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let [document, section] =
            [&made.json()["id"], &made.json()["parts"][0]["id"]].map(|id| id.as_str().unwrap().to_owned());
        let invite = json!({ "email": "new.one@dockline.example", "role": "rep" });
        assert_eq!(world.ask("admin", "POST", "/api/v1/invitations", Some(invite)).await.status, 201);
        let open = world.get("admin", "/api/v1/invitations").await.json();
        let invitation = open[0]["id"].as_str().unwrap().to_owned();
        let session = coaching::session(&world.db, call, None).await.unwrap().unwrap().head.id;
        let backfill = kernel::new_id();
        let mut tx = world.db.begin().await.unwrap();
        let sql = "INSERT INTO backfills (id, created_at, created_by, model, state, calls) VALUES ($1, $2, 'test', 'm', 'open', 1)";
        let now = world.clock.now();
        db::on_tx!(&mut tx, conn => sqlx::query(sql).bind(backfill).bind(now).execute(conn).await.unwrap().rows_affected());
        tx.commit().await.unwrap();
        let connected = connected(&world, call).await;
        let deal = dealt(&world, call).await;
        let review = reviewed(&world, call).await;
        let saved = saved(&world, call).await;
        Self { world, call, job, session, invitation, document, section, backfill, connected, deal, review, saved }
    }

    /// A body with ids in the places of `$rep` and `$call`; `$example` is the one that the description of the operation shows.
    pub fn body(&self, name: &str, body: &Value) -> Option<Value> {
        if body.is_null() {
            return None;
        }
        if body == "$example" {
            let (method, path) = name.split_once(' ').unwrap();
            let described = &self.world.description;
            let operation = &described["paths"][path][method.to_lowercase()];
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let schema = schema.as_str().unwrap().rsplit('/').next().unwrap();
            return Some(described["components"]["schemas"][schema]["example"].clone());
        }
        let text = body.to_string();
        let text = text.replace("$rep", &self.world.ids["rep"].to_string()).replace("$call", &self.call.to_string());
        Some(serde_json::from_str(&text).unwrap())
    }

    /// What somebody may not come to know: nobody of another team ids and names of what is North's, and another rep of North what is the rep's.
    /// Who is in a team, all of the team see.
    fn hidden(&self, who: &str, path: &str) -> Vec<String> {
        let ids = &self.world.ids;
        if !is_outside(who) {
            return Vec::new();
        }
        if who == "mate" {
            let mut hidden = vec![self.call.to_string(), self.job.to_string(), "four hundred euros".to_owned()];
            hidden.extend((!path.contains("/teams")).then(|| ids["rep"].to_string()));
            return hidden;
        }
        let mut hidden =
            vec![self.call.to_string(), self.job.to_string(), "North".to_owned(), "four hundred euros".to_owned()];
        hidden.extend(["North", "rep", "manager"].map(|name| ids[name].to_string()));
        hidden
    }

    /// The path with ids in the places of its names.
    pub async fn path(&self, path: &str) -> String {
        let ids = &self.world.ids;
        let id = match path.split('/').nth(3).unwrap() {
            "users" => ids["rep"].to_string(),
            "teams" => ids["North"].to_string(),
            "jobs" => self.job.to_string(),
            "rubrics" => "default".to_owned(),
            "trackers" => "own".to_owned(),
            "knowledge" => self.document.clone(),
            "model" => self.backfill.to_string(),
            "invitations" => self.invitation.clone(),
            "connections" => self.connected[0].to_string(),
            "opportunities" => self.deal.to_string(),
            "weekly-reviews" => self.review.to_string(),
            "saved-searches" => self.saved.to_string(),
            "webhook-events" => self.connected[2].to_string(),
            "auth" => {
                let me = self.world.get("rep", "/api/v1/auth/me").await.json();
                me["session_id"].as_str().unwrap_or_default().to_owned()
            }
            _ => self.call.to_string(),
        };
        let path = path.replace("/opportunities/import", "/opportunities/import?what=opportunities");
        let path = path.replace("/search/suggest", "/search/suggest?q=eu");
        let path = path.replace("/sections", &format!("/sections?ids={}", self.section));
        path.replace("{id}", &id)
            .replace("{user_id}", &ids["rep"].to_string())
            .replace("{coach_id}", &ids["coach"].to_string())
            .replace("{rep_id}", &ids["rep"].to_string())
            .replace("{session_id}", &self.session.to_string())
            .replace("{call_id}", &self.call.to_string())
            .replace("{source_call}", &self.connected[1].to_string())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_for_whom_its_rule_names_and_for_nobody_else() {
    check(TestDb::sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_for_whom_its_rule_names_and_for_nobody_else_on_postgres() {
    check(TestDb::postgres).await;
}

async fn check(empty: impl AsyncFn() -> TestDb) {
    let rules = rules();
    let mut reading = Scene::new(empty().await).await;
    let operations = operations(&reading.world.description);
    let names: BTreeSet<String> = operations.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let ruled: BTreeSet<String> = rules.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let missing: Vec<_> = names.difference(&ruled).collect();
    assert!(missing.is_empty(), "operations without a rule of who may do them: {missing:#?}");
    let unknown: Vec<_> = ruled.difference(&names).collect();
    assert!(unknown.is_empty(), "rules without an operation: {unknown:#?}");

    let (mut wrong, mut changed) = (Vec::new(), false);
    for (name, rule, body) in &rules {
        let (method, path) = name.split_once(' ').unwrap();
        let nobody = {
            if changed {
                reading = Scene::new(empty().await).await;
                changed = false;
            }
            let (path, body) = (reading.path(path).await, reading.body(name, body));
            reading.world.send(reading.world.request(None, method, &path, body.as_ref())).await.status.as_u16()
        };
        if (nobody == 401) == matches!(rule, Open) {
            wrong.push(format!("{name}: nobody gets {nobody}"));
        }
        if matches!(rule, Open) {
            continue;
        }
        for (who, ..) in PEOPLE {
            let (may, hidden) = match rule {
                Open | Everybody => (true, false),
                Roles(those) => (those.contains(&who), false),
                Seen(those) => (those.contains(&who), is_outside(who)),
            };
            // Whoever may changes something, so that they need an installation of their own, and so does the next one.
            let changes = may && method != "GET";
            if changes || changed {
                reading = Scene::new(empty().await).await;
            }
            changed = changes;
            let path = reading.path(path).await;
            let answer = reading.world.ask(who, method, &path, reading.body(name, body)).await;
            let status = answer.status.as_u16();
            let right = match (may, hidden) {
                (true, _) => ![401, 403, 404, 405, 500].contains(&status),
                // By the role alone it may be told that it is not theirs: that says nothing of what is there.
                (false, true) => status == 404 || (status == 403 && !those(rule).contains(&like(who))),
                (false, false) => status == 403 || status == 404,
            };
            let hidden = reading.hidden(who, name);
            if let Some(leaked) = hidden.into_iter().find(|hidden| answer.text().contains(hidden.as_str())) {
                wrong.push(format!("{name}: {who} comes to know {leaked}"));
            }
            if !right {
                wrong.push(format!("{name}: {who} gets {status} {}", answer.text()));
            }
        }
    }
    // What stands behind the question mark opens no other way.
    for path in [
        "/api/v1/users?team_id=$North",
        "/api/v1/calls?agent=$rep&total=true",
        "/api/v1/analytics/agents?team_id=$North",
        "/api/v1/analytics/team?team_id=$North",
        "/api/v1/analytics/trends?rep_id=$rep&measure=calls",
        "/api/v1/analytics/trends?team_id=$North&measure=calls",
        "/api/v1/coaching/moments?team_id=$North",
    ] {
        let ids = &reading.world.ids;
        let path = path.replace("$North", &ids["North"].to_string()).replace("$rep", &ids["rep"].to_string());
        let mine = reading.world.get("manager", &path).await;
        if mine.status != 200 {
            wrong.push(format!("{path}: manager gets {}", mine.text()));
        }
        let answer = reading.world.get("mate", &path).await;
        let points = answer.json()["points"].as_array().cloned().unwrap_or_default();
        let hidden = reading.hidden("mate", &path);
        if hidden.iter().any(|hidden| answer.text().contains(hidden)) || points.iter().any(|point| point["n"] != 0) {
            wrong.push(format!("{path}: mate gets {}", answer.text()));
        }
        for who in ["foreign_manager", "foreign_coach", "foreign_rep"] {
            let answer = reading.world.get(who, &path).await;
            let empty = answer.status == 200 && (answer.json()["items"] == json!([]));
            if answer.status != 404 && !empty {
                wrong.push(format!("{path}: {who} gets {} {}", answer.status, answer.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
