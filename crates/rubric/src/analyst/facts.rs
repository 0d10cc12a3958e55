//! Facts that are said in a call: which are asked for, which the customer gave, and where ours contradict them.

use super::questions::contains;
use super::view::{View, common};
use rustc_hash::FxHashMap;
use signals::labels::Label;
use transcript::Side;

/// A kind of fact that agents ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    Name,
    AccountNumber,
    Address,
    Phone,
    Email,
    BirthDate,
    OrderNumber,
    Card,
    Account,
    Day,
    Time,
}

impl Slot {
    /// For the sentence "asks for … although it was said".
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "the name",
            Self::AccountNumber => "the account number",
            Self::Address => "the address",
            Self::Phone => "the phone number",
            Self::Email => "the mail address",
            Self::BirthDate => "the date of birth",
            Self::OrderNumber => "the order number",
            Self::Card => "which card it is",
            Self::Account => "which account it is",
            Self::Day => "the day",
            Self::Time => "the time",
        }
    }

    /// Whether there is only one such fact in a call, so that asking twice is a repeat whatever the words.
    pub fn is_identity(self) -> bool {
        matches!(self, Self::Name | Self::AccountNumber | Self::BirthDate | Self::Email | Self::OrderNumber)
    }
}

/// Which facts a question asks for.
pub(super) fn asked_slots(words: &[&str]) -> Vec<Slot> {
    const ASKS: [(Slot, &[&[&str]]); 11] = [
        (Slot::AccountNumber, &[&["account", "number"], &["customer", "number"], &["member", "number"], &["policy", "number"], &["contract", "number"]]),
        (Slot::OrderNumber, &[&["order", "number"], &["tracking", "number"], &["booking", "number"], &["booking", "reference"], &["reference", "number"], &["claim", "number"], &["ticket", "number"], &["parcel", "number"], &["confirmation", "number"]]),
        (Slot::Address, &[&["what", "address"], &["which", "address"], &["your", "address"], &["the", "address"], &["delivery", "address"], &["home", "address"], &["where", "you", "live"]]),
        (Slot::Phone, &[&["phone", "number"], &["mobile", "number"], &["number", "to", "reach"], &["contact", "number"], &["callback", "number"]]),
        (Slot::Email, &[&["email"], &["e", "mail"], &["mail", "address"]]),
        (Slot::BirthDate, &[&["date", "of", "birth"], &["birthday"], &["birth", "date"], &["were", "you", "born"]]),
        (Slot::Card, &[&["which", "card"], &["what", "card"], &["what", "kind", "of", "card"], &["what", "type", "of", "card"], &["debit", "or", "credit"], &["credit", "or", "debit"]]),
        (Slot::Account, &[&["which", "account"], &["what", "account"], &["what", "type", "of", "account"], &["checking", "or", "savings"], &["savings", "or", "checking"]]),
        (Slot::Day, &[&["what", "day"], &["which", "day"], &["what", "date"], &["which", "date"]]),
        (Slot::Time, &[&["what", "time"], &["which", "time"]]),
        (Slot::Name, &[&["your", "name"], &["your", "full", "name"], &["your", "first", "name"], &["your", "last", "name"], &["your", "surname"], &["who", "am", "i", "speaking"], &["the", "name", "on"], &["first", "and", "last", "name"]]),
    ];
    let mut slots: Vec<Slot> = ASKS.iter().filter(|(_, sequences)| contains(words, sequences)).map(|(slot, _)| *slot).collect();
    if slots.contains(&Slot::Email) {
        slots.retain(|slot| *slot != Slot::Address);
    }
    slots
}

/// What the customer told without being asked or when asked: slot → (sentence, value words).
pub(super) fn given_by_customer(view: &View<'_>) -> FxHashMap<Slot, (usize, Vec<String>)> {
    let mut given = FxHashMap::default();
    for index in view.of_side(Side::External) {
        let words = view.full_words(index);
        if view.sentence(index).question.is_some() && !contains(&words, &[&["can", "you"], &["could", "you"], &["can", "i"], &["could", "i"]]) {
            continue;
        }
        for (slot, value) in values_of(&words, view.sentence(index).labels.has(Label::Request)) {
            given.entry(slot).or_insert((index, value));
        }
    }
    given
}

/// Words after "this is" or "my name is" that are no name.
const NO_NAME: &[&str] = &["a", "about", "an", "for", "going", "how", "in", "it", "just", "like", "my", "not", "on", "our", "really", "so", "that", "the", "to", "urgent", "very", "what", "where", "why", "ridiculous", "crazy", "great", "good"];

fn values_of(words: &[&str], request: bool) -> Vec<(Slot, Vec<String>)> {
    let mut values = Vec::new();
    let at = |index: usize| words.get(index).copied().unwrap_or("");
    for index in 0..words.len() {
        match (at(index), at(index + 1), at(index + 2)) {
            ("my", "name", "is") | ("name", "is", _) | ("this", "is", _) => {
                let start = if at(index) == "my" { index + 3 } else { index + 2 };
                let first = at(start);
                let named = at(index) != "this" || index <= 2;
                if named && first.len() > 1 && !NO_NAME.contains(&first) && !at(start + 1).is_empty() {
                    values.push((Slot::Name, words[start..(start + 2).min(words.len())].iter().map(|w| (*w).to_owned()).collect()));
                }
            }
            (kind @ ("debit" | "credit"), "card", _) => values.push((Slot::Card, vec![kind.to_owned()])),
            (kind @ ("checking" | "savings"), next, _) if next != "or" && (index == 0 || at(index - 1) != "or") => values.push((Slot::Account, vec![kind.to_owned()])),
            ("on" | "at", number, street) if spoken_number(number) && words[index..].iter().take(6).any(|w| is_street(w)) => {
                values.push((Slot::Address, vec![number.to_owned(), street.to_owned()]));
            }
            _ => {}
        }
        if request && is_weekday(at(index)) && matches!(at(index.wrapping_sub(1)), "on" | "for" | "this" | "next" | "by") {
            values.push((Slot::Day, vec![at(index).to_owned()]));
        }
    }
    values
}

fn is_street(word: &str) -> bool {
    matches!(word, "street" | "road" | "avenue" | "lane" | "drive" | "court" | "close" | "way" | "boulevard" | "place" | "crescent" | "terrace" | "square" | "gardens")
}

pub(super) fn is_weekday(word: &str) -> bool {
    matches!(word, "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday")
}

fn spoken_number(word: &str) -> bool {
    signals::number::word_value(word).is_some() && !matches!(word, "one" | "first" | "second" | "third")
}

/// The words of a sentence that carry a value: numbers, weekdays, kinds of card and account.
pub(super) fn value_words<'w>(words: &[&'w str]) -> Vec<&'w str> {
    words
        .iter()
        .copied()
        .filter(|word| is_weekday(word) || matches!(*word, "debit" | "credit" | "checking" | "savings" | "tomorrow" | "today") || (spoken_number(word) && *word != "zero"))
        .collect()
}

/// A value that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Weekday(String),
    /// Minutes after midnight, in twelve hours: "eight forty five" may be morning or evening.
    Clock(u64),
    /// Hundredths.
    Amount(u64),
    Card(String),
    Account(String),
}

impl Value {
    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

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
    &["you", "told", "me"], &["you", "just", "told"], &["you", "said"], &["you", "just", "said"], &["i", "said"], &["not", "what", "i", "said"], &["that", "is", "not", "right"], &["that", "is", "wrong"], &["that", "is", "not", "what"], &["no", "it", "is"], &["no", "i", "said"],
    &["no", "it", "was"], &["wait", "i"], &["not", "what", "you", "said"], &["a", "minute", "ago"], &["earlier", "you"], &["i", "told", "you"],
];

/// Wordings with which we put something right.
const CORRECTED: &[&[&str]] = &[
    &["sorry"], &["my", "mistake"], &["apologies"], &["i", "apologize"], &["i", "apologise"], &["you", "are", "right"], &["misspoke"], &["misread"], &["i", "meant"], &["correction"], &["let", "me", "correct"], &["my", "bad"], &["wrong", "line"], &["i", "misheard"], &["thanks", "for", "catching"], &["good", "catch"], &["let", "me", "fix"],
];

/// Wordings with which another value is offered rather than stated.
const OFFERED: &[&[&str]] = &[
    &["available"], &["earliest"], &["only"], &["instead"], &["how", "about"], &["what", "about"], &["would"], &["could"], &["can", "do"], &["or"], &["next", "opening"], &["first", "opening"], &["do", "you"], &["is", "full"], &["booked", "up"], &["not", "have"], &["if"], &["between"], &["from"], &["until"], &["open"], &["close"], &["unless"], &["plus"], &["fee"], &["minus"], &["moved"], &["before"], &["after"], &["within"], &["takes"], &["arrive"], &["text", "you"],
];

/// Wordings that tell of a change rather than of the same thing.
const CHANGED: &[&[&str]] = &[
    &["down"], &["new"], &["instead"], &["difference"], &["refund"], &["plus"], &["total"], &["balance"], &["remaining"], &["left"], &["minus"], &["less"], &["more"], &["only"], &["save"], &["off"], &["altogether"], &["another"], &["limit"], &["up", "to"], &["reference"], &["number", "is"], &["case"],
];

/// Facts that our side states against what the customer said, or against itself, and that are not put right in the turn after.
pub(super) fn contradictions(view: &View<'_>) -> Vec<Contradiction> {
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
            Some(Side::External) if view.sentence(index).question.is_none() || view.sentence(index).labels.has(Label::Request) => {
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
    let given: Vec<usize> = view.of_side(Side::External).filter(|&i| view.numbers(i).iter().any(|n| *n >= FIGURE_MIN)).collect();
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
            theirs.iter().any(|w| *w >= FIGURE_MIN && !ours.contains(w) && ours.iter().any(|v| *v >= FIGURE_MIN && v.ilog10() == w.ilog10()))
                && !theirs.iter().any(|w| ours.contains(w))
                && common(&topic(content), &topic(view.content(i))) >= 1
        });
        if let Some(said) = said {
            let theirs = view.numbers(said);
            let turn = view.turn(index);
            // Telling signs that it is the same thing: the customer says their figure once more.
            let insists = view.next_turns(turn, Side::External, 1).any(|t| t.sentences.clone().any(|i| view.numbers(i).iter().any(|n| *n >= FIGURE_MIN && theirs.contains(n))));
            let corrected = view.next_turns(turn, Side::Internal, 1).any(|t| t.sentences.clone().any(|i| contains(&view.full_words(i), CORRECTED) || view.numbers(i).iter().any(|n| *n >= FIGURE_MIN && theirs.contains(n))));
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
    const PAST: &[&str] = &["was", "were", "did", "had", "got", "came", "called", "went", "happened", "told", "said", "whole"];
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
        if let (Some(Side::Internal), true, true, [_], [said], None) = (view.sentence(index).side, past, new, days.as_slice(), theirs.as_slice(), view.sentence(index).question) {
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
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].into_iter().find(|day| *day == word).unwrap_or_default()
}

/// Content words of the turn a sentence belongs to, sorted.
fn turn_content(view: &View<'_>, index: usize) -> Vec<u32> {
    let mut all: Vec<u32> = view.turns[view.turn(index)].sentences.clone().flat_map(|i| view.content(i).iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Weekdays, times, cards and accounts count when the customer asks for them or answers a question of ours about them.
fn is_wanted(view: &View<'_>, index: usize, value: &Value) -> bool {
    let words = view.full_words(index);
    let wants = contains(&words, &[&["would", "like"], &["want"], &["need"], &["please"], &["like", "to"], &["can", "you"], &["could", "you"], &["can", "i"], &["lost", "my"], &["works"], &["prefer"]]);
    let turn = view.turn(index);
    let asked = view.previous_turn(turn, Side::Internal).is_some_and(|before| {
        before.sentences.clone().any(|question| {
            let slots = asked_slots(&view.full_words(question));
            view.sentence(question).question.is_some()
                && match value {
                    Value::Weekday(_) => slots.contains(&Slot::Day) || contains(&view.full_words(question), &[&["when"]]),
                    Value::Clock(_) => slots.contains(&Slot::Time) || contains(&view.full_words(question), &[&["when"]]),
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
        || contains(&words, &[&["scheduled"], &["booked"], &["appointment"], &["transfer"], &["transferred"], &["set", "up"], &["confirmed"], &["ordered"], &["replace"], &["replacement"], &["put", "you"], &["deliver"], &["delivered"], &["sent"], &["see", "you"], &["reserved"], &["paid"], &["moved"]]);
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
            !contains(&words, WRONG) && words.first().is_none_or(|w| *w != "no") && values(&words).iter().any(|v| stated.contains(v) && v.same_kind(wanted))
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
        let other_figure = numbers.iter().any(|n| *n >= 20 && figures.iter().any(|f| *f >= 20 && f != n && f.ilog10().abs_diff(n.ilog10()) <= 1));
        other_value || other_figure
    };
    let stated = before.sentences.clone().rev().filter(|i| view.sentence(*i).question.is_none()).find(differs)?;
    let ours = view.numbers(stated);
    let corrected = view.next_turns(turn, Side::Internal, 1).any(|next| {
        next.sentences.clone().any(|index| {
            let words = view.full_words(index);
            contains(&words, CORRECTED) || values(&words).iter().any(|value| insisted.contains(value)) || numbers(&words).iter().any(|n| *n >= 20 && figures.contains(n) && !ours.contains(n))
        })
    });
    (!corrected).then_some(stated)
}

/// All numbers of a sentence; "two eighty-six" is 286.
pub(super) fn numbers(words: &[&str]) -> Vec<u64> {
    let mut out = Vec::new();
    let mut index = 0;
    while index < words.len() {
        match signals::number::read(&words[index..]) {
            Some((value, used)) => {
                index += used;
                let next = signals::number::read(&words[index.min(words.len())..]);
                match next {
                    Some((tens, more)) if (1..10).contains(&value) && used == 1 && (10..100).contains(&tens) => {
                        out.push(value * 100 + tens);
                        index += more;
                    }
                    _ => out.push(value),
                }
            }
            None => index += 1,
        }
    }
    out
}

/// The comparable values of a sentence.
pub(super) fn values(words: &[&str]) -> Vec<Value> {
    let mut out = Vec::new();
    let at = |index: usize| words.get(index).copied().unwrap_or("");
    let mut index = 0;
    while index < words.len() {
        let word = at(index);
        if is_weekday(word) {
            out.push(Value::Weekday(word.to_owned()));
        } else if matches!(word, "debit" | "credit") && matches!(at(index + 1), "card" | "") {
            out.push(Value::Card(word.to_owned()));
        } else if matches!(word, "checking" | "savings") {
            out.push(Value::Account(word.to_owned()));
        } else if word.contains(':') || signals::number::word_value(word).is_some() {
            let (value, used) = number(&words[index..]);
            out.extend(value);
            index += used.max(1);
            continue;
        }
        index += 1;
    }
    out
}

/// Reads a clock time or an amount from the front of `words`; the number of words it took.
fn number(words: &[&str]) -> (Option<Value>, usize) {
    let clock = |hour: u64, minute: u64| Some(Value::Clock(hour % 12 * 60 + minute));
    if let Some((hour, minute)) = words[0].split_once(':')
        && let (Ok(hour), Ok(minute)) = (hour.parse::<u64>(), minute.trim_end_matches(['a', 'p', 'm']).parse::<u64>())
    {
        return (clock(hour, minute), 1);
    }
    let Some((first, used)) = signals::number::read(words) else { return (None, 1) };
    let after = |at: usize| words.get(at).copied().unwrap_or("");
    let half_of_day = |at: usize| matches!(after(at), "am" | "pm" | "o'clock") || (matches!(after(at), "a" | "p") && after(at + 1) == "m") || (after(at) == "in" && after(at + 1) == "the");
    if (1..=12).contains(&first) && used == 1 {
        if half_of_day(used) {
            return (clock(first, 0), used + 1);
        }
        if let Some((minute, more)) = signals::number::read(&words[used..])
            && (10..60).contains(&minute)
            && half_of_day(used + more)
        {
            return (clock(first, minute), used + more + 1);
        }
    }
    match after(used) {
        "dollars" | "dollar" | "pounds" | "euros" | "bucks" | "euro" | "pound" => {
            let cents = signals::number::read(&words[used + 1..].iter().copied().skip_while(|w| *w == "and").collect::<Vec<_>>()).map_or(0, |(cents, _)| if cents < 100 { cents } else { 0 });
            (Some(Value::Amount(first.saturating_mul(100).saturating_add(cents))), used + 1)
        }
        _ => (None, used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn spoken_values_compare() {
        assert_eq!(values(&words("friday at eight forty five a m")), [Value::Weekday("friday".into()), Value::Clock(8 * 60 + 45)]);
        assert_eq!(values(&words("two hundred and fifty dollars")), [Value::Amount(25_000)]);
        assert_eq!(values(&words("at 10:30 on monday")), [Value::Clock(630), Value::Weekday("monday".into())]);
        assert_eq!(values(&words("my debit card")), [Value::Card("debit".into())]);
        assert_eq!(values(&words("seven seven three one")), []);
    }

    #[test]
    fn questions_name_what_they_ask_for() {
        assert_eq!(asked_slots(&words("which card would you like to replace")), [Slot::Card]);
        assert_eq!(asked_slots(&words("can i have your email address")), [Slot::Email]);
        assert_eq!(asked_slots(&words("how can i help you")), []);
    }
}
