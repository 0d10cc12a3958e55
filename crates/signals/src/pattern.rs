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

mod parse;
mod signature;

pub use signature::{Signature, Words};

use crate::text::{Class, Token, Vocabulary, WordId};
use parse::{Node, Parser};
use std::collections::{BTreeMap, HashMap};

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
    /// What the pattern stands for: the number given to [`PatternSet::add`].
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

impl Need {
    fn or(mut self, other: Self) -> Self {
        self.words.extend(other.words);
        self.words.sort_unstable();
        self.words.dedup();
        Self { words: self.words, class: self.class.with(other.class) }
    }

    /// How little it tells: words of a class are many, and common words are nearly everywhere.
    fn breadth(&self, common: &[WordId]) -> usize {
        let everywhere = self.words.iter().filter(|word| common.contains(word)).count();
        self.words.len() + self.class.bits().count_ones() as usize * 8 + everywhere * BROAD
    }
}

/// Words that every second sentence has.
const COMMON: [&str; 26] = [
    "the", "a", "to", "of", "and", "you", "i", "it", "that", "is", "we", "in", "for", "have", "are", "would", "with", "on",
    "can", "do", "what", "will", "was", "be", "not", "this",
];

/// A need of this breadth costs more to look for than it saves.
const BROAD: usize = 200;

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

/// Many patterns, compiled.
#[derive(Debug, Default)]
pub struct PatternSet {
    steps: Vec<Step>,
    /// The words of the steps, each list in ascending order.
    lists: Vec<WordId>,
    patterns: usize,
    /// What the patterns need beside their beginnings, each different need once.
    needs: HashMap<Need, u16>,
    /// By the id of a word, the numbers of the needs that it meets.
    needs_of_word: Vec<Vec<u16>>,
    /// The needs that words of a class meet.
    needs_of_class: Vec<(Class, u16)>,
    /// Patterns that can start with a given word; their windows begin behind it.
    by_word: Vec<Vec<Starter>>,
    /// By the id of a word, 1 + its index into `by_word`; 0 where no pattern starts with it. Small, because it is read at every word.
    word_index: Vec<u32>,
    /// Patterns that can start with a word of a class only; their windows begin with it.
    by_class: Vec<Starter>,
    /// Patterns that can start with any word, or with a word or a class; their windows begin with it.
    open_start: Vec<Starter>,
    /// The same and those that do so at the first word of a sentence only.
    opening: Vec<Starter>,
}

impl PatternSet {
    /// Compiles `pattern` for `owner`, with the groups of `defines` at hand.
    ///
    /// # Errors
    /// When the pattern is malformed, matches the empty text, or names an unknown group or class.
    pub fn add(
        &mut self,
        vocabulary: &mut Vocabulary,
        defines: &BTreeMap<String, String>,
        pattern: &str,
        owner: u16,
    ) -> Result<(), PatternError> {
        let fail = |message: String| PatternError { pattern: pattern.to_owned(), message };
        let mut expanded = pattern.to_owned();
        for _ in 0..4 {
            let Some(open) = expanded.find('{') else { break };
            let close = expanded[open..].find('}').ok_or_else(|| fail("\"{\" without \"}\"".into()))? + open;
            let name = &expanded[open + 1..close];
            let group = defines.get(name).ok_or_else(|| {
                fail(format!(
                    "{{{name}}} is not defined; defined are: {}",
                    defines.keys().cloned().collect::<Vec<_>>().join(", ")
                ))
            })?;
            expanded = expanded.replace(&format!("{{{name}}}"), &format!("({group})"));
        }
        if expanded.contains('{') {
            return Err(fail("groups are nested more than 4 deep".into()));
        }
        let mut parser = Parser { input: &expanded, at: 0, vocabulary };
        let nodes = parser.sequence(0).map_err(fail)?;
        if parser.at < expanded.len() {
            return Err(fail("\")\" without \"(\"".into()));
        }
        let entry = self.steps.len();
        self.emit(&nodes);
        self.steps.push(Step::Match);
        let mut start = Start::default();
        self.start(entry as u32, &mut start);
        if start.empty {
            self.steps.truncate(entry);
            return Err(fail("it matches the empty text; at least one word must be required".into()));
        }
        self.sign(entry);
        self.patterns += 1;
        let common = COMMON.map(|word| vocabulary.get(word));
        let (need, reach) = most_telling(&nodes, &common);
        let need = (self.number(need), reach);
        self.enlist(entry as u32, owner, start, need);
        Ok(())
    }

    /// Notes the pattern where it can start.
    fn enlist(&mut self, entry: u32, owner: u16, mut start: Start, (need, reach): (u16, u8)) {
        let anchored = matches!(self.steps[entry as usize], Step::First);
        if start.open || start.class {
            let window = std::array::from_fn(|distance| self.signature_at(entry, distance));
            let words = start.open || !start.words.is_empty();
            let starter = Starter { window, need, reach, entry, owner, behind_first: false, anchored };
            match words {
                false => self.by_class.push(starter),
                true if anchored => self.opening.push(starter),
                true => {
                    self.opening.push(starter);
                    self.open_start.push(starter);
                }
            }
            return;
        }
        start.words.sort_unstable();
        start.words.dedup();
        for word in start.words {
            let heads: Vec<u32> = start.steps.iter().copied().filter(|step| self.has_word(*step, word)).collect();
            let mut window = [Signature::NONE; WINDOW];
            for &step in &heads {
                for (distance, signature) in window.iter_mut().enumerate() {
                    *signature = signature.or(self.signature_at(step + 1, distance));
                }
            }
            let starter = match *heads {
                [head] if !start.anchor => {
                    Starter { window, need, reach, entry: head + 1, owner, behind_first: true, anchored }
                }
                _ => Starter { window, need, reach, entry, owner, behind_first: false, anchored },
            };
            self.starters_mut(word).push(starter);
        }
    }

    /// The patterns that can start with a word.
    fn starters(&self, word: WordId) -> &[Starter] {
        match self.word_index.get(word as usize) {
            None | Some(0) => &[],
            Some(place) => &self.by_word[*place as usize - 1],
        }
    }

    fn starters_mut(&mut self, word: WordId) -> &mut Vec<Starter> {
        let word = word as usize;
        if self.word_index.len() <= word {
            self.word_index.resize(word + 1, 0);
        }
        if self.word_index[word] == 0 {
            self.by_word.push(Vec::new());
            self.word_index[word] = self.by_word.len() as u32;
        }
        &mut self.by_word[self.word_index[word] as usize - 1]
    }

    /// Number of patterns.
    pub fn len(&self) -> usize {
        self.patterns
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns == 0
    }

    fn emit(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Word(words) => {
                    let signature = words.iter().fold(Signature::NONE, |all, word| all.or(Signature::word(*word)));
                    self.steps.push(Step::Word(signature, self.lists.len() as u32, words.len() as u16));
                    self.lists.extend(words);
                }
                Node::Class(class) => self.steps.push(Step::Class(*class)),
                Node::First => self.steps.push(Step::First),
                Node::Last => self.steps.push(Step::Last),
                Node::Gap(0) => {}
                Node::Gap(max) => self.steps.push(Step::Gap(*max, Signature::ANY)),
                Node::Choice(choices) => {
                    let mut jumps = Vec::new();
                    for (index, choice) in choices.iter().enumerate() {
                        let split = (index + 1 < choices.len()).then(|| {
                            self.steps.push(Step::Split(Signature::ANY, 0));
                            self.steps.len() - 1
                        });
                        self.emit(choice);
                        if let Some(split) = split {
                            jumps.push(self.steps.len());
                            self.steps.push(Step::Jump(0));
                            self.steps[split] = Step::Split(Signature::ANY, self.steps.len() as u32);
                        }
                    }
                    let end = self.steps.len() as u32;
                    for jump in jumps {
                        self.steps[jump] = Step::Jump(end);
                    }
                }
            }
        }
    }

    /// Collects how a match from `step` on can start.
    fn start(&self, step: u32, start: &mut Start) {
        if start.steps.contains(&step) {
            return;
        }
        start.steps.push(step);
        match &self.steps[step as usize] {
            Step::Word(_, first, len) => start.words.extend(self.list(*first, *len)),
            Step::Class(_) => start.class = true,
            Step::Gap(..) => {
                start.open = true;
                self.start(step + 1, start);
            }
            Step::First | Step::Last => {
                // One at the very beginning is `Starter::anchored`.
                let opening = start.steps.len() == 1 && matches!(self.steps[step as usize], Step::First);
                start.anchor |= !opening;
                self.start(step + 1, start);
            }
            Step::Split(_, other) => {
                self.start(step + 1, start);
                self.start(*other, start);
            }
            Step::Jump(target) => self.start(*target, start),
            Step::Match => start.empty = true,
        }
    }

    fn has_word(&self, step: u32, word: WordId) -> bool {
        matches!(self.steps[step as usize], Step::Word(_, first, len) if self.list(first, len).binary_search(&word).is_ok())
    }

    fn list(&self, first: u32, len: u16) -> &[WordId] {
        &self.lists[first as usize..first as usize + usize::from(len)]
    }

    /// Puts the signatures into the steps from `entry` on that look ahead.
    fn sign(&mut self, entry: usize) {
        for step in entry..self.steps.len() - 1 {
            let next = self.signature_at(step as u32 + 1, 0);
            if let Step::Gap(_, signature) | Step::Split(signature, _) = &mut self.steps[step] {
                *signature = next;
            }
        }
    }

    /// The signature of what can stand `distance` words behind the place where `step` is tried.
    fn signature_at(&self, step: u32, distance: usize) -> Signature {
        self.look_ahead(step, distance, &mut Vec::new())
    }

    fn look_ahead(&self, step: u32, distance: usize, seen: &mut Vec<(u32, usize)>) -> Signature {
        if seen.contains(&(step, distance)) {
            return Signature::NONE;
        }
        seen.push((step, distance));
        match &self.steps[step as usize] {
            Step::Word(signature, ..) if distance == 0 => *signature,
            Step::Class(class) if distance == 0 => Signature::class(*class),
            Step::Word(..) | Step::Class(_) => self.look_ahead(step + 1, distance - 1, seen),
            Step::First => self.look_ahead(step + 1, distance, seen),
            Step::Split(_, other) => {
                self.look_ahead(step + 1, distance, seen).or(self.look_ahead(*other, distance, seen))
            }
            Step::Jump(target) => self.look_ahead(*target, distance, seen),
            Step::Last if distance == 0 => Signature::END,
            Step::Gap(..) | Step::Last | Step::Match => Signature::ANY,
        }
    }

    /// Finds every pattern within one sentence whose owner is `first_owner` or above, in order of its first token, each pattern at most
    /// once per starting token. `met` is a buffer.
    pub fn find(&self, sentence: Words<'_>, first_owner: u16, met: &mut Vec<u64>, mut found: impl FnMut(Hit)) {
        self.meet(sentence.tokens(), met);
        for (first, token) in sentence.tokens().iter().enumerate() {
            let by_class: &[Starter] = if token.class.bits() == 0 { &[] } else { &self.by_class };
            let open: &[Starter] = if first == 0 { &self.opening } else { &self.open_start };
            for (offset, starters) in [(1, self.starters(token.word)), (0, by_class), (0, open)] {
                if starters.is_empty() {
                    continue;
                }
                let ahead = sentence.ahead(first + offset);
                for starter in starters {
                    // Without short cuts: a branch that is hard to foretell costs more than the second look.
                    let fits = ahead
                        .iter()
                        .zip(&starter.window)
                        .fold(is_met(met[usize::from(starter.need)], first, starter.reach), |fits, (is, wanted)| {
                            fits & is.meets(*wanted)
                        });
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

    /// Where in a sentence each need is met, one bit a word.
    fn meet(&self, tokens: &[Token], met: &mut Vec<u64>) {
        met.clear();
        met.resize(self.needs.len() + 1, 0);
        met[NO_NEED] = u64::MAX;
        for (at, token) in tokens.iter().take(FORESEEN).enumerate() {
            for need in self.needs_of_word.get(usize::from(token.word)).into_iter().flatten() {
                met[usize::from(*need)] |= 1 << at;
            }
            if token.class.bits() != 0 {
                for (_, need) in self.needs_of_class.iter().filter(|(class, _)| token.class.has(*class)) {
                    met[usize::from(*need)] |= 1 << at;
                }
            }
        }
    }

    /// The number of a need.
    fn number(&mut self, need: Option<Need>) -> u16 {
        let Some(need) = need else { return NO_NEED as u16 };
        if let Some(known) = self.needs.get(&need) {
            return *known;
        }
        // Beyond so many, patterns are tried without.
        let Ok(number) = u16::try_from(self.needs.len() + 1) else { return NO_NEED as u16 };
        for word in &need.words {
            let word = usize::from(*word);
            if self.needs_of_word.len() <= word {
                self.needs_of_word.resize_with(word + 1, Vec::new);
            }
            self.needs_of_word[word].push(number);
        }
        if need.class != Class::default() {
            self.needs_of_class.push((need.class, number));
        }
        self.needs.insert(need, number);
        number
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

/// The most telling need behind the first word, and among how many words from the first on it is met by every match.
fn most_telling(nodes: &[Node], common: &[WordId]) -> (Option<Need>, u8) {
    let mut end = 0;
    let behind_first = nodes.iter().enumerate().filter_map(|(index, node)| {
        end += longest(node);
        Some((need(node, common).filter(|_| index > 0 && end < FORESEEN)?, end as u8))
    });
    match behind_first.min_by_key(|(need, _)| need.breadth(common)) {
        Some((need, reach)) if need.breadth(common) < BROAD => (Some(need), reach),
        _ => (None, 1),
    }
}

/// The most telling word or class without which `node` does not match; `None` where every one can be left out.
fn need(node: &Node, common: &[WordId]) -> Option<Need> {
    match node {
        Node::Word(words) => Some(Need { words: words.clone(), class: Class::default() }),
        Node::Class(class) => Some(Need { words: Vec::new(), class: *class }),
        Node::Choice(choices) => choices.iter().try_fold(Need::default(), |all, choice| {
            Some(all.or(choice.iter().filter_map(|node| need(node, common)).min_by_key(|need| need.breadth(common))?))
        }),
        Node::Gap(_) | Node::First | Node::Last => None,
    }
}

/// Most words that `node` matches.
fn longest(node: &Node) -> usize {
    match node {
        Node::Word(_) | Node::Class(_) => 1,
        Node::Gap(max) => usize::from(*max),
        Node::Choice(choices) => {
            choices.iter().map(|choice| choice.iter().map(longest).sum()).max().unwrap_or_default()
        }
        Node::First | Node::Last => 0,
    }
}

/// How a pattern can start.
#[derive(Debug, Default)]
struct Start {
    words: Vec<WordId>,
    /// With any word of a class.
    class: bool,
    /// With any word.
    open: bool,
    /// With no word at all.
    empty: bool,
    /// At an end of the sentence only, in some of the ways.
    anchor: bool,
    /// The steps that were followed.
    steps: Vec<u32>,
}

#[cfg(test)]
mod tests;
