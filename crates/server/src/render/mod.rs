//! Reports for people: in the terminal, as Markdown, as a page.

pub mod figures;
pub mod html;
pub mod markdown;
mod page;
pub mod review;
pub mod text;
pub mod words;

use rubric::Report;
use transcript::Transcript;

/// What a report is rendered from.
#[derive(Debug, Clone, Copy)]
pub struct Judgement<'a> {
    /// The call.
    pub transcript: &'a Transcript,
    /// What was found.
    pub report: &'a Report,
    /// The file that the call came in.
    pub name: &'a str,
}
