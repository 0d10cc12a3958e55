//! Seeded chance: every draw of a call comes from one [`Dice`], so that a call depends on nothing but its key.

use rand::{Rng, RngExt};
use rand_pcg::Pcg64Mcg;

/// A seeded source of draws.
pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    /// Dice that depend on the seed, on what they are for, and on a number within that.
    pub(crate) fn new(seed: u64, purpose: u64, number: u64) -> Self {
        let mut state = mix(mix(mix(seed) ^ purpose) ^ number);
        let high = state;
        state = mix(state);
        Self(Pcg64Mcg::new((u128::from(high) << 64) | u128::from(state)))
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// A number in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// An index in `0..n`; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// One of the items, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood, 2014): neighbouring keys give unrelated states.
pub(crate) fn mix(key: u64) -> u64 {
    let mut z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
