//! What all clients of a connection share, in its row: the distance between requests, those of the day, and tokens.

use crate::Intake;
use crate::connection::Connection;
use crate::seal::Sealer;
use crate::secrets::{Sealed, Tokens as KeptTokens};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_tx};
use gong::{Keeper, Kept, Refusal, Renewal, Tokens, Unrenewed};
use kernel::{Clock, Secret};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// A request that may be sent sooner is waited for.
const SOON: TimeDelta = TimeDelta::seconds(10);
/// How often it is looked whether another has renewed the tokens.
const LOOK: Duration = Duration::from_millis(500);

/// Keeps what the clients of one connection share.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    pub db: Db,
    pub clock: Clock,
    pub sealer: Sealer,
    pub connection: Uuid,
    pub per_second: f64,
    pub per_day: u32,
    /// The refresh token that this client is renewing: what somebody else has put in its place since stays.
    pub renewing: Arc<Mutex<Option<String>>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    slot_at: Option<DateTime<Utc>>,
    quota_day: Option<String>,
    quota_used: i64,
    secrets: Option<String>,
    renewing_until: Option<DateTime<Utc>>,
}

fn failed(error: &DbError) -> Refusal {
    Refusal::Failed(error.to_string())
}

impl Gate {
    /// Of a connection.
    pub fn of(intake: &Intake, connection: &Connection) -> Self {
        Self {
            db: intake.db.clone(),
            clock: intake.clock.clone(),
            sealer: intake.sealer.clone(),
            connection: connection.id,
            per_second: connection.settings.requests_per_second,
            per_day: connection.settings.requests_per_day,
            renewing: Arc::default(),
        }
    }

    /// The row, for this transaction alone.
    async fn row(&self, tx: &mut Tx) -> Result<Row, Refusal> {
        let sql = match tx {
            Tx::Sqlite(_) => {
                "SELECT slot_at, quota_day, quota_used, secrets, renewing_until FROM connections WHERE id = $1"
            }
            Tx::Postgres(_) => {
                "SELECT slot_at, quota_day, quota_used, secrets, renewing_until FROM connections WHERE id = $1 FOR NO KEY UPDATE"
            }
        };
        let row: Result<Option<Row>, DbError> =
            async { Ok(on_tx!(tx, conn => sqlx::query_as(sql).bind(self.connection).fetch_optional(conn).await?)) }
                .await;
        row.map_err(|error| failed(&error))?.ok_or_else(|| Refusal::Failed("the connection was removed".to_owned()))
    }

    async fn begin(&self) -> Result<Tx, Refusal> {
        self.db.begin().await.map_err(|error| failed(&error))
    }

    /// How long to wait before the request may be sent.
    async fn slot(&self) -> Result<Duration, Refusal> {
        let now = self.clock.now();
        let today = now.date_naive();
        let mut tx = self.begin().await?;
        let row = self.row(&mut tx).await?;
        let used = if row.quota_day.as_deref() == Some(&today.to_string()) { row.quota_used } else { 0 };
        if used >= i64::from(self.per_day) {
            let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
            return Err(Refusal::Until(tomorrow.and_time(NaiveTime::MIN).and_utc()));
        }
        let slot = row.slot_at.map_or(now, |slot| slot.max(now));
        if slot - now > SOON {
            return Err(Refusal::Held((slot - now).to_std().unwrap_or_default()));
        }
        let next = slot + TimeDelta::microseconds((1e6 / self.per_second).ceil() as i64);
        let sql = "UPDATE connections SET slot_at = $1, quota_day = $2, quota_used = $3 WHERE id = $4";
        self.write(tx, async |tx| {
            Ok(on_tx!(tx, conn => sqlx::query(sql)
                .bind(next)
                .bind(today.to_string())
                .bind(used + 1)
                .bind(self.connection)
                .execute(conn)
                .await?
                .rows_affected()))
        })
        .await?;
        Ok((slot - now).to_std().unwrap_or_default())
    }

    /// Writes and commits.
    async fn write(&self, mut tx: Tx, work: impl AsyncFnOnce(&mut Tx) -> Result<u64, DbError>) -> Result<(), Refusal> {
        let written: Result<(), DbError> = async {
            work(&mut tx).await?;
            tx.commit().await
        }
        .await;
        written.map_err(|error| failed(&error))
    }

    fn opened(&self, row: &Row) -> Result<Sealed, Refusal> {
        Sealed::open(&self.sealer, self.connection, row.secrets.as_deref())
            .map_err(|error| Refusal::Failed(error.to_string()))
    }

    /// Whether the tokens that are kept are those that this client renews.
    fn is_renewed(&self, secrets: &Sealed) -> bool {
        let renewing = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        renewing.is_none() || secrets.tokens.as_ref().map(|kept| &kept.refresh) == renewing.as_ref()
    }

    fn sealed(&self, secrets: &Sealed) -> Result<Option<String>, Refusal> {
        secrets.seal(&self.sealer, self.connection).map_err(|error| Refusal::Failed(error.to_string()))
    }
}

fn tokens(kept: &KeptTokens) -> Tokens {
    Tokens {
        access: Secret::new(&kept.access),
        refresh: Secret::new(&kept.refresh),
        expires_at: kept.expires_at,
        base_url: kept.base_url.as_deref().and_then(|url| url.parse().ok()),
        scope: kept.scope.clone(),
    }
}

/// Tokens as they lie among the secrets.
pub(crate) fn to_keep(tokens: &Tokens) -> KeptTokens {
    KeptTokens {
        access: tokens.access.expose().to_owned(),
        refresh: tokens.refresh.expose().to_owned(),
        expires_at: tokens.expires_at,
        base_url: tokens.base_url.as_ref().map(ToString::to_string),
        scope: tokens.scope.clone(),
    }
}

impl Keeper for Gate {
    fn admit(&self) -> Kept<'_, ()> {
        Box::pin(async move {
            let wait = self.slot().await?;
            tokio::time::sleep(wait).await;
            Ok(())
        })
    }

    fn hold(&self, wait: Duration) -> Kept<'_, ()> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let row = self.row(&mut tx).await?;
            let until = self.clock.now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
            let until = row.slot_at.map_or(until, |slot| slot.max(until));
            let sql = "UPDATE connections SET slot_at = $1 WHERE id = $2";
            self.write(tx, async |tx| {
                Ok(on_tx!(tx, conn => sqlx::query(sql).bind(until).bind(self.connection).execute(conn).await?.rows_affected()))
            })
            .await
        })
    }

    fn tokens(&self) -> Kept<'_, Option<Tokens>> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let row = self.row(&mut tx).await?;
            Ok(self.opened(&row)?.tokens.as_ref().map(tokens))
        })
    }

    fn begin_renewal<'a>(&'a self, spent: &'a Secret) -> Kept<'a, Renewal> {
        Box::pin(async move {
            let now = self.clock.now();
            let mut tx = self.begin().await?;
            let row = self.row(&mut tx).await?;
            let Some(kept) = self.opened(&row)?.tokens else { return Ok(Renewal::Gone) };
            if kept.access != spent.expose() {
                return Ok(Renewal::Renewed(tokens(&kept)));
            }
            if row.renewing_until.is_some_and(|until| until > now) {
                return Ok(Renewal::Wait(LOOK));
            }
            let until = now + TimeDelta::from_std(gong::RENEWAL).unwrap_or_default();
            let sql = "UPDATE connections SET renewing_until = $1 WHERE id = $2";
            self.write(tx, async |tx| {
                Ok(on_tx!(tx, conn => sqlx::query(sql).bind(until).bind(self.connection).execute(conn).await?.rows_affected()))
            })
            .await?;
            *self.renewing.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept.refresh.clone());
            Ok(Renewal::Yours(tokens(&kept)))
        })
    }

    fn keep<'a>(&'a self, tokens: &'a Tokens) -> Kept<'a, ()> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let row = self.row(&mut tx).await?;
            let mut secrets = self.opened(&row)?;
            if self.is_renewed(&secrets) {
                secrets.tokens = Some(to_keep(tokens));
            }
            let sealed = self.sealed(&secrets)?;
            let sql = "UPDATE connections SET secrets = $1, renewing_until = NULL WHERE id = $2";
            self.write(tx, async |tx| {
                Ok(on_tx!(tx, conn => sqlx::query(sql).bind(sealed).bind(self.connection).execute(conn).await?.rows_affected()))
            })
            .await
        })
    }

    fn unrenewed(&self, why: Unrenewed) -> Kept<'_, ()> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let row = self.row(&mut tx).await?;
            let mut secrets = self.opened(&row)?;
            if why == Unrenewed::Refused && self.is_renewed(&secrets) {
                secrets.tokens = None;
            }
            let sealed = self.sealed(&secrets)?;
            let sql = "UPDATE connections SET secrets = $1, renewing_until = NULL WHERE id = $2";
            self.write(tx, async |tx| {
                Ok(on_tx!(tx, conn => sqlx::query(sql).bind(sealed).bind(self.connection).execute(conn).await?.rows_affected()))
            })
            .await
        })
    }
}
