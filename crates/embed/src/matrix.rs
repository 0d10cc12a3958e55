//! Products of matrices on one thread, with the widest registers that the processor has.
//!
//! What is on the right is laid out once in panels ([`Packed`]): the weights when they are loaded. Measured on one thread of a processor with
//! AVX-512 for the products of this encoder (480 tokens; 384 × 384 up to 384 × 1536), in 10⁹ operations a second: a kernel like this one 150–180, the
//! crate `gemm` 0.19 152–185, `matrixmultiply` 0.3 122–163; for 12 tokens, as in a question, 130–160 against 56 and 55. Both crates are called by
//! `unsafe` functions, which this one does without. `gemm` with what it needs compiles in 19 s of processor time, `matrixmultiply` in 2 s; `pulp`, which
//! names the registers here, is a part of `gemm`.
#![expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor of its kind")]

use pulp::{Arch, Simd, WithSimd};

/// Columns of a panel.
const WIDTH: usize = 32;

/// Depth of what is worked through at a time, so that a panel stays in the innermost cache.
const DEPTH: usize = 192;

/// Rows of what is on the left that are worked through at a time.
const ROWS: usize = 240;

/// A row of a panel, where registers of any width find it aligned.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Line([f32; WIDTH]);

/// A matrix of `depth` rows and `columns` columns, to stand on the right: in panels of 32 columns, of which the last is filled with zeros.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    depth: usize,
    columns: usize,
    lines: Vec<Line>,
}

/// Rows of equal length at equal distances.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// From the first of the values to the last.
    pub values: &'a [f32],
    /// From the beginning of a row to that of the next.
    pub stride: usize,
}

impl<'a> Rows<'a> {
    fn row(self, at: usize, length: usize) -> &'a [f32] {
        &self.values[at * self.stride..][..length]
    }
}

impl Packed {
    fn resize(&mut self, depth: usize, columns: usize) {
        (self.depth, self.columns) = (depth, columns);
        self.lines.clear();
        self.lines.resize(depth * columns.div_ceil(WIDTH), Line([0.0; WIDTH]));
    }

    /// Takes a matrix that is given by its columns: `columns` rows of `depth` values, as weights are kept.
    pub fn take_columns(&mut self, given: Rows<'_>, depth: usize, columns: usize) {
        self.resize(depth, columns);
        for column in 0..columns {
            let lines = &mut self.lines[column / WIDTH * depth..][..depth];
            for (line, value) in lines.iter_mut().zip(given.row(column, depth)) {
                line.0[column % WIDTH] = *value;
            }
        }
    }

    /// Takes a matrix that is given by its rows: `depth` rows of `columns` values.
    pub fn take_rows(&mut self, given: Rows<'_>, depth: usize, columns: usize) {
        self.resize(depth, columns);
        for at in 0..depth {
            for (panel, part) in given.row(at, columns).chunks(WIDTH).enumerate() {
                self.lines[panel * depth + at].0[..part.len()].copy_from_slice(part);
            }
        }
    }

    /// The same from weights, one row for each output.
    pub fn from_weights(weights: &[f32], depth: usize) -> Self {
        let mut packed = Self::default();
        packed.take_columns(Rows { values: weights, stride: depth }, depth, weights.len() / depth);
        packed
    }

    /// Rows of it, which are columns of the left.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Columns of it, and of the product.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// Multiplies, with the registers of this processor and a buffer that is used again.
#[derive(Debug)]
pub(crate) struct Multiplier {
    arch: Arch,
    /// Rows of the left, side by side.
    left: Vec<f32>,
}

impl Multiplier {
    /// One for this processor.
    pub fn new(arch: Arch) -> Self {
        Self { arch, left: Vec::new() }
    }

    /// `out` = `left` × `right` + `bias`, where `out` has a row for each of `rows` rows of the left, at the distance `stride`, and `bias` no value or one
    /// a column. Each row of the product depends on its row of the left alone, to the bit.
    pub fn multiply(&mut self, left: Rows<'_>, rows: usize, right: &Packed, bias: &[f32], out: (&mut [f32], usize)) {
        let (out, stride) = out;
        self.arch.dispatch(Job { left, rows, right, bias, out, stride, buffer: &mut self.left });
    }
}

struct Job<'a> {
    left: Rows<'a>,
    rows: usize,
    right: &'a Packed,
    bias: &'a [f32],
    out: &'a mut [f32],
    stride: usize,
    buffer: &'a mut Vec<f32>,
}

impl WithSimd for Job<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // As many sums at a time as the registers hold.
        match S::F32_LANES {
            16 => run::<S, 12, 2>(simd, &mut self),
            8 => run::<S, 6, 2>(simd, &mut self),
            _ => run::<S, 4, 4>(simd, &mut self),
        }
    }
}

/// Works through the depth part by part, each of which adds to what the one before left.
#[inline(always)]
fn run<S: Simd, const HEIGHT: usize, const REGISTERS: usize>(simd: S, job: &mut Job<'_>) {
    let width = REGISTERS * S::F32_LANES;
    let right = job.right;
    for from in (0..right.depth).step_by(DEPTH) {
        let depth = DEPTH.min(right.depth - from);
        for first in (0..job.rows).step_by(ROWS) {
            let rows = ROWS.min(job.rows - first);
            gather::<HEIGHT>(job, first, rows, from, depth);
            for (panel, lines) in right.lines.chunks_exact(right.depth).enumerate() {
                let lines = &lines[from..from + depth];
                // The last panel may end in the midst; parts without a column are left out.
                for part in 0..(right.columns - panel * WIDTH).min(WIDTH).div_ceil(width) {
                    let column = panel * WIDTH + part * width;
                    let columns = width.min(right.columns - column);
                    let bias = job.bias.get(column..column + columns).unwrap_or_default();
                    for (block, left) in job.buffer.chunks_exact(HEIGHT * depth).enumerate() {
                        let sums = sum::<S, HEIGHT, REGISTERS>(simd, left, lines, part);
                        let row = first + block * HEIGHT;
                        for (row, sums) in (row..first + rows).zip(&sums) {
                            let out = &mut job.out[row * job.stride + column..][..columns];
                            put(simd, out, sums, (from == 0).then_some(bias));
                        }
                    }
                }
            }
        }
    }
}

/// Lays so many rows of the left side by side; where there are too few the last stands in, of which the product is not asked for.
#[inline(always)]
fn gather<const HEIGHT: usize>(job: &mut Job<'_>, first: usize, rows: usize, from: usize, depth: usize) {
    let left = job.left;
    job.buffer.resize(rows.div_ceil(HEIGHT) * HEIGHT * depth, 0.0);
    for (block, values) in job.buffer.chunks_exact_mut(HEIGHT * depth).enumerate() {
        let row = |row: usize| &left.row(first + (block * HEIGHT + row).min(rows - 1), from + depth)[from..];
        let rows: [&[f32]; HEIGHT] = std::array::from_fn(row);
        for (at, values) in values.as_chunks_mut::<HEIGHT>().0.iter_mut().enumerate() {
            for (value, row) in values.iter_mut().zip(rows) {
                *value = row[at];
            }
        }
    }
}

/// The product of a few rows and the columns of a part of a panel, kept in registers.
#[inline(always)]
fn sum<S: Simd, const HEIGHT: usize, const REGISTERS: usize>(
    simd: S,
    left: &[f32],
    lines: &[Line],
    part: usize,
) -> [[S::f32s; REGISTERS]; HEIGHT] {
    let width = REGISTERS * S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); REGISTERS]; HEIGHT];
    for (left, line) in left.as_chunks::<HEIGHT>().0.iter().zip(lines) {
        let (right, _) = S::as_simd_f32s(&line.0[part * width..(part + 1) * width]);
        for (sums, value) in sums.iter_mut().zip(left) {
            let value = simd.splat_f32s(*value);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = simd.mul_add_e_f32s(value, *right, *sum);
            }
        }
    }
    sums
}

/// Adds sums to what is there, or at the beginning to the bias, and leaves them there.
#[inline(always)]
fn put<S: Simd>(simd: S, out: &mut [f32], sums: &[S::f32s], begin: Option<&[f32]>) {
    if let Some(bias) = begin {
        if bias.is_empty() { out.fill(0.0) } else { out.copy_from_slice(bias) }
    }
    let (whole, rest) = S::as_mut_simd_f32s(out);
    for (out, sum) in whole.iter_mut().zip(sums) {
        *out = simd.add_f32s(*out, *sum);
    }
    if let Some(sum) = sums.get(whole.len()).filter(|_| !rest.is_empty()) {
        let there = simd.partial_load_f32s(rest);
        simd.partial_store_f32s(rest, simd.add_f32s(there, *sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arches, numbers};

    /// The product as it is defined.
    fn slowly(left: Rows<'_>, rows: usize, right: &[f32], depth: usize, columns: usize, bias: &[f32]) -> Vec<f32> {
        let mut out = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                let bias = bias.get(column).map_or(0.0, |bias| f64::from(*bias));
                let products = (0..depth)
                    .map(|at| f64::from(left.values[row * left.stride + at]) * f64::from(right[column * depth + at]));
                out.push((products.sum::<f64>() + bias) as f32);
            }
        }
        out
    }

    #[test]
    fn a_product_is_what_it_is_defined_to_be() {
        // Rows, depth, columns: less and more than a panel, a block and what is worked through at a time.
        let sizes = [(1, 1, 1), (3, 8, 24), (13, 32, 33), (7, 100, 31), (250, 20, 70), (5, 900, 65), (12, 384, 96)];
        for (rows, depth, columns) in sizes {
            let stride = depth + 3;
            let (left, right, bias) = (numbers(1, rows * stride), numbers(2, depth * columns), numbers(3, columns));
            let left = Rows { values: &left, stride };
            let packed = Packed::from_weights(&right, depth);
            assert_eq!((packed.depth(), packed.columns()), (depth, columns));
            let mut turned = Packed::default();
            let by_rows: Vec<f32> = (0..depth * columns).map(|at| right[at % columns * depth + at / columns]).collect();
            turned.take_rows(Rows { values: &by_rows, stride: columns }, depth, columns);
            for bias in [&bias[..], &[]] {
                let expected = slowly(left, rows, &right, depth, columns, bias);
                for (arch, packed) in arches().into_iter().flat_map(|arch| [(arch, &packed), (arch, &turned)]) {
                    let out_stride = columns + 2;
                    let mut out = vec![7.0; rows * out_stride];
                    Multiplier::new(arch).multiply(left, rows, packed, bias, (&mut out, out_stride));
                    for (row, expected) in expected.chunks(columns).enumerate() {
                        let (found, between) = out[row * out_stride..][..out_stride].split_at(columns);
                        assert_eq!(between, [7.0; 2], "what is not of the product is left alone");
                        for (found, expected) in found.iter().zip(expected) {
                            let error = (found - expected).abs();
                            assert!(error < 3e-5, "{rows}×{depth}×{columns}: {found} is not {expected}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_row_of_the_product_does_not_depend_on_the_others() {
        let (rows, depth, columns) = (50, 500, 40);
        let (left, right) = (numbers(1, rows * depth), numbers(2, depth * columns));
        let packed = Packed::from_weights(&right, depth);
        for arch in arches() {
            let mut multiplier = Multiplier::new(arch);
            let mut multiply = |left: &[f32]| {
                let rows = left.len() / depth;
                let mut out = vec![0.0; rows * columns];
                multiplier.multiply(Rows { values: left, stride: depth }, rows, &packed, &[], (&mut out, columns));
                out
            };
            let together = multiply(&left);
            let alone: Vec<f32> = left.chunks(depth).flat_map(&mut multiply).collect();
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&together), bits(&alone));
        }
    }
}
