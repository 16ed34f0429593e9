//! Layer norm in place, and the quantized copy that the next linear layer reads.

use super::kernels::{Floats, Op, Simd};
use super::quantize::{Range, Rows8};

/// Weights of a layer norm, zero past the last column.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) gain: Vec<Floats>,
    pub(super) bias: Vec<Floats>,
    /// Number of columns that count.
    pub(super) width: usize,
    pub(super) eps: f32,
}

/// Normalizes each row of `rows`; columns past the norm's width are zero before and after.
pub(super) struct NormRows<'a> {
    pub(super) rows: &'a mut [f32],
    pub(super) stride: usize,
    pub(super) norm: &'a Norm,
    pub(super) out: Option<&'a mut Rows8>,
}

/// Adds `share` of `rows` to `sum`; both are whole vectors of sixteen.
pub(super) struct AddShare<'a> {
    pub(super) rows: &'a [f32],
    pub(super) share: f32,
    pub(super) sum: &'a mut [f32],
}

impl Op for AddShare<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let share = s.splat(self.share);
        let sums = self.sum.as_chunks_mut::<16>().0;
        for (sum, row) in sums.iter_mut().zip(self.rows.as_chunks::<16>().0) {
            s.store(s.fma(s.load(row), share, s.load(sum)), sum);
        }
    }
}

impl Op for NormRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, s: S) {
        let count = self.norm.width as f32;
        let whole = self.norm.width / 16;
        let rest = self.norm.width % 16;
        for (row, values) in self.rows.chunks_exact_mut(self.stride).enumerate() {
            let vectors = values.as_chunks_mut::<16>().0;
            let mut sum = s.splat(0.0);
            for x in vectors.iter() {
                sum = s.add(sum, s.load(x));
            }
            let mean = s.splat(s.sum(sum) / count);
            let mut squares = s.splat(0.0);
            for x in &vectors[..whole] {
                let x = s.sub(s.load(x), mean);
                squares = s.fma(x, x, squares);
            }
            if rest > 0 {
                // lanes past the width become the mean, so that they add nothing
                let mut last = [0.0; 16];
                s.store(mean, &mut last);
                last[..rest].copy_from_slice(&vectors[whole][..rest]);
                let x = s.sub(s.load(&last), mean);
                squares = s.fma(x, x, squares);
            }
            let scale = s.splat(1.0 / (s.sum(squares) / count + self.norm.eps).sqrt());
            let mut range = Range::EMPTY;
            let weights = self.norm.gain.iter().zip(&self.norm.bias);
            for (x, (gain, bias)) in vectors.iter_mut().zip(weights) {
                let y = s.mul(s.sub(s.load(x), mean), scale);
                let y = s.fma(y, s.load(&gain.0), s.load(&bias.0));
                range.widen(s, y);
                s.store(y, x);
            }
            if let Some(out) = self.out.as_deref_mut() {
                out.fill(s, row, values, &range);
            }
        }
    }
}
