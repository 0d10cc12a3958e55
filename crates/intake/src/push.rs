//! Programs that send transcripts by themselves: `POST /webhooks/push/{connection}`, signed.
//!
//! A delivery brings all that there is of a call, so that it is kept in the transaction that writes the event: whoever delivers is told at once whether
//! the transcript can be read.

use crate::events::{self, Received};
use crate::hide::hide;
use crate::ledger::{self, KnownBy, Told};
use crate::verify::Shown;
use crate::{Intake, IntakeError, Kind};
use calls::{Arrival, CallError, NewCall, Source};
use chrono::{DateTime, Utc};
use db::{DbError, on_tx};
use kernel::new_id;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

/// Letters of an id.
const ID: usize = 200;

/// A delivery.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delivery {
    /// What the sender calls the call: the same one is the same call.
    id: String,
    /// A transcript in any format that is read here: a text, or JSON as it is.
    transcript: Value,
    title: Option<String>,
    started_at: Option<DateTime<Utc>>,
    /// Whose call it is: a name or a mail address.
    rep: Option<String>,
    customer: Option<String>,
    /// Names, mail addresses or domains of our side, where the transcript does not say.
    #[serde(default)]
    internal: Vec<String>,
}

/// Takes a delivery: whether it is genuine, whether it came before, and whether its transcript can be read.
///
/// # Errors
/// As [`events::receive`], and [`IntakeError::Call`] where there is no transcript in it that can be read.
pub async fn receive(intake: &Intake, name: &str, shown: &Shown<'_>, body: &[u8]) -> Result<Received, IntakeError> {
    let taker = intake.taker(Kind::Push, Some(name)).await?;
    events::prove(intake, &taker, shown, body).await?;
    let delivery = match read(body) {
        Ok(delivery) => delivery,
        Err(why) => {
            events::refuse(intake, taker.id, true, &why, body.len()).await?;
            return Err(IntakeError::Field("body", why));
        }
    };
    if known(intake, taker.id, &delivery.id).await? {
        return Ok(Received::Again);
    }
    let new = NewCall {
        source: Source::Push,
        // Two senders may call two calls the same.
        source_id: Some(format!("{}:{}", taker.id, delivery.id)),
        rep: delivery.rep.clone(),
        customer: delivery.customer.clone(),
        title: delivery.title.clone(),
        started_at: delivery.started_at,
        time_zone: intake.zone,
        redact: intake.redact,
        who: format!("connection:{name}").into(),
        ..NewCall::named(format!("{}.json", delivery.id))
    };
    let text = delivery.transcript.as_str().map_or_else(|| delivery.transcript.to_string(), str::to_owned);
    let Intake { db, blobs, clock, .. } = intake;
    let arrival = match Arrival::prepare(db, blobs, clock, text, &delivery.internal, &new).await {
        Ok(arrival) => arrival,
        Err(error @ (CallError::Parse(_) | CallError::Sides(_) | CallError::Field(..))) => {
            events::refuse(
                intake,
                taker.id,
                true,
                "its transcript cannot be read, or what is told beside it is refused",
                body.len(),
            )
            .await?;
            return Err(error.into());
        }
        Err(error) => return Err(error.into()),
    };
    // Neither title nor customer: the call has them, redacted by the names of those who speak in it.
    let mut told = json!({ "id": delivery.id, "started_at": delivery.started_at });
    hide(&mut told, &[], intake.redact);
    let told = ledger::written(&told)?;
    let mut tx = db.begin().await?;
    let Some(kept) = arrival.keep(&mut tx, clock, &new).await? else {
        drop(tx);
        arrival.forget(db, blobs).await?;
        return Ok(Received::Again);
    };
    let row = Told {
        external_id: &delivery.id,
        began_at: delivery.started_at,
        rep: delivery.rep.as_deref(),
        details: Some(&*told),
        skip: None,
    };
    let learned = ledger::learn(&mut tx, clock, taker.id, &row, KnownBy::Push).await?;
    ledger::steps_of(&mut tx, clock, learned.id, &kept).await?;
    if !ledger::kept(&mut tx, clock, learned.id, kept.id, None).await? {
        drop(tx);
        arrival.forget(db, blobs).await?;
        return Ok(Received::Again);
    }
    let sql = "INSERT INTO webhook_events (id, connection_id, delivery_key, external_id, payload, signature_valid, status, bytes, received_at, \
         processed_at) VALUES ($1, $2, $3, $4, $5, TRUE, 'processed', $6, $7, $7)";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(new_id())
        .bind(taker.id)
        .bind(format!("id:{}", delivery.id))
        .bind(&delivery.id)
        .bind(Json(&told))
        .bind(body.len() as i64)
        .bind(clock.now())
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    tx.commit().await?;
    Ok(Received::Recorded)
}

fn read(body: &[u8]) -> Result<Delivery, String> {
    // What serde says of a wrong field may quote words of the call.
    let wrong = |error: serde_json::Error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Data => format!(
                "it is not {{id, transcript, title?, started_at?, rep?, customer?, internal?}} ({at}); `transcript` is a text or JSON"
            ),
            _ => format!("it is not JSON ({at})"),
        }
    };
    let delivery: Delivery = serde_json::from_slice(body).map_err(wrong)?;
    let beside = [&delivery.title, &delivery.rep, &delivery.customer];
    if beside.iter().any(|text| text.as_deref().is_some_and(|text| text.contains('\0'))) {
        return Err("it holds the character NUL, which no text here can".to_owned());
    }
    if delivery.id.is_empty() || delivery.id.len() > ID || delivery.id.contains(char::is_control) {
        return Err(format!("`id` has 1 to {ID} letters"));
    }
    Ok(delivery)
}

/// Whether a call is in the ledger; then the delivery is counted.
async fn known(intake: &Intake, connection: Uuid, external_id: &str) -> Result<bool, DbError> {
    let mut tx = intake.db.begin().await?;
    let sql = "UPDATE webhook_events SET deliveries = deliveries + 1 WHERE connection_id = $1 AND delivery_key = $2";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(connection)
        .bind(format!("id:{external_id}"))
        .execute(conn)
        .await?
        .rows_affected());
    let sql = "SELECT count(*) FROM source_calls WHERE connection_id = $1 AND external_id = $2";
    let found: i64 =
        on_tx!(&mut tx, conn => sqlx::query_scalar(sql).bind(connection).bind(external_id).fetch_one(conn).await?);
    tx.commit().await?;
    Ok(found > 0)
}
