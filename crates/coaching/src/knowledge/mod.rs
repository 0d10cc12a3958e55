//! What is known of the product: sheets and playbooks, in versions, taken apart into sections that are found by the words of a call and cited.
//!
//! `read` turns a file into sections (`markdown`, `pdf`, `outline`), `store` keeps them, `retrieve` finds those that a call is about.

mod markdown;
mod outline;
mod pdf;
mod read;
mod retrieve;
mod store;

pub use outline::{SECTION_TOKENS, SectionText};
pub use read::{DocumentKind, MAX_FILE_BYTES, ReadError, Reading, read};
pub use retrieve::{BUDGET, relevant};
pub use store::{
    CitedSection, DocumentHead, KnowledgeDocument, KnowledgeSection, add, add_version, cited, document, documents,
    find, fingerprint, in_use, restore, retire,
};

pub(crate) use store::is_section_id;
