//! Analyses of calls: judged as jobs, kept with what they rest on, summed up by rep, day and week; and what is told of them: figures, insights,
//! moments to coach. Rubrics and trackers of one's own, and what is known of
//! the product.

mod analytics;
mod error;
mod figures;
pub mod http;
mod insights;
mod jobs;
pub mod knowledge;
mod learning;
mod model;
mod moments;
mod ops;
mod partitions;
mod period;
mod quotes;
mod rollups;
mod rubrics;
mod sessions;
mod store;
mod summary;
mod trackers;
mod verdicts;

pub use analytics::{AgentFigures, Order, Rep, TeamFigures, Trend, agents, team, trend};
pub use error::CoachingError;
pub use figures::{Average, Compared, MIN_CALLS, Point, Scope};
pub use insights::{CheckCount, CheckMoment, Course, DimensionCourse, Insights, insights};
pub use jobs::{NIGHTLY, PARTITIONS, handlers, schedules};
pub use learning::{CallName, Exercise, LearningPoint, LearningPoints, learning_points};
pub use model::{
    Analyst, BACKFILL, Backfill, BackfillState, BackfillWish, Conversation, Cost, Costs, DimensionUse, Estimate,
    Limits, Model, ModelFailure, ModelUse, Purpose, Writing, Written, backfill, backfills, begin_backfill,
    cancel_backfill, confirm, converse, costs, estimate, job_key as backfill_job_key, revive as revive_backfills,
    texts,
};
pub use moments::{Moment, Moments, moments, moments_of_reps};
pub use ops::{
    Asked, CallChanges, Judged, Wish, ask, ask_unless_current, change, delete, delete_all, judge, known_rubric,
    set_sides, stored,
};
pub use partitions::make as make_partitions;
pub use period::{Named, Period, begins as day_begins};
pub use rollups::{Difference, Sum, check, for_rep, for_team};
pub use rubrics::{
    KeptRubric, Source, add_rubric, change_rubric, offered, read_rubric, restore_rubric, retire_rubric, rubric_version,
    rubric_versions, rubrics, usual,
};
pub use sessions::{
    CheckView, CoachingSession, DimensionView, FlagView, Measured, QuoteView, SessionHead, measured, session, sessions,
};
pub use trackers::{
    KeptTracker, Listening, NewTracker, Whose, add_tracker, change_tracker, remove_tracker, tracker, trackers,
};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_backfill;
#[cfg(test)]
mod tests_changes;
#[cfg(test)]
mod tests_figures;
#[cfg(test)]
mod tests_given;
#[cfg(test)]
mod tests_http;
#[cfg(test)]
mod tests_kept;
#[cfg(test)]
mod tests_knowledge;
#[cfg(test)]
mod tests_learning;
#[cfg(test)]
mod tests_model;
#[cfg(test)]
mod tests_model_again;
#[cfg(test)]
mod tests_model_faults;
#[cfg(test)]
mod tests_wording;
