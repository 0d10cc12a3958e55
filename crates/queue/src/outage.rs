//! A database that is away is told once, and once when it is back.

use db::DbError;
use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, Mutex, PoisonError};

/// What is wrong with the database of a worker at present. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Outage(Arc<Mutex<Option<Discriminant<DbError>>>>);

impl Outage {
    /// The database failed: a line in the log, unless the last one told the same.
    pub(crate) fn failed(&self, error: &DbError) {
        let now = Some(discriminant(error));
        let before = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), now);
        if before != now {
            tracing::warn!(%error, "no jobs are taken; it is tried again until the database works");
        }
    }

    /// The database did what it was asked.
    pub(crate) fn works(&self) {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            tracing::info!("the database works again; jobs are taken");
        }
    }
}
