//! Judged calls with figures that are known, for the stories of figures, insights and moments.

use crate::rollups;
use chrono::NaiveDate;
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::{Actor, Clock, Role, new_id};
use rubric::FlagKind;
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Two teams, North (Dana, Sam, the manager Nora) and South (Milo, the manager Sue); a coach, assigned to Dana; an admin.
pub(crate) struct People {
    pub(crate) north: Uuid,
    pub(crate) south: Uuid,
    pub(crate) dana: Actor,
    pub(crate) sam: Actor,
    pub(crate) milo: Actor,
    pub(crate) nora: Actor,
    pub(crate) sue: Actor,
    pub(crate) coach: Actor,
    pub(crate) admin: Actor,
}

pub(crate) async fn people(db: &TestDb) -> People {
    let clock = Clock::fixed("2026-09-16T12:00:00Z".parse().unwrap());
    let mut tx = db.begin().await.unwrap();
    let mut actor = async |name: &str, role: Role| {
        let id = accounts::rep(&mut tx, &clock, name, None).await.unwrap();
        let sql = "UPDATE users SET role = $1 WHERE id = $2";
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(role.as_str()).bind(id).execute(conn).await.unwrap().rows_affected());
        Actor { id, role, session: Uuid::nil() }
    };
    let dana = actor("Dana", Role::Rep).await;
    let sam = actor("Sam", Role::Rep).await;
    let milo = actor("Milo", Role::Rep).await;
    let nora = actor("Nora", Role::Manager).await;
    let sue = actor("Sue", Role::Manager).await;
    let coach = actor("Cleo", Role::Coach).await;
    let admin = actor("Ada", Role::Admin).await;
    let north = accounts::team(&mut tx, &clock, "North").await.unwrap();
    let south = accounts::team(&mut tx, &clock, "South").await.unwrap();
    for (team, member) in [(north, &dana), (north, &sam), (north, &nora), (south, &milo), (south, &sue)] {
        accounts::add_member(&mut tx, &clock, team, member.id).await.unwrap();
    }
    accounts::assign(&mut tx, &clock, coach.id, dana.id).await.unwrap();
    tx.commit().await.unwrap();
    People { north, south, dana, sam, milo, nora, sue, coach, admin }
}

/// A judged call that is to be.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) overall: Option<f64>,
    pub(crate) talk_ratio: Option<f64>,
    pub(crate) customer: Option<f64>,
    /// Id, score and weight, each with its checks: id, verdict, and the segment with offset and length of the words.
    pub(crate) dimensions: Vec<(&'static str, Option<f64>, f64, Vec<Check>)>,
    pub(crate) flags: Vec<(FlagKind, i64)>,
}

pub(crate) type Check = (&'static str, &'static str, Option<(i64, usize, usize)>);

/// What is said in each of them: segment 1 is the customer's, segment 2 the rep's.
pub(crate) const SAID: [&str; 2] = ["We pay 400 € a day.", "That is fine. It is guaranteed!"];

fn evidence(segment: i64, offset: usize, length: usize) -> Value {
    // The quote in it is never shown: it is cut anew.
    json!({ "segment_id": segment, "start_ms": 1, "speaker": "Nobody", "quote": "INVENTED", "offset": offset, "length": length })
}

impl Given {
    pub(crate) fn scored(overall: f64) -> Self {
        Self { overall: Some(overall), ..Self::default() }
    }

    /// Keeps it as the rep's call of that day.
    pub(crate) async fn keep(self, db: &TestDb, rep: &Actor, on: &str) -> Uuid {
        let (id, session) = (new_id(), new_id());
        let at = day(on).and_hms_opt(10, 0, 0).unwrap().and_utc();
        let mut tx = db.begin().await.unwrap();
        let sql = "INSERT INTO calls (id, source, source_hash, file_name, format, rep_id, started_at, imported_at, week, day, \
             separate_channels, status, warnings, redactions, original_key, original_bytes, session_id, overall_score) \
             VALUES ($1, 'file', $2, $3, 'text', $4, $5, $5, $6, $7, FALSE, 'analysed', $8, $8, 'none', 1, $9, $10)";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(id)
            .bind(id.to_string())
            .bind(format!("{on}.txt"))
            .bind(rep.id)
            .bind(at)
            .bind(calls::when::week(at, chrono_tz::Tz::UTC))
            .bind(on)
            .bind(Json(json!({})))
            .bind(session)
            .bind(self.overall)
            .execute(conn)
            .await
            .unwrap()
            .rows_affected());
        for (position, name) in ["Ravi", "Rep"].into_iter().enumerate() {
            let sql = "INSERT INTO participants (call_id, position, name) VALUES ($1, $2, $3)";
            on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).bind(position as i32).bind(name).execute(conn).await.unwrap().rows_affected());
        }
        for (index, text) in SAID.into_iter().enumerate() {
            let sql = "INSERT INTO segments (call_id, id, speaker, start_ms, text, estimated) VALUES ($1, $2, $3, $4, $5, FALSE)";
            on_tx!(&mut tx, conn => sqlx::query(sql)
                .bind(id)
                .bind(index as i32 + 1)
                .bind(index as i32)
                .bind(index as i64 * 1000)
                .bind(text)
                .execute(conn)
                .await
                .unwrap()
                .rows_affected());
        }
        let metrics =
            json!({ "talk_ratio": self.talk_ratio, "sentiment": { "internal": null, "external": self.customer } });
        let sql = "INSERT INTO metrics (call_id, metrics, trackers, computed_at) VALUES ($1, $2, $3, $4)";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(id)
            .bind(Json(metrics))
            .bind(Json(json!([])))
            .bind(at)
            .execute(conn)
            .await
            .unwrap()
            .rows_affected());
        let flags: Vec<Value> = self
            .flags
            .iter()
            .map(|(kind, segment)| json!({ "kind": kind, "reason": "so it is", "evidence": [evidence(*segment, 14, 17)] }))
            .collect();
        let sql = "INSERT INTO coaching_sessions (id, call_id, rubric_id, rubric_version, analyst, input_hash, overall_score, summary, \
             key_themes, flags, started_at, finished_at) VALUES ($1, $2, 'default', 1, 'offline', '', $3, '', $4, $5, $6, $6)";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(session)
            .bind(id)
            .bind(self.overall)
            .bind(Json(json!([])))
            .bind(Json(flags))
            .bind(at)
            .execute(conn)
            .await
            .unwrap()
            .rows_affected());
        for (position, (dimension, score, weight, checks)) in self.dimensions.into_iter().enumerate() {
            let checks: Vec<Value> = checks
                .into_iter()
                .map(|(id, verdict, words)| {
                    let evidence: Vec<Value> = words.map(|(at, from, length)| evidence(at, from, length)).into_iter().collect();
                    json!({ "id": id, "name": format!("Name of {id}"), "kind": "presence", "weight": 1.0, "verdict": verdict,
                        "reason": format!("{id} is {verdict}"), "advice": "do it", "evidence": evidence })
                })
                .collect();
            let sql = "INSERT INTO analyses (id, session_id, call_id, position, dimension, title, weight, score, checks, rubric_id, \
                 rubric_version, analyst, input_hash, started_at, finished_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'default', 1, 'offline', '', $10, $10)";
            on_tx!(&mut tx, conn => sqlx::query(sql)
                .bind(new_id())
                .bind(session)
                .bind(id)
                .bind(position as i32)
                .bind(dimension)
                .bind(dimension.to_uppercase())
                .bind(weight)
                .bind(score)
                .bind(Json(checks))
                .bind(at)
                .execute(conn)
                .await
                .unwrap()
                .rows_affected());
        }
        rollups::put_in(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

/// A call of nobody's that has come so far.
pub(crate) async fn waiting(db: &TestDb, rep: Option<&Actor>, on: &str, status: calls::Status) {
    let id = Given::default()
        .keep(db, rep.unwrap_or(&Actor { id: some_user(db).await, role: Role::Rep, session: Uuid::nil() }), on)
        .await;
    let mut tx = db.begin().await.unwrap();
    rollups::take_out(&mut tx, id).await.unwrap();
    let sql = "UPDATE calls SET status = $1, session_id = NULL, rep_id = $2 WHERE id = $3";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(status.as_str())
        .bind(rep.map(|rep| rep.id))
        .bind(id)
        .execute(conn)
        .await
        .unwrap()
        .rows_affected());
    tx.commit().await.unwrap();
}

async fn some_user(db: &TestDb) -> Uuid {
    on_db!(&**db, pool => sqlx::query_scalar("SELECT id FROM users LIMIT 1").fetch_one(pool).await.unwrap())
}
