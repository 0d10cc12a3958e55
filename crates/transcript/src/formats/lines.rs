//! Lines with their numbers.

use std::borrow::Cow;

/// Iterator over the lines of a text with their numbers from 1; a line ends at LF, CRLF or a lone CR, as in W3C WebVTT.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    /// Byte offset of the next line.
    pub position: usize,
    /// Number of the next line.
    pub number: usize,
}

/// One line without its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub number: usize,
    /// Byte offset in the whole text.
    pub start: usize,
    pub text: &'a str,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, position: 0, number: 1 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.position;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let end_of_line = if rest[length..].starts_with("\r\n") { 2 } else { 1 };
        let line = Line { number: self.number, start, text: &rest[..length] };
        self.position = (start + length + end_of_line).min(self.text.len());
        self.number += 1;
        Some(line)
    }
}

/// The text with all its line ends as LF.
pub(crate) fn lf_only(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}
