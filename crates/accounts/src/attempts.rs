//! The table `login_attempts`: wrong passwords slow down whoever tries them, whether somebody has the name or not.
//!
//! An attempt is counted before the password is looked at, and taken back when it was right: of many at once none slips through, whichever program of
//! an installation they ask. Those of one name from one address have their turns, so that right ones are not counted beside each other. From one
//! address a name has few tries; from all addresses together it has more, and waits less. From where somebody has logged in lately only the former
//! counts, so that no stranger keeps them out. An address of IPv6 counts as its network.

use crate::{AccountError, tokens};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_tx};
use kernel::Clock;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::timeout;

/// After so long a wrong password is forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::hours(24);
/// From one address: free tries, and the longest wait in seconds.
const ONE: Limit = Limit { free: 5, longest: 900 };
/// From all addresses together.
const ALL: Limit = Limit { free: 50, longest: 30 };

/// How long an attempt waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Whose attempts go on, by name and address.
type Turns = HashMap<(String, String), Weak<Turn<()>>>;
/// Those of this program.
static TURNS: LazyLock<Mutex<Turns>> = LazyLock::new(Mutex::default);

struct Limit {
    free: i32,
    longest: i64,
}

/// Who tries, and from where. The next of the same has its turn when this is dropped.
#[derive(Debug)]
pub(crate) struct Attempt {
    who: String,
    address: String,
    known: bool,
    _turn: OwnedMutexGuard<()>,
}

impl Attempt {
    /// Counts an attempt of `who`: the id of an account, or the name that nobody has; `known` where they have logged in from this address lately.
    /// Waits until those before it are found right or wrong.
    ///
    /// # Errors
    /// [`AccountError::Locked`] where it has to wait longer, [`AccountError::Busy`] where too many wait; it is not counted then.
    pub(crate) async fn begin(
        db: &Db,
        clock: &Clock,
        who: &str,
        address: Option<&str>,
        known: bool,
    ) -> Result<Self, AccountError> {
        // A space is in no address: what is not known is not the row of all together.
        let (who, address) = (tokens::hash(who), address.map_or_else(|| " ".to_owned(), network));
        let turn = turns_of(&who, &address).lock_owned();
        let turn = timeout(PATIENCE, turn).await.map_err(|_| AccountError::Busy)?;
        let attempt = Self { who, address, known, _turn: turn };
        let mut tx = db.begin().await?;
        let limits = [(attempt.address.as_str(), ONE), ("", ALL)];
        for (address, limit) in limits.into_iter().take(if known { 1 } else { 2 }) {
            attempt.count(&mut tx, clock.now(), address, &limit).await?;
        }
        tx.commit().await?;
        Ok(attempt)
    }

    async fn count(&self, tx: &mut Tx, now: DateTime<Utc>, address: &str, limit: &Limit) -> Result<(), AccountError> {
        // Holds the row until the end of the transaction: of many at once each sees what the others have counted.
        let sql = "INSERT INTO login_attempts (who, address, failed, last_at) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (who, address) DO UPDATE SET failed = CASE WHEN login_attempts.last_at < $4 THEN 1 ELSE login_attempts.failed + 1 END, \
             last_at = excluded.last_at RETURNING failed, locked_until";
        let (failed, locked): (i32, Option<DateTime<Utc>>) = on_tx!(&mut *tx, conn => sqlx::query_as(sql)
            .bind(&self.who)
            .bind(address)
            .bind(now)
            .bind(now - FORGOTTEN)
            .fetch_one(conn)
            .await
            .map_err(DbError::from)?);
        if let Some(until) = locked.filter(|until| *until > now) {
            // Dropped with the transaction: an attempt that is not made is not counted.
            return Err(AccountError::Locked((until - now).num_seconds().max(1) as u64));
        }
        if failed >= limit.free {
            let wait =
                1_i64.checked_shl((failed - limit.free).min(20) as u32).unwrap_or(limit.longest).min(limit.longest);
            let sql = "UPDATE login_attempts SET locked_until = $1 WHERE who = $2 AND address = $3";
            on_tx!(&mut *tx, conn => sqlx::query(sql)
                .bind(now + TimeDelta::seconds(wait))
                .bind(&self.who)
                .bind(address)
                .execute(conn)
                .await
                .map_err(DbError::from)?
                .rows_affected());
        }
        Ok(())
    }

    /// Takes it back: the password was right.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn right(&self, tx: &mut Tx) -> Result<(), DbError> {
        // Those of strangers stay counted where this one was not.
        let all = if self.known { &self.address } else { "" };
        let sql = "DELETE FROM login_attempts WHERE who = $1 AND address IN ($2, $3)";
        on_tx!(tx, conn => sqlx::query(sql)
            .bind(&self.who)
            .bind(&self.address)
            .bind(all)
            .execute(conn)
            .await?
            .rows_affected());
        Ok(())
    }
}

/// Whose address it is, as it is counted; what is no address stays as it is.
pub(crate) fn network(address: &str) -> String {
    address.parse().map_or_else(|_| address.to_owned(), |address| web::subscriber(address).to_string())
}

/// Where attempts of this name from this address wait for each other.
fn turns_of(who: &str, address: &str) -> Arc<Turn<()>> {
    let key = (who.to_owned(), address.to_owned());
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(turn) = turns.get(&key).and_then(Weak::upgrade) {
        return turn;
    }
    // As many as attempts that go on at this moment.
    turns.retain(|_, turn| turn.strong_count() > 0);
    let turn = Arc::default();
    turns.insert(key, Arc::downgrade(&turn));
    turn
}

/// Lets somebody try again whose password was set anew.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forgive(tx: &mut Tx, who: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM login_attempts WHERE who = $1";
    on_tx!(tx, conn => sqlx::query(sql).bind(tokens::hash(who)).execute(conn).await?.rows_affected());
    Ok(())
}
