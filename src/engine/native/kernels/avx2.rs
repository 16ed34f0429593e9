//! AVX2 and FMA: two registers are sixteen lanes. Dot products of bytes go through 16-bit products, which
//! are exact (the shorter `vpmaddubsw` saturates), or through AVX-VNNI where the processor has it.
#![allow(unsafe_code)] // intrinsics; every block is sound because only `detect` makes the token

use std::arch::x86_64::*;

use super::avx512::sum8;
use super::{Op, Quads, Simd};

/// Proof of AVX2 and FMA, and of AVX-VNNI when `VNNI`.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine::native) struct Avx2<const VNNI: bool>(());

impl<const VNNI: bool> Avx2<VNNI> {
    /// The token, where the processor and the system have the instructions.
    pub(in crate::engine::native) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && (!VNNI || is_x86_feature_detected!("avxvnni")))
        .then_some(Self(()))
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn inner<O: Op>(s: Avx2<false>, op: O) -> O::Output {
    op.run(s)
}

#[inline]
#[target_feature(enable = "avx2,fma,avxvnni")]
fn inner_vnni<O: Op>(s: Avx2<true>, op: O) -> O::Output {
    op.run(s)
}

/// Two halves of sixteen lanes.
#[derive(Clone, Copy)]
pub(in crate::engine::native) struct Two<T>(T, T);

/// The same for both halves. Only the instruction set is asked of the processor, which the token proves.
macro_rules! both {
    (|$($x:ident),*| $e:expr) => {
        // SAFETY: the token exists, so the processor has the instructions; no memory is touched.
        unsafe { Two({ $(let $x = $x.0;)* $e }, { $(let $x = $x.1;)* $e }) }
    };
}

impl<const VNNI: bool> Simd for Avx2<VNNI> {
    type F = Two<__m256>;
    type I = Two<__m256i>;
    type W = Two<__m256i>;
    const WIDE: bool = false;
    const TILES: bool = false;
    type Tiles = ();

    #[inline(always)]
    fn vectorize<O: Op>(self, op: O) -> O::Output {
        if VNNI {
            // SAFETY: the token exists, so the processor has the instructions.
            unsafe { inner_vnni(Avx2::<true>(()), op) }
        } else {
            // SAFETY: the token exists, so the processor has the instructions.
            unsafe { inner(Avx2::<false>(()), op) }
        }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        // SAFETY: as for `both`.
        let half = unsafe { _mm256_set1_ps(x) };
        Two(half, half)
    }
    #[inline(always)]
    fn load(self, from: &[f32; 16]) -> Self::F {
        // SAFETY: as for `both`; the reference covers the 64 bytes and the loads ask for no alignment.
        unsafe {
            Two(
                _mm256_loadu_ps(from.as_ptr()),
                _mm256_loadu_ps(from.as_ptr().add(8)),
            )
        }
    }
    #[inline(always)]
    fn store(self, x: Self::F, to: &mut [f32; 16]) {
        // SAFETY: as for `both`; the reference covers the 64 bytes and the stores ask for no alignment.
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), x.0);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), x.1);
        }
    }
    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        both!(|a, b| _mm256_add_ps(a, b))
    }
    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        both!(|a, b| _mm256_sub_ps(a, b))
    }
    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        both!(|a, b| _mm256_mul_ps(a, b))
    }
    #[inline(always)]
    fn div(self, a: Self::F, b: Self::F) -> Self::F {
        both!(|a, b| _mm256_div_ps(a, b))
    }
    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        both!(|a, b, c| _mm256_fmadd_ps(a, b, c))
    }
    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        both!(|a, b| _mm256_min_ps(a, b))
    }
    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        both!(|a, b| _mm256_max_ps(a, b))
    }
    #[inline(always)]
    fn round(self, a: Self::F) -> Self::F {
        both!(|a| _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a))
    }
    #[inline(always)]
    fn scale(self, a: Self::F, n: Self::F) -> Self::F {
        both!(|a, n| {
            let power = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
            _mm256_mul_ps(a, _mm256_castsi256_ps(_mm256_slli_epi32::<23>(power)))
        })
    }
    #[inline(always)]
    fn sum(self, a: Self::F) -> f32 {
        // SAFETY: as for `both`.
        unsafe { sum8(_mm256_add_ps(a.0, a.1)) }
    }
    #[inline(always)]
    fn greatest(self, a: Self::F) -> f32 {
        // SAFETY: as for `both`.
        unsafe {
            let eight = _mm256_max_ps(a.0, a.1);
            let four = _mm_max_ps(
                _mm256_castps256_ps128(eight),
                _mm256_extractf128_ps::<1>(eight),
            );
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
    #[inline(always)]
    fn least(self, a: Self::F) -> f32 {
        // SAFETY: as for `both`.
        unsafe {
            let eight = _mm256_min_ps(a.0, a.1);
            let four = _mm_min_ps(
                _mm256_castps256_ps128(eight),
                _mm256_extractf128_ps::<1>(eight),
            );
            let two = _mm_min_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_min_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
    #[inline(always)]
    fn store_u8(self, a: Self::F, to: &mut [u8; 16]) {
        // SAFETY: as for `both`; the reference covers the 16 bytes and the store asks for no alignment.
        unsafe {
            // packing works within halves of 128 bits: words arrive as 0 2 1 3
            let words = _mm256_packus_epi32(_mm256_cvtps_epi32(a.0), _mm256_cvtps_epi32(a.1));
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let low = _mm256_castsi256_si128(words);
            let bytes = _mm_packus_epi16(low, _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }
    #[inline(always)]
    fn zero(self) -> Self::I {
        // SAFETY: as for `both`.
        let half = unsafe { _mm256_setzero_si256() };
        Two(half, half)
    }
    #[inline(always)]
    fn to_f(self, a: Self::I) -> Self::F {
        both!(|a| _mm256_cvtepi32_ps(a))
    }
    #[inline(always)]
    fn load_quads(self, from: &Quads) -> Self::W {
        // SAFETY: as for `both`; the reference covers the 64 bytes, aligned to 64.
        unsafe {
            let from = from.0.as_ptr().cast::<__m256i>();
            Two(_mm256_load_si256(from), _mm256_load_si256(from.add(1)))
        }
    }
    #[inline(always)]
    fn dot(self, sum: Self::I, input: [u8; 4], weights: Self::W) -> Self::I {
        // SAFETY: as for `both`.
        let half = unsafe { _mm256_set1_epi32(i32::from_ne_bytes(input)) };
        let input = Two(half, half);
        if VNNI {
            return both!(|sum, input, weights| _mm256_dpbusd_avx_epi32(sum, input, weights));
        }
        both!(|sum, input, weights| {
            // inputs 0 and 2, then 1 and 3, as 16-bit words: the sums of two products stay below 2^17
            let even = _mm256_and_si256(input, _mm256_set1_epi16(0xff));
            let odd = _mm256_srli_epi16::<8>(input);
            let even_weights = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(weights));
            let odd_weights = _mm256_srai_epi16::<8>(weights);
            let sum = _mm256_add_epi32(sum, _mm256_madd_epi16(even, even_weights));
            _mm256_add_epi32(sum, _mm256_madd_epi16(odd, odd_weights))
        })
    }
    #[inline(always)]
    fn tiles(self) {}
    #[inline(always)]
    fn load_sums(self, from: &[i32; 16]) -> Self::I {
        // SAFETY: as for `both`; the reference covers the 64 bytes and the loads ask for no alignment.
        unsafe {
            let from = from.as_ptr().cast::<__m256i>();
            Two(_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1)))
        }
    }
}
