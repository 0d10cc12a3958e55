//! The words of a PDF, with its larger lines as headings.
//!
//! `lopdf` reads the file, its fonts' letters and the operations of its pages; where words stand, and what belongs together, is found here. Sections
//! and tables are those of ISO 32000-1.

mod font;
mod lay;
mod page;

use super::ReadError;
use super::markdown::Parts;
use super::outline::Block;
use lopdf::{DecompressError, Document, Error, LoadOptions};

/// Most pages.
const PAGES: usize = 500;
/// Most bytes that one stream of a file may unpack to.
const STREAM: usize = 16 << 20;

/// Reads a PDF. Takes time and memory as the file wants, so that it is done on a thread of its own.
///
/// # Errors
/// [`ReadError`] for a file that is damaged, locked, too long or without words.
pub(super) fn read(bytes: &[u8]) -> Result<Parts, ReadError> {
    let options = LoadOptions { max_decompressed_size: Some(STREAM), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| why(&error))?;
    // What needs no password has been opened already.
    if document.is_encrypted() || document.trailer.has(b"Encrypt") {
        return Err(ReadError::Locked);
    }
    let pages = document.get_pages();
    if pages.is_empty() {
        return Err(ReadError::Damaged);
    }
    if pages.len() > PAGES {
        return Err(ReadError::Pages(PAGES));
    }
    let mut reader = page::Reader::new(&document);
    let mut runs = Vec::new();
    for id in pages.into_values() {
        runs.push(reader.page(id)?);
    }
    let mut blocks = lay::blocks(runs);
    let (known, unknown) = lay::letters(&mut blocks);
    match (known, unknown + reader.untold) {
        (0, 0) => Err(ReadError::Scanned),
        // Most letters are of fonts that do not say which ones they are.
        (known, unknown) if unknown > known / 4 => Err(ReadError::Letters),
        _ => Ok((title(&blocks), blocks)),
    }
}

fn why(error: &Error) -> ReadError {
    match error {
        Error::InvalidPassword | Error::Decryption(_) => ReadError::Locked,
        Error::Decompress(DecompressError::MemoryLimitExceeded { .. }) => ReadError::Unpacked,
        _ => ReadError::Damaged,
    }
}

/// The heading with which it begins. Not the title in the properties of the file, which most programs make up.
fn title(blocks: &[Block]) -> Option<String> {
    match blocks {
        [Block::Heading(1, title), Block::Words(_) | Block::Heading(2.., _), ..] if !lay::is_page(title) => {
            Some(title.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests;
