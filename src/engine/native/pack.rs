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

/// Writes `round(w / scale)` of one column and returns its scale, a 127th of the greatest magnitude.
fn quantize_column(weights: &[f32], out: &mut [i8]) -> f32 {
    let greatest = weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
    if greatest == 0.0 || !greatest.is_finite() {
        out.fill(0);
        return 0.0;
    }
    let inverse = 127.0 / greatest;
    for (q, w) in out.iter_mut().zip(weights) {
        *q = (w * inverse).round_ties_even() as i8;
    }
    greatest / 127.0
}
