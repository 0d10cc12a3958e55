//! A client of Fireflies' GraphQL API: the transcripts that a key may read, and whose key it is.
//!
//! A [`Client`] sends one request for each question and leaves alone a service that fails again and again; whoever asks keeps to the limits of the
//! plan and comes back later ([`FirefliesError::retry_at`]): Free and Pro have 50 requests a day, Business and Enterprise 60 a minute
//! (docs.fireflies.ai/fundamentals/limits). Transcripts come as they are; [`TranscriptView`] looks into them. A key reads the calls of whoever it
//! belongs to and what the team shows them; one of a super admin (Enterprise) reads all of the team (docs.fireflies.ai/fundamentals/super-admin).
//! What went wrong is a [`FirefliesError`] that says what to do; none has a key or a word of a call in it, nor has a log or what `Debug` shows.

mod client;
mod error;
mod question;
mod refusal;
mod settings;
mod view;

pub use client::{Client, PAGE};
pub use error::FirefliesError;
pub use settings::Settings;
pub use view::TranscriptView;
