//! Trackers: words and phrases to find, from YAML files.

use crate::pattern::{Hit, PatternError, PatternSetBuilder};
use crate::text::{Vocabulary, VocabularyFull};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use transcript::Side;

/// A tracker file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackerFile {
    /// Groups of alternatives that the phrases name as `{name}`.
    #[serde(default)]
    pub define: BTreeMap<String, String>,
    /// The trackers.
    pub trackers: Vec<Tracker>,
}

/// One tracker: a name and the phrases it stands for, in the language of [`crate::pattern`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracker {
    /// Identifier, snake case; cues are written `group.name`.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Whose words are searched; everybody's when absent.
    #[serde(default)]
    pub side: Option<Side>,
    /// What to find.
    pub phrases: Vec<String>,
}

/// Why a tracker file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrackerError {
    /// The file is not the YAML that was expected; the message names line and key.
    #[error("{0}")]
    Yaml(String),
    /// A phrase is malformed.
    #[error("tracker \"{tracker}\", {source}")]
    Phrase {
        /// Id of the tracker.
        tracker: String,
        /// What is wrong with the phrase.
        source: PatternError,
    },
    /// There are more words than can be told apart.
    #[error(transparent)]
    Words(#[from] VocabularyFull),
    /// Two trackers have one id.
    #[error("the tracker \"{0}\" is defined twice")]
    Duplicate(String),
}

impl TrackerFile {
    /// Reads a tracker file.
    ///
    /// # Errors
    /// [`TrackerError::Yaml`] with the line and the key.
    pub fn from_yaml(yaml: &str) -> Result<Self, TrackerError> {
        serde_saphyr::from_str(yaml).map_err(|error| TrackerError::Yaml(error.to_string()))
    }
}

/// Trackers whose phrases are compiled into a [`PatternSet`](crate::pattern::PatternSet), where they own a range of numbers.
#[derive(Debug, Default)]
pub struct TrackerSet {
    trackers: Vec<Tracker>,
    /// The owner's number of the first.
    first: u16,
}

impl TrackerSet {
    /// Compiles the trackers of several files into `patterns`, where they own the numbers from `first` on; words are added to `vocabulary`.
    ///
    /// # Errors
    /// When a phrase is malformed or an id is used twice.
    pub fn compile(
        vocabulary: &mut Vocabulary,
        patterns: &mut PatternSetBuilder,
        first: u16,
        files: Vec<TrackerFile>,
    ) -> Result<Self, TrackerError> {
        let mut set = Self { trackers: Vec::new(), first };
        for file in files {
            for tracker in file.trackers {
                if set.trackers.iter().any(|known| known.id == tracker.id) {
                    return Err(TrackerError::Duplicate(tracker.id));
                }
                let owner = set.owners().end;
                for phrase in &tracker.phrases {
                    patterns
                        .add(vocabulary, &file.define, phrase, owner)
                        .map_err(|source| TrackerError::Phrase { tracker: tracker.id.clone(), source })?;
                }
                set.trackers.push(tracker);
            }
        }
        Ok(set)
    }

    /// The trackers; [`Hit::owner`] is an index into it in what [`TrackerSet::keep`] keeps.
    pub fn trackers(&self) -> &[Tracker] {
        &self.trackers
    }

    /// Number of the tracker with this id.
    pub fn index(&self, id: &str) -> Option<u16> {
        self.trackers.iter().position(|t| t.id == id).map(|index| index as u16)
    }

    /// The numbers in the set of patterns.
    pub fn owners(&self) -> Range<u16> {
        self.first..self.first + self.trackers.len() as u16
    }

    /// Adds a hit of these trackers' patterns to `hits`, unless `side` is not the one it looks at. Of hits of one tracker that overlap the
    /// first and longest is kept.
    pub fn keep(&self, mut hit: Hit, side: Option<Side>, hits: &mut Vec<Hit>) {
        hit.owner -= self.first;
        if let (Some(wanted), Some(side)) = (self.trackers[hit.owner as usize].side, side)
            && wanted != side
        {
            return;
        }
        match hits.iter_mut().rev().find(|known| known.owner == hit.owner) {
            Some(known) if hit.first < known.last => {
                if hit.first == known.first {
                    known.last = known.last.max(hit.last);
                }
            }
            _ => hits.push(hit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{PatternSet, Words};

    fn set(yaml: &str) -> Result<(Vocabulary, PatternSet, TrackerSet), TrackerError> {
        let (mut vocabulary, mut patterns) = (Vocabulary::default(), PatternSetBuilder::default());
        let set = TrackerSet::compile(&mut vocabulary, &mut patterns, 5, vec![TrackerFile::from_yaml(yaml)?])?;
        Ok((vocabulary, patterns.build(), set))
    }

    #[test]
    fn hits_are_whole_words_of_the_wanted_side() {
        let (vocabulary, patterns, set) = set("trackers:\n- {id: price, name: Price, phrases: [price, (list|sticker) price]}\n- {id: risk, name: Risk, side: internal, phrases: [guarantee]}\n").unwrap();
        let text = "The list price is priceless; we guarantee prices";
        let mut tokens = Vec::new();
        vocabulary.tokenize(text, &mut tokens);
        let (mut hits, mut signatures) = (Vec::new(), Vec::new());
        let mut found = |side| {
            hits.clear();
            patterns
                .find(Words::new(&tokens, &mut signatures), 0, &mut Vec::new(), |hit| set.keep(hit, side, &mut hits));
            hits.iter()
                .map(|h| text[tokens[h.first].start as usize..tokens[h.last - 1].end()].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found(Some(Side::Internal)), ["list price", "guarantee", "prices"]);
        assert_eq!(found(Some(Side::External)), ["list price", "prices"]);
    }

    #[test]
    fn mistakes_name_the_tracker_or_the_line() {
        let error = set("trackers:\n- {id: a, name: A, phrases: ['(x']}\n").unwrap_err().to_string();
        assert!(error.contains("\"a\"") && error.contains("(x"), "{error}");
        let error = set("trackers:\n- id: a\n  name: A\n  phrase: [x]\n").unwrap_err().to_string();
        assert!(error.contains("phrase") && error.contains('4'), "{error}");
        let error = set("trackers:\n- {id: a, name: A, phrases: [x]}\n- {id: a, name: B, phrases: [y]}\n").unwrap_err();
        assert!(matches!(error, TrackerError::Duplicate(id) if id == "a"));
    }
}
