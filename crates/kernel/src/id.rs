//! Ids of our own things.

use uuid::Uuid;

/// A new id: a UUID of version 7, so that ids made later sort later.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
