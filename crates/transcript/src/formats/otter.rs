//! The text that Otter exports: blocks of a header `Ann Bee  0:03` and the words below it, between blank lines.

use super::lines::{Line, Lines};
use super::time::take_clock;
use super::{Builder, Found, ParseError, check_count, counted};

/// How the line begins that Otter puts at the end.
const NOTICE: &str = "transcribed by http";
/// Headings of the summary that Otter may put before the first words.
const KEYWORDS: &str = "SUMMARY KEYWORDS";
const SPEAKERS: &str = "SPEAKERS";
/// Longest name in a header, in bytes: sixty characters of any script.
const MAX_NAME: usize = 240;

/// Name, perhaps empty, and start of a header: two spaces and a clock at the end of the line, or the clock alone.
fn header(line: &str) -> Option<(&str, u64)> {
    let line = line.trim();
    let (name, clock) = match line.rsplit_once("  ") {
        Some((name, clock)) => (name.trim_end(), clock),
        None => ("", line),
    };
    let (start_ms, rest) = take_clock(clock.trim())?;
    let is_name = name.len() <= MAX_NAME && !name.ends_with(['.', '?', '!', ',', ':']) && take_clock(name).is_none();
    (rest.is_empty() && is_name).then_some((name, start_ms))
}

fn is_notice(line: &str) -> bool {
    line.trim().get(..NOTICE.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(NOTICE))
}

/// The lines with something on them, and whether each begins a block.
fn lines(text: &str) -> impl Iterator<Item = (Line<'_>, bool)> {
    let mut begins = true;
    Lines::new(text).filter_map(move |line| {
        let is_blank = line.text.trim().is_empty();
        let given = (!is_blank).then_some((line, begins));
        begins = is_blank;
        given
    })
}

/// Whether most blocks begin with a header, at least one of which has a name.
pub(super) fn is_otter(text: &str) -> bool {
    /// Blocks looked at.
    const SAMPLE: usize = 200;
    let (mut blocks, mut headers, mut named) = (0, 0, 0);
    let firsts = lines(text).filter(|(line, begins)| *begins && !is_notice(line.text)).map(|(line, _)| line.text);
    // The summary is no dialogue, however short the dialogue is.
    let firsts = firsts.filter(|line| !matches!(line.trim(), KEYWORDS | SPEAKERS));
    for line in firsts.take(SAMPLE) {
        blocks += 1;
        if let Some((name, _)) = header(line) {
            headers += 1;
            named += usize::from(!name.is_empty());
        }
    }
    named > 0 && headers * 2 > blocks
}

/// Reads Otter's text. Headers have starts only; a name may be missing in them.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let mut said: Vec<(usize, Found)> = Vec::new();
    let mut head: Vec<Line<'_>> = Vec::new();
    for (line, begins) in lines(text) {
        if let Some((name, start_ms)) = header(line.text).filter(|_| begins) {
            check_count(said.len())?;
            let speaker = builder.speaker(name);
            said.push((line.number, Found { speaker, start_ms: Some(start_ms), ..Found::default() }));
            continue;
        }
        if begins && is_notice(line.text) {
            builder.warn(line.number, "1 line of the exporting program left out");
            continue;
        }
        match said.last_mut() {
            Some((_, found)) => {
                found.text.push(' ');
                found.text.push_str(line.text);
            }
            None => head.push(line),
        }
    }
    if said.is_empty() {
        let message = "no line like `Ann Bee  0:03` (a name, two spaces, a time) begins a block; expected one above what each says";
        let line = head.first().map_or(1, |line| line.number);
        return Err(ParseError { line, message: message.to_owned() });
    }
    read_head(&head, builder);
    for (line, found) in said {
        builder.push(line, found);
    }
    Ok(())
}

/// Takes the title and those who spoke from what stands above the first header, and tells that it is left out.
fn read_head(head: &[Line<'_>], builder: &mut Builder) {
    let Some(first) = head.first() else { return };
    let title = first.text.trim();
    if title != KEYWORDS && title != SPEAKERS {
        builder.call().title = Some(title.to_owned());
    }
    builder.warn(first.number, format!("{} before the first speaker left out", counted(head.len(), "line")));
}

#[cfg(test)]
mod tests {
    use crate::Format::{self, OtterText};
    use crate::formats::testing::{check, read, said, warnings};
    use crate::parse;

    #[test]
    fn headers_have_starts_and_perhaps_names() {
        let text = "Ann Bee  0:03  \nHello everyone.\n\nUnknown Speaker  1:02:11  \nYes.\n\n1:02:20  \nNo.\n\nTranscribed by https://otter.ai";
        check(
            text,
            OtterText,
            &[
                "Ann Bee ~3000-3731000 Hello everyone.",
                "Unknown Speaker ~3731000-3740000 Yes.",
                "? ~3740000-3740375 No.",
            ],
        );
        assert_eq!(warnings(&read(text)), ["10: 1 line of the exporting program left out"]);
    }

    #[test]
    fn what_stands_in_speech_is_no_name() {
        check(
            "kev  0:00\nAnn: that is what she said.\nMeet me at  10:30\nNote: fine\n\nMaria Gomez  0:09\nI see.\n\nStill me.\n",
            OtterText,
            &[
                "kev ~0-9000 Ann: that is what she said. Meet me at 10:30 Note: fine",
                "Maria Gomez ~9000-10500 I see. Still me.",
            ],
        );
    }

    #[test]
    fn the_summary_above_is_left_out() {
        let text = "Pricing call\nMon, Nov 2, 2026 10:00AM • 54:57\n\nSUMMARY KEYWORDS\nprice, offer\n\nSPEAKERS\nBo, Ann Bee\n\n\
            Ann Bee  00:00\nHello.\n\nBo  00:04\nHi.\n\nAnn Bee  00:06\nSo.\n";
        let transcript = read(text);
        assert_eq!(said(&transcript), ["Ann Bee ~0-4000 Hello.", "Bo ~4000-6000 Hi.", "Ann Bee ~6000-6375 So."]);
        assert_eq!((transcript.format, transcript.title.as_deref()), (OtterText, Some("Pricing call")));
        assert_eq!(warnings(&transcript), ["1: 6 lines before the first speaker left out"]);
    }

    #[test]
    fn other_text_is_not_otters() {
        for text in [
            "Jane Doe started transcription\nJane Doe   0:03\nMorning.\nBo Li   1:00:05\nYes.\n",
            "0:03\nhello everyone\n\n0:07\ntoday we talk\n",
            "Ann: we meet at\n\nBo: see you\n",
        ] {
            assert_eq!(read(text).format, Format::Text, "{text}");
        }
    }

    #[test]
    fn text_without_headers_is_refused_with_what_was_expected() {
        let error = parse(b"\nAnn: Hello.\n", Some(OtterText)).unwrap_err();
        assert!(error.line == 2 && error.message.contains("expected"), "{error}");
    }
}
