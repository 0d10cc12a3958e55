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
    Some(match word {
        "zero" => 0,
        "one" | "first" => 1,
        "two" | "second" => 2,
        "three" | "third" => 3,
        "four" | "fourth" => 4,
        "five" | "fifth" => 5,
        "six" | "sixth" => 6,
        "seven" | "seventh" => 7,
        "eight" | "eighth" => 8,
        "nine" | "ninth" => 9,
        "ten" | "tenth" => 10,
        "eleven" | "eleventh" => 11,
        "twelve" | "twelfth" => 12,
        "thirteen" | "thirteenth" => 13,
        "fourteen" | "fourteenth" => 14,
        "fifteen" | "fifteenth" => 15,
        "sixteen" | "sixteenth" => 16,
        "seventeen" | "seventeenth" => 17,
        "eighteen" | "eighteenth" => 18,
        "nineteen" | "nineteenth" => 19,
        "twenty" | "twentieth" => 20,
        "thirty" | "thirtieth" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        "hundred" => 100,
        "thousand" => 1000,
        "million" => 1_000_000,
        _ => return None,
    })
}

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
                    0 => used == 0,
                    1..10 => group.is_multiple_of(10) && (group == 0 || last_scale != 1),
                    10..20 => group.is_multiple_of(100),
                    20..100 => group.is_multiple_of(100),
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
    (used > 0).then_some((total + group, used))
}

#[cfg(test)]
mod tests {
    use super::*;

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
