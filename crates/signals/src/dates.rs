//! Whether words name a day, a date or a clock time.

use crate::text::{Class, Token};

/// Whether the words name a day, a date or a time of day that something could be agreed for. "Next week" and "end of the month" count;
/// "last week", "soon" and "at some point" do not.
pub fn is_dated(text: &str, tokens: &[Token]) -> bool {
    let words = Lower { text, tokens };
    (0..tokens.len()).any(|index| is_date_at(words, index))
}

/// The tokens' words without regard to case.
#[derive(Clone, Copy)]
struct Lower<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl Lower<'_> {
    /// Whether the word at `index` is one of `words`, which are in lower case. Indices that wrapped around are behind the end.
    fn is(self, index: usize, words: &[&str]) -> bool {
        self.tokens
            .get(index)
            .is_some_and(|token| words.iter().any(|word| token.text(self.text).eq_ignore_ascii_case(word)))
    }

    fn is_number(self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.class.has(Class::NUMBER))
    }

    fn is_ordinal(self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| is_ordinal(&token.text(self.text).to_lowercase()))
    }
}

fn is_date_at(words: Lower<'_>, index: usize) -> bool {
    let token = &words.tokens[index];
    if token.class.has(Class::DAY) || token.class.has(Class::CLOCK) {
        return true;
    }
    // Longer words are none of those below.
    let mut buffer = [0; 9];
    let Some(this) = buffer.get_mut(..(token.end - token.start) as usize) else { return false };
    this.copy_from_slice(token.text(words.text).as_bytes());
    this.make_ascii_lowercase();
    let before = |distance: usize, any: &[&str]| words.is(index.wrapping_sub(distance), any);
    let after = |distance: usize, any: &[&str]| words.is(index + distance, any);
    match &*this {
        b"next" => after(1, &["week", "month", "quarter", "day", "morning", "year"]),
        b"end" => {
            let what = if after(2, &["the"]) { 3 } else { 2 };
            after(1, &["of"]) && after(what, &["day", "week", "month", "quarter", "year", "business"])
        }
        b"noon" | b"midday" | b"lunchtime" | b"fortnight" => true,
        b"week" | b"month" => before(1, &["this"]) || before(1, &["a"]) && before(2, &["in"]),
        b"morning" | b"afternoon" | b"evening" => {
            before(1, &["this", "the", "by"]) && before(2, &["in", "by", "on", "later", "you", "over", "it"])
        }
        b"am" | b"pm" | b"o'clock" => index > 0 && words.is_number(index - 1),
        b"m" => before(1, &["a", "p"]) && index > 1 && words.is_number(index - 2),
        b"at" | b"by" | b"before" | b"until" | b"around" => {
            words.is_number(index + 1)
                && !after(2, &["percent", "dollars", "euros", "pounds", "people", "a", "per", "users", "seats"])
        }
        b"in" | b"within" => {
            (words.is_number(index + 1) || after(1, &["a"]))
                && after(2, &["hour", "hours", "minutes", "days", "day", "week", "weeks", "month", "months"])
        }
        b"the" => {
            let counts = ["time", "one", "thing", "floor", "month", "few", "couple", "two", "year", "place"];
            let ordinal = |distance: usize| words.is_number(index + distance) && words.is_ordinal(index + distance);
            // "The third", "the twenty third".
            let last = if ordinal(1) { 1 } else { 2 };
            words.is_number(index + 1) && ordinal(last) && !after(last + 1, &counts)
        }
        // Months that are also other words count only beside a number.
        b"march" | b"may" => {
            words.is_number(index + 1) || before(1, &["of"]) && index > 1 && words.is_number(index - 2)
        }
        _ => false,
    }
}

fn is_ordinal(word: &str) -> bool {
    word.ends_with("th")
        || word.ends_with("st")
        || word.ends_with("nd")
        || word.ends_with("rd")
        || matches!(word, "second" | "third")
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
        for text in [
            "Thursday at ten works",
            "by noon tomorrow",
            "let's say the fourteenth",
            "next week then",
            "at 3pm",
            "in two weeks",
            "eight forty five a m",
            "by the end of the week",
            "the 3rd of May",
            "March 12",
        ] {
            assert!(dated(text), "{text}");
        }
    }

    #[test]
    fn each_way_to_name_a_time_counts_by_itself() {
        for text in [
            "tomorrow",
            "next quarter",
            "end of day",
            "end of the quarter",
            "around noon",
            "in a fortnight",
            "this week",
            "in a month",
            "later this afternoon",
            "ten o'clock",
            "by five",
            "within three days",
            "in an hour or in a week",
            "the twenty second",
            "the second of May",
        ] {
            assert!(dated(text), "{text}");
        }
    }

    #[test]
    fn the_same_words_about_something_else_do_not() {
        for text in [
            "",
            "next",
            "the next step",
            "end of story",
            "end of a long day",
            "last month",
            "every week",
            "we may need three",
            "at forty dollars",
            "by twenty percent",
            "before ten people",
            "within reach",
            "in five places",
            "the third floor",
            "the first month",
            "march on",
            "the two of us",
            "the twenty first time",
        ] {
            assert!(!dated(text), "{text}");
        }
    }

    #[test]
    fn vague_words_are_no_date() {
        for text in [
            "we'll talk soon",
            "at some point",
            "last week was hard",
            "it may be fine",
            "the first time",
            "at ten percent",
            "march on",
            "the second one",
        ] {
            assert!(!dated(text), "{text}");
        }
    }
}
