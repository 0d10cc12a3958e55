//! Whether words name a day, a date or a clock time.

use crate::text::{Class, Token};

/// Months that are also other words; they count only beside a number.
const AMBIGUOUS_MONTHS: [&str; 2] = ["march", "may"];

/// Whether the words name a day, a date or a time of day that something could be agreed for. "Next week" and "end of the month" count;
/// "last week", "soon" and "at some point" do not.
pub fn is_dated(text: &str, tokens: &[Token]) -> bool {
    let word = |index: usize| tokens.get(index).map_or(String::new(), |t: &Token| t.text(text).to_lowercase());
    for (index, token) in tokens.iter().enumerate() {
        if token.class.has(Class::DAY) || token.class.has(Class::CLOCK) {
            return true;
        }
        let this = word(index);
        let after = word(index + 1);
        let before = if index > 0 { word(index - 1) } else { String::new() };
        let number = |at: usize| tokens.get(at).is_some_and(|t| t.class.has(Class::NUMBER));
        let dated = match this.as_str() {
            "next" => matches!(after.as_str(), "week" | "month" | "quarter" | "day" | "morning" | "year"),
            "end" => after == "of" && matches!(word(index + 3).as_str(), "day" | "week" | "month" | "quarter" | "year" | "business"),
            "noon" | "midday" | "lunchtime" | "fortnight" => true,
            "week" | "month" => matches!(before.as_str(), "this") || (before == "a" && matches!(word(index.wrapping_sub(2)).as_str(), "in")),
            "morning" | "afternoon" | "evening" => matches!(before.as_str(), "this" | "the" | "by") && index > 1 && matches!(word(index - 2).as_str(), "in" | "by" | "on" | "later" | "you" | "over" | "it"),
            "am" | "pm" | "o'clock" => index > 0 && number(index - 1),
            "m" => matches!(before.as_str(), "a" | "p") && index > 1 && number(index - 2),
            "at" | "by" | "before" | "until" | "around" => number(index + 1) && !matches!(word(index + 2).as_str(), "percent" | "dollars" | "euros" | "pounds" | "people" | "a" | "per" | "users" | "seats"),
            "in" | "within" => {
                (number(index + 1) || matches!(after.as_str(), "a"))
                    && matches!(word(index + 2).as_str(), "hour" | "hours" | "minutes" | "days" | "day" | "week" | "weeks" | "month" | "months")
            }
            "the" => number(index + 1) && is_ordinal(&after) && !matches!(word(index + 2).as_str(), "time" | "one" | "thing" | "floor" | "month" | "few" | "couple" | "two" | "year" | "place"),
            month if AMBIGUOUS_MONTHS.contains(&month) => number(index + 1) || (index > 1 && before == "of" && number(index - 2)),
            _ => false,
        };
        if dated {
            return true;
        }
    }
    false
}

fn is_ordinal(word: &str) -> bool {
    word.ends_with("th") || word.ends_with("st") || word.ends_with("nd") || word.ends_with("rd") || matches!(word, "second" | "third")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Vocabulary;

    fn dated(text: &str) -> bool {
        let mut tokens = Vec::new();
        Vocabulary::default().tokenize(text, &mut tokens);
        is_dated(text, &tokens)
    }

    #[test]
    fn days_dates_and_times() {
        for text in ["Thursday at ten works", "by noon tomorrow", "let's say the fourteenth", "next week then", "at 3pm", "in two weeks", "eight forty five a m", "by the end of the week", "the 3rd of May", "March 12"] {
            assert!(dated(text), "{text}");
        }
    }

    #[test]
    fn vague_words_are_no_date() {
        for text in ["we'll talk soon", "at some point", "last week was hard", "it may be fine", "the first time", "at ten percent", "march on", "the second one"] {
            assert!(!dated(text), "{text}");
        }
    }
}
