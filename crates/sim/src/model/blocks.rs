//! A prompt as a row of blocks, whose beginnings a cache may know.

use super::tokens::tokens;
use sha2::{Digest as _, Sha256};

/// What stands for a beginning of a prompt: everything up to and with a block.
pub(crate) type Prefix = [u8; 32];

/// How long an entry of the cache lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ttl {
    /// Five minutes.
    Short,
    /// An hour.
    Long,
}

impl Ttl {
    pub(crate) fn seconds(self) -> i64 {
        match self {
            Self::Short => 300,
            Self::Long => 3_600,
        }
    }
}

/// A block in its place.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Everything up to and with it.
    pub prefix: Prefix,
    /// Tokens up to and with it.
    pub total: u64,
    /// The breakpoint at its end, if there is one.
    pub mark: Option<Ttl>,
}

/// Blocks in the order in which the model reads them.
#[derive(Debug, Clone)]
pub(crate) struct Blocks {
    /// The blocks so far.
    pub list: Vec<Block>,
    before: Prefix,
    total: u64,
}

impl Blocks {
    /// None yet; `scope` is what prompts must share before anything else: the key, the model.
    pub(crate) fn new(scope: &str) -> Self {
        Self { list: Vec::new(), before: Sha256::digest(scope.as_bytes()).into(), total: 0 }
    }

    /// Adds a block: what it is (place and kind, which count no tokens) and its text.
    pub(crate) fn push(&mut self, what: &str, text: &str, mark: Option<Ttl>) {
        let mut hash = Sha256::new();
        hash.update(self.before);
        hash.update((what.len() as u64).to_le_bytes());
        hash.update(what.as_bytes());
        hash.update(text.as_bytes());
        self.before = hash.finalize().into();
        self.total += tokens(text);
        self.list.push(Block { prefix: self.before, total: self.total, mark });
    }

    /// Tokens of all blocks.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }
}
