//! The words of a text as they are looked for: in lower case, without accents, without the regular endings of English.

use signals::inflect::is_function_word;
use std::borrow::Cow;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut, in bytes: no word of a language is, and indexes have a limit.
const LONGEST: usize = 64;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// In lower case and without accents.
    pub folded: String,
}

impl Word {
    /// Whether it is a letter of a script without spaces.
    pub fn is_ideograph(&self) -> bool {
        let mut letters = self.folded.chars();
        letters.next().is_some_and(is_ideograph) && letters.next().is_none()
    }

    /// The form in which it is looked for.
    pub fn stem(&self) -> String {
        stem(&self.folded)
    }
}

/// The words of a text, in order. Letters and digits make a word; of scripts without spaces each letter is one.
pub fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if is_ideograph(c) {
            if let Some(from) = start.take() {
                push(&mut found, text, from..at);
            }
            push(&mut found, text, at..at + c.len_utf8());
            continue;
        }
        if c.is_alphanumeric() {
            start.get_or_insert(at);
        } else if !is_mark(c)
            && let Some(from) = start.take()
        {
            push(&mut found, text, from..at);
        }
    }
    if let Some(from) = start {
        push(&mut found, text, from..text.len());
    }
    found
}

fn push(found: &mut Vec<Word>, text: &str, at: Range<usize>) {
    let folded = fold(&text[at.clone()]);
    if !folded.is_empty() {
        found.push(Word { at, folded });
    }
}

/// Accents that are written apart from their letter.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

/// Chinese, Japanese.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// A word in lower case and without accents.
pub fn fold(word: &str) -> String {
    let mut folded: String = if word.is_ascii() {
        word.to_ascii_lowercase()
    } else {
        let plain: String = word.nfkd().filter(|c| !is_combining_mark(*c)).collect();
        // Korean letters come apart in what is taken apart.
        plain.to_lowercase().nfc().collect()
    };
    folded.retain(char::is_alphanumeric);
    if folded.len() > LONGEST {
        folded.truncate(folded.floor_char_boundary(LONGEST));
    }
    folded
}

/// Whether a folded word says nothing by itself: the, of, would, the s of a genitive.
pub fn is_common(folded: &str) -> bool {
    let is_letter = folded.len() == 1 && folded.bytes().all(|b| b.is_ascii_alphabetic());
    is_letter || is_function_word(folded)
}

/// The forms of the words of a text that count when texts are compared: without function words and single letters.
pub fn terms(text: &str, mut found: impl FnMut(String)) {
    for word in words(text) {
        if !is_common(&word.folded) {
            found(word.stem());
        }
    }
}

/// One form for the regular forms of an English word: prices, priced and pricing are `pric`. But for `-ies` and `-ied`, which become `-y`, it is the
/// beginning of the word, so that beginnings of words are found by beginnings of forms.
pub fn stem(folded: &str) -> String {
    if folded.len() < 4 || !folded.bytes().all(|b| b.is_ascii_lowercase()) {
        return folded.to_owned();
    }
    let mut word = Cow::Borrowed(folded);
    // Agreed, guaranteed.
    if word.len() > 4 && word.ends_with("eed") {
        word.to_mut().pop();
    } else if let Some(base) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied")) {
        word = Cow::Owned(format!("{base}y"));
    } else if word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") {
        word.to_mut().pop();
    }
    for ending in ["ing", "ed"] {
        let Some(base) = word.strip_suffix(ending) else { continue };
        if base.len() >= 3 && base.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
            let letters = base.as_bytes();
            let doubled = letters[letters.len() - 1] == letters[letters.len() - 2] && !base.ends_with(['l', 's', 'z']);
            word = Cow::Owned(base[..base.len() - usize::from(doubled)].to_owned());
        }
        break;
    }
    if word.len() > 3 && word.ends_with('e') {
        word.to_mut().pop();
    }
    word.into_owned()
}

/// Forms that words beginning with `prefix` may have without themselves beginning with it: `pricin` begins `pricing`, whose form is `pric`.
pub fn shorter_forms(prefix: &str) -> Vec<String> {
    let mut forms: Vec<String> = ["", "s", "g", "ng", "ing", "d", "ed", "e", "es", "y", "ies", "ied", "n"]
        .iter()
        .map(|ending| stem(&format!("{prefix}{ending}")))
        .filter(|form| !form.starts_with(prefix))
        .collect();
    forms.sort_unstable();
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_folded_and_know_where_they_stand() {
        let text = "Anna’s café costs $1,000 – don't you think? 価格は100円";
        assert_eq!(
            folded(text),
            ["anna", "s", "cafe", "costs", "1", "000", "don", "t", "you", "think", "価", "格", "は", "100", "円"]
        );
        for word in words(text) {
            assert_eq!(fold(&text[word.at.clone()]), word.folded);
        }
        // Written apart: e and an accent.
        assert_eq!(folded("cafe\u{301} Ｗｉｄｅ straße"), ["cafe", "wide", "straße"]);
        assert_eq!(folded("' 's rock'n'roll it's' –"), ["s", "rock", "n", "roll", "it", "s"]);
        assert_eq!(folded(&"x".repeat(10_000))[0].len(), LONGEST);
        assert_eq!(folded("한국어 가격"), ["한국어", "가격"]);
    }

    #[test]
    fn regular_forms_are_one() {
        for (form, all) in [
            ("pric", vec!["price", "prices", "priced", "pricing"]),
            ("company", vec!["company", "companies"]),
            ("agre", vec!["agreed", "agrees", "agree"]),
            ("plan", vec!["plan", "plans", "planned", "planning"]),
            ("call", vec!["call", "calls", "called", "calling"]),
            ("ship", vec!["ship", "shipped"]),
            ("install", vec!["install", "installed"]),
            ("process", vec!["process", "processes"]),
            ("box", vec!["box", "boxes"]),
        ] {
            for word in all {
                assert_eq!(stem(word), form, "{word}");
            }
        }
        for word in ["sing", "bus", "red", "api", "gdpr", "49", "türen", "basis"] {
            assert_eq!(stem(word), word);
        }
    }

    #[test]
    fn terms_leave_out_what_says_nothing() {
        let mut found = Vec::new();
        terms("The 49-euro price, 谢谢 (per door) I'd pay.", |term| found.push(term));
        assert_eq!(found, ["49", "euro", "pric", "谢", "谢", "per", "door", "pay"]);
    }

    proptest! {
        #[test]
        fn a_word_that_begins_so_is_found_by_its_beginning(word in "[a-z]{3,12}(s|es|ing|ed|ies|ied|e|y)?", keep in 0_usize..12) {
            let prefix = &word[..(3 + keep).min(word.len())];
            let form = stem(&word);
            // What is looked for: forms that begin so, and these.
            let found = form.starts_with(prefix) || shorter_forms(prefix).contains(&form);
            // `-ies` taken in the midst of the ending: the form is known by what is left of it.
            prop_assert!(found, "{word} by {prefix}: {form} of {:?}", shorter_forms(prefix));
        }

        #[test]
        fn any_text_has_words(text in ".{0,80}") {
            for word in words(&text) {
                prop_assert!(!word.folded.is_empty() && word.at.end <= text.len());
                prop_assert!(!word.stem().is_empty());
                // What goes into an index is one word there.
                prop_assert!(word.folded.chars().all(char::is_alphanumeric), "{:?}", word.folded);
            }
        }
    }
}
