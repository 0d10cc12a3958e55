//! Values in a sentence that can be compared: days, times, sums, cards, accounts.

use super::facts::Slot;

/// Which way the money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    From,
    To,
}

/// Words that do not make a mentioned account the one that money goes to: "I would like to, uh, checking".
const BEFORE_VERB: &[&str] = &["like", "want", "need", "have", "going", "trying", "able", "wish", "wanted"];

/// Which end of a transfer an account is, by the word before it ("from my savings"); `at` is the place of the account in `words`.
pub(super) fn direction_of(words: &[&str], at: usize) -> Option<Direction> {
    let mut before =
        words[..at].iter().rev().skip_while(|w| matches!(**w, "my" | "your" | "the" | "a" | "uh" | "um" | "their"));
    match *before.next()? {
        "from" | "using" | "with" => Some(Direction::From),
        "of" if before.next() == Some(&"out") => Some(Direction::From),
        "into" => Some(Direction::To),
        "to" if before.next().is_none_or(|w| !BEFORE_VERB.contains(w)) => Some(Direction::To),
        _ => None,
    }
}

pub(super) fn is_weekday(word: &str) -> bool {
    matches!(word, "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday")
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
    /// The account that money leaves.
    AccountFrom(String),
    /// The account that money goes to.
    AccountTo(String),
}

impl Value {
    pub fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    pub fn is_account(&self) -> bool {
        matches!(self, Self::Account(_) | Self::AccountFrom(_) | Self::AccountTo(_))
    }

    /// An account named in answer to a question about one end of a transfer is that end.
    pub fn answering(self, asked: &[Slot]) -> Self {
        match self {
            Self::Account(name) if asked.contains(&Slot::AccountFrom) => Self::AccountFrom(name),
            Self::Account(name) if asked.contains(&Slot::AccountTo) => Self::AccountTo(name),
            other => other,
        }
    }
}

/// A time given without "a m" in answer to "what time": "eleven fifteen", "ten".
pub(super) fn bare_clock(words: &[&str]) -> Option<Value> {
    (0..words.len()).find_map(|start| match signals::number::read(&words[start..]) {
        Some((hour @ 1..=12, 1)) if start == 0 || signals::number::word_value(words[start - 1]).is_none() => {
            let minute = signals::number::read(&words[start + 1..]).map_or(0, |(minute, _)| minute);
            (minute < 60).then_some(Value::Clock(hour % 12 * 60 + minute))
        }
        _ => None,
    })
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
            out.push(match direction_of(words, index) {
                Some(Direction::From) => Value::AccountFrom(word.to_owned()),
                Some(Direction::To) => Value::AccountTo(word.to_owned()),
                None => Value::Account(word.to_owned()),
            });
        } else if word.contains(':') || signals::number::word_value(word).is_some() {
            let (value, used) = number(&words[index..], index > 0 && at(index - 1) == "at");
            out.extend(value);
            index += used.max(1);
            continue;
        }
        index += 1;
    }
    out
}

/// Words that may follow a time that has no "a m": "at ten on Friday".
const AFTER_TIME: &[&str] = &[
    "", "on", "tomorrow", "today", "then", "okay", "and", "please", "sharp", "works", "is", "for", "with", "so",
    "thank", "thanks",
];

/// Reads a clock time or an amount from the front of `words`; the number of words it took. After "at" a time needs no "a m".
fn number(words: &[&str], after_at: bool) -> (Option<Value>, usize) {
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
        if after_at {
            let ends = |at: usize| AFTER_TIME.contains(&after(at)) || is_weekday(after(at));
            let minute = signals::number::read(&words[used..]).filter(|(minute, _)| (10..60).contains(minute));
            match minute {
                Some((minute, more)) if ends(used + more) => return (clock(first, minute), used + more),
                None if ends(used) => return (clock(first, 0), used),
                _ => {}
            }
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
}
