//! The judge of what a rep does who does not know something.

use super::sales::{CLEAR, SURE, clearest, labelled, unsure};
use super::view::View;
use super::words::common;
use super::{Finding, questions};
use signals::labels::Label;
use transcript::Side;

pub(super) fn unknowns_followed_up(view: &View<'_>) -> Finding {
    // "I don't know if you've seen the news" admits nothing: what counts is an answer to something the customer asked.
    let admitted =
        labelled(view, Side::Internal, Label::Unknown).filter(|(index, _)| view.sentence(*index).question.is_none());
    let mut left: Option<usize> = None;
    let mut may_be: Option<usize> = None;
    for (index, _) in admitted {
        let turn = view.turn(index);
        let promises = view.turns[turn]
            .sentences
            .clone()
            .chain(view.next_turns(turn, Side::Internal, 2).flat_map(|t| t.sentences.clone()))
            .filter(|&i| view.margin(i, Label::FindOut) >= 0.0);
        // "Let me say something about the price" promises too, but not to find out.
        let promise = promises.max_by(|a, b| finds_out(view, *a).total_cmp(&finds_out(view, *b)));
        if let Some(promise) = promise {
            if finds_out(view, promise) >= SURE {
                return Finding::met(
                    format!(
                        "{} admitted {} not to know something and promised to find out.",
                        view.who(index),
                        view.when(index)
                    ),
                    [index, promise],
                );
            }
            may_be = may_be.or(Some(promise));
        }
        left = left.or(Some(index));
    }
    // A promise to find out without a word on not knowing, but right after the customer had asked.
    let answers_question = |index: usize| {
        view.previous_turn(view.turn(index), Side::External)
            .is_some_and(|before| before.sentences.clone().any(|i| questions::is_real_question(view, i)))
    };
    let promised = labelled(view, Side::Internal, Label::FindOut)
        .filter(|(index, _)| answers_question(*index) && finds_out(view, *index) >= CLEAR);
    if let Some((promise, _)) = clearest(promised) {
        return Finding::met(
            format!("{} promised {} to find something out.", view.who(promise), view.when(promise)),
            [promise],
        );
    }
    match (may_be, left) {
        (Some(index), _) => unsure(view, index),
        (None, Some(index)) => Finding::unmet(
            format!("{} did not know something {} and did not promise to find out.", view.who(index), view.when(index)),
            [index],
        ),
        (None, None) => match view.of_side(Side::Internal).find(|&i| says_unknown(view, i)) {
            Some(index) if let Some(promise) = promised_after(view, index) => Finding::met(
                format!(
                    "{} admitted {} not to know something and promised to find out.",
                    view.who(index),
                    view.when(index)
                ),
                [index, promise],
            ),
            Some(index) => unsure(view, index),
            None => Finding::not_applicable("Nothing came up that the rep did not know."),
        },
    }
}

/// Whether we say in answer to a question that we do not know, by the words alone; "I don't know if you've seen it" says nothing of the kind.
fn says_unknown(view: &View<'_>, index: usize) -> bool {
    let words = view.full_words(index);
    let admits = questions::contains(
        &words,
        &[
            &["i", "do", "not", "know", "offhand"],
            &["not", "know", "off", "hand"],
            &["not", "know", "whether", "we"],
            &["not", "sure", "whether", "we"],
            &["not", "know", "if", "we"],
            &["not", "sure", "if", "we"],
            &["not", "know", "that"],
            &["do", "not", "have", "that"],
            &["off", "the", "top", "of", "my", "head"],
        ],
    );
    let asked = view.previous_turn(view.turn(index), Side::External).is_some_and(|before| {
        before.sentences.clone().any(|i| {
            // "Stockholm isn't Norway, though" asks as well.
            questions::is_real_question(view, i) || common(view.content(i), view.content(index)) >= 1
        })
    });
    admits && asked && view.sentence(index).question.is_none()
}

/// Our words in the same turn that promise to find out: "I'll check with our lead and come back to you".
fn promised_after(view: &View<'_>, index: usize) -> Option<usize> {
    (index..view.turns[view.turn(index)].sentences.end).find(|&i| {
        let words = view.full_words(i);
        let will = questions::contains(&words, &[&["i", "will"], &["we", "will"], &["let", "me"]]);
        let finds = questions::contains(
            &words,
            &[
                &["check"],
                &["find", "out"],
                &["ask"],
                &["come", "back", "to", "you"],
                &["get", "back", "to", "you"],
                &["look", "it", "up"],
                &["look", "into"],
            ],
        );
        will && finds
    })
}

/// How clearly a sentence promises to find something out: by its label, and more so where the speaker binds themself to it.
fn finds_out(view: &View<'_>, index: usize) -> f32 {
    let binds = [Label::Commitment, Label::NextStep].iter().any(|&label| view.margin(index, label) >= 0.0);
    view.margin(index, Label::FindOut) - if binds { 0.0 } else { 0.5 }
}
