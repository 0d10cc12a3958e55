//! What differs between won and lost deals, and how sure that is; who wins most, and how somebody's calls stand beside theirs.
//!
//! The calls of a deal become one list of values, one per [`features::Feature`]; [`compare`] sets the won deals of a team beside the lost ones,
//! [`top::performers`] chooses reps by an earlier period, and [`beside`] sets one rep's deals beside theirs. A difference says that two things go
//! together; nothing here says why. `docs/winners.md` tells it for people, with the figures on which the method was chosen.
//!
//! This crate is pure: values in, values out; no files, no clock, no chance.

pub mod adjust;
mod beside;
pub mod clustered;
mod compare;
pub mod features;
pub mod student;
pub mod top;

pub use beside::{Beside, Group, MIN_SHOWN, beside};
pub use compare::{Comparison, Deal, Difference, MAX_Q, MIN_DEALS, MIN_REPS, NotEnough, Side, compare};
