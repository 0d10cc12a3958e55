//! Questions that stay open.

use super::facts;
use super::view::View;
use super::words::{common, content_of, jaccard};
use signals::labels::{Label, QuestionKind};
use std::ops::Range;
use transcript::Side;

/// Wordings with which a customer points out that a question is still open.
const STILL_OPEN: &[&[&str]] = &[
    &["not", "answer"],
    &["not", "answered"],
    &["did", "not", "answer"],
    &["i", "asked"],
    &["i", "was", "asking"],
    &["my", "question"],
    &["you", "have", "not", "told"],
    &["you", "did", "not", "say"],
    &["still", "do", "not", "know"],
];

/// Whether `words` (lower case, contractions in full) contain one of the sequences; a sequence may skip up to one word between two of its own.
pub(super) fn contains(words: &[&str], sequences: &[&[&str]]) -> bool {
    places(words, sequences).next().is_some()
}

/// Where they are: the first word of each, and the one after its last.
pub(super) fn places(words: &[&str], sequences: &[&[&str]]) -> impl Iterator<Item = Range<usize>> {
    let begins = |sequence: &[&str], start: usize| {
        let mut at = start;
        for (index, wanted) in sequence.iter().enumerate() {
            let reach = if index == 0 { 1 } else { 2 };
            at += words[at.min(words.len())..].iter().take(reach).position(|word| word == wanted)? + 1;
        }
        Some(start..at)
    };
    sequences.iter().flat_map(move |sequence| (0..words.len()).filter_map(move |start| begins(sequence, start)))
}

/// A customer's question and why it counts as open.
pub(super) struct Open {
    pub question: usize,
    /// The sentence that shows it: asked again, avoided, or complained about.
    pub shown_by: Option<usize>,
}

/// Questions of the customer that stay without an answer.
pub(super) fn unanswered(view: &View<'_>) -> Vec<Open> {
    let questions: Vec<usize> = view.of_side(Side::External).filter(|&index| is_real_question(view, index)).collect();
    let mut open: Vec<Open> = Vec::new();
    for (position, &question) in questions.iter().enumerate() {
        let turn = view.turn(question);
        let Some(reply) = view.next_turns(turn, Side::Internal, 1).next() else {
            continue; // the call ends, or only a backchannel follows
        };
        let content = view.content(question);
        // Asked again: the first answer was none.
        let again = questions[position + 1..].iter().copied().take(4).find(|&later| {
            let distance = view.turn(later) - turn;
            let other = view.content(later);
            let alike = content.len().min(other.len()) >= 2 && jaccard(content, other) >= 0.5;
            (1..=8).contains(&distance) && (alike || distance <= 3 && presses(view, later, content))
        });
        let complaint = view.next_turns(turn, Side::External, 2).flat_map(|t| t.sentences.clone()).find(|&index| {
            contains(&view.full_words(index), STILL_OPEN) && view.sentence(index).labels.has(Label::Request)
                || contains(
                    &view.full_words(index),
                    &[
                        &["did", "not", "answer"],
                        &["not", "answered"],
                        &["not", "an", "answer"],
                        &["no", "answer"],
                        &["not", "what", "i", "asked"],
                        &["i", "asked", "whether"],
                        &["i", "asked", "if"],
                        &["i", "asked", "about"],
                        &["i", "asked", "you"],
                    ],
                )
                || common(content, view.content(index)) >= 1
                    && contains(
                        &view.full_words(index),
                        &[
                            &["i", "am", "asking", "if"],
                            &["i", "am", "asking", "whether"],
                            &["i", "am", "asking", "about"],
                        ],
                    )
        });
        let last_asked = view.turns[turn].sentences.clone().rfind(|&i| is_real_question(view, i)) == Some(question);
        let clarified = asks_back(view, reply);
        let avoided = last_asked && !clarified && avoids(view, question, reply.sentences.clone());
        let passed = passed_over(view, question);
        if again.is_some() && answer(view, question, reply.sentences.clone()) < Answer::Strong
            || complaint.is_some()
            || avoided
            || passed.is_some()
        {
            let shown_by = again.or(complaint).or(passed).or_else(|| reply.sentences.clone().next());
            open.push(Open { question, shown_by });
        }
    }
    open
}

/// Whether a question presses for the answer to an earlier one of this content: "so can you find it or not?".
fn presses(view: &View<'_>, later: usize, content: &[u32]) -> bool {
    let words = view.full_words(later);
    let other = view.content(later);
    words.ends_with(&["or", "not"]) && common(other, content) >= 1
}

/// Whether a reply asks for what is needed to do what was asked ("which card would you like to replace"), or asks anything and our turn after it
/// has a figure or a day to tell.
fn asks_back(view: &View<'_>, reply: &super::view::SideTurn) -> bool {
    // "For which location" is a question, whatever its label says.
    let asks = |i: usize| {
        let words = view.full_words(i);
        view.sentence(i).question.is_some() || words.len() <= 5 && contains(&words, &[&["which"], &["what"]])
    };
    let needs = |i: usize| asks(i) && !facts::asked_slots(&view.full_words(i)).is_empty();
    let tells = |i: usize| view.sentence(i).question.is_none() && !facts::value_words(&view.full_words(i)).is_empty();
    reply.sentences.clone().any(needs)
        || reply.sentences.clone().any(asks)
            && view
                .next_turns(view.turn(reply.sentences.start), Side::Internal, 1)
                .any(|next| next.sentences.clone().any(tells))
}

/// Fewest words of a statement that may hold an answer in words of its own.
const ANSWER_WORDS: usize = 7;

/// Our offer of further help, where nothing said between the question and it can be an answer. Only for questions that ask what, when, how: others
/// are answered by a word.
fn passed_over(view: &View<'_>, question: usize) -> Option<usize> {
    let words = view.full_words(question);
    let asks = words.iter().any(|w| matches!(*w, "what" | "when" | "how" | "which" | "where" | "who" | "why"));
    let content = view.content(question);
    if !asks || content.is_empty() || contains(&words, &[&["what", "was", "that"], &["what", "did", "you", "say"]]) {
        return None;
    }
    let after = (question + 1..view.labels.sentences.len()).filter(|&i| view.sentence(i).side == Some(Side::Internal));
    for index in after {
        if view.margin(index, Label::FurtherHelp) > 0.0 {
            return Some(index);
        }
        let told = view.full_words(index);
        let answers = view.sentence(index).question.is_none()
            && (told.len() >= ANSWER_WORDS
                || !facts::value_words(&told).is_empty()
                || common(content, view.content(index)) >= 1
                || [Label::Unknown, Label::FindOut, Label::Cannot].iter().any(|l| view.sentence(index).labels.has(*l))
                || contains(
                    &told,
                    &[&["not", "sure"], &["not", "know"], &["it", "is"], &["that", "is"], &["they", "are"]],
                ));
        if answers {
            return None;
        }
    }
    None
}

/// A question that wants an answer: no greeting, no tag, no "you know what?".
pub(super) fn is_real_question(view: &View<'_>, index: usize) -> bool {
    let sentence = view.sentence(index);
    let words = view.full_words(index);
    let small_talk = view.margin(index, Label::SmallTalk) > 0.5 && view.position(index) < 0.15;
    let greeting = words.len() <= 5 && words.contains(&"how") && words.contains(&"you");
    sentence.question.is_some() && words.len() >= 3 && !small_talk && !greeting
}

/// How much of an answer a reply holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    /// A question in return, a formula, or a word that avoids it.
    None,
    /// A statement that shares nothing with the question.
    Weak,
    /// Yes or no, a number, a date, words of the question, "I'll find out".
    Strong,
}

/// How much of an answer the first sentences of a reply hold.
fn answer(view: &View<'_>, question: usize, reply: Range<usize>) -> Answer {
    let content = view.content(question);
    let of_sentence = |index: usize| {
        let sentence = view.sentence(index);
        let words = view.full_words(index);
        let first_words = || words.iter().take(4).copied();
        let yes_no = first_words().any(|w| {
            matches!(
                w,
                "yes"
                    | "no"
                    | "yeah"
                    | "yep"
                    | "nope"
                    | "not"
                    | "correct"
                    | "exactly"
                    | "absolutely"
                    | "definitely"
                    | "certainly"
                    | "sure"
                    | "right"
                    | "unfortunately"
                    | "afraid"
                    | "course"
                    | "none"
                    | "nothing"
                    | "both"
                    | "never"
                    | "always"
            )
        });
        // "It's in the depot": a pronoun that takes the question's subject up.
        let takes_up = first_words().take(2).any(|w| {
            matches!(
                w,
                "it" | "it's"
                    | "that's"
                    | "they"
                    | "they're"
                    | "that"
                    | "you"
                    | "you'll"
                    | "you'd"
                    | "you're"
                    | "he"
                    | "she"
                    | "there"
                    | "there's"
                    | "because"
                    | "depends"
            )
        });
        let fact = sentence.dated || !facts::value_words(&view.full_words(index)).is_empty();
        let admits = [Label::Unknown, Label::FindOut, Label::Cannot, Label::Hold]
            .iter()
            .any(|label| sentence.labels.has(*label));
        let dodges = view.margin(index, Label::Dodge) > 0.5;
        // "No. Anything else?" answers before it asks.
        let flatly = view.sentence(question).question == Some(QuestionKind::Closed)
            && words.first().is_some_and(|w| matches!(*w, "yes" | "no" | "nope" | "yep"));
        if flatly {
            return Answer::Strong;
        }
        if dodges && !fact && !admits && !yes_no {
            Answer::None
        } else if admits
            || sentence.question.is_none() && (yes_no || takes_up || fact || common(content, view.content(index)) >= 1)
        {
            Answer::Strong
        } else if sentence.question.is_none() && words.len() >= 4 && view.margin(index, Label::FurtherHelp) < 0.0 {
            Answer::Weak
        } else {
            Answer::None
        }
    };
    reply.take(4).map(of_sentence).max().unwrap_or(Answer::None)
}

/// Whether a reply goes past the question: it avoids it, or closes the call over it.
fn avoids(view: &View<'_>, question: usize, reply: Range<usize>) -> bool {
    if answer(view, question, reply.clone()) > Answer::None {
        return false;
    }
    let dodges = reply.clone().any(|index| view.margin(index, Label::Dodge) > 0.0);
    let closes = reply.clone().any(|index| view.margin(index, Label::FurtherHelp) > 0.0)
        && reply.clone().all(|index| {
            view.margin(index, Label::FurtherHelp) > 0.0 || content_of(&view.full_words(index)).is_empty()
        });
    dodges || closes
}

/// Of the customer's questions, those that got a direct answer: an answer in substance, and nothing in the reply that sounds like a way around it.
/// Behind them the number of all questions, and whether some reply sounded like a way around.
pub(super) fn answered_directly(view: &View<'_>) -> (Vec<(usize, usize)>, usize, bool) {
    let mut direct = Vec::new();
    let (mut all, mut evaded) = (0, false);
    for question in view.of_side(Side::External).filter(|&index| is_real_question(view, index)) {
        let Some(reply) = view.next_turns(view.turn(question), Side::Internal, 1).next() else { continue };
        all += 1;
        let reply = reply.sentences.clone();
        if answer(view, question, reply.clone()) == Answer::Strong && in_substance(view, question, reply.clone()) {
            direct.push((question, reply.start));
        } else {
            evaded |= reply.clone().any(|i| view.margin(i, Label::Dodge) >= EVASIVE);
        }
    }
    (direct, all, evaded)
}

/// Margin of the label at which a sentence is surely a way around a question.
const EVASIVE: f32 = 0.8;

/// Whether a reply that looks like an answer tells something: a figure, a yes or no to a question that wants one, an admission, or words of the
/// question. "It's moving around a lot" takes the subject up and tells nothing.
fn in_substance(view: &View<'_>, question: usize, reply: Range<usize>) -> bool {
    let closed = view.sentence(question).question == Some(QuestionKind::Closed);
    let reply = || reply.clone().take(4);
    let fact = |i: usize| {
        let words = view.full_words(i);
        view.sentence(i).dated || !facts::value_words(&words).is_empty() || !view.numbers(i).is_empty()
    };
    let admits =
        |i: usize| [Label::Unknown, Label::FindOut, Label::Cannot].iter().any(|&label| view.margin(i, label) >= 0.5);
    let yes_no = |i: usize| {
        closed
            && view.full_words(i).iter().take(3).any(|w| {
                matches!(
                    *w,
                    "yes"
                        | "no"
                        | "yeah"
                        | "yep"
                        | "nope"
                        | "correct"
                        | "exactly"
                        | "unfortunately"
                        | "both"
                        | "never"
                        | "always"
                        | "neither"
                )
            })
    };
    if reply().any(|i| fact(i) || admits(i) || yes_no(i)) {
        return true;
    }
    let evades = reply().any(|i| view.margin(i, Label::Dodge) >= EVASIVE);
    let told = |i: usize| view.sentence(i).question.is_none() && view.word_count(i) >= 3;
    let takes_up = |i: usize| common(view.content(question), view.content(i)) >= 1;
    !evades && reply().any(|i| told(i) && (closed || takes_up(i)))
}
