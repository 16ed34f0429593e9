//! Plain Rust: the reference for every other path, and the path of processors without one.

use super::{Op, Quads, Simd};

/// Needs nothing of the processor.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine::native) struct Scalar;

#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> [f32; 16] {
    std::array::from_fn(f)
}

/// Folds sixteen lanes: `i` with `i + 8`, then 4, 2, 1 apart.
#[inline(always)]
fn fold(mut a: [f32; 16], f: impl Fn(f32, f32) -> f32) -> f32 {
    for apart in [8, 4, 2, 1] {
        for i in 0..apart {
            a[i] = f(a[i], a[i + apart]);
        }
    }
    a[0]
}

impl Simd for Scalar {
    type F = [f32; 16];
    type I = [i32; 16];
    type W = [i8; 64];
    const WIDE: bool = false;
    const TILES: bool = false;
    type Tiles = ();

    #[inline(always)]
    fn vectorize<O: Op>(self, op: O) -> O::Output {
        op.run(self)
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        [x; 16]
    }
    #[inline(always)]
    fn load(self, from: &[f32; 16]) -> Self::F {
        *from
    }
    #[inline(always)]
    fn store(self, x: Self::F, to: &mut [f32; 16]) {
        *to = x;
    }
    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        each(|i| a[i] + b[i])
    }
    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        each(|i| a[i] - b[i])
    }
    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        each(|i| a[i] * b[i])
    }
    #[inline(always)]
    fn div(self, a: Self::F, b: Self::F) -> Self::F {
        each(|i| a[i] / b[i])
    }
    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        each(|i| a[i].mul_add(b[i], c[i]))
    }
    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        each(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        each(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    fn round(self, a: Self::F) -> Self::F {
        each(|i| a[i].round_ties_even())
    }
    #[inline(always)]
    fn scale(self, a: Self::F, n: Self::F) -> Self::F {
        each(|i| a[i] * f32::from_bits(((n[i] as i32 + 127) as u32) << 23))
    }
    #[inline(always)]
    fn sum(self, a: Self::F) -> f32 {
        fold(a, |x, y| x + y)
    }
    #[inline(always)]
    fn greatest(self, a: Self::F) -> f32 {
        fold(a, |x, y| if x > y { x } else { y })
    }
    #[inline(always)]
    fn least(self, a: Self::F) -> f32 {
        fold(a, |x, y| if x < y { x } else { y })
    }
    #[inline(always)]
    fn store_u8(self, a: Self::F, to: &mut [u8; 16]) {
        for (to, x) in to.iter_mut().zip(a) {
            *to = x.round_ties_even() as u8;
        }
    }
    #[inline(always)]
    fn zero(self) -> Self::I {
        [0; 16]
    }
    #[inline(always)]
    fn to_f(self, a: Self::I) -> Self::F {
        each(|i| a[i] as f32)
    }
    #[inline(always)]
    fn load_quads(self, from: &Quads) -> Self::W {
        from.0
    }
    #[inline(always)]
    fn dot(self, sum: Self::I, input: [u8; 4], weights: Self::W) -> Self::I {
        std::array::from_fn(|lane| {
            (0..4).fold(sum[lane], |sum, k| {
                sum + i32::from(input[k]) * i32::from(weights[lane * 4 + k])
            })
        })
    }
    #[inline(always)]
    fn tiles(self) {}
    #[inline(always)]
    fn load_sums(self, from: &[i32; 16]) -> Self::I {
        *from
    }
}
