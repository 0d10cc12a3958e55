//! Facts that are said in a call: which are asked for, and which the customer gave.

use super::questions::contains;
use super::values::{Direction, direction_of};
pub(super) use super::values::{Value, bare_clock, is_weekday, numbers, values};
use super::view::View;
use signals::labels::Label;
use transcript::Side;

/// A kind of fact that agents ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// Whichever part of the name is offered.
    Name,
    FirstName,
    LastName,
    FullName,
    AccountNumber,
    Address,
    Phone,
    Email,
    BirthDate,
    OrderNumber,
    Card,
    Account,
    /// The account that money leaves.
    AccountFrom,
    /// The account that money goes to.
    AccountTo,
    Amount,
    Day,
    Time,
}

impl Slot {
    /// For the sentence "asks for … although it was said".
    pub fn name(self) -> &'static str {
        match self {
            Self::Name | Self::FullName => "the name",
            Self::FirstName => "the first name",
            Self::LastName => "the last name",
            Self::AccountNumber => "the account number",
            Self::Address => "the address",
            Self::Phone => "the phone number",
            Self::Email => "the mail address",
            Self::BirthDate => "the date of birth",
            Self::OrderNumber => "the order number",
            Self::Card => "which card it is",
            Self::Account => "which account it is",
            Self::AccountFrom => "which account it comes from",
            Self::AccountTo => "which account it goes to",
            Self::Amount => "the amount",
            Self::Day => "the day",
            Self::Time => "the time",
        }
    }

    /// Whether there is only one such fact in a call, so that asking twice is a repeat whatever the words.
    pub fn is_identity(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::FirstName
                | Self::LastName
                | Self::FullName
                | Self::AccountNumber
                | Self::BirthDate
                | Self::Email
                | Self::OrderNumber
        )
    }

    /// Whether it belongs to one errand: the next errand of the same call has another day, account or amount.
    pub fn is_of_errand(self) -> bool {
        matches!(
            self,
            Self::Card | Self::Account | Self::AccountFrom | Self::AccountTo | Self::Amount | Self::Day | Self::Time
        )
    }
}

/// Which facts a question asks for.
pub(super) fn asked_slots(words: &[&str]) -> Vec<Slot> {
    const ASKS: [(Slot, &[&[&str]]); 14] = [
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
        (Slot::FullName, &[&["full", "name"], &["first", "and", "last"], &["first", "name", "and", "last"]]),
        (Slot::LastName, &[&["last", "name"], &["surname"], &["family", "name"]]),
        (Slot::FirstName, &[&["first", "name"]]),
        (
            Slot::Name,
            &[
                &["your", "name"],
                &["who", "am", "i", "speaking"],
                &["who", "am", "i", "talking"],
                &["have", "a", "name"],
                &["get", "a", "name"],
            ],
        ),
    ];
    let mut slots: Vec<Slot> =
        ASKS.iter().filter(|(_, sequences)| contains(words, sequences)).map(|(slot, _)| *slot).collect();
    // "Could you check your email" asks for no address.
    let handles_mail = contains(
        words,
        &[&["check"], &["receive"], &["received"], &["sent"], &["send"], &["see"], &["open"], &["click"], &["arrived"]],
    );
    if handles_mail && !contains(words, &[&["address"], &["what"], &["which"]]) {
        slots.retain(|slot| *slot != Slot::Email);
    }
    if slots.contains(&Slot::Email) {
        slots.retain(|slot| *slot != Slot::Address);
    }
    if slots.contains(&Slot::FullName) || slots.contains(&Slot::FirstName) && slots.contains(&Slot::LastName) {
        slots.retain(|slot| !matches!(slot, Slot::Name | Slot::FirstName | Slot::LastName | Slot::FullName));
        slots.push(Slot::FullName);
    } else if slots.contains(&Slot::FirstName) || slots.contains(&Slot::LastName) {
        slots.retain(|slot| *slot != Slot::Name);
    }
    if let Some(account) = slots.iter_mut().find(|slot| **slot == Slot::Account) {
        *account = match asked_direction(words) {
            Some(Direction::From) => Slot::AccountFrom,
            Some(Direction::To) => Slot::AccountTo,
            None => Slot::Account,
        };
    }
    if asks_amount(words) {
        slots.push(Slot::Amount);
    }
    slots
}

/// "How much" asks for many things; alone or beside a payment it asks for the amount of it.
fn asks_amount(words: &[&str]) -> bool {
    const PAYMENT: &[&[&str]] = &[
        &["pay"],
        &["transfer"],
        &["send"],
        &["move"],
        &["deposit"],
        &["withdraw"],
        &["bill"],
        &["put", "on"],
        &["was", "it"],
    ];
    contains(words, &[&["what", "amount"], &["which", "amount"], &["what", "is", "the", "amount"]])
        || contains(words, &[&["how", "much"]])
            && !contains(words, &[&["does"], &["did"], &["cost"]])
            && (words.len() <= 4 || contains(words, PAYMENT))
}

/// Which end of a transfer a question about accounts asks for; `None` where it says neither or both.
fn asked_direction(words: &[&str]) -> Option<Direction> {
    let from = contains(words, &[&["from"], &["out", "of"]]);
    let to = words.last() == Some(&"to")
        || contains(
            words,
            &[&["into"], &["to", "which"], &["to", "what"], &["go", "to"], &["going", "to"], &["to", "please"]],
        );
    match (from, to) {
        (true, false) => Some(Direction::From),
        (false, true) => Some(Direction::To),
        _ => None,
    }
}

/// Which facts our turn before a sentence asked for.
pub(super) fn asked_before(view: &View<'_>, index: usize) -> Vec<Slot> {
    let Some(before) = view.previous_turn(view.turn(index), Side::Internal) else { return Vec::new() };
    let asking = before.sentences.clone().filter(|&i| view.sentence(i).question.is_some() || view.word_count(i) <= 6);
    asking.flat_map(|i| asked_slots(&view.full_words(i))).collect()
}

/// Facts that a sentence of the customer gives, volunteered or as the answer to our question before it.
pub(super) fn given_in(view: &View<'_>, index: usize) -> Vec<Slot> {
    let words = view.full_words(index);
    if view.sentence(index).question.is_some()
        && !contains(&words, &[&["can", "you"], &["could", "you"], &["can", "i"], &["could", "i"]])
    {
        return Vec::new();
    }
    let mut given = volunteered(&words, wishes_for(view, index));
    let values = view.values(index);
    for slot in asked_before(view, index) {
        let answers = match slot {
            Slot::Name | Slot::FullName => {
                let names = name_words(&words);
                given.extend(
                    (names >= 2).then_some([Slot::FirstName, Slot::LastName, Slot::FullName]).into_iter().flatten(),
                );
                names >= 1
            }
            Slot::FirstName | Slot::LastName => name_words(&words) >= 1,
            Slot::Card => values.iter().any(|v| matches!(v, Value::Card(_))),
            Slot::Account | Slot::AccountFrom | Slot::AccountTo => values.iter().any(Value::is_account),
            Slot::Day => values.iter().any(|v| matches!(v, Value::Weekday(_))),
            Slot::Time => values.iter().any(|v| matches!(v, Value::Clock(_))) || bare_clock(&words).is_some(),
            Slot::Amount => !view.numbers(index).is_empty(),
            Slot::AccountNumber | Slot::OrderNumber | Slot::Phone => view.numbers(index).len() >= 2,
            Slot::Address | Slot::Email | Slot::BirthDate => false,
        };
        if answers {
            given.push(slot);
        }
    }
    if given.contains(&Slot::FirstName) && given.contains(&Slot::LastName) {
        given.extend([Slot::Name, Slot::FullName]);
    }
    given
}

/// How many words of an answer can be parts of a name.
fn name_words(words: &[&str]) -> usize {
    let shy = contains(words, &[&["not"], &["why"], &["said"], &["wait"], &["hold"], &["what"]]);
    if shy || words.len() > 8 { 0 } else { words.iter().filter(|w| is_name_word(w)).count() }
}

/// Whether a word can be part of a name: no function word, number or spelled letter, and none of the words that come with a name.
fn is_name_word(word: &str) -> bool {
    !super::words::content_of(&[word]).is_empty()
        && signals::number::word_value(word).is_none()
        && !matches!(
            word,
            "name" | "calling" | "speaking" | "first" | "last" | "mister" | "miss" | "mrs" | "nope" | "yep" | "account"
        )
}

/// Whether the customer wants something in this sentence or in the one that it carries on.
pub(super) fn wishes_for(view: &View<'_>, index: usize) -> bool {
    const WANTS: &[&[&str]] = &[
        &["would", "like"],
        &["want"],
        &["wanna"],
        &["wanted"],
        &["need"],
        &["please"],
        &["like", "to"],
        &["can", "you"],
        &["could", "you"],
        &["can", "i"],
        &["could", "i"],
        &["may", "i"],
        &["looking", "to"],
        &["trying", "to"],
    ];
    let first = view.turns[view.turn(index)].sentences.start;
    (index.saturating_sub(1).max(first)..=index)
        .any(|i| contains(&view.full_words(i), WANTS) || view.sentence(i).labels.has(Label::Request))
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

/// Facts that the customer tells of their own accord; `wishes` where the sentence asks for something to be done.
fn volunteered(words: &[&str], wishes: bool) -> Vec<Slot> {
    /// What is asked for is another day than the one named.
    const RESCHEDULES: &[&[&str]] =
        &[&["change"], &["move"], &["moved"], &["cancel"], &["reschedule"], &["switch"], &["had"], &["have", "an"]];
    let mut given = Vec::new();
    let at = |index: usize| words.get(index).copied().unwrap_or("");
    for index in 0..words.len() {
        match (at(index), at(index + 1), at(index + 2)) {
            ("name" | "this", "is", _) => {
                let start = index + 2 + usize::from(matches!(at(index + 2), "uh" | "um"));
                let named = at(index) == "this" && index <= 2
                    || matches!(at(index.wrapping_sub(1)), "my" | "the") && !NO_NAME.contains(&at(start));
                if named && is_name_word(at(start)) && !NO_NAME.contains(&at(start)) {
                    given.extend([Slot::Name, Slot::FirstName]);
                    given.extend(is_name_word(at(start + 1)).then_some(Slot::LastName));
                }
            }
            ("debit" | "credit", "card", next) if next != "bill" => given.push(Slot::Card),
            ("checking" | "savings", next, _) if next != "or" && (index == 0 || at(index - 1) != "or") => {
                given.push(match direction_of(words, index) {
                    Some(Direction::From) => Slot::AccountFrom,
                    Some(Direction::To) => Slot::AccountTo,
                    None => Slot::Account,
                });
            }
            ("on" | "at", number, _)
                if spoken_number(number) && words[index..].iter().take(6).any(|w| is_street(w)) =>
            {
                given.push(Slot::Address);
            }
            _ => {}
        }
        if wishes
            && is_weekday(at(index))
            && matches!(at(index.wrapping_sub(1)), "on" | "for" | "this" | "next" | "by" | "coming")
            && !contains(words, RESCHEDULES)
        {
            given.push(Slot::Day);
        }
    }
    given.extend(told_number(words));
    let (values, moved) = (values(words), contains(words, RESCHEDULES) && !contains(words, &[&["money"]]));
    if wishes && values.iter().any(|v| matches!(v, Value::Amount(_))) && asks_for_payment(words) {
        given.push(Slot::Amount);
    }
    if given.contains(&Slot::Day) && !moved && values.iter().any(|v| matches!(v, Value::Clock(_))) {
        given.push(Slot::Time);
    }
    given
}

/// A number that is told with its name: "the tracking number is P F 7781".
fn told_number(words: &[&str]) -> Option<Slot> {
    let at = words.iter().position(|word| *word == "number")?;
    let rest = &words[at + 1..];
    let told = rest.iter().take(6).any(|word| word.bytes().any(|b| b.is_ascii_digit()) || spoken_number(word));
    let slot = asked_slots(&words[..=at])
        .into_iter()
        .find(|slot| matches!(slot, Slot::AccountNumber | Slot::OrderNumber | Slot::Phone))?;
    (told && matches!(rest.first(), Some(&("is" | "was"))) && !contains(words, &[&["not"], &["wrong"]])).then_some(slot)
}

/// Whether a wish is for a sum to be paid or moved.
fn asks_for_payment(words: &[&str]) -> bool {
    contains(words, &[&["transfer"], &["pay"], &["move"], &["send"], &["deposit"], &["withdraw"]])
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

fn spoken_number(word: &str) -> bool {
    signals::number::word_value(word).is_some() && !matches!(word, "one" | "first" | "second" | "third")
}

/// The words of a sentence that carry a value: numbers, weekdays, kinds of card and account.
pub(super) fn value_words<'w>(words: &[&'w str]) -> Vec<&'w str> {
    words
        .iter()
        .copied()
        .filter(|word| {
            is_weekday(word.strip_suffix('s').unwrap_or(word))
                || matches!(*word, "debit" | "credit" | "checking" | "savings" | "tomorrow" | "today")
                || (spoken_number(word) && *word != "zero")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn questions_name_what_they_ask_for() {
        assert_eq!(asked_slots(&words("which card would you like to replace")), [Slot::Card]);
        assert_eq!(asked_slots(&words("can i have your email address")), [Slot::Email]);
        assert_eq!(asked_slots(&words("how can i help you")), []);
    }
}
