//! Looks into the watched folder, again and again.

use crate::connection::{self, Connection, ConnectionSettings, NewConnection, Secrets};
use crate::ledger::{self, KnownBy, Learned, State, Told};
use crate::source::{Listed, Origin, Span, Trouble};
use crate::{Intake, IntakeError, Kind};
use chrono::{DateTime, Utc};
use db::{DbError, Tx};
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

/// How often it is looked whether there is something new.
const EVERY: Duration = Duration::from_secs(5);
/// What the connection of the folder is called, unless another is called so.
const NAME: &str = "folder";

/// Takes in what is put into the watched folder until this is dropped; ends at once where none is watched.
pub async fn watch(intake: &Intake) {
    if intake.watch.is_none() {
        return;
    }
    let mut known = Known::default();
    loop {
        if let Err(error) = known.look(intake).await {
            tracing::error!(%error, "the watched folder is not looked at");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The connection of the folder, which is made where there is none.
///
/// # Errors
/// [`IntakeError::Service`] where no folder is watched.
pub async fn connection(intake: &Intake) -> Result<Connection, IntakeError> {
    if intake.watch.is_none() {
        return Err(IntakeError::Service("no folder is watched: set `watch_folder`".to_owned()));
    }
    let all = connection::list(intake).await?;
    if let Some(found) = all.iter().find(|known| known.kind == Kind::Folder) {
        return Ok(found.clone());
    }
    let is_free = |name: &String| all.iter().all(|known| known.name != *name);
    let names = std::iter::once(NAME.to_owned()).chain((2..).map(|number| format!("{NAME}-{number}")));
    let new = NewConnection {
        kind: Kind::Folder,
        name: names.into_iter().find(is_free).unwrap_or_default(),
        settings: ConnectionSettings::default(),
        secrets: Secrets::default(),
        // What lies there already is to come in as well.
        since: Some(DateTime::<Utc>::UNIX_EPOCH),
    };
    match connection::make(intake, new, "setting:watch_folder").await {
        // Another instance was quicker.
        Err(IntakeError::Taken(..)) => connection::named(intake, Kind::Folder, None).await,
        made => made,
    }
}

/// What of the folder is in the ledger already.
#[derive(Debug, Default)]
pub(crate) struct Known {
    connection: Option<Uuid>,
    files: HashSet<String>,
    failed: bool,
}

impl Known {
    pub async fn look(&mut self, intake: &Intake) -> Result<(), IntakeError> {
        let connection = connection(intake).await?;
        if self.connection != Some(connection.id) {
            *self = Self { connection: Some(connection.id), ..Self::default() };
        }
        if connection.paused {
            return Ok(());
        }
        let origin = Origin::of(intake, &connection)?;
        let span = Span { since: connection.since, until: intake.clock.now() };
        let sheet = match origin.list(intake, &connection, span, None).await {
            Ok(sheet) => sheet,
            Err(Trouble { why, .. }) => {
                // Once, not as often as it is looked.
                if !std::mem::replace(&mut self.failed, true) {
                    connection::tried(&intake.db, &intake.clock, connection.id, Some(&why)).await?;
                }
                return Ok(());
            }
        };
        let mut new: Vec<&Listed> = sheet.calls.iter().filter(|call| !self.files.contains(&call.id)).collect();
        // In the order in which others write the same rows.
        new.sort_by(|one, other| one.id.cmp(&other.id));
        if new.is_empty() && !self.failed {
            return Ok(());
        }
        let mut tx = intake.db.begin().await?;
        for call in &new {
            let learned = learn(intake, &mut tx, connection.id, call).await?;
            if learned.state == State::Failed {
                // It may have been away for long, or be read by now.
                ledger::again(&mut tx, &intake.clock, learned.id).await?;
            }
        }
        connection::tried_in(&mut tx, &intake.clock, connection.id, None).await?;
        tx.commit().await?;
        self.failed = false;
        // Those only that are there: the others need not be remembered.
        self.files = sheet.calls.into_iter().map(|call| call.id).collect();
        Ok(())
    }
}

/// Writes a call that is listed into the ledger.
pub(crate) async fn learn(intake: &Intake, tx: &mut Tx, connection: Uuid, call: &Listed) -> Result<Learned, DbError> {
    let details = ledger::written(&call.details)?;
    let told = Told {
        external_id: &call.id,
        began_at: call.began_at,
        rep: call.rep.as_deref(),
        details: Some(&*details),
        skip: call.skip,
    };
    ledger::learn(tx, &intake.clock, connection, &told, KnownBy::Sync).await
}
