//! What of a service's own words may be told on: they can repeat what it was sent.

/// Characters of a service's words that are told on.
pub const LONGEST: usize = 300;

/// Bytes in a row that stand also in something secret are taken for a part of it.
const ECHO: usize = 8;

/// Words as they can be told on: their beginning, on one line. None if nothing is left, or something secret would be.
pub fn tellable(words: &str, secrets: &[&str]) -> Option<String> {
    let text: String = words.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let is_told = !text.trim().is_empty() && !gives_away(&text, secrets);
    is_told.then(|| text.trim().to_owned())
}

/// Whether a part of something secret stands in a text.
pub fn gives_away(text: &str, secrets: &[&str]) -> bool {
    secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| {
        let secret = secret.as_bytes();
        secret.windows(secret.len().min(ECHO)).any(|part| text.as_bytes().windows(part.len()).any(|at| at == part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_unless_they_give_something_away() {
        let secrets = ["sesame-0123456789", "key", ""];
        let told = |words: &str| tellable(words, &secrets);
        assert_eq!(told("from is after to").as_deref(), Some("from is after to"));
        assert_eq!(told(" line\nend ").as_deref(), Some("lineend"));
        for words in ["you sent 23456789", "your key is wrong", " \n", ""] {
            assert_eq!(told(words), None, "{words:?}");
        }
        assert_eq!(told(&"é".repeat(1000)).map(|told| told.chars().count()), Some(LONGEST));
    }
}
