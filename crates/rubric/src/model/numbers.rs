//! Numbers in a model's sentences: each must stand in what the model was given.

use std::collections::BTreeSet;
use std::iter::from_fn;

/// Words of numbers below twenty. `one` counts only together with others (`one hundred`, `one percent`, `one of six`): it is a pronoun more often
/// than a number.
const UNITS: &[(&str, u64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("twice", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
];

const TENS: &[(&str, u64)] = &[
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// Words and signs that multiply by a thousand or more what stands before them, with the zeros that they add.
const SCALES: &[(&str, usize)] = &[
    ("thousand", 3),
    ("thousands", 3),
    ("k", 3),
    ("million", 6),
    ("millions", 6),
    ("m", 6),
    ("mn", 6),
    ("billion", 9),
    ("billions", 9),
    ("bn", 9),
];

/// Words and signs of parts and multiples, which are no counts: `half` is not what `two` is.
const PARTS: &[(&str, &str)] = &[
    ("half", "1/2"),
    ("halves", "1/2"),
    ("halved", "1/2"),
    ("½", "1/2"),
    ("third", "1/3"),
    ("thirds", "1/3"),
    ("⅓", "1/3"),
    ("quarter", "1/4"),
    ("quarters", "1/4"),
    ("¼", "1/4"),
    ("double", "2x"),
    ("doubles", "2x"),
    ("doubled", "2x"),
    ("doubling", "2x"),
    ("triple", "3x"),
    ("triples", "3x"),
    ("tripled", "3x"),
    ("tripling", "3x"),
];

/// Words between the numbers of `four of your last six`.
const BETWEEN: &[&str] =
    &["the", "these", "those", "this", "your", "our", "their", "all", "last", "next", "same", "other", "judged"];

/// Whether every number of a sentence stands among the numbers of the texts, written in digits or as words.
#[must_use]
pub fn hold<'a>(sentence: &str, given: impl IntoIterator<Item = &'a str>) -> bool {
    let wanted = numbers(sentence);
    if wanted.is_empty() {
        return true;
    }
    let known: BTreeSet<String> = given.into_iter().flat_map(numbers).collect();
    wanted.is_subset(&known)
}

/// Whether every `four of six` of a sentence stands in one of the texts as a whole: numbers that were given can be put together to a share that
/// was not.
#[must_use]
pub fn shares_hold<'a>(sentence: &str, given: impl IntoIterator<Item = &'a str>) -> bool {
    let wanted = shares(sentence);
    if wanted.is_empty() {
        return true;
    }
    let known: BTreeSet<_> = given.into_iter().flat_map(shares).collect();
    wanted.is_subset(&known)
}

/// The numbers of a text, each in one way: `1,200`, `1.200`, `1200`, `1.2k` and `twelve hundred` are the same, as are `0.50` and `0,5`, or `four` and
/// `4`. A time (`4:17`) and a percentage are one number each, and another one than the digits in them. Digits of other scripts stand for themselves.
fn numbers(text: &str) -> BTreeSet<String> {
    let number = |token| if let Token::Number(number) = token { Some(number) } else { None };
    tokens(text).into_iter().filter_map(number).collect()
}

/// What stands as `four of six` in a text, however it is written.
fn shares(text: &str) -> BTreeSet<(String, String)> {
    let tokens = tokens(text);
    let word = |at: usize| if let Some(Token::Word(word)) = tokens.get(at) { word.as_str() } else { "" };
    let number = |at: usize| match tokens.get(at)? {
        Token::Number(number) => Some(number.clone()),
        Token::Word(word) if word == "one" => Some("1".to_owned()),
        Token::Word(word) if word == "none" => Some("0".to_owned()),
        _ => None,
    };
    let share = |at: usize| {
        let part = number(at)?;
        let mut next = match (tokens.get(at + 1)?, word(at + 1), word(at + 2)) {
            (Token::Mark('/'), ..) | (_, "of" | "in", _) => at + 2,
            (_, "out", "of") => at + 3,
            _ => return None,
        };
        while BETWEEN.contains(&word(next)) {
            next += 1;
        }
        Some((part, number(next)?))
    };
    (0..tokens.len()).filter_map(share).collect()
}

/// A piece of a text. White space is none.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A number in its one way of writing.
    Number(String),
    /// Letters, in lower case.
    Word(String),
    /// Anything else.
    Mark(char),
}

/// The pieces of a text, with numbers of several words put together.
fn tokens(text: &str) -> Vec<Token> {
    let raw = pieces(text);
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let (token, next) = match amount(&raw, at) {
            Some((number, next)) => match percent(&raw, next) {
                Some(behind) => (Token::Number(format!("{number}%")), behind),
                None if next == at + 1 && is(&raw, at, "one") => (raw[at].clone(), next),
                None => (Token::Number(number), next),
            },
            None => match percent(&raw, at) {
                Some(behind) => (Token::Number("%".to_owned()), behind),
                None => (part(&raw[at]), at + 1),
            },
        };
        tokens.push(token);
        at = next;
    }
    tokens
}

/// The pieces of a text as they stand: a number is what is written in digits.
fn pieces(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut at = 0;
    let mut next = || {
        while chars.get(at).is_some_and(|char| char.is_whitespace()) {
            at += 1;
        }
        let from = at;
        let first = *chars.get(at)?;
        if first.is_ascii_digit() {
            if let Some((time, behind)) = time(&chars, at) {
                at = behind;
                return Some(Token::Number(time));
            }
            while digit(at) || matches!(chars.get(at), Some('.' | ',')) && digit(at + 1) {
                at += 1;
            }
            return Some(Token::Number(plain(&chars[from..at].iter().collect::<String>())));
        }
        // Before letters: `Ⅻ` is both.
        if first.is_numeric() {
            at += 1;
            return Some(Token::Number(first.to_string()));
        }
        if !first.is_alphabetic() {
            at += 1;
            return Some(Token::Mark(first));
        }
        while chars.get(at).is_some_and(|char| char.is_alphabetic() && !char.is_numeric()) {
            at += 1;
        }
        Some(Token::Word(chars[from..at].iter().collect::<String>().to_lowercase()))
    };
    from_fn(&mut next).collect()
}

/// A time that begins here (`4:17`, `1:02:09`), as minutes and seconds, and where it ends.
fn time(chars: &[char], from: usize) -> Option<(String, usize)> {
    let digits = |at: usize| chars[at.min(chars.len())..].iter().take_while(|char| char.is_ascii_digit()).count();
    let value = |at: usize, len: usize| {
        chars[at..at + len]
            .iter()
            .filter_map(|char| char.to_digit(10))
            .fold(0, |sum, digit| sum * 10 + u64::from(digit))
    };
    let first = digits(from);
    if first > 3 {
        return None;
    }
    let (mut sum, mut at, mut parts) = (value(from, first), from + first, 1);
    while parts < 3 && chars.get(at) == Some(&':') && digits(at + 1) == 2 {
        sum = sum * 60 + value(at + 1, 2);
        at += 3;
        parts += 1;
    }
    (parts > 1).then(|| (format!("{}:{:02}", sum / 60, sum % 60), at))
}

fn is(raw: &[Token], at: usize, word: &str) -> bool {
    matches!(raw.get(at), Some(Token::Word(found)) if found == word)
}

fn valued<T: Copy>(raw: &[Token], at: usize, words: &[(&str, T)]) -> Option<T> {
    let Some(Token::Word(word)) = raw.get(at) else { return None };
    words.iter().find(|(known, _)| known == word).map(|(_, value)| *value)
}

/// The end of a percent sign or word that stands here.
fn percent(raw: &[Token], at: usize) -> Option<usize> {
    if raw.get(at) == Some(&Token::Mark('%')) || is(raw, at, "percent") {
        return Some(at + 1);
    }
    (is(raw, at, "per") && is(raw, at + 1, "cent")).then_some(at + 2)
}

/// The part or multiple that a piece names, or the piece.
fn part(piece: &Token) -> Token {
    let (Token::Word(written) | Token::Number(written)) = piece else { return piece.clone() };
    let known = PARTS.iter().find(|(known, _)| known == written);
    known.map_or_else(|| piece.clone(), |(_, number)| Token::Number((*number).to_owned()))
}

/// The number that begins here, in digits or words, and where it ends.
fn amount(raw: &[Token], at: usize) -> Option<(String, usize)> {
    if let Token::Number(digits) = &raw[at] {
        if PARTS.iter().any(|(sign, _)| sign == digits) {
            return None;
        }
        let hundred = if is(raw, at + 1, "hundred") { Some(2) } else { None };
        let counts = !digits.contains(':');
        return match valued(raw, at + 1, SCALES).or(hundred).filter(|_| counts) {
            Some(zeros) => Some((scaled(digits, zeros), at + 2)),
            None => Some((digits.clone(), at + 1)),
        };
    }
    let (mut sum, mut next) = (0_u64, at);
    let mut below = usize::MAX;
    loop {
        // `and` only ties what follows to a number that has begun.
        let from = if next > at && is(raw, next, "and") { next + 1 } else { next };
        let Some((value, behind)) = below_thousand(raw, from) else { break };
        match valued(raw, behind, SCALES) {
            Some(zeros) if zeros < below => {
                sum = sum.saturating_add(value.saturating_mul(10_u64.pow(zeros as u32)));
                (below, next) = (zeros, behind + 1);
            }
            None => {
                sum = sum.saturating_add(value);
                next = behind;
                break;
            }
            _ => break,
        }
    }
    if next == at {
        // `thousands of them`; the letters alone are none.
        let zeros = valued(raw, at, SCALES).filter(|_| !is(raw, at, "k") && !is(raw, at, "m"))?;
        return Some((10_u64.pow(zeros as u32).to_string(), at + 1));
    }
    Some((sum.to_string(), next))
}

/// `four hundred and twelve`, `ninety-nine`, `two dozen`: what stands before a thousand, and where it ends.
fn below_thousand(raw: &[Token], at: usize) -> Option<(u64, usize)> {
    let hundred = |at: usize| is(raw, at, "hundred") || is(raw, at, "hundreds");
    let dozen = |at: usize| is(raw, at, "dozen") || is(raw, at, "dozens");
    let (value, next) = below_hundred(raw, at).unwrap_or((1, at));
    let dash = |at: usize| at + usize::from(raw.get(at) == Some(&Token::Mark('-')));
    let behind = dash(next);
    if dozen(behind) {
        return Some((value * 12, behind + 1));
    }
    if !hundred(behind) {
        return (next > at).then_some((value, next));
    }
    let behind = behind + 1;
    let rest = behind + usize::from(is(raw, behind, "and"));
    match below_hundred(raw, rest) {
        // Of `one hundred and two hundred` the second begins anew.
        Some((more, end)) if !hundred(end) && !dozen(end) => Some((value * 100 + more, end)),
        _ => Some((value * 100, behind)),
    }
}

fn below_hundred(raw: &[Token], at: usize) -> Option<(u64, usize)> {
    let Some(tens) = valued(raw, at, TENS) else { return Some((valued(raw, at, UNITS)?, at + 1)) };
    let next = at + 1 + usize::from(raw.get(at + 1) == Some(&Token::Mark('-')));
    match valued(raw, next, UNITS) {
        Some(unit @ 1..=9) => Some((tens + unit, next + 1)),
        _ => Some((tens, at + 1)),
    }
}

/// A number as [`plain`] writes it, with so many zeros more.
fn scaled(number: &str, zeros: usize) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let (moved, rest) = fraction.split_at(fraction.len().min(zeros));
    let mut whole = format!("{whole}{moved:0<zeros$}");
    if !rest.is_empty() {
        whole = format!("{whole}.{rest}");
    }
    // Zeros before and behind say nothing, and no sign stands between thousands here.
    plain_parts(whole.split_once('.').unwrap_or((&whole, "")))
}

/// A number without signs between thousands, without zeros that say nothing, and with a point before its fraction.
fn plain(written: &str) -> String {
    let parts: Vec<&str> = written.split(['.', ',']).collect();
    let thousands =
        |parts: &[&str]| parts[0].len() <= 3 && parts[0] != "0" && parts[1..].iter().all(|part| part.len() == 3);
    match parts.split_last() {
        Some((last, before)) if !before.is_empty() && !thousands(&parts) => plain_parts((&before.concat(), last)),
        _ => plain_parts((&parts.concat(), "")),
    }
}

fn plain_parts((whole, fraction): (&str, &str)) -> String {
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
            "It costs 1.2k, or twelve hundred euros",
            "It costs one thousand two hundred",
            "At 00:42",
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
            "Ⅻ calls, and yearⅫ",
            "𒐀",
            "42 of them",
            "0 times, or zero",
            "thirteen calls",
            "nineteen of them",
            "a dozen calls",
            "half of them",
            "a third of them",
            "a quarter of them",
            "it doubled",
            "said twice",
            "four percent",
            "4%",
            "six per cent",
            "a large percent of them",
            "four hundred",
            "five thousand",
            "six million",
            "5k",
            "fifty-four",
            "six dozen",
        ] {
            assert!(!hold(sentence, given), "{sentence}: {:?}", numbers(sentence));
        }
    }

    #[test]
    fn words_of_one_number_are_one_number() {
        for (text, expected) in [
            ("four hundred and twelve euros", &["412"][..]),
            ("Twenty-five, or twenty five, or twenty", &["20", "25"]),
            ("two thousand five hundred and one", &["2501"]),
            ("between one hundred and two hundred", &["100", "200"]),
            ("nine million three hundred thousand", &["9300000"]),
            ("two dozen, half a dozen, dozens", &["1/2", "12", "24"]),
            ("thousands and hundreds", &["100", "1000"]),
            ("1.25 million, 0.5k, 4 hundred, 3bn", &["1250000", "3000000000", "400", "500"]),
            ("two five nine", &["2", "5", "9"]),
            ("nine and ten", &["10", "9"]),
            ("ninety-nine percent, 1.5 %, 67%, one per cent", &["1%", "1.5%", "67%", "99%"]),
            ("two thirds, ¼, ½, three quarters", &["1/2", "1/3", "1/4", "2", "3"]),
            ("one or someone; it is m, k", &[]),
            ("1:02:09 is 62:09, 04:17 is 4:17", &["4:17", "62:09"]),
            ("3:1 and 12345:10", &["1", "10", "12345", "3"]),
            ("thirteen fourteen fifteen sixteen seventeen", &["13", "14", "15", "16", "17"]),
        ] {
            let found: Vec<String> = numbers(text).into_iter().collect();
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_time_is_no_other_number_and_a_number_no_time() {
        assert!(hold("At 4:17.", ["It was 4:17"]));
        for (sentence, given) in
            [("17 calls", "At 4:17"), ("4 calls", "At 4:17"), ("At 4:17", "4 and 17"), ("At 4:17", "At 4:18")]
        {
            assert!(!hold(sentence, [given]), "{sentence} by {given}");
        }
    }

    #[test]
    fn a_share_holds_as_a_whole() {
        let given = ["Missing in 4 of 6 calls, with 2 of 3 reps", "2"];
        for sentence in
            ["In four of your last six calls", "4/6", "4 out of the 6, of 2 of these 3", "4 in 6", "six calls of 4"]
        {
            assert!(shares_hold(sentence, given), "{sentence}: {:?}", shares(sentence));
        }
        for sentence in [
            "In 2 of 6 calls",
            "6 of 4",
            "two out of all six",
            "one of six",
            "none of the 6",
            "2/6",
            "2 in 6",
            "4 of your 3",
        ] {
            assert!(!shares_hold(sentence, given), "{sentence}: {:?}", shares(sentence));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_text_holds_its_own_numbers_and_no_others(text in "\\PC{0,80}", number in 10_000_u32..99_999) {
            prop_assert!(hold(&text, [text.as_str()]));
            let sentence = format!("{text} {number}");
            prop_assert_eq!(hold(&sentence, [text.as_str()]), numbers(&text).contains(&number.to_string()));
        }
    }
}
