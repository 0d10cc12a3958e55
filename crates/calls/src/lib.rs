//! Calls that are kept: import, originals, list, delete.

mod blobs;
mod bucket;
mod domain;
pub mod events;
mod import;
mod ops;
mod store;
pub mod when;

pub use blobs::{BlobError, Blobs, Originals};
pub use bucket::Bucket;
pub use domain::{Call, CallError, Filter, Imported, NewCall, Receipt, Status};
pub use import::import;
pub use ops::{
    ANALYSE, ASKED_FOR, DELETE_ORIGINAL, Deleted, analysis_key, delete, enqueue_analysis, forget_original, mark_failed,
    set_sides,
};
pub use store::{find, get, list, load, originals};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_s3;
