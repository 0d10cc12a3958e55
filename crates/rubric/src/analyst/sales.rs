//! Judges of a sales call: discovery, product knowledge, engagement.

use super::questions;
use super::view::View;
use super::words::common;
use super::{Finding, contradictions};
use rustc_hash::FxHashMap;
use signals::labels::{Label, QuestionKind};
use signals::text::Class;
use transcript::Side;

/// An agenda is set within this share of the call's sentences, or within the first ones.
const OPENING: f64 = 0.25;
const OPENING_SENTENCES: usize = 24;
/// A next step belongs to the call's last part.
const CLOSING: f64 = 0.5;

/// Sentences of `side` with a label, by how clearly they have it.
pub(super) fn labelled<'v>(view: &'v View<'_>, side: Side, label: Label) -> impl Iterator<Item = (usize, f32)> + 'v {
    view.of_side(side).map(move |index| (index, view.margin(index, label))).filter(|(_, margin)| *margin >= 0.0)
}

/// Above the threshold by this much a sentence counts; between the two nobody can tell from the words alone.
pub(super) const SURE: f32 = 0.8;

/// The same for labels that ordinary sentences resemble: a feature described, a customer mentioned.
const VERY_SURE: f32 = 1.1;

/// So clear that the label is a sign of its own beside what else speaks for it.
pub(super) const CLEAR: f32 = 2.0;

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

pub(super) fn clearest(found: impl Iterator<Item = (usize, f32)>) -> Option<(usize, f32)> {
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
        // A word or two ("Cold!") tell of no problem.
        .filter(|&i| view.word_count(i) >= 3)
        .filter(|&i| view.margin(i, Label::Pain) >= 0.0 || view.margin(i, Label::Impact) >= 0.5)
        .collect();
    if pains.is_empty() {
        return Finding::cannot_assess("No problem of the customer was recognised, so there was none to ask about.");
    }
    // A problem that is told clearly and a question that clearly belongs to it; of less than that nobody can be sure.
    let mut best: Option<(usize, usize, u8)> = None;
    for &pain in &pains {
        let clear = view.margin(pain, Label::Pain) >= SURE;
        for (distance, reply) in view.next_turns(view.turn(pain), Side::Internal, 2).enumerate() {
            for question in reply.sentences.clone().filter(|&i| view.sentence(i).question.is_some()) {
                let signs = follow_up_signs(view, pain, question);
                let follows = if distance == 0 { signs >= 1 } else { signs >= 3 };
                let sure = u8::from(clear && signs >= 2);
                if follows && best.is_none_or(|(.., known)| sure > known) {
                    best = Some((pain, question, sure));
                }
            }
        }
    }
    match best {
        Some((pain, question, 1..)) => Finding::met(
            format!(
                "{} named a problem {}, and {} asked about it {}.",
                view.who(pain),
                view.when(pain),
                view.who(question),
                view.when(question)
            ),
            [question, pain],
        ),
        Some((_, question, 0)) => unsure(view, question),
        None => Finding::unmet(
            format!("{} named a problem {}, and no question took it up.", view.who(pains[0]), view.when(pains[0])),
            [pains[0]],
        ),
    }
}

/// How many signs there are that a question of ours is about the problem before it: words of it, openness with a word that points back, and what the
/// label says.
fn follow_up_signs(view: &View<'_>, pain: usize, question: usize) -> u8 {
    let elsewhere = [Label::NextStep, Label::FurtherHelp, Label::Decision, Label::Confirm, Label::SmallTalk];
    if elsewhere.iter().any(|&label| view.margin(question, label) > 0.0) {
        return 0;
    }
    let words = view.full_words(question);
    let points_back = words.iter().any(|w| {
        matches!(*w, "that" | "it" | "they" | "those" | "this" | "then" | "happens" | "happen" | "them" | "these")
    });
    // The turn of the problem, which may begin before the sentence that was recognised.
    let stated = view.turn_content(pain);
    let related = common(&stated, view.content(question)) >= 1;
    let open = view.sentence(question).question == Some(QuestionKind::Open);
    let clarify = view.margin(question, Label::Clarify);
    if !related && !points_back {
        // "What brand?" asks about anything.
        return u8::from(clarify >= 0.0);
    }
    2 * u8::from(related && (open || clarify >= 0.0))
        + u8::from(related || points_back && open)
        + u8::from(clarify >= 0.0)
        + u8::from(clarify >= VERY_SURE)
}

pub(super) fn impact_quantified(view: &View<'_>) -> Finding {
    let has_number = |index: usize| view.classes(index).has(Class::NUMBER.with(Class::MONEY));
    let from_customer = || {
        labelled(view, Side::External, Label::Impact)
            .filter(|(index, _)| view.word_count(*index) >= 4)
            .filter(|(index, margin)| *margin >= 0.6 || has_number(*index) || near_pain(view, *index))
    };
    let stated = clearest(from_customer());
    // A number alone counts anything, and so does a consequence without one: two of number, problem beside it and a clear label make it sure.
    let told = |index: usize, margin: f32| {
        let signs = [has_number(index), near_pain(view, index), margin >= CLEAR];
        margin >= SURE && signs.iter().filter(|sign| **sign).count() >= 2
    };
    if let Some((index, _)) = clearest(from_customer().filter(|(index, margin)| told(*index, *margin))) {
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

/// Whether a problem is stated in the same turn, or in the customer's turn before it.
fn near_pain(view: &View<'_>, index: usize) -> bool {
    let turn = view.turn(index);
    let pains = |sentences: std::ops::Range<usize>| sentences.into_iter().any(|i| view.margin(i, Label::Pain) >= 0.0);
    pains(view.turns[turn].sentences.clone())
        || view.previous_turn(turn, Side::External).is_some_and(|before| pains(before.sentences.clone()))
}

pub(super) fn decision_process(view: &View<'_>) -> Finding {
    let asked =
        labelled(view, Side::Internal, Label::Decision).filter(|(index, _)| view.sentence(*index).question.is_some());
    let mut may_be = None;
    for (index, margin) in asked {
        let reply = || view.next_turns(view.turn(index), Side::External, 1).flat_map(|t| t.sentences.clone());
        let answer = reply().find(|&i| view.sentence(i).question.is_none() && view.word_count(i) >= 3);
        let about_it = margin >= SURE || reply().any(|i| view.margin(i, Label::Decision) >= 0.0);
        if answer.is_some() && !about_it {
            may_be = may_be.or(Some(index));
        } else if let Some(answer) = answer {
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
        None if let Some(index) = may_be => unsure(view, index),
        None => Finding::unmet("Neither a question about the decision nor a word on who makes it was heard.", []),
    }
}

pub(super) fn need_linked(view: &View<'_>) -> Finding {
    let needs: Vec<usize> = view
        .of_side(Side::External)
        .filter(|&i| {
            [Label::Pain, Label::Request, Label::Impact].iter().any(|&label| view.margin(i, label) >= 0.0)
                || view.margin(i, Label::Pain) >= POSSIBLE && view.word_count(i) >= 6
        })
        .collect();
    let first_need = needs.first().copied();
    let linked = || {
        labelled(view, Side::Internal, Label::NeedLink).filter(|(index, margin)| {
            view.sentence(*index).question.is_none()
                && first_need.is_some_and(|need| need < *index)
                && view.margin(*index, Label::Proof) < *margin
        })
    };
    // A feature praised in general sounds the same: the sentence, or the one beside it, has to use words of a need that was told before.
    let mut wanted: FxHashMap<u32, usize> = FxHashMap::default();
    for &need in &needs {
        for word in view.turn_content(need) {
            wanted.entry(word).or_insert(need);
        }
    }
    let of_needs = |index: usize| {
        let turn = view.turns[view.turn(index)].sentences.clone();
        (index.saturating_sub(1)..=index + 1)
            .filter(|i| turn.contains(i))
            .any(|i| view.content(i).iter().any(|word| wanted.get(word).is_some_and(|need| *need < index)))
    };
    match clearest(linked().filter(|(index, margin)| *margin >= VERY_SURE && of_needs(*index))) {
        Some((index, _)) => Finding::met(
            format!("{} tied the offer {} to what the customer had said.", view.who(index), view.when(index)),
            [index],
        ),
        None => match clearest(linked()) {
            Some((index, _)) => unsure(view, index),
            None => Finding::unmet("No sentence ties the offer to something the customer had said they need.", []),
        },
    }
}

/// Not a problem by its label, but near to one.
const POSSIBLE: f32 = -0.5;

pub(super) fn proof_given(view: &View<'_>) -> Finding {
    let proofs = || labelled(view, Side::Internal, Label::Proof);
    // A claim that only sounds like proof names nobody and no figure.
    match clearest(proofs().filter(|(index, margin)| {
        *margin >= VERY_SURE && (*margin >= CLEAR || super::objections::may_be_evidence(view, *index))
    })) {
        Some((index, _)) => Finding::met(format!("{} backed a claim {}.", view.who(index), view.when(index)), [index]),
        None => match clearest(proofs()) {
            Some((index, _)) => unsure(view, index),
            None => Finding::unmet("No claim is backed by a story, a figure, a study or a certificate.", []),
        },
    }
}

/// Share of the customer's questions that must be answered directly.
const MOSTLY: f64 = 0.85;

pub(super) fn answered_directly(view: &View<'_>) -> Finding {
    let (direct, all, evaded) = questions::answered_directly(view);
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
    // One reply that goes around its question weighs more than many that answer theirs.
    if direct.len() as f64 >= all as f64 * MOSTLY
        && !evaded
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

pub(super) fn recap_given(view: &View<'_>) -> Finding {
    let said = view.heard();
    let late = labelled(view, Side::Internal, Label::Recap)
        .map(|(index, margin)| (index, recap_margin(view, index, margin, &said)))
        .filter(|(index, _)| view.position(*index) > 0.35);
    by_clearest(
        view,
        SURE,
        late,
        |index| format!("{} summed up {}.", view.who(index), view.when(index)),
        "Nobody of our side summed up what was said or agreed.",
    )
}

/// A recap takes up what the customer said; "so what you see here is" in a demonstration does not. `said` holds the customer's words and where each
/// was said first; the recap may go on to the end of its turn.
fn recap_margin(view: &View<'_>, index: usize, margin: f32, said: &FxHashMap<u32, usize>) -> f32 {
    let turn = view.turns[view.turn(index)].sentences.clone();
    let mut words: Vec<u32> = (index..turn.end).flat_map(|i| view.content(i).iter().copied()).collect();
    words.sort_unstable();
    words.dedup();
    let heard: Vec<usize> = words.iter().filter_map(|word| said.get(word)).copied().filter(|at| *at < index).collect();
    let mut turns: Vec<usize> = heard.iter().map(|at| view.turn(*at)).collect();
    turns.sort_unstable();
    turns.dedup();
    let share = heard.len() as f32 / words.len().max(1) as f32;
    if heard.len() >= 4 && turns.len() >= 3 && share >= 0.5 {
        // Much of it comes from all over the call: that is a recap even where the label is not sure.
        margin.max(SURE)
    } else if heard.len() >= 2 && share >= 0.3 && view.sentence(index).question.is_none() {
        margin
    } else {
        margin.min(SURE / 2.0)
    }
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
    let ours = || dated_steps(view).filter(|(index, _)| view.sentence(*index).side == Some(Side::Internal));
    // "I'll ask and write to you by Thursday" closes a question that stayed open; it need not be the next step of both.
    let errand = |index: usize| view.margin(index, Label::FindOut) > view.margin(index, Label::NextStep).max(SURE);
    if let Some((index, _)) = clearest(ours().filter(|(index, _)| !errand(*index))) {
        return Finding::met(format!("A next step with a date was named {}.", view.when(index)), [index]);
    }
    if let Some((index, _)) = clearest(ours()) {
        return unsure(view, index);
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
    // "Okay" after an announcement takes note of it; after a question or a day it may be a yes.
    let takes_note = |proposal: usize, yes: usize| {
        view.word_count(yes) <= 3
            && view.sentence(proposal).question.is_none()
            && !dated(view, proposal)
            && !view.turns[view.turn(proposal)].sentences.clone().any(|i| view.sentence(i).question.is_some())
    };
    let agreed = agreed.map(|(proposal, yes, margin)| {
        let bare = takes_note(proposal, yes) || !assents(view, proposal, yes);
        (proposal, yes, if bare { margin.min(VERY_SURE / 2.0) } else { margin })
    });
    match agreed.max_by(|a, b| a.2.total_cmp(&b.2)) {
        Some((_, yes, margin)) if margin < VERY_SURE => unsure(view, yes),
        Some((proposal, yes, _)) => {
            Finding::met(format!("{} agreed {} to what was proposed.", view.who(yes), view.when(yes)), [yes, proposal])
        }
        None => Finding::unmet("The customer did not agree aloud to a next step.", proposals.last().copied()),
    }
}

/// Whether an agreement says yes by a word, or takes up words of what was proposed; a friendly goodbye does neither.
fn assents(view: &View<'_>, proposal: usize, reply: usize) -> bool {
    let yes = |word: &&str| {
        matches!(
            *word,
            "yes"
                | "yeah"
                | "yep"
                | "sure"
                | "okay"
                | "ok"
                | "good"
                | "fine"
                | "works"
                | "great"
                | "perfect"
                | "deal"
                | "agreed"
                | "happy"
                | "lovely"
                | "absolutely"
                | "definitely"
                | "do"
                | "gladly"
                | "right"
                | "course"
                | "suits"
                | "ahead"
                | "let"
        )
    };
    view.full_words(reply).iter().any(yes) || common(&view.turn_content(proposal), view.content(reply)) >= 1
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
