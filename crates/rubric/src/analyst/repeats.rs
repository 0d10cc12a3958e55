//! Questions that are asked twice.

use super::facts::{self, Slot};
use super::questions::contains;
use super::view::View;
use super::words::{common, jaccard};
use rustc_hash::FxHashMap;
use signals::labels::Label;
use transcript::Side;

/// Two questions with at least this share of common content words ask for the same.
const SAME_QUESTION: f64 = 0.6;

/// How many of the last questions are compared: in a meeting of hours the same words ask for something else.
const REMEMBERED: usize = 40;

/// A question of our side for something that was said already.
pub(super) struct Repeat {
    /// Where it was said or asked first.
    pub first: usize,
    /// The question that repeats.
    pub again: usize,
    /// What the caller had said, for the reason sentence.
    pub what: &'static str,
}

/// Wordings with which somebody asks to hear something again.
const SAY_AGAIN: &[&[&str]] = &[
    &["repeat", "that"],
    &["repeat", "it"],
    &["repeat", "your"],
    &["say", "that", "again"],
    &["say", "again"],
    &["come", "again"],
    &["could", "you", "repeat"],
    &["can", "you", "repeat"],
    &["not", "catch"],
    &["not", "get", "that"],
    &["did", "not", "hear"],
    &["could", "not", "hear"],
    &["one", "more", "time"],
    &["again", "please"],
    &["was", "it", "again"],
    &["is", "it", "again"],
    &["number", "again"],
    &["name", "again"],
];

/// Wordings with which a customer complains about having to repeat themself.
const SAID_BEFORE: &[&[&str]] = &[
    &["like", "i", "said"],
    &["as", "i", "said"],
    &["i", "just", "told"],
    &["i", "already", "told"],
    &["i", "already", "said"],
    &["i", "already", "gave"],
    &["i", "just", "gave"],
    &["i", "just", "said"],
    &["i", "told", "you"],
    &["i", "have", "told"],
    &["i", "said", "that"],
    &["already", "asked"],
    &["just", "asked"],
    &["asked", "me", "that"],
    &["told", "you", "that"],
    &["told", "you", "already"],
    &["given", "you", "that"],
    &["gave", "you", "that"],
    &["second", "time", "you"],
    &["third", "time", "you"],
    &["again", "i", "said"],
    &["i", "have", "already", "told"],
    &["i", "have", "already", "said"],
    &["i", "have", "already", "given"],
    &["i", "have", "already", "answered"],
    &["i", "have", "just", "told"],
    &["i", "have", "just", "said"],
    &["you", "have", "asked"],
];

/// Wordings after which a question may be asked anew: what was given turned out not to be possible, or something else is on offer.
const ASKED_ANEW: &[&[&str]] = &[
    &["available"],
    &["taken"],
    &["unfortunately"],
    &["is", "full"],
    &["booked"],
    &["no", "openings"],
    &["only", "have"],
    &["do", "not", "have"],
    &["not", "enough"],
    &["instead"],
    &["different"],
    &["another"],
    &["other"],
    &["smaller"],
    &["closed"],
];

/// How many turns after it was given a fact of an errand is remembered.
const ERRAND_TURNS: usize = 12;

/// Facts the customer has given so far, with the sentence in which each was given first.
type Known = FxHashMap<Slot, usize>;

/// Takes up what a sentence gives, and forgets what belongs to an errand that is over or has to be settled anew.
fn follow(view: &View<'_>, index: usize, known: &mut Known) {
    let words = view.full_words(index);
    let over = if view.sentence(index).side == Some(Side::External) {
        contains(&words, &[&["also"], &["another"], &["different"], &["actually"], &["instead"]])
    } else {
        super::service::states_done(view, index)
            || view.margin(index, Label::FurtherHelp) > 0.0
            || view.margin(index, Label::Cannot) > 0.0
            || contains(&words, ASKED_ANEW)
    };
    if over {
        known.retain(|slot, _| !slot.is_of_errand());
    }
    if view.sentence(index).side == Some(Side::External) {
        for slot in facts::given_in(view, index) {
            known.entry(slot).or_insert(index);
        }
    }
}

/// Questions of our side that ask again for what the customer has said.
pub(super) fn repeats(view: &View<'_>) -> Vec<Repeat> {
    let mut found: Vec<Repeat> = Vec::new();
    let mut asked: Vec<(usize, &[u32], Vec<Slot>)> = Vec::new();
    let mut known = Known::default();
    let heard = values_heard(view);
    for index in 0..view.labels.sentences.len() {
        follow(view, index, &mut known);
        if view.sentence(index).side != Some(Side::Internal) {
            continue;
        }
        let words = view.full_words(index);
        let question = view.sentence(index).question.is_some();
        // To the letter: "what time was that" asks for something new.
        let what_was_that = words.windows(3).any(|w| w == ["what", "was", "that"]);
        let once_more = question
            && words.len() <= 8
            && words.last() == Some(&"again")
            && words.iter().take(2).any(|w| matches!(*w, "what" | "when" | "where" | "which" | "who"));
        let says_again = (contains(&words, SAY_AGAIN) || what_was_that || once_more) && words.len() <= 16;
        if (says_again || not_heard(&words))
            && let Some(first) = heard_twice(view, index, !says_again)
        {
            found.push(Repeat { first, again: index, what: "what they had just said" });
            continue;
        }
        if view.margin(index, Label::FurtherHelp) > 0.0 {
            asked.clear();
            continue;
        }
        let slots = facts::asked_slots(&words);
        if !question && (slots.is_empty() || words.len() > 6) {
            continue;
        }
        if let Some(complaint) = complaint_after(view, index) {
            let first = said_before(view, index, complaint).unwrap_or(complaint);
            found.push(Repeat { first, again: index, what: "something they had said before" });
            continue;
        }
        let content = view.content(index);
        let turn = view.turn(index);
        // The same question again, after the customer has answered it. What belongs to an errand is told by what is known of it.
        let same = asked.iter().rev().take(REMEMBERED).rev().find(|(earlier, before, before_slots)| {
            view.turn(*earlier) < turn
                && answered(view, *earlier)
                && slots == *before_slots
                && !slots.iter().any(|s| s.is_of_errand())
                && !of_something_else(view, *earlier, index)
                && ((content.len() >= 2 && before.len() >= 2 && jaccard(content, before) >= SAME_QUESTION)
                    || (!slots.is_empty() && slots.iter().all(|s| s.is_identity())))
        });
        let given = slots.iter().find_map(|slot| {
            let at = *known.get(slot)?;
            let near = !slot.is_of_errand() || turn - view.turn(at) <= ERRAND_TURNS;
            (view.turn(at) < turn && near).then_some((at, slot.name()))
        });
        if let Some((first, what)) = same.map(|(earlier, ..)| (*earlier, "what they had answered already")).or(given)
            && !reads_back(view, index, &heard)
        {
            found.push(Repeat { first, again: index, what });
        }
        asked.push((index, content, slots));
    }
    found.dedup_by_key(|repeat| repeat.again);
    found
}

/// Whether a question names a thing that nobody spoke of around the earlier question in nearly the same words: it asks for another thing.
fn of_something_else(view: &View<'_>, earlier: usize, again: usize) -> bool {
    let turn = view.turn(earlier);
    let around = view.turns[turn.saturating_sub(2)].sentences.start..view.turns[turn].sentences.end;
    let spoken = |word: &u32| around.clone().any(|i| view.content(i).contains(word));
    facts::asked_slots(&view.full_words(again)).is_empty() && view.content(again).iter().any(|word| !spoken(word))
}

/// What the customer means when they complain behind a question that they had said it: their earlier sentence with most of the words or numbers
/// of the complaining turn.
fn said_before(view: &View<'_>, question: usize, complaint: usize) -> Option<usize> {
    let turn = view.turns[view.turn(complaint)].sentences.clone();
    let alike = |i: usize| {
        turn.clone()
            .map(|later| {
                let numbers = view.numbers(later).iter().filter(|n| view.numbers(i).contains(n)).count();
                common(view.content(i), view.content(later)) + numbers
            })
            .sum::<usize>()
    };
    (0..question)
        .rev()
        .take(APART)
        .filter(|&i| view.sentence(i).side == Some(Side::External))
        .map(|i| (i, alike(i)))
        .filter(|(_, alike)| *alike > 0)
        .max_by_key(|(_, alike)| *alike)
        .map(|(i, _)| i)
}

/// How many sentences a complaint of having said something reaches back.
const APART: usize = 200;

/// Whether a sentence says no more than that something was not heard: "sorry what", "pardon", "you want to what".
fn not_heard(words: &[&str]) -> bool {
    let only = |allowed: &[&str]| words.iter().all(|word| allowed.contains(word));
    only(&["i", "am", "sorry", "what", "pardon", "me", "excuse", "uh", "um", "huh", "again", "oh", "was", "it", "that"])
        && words.iter().any(|word| matches!(*word, "sorry" | "what" | "pardon" | "excuse" | "huh"))
        || words.len() <= 6 && words.len() >= 3 && words.last() == Some(&"what") && words.contains(&"you")
}

/// The customer's sentence that had to be said twice, when they do say it again; with `same_words` they have to use a word of it.
fn heard_twice(view: &View<'_>, again: usize, same_words: bool) -> Option<usize> {
    let turn = view.turn(again);
    let before = view.previous_turn(turn, Side::External)?;
    let after = view.next_turns(turn, Side::External, 1).next()?;
    let first = before.sentences.clone().last()?;
    // "Sure, one moment" or a question in return is no repetition.
    let said =
        after.sentences.clone().any(|index| view.sentence(index).question.is_none() && view.word_count(index) >= 2);
    let shared = before
        .sentences
        .clone()
        .any(|i| after.sentences.clone().any(|later| common(view.content(i), view.content(later)) >= 1));
    (if same_words { shared } else { said }).then_some(first)
}

/// The customer's complaint, in the turn after a question, of having said it before.
fn complaint_after(view: &View<'_>, question: usize) -> Option<usize> {
    let after = view.next_turns(view.turn(question), Side::External, 1).next()?;
    after.sentences.clone().find(|&index| contains(&view.full_words(index), SAID_BEFORE))
}

/// Whether the customer answered a question with something other than a question or a delay.
fn answered(view: &View<'_>, question: usize) -> bool {
    let turn = view.turn(question);
    let asked_last =
        view.turns[turn].sentences.clone().rfind(|&i| view.sentence(i).question.is_some()) == Some(question);
    asked_last
        && view.next_turns(turn, Side::External, 1).next().is_some_and(|answer| {
            answer.sentences.clone().any(|index| {
                view.sentence(index).question.is_none()
                    && view.margin(index, Label::Hold) < 0.0
                    && view.word_count(index) >= 2
            })
        })
}

/// Whether a question repeats a value back to confirm it ("four four one, is that right?").
fn reads_back(view: &View<'_>, question: usize, heard: &FxHashMap<String, usize>) -> bool {
    let turn = view.turn(question);
    let repeated = view.turns[turn].sentences.clone().any(|i| {
        facts::value_words(&view.full_words(i)).iter().any(|value| heard.get(*value).is_some_and(|said| *said < turn))
    });
    let confirms = contains(
        &view.full_words(question),
        &[
            &["is", "that", "right"],
            &["is", "that", "correct"],
            &["right"],
            &["correct"],
            &["did", "you", "say"],
            &["you", "said"],
            &["was", "it"],
            &["confirm"],
            &["spell"],
            &["same"],
            &["still"],
            &["double", "check"],
        ],
    );
    repeated || confirms
}

/// Value words of the customer → the first turn in which each was said.
fn values_heard(view: &View<'_>) -> FxHashMap<String, usize> {
    let mut heard = FxHashMap::default();
    for index in view.of_side(Side::External) {
        for value in facts::value_words(&view.full_words(index)) {
            heard.entry(value.to_owned()).or_insert(view.turn(index));
        }
    }
    heard
}
