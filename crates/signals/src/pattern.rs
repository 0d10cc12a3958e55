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

use crate::inflect::forms;
use crate::text::{Class, Token, Vocabulary, WordId};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// What went wrong in a pattern, as a sentence that quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("in the pattern \"{pattern}\": {message}")]
pub struct PatternError {
    /// The pattern as written.
    pub pattern: String,
    /// What was found and what was expected.
    pub message: String,
}

#[derive(Debug, Clone)]
enum Node {
    Word(Vec<WordId>),
    Class(Class),
    Gap(u8),
    First,
    Last,
    Choice(Vec<Vec<Node>>),
}

/// One step of a compiled pattern; the matcher goes to the next step unless told otherwise.
#[derive(Debug)]
enum Step {
    /// A word out of a sorted list.
    Word(Box<[WordId]>),
    Class(Class),
    Any,
    First,
    Last,
    /// Try the next step first, then the one named.
    Split(u32),
    /// Try the one named first, then the next step.
    SplitBack(u32),
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

/// Many patterns, compiled.
#[derive(Debug, Default)]
pub struct PatternSet {
    steps: Vec<Step>,
    entries: Vec<(u32, u16)>,
    /// Patterns that can start with a given word.
    by_word: FxHashMap<WordId, Vec<u32>>,
    /// Patterns that start with a class, a gap or an anchor before one.
    open_start: Vec<u32>,
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
                fail(format!("{{{name}}} is not defined; defined are: {}", defines.keys().cloned().collect::<Vec<_>>().join(", ")))
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
        let entry = self.steps.len() as u32;
        self.emit(&nodes);
        self.steps.push(Step::Match);
        let index = self.entries.len() as u32;
        let mut first_words = Vec::new();
        let mut open = false;
        if self.first_words(entry, &mut first_words, &mut open) {
            self.steps.truncate(entry as usize);
            return Err(fail("it matches the empty text; at least one word must be required".into()));
        }
        self.entries.push((entry, owner));
        if open {
            self.open_start.push(index);
        } else {
            first_words.sort_unstable();
            first_words.dedup();
            for word in first_words {
                self.by_word.entry(word).or_default().push(index);
            }
        }
        Ok(())
    }

    /// Number of patterns.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn emit(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Word(words) => self.steps.push(Step::Word(words.clone().into())),
                Node::Class(class) => self.steps.push(Step::Class(*class)),
                Node::First => self.steps.push(Step::First),
                Node::Last => self.steps.push(Step::Last),
                Node::Gap(max) => {
                    // Lazy: each optional word is tried only when the rest does not match without it.
                    let end = self.steps.len() as u32 + u32::from(*max) * 2;
                    for _ in 0..*max {
                        self.steps.push(Step::SplitBack(end));
                        self.steps.push(Step::Any);
                    }
                }
                Node::Choice(choices) => {
                    let mut jumps = Vec::new();
                    for (index, choice) in choices.iter().enumerate() {
                        let split = (index + 1 < choices.len()).then(|| {
                            self.steps.push(Step::Split(0));
                            self.steps.len() - 1
                        });
                        self.emit(choice);
                        if let Some(split) = split {
                            jumps.push(self.steps.len());
                            self.steps.push(Step::Jump(0));
                            self.steps[split] = Step::Split(self.steps.len() as u32);
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

    /// Collects the words a match can start with; true where the empty text matches.
    fn first_words(&self, step: u32, words: &mut Vec<WordId>, open: &mut bool) -> bool {
        match &self.steps[step as usize] {
            Step::Word(set) => {
                words.extend(set.iter());
                false
            }
            Step::Class(_) => {
                *open = true;
                false
            }
            Step::Any => {
                *open = true;
                self.first_words(step + 1, words, open)
            }
            Step::First | Step::Last => self.first_words(step + 1, words, open),
            Step::Split(other) | Step::SplitBack(other) => {
                let next = self.first_words(step + 1, words, open);
                self.first_words(*other, words, open) || next
            }
            Step::Jump(target) => self.first_words(*target, words, open),
            Step::Match => true,
        }
    }

    /// Finds every pattern within one sentence, in order of its first token, each pattern at most once per starting token.
    pub fn find(&self, sentence: &[Token], mut found: impl FnMut(Hit)) {
        for first in 0..sentence.len() {
            let starters = self.by_word.get(&sentence[first].word).map_or(&[][..], Vec::as_slice);
            for &index in starters.iter().chain(&self.open_start) {
                let (entry, owner) = self.entries[index as usize];
                if let Some(last) = self.run(entry, sentence, first) {
                    found(Hit { owner, first, last });
                }
            }
        }
    }

    fn run(&self, mut step: u32, sentence: &[Token], mut at: usize) -> Option<usize> {
        loop {
            match &self.steps[step as usize] {
                Step::Word(words) => {
                    let word = sentence.get(at)?.word;
                    let fits = if words.len() <= 8 { words.contains(&word) } else { words.binary_search(&word).is_ok() };
                    if !fits {
                        return None;
                    }
                    at += 1;
                }
                Step::Class(class) => {
                    if !sentence.get(at)?.class.has(*class) {
                        return None;
                    }
                    at += 1;
                }
                Step::Any => {
                    sentence.get(at)?;
                    at += 1;
                }
                Step::First if at > 0 => return None,
                Step::Last if at < sentence.len() => return None,
                Step::First | Step::Last => {}
                Step::Split(other) => {
                    if let Some(end) = self.run(step + 1, sentence, at) {
                        return Some(end);
                    }
                    step = *other;
                    continue;
                }
                Step::SplitBack(other) => {
                    if let Some(end) = self.run(*other, sentence, at) {
                        return Some(end);
                    }
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

struct Parser<'a> {
    input: &'a str,
    at: usize,
    vocabulary: &'a mut Vocabulary,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.input[self.at..].chars().next()
    }

    /// A sequence up to the end, a `|` or a `)`.
    fn sequence(&mut self, depth: u8) -> Result<Vec<Node>, String> {
        if depth > 6 {
            return Err("brackets are nested more than 6 deep".into());
        }
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                ' ' => self.at += 1,
                ')' | '|' => break,
                '(' => {
                    self.at += 1;
                    let node = self.choice(depth)?;
                    nodes.push(self.optional(node));
                }
                '^' => {
                    self.at += 1;
                    nodes.push(Node::First);
                }
                '$' => {
                    self.at += 1;
                    nodes.push(Node::Last);
                }
                '*' => {
                    self.at += 1;
                    let digits = self.take(|c| c.is_ascii_digit());
                    let max = if digits.is_empty() { 3 } else { digits.parse().unwrap_or(u8::MAX) };
                    if max > 12 {
                        return Err("a gap may be 12 words at most".into());
                    }
                    nodes.push(Node::Gap(max));
                }
                '<' => {
                    self.at += 1;
                    let name = self.take(|c| c != '>');
                    let class = match name {
                        "num" => Class::NUMBER,
                        "day" => Class::DAY,
                        "money" => Class::MONEY,
                        "percent" => Class::PERCENT,
                        "clock" => Class::CLOCK,
                        "name" => Class::CAPITAL,
                        other => {
                            return Err(format!("<{other}> is no class; classes are <num>, <day>, <money>, <percent>, <clock>, <name>"));
                        }
                    };
                    self.at += 1;
                    nodes.push(self.optional(Node::Class(class)));
                }
                _ => {
                    let exact = c == '=';
                    self.at += usize::from(exact);
                    let word = self.take(|c| c.is_alphanumeric() || matches!(c, '&' | '_' | '.'));
                    if word.is_empty() {
                        return Err(format!("\"{c}\" was not expected; write words in lower case, without punctuation or apostrophes"));
                    }
                    if word.chars().any(char::is_uppercase) {
                        return Err(format!("write \"{word}\" in lower case"));
                    }
                    let word = word.to_owned();
                    let forms = if exact { vec![word] } else { forms(&word) };
                    let mut ids: Vec<WordId> = forms.iter().map(|form| self.vocabulary.intern(form)).collect();
                    ids.sort_unstable();
                    nodes.push(self.optional(Node::Word(ids)));
                }
            }
        }
        Ok(nodes)
    }

    /// The alternatives behind an opening bracket, up to and with the closing one. Single words are merged into one set.
    fn choice(&mut self, depth: u8) -> Result<Node, String> {
        let mut words: Vec<WordId> = Vec::new();
        let mut sequences = Vec::new();
        loop {
            let mut sequence = self.sequence(depth + 1)?;
            match (sequence.len(), sequence.pop()) {
                (0, _) => return Err("an alternative is empty; write \"(a|b)?\" for an optional group".into()),
                (1, Some(Node::Word(ids))) => words.extend(ids),
                (_, Some(last)) => {
                    sequence.push(last);
                    sequences.push(sequence);
                }
                (_, None) => {}
            }
            match self.peek() {
                Some('|') => self.at += 1,
                Some(')') => {
                    self.at += 1;
                    break;
                }
                _ => return Err("\"(\" without \")\"".into()),
            }
        }
        if !words.is_empty() {
            words.sort_unstable();
            words.dedup();
            // Longer alternatives come first, so that a hit covers as many words as it can.
            sequences.push(vec![Node::Word(words)]);
        }
        Ok(Node::Choice(sequences))
    }

    fn optional(&mut self, node: Node) -> Node {
        if self.peek() == Some('?') {
            self.at += 1;
            return Node::Choice(vec![vec![node], vec![]]);
        }
        node
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> &str {
        let rest = &self.input[self.at..];
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        let taken = &self.input[self.at..self.at + end];
        self.at += end;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(pattern: &str, text: &str) -> Vec<String> {
        let mut vocabulary = Vocabulary::default();
        let mut set = PatternSet::default();
        let defines = BTreeMap::from([("will".to_owned(), "will|am going to".to_owned())]);
        set.add(&mut vocabulary, &defines, pattern, 7).unwrap();
        let mut tokens = Vec::new();
        vocabulary.tokenize(text, &mut tokens);
        let mut found = Vec::new();
        set.find(&tokens, |hit| {
            assert_eq!(hit.owner, 7);
            found.push(text[tokens[hit.first].start as usize..tokens[hit.last - 1].end as usize].to_owned());
        });
        found
    }

    fn error(pattern: &str) -> String {
        let mut vocabulary = Vocabulary::default();
        PatternSet::default().add(&mut vocabulary, &BTreeMap::new(), pattern, 0).unwrap_err().to_string()
    }

    #[test]
    fn words_match_whole_and_inflected() {
        assert_eq!(hits("price", "The prices, priceless pricing!"), ["prices", "pricing"]);
        assert_eq!(hits("=price", "prices price"), ["price"]);
    }

    #[test]
    fn choices_options_and_gaps() {
        assert_eq!(hits("i {will} (send|email)", "I'll send it; I am going to email it"), ["I'll send", "I am going to email"]);
        assert_eq!(hits("get *2 back", "get right back, get back, get it all the way back"), ["get right back", "get back"]);
        assert_eq!(hits("too? expensive", "too expensive"), ["too expensive", "expensive"]);
        assert_eq!(hits("(a b|a) c", "a b c a c"), ["a b c", "a c"]);
    }

    #[test]
    fn anchors_and_classes() {
        assert_eq!(hits("^ no", "no no"), ["no"]);
        assert_eq!(hits("right $", "right you are right"), ["right"]);
        assert_eq!(hits("by <day>", "by Friday or by noon"), ["by Friday"]);
        assert_eq!(hits("<num> (dollar|<percent>)", "12 dollars, 5 12%"), ["12 dollars", "5 12"]);
    }

    #[test]
    fn mistakes_are_told() {
        assert!(error("a?").contains("empty text"), "{}", error("a?"));
        assert!(error("(a|b").contains("without \")\""));
        assert!(error("a)").contains("without \"(\""));
        assert!(error("<foo>").contains("no class"));
        assert!(error("{foo}").contains("not defined"));
        assert!(error("Price").contains("lower case"));
        assert!(error("*99 a").contains("12 words"));
    }
}
