//! Judges of a service call.

use super::tasks::{tasks_of, tells_done, tells_fact};
use super::view::View;
use super::{Finding, contradictions, facts, questions, repeats};
use signals::labels::Label;
use signals::metrics::Moment;
use transcript::Side;

/// The customer's sentences that say what they want: requests and problems of the first third, or else their first longer sentences.
pub(super) fn requests(view: &View<'_>) -> Vec<usize> {
    let early: Vec<usize> = view
        .of_side(Side::External)
        .filter(|&i| {
            view.position(i) < 0.4 && (view.margin(i, Label::Request) >= -0.3 || view.margin(i, Label::Pain) >= 0.0)
        })
        .filter(|&i| !names_only(&view.full_words(i)))
        .collect();
    if early.is_empty() {
        view.of_side(Side::External)
            .filter(|&i| view.word_count(i) >= 4 && !names_only(&view.full_words(i)))
            .take(2)
            .collect()
    } else {
        early
    }
}

/// Whether a sentence only greets and names: "hi Ben, this is Helena".
fn names_only(words: &[&str]) -> bool {
    let greets = words.first().is_some_and(|w| matches!(*w, "hi" | "hello" | "hey" | "good" | "yes" | "yeah"));
    let names = questions::contains(words, &[&["this", "is"], &["my", "name", "is"], &["i", "am"]]);
    words.len() <= 7
        && (greets && (names || words.len() <= 3) || words.starts_with(&["my", "name", "is"]))
        && !questions::contains(words, &[&["calling"], &["need"], &["want"], &["about"], &["problem"], &["lost"]])
}

/// The first errand that the caller asks for: its sentence and its bits in [`tasks_of`].
pub(super) fn asked_task(view: &View<'_>) -> Option<(usize, u16)> {
    view.of_side(Side::External)
        .filter(|&i| facts::wishes_for(view, i) || view.sentence(i).question.is_some() || view.position(i) < 0.4)
        .map(|i| (i, tasks_of(&view.full_words(i))))
        .find(|(_, tasks)| *tasks != 0)
}

/// Our sentence that tells of an errand that nobody had asked for, and the request that it should have been about; only where what was asked for
/// is not done at all.
pub(super) fn other_task(view: &View<'_>) -> Option<(usize, usize)> {
    let (request, wanted) = asked_task(view)?;
    let mut named = 0;
    let mut other = None;
    for index in 0..view.labels.sentences.len() {
        let words = view.full_words(index);
        let tasks = tasks_of(&words);
        let ours = view.sentence(index).side == Some(Side::Internal);
        let told = ours && tells(view, index) && (tells_done(&words) || tells_fact(&words));
        if !told {
            // What the caller names, or agrees to when we offer it, is their errand too.
            named |= tasks;
        } else if tasks == 0 || tasks & (wanted | named) != 0 {
            return None;
        } else if index > request {
            other = other.or(Some(index));
        }
    }
    other.map(|index| (index, request))
}

/// Whether a sentence tells rather than asks. Without punctuation a run-on of two statements looks like a question ("that is done you have
/// ninety left"); one that begins with its subject is taken for a statement.
fn tells(view: &View<'_>, index: usize) -> bool {
    let words = view.full_words(index);
    let first = words.iter().find(|w| !matches!(**w, "okay" | "ok" | "alright" | "so" | "and" | "uh" | "um" | "well"));
    view.sentence(index).question.is_none()
        || words.len() >= RUN_ON_WORDS && first.is_some_and(|w| matches!(*w, "that" | "it" | "i" | "we" | "your"))
}

/// Fewest words of a run-on of two statements.
const RUN_ON_WORDS: usize = 7;

/// Whether our sentence tells that something is done, perhaps with the breath of its turn before it: "your checks" · "have been ordered".
pub(super) fn states_done(view: &View<'_>, index: usize) -> bool {
    if view.sentence(index).side != Some(Side::Internal) || !tells(view, index) {
        return false;
    }
    let mut words = view.full_words(index);
    if tells_done(&words) {
        return true;
    }
    let first = view.turns[view.turn(index)].sentences.start;
    if index > first && view.sentence(index - 1).question.is_none() && words.len() <= 6 {
        words = view.full_words(index - 1).into_iter().chain(words).collect();
    }
    tells_done(&words)
}

/// A request of the caller for a known errand that we pass over: before we ask what else is needed, or the call ends, nothing is told of it.
pub(super) fn passed_over(view: &View<'_>) -> Option<usize> {
    let mut open: Option<(usize, u16)> = None;
    for index in 0..view.labels.sentences.len() {
        let words = view.full_words(index);
        let tasks = tasks_of(&words);
        if view.sentence(index).side == Some(Side::External) {
            if questions::contains(&words, PLEASED) {
                open = None;
            } else if open.is_none() && tasks != 0 && facts::wishes_for(view, index) && view.position(index) < 0.8 {
                open = Some((index, tasks));
            }
            continue;
        }
        if view.margin(index, Label::FurtherHelp) > 0.0 && view.sentence(index).question.is_some() {
            // It may still be told later, by its name.
            if let Some((request, wanted)) = open {
                let later = view.of_side(Side::Internal).filter(|&i| i > index);
                let mended = |i: usize| {
                    settles(view, i) && (tasks_of(&view.full_words(i)) & wanted != 0 || states_done(view, i))
                };
                if !later.into_iter().any(mended) {
                    return Some(request);
                }
                open = None;
            }
        } else if settles(view, index) {
            open = None;
        }
    }
    None
}

/// Whether anything that our side said after the request may tell an outcome, in whatever words.
pub(super) fn may_settle(view: &View<'_>) -> bool {
    let Some(&request) = requests(view).first() else { return false };
    let refuses = |i| {
        [Label::Cannot, Label::Unknown].iter().any(|&label| view.margin(i, label) >= 0.0)
            || questions::contains(
                &view.full_words(i),
                &[&["not", "think"], &["can", "not"], &["not", "know"], &["not", "able"]],
            )
    };
    view.of_side(Side::Internal)
        .any(|i| i > request && settles(view, i) && !refuses(i) && tasks_of(&view.full_words(i)) == 0)
        || view.of_side(Side::External).any(|i| i > request && questions::contains(&view.full_words(i), PLEASED))
}

/// Wordings of a caller who has got something.
pub(super) const PLEASED: &[&[&str]] = &[
    &["great"],
    &["perfect"],
    &["wonderful"],
    &["awesome"],
    &["excellent"],
    &["got", "it"],
    &["see", "it"],
    &["sounds", "good"],
    &["that", "helps"],
    &["appreciate"],
];

/// Formulas of the end of a call, which tell nothing however long they are.
pub(super) const CLOSES: &[&[&str]] = &[
    &["for", "calling"],
    &["great", "day"],
    &["nice", "day"],
    &["good", "day"],
    &["wonderful", "day"],
    &["my", "name", "is"],
];

/// A statement of as many words may tell an outcome in words that no list has.
const TOLD_WORDS: usize = 8;

/// Whether our sentence tells of an outcome, an answer, a promise or a refusal.
fn settles(view: &View<'_>, index: usize) -> bool {
    let told = tells(view, index);
    let words = view.full_words(index);
    told && (states_done(view, index)
        || tells_fact(&words)
        || !facts::value_words(&words).is_empty() && words.len() >= 4
        || words.len() >= TOLD_WORDS && !questions::contains(&words, CLOSES)
        || [Label::Resolved, Label::Cannot, Label::FindOut, Label::NextStep, Label::Unknown]
            .iter()
            .any(|&label| view.margin(index, label) >= 0.0)
        || view.margin(index, Label::Commitment) >= 0.0 && view.margin(index, Label::Hold) < 0.0)
}

pub(super) fn no_repeated_questions(view: &View<'_>) -> Finding {
    match repeats::repeats(view).first() {
        Some(repeat) => Finding::unmet(
            format!("{} asked {} for {}.", view.who(repeat.again), view.when(repeat.again), repeat.what),
            [repeat.again, repeat.first],
        ),
        None => Finding::met("Nothing was asked for that the caller had said before.", []),
    }
}

pub(super) fn facts_consistent(view: &View<'_>) -> Finding {
    match contradictions::find(view).first() {
        Some(found) => Finding::unmet(
            format!(
                "What {} said {} does not agree with what was said before, and it was not put right.",
                view.who(found.contradicts),
                view.when(found.contradicts)
            ),
            [found.contradicts, found.said],
        ),
        None => Finding::met("No stated fact contradicts another.", []),
    }
}

pub(super) fn questions_answered(view: &View<'_>) -> Finding {
    match questions::unanswered(view).first() {
        Some(open) => Finding::unmet(
            format!("The question asked {} stayed open.", view.when(open.question)),
            std::iter::once(open.question).chain(open.shown_by),
        ),
        None => Finding::met("No question of the caller was left open.", []),
    }
}

pub(super) fn further_help_offered(view: &View<'_>) -> Finding {
    let offer = view
        .of_side(Side::Internal)
        .filter(|&i| view.position(i) > 0.4 && offers_more(view, i))
        .map(|i| (i, view.margin(i, Label::FurtherHelp)))
        .filter(|(_, m)| *m >= 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match offer {
        Some((index, _)) => {
            Finding::met(format!("{} offered further help {}.", view.who(index), view.when(index)), [index])
        }
        None => Finding::unmet("Nobody asked whether anything else is needed.", []),
    }
}

/// Whether a sentence asks or offers: "another thing we should check" does neither.
fn offers_more(view: &View<'_>, index: usize) -> bool {
    let words = view.full_words(index);
    let asks = view.sentence(index).question.is_some()
        || questions::contains(&words, &[&["anything"], &["any", "other"], &["any", "more"], &["what", "else"]]);
    let offers = questions::contains(
        &words,
        &[
            &["let", "me", "know"],
            &["if", "you", "need"],
            &["if", "you", "have"],
            &["if", "there", "is"],
            &["feel", "free"],
            &["hesitate"],
            &["here", "to", "help"],
            &["happy", "to", "help"],
            &["glad", "to", "help"],
            &["write", "to", "us"],
            &["just", "call"],
            &["give", "us", "a"],
            &["shout"],
        ],
    );
    asks || offers
}

/// Silences between segments that nobody announced: (length, last sentence before).
fn silences(view: &View<'_>) -> Vec<(u64, usize)> {
    let mut out = Vec::new();
    let mut end = None;
    let mut last = None;
    for (index, sentence) in view.labels.sentences.iter().enumerate() {
        let segment = &view.transcript.segments[sentence.segment()];
        if let (Some(start), Some(before), Some(last)) = (segment.start_ms, end, last)
            && start > before
        {
            out.push((start - before, last));
        }
        if segment.end_ms >= end {
            end = segment.end_ms;
            last = Some(index);
        }
    }
    out.retain(|(_, before)| !announced(view, *before));
    out
}

/// Whether one of the last sentences before a silence announces a wait.
fn announced(view: &View<'_>, before: usize) -> bool {
    let waits = |i: usize| {
        questions::contains(
            &view.full_words(i),
            &[
                &["hang", "on"],
                &["hold", "on"],
                &["one", "moment"],
                &["just", "a", "moment"],
                &["one", "second"],
                &["a", "sec"],
                &["bear", "with", "me"],
                &["one", "minute"],
                &["let", "me", "look"],
                &["let", "me", "check"],
                &["let", "me", "get"],
            ],
        )
    };
    (before.saturating_sub(5)..=before).any(|i| match view.sentence(i).side {
        Some(Side::Internal) => view.margin(i, Label::Hold) >= -0.3,
        // A caller who goes to look for something announces it too, right before they go.
        Some(Side::External) => view.turn(i) == view.turn(before) && waits(i),
        None => false,
    })
}

/// Longest silence that was not announced, in milliseconds.
pub(super) fn unannounced_silence_ms(view: &View<'_>) -> Option<f64> {
    view.metrics.non_talk_ms?;
    Some(silences(view).iter().map(|(length, _)| *length).max().unwrap_or(0) as f64)
}

/// The sentences that show a metric.
pub(super) fn metric_evidence(view: &View<'_>, metric: &str) -> Vec<usize> {
    let of = |moment: Option<Moment>| {
        let id = moment.map(|m| m.segment_id)?;
        view.labels.sentences.iter().position(|s| view.transcript.segments[s.segment()].id == id)
    };
    let asked = |side: Side, kind: Option<signals::labels::QuestionKind>| {
        view.of_side(side)
            .filter(move |&i| {
                view.sentence(i).question.is_some() && (kind.is_none() || view.sentence(i).question == kind)
            })
            .collect::<Vec<_>>()
    };
    match metric {
        "longest_monologue_ms" => of(view.metrics.moments.longest_monologue).into_iter().collect(),
        "longest_customer_story_ms" => of(view.metrics.moments.longest_customer_story).into_iter().collect(),
        "longest_silence_ms" | "non_talk_ms" => of(view.metrics.moments.longest_silence).into_iter().collect(),
        "unannounced_silence_ms" => silences(view)
            .into_iter()
            .max_by_key(|(length, _)| *length)
            .filter(|(length, _)| *length >= 3000)
            .map(|(_, before)| before)
            .into_iter()
            .collect(),
        "open_question_count" | "open_questions_per_30_min" => {
            asked(Side::Internal, Some(signals::labels::QuestionKind::Open))
        }
        "question_count" | "questions_per_30_min" => asked(Side::Internal, None),
        "customer_question_count" => asked(Side::External, None),
        _ => Vec::new(),
    }
}
