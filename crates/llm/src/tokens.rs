//! How many tokens a text has, counted here.

use std::sync::LazyLock;
use tiktoken::CoreBpe;

/// The vocabulary, unpacked when it is first needed.
static VOCABULARY: LazyLock<CoreBpe> = LazyLock::new(tiktoken::encoding::o200k_base);

/// Tokens of a text in the vocabulary `o200k_base` of `OpenAI`'s newer models. Other models have other vocabularies: it is close enough to cut texts
/// to size, not to pay by. The vocabulary is unpacked at the first call, which takes some tenths of a second and 20 MB.
pub fn tokens(text: &str) -> usize {
    VOCABULARY.count(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_texts_have_their_known_counts() {
        // Counted by two other implementations as well.
        let han = "谢谢你们的时间今天我们来谈谈价格".repeat(3000);
        let mixed = "ab1-xyz\r\n\t ".repeat(10_000);
        let spaces = " ".repeat(100_000);
        let table = [("", 0), ("hello world, it's me", 5), (&han, 33_000), (&mixed, 60_000), (&spaces, 782)];
        for (text, count) in table {
            assert_eq!(tokens(text), count, "{}", text.chars().take(20).collect::<String>());
        }
    }

    #[test]
    fn a_text_without_a_space_is_counted_in_good_time() {
        let begun = std::time::Instant::now();
        assert_eq!(tokens(&"a".repeat(1_000_000)), 125_000);
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    }
}
