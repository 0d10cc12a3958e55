//! What every room with state shares: ids, the clock, secrets, who asks, and what is told when it cannot be done. No files, no network.

mod actor;
mod clock;
mod hex;
mod id;
mod problem;
mod secret;

pub use actor::{Actor, Role, UnknownRole};
pub use clock::Clock;
pub use hex::hex;
pub use id::{new_id, part_of_id};
pub use problem::Problem;
pub use secret::Secret;
