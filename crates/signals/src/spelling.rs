//! Short words as numbers, so that looking one up touches one place in memory and all its letters are changed at once.

/// A word of up to 16 bytes, none of them zero. Two halves, because one number of 128 bits would be aligned to as many.
pub(crate) type Spelling = (u64, u64);

/// The spelling of a word, where it is short enough.
pub(crate) fn spelling(word: &str) -> Option<Spelling> {
    (word.len() <= Ascii::LONGEST).then(|| Ascii::load(word.as_bytes()).spelling())
}

/// Up to 16 bytes of text. Letters are told from other bytes only where all are ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ascii(u128);

impl Ascii {
    /// Longest word in bytes that is taken as a number.
    pub const LONGEST: usize = 16;
    /// The high bit of every byte.
    const HIGH: u128 = Self::all(0x80);

    const fn all(byte: u8) -> u128 {
        u128::from_le_bytes([byte; Self::LONGEST])
    }

    /// The first 16 bytes, or all there are.
    pub fn load(bytes: &[u8]) -> Self {
        let block = bytes.first_chunk().copied().unwrap_or_else(|| {
            let mut block = [0; Self::LONGEST];
            block[..bytes.len()].copy_from_slice(bytes);
            block
        });
        Self(u128::from_le_bytes(block))
    }

    /// The first `len` bytes, of which there are 16 at most.
    pub fn first(self, len: usize) -> Self {
        if len >= Self::LONGEST { self } else { Self(self.0 & ((1 << (8 * len)) - 1)) }
    }

    /// The high bit of every byte that lies between `first` and `last`. Sums of seven bits each do not touch their neighbours.
    fn between(self, first: u8, last: u8) -> u128 {
        let low_bits = self.0 & !Self::HIGH;
        let from_first = low_bits + Self::all(0x80 - first);
        let past_last = low_bits + Self::all(0x7f - last);
        from_first & !past_last & !self.0 & Self::HIGH
    }

    /// How many letters it begins with.
    pub fn letters(self) -> usize {
        let letters = Self(self.0 | Self::all(0x20)).between(b'a', b'z');
        ((letters ^ Self::HIGH).trailing_zeros() / 8) as usize
    }

    /// How many bytes there are before the first that is a digit, a sign up to "?", or a space; the end counts as one.
    pub fn before_signs(self) -> usize {
        // Neither of the two highest bits.
        let signs = !(self.0 | self.0 << 1) & Self::HIGH;
        (signs.trailing_zeros() / 8) as usize
    }

    pub fn is_ascii(self) -> bool {
        self.0 & Self::HIGH == 0
    }

    pub fn has_upper(self) -> bool {
        self.between(b'A', b'Z') != 0
    }

    pub fn has_lower(self) -> bool {
        self.between(b'a', b'z') != 0
    }

    /// With small letters in the places of capitals.
    pub fn to_lowercase(self) -> Self {
        Self(self.0 | self.between(b'A', b'Z') >> 2)
    }

    /// Whether "n't" is anywhere in it.
    pub fn contains_not(self) -> bool {
        let zero_where = |byte: u8| self.0 ^ Self::all(byte);
        // Zero where an n is, an apostrophe is behind it, and a t behind that.
        let miss = zero_where(b'n') | zero_where(b'\'') >> 8 | zero_where(b't') >> 16;
        let zero = miss.wrapping_sub(Self::all(1)) & !miss & Self::HIGH;
        // Behind the last byte there is no letter.
        zero & (u128::MAX >> 16) != 0
    }

    pub fn spelling(self) -> Spelling {
        (self.0 as u64, (self.0 >> 64) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_bytes_at_once_are_the_bytes_one_by_one(text in "([ -~]{0,20}|[a-z]{0,12}(n't|n'|'t)?[nt']{0,3})") {
            let short: String = text.chars().take(Ascii::LONGEST).collect();
            let word = Ascii::load(text.as_bytes());
            prop_assert_eq!(word.letters(), short.bytes().take_while(u8::is_ascii_alphabetic).count());
            prop_assert_eq!(word.before_signs(), short.bytes().take_while(|b| *b > b'?').count());
            prop_assert_eq!(word.has_upper(), short.bytes().any(|b| b.is_ascii_uppercase()));
            prop_assert_eq!(word.has_lower(), short.bytes().any(|b| b.is_ascii_lowercase()));
            prop_assert_eq!(Some(word.to_lowercase().spelling()), spelling(&short.to_lowercase()));
            prop_assert!(word.is_ascii());
            prop_assert_eq!(word.contains_not(), short.contains("n't"));
            let three: String = short.chars().take(3).collect();
            prop_assert_eq!(Some(word.first(3).spelling()), spelling(&three));
        }
    }

    #[test]
    fn other_letters_are_no_ascii() {
        assert!(!Ascii::load("é".as_bytes()).is_ascii());
        assert_eq!(spelling("seventeen letters"), None);
        assert_eq!(Ascii::load("don't".as_bytes()).letters(), 3);
    }
}
