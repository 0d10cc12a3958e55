//! Judges of how objections were handled.

use super::Finding;
use super::sales::{SURE, unsure};
use super::view::View;
use signals::labels::Label;
use transcript::Side;

/// How many of our turns belong to the answer to an objection.
const ANSWER_TURNS: usize = 4;

const NONE_RAISED: &str = "The customer raised no objection.";

/// The sentences in which the customer objects, one a turn: the clearest.
fn objections(view: &View<'_>) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for index in view.of_side(Side::External).filter(|&i| view.sentence(i).objection.is_some()) {
        match found.last() {
            Some(&last) if view.turn(last) == view.turn(index) => {}
            _ => found.push(index),
        }
    }
    found
}

/// For each objection the sentences of our next turns, in order, up to the next objection but one of ours at least.
fn answers(view: &View<'_>, objection: usize, turns: usize) -> Vec<usize> {
    view.next_turns(view.turn(objection), Side::Internal, turns).flat_map(|turn| turn.sentences.clone()).collect()
}

/// Judges by the first objection that `judge` finds handled; presence of one good handling is enough.
fn handled(
    view: &View<'_>,
    turns: usize,
    done: &str,
    missing: &str,
    found: impl Fn(&[usize], f32) -> Option<usize>,
) -> Finding {
    let raised = objections(view);
    let Some(&first) = raised.first() else {
        return Finding::not_applicable(NONE_RAISED);
    };
    for &objection in &raised {
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
    let may_be = raised.iter().find_map(|&objection| found(&answers(view, objection, turns), 0.0));
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
fn may_be_evidence(view: &View<'_>, index: usize) -> bool {
    use signals::text::Class;
    let telling = |class: Class| {
        [Class::NUMBER, Class::MONEY, Class::PERCENT, Class::CAPITAL].iter().any(|wanted| class.has(*wanted))
    };
    view.sentence(index).question.is_none()
        && view.words(index).len() >= 6
        && view.words(index).iter().any(|token| telling(token.class))
}

pub(super) fn acknowledged(view: &View<'_>) -> Finding {
    handled(view, 1, "recognised it", "the reply does not recognise the concern.", |reply, least| {
        reply.iter().copied().take(3).find(|&i| has(view, i, Label::Acknowledgement, least) && !is_bare(view, i))
    })
}

pub(super) fn clarified(view: &View<'_>) -> Finding {
    handled(view, 2, "asked what lies behind it", "nobody asked what lies behind it.", |reply, least| {
        reply.iter().copied().find(|&i| {
            view.sentence(i).question.is_some()
                && has(view, i, Label::Clarify, least - 0.5)
                && !has(view, i, Label::Confirm, 0.5)
                && !has(view, i, Label::NextStep, 0.5)
        })
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
    for &objection in &raised {
        for index in answers(view, objection, 2) {
            if view.sentence(index).question.is_some() {
                break; // explored first
            }
            if has(view, index, Label::Concession, 0.0) {
                return Finding::unmet(
                    format!(
                        "{} gave way {} before asking what lies behind the objection.",
                        view.who(index),
                        view.when(index)
                    ),
                    [index, objection],
                );
            }
        }
    }
    Finding::met("Nothing was given away before the objection was explored.", [])
}
