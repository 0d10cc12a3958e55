//! Which columns of a table hold what, by the usual names.

use super::ParseError;
use super::lines::Lines;

const TEXT: &[&str] = &[
    "text",
    "transcript",
    "utterance",
    "sentence",
    "content",
    "message",
    "words",
    "speech",
    "caption",
    "transcription",
    "transcript_text",
    "utterance_text",
];
const SPEAKER: &[&str] = &[
    "speaker",
    "speaker_name",
    "speaker_label",
    "participant",
    "participant_name",
    "name",
    "display_name",
    "author",
    "sender",
    "who",
    "user",
    "user_name",
    "speaker_role",
    "role",
    "speaker_id",
    "channel",
];
const START: &[&str] = &[
    "start",
    "start_time",
    "begin",
    "begin_time",
    "timestamp",
    "time_stamp",
    "start_timestamp",
    "start_offset",
    "begin_offset",
    "offset",
    "timecode",
    "time",
    "in",
];
const END: &[&str] = &["end", "end_time", "stop", "stop_time", "finish", "end_timestamp", "end_offset", "out"];
const DURATION: &[&str] = &["duration", "length"];
const CALL: &[&str] = &[
    "call_id",
    "conversation_id",
    "meeting_id",
    "transcript_id",
    "dialogue_id",
    "dialog_id",
    "session_id",
    "recording_id",
    "interaction_id",
];
/// How headers name units, behind the name.
const MS: &[&str] = &["_ms", "_msec", "_millis", "_milliseconds"];
const SECONDS: &[&str] = &["_s", "_sec", "_secs", "_second", "_seconds"];

const EXPECTED: &str =
    "expected a table whose header names a column of words (`text`) and one of names (`speaker`) or times (`start`)";

/// What a number in a column of times counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Unknown,
    Ms,
    Seconds,
    EpochMs,
    EpochSeconds,
}

/// The columns of a table, counted from 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub delimiter: u8,
    /// Byte at which the rows begin.
    pub body: usize,
    /// Number of columns.
    pub count: usize,
    pub text: usize,
    pub speaker: Option<usize>,
    pub start: Option<(usize, Unit)>,
    pub end: Option<(usize, Unit)>,
    pub duration: Option<(usize, Unit)>,
    /// Id of the call that a row belongs to.
    pub call: Option<usize>,
}

impl Columns {
    /// Finds the header in the first line with something on it; a line `sep=;`, which is Excel's, may stand above.
    ///
    /// # Errors
    /// If that line names no column of words, or neither of names nor of times.
    pub(super) fn find(text: &str) -> Result<Self, ParseError> {
        /// A longer line is no header.
        const MAX_HEADER: usize = 4096;
        let mut lines = Lines::new(text);
        let mut only = None;
        loop {
            let Some(line) = lines.next() else {
                return Err(ParseError { line: 1, message: format!("the file is empty; {EXPECTED}") });
            };
            let header = line.text.trim();
            if let Some(&[delimiter]) = header.strip_prefix("sep=").map(str::as_bytes).filter(|_| only.is_none()) {
                only = Some(delimiter).filter(u8::is_ascii);
            } else if !header.is_empty() {
                let delimiters = only.map_or(vec![b',', b';', b'\t', b'|'], |only| vec![only]);
                let mut sought = delimiters.into_iter().filter(|_| header.len() <= MAX_HEADER);
                let found = sought.find_map(|delimiter| Self::of(line.text, delimiter, lines.position));
                return found.ok_or_else(|| {
                    let message = format!("the first line names no such columns; {EXPECTED}");
                    ParseError { line: line.number, message }
                });
            }
        }
    }

    fn of(header: &str, delimiter: u8, body: usize) -> Option<Self> {
        let mut reader =
            ::csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(header.as_bytes());
        let record = reader.records().next()?.ok()?;
        let names: Vec<(String, Unit)> = record.iter().map(name).collect();
        // Names earlier in a list are surer.
        let find = |known: &[&str]| known.iter().find_map(|known| names.iter().position(|(name, _)| name == known));
        let timed = |known: &[&str]| find(known).map(|column| (column, names[column].1));
        let columns = Self {
            delimiter,
            body,
            count: names.len(),
            text: find(TEXT)?,
            speaker: find(SPEAKER),
            start: timed(START),
            end: timed(END),
            duration: timed(DURATION),
            call: find(CALL),
        };
        (columns.speaker.is_some() || columns.start.is_some()).then_some(columns)
    }
}

/// `Start Time (ms)` and `startTimeMs` as `start_time`, and the unit behind it.
fn name(header: &str) -> (String, Unit) {
    let mut name = String::new();
    let mut after_lower = false;
    for c in header.trim().chars() {
        let begins_word = c.is_uppercase() && after_lower || !c.is_alphanumeric();
        if begins_word && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    let name = name.trim_end_matches('_');
    let unit = |suffixes: &[&str], unit: Unit| {
        let stem = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix))?;
        Some((stem.strip_suffix("_in").unwrap_or(stem).to_owned(), unit))
    };
    unit(MS, Unit::Ms).or_else(|| unit(SECONDS, Unit::Seconds)).unwrap_or_else(|| (name.to_owned(), Unit::Unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_in_any_spelling() {
        for (header, expected, unit) in [
            ("Start Time (ms)", "start_time", Unit::Ms),
            ("startTimeMs", "start_time", Unit::Ms),
            ("START_TIME", "start_time", Unit::Unknown),
            (" Start (s) ", "start", Unit::Seconds),
            ("start in seconds", "start", Unit::Seconds),
            ("Speaker Name", "speaker_name", Unit::Unknown),
            ("words", "words", Unit::Unknown),
        ] {
            assert_eq!(name(header), (expected.to_owned(), unit), "{header}");
        }
    }

    #[test]
    fn surer_names_come_first() {
        let columns = Columns::find("role,name,time,start,content,text\n").unwrap();
        assert_eq!((columns.speaker, columns.start, columns.text), (Some(1), Some((3, Unit::Unknown)), 5));
        assert_eq!((columns.count, columns.body), (6, 34));
    }
}
