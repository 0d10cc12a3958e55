//! What every room with state shares: ids, the clock, secrets. No files, no network.

mod clock;
mod id;
mod secret;

pub use clock::Clock;
pub use id::{new_id, part_of_id};
pub use secret::Secret;
