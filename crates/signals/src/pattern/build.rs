//! From patterns as written to a [`PatternSet`].

use super::parse::{Node, Parser};
use super::{Entries, FORESEEN, NO_NEED, Need, PatternError, PatternSet, Signature, Starter, Step, WINDOW};
use crate::text::{Class, Vocabulary, WordId};
use std::collections::{BTreeMap, HashMap};

/// Takes patterns one by one.
#[derive(Debug, Default)]
pub struct PatternSetBuilder {
    /// What is in its place already.
    set: PatternSet,
    /// Patterns that can start with a given word, by its id.
    by_word: Vec<Vec<Starter>>,
    /// The needs that a given word meets, by its id.
    needs_of_word: Vec<Vec<u16>>,
    /// Each different need once.
    numbers: HashMap<Need, u16>,
}

impl PatternSetBuilder {
    /// The patterns that were added.
    pub fn build(self) -> PatternSet {
        let Self { mut set, by_word, needs_of_word, numbers } = self;
        set.different_needs = numbers.len() + 1;
        for word in 0..by_word.len().max(needs_of_word.len()) {
            let (first_starter, first_need) = (set.starters.len() as u32, set.needs.len() as u32);
            set.starters.extend(by_word.get(word).into_iter().flatten());
            set.needs.extend(needs_of_word.get(word).into_iter().flatten());
            let (last_starter, last_need) = (set.starters.len() as u32, set.needs.len() as u32);
            set.words.push(Entries { first_starter, last_starter, first_need, last_need });
        }
        set
    }

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
        let entry = self.set.steps.len();
        self.emit(&nodes);
        self.set.steps.push(Step::Match);
        let mut start = Start::default();
        self.start(entry as u32, &mut start);
        if start.empty {
            self.set.steps.truncate(entry);
            return Err(fail("it matches the empty text; at least one word must be required".into()));
        }
        self.sign(entry);
        self.set.patterns += 1;
        let common = COMMON.map(|word| vocabulary.get(word));
        let (need, reach) = most_telling(&nodes, &common);
        let need = (self.number(need), reach);
        self.enlist(entry as u32, owner, start, need);
        Ok(())
    }

    /// Notes the pattern where it can start.
    fn enlist(&mut self, entry: u32, owner: u16, mut start: Start, (need, reach): (u16, u8)) {
        let anchored = matches!(self.set.steps[entry as usize], Step::First);
        if start.open || start.class {
            let window = std::array::from_fn(|distance| self.signature_at(entry, distance));
            let words = start.open || !start.words.is_empty();
            let starter = Starter { window, need, reach, entry, owner, behind_first: false, anchored };
            match words {
                false => self.set.by_class.push(starter),
                true if anchored => self.set.opening.push(starter),
                true => {
                    self.set.opening.push(starter);
                    self.set.open_start.push(starter);
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

    fn starters_mut(&mut self, word: WordId) -> &mut Vec<Starter> {
        let word = usize::from(word);
        if self.by_word.len() <= word {
            self.by_word.resize_with(word + 1, Vec::new);
        }
        &mut self.by_word[word]
    }

    /// The number of a need.
    fn number(&mut self, need: Option<Need>) -> u16 {
        let Some(need) = need else { return NO_NEED as u16 };
        if let Some(known) = self.numbers.get(&need) {
            return *known;
        }
        // Beyond so many, patterns are tried without.
        let Ok(number) = u16::try_from(self.numbers.len() + 1) else { return NO_NEED as u16 };
        for word in &need.words {
            let word = usize::from(*word);
            if self.needs_of_word.len() <= word {
                self.needs_of_word.resize_with(word + 1, Vec::new);
            }
            self.needs_of_word[word].push(number);
        }
        if need.class != Class::default() {
            self.set.needs_of_class.push((need.class, number));
        }
        self.numbers.insert(need, number);
        number
    }

    fn emit(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Word(words) => {
                    let signature = words.iter().fold(Signature::NONE, |all, word| all.or(Signature::word(*word)));
                    self.set.steps.push(Step::Word(signature, self.set.lists.len() as u32, words.len() as u16));
                    self.set.lists.extend(words);
                }
                Node::Class(class) => self.set.steps.push(Step::Class(*class)),
                Node::First => self.set.steps.push(Step::First),
                Node::Last => self.set.steps.push(Step::Last),
                Node::Gap(0) => {}
                Node::Gap(max) => self.set.steps.push(Step::Gap(*max, Signature::ANY)),
                Node::Choice(choices) => {
                    let mut jumps = Vec::new();
                    for (index, choice) in choices.iter().enumerate() {
                        let split = (index + 1 < choices.len()).then(|| {
                            self.set.steps.push(Step::Split(Signature::ANY, 0));
                            self.set.steps.len() - 1
                        });
                        self.emit(choice);
                        if let Some(split) = split {
                            jumps.push(self.set.steps.len());
                            self.set.steps.push(Step::Jump(0));
                            self.set.steps[split] = Step::Split(Signature::ANY, self.set.steps.len() as u32);
                        }
                    }
                    let end = self.set.steps.len() as u32;
                    for jump in jumps {
                        self.set.steps[jump] = Step::Jump(end);
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
        match &self.set.steps[step as usize] {
            Step::Word(_, first, len) => start.words.extend(self.set.list(*first, *len)),
            Step::Class(_) => start.class = true,
            Step::Gap(..) => {
                start.open = true;
                self.start(step + 1, start);
            }
            Step::First | Step::Last => {
                // One at the very beginning is `Starter::anchored`.
                let opening = start.steps.len() == 1 && matches!(self.set.steps[step as usize], Step::First);
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
        matches!(self.set.steps[step as usize], Step::Word(_, first, len) if self.set.list(first, len).binary_search(&word).is_ok())
    }

    /// Puts the signatures into the steps from `entry` on that look ahead.
    fn sign(&mut self, entry: usize) {
        for step in entry..self.set.steps.len() - 1 {
            let next = self.signature_at(step as u32 + 1, 0);
            if let Step::Gap(_, signature) | Step::Split(signature, _) = &mut self.set.steps[step] {
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
        match &self.set.steps[step as usize] {
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
}

/// Words that every second sentence has.
const COMMON: [&str; 26] = [
    "the", "a", "to", "of", "and", "you", "i", "it", "that", "is", "we", "in", "for", "have", "are", "would", "with",
    "on", "can", "do", "what", "will", "was", "be", "not", "this",
];

/// A need of this breadth costs more to look for than it saves.
const BROAD: usize = 200;

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
#[expect(clippy::struct_excessive_bools, reason = "the ways do not exclude each other")]
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
