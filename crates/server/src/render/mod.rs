//! Reports for people: in the terminal, as Markdown, as a page.

pub mod figures;
pub mod html;
pub mod markdown;
mod page;
pub mod text;
pub mod words;
