//! Where calls come in by themselves: connections to services, what these send, the ledger of their calls, and syncs.
//!
//! A call is known first (by a webhook, or a list that was asked for), then its transcript is there, then it is kept and judged. The ledger
//! has a row for each that is known, so that none is lost and none comes twice.

pub mod connection;
mod entry;
mod error;
pub mod events;
mod hide;
pub mod http;
mod intake;
mod jobs;
mod keeper;
pub mod ledger;
mod oauth;
mod process;
pub mod push;
mod seal;
mod secrets;
mod settings;
mod source;
pub mod sync;
mod verify;
mod views;
mod watch;

pub use connection::{Connection, Kind};
pub use error::IntakeError;
pub use intake::{Intake, Patience};
pub use jobs::{DAILY, PROCESS, SYNC, SYNC_CRM, begin_all, cancelled, handlers, retried, schedules};
pub use seal::{KEY, SealError, Sealer};
pub use source::{Cause, Trouble, Watch, crm};
pub use verify::{Shown, Unproven, Verifier};
pub use views::{CallSource, EventFilter, EventStatus, SourceCall, StepView, WebhookEvent, told_of};

pub use watch::{connection as folder_connection, watch};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_fireflies;
#[cfg(test)]
mod tests_folder;
#[cfg(test)]
mod tests_rounds;
