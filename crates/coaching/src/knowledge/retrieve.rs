//! Which sections a call is about: BM25 over the words of the call.
//!
//! Robertson, Walker, Jones, Hancock-Beaulieu, Gatford: Okapi at TREC-3, 1994, with the weight of words in long queries (k3); the weight of rare words
//! is Lucene's, which is never negative. No crate: the few there are bring a tokenizer each, and this is a page.

use super::store::{self, KeptSection};
use db::{Db, DbError};
use rubric::model::prompt::Section;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tokens of sections that a prompt has room for, usually.
pub const BUDGET: usize = 3_000;

/// How soon a word that stands in a section again counts no more, how much long sections are held back, and how soon a word that is said again
/// counts no more: the values of the paper.
const K1: f64 = 1.2;
const B: f64 = 0.75;
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
            let rare = (1.0 + (count - found + 0.5) / (found + 0.5)).ln();
            let asked = (K3 + 1.0) * times / (K3 + times);
            for (at, often) in places {
                let often = f64::from(*often);
                let length = 1.0 - B + B * self.lengths[*at] / mean;
                scores[*at] += rare * asked * (K1 + 1.0) * often / (K1 * length + often);
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).filter(|at| scores[*at] > 0.0).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        order
    }
}

/// The words of a text in the form in which they are compared: without function words, and without the regular endings of English. Of scripts without
/// spaces each letter is a word.
fn terms(text: &str, mut found: impl FnMut(String)) {
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if word.chars().any(is_ideograph) {
            word.chars().for_each(|c| found(c.to_string()));
            continue;
        }
        let word = word.to_lowercase();
        let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
        if !is_letter && !signals::inflect::is_function_word(&word) {
            found(stem(word));
        }
    }
}

/// Chinese, Japanese.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// One form for the regular forms of an English word: prices, priced and pricing are `pric`.
fn stem(mut word: String) -> String {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    // Agreed, guaranteed.
    if word.len() > 4 && word.ends_with("eed") {
        word.pop();
    } else if let Some(base) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied")) {
        word = format!("{base}y");
    } else if word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") {
        word.pop();
    }
    for ending in ["ing", "ed"] {
        let Some(base) = word.strip_suffix(ending) else { continue };
        if base.len() >= 3 && base.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
            let letters = base.as_bytes();
            let doubled = letters[letters.len() - 1] == letters[letters.len() - 2] && !base.ends_with(['l', 's', 'z']);
            word = base[..base.len() - usize::from(doubled)].to_owned();
        }
        break;
    }
    if word.len() > 3 && word.ends_with('e') {
        word.pop();
    }
    word
}

#[cfg(test)]
mod tests;
