//! Numbers as people say them: "two hundred and fifty", "eight forty five", "1,200".

/// Value of a single number word or ordinal, or of digits with thousands separators; `None` for any other word.
pub fn word_value(word: &str) -> Option<u64> {
    if word.as_bytes().first()?.is_ascii_digit() {
        let digits: String = word.chars().filter(|c| *c != ',').collect();
        let whole = digits.split('.').next().unwrap_or(&digits);
        let end = whole.find(|c: char| !c.is_ascii_digit()).unwrap_or(whole.len());
        let suffix = &whole[end..];
        let scale = match suffix {
            "" | "st" | "nd" | "rd" | "th" => 1,
            "k" => 1000,
            "m" => 1_000_000,
            _ => return None,
        };
        return whole[..end].parse::<u64>().ok()?.checked_mul(scale);
    }
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// All number words and ordinals, in no order.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}

const WORDS: [(&str, u64); 52] = [
    ("zero", 0),
    ("one", 1),
    ("first", 1),
    ("two", 2),
    ("second", 2),
    ("three", 3),
    ("third", 3),
    ("four", 4),
    ("fourth", 4),
    ("five", 5),
    ("fifth", 5),
    ("six", 6),
    ("sixth", 6),
    ("seven", 7),
    ("seventh", 7),
    ("eight", 8),
    ("eighth", 8),
    ("nine", 9),
    ("ninth", 9),
    ("ten", 10),
    ("tenth", 10),
    ("eleven", 11),
    ("eleventh", 11),
    ("twelve", 12),
    ("twelfth", 12),
    ("thirteen", 13),
    ("thirteenth", 13),
    ("fourteen", 14),
    ("fourteenth", 14),
    ("fifteen", 15),
    ("fifteenth", 15),
    ("sixteen", 16),
    ("sixteenth", 16),
    ("seventeen", 17),
    ("seventeenth", 17),
    ("eighteen", 18),
    ("eighteenth", 18),
    ("nineteen", 19),
    ("nineteenth", 19),
    ("twenty", 20),
    ("twentieth", 20),
    ("thirty", 30),
    ("thirtieth", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1000),
    ("million", 1_000_000),
];

/// Reads a spoken number from the front of `words`: its value and how many words it took.
///
/// Tens and units add up, "hundred" and "thousand" multiply ("two thousand three hundred and ten"). Two groups that do not add up
/// ("eight forty five", "four four one") stay apart, as in clock times and digit strings: only the first is read.
pub fn read(words: &[&str]) -> Option<(u64, usize)> {
    let mut total: u64 = 0;
    let mut group: u64 = 0;
    let mut last_scale = u64::MAX;
    let mut used = 0;
    for (index, word) in words.iter().enumerate() {
        if *word == "and" && used > 0 && used == index && (last_scale == 100 || last_scale == 1000) {
            if words.get(index + 1).and_then(|w| word_value(w)).is_some_and(|v| v < 100) {
                used += 1;
                continue;
            }
            break;
        }
        let digits = word.as_bytes().first().is_some_and(u8::is_ascii_digit);
        let Some(value) = word_value(word) else { break };
        if used > 0 && used != index {
            break;
        }
        match (*word, value) {
            ("hundred", _) if group > 0 && group < 100 => {
                group *= 100;
                last_scale = 100;
            }
            ("hundred", _) if used == 0 => {
                group = 100;
                last_scale = 100;
            }
            ("thousand" | "million", scale) if group > 0 || used == 0 => {
                total = total.checked_add(group.max(1).checked_mul(scale)?)?;
                group = 0;
                last_scale = 1000;
            }
            (_, value) if !digits || used == 0 => {
                let fits = match value {
                    1..10 => group.is_multiple_of(10) && (group == 0 || last_scale != 1),
                    10..100 => group.is_multiple_of(100),
                    _ => used == 0,
                };
                if used > 0 && !fits {
                    break;
                }
                group += value;
                last_scale = if (20..100).contains(&value) { 10 } else { 1 };
            }
            _ => break,
        }
        used = index + 1;
    }
    (used > 0).then_some((total.checked_add(group)?, used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// A number below a million in words.
    fn spell(number: u64, with_and: bool) -> String {
        let join = |head: String, rest: u64, and: bool| match rest {
            0 => head,
            _ if and && rest < 100 => format!("{head} and {}", spell(rest, with_and)),
            _ => format!("{head} {}", spell(rest, with_and)),
        };
        match number {
            0..20 => SMALL[number as usize].to_owned(),
            20..100 => join(TENS[number as usize / 10].to_owned(), number % 10, false),
            100..1000 => join(format!("{} hundred", SMALL[number as usize / 100]), number % 100, with_and),
            _ => join(format!("{} thousand", spell(number / 1000, with_and)), number % 1000, with_and),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_number_below_a_million_is_read_as_it_is_spelled(number in 0..1_000_000_u64, with_and: bool) {
            let spelled = spell(number, with_and);
            let words: Vec<&str> = spelled.split(' ').collect();
            prop_assert_eq!(read(&words), Some((number, words.len())), "{}", spelled);
        }

        #[test]
        fn whatever_the_words_reading_takes_no_more_than_there_are(
            words in prop::collection::vec(prop_oneof!["[0-9]{1,21}[,.km]?[0-9]{0,3}", prop::sample::select(&["and", "two", "nineteen", "forty", "hundred", "thousand", "million", "seats"][..]).prop_map(str::to_owned)], 0..6),
        ) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            prop_assert!(read(&words).is_none_or(|(_, used)| (1..=words.len()).contains(&used)));
        }
    }

    #[test]
    fn numbers_too_large_are_no_numbers() {
        assert_eq!(all("18446744073709551 thousand"), Some((18_446_744_073_709_551_000, 2)));
        assert_eq!(all("18446744073709551 thousand nine hundred"), None);
        assert_eq!(all("18446744073709551616"), None);
    }

    fn all(text: &str) -> Option<(u64, usize)> {
        read(&text.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn spoken_numbers() {
        assert_eq!(all("two hundred and fifty dollars"), Some((250, 4)));
        assert_eq!(all("forty five"), Some((45, 2)));
        assert_eq!(all("two thousand three hundred ten"), Some((2310, 5)));
        assert_eq!(all("a hundred"), None);
        assert_eq!(all("hundred"), Some((100, 1)));
        assert_eq!(all("1,200 seats"), Some((1200, 1)));
        assert_eq!(all("40k"), Some((40_000, 1)));
        assert_eq!(all("twelve hundred"), Some((1200, 2)));
    }

    #[test]
    fn clock_times_and_digit_strings_stay_apart() {
        assert_eq!(all("eight forty five"), Some((8, 1)));
        assert_eq!(all("four four one"), Some((4, 1)));
        assert_eq!(all("ten thirty"), Some((10, 1)));
        assert_eq!(all("hello"), None);
    }
}
