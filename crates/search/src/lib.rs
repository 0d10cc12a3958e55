//! Find anything that was said: by words, by meaning, or by both; what is like a call, what to do next, and answers with their sources.

mod allowed;
mod ask;
mod error;
mod facets;
mod find;
pub mod http;
mod index;
mod keyword;
pub mod lab;
mod moments;
mod question;
mod recommend;
mod saved;
mod similar;
mod suggest;
mod vectors;

pub use allowed::{Allowed, Scope, allowed};
pub use ask::{Answered, Citation, Ended, Event as AskEvent, ask};
pub use error::SearchError;
pub use facets::{Facet, Facets};
pub use find::{Found, Mode, Ranked, Ranks, Wanted, find, rank};
pub use index::{EMBED, INDEX, Progress, embed_all, follow, handlers, index_all, progress, reindex};
pub use keyword::{MOST_COUNTED, Matched};
pub use moments::{FoundCall, FoundIn, FoundLine, Highlight, Moment};
pub use question::{Reading, read};
pub use recommend::{Evidence, Recommendation, RecommendationKind, recommendations};
pub use saved::{
    SavedSearch, SavedSearchHit, Saving, change_saved, delete_saved, hits, notice_all, save, saved, saved_one,
};
pub use similar::{Like, Similar, SimilarCall, similar};
pub use suggest::{Suggestion, SuggestionKind, suggest};
pub use vectors::{ByMeaning, nearest};

use chrono_tz::Tz;
use coaching::Analyst;
use db::Db;
use embed::Embedder;
use kernel::Clock;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// What everything here needs. Clones share it.
#[derive(Debug, Clone)]
pub struct Search {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Where the team is: days begin there.
    pub zone: Tz,
    /// Who answers questions, where a model judges.
    pub analyst: Analyst,
    meaning: Arc<RwLock<Meaning>>,
    codes: Arc<vectors::Codes>,
    recent: Arc<vectors::Recent>,
    known: Arc<keyword::Known>,
    /// Calls whose texts are refused by what computes vectors, by their numbers, since the program began.
    refused: Arc<Mutex<BTreeSet<i32>>>,
}

/// Whether things are found by what they mean.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// They are.
    Ready(Embedder),
    /// They are not: why, and what to do, in a sentence.
    Off(String),
    /// They are not to be.
    Unwanted,
}

impl Meaning {
    /// Whether they are not, whatever the reason.
    pub fn is_off(&self) -> bool {
        !matches!(self, Self::Ready(_))
    }
}

impl Search {
    /// With this for meaning. [`Self::prepare`] finds out whether the database can keep vectors.
    pub fn new(db: Db, clock: Clock, zone: Tz, analyst: Analyst, meaning: Meaning) -> Self {
        let meaning = Arc::new(RwLock::new(meaning));
        Self {
            db,
            clock,
            zone,
            analyst,
            meaning,
            codes: Arc::default(),
            recent: Arc::default(),
            known: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// The same, which has no vector of what was looked for lately: for measuring.
    #[must_use]
    pub fn forgetful(&self) -> Self {
        Self { recent: Arc::default(), ..self.clone() }
    }

    /// Whether things are found by what they mean.
    pub fn meaning(&self) -> Meaning {
        self.meaning.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the database ready for vectors. Where that cannot be, things are found by words alone, and [`Self::meaning`] says why.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prepare(&self) -> Result<(), db::DbError> {
        let Meaning::Ready(embedder) = self.meaning() else { return Ok(()) };
        if let Db::Postgres(pool) = &self.db
            && let Err(why) = vectors::prepare(pool, embedder.dimensions()).await?
        {
            *self.meaning.write().unwrap_or_else(PoisonError::into_inner) = Meaning::Off(why);
        }
        Ok(())
    }

    /// Looks whether the database can keep vectors, and changes nothing in it; [`Self::meaning`] says why not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look(&self) -> Result<(), db::DbError> {
        let Meaning::Ready(embedder) = self.meaning() else { return Ok(()) };
        if let Db::Postgres(pool) = &self.db
            && let Err(why) = vectors::look(pool, embedder.dimensions()).await?
        {
            *self.meaning.write().unwrap_or_else(PoisonError::into_inner) = Meaning::Off(why);
        }
        Ok(())
    }

    /// What computes vectors, where those that are kept can be compared with its own; else why not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn embedder(&self) -> Result<Result<Embedder, String>, db::DbError> {
        let embedder = match self.meaning() {
            Meaning::Ready(embedder) => embedder,
            Meaning::Off(why) => return Ok(Err(why)),
            Meaning::Unwanted => {
                return Ok(Err("searching by meaning is switched off (embedding_provider)".to_owned()));
            }
        };
        Ok(match index::model(&self.db).await? {
            Some(kept) if kept != embedder.model() => Err(format!(
                "the vectors here were made by {kept}, and this program has {}: `sideline reindex --vectors` makes them anew",
                embedder.model()
            )),
            _ => Ok(embedder),
        })
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_meaning;
#[cfg(test)]
mod tests_who;
