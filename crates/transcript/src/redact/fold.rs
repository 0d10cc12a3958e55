//! Text as it is read: full-width forms and digits of other scripts become ASCII, marks that nobody sees fall away.

/// Zeros of scripts whose ten digits follow each other: Arabic, Persian, Devanagari, Bengali, Thai.
const ZEROS: [u32; 5] = [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50];

/// A text after folding, and where its bytes stood before.
#[derive(Debug)]
pub(super) struct Folded {
    /// The text to read.
    pub(super) text: String,
    /// Places from which on the two texts run side by side: byte here, byte there.
    places: Vec<(usize, usize)>,
}

impl Folded {
    /// The folded text, or nothing where there is nothing to fold.
    pub(super) fn of(text: &str) -> Option<Self> {
        if text.is_ascii() || text.chars().all(|c| fold(c) == Some(c)) {
            return None;
        }
        let mut folded = Self { text: String::with_capacity(text.len()), places: Vec::new() };
        let mut side_by_side = true;
        for (at, c) in text.char_indices() {
            let new = fold(c);
            if new != Some(c) {
                side_by_side = false;
            }
            let Some(new) = new else { continue };
            if !side_by_side {
                folded.places.push((folded.text.len(), at));
                side_by_side = new == c;
            }
            folded.text.push(new);
        }
        Some(folded)
    }

    /// Where the character that begins at a byte of the folded text began.
    pub(super) fn start(&self, at: usize) -> usize {
        match self.places.partition_point(|(new, _)| *new <= at).checked_sub(1).map(|place| self.places[place]) {
            Some((new, old)) => old + (at - new),
            None => at,
        }
    }

    /// Where the character that ends before a byte of the folded text ended in `text`, the text before folding.
    pub(super) fn end(&self, at: usize, text: &str) -> usize {
        let last = self.text[..at].chars().next_back().map_or(0, char::len_utf8);
        let start = self.start(at - last);
        let own = text[start..].chars().next().map_or(0, char::len_utf8);
        // Accents that were written as marks of their own belong to their letter.
        let marks = text[start + own..].chars().take_while(|c| fold(*c).is_none()).map(char::len_utf8).sum::<usize>();
        start + own + marks
    }
}

/// A character as it is read; `None` if nobody sees it or it only puts an accent on the one before.
fn fold(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c);
    }
    let code = c as u32;
    Some(match c {
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{300}'..='\u{36F}' => return None,
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(code - 0xFEE0).unwrap_or(c),
        '￥' => '¥',
        _ => {
            let digit = ZEROS.iter().map(|zero| code.wrapping_sub(*zero)).find(|digit| *digit < 10);
            digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_folded_is_found_where_it_stood() {
        let text = "é ４１\u{200B}1 Jose\u{301}！ ٤";
        let folded = Folded::of(text).unwrap();
        assert_eq!(folded.text, "é 411 Jose! 4");
        let old = |part: &str| {
            let at = folded.text.find(part).unwrap();
            &text[folded.start(at)..folded.end(at + part.len(), text)]
        };
        assert_eq!(old("411"), "４１\u{200B}1");
        assert_eq!((old("Jose"), old("!"), old("é")), ("Jose\u{301}", "！", "é"));
        assert_eq!(old("! 4"), "！ ٤");
        assert!(Folded::of("Grüße — 卡").is_none() && Folded::of("plain").is_none());
    }
}
