//! Linear layers: rows times packed panels, with what follows done on each tile while it is in registers.
//!
//! Every output is summed over the inputs in ascending order, whatever the tile and whatever the other rows:
//! a row's result does not depend on its company. In int8 the sums are exact besides.

use super::kernels::{BLOCK_COLUMNS, BLOCK_ROWS, Block, Op, Simd, sums_f32, sums_i8};
use super::pack::{PackedF32, PackedI8, WIDTH};
use super::quantize::{Range, Rows8};
use super::vector::Activation;

/// What is done with a layer's output, sixteen columns of one row at a time.
pub(super) trait Sink {
    fn put<S: Simd>(&mut self, s: S, row: usize, line: usize, y: S::F);
}

/// Writes the output: row `r` at `r * stride`.
pub(super) struct Store<'a> {
    pub(super) out: &'a mut [f32],
    pub(super) stride: usize,
}

/// Adds the output to what is there.
pub(super) struct Add<'a> {
    pub(super) out: &'a mut [f32],
    pub(super) stride: usize,
}

/// Writes the output's activation and keeps each row's range.
pub(super) struct Activate<'a> {
    pub(super) out: &'a mut [f32],
    pub(super) stride: usize,
    pub(super) activation: Activation,
    pub(super) ranges: &'a mut [Range],
}

#[inline(always)]
fn at(out: &mut [f32], index: usize) -> &mut [f32; 16] {
    out[index..]
        .first_chunk_mut()
        .expect("bug: rows end on whole vectors")
}

impl Sink for Store<'_> {
    #[inline(always)]
    fn put<S: Simd>(&mut self, s: S, row: usize, line: usize, y: S::F) {
        s.store(y, at(self.out, row * self.stride + line * 16));
    }
}

impl Sink for Add<'_> {
    #[inline(always)]
    fn put<S: Simd>(&mut self, s: S, row: usize, line: usize, y: S::F) {
        let out = at(self.out, row * self.stride + line * 16);
        s.store(s.add(s.load(out), y), out);
    }
}

impl Sink for Activate<'_> {
    #[inline(always)]
    fn put<S: Simd>(&mut self, s: S, row: usize, line: usize, y: S::F) {
        let y = self.activation.apply(s, y);
        self.ranges[row].widen(s, y);
        s.store(y, at(self.out, row * self.stride + line * 16));
    }
}

/// A linear layer in f32 over all rows of `input`.
pub(super) struct MatmulF32<'a, K> {
    pub(super) input: &'a [f32],
    pub(super) stride: usize,
    pub(super) n_rows: usize,
    pub(super) layer: &'a PackedF32,
    pub(super) sink: K,
}

impl<K: Sink> MatmulF32<'_, K> {
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize>(&mut self, s: S, row: usize, line: usize) {
        let inputs = self.layer.inputs;
        let panel = &self.layer.lines[line / WIDTH * inputs..][..inputs];
        let rows = std::array::from_fn(|r| &self.input[(row + r) * self.stride..][..inputs]);
        let sums = sums_f32::<S, R, C, WIDTH>(s, rows, panel, line % WIDTH);
        for c in 0..C {
            let bias = s.load(&self.layer.bias[line + c].0);
            for (r, sums) in sums.iter().enumerate() {
                self.sink.put(s, row + r, line + c, s.add(sums[c], bias));
            }
        }
    }

    #[inline(always)]
    fn columns<S: Simd, const C: usize>(&mut self, s: S, line: usize) {
        let mut row = 0;
        while row < self.n_rows {
            match self.n_rows - row {
                1 => self.tile::<S, 1, C>(s, row, line),
                2 => self.tile::<S, 2, C>(s, row, line),
                3 => self.tile::<S, 3, C>(s, row, line),
                4 => self.tile::<S, 4, C>(s, row, line),
                5 => self.tile::<S, 5, C>(s, row, line),
                _ => self.tile::<S, 6, C>(s, row, line),
            }
            row += 6;
        }
    }
}

impl<K: Sink> Op for MatmulF32<'_, K> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, s: S) {
        let lines = self.layer.bias.len();
        for line in (0..lines).step_by(WIDTH) {
            if S::WIDE {
                self.columns::<S, WIDTH>(s, line);
            } else {
                for line in line..line + WIDTH {
                    self.columns::<S, 1>(s, line);
                }
            }
        }
    }
}

/// A linear layer in int8 over all rows of `input`.
pub(super) struct MatmulI8<'a, K> {
    pub(super) input: &'a Rows8,
    pub(super) n_rows: usize,
    pub(super) layer: &'a PackedI8,
    pub(super) sink: K,
}

/// What turns sixteen columns' sums into their outputs.
struct Column<S: Simd> {
    scale: S::F,
    sum: S::F,
    bias: S::F,
}

impl<S: Simd> Column<S> {
    #[inline(always)]
    fn new(s: S, layer: &PackedI8, line: usize) -> Self {
        Self {
            scale: s.load(&layer.scales[line].0),
            sum: s.load(&layer.sums[line].0),
            bias: s.load(&layer.bias[line].0),
        }
    }

    /// `y = scale_row * scale_column * sum + offset_row * sum_column + bias`.
    #[inline(always)]
    fn scale(&self, s: S, sums: S::I, (scale, offset): (f32, f32)) -> S::F {
        let y = s.fma(s.splat(offset), self.sum, self.bias);
        s.fma(s.mul(s.to_f(sums), s.splat(scale)), self.scale, y)
    }
}

impl<K: Sink> MatmulI8<'_, K> {
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize>(&mut self, s: S, row: usize, line: usize) {
        let quads = self.layer.quads;
        let panel = &self.layer.lines[line / WIDTH * quads..][..quads];
        let rows = std::array::from_fn(|r| self.input.quads(row + r));
        let sums = sums_i8::<S, R, C, WIDTH>(s, rows, panel, line % WIDTH);
        for c in 0..C {
            let column = Column::new(s, self.layer, line + c);
            for (r, sums) in sums.iter().enumerate() {
                let y = column.scale(s, sums[c], self.input.affine(row + r));
                self.sink.put(s, row + r, line + c, y);
            }
        }
    }

    #[inline(always)]
    fn columns<S: Simd, const C: usize>(&mut self, s: S, line: usize) {
        let mut row = 0;
        while row < self.n_rows {
            match self.n_rows - row {
                1 => self.tile::<S, 1, C>(s, row, line),
                2 => self.tile::<S, 2, C>(s, row, line),
                3 => self.tile::<S, 3, C>(s, row, line),
                4 => self.tile::<S, 4, C>(s, row, line),
                5 => self.tile::<S, 5, C>(s, row, line),
                _ => self.tile::<S, 6, C>(s, row, line),
            }
            row += 6;
        }
    }

    /// All rows in blocks; the last block's rows past the end are computed and left.
    #[inline(always)]
    fn blocks<S: Simd>(&mut self, s: S) {
        const VECTORS: usize = BLOCK_COLUMNS / 16;
        let (layer, input) = (self.layer, self.input);
        let tiles = s.tiles();
        let mut sums = Block::ZERO;
        for line in (0..layer.bias.len()).step_by(VECTORS) {
            let panel = &layer.lines[line / WIDTH * layer.quads..][..layer.quads];
            let columns: [_; VECTORS] = std::array::from_fn(|c| Column::new(s, layer, line + c));
            for first in (0..self.n_rows).step_by(BLOCK_ROWS) {
                let (rows, stride) = input.from(first);
                s.block(&tiles, rows, stride, panel, line % WIDTH, &mut sums);
                for (row, sums) in (first..self.n_rows).zip(&sums.0) {
                    for c in 0..VECTORS {
                        let y = columns[c].scale(s, s.load_sums(&sums[c]), input.affine(row));
                        self.sink.put(s, row, line + c, y);
                    }
                }
            }
        }
    }
}

impl<K: Sink> Op for MatmulI8<'_, K> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, s: S) {
        if S::TILES {
            return self.blocks(s);
        }
        let lines = self.layer.bias.len();
        for line in (0..lines).step_by(WIDTH) {
            if S::WIDE {
                self.columns::<S, WIDTH>(s, line);
            } else {
                for line in line..line + WIDTH {
                    self.columns::<S, 1>(s, line);
                }
            }
        }
    }
}
