//! From the bytes of a file to text.
//!
//! To read a further encoding, add an arm to [`decode`]. Containers are recognised in [`BINARY`] only to be refused with a sentence
//! that says what they are; the one that is read, `.docx`, never comes here.

use crate::{ParseError, Warning};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// First bytes of files that people drop by mistake, and what to call them.
const BINARY: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive or an office document (.docx, .xlsx)"),
    (b"\xD0\xCF\x11\xE0", "an old office document (.doc, .xls)"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "a rich-text document (.rtf)"),
    (b"ID3", "an MP3 recording"),
    (b"\xFF\xFB", "an MP3 recording"),
    (b"\xFF\xF3", "an MP3 recording"),
    (b"\xFF\xF1", "an AAC recording"),
    (b"OggS", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"\x1A\x45\xDF\xA3", "a Matroska or WebM recording"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
    (b"\x28\xB5\x2F\xFD", "a Zstandard archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xFF\xD8\xFF", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7FELF", "a program"),
];

const EXPECTED: &str = "a transcript is text: WebVTT, SRT, JSON or lines of `Speaker: words`";

/// Decodes the bytes of a file: UTF-8 or UTF-16 with or without byte-order mark, otherwise Windows-1252 with a warning that names the
/// first line which was not UTF-8; where most of the file is UTF-8, only the bytes that are not. The byte-order mark is not part of the result; clean UTF-8 is borrowed.
///
/// # Errors
/// A [`ParseError`] that says what the bytes look like when they are no text.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Warning>), ParseError> {
    if let Some((encoding, bom_length)) = Encoding::for_bom(bytes) {
        let bytes = &bytes[bom_length..];
        return if encoding == UTF_8 { decode_utf8(bytes) } else { decode_utf16(bytes, encoding) };
    }
    if let Some(what) = binary_kind(bytes) {
        return Err(ParseError { line: 0, message: format!("this is {what}; {EXPECTED}") });
    }
    match utf16_without_bom(bytes) {
        Some(encoding) => decode_utf16(bytes, encoding),
        None => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Warning>), ParseError> {
    if let Some(position) = memchr::memchr(0, bytes) {
        let message = format!("byte {position} is zero, so this is no text file; {EXPECTED}");
        return Err(ParseError { line: line_of(bytes, position), message });
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((Cow::Borrowed(text), None)),
        Err(error) => error,
    };
    let line = line_of(bytes, error.valid_up_to());
    if control_share(bytes) > 0.02 {
        let message = format!("this is binary data, neither UTF-8 nor any other text; {EXPECTED}");
        return Err(ParseError { line, message });
    }
    if is_mostly_utf8(bytes) {
        let message = "not all of it is UTF-8; the bytes that are not were read as Windows-1252, so check accents and \
                       quotation marks";
        return Ok((Cow::Owned(mend_utf8(bytes)), Some(Warning { line, message: message.to_owned() })));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    let message = "not UTF-8; the file was read as Windows-1252, so check accents and quotation marks".to_owned();
    Ok((text, Some(Warning { line, message })))
}

/// Whether most of the bytes from 0x80 belong to characters in UTF-8: one bad byte must not spoil all others.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let beyond_ascii = |part: &[u8]| part.iter().filter(|byte| !byte.is_ascii()).count();
    let good: usize = bytes.utf8_chunks().map(|chunk| beyond_ascii(chunk.valid().as_bytes())).sum();
    good * 2 > beyond_ascii(bytes)
}

/// UTF-8 whose bad bytes are Windows-1252.
fn mend_utf8(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

fn decode_utf16<'a>(
    bytes: &'a [u8],
    encoding: &'static Encoding,
) -> Result<(Cow<'a, str>, Option<Warning>), ParseError> {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    if let Some(position) = memchr::memchr(0, text.as_bytes()) {
        let line = line_of(text.as_bytes(), position);
        return Err(ParseError { line, message: format!("a zero character, so this is no text file; {EXPECTED}") });
    }
    let warning = malformed.then(|| {
        let position = text.find('\u{FFFD}').unwrap_or(0);
        let message = format!("not valid {}; unreadable characters were replaced by \u{FFFD}", encoding.name());
        Warning { line: line_of(text.as_bytes(), position), message }
    });
    Ok((text, warning))
}

fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    let tagged = |offset: usize, tag: &[u8]| bytes.get(offset..offset + tag.len()) == Some(tag);
    if tagged(0, b"RIFF") && tagged(8, b"WAVE") {
        return Some("a WAV recording");
    }
    if tagged(4, b"ftyp") {
        return Some("an MP4 or M4A recording");
    }
    BINARY.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what)
}

/// Text in Latin script as UTF-16 has a zero in nearly every other byte: in the odd places if little-endian.
fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(512) & !1];
    let pairs = sample.len() / 2;
    if pairs < 2 {
        return None;
    }
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (high_first, low_first) = (zeros(0), zeros(1));
    let most = pairs * 3 / 4;
    match () {
        () if low_first > most && high_first == 0 => Some(UTF_16LE),
        () if high_first > most && low_first == 0 => Some(UTF_16BE),
        () => None,
    }
}

/// Share of control characters that no text has, in the first 4 KiB.
fn control_share(bytes: &[u8]) -> f64 {
    let sample = &bytes[..bytes.len().min(4096)];
    let control = sample.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B));
    control.count() as f64 / sample.len().max(1) as f64
}

/// Line of a byte offset, counted from 1.
fn line_of(bytes: &[u8], position: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &bytes[..position]).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf8_loses_its_byte_order_mark_and_is_borrowed() {
        let (text, warning) = decode("\u{FEFF}Ann: Grüezi".as_bytes()).unwrap();
        assert!(matches!(text, Cow::Borrowed("Ann: Grüezi")) && warning.is_none());
        assert_eq!(decode(b"").unwrap().0, "");
    }

    #[test]
    fn utf16_with_and_without_byte_order_mark() {
        for mark in ["", "\u{FEFF}"] {
            let source = format!("{mark}Ann: Grüezi mitenand.\r\nBo: Hoi.");
            for bytes in [utf16(&source, u16::to_le_bytes), utf16(&source, u16::to_be_bytes)] {
                let (text, warning) = decode(&bytes).unwrap();
                assert_eq!((&*text, warning), ("Ann: Grüezi mitenand.\r\nBo: Hoi.", None));
            }
        }
    }

    #[test]
    fn broken_utf16_is_told() {
        let mut bytes = utf16("\u{FEFF}Ann: a\nBo: b", u16::to_le_bytes);
        bytes.extend([0x00, 0xD8]);
        let (text, warning) = decode(&bytes).unwrap();
        assert_eq!((&*text, warning.unwrap().line), ("Ann: a\nBo: b\u{FFFD}", 2));
    }

    #[test]
    fn windows_1252_is_read_with_a_warning_that_names_the_line() {
        let (text, warning) = decode(b"Ann: plain\nBo: caf\xE9 \x93ol\xE9\x94 5 \x80\n").unwrap();
        assert_eq!(text, "Ann: plain\nBo: café “olé” 5 €\n");
        assert_eq!(warning.unwrap().line, 2);
        let transcript = crate::parse(b"Ann: plain\nBo: caf\xE9\n", None).unwrap();
        assert_eq!(transcript.warnings[0].line, 2);
    }

    #[test]
    fn one_bad_byte_does_not_spoil_the_others() {
        let (text, warning) = decode(b"Ann: Gr\xC3\xBCezi, \xE2\x82\xAC 5\nBo: caf\xE9!\n").unwrap();
        assert_eq!(text, "Ann: Grüezi, € 5\nBo: café!\n");
        let warning = warning.unwrap();
        assert!(warning.line == 2 && warning.message.contains("Windows-1252"), "{warning:?}");
    }

    #[test]
    fn binary_files_are_refused_by_name() {
        for (bytes, what) in [
            (&b"PK\x03\x04rest"[..], "zip archive or an office document"),
            (b"RIFF\x00\x00\x00\x00WAVEfmt ", "WAV recording"),
            (b"\x00\x00\x00\x20ftypM4A ", "MP4 or M4A"),
            (b"OggS\x00\x02", "Ogg recording"),
            (b"%PDF-1.7", "PDF"),
            (b"plain\nwith \x00 zero", "byte 11 is zero"),
            (b"\x01\x02\x03\x90\x91\x04\x05", "binary data"),
        ] {
            let error = decode(bytes).unwrap_err();
            assert!(error.message.contains(what) && error.message.contains("a transcript is text"), "{error}");
        }
        assert_eq!(decode(b"plain\nwith \x00 zero").unwrap_err().line, 2);
    }
}
