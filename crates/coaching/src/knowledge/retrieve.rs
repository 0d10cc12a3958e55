//! Which sections a call is about: BM25 over the words of the call.
//!
//! With the weight of words in long queries (k3) of Robertson, Walker, Jones, Hancock-Beaulieu, Gatford: Okapi at TREC-3, 1994.

use super::store::{self, KeptSection};
use db::{Db, DbError};
use retrieval::rank;
use retrieval::words::terms;
use rubric::model::prompt::Section;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tokens of sections that a prompt has room for, usually.
pub const BUDGET: usize = 3_000;

/// How soon a word that is said again counts no more: the value of the paper.
const K3: f64 = 8.0;
/// How often a word of a heading counts.
const HEADING: u32 = 2;
/// Tokens of what surrounds a section in a prompt: its id, quotes and keys.
const AROUND: usize = 25;

/// The sections in use that fit these words best, the best first, together within `budget` tokens. Sections that share no word with them are left out.
/// The same words and documents give the same sections in the same order.
///
/// # Errors
/// When the database fails.
pub async fn relevant(db: &Db, words: &str, budget: usize) -> Result<Vec<Section>, DbError> {
    // The latest that was made: mostly there is one installation in a program.
    static LATEST: Mutex<Option<(String, Arc<Index>)>> = Mutex::new(None);
    let now = store::fingerprint(db).await?;
    let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let index = match latest {
        Some((fingerprint, index)) if fingerprint == now => index,
        _ => {
            // By what was read and not by what was asked before: a document may have changed meanwhile.
            let (fingerprint, sections) = store::current(db).await?;
            let index = Arc::new(Index::new(sections));
            *LATEST.lock().unwrap_or_else(PoisonError::into_inner) = Some((fingerprint, Arc::clone(&index)));
            index
        }
    };
    Ok(index.best(words, budget))
}

/// Sections by their words.
struct Index {
    sections: Vec<KeptSection>,
    /// How many words each section has.
    lengths: Vec<f64>,
    /// In which sections a word stands, and how often.
    places: HashMap<String, Vec<(usize, u32)>>,
}

impl Index {
    fn new(sections: Vec<KeptSection>) -> Self {
        let (mut lengths, mut places) = (Vec::new(), HashMap::<String, Vec<(usize, u32)>>::new());
        for (at, section) in sections.iter().enumerate() {
            let mut counts = HashMap::<String, u32>::new();
            for (text, times) in [(&section.name, 1), (&section.heading, HEADING), (&section.text, 1)] {
                terms(text, |term| *counts.entry(term).or_default() += times);
            }
            lengths.push(f64::from(counts.values().sum::<u32>()));
            for (term, count) in counts {
                places.entry(term).or_default().push((at, count));
            }
        }
        Self { sections, lengths, places }
    }

    fn best(&self, words: &str, budget: usize) -> Vec<Section> {
        let mut order = self.ranked(words);
        let mut left = budget;
        order.retain(|at| {
            let section = &self.sections[*at];
            // The name of the document stands before each; three letters are a token at most.
            let size = section.tokens as usize + section.name.len() / 3 + AROUND;
            let fits = size <= left;
            if fits {
                left -= size;
            }
            fits
        });
        order.into_iter().map(|at| self.sections[at].shown()).collect()
    }

    /// The sections that share words with these, the best first; of those that are as good the one that stands first.
    fn ranked(&self, words: &str) -> Vec<usize> {
        let mut said = HashMap::<String, u32>::new();
        terms(words, |term| *said.entry(term).or_default() += 1);
        // In one order: sums of floats depend on it.
        let mut said: Vec<(String, u32)> = said.into_iter().collect();
        said.sort_unstable();
        let count = self.sections.len() as f64;
        let mean = self.lengths.iter().sum::<f64>() / count.max(1.0);
        let mut scores = vec![0.0; self.sections.len()];
        for (term, times) in said {
            let Some(places) = self.places.get(&term) else { continue };
            let (found, times) = (places.len() as f64, f64::from(times));
            let rarity = rank::rarity(count, found);
            let asked = (K3 + 1.0) * times / (K3 + times);
            for (at, often) in places {
                let often = f64::from(*often);
                scores[*at] += asked * rank::bm25(rarity, often, self.lengths[*at] / mean);
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).filter(|at| scores[*at] > 0.0).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        order
    }
}

#[cfg(test)]
mod tests;
