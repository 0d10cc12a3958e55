//! Connections: the services and places from which calls come, what they are set to, and their secrets.

use crate::seal::{SealError, Sealer};
use crate::secrets::Sealed;
pub use crate::secrets::Secrets;
use crate::settings::checked;
pub use crate::settings::{ConnectionSettings, Kind, Proof};
use crate::verify::Verifier;
use crate::{Intake, IntakeError};
use accounts::audit::{self, Action};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, Secret, new_id};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

/// A connection, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Connection {
    /// Its id.
    pub id: Uuid,
    /// What kind of place it is.
    pub kind: Kind,
    /// What it is called in addresses and commands.
    #[schema(example = "main")]
    pub name: String,
    /// What it is set to.
    pub settings: ConnectionSettings,
    /// Which secrets it has.
    pub secrets: Vec<String>,
    /// Nothing is fetched or taken while it is paused.
    pub paused: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Calls that began before are not fetched, unless somebody asks for them.
    pub since: DateTime<Utc>,
    /// Up to this time all calls are known here that the service knew.
    pub covered_until: Option<DateTime<Utc>>,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// Why the last attempt failed; null when it did not.
    pub error: Option<String>,
    /// When the last attempt was.
    pub tried_at: Option<DateTime<Utc>>,
    /// When the last one was that went well.
    pub worked_at: Option<DateTime<Utc>>,
    /// Requests that were sent today (UTC).
    pub requests_today: u32,
    /// The sealed secrets.
    #[serde(skip)]
    #[schema(ignore)]
    sealed: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: Kind,
    name: String,
    settings: Json<ConnectionSettings>,
    secrets: Option<String>,
    paused: bool,
    created_at: DateTime<Utc>,
    since: DateTime<Utc>,
    covered_until: Option<DateTime<Utc>>,
    failures: i64,
    error: Option<String>,
    tried_at: Option<DateTime<Utc>>,
    worked_at: Option<DateTime<Utc>>,
    quota_day: Option<String>,
    quota_used: i64,
}

const COLUMNS: &str = "id, kind, name, settings, secrets, paused, created_at, since, covered_until, failures, error, tried_at, worked_at, \
     quota_day, quota_used FROM connections";

/// Letters of a name.
const NAME: usize = 40;

impl Connection {
    fn of(row: Row, intake: &Intake) -> Self {
        let today = intake.clock.now().date_naive().to_string();
        let mut connection = Self {
            id: row.id,
            kind: row.kind,
            name: row.name,
            settings: row.settings.0,
            secrets: Vec::new(),
            paused: row.paused,
            created_at: row.created_at,
            since: row.since,
            covered_until: row.covered_until,
            failures: row.failures as u32,
            error: row.error,
            tried_at: row.tried_at,
            worked_at: row.worked_at,
            requests_today: if row.quota_day == Some(today) { row.quota_used as u32 } else { 0 },
            sealed: row.secrets,
        };
        // What cannot be opened is none; whoever needs it is told why.
        let Sealed { secrets, tokens } = connection.open(&intake.sealer).unwrap_or_default();
        let names = [
            ("secret", secrets.secret.is_some()),
            ("client_secret", secrets.client_secret.is_some()),
            ("webhook_secret", secrets.webhook_secret.is_some()),
            ("tokens", tokens.is_some()),
        ];
        connection.secrets = names.iter().filter(|(_, there)| *there).map(|(name, _)| (*name).to_owned()).collect();
        connection
    }

    /// Its secrets.
    ///
    /// # Errors
    /// When they were sealed with another key.
    pub(crate) fn open(&self, sealer: &Sealer) -> Result<Sealed, SealError> {
        Sealed::open(sealer, self.id, self.sealed.as_deref())
    }

    /// What proves its deliveries; `None` where none are taken.
    pub(crate) fn verifier(&self, sealer: &Sealer) -> Result<Option<Verifier>, SealError> {
        let secret = || Ok(self.open(sealer)?.secrets.webhook_secret.map(Secret::new));
        Ok(match self.settings.proof {
            None => None,
            Some(Proof::Hmac) => secret()?.map(|secret| Verifier::Hmac { secret }),
            Some(Proof::UrlKey) => secret()?.map(|key| Verifier::UrlKey { key }),
            Some(Proof::Jwt) => {
                let both = self.settings.public_key.clone().zip(self.settings.webhook_url.clone());
                both.map(|(public_key, webhook_url)| Verifier::Jwt { public_key, webhook_url })
            }
        })
    }
}

/// What somebody says of a new connection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "gong", "name": "main", "settings": {"access_key": "ACCESS-KEY", "proof": "hmac"},
    "secrets": {"secret": "…", "webhook_secret": "Wk3vXz8QmT5rLp2N"}}))]
pub struct NewConnection {
    /// What kind of place it is.
    pub kind: Kind,
    /// What it is called in addresses and commands: letters, digits and hyphens.
    pub name: String,
    /// What it is set to.
    #[serde(default, deserialize_with = "web::object")]
    pub settings: ConnectionSettings,
    /// Its secrets.
    #[serde(default, deserialize_with = "web::object")]
    pub secrets: Secrets,
    /// Calls that began before are not fetched; the beginning of today where it is left out.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
}

/// What is to be changed of a connection. What is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"paused": true}))]
pub struct ConnectionChange {
    /// All that it is set to.
    #[serde(deserialize_with = "web::object_or_null")]
    pub settings: Option<ConnectionSettings>,
    /// Secrets that are new.
    #[serde(deserialize_with = "web::object")]
    pub secrets: Secrets,
    /// Whether it is paused.
    pub paused: Option<bool>,
}

/// The connections, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(intake: &Intake) -> Result<Vec<Connection>, DbError> {
    let sql = format!("SELECT {COLUMNS} ORDER BY name");
    let rows: Vec<Row> = on_db!(&intake.db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await?);
    Ok(rows.into_iter().map(|row| Connection::of(row, intake)).collect())
}

/// One connection.
///
/// # Errors
/// [`IntakeError::Unknown`] where there is none.
pub async fn get(intake: &Intake, id: Uuid) -> Result<Connection, IntakeError> {
    let sql = format!("SELECT {COLUMNS} WHERE id = $1");
    let row: Option<Row> = on_db!(&intake.db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .fetch_optional(pool)
        .await
        .map_err(DbError::from)?);
    row.map(|row| Connection::of(row, intake)).ok_or(IntakeError::Unknown("connection"))
}

/// The connection of this kind with this name, or the only one where no name is told.
///
/// # Errors
/// [`IntakeError::Unknown`] where there is none, or several without a name.
pub async fn named(intake: &Intake, kind: Kind, name: Option<&str>) -> Result<Connection, IntakeError> {
    let sql = format!("SELECT {COLUMNS} WHERE kind = $1 AND (name = $2 OR $2 IS NULL) ORDER BY name LIMIT 2");
    let mut rows: Vec<Row> = on_db!(&intake.db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(kind.as_str())
        .bind(name)
        .fetch_all(pool)
        .await
        .map_err(DbError::from)?);
    match (rows.len(), rows.pop()) {
        (1, Some(row)) => Ok(Connection::of(row, intake)),
        _ => Err(IntakeError::Unknown("connection")),
    }
}

/// Makes a connection.
///
/// # Errors
/// [`IntakeError::Field`] where a value is refused.
pub async fn add(intake: &Intake, new: NewConnection, who: &str) -> Result<Connection, IntakeError> {
    if new.kind == Kind::Folder {
        let why = "which folder is watched is set where this program runs: `watch_folder`".to_owned();
        return Err(IntakeError::Field("kind", why));
    }
    make(intake, new, who).await
}

/// A refresh token that a service gave in place of the one that is kept.
///
/// # Errors
/// When the database fails, or the connection is gone.
pub async fn rotate(intake: &Intake, id: Uuid, secret: &Secret) -> Result<(), IntakeError> {
    let mut tx = intake.db.begin().await?;
    let was = locked(intake, &mut tx, id).await?;
    let mut sealed = was.open(&intake.sealer)?;
    sealed.secrets.secret = Some(secret.expose().to_owned());
    let sql = "UPDATE connections SET secrets = $1 WHERE id = $2";
    let sealed = sealed.seal(&intake.sealer, id)?;
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(sealed).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    Ok(tx.commit().await?)
}

pub(crate) async fn make(intake: &Intake, mut new: NewConnection, who: &str) -> Result<Connection, IntakeError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if new.name.is_empty() || new.name.len() > NAME || !new.name.chars().all(plain) {
        let why = format!("write up to {NAME} letters from a to z, digits and hyphens: it is a part of addresses");
        return Err(IntakeError::Field("name", why));
    }
    new.settings.fill(new.kind);
    checked(new.kind, &new.settings, &new.secrets)?;
    let (id, now) = (new_id(), intake.clock.now());
    let sealed = Sealed { secrets: new.secrets, tokens: None }.seal(&intake.sealer, id)?;
    let since = new.since.unwrap_or_else(|| intake.day_begins(now));
    if new.kind.is_crm() && list(intake).await?.iter().any(|known| known.kind == new.kind) {
        // Their ids say nothing of which of two they come from, and neither does Gong.
        return Err(IntakeError::Conflict("one connection to this CRM is there already: change that one".to_owned()));
    }
    let mut tx = intake.db.begin().await?;
    let sql = "INSERT INTO connections (id, kind, name, settings, secrets, created_at, created_by, since) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(new.kind.as_str())
        .bind(&new.name)
        .bind(Json(&new.settings))
        .bind(sealed)
        .bind(now)
        .bind(who)
        .bind(since)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(IntakeError::Taken("name", format!("there is a connection {} already", new.name)));
    }
    let detail = json!({ "kind": new.kind, "name": new.name });
    audit::record(&mut tx, &intake.clock, who, Action::ConnectionAdd, id, detail).await?;
    tx.commit().await?;
    get(intake, id).await
}

/// Changes a connection. What failed for want of a right key is tried again at once.
///
/// # Errors
/// As [`add`].
pub async fn change(intake: &Intake, id: Uuid, change: ConnectionChange, who: &str) -> Result<Connection, IntakeError> {
    let mut tx = intake.db.begin().await?;
    let was = locked(intake, &mut tx, id).await?;
    let mut sealed = match was.open(&intake.sealer) {
        Ok(sealed) => sealed,
        // Entered anew, where the key that sealed them is lost.
        Err(SealError::Sealed) => Sealed::default(),
        Err(error) => return Err(error.into()),
    };
    let Sealed { secrets, tokens } = &mut sealed;
    let mut settings = change.settings.unwrap_or_else(|| was.settings.clone());
    settings.fill(was.kind);
    // Who may change an address must know what is sent there: secrets are shown to nobody.
    let moves = |url: fn(&ConnectionSettings) -> Option<&str>| origin(url(&settings)) != origin(url(&was.settings));
    let anew = "it would be sent to another address now: enter it again";
    if moves(|settings| Some(&settings.base_url)) && secrets.secret.is_some() && change.secrets.secret.is_none() {
        return Err(IntakeError::Field("secret", anew.to_owned()));
    }
    let token_moves = moves(|settings| settings.token_url.as_deref());
    if token_moves && secrets.client_secret.is_some() && change.secrets.client_secret.is_none() {
        return Err(IntakeError::Field("client_secret", anew.to_owned()));
    }
    if token_moves || moves(|settings| Some(&settings.base_url)) || settings.client_id != was.settings.client_id {
        // They were given for something else.
        *tokens = None;
    }
    let is_other = change.secrets.secret.is_some() || moves(|settings| Some(&settings.base_url));
    secrets.secret = change.secrets.secret.or(secrets.secret.take());
    secrets.client_secret = change.secrets.client_secret.or(secrets.client_secret.take());
    secrets.webhook_secret = change.secrets.webhook_secret.or(secrets.webhook_secret.take());
    if was.kind == Kind::Gong {
        // Who goes from a key to OAuth, or back, leaves the secret of the other with its id.
        secrets.secret = secrets.secret.take().filter(|_| settings.access_key.is_some());
        secrets.client_secret = secrets.client_secret.take().filter(|_| settings.client_id.is_some());
    }
    let paused = change.paused.unwrap_or(was.paused);
    checked(was.kind, &settings, secrets)?;
    let sealed = sealed.seal(&intake.sealer, id)?;
    // What another key was told to wait for does not concern this one.
    let sql = "UPDATE connections SET settings = $1, secrets = $2, paused = $3, slot_at = CASE WHEN $5 THEN NULL ELSE slot_at END WHERE id = $4";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(Json(&settings))
        .bind(sealed)
        .bind(paused)
        .bind(id)
        .bind(is_other)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    crate::ledger::hurry(&mut tx, &intake.clock, id).await?;
    audit::record(
        &mut tx,
        &intake.clock,
        who,
        Action::ConnectionChange,
        id,
        json!({ "name": was.name, "paused": paused }),
    )
    .await?;
    tx.commit().await?;
    intake.forget_takers();
    get(intake, id).await
}

/// Scheme, host and port of an address.
fn origin(url: Option<&str>) -> Option<String> {
    Url::parse(url?).ok().map(|url| url.origin().ascii_serialization())
}

/// A connection as it is now, which nobody else changes until `tx` ends.
pub(crate) async fn locked(intake: &Intake, tx: &mut Tx, id: Uuid) -> Result<Connection, IntakeError> {
    let lock = if matches!(tx, Tx::Postgres(_)) { "FOR NO KEY UPDATE" } else { "" };
    let sql = format!("SELECT {COLUMNS} WHERE id = $1 {lock}");
    let row: Option<Row> = on_tx!(tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .fetch_optional(conn)
        .await
        .map_err(DbError::from)?);
    row.map(|row| Connection::of(row, intake)).ok_or(IntakeError::Unknown("connection"))
}

/// Whether a connection is paused, or gone.
pub(crate) async fn is_paused(db: &Db, id: Uuid) -> Result<bool, DbError> {
    let sql = "SELECT paused FROM connections WHERE id = $1";
    let paused: Option<bool> = on_db!(db, pool => sqlx::query_scalar(sql).bind(id).fetch_optional(pool).await?);
    Ok(paused.unwrap_or(true))
}

/// Removes a connection with its events and its ledger; calls that came in stay.
///
/// # Errors
/// [`IntakeError::Unknown`] where there is none.
pub async fn remove(intake: &Intake, id: Uuid, who: &str) -> Result<(), IntakeError> {
    let was = get(intake, id).await?;
    if was.kind == Kind::Folder && intake.watch.is_some() {
        let why = "the folder is watched as long as `watch_folder` is set; pause this connection instead".to_owned();
        return Err(IntakeError::Conflict(why));
    }
    let mut tx = intake.db.begin().await?;
    let sql = "DELETE FROM connections WHERE id = $1";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    audit::record(
        &mut tx,
        &intake.clock,
        who,
        Action::ConnectionRemove,
        id,
        json!({ "kind": was.kind, "name": was.name }),
    )
    .await?;
    tx.commit().await?;
    intake.forget_takers();
    Ok(())
}

/// Writes down how an attempt to reach the service ended.
pub(crate) async fn tried(db: &Db, clock: &Clock, id: Uuid, error: Option<&str>) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tried_in(&mut tx, clock, id, error).await?;
    tx.commit().await
}

/// The same, within a transaction.
pub(crate) async fn tried_in(tx: &mut Tx, clock: &Clock, id: Uuid, error: Option<&str>) -> Result<(), DbError> {
    let now = clock.now();
    let sql = "UPDATE connections SET tried_at = $1, error = $2, \
         worked_at = CASE WHEN $2 IS NULL THEN $1 ELSE worked_at END, \
         failures = CASE WHEN $2 IS NULL THEN 0 ELSE failures + 1 END WHERE id = $3 RETURNING failures, name";
    let row: Option<(i64, String)> =
        on_tx!(tx, conn => sqlx::query_as(sql).bind(now).bind(error).bind(id).fetch_optional(conn).await?);
    if let Some((failures, name)) = row.filter(|(failures, _)| *failures >= ALARM) {
        // Whoever watches the log is alarmed by it, as by the figure of the same name.
        tracing::error!(connection = name, failures, error, "a service fails again and again");
    }
    Ok(())
}

/// Failures in a row from which on people are to look.
pub const ALARM: i64 = 3;
