//! Calls that are kept: import, originals, list, delete.

mod blobs;
mod bucket;
mod change;
mod details;
mod domain;
pub mod events;
pub mod http;
mod import;
mod index;
pub mod limits;
mod lists;
mod ops;
mod order;
mod samples;
mod store;
pub mod when;
mod whose;

pub use blobs::{BlobError, Blobs, Originals};
pub use bucket::Bucket;
pub use change::{CallChange, change};
pub use details::{
    CallDetails, CallParticipant, ImportWarning, Original, RubricUsed, SegmentItem, SegmentSpeaker, Stretch, details,
    original, people, seen, segments,
};
pub use domain::{Call, CallError, Filter, Imported, NewCall, Receipt, Sides, Source, Status};
pub use import::{Arrival, Kept, import};
pub use index::{PASSAGES, index, index_as, index_kept, speaker_bit, unindexed};
pub use lists::{CallItem, CallRep, Mood, Neighbours, Search, neighbours, search};
pub use ops::{
    ANALYSE, ASKED_FOR, Analysis, DELETE_ORIGINAL, Deleted, analysis_key, delete, enqueue_analysis, forget_originals,
    mark_failed, set_sides,
};
pub use order::{By, Key};
pub use samples::{forget_sample_people, samples};
pub use store::{find, get, list, load, load_people, originals};
pub use whose::Who;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_lists;
#[cfg(test)]
mod tests_s3;
