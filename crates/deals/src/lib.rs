//! Deals: opportunities of a CRM, of Gong or of files, their calls and e-mails, what warns of them, and what winners do differently.

mod assess;
mod coach;
mod domain;
mod error;
mod findings;
mod follow;
pub mod http;
mod import;
mod jobs;
mod learn;
mod links;
mod listen;
mod opportunities;
mod records;
mod retention;
mod review;
mod rules;
mod samples;
mod storage;
mod sync;
mod timeline;
mod words;

pub use coach::{coaching, write_coaching};
pub use domain::coach::{DealCoaching, NextStep, NextStepOutcome};
pub use domain::facts::{Link, Status};
pub use domain::health::Signal;
pub use domain::record::FileKind;
pub use domain::review::{ReviewDeal, ReviewDealList, ReviewMoment, ReviewRep, WeeklyReview};
pub use domain::tell::{DealPoint, DealTopic};
pub use domain::warn::{Rule, Warning, WarningKind};
pub use error::DealError;
pub use follow::{catch_up, follow};
pub use import::{Brought, What, bring};
pub use jobs::{RETENTION, REVIEW, handlers, schedules};
pub use learn::{LearningInsights, Wanted, learning_insights};
pub use links::{How, Saying, say};
pub use opportunities::{
    By, CallOpportunity, Key, Opportunity, OpportunityDetails, OpportunityFacets, Owner, Search, facets, get, of_call,
    search,
};
pub use retention::{Retention, RetentionItem, RetentionKind, retention, run_retention};
pub use review::{Review, Reviews, WeeklyReviewHead, last_week, review, reviews, write_review, write_reviews};
pub use rules::{change_rules, rules};
pub use samples::{bring_samples, remove_samples, samples_since};
pub use storage::{MEASURE, Storage, StorageKind, StorageUse, measure_soon, measure_storage, storage};
pub use sync::ROUNDS;
pub use timeline::{Entry, Filter, Kind, timeline};

use ::coaching::Analyst;
use chrono_tz::Tz;
use db::Db;
use kernel::Clock;
use transcript::redact::RedactKinds;

/// What everything here needs. Clones share it.
#[derive(Debug, Clone)]
pub struct Deals {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// What is replaced before anything is kept.
    pub redact: RedactKinds,
    /// Where the team is: days and weeks begin there.
    pub zone: Tz,
    /// Id of the usual rubric.
    pub rubric: String,
    /// Who judges, and words what was found where somebody asks for it.
    pub analyst: Analyst,
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_learn;
#[cfg(test)]
mod tests_retention;
#[cfg(test)]
mod tests_review;
#[cfg(test)]
mod tests_sync;
#[cfg(test)]
mod tests_told;
#[cfg(test)]
mod tests_words;
