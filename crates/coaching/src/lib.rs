//! Analyses of calls: judged as jobs, kept with what they rest on, summed up by rep and week.

pub mod http;
mod jobs;
mod ops;
mod partitions;
mod rollups;
mod sessions;
mod store;
mod summary;

pub use jobs::{NIGHTLY, PARTITIONS, handlers, schedules};
pub use ops::{
    Asked, CallChanges, Judged, ask, ask_unless_current, change, delete, judge, known_rubric, set_sides, stored,
};
pub use partitions::make as make_partitions;
pub use rollups::{Difference, Sum, check, for_rep, for_team};
pub use sessions::{
    CheckView, CoachingSession, DimensionView, FlagView, Measured, QuoteView, SessionHead, measured, session, sessions,
};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_changes;
