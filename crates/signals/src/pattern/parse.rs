//! From a pattern as written to a tree.

use crate::inflect::forms;
use crate::text::{Class, Vocabulary, WordId};

#[derive(Debug, Clone)]
pub(super) enum Node {
    Word(Vec<WordId>),
    Class(Class),
    Gap(u8),
    First,
    Last,
    Choice(Vec<Vec<Node>>),
}

pub(super) struct Parser<'a> {
    pub(super) input: &'a str,
    pub(super) at: usize,
    pub(super) vocabulary: &'a mut Vocabulary,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.input[self.at..].chars().next()
    }

    /// A sequence up to the end, a `|` or a `)`.
    pub(super) fn sequence(&mut self, depth: u8) -> Result<Vec<Node>, String> {
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
                            return Err(format!(
                                "<{other}> is no class; classes are <num>, <day>, <money>, <percent>, <clock>, <name>"
                            ));
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
                        return Err(format!(
                            "\"{c}\" was not expected; write words in lower case, without punctuation or apostrophes"
                        ));
                    }
                    if word.chars().any(char::is_uppercase) {
                        return Err(format!("write \"{word}\" in lower case"));
                    }
                    let word = word.to_owned();
                    let forms = if exact { vec![word] } else { forms(&word) };
                    let ids: Result<Vec<WordId>, _> = forms.iter().map(|form| self.vocabulary.intern(form)).collect();
                    let mut ids = ids.map_err(|full| full.to_string())?;
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
            if words.len() > usize::from(u16::MAX) {
                return Err("a bracket may hold 65,535 words at most".into());
            }
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
