//! Sixteen lanes of arithmetic on whatever the processor has.
//!
//! A token such as [`Scalar`] or `Avx512` is proof that the processor understands its instructions; kernels
//! are written once over [`Simd`] and compiled for each. Sums run over the same sixteen lanes in the same
//! order everywhere and every multiplication that is added is fused, so each path gives the same bits.

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod peak;
mod scalar;
mod tile;

use super::pack::WIDTH;
#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;
#[cfg(target_arch = "x86_64")]
pub(super) use peak::int8_peak;
pub(super) use scalar::Scalar;
pub(super) use tile::{sums_f32, sums_i8};

/// Sixteen floats at the alignment of a cache line.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Floats(pub(super) [f32; 16]);

/// Weights of sixteen columns, four consecutive inputs each, at the alignment of a cache line.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quads(pub(super) [i8; 64]);

/// Rows of a block.
pub(super) const BLOCK_ROWS: usize = 32;
/// Columns of a block.
pub(super) const BLOCK_COLUMNS: usize = 32;

/// Sums of a block, at the alignment of a cache line.
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block(pub(super) [[[i32; 16]; BLOCK_COLUMNS / 16]; BLOCK_ROWS]);

impl Block {
    pub(super) const ZERO: Self = Self([[[0; 16]; BLOCK_COLUMNS / 16]; BLOCK_ROWS]);
}

/// The instructions a model computes with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Isa {
    /// AVX-512 with VNNI, and AMX's tiles for products of bytes.
    Amx,
    /// AVX-512 with VNNI.
    Avx512,
    /// AVX2 and FMA with AVX-VNNI.
    AvxVnni,
    /// AVX2 and FMA.
    Avx2,
    /// What every processor has; the reference for the others.
    Scalar,
}

impl Isa {
    /// What this processor understands, fastest first. Never empty: ends in [`Isa::Scalar`].
    #[must_use]
    pub fn available() -> Vec<Self> {
        [
            Self::Amx,
            Self::Avx512,
            Self::AvxVnni,
            Self::Avx2,
            Self::Scalar,
        ]
        .into_iter()
        .filter(|isa| isa.is_available())
        .collect()
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        match self {
            Self::Amx => Avx512::<true>::detect().is_some(),
            Self::Avx512 => Avx512::<false>::detect().is_some(),
            Self::AvxVnni => Avx2::<true>::detect().is_some(),
            Self::Avx2 => Avx2::<false>::detect().is_some(),
            Self::Scalar => true,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        self == Self::Scalar
    }
}

/// Work that is compiled for each instruction set; `run` must be `#[inline(always)]`.
pub(super) trait Op {
    type Output;
    fn run<S: Simd>(self, s: S) -> Self::Output;
}

/// Sixteen lanes. Methods are `#[inline(always)]`: they become instructions inside [`Simd::vectorize`] alone.
pub(super) trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen f32.
    type F: Copy;
    /// Sixteen i32.
    type I: Copy;
    /// The weights of [`Quads`], loaded.
    type W: Copy;
    /// True where a tile of 24 vectors of sixteen fits the registers, false where six do.
    const WIDE: bool;
    /// True where [`Simd::block`] is the fastest way to sums of products of bytes.
    const TILES: bool;
    /// What a block needs the processor to be set to, for as long as the value lives.
    type Tiles;

    /// Runs `op` compiled for this instruction set.
    fn vectorize<O: Op>(self, op: O) -> O::Output;

    fn splat(self, x: f32) -> Self::F;
    fn load(self, from: &[f32; 16]) -> Self::F;
    fn store(self, x: Self::F, to: &mut [f32; 16]);
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b + c`, rounded once.
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// The lesser; `b` when one is not a number.
    fn min(self, a: Self::F, b: Self::F) -> Self::F;
    /// The greater; `b` when one is not a number.
    fn max(self, a: Self::F, b: Self::F) -> Self::F;
    /// To the nearest whole number, ties to even.
    fn round(self, a: Self::F) -> Self::F;
    /// `a * 2^n` for whole `n` from -126 to 127.
    fn scale(self, a: Self::F, n: Self::F) -> Self::F;
    /// Sum of the lanes: lane `i` with `i + 8`, then 4, 2, 1 apart.
    fn sum(self, a: Self::F) -> f32;
    /// Greatest lane.
    fn greatest(self, a: Self::F) -> f32;
    /// Least lane.
    fn least(self, a: Self::F) -> f32;
    /// Lane `j` of vector `i` becomes lane `i` of vector `j`.
    #[inline(always)]
    fn transpose(self, rows: [Self::F; 16]) -> [Self::F; 16] {
        let mut from = [[0.0; 16]; 16];
        for (row, to) in rows.into_iter().zip(&mut from) {
            self.store(row, to);
        }
        std::array::from_fn(|i| self.load(&std::array::from_fn(|j| from[j][i])))
    }
    /// Rounds lanes from 0 to 255 to the nearest, ties to even.
    fn store_u8(self, a: Self::F, to: &mut [u8; 16]);

    fn zero(self) -> Self::I;
    fn to_f(self, a: Self::I) -> Self::F;
    fn load_quads(self, from: &Quads) -> Self::W;
    /// Adds to each lane the products of four inputs with that column's four weights; never saturates.
    fn dot(self, sum: Self::I, input: [u8; 4], weights: Self::W) -> Self::I;

    /// Prepares for blocks.
    fn tiles(self) -> Self::Tiles;
    /// Sums of [`BLOCK_ROWS`] rows, `stride` apart, over [`BLOCK_COLUMNS`] columns from vector `first` of `panel`,
    /// whose depth is a multiple of 16.
    fn block(
        self,
        _: &Self::Tiles,
        rows: &[[u8; 4]],
        stride: usize,
        panel: &[[Quads; WIDTH]],
        first: usize,
        sums: &mut Block,
    ) {
        plain_block(rows, stride, panel, first, sums);
    }
    fn load_sums(self, from: &[i32; 16]) -> Self::I;
}

/// The reference for [`Simd::block`].
fn plain_block(
    rows: &[[u8; 4]],
    stride: usize,
    panel: &[[Quads; WIDTH]],
    first: usize,
    sums: &mut Block,
) {
    for (row, sums) in sums.0.iter_mut().enumerate() {
        let row = &rows[row * stride..][..panel.len()];
        for (column, sum) in sums.as_flattened_mut().iter_mut().enumerate() {
            let (line, at) = (first + column / 16, column % 16 * 4);
            let products = row.iter().zip(panel).flat_map(|(row, lines)| {
                let weights = &lines[line].0[at..at + 4];
                row.iter()
                    .zip(weights)
                    .map(|(x, w)| i32::from(*x) * i32::from(*w))
            });
            *sum = products.sum();
        }
    }
}
