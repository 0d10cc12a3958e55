//! Judges of a sales call: discovery, product knowledge, engagement.

use super::questions;
use super::view::{View, common};
use super::{Finding, contradictions};
use signals::labels::{Label, QuestionKind};
use transcript::Side;

/// An agenda is set within this share of the call's sentences, or within the first ones.
const OPENING: f64 = 0.25;
const OPENING_SENTENCES: usize = 24;
/// A next step belongs to the call's last part.
const CLOSING: f64 = 0.5;

/// Sentences of `side` with a label, by how clearly they have it.
fn labelled<'v>(view: &'v View<'_>, side: Side, label: Label) -> impl Iterator<Item = (usize, f32)> + 'v {
    view.of_side(side).map(move |index| (index, view.margin(index, label))).filter(|(_, margin)| *margin >= 0.0)
}

/// Above the threshold by this much a sentence counts; between the two nobody can tell from the words alone.
pub(super) const SURE: f32 = 0.8;

/// The same for labels that ordinary sentences resemble: a feature described, a customer mentioned.
const VERY_SURE: f32 = 1.1;

/// Met by a sure sentence, `cannot_assess` by one that only may be meant, else `otherwise`.
fn by_clearest(
    view: &View<'_>,
    sure: f32,
    found: impl Iterator<Item = (usize, f32)>,
    met: impl Fn(usize) -> String,
    otherwise: &str,
) -> Finding {
    match clearest(found) {
        Some((index, margin)) if margin >= sure => Finding::met(met(index), [index]),
        Some((index, _)) => unsure(view, index),
        None => Finding::unmet(otherwise, []),
    }
}

/// A sentence that may be what is looked for.
pub(super) fn unsure(view: &View<'_>, index: usize) -> Finding {
    Finding::new(
        crate::Verdict::CannotAssess,
        format!("What {} said {} may be it; the words alone do not tell.", view.who(index), view.when(index)),
        [index],
    )
}

fn clearest(found: impl Iterator<Item = (usize, f32)>) -> Option<(usize, f32)> {
    found.max_by(|a, b| a.1.total_cmp(&b.1))
}

pub(super) fn agenda_set(view: &View<'_>) -> Finding {
    let opening = |index: usize| view.position(index) <= OPENING || index < OPENING_SENTENCES;
    let plans = labelled(view, Side::Internal, Label::Agenda).filter(|(index, _)| opening(*index));
    by_clearest(
        view,
        SURE,
        plans,
        |index| format!("{} said {} what the call would cover.", view.who(index), view.when(index)),
        "No sentence of the opening says what the call is for or will cover.",
    )
}

pub(super) fn pain_followed_up(view: &View<'_>) -> Finding {
    let pains: Vec<usize> = view
        .of_side(Side::External)
        .filter(|&i| view.margin(i, Label::Pain) >= 0.0 || view.margin(i, Label::Impact) >= 0.5)
        .collect();
    if pains.is_empty() {
        return Finding::cannot_assess("No problem of the customer was recognised, so there was none to ask about.");
    }
    let mut best: Option<(usize, usize)> = None;
    for &pain in &pains {
        let stated = view.content(pain);
        for (distance, reply) in view.next_turns(view.turn(pain), Side::Internal, 2).enumerate() {
            for question in reply.sentences.clone().filter(|&i| view.sentence(i).question.is_some()) {
                let words = view.full_words(question);
                let refers = words.iter().any(|w| {
                    matches!(*w, "that" | "it" | "they" | "those" | "this" | "then" | "happens" | "happen" | "them")
                });
                let related = common(stated, view.content(question)) >= 1;
                let open = view.sentence(question).question == Some(QuestionKind::Open);
                let clarifies = view.margin(question, Label::Clarify) >= 0.0;
                let next_step =
                    view.margin(question, Label::NextStep) > 0.0 || view.margin(question, Label::FurtherHelp) > 0.0;
                let follows =
                    distance == 0 && (related || clarifies || (open && refers)) || distance == 1 && related && open;
                if follows && !next_step && best.is_none() {
                    best = Some((pain, question));
                }
            }
        }
    }
    match best {
        Some((pain, question)) => Finding::met(
            format!(
                "{} named a problem {}, and {} asked about it {}.",
                view.who(pain),
                view.when(pain),
                view.who(question),
                view.when(question)
            ),
            [question, pain],
        ),
        None => Finding::unmet(
            format!("{} named a problem {}, and no question took it up.", view.who(pains[0]), view.when(pains[0])),
            [pains[0]],
        ),
    }
}

pub(super) fn impact_quantified(view: &View<'_>) -> Finding {
    let has_number = |index: usize| {
        view.words(index)
            .iter()
            .any(|t| t.class.has(signals::text::Class::NUMBER) || t.class.has(signals::text::Class::MONEY))
    };
    let from_customer = labelled(view, Side::External, Label::Impact)
        .filter(|(index, _)| view.words(*index).len() >= 4)
        .filter(|(index, margin)| *margin >= 0.6 || has_number(*index) || near_pain(view, *index));
    let stated = clearest(from_customer);
    if let Some((index, margin)) = stated
        && margin >= SURE
    {
        return Finding::met(
            format!("{} said {} what the problem costs or leads to.", view.who(index), view.when(index)),
            [index],
        );
    }
    let confirmed = labelled(view, Side::Internal, Label::Impact).find(|(index, margin)| {
        *margin >= 0.3
            && has_number(*index)
            && view.next_turn_any(view.turn(*index), Side::External).is_some_and(|reply| {
                view.full_words(reply.sentences.start).iter().take(3).any(|w| {
                    matches!(*w, "yes" | "yeah" | "yep" | "exactly" | "right" | "about" | "easily" | "correct" | "sure")
                })
            })
    });
    match confirmed {
        Some((index, _)) => Finding::met(
            format!(
                "{} put a figure on the problem {}, and the customer confirmed it.",
                view.who(index),
                view.when(index)
            ),
            [index],
        ),
        None if stated.is_some() => unsure(view, stated.map_or(0, |(index, _)| index)),
        None => Finding::unmet("Nobody put a number or a concrete consequence on a problem.", []),
    }
}

/// Whether a problem is stated in the same turn.
fn near_pain(view: &View<'_>, index: usize) -> bool {
    view.turns[view.turn(index)].sentences.clone().any(|i| view.margin(i, Label::Pain) >= 0.0)
}

pub(super) fn decision_process(view: &View<'_>) -> Finding {
    let asked =
        labelled(view, Side::Internal, Label::Decision).filter(|(index, _)| view.sentence(*index).question.is_some());
    for (index, _) in asked {
        let answer = view
            .next_turns(view.turn(index), Side::External, 1)
            .flat_map(|t| t.sentences.clone())
            .find(|&i| view.sentence(i).question.is_none() && view.words(i).len() >= 3);
        if let Some(answer) = answer {
            return Finding::met(
                format!(
                    "{} asked {} how or by whom it is decided, and got an answer.",
                    view.who(index),
                    view.when(index)
                ),
                [index, answer],
            );
        }
    }
    let told = labelled(view, Side::External, Label::Decision).find(|(index, margin)| {
        *margin >= 0.3
            && view.next_turns(view.turn(*index), Side::Internal, 1).any(|reply| {
                let said = view.content(*index);
                reply.sentences.clone().any(|i| {
                    view.margin(i, Label::Decision) >= 0.0
                        || common(said, view.content(i)) >= 1
                        || view.margin(i, Label::Acknowledgement) >= 0.0
                })
            })
    });
    match told {
        Some((index, _)) => Finding::met(
            format!("{} told {} how it is decided, and it was taken up.", view.who(index), view.when(index)),
            [index],
        ),
        None => Finding::unmet("Neither a question about the decision nor a word on who makes it was heard.", []),
    }
}

pub(super) fn need_linked(view: &View<'_>) -> Finding {
    let first_need = view.of_side(Side::External).find(|&i| {
        view.margin(i, Label::Pain) >= 0.0
            || view.margin(i, Label::Request) >= 0.0
            || view.margin(i, Label::Impact) >= 0.0
    });
    let linked = labelled(view, Side::Internal, Label::NeedLink)
        .filter(|(index, _)| view.sentence(*index).question.is_none() && first_need.is_some_and(|need| need < *index));
    by_clearest(
        view,
        VERY_SURE,
        linked,
        |index| format!("{} tied the offer {} to what the customer had said.", view.who(index), view.when(index)),
        "No sentence ties the offer to something the customer had said they need.",
    )
}

pub(super) fn proof_given(view: &View<'_>) -> Finding {
    let proofs = labelled(view, Side::Internal, Label::Proof);
    by_clearest(
        view,
        VERY_SURE,
        proofs,
        |index| format!("{} backed a claim {}.", view.who(index), view.when(index)),
        "No claim is backed by a story, a figure, a study or a certificate.",
    )
}

/// Share of the customer's questions that must be answered directly.
const MOSTLY: f64 = 0.85;

pub(super) fn answered_directly(view: &View<'_>) -> Finding {
    let (direct, all) = questions::answered_directly(view);
    if all == 0 {
        return Finding::not_applicable("The customer asked no question about the offer.");
    }
    let open = questions::unanswered(view);
    if let Some(first) = open.first() {
        let evidence = std::iter::once(first.question).chain(first.shown_by);
        return Finding::unmet(
            format!("A question asked {} got no direct answer.", view.when(first.question)),
            evidence,
        );
    }
    if direct.len() as f64 >= all as f64 * MOSTLY
        && let Some(&(question, answer)) = direct.first()
    {
        return Finding::met(
            if all == 1 {
                "The customer's one question got a direct answer.".to_owned()
            } else {
                format!("{} of the customer's {all} questions got a direct answer.", direct.len())
            },
            [question, answer],
        );
    }
    Finding::cannot_assess(format!(
        "For {} of the customer's questions it cannot be told whether the reply is an answer.",
        all - direct.len()
    ))
}

pub(super) fn no_contradiction(view: &View<'_>) -> Finding {
    match contradictions::find(view).first() {
        Some(found) => Finding::unmet(
            format!(
                "What was said {} does not agree with what was said before, and it was not put right.",
                view.when(found.contradicts)
            ),
            [found.contradicts, found.said],
        ),
        None => Finding::cannot_assess(
            "There is no product sheet to compare with; within the call no contradiction was found.",
        ),
    }
}

pub(super) fn unknowns_followed_up(view: &View<'_>) -> Finding {
    // "I don't know if you've seen the news" admits nothing: what counts is an answer to something the customer asked.
    let admitted =
        labelled(view, Side::Internal, Label::Unknown).filter(|(index, _)| view.sentence(*index).question.is_none());
    let mut left: Option<usize> = None;
    for (index, _) in admitted {
        let turn = view.turn(index);
        let promise = view.turns[turn]
            .sentences
            .clone()
            .chain(view.next_turns(turn, Side::Internal, 2).flat_map(|t| t.sentences.clone()))
            .find(|&i| view.margin(i, Label::FindOut) >= 0.0);
        if let Some(promise) = promise {
            return Finding::met(
                format!(
                    "{} admitted {} not to know something and promised to find out.",
                    view.who(index),
                    view.when(index)
                ),
                [index, promise],
            );
        }
        left = left.or(Some(index));
    }
    if let Some((promise, _)) =
        clearest(labelled(view, Side::Internal, Label::FindOut).filter(|(_, margin)| *margin >= 0.5))
    {
        return Finding::met(
            format!("{} promised {} to find something out.", view.who(promise), view.when(promise)),
            [promise],
        );
    }
    match left {
        Some(index) => Finding::unmet(
            format!("{} did not know something {} and did not promise to find out.", view.who(index), view.when(index)),
            [index],
        ),
        None => Finding::not_applicable("Nothing came up that the rep did not know."),
    }
}

pub(super) fn recap_given(view: &View<'_>) -> Finding {
    // A recap takes up what the customer said; "so what you see here is" in a demonstration does not.
    let said = view.heard();
    let heard = |index: usize| {
        view.content(index).iter().filter(|word| said.get(*word).is_some_and(|first| *first < index)).count()
    };
    let late = labelled(view, Side::Internal, Label::Recap)
        .filter(|(index, margin)| view.position(*index) > 0.35 && (heard(*index) >= 2 || *margin > 0.8));
    by_clearest(
        view,
        SURE,
        late,
        |index| format!("{} summed up {}.", view.who(index), view.when(index)),
        "Nobody of our side summed up what was said or agreed.",
    )
}

/// Sentences that propose or agree a next step with a date, in the later part of the call.
fn dated_steps<'v>(view: &'v View<'_>) -> impl Iterator<Item = (usize, f32)> + 'v {
    (0..view.labels.sentences.len())
        .filter(|&i| view.position(i) >= CLOSING && view.sentence(i).side.is_some() && dated(view, i))
        .map(|i| (i, view.margin(i, Label::NextStep).max(view.margin(i, Label::Commitment) - 0.5)))
        .filter(|(_, margin)| *margin >= 0.0)
}

/// Whether a sentence or the one beside it in the same turn names a day, a date or a time.
fn dated(view: &View<'_>, index: usize) -> bool {
    let turn = view.turns[view.turn(index)].sentences.clone();
    (index.saturating_sub(1)..=index + 1).any(|i| turn.contains(&i) && view.sentence(i).dated)
}

pub(super) fn next_step_dated(view: &View<'_>) -> Finding {
    let ours = dated_steps(view).filter(|(index, _)| view.sentence(*index).side == Some(Side::Internal));
    if let Some((index, _)) = clearest(ours) {
        return Finding::met(format!("A next step with a date was named {}.", view.when(index)), [index]);
    }
    let undated = view
        .of_side(Side::Internal)
        .filter(|&i| view.position(i) >= CLOSING && view.margin(i, Label::NextStep) >= 0.0)
        .last();
    match undated {
        Some(index) => {
            Finding::unmet(format!("The next step named {} has no day, date or time.", view.when(index)), [index])
        }
        None => Finding::unmet("No next step was agreed.", []),
    }
}

pub(super) fn customer_agreed(view: &View<'_>) -> Finding {
    let proposals: Vec<usize> = view
        .of_side(Side::Internal)
        .filter(|&i| {
            view.position(i) >= 0.4
                && (view.margin(i, Label::NextStep) >= 0.0 || view.margin(i, Label::Commitment) >= 0.8)
        })
        .collect();
    let agreed = proposals.iter().filter_map(|&proposal| {
        let reply = view.next_turn_any(view.turn(proposal), Side::External)?;
        let yes =
            reply.sentences.clone().take(3).map(|i| (i, agreement(view, i))).max_by(|a, b| a.1.total_cmp(&b.1))?;
        (yes.1 >= 0.0).then_some((proposal, yes.0, yes.1))
    });
    match agreed.max_by(|a, b| a.2.total_cmp(&b.2)) {
        Some((_, yes, margin)) if margin < VERY_SURE => unsure(view, yes),
        Some((proposal, yes, _)) => {
            Finding::met(format!("{} agreed {} to what was proposed.", view.who(yes), view.when(yes)), [yes, proposal])
        }
        None => Finding::unmet("The customer did not agree aloud to a next step.", proposals.last().copied()),
    }
}

/// How clearly the customer agrees, above 0 for a yes.
fn agreement(view: &View<'_>, index: usize) -> f32 {
    let words = view.full_words(index);
    let hedged = words.iter().any(|w| {
        matches!(*w, "maybe" | "guess" | "suppose" | "perhaps" | "not" | "might" | "try" | "but" | "possibly" | "think")
    });
    let defers = questions::contains(
        &words,
        &[
            &["have", "a", "think"],
            &["we", "will", "see"],
            &["i", "will", "see"],
            &["not", "promising"],
            &["think", "about", "it"],
            &["let", "you", "know"],
        ],
    );
    let objects = view.sentence(index).objection.is_some();
    if defers {
        return -1.0;
    }
    view.margin(index, Label::Agreement) - if hedged { 1.0 } else { 0.0 } - if objects { 1.0 } else { 0.0 }
}
