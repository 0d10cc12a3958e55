//! What can be measured in a conversation: metrics, sentiment, trackers, labels.
//!
//! This crate is pure: a [`transcript::Transcript`] in, values out; no files, no clock, no async. The data it works with (trackers,
//! cues, lexicon, weights) is compiled in and can be replaced by the caller.

pub mod bands;
pub mod dates;
pub mod figures;
pub mod inflect;
pub mod interval;
pub mod labels;
mod language;
pub mod metrics;
pub mod number;
pub mod pattern;
pub mod sentiment;
mod spelling;
pub mod text;
pub mod tracker;

pub use language::is_english;
