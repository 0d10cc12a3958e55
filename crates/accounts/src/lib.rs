//! Users and teams.

mod store;

pub use store::{Role, User, find_rep, join, rep, team};

#[cfg(test)]
mod tests;
