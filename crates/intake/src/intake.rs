//! What everything here needs.

use crate::connection;
use crate::entry::Line;
use crate::seal::Sealer;
use crate::source::{Index, Origin, Watch};
use crate::verify::Verifier;
use crate::{Connection, IntakeError, Kind};
use calls::Blobs;
use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use db::Db;
use kernel::{Clock, hex};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use transcript::redact::RedactKinds;
use uuid::Uuid;

/// How long something that is not there yet is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first wait; each is twice as long as the one before.
    pub first: TimeDelta,
    /// The longest.
    pub longest: TimeDelta,
    /// After this time it is given up.
    pub most: TimeDelta,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: TimeDelta::minutes(1), longest: TimeDelta::hours(4), most: TimeDelta::hours(48) }
    }
}

impl Patience {
    /// The wait after so many that were in vain.
    pub(crate) fn wait(&self, tries: i64) -> TimeDelta {
        let grown = self.first.num_milliseconds().saturating_mul(1 << tries.clamp(0, 30));
        TimeDelta::milliseconds(grown.min(self.longest.num_milliseconds()))
    }
}

/// What everything here needs. Clones share it.
#[derive(Debug, Clone)]
pub struct Intake {
    /// The database.
    pub db: Db,
    /// The originals.
    pub blobs: Blobs,
    /// The clock.
    pub clock: Clock,
    /// Opens the secrets of connections.
    pub sealer: Sealer,
    /// What is replaced before anything is kept.
    pub redact: RedactKinds,
    /// Where the team is.
    pub zone: Tz,
    /// How long something that is not there yet is waited for.
    pub patience: Patience,
    /// The folder that is watched.
    pub watch: Option<Watch>,
    pub(crate) shared: Arc<Shared>,
}

/// What a service delivers to: a kind of connection, and the name of one, or of the only one.
type Address = (Kind, Option<String>);
/// Since when it is remembered what taking a delivery needs to know.
type Remembered = (DateTime<Utc>, Arc<Taker>);

/// Where the calls of a connection are asked for, and what that was made of: another setting makes another client, and the same one keeps its breaker.
type Made = (String, Origin);

/// What clones share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    takers: Mutex<HashMap<Address, Remembered>>,
    refused: Mutex<HashMap<Uuid, (i64, u32)>>,
    origins: Mutex<HashMap<Uuid, Made>>,
    pub(crate) folder: Arc<Mutex<Index>>,
    pub(crate) line: Mutex<Line>,
}

/// What taking a delivery needs to know of its connection.
#[derive(Debug)]
pub(crate) struct Taker {
    pub(crate) id: Uuid,
    pub(crate) verifier: Option<Verifier>,
    pub(crate) paused: bool,
    pub(crate) include_private: bool,
}

/// For how long it is not asked anew what a connection is set to: other instances may have changed it.
const REMEMBERED: TimeDelta = TimeDelta::seconds(5);
/// Refused deliveries that are written down in a minute; more are only counted.
const REFUSED: u32 = 30;

impl Intake {
    /// With the usual patience.
    pub fn new(db: Db, blobs: Blobs, clock: Clock, sealer: Sealer) -> Self {
        Self {
            db,
            blobs,
            clock,
            sealer,
            redact: RedactKinds::default(),
            zone: Tz::UTC,
            patience: Patience::default(),
            watch: None,
            shared: Arc::default(),
        }
    }

    /// With what is replaced before anything is kept, where the team is, and how long something is waited for.
    #[must_use]
    pub fn with(mut self, redact: RedactKinds, zone: Tz, patience: Patience) -> Self {
        (self.redact, self.zone, self.patience) = (redact, zone, patience);
        self
    }

    /// With a folder that is watched.
    #[must_use]
    pub fn watching(self, watch: Option<Watch>) -> Self {
        Self { watch, ..self }
    }

    /// When the day began in which `now` lies, where the team is.
    pub(crate) fn day_begins(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let local = now.with_timezone(&self.zone).date_naive().and_time(NaiveTime::MIN);
        self.zone.from_local_datetime(&local).earliest().map_or(now, |begin| begin.with_timezone(&Utc))
    }

    /// What taking a delivery needs to know of the connection with this name, or of the only one.
    pub(crate) async fn taker(&self, kind: Kind, name: Option<&str>) -> Result<Arc<Taker>, IntakeError> {
        let (key, now) = ((kind, name.map(str::to_owned)), self.clock.now());
        let remembered = lock(&self.shared.takers).get(&key).cloned();
        if let Some((_, taker)) = remembered.filter(|(at, _)| (*at..*at + REMEMBERED).contains(&now)) {
            return Ok(taker);
        }
        let connection: Connection = connection::named(self, kind, name).await?;
        let taker = Arc::new(Taker {
            id: connection.id,
            verifier: connection.verifier(&self.sealer)?,
            paused: connection.paused,
            include_private: connection.settings.include_private,
        });
        lock(&self.shared.takers).insert(key, (now, Arc::clone(&taker)));
        Ok(taker)
    }

    pub(crate) fn forget_takers(&self) {
        lock(&self.shared.takers).clear();
    }

    /// Where the calls of a connection are asked for: as it was made last, where it was made of the same.
    pub(crate) fn origin(
        &self,
        connection: Uuid,
        made_of: &str,
        make: impl FnOnce() -> Result<Origin, IntakeError>,
    ) -> Result<Origin, IntakeError> {
        // There are keys in it, which are kept nowhere in the open.
        let made_of = hex(&Sha256::digest(made_of));
        let known = lock(&self.shared.origins).get(&connection).cloned();
        if let Some((_, origin)) = known.filter(|(of, _)| *of == made_of) {
            return Ok(origin);
        }
        let origin = make()?;
        lock(&self.shared.origins).insert(connection, (made_of, origin.clone()));
        Ok(origin)
    }

    /// Whether one more refused delivery of a connection is written down in this minute.
    pub(crate) fn may_record_refusal(&self, connection: Uuid) -> bool {
        let minute = self.clock.now().timestamp() / 60;
        let mut all = lock(&self.shared.refused);
        let refused = all.entry(connection).or_default();
        if refused.0 != minute {
            *refused = (minute, 0);
        }
        refused.1 += 1;
        refused.1 <= REFUSED
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
