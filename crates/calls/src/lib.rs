//! Calls that are kept: import, originals, list, delete.

mod blobs;
mod domain;
mod ops;
mod store;

pub use blobs::{BlobError, Blobs};
pub use domain::{Call, CallError, Filter, Imported, NewCall, Receipt, Status};
pub use ops::{ANALYSE, analysis_key, delete, enqueue_analysis, import, set_sides};
pub use store::{find, get, list, load, originals};

#[cfg(test)]
mod tests;
