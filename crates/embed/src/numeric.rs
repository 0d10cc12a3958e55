//! Functions of many numbers at a time, written so that the compiler takes them a register at a time.
#![expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor of its kind")]

use pulp::Arch;

/// Sums that run side by side, so that none waits for the other.
const LANES: usize = 16;

/// As in BERT.
const EPSILON: f32 = 1e-12;

/// Adds up what `of` makes of each value.
#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for values in whole {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += of(*value);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|value| of(*value)).sum::<f32>()
}

/// The largest of them.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut most = [f32::MIN; LANES];
    for values in whole {
        for (most, value) in most.iter_mut().zip(values) {
            *most = if *value > *most { *value } else { *most };
        }
    }
    most.iter().chain(rest).fold(f32::MIN, |most, value| most.max(*value))
}

/// e to the power of `x`, for `x` from −87 to 0; below, what it is at −87. Wrong by at most 2 · 10⁻⁷ of it.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Added to a number, leaves its whole part in the lowest bits.
    const MAGIC: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let whole = shifted - MAGIC;
    // The logarithm of 2 in two parts, of which the first multiplies without rounding.
    let rest = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    // The polynomial of Cephes.
    let mut power = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5, 1.0, 1.0] {
        power = power * rest + coefficient;
    }
    power * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

/// The error function, wrong by at most 5 · 10⁻⁷ (Abramowitz and Stegun, 7.1.26).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let mut polynomial = 1.061_405_4;
    for coefficient in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6, 0.0] {
        polynomial = polynomial * t + coefficient;
    }
    (1.0 - polynomial * exp(-size * size)).copysign(x)
}

/// GELU of each value, the exact one.
pub(crate) fn gelu(arch: Arch, values: &mut [f32]) {
    arch.dispatch(|| {
        for value in values {
            *value *= 0.5 + 0.5 * erf(*value * std::f32::consts::FRAC_1_SQRT_2);
        }
    });
}

/// Adds `more` to each row, and normalises it: mean 0 and variance 1, then `weight` and `bias`.
pub(crate) fn add_and_normalise(arch: Arch, rows: &mut [f32], more: &[f32], weight: &[f32], bias: &[f32]) {
    let length = weight.len();
    arch.dispatch(|| {
        for (row, more) in rows.chunks_exact_mut(length).zip(more.chunks_exact(length)) {
            for (value, more) in row.iter_mut().zip(more) {
                *value += more;
            }
            let mean = sum(row, |value| value) / length as f32;
            let variance = sum(row, |value| (value - mean) * (value - mean)) / length as f32;
            let scale = 1.0 / (variance + EPSILON).sqrt();
            for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
                *value = (*value - mean) * scale * weight + bias;
            }
        }
    });
}

/// The softmax of each row of so many values, times `scale` first.
pub(crate) fn softmax(arch: Arch, rows: &mut [f32], length: usize, scale: f32) {
    arch.dispatch(|| {
        for row in rows.chunks_exact_mut(length) {
            let most = largest(row);
            for value in &mut *row {
                *value = exp((*value - most) * scale);
            }
            let whole = 1.0 / sum(row, |value| value);
            for value in row {
                *value *= whole;
            }
        }
    });
}

/// Makes a vector as long as one; zero stays zero.
pub(crate) fn to_unit(vector: &mut [f32]) {
    let length = sum(vector, |value| value * value).sqrt();
    if length > 0.0 {
        for value in vector {
            *value /= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arches, numbers};

    /// The error function by its series.
    fn erf_slowly(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            let n = f64::from(n);
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    fn grid(from: f32, to: f32) -> impl Iterator<Item = f32> {
        (0..=20_000).map(move |at| from + (to - from) * (at as f32 / 20_000.0))
    }

    #[test]
    fn the_exponential_is_right_to_seven_digits() {
        for x in grid(-87.0, 0.0) {
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(error < 5e-7, "exp({x}) is wrong by {error}");
        }
        assert!(exp(-1e9) < 1e-37 && exp(-1e9) >= 0.0);
    }

    #[test]
    fn gelu_is_the_exact_one() {
        for arch in arches() {
            let mut values: Vec<f32> = grid(-4.0, 4.0).collect();
            gelu(arch, &mut values);
            for (x, found) in grid(-4.0, 4.0).zip(values) {
                let expected = f64::from(x) * 0.5 * (1.0 + erf_slowly(f64::from(x) * std::f64::consts::FRAC_1_SQRT_2));
                let error = (f64::from(found) - expected).abs();
                assert!(error < 1e-6, "gelu({x}) is {found}, not {expected}");
            }
            let mut far = [-50.0, 50.0];
            gelu(arch, &mut far);
            assert!(far[0].abs() < 1e-6 && (far[1] - 50.0).abs() < 1e-6, "{far:?}");
        }
    }

    #[test]
    fn the_error_function_is_right_to_six_places() {
        for x in grid(-4.0, 4.0) {
            let error = (f64::from(erf(x)) - erf_slowly(f64::from(x))).abs();
            assert!(error <= 5e-7, "erf({x}) is wrong by {error}");
        }
    }

    #[test]
    fn rows_are_normalised_each_by_itself() {
        let (length, rows) = (21, 3);
        let (values, more) = (numbers(1, length * rows), numbers(2, length * rows));
        let (weight, bias) = (numbers(3, length), numbers(4, length));
        for arch in arches() {
            let mut found = values.clone();
            add_and_normalise(arch, &mut found, &more, &weight, &bias);
            for row in 0..rows {
                let at = row * length..(row + 1) * length;
                let sums: Vec<f64> = values[at.clone()]
                    .iter()
                    .zip(&more[at.clone()])
                    .map(|(a, b)| f64::from(*a) + f64::from(*b))
                    .collect();
                let mean = sums.iter().sum::<f64>() / length as f64;
                let variance = sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / length as f64;
                for (place, found) in found[at].iter().enumerate() {
                    let expected =
                        (sums[place] - mean) / variance.sqrt() * f64::from(weight[place]) + f64::from(bias[place]);
                    assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn softmax_shares_out_one_whole() {
        for arch in arches() {
            let mut rows = vec![0.0, 2.0, -400.0, 1000.0, 1000.0, 998.0];
            softmax(arch, &mut rows, 3, 0.5);
            let e = std::f32::consts::E;
            let expected =
                [1.0 / (1.0 + e), e / (1.0 + e), 0.0, e / (2.0 * e + 1.0), e / (2.0 * e + 1.0), 1.0 / (2.0 * e + 1.0)];
            for (found, expected) in rows.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{rows:?}");
            }
        }
    }

    #[test]
    fn the_largest_is_found_wherever_it_is() {
        for length in [1, 15, 16, 40] {
            for at in 0..length {
                let mut values = vec![-3.0; length];
                values[at] = -1.5;
                assert!((largest(&values) + 1.5).abs() < f32::EPSILON, "{at} of {length}");
            }
        }
    }

    #[test]
    fn a_vector_is_made_as_long_as_one_and_zero_stays_zero() {
        let mut vector = numbers(5, 40);
        to_unit(&mut vector);
        assert!((vector.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-6);
        let mut zero = [0.0; 3];
        to_unit(&mut zero);
        assert!(zero.iter().all(|value| value.abs() < f32::EPSILON), "{zero:?}");
    }
}
