//! From a file to the sections of a document.

use super::outline::{self, SectionText};
use super::{markdown, pdf};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use utoipa::ToSchema;

/// Most bytes of a file: 5 MB.
pub const MAX_FILE_BYTES: usize = 5_000_000;
/// Most sections of a document; about 800,000 tokens.
const SECTIONS: usize = 2_000;
/// Longest title, in characters.
pub(super) const TITLE: usize = 200;
/// So long somebody waits for a document to be read.
const PATIENCE: Duration = Duration::from_secs(30);
/// Stack of the thread that reads: what is nested in a file takes some of it.
const STACK: usize = 16 << 20;

/// What a document was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
    /// PDF, of which the words are kept.
    Pdf,
}

impl DocumentKind {
    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Text => "text",
            Self::Pdf => "pdf",
        }
    }

    pub(super) fn named(name: &str) -> Self {
        [Self::Markdown, Self::Pdf].into_iter().find(|kind| kind.as_str() == name).unwrap_or(Self::Text)
    }
}

/// Why a file cannot be read, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It has no words.
    #[error("the file is empty; a product sheet or a playbook was expected")]
    Empty,
    /// It has more than [`MAX_FILE_BYTES`].
    #[error("the file is larger than {} MB; split it, or leave its pictures out", MAX_FILE_BYTES / 1_000_000)]
    Large,
    /// Its name ends in something else.
    #[error("this is no Markdown (.md), text (.txt) or PDF (.pdf); save it as one of these")]
    Kind,
    /// Its bytes are no text.
    #[error("this is no text but binary data; Markdown and text are best in UTF-8")]
    Binary,
    /// Its name says PDF.
    #[error("its name ends in .pdf, but it is no PDF; save it as PDF anew")]
    NoPdf,
    /// It is encrypted.
    #[error("the PDF is encrypted; save it without a password")]
    Locked,
    /// It has pictures of words, if anything.
    #[error("the PDF has no words, only pictures, as scans have; let a program recognise its text (OCR) first")]
    Scanned,
    /// Its fonts do not say which letters they have.
    #[error(
        "the PDF does not say which letters it shows; export its text, or save it as PDF anew from where it was written"
    )]
    Letters,
    /// It is not as a PDF must be.
    #[error("the PDF is damaged; save it anew, or export its text")]
    Damaged,
    /// It has more pages than this.
    #[error("the PDF has more than {0} pages; split it")]
    Pages(usize),
    /// It unpacks to more than anybody can have written.
    #[error("the PDF unpacks to more than can be read; save it anew, or export its text")]
    Unpacked,
    /// It has more sections than are kept of one document.
    #[error("it has more than {SECTIONS} sections; split it into several documents")]
    Sections,
    /// It takes too long.
    #[error("reading it takes longer than {} seconds; split it, or export its text", PATIENCE.as_secs())]
    Slow,
    /// Others are being read.
    #[error("other documents are being read; try again in a minute")]
    Busy,
}

/// A document as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its title, or the name of the file without its end.
    pub title: String,
    /// What it was read from.
    pub kind: DocumentKind,
    /// Its sections, one at least.
    pub sections: Vec<SectionText>,
}

/// Reads a file on a thread of its own, which a file that was made to harm cannot take the program down with: it has memory enough for what is
/// nested, a panic ends it alone, and nobody waits for it longer than half a minute.
///
/// # Errors
/// [`ReadError`] with what is wrong with the file.
pub async fn read(bytes: Vec<u8>, file_name: &str) -> Result<Reading, ReadError> {
    // One that never ends keeps its place; then there is one more.
    static PLACES: Semaphore = Semaphore::const_new(2);
    let place = tokio::time::timeout(PATIENCE, PLACES.acquire()).await;
    let Ok(Ok(place)) = place else { return Err(ReadError::Busy) };
    read_at(place, bytes, file_name.to_owned()).await
}

async fn read_at(place: SemaphorePermit<'static>, bytes: Vec<u8>, name: String) -> Result<Reading, ReadError> {
    let (answer, told) = oneshot::channel();
    // Not a task: the program waits for those when it ends.
    let thread = std::thread::Builder::new().name("document".to_owned()).stack_size(STACK);
    let begun = thread.spawn(move || {
        let _place = place;
        // Whoever has asked may have gone.
        let _ = answer.send(parse(&bytes, &name));
    });
    if begun.is_err() {
        return Err(ReadError::Busy);
    }
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(Ok(reading)) => reading,
        // It panicked.
        Ok(Err(_)) => Err(ReadError::Damaged),
        Err(_) => Err(ReadError::Slow),
    }
}

/// Reads a file.
pub(super) fn parse(bytes: &[u8], file_name: &str) -> Result<Reading, ReadError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(ReadError::Large);
    }
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    let kind = kind(bytes, file_name)?;
    let (title, blocks) = match kind {
        DocumentKind::Markdown => markdown::markdown(&text(bytes)?),
        DocumentKind::Text => markdown::text(&text(bytes)?),
        DocumentKind::Pdf => pdf::read(bytes)?,
    };
    let sections = outline::sections(blocks);
    if sections.is_empty() {
        return Err(ReadError::Empty);
    }
    if sections.len() > SECTIONS {
        return Err(ReadError::Sections);
    }
    let title = title.as_deref().map(one_line).filter(|title| !title.is_empty());
    Ok(Reading { title: title.unwrap_or_else(|| stem(file_name)), kind, sections })
}

fn kind(bytes: &[u8], file_name: &str) -> Result<DocumentKind, ReadError> {
    // Some programs write a line before it (7.5.2).
    if bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-") {
        return Ok(DocumentKind::Pdf);
    }
    let end = file_name.rsplit_once('.').map_or("", |(_, end)| end);
    match end.to_ascii_lowercase().as_str() {
        "md" | "markdown" => Ok(DocumentKind::Markdown),
        "txt" | "text" | "" => Ok(DocumentKind::Text),
        "pdf" => Err(ReadError::NoPdf),
        _ => Err(ReadError::Kind),
    }
}

/// The text of a file, with line feeds alone and no other control characters, which databases refuse and nobody sees.
fn text(bytes: &[u8]) -> Result<String, ReadError> {
    let (text, _) = transcript::decode(bytes).map_err(|_| ReadError::Binary)?;
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{c}', '\u{2028}', '\u{2029}'], "\n");
    if text.contains('\0') {
        return Err(ReadError::Binary);
    }
    Ok(text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), " "))
}

/// A title on one line, and not longer than titles are.
pub(super) fn one_line(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(TITLE).collect::<String>().trim_end().to_owned()
}

/// The name of a file without folders and its end.
fn stem(file_name: &str) -> String {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = one_line(stem);
    if stem.is_empty() { "Document".to_owned() } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(bytes: &[u8], name: &str) -> ReadError {
        parse(bytes, name).unwrap_err()
    }

    #[test]
    fn the_kind_is_told_by_the_name_and_the_first_bytes() {
        for (name, kind) in [
            ("a.md", DocumentKind::Markdown),
            ("a.MARKDOWN", DocumentKind::Markdown),
            ("a.txt", DocumentKind::Text),
            ("readme", DocumentKind::Text),
            ("", DocumentKind::Text),
        ] {
            assert_eq!(parse(b"# Doors\n\nNine.", name).unwrap().kind, kind, "{name}");
        }
        let reading = parse(b"# Doors\n\nNine.", "C:\\folder\\a.md").unwrap();
        assert_eq!((reading.title.as_str(), reading.sections[0].text.as_str()), ("Doors", "Nine."));
        assert_eq!(parse(b"One\nTwo", "folder/Price list 2026.v2.txt").unwrap().title, "Price list 2026.v2");
        assert_eq!(parse(b"One\nTwo", "").unwrap().title, "Document");
        let long = parse(format!("# {}\n\nx", "long ".repeat(38)).as_bytes(), "a.md").unwrap();
        assert!(long.title.len() <= TITLE && !long.title.ends_with(' '), "{}", long.title);
    }

    #[test]
    fn what_cannot_be_read_is_told_in_a_sentence() {
        assert_eq!(why(b"", "a.md"), ReadError::Empty);
        assert_eq!(why(b" \n\r\n\t", "a.md"), ReadError::Empty);
        assert_eq!(why("\u{feff}".as_bytes(), "a.txt"), ReadError::Empty);
        assert_eq!(why(&vec![b'a'; MAX_FILE_BYTES + 1], "a.md"), ReadError::Large);
        assert_eq!(why(b"PK\x03\x04", "a.md"), ReadError::Binary);
        assert_eq!(why(b"ab\0cd", "a.txt"), ReadError::Binary);
        assert_eq!(why(b"words", "a.docx"), ReadError::Kind);
        assert_eq!(why(b"words", "a.pdf"), ReadError::NoPdf);
        assert_eq!(why("# x\n\ny\n\n".repeat(3000).as_bytes(), "a.md"), ReadError::Sections);
        for error in [ReadError::Large, ReadError::Sections, ReadError::Slow, ReadError::Pages(500)] {
            assert!(error.to_string().len() > 20 && !error.to_string().contains('{'), "{error}");
        }
    }

    #[test]
    fn any_encoding_and_any_end_of_line_will_do() {
        let text = "# Preise\n\nTüren: 49 €.\n";
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let expected = parse(text.as_bytes(), "a.md").unwrap().sections;
        assert_eq!(parse(&utf16, "a.md").unwrap().sections, expected);
        assert_eq!(parse(text.replace('\n', "\r\n").as_bytes(), "a.md").unwrap().sections, expected);
        let latin: Vec<u8> = text.replace('€', "Euro").chars().map(|c| u32::from(c) as u8).collect();
        assert_eq!(parse(&latin, "a.md").unwrap().sections[0].text, "Türen: 49 Euro.");
        assert_eq!(parse(b"a\x07b\x0cc", "a.txt").unwrap().sections[0].text, "a b\nc");
    }

    #[tokio::test]
    async fn a_large_text_is_read_in_good_time() {
        let paragraph = "Each dock door costs 49 euros a month, and the first one is free for a year. ".repeat(12);
        let text = format!("{paragraph}\n\n").repeat(400);
        let reading = read(text.into_bytes(), "large.txt").await.unwrap();
        assert!(reading.sections.len() > 100, "{}", reading.sections.len());
    }
}
