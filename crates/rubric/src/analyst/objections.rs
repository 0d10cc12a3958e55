//! Judges of how objections were handled.

use super::Finding;
use super::questions::contains;
use super::sales::{SURE, unsure};
use super::view::View;
use signals::labels::{Label, OBJECTION};
use transcript::Side;

/// How many of our turns belong to the answer to an objection.
const ANSWER_TURNS: usize = 4;

const NONE_RAISED: &str = "The customer raised no objection.";

/// From this log odds on a sentence objects by its words alone.
const OBJECTS: f32 = 1.5;

/// A resistance of the customer.
#[derive(Clone, Copy)]
struct Objection {
    sentence: usize,
    /// Whether it is sure that somebody objects: by its words, or because our side takes it as an objection.
    sure: bool,
}

/// The sentences in which the customer objects, one a turn: the first. What is an objection shows in how it is answered too, so a turn that our
/// side both recognises and asks about in the second half of a call counts, whatever its words.
fn objections(view: &View<'_>) -> Vec<Objection> {
    let mut found: Vec<Objection> = Vec::new();
    for index in view.of_side(Side::External).filter(|&i| view.word_count(i) >= 2) {
        let turn = view.turn(index);
        if found
            .last()
            .is_some_and(|last| view.turn(last.sentence) == turn && (last.sure || !is_objection(view, index)))
        {
            continue;
        }
        let by_words = is_objection(view, index);
        let sure = by_words && (view.sentence(index).scores.get(OBJECTION) >= OBJECTS || reactions(view, turn) >= 2);
        let ends_turn = view.turns[turn].sentences.end == index + 1;
        let by_answer = !by_words && ends_turn && view.position(index) > SECOND_HALF && taken_as_one(view, turn);
        if by_words || by_answer {
            // One entry a turn: a surer sentence takes the place of the one before it.
            found.pop_if(|known| view.turn(known.sentence) == turn);
            found.push(Objection { sentence: index, sure: sure || by_answer });
        }
    }
    found
}

/// From here on problems told are likelier to be resistance than discovery.
const SECOND_HALF: f64 = 0.4;

fn is_objection(view: &View<'_>, index: usize) -> bool {
    view.sentence(index).objection.is_some()
}

/// How many of the things that people do about an objection our side clearly does after a turn.
fn reactions(view: &View<'_>, turn: usize) -> usize {
    let reply: Vec<usize> = view.next_turns(turn, Side::Internal, 2).flat_map(|turn| turn.sentences.clone()).collect();
    let clearly = |label| reply.iter().any(|&i| has(view, i, label, CLEARLY) && !is_bare(view, i));
    [Label::Acknowledgement, Label::Clarify, Label::Proof, Label::Confirm, Label::Concession]
        .into_iter()
        .filter(|label| clearly(*label))
        .count()
}

/// Label margin of a reaction that nothing else sounds like.
const CLEARLY: f32 = 2.0;

/// Whether our reply to a turn recognises a concern and asks what lies behind it, both beyond doubt.
fn taken_as_one(view: &View<'_>, turn: usize) -> bool {
    let Some(reply) = view.next_turns(turn, Side::Internal, 1).next() else { return false };
    let reply = || reply.sentences.clone();
    reply().any(|i| has(view, i, Label::Acknowledgement, CLEARLY) && !is_bare(view, i))
        && reply().any(|i| asks_behind(view, i, CLEARLY))
}

/// The sentences of our next turns behind an objection, in order.
fn answers(view: &View<'_>, objection: usize, turns: usize) -> Vec<usize> {
    view.next_turns(view.turn(objection), Side::Internal, turns).flat_map(|turn| turn.sentences.clone()).collect()
}

/// Judges by the first objection that `judge` finds handled; presence of one good handling is enough. Where it is not sure that somebody objected,
/// nobody can say that it was handled well.
fn handled(
    view: &View<'_>,
    turns: usize,
    done: &str,
    missing: &str,
    found: impl Fn(&[usize], f32) -> Option<usize>,
) -> Finding {
    let raised = objections(view);
    let Some(first) = raised.iter().find(|o| o.sure).or(raised.first()).map(|o| o.sentence) else {
        return Finding::not_applicable(NONE_RAISED);
    };
    for objection in raised.iter().filter(|objection| objection.sure).map(|objection| objection.sentence) {
        let reply = answers(view, objection, turns);
        if let Some(index) = found(&reply, SURE) {
            return Finding::met(
                format!(
                    "{} objected {}, and {} {done} {}.",
                    view.who(objection),
                    view.when(objection),
                    view.who(index),
                    view.when(index)
                ),
                [index, objection],
            );
        }
    }
    let may_be = raised.iter().find_map(|objection| found(&answers(view, objection.sentence, turns), 0.0));
    if let Some(index) = may_be {
        return unsure(view, index);
    }
    Finding::unmet(format!("{} objected {}; {missing}", view.who(first), view.when(first)), [first])
}

fn has(view: &View<'_>, index: usize, label: Label, least: f32) -> bool {
    view.margin(index, label) >= least
}

/// "Okay." recognises nothing.
fn is_bare(view: &View<'_>, index: usize) -> bool {
    view.full_words(index).len() < 3 && view.content(index).is_empty()
}

/// Not likely to be proof by its words, but not excluded either.
const POSSIBLE: f32 = -2.0;

/// Whether a reply states something that could be evidence: a number, an amount, somebody's name.
pub(super) fn may_be_evidence(view: &View<'_>, index: usize) -> bool {
    use signals::text::Class;
    let telling = Class::NUMBER.with(Class::MONEY).with(Class::PERCENT).with(Class::CAPITAL);
    view.sentence(index).question.is_none() && view.word_count(index) >= 6 && view.classes(index).has(telling)
}

pub(super) fn acknowledged(view: &View<'_>) -> Finding {
    handled(view, 1, "recognised it", "the reply does not recognise the concern.", |reply, least| {
        reply.iter().copied().take(3).find(|&i| {
            has(view, i, Label::Acknowledgement, least) && !is_bare(view, i) && !presses(&view.full_words(i))
        })
    })
}

/// Whether a sentence pushes rather than recognises or asks: "you'd be crazy not to", "what is there to think about?".
fn presses(words: &[&str]) -> bool {
    contains(
        words,
        &[
            &["crazy"],
            &["insane"],
            &["mad", "not"],
            &["silly", "not"],
            &["stupid", "not"],
            &["come", "on"],
            &["what", "is", "there", "to"],
            &["why", "would", "you", "not"],
            &["why", "not", "just"],
            &["who", "would", "not"],
            &["no", "brainer"],
            &["now", "or", "never"],
        ],
    )
}

/// Whether a statement of ours names a lower price or a share taken off it.
fn lowers_price(view: &View<'_>, index: usize) -> bool {
    let words = view.full_words(index);
    let offers = contains(
        &words,
        &[
            &["i", "can", "do"],
            &["we", "can", "do"],
            &["i", "could", "do"],
            &["we", "could", "do"],
            &["knock", "off"],
            &["take", "off"],
            &["percent", "off"],
            &["if", "you", "sign"],
            &["make", "it"],
        ],
    );
    let figure = words.iter().any(|word| {
        word.bytes().any(|b| b.is_ascii_digit()) || signals::number::word_value(word).is_some_and(|n| n >= 5)
    });
    offers && figure && !view.sentence(index).dated && view.sentence(index).question.is_none()
}

/// Whether a question of ours asks what lies behind a concern. One that names a day or checks an answer asks for something else.
fn asks_behind(view: &View<'_>, index: usize, least: f32) -> bool {
    view.sentence(index).question.is_some()
        && !view.sentence(index).dated
        && has(view, index, Label::Clarify, least)
        && !presses(&view.full_words(index))
        && ![Label::Confirm, Label::NextStep, Label::Decision, Label::FurtherHelp]
            .iter()
            .any(|&l| has(view, index, l, 0.3))
}

pub(super) fn clarified(view: &View<'_>) -> Finding {
    handled(view, 2, "asked what lies behind it", "nobody asked what lies behind it.", |reply, least| {
        reply.iter().copied().find(|&i| asks_behind(view, i, least - 0.3))
    })
}

pub(super) fn evidence(view: &View<'_>) -> Finding {
    handled(view, ANSWER_TURNS, "answered with evidence", "no evidence was given in reply.", |reply, least| {
        let sure = reply.iter().copied().find(|&i| has(view, i, Label::Proof, least));
        sure.or_else(|| {
            reply
                .iter()
                .copied()
                .find(|&i| least <= 0.0 && has(view, i, Label::Proof, POSSIBLE) && may_be_evidence(view, i))
        })
    })
}

pub(super) fn confirmed(view: &View<'_>) -> Finding {
    handled(
        view,
        ANSWER_TURNS + 1,
        "checked whether that settles it",
        "nobody checked whether the answer settles it.",
        |reply, least| {
            reply.iter().copied().find(|&i| view.sentence(i).question.is_some() && has(view, i, Label::Confirm, least))
        },
    )
}

pub(super) fn no_premature_concession(view: &View<'_>) -> Finding {
    let raised = objections(view);
    if raised.is_empty() {
        return Finding::not_applicable(NONE_RAISED);
    }
    for objection in &raised {
        for index in answers(view, objection.sentence, 2) {
            if view.sentence(index).question.is_some() {
                break; // explored first
            }
            if has(view, index, Label::Concession, 0.0) || lowers_price(view, index) {
                return Finding::unmet(
                    format!(
                        "{} gave way {} before asking what lies behind the objection.",
                        view.who(index),
                        view.when(index)
                    ),
                    [index, objection.sentence],
                );
            }
        }
    }
    if !raised.iter().any(|objection| objection.sure) {
        return unsure(view, raised[0].sentence);
    }
    Finding::met("Nothing was given away before the objection was explored.", [])
}
