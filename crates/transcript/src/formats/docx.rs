//! Office documents (`.docx`) as Teams, Zoom and Google Meet export them: a zip archive with `word/document.xml`, whose paragraphs
//! are lines of text for the other readers. An archive made to fill the memory is stopped by its real size, whatever it declares.

use super::ParseError;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// First bytes of a zip archive.
const MAGIC: &[u8] = b"PK\x03\x04";
/// Most files in the archive; a document with many pictures has hundreds.
const MAX_ENTRIES: usize = 4096;
/// Most bytes that all files may declare to have.
const MAX_TOTAL: u128 = 1 << 29;
/// Most bytes of the document itself; ten hours of speech have three million.
const MAX_DOCUMENT: u64 = 1 << 26;
/// How much smaller than its content the packed document may be; documents of Word are ten to fifty times smaller.
const MAX_RATIO: u64 = 250;
/// Small documents may be packed however well.
const FREE: u64 = 1 << 16;

const EXPECTED: &str = "expected a .docx with `word/document.xml`";

/// What is said of text that is to be read as a document.
pub(super) const NO_TEXT: &str = "a .docx is a zip archive and no text; expected its bytes";

/// What other archives are, by a file in them.
const KNOWN_STRANGERS: &[(&str, &str)] = &[
    ("xl/workbook.xml", "a spreadsheet (.xlsx); save it as CSV and import that"),
    ("ppt/presentation.xml", "a presentation (.pptx)"),
    ("content.xml", "an OpenDocument file (.odt); save it as .docx or text and import that"),
];

/// Whether the bytes are a zip archive, as every `.docx` is.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

fn refusal(message: String) -> ParseError {
    ParseError { line: 0, message }
}

fn damaged(what: impl std::fmt::Display) -> ParseError {
    refusal(format!("this .docx cannot be unpacked ({what}); was it copied or downloaded in full?"))
}

/// The paragraphs of the document as lines.
pub(super) fn text(bytes: &[u8]) -> Result<String, ParseError> {
    if !is_zip(bytes) {
        return Err(refusal(format!("this is no zip archive; {EXPECTED}")));
    }
    let xml = document(bytes)?;
    let (xml, _) = crate::decode(&xml)?;
    paragraphs(xml.strip_prefix('\u{FEFF}').unwrap_or(&xml))
}

/// Unpacks `word/document.xml`, within the limits.
fn document(bytes: &[u8]) -> Result<Vec<u8>, ParseError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_ENTRIES {
        return Err(refusal(format!("{} files in this archive, more than {MAX_ENTRIES}; {EXPECTED}", archive.len())));
    }
    if archive.decompressed_size().is_none_or(|size| size > MAX_TOTAL) {
        let most = MAX_TOTAL >> 20;
        return Err(refusal(format!("the files in this archive have more than {most} MiB unpacked; {EXPECTED}")));
    }
    let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    // Some exporters number the document: `word/document2.xml`.
    let is_document = |name: &&String| {
        let number = name.strip_prefix("word/document").and_then(|rest| rest.strip_suffix(".xml"));
        number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
    };
    let Some(name) = names.iter().filter(is_document).min_by_key(|name| name.len()) else {
        let known = KNOWN_STRANGERS.iter().find(|(file, _)| names.iter().any(|name| name == file));
        let what = known.map_or("a zip archive; unpack it and import the transcript in it", |(_, what)| what);
        return Err(refusal(format!("this is {what}; {EXPECTED}")));
    };
    let file = archive.by_name(name).map_err(damaged)?;
    let packed = file.compressed_size().min(bytes.len() as u64);
    let by_ratio = packed.saturating_mul(MAX_RATIO).max(FREE);
    let limit = by_ratio.min(MAX_DOCUMENT);
    let mut xml = Vec::new();
    file.take(limit + 1).read_to_end(&mut xml).map_err(damaged)?;
    if xml.len() as u64 > limit {
        let what = if by_ratio < MAX_DOCUMENT {
            format!("is more than {MAX_RATIO} times its size")
        } else {
            format!("has more than {} MiB", MAX_DOCUMENT >> 20)
        };
        return Err(refusal(format!("`{name}` {what} unpacked, as no transcript is; {EXPECTED} of one call")));
    }
    Ok(xml)
}

/// The text of `WordprocessingML`: a line for each paragraph and each break in it.
fn paragraphs(xml: &str) -> Result<String, ParseError> {
    let mut reader = Reader::from_str(xml);
    let mut text = String::with_capacity(xml.len() / 8);
    let (mut in_run, mut in_words) = (false, false);
    loop {
        let event = reader.read_event().map_err(|error| broken(xml, reader.error_position(), &error))?;
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "r" => in_run = true,
                "t" => in_words = in_run,
                // What was moved away, and what older programs show instead of something else, would be read twice.
                "moveFrom" | "Fallback" => {
                    reader.read_to_end(tag.name()).map_err(|error| broken(xml, reader.error_position(), &error))?;
                }
                _ => mark(&tag, in_run, &mut text),
            },
            Event::Empty(tag) if tag.local_name().as_ref() == "p" => text.push('\n'),
            Event::Empty(tag) => mark(&tag, in_run, &mut text),
            Event::End(tag) => match tag.local_name().as_ref() {
                "r" => in_run = false,
                "t" => in_words = false,
                "p" => text.push('\n'),
                _ => {}
            },
            Event::Text(words) if in_words => text.push_str(&words),
            Event::CData(words) if in_words => text.push_str(&words),
            Event::GeneralRef(reference) if in_words => text.extend(character(&reference)),
            Event::Eof => return Ok(text),
            _ => {}
        }
    }
}

/// Adds what a tag in a run stands for. Tabs outside of runs are stops of a style.
fn mark(tag: &BytesStart<'_>, in_run: bool, text: &mut String) {
    match tag.local_name().as_ref() {
        "br" | "cr" if in_run => text.push('\n'),
        "tab" | "ptab" if in_run => text.push('\t'),
        "noBreakHyphen" if in_run => text.push('-'),
        _ => {}
    }
}

/// The character of `&amp;` or `&#8217;`; no document of Word defines others.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    quick_xml::escape::resolve_predefined_entity(reference).and_then(|text| text.chars().next())
}

fn broken(xml: &str, position: u64, error: &quick_xml::Error) -> ParseError {
    let before = &xml.as_bytes()[..xml.len().min(position as usize)];
    let line = 1 + memchr::memchr_iter(b'\n', before).count();
    refusal(format!(
        "`word/document.xml` cannot be read as XML at its line {line} ({error}); {EXPECTED} as Word writes it"
    ))
}

#[cfg(test)]
mod tests {
    use super::{MAX_ENTRIES, is_zip};
    use crate::Format::Docx;
    use crate::formats::testing::{said, warnings};
    use crate::{ParseError, Transcript, parse};
    use std::io::{Cursor, Write};
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            writer.start_file(*name, options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// A document with this body, beside files that every document has.
    fn docx(body: &str) -> Vec<u8> {
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
             xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>{body}<w:sectPr/></w:body></w:document>"
        );
        archive(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("word/document.xml", xml.as_bytes()),
            ("word/styles.xml", b"<w:styles/>"),
        ])
    }

    fn lines(lines: &[&str]) -> Vec<u8> {
        let paragraph = |line: &&str| format!("<w:p><w:r><w:t xml:space=\"preserve\">{line}</w:t></w:r></w:p>\n");
        docx(&lines.iter().map(paragraph).collect::<String>())
    }

    fn read(bytes: &[u8]) -> Transcript {
        let transcript = parse(bytes, None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(transcript.format, Docx);
        assert_eq!(parse(bytes, Some(Docx)).unwrap(), transcript);
        transcript
    }

    fn refused(bytes: &[u8]) -> ParseError {
        parse(bytes, Some(Docx)).expect_err("this is no document")
    }

    #[test]
    fn teams() {
        // The name stands in a run of its own, and a break between it and the words.
        let said_by = |name: &str, time: &str, words: &str| {
            format!(
                "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\" w:pos=\"90\"/></w:tabs></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{name}   </w:t></w:r>\
                 <w:r><w:t>{time}</w:t><w:br/><w:t>{words}</w:t></w:r></w:p>"
            )
        };
        let body = [
            "<w:p><w:r><w:t>Weekly sync</w:t></w:r></w:p><w:p><w:r><w:t>15 June 2026, 03:35am</w:t></w:r></w:p><w:p/>"
                .to_owned(),
            "<w:p><w:r><w:t>Jane Doe started transcription</w:t></w:r></w:p>".to_owned(),
            said_by("Jane Doe", "0:03", "R&amp;D, isn&#8217;t it?"),
            said_by("Li, Bo [NA]", "0:05", "Yes.</w:t><w:cr/><w:t>Note: all of it."),
            said_by("Li, Bo [NA]", "1:00:05", "Bye."),
            "<w:p><w:r><w:t>Jane Doe stopped transcription</w:t></w:r></w:p>".to_owned(),
        ];
        let transcript = read(&docx(&body.concat()));
        assert_eq!(
            said(&transcript),
            [
                "Jane Doe ~3000-5000 R&D, isn’t it?",
                "Li, Bo [NA] ~5000-3605000 Yes. Note: all of it.",
                "Li, Bo [NA] ~3605000-3605375 Bye."
            ]
        );
        assert_eq!(transcript.title.as_deref(), Some("Weekly sync"));
    }

    #[test]
    fn meet_and_zoom() {
        let meet = [
            "Weekly - 2026/11/02 10:00 CET - Transcript",
            "Attendees",
            "Ann Bee, Carl Dee, Sue",
            "Transcript",
            "00:00:00",
            "Ann Bee: One two three.",
            "Carl Dee: Four.",
            "00:01:04",
            "Ann Bee: Five.",
            "Transcription ended after 00:32:10",
        ];
        let transcript = read(&lines(&meet));
        assert_eq!(said(&transcript)[1], "Carl Dee ~48000-64000 Four.");
        assert_eq!(transcript.participants.len(), 3, "read as Meet's document, which knows who attended");
        let zoom = read(&lines(&["[Sam Zhao] 10:00:01", "Shall we start?", "", "[Ann Bee] 10:00:04", "Yes."]));
        assert_eq!(said(&zoom)[0], "Sam Zhao ~36001000-36004000 Shall we start?");
        let captions =
            read(&lines(&["WEBVTT", "", "1", "00:00:01.000 --&gt; 00:00:02.500", "Sam Zhao: Shall we start?"]));
        assert_eq!(said(&captions), ["Sam Zhao 1000-2500 Shall we start?"]);
    }

    #[test]
    fn what_is_not_shown_is_not_said() {
        let body = "<w:p><w:r><w:t>Ann: Hello</w:t><w:delText>never</w:delText><w:instrText>PAGE</w:instrText></w:r>stray\
            <mc:AlternateContent><mc:Choice><w:r><w:tab/><w:t>there</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>twice</w:t></w:r></mc:Fallback></mc:AlternateContent>\
            <w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p><w:p><w:r><w:t>Bo: well<w:noBreakHyphen/></w:t><w:noBreakHyphen/><w:t>known.</w:t></w:r></w:p>";
        let body = body.replace("<w:noBreakHyphen/></w:t>", "</w:t>");
        assert_eq!(said(&read(&docx(&body))), ["Ann - Hello there", "Bo - well-known."]);
    }

    #[test]
    fn warnings_name_the_paragraph() {
        let transcript = read(&lines(&["Weekly", "", "Ann: Hello.", "Bo: Hi."]));
        assert_eq!(warnings(&transcript), ["1: 1 line before the first speaker left out"]);
    }

    #[test]
    fn bombs_are_stopped() {
        let bomb = format!("<w:p><w:r><w:t>Ann: {}</w:t></w:r></w:p>", "a ".repeat(4 << 20));
        let error = refused(&docx(&bomb));
        assert!(
            error.message.contains("is more than 250 times its size unpacked") && error.message.contains("expected"),
            "{error}"
        );
        let many: Vec<String> = (0..=MAX_ENTRIES).map(|i| format!("word/media/{i}.png")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
        assert!(refused(&archive(&many)).message.starts_with("4097 files in this archive, more than 4096"));
        // Another file that declares to be huge.
        let mut bytes = lines(&["Ann: Hello."]);
        let central = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        bytes[central + 24..central + 28].copy_from_slice(&0x3000_0000_u32.to_le_bytes());
        assert!(refused(&bytes).message.contains("more than 512 MiB unpacked"), "{}", refused(&bytes));
    }

    #[test]
    fn what_declares_less_than_it_has_is_stopped_as_well() {
        let bomb = format!("<w:p><w:r><w:t>Ann: {}</w:t></w:r></w:p>", "a ".repeat(4 << 20));
        let mut bytes = docx(&bomb);
        let places: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, four)| *four == b"PK\x01\x02").map(|(at, _)| at).collect();
        bytes[places[1] + 24..places[1] + 28].copy_from_slice(&100_u32.to_le_bytes());
        let error = refused(&bytes);
        assert!(error.message.contains("expected") || error.message.contains("cannot be unpacked"), "{error}");
    }

    #[test]
    fn other_archives_are_told() {
        for (file, what) in [
            ("xl/workbook.xml", "this is a spreadsheet (.xlsx); save it as CSV"),
            ("content.xml", "this is an OpenDocument file"),
            ("call.vtt", "this is a zip archive; unpack it"),
        ] {
            let error = parse(&archive(&[(file, b"<a/>")]), None).unwrap_err();
            assert!(error.message.starts_with(what) && error.message.contains("expected a .docx"), "{error}");
        }
        assert_eq!(
            refused(b"Ann: Hello.").message,
            "this is no zip archive; expected a .docx with `word/document.xml`"
        );
        let truncated = lines(&["Ann: Hello."]);
        let error = refused(&truncated[..truncated.len() - 30]);
        assert!(error.message.contains("was it copied or downloaded in full?"), "{error}");
        let error = refused(&archive(&[("word/document.xml", b"<w:document>\n<w:p></w:body>")]));
        assert!(error.message.contains("at its line 2"), "{error}");
        assert!(parse(&lines(&[]), None).unwrap_err().message.starts_with("the file is empty"));
        assert!(is_zip(&truncated) && crate::parse_text("Ann: Hello.", Some(Docx)).is_err());
    }

    #[test]
    fn the_document_may_be_numbered() {
        let xml = b"<document><body><p><r><t>Ann: Hello.</t></r></p></body></document>";
        assert_eq!(said(&read(&archive(&[("word/document2.xml", xml)]))), ["Ann - Hello."]);
    }
}
