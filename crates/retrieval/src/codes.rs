//! Vectors as one bit a dimension: small enough to look at all of them, and near enough to choose those that are looked at as they are.

/// The signs of a vector's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(Vec<u64>);

impl Code {
    /// How many bytes the code of a vector with so many dimensions has.
    pub fn bytes_of(dimensions: usize) -> usize {
        dimensions.div_ceil(64) * 8
    }

    /// The code of a vector.
    pub fn of(vector: &[f32]) -> Self {
        Self(
            vector
                .chunks(64)
                .map(|chunk| chunk.iter().enumerate().fold(0, |word, (at, value)| word | u64::from(*value > 0.0) << at))
                .collect(),
        )
    }

    /// As it is kept: little-endian words.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// The words of codes that stand one after the other.
    pub fn words(bytes: &[u8]) -> Vec<u64> {
        bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
    }

    /// In how many dimensions the sign is another: 0 is the nearest.
    pub fn distance(&self, words: &[u64]) -> u32 {
        self.0.iter().zip(words).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is the code of nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The cosine of two vectors of length one.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_other_signs() {
        let vector: Vec<f32> = (0..384).map(|n| if n % 3 == 0 { -1.0 } else { 0.5 }).collect();
        let code = Code::of(&vector);
        assert_eq!(code.bytes().len(), Code::bytes_of(384));
        let kept = Code::words(&code.bytes());
        assert_eq!(code.distance(&kept), 0);
        let other: Vec<f32> =
            vector.iter().enumerate().map(|(n, value)| if n < 10 { -value } else { *value }).collect();
        assert_eq!(Code::of(&other).distance(&kept), 10);
        assert!((cosine(&[0.6, 0.8], &[0.8, 0.6]) - 0.96).abs() < 1e-6);
    }
}
