//! Facts of ours that contradict what the customer said, or what we said ourselves.

use super::facts::{Slot, Value, asked_slots, is_weekday, numbers, values};
use super::questions::contains;
use super::view::{View, common};
use signals::labels::Label;
use transcript::Side;

/// How many of the customer's last figures are compared.
const REMEMBERED: usize = 40;
/// Fewest digits of a bare number that is compared: smaller ones count too many things.
const FIGURE_MIN: u64 = 100;

/// A fact of ours that contradicts what was said.
pub(super) struct Contradiction {
    pub said: usize,
    pub contradicts: usize,
}

/// Wordings with which a customer points out that something is wrong.
const WRONG: &[&[&str]] = &[
    &["you", "told", "me"],
    &["you", "just", "told"],
    &["you", "said"],
    &["you", "just", "said"],
    &["i", "said"],
    &["not", "what", "i", "said"],
    &["that", "is", "not", "right"],
    &["that", "is", "wrong"],
    &["that", "is", "not", "what"],
    &["no", "it", "is"],
    &["no", "i", "said"],
    &["no", "it", "was"],
    &["wait", "i"],
    &["not", "what", "you", "said"],
    &["a", "minute", "ago"],
    &["earlier", "you"],
    &["i", "told", "you"],
];

/// Wordings with which we put something right.
const CORRECTED: &[&[&str]] = &[
    &["sorry"],
    &["my", "mistake"],
    &["apologies"],
    &["i", "apologize"],
    &["i", "apologise"],
    &["you", "are", "right"],
    &["misspoke"],
    &["misread"],
    &["i", "meant"],
    &["correction"],
    &["let", "me", "correct"],
    &["my", "bad"],
    &["wrong", "line"],
    &["i", "misheard"],
    &["thanks", "for", "catching"],
    &["good", "catch"],
    &["let", "me", "fix"],
];

/// Wordings with which another value is offered rather than stated.
const OFFERED: &[&[&str]] = &[
    &["available"],
    &["earliest"],
    &["only"],
    &["instead"],
    &["how", "about"],
    &["what", "about"],
    &["would"],
    &["could"],
    &["can", "do"],
    &["or"],
    &["next", "opening"],
    &["first", "opening"],
    &["do", "you"],
    &["is", "full"],
    &["booked", "up"],
    &["not", "have"],
    &["if"],
    &["between"],
    &["from"],
    &["until"],
    &["open"],
    &["close"],
    &["unless"],
    &["plus"],
    &["fee"],
    &["minus"],
    &["moved"],
    &["before"],
    &["after"],
    &["within"],
    &["takes"],
    &["arrive"],
    &["text", "you"],
];

/// Wordings that tell of a change rather than of the same thing.
const CHANGED: &[&[&str]] = &[
    &["down"],
    &["new"],
    &["instead"],
    &["difference"],
    &["refund"],
    &["plus"],
    &["total"],
    &["balance"],
    &["remaining"],
    &["left"],
    &["minus"],
    &["less"],
    &["more"],
    &["only"],
    &["save"],
    &["off"],
    &["altogether"],
    &["another"],
    &["limit"],
    &["up", "to"],
    &["reference"],
    &["number", "is"],
    &["case"],
];

/// Facts that our side states against what the customer said, or against itself, and that are not put right in the turn after.
pub(super) fn find(view: &View<'_>) -> Vec<Contradiction> {
    let mut found: Vec<Contradiction> = wishes(view);
    found.extend(protests(view));
    found.extend(figures(view));
    found.extend(past_days(view));
    found.sort_by_key(|c| (c.contradicts, c.said));
    found.dedup_by_key(|c| c.contradicts);
    found
}

/// What the customer wants (a day, a time, an amount, a card) and what we say we have done.
fn wishes(view: &View<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    // Last value of each kind that the customer gave in an answer or a request.
    let mut said: Vec<(usize, Value)> = Vec::new();
    for index in 0..view.labels.sentences.len() {
        let words = view.full_words(index);
        match view.sentence(index).side {
            Some(Side::External)
                if view.sentence(index).question.is_none() || view.sentence(index).labels.has(Label::Request) =>
            {
                for value in view.values(index) {
                    if is_wanted(view, index, value) {
                        said.retain(|(_, known)| !known.same_kind(value));
                        said.push((index, value.clone()));
                    }
                }
            }
            Some(Side::Internal) => {
                let values = view.values(index);
                if view.sentence(index).question.is_some() || contains(&words, OFFERED) {
                    // A value that we offered and the customer may have taken is no contradiction later.
                    said.retain(|(_, known)| !values.iter().any(|value| known.same_kind(value)));
                    continue;
                }
                for (given, wanted) in &said {
                    let stated: Vec<&Value> = values.iter().filter(|value| value.same_kind(wanted)).collect();
                    let against = !stated.is_empty() && !stated.contains(&wanted) && close(wanted, stated[0]);
                    if against && states_outcome(view, index, *given) && !put_right(view, index, wanted) {
                        found.push(Contradiction { said: *given, contradicts: index });
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The customer says that what we just said is not what was said before, and we do not put it right.
fn protests(view: &View<'_>) -> Vec<Contradiction> {
    let protesting = view.of_side(Side::External).filter(|&index| contains(&view.full_words(index), WRONG));
    protesting.filter_map(|index| Some(Contradiction { said: index, contradicts: disputed(view, index)? })).collect()
}

/// A figure of ours beside another of as many digits that the customer gave for the same thing.
fn figures(view: &View<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let given: Vec<usize> =
        view.of_side(Side::External).filter(|&i| view.numbers(i).iter().any(|n| *n >= FIGURE_MIN)).collect();
    for index in view.of_side(Side::Internal).filter(|&i| view.numbers(i).iter().any(|n| *n >= FIGURE_MIN)) {
        let words = view.full_words(index);
        if view.sentence(index).question.is_some() || contains(&words, CHANGED) || contains(&words, CORRECTED) {
            continue;
        }
        let ours = view.numbers(index);
        let content = view.content(index);
        let before = given.partition_point(|&i| i < index);
        let said = given[before.saturating_sub(REMEMBERED)..before].iter().copied().find(|&i| {
            let theirs = view.numbers(i);
            theirs.iter().any(|w| {
                *w >= FIGURE_MIN
                    && !ours.contains(w)
                    && ours.iter().any(|v| *v >= FIGURE_MIN && v.ilog10() == w.ilog10())
            }) && !theirs.iter().any(|w| ours.contains(w))
                && common(&topic(content), &topic(view.content(i))) >= 1
        });
        if let Some(said) = said {
            let theirs = view.numbers(said);
            let turn = view.turn(index);
            // Telling signs that it is the same thing: the customer says their figure once more.
            let insists = view.next_turns(turn, Side::External, 1).any(|t| {
                t.sentences.clone().any(|i| view.numbers(i).iter().any(|n| *n >= FIGURE_MIN && theirs.contains(n)))
            });
            let corrected = view.next_turns(turn, Side::Internal, 1).any(|t| {
                t.sentences.clone().any(|i| {
                    contains(&view.full_words(i), CORRECTED)
                        || view.numbers(i).iter().any(|n| *n >= FIGURE_MIN && theirs.contains(n))
                })
            });
            if insists && !corrected {
                found.push(Contradiction { said, contradicts: index });
            }
        }
    }
    found
}

/// Content without numbers.
fn topic(content: &[u32]) -> Vec<u32> {
    content.iter().copied().filter(|hash| !NUMBER_STEMS.with(|stems| stems.contains(hash))).collect()
}

thread_local! {
    /// Hashes of the number words, which are no topic.
    static NUMBER_STEMS: Vec<u32> = super::view::content_of(
        &["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "pounds", "dollars", "euros"],
    );
}

/// A weekday that we give for something that the customer told of another day. Only the plain case: the customer named one day of the past, and we
/// come up with one that nobody had named.
fn past_days(view: &View<'_>) -> Vec<Contradiction> {
    const PAST: &[&str] =
        &["was", "were", "did", "had", "got", "came", "called", "went", "happened", "told", "said", "whole"];
    let mut found = Vec::new();
    let mut named: Vec<&str> = Vec::new();
    let mut theirs: Vec<usize> = Vec::new();
    for index in 0..view.labels.sentences.len() {
        let words = view.full_words(index);
        let days: Vec<&str> = words.iter().copied().filter(|w| is_weekday(w)).collect();
        if days.is_empty() {
            continue;
        }
        let past = words.iter().any(|w| PAST.contains(w));
        let new = days.iter().all(|day| !named.contains(day));
        if let (Some(Side::Internal), true, true, [_], [said], None) =
            (view.sentence(index).side, past, new, days.as_slice(), theirs.as_slice(), view.sentence(index).question)
        {
            let about_the_same = common(&turn_content(view, index), &turn_content(view, *said)) >= 1;
            let wanted = view.values(*said).iter().find(|value| matches!(value, Value::Weekday(_)));
            if about_the_same && wanted.is_some_and(|wanted| !put_right(view, index, wanted)) {
                found.push(Contradiction { said: *said, contradicts: index });
            }
        }
        if past && view.sentence(index).side == Some(Side::External) {
            theirs.push(index);
        }
        named.extend(words.iter().filter(|w| is_weekday(w)).map(|w| weekday(w)));
    }
    found
}

/// The word itself, as a constant.
fn weekday(word: &str) -> &'static str {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        .into_iter()
        .find(|day| *day == word)
        .unwrap_or_default()
}

/// Content words of the turn a sentence belongs to, sorted.
fn turn_content(view: &View<'_>, index: usize) -> Vec<u32> {
    let mut all: Vec<u32> =
        view.turns[view.turn(index)].sentences.clone().flat_map(|i| view.content(i).iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Weekdays, times, cards and accounts count when the customer asks for them or answers a question of ours about them.
fn is_wanted(view: &View<'_>, index: usize, value: &Value) -> bool {
    let words = view.full_words(index);
    let wants = contains(
        &words,
        &[
            &["would", "like"],
            &["want"],
            &["need"],
            &["please"],
            &["like", "to"],
            &["can", "you"],
            &["could", "you"],
            &["can", "i"],
            &["lost", "my"],
            &["works"],
            &["prefer"],
        ],
    );
    let turn = view.turn(index);
    let asked = view.previous_turn(turn, Side::Internal).is_some_and(|before| {
        before.sentences.clone().any(|question| {
            let slots = asked_slots(&view.full_words(question));
            view.sentence(question).question.is_some()
                && match value {
                    Value::Weekday(_) => {
                        slots.contains(&Slot::Day) || contains(&view.full_words(question), &[&["when"]])
                    }
                    Value::Clock(_) => {
                        slots.contains(&Slot::Time) || contains(&view.full_words(question), &[&["when"]])
                    }
                    Value::Card(_) => slots.contains(&Slot::Card),
                    Value::Account(_) => slots.contains(&Slot::Account),
                    Value::Amount(_) => contains(&view.full_words(question), &[&["how", "much"], &["what", "amount"]]),
                }
        })
    });
    asked || wants && !matches!(value, Value::Clock(_))
}

/// Whether our sentence states what was done or will be done about the customer's wish.
fn states_outcome(view: &View<'_>, index: usize, given: usize) -> bool {
    let words = view.full_words(index);
    let outcome = view.margin(index, Label::Resolved) > -0.5
        || contains(
            &words,
            &[
                &["scheduled"],
                &["booked"],
                &["appointment"],
                &["transfer"],
                &["transferred"],
                &["set", "up"],
                &["confirmed"],
                &["ordered"],
                &["replace"],
                &["replacement"],
                &["put", "you"],
                &["deliver"],
                &["delivered"],
                &["sent"],
                &["see", "you"],
                &["reserved"],
                &["paid"],
                &["moved"],
            ],
        );
    let near = view.turn(index) - view.turn(given) <= 12;
    near && (outcome || common(view.content(index), view.content(given)) >= 1)
}

/// Two amounts or times contradict each other when they are confusable; a fee of 3 beside an amount of 250 is another fact.
fn close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Amount(a), Value::Amount(b)) => {
            let (low, high) = (*a.min(b), *a.max(b));
            low > 0 && high <= low.saturating_mul(11)
        }
        _ => true,
    }
}

/// Whether our next turn takes the statement back, or the same turn names the right value.
fn put_right(view: &View<'_>, index: usize, wanted: &Value) -> bool {
    let turn = view.turn(index);
    let same_turn = view.turns[turn].sentences.clone().any(|i| i > index && view.values(i).contains(wanted));
    let next_two = view.next_turns(turn, Side::Internal, 2).any(|next| {
        next.sentences.clone().any(|i| {
            let words = view.full_words(i);
            contains(&words, CORRECTED) || values(&words).contains(wanted)
        })
    });
    // The customer may change their mind: naming our value themselves makes it theirs.
    let accepted = view.next_turns(turn, Side::External, 1).any(|next| {
        let stated = view.values(index);
        next.sentences.clone().any(|i| {
            let words = view.full_words(i);
            !contains(&words, WRONG)
                && words.first().is_none_or(|w| *w != "no")
                && values(&words).iter().any(|v| stated.contains(v) && v.same_kind(wanted))
        })
    });
    same_turn || next_two || accepted
}

/// Our sentence that a customer's protest is about: the last one whose number, day or card is not the one the customer insists on, not put
/// right afterwards.
fn disputed(view: &View<'_>, protest: usize) -> Option<usize> {
    let turn = view.turn(protest);
    let before = view.previous_turn(turn, Side::Internal)?;
    let words: Vec<&str> = view.turns[turn].sentences.clone().flat_map(|i| view.full_words(i)).collect();
    let (insisted, figures) = (values(&words), numbers(&words));
    let differs = |index: &usize| {
        let ours = view.full_words(*index);
        let other_value = values(&ours).iter().any(|value| insisted.iter().any(|p| p.same_kind(value) && p != value));
        let numbers = numbers(&ours);
        let other_figure = numbers
            .iter()
            .any(|n| *n >= 20 && figures.iter().any(|f| *f >= 20 && f != n && f.ilog10().abs_diff(n.ilog10()) <= 1));
        other_value || other_figure
    };
    let stated = before.sentences.clone().rev().filter(|i| view.sentence(*i).question.is_none()).find(differs)?;
    let ours = view.numbers(stated);
    let corrected = view.next_turns(turn, Side::Internal, 1).any(|next| {
        next.sentences.clone().any(|index| {
            let words = view.full_words(index);
            contains(&words, CORRECTED)
                || values(&words).iter().any(|value| insisted.contains(value))
                || numbers(&words).iter().any(|n| *n >= 20 && figures.contains(n) && !ours.contains(n))
        })
    });
    (!corrected).then_some(stated)
}
