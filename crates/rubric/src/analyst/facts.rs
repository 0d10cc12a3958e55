//! Facts that are said in a call: which are asked for, which the customer gave, and their values.

use super::questions::contains;
use super::view::View;
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
        (
            Slot::AccountNumber,
            &[
                &["account", "number"],
                &["customer", "number"],
                &["member", "number"],
                &["policy", "number"],
                &["contract", "number"],
            ],
        ),
        (
            Slot::OrderNumber,
            &[
                &["order", "number"],
                &["tracking", "number"],
                &["booking", "number"],
                &["booking", "reference"],
                &["reference", "number"],
                &["claim", "number"],
                &["ticket", "number"],
                &["parcel", "number"],
                &["confirmation", "number"],
            ],
        ),
        (
            Slot::Address,
            &[
                &["what", "address"],
                &["which", "address"],
                &["your", "address"],
                &["the", "address"],
                &["delivery", "address"],
                &["home", "address"],
                &["where", "you", "live"],
            ],
        ),
        (
            Slot::Phone,
            &[
                &["phone", "number"],
                &["mobile", "number"],
                &["number", "to", "reach"],
                &["contact", "number"],
                &["callback", "number"],
            ],
        ),
        (Slot::Email, &[&["email"], &["e", "mail"], &["mail", "address"]]),
        (Slot::BirthDate, &[&["date", "of", "birth"], &["birthday"], &["birth", "date"], &["were", "you", "born"]]),
        (
            Slot::Card,
            &[
                &["which", "card"],
                &["what", "card"],
                &["what", "kind", "of", "card"],
                &["what", "type", "of", "card"],
                &["debit", "or", "credit"],
                &["credit", "or", "debit"],
            ],
        ),
        (
            Slot::Account,
            &[
                &["which", "account"],
                &["what", "account"],
                &["what", "type", "of", "account"],
                &["checking", "or", "savings"],
                &["savings", "or", "checking"],
            ],
        ),
        (Slot::Day, &[&["what", "day"], &["which", "day"], &["what", "date"], &["which", "date"]]),
        (Slot::Time, &[&["what", "time"], &["which", "time"]]),
        (
            Slot::Name,
            &[
                &["your", "name"],
                &["your", "full", "name"],
                &["your", "first", "name"],
                &["your", "last", "name"],
                &["your", "surname"],
                &["who", "am", "i", "speaking"],
                &["the", "name", "on"],
                &["first", "and", "last", "name"],
            ],
        ),
    ];
    let mut slots: Vec<Slot> =
        ASKS.iter().filter(|(_, sequences)| contains(words, sequences)).map(|(slot, _)| *slot).collect();
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
        if view.sentence(index).question.is_some()
            && !contains(&words, &[&["can", "you"], &["could", "you"], &["can", "i"], &["could", "i"]])
        {
            continue;
        }
        for (slot, value) in values_of(&words, view.sentence(index).labels.has(Label::Request)) {
            given.entry(slot).or_insert((index, value));
        }
    }
    given
}

/// Words after "this is" or "my name is" that are no name.
const NO_NAME: &[&str] = &[
    "a",
    "about",
    "an",
    "for",
    "going",
    "how",
    "in",
    "it",
    "just",
    "like",
    "my",
    "not",
    "on",
    "our",
    "really",
    "so",
    "that",
    "the",
    "to",
    "urgent",
    "very",
    "what",
    "where",
    "why",
    "ridiculous",
    "crazy",
    "great",
    "good",
];

fn values_of(words: &[&str], request: bool) -> Vec<(Slot, Vec<String>)> {
    let mut values = Vec::new();
    let at = |index: usize| words.get(index).copied().unwrap_or("");
    for index in 0..words.len() {
        match (at(index), at(index + 1), at(index + 2)) {
            ("my", "name", "is") | ("name" | "this", "is", _) => {
                let start = if at(index) == "my" { index + 3 } else { index + 2 };
                let first = at(start);
                let named = at(index) != "this" || index <= 2;
                if named && first.len() > 1 && !NO_NAME.contains(&first) && !at(start + 1).is_empty() {
                    values.push((
                        Slot::Name,
                        words[start..(start + 2).min(words.len())].iter().map(|w| (*w).to_owned()).collect(),
                    ));
                }
            }
            (kind @ ("debit" | "credit"), "card", _) => values.push((Slot::Card, vec![kind.to_owned()])),
            (kind @ ("checking" | "savings"), next, _) if next != "or" && (index == 0 || at(index - 1) != "or") => {
                values.push((Slot::Account, vec![kind.to_owned()]));
            }
            ("on" | "at", number, street)
                if spoken_number(number) && words[index..].iter().take(6).any(|w| is_street(w)) =>
            {
                values.push((Slot::Address, vec![number.to_owned(), street.to_owned()]));
            }
            _ => {}
        }
        if request
            && is_weekday(at(index))
            && matches!(at(index.wrapping_sub(1)), "on" | "for" | "this" | "next" | "by")
        {
            values.push((Slot::Day, vec![at(index).to_owned()]));
        }
    }
    values
}

fn is_street(word: &str) -> bool {
    matches!(
        word,
        "street"
            | "road"
            | "avenue"
            | "lane"
            | "drive"
            | "court"
            | "close"
            | "way"
            | "boulevard"
            | "place"
            | "crescent"
            | "terrace"
            | "square"
            | "gardens"
    )
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
        .filter(|word| {
            is_weekday(word)
                || matches!(*word, "debit" | "credit" | "checking" | "savings" | "tomorrow" | "today")
                || (spoken_number(word) && *word != "zero")
        })
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
    pub fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
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
    let half_of_day = |at: usize| {
        matches!(after(at), "am" | "pm" | "o'clock")
            || (matches!(after(at), "a" | "p") && after(at + 1) == "m")
            || (after(at) == "in" && after(at + 1) == "the")
    };
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
            let cents = signals::number::read(
                &words[used + 1..].iter().copied().skip_while(|w| *w == "and").collect::<Vec<_>>(),
            )
            .map_or(0, |(cents, _)| if cents < 100 { cents } else { 0 });
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
        assert_eq!(
            values(&words("friday at eight forty five a m")),
            [Value::Weekday("friday".into()), Value::Clock(8 * 60 + 45)]
        );
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
