//! From headings and paragraphs to sections of a size that can be found and cited.

/// Most tokens of the words of a section, about: texts are cut by the sum of the tokens of their parts.
pub const SECTION_TOKENS: usize = 400;
/// A text of more bytes for each token that may be is not counted but cut: long words take long to count.
const COUNTED_BYTES: usize = 12 * SECTION_TOKENS;
/// Longest heading, in characters; what is longer is a paragraph.
const HEADING: usize = 200;
/// What stands between the headings of a path.
const BELOW: &str = " › ";

/// A part of a document as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading; 1 is the highest level.
    Heading(u8, String),
    /// A paragraph, list, table or piece of code.
    Words(String),
}

/// A section of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionText {
    /// The headings above it, with ` › ` between them; empty where there are none.
    pub heading: String,
    /// Its words.
    pub text: String,
    /// How many tokens headings and words have, about.
    pub tokens: usize,
}

/// The sections of a document, in its order. Each has words, and no word of a paragraph is lost.
pub(super) fn sections(blocks: Vec<Block>) -> Vec<SectionText> {
    let mut outline = Outline::default();
    for block in blocks {
        match block {
            Block::Heading(level, title) if title.chars().count() <= HEADING => outline.heading(level, title),
            Block::Heading(_, text) | Block::Words(text) => outline.words.push(text),
        }
    }
    outline.close(0);
    outline.sections
}

#[derive(Default)]
struct Outline {
    path: Vec<(u8, String)>,
    words: Vec<String>,
    /// The last heading has had no words yet.
    bare: bool,
    sections: Vec<SectionText>,
}

impl Outline {
    fn heading(&mut self, level: u8, title: String) {
        self.close(level);
        self.leave(level);
        if !title.is_empty() {
            self.path.push((level, title));
            self.bare = true;
        }
    }

    /// Ends what stands below the last heading; a heading of this level follows, or the end (0).
    fn close(&mut self, next: u8) {
        let words = std::mem::take(&mut self.words).join("\n\n");
        let bare = std::mem::take(&mut self.bare);
        if !words.trim().is_empty() {
            self.keep(&words);
        } else if bare && self.path.last().is_some_and(|(level, _)| *level >= next) {
            // Nothing stands below it that would carry its words, so that it is a section itself.
            if let Some((_, title)) = self.path.pop() {
                self.keep(&title);
            }
        }
    }

    fn leave(&mut self, level: u8) {
        while self.path.last().is_some_and(|(above, _)| *above >= level) {
            self.path.pop();
        }
    }

    fn keep(&mut self, words: &str) {
        let titles: Vec<&str> = self.path.iter().map(|(_, title)| title.as_str()).collect();
        let heading = titles.join(BELOW);
        for text in split(words) {
            let tokens = llm::tokens(&heading) + llm::tokens(&text);
            self.sections.push(SectionText { heading: heading.clone(), text, tokens });
        }
    }
}

/// Where a text may be cut, the best place first. Each gives the parts in order, which together are the text.
const BORDERS: [fn(&str) -> Vec<&str>; 5] = [paragraphs, lines, sentences, words, characters];

/// Cuts a text into pieces of at most [`SECTION_TOKENS`], at the borders of paragraphs where that is possible, else of lines, sentences, words.
fn split(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    cut(text, &BORDERS, &mut pieces);
    pieces
}

fn cut(text: &str, borders: &[fn(&str) -> Vec<&str>], pieces: &mut Vec<String>) {
    let Some((border, finer)) = borders.split_first().filter(|_| tokens(text).is_none()) else {
        keep(text, pieces);
        return;
    };
    let (mut start, mut end, mut size) = (0, 0, 0);
    for part in border(text) {
        let counted = tokens(part);
        if size + counted.unwrap_or(SECTION_TOKENS + 1) > SECTION_TOKENS {
            keep(&text[start..end], pieces);
            (start, size) = (end, 0);
        }
        end += part.len();
        if let Some(counted) = counted {
            size += counted;
        } else {
            cut(part, finer, pieces);
            start = end;
        }
    }
    keep(&text[start..end], pieces);
}

fn keep(piece: &str, pieces: &mut Vec<String>) {
    let piece = piece.trim_matches('\n').trim_end();
    if !piece.trim().is_empty() {
        pieces.push(piece.to_owned());
    }
}

/// How many tokens a text has, where they fit into one section.
fn tokens(text: &str) -> Option<usize> {
    if text.len() > COUNTED_BYTES {
        return None;
    }
    Some(llm::tokens(text)).filter(|tokens| *tokens <= SECTION_TOKENS)
}

fn paragraphs(text: &str) -> Vec<&str> {
    text.split_inclusive("\n\n").collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Sentences end with their mark and a space, or with a full stop of Chinese and Japanese.
fn sentences(text: &str) -> Vec<&str> {
    let ends = text.char_indices().filter(|(at, c)| match c {
        '.' | '?' | '!' => text[at + 1..].starts_with(char::is_whitespace),
        '。' | '？' | '！' => true,
        _ => false,
    });
    parts(text, ends.map(|(at, c)| at + c.len_utf8()))
}

/// A word goes with the space before it, as in the vocabulary of tokens.
fn words(text: &str) -> Vec<&str> {
    let mut spaced = true;
    let starts = text.char_indices().filter(move |(_, c)| {
        let starts = c.is_whitespace() && !spaced;
        spaced = c.is_whitespace();
        starts
    });
    parts(text, starts.map(|(at, _)| at))
}

fn characters(text: &str) -> Vec<&str> {
    parts(text, text.char_indices().map(|(at, _)| at))
}

fn parts(text: &str, ends: impl Iterator<Item = usize>) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for end in ends.chain([text.len()]).filter(|end| *end > 0) {
        parts.push(&text[start..end]);
        start = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heading(level: u8, title: &str) -> Block {
        Block::Heading(level, title.to_owned())
    }

    fn words_of(text: &str) -> Block {
        Block::Words(text.to_owned())
    }

    fn told(blocks: Vec<Block>) -> Vec<(String, String)> {
        sections(blocks).into_iter().map(|section| (section.heading, section.text)).collect()
    }

    #[test]
    fn a_section_has_the_path_of_its_headings() {
        let blocks = vec![
            words_of("Before all."),
            heading(1, "Dockline"),
            heading(2, "Pricing"),
            words_of("Per seat."),
            heading(3, "Discounts"),
            words_of("From 50 seats."),
            words_of("Not for pilots."),
            heading(2, "Security"),
            words_of("In the EU."),
        ];
        let expected = [
            ("", "Before all."),
            ("Dockline › Pricing", "Per seat."),
            ("Dockline › Pricing › Discounts", "From 50 seats.\n\nNot for pilots."),
            ("Dockline › Security", "In the EU."),
        ];
        assert_eq!(told(blocks), expected.map(|(heading, text)| (heading.to_owned(), text.to_owned())));
    }

    #[test]
    fn a_heading_without_words_is_a_section_unless_another_carries_it() {
        let blocks = vec![heading(1, "A"), heading(2, "B"), heading(2, "C"), words_of("c"), heading(1, "D")];
        let expected = [("A", "B"), ("A › C", "c"), ("", "D")];
        assert_eq!(told(blocks), expected.map(|(heading, text)| (heading.to_owned(), text.to_owned())));
    }

    #[test]
    fn long_texts_are_cut_at_the_best_border() {
        let paragraph = "A pallet is read at the door. It takes two seconds. ".repeat(20);
        let pieces = split(&[paragraph.trim(), paragraph.trim(), paragraph.trim()].join("\n\n"));
        assert_eq!(pieces, vec![paragraph.trim(); 3]);
        let pieces = split(&paragraph.repeat(4));
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.ends_with('.')), "{pieces:?}");
        let pieces = split(&"x".repeat(100_000));
        assert!(pieces.len() > 10 && pieces.concat() == "x".repeat(100_000));
    }

    fn texts() -> impl Strategy<Value = String> {
        let word = prop_oneof![Just("price".to_owned()), "[a-zäß0-9€]{1,12}[.!,]?", "[谢。]{1,40}", "[a-f]{500,2000}"];
        let space = prop_oneof![4 => Just(" "), 1 => Just("\n"), 1 => Just("\n\n"), 1 => Just("  \n")];
        prop::collection::vec((word, space), 0..600)
            .prop_map(|all| all.into_iter().map(|(word, space)| word + space).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_word_is_lost_and_no_piece_too_long(text in texts()) {
            let pieces = split(&text);
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&pieces.concat()), letters(&text));
            for piece in &pieces {
                prop_assert!(llm::tokens(piece) <= SECTION_TOKENS + 20, "{} tokens", llm::tokens(piece));
            }
            // Words that are no longer than a section stay whole.
            if text.split_whitespace().all(|word| word.len() < 400) {
                let whole: Vec<&str> = pieces.iter().flat_map(|piece| piece.split_whitespace()).collect();
                prop_assert_eq!(whole, text.split_whitespace().collect::<Vec<_>>());
            }
        }
    }
}
