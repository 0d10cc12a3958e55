//! From the bytes of a file to text.
//!
//! To read a further encoding, add an arm to [`decode`]. Containers are recognised in [`BINARY`] only to be refused with a sentence
//! that says what they are; the one that is read, `.docx`, never comes here.

use crate::{ParseError, Warning};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
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

/// Decodes the bytes of a file: UTF-8 or UTF-16 with or without byte-order mark, otherwise GB18030 where that gives Chinese, otherwise
/// Windows-1252, both with a warning that names the first line which was not UTF-8; where most of the file is UTF-8, only the bytes
/// that are not. The byte-order mark is not part of the result; clean UTF-8 is borrowed.
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
    if is_gb18030(bytes) {
        let (text, _) = GB18030.decode_without_bom_handling(bytes);
        let message = "not UTF-8; the file was read as GB18030, so check the characters".to_owned();
        return Ok((text, Some(Warning { line, message })));
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

/// Whether bytes that are not UTF-8 are rather Chinese in GB18030 than anything in Windows-1252.
///
/// In GB 2312, the core of GB18030, the 3,755 common characters have first bytes B0 to D7, punctuation and wide Latin A1 and A3, and
/// second bytes from A1. In Western text a byte from 0x80 mostly stands beside ASCII letters, which makes it a rare character or none;
/// so do Cyrillic and Greek, whose small letters are bytes from E0. Korean (EUC-KR) has its syllables in B0 to C8 only.
fn is_gb18030(bytes: &[u8]) -> bool {
    let (mut all, mut bad, mut common, mut hanzi, mut beyond_korean) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| !byte.is_ascii()) {
        rest = &rest[at..];
        all += 1;
        let length = match *rest {
            [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, ..] => 4,
            [first @ 0x81..=0xFE, second @ (0x40..=0x7E | 0x80..=0xFE), ..] => {
                let core = second >= 0xA1;
                hanzi += usize::from(core && matches!(first, 0xB0..=0xD7));
                beyond_korean += usize::from(core && matches!(first, 0xC9..=0xD7));
                common += usize::from(core && matches!(first, 0xA1 | 0xA3 | 0xB0..=0xD7));
                2
            }
            _ => {
                bad += 1;
                1
            }
        };
        rest = &rest[length..];
    }
    let is_korean = hanzi >= 10 && beyond_korean * 20 < hanzi;
    hanzi >= 2 && common * 10 >= all * 6 && bad * 50 <= all && !is_korean
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
    fn chinese_in_gb18030_is_read_with_a_warning_that_names_the_line() {
        for text in [
            "Ann: plain\n李雷：你好，我是李雷！\n",
            "Ann: plain\n韩梅梅：我们下周三上午十点再谈价格，可以吗？\nAnn: OK.\n",
            "{\"segments\":[\n{\"text\":\"这个方案的价格太高了，𠀀我们需要考虑。\"}]}",
        ] {
            let (bytes, _, unmappable) = GB18030.encode(text);
            assert!(!unmappable && std::str::from_utf8(&bytes).is_err());
            let (decoded, warning) = decode(&bytes).unwrap();
            assert_eq!(decoded, text);
            let warning = warning.unwrap();
            assert!(warning.line == 2 && warning.message.contains("GB18030"), "{warning:?}");
            // A file cut within its last character is still Chinese.
            let long = bytes.repeat(10);
            let cut = &long[..long.len() - long.iter().rev().position(|byte| *byte >= 0xA1).unwrap() - 1];
            assert!(decode(cut).unwrap().0.starts_with(text), "{text}");
        }
    }

    #[test]
    fn other_scripts_are_not_taken_for_chinese() {
        use encoding_rs::{EUC_KR, SHIFT_JIS, WINDOWS_1251, WINDOWS_1253};
        for (encoding, text) in [
            (WINDOWS_1252, "José: ¿Cuánto cuesta el año próximo? ¡Qué pena!"),
            (WINDOWS_1252, "Jürgen: Größe und Maß, ÄÖÜ, schöne Grüße aus Köln."),
            (WINDOWS_1252, "Zoé: Où çà ? « Très » — déjà… l’été, “naïf” œuvre."),
            (WINDOWS_1252, "Ann: £5, €7 … – ok"),
            (WINDOWS_1252, "É"),
            (WINDOWS_1251, "Анна: Здравствуйте, сколько это стоит? Давайте обсудим ВСЁ завтра."),
            (WINDOWS_1253, "Άννα: Καλημέρα, πόσο κοστίζει αυτό; Ας το συζητήσουμε."),
            (EUC_KR, "안나: 안녕하세요, 다음 주에 가격을 다시 이야기합시다."),
            (SHIFT_JIS, "アンナ：こんにちは、来週もう一度お話ししましょう。"),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            let (decoded, warning) = decode(&bytes).unwrap();
            assert!(warning.unwrap().message.contains("Windows-1252"), "{text} became {decoded}");
            if encoding == WINDOWS_1252 {
                assert_eq!(decoded, text);
            }
        }
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
