//! A client of Gong's public API, version 2: the calls of a company with what Gong knows of them, their transcripts, users and workspaces.
//!
//! A [`Client`] reads pages as they come ([`Page`]); [`CallView`] and [`TranscriptView`] look into what is in them. It sends again what failed for
//! a passing reason and leaves a service alone that fails again and again. What all clients of one connection share (the limits of the company,
//! the tokens of OAuth) its owner keeps behind [`Keeper`]. What went wrong is a [`GongError`] that says what to do; none has a key, a token or a
//! word of a call in it, nor has a log or what `Debug` shows.

mod ask;
mod client;
mod error;
mod keeper;
mod oauth;
mod page;
mod send;
mod settings;
mod tries;
mod view;

pub use client::Client;
pub use error::GongError;
pub use keeper::{Keeper, Kept, RENEWAL, Refusal, Renewal, Tokens, Unrenewed};
pub use oauth::{MEDIA_SCOPE, SCOPES, authorize_at, authorize_url, exchange_code};
pub use page::{Filter, Page, Trail, everything};
pub use settings::{Auth, OAuth, Settings};
pub use view::{Affiliation, CallView, Direction, Media, Party, TranscriptView};
