//! Weights as the kernels read them: panels of 64 columns, each `[inputs][64]`, so that a tile streams
//! through memory once; in int8 four inputs of a column lie side by side.

use super::kernels::{Floats, Quads};

/// Columns of a panel.
pub(super) const PANEL: usize = 64;
/// Vectors of sixteen across a panel.
pub(super) const WIDTH: usize = PANEL / 16;

/// `n` rounded up to whole multiples of `unit`.
pub(super) fn round_up(n: usize, unit: usize) -> usize {
    n.div_ceil(unit) * unit
}

/// A linear layer `y = x W + b` with its weights in f32.
#[derive(Debug)]
pub(super) struct PackedF32 {
    /// `[panel][input]`.
    pub(super) lines: Vec<[Floats; WIDTH]>,
    /// Number of inputs.
    pub(super) inputs: usize,
    /// Bias of each vector of columns; zero past the last column.
    pub(super) bias: Vec<Floats>,
}

/// A linear layer with its weights in int8, one scale a column: `w = scale * q`.
#[derive(Debug)]
pub(super) struct PackedI8 {
    /// `[panel][input / 4]`.
    pub(super) lines: Vec<[Quads; WIDTH]>,
    /// Number of inputs, divided by four and rounded up to whole tiles of sixteen; the rest of the weights is zero.
    pub(super) quads: usize,
    /// Scale of each column.
    pub(super) scales: Vec<Floats>,
    /// `scale * sum of q` of each column: what an input's offset is multiplied with.
    pub(super) sums: Vec<Floats>,
    /// Bias of each column.
    pub(super) bias: Vec<Floats>,
}

/// A linear layer in the precision of the model.
#[derive(Debug)]
pub(super) enum Linear {
    F32(PackedF32),
    I8(PackedI8),
}

impl Linear {
    /// Packs `weight`, `[outputs, inputs]` row-major as PyTorch keeps it, and `bias`.
    pub(super) fn new(int8: bool, weight: &[f32], bias: &[f32], inputs: usize) -> Self {
        if int8 {
            Self::I8(PackedI8::new(weight, bias, inputs))
        } else {
            Self::F32(PackedF32::new(weight, bias, inputs))
        }
    }
}

fn columns(values: &[f32]) -> Vec<Floats> {
    let mut lines = vec![Floats([0.0; 16]); round_up(values.len(), PANEL) / 16];
    for (column, value) in values.iter().enumerate() {
        lines[column / 16].0[column % 16] = *value;
    }
    lines
}

impl PackedF32 {
    pub(super) fn new(weight: &[f32], bias: &[f32], inputs: usize) -> Self {
        let outputs = bias.len();
        assert_eq!(
            weight.len(),
            outputs * inputs,
            "bug: weight and bias differ"
        );
        let panels = outputs.div_ceil(PANEL);
        let mut lines = vec![[Floats([0.0; 16]); WIDTH]; panels * inputs];
        for (column, row) in weight.chunks_exact(inputs).enumerate() {
            let (panel, at) = (column / PANEL, column % PANEL);
            let lines = &mut lines[panel * inputs..(panel + 1) * inputs];
            for (line, value) in lines.iter_mut().zip(row) {
                line[at / 16].0[at % 16] = *value;
            }
        }
        Self {
            lines,
            inputs,
            bias: columns(bias),
        }
    }
}

impl PackedI8 {
    pub(super) fn new(weight: &[f32], bias: &[f32], inputs: usize) -> Self {
        let outputs = bias.len();
        assert_eq!(
            weight.len(),
            outputs * inputs,
            "bug: weight and bias differ"
        );
        let quads = round_up(inputs, PANEL) / 4;
        let mut lines = vec![[Quads([0; 64]); WIDTH]; outputs.div_ceil(PANEL) * quads];
        let mut scales = vec![0.0; outputs];
        let mut sums = vec![0.0; outputs];
        let mut row8 = vec![0_i8; quads * 4];
        for (column, row) in weight.chunks_exact(inputs).enumerate() {
            scales[column] = quantize_column(row, &mut row8);
            let sum: i32 = row8.iter().map(|q| i32::from(*q)).sum();
            sums[column] = scales[column] * sum as f32;
            let (panel, at) = (column / PANEL, column % PANEL);
            let lines = &mut lines[panel * quads..(panel + 1) * quads];
            for (line, four) in lines.iter_mut().zip(row8.as_chunks::<4>().0) {
                let byte = at % 16 * 4;
                line[at / 16].0[byte..byte + 4].copy_from_slice(four);
            }
        }
        Self {
            lines,
            quads,
            scales: columns(&scales),
            sums: columns(&sums),
            bias: columns(bias),
        }
    }
}

/// Writes `round(w / scale)` of one column, no further from 0 than 127, and returns its scale: of twelve, from a
/// 127th of the greatest magnitude down, the one with the least squared error.
///
/// The greatest magnitude alone costs 0.18 and 0.29 points of mention F1 on two of three dev sets, the least error
/// none beyond 0.1 (`scripts/bench/engine_f1.py`).
fn quantize_column(weights: &[f32], out: &mut [i8]) -> f32 {
    let greatest = weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
    if greatest == 0.0 || !greatest.is_finite() {
        out.fill(0);
        return 0.0;
    }
    let mut best = (f32::INFINITY, greatest);
    for step in 0..12 {
        let most = greatest * (1.0 - step as f32 * 0.03);
        let error = squared_error(weights, most);
        if error < best.0 {
            best = (error, most);
        }
    }
    let inverse = 127.0 / best.1;
    for (q, w) in out.iter_mut().zip(weights) {
        *q = rounded(w * inverse) as i8;
    }
    best.1 / 127.0
}

/// The nearest whole number from -127 to 127, ties to even.
#[inline(always)]
fn rounded(x: f32) -> f32 {
    // a float of this size has no fraction; unlike `round_ties_even` this becomes vectors on every processor
    const WHOLE: f32 = 12_582_912.0;
    (x.clamp(-127.0, 127.0) + WHOLE) - WHOLE
}

/// What is lost of a column when `most` becomes 127.
fn squared_error(weights: &[f32], most: f32) -> f32 {
    let (scale, inverse) = (most / 127.0, 127.0 / most);
    let mut lanes = [0.0_f32; 16];
    let (whole, rest) = weights.as_chunks::<16>();
    for weights in whole {
        for (lane, w) in lanes.iter_mut().zip(weights) {
            let lost = w - rounded(w * inverse) * scale;
            *lane += lost * lost;
        }
    }
    for (lane, w) in lanes.iter_mut().zip(rest) {
        let lost = w - rounded(w * inverse) * scale;
        *lane += lost * lost;
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_quantized_to_the_least_error_and_one_without_a_scale_to_zeros() {
        let weights: Vec<f32> = (0..100)
            .map(|n| ((n * 37 % 100) as f32 - 50.0) / 77.0)
            .collect();
        let mut out = [0; 100];
        let scale = quantize_column(&weights, &mut out);
        for (q, w) in out.iter().zip(&weights) {
            let clipped = w.clamp(-127.0 * scale, 127.0 * scale);
            assert!(
                (f32::from(*q) * scale - clipped).abs() <= scale * 0.501,
                "{w} became {q}"
            );
        }
        let chosen = squared_error(&weights, scale * 127.0);
        assert!(chosen <= squared_error(&weights, 50.0 / 77.0) * 1.001);
        for bad in [0.0, f32::INFINITY, f32::NAN] {
            let scale = quantize_column(&[bad; 5], &mut out[..5]);
            assert!(
                scale.is_finite() && out[..5].iter().all(|q| *q == 0),
                "{bad}"
            );
        }
        for n in -300..300 {
            let x = n as f32 / 4.0;
            assert_eq!(rounded(x), x.round_ties_even());
        }
    }
}
