//! Somebody lets this program in at Gong, in place of a key.

use crate::connection::{self, Connection};
use crate::keeper::to_keep;
use crate::secrets::Sealed;
use crate::{Intake, IntakeError, source};
use accounts::audit::{self, Action};
use chrono::{DateTime, TimeDelta, Utc};
use db::{DbError, on_tx};
use gong::{MEDIA_SCOPE, SCOPES, authorize_at, authorize_url, exchange_code};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use uuid::Uuid;

/// How long somebody may take to come back.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);
/// What states are sealed for.
const STATE: &str = "oauth state";

/// What goes with somebody to Gong and comes back, sealed: nobody else can make one.
#[derive(Serialize, Deserialize)]
struct Journey {
    connection: Uuid,
    redirect_uri: String,
    by: String,
    until: DateTime<Utc>,
}

/// Where somebody lets this program in, who then comes back to `redirect_uri`.
///
/// # Errors
/// [`IntakeError::Conflict`] where the connection is not set to OAuth.
pub(crate) fn authorize(
    intake: &Intake,
    connection: &Connection,
    redirect_uri: &str,
    who: &str,
) -> Result<String, IntakeError> {
    let Some(client_id) = &connection.settings.client_id else {
        return Err(IntakeError::Conflict("this connection is not set to OAuth: it has no client_id".to_owned()));
    };
    let wrong = |name, why: &str| IntakeError::Field(name, why.to_owned());
    let back = Url::parse(redirect_uri).map_err(|_| wrong("redirect_uri", "it is no address"))?;
    let at = match connection.settings.authorize_url.as_deref() {
        Some(url) => Url::parse(url).map_err(|_| wrong("authorize_url", "it is no address"))?,
        None => authorize_at(),
    };
    let journey = Journey {
        connection: connection.id,
        redirect_uri: redirect_uri.to_owned(),
        by: who.to_owned(),
        until: intake.clock.now() + PATIENCE,
    };
    let state = intake.sealer.seal(STATE, &json!(journey).to_string())?;
    let scopes = [&SCOPES[..], &[MEDIA_SCOPE]].concat();
    Ok(authorize_url(&at, client_id, &back, &state, &scopes).into())
}

/// Somebody came back with a code: it becomes tokens, which are kept. Returns the name of the connection.
///
/// # Errors
/// When the state is not one of ours or too old, or Gong does not take the code.
pub(crate) async fn accept(intake: &Intake, code: &str, state: &str) -> Result<String, IntakeError> {
    let stale = || IntakeError::Conflict("you were away for too long, or began elsewhere: begin again here".to_owned());
    let journey = intake.sealer.open(STATE, state).map_err(|_| stale())?;
    let journey: Journey = serde_json::from_str(&journey).map_err(|_| stale())?;
    if journey.until < intake.clock.now() {
        return Err(stale());
    }
    let connection = connection::get(intake, journey.connection).await?;
    let sealed = connection.open(&intake.sealer)?;
    let settings = &connection.settings;
    let (Some(client_id), Some(secret)) = (&settings.client_id, &sealed.secrets.client_secret) else {
        return Err(stale());
    };
    let oauth = source::oauth(settings.token_url.as_deref(), client_id, Secret::new(secret))?;
    let back = Url::parse(&journey.redirect_uri).map_err(|_| stale())?;
    let tokens = exchange_code(&oauth, &Secret::new(code), &back, &intake.clock)
        .await
        .map_err(|error| IntakeError::Service(error.to_string()))?;
    let mut tx = intake.db.begin().await?;
    // As it is now: somebody may have changed it while Gong was asked.
    let now = connection::locked(intake, &mut tx, connection.id).await?.open(&intake.sealer)?;
    let sealed = Sealed { tokens: Some(to_keep(&tokens)), ..now }.seal(&intake.sealer, connection.id)?;
    let sql = "UPDATE connections SET secrets = $1, renewing_until = NULL, failures = 0, error = NULL WHERE id = $2";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(sealed)
        .bind(connection.id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    crate::ledger::hurry(&mut tx, &intake.clock, connection.id).await?;
    let detail = json!({ "name": connection.name, "authorized": true });
    audit::record(&mut tx, &intake.clock, &journey.by, Action::ConnectionChange, connection.id, detail).await?;
    tx.commit().await?;
    Ok(connection.name)
}
