//! What one core could do at most: operations a second of nothing but the processor's dot products of bytes.
#![allow(unsafe_code)] // the loops are of intrinsics; each is entered only after its instructions were detected

use std::arch::x86_64::*;
use std::hint::black_box;
use std::time::Instant;

/// Independent chains of sums, enough to hide an instruction's latency and few enough for the registers.
const CHAINS: usize = 12;
const TURNS: usize = 2_000_000;

#[target_feature(enable = "avx512f,avx512vnni")]
fn avx512(turns: usize) -> i32 {
    let x = _mm512_set1_epi32(black_box(0x0101_0101));
    let mut sums = [_mm512_setzero_si512(); CHAINS];
    for _ in 0..turns {
        for sum in &mut sums {
            *sum = _mm512_dpbusd_epi32(*sum, x, x);
        }
    }
    let total = sums.into_iter().map(|sum| _mm512_reduce_add_epi32(sum));
    total.fold(0, i32::wrapping_add)
}

#[target_feature(enable = "avx2")]
fn avx2(turns: usize) -> i32 {
    let x = _mm256_set1_epi32(black_box(0x0101_0101));
    let ones = _mm256_set1_epi16(1);
    let mut sums = [_mm256_setzero_si256(); CHAINS];
    for _ in 0..turns {
        for sum in &mut sums {
            // Three instructions stand for the one that these processors lack.
            let pairs = _mm256_maddubs_epi16(_mm256_xor_si256(x, *sum), x);
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
        }
    }
    let total = sums.into_iter().map(|sum| _mm256_extract_epi32::<0>(sum));
    total.fold(0, i32::wrapping_add)
}

/// Multiplications and additions of bytes a second on this core without AMX; `None` on processors without AVX2.
pub(in crate::engine::native) fn int8_peak() -> Option<f64> {
    let start = Instant::now();
    let operations =
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the features were just detected.
            black_box(unsafe { avx512(TURNS) });
            TURNS * CHAINS * 128
        } else if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature was just detected.
            black_box(unsafe { avx2(TURNS) });
            TURNS * CHAINS * 64
        } else {
            return None;
        };
    Some(operations as f64 / start.elapsed().as_secs_f64())
}
