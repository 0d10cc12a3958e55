//! Vectors of what was looked for lately: the next page, a facet, a saved search asked of each new call.

use embed::Embedder;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many are kept.
const MOST: usize = 256;
/// How long a vector is waited for: somebody waits for what is found by words.
const PATIENCE: Duration = Duration::from_secs(3);

/// The latest at the end, each with what it is of.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<(String, Vec<f32>)>>);

impl Recent {
    /// The vector of a text; `None` where what computes it fails, or does not answer in time.
    pub(crate) async fn vector(&self, embedder: &Embedder, text: &str) -> Option<Vec<f32>> {
        if let Some(known) = self.known(text) {
            return Some(known);
        }
        let Ok(made) = tokio::time::timeout(PATIENCE, embedder.embed(vec![text.to_owned()])).await else {
            tracing::warn!("a query was not compared by meaning: what computes vectors does not answer in time");
            return None;
        };
        match made {
            Ok(mut made) => {
                let vector = made.pop()?;
                let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() >= MOST {
                    kept.pop_front();
                }
                kept.push_back((text.to_owned(), vector.clone()));
                Some(vector)
            }
            Err(error) => {
                tracing::warn!(%error, "a query was not compared by meaning");
                None
            }
        }
    }

    fn known(&self, text: &str) -> Option<Vec<f32>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(of, _)| of == text)?;
        let found = kept.remove(at)?;
        let vector = found.1.clone();
        kept.push_back(found);
        Some(vector)
    }
}
