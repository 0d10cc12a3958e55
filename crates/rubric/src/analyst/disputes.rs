//! Facts of ours that do not agree with each other: the customer holds an earlier word against us, or the same thing is stated with two values.

use super::contradictions::{CHANGED, CORRECTED, Contradiction, OFFERED, topic};
use super::facts::{Value, numbers};
use super::questions::contains;
use super::view::View;
use super::words::common;
use std::ops::Range;
use transcript::Side;

/// How many of our statements before one are compared with it: in a meeting of hours the same words tell of other things.
const REMEMBERED: usize = 60;

pub(super) fn find(view: &View<'_>) -> Vec<Contradiction> {
    let mut found = held_against(view);
    found.extend(other_values(view));
    found.extend(other_endings(view));
    found
}

/// Verbs with which somebody refers to an earlier word.
const SAYING: &[&str] =
    &["said", "say", "told", "tell", "promised", "mentioned", "quoted", "wrote", "confirmed", "gave", "read", "stated"];

/// Words that set what was said before against what is said now.
const AGAINST: &[&str] = &[
    "but",
    "hang",
    "wait",
    "earlier",
    "before",
    "ago",
    "though",
    "not",
    "first",
    "just",
    "now",
    "which",
    "different",
    "beginning",
    "sudden",
];

/// Whether the customer's words set something said before against what they hear now.
fn disputes(words: &[&str]) -> bool {
    let says = |who: &str, reach: usize| {
        words
            .iter()
            .enumerate()
            .any(|(at, word)| *word == who && words[at + 1..].iter().take(reach).any(|w| SAYING.contains(w)))
    };
    let against = words.iter().any(|word| AGAINST.contains(word));
    let asked = contains(
        words,
        &[&["did", "not", "you"], &["had", "not", "you"], &["you", "not", "say"], &["you", "not", "tell"]],
    );
    let was_other = contains(words, &[&["earlier", "it", "was"], &["before", "it", "was"]])
        || contains(&words[..words.len().min(5)], &[&["i", "thought"]]);
    let not_what = contains(
        words,
        &[&["not", "what", "you"], &["not", "what", "i"], &["not", "the", "one"], &["that", "is", "not", "the"]],
    );
    if contains(words, &[&["like", "you", "said"], &["as", "you", "said"], &["you", "are", "right"]]) {
        return false;
    }
    // Reported in the past tense, what was said is not taken to hold any more.
    let reported = contains(
        words,
        &[
            &["you", "said", "i", "could"],
            &["you", "said", "we", "could"],
            &["said", "it", "was"],
            &["said", "it", "would"],
            &["said", "there", "was"],
            &["said", "there", "were"],
            &["told", "me", "it", "was"],
            &["told", "us", "it", "was"],
        ],
    );
    says("you", 2) && (against || asked || reported) || not_what && (says("you", 2) || says("i", 2)) || was_other
}

/// The customer says that we had said otherwise, we had indeed spoken of it, and we leave it at that.
fn held_against(view: &View<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (turn, protest) in
        view.turns.iter().enumerate().filter(|(_, t)| t.side == Some(Side::External) && !t.backchannel)
    {
        // The first words of a turn react to what was just heard.
        let reaction = protest.sentences.clone().take(3);
        let words: Vec<&str> = reaction.clone().flat_map(|i| view.full_words(i)).collect();
        let Some(before) = turn.checked_sub(1).map(|before| &view.turns[before]) else { continue };
        if !disputes(&words) || before.side != Some(Side::Internal) {
            continue;
        }
        let Some(stated) =
            before.sentences.clone().rev().find(|&i| view.sentence(i).question.is_none() && view.word_count(i) >= 3)
        else {
            continue;
        };
        let mut about: Vec<u32> = reaction.flat_map(|i| topic(view.content(i))).collect();
        about.sort_unstable();
        about.dedup();
        // "I thought" remembers many things.
        let least = if words.contains(&"thought") { 2 } else { 1 };
        // Both sides may be reminded of: "you told me Friday", "that is not what I gave you".
        let earlier = (before.sentences.start.saturating_sub(REMEMBERED)..before.sentences.start)
            .rev()
            .filter(|&i| view.sentence(i).question.is_none())
            .map(|i| (i, shared(view, i, &about) + repeated_numbers(view, i, &words)))
            .filter(|(i, alike)| *alike >= least && view.turn(*i) != view.turn(stated))
            .max_by_key(|(_, alike)| *alike);
        if let Some((said, _)) = earlier
            && !taken_back(view, turn, &words, before.sentences.clone())
        {
            found.push(Contradiction { said, contradicts: stated });
        }
    }
    found
}

/// How many words of a topic a sentence has.
fn shared(view: &View<'_>, index: usize, about: &[u32]) -> usize {
    common(about, &topic(view.content(index)))
}

/// How many numbers and days of `words` a sentence has.
fn repeated_numbers(view: &View<'_>, index: usize, words: &[&str]) -> usize {
    let theirs = numbers(words);
    let days = super::facts::values(words);
    view.numbers(index).iter().filter(|n| theirs.contains(n)).count()
        + view.values(index).iter().filter(|value| days.contains(value)).count()
}

/// Whether our side takes a statement back behind the customer's protest: in words, or by saying the customer's value rather than the `stated` one.
fn taken_back(view: &View<'_>, protest: usize, words: &[&str], stated: Range<usize>) -> bool {
    const MENDS: &[&[&str]] = &[
        &["you", "are", "right"],
        &["let", "me", "change"],
        &["let", "me", "correct"],
        &["i", "will", "correct"],
        &["i", "will", "change"],
        &["i", "have", "corrected"],
        &["i", "have", "changed"],
        &["should", "have", "said"],
        &["mixed", "up"],
        &["quite", "right"],
        &["well", "spotted"],
        &["both"],
        &["to", "clarify"],
        &["to", "be", "clear"],
        &["difference"],
    ];
    // "Yes" to a customer who only makes sure agrees with what was said first.
    let confirms = |words: &[&str]| {
        words.iter().take(2).any(|w| matches!(*w, "yes" | "exactly" | "correct" | "right" | "absolutely" | "yep"))
    };
    let reply = view.next_turns(protest, Side::Internal, 1).next().map_or(0..0, |turn| turn.sentences.clone());
    let start = reply.start;
    reply.into_iter().any(|i| {
        let ours = view.full_words(i);
        let insists = stated.clone().any(|s| repeated_numbers(view, i, &view.full_words(s)) >= 1);
        contains(&ours, CORRECTED)
            || contains(&ours, MENDS)
            || i == start && confirms(&ours)
            || !insists && repeated_numbers(view, i, words) >= 1
    })
}

/// What a number counts.
const UNITS: &[&str] = &[
    "year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minute", "minutes",
    "percent", "dollars", "pounds", "euros", "dollar", "pound", "euro",
];

/// Numbers of a sentence with what they count; one without a unit counts what the sentence before it in the turn counted.
fn measures(view: &View<'_>, index: usize) -> Vec<(&'static str, u64)> {
    let words = view.full_words(index);
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some((value, used)) = signals::number::read(&words[at..]) else {
            at += 1;
            continue;
        };
        at += used.max(1);
        if let Some(unit) = words.get(at).and_then(|word| UNITS.iter().copied().find(|unit| unit == word)) {
            out.push((unit.trim_end_matches('s'), value));
        }
    }
    if out.is_empty() && index > view.turns[view.turn(index)].sentences.start {
        let before = view.full_words(index - 1);
        let unit = UNITS.iter().copied().find(|unit| before.len() <= 4 && before.last() == Some(unit));
        out.extend(
            unit.into_iter().flat_map(|unit| view.numbers(index).iter().map(move |n| (unit.trim_end_matches('s'), *n))),
        );
    }
    out
}

/// Whether a sentence of ours states a fact rather than offering, comparing or changing one.
fn states(view: &View<'_>, index: usize) -> bool {
    const COMPARES: &[&[&str]] = &[
        &["than"],
        &["from"],
        &["every"],
        &["each"],
        &["per"],
        &["first"],
        &["then"],
        &["other"],
        &["both"],
        &["up", "to"],
        &["already"],
    ];
    let words = view.full_words(index);
    view.sentence(index).side == Some(Side::Internal)
        && view.sentence(index).question.is_none()
        && !contains(&words, OFFERED)
        && !contains(&words, CHANGED)
        && !contains(&words, CORRECTED)
        && !contains(&words, COMPARES)
}

/// A statement of ours with a value, and what it is a value of.
struct Stated {
    sentence: usize,
    measures: Vec<(&'static str, u64)>,
    about: Vec<u32>,
}

/// How many sentences may lie between two values of one thing.
const APART: usize = 400;

/// One thing of ours with two values: a span, a sum or a day stated twice in the same words, while nobody asked for a change in between.
fn other_values(view: &View<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let stated: Vec<Stated> = view
        .of_side(Side::Internal)
        .filter(|&i| states(view, i))
        .map(|i| Stated { sentence: i, measures: measures(view, i), about: attribute(view, i) })
        .filter(|s| !s.measures.is_empty() || weekday(view, s.sentence).is_some())
        .collect();
    for (place, now) in stated.iter().enumerate() {
        let index = now.sentence;
        let said = stated[place.saturating_sub(REMEMBERED)..place].iter().find(|then| {
            let alike = common(&now.about, &then.about);
            // Sums, shares and hours come in tiers; a term or a warranty is one.
            let other_measure = alike >= 2
                && now.measures.iter().filter(|(unit, _)| matches!(*unit, "year" | "month" | "week" | "day")).any(
                    |(unit, value)| {
                        then.measures.iter().any(|(u, v)| u == unit && v != value)
                            && !then.measures.contains(&(*unit, *value))
                    },
                );
            let other_day = alike >= 2
                && matches!((weekday(view, then.sentence), weekday(view, index)), (Some(a), Some(b)) if a != b)
                && index - then.sentence <= APART
                && !named_between(view, then.sentence..index, index);
            view.turn(then.sentence) != view.turn(index) && (other_measure || other_day)
        });
        if let Some(said) = said.map(|then| then.sentence) {
            // Said again rightly at once, it was a slip.
            let turn = view.turn(index);
            let next = view.next_turns(turn, Side::Internal, 1).flat_map(|turn| turn.sentences.clone());
            let mended = view.turns[turn].sentences.clone().chain(next);
            if !mended.into_iter().any(|i| i > index && contains(&view.full_words(i), CORRECTED)) {
                found.push(Contradiction { said, contradicts: index });
            }
        }
    }
    found
}

/// The one weekday that a sentence names.
fn weekday<'v>(view: &'v View<'_>, index: usize) -> Option<&'v Value> {
    let mut days = view.values(index).iter().filter(|value| matches!(value, Value::Weekday(_)));
    days.next().filter(|_| days.next().is_none())
}

/// Content of a sentence without numbers, units and days: what the value is a value of.
fn attribute(view: &View<'_>, index: usize) -> Vec<u32> {
    let words: Vec<&str> =
        view.full_words(index).into_iter().filter(|w| !UNITS.contains(w) && !super::facts::is_weekday(w)).collect();
    topic(&super::words::content_of(&words))
}

/// Whether the customer names the later day themself before we state it, or either side speaks of a change.
fn named_between(view: &View<'_>, between: Range<usize>, index: usize) -> bool {
    let now = weekday(view, index);
    (between.start + 1..between.end).any(|i| {
        let theirs = view.sentence(i).side == Some(Side::External);
        theirs && view.values(i).iter().any(|value| Some(value) == now)
            || contains(
                &view.full_words(i),
                &[&["instead"], &["move"], &["reschedule"], &["change"], &["another", "day"], &["rather"]],
            )
    })
}

/// Digits read out behind "ending in" or "ends in".
fn ending(words: &[&str]) -> Option<String> {
    let at = words
        .windows(2)
        .position(|pair| matches!(pair[0], "ending" | "ends" | "end") && pair[1] == "in" || pair[0] == "ending")?;
    let digits = words[at + 1..]
        .iter()
        .skip_while(|word| matches!(**word, "in" | "with" | "uh" | "um"))
        .map_while(|word| signals::number::word_value(word))
        .map(|n| n.to_string())
        .collect::<String>();
    (digits.len() >= 3).then_some(digits)
}

/// A card, a number or an account of ours that ends otherwise than the one the customer named.
fn other_endings(view: &View<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut named: Vec<(usize, String)> = Vec::new();
    for index in 0..view.labels.sentences.len() {
        let words = view.full_words(index);
        let Some(digits) = ending(&words) else { continue };
        let ours = view.sentence(index).side == Some(Side::Internal) && view.sentence(index).question.is_none();
        let about = topic(view.content(index));
        // A new card has a new number, and who has two cards names two endings.
        let before = words.iter().position(|w| w.starts_with("end")).unwrap_or(0);
        let fresh = contains(&words[..before], &[&["new"], &["other"], &["another"], &["replacement"], &["second"]]);
        match named.as_slice() {
            [(said, known)]
                if ours
                    && !fresh
                    && *known != digits
                    && known.len() == digits.len()
                    && common(&about, &topic(view.content(*said))) >= 1 =>
            {
                let corrected = view
                    .next_turns(view.turn(index), Side::Internal, 1)
                    .any(|turn| turn.sentences.clone().any(|i| contains(&view.full_words(i), CORRECTED)));
                if !corrected {
                    found.push(Contradiction { said: *said, contradicts: index });
                }
            }
            _ if named.iter().all(|(_, known)| *known != digits) => named.push((index, digits)),
            _ => {}
        }
    }
    found
}
