//! How things that were said are found again: the words of a text as they are looked for, the passages of a call, what somebody who searches means,
//! how well a passage fits, and how good a ranking is.
//!
//! This crate is pure. Where words and vectors are kept is the business of `calls` and `search`.
//!
//! ```
//! let query = retrieval::Query::parse("\"quarterly price\" -discount side:customer");
//! assert_eq!(query.wanted.len(), 1);
//! assert_eq!(query.unwanted.len(), 1);
//! assert_eq!(query.fields.side, Some(transcript::Side::External));
//! ```

pub mod codes;
pub mod measure;
mod passage;
mod query;
pub mod rank;
pub mod words;

pub use passage::{BORDER, Part, Passage, passages, passages_each};
pub use query::{Clause, Fields, Query};

/// Which words and passages are made of a text. Whatever was indexed by another version is indexed anew.
pub const VERSION: i32 = 1;
