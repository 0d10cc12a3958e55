//! Seeded chance.

use rand::{Rng as _, RngExt as _};
use rand_pcg::Pcg64Mcg;

/// A seeded source of draws.
pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    /// Dice that depend on nothing but these two.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        // Neighbouring seeds must not give neighbouring draws.
        let mut dice = Self(Pcg64Mcg::new((u128::from(seed) << 64) | u128::from(number) | 1));
        for _ in 0..8 {
            dice.0.next_u64();
        }
        dice
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
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
