//! What services send by themselves: the table `webhook_events`.

use crate::entry::Entry;
use crate::hide::{Looked, hide, look};
use crate::intake::Taker;
use crate::verify::{Shown, Unproven};
use crate::{Intake, IntakeError, Kind, source};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_tx};
use gong::CallView;
use kernel::{Clock, hex, new_id};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use transcript::redact::{RedactKind, RedactKinds};
use uuid::Uuid;

/// For how long events are kept.
pub const KEPT: TimeDelta = TimeDelta::days(90);
/// Refused deliveries of a connection that are kept, the latest.
const REFUSED: i64 = 1_000;
/// Letters of an id; Gong's have 20.
const ID: usize = 200;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is written down, with the job that brings its call in.
    Recorded,
    /// It came before.
    Again,
    /// It was a test.
    Test,
}

/// What is read of a delivery.
struct Delivery {
    key: String,
    external_id: Option<String>,
    is_test: bool,
    /// With what is to be redacted replaced.
    payload: Box<RawValue>,
    /// Whether it tells who was in the call.
    names_people: bool,
    call: CallView,
}

/// Takes a delivery of Gong or Fireflies: whether it is genuine, and whether it came before; event and job are written in one transaction.
///
/// # Errors
/// [`IntakeError::Unknown`] without such a connection, [`IntakeError::Unproven`] where it is not genuine, [`IntakeError::Field`] where it is
/// not what the service sends.
pub async fn receive(
    intake: &Intake,
    (kind, name): (Kind, Option<&str>),
    shown: &Shown<'_>,
    body: &[u8],
) -> Result<Received, IntakeError> {
    let taker = intake.taker(kind, name).await?;
    prove(intake, &taker, shown, body).await?;
    let read = if kind == Kind::Fireflies { read_of_fireflies } else { read };
    let delivery = match read(taker.id, body, intake.redact) {
        Ok(delivery) => delivery,
        Err(why) => {
            refuse(intake, taker.id, true, &why, body.len()).await?;
            return Err(IntakeError::Field("body", why));
        }
    };
    let Delivery { key, external_id, is_test, payload, names_people, call } = delivery;
    let entry = Entry {
        id: new_id(),
        connection: taker.id,
        key,
        external_id,
        is_test,
        payload,
        names_people,
        bytes: body.len() as i64,
        at: intake.clock.now(),
        began_at: call.started,
        rep: source::rep(&call),
        skip: skip(&call, taker.include_private),
    };
    entry.keep(intake).await
}

/// Refuses a delivery that is not genuine, and writes that down.
pub(crate) async fn prove(intake: &Intake, taker: &Taker, shown: &Shown<'_>, body: &[u8]) -> Result<(), IntakeError> {
    let now = intake.clock.now();
    let proven = match &taker.verifier {
        _ if taker.paused => return Err(IntakeError::Conflict("this connection is paused".to_owned())),
        None => Err("this connection takes no deliveries: its proof is not set up".to_owned()),
        Some(verifier) => verifier.check(shown, body, now).map_err(|error: Unproven| error.to_string()),
    };
    if let Err(why) = proven {
        refuse(intake, taker.id, false, &why, body.len()).await?;
        return Err(IntakeError::Unproven(why));
    }
    Ok(())
}

fn read(connection: Uuid, body: &[u8], kinds: RedactKinds) -> Result<Delivery, String> {
    let no_json =
        |error: serde_json::Error| format!("it is not JSON (line {}, column {})", error.line(), error.column());
    let Looked { value: payload, stays } = look(body, kinds).map_err(no_json)?;
    let is_test = payload["isTest"].as_bool().unwrap_or_default();
    let call = CallView::of(&payload["callData"]);
    let external_id = call.id.clone();
    if external_id.is_none() && !is_test {
        return Err("it names no call: `callData.metaData.id` is missing".to_owned());
    }
    if external_id.as_ref().is_some_and(|id| id.len() > ID || id.contains('\0')) {
        return Err("the id of its call is no id".to_owned());
    }
    let given = payload["gong_webhook_id"].as_str().filter(|id| !id.is_empty() && id.len() <= ID && !id.contains('\0'));
    let key = if let Some(id) = given {
        // The button for testing may send the id of what comes in earnest.
        format!("{}:{id}", if is_test { "test" } else { "id" })
    } else {
        key_of(connection, external_id.as_deref().unwrap_or_default(), body)
    };
    let names_people = payload["callData"]["parties"].is_array();
    // The addresses of recordings are good for hours for whoever has them.
    let has_media = payload["callData"]["media"] != Value::Null;
    let payload = if stays && has_media {
        without_media(body)
    } else if stays {
        serde_json::from_slice(body)
    } else {
        let mut whole = serde_json::from_slice(body).map_err(no_json)?;
        hide_call(&mut whole, &call, kinds);
        serde_json::value::to_raw_value(&whole)
    };
    Ok(Delivery { key, external_id, is_test, payload: payload.map_err(no_json)?, names_people, call })
}

/// Drops what Gong wrote about a call, and people of it: prose names whom it likes, also those whom nobody knows to have been in the call.
fn forget_prose(call: &mut Value) {
    for (part, fields) in [
        ("content", &["brief", "outline", "highlights", "keyPoints", "pointsOfInterest"][..]),
        ("collaboration", &["publicComments"]),
    ] {
        if let Some(part) = call.get_mut(part).and_then(Value::as_object_mut) {
            part.retain(|name, _| !fields.contains(&name.as_str()));
        }
    }
}

/// What was sent without the addresses of the recording, and without taking the rest of it apart.
fn without_media(body: &[u8]) -> serde_json::Result<Box<RawValue>> {
    type Fields<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;
    let mut whole: Fields<'_> = serde_json::from_slice(body)?;
    if let Some(call) = whole.get("callData") {
        let mut call: Fields<'_> = serde_json::from_str(call.get())?;
        call.remove("media");
        let call = serde_json::value::to_raw_value(&call)?;
        whole.insert("callData".into(), Cow::Owned(call));
    }
    serde_json::value::to_raw_value(&whole)
}

/// What makes two deliveries the same one that have no id of their own.
fn key_of(connection: Uuid, external_id: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(connection.as_bytes());
    hash.update(external_id);
    hash.update(hex(&Sha256::digest(body)));
    hex(&hash.finalize())
}

/// Version 2 of Fireflies' webhooks names the call `meeting_id`, version 1 `meetingId` (docs.fireflies.ai/graphql-api/webhooks-v2); neither tells more of
/// it.
fn read_of_fireflies(connection: Uuid, body: &[u8], kinds: RedactKinds) -> Result<Delivery, String> {
    let no_json =
        |error: serde_json::Error| format!("it is not JSON (line {}, column {})", error.line(), error.column());
    let mut told: Value = serde_json::from_slice(body).map_err(no_json)?;
    let id = told["meeting_id"].as_str().or(told["meetingId"].as_str()).filter(|id| !id.is_empty());
    let id = id.ok_or("it names no call: `meeting_id` is missing")?.to_owned();
    if id.len() > ID || id.contains(char::is_control) {
        return Err("the id of its call is no id".to_owned());
    }
    hide(&mut told, &[], kinds);
    Ok(Delivery {
        key: key_of(connection, &id, body),
        external_id: Some(id),
        is_test: false,
        payload: serde_json::value::to_raw_value(&told).map_err(no_json)?,
        names_people: false,
        call: CallView::of(&Value::Null),
    })
}

/// Replaces what is to be redacted in what is told of a call.
pub(crate) fn hide_call(told: &mut Value, call: &CallView, kinds: RedactKinds) {
    let about = if told.get("callData").is_some() { &mut told["callData"] } else { &mut *told };
    if let Some(fields) = about.as_object_mut() {
        fields.remove("media");
    }
    if kinds.has(RedactKind::Name) {
        forget_prose(about);
    }
    let names: Vec<_> = call.parties.iter().map(|party| (party.name.as_deref(), party.email.as_deref())).collect();
    hide(told, &names, kinds);
}

/// Why a call is not to come in.
pub(crate) fn skip(call: &CallView, include_private: bool) -> Option<&'static str> {
    (call.is_private == Some(true) && !include_private)
        .then_some("it is private there; the connection may be set to take such calls")
}

/// Writes down a delivery that is refused, without its body.
pub(crate) async fn refuse(
    intake: &Intake,
    connection: Uuid,
    proven: bool,
    why: &str,
    bytes: usize,
) -> Result<(), DbError> {
    metrics::counter!("sideline_webhooks_refused_total").increment(1);
    if !intake.may_record_refusal(connection) {
        return Ok(());
    }
    let mut tx = intake.db.begin().await?;
    let sql = "INSERT INTO webhook_events (id, connection_id, signature_valid, status, reason, bytes, received_at) \
         VALUES ($1, $2, $3, 'refused', $4, $5, $6)";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(new_id())
        .bind(connection)
        .bind(proven)
        .bind(why)
        .bind(bytes as i64)
        .bind(intake.clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    let sql = "DELETE FROM webhook_events WHERE connection_id = $1 AND status = 'refused' AND id NOT IN \
         (SELECT id FROM webhook_events WHERE connection_id = $1 AND status = 'refused' ORDER BY received_at DESC, id DESC LIMIT $2)";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(connection).bind(REFUSED).execute(conn).await?.rows_affected());
    tx.commit().await
}

/// Writes down of the events of a call that it is here, or was given up.
pub(crate) async fn processed(
    tx: &mut Tx,
    clock: &Clock,
    connection: Uuid,
    external_id: &str,
    well: bool,
) -> Result<(), DbError> {
    let sql = "UPDATE webhook_events SET status = $1, processed_at = $2 \
         WHERE connection_id = $3 AND external_id = $4 AND status IN ('received', 'failed')";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(if well { "processed" } else { "failed" })
        .bind(well.then(|| clock.now()))
        .bind(connection)
        .bind(external_id)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Writes down of the events of a call of the ledger that it was given up.
pub(crate) async fn failed(tx: &mut Tx, source_call: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE webhook_events SET status = 'failed' WHERE status = 'received' AND EXISTS (SELECT 1 FROM source_calls s \
         WHERE s.id = $1 AND s.connection_id = webhook_events.connection_id AND s.external_id = webhook_events.external_id)";
    on_tx!(tx, conn => sqlx::query(sql).bind(source_call).execute(conn).await?.rows_affected());
    Ok(())
}

/// Writes down of the events of a call of the ledger that it is not to come in, and forgets what they told.
pub(crate) async fn skipped(tx: &mut Tx, clock: &Clock, source_call: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE webhook_events SET payload = NULL, status = 'processed', processed_at = coalesce(processed_at, $1) \
         WHERE status IN ('received', 'failed', 'processed') AND EXISTS (SELECT 1 FROM source_calls s \
         WHERE s.id = $2 AND s.connection_id = webhook_events.connection_id AND s.external_id = webhook_events.external_id)";
    on_tx!(tx, conn => sqlx::query(sql).bind(clock.now()).bind(source_call).execute(conn).await?.rows_affected());
    Ok(())
}

/// Forgets what was sent of a call that was deleted, or is not to come in.
pub(crate) async fn forget(tx: &mut Tx, connection: Uuid, external_id: &str) -> Result<(), DbError> {
    let sql = "UPDATE webhook_events SET payload = NULL WHERE connection_id = $1 AND external_id = $2";
    on_tx!(tx, conn => sqlx::query(sql).bind(connection).bind(external_id).execute(conn).await?.rows_affected());
    Ok(())
}

/// Deletes events from before `before`. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn purge(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM webhook_events WHERE received_at < $1";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql).bind(before).execute(conn).await?.rows_affected());
    tx.commit().await?;
    Ok(rows)
}
