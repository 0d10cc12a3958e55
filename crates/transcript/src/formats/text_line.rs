//! What one line of a plain-text transcript may be, before the other lines are known.

use super::captions::{Piece, pieces};
use super::labels::{Candidate, bold_label, candidate};
use super::lines::Lines;
use super::time::take_clock;

/// The times at the head of what somebody says; milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub start_ms: u64,
    pub end_ms: Option<u64>,
    /// Whether it stands in brackets: `10:30 works for me` has no stamp, but `[10:30] works for me` does.
    pub bracketed: bool,
}

/// A line, or the part of one between two marks, taken apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// The words without list and heading marks.
    pub all: &'a str,
    /// A time at the beginning of the line.
    pub lead: Option<Stamp>,
    /// The words after it.
    pub after_lead: &'a str,
    /// What may be the speaker's name.
    pub candidate: Option<Candidate<'a>>,
    /// A time beside the name, to be believed if the name is.
    pub beside_name: Option<Stamp>,
    /// Whether `>>` says that the speaker changes here.
    pub changed: bool,
}

impl Entry<'_> {
    /// Whether the line holds a time and nothing else.
    pub(crate) fn is_time_alone(&self) -> bool {
        self.lead.is_some() && self.after_lead.is_empty()
    }
}

/// The entries of a text in order; blank lines have none.
pub(crate) fn entries(text: &str) -> impl Iterator<Item = Entry<'_>> {
    let mut entries = Lines::new(text)
        .flat_map(|line| BoldCuts { rest: line.text }.flat_map(pieces).map(move |piece| entry(line.number, piece)))
        .peekable();
    std::iter::from_fn(move || {
        let mut entry = entries.next()?;
        if entry.candidate.is_none() && entry.lead.is_some() && !entry.is_time_alone() {
            // `00:01 Ann` is a header only if words without a time of their own follow.
            let words_follow = entries.peek().is_some_and(|next| next.lead.is_none() && next.line > entry.line);
            let candidate = Candidate { name: unmarked(entry.after_lead), rest: "", doubtful: true };
            entry.candidate = Some(candidate).filter(|candidate| words_follow && !candidate.name.is_empty());
        }
        Some(entry)
    })
}

/// Cuts a line before each bold label in it: `**Agent:** Hello. **Customer:** Hi.`
struct BoldCuts<'a> {
    rest: &'a str,
}

impl<'a> Iterator for BoldCuts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = self.rest.as_bytes();
        let starts_label = |at: &usize| {
            *at > 0
                && bytes[at - 1] == b' '
                && bytes.get(at + 1) == Some(&b'*')
                && bold_label(&self.rest[*at..]).is_some()
        };
        let cut = memchr::memchr_iter(b'*', bytes).find(starts_label);
        let (before, after) = self.rest.split_at(cut.unwrap_or(bytes.len()));
        self.rest = after;
        Some(before)
    }
}

fn entry(line: usize, piece: Piece<'_>) -> Entry<'_> {
    let all = piece.text.trim_start_matches('#').trim_start();
    let (lead, after_lead) = match leading_stamp(all) {
        Some((stamp, rest)) => (Some(stamp), rest),
        None => (None, all),
    };
    let (candidate, beside_name) = match name_and_stamp(after_lead) {
        Some((candidate, stamp)) => (Some(candidate), Some(stamp)),
        None => match candidate(after_lead) {
            Some(candidate) => match leading_stamp(candidate.rest).filter(|(stamp, _)| stamp.bracketed) {
                Some((stamp, rest)) => (Some(Candidate { rest, ..candidate }), Some(stamp)),
                None => (Some(candidate), None),
            },
            None => (None, None),
        },
    };
    let candidate = candidate.map(|candidate| Candidate { name: unmarked(candidate.name), ..candidate });
    let candidate = candidate.filter(|candidate| !candidate.name.is_empty());
    Entry { line, all, lead, after_lead, candidate, beside_name, changed: piece.changed }
}

/// A name without the marks of bold type and a colon or dash behind it.
fn unmarked(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_')).trim_end_matches([':', '-', '–', ' ', '*'])
}

/// Reads `00:01:02`, `[00:01:02]`, `(1:02 - 1:05)`, `[10:02 AM]` and the separator behind it.
fn leading_stamp(text: &str) -> Option<(Stamp, &str)> {
    let unbold = text.trim_start_matches('*');
    let (stamp, rest) = take_stamp(unbold)?;
    let ends =
        rest.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '-' | '–' | '|' | '*') || stamp.bracketed);
    if !ends {
        return None;
    }
    let rest = if unbold.len() < text.len() { rest.trim_start_matches('*') } else { rest };
    Some((stamp, rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '|' | ':'))))
}

fn take_stamp(text: &str) -> Option<(Stamp, &str)> {
    let close = match text.chars().next()? {
        '[' => Some(']'),
        '(' => Some(')'),
        _ => None,
    };
    let inside = if close.is_some() { text[1..].trim_start() } else { text };
    let (start_ms, mut rest) = take_time_of_day(inside)?;
    let mut end_ms = None;
    let range = rest.trim_start().trim_start_matches(['-', '–', '>']);
    if range.len() < rest.trim_start().len()
        && let Some((end, after)) = take_time_of_day(range.trim_start())
    {
        end_ms = Some(end);
        rest = after;
    }
    if let Some(close) = close {
        rest = rest.trim_start().strip_prefix(close)?;
    }
    Some((Stamp { start_ms, end_ms, bracketed: close.is_some() }, rest))
}

/// A clock, `1:02` as minutes and seconds, or with AM or PM `1:02` as hours and minutes.
pub(crate) fn take_time_of_day(text: &str) -> Option<(u64, &str)> {
    const HOUR: u64 = 3_600_000;
    let (ms, rest) = take_clock(text)?;
    let suffix = rest.trim_start();
    let Some(half) = suffix.get(..2).filter(|_| !suffix[2..].starts_with(char::is_alphanumeric)) else {
        return Some((ms, rest));
    };
    let afternoon = half.eq_ignore_ascii_case("pm");
    if !afternoon && !half.eq_ignore_ascii_case("am") {
        return Some((ms, rest));
    }
    let colons = text[..text.len() - rest.len()].matches(':').count();
    let ms = if colons == 1 { ms.saturating_mul(60) } else { ms };
    let noon = (12 * HOUR..13 * HOUR).contains(&ms);
    let ms = match (afternoon, noon) {
        (true, false) => ms.saturating_add(12 * HOUR),
        (false, true) => ms - 12 * HOUR,
        _ => ms,
    };
    Some((ms, &suffix[2..]))
}

/// Reads `Ann (00:01): words`, `Ann [00:01:02]`, `Ann  0:03` and `[Ann] 10:00:03`, as Zoom saves captions.
fn name_and_stamp(text: &str) -> Option<(Candidate<'_>, Stamp)> {
    // A name has at most 60 characters, each at most 4 bytes.
    const REACH: usize = 240;
    let reach = &text.as_bytes()[..text.len().min(REACH)];
    for at in memchr::memchr2_iter(b'(', b'[', reach).filter(|at| *at > 0) {
        let Some((stamp, rest)) = take_stamp(&text[at..]) else { continue };
        let name = unmarked(&text[..at]);
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '*');
        let words = rest.strip_prefix([':', '：']).unwrap_or(rest).trim_start_matches(['*', ' ', '\t']);
        let colon = words.len() < rest.len() || text[..at].trim_end().ends_with(':');
        let doubtful = !colon && !rest.is_empty();
        return (!name.is_empty() && !name.contains(':')).then_some((Candidate { name, rest: words, doubtful }, stamp));
    }
    if !text.ends_with(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == '*') {
        return None;
    }
    let (before, clock) = text.trim_end().rsplit_once(char::is_whitespace).filter(|(name, _)| name.len() <= REACH)?;
    let (start_ms, rest) = take_clock(clock.trim_matches('*'))?;
    let in_brackets = candidate(before).filter(|candidate| before.starts_with('[') && candidate.rest.is_empty());
    let name = in_brackets.map_or(unmarked(before), |candidate| candidate.name);
    if !rest.is_empty() || name.is_empty() || name.contains(':') {
        return None;
    }
    let doubtful =
        !(in_brackets.is_some() || before.ends_with(char::is_whitespace) || text.contains('\t') || text.contains("**"));
    Some((Candidate { name, rest: "", doubtful }, Stamp { start_ms, end_ms: None, bracketed: false }))
}
