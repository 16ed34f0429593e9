//! Rows of f32 → rows of u8, each with its own scale and offset: `x = scale * q + offset`.

use super::kernels::{BLOCK_ROWS, Floats, Op, Simd};
use super::memory::Memory;
use super::pack::round_up;

/// Least and greatest values of a row, kept lane by lane until the row is complete.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    least: Floats,
    greatest: Floats,
}

impl Range {
    /// The range of nothing.
    pub(super) const EMPTY: Self = Self {
        least: Floats([f32::INFINITY; 16]),
        greatest: Floats([f32::NEG_INFINITY; 16]),
    };

    #[inline(always)]
    pub(super) fn widen<S: Simd>(&mut self, s: S, x: S::F) {
        s.store(s.min(s.load(&self.least.0), x), &mut self.least.0);
        s.store(s.max(s.load(&self.greatest.0), x), &mut self.greatest.0);
    }

    #[inline(always)]
    fn ends<S: Simd>(&self, s: S) -> (f32, f32) {
        (
            s.least(s.load(&self.least.0)),
            s.greatest(s.load(&self.greatest.0)),
        )
    }
}

/// Quantized rows.
#[derive(Debug, Default)]
pub(super) struct Rows8 {
    bytes: Memory<[u8; 4]>,
    quads: usize,
    affine: Vec<(f32, f32)>,
}

impl Rows8 {
    /// Makes room for `n_rows` rows, in whole blocks, of `stride` bytes, a multiple of 64.
    pub(super) fn reserve(&mut self, n_rows: usize, stride: usize) {
        let n_rows = round_up(n_rows, BLOCK_ROWS);
        // one line more, or the rows of a tile would meet in few sets of the first cache
        self.quads = (stride + 64) / 4;
        self.bytes.reserve(n_rows * self.quads, [0; 4]);
        if self.affine.len() < n_rows {
            self.affine.resize(n_rows, (0.0, 0.0));
        }
    }

    /// Bytes of row `row`, four at a time.
    #[inline(always)]
    pub(super) fn quads(&self, row: usize) -> &[[u8; 4]] {
        &self.bytes[row * self.quads..][..self.quads]
    }

    /// Bytes from row `row` on, four at a time, and how far apart rows are.
    #[inline(always)]
    pub(super) fn from(&self, row: usize) -> (&[[u8; 4]], usize) {
        (&self.bytes[row * self.quads..], self.quads)
    }

    /// Scale and offset of row `row`.
    #[inline(always)]
    pub(super) fn affine(&self, row: usize) -> (f32, f32) {
        self.affine[row]
    }

    /// Quantizes `values`, all within `range`, into row `row`.
    #[inline(always)]
    pub(super) fn fill<S: Simd>(&mut self, s: S, row: usize, values: &[f32], range: &Range) {
        let (least, greatest) = range.ends(s);
        // a row of one value everywhere has no width: any scale does, the offset says it all
        let scale = ((greatest - least) / 255.0).max(f32::MIN_POSITIVE);
        self.affine[row] = (scale, least);
        let (inverse, least) = (s.splat(1.0 / scale), s.splat(least));
        let bytes = self.bytes[row * self.quads..][..self.quads].as_flattened_mut();
        let vectors = values.as_chunks::<16>().0;
        for (x, to) in vectors.iter().zip(bytes.as_chunks_mut::<16>().0) {
            s.store_u8(s.mul(s.sub(s.load(x), least), inverse), to);
        }
    }
}

/// Quantizes rows whose ranges are known.
pub(super) struct Quantize<'a> {
    pub(super) input: &'a [f32],
    pub(super) stride: usize,
    pub(super) ranges: &'a [Range],
    pub(super) out: &'a mut Rows8,
}

impl Op for Quantize<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let rows = self.input.chunks_exact(self.stride);
        for (row, (values, range)) in rows.zip(self.ranges).enumerate() {
            self.out.fill(s, row, values, range);
        }
    }
}

/// Finds the range of each row and quantizes it.
pub(super) struct QuantizeRows<'a> {
    pub(super) input: &'a [f32],
    pub(super) stride: usize,
    pub(super) out: &'a mut Rows8,
}

impl Op for QuantizeRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for (row, values) in self.input.chunks_exact(self.stride).enumerate() {
            let mut range = Range::EMPTY;
            for x in values.as_chunks::<16>().0 {
                range.widen(s, s.load(x));
            }
            self.out.fill(s, row, values, &range);
        }
    }
}
