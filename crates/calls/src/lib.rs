//! Calls that are kept: import, originals, list, delete.

mod blobs;
mod bucket;
mod domain;
mod ops;
mod store;

pub use blobs::{BlobError, Blobs, Originals};
pub use bucket::Bucket;
pub use domain::{Call, CallError, Filter, Imported, NewCall, Receipt, Status};
pub use ops::{ANALYSE, delete, enqueue_analysis, import, set_sides};
pub use store::{find, get, list, load};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_s3;
