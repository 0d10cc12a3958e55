//! Names and directions in a model's sentences: a name that was not given is nobody whom the material knows, and what fell did not rise.

use serde::Serialize;
use std::collections::BTreeSet;

/// Which way scores went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// They rose.
    Up,
    /// They fell.
    Down,
}

/// Words that say that something rose.
const RISING: &[&str] = &[
    "rise",
    "rises",
    "rose",
    "risen",
    "rising",
    "raised",
    "higher",
    "better",
    "best",
    "improve",
    "improves",
    "improved",
    "improving",
    "improvement",
    "gain",
    "gains",
    "gained",
    "gaining",
    "grew",
    "grow",
    "grows",
    "grown",
    "growing",
    "climb",
    "climbs",
    "climbed",
    "climbing",
    "increase",
    "increases",
    "increased",
    "increasing",
    "stronger",
];

/// Words that say that something fell.
const FALLING: &[&str] = &[
    "fall",
    "falls",
    "fell",
    "fallen",
    "falling",
    "lower",
    "lowered",
    "worse",
    "worst",
    "worsened",
    "drop",
    "drops",
    "dropped",
    "dropping",
    "decline",
    "declines",
    "declined",
    "declining",
    "decrease",
    "decreases",
    "decreased",
    "decreasing",
    "lose",
    "loses",
    "lost",
    "losing",
    "slip",
    "slips",
    "slipped",
    "slipping",
    "slid",
    "sank",
    "sunk",
    "weaker",
    "weakened",
];

/// Words before or behind which `up` and `down` tell of scores: one can follow up in any case.
const MOVING: &[&str] =
    &["go", "goes", "going", "gone", "went", "is", "are", "was", "were", "trending", "points", "by", "from", "to"];

/// The runs of letters of a text, each with whether a sentence begins with it.
fn words(text: &str) -> Vec<(bool, &str)> {
    let mut found = Vec::new();
    let (mut begins, mut from) = (true, None);
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (letter.is_alphabetic(), from) {
            (true, None) => from = Some(at),
            (true, Some(_)) => {}
            (false, open) => {
                if let Some(start) = open {
                    found.push((begins, &text[start..at]));
                    (begins, from) = (false, None);
                }
                begins |= matches!(letter, '.' | '!' | '?' | '…');
            }
        }
    }
    found
}

/// Whether every word with a capital letter within a sentence stands among the words of the texts. The first word of a sentence has one in any case,
/// and is not looked at.
#[must_use]
pub fn names_hold<'a>(sentence: &str, given: impl IntoIterator<Item = &'a str>) -> bool {
    let named = words(sentence)
        .into_iter()
        .filter(|(begins, word)| !begins && *word != "I" && word.chars().next().is_some_and(char::is_uppercase));
    let named: BTreeSet<String> = named.map(|(_, word)| word.to_lowercase()).collect();
    if named.is_empty() {
        return true;
    }
    let known: BTreeSet<String> = given.into_iter().flat_map(words).map(|(_, word)| word.to_lowercase()).collect();
    named.is_subset(&known)
}

/// Whether no word of a sentence says the contrary of this direction.
#[must_use]
pub fn direction_holds(sentence: &str, direction: Direction) -> bool {
    let (contrary, way) = if direction == Direction::Up { (FALLING, "down") } else { (RISING, "up") };
    let all: Vec<String> = words(sentence).into_iter().map(|(_, word)| word.to_lowercase()).collect();
    let moves = |at: usize| all.get(at).is_some_and(|word| MOVING.contains(&word.as_str()));
    let says = |at: usize, word: &str| {
        contrary.contains(&word) || word == way && (at.checked_sub(1).is_some_and(moves) || moves(at + 1))
    };
    !all.iter().enumerate().any(|(at, word)| says(at, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_within_a_sentence_was_given() {
        let given = ["Ida Voss (Director of IT) took part in no call.", "Our ERP is old, said José."];
        for sentence in [
            "Bring Ida in. Then ask Voss, the director, about the ERP.",
            "Perhaps I write to José’s firm…  Who else decides?",
            "Nobody decides yet.",
            "",
        ] {
            assert!(names_hold(sentence, given), "{sentence}");
        }
        for sentence in [
            "Bring Ida and Bob in.",
            "Bob Ross decides.",
            "Ask: Bob?",
            "The CFO is missing.",
            "You met Élodie.",
            "x — Bob",
        ] {
            assert!(!names_hold(sentence, given), "{sentence}");
        }
    }

    #[test]
    fn what_fell_did_not_rise() {
        for (sentence, up, down) in [
            ("Discovery rose by 12 points.", true, false),
            ("It IMPROVED.", true, false),
            ("Discovery fell; the later calls are worse.", false, true),
            ("Discovery is at 67 in the later calls.", true, true),
            ("It rose, then fell.", false, false),
            ("Discovery went up.", true, false),
            ("Discovery: down by 12 points.", false, true),
            ("Follow up, then write it down.", true, true),
            ("Support and dropbox are other words.", true, true),
        ] {
            let found = [Direction::Up, Direction::Down].map(|direction| direction_holds(sentence, direction));
            assert_eq!(found, [up, down], "{sentence}");
        }
    }
}
