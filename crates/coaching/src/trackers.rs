//! Trackers of this installation: those that are built in, and those that people write here.

use crate::rubrics::{ID_RULE, is_id};
use crate::{CoachingError, Source};
use accounts::audit::{self, Action};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use signals::labels::Labeler;
use signals::tracker::{Tracker, TrackerFile};
use sqlx::types::Json;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use transcript::Side;
use utoipa::ToSchema;
use uuid::Uuid;

/// Most trackers of one's own.
const MOST: usize = 100;
/// Most phrases of a tracker.
const PHRASES: usize = 100;
/// Longest phrase, in characters.
const PHRASE: usize = 300;

/// Whose words a tracker looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Our side's.
    Internal,
    /// The customer's side's.
    External,
}

/// A tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptTracker {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose words are searched; null for everybody's.
    pub side: Option<Whose>,
    /// What to find, in the language of trackers.
    pub phrases: Vec<String>,
    /// Who wrote it.
    pub source: Source,
    /// When it was written; null of a built-in one.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was changed; null of a built-in one.
    pub updated_at: Option<DateTime<Utc>>,
    /// Who changed it last.
    pub updated_by: Option<Uuid>,
}

/// A tracker as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTracker {
    /// Its id: lower-case letters, digits and underscores.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose words are searched; everybody's where it is left out.
    pub side: Option<Whose>,
    /// What to find, in the language of trackers.
    pub phrases: Vec<String>,
}

impl From<Whose> for Side {
    fn from(whose: Whose) -> Self {
        match whose {
            Whose::Internal => Self::Internal,
            Whose::External => Self::External,
        }
    }
}

impl From<Side> for Whose {
    fn from(side: Side) -> Self {
        match side {
            Side::Internal => Self::Internal,
            Side::External => Self::External,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    side: Option<String>,
    #[sqlx(json)]
    phrases: Vec<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<Uuid>,
}

impl From<Row> for KeptTracker {
    fn from(row: Row) -> Self {
        let side = row.side.map(|side| if side == "internal" { Whose::Internal } else { Whose::External });
        Self {
            id: row.id,
            name: row.name,
            side,
            phrases: row.phrases,
            source: Source::Own,
            created_at: Some(row.created_at),
            updated_at: Some(row.updated_at),
            updated_by: row.updated_by,
        }
    }
}

impl From<&Tracker> for KeptTracker {
    fn from(tracker: &Tracker) -> Self {
        Self {
            id: tracker.id.clone(),
            name: tracker.name.clone(),
            side: tracker.side.map(Whose::from),
            phrases: tracker.phrases.clone(),
            source: Source::Builtin,
            created_at: None,
            updated_at: None,
            updated_by: None,
        }
    }
}

impl From<KeptTracker> for Tracker {
    fn from(kept: KeptTracker) -> Self {
        Self { id: kept.id, name: kept.name, side: kept.side.map(Side::from), phrases: kept.phrases }
    }
}

fn built_in() -> &'static [Tracker] {
    Labeler::builtin().trackers().trackers()
}

async fn own(db: &Db) -> Result<Vec<KeptTracker>, DbError> {
    let sql = "SELECT id, name, side, phrases, created_at, updated_at, updated_by FROM trackers ORDER BY id";
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(rows.into_iter().map(KeptTracker::from).collect())
}

/// All trackers: the built-in ones, then one's own by id.
///
/// # Errors
/// When the database fails.
pub async fn trackers(db: &Db) -> Result<Vec<KeptTracker>, CoachingError> {
    Ok(built_in().iter().map(KeptTracker::from).chain(own(db).await?).collect())
}

/// The tracker with this id.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none.
pub async fn tracker(db: &Db, id: &str) -> Result<KeptTracker, CoachingError> {
    trackers(db).await?.into_iter().find(|tracker| tracker.id == id).ok_or(CoachingError::Unknown("tracker"))
}

impl NewTracker {
    /// Checks what can be seen by itself.
    fn checked(mut self) -> Result<Self, CoachingError> {
        let wrong = |field, why: String| Err(CoachingError::Field(field, why));
        if !is_id(&self.id) {
            return wrong("id", format!("take {ID_RULE}"));
        }
        if self.id.starts_with("objection_") {
            return wrong(
                "id",
                "ids that begin with `objection_` say what an objection is; take another one".to_owned(),
            );
        }
        self.name = self.name.trim().to_owned();
        if !(1..=100).contains(&self.name.chars().count()) || self.name.chars().any(char::is_control) {
            return wrong("name", "take 1 to 100 characters".to_owned());
        }
        if !(1..=PHRASES).contains(&self.phrases.len()) {
            return wrong("phrases", format!("give 1 to {PHRASES} of them"));
        }
        if let Some(long) = self.phrases.iter().position(|phrase| phrase.chars().count() > PHRASE) {
            return wrong("phrases", format!("number {} has more than {PHRASE} characters", long + 1));
        }
        Ok(self)
    }

    /// Checks the phrases, together with the other trackers: all are compiled into one set.
    fn fits(&self, own: Vec<KeptTracker>) -> Result<(), CoachingError> {
        let others = own.into_iter().filter(|kept| kept.id != self.id).map(Tracker::from);
        let file = file(others.chain([self.tracker()]).collect());
        let wrong = |error: signals::tracker::TrackerError| CoachingError::Field("phrases", error.to_string());
        Labeler::with_builtin(vec![file]).map(|_| ()).map_err(wrong)
    }

    fn tracker(&self) -> Tracker {
        Tracker {
            id: self.id.clone(),
            name: self.name.clone(),
            side: self.side.map(Side::from),
            phrases: self.phrases.clone(),
        }
    }
}

fn file(trackers: Vec<Tracker>) -> TrackerFile {
    TrackerFile { define: BTreeMap::new(), trackers }
}

/// Keeps a new tracker; later analyses listen for it.
///
/// # Errors
/// [`CoachingError::Field`] where a value is wrong, [`CoachingError::Conflict`] where the id is taken or there are too many.
pub async fn add_tracker(db: &Db, clock: &Clock, actor: &Actor, new: NewTracker) -> Result<KeptTracker, CoachingError> {
    if built_in().iter().any(|tracker| tracker.id == new.id) {
        return Err(CoachingError::Conflict(format!("`{}` is built in; take another id", new.id)));
    }
    let (new, known) = (new.checked()?, own(db).await?);
    if known.len() >= MOST {
        return Err(CoachingError::Conflict(format!("there are {MOST} trackers, which is the most")));
    }
    new.fits(known)?;
    let mut tx = db.begin().await?;
    let sql = "INSERT INTO trackers (id, name, side, phrases, created_at, updated_at, updated_by) \
         VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT DO NOTHING";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(&new.id)
        .bind(&new.name)
        .bind(new.side.map(|side| Side::from(side).as_str()))
        .bind(Json(&new.phrases))
        .bind(clock.now())
        .bind(actor.id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(CoachingError::Conflict(format!("there is a tracker `{}`", new.id)));
    }
    done(clock, tx, actor, Action::TrackerAdd, &new.id).await?;
    tracker(db, &new.id).await
}

/// Changes a tracker of one's own; later analyses listen for what it is then.
///
/// # Errors
/// [`CoachingError::Field`] where a value is wrong, [`CoachingError::Conflict`] where it is built in, [`CoachingError::Unknown`].
pub async fn change_tracker(
    db: &Db,
    clock: &Clock,
    actor: &Actor,
    change: NewTracker,
) -> Result<KeptTracker, CoachingError> {
    refuse_built_in(&change.id)?;
    let change = change.checked()?;
    change.fits(own(db).await?)?;
    let mut tx = db.begin().await?;
    let sql = "UPDATE trackers SET name = $1, side = $2, phrases = $3, updated_at = $4, updated_by = $5 WHERE id = $6";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(&change.name)
        .bind(change.side.map(|side| Side::from(side).as_str()))
        .bind(Json(&change.phrases))
        .bind(clock.now())
        .bind(actor.id)
        .bind(&change.id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(CoachingError::Unknown("tracker"));
    }
    done(clock, tx, actor, Action::TrackerChange, &change.id).await?;
    tracker(db, &change.id).await
}

/// Deletes a tracker of one's own; what was heard stays with the calls until they are judged again.
///
/// # Errors
/// [`CoachingError::Conflict`] where it is built in, [`CoachingError::Unknown`].
pub async fn remove_tracker(db: &Db, clock: &Clock, actor: &Actor, id: &str) -> Result<(), CoachingError> {
    refuse_built_in(id)?;
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM trackers WHERE id = $1";
    let rows =
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    if rows == 0 {
        return Err(CoachingError::Unknown("tracker"));
    }
    done(clock, tx, actor, Action::TrackerRemove, id).await
}

fn refuse_built_in(id: &str) -> Result<(), CoachingError> {
    if built_in().iter().any(|tracker| tracker.id == id) {
        return Err(CoachingError::Conflict(format!("`{id}` is built in and cannot be changed; write your own")));
    }
    Ok(())
}

async fn done(clock: &Clock, mut tx: Tx, actor: &Actor, action: Action, id: &str) -> Result<(), CoachingError> {
    audit::record(&mut tx, clock, &actor.trail(), action, id, json!({})).await?;
    Ok(tx.commit().await?)
}

/// What is listened for when a call is judged.
#[derive(Debug, Clone)]
pub struct Listening {
    labeler: Option<Arc<Labeler>>,
    fingerprint: String,
}

impl Listening {
    /// For the built-in trackers alone.
    pub fn builtin() -> Self {
        Self { labeler: None, fingerprint: String::new() }
    }

    /// For the built-in trackers and those of this installation. Compiled again only where one has changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(db: &Db) -> Result<Self, DbError> {
        // The latest that was compiled: mostly there is one installation in a program.
        static LATEST: LazyLock<Mutex<Listening>> = LazyLock::new(|| Mutex::new(Listening::builtin()));
        // One that has become built in is that.
        let mut own = own(db).await?;
        own.retain(|kept| !built_in().iter().any(|known| known.id == kept.id));
        if own.is_empty() {
            return Ok(Self::builtin());
        }
        let fingerprint = fingerprint(&own);
        let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if latest.fingerprint == fingerprint {
            return Ok(latest);
        }
        let own = file(own.into_iter().map(Tracker::from).collect());
        match Labeler::with_builtin(vec![own]) {
            Ok(labeler) => {
                let made = Self { labeler: Some(Arc::new(labeler)), fingerprint };
                *LATEST.lock().unwrap_or_else(PoisonError::into_inner) = made.clone();
                Ok(made)
            }
            Err(error) => {
                // Each was good when it was written; an older program may have taken what this one does not.
                tracing::error!(%error, "the trackers of this installation cannot be used; the built-in ones are");
                Ok(Self::builtin())
            }
        }
    }

    /// The labeler.
    pub fn labeler(&self) -> &Labeler {
        match &self.labeler {
            Some(labeler) => labeler,
            None => Labeler::builtin(),
        }
    }

    /// What tells it from others; empty for the built-in trackers alone.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn fingerprint(own: &[KeptTracker]) -> String {
    let mut hash = Sha256::new();
    for tracker in own {
        let what = (&tracker.id, &tracker.name, tracker.side, &tracker.phrases);
        hash.update(serde_json::to_vec(&what).unwrap_or_default());
    }
    kernel::hex(&hash.finalize())
}
