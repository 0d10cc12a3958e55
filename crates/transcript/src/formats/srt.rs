//! `SubRip`, read leniently: there is no standard, and players accept nearly everything.

use super::captions::{self, Caption, push_parts};
use super::lines::{Line, Lines, lf_only};
use super::markup::{Mode, plain, spans};
use super::time::take_clock;
use super::{Builder, ParseError, check_count, counted};
use std::borrow::Cow;

/// One cue as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue<'a> {
    /// Line of the times, counted from 1.
    pub line: usize,
    /// Start in milliseconds.
    pub start_ms: u64,
    /// End in milliseconds; may lie before the start.
    pub end_ms: u64,
    /// The text with its markup, lines separated by LF, blank lines included.
    pub text: Cow<'a, str>,
}

impl Cue<'_> {
    /// The words without `<i>`, `<font …>` and `{\an8}`; line breaks are kept.
    pub fn plain(&self) -> Cow<'_, str> {
        without_overrides(plain(&self.text, Mode::Speech))
    }
}

/// Removes position tags of `SubStation Alpha`, which `SubRip` files inherit: `{\an8}`.
fn without_overrides(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains("{\\") {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find("{\\") {
        let Some(length) = rest[at..].find('}') else { break };
        kept.push_str(&rest[..at]);
        rest = &rest[at + length + 1..];
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// What a `SubRip` file is made of.
#[derive(Debug, Default)]
struct Cues<'a> {
    /// The cues in the order of the file.
    cues: Vec<Cue<'a>>,
    /// Lines with `-->` whose times could not be read; their cues are left out.
    bad_timings: Vec<usize>,
}

/// Reads `start --> end`, with any arrow, any padding and whatever follows.
pub(crate) fn timing(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = take_clock(line.trim_start())?;
    let rest = rest.trim_start();
    let arrow = rest.trim_start_matches('-');
    if arrow.len() == rest.len() {
        return None;
    }
    let (end, _) = take_clock(arrow.strip_prefix('>')?.trim_start())?;
    Some((start, end))
}

fn is_counter(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit())
}

/// What stands between the times of a cue.
const ARROW: &str = "-->";

/// Lines looked at for the first line of times.
const HEAD: usize = 50;

/// Whether there is a line of times near the beginning, or one of which half can be read.
pub(crate) fn begins(text: &str) -> bool {
    let half = |line: &str| {
        let clock = |side: &str| take_clock(side.trim_start()).is_some();
        // Whisper prints `[start --> end] words`, which is text.
        !line.trim_start().starts_with('[')
            && line.split_once(ARROW).is_some_and(|(start, end)| clock(start) || clock(end))
    };
    Lines::new(text).take(HEAD).any(|line| timing(line.text).is_some() || half(line.text))
}

/// Splits a file into its cues. A cue's text goes on until the next line of times, less the counter above that.
pub fn cues(text: &str) -> Vec<Cue<'_>> {
    split(text).cues
}

fn split(text: &str) -> Cues<'_> {
    let mut found = Cues::default();
    let mut open: Option<(usize, u64, u64, usize)> = None;
    let mut counted = None;
    let mut previous: Option<Line<'_>> = None;
    for line in Lines::new(text) {
        let times = timing(line.text);
        // Nobody says an arrow: whatever has one begins a cue, even where its times cannot be read.
        if times.is_some() || line.text.contains(ARROW) {
            let counter = previous.filter(|line| is_counter(line.text));
            // Whether the first cue has a counter tells whether a number above a later one is speech.
            let counted = *counted.get_or_insert(counter.is_some());
            let end = counter.filter(|_| counted).map_or(line.start, |counter| counter.start);
            found.cues.extend(open.take().map(|cue| close(text, cue, end)));
            match times {
                Some((start_ms, end_ms)) => {
                    open = Some((line.number, start_ms, end_ms, line.start + line.text.len()));
                }
                None => found.bad_timings.push(line.number),
            }
        }
        previous = Some(line);
    }
    found.cues.extend(open.map(|cue| close(text, cue, text.len())));
    found
}

fn close(text: &str, (line, start_ms, end_ms, from): (usize, u64, u64, usize), end: usize) -> Cue<'_> {
    let text = text.get(from..end).unwrap_or_default().trim_matches(['\r', '\n', ' ', '\t']);
    Cue { line, start_ms, end_ms, text: lf_only(text) }
}

/// Reads a `SubRip` file.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let Cues { cues, bad_timings } = split(text);
    check_count(cues.len())?;
    if cues.is_empty() {
        let message = "no line of times like `00:00:01,000 --> 00:00:03,500`, which SRT needs above each caption";
        return Err(ParseError { line: bad_timings.first().copied().unwrap_or(1), message: message.into() });
    }
    if let Some(&line) = bad_timings.first() {
        let cues = counted(bad_timings.len(), "cue");
        builder.warn(line, format!("{cues} left out for times that are not like 00:01:02,345"));
    }
    if cues.iter().any(|cue| cue.text.contains("<v ")) {
        for cue in &cues {
            let parts = spans(&cue.text, Mode::Speech).into_iter();
            let parts = parts
                .map(|span| (span.voice.and_then(|name| builder.speaker(&name)), span.text.into_owned()))
                .collect();
            push_parts(cue.line, (cue.start_ms, cue.end_ms), parts, builder);
        }
        return Ok(());
    }
    let captions: Vec<Caption<'_>> = cues
        .iter()
        .map(|cue| Caption { line: cue.line, start_ms: cue.start_ms, end_ms: cue.end_ms, text: cue.plain() })
        .collect();
    captions::push(&captions, builder);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Format::Srt;
    use crate::formats::testing::{check, read, said, warnings};
    use crate::parse;

    #[test]
    fn lenient_times_counters_and_position_data() {
        let text = "1\n00:00:01,000 --> 00:00:02,500 X1:40 X2:600\n{\\an8}<i>Hello</i> there\n\n\
            00:00:03.000 -> 00:00:04\nno counter\n\n3\n0:00:05-->0:00:06,5\n\nafter a blank line\n42\n";
        check(text, Srt, &["? 1000-2500 Hello there", "? 3000-4000 no counter", "? 5000-6500 after a blank line 42"]);
    }

    #[test]
    fn cues_with_unreadable_times_are_left_out_aloud() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nkept\n\n2\nxx --> 00:00:05,000\nlost\n\n3\n00:00:06,000 --> soon\nlost too\n\n\
            4\n00:00:07,000 --> 00:00:08,000\nkept as well\n";
        let transcript = read(text);
        assert_eq!(said(&transcript), ["? 1000-2000 kept", "? 7000-8000 kept as well"]);
        assert_eq!(warnings(&transcript), ["6: 2 cues left out for times that are not like 00:01:02,345"]);
    }

    #[test]
    fn a_file_that_begins_with_an_unreadable_time_is_subrip_all_the_same() {
        let transcript = read("1\nxx --> 00:00:05,000\nlost\n\n2\n00:00:06,000 --> 00:00:07,000\nkept\n");
        assert_eq!(said(&transcript), ["? 6000-7000 kept"]);
        assert_eq!(warnings(&transcript), ["2: 1 cue left out for times that are not like 00:01:02,345"]);
        let error = parse(b"1\nxx --> 00:00:05,000\nlost\n", None).unwrap_err();
        assert!(error.line == 2 && error.message.starts_with("no line of times like"), "{error}");
    }

    #[test]
    fn speakers_by_colon_bracket_and_dash() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nAnn Bee: Hello.\n\n2\n00:00:03,000 --> 00:00:05,000\n- Who is it?\n- Me.\n\n\
            3\n00:00:06,000 --> 00:00:07,000\n[Bo] Come in.\n\n4\n00:00:08,000 --> 00:00:09,000\n[laughs] -5 degrees\n\n\
            5\n00:00:10,000 --> 00:00:11,000\n[Bo] Sit down.\n";
        check(
            text,
            Srt,
            &[
                "Ann Bee 1000-2000 Hello.",
                "? ~3000-4500 Who is it?",
                "? ~4500-5000 Me.",
                "Bo 6000-7000 Come in.",
                "? 8000-9000 [laughs] -5 degrees",
                "Bo 10000-11000 Sit down.",
            ],
        );
    }

    #[test]
    fn names_with_comma_and_brackets_recur() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nDoe, Jane (Sales): Hello.\n\n2\n00:00:03,000 --> 00:00:05,000\nDoe, Jane (Sales): Bye.\n";
        check(text, Srt, &["Doe, Jane (Sales) 1000-2000 Hello.", "Doe, Jane (Sales) 3000-5000 Bye."]);
    }

    #[test]
    fn one_cue_without_final_newline() {
        let transcript = read("1\r\n00:00:01,000 --> 00:00:02,000\r\nR&amp;D");
        assert_eq!(transcript.segments[0].text, "R&D");
        assert!(transcript.warnings.is_empty());
    }
}
