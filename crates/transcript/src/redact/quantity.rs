//! Numbers that say how much, when or where, and are nobody's secret.

use super::lexicon::{BEFORE, HUNDRED, UNIT};
use super::runs::{Run, is_second_half};
use super::tokens::{Shape, Stream, gap};

/// Digits that no time, room or year has.
const TELEPHONE_DIGITS: usize = 7;

/// Whether the groups from `start` to `end` of a number are a price, a quantity, a date, a time or a place by how they are written
/// and by the words directly beside them.
pub(super) fn is_quantity(stream: &Stream<'_>, run: &Run, start: usize, end: usize) -> bool {
    let groups = &run.groups[start..=end];
    let (first, last) = (groups[0].first, groups[groups.len() - 1].last);
    let before = stream.tokens[first].before;
    if before & gap::MONEY != 0 || is_second_half(stream, first) {
        return true;
    }
    // "Call me at" has a time after it, or a telephone number.
    let digits: usize = groups.iter().map(|group| group.count).sum();
    if digits < TELEPHONE_DIGITS
        && before & !(gap::SPACE | gap::DASH | gap::HASH) == 0
        && stream
            .previous(first)
            .is_some_and(|at| stream.tokens[at].taken.is_none() && stream.tokens[at].word.is(BEFORE | HUNDRED))
    {
        return true;
    }
    let after = stream.after(last);
    if after & (gap::PERCENT | gap::MONEY) != 0 {
        return true;
    }
    // What is redacted is no unit, as it is none in the text afterwards.
    if let Some(next) = stream.next(last).filter(|&next| stream.tokens[next].taken.is_none()) {
        let token = &stream.tokens[next];
        let halves = (after == gap::COLON || after == gap::SLASH) && token.shape == Shape::Number;
        let unit =
            after & !(gap::SPACE | gap::DASH) == 0 && (token.word.is(UNIT | HUNDRED) || is_half_of_day(stream, next));
        if halves || unit {
            return true;
        }
    }
    is_written_quantity(stream, run, start, end)
}

/// "a.m."
fn is_half_of_day(stream: &Stream<'_>, at: usize) -> bool {
    let letter = |at: usize, letters: &str| {
        letters.contains(&stream.text(at).to_ascii_lowercase()) && stream.text(at).len() == 1
    };
    letter(at, "ap") && stream.next(at).is_some_and(|next| stream.tokens[next].before == gap::DOT && letter(next, "m"))
}

/// "12.50", "1,250,000", "1998-06-28", "28.6.1998".
fn is_written_quantity(stream: &Stream<'_>, run: &Run, start: usize, end: usize) -> bool {
    let groups = &run.groups[start..=end];
    if groups.len() < 2 || groups.len() > 4 || groups.iter().any(|g| stream.tokens[g.first].shape != Shape::Number) {
        return false;
    }
    let between = stream.tokens[groups[1].first].before;
    if groups[1..].iter().any(|group| stream.tokens[group.first].before != between) {
        return false;
    }
    let counts: Vec<usize> = groups.iter().map(|group| group.count).collect();
    let thousands = between == gap::COMMA && counts[0] <= 3 && counts[1..].iter().all(|count| *count == 3);
    let decimal = between == gap::DOT && counts.len() == 2 && counts[1] <= 2;
    let dated = matches!(between, gap::DASH | gap::DOT);
    let date = dated && matches!(counts.as_slice(), [4, 2, 2] | [1 | 2, 1 | 2, 4]);
    let address = between == gap::DOT && counts.len() == 4 && counts.iter().all(|count| *count <= 3);
    thousands || decimal || date || address
}
