//! The regular forms of an English word, and the common irregular ones.

/// Irregular verbs and nouns that occur in sales talk: base form, then its other forms.
const IRREGULAR: &[(&str, &[&str])] = &[
    ("be", &["is", "are", "was", "were", "been", "being", "am"]),
    ("bring", &["brings", "brought", "bringing"]),
    ("build", &["builds", "built", "building"]),
    ("buy", &["buys", "bought", "buying"]),
    ("choose", &["chooses", "chose", "chosen", "choosing"]),
    ("come", &["comes", "came", "coming"]),
    ("cost", &["costs", "costing"]),
    ("cut", &["cuts", "cutting"]),
    ("do", &["does", "did", "done", "doing"]),
    ("drive", &["drives", "drove", "driven", "driving"]),
    ("fall", &["falls", "fell", "fallen", "falling"]),
    ("feel", &["feels", "felt", "feeling"]),
    ("find", &["finds", "found", "finding"]),
    ("get", &["gets", "got", "gotten", "getting"]),
    ("give", &["gives", "gave", "given", "giving"]),
    ("go", &["goes", "went", "gone", "going"]),
    ("have", &["has", "had", "having"]),
    ("hear", &["hears", "heard", "hearing"]),
    ("hold", &["holds", "held", "holding"]),
    ("keep", &["keeps", "kept", "keeping"]),
    ("know", &["knows", "knew", "known", "knowing"]),
    ("leave", &["leaves", "left", "leaving"]),
    ("lose", &["loses", "lost", "losing"]),
    ("make", &["makes", "made", "making"]),
    ("mean", &["means", "meant", "meaning"]),
    ("meet", &["meets", "met", "meeting"]),
    ("pay", &["pays", "paid", "paying"]),
    ("person", &["persons", "people"]),
    ("put", &["puts", "putting"]),
    ("run", &["runs", "ran", "running"]),
    ("say", &["says", "said", "saying"]),
    ("see", &["sees", "saw", "seen", "seeing"]),
    ("sell", &["sells", "sold", "selling"]),
    ("send", &["sends", "sent", "sending"]),
    ("set", &["sets", "setting"]),
    ("show", &["shows", "showed", "shown", "showing"]),
    ("sign", &["signs", "signed", "signing"]),
    ("speak", &["speaks", "spoke", "spoken", "speaking"]),
    ("spend", &["spends", "spent", "spending"]),
    ("take", &["takes", "took", "taken", "taking"]),
    ("tell", &["tells", "told", "telling"]),
    ("think", &["thinks", "thought", "thinking"]),
    ("understand", &["understands", "understood", "understanding"]),
    ("write", &["writes", "wrote", "written", "writing"]),
];

/// Words that have no inflections worth matching: function words, and words whose regular forms are other words.
const FIXED: &[&str] = &[
    "a",
    "about",
    "after",
    "again",
    "ago",
    "all",
    "also",
    "always",
    "am",
    "an",
    "and",
    "any",
    "anything",
    "are",
    "as",
    "at",
    "back",
    "been",
    "before",
    "being",
    "better",
    "but",
    "by",
    "can",
    "could",
    "did",
    "does",
    "done",
    "else",
    "even",
    "ever",
    "every",
    "everyone",
    "everything",
    "few",
    "first",
    "for",
    "from",
    "good",
    "had",
    "has",
    "he",
    "her",
    "here",
    "him",
    "his",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "just",
    "last",
    "less",
    "made",
    "many",
    "maybe",
    "me",
    "more",
    "most",
    "much",
    "my",
    "never",
    "next",
    "no",
    "nobody",
    "none",
    "nope",
    "not",
    "nothing",
    "now",
    "of",
    "off",
    "okay",
    "on",
    "one",
    "only",
    "or",
    "other",
    "our",
    "out",
    "over",
    "perhaps",
    "quite",
    "really",
    "right",
    "said",
    "same",
    "she",
    "should",
    "since",
    "so",
    "some",
    "somebody",
    "someone",
    "something",
    "soon",
    "still",
    "sure",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "this",
    "those",
    "to",
    "today",
    "together",
    "tomorrow",
    "too",
    "two",
    "under",
    "until",
    "up",
    "us",
    "very",
    "was",
    "we",
    "well",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "without",
    "would",
    "yeah",
    "yep",
    "yes",
    "yet",
    "you",
    "your",
    "yours",
];

/// Whether a word, in lower case, holds sentences together and says nothing of what they are about.
pub fn is_function_word(word: &str) -> bool {
    FIXED.binary_search(&word).is_ok() || matches!(word, "be" | "do" | "have")
}

/// All forms of `word` that a pattern word stands for, the word itself first.
pub fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if FIXED.binary_search(&word).is_ok()
        || word.len() < 3 && word != "go" && word != "do"
        || !word.bytes().all(|b| b.is_ascii_lowercase())
    {
        return forms;
    }
    if let Some((_, others)) = IRREGULAR.iter().find(|(base, _)| *base == word) {
        forms.extend(others.iter().map(|f| (*f).to_owned()));
        return forms;
    }
    let bytes = word.as_bytes();
    let (last, before) = (bytes[bytes.len() - 1], bytes[bytes.len() - 2]);
    let vowel = |b: u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u');
    let stem = &word[..word.len() - 1];
    match last {
        b'e' if before == b'e' => forms.extend([format!("{word}s"), format!("{word}d"), format!("{word}ing")]),
        b'e' => forms.extend([format!("{word}s"), format!("{word}d"), format!("{stem}ing")]),
        b'y' if !vowel(before) => forms.extend([format!("{stem}ies"), format!("{stem}ied"), format!("{word}ing")]),
        b's' | b'x' | b'z' => forms.extend([format!("{word}es"), format!("{word}ed"), format!("{word}ing")]),
        b'h' if matches!(before, b'c' | b's') => {
            forms.extend([format!("{word}es"), format!("{word}ed"), format!("{word}ing")]);
        }
        _ => {
            forms.extend([format!("{word}s"), format!("{word}ed"), format!("{word}ing")]);
            // One syllable, consonant-vowel-consonant: the last consonant doubles ("drop", "dropped").
            let short = bytes.len() <= 4 && bytes.len() >= 3 && vowel(before) && !vowel(bytes[bytes.len() - 3]);
            if short && !matches!(last, b'w' | b'y') && !vowel(last) {
                let double = char::from(last);
                forms.extend([format!("{word}{double}ed"), format!("{word}{double}ing")]);
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_fixed_words_is_sorted_for_its_search() {
        assert!(FIXED.is_sorted());
    }

    #[test]
    fn function_words_are_told_from_others() {
        for (word, so) in [("the", true), ("have", true), ("would", true), ("price", false), ("", false)] {
            assert_eq!(is_function_word(word), so, "{word}");
        }
    }

    #[test]
    fn irregular_words_are_listed_in_lower_case_once() {
        let mut bases: Vec<_> = IRREGULAR.iter().map(|(base, _)| *base).collect();
        assert!(bases.is_sorted());
        bases.dedup();
        assert_eq!(bases.len(), IRREGULAR.len());
        for (base, others) in IRREGULAR {
            assert!(!others.contains(base), "{base}");
            assert!(FIXED.binary_search(base).is_err(), "{base} would never be inflected");
            assert!(others.iter().all(|form| form.bytes().all(|b| b.is_ascii_lowercase())), "{base}");
        }
    }

    #[test]
    fn spelling_follows_the_ending() {
        for (word, expected) in [
            ("agree", ["agrees", "agreed", "agreeing"]),
            ("use", ["uses", "used", "using"]),
            ("carry", ["carries", "carried", "carrying"]),
            ("play", ["plays", "played", "playing"]),
            ("pass", ["passes", "passed", "passing"]),
            ("watch", ["watches", "watched", "watching"]),
            ("push", ["pushes", "pushed", "pushing"]),
            ("plan", ["plans", "planned", "planning"]),
            ("need", ["needs", "needed", "needing"]),
            ("review", ["reviews", "reviewed", "reviewing"]),
            ("go", ["goes", "went", "going"]),
        ] {
            let forms = forms(word);
            assert_eq!(forms[0], word);
            assert!(expected.iter().all(|form| forms.iter().any(|f| f == form)), "{forms:?}");
        }
    }

    #[test]
    fn what_is_no_regular_word_has_one_form() {
        for word in ["yes", "better", "we", "it", "CRM", "24/7", "e-mail", ""] {
            assert_eq!(forms(word), [word]);
        }
    }

    #[test]
    fn regular_and_irregular_forms() {
        assert_eq!(forms("price"), ["price", "prices", "priced", "pricing"]);
        assert_eq!(forms("try"), ["try", "tries", "tried", "trying"]);
        assert!(forms("drop").contains(&"dropped".into()));
        assert!(forms("pay").contains(&"paid".into()));
        assert_eq!(forms("us"), ["us"]);
        assert!(forms("fix").contains(&"fixes".into()));
    }
}
