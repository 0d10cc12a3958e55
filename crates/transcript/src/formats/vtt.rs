//! `WebVTT` (<https://www.w3.org/TR/webvtt1/>), by the parsing algorithm of its §6.

use super::captions::{self, Caption, Part, push_parts};
use super::lines::{Line, Lines, lf_only};
use super::markup::{Mode, plain, spans};
use super::time::{take_clock, take_number};
use super::{Builder, ParseError, check_count, counted, teams};
use crate::Format;
use std::borrow::Cow;

/// Which times of a cue are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// As W3C says: `[hh:]mm:ss.fff`. A cue with other times is no cue.
    Strict,
    /// Also unpadded times and other fractions (`0:0:5.32`), as some Teams downloads have them.
    Lenient,
}

/// One cue as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue<'a> {
    /// Line of the times, counted from 1.
    pub line: usize,
    /// The identifier above the times, or "".
    pub id: &'a str,
    /// Start in milliseconds.
    pub start_ms: u64,
    /// End in milliseconds; may lie before the start.
    pub end_ms: u64,
    /// The text with its markup; lines are separated by LF.
    pub text: Cow<'a, str>,
}

impl Cue<'_> {
    /// The words without markup, by the W3C tokenizer; line breaks are kept.
    pub fn plain(&self) -> String {
        plain(&self.text, Mode::W3c).into_owned()
    }

    /// The name in the first voice tag.
    pub fn voice(&self) -> Option<String> {
        spans(&self.text, Mode::W3c).into_iter().find_map(|span| span.voice).map(Cow::into_owned)
    }
}

impl Cue<'_> {
    /// The words of each voice.
    pub(super) fn parts(&self, builder: &mut Builder) -> Vec<Part> {
        let spans = spans(&self.text, Mode::Speech).into_iter().filter(|span| !span.text.trim().is_empty());
        spans.map(|span| (span.voice.and_then(|name| builder.speaker(&name)), span.text.into_owned())).collect()
    }
}

/// What a `WebVTT` file is made of.
#[derive(Debug, Default)]
pub struct Cues<'a> {
    /// The cues in the order of the file.
    pub cues: Vec<Cue<'a>>,
    /// Lines with an arrow whose times could not be read; their cues are left out.
    pub bad_timings: Vec<usize>,
}

/// Whether the text begins as `WebVTT` must.
pub(crate) fn has_signature(text: &str) -> bool {
    text.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// Splits a file into its cues; empty if the signature is missing. A byte-order mark must have been removed.
pub fn cues(text: &str, times: Times) -> Cues<'_> {
    let mut found = Cues::default();
    if !has_signature(text) {
        return found;
    }
    let mut lines = Lines::new(text);
    lines.next();
    let mut blocks = Blocks { whole: text, lines, ahead: None, times };
    blocks.advance();
    // The header block: nothing of it is kept, but a cue may follow without a blank line.
    while blocks.take(Kind::Text).is_some() {}
    while blocks.ahead.is_some() {
        while blocks.take(Kind::Blank).is_some() {}
        blocks.read(&mut found);
    }
    found
}

/// What matters about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    /// It contains `-->`, which nothing but a line of times may.
    Arrow,
    Text,
}

struct Blocks<'a> {
    whole: &'a str,
    lines: Lines<'a>,
    /// The next line.
    ahead: Option<(Kind, Line<'a>)>,
    times: Times,
}

impl<'a> Blocks<'a> {
    fn advance(&mut self) {
        self.ahead = self.lines.next().map(|line| {
            let bytes = line.text.as_bytes();
            let is_blank = line.text.is_empty() || self.times == Times::Lenient && line.text.trim().is_empty();
            let has_arrow = || memchr::memchr_iter(b'>', bytes).any(|at| bytes[..at].ends_with(b"--"));
            let kind = match () {
                () if is_blank => Kind::Blank,
                () if has_arrow() => Kind::Arrow,
                () => Kind::Text,
            };
            (kind, line)
        });
    }

    /// The next line if it is of this kind.
    fn take(&mut self, kind: Kind) -> Option<Line<'a>> {
        let (_, line) = self.ahead.filter(|(ahead, _)| *ahead == kind)?;
        self.advance();
        Some(line)
    }

    /// Reads one block: an identifier line or none, a line of times, text until a blank line or the next line of times.
    fn read(&mut self, found: &mut Cues<'a>) {
        let id = self.take(Kind::Text).map_or("", |line| line.text);
        let Some(timing) = self.take(Kind::Arrow) else {
            // NOTE, STYLE, REGION or stray text.
            while self.take(Kind::Text).is_some() {}
            return;
        };
        let first = self.take(Kind::Text);
        let mut last = first;
        while let Some(line) = self.take(Kind::Text) {
            last = Some(line);
        }
        let Some((start_ms, end_ms)) = timings(timing.text, self.times) else {
            found.bad_timings.push(timing.number);
            return;
        };
        let text = first.zip(last).map_or("", |(first, last)| &self.whole[first.start..last.start + last.text.len()]);
        found.cues.push(Cue { line: timing.number, id, start_ms, end_ms, text: lf_only(text) });
    }
}

/// Reads `start --> end settings`.
fn timings(line: &str, times: Times) -> Option<(u64, u64)> {
    let take = match times {
        Times::Strict => take_strict,
        Times::Lenient => take_clock,
    };
    let (start, rest) = take(line.trim_start())?;
    let (end, _) = take(rest.trim_start().strip_prefix("-->")?.trim_start())?;
    Some((start, end))
}

/// W3C's "collect a `WebVTT` timestamp": `[h+:]mm:ss.fff`.
fn take_strict(input: &str) -> Option<(u64, &str)> {
    let two = |input| take_number(input).filter(|(n, rest)| input.len() - rest.len() == 2 && *n < 60);
    let (first, rest) = take_number(input)?;
    let first_is_minutes = input.len() - rest.len() == 2 && first < 60;
    let (second, rest) = two(rest.strip_prefix(':')?)?;
    let (hours, minutes, seconds, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (third, rest) = two(rest)?;
            (first, second, third, rest)
        }
        None if first_is_minutes => (0, first, second, rest),
        None => return None,
    };
    let fraction = rest.strip_prefix('.')?;
    let (ms, rest) = take_number(fraction).filter(|(_, rest)| fraction.len() - rest.len() == 3)?;
    Some((hours.saturating_mul(3_600_000).saturating_add(minutes * 60_000 + seconds * 1000 + ms), rest))
}

/// Reads a `WebVTT` file of any flavour and says in the transcript which one it was.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    if !has_signature(text) {
        return Err(ParseError { line: 1, message: "a WebVTT file begins with a line `WEBVTT`".into() });
    }
    let Cues { cues, bad_timings } = cues(text, Times::Lenient);
    check_count(cues.len())?;
    if let Some(&line) = bad_timings.first() {
        let cues = counted(bad_timings.len(), "cue");
        builder.warn(line, format!("{cues} left out for times that are not like 00:01:02.345"));
    }
    if teams::is_teams(&cues) {
        builder.call().format = Format::TeamsVtt;
        teams::push(&cues, builder);
    } else if cues.iter().any(|cue| memchr::memmem::find(cue.text.as_bytes(), b"<v").is_some()) {
        builder.call().format = Format::Vtt;
        for cue in &cues {
            let parts = cue.parts(builder);
            push_parts(cue.line, (cue.start_ms, cue.end_ms), parts, builder);
        }
    } else {
        let named = captions::push(&cues.iter().map(caption).collect::<Vec<_>>(), builder);
        let numbered = cues.iter().filter(|cue| !cue.id.is_empty() && cue.id.bytes().all(|b| b.is_ascii_digit()));
        let zoom = named && numbered.count() * 2 > cues.len();
        builder.call().format = if zoom { Format::ZoomVtt } else { Format::Vtt };
    }
    Ok(())
}

fn caption<'a>(cue: &'a Cue<'a>) -> Caption<'a> {
    Caption { line: cue.line, start_ms: cue.start_ms, end_ms: cue.end_ms, text: plain(&cue.text, Mode::Speech) }
}

#[cfg(test)]
mod tests {
    use crate::Format::{TeamsVtt, Vtt, ZoomVtt};
    use crate::formats::testing::{check, read, warnings};

    #[test]
    fn voices_settings_comments_styles_and_entities() {
        let text = "WEBVTT - weekly\nKind: captions\n\nNOTE made by hand\nwith care\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\n\
            intro\n00:01.000 --> 00:02.500 align:start position:10%\n<v.loud Ann>R&amp;D costs <b>5&nbsp;%</b> &lt; last year</v>\n\n\
            01:00:03.000 --> 01:00:04.000\n<v Bo><i>Yes</i>,\nI&#39;m sure\n";
        check(text, Vtt, &["Ann 1000-2500 R&D costs 5 % < last year", "Bo 3603000-3604000 Yes, I'm sure"]);
    }

    #[test]
    fn two_voices_in_one_cue_share_its_time_by_their_words() {
        let text = "WEBVTT\n\n00:00.000 --> 00:04.000\n<v Ann>One two three</v> <v Bo>four</v>\n";
        check(text, Vtt, &["Ann ~0-3000 One two three", "Bo ~3000-4000 four"]);
    }

    #[test]
    fn a_smaller_than_sign_in_speech_is_kept() {
        let text = "WEBVTT\n\n00:00.000 --> 00:04.000\nit costs < 5 a month, or <unclosed\n";
        check(text, Vtt, &["? 0-4000 it costs < 5 a month, or <unclosed"]);
    }

    #[test]
    fn zoom_puts_names_before_the_words() {
        let text = "WEBVTT\n\n1\n00:02:24.720 --> 00:02:32.850\nSam Zhao: Shall we start?\n\n2\n00:02:33.000 --> 00:02:35.000\n\
            Note: the demo is at 10:30.\n\n3\n00:02:36.000 --> 00:02:37.000\nSam Zhao: My idea: we wait.\n\n\
            4\n00:02:38.000 --> 00:02:39.000\n10:30 works.\n\n5\n00:02:40.000 --> 00:02:41.000\nkev: Fine.\n\n6\n00:02:42.000 --> 00:02:43.000\nkev: Bye.\n";
        check(
            text,
            ZoomVtt,
            &[
                "Sam Zhao 144720-152850 Shall we start?",
                "? 153000-155000 Note: the demo is at 10:30.",
                "Sam Zhao 156000-157000 My idea: we wait.",
                "? 158000-159000 10:30 works.",
                "kev 160000-161000 Fine.",
                "kev 162000-163000 Bye.",
            ],
        );
    }

    #[test]
    fn teams_utterances_are_joined_from_their_parts() {
        let id = "8c1f3d0a-1b2c-4d5e-8f90-a1b2c3d4e5f6";
        let text = format!(
            "WEBVTT\r\n\r\n{id}/12-0\r\n00:00:03.100 --> 00:00:06.400\r\n<v Doe, Jane [NA]>Good morning\r\neveryone.</v>\r\n\r\n\
             {id}/13-0\r\n0:0:5.320 --> 0:0:7.0\r\n<v Bo Li>Hi.</v>\r\n\r\n\
             {id}/12-1\r\n0:0:6.4 --> 0:0:8.25\r\n<v Doe, Jane [NA]>Shall we?</v>\r\n"
        );
        check(&text, TeamsVtt, &["Doe, Jane [NA] 3100-8250 Good morning everyone. Shall we?", "Bo Li 5320-7000 Hi."]);
    }

    #[test]
    fn cues_with_unreadable_times_are_left_out_aloud() {
        let transcript = read("WEBVTT\n\nsoon --> later\nlost\n\n00:01.000 --> 00:02.000\nkept\n");
        assert_eq!(warnings(&transcript), ["3: 1 cue left out for times that are not like 00:01:02.345"]);
    }

    #[test]
    fn backwards_negative_empty_and_zero_length_cues_are_mended() {
        let transcript = read(
            "WEBVTT\n\n00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:03.000\nearlier\n\n00:02.000 --> 00:01.000\nnegative\n\n\
             00:04.000 --> 00:04.000\n\n00:07.000 --> 00:07.000\nno length",
        );
        assert_eq!(
            crate::formats::testing::said(&transcript),
            ["? 1000-3000 earlier", "? 2000-2000 negative", "? 5000-6000 later", "? 7000-7000 no length"]
        );
        assert_eq!(
            warnings(&transcript),
            [
                "12: 1 segment without words left out",
                "9: 1 segment ending before the start; taken as zero long",
                "6: 1 segment starting before the one above; sorted by start",
            ]
        );
    }

    #[test]
    fn long_meetings_and_absurd_times() {
        check("WEBVTT\n\n30:00:00.000 --> 120:00:00.500\nstill here\n", Vtt, &["? 108000000-432000500 still here"]);
        let transcript = read("WEBVTT\n\n99999999999999999999:00:00.000 --> 99999999999999999999:00:01.000\nhello\n");
        assert_eq!(transcript.segments[0].start_ms, None);
        assert_eq!(warnings(&transcript), ["3: 1 segment with a time beyond 139 years; the time was left out"]);
    }

    #[test]
    fn right_to_left_names_tabs_and_a_change_mark() {
        check("WEBVTT\n\n00:00.000 --> 00:01.000\nדנה: שלום\tלכולם\n", Vtt, &["דנה 0-1000 שלום לכולם"]);
        let text = "WEBVTT\n\n00:00.000 --> 00:02.000\n&gt;&gt; Ann: Hello.\n\n00:02.000 --> 00:03.000\nI go on.\n\n\
            00:04.000 --> 00:06.000\nOne. >> Two.\n";
        check(text, Vtt, &["Ann 0-2000 Hello.", "Ann 2000-3000 I go on.", "Ann ~4000-5000 One.", "? ~5000-6000 Two."]);
    }

    #[test]
    fn odd_names_in_voice_tags_and_overlapping_cues() {
        let text = "WEBVTT\n\n00:00.000 --> 00:05.000\n<v Acme: Doe, Jane (Sales) [NA]>One.</v>\n\n\
            00:02.000 --> 00:03.000\n<v محمد علي>Two.</v>\n\n00:02.000 --> 00:09.000\n<v Acme: Doe, Jane (Sales) [NA]>Three.</v>\n";
        let expected = [
            "Acme: Doe, Jane (Sales) [NA] 0-5000 One.",
            "محمد علي 2000-3000 Two.",
            "Acme: Doe, Jane (Sales) [NA] 2000-9000 Three.",
        ];
        check(text, Vtt, &expected);
        assert!(read(text).warnings.is_empty());
    }

    #[test]
    fn a_transcribers_credit_is_kept_and_told() {
        let transcript = read("WEBVTT\n\n00:00.000 --> 00:01.000\nTranscribed by Some Body\n");
        assert_eq!(transcript.segments.len(), 1);
        assert_eq!(warnings(&transcript), ["3: 1 segment that may be a transcriber's credit and no speech; kept"]);
    }
}
