//! Things of ours that have another name than the customer gave them: "to Madrid" where they had said "to Lisbon", and who has to put it right.

use super::contradictions::{CORRECTED, Contradiction};
use super::questions::contains;
use super::view::View;
use super::words::content_of;
use transcript::Side;

/// Words between which a name stands for the same: "the washer", "my dryer".
const DETERMINERS: &[&str] = &["the", "a", "an", "my", "your", "this", "that", "our"];

/// Places where the customer does nothing but put a name right ("no, Lisbon", "dryer") that they had given before, and we leave it at that.
pub(super) fn find(view: &View<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (turn, protest) in view.turns.iter().enumerate().skip(1) {
        let before = &view.turns[turn - 1];
        if protest.side != Some(Side::External) || before.side != Some(Side::Internal) {
            continue;
        }
        let Some(name) = bare_name(&view.full_words(protest.sentences.start)) else { continue };
        let (Some(stem), None) = (content_of(&[name]).first().copied(), content_of(&[name]).get(1)) else { continue };
        // Said again at once, or named by us as well, it was no other name.
        if before.sentences.clone().any(|i| view.content(i).contains(&stem)) || put_right(view, turn, stem) {
            continue;
        }
        let theirs = |i: usize| i < before.sentences.start && view.sentence(i).side == Some(Side::External);
        let said = (0..before.sentences.start).find(|&i| theirs(i) && view.content(i).contains(&stem));
        let Some((said, place)) = said.and_then(|i| Some((i, place_of(&view.full_words(i), name)?))) else { continue };
        let other = |i: &usize| {
            let words = view.full_words(*i);
            words.windows(2).any(|pair| {
                let content = content_of(&[pair[1]]);
                same_place(pair[0], place)
                    && pair[1] != name
                    && !super::facts::is_weekday(pair[1])
                    && signals::number::word_value(pair[1]).is_none()
                    && content.first().is_some_and(|w| (0..*i).all(|k| !view.content(k).contains(w)))
            })
        };
        if let Some(stated) = before.sentences.clone().rev().find(other) {
            found.push(Contradiction { said, contradicts: stated });
        }
    }
    found
}

/// The one name that a correction consists of: "no, Lisbon", "dryer", "it's the dryer".
fn bare_name<'w>(words: &[&'w str]) -> Option<&'w str> {
    let rest: Vec<&str> = words
        .iter()
        .copied()
        .skip_while(|w| {
            matches!(*w, "no" | "nope" | "it" | "is" | "was" | "to" | "i" | "said") || DETERMINERS.contains(w)
        })
        .collect();
    match rest.as_slice() {
        [name] if signals::number::word_value(name).is_none() && !super::facts::is_weekday(name) => Some(name),
        _ => None,
    }
}

/// The word before a name.
fn place_of<'w>(words: &[&'w str], name: &str) -> Option<&'w str> {
    let at = words.iter().position(|word| *word == name)?;
    words[..at].last().copied()
}

/// Whether two words before a name make it the same thing.
fn same_place(a: &str, b: &str) -> bool {
    let both = |list: &[&str]| list.contains(&a) && list.contains(&b);
    both(DETERMINERS) || a == b && matches!(a, "to" | "from" | "for" | "in" | "with")
}

/// Whether our next turn says the right name or takes ours back.
fn put_right(view: &View<'_>, protest: usize, stem: u32) -> bool {
    view.next_turns(protest, Side::Internal, 1).any(|next| {
        next.sentences.clone().any(|i| view.content(i).contains(&stem) || contains(&view.full_words(i), CORRECTED))
    })
}
