//! Numbers in a model's sentences: each must stand in what the model was given.

use std::collections::BTreeSet;

/// Numbers that are written as words. `one` is not among them: it is a pronoun more often than a number.
const WORDS: &[(&str, &str)] = &[
    ("zero", "0"),
    ("two", "2"),
    ("twice", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
    ("hundred", "100"),
    ("thousand", "1000"),
    ("million", "1000000"),
];

/// Whether every number of a sentence stands among the numbers of the texts, written in digits or as a word.
#[must_use]
pub fn hold<'a>(sentence: &str, given: impl IntoIterator<Item = &'a str>) -> bool {
    let wanted = numbers(sentence);
    if wanted.is_empty() {
        return true;
    }
    let known: BTreeSet<String> = given.into_iter().flat_map(numbers).collect();
    wanted.is_subset(&known)
}

/// The numbers of a text, each in one way: `1,200`, `1.200` and `1200` are the same, as are `0.50` and `0,5`, or `four` and `4`. Half and quarter
/// signs and digits of other scripts stand for themselves.
fn numbers(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let from = at;
        if chars[at].is_ascii_digit() {
            let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
            while digit(at) || matches!(chars.get(at), Some('.' | ',')) && digit(at + 1) {
                at += 1;
            }
            found.insert(plain(&chars[from..at].iter().collect::<String>()));
        } else if chars[at].is_numeric() {
            found.insert(chars[at].to_string());
            at += 1;
        } else if chars[at].is_alphabetic() {
            while chars.get(at).is_some_and(|char| char.is_alphabetic()) {
                at += 1;
            }
            let word = chars[from..at].iter().collect::<String>().to_lowercase();
            found.extend(WORDS.iter().filter(|(known, _)| *known == word).map(|(_, number)| (*number).to_owned()));
        } else {
            at += 1;
        }
    }
    found
}

/// A number without signs between thousands, without zeros that say nothing, and with a point before its fraction.
fn plain(written: &str) -> String {
    let parts: Vec<&str> = written.split(['.', ',']).collect();
    let thousands =
        |parts: &[&str]| parts[0].len() <= 3 && parts[0] != "0" && parts[1..].iter().all(|part| part.len() == 3);
    let (whole, fraction) = match parts.split_last() {
        Some((last, before)) if !before.is_empty() && !thousands(&parts) => (before.concat(), *last),
        _ => (parts.concat(), ""),
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_that_were_given_hold_however_they_are_written() {
        let given = ["Missing in 4 of 6 calls; it costs 1,200 € (0.50 an hour), said at 0:42.", "five calls, m17"];
        for sentence in [
            "In four of six calls",
            "4 of the 6",
            "It costs 1200 €",
            "It costs 1.200 €",
            "EUR1200 and 0,5",
            "At 0:42",
            "Your next 5 calls",
            "No number, and one question for someone",
            "Twelvefold is a word",
        ] {
            assert!(hold(sentence, given), "{sentence}: {:?}", numbers(sentence));
        }
        for sentence in [
            "In 5 of 7 calls",
            "67 %",
            "two thirds of the calls",
            "It costs 12.00",
            "It costs 120",
            "Q3",
            "½ of them",
            "At 0:43",
            "a hundred times",
            "٤ calls",
        ] {
            assert!(!hold(sentence, given), "{sentence}: {:?}", numbers(sentence));
        }
    }

    proptest! {
        #[test]
        fn a_text_holds_its_own_numbers_and_no_others(text in "\\PC{0,80}", number in 10_000_u32..99_999) {
            prop_assert!(hold(&text, [text.as_str()]));
            let sentence = format!("{text} {number}");
            prop_assert_eq!(hold(&sentence, [text.as_str()]), numbers(&text).contains(&number.to_string()));
        }
    }
}
