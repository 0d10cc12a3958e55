//! The file formats, one file each, and the detection by content.
//!
//! To add a format: a file here with `pub(crate) fn parse(text, &mut Builder) -> Result<(), ParseError>`, a variant of [`Format`],
//! an arm in `detect` (for JSON a row in `json_shape`) and one in [`parse_text`]; then a sample in `tests/it/samples.rs`, which
//! the tests of properties and round trips take up, and a line in `tests/it/fuzz.rs`.

mod aws;
mod builder;
mod captions;
mod deepgram;
mod docx;
mod fireflies;
mod gong;
mod guard;
mod json;
mod json_shape;
mod labels;
mod lines;
pub(crate) mod markup;
mod meet;
mod otter;
mod scalar;
pub mod srt;
mod table;
mod table_columns;
mod teams;
#[cfg(test)]
mod testing;
mod text;
mod text_line;
mod time;
pub mod vtt;
mod whisper;

pub use builder::{Builder, Found};
use builder::{MAX_SEGMENTS, MS_PER_WORD, check_count, counted};

use crate::Transcript;
use serde::{Deserialize, Serialize};

/// A transcript format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// W3C WebVTT.
    Vtt,
    /// WebVTT as Zoom writes it: numbered cues, `Name: ` before the words.
    ZoomVtt,
    /// WebVTT as Microsoft Teams writes it: `<guid>/<utterance>-<part>` ids and voice tags.
    TeamsVtt,
    /// SubRip.
    Srt,
    /// Gong's transcript response, alone or in a bundle with parties and meta data.
    GongJson,
    /// Deepgram's pre-recorded response.
    DeepgramJson,
    /// Whisper's and WhisperX's segments.
    WhisperJson,
    /// whisper.cpp's `transcription` list.
    WhisperCppJson,
    /// The result of a job of AWS Transcribe.
    AwsTranscribeJson,
    /// Fireflies' transcript as its GraphQL interface answers, alone, or as the list of its sentences.
    FirefliesJson,
    /// Sideline's own: a list of `{speaker, start_ms, end_ms, text}`, alone or in an object with participants.
    Json,
    /// The text that Otter exports.
    OtterText,
    /// The transcript document of Google Meet as text.
    MeetText,
    /// A table (CSV, TSV) with a header that names speakers, times and words.
    Csv,
    /// An office document, whose paragraphs are read as whichever text they are.
    Docx,
    /// `Speaker: text` lines with or without times.
    Text,
}

impl Format {
    /// The name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vtt => "vtt",
            Self::ZoomVtt => "zoom_vtt",
            Self::TeamsVtt => "teams_vtt",
            Self::Srt => "srt",
            Self::GongJson => "gong_json",
            Self::DeepgramJson => "deepgram_json",
            Self::WhisperJson => "whisper_json",
            Self::WhisperCppJson => "whisper_cpp_json",
            Self::AwsTranscribeJson => "aws_transcribe_json",
            Self::FirefliesJson => "fireflies_json",
            Self::Json => "json",
            Self::OtterText => "otter_text",
            Self::MeetText => "meet_text",
            Self::Csv => "csv",
            Self::Docx => "docx",
            Self::Text => "text",
        }
    }
}

/// Why a file could not be read at all. The caller adds the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if *line > 0 { format!("line {line}: ") } else { String::new() })]
pub struct ParseError {
    /// Line, counted from 1; 0 where no line can be named.
    pub line: usize,
    /// What was found and what was expected, as a sentence.
    pub message: String,
}

/// Reads a transcript from the bytes of a file. `hint` skips detection.
///
/// # Errors
/// A [`ParseError`] with line and expectation when the content is no transcript.
pub fn parse(bytes: &[u8], hint: Option<Format>) -> Result<Transcript, ParseError> {
    if hint == Some(Format::Docx) || hint.is_none() && docx::is_zip(bytes) {
        let mut transcript = parse_text(&docx::text(bytes)?, None)?;
        transcript.format = Format::Docx;
        return Ok(transcript);
    }
    let (text, encoding_warning) = crate::decode(bytes)?;
    let mut transcript = parse_text(&text, hint)?;
    if let Some(warning) = encoding_warning {
        transcript.warnings.insert(0, warning);
    }
    Ok(transcript)
}

/// The same for text that is decoded already.
///
/// # Errors
/// As [`parse`].
pub fn parse_text(text: &str, hint: Option<Format>) -> Result<Transcript, ParseError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let format = match hint {
        Some(format) => format,
        None => detect(text)?,
    };
    let mut builder = Builder::new(format);
    let read = match format {
        Format::Vtt | Format::ZoomVtt | Format::TeamsVtt => vtt::parse,
        Format::Srt => srt::parse,
        Format::GongJson => gong::parse,
        Format::DeepgramJson => deepgram::parse,
        Format::WhisperJson => whisper::parse,
        Format::WhisperCppJson => whisper::parse_cpp,
        Format::AwsTranscribeJson => aws::parse,
        Format::FirefliesJson => fireflies::parse,
        Format::Json => json::parse,
        Format::OtterText => otter::parse,
        Format::MeetText => meet::parse,
        Format::Csv => table::parse,
        Format::Docx => return Err(ParseError { line: 0, message: docx::NO_TEXT.to_owned() }),
        Format::Text => text::parse,
    };
    read(text, &mut builder)?;
    builder.finish()
}

/// Delimiter of a table that begins with a header of the usual names, and where its rows begin.
pub(crate) fn table_head(text: &str) -> Option<(u8, usize)> {
    table_columns::Columns::find(text).ok().map(|columns| (columns.delimiter, columns.body))
}

/// The format of a text, by its content alone.
fn detect(text: &str) -> Result<Format, ParseError> {
    if let Some(what) = json_shape::lone_scalar(text) {
        let message = format!("this is {what}; {}", json_shape::EXPECTED);
        return Err(ParseError { line: 1, message });
    }
    if json_shape::looks_like_json(text) {
        return json_shape::detect(text);
    }
    Ok(match () {
        () if vtt::has_signature(text) => Format::Vtt,
        () if srt::begins(text) => Format::Srt,
        () if table::is_table(text) => Format::Csv,
        () => {
            guard::check(text)?;
            text_kind(text)
        }
    })
}

/// Who wrote a text in which people speak.
fn text_kind(text: &str) -> Format {
    match () {
        () if otter::is_otter(text) => Format::OtterText,
        () if meet::is_meet(text) => Format::MeetText,
        () => Format::Text,
    }
}

/// Deserialises JSON; an error names the line. Every object costs memory, however short it is, so their number is limited.
fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ParseError> {
    check_count(memchr::memchr_iter(b'{', text.as_bytes()).count())?;
    serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let message = if error.is_eof() {
            "the file breaks off here, before its JSON ends; was it copied or downloaded in full?".to_owned()
        } else {
            format!("the JSON cannot be read: {what}")
        };
        ParseError { line: error.line(), message }
    })
}
