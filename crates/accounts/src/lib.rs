//! Users and teams, and what people did.

pub mod audit;
mod store;

pub use store::{Role, User, find_rep, join, rep, team};

#[cfg(test)]
mod tests;
