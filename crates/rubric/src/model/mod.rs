//! The model analyst: what a language model is asked about a call, and what of its answer holds. Pure: who asks it, and what that costs, is
//! somebody else's business.
//!
//! A model gives verdicts and names words; scores come from [`crate::score_dimension`], quotes are cut out of the transcript here, and what does
//! not stand there is dropped and counted.

pub mod answer;
pub mod apply;
pub mod asked;
pub mod claim;
pub mod guard;
pub mod insights;
pub mod numbers;
pub mod prompt;
#[cfg(test)]
mod tests;
pub mod window;
pub mod words;
