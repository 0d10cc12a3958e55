//! Whether words name a day, a date or a clock time.

use crate::text::{Class, Token};
use std::ops::Range;

/// Whether the words name a day, a date or a time of day that something could be agreed for. "Next week" and "end of the month" count;
/// "last week", "soon" and "at some point" do not.
pub fn is_dated(text: &str, tokens: &[Token]) -> bool {
    date(text, tokens, 0).is_some()
}

/// The tokens of the first date, with the times and parts of the day that follow: "Thursday at ten", "the 3rd of May".
pub fn date_words(text: &str, tokens: &[Token]) -> Option<Range<usize>> {
    let mut words = date(text, tokens, 0)?;
    while let Some(next) = date(text, tokens, words.end) {
        if next.start > words.end + MAX_WORDS_WITHIN {
            break;
        }
        words.end = next.end;
    }
    Some(words)
}

/// Most words between two parts of one date: "Friday", "in the morning".
const MAX_WORDS_WITHIN: usize = 1;

/// The tokens of the first day, date or time that is told at `from` or behind.
fn date(text: &str, tokens: &[Token], from: usize) -> Option<Range<usize>> {
    let words = Lower { text, tokens };
    let candidates = tokens.iter().enumerate().skip(from).filter(|(_, token)| token.class.has(CANDIDATE));
    candidates.into_iter().find_map(|(index, _)| date_at(words, index))
}

/// Words that may be a date, by themselves or with those around them, beside what [`Class::DAY`] and [`Class::CLOCK`] know.
pub(crate) const DATE_WORDS: [&str; 25] = [
    "next",
    "end",
    "noon",
    "midday",
    "lunchtime",
    "fortnight",
    "week",
    "month",
    "morning",
    "afternoon",
    "evening",
    "am",
    "pm",
    "o'clock",
    "m",
    "at",
    "by",
    "before",
    "until",
    "around",
    "in",
    "within",
    "the",
    "march",
    "may",
];

const CANDIDATE: Class = Class::DAY.with(Class::CLOCK).with(Class::DATE_WORD);

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

fn date_at(words: Lower<'_>, index: usize) -> Option<Range<usize>> {
    let token = &words.tokens[index];
    if token.class.has(Class::DAY) || token.class.has(Class::CLOCK) {
        return Some(index..index + 1);
    }
    let mut buffer = [0; 9];
    let this = buffer.get_mut(..token.text(words.text).len())?;
    this.copy_from_slice(token.text(words.text).as_bytes());
    this.make_ascii_lowercase();
    let before = |distance: usize, any: &[&str]| words.is(index.wrapping_sub(distance), any);
    let after = |distance: usize, any: &[&str]| words.is(index + distance, any);
    // How many words before and behind this one belong to the date.
    let with = |before: usize, behind: usize| Some(index - before..index + behind + 1);
    match &*this {
        b"next" if after(1, &["week", "month", "quarter", "day", "morning", "year"]) => with(0, 1),
        b"end" => {
            let what = if after(2, &["the"]) { 3 } else { 2 };
            let ends = after(1, &["of"]) && after(what, &["day", "week", "month", "quarter", "year", "business"]);
            ends.then_some(()).and_then(|()| with(0, what))
        }
        b"noon" | b"midday" | b"lunchtime" | b"fortnight" => with(0, 0),
        b"week" | b"month" if before(1, &["this"]) => with(1, 0),
        b"week" | b"month" if before(1, &["a"]) && before(2, &["in"]) => with(2, 0),
        b"morning" | b"afternoon" | b"evening"
            if before(1, &["this", "the", "by"]) && before(2, &["in", "by", "on", "later", "you", "over", "it"]) =>
        {
            with(1, 0)
        }
        b"am" | b"pm" | b"o'clock" if index > 0 && words.is_number(index - 1) => with(1, 0),
        b"m" if before(1, &["a", "p"]) && index > 1 && words.is_number(index - 2) => with(2, 0),
        b"at" | b"by" | b"before" | b"until" | b"around"
            if words.is_number(index + 1)
                && !after(2, &["percent", "dollars", "euros", "pounds", "people", "a", "per", "users", "seats"]) =>
        {
            with(0, 1)
        }
        b"in" | b"within"
            if (words.is_number(index + 1) || after(1, &["a"]))
                && after(2, &["hour", "hours", "minutes", "days", "day", "week", "weeks", "month", "months"]) =>
        {
            with(0, 2)
        }
        b"the" => {
            let counts = ["time", "one", "thing", "floor", "month", "few", "couple", "two", "year", "place"];
            let ordinal = |distance: usize| words.is_number(index + distance) && words.is_ordinal(index + distance);
            // "The third", "the twenty third".
            let last = if ordinal(1) { 1 } else { 2 };
            let dated = words.is_number(index + 1) && ordinal(last) && !after(last + 1, &counts);
            dated.then_some(()).and_then(|()| with(0, last))
        }
        // Months that are also other words count only beside a number.
        b"march" | b"may" if words.is_number(index + 1) => with(0, 1),
        b"march" | b"may" if before(1, &["of"]) && index > 1 && words.is_number(index - 2) => with(2, 0),
        _ => None,
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
    fn the_words_of_a_date_are_told() {
        let words = |text: &'static str| {
            let mut tokens = Vec::new();
            Vocabulary::default().tokenize(text, &mut tokens);
            let found = date_words(text, &tokens)?;
            Some(&text[tokens[found.start].start as usize..tokens[found.end - 1].end()])
        };
        assert_eq!(words("Could we say Thursday at ten, if you are free?"), Some("Thursday at ten"));
        assert_eq!(words("It will be there by the end of the week."), Some("end of the week"));
        assert_eq!(words("On the 3rd of May we start."), Some("the 3rd of May"));
        assert_eq!(words("Tomorrow then, and the report is due on Monday."), Some("Tomorrow"));
        assert_eq!(words("Soon."), None);
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
