//! AVX-512 with VNNI: one register is sixteen lanes, one instruction sixteen dot products of four bytes.
//! With AMX, whole tiles of dot products of bytes are one instruction.
#![allow(unsafe_code)] // intrinsics; every block is sound because only `detect` makes the token

use std::arch::x86_64::*;

use super::amx::{self, Configured};
use super::{Block, Op, Quads, Simd, plain_block};
use crate::engine::native::pack::WIDTH;

/// Proof of AVX-512 F, BW, DQ, VL and VNNI, and of AMX for int8 when `AMX`.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine::native) struct Avx512<const AMX: bool>(());

impl<const AMX: bool> Avx512<AMX> {
    /// The token, where the processor and the system have the instructions.
    pub(in crate::engine::native) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni")
            && is_x86_feature_detected!("fma")
            && (!AMX || amx::detect()))
        .then_some(Self(()))
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")]
fn inner<const AMX: bool, O: Op>(s: Avx512<AMX>, op: O) -> O::Output {
    op.run(s)
}

/// One intrinsic whose only demand is the instruction set, which the token proves.
macro_rules! lanes {
    ($e:expr) => {
        // SAFETY: the token exists, so the processor has the instructions; no memory is touched.
        unsafe { $e }
    };
}

impl<const AMX: bool> Simd for Avx512<AMX> {
    type F = __m512;
    type I = __m512i;
    type W = __m512i;
    const WIDE: bool = true;
    const TILES: bool = AMX;
    type Tiles = Option<Configured>;

    #[inline(always)]
    fn vectorize<O: Op>(self, op: O) -> O::Output {
        // SAFETY: the token exists, so the processor has the instructions.
        unsafe { inner(self, op) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        lanes!(_mm512_set1_ps(x))
    }
    #[inline(always)]
    fn load(self, from: &[f32; 16]) -> Self::F {
        // SAFETY: as for `lanes`; the reference covers the 64 bytes and the load asks for no alignment.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, x: Self::F, to: &mut [f32; 16]) {
        // SAFETY: as for `lanes`; the reference covers the 64 bytes and the store asks for no alignment.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), x) }
    }
    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        lanes!(_mm512_add_ps(a, b))
    }
    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        lanes!(_mm512_sub_ps(a, b))
    }
    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        lanes!(_mm512_mul_ps(a, b))
    }
    #[inline(always)]
    fn div(self, a: Self::F, b: Self::F) -> Self::F {
        lanes!(_mm512_div_ps(a, b))
    }
    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        lanes!(_mm512_fmadd_ps(a, b, c))
    }
    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        lanes!(_mm512_min_ps(a, b))
    }
    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        lanes!(_mm512_max_ps(a, b))
    }
    #[inline(always)]
    fn round(self, a: Self::F) -> Self::F {
        lanes!(_mm512_roundscale_ps::<
            { _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC },
        >(a))
    }
    #[inline(always)]
    fn scale(self, a: Self::F, n: Self::F) -> Self::F {
        lanes!(_mm512_scalef_ps(a, n))
    }
    #[inline(always)]
    fn sum(self, a: Self::F) -> f32 {
        lanes!({
            let low = _mm512_castps512_ps256(a);
            let high = _mm512_extractf32x8_ps::<1>(a);
            sum8(_mm256_add_ps(low, high))
        })
    }
    #[inline(always)]
    fn greatest(self, a: Self::F) -> f32 {
        lanes!(_mm512_reduce_max_ps(a))
    }
    #[inline(always)]
    fn least(self, a: Self::F) -> f32 {
        lanes!(_mm512_reduce_min_ps(a))
    }
    #[inline(always)]
    fn transpose(self, rows: [Self::F; 16]) -> [Self::F; 16] {
        lanes!(transpose(rows))
    }
    #[inline(always)]
    fn store_u8(self, a: Self::F, to: &mut [u8; 16]) {
        // SAFETY: as for `lanes`; the reference covers the 16 bytes and the store asks for no alignment.
        unsafe {
            let bytes = _mm512_cvtusepi32_epi8(_mm512_cvtps_epi32(a));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }
    #[inline(always)]
    fn zero(self) -> Self::I {
        lanes!(_mm512_setzero_si512())
    }
    #[inline(always)]
    fn to_f(self, a: Self::I) -> Self::F {
        lanes!(_mm512_cvtepi32_ps(a))
    }
    #[inline(always)]
    fn load_quads(self, from: &Quads) -> Self::W {
        // SAFETY: as for `lanes`; the reference covers the 64 bytes, aligned to 64.
        unsafe { _mm512_load_si512(from.0.as_ptr().cast()) }
    }
    #[inline(always)]
    fn dot(self, sum: Self::I, input: [u8; 4], weights: Self::W) -> Self::I {
        lanes!(_mm512_dpbusd_epi32(
            sum,
            _mm512_set1_epi32(i32::from_ne_bytes(input)),
            weights
        ))
    }
    #[inline(always)]
    fn tiles(self) -> Self::Tiles {
        // SAFETY: the token exists, so the processor has AMX where `AMX` and the system allows it.
        AMX.then(|| unsafe { Configured::new() })
    }
    #[inline(always)]
    fn block(
        self,
        tiles: &Self::Tiles,
        rows: &[[u8; 4]],
        stride: usize,
        panel: &[[Quads; WIDTH]],
        first: usize,
        sums: &mut Block,
    ) {
        match tiles {
            Some(tiles) => amx::block(tiles, rows, stride, panel, first, sums),
            None => plain_block(rows, stride, panel, first, sums),
        }
    }
    #[inline(always)]
    fn load_sums(self, from: &[i32; 16]) -> Self::I {
        // SAFETY: as for `lanes`; the reference covers the 64 bytes and the load asks for no alignment.
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }
}

/// Transposes 4 x 4 blocks within parts of 128 bits, then the parts.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose(x: [__m512; 16]) -> [__m512; 16] {
    let mut y = x;
    for i in (0..16).step_by(4) {
        let [a, b] = [
            _mm512_unpacklo_ps(x[i], x[i + 1]),
            _mm512_unpackhi_ps(x[i], x[i + 1]),
        ];
        let [c, d] = [
            _mm512_unpacklo_ps(x[i + 2], x[i + 3]),
            _mm512_unpackhi_ps(x[i + 2], x[i + 3]),
        ];
        y[i] = _mm512_shuffle_ps::<0b01_00_01_00>(a, c);
        y[i + 1] = _mm512_shuffle_ps::<0b11_10_11_10>(a, c);
        y[i + 2] = _mm512_shuffle_ps::<0b01_00_01_00>(b, d);
        y[i + 3] = _mm512_shuffle_ps::<0b11_10_11_10>(b, d);
    }
    let mut out = y;
    for i in 0..4 {
        let [a, b, c, d] = [y[i], y[i + 4], y[i + 8], y[i + 12]];
        let [low, high] = [
            _mm512_shuffle_f32x4::<0b10_00_10_00>(a, b),
            _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b),
        ];
        let [low2, high2] = [
            _mm512_shuffle_f32x4::<0b10_00_10_00>(c, d),
            _mm512_shuffle_f32x4::<0b11_01_11_01>(c, d),
        ];
        out[i] = _mm512_shuffle_f32x4::<0b10_00_10_00>(low, low2);
        out[i + 4] = _mm512_shuffle_f32x4::<0b10_00_10_00>(high, high2);
        out[i + 8] = _mm512_shuffle_f32x4::<0b11_01_11_01>(low, low2);
        out[i + 12] = _mm512_shuffle_f32x4::<0b11_01_11_01>(high, high2);
    }
    out
}

/// Sum of eight lanes, 4, 2 and 1 apart.
#[inline]
#[target_feature(enable = "avx")]
pub(super) fn sum8(a: __m256) -> f32 {
    let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
}
