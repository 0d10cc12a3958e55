//! How the simulators count tokens.

/// Tokens of a text: one for every four characters begun, and at least one for every word.
///
/// Real tokenizers come near to this for English prose; what matters here is that the rule is the same for everything that is counted.
pub fn tokens(text: &str) -> u64 {
    let letters = text.chars().count().div_ceil(4);
    letters.max(text.split_whitespace().count()) as u64
}

/// The longest beginning of a text that has at most so many tokens.
pub(crate) fn cut(text: &str, most: u64) -> &str {
    if tokens(text) <= most {
        return text;
    }
    let mut end = 0;
    let (mut letters, mut words, mut within) = (0_usize, 0_usize, false);
    for (at, letter) in text.char_indices() {
        letters += 1;
        let blank = letter.is_whitespace();
        words += usize::from(!blank && !within);
        within = !blank;
        if letters.div_ceil(4).max(words) as u64 > most {
            break;
        }
        end = at + letter.len_utf8();
    }
    &text[..end]
}

/// The text in pieces of a token each, as a stream brings them: four characters.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let mut bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(4).collect();
    bounds.push(text.len());
    bounds.windows(2).map(|pair| &text[pair[0]..pair[1]]).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_four_characters_and_a_word_is_at_least_one() {
        for (text, count) in
            [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("a b c d", 4), ("äöüß", 1), ("hello there", 3)]
        {
            assert_eq!(tokens(text), count, "{text}");
        }
    }

    #[test]
    fn what_is_cut_has_as_many_tokens_as_it_may_and_no_more() {
        let text = "Thanks for taking the time, müssen wir I am a b c d e sagen";
        for most in 0..=tokens(text) {
            let cut = cut(text, most);
            assert!(text.starts_with(cut) && tokens(cut) <= most, "{most}: {cut}");
            assert!(most == 0 || !cut.is_empty());
        }
        assert_eq!(cut(text, 1_000), text);
    }

    #[test]
    fn pieces_are_the_text_again() {
        for text in ["", "a", "Grüße aus Köln, morgen um zehn"] {
            assert_eq!(pieces(text).concat(), text);
            assert_eq!(pieces(text).len(), text.chars().count().div_ceil(4));
        }
    }
}
