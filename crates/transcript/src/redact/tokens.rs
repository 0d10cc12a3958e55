//! Words and numbers of consecutive stretches of speech, in one flat list.

use super::RedactKind;
use super::lexicon::{self, Cue, Word};

/// What stands between two tokens, as bits.
pub(super) mod gap {
    /// White space.
    pub(in super::super) const SPACE: u16 = 1;
    /// A hyphen or dash.
    pub(in super::super) const DASH: u16 = 1 << 1;
    /// A comma.
    pub(in super::super) const COMMA: u16 = 1 << 2;
    /// A full stop or an ellipsis.
    pub(in super::super) const DOT: u16 = 1 << 3;
    /// A bracket or a quotation mark.
    pub(in super::super) const BRACKET: u16 = 1 << 4;
    /// `#`, `*`, `_`.
    pub(in super::super) const HASH: u16 = 1 << 5;
    /// A colon.
    pub(in super::super) const COLON: u16 = 1 << 6;
    /// A slash.
    pub(in super::super) const SLASH: u16 = 1 << 7;
    /// A sign of a currency.
    pub(in super::super) const MONEY: u16 = 1 << 8;
    /// `%`.
    pub(in super::super) const PERCENT: u16 = 1 << 9;
    /// `+`.
    pub(in super::super) const PLUS: u16 = 1 << 10;
    /// A question mark.
    pub(in super::super) const QUESTION: u16 = 1 << 11;
    /// The end of a sentence: a full stop, question or exclamation mark with white space after it, or a new line.
    pub(in super::super) const SENTENCE: u16 = 1 << 12;
    /// An opening bracket.
    pub(in super::super) const OPEN: u16 = 1 << 13;
    /// Anything else.
    pub(in super::super) const OTHER: u16 = 1 << 14;
    /// The "x" before an extension: "555-0100x12".
    pub(in super::super) const EXTENSION: u16 = 1 << 15;

    /// Whether digits on both sides can belong to one number.
    pub(in super::super) fn joins(gap: u16) -> bool {
        gap & (COLON | SLASH | MONEY | PERCENT | PLUS | QUESTION | OTHER | EXTENSION) == 0
    }
}

/// What a token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A word, apostrophes included.
    Word,
    /// A single letter.
    Letter,
    /// ASCII digits.
    Number,
    /// Letters and digits mixed: "D1234567", "3rd".
    Code,
    /// `[CARD]` and its like.
    Placeholder,
}

/// A word, a number, or a placeholder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// First byte in the text of its piece.
    pub(super) start: u32,
    /// Byte after the last.
    pub(super) end: u32,
    /// The piece it stands in.
    pub(super) piece: u32,
    /// What stands between it and the token before, or the beginning of the piece.
    pub(super) before: u16,
    /// What the word is.
    pub(super) word: Word,
    /// What it looks like.
    pub(super) shape: Shape,
    /// What a phrase that ends here says of numbers near it.
    pub(super) cue: Cue,
    /// What it is part of: nothing may be found there any more.
    pub(super) taken: Option<RedactKind>,
    /// Whether the token before is part of the same place.
    pub(super) inner: bool,
}

/// A stretch of speech by one speaker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    /// The words.
    pub(super) text: &'a str,
    /// Who speaks.
    pub(super) speaker: Option<usize>,
    /// First token; the piece ends where the next begins.
    first: u32,
    /// What stands after the last token.
    pub(super) tail: u16,
    /// Whether it asks for something.
    pub(super) asks: bool,
}

/// Consecutive stretches of speech with their tokens.
#[derive(Debug, Default)]
pub(super) struct Stream<'a> {
    /// The stretches in order.
    pub(super) pieces: Vec<Piece<'a>>,
    /// All tokens in order.
    pub(super) tokens: Vec<Token>,
}

impl<'a> Stream<'a> {
    /// Adds a stretch of speech and says whether it has anything like a number in it.
    pub(super) fn push(&mut self, text: &'a str, speaker: Option<usize>) -> bool {
        let first = self.tokens.len();
        let piece = self.pieces.len() as u32;
        let tail = tokenize(text, piece, &mut self.tokens);
        let tokens = &mut self.tokens[first..];
        mark_cues(text, tokens);
        let asks = tail & gap::QUESTION != 0
            || tokens.iter().any(|t| t.word.is(lexicon::REQUEST) || t.before & gap::QUESTION != 0)
            // "And the three digits on the back": what is left open is a question.
            || tokens.last().is_some_and(|t| matches!(t.cue, Cue::CardNumber | Cue::Cvv | Cue::Pin | Cue::Social));
        let spoken = lexicon::DIGIT | lexicon::TEEN | lexicon::TENS | lexicon::OH;
        let numbers = tokens.iter().any(|t| t.word.is(spoken) || !matches!(t.shape, Shape::Word | Shape::Letter));
        self.pieces.push(Piece { text, speaker, first: first as u32, tail, asks });
        numbers
    }

    /// Reads phrases again where words were taken: what is redacted is no part of one, as if the text were read again.
    pub(super) fn forget_taken_phrases(&mut self) {
        for piece in 0..self.pieces.len() {
            let range = self.range(piece);
            let text = self.pieces[piece].text;
            let tokens = &mut self.tokens[range];
            if tokens.iter().any(|token| token.taken.is_some()) {
                for token in tokens.iter_mut() {
                    token.cue = Cue::None;
                }
                mark_cues(text, tokens);
            }
        }
    }

    /// The tokens of a piece.
    pub(super) fn range(&self, piece: usize) -> std::ops::Range<usize> {
        let end = self.pieces.get(piece + 1).map_or(self.tokens.len(), |next| next.first as usize);
        self.pieces[piece].first as usize..end
    }

    /// The words of a token.
    pub(super) fn text(&self, token: usize) -> &'a str {
        let token = &self.tokens[token];
        &self.pieces[token.piece as usize].text[token.start as usize..token.end as usize]
    }

    /// What stands after a token in its piece.
    pub(super) fn after(&self, token: usize) -> u16 {
        match self.next(token) {
            Some(next) => self.tokens[next].before,
            None => self.pieces[self.tokens[token].piece as usize].tail,
        }
    }

    /// The next token of the same piece.
    pub(super) fn next(&self, token: usize) -> Option<usize> {
        let next = self.tokens.get(token + 1)?;
        (next.piece == self.tokens[token].piece).then_some(token + 1)
    }

    /// The previous token of the same piece.
    pub(super) fn previous(&self, token: usize) -> Option<usize> {
        let previous = token.checked_sub(1)?;
        (self.tokens[previous].piece == self.tokens[token].piece).then_some(previous)
    }
}

/// Finds the tokens of a text and says what stands after the last.
fn tokenize(text: &str, piece: u32, tokens: &mut Vec<Token>) -> u16 {
    let mut before = 0;
    let mut lower = String::new();
    let mut at = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if start < at {
            continue;
        }
        if c == 'x' && before == 0 && extends(tokens.last(), piece, start, chars.peek()) {
            before = gap::EXTENSION;
            continue;
        }
        let placeholder = if c == '[' { RedactKind::placeholder_at(&text[start..]) } else { None };
        let mut push = |end: usize, word: Word, shape: Shape, before: u16| {
            let (start, end) = (start as u32, end as u32);
            tokens.push(Token {
                start,
                end,
                piece,
                before,
                word,
                shape,
                cue: Cue::None,
                taken: placeholder,
                inner: false,
            });
        };
        if let Some(kind) = placeholder {
            at = start + kind.placeholder().len();
            push(at, Word::default(), Shape::Placeholder, before);
            before = 0;
        } else if c.is_alphanumeric() {
            let (mut digits, mut letters, mut end) = (0_usize, 0_usize, start);
            let script = script(c);
            let mut next = Some((start, c));
            while let Some((i, c)) = next {
                digits += usize::from(c.is_ascii_digit());
                letters += usize::from(!c.is_ascii_digit());
                end = i + c.len_utf8();
                if script == Script::Signs || letters == 0 && digits >= 3 && is_extension(&text[end..]) {
                    break;
                }
                next = chars.next_if(|(_, c)| c.is_alphanumeric() && self::script(*c) == script);
                if next.is_none() && digits == 0 && matches!(chars.peek(), Some((_, '\'' | '’'))) {
                    let mut ahead = chars.clone();
                    ahead.next();
                    if ahead.peek().is_some_and(|(_, c)| c.is_alphabetic()) {
                        chars.next();
                        next = chars.next();
                    }
                }
            }
            let shape = match (digits, letters) {
                (0, 1) if script != Script::Signs => Shape::Letter,
                (0, _) => Shape::Word,
                (_, 0) => Shape::Number,
                _ => Shape::Code,
            };
            let mut word = Word::default();
            if end - start <= 24 {
                lower.clear();
                lower.extend(text[start..end].chars().map(|c| if c == '’' { '\'' } else { c.to_ascii_lowercase() }));
                word = lexicon::word(&lower);
                // "The CVV's four one two."
                if let Some(own) = lower.strip_suffix("'s") {
                    word.flags |= lexicon::word(own).flags & lexicon::CUE;
                }
            }
            push(end, word, shape, before);
            before = 0;
        } else {
            before |= gap_of(c, chars.peek().map(|(_, next)| *next));
        }
    }
    before
}

/// How the letters of a script make words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Letters and digits make a word, and so it ends where they end.
    Letters,
    /// Words without spaces between, as in Chinese and Japanese: every sign is a token, and phrases are found sign by sign.
    Signs,
    /// Korean: words have spaces between, but digits stand directly beside them.
    Syllables,
}

/// The script of a letter or digit.
fn script(c: char) -> Script {
    match c {
        '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Script::Signs,
        '\u{AC00}'..='\u{D7AF}' => Script::Syllables,
        _ => Script::Letters,
    }
}

/// Whether a character is a word of its own.
pub(super) fn is_sign(c: char) -> bool {
    script(c) == Script::Signs
}

/// Whether an "x" at `start` stands between the digits of a number and those of an extension.
fn extends(last: Option<&Token>, piece: u32, start: usize, next: Option<&(usize, char)>) -> bool {
    let number = |token: &Token| token.piece == piece && token.end as usize == start && token.shape == Shape::Number;
    last.is_some_and(number) && next.is_some_and(|(_, c)| c.is_ascii_digit())
}

fn is_extension(rest: &str) -> bool {
    rest.starts_with('x') && rest[1..].starts_with(|c: char| c.is_ascii_digit())
}

fn gap_of(c: char, next: Option<char>) -> u16 {
    let sentence = if next.is_none_or(|c| c.is_whitespace() || is_sign(c)) { gap::SENTENCE } else { 0 };
    match c {
        '\n' => gap::SPACE | gap::SENTENCE,
        '-' | '‐' | '‑' | '–' | '—' | '−' => gap::DASH,
        ',' | '、' => gap::COMMA,
        '.' => gap::DOT | sentence,
        '。' => gap::DOT | gap::SENTENCE,
        '…' | '·' | '•' => gap::DOT,
        '(' => gap::BRACKET | gap::OPEN,
        ')' | '[' | ']' | '"' | '\'' | '“' | '”' | '‘' | '’' => gap::BRACKET,
        '#' | '*' | '_' | '№' => gap::HASH,
        ':' => gap::COLON,
        '/' => gap::SLASH,
        '$' | '€' | '£' | '¥' | '₹' => gap::MONEY,
        '%' => gap::PERCENT,
        '+' => gap::PLUS,
        '?' => gap::QUESTION | sentence,
        '!' => gap::OTHER | sentence,
        c if c.is_whitespace() => gap::SPACE,
        _ => gap::OTHER,
    }
}

/// Marks the last token of every phrase of the lexicon.
fn mark_cues(text: &str, tokens: &mut [Token]) {
    let mut at = 0;
    while at < tokens.len() {
        let word =
            |token: &Token| text[token.start as usize..token.end as usize].to_ascii_lowercase().replace('’', "'");
        if !tokens[at].word.is(lexicon::CUE) || tokens[at].taken.is_some() {
            at += 1;
            continue;
        }
        let first = word(&tokens[at]);
        let own = first.strip_suffix("'s").unwrap_or(&first);
        let phrases = lexicon::phrases(&first).iter().chain(lexicon::phrases(own).iter().filter(|_| own != first));
        let found = phrases.into_iter().find(|(rest, _)| {
            tokens.get(at + 1..=at + rest.len()).is_some_and(|next| {
                next.iter().zip(rest).all(|(token, known)| {
                    let next = word(token);
                    token.taken.is_none()
                        && token.before & !(gap::SPACE | gap::DASH | gap::DOT | gap::HASH) == 0
                        && (next == *known || next.strip_suffix("'s") == Some(known))
                })
            })
        });
        match found {
            Some((rest, cue)) => {
                at += rest.len();
                tokens[at].cue = *cue;
                at += 1;
            }
            None => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_codes_and_placeholders_are_told_apart() {
        use Shape::{Code, Letter, Number, Placeholder, Word};
        let mut stream = Stream::default();
        assert!(stream.push("It's D12, 4-5 a [CARD] [X]", None));
        let shapes: Vec<_> = stream.tokens.iter().map(|t| t.shape).collect();
        assert_eq!(shapes, [Word, Code, Number, Number, Letter, Placeholder, Letter]);
        assert_eq!(stream.text(0), "It's");
        assert_eq!(stream.tokens[3].before, gap::DASH);
        assert_eq!(stream.tokens[5].taken, Some(RedactKind::Card));
    }

    #[test]
    fn the_longest_phrase_marks_its_last_word() {
        let mut stream = Stream::default();
        stream.push("my social security number and the security code", None);
        let cues: Vec<_> = stream.tokens.iter().map(|t| t.cue).filter(|cue| *cue != Cue::None).collect();
        assert_eq!(cues, [Cue::Social, Cue::Cvv]);
        assert_eq!(stream.tokens[3].cue, Cue::Social);
    }
}
