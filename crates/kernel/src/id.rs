//! Ids of our own things.

use uuid::Uuid;

/// A new id: a UUID of version 7, so that ids made later sort later.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// The digits of a part of an id that somebody gives in its place, in lower case and without hyphens: at least six, or it is no part.
pub fn part_of_id(text: &str) -> Option<String> {
    let digits = text.replace('-', "").to_lowercase();
    (digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_id_is_six_digits_or_more() {
        assert_eq!(part_of_id("7C0F-FEE1").as_deref(), Some("7c0ffee1"));
        for none in ["", "7c0ff", "CALL_123456", "7c0ffeg"] {
            assert_eq!(part_of_id(none), None, "{none}");
        }
    }
}
