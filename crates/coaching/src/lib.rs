//! Analyses of calls: judged as jobs, kept with what they rest on, summed up by rep and week.

mod jobs;
mod ops;
mod partitions;
mod rollups;
mod store;
mod summary;

pub use jobs::{NIGHTLY, PARTITIONS, handlers, schedules};
pub use ops::{Judged, ask, delete, judge, set_sides, stored};
pub use partitions::make as make_partitions;
pub use rollups::{Difference, Sum, check, for_rep, for_team};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_changes;
