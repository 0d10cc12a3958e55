//! Users and teams.

mod store;

pub use store::{Role, User, find_rep, rep};

#[cfg(test)]
mod tests;
