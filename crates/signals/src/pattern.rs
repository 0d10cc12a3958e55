//! A small pattern language over words, and a matcher that finds every pattern in one pass over the tokens.
//!
//! | Written | Matches |
//! |---|---|
//! | `price` | the word with its inflections: price, prices, priced, pricing |
//! | `=price` | exactly that word |
//! | `(a\|b c)` | one of several sequences; `(a\|b)?` one of them or nothing |
//! | `word?` | the word or nothing |
//! | `*` , `*5` | up to 3 (5) words of any kind, as few as possible |
//! | `<num>` `<day>` `<money>` `<percent>` `<clock>` `<name>` | a word of that class |
//! | `^` , `$` | the first, the last word of a sentence |
//! | `{name}` | the group of that name from the file's `define:` |
//!
//! Words are written in full and lower case: `we will`, not `we'll` (see [`crate::text`]).

mod build;
mod parse;
mod signature;

pub use build::PatternSetBuilder;
pub use signature::{Signature, Words};

use crate::text::{Class, Token, WordId};

/// What went wrong in a pattern, as a sentence that quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("in the pattern \"{pattern}\": {message}")]
pub struct PatternError {
    /// The pattern as written.
    pub pattern: String,
    /// What was found and what was expected.
    pub message: String,
}

/// One step of a compiled pattern; the matcher goes to the next step unless told otherwise.
#[derive(Debug)]
enum Step {
    /// A word out of a list with this signature: where in [`PatternSet::lists`] it begins and how long it is.
    Word(Signature, u32, u16),
    Class(Class),
    /// Up to so many words of any kind, as few as possible; then one with this signature.
    Gap(u8, Signature),
    First,
    Last,
    /// Try the next step first, where the word at hand has this signature; then the step named.
    Split(Signature, u32),
    Jump(u32),
    Match,
}

/// Where a pattern was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// What the pattern stands for: the number given to [`PatternSetBuilder::add`].
    pub owner: u16,
    /// Index of the first token.
    pub first: usize,
    /// Index behind the last token.
    pub last: usize,
}

/// A pattern at a place where it may start: what tells that it does not match there without running it.
#[derive(Debug, Clone, Copy)]
struct Starter {
    /// What the next words must be, in order.
    window: [Signature; WINDOW],
    /// Number of the [`Need`] that one of the first `reach` words must meet; none of the others can match.
    need: u16,
    reach: u8,
    /// Where the steps begin.
    entry: u32,
    owner: u16,
    /// Whether the steps begin behind the first word, because no other way to start is left.
    behind_first: bool,
    /// Whether it matches at the first word of a sentence only.
    anchored: bool,
}

/// One of these words, or a word of this class.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Need {
    words: Vec<WordId>,
    class: Class,
}

/// The number that stands for no need, which is always met.
const NO_NEED: usize = 0;

/// So many words of a sentence are looked through for needs; behind them every need counts as met.
const FORESEEN: usize = u64::BITS as usize;

/// Whether a need is met by one of `reach` words from `first` on.
fn is_met(met: u64, first: usize, reach: u8) -> bool {
    first + usize::from(reach) > FORESEEN || met >> first & ((1 << reach) - 1) != 0
}

/// Words that a [`Starter`] looks at, each by itself.
const WINDOW: usize = 2;

/// Many patterns, compiled by a [`PatternSetBuilder`].
#[derive(Debug, Default)]
pub struct PatternSet {
    steps: Vec<Step>,
    /// The words of the steps, each list in ascending order.
    lists: Vec<WordId>,
    patterns: usize,
    /// By the id of a word, what it means to the patterns. The lists lie together in one place each, because they are read at every word.
    words: Vec<Entries>,
    starters: Vec<Starter>,
    needs: Vec<u16>,
    /// Number of different needs, [`NO_NEED`] included.
    different_needs: usize,
    /// The needs that words of a class meet.
    needs_of_class: Vec<(Class, u16)>,
    /// Patterns that can start with a word of a class only; their windows begin with it.
    by_class: Vec<Starter>,
    /// Patterns that can start with any word, or with a word or a class; their windows begin with it.
    open_start: Vec<Starter>,
    /// The same and those that do so at the first word of a sentence only.
    opening: Vec<Starter>,
}

/// What a word means to the patterns.
#[derive(Debug, Clone, Copy, Default)]
struct Entries {
    /// Those that can start with it, a range of [`PatternSet::starters`]; their windows begin behind it.
    first_starter: u32,
    last_starter: u32,
    /// The needs that it meets, a range of [`PatternSet::needs`].
    first_need: u32,
    last_need: u32,
}

impl PatternSet {
    fn entries(&self, word: WordId) -> Entries {
        self.words.get(usize::from(word)).copied().unwrap_or_default()
    }

    /// Number of patterns.
    pub fn len(&self) -> usize {
        self.patterns
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns == 0
    }

    /// Finds every pattern within one sentence whose owner is `first_owner` or above, in order of its first token, each pattern at most
    /// once per starting token. `met` is a buffer.
    pub fn find(&self, sentence: Words<'_>, first_owner: u16, met: &mut Vec<u64>, mut found: impl FnMut(Hit)) {
        self.meet(sentence.tokens(), met);
        for (first, token) in sentence.tokens().iter().enumerate() {
            let entries = self.entries(token.word);
            let starters = &self.starters[entries.first_starter as usize..entries.last_starter as usize];
            let by_class: &[Starter] = if token.class.bits() == 0 { &[] } else { &self.by_class };
            let open: &[Starter] = if first == 0 { &self.opening } else { &self.open_start };
            for (offset, starters) in [(1, starters), (0, by_class), (0, open)] {
                if starters.is_empty() {
                    continue;
                }
                let ahead = sentence.ahead(first + offset);
                for starter in starters {
                    // Without short cuts: a branch that is hard to foretell costs more than the second look.
                    let fits =
                        ahead.iter().zip(&starter.window).fold(
                            is_met(met[usize::from(starter.need)], first, starter.reach),
                            |fits, (is, wanted)| fits & is.meets(*wanted),
                        );
                    if !fits || starter.anchored && first > 0 || starter.owner < first_owner {
                        continue;
                    }
                    if let Some(last) = self.run(starter.entry, sentence, first + usize::from(starter.behind_first)) {
                        found(Hit { owner: starter.owner, first, last });
                    }
                }
            }
        }
    }

    fn list(&self, first: u32, len: u16) -> &[WordId] {
        &self.lists[first as usize..first as usize + usize::from(len)]
    }

    /// Where in a sentence each need is met, one bit a word.
    fn meet(&self, tokens: &[Token], met: &mut Vec<u64>) {
        met.clear();
        met.resize(self.different_needs, 0);
        met[NO_NEED] = u64::MAX;
        for (at, token) in tokens.iter().take(FORESEEN).enumerate() {
            let entries = self.entries(token.word);
            for need in &self.needs[entries.first_need as usize..entries.last_need as usize] {
                met[usize::from(*need)] |= 1 << at;
            }
            if token.class.bits() != 0 {
                for (_, need) in self.needs_of_class.iter().filter(|(class, _)| token.class.has(*class)) {
                    met[usize::from(*need)] |= 1 << at;
                }
            }
        }
    }

    /// Where the match of the steps from `step` on ends that starts at the word `at`.
    fn run(&self, mut step: u32, sentence: Words<'_>, mut at: usize) -> Option<usize> {
        loop {
            match &self.steps[step as usize] {
                Step::Word(signature, first, len) => {
                    if !sentence.signature(at).meets(*signature)
                        || self.list(*first, *len).binary_search(&sentence.word(at)).is_err()
                    {
                        return None;
                    }
                    at += 1;
                }
                Step::Class(class) => {
                    if !sentence.tokens().get(at)?.class.has(*class) {
                        return None;
                    }
                    at += 1;
                }
                Step::Gap(max, next) => {
                    let last = (at + usize::from(*max)).min(sentence.len());
                    return (at..=last).find_map(|at| {
                        sentence.signature(at).meets(*next).then(|| self.run(step + 1, sentence, at)).flatten()
                    });
                }
                Step::First if at > 0 => return None,
                Step::Last if at < sentence.len() => return None,
                Step::First | Step::Last => {}
                Step::Split(next, other) => {
                    if sentence.signature(at).meets(*next)
                        && let Some(end) = self.run(step + 1, sentence, at)
                    {
                        return Some(end);
                    }
                    step = *other;
                    continue;
                }
                Step::Jump(target) => {
                    step = *target;
                    continue;
                }
                Step::Match => return Some(at),
            }
            step += 1;
        }
    }
}

#[cfg(test)]
mod tests;
