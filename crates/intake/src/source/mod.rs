//! Where the calls of a connection are asked for: one face for all of them.

mod crm;
mod fireflies;
mod folder;
mod gong;

pub use self::crm::crm;
pub(crate) use self::gong::{media, oauth, rep};
use fireflies::Fireflies;
pub use folder::Watch;
pub(crate) use folder::{Folder, Index};

use crate::connection::{self, Connection};
use crate::ledger::Open;
use crate::process::PAUSED;
use crate::{Intake, IntakeError, Kind};
use ::gong::CallView;
use bytes::Bytes;
use calls::{NewCall, Source};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::HashMap;

/// Where calls are asked for.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Gong(::gong::Client),
    Fireflies(Fireflies),
    Folder(Folder),
}

/// Why an origin does not give what it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A sentence.
    pub why: String,
    /// With whom it lies.
    pub cause: Cause,
    /// When it may be asked again, where that is known.
    pub at: Option<DateTime<Utc>>,
}

/// With whom a trouble lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// With what was asked for, whenever that is asked for: others may be had.
    Question,
    /// With what was asked for, or with the address: asking for others tells.
    Place,
    /// With how much may be asked for. No failure of the service.
    Limit,
    /// With the service, and it passes.
    Passing,
    /// With the service or what is set, until somebody does something about it.
    Lasting,
}

impl Trouble {
    /// One of which it is not known when it is over.
    pub fn new(cause: Cause, why: impl Into<String>) -> Self {
        Self { why: why.into(), cause, at: None }
    }

    /// Whether it may concern some of what was asked for at once, and not the rest.
    pub fn is_of_some(&self) -> bool {
        matches!(self.cause, Cause::Question | Cause::Place)
    }

    /// Whether the service does not do what it is there for.
    pub fn is_failure(&self) -> bool {
        self.cause != Cause::Limit
    }

    /// When to come back; each failure in a row doubles the wait.
    pub fn come_back(&self, now: DateTime<Utc>, failures: u32) -> DateTime<Utc> {
        match (self.at, self.cause) {
            (Some(at), _) => at,
            (None, Cause::Limit | Cause::Passing) => now + TimeDelta::seconds(5 << failures.min(7)),
            (None, _) => now + PAUSED,
        }
    }
}

/// What an origin tells of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed {
    /// As it is named there.
    pub id: String,
    pub began_at: Option<DateTime<Utc>>,
    /// Mail address, else name, of whose call it is.
    pub rep: Option<String>,
    /// All that is told, with what is redacted replaced.
    pub details: Value,
    /// Why it is not to come in.
    pub skip: Option<&'static str>,
}

/// A page of a list of calls.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub calls: Vec<Listed>,
    /// The mark of the next page; none on the last.
    pub next: Option<String>,
    /// Whether there was no such page at all, which may also be because its mark is too old.
    pub lost: bool,
}

/// What was said in a call, as its origin has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Words {
    /// Without the names of those who say it, which are told apart: Gong's.
    Gong(Value),
    /// A file, or what may be one, with everything in it.
    File { name: String, bytes: Bytes },
}

/// Which calls are listed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Those that began at this time or later,
    pub since: DateTime<Utc>,
    /// and before this one.
    pub until: DateTime<Utc>,
}

impl Origin {
    /// Of a connection.
    ///
    /// # Errors
    /// A sentence for whoever set the connection up.
    pub fn of(intake: &Intake, connection: &Connection) -> Result<Self, IntakeError> {
        match connection.kind {
            Kind::Gong => gong::origin(intake, connection),
            Kind::Fireflies => Fireflies::origin(intake, connection),
            Kind::Folder => Folder::of(intake).map(Self::Folder),
            Kind::Salesforce | Kind::Hubspot => {
                Err(IntakeError::Service("this connection is asked for deals, and not for calls".to_owned()))
            }
            Kind::Push => {
                let why = "this connection is not asked for anything: calls are sent to it";
                Err(IntakeError::Service(why.to_owned()))
            }
        }
    }

    /// What it is called at the beginning of a sentence.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gong(_) => "Gong",
            Self::Fireflies(_) => "Fireflies",
            Self::Folder(_) => "The folder",
        }
    }

    /// What people know a call by, before what is said of it: the name of a file, redacted as it is kept, which its id does not tell.
    pub fn before(&self, row: &Open) -> String {
        let name = match self {
            Self::Gong(_) | Self::Fireflies(_) => None,
            Self::Folder(_) => row.details.as_ref().and_then(|told| told.0["file"].as_str()),
        };
        name.map(|name| format!("{name}: ")).unwrap_or_default()
    }

    /// What to say where it has nothing of a call.
    pub fn no_call(&self) -> &'static str {
        match self {
            Self::Gong(_) => "Gong does not show this call",
            Self::Fireflies(_) => "Fireflies does not show this call",
            Self::Folder(_) => "the folder no longer has this file",
        }
    }

    /// What to say where it has no words of a call.
    pub fn no_words(&self) -> &'static str {
        match self {
            Self::Gong(_) => "Gong has no transcript of it yet",
            Self::Fireflies(_) => "Fireflies has no transcript of it yet",
            Self::Folder(_) => "the folder no longer has this file",
        }
    }

    /// Calls that it is asked for in one request at most.
    pub fn together(&self) -> i64 {
        match self {
            // A page.
            Self::Gong(_) => 100,
            Self::Fireflies(_) | Self::Folder(_) => 1,
        }
    }

    /// Whether it lets this program in, and what it tells then: a sentence.
    pub async fn test(&self, intake: &Intake) -> Result<String, Trouble> {
        let gong = |error| gong::trouble(&error, intake.clock.now());
        match self {
            Self::Gong(client) => gong::test(client).await.map_err(gong),
            Self::Fireflies(fireflies) => fireflies.test(intake).await,
            Self::Folder(folder) => folder.test().await,
        }
    }

    /// Waits, some seconds at most, for what is just coming in.
    pub async fn settle(&self) -> Result<(), Trouble> {
        match self {
            Self::Gong(_) | Self::Fireflies(_) => Ok(()),
            Self::Folder(folder) => folder.settle().await,
        }
    }

    /// A page of the calls of a span. `mark` is that of the page before.
    pub async fn list(
        &self,
        intake: &Intake,
        connection: &Connection,
        span: Span,
        mark: Option<&str>,
    ) -> Result<Sheet, Trouble> {
        let gong = |error| gong::trouble(&error, intake.clock.now());
        match self {
            Self::Gong(client) => gong::list(client, intake, connection, span, mark).await.map_err(gong),
            Self::Fireflies(fireflies) => fireflies.list(intake, span, mark).await,
            Self::Folder(folder) => folder.list(intake).await,
        }
    }

    /// What is told of these calls. Calls that are not there are left out.
    pub async fn details(
        &self,
        intake: &Intake,
        connection: &Connection,
        rows: &[Open],
    ) -> Result<Vec<Listed>, Trouble> {
        let gong = |error| gong::trouble(&error, intake.clock.now());
        match self {
            Self::Gong(client) => {
                let told = gong::details(client, connection, rows).await.map_err(gong)?;
                Ok(told.into_iter().filter_map(|told| gong::listed(told, intake, connection)).collect())
            }
            Self::Fireflies(fireflies) => fireflies.details(intake, rows).await,
            Self::Folder(folder) => Ok(folder.list(intake).await?.calls),
        }
    }

    /// What was said in these calls, by their ids. Calls of which that is not there yet are left out.
    pub async fn words(
        &self,
        intake: &Intake,
        connection: &Connection,
        rows: &[Open],
    ) -> Result<Vec<(String, Words)>, Trouble> {
        let gong = |error| gong::trouble(&error, intake.clock.now());
        match self {
            Self::Gong(client) => gong::words(client, connection, rows).await.map_err(gong),
            Self::Fireflies(fireflies) => fireflies.words(intake, rows).await,
            Self::Folder(folder) => folder.words(rows).await,
        }
    }

    /// What is told of these calls, by their ids, with the names in it: for those whose words come without. Nothing where they come with them.
    pub async fn people(
        &self,
        intake: &Intake,
        connection: &Connection,
        rows: &[Open],
    ) -> Result<HashMap<String, Value>, Trouble> {
        let gong = |error| gong::trouble(&error, intake.clock.now());
        match self {
            Self::Gong(client) => {
                let told = gong::details(client, connection, rows).await.map_err(gong)?;
                Ok(told.into_iter().filter_map(|told| Some((CallView::of(&told).id?, told))).collect())
            }
            Self::Fireflies(_) | Self::Folder(_) => Ok(HashMap::new()),
        }
    }

    /// A call as a file, and what is told beside it. `told` is what is told of the call, with the names in it.
    pub fn file(
        &self,
        intake: &Intake,
        connection: &Connection,
        row: &Open,
        told: &Value,
        words: Words,
    ) -> (Bytes, NewCall) {
        let (bytes, new) = match words {
            Words::Gong(words) => gong::file(connection, row, told, words),
            Words::File { name, bytes } => {
                let new = NewCall::named(name);
                let of_service = |source| (source, Some(row.external_id.clone()));
                let (source, source_id) = match self {
                    Self::Fireflies(_) => of_service(Source::Fireflies),
                    // The same file is the same call, whoever brings it.
                    _ => (new.source, None),
                };
                (bytes, NewCall { source, source_id, ..new })
            }
        };
        let who = format!("connection:{}", connection.name).into();
        let new = NewCall { rep: row.rep.clone(), time_zone: intake.zone, redact: intake.redact, who, ..new };
        (bytes, new)
    }
}

/// Asks whether the service of a connection lets this program in: a sentence for people, either way.
///
/// # Errors
/// When the database fails.
pub(crate) async fn test(intake: &Intake, connection: &Connection) -> Result<Result<String, String>, IntakeError> {
    let told = if connection.kind.is_crm() {
        match crm(intake, connection) {
            Ok(client) => crm::test(&client).await.map_err(|error| error.to_string()),
            Err(IntakeError::Service(why)) => Err(why),
            Err(error) => return Err(error),
        }
    } else {
        match Origin::of(intake, connection) {
            Ok(origin) => origin.test(intake).await.map_err(|trouble| trouble.why),
            Err(IntakeError::Service(why)) => Err(why),
            Err(error) => return Err(error),
        }
    };
    if told.is_ok() {
        connection::tried(&intake.db, &intake.clock, connection.id, None).await?;
    }
    Ok(told)
}
