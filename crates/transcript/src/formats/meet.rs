//! The document that Google Meet writes, as text: a title, who attended, the heading `Transcript`, and blocks of lines
//! `Ann Bee: words` under a time. Notes that Gemini puts above the heading are no speech.

use super::labels::candidate;
use super::lines::Lines;
use super::text::{Known, read};
use super::time::take_clock;
use super::{Builder, ParseError};

/// How the last line begins, before the length of the transcript.
const ENDED: &str = "transcription ended after ";
/// Headings above the names of those who attended.
const ATTENDEES: &[&str] = &["attendees", "invited"];
const HEADING: &str = "transcript";

/// What a document of Meet tells beside what is said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Frame<'a> {
    /// Line of the heading `Transcript`, or 0.
    heading: usize,
    /// The line of names under `Attendees`, with its number.
    attendees: Option<(usize, &'a str)>,
    /// Whether a line of the head ends in "- Transcript".
    titled: bool,
    /// Times that stand alone on a line.
    times: usize,
    /// The length that the last line tells.
    ended_ms: Option<u64>,
    /// Line of the first words with a name under a heading or time.
    first_named: usize,
}

/// A line without the marks of headings, lists and bold type.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '#' | '*' | '_' | ':' | '\\'))
}

fn frame(text: &str) -> Frame<'_> {
    let mut frame = Frame::default();
    let mut names_follow = false;
    for line in Lines::new(text) {
        let bare = bare(line.text);
        if bare.is_empty() {
            continue;
        }
        if std::mem::take(&mut names_follow) {
            frame.attendees = Some((line.number, bare));
        }
        let in_head = frame.times == 0 && frame.heading == 0;
        if in_head && ATTENDEES.iter().any(|heading| bare.eq_ignore_ascii_case(heading)) {
            names_follow = true;
        } else if frame.heading == 0 && bare.eq_ignore_ascii_case(HEADING) {
            frame.heading = line.number;
            frame.first_named = 0;
        } else if take_clock(bare).is_some_and(|(_, rest)| rest.is_empty()) {
            frame.times += 1;
        } else if let Some(rest) = bare.get(..ENDED.len()).filter(|begin| begin.eq_ignore_ascii_case(ENDED)) {
            frame.ended_ms = take_clock(&bare[rest.len()..]).map(|(ms, _)| ms);
        } else if frame.first_named == 0 && candidate(line.text).is_some() {
            frame.first_named = line.number;
        } else if in_head {
            frame.titled |= bare.rsplit_once(" - ").is_some_and(|(_, end)| end.eq_ignore_ascii_case(HEADING));
        }
    }
    frame
}

/// Whether a text has the parts of Meet's document: names before a colon, and two of heading, attendees, title, times and end.
pub(super) fn is_meet(text: &str) -> bool {
    let frame = frame(text);
    let marks = [frame.heading > 0, frame.attendees.is_some(), frame.titled, frame.times > 0, frame.ended_ms.is_some()];
    let below = frame.first_named > frame.heading;
    below
        && (frame.heading > 0 || frame.titled || frame.ended_ms.is_some())
        && marks.iter().filter(|mark| **mark).count() > 1
}

/// Reads Meet's document. Only blocks have times, which what is said in them shares by its words.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let frame = frame(text);
    if frame.first_named == 0 {
        let message = "nobody speaks in this; expected lines like `Ann Bee: Hello.` below the heading `Transcript`";
        return Err(ParseError { line: frame.heading.max(1), message: message.to_owned() });
    }
    let attendees = frame.attendees.filter(|(line, _)| *line < frame.first_named);
    let names: Vec<&str> = attendees.map_or("", |(_, names)| names).split(',').map(str::trim).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    read(text, &Known { names: &names, end_ms: frame.ended_ms }, builder)?;
    for name in names {
        builder.speaker(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Format::{self, MeetText};
    use crate::formats::testing::{check, read, said, warnings};
    use crate::parse;

    const DOCUMENT: &str = "Weekly - 2026/11/02 10:00 CET - Transcript\nAttendees\nAnn Bee, Carl Dee, Silent Sue\nTranscript\n00:00:00\n\
         Ann Bee: One two three.\nCarl Dee: Four.\n00:01:04\nAnn Bee: Five.\nTranscription ended after 00:32:10\n";

    #[test]
    fn blocks_share_their_time_by_words() {
        let transcript = read(DOCUMENT);
        assert_eq!(
            said(&transcript),
            ["Ann Bee ~0-48000 One two three.", "Carl Dee ~48000-64000 Four.", "Ann Bee ~64000-64375 Five."]
        );
        assert_eq!(transcript.format, MeetText);
        assert_eq!(transcript.title.as_deref(), Some("Weekly - 2026/11/02 10:00 CET - Transcript"));
        assert_eq!(
            warnings(&transcript),
            ["1: 4 lines before the first speaker left out", "10: 1 line of the exporting program left out"]
        );
    }

    #[test]
    fn who_attended_is_in_the_call_and_known_by_name() {
        let names = |text: &str| -> Vec<String> { read(text).participants.into_iter().map(|p| p.name).collect() };
        assert_eq!(names(DOCUMENT), ["Ann Bee", "Carl Dee", "Silent Sue"]);
        // A name of a shape that is not believed elsewhere, said once in a long file.
        let lines = "Ann Bee: A line.\n".repeat(30);
        let text = format!(
            "Sync - Transcript\nAttendees\nAnn Bee, x1 mobile\nTranscript\n00:00:00\n{lines}x1 mobile: Hello.\nmaybe so: no.\n"
        );
        assert_eq!(names(&text), ["Ann Bee", "x1 mobile"]);
        assert!(said(&read(&text)).last().unwrap().ends_with("Hello. maybe so: no."));
    }

    #[test]
    fn the_end_bounds_the_last_block() {
        let text = DOCUMENT.replace("Five.", "Five six seven eight nine ten.").replace("00:32:10", "00:01:05");
        assert_eq!(said(&read(&text))[2], "Ann Bee ~64000-65000 Five six seven eight nine ten.");
    }

    #[test]
    fn notes_above_the_heading_are_dropped() {
        let text = "# Weekly\n\n### Summary\nAnn Bee: will send the offer\n\n### Transcript\n\n### 00:00:53\n**Ann Bee:** Hello.\n\
            **Ann Bee's Presentation:** Music.\n**Carl Dee:** Hi.\n";
        check(
            text,
            MeetText,
            &["Ann Bee ~53000-53375 Hello.", "Ann Bee's Presentation ~53375-53750 Music.", "Carl Dee ~53750-54125 Hi."],
        );
    }

    #[test]
    fn other_text_is_not_meets() {
        for text in [
            "Ann: Hello.\nBo: Hi.\n",
            "Weekly\n\n[00:01:02] Ann: Hello.\n00:02:00\nBo: Hi.\n",
            "Transcript\nAnn: Hello.\nBo: Hi.\n",
        ] {
            assert_eq!(read(text).format, Format::Text, "{text}");
        }
    }

    #[test]
    fn a_document_in_which_nobody_speaks_is_refused() {
        let error = parse(b"Weekly - Transcript\n\nTranscript\n00:00:00\n", Some(MeetText)).unwrap_err();
        assert!(error.line == 3 && error.message.contains("expected"), "{error}");
    }
}
