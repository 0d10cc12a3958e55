//! Text to tokens as BERT's uncased tokenizer does it: small letters without accents, words and marks, each word in the longest pieces there are.
//!
//! Written here because the crate `tokenizers` is 76 more crates and two minutes of processor time to compile, for what is a hundred lines. Beside it
//! (0.23) on 20,000 lines, half of sentences and half of random characters of all scripts, 81 had other tokens: those looked at have a character that
//! Unicode got since the tables of that crate were made, as U+061D or U+09FD. On purpose the names of special tokens in a text (`[SEP]`) are words here.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// Characters of the longest word that is taken apart; a longer one is unknown.
const LONGEST_WORD: usize = 100;

#[derive(Deserialize)]
struct File {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: FxHashMap<String, u32>,
}

/// The pieces, and what begins and ends a text.
#[derive(Debug)]
pub(crate) struct WordPiece {
    /// Pieces that begin a word.
    first: FxHashMap<Box<str>, u32>,
    /// Pieces that go on with it.
    further: FxHashMap<Box<str>, u32>,
    begin: u32,
    end: u32,
    unknown: u32,
    /// Bytes of the longest piece.
    longest: usize,
    /// The number after the largest of a token.
    size: usize,
}

impl WordPiece {
    /// Reads `tokenizer.json`.
    ///
    /// # Errors
    /// What is wrong with it, as it follows its name in a sentence.
    pub fn read(file: &[u8]) -> Result<Self, String> {
        let file: File =
            serde_json::from_slice(file).map_err(|_| "it has no `model.vocab` with the pieces of words".to_owned())?;
        let vocab = file.model.vocab;
        let special = |name: &str| vocab.get(name).copied().ok_or_else(|| format!("it has no token `{name}`"));
        let (begin, end, unknown) = (special("[CLS]")?, special("[SEP]")?, special("[UNK]")?);
        let longest = vocab.keys().map(String::len).max().unwrap_or_default();
        let size = vocab.values().max().map_or(0, |most| *most as usize + 1);
        let (mut first, mut further) = (FxHashMap::default(), FxHashMap::default());
        for (piece, id) in vocab {
            match piece.strip_prefix("##") {
                Some(piece) if !piece.is_empty() => further.insert(piece.into(), id),
                _ => first.insert(piece.into(), id),
            };
        }
        Ok(Self { first, further, begin, end, unknown, longest, size })
    }

    /// The number after the largest of a token.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The tokens of a text, with what begins and ends it, of which there are at most `most`; what is beyond is left out.
    pub fn tokens(&self, text: &str, most: usize) -> Vec<u32> {
        let mut tokens = vec![self.begin];
        let mut word = String::new();
        // The end has its place.
        let most = most.saturating_sub(1);
        let letters = text.chars().filter(|letter| !is_dropped(*letter)).flat_map(apart).nfd();
        for letter in letters.filter(|letter| !is_accent(*letter)).flat_map(char::to_lowercase) {
            let is_mark = is_mark(letter);
            if is_mark || letter.is_whitespace() {
                self.take_apart(&word, &mut tokens);
                word.clear();
                if is_mark {
                    self.take_apart(letter.encode_utf8(&mut [0; 4]), &mut tokens);
                }
            } else {
                word.push(letter);
            }
            if tokens.len() >= most {
                break;
            }
        }
        self.take_apart(&word, &mut tokens);
        tokens.truncate(most);
        tokens.push(self.end);
        tokens
    }

    /// The longest pieces of a word from its beginning on; one that is not made of pieces is unknown as a whole.
    fn take_apart(&self, word: &str, tokens: &mut Vec<u32>) {
        if word.is_empty() {
            return;
        }
        let before = tokens.len();
        let is_long = word.chars().nth(LONGEST_WORD).is_some();
        let mut rest = if is_long { "" } else { word };
        while !rest.is_empty() {
            let pieces = if rest.len() == word.len() { &self.first } else { &self.further };
            let ends = (1..=rest.len().min(self.longest)).rev();
            let piece =
                ends.filter_map(|end| rest.get(..end)).find_map(|piece| Some((piece.len(), pieces.get(piece)?)));
            let Some((length, id)) = piece else { break };
            tokens.push(*id);
            rest = &rest[length..];
        }
        if is_long || !rest.is_empty() {
            tokens.truncate(before);
            tokens.push(self.unknown);
        }
    }
}

/// What is no character of a text.
fn is_dropped(letter: char) -> bool {
    use GeneralCategory::{Control, Format, PrivateUse};
    match letter {
        '\t' | '\n' | '\r' | ' '..='~' => false,
        '\0' | '\u{fffd}' => true,
        _ => matches!(letter.general_category(), Control | Format | PrivateUse),
    }
}

/// A Chinese character with a space on both sides; others as they are.
fn apart(letter: char) -> impl Iterator<Item = char> {
    let space = is_chinese(letter).then_some(' ');
    space.into_iter().chain([letter]).chain(space)
}

fn is_chinese(letter: char) -> bool {
    matches!(letter,
        '\u{4e00}'..='\u{9fff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2b73f}'
        | '\u{2b740}'..='\u{2b81f}'
        | '\u{2b920}'..='\u{2ceaf}'
        | '\u{f900}'..='\u{faff}'
        | '\u{2f800}'..='\u{2fa1f}')
}

fn is_accent(letter: char) -> bool {
    !letter.is_ascii() && letter.general_category() == GeneralCategory::NonspacingMark
}

fn is_mark(letter: char) -> bool {
    letter.is_ascii_punctuation()
        || !letter.is_ascii() && letter.general_category_group() == GeneralCategoryGroup::Punctuation
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECES: [&str; 26] = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "price", "##s", "##list", "is", "too", "high", ",", ".", "$", "4",
        "##00", "strasse", "cafe", "中", "国", "it", "'", "—", "#", "##price", "a",
    ];

    fn words() -> WordPiece {
        let vocab: Vec<String> = PIECES.iter().enumerate().map(|(id, piece)| format!("{piece:?}:{id}")).collect();
        WordPiece::read(format!(r#"{{"model":{{"type":"WordPiece","vocab":{{{}}}}}}}"#, vocab.join(",")).as_bytes())
            .unwrap()
    }

    /// The pieces of a text, without what begins and ends it.
    fn pieces(text: &str) -> Vec<&'static str> {
        let tokens = words().tokens(text, 256);
        assert_eq!((tokens[0], tokens[tokens.len() - 1]), (2, 3));
        tokens[1..tokens.len() - 1].iter().map(|id| PIECES[*id as usize]).collect()
    }

    #[test]
    fn words_come_in_the_longest_pieces_there_are() {
        assert_eq!(pieces("The prices is too HIGH."), ["the", "price", "##s", "is", "too", "high", "."]);
        assert_eq!(pieces("pricelists"), ["price", "##list", "##s"]);
        assert_eq!(pieces("$400,it's"), ["$", "4", "##00", ",", "it", "'", "[UNK]"]);
        // A piece that goes on with a word does not begin one.
        assert_eq!(pieces("list"), ["[UNK]"]);
        assert_eq!(pieces("##price"), ["#", "#", "price"]);
        // One unknown piece makes the whole word unknown.
        assert_eq!(pieces("pricex is"), ["[UNK]", "is"]);
        assert!(pieces("").is_empty() && pieces(" \t\n ").is_empty());
    }

    #[test]
    fn letters_are_small_and_without_accents_and_what_is_none_is_dropped() {
        assert_eq!(pieces("CAFÉ cafe\u{301}"), ["cafe", "cafe"]);
        assert_eq!(pieces("中国is"), ["中", "国", "is"]);
        assert_eq!(pieces("the—price"), ["the", "—", "price"]);
        assert_eq!(pieces("t\u{200d}h\u{0}e\u{fffd} pri\u{ad}ce"), ["the", "price"]);
        assert_eq!(pieces("the\u{a0}price\u{2028}is\ttoo\r\nhigh"), ["the", "price", "is", "too", "high"]);
        assert_eq!(pieces("🙂 is"), ["[UNK]", "is"]);
    }

    #[test]
    fn a_text_ends_where_there_is_no_more_place() {
        let words = words();
        assert_eq!(words.tokens("the price is too high", 5), [2, 4, 5, 8, 3]);
        assert_eq!(words.tokens("pricelists", 4), [2, 5, 7, 3], "within a word too");
        assert_eq!(words.tokens("the the", 256), [2, 4, 4, 3]);
        assert_eq!(words.tokens(&"price ".repeat(300_000), 256).len(), 256);
    }

    #[test]
    fn a_word_that_is_too_long_is_unknown() {
        assert_eq!(pieces(&format!("price{}", "s".repeat(95))).len(), 96);
        assert_eq!(pieces(&format!("price{}", "s".repeat(96))), ["[UNK]"]);
        assert_eq!(pieces(&format!("{} is", "é".repeat(10_000))), ["[UNK]", "is"]);
    }

    #[test]
    fn a_name_of_a_special_token_in_a_text_is_no_special_token() {
        assert!(!pieces("[SEP] the").contains(&"[SEP]"));
    }

    #[test]
    fn a_file_that_is_no_tokenizer_is_refused() {
        for bad in ["", "{}", r#"{"model":{"vocab":[]}}"#, r#"{"model":{"vocab":{"a":-1}}}"#] {
            assert!(WordPiece::read(bad.as_bytes()).unwrap_err().contains("vocab"), "{bad}");
        }
        let error = WordPiece::read(br#"{"model":{"vocab":{"[CLS]":0,"[UNK]":1}}}"#).unwrap_err();
        assert_eq!(error, "it has no token `[SEP]`");
    }
}
