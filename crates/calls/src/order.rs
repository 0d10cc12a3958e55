//! The orders that lists of calls have, and where in them a call stands.

use crate::when;
use chrono::{DateTime, Utc};

/// Characters of a title that decide its place.
pub(crate) const TITLE: usize = 60;

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// When it began, or came in where that is not known.
    StartedAt,
    /// When it came in.
    ImportedAt,
    /// The overall score; calls without one have less than any.
    Score,
    /// The length; calls without one have less than any.
    Duration,
    /// The first letters of the title, in lower case.
    Title,
}

impl By {
    /// The expression of an index.
    pub(crate) fn key(self) -> String {
        match self {
            Self::StartedAt => "c.happened_at".to_owned(),
            Self::ImportedAt => "c.imported_at".to_owned(),
            Self::Score => "coalesce(c.overall_score, -1)".to_owned(),
            Self::Duration => "coalesce(c.duration_ms, -1)".to_owned(),
            Self::Title => format!("substr(c.title_key, 1, {TITLE})"),
        }
    }

    /// A key of this order as a cursor carries it; `None` where it is none.
    pub fn read(self, text: &str) -> Option<Key> {
        match self {
            Self::StartedAt | Self::ImportedAt => {
                text.parse().ok().filter(|at| when::is_comparable(*at)).map(Key::Time)
            }
            Self::Score => text.parse().ok().filter(|score: &f64| score.is_finite()).map(Key::Score),
            Self::Duration => text.parse().ok().map(Key::Duration),
            Self::Title => Some(Key::Title(text.to_owned())),
        }
    }
}

/// Where in its order a call stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// A moment.
    Time(DateTime<Utc>),
    /// A score.
    Score(f64),
    /// A length in milliseconds.
    Duration(i64),
    /// The first letters of a title.
    Title(String),
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Time(at) => f.write_str(&at.to_rfc3339()),
            Self::Score(score) => score.fmt(f),
            Self::Duration(ms) => ms.fmt(f),
            Self::Title(text) => f.write_str(text),
        }
    }
}
