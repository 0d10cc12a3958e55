//! Facts of ours that contradict what the customer said, or what we said ourselves.

use super::facts::{Slot, Value, asked_before, bare_clock, is_weekday, numbers, values, wishes_for};
use super::questions::contains;
use super::tasks::tells_done;
use super::view::View;
use super::words::common;
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
pub(super) const CORRECTED: &[&[&str]] = &[
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
pub(super) const OFFERED: &[&[&str]] = &[
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
    &["until"],
    &["open"],
    &["close"],
    &["unless"],
    &["plus"],
    &["fee"],
    &["minus"],
    &["rescheduled"],
    &["before"],
    &["after"],
    &["within"],
    &["takes"],
    &["arrive"],
    &["text", "you"],
    &["i", "can"],
    &["we", "can"],
    &["half"],
    &["goodwill"],
    &["part", "of"],
    &["there", "are"],
];

/// Wordings that tell of a change rather than of the same thing.
pub(super) const CHANGED: &[&[&str]] = &[
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

/// Wordings of sums that are something other than the sum of an errand.
const OTHER_SUM: &[&[&str]] = &[
    &["balance"],
    &["left"],
    &["remaining"],
    &["you", "have"],
    &["now", "has"],
    &["there", "is"],
    &["charge"],
    &["limit"],
    &["minimum"],
    &["overdraft"],
    &["overdrawn"],
    &["owe"],
    &["total"],
];

/// Words that make the day, the time or the sum behind them less than exact.
const ROUGH: &[&str] = &["around", "about", "after", "before", "between", "or", "either", "maybe", "least"];

/// Facts that our side states against what the customer said, or against itself, and that are not put right in the turn after.
pub(super) fn find(view: &View<'_>) -> Vec<Contradiction> {
    let mut found: Vec<Contradiction> = wishes(view);
    found.extend(protests(view));
    found.extend(super::renamed::find(view));
    found.extend(figures(view));
    found.extend(past_days(view));
    found.extend(super::disputes::find(view));
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
            Some(Side::External) => {
                let open = view.sentence(index).question.is_some() && !wishes_for(view, index);
                for value in customers_values(view, index) {
                    said.retain(|(_, known)| !known.same_kind(&value));
                    if !open && !is_rough(&words) && is_wanted(view, index, &value) {
                        said.push((index, value));
                    }
                }
            }
            Some(Side::Internal) => {
                let values = view.values(index);
                if view.sentence(index).question.is_some() || contains(&words, OFFERED) || names_range(&words) {
                    // A value that we offered and the customer may have taken is no contradiction later.
                    said.retain(|(_, known)| !values.iter().any(|value| known.same_kind(value)));
                    continue;
                }
                for (given, wanted) in &said {
                    let stated: Vec<&Value> = values.iter().filter(|value| value.same_kind(wanted)).collect();
                    let other_sum = matches!(wanted, Value::Amount(_)) && contains(&words, OTHER_SUM);
                    let against =
                        !stated.is_empty() && !stated.contains(&wanted) && close(wanted, stated[0]) && !other_sum;
                    if against && states_outcome(view, index, *given) && !put_right(view, index, wanted) {
                        found.push(Contradiction { said: *given, contradicts: index });
                    }
                }
                // Who was told of the account or card they had asked about may be told of another as well.
                said.retain(|(_, known)| {
                    !(known.is_account() || matches!(known, Value::Card(_))) || !values.contains(known)
                });
            }
            _ => {}
        }
    }
    found
}

/// The values of a customer's sentence, those of a bare answer ("eleven fifteen", "savings", "sixty five") read as what was asked for.
fn customers_values(view: &View<'_>, index: usize) -> Vec<Value> {
    let (words, asked) = (view.full_words(index), asked_before(view, index));
    let mut values: Vec<Value> = view.values(index).iter().map(|value| value.clone().answering(&asked)).collect();
    let none = |kind: fn(&Value) -> bool| !values.iter().any(kind);
    let time = (asked.contains(&Slot::Time) && none(|v| matches!(v, Value::Clock(_)))).then(|| bare_clock(&words));
    let amount = match view.numbers(index) {
        [sum] if asked.contains(&Slot::Amount) && none(|v| matches!(v, Value::Amount(_))) => {
            Some(Value::Amount(sum.saturating_mul(100)))
        }
        _ => None,
    };
    values.extend(time.flatten());
    values.extend(amount);
    values
}

/// Whether a sentence leaves open which day, time or sum exactly: "around ten", "monday or tuesday".
fn is_rough(words: &[&str]) -> bool {
    let value = |word: &&str| is_weekday(word) || signals::number::word_value(word).is_some();
    (0..words.len()).any(|at| ROUGH.contains(&words[at]) && words[at + 1..].iter().take(2).any(value))
        || contains(words, &[&["ish"], &["anytime"], &["any", "time"]])
}

/// Whether a sentence names a range: "from nine to five", "from monday".
fn names_range(words: &[&str]) -> bool {
    words
        .windows(2)
        .any(|pair| pair[0] == "from" && (is_weekday(pair[1]) || signals::number::word_value(pair[1]).is_some()))
        && !contains(words, &[&["dollars"], &["pounds"], &["euros"]])
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
                && (common(&topic(content), &topic(view.content(i))) >= 1 || held_up(view, index, i))
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

/// Whether the customer's next turn repeats a figure of ours and sets their own against it: "two sixty? the bill says 240".
fn held_up(view: &View<'_>, index: usize, said: usize) -> bool {
    const COMPARES: &[&[&str]] = &[&["than"], &["last", "year"], &["last", "month"], &["used", "to"], &["before"]];
    let large = |i: usize| view.numbers(i).iter().copied().filter(|n| *n >= FIGURE_MIN).collect::<Vec<_>>();
    let (ours, theirs) = (large(index), large(said));
    view.next_turns(view.turn(index), Side::External, 1).any(|next| {
        let has = |wanted: &[u64]| next.sentences.clone().find(|&i| large(i).iter().any(|n| wanted.contains(n)));
        let compares = next.sentences.clone().any(|i| contains(&view.full_words(i), COMPARES));
        let same_thing = has(&theirs).is_some_and(|i| {
            common(&topic(view.content(i)), &topic(view.content(said))) >= 1 && view.sentence(i).question.is_none()
        });
        has(&ours).is_some() && same_thing && !compares
    })
}

/// Content without numbers.
pub(super) fn topic(content: &[u32]) -> Vec<u32> {
    content.iter().copied().filter(|hash| !NUMBER_STEMS.with(|stems| stems.contains(hash))).collect()
}

thread_local! {
    /// Hashes of the number words, which are no topic.
    static NUMBER_STEMS: Vec<u32> = super::words::content_of(
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
            let about_the_same = common(&view.turn_content(index), &view.turn_content(*said)) >= 1;
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

/// Weekdays, times, cards and accounts count when the customer asks for them, answers a question of ours about them, or puts themself right.
fn is_wanted(view: &View<'_>, index: usize, value: &Value) -> bool {
    let words = view.full_words(index);
    let wants = wishes_for(view, index) || contains(&words, &[&["lost", "my"], &["works"], &["prefer"]]);
    let corrects = contains(
        &words,
        &[
            &["i", "mean"],
            &["i", "meant"],
            &["make", "that"],
            &["no", "wait"],
            &["wait", "no"],
            &["sorry"],
            &["actually"],
        ],
    );
    let asked = asked_before(view, index);
    let before = view.previous_turn(view.turn(index), Side::Internal);
    let asked_when = || {
        before.is_some_and(|turn| {
            turn.sentences
                .clone()
                .any(|q| view.sentence(q).question.is_some() && contains(&view.full_words(q), &[&["when"]]))
        })
    };
    let answers = match value {
        Value::Weekday(_) => asked.contains(&Slot::Day) || asked_when(),
        Value::Clock(_) => asked.contains(&Slot::Time) || asked_when(),
        Value::Card(_) => asked.contains(&Slot::Card),
        Value::Account(_) => asked.contains(&Slot::Account),
        // Money that comes from or goes to an account is always a wish.
        Value::AccountFrom(_) | Value::AccountTo(_) => true,
        Value::Amount(_) => asked.contains(&Slot::Amount),
    };
    answers || corrects || wants && (!matches!(value, Value::Clock(_)) || asks_for_visit(&words))
}

/// Whether a wish is for something that takes place at a time.
fn asks_for_visit(words: &[&str]) -> bool {
    contains(
        words,
        &[&["appointment"], &["schedule"], &["book"], &["come", "in"], &["meeting"], &["visit"], &["reserve"]],
    )
}

/// Whether our sentence states what was done or will be done about the customer's wish.
fn states_outcome(view: &View<'_>, index: usize, given: usize) -> bool {
    /// Nouns and plans that stand for an outcome where no verb tells it.
    const PLANNED: &[&[&str]] = &[
        &["appointment"],
        &["transfer"],
        &["replace"],
        &["replacement"],
        &["put", "you"],
        &["deliver"],
        &["see", "you"],
        &["was", "transferred"],
        &["was", "moved"],
        &["was", "paid"],
        &["was", "sent"],
        &["was", "booked"],
        &["was", "scheduled"],
        &["was", "ordered"],
    ];
    // "Your appointment is scheduled" · "for Tuesday": transcribers cut sentences where people breathe.
    let first = view.turns[view.turn(index)].sentences.start;
    let outcome = (index.saturating_sub(2).max(first)..=index).any(|i| {
        let told = view.sentence(i).question.is_none();
        told && (view.margin(i, Label::Resolved) > -0.5
            || tells_done(&view.full_words(i))
            || contains(&view.full_words(i), PLANNED))
    });
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
            agrees(&words)
                || !contains(&words, WRONG)
                    && words.first().is_none_or(|w| *w != "no")
                    && values(&words).iter().any(|v| stated.contains(v) && v.same_kind(wanted))
        })
    });
    same_turn || next_two || accepted
}

/// Whether a customer takes what we offered for good: more than an "okay", which only takes note.
fn agrees(words: &[&str]) -> bool {
    contains(
        words,
        &[
            &["is", "fair"],
            &["fair", "enough"],
            &["that", "works"],
            &["works", "for", "me"],
            &["sounds", "good"],
            &["i", "will", "take", "it"],
            &["i", "will", "take", "that"],
        ],
    ) && !contains(words, &[&["not"], &["but"]])
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
