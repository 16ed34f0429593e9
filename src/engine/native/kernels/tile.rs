//! The innermost loops: a tile of sums, rows by vectors of columns, kept in registers over all inputs.
#![allow(unsafe_code)] // six rows' bounds checks in a loop of two dozen instructions cost a fifth of its speed

use super::{Floats, Quads, Simd};

/// Sums of `R` rows of f32 over `C` vectors of columns, from vector `first` of the panel.
#[inline(always)]
pub(in crate::engine::native) fn sums_f32<
    S: Simd,
    const R: usize,
    const C: usize,
    const W: usize,
>(
    s: S,
    rows: [&[f32]; R],
    panel: &[[Floats; W]],
    first: usize,
) -> [[S::F; C]; R] {
    assert!(first + C <= W, "bug: tile outside its panel");
    let within = rows.iter().all(|row| panel.len() <= row.len());
    assert!(within, "bug: a row is shorter than its panel");
    let mut sums = [[s.splat(0.0); C]; R];
    for (k, lines) in panel.iter().enumerate() {
        let mut weights = [s.splat(0.0); C];
        for c in 0..C {
            weights[c] = s.load(&lines[first + c].0);
        }
        for r in 0..R {
            // SAFETY: k < panel.len(), and every row is at least as long.
            let x = s.splat(unsafe { *rows[r].get_unchecked(k) });
            for c in 0..C {
                sums[r][c] = s.fma(x, weights[c], sums[r][c]);
            }
        }
    }
    sums
}

/// Sums of `R` rows of bytes over `C` vectors of columns, from vector `first` of the panel.
#[inline(always)]
pub(in crate::engine::native) fn sums_i8<
    S: Simd,
    const R: usize,
    const C: usize,
    const W: usize,
>(
    s: S,
    rows: [&[[u8; 4]]; R],
    panel: &[[Quads; W]],
    first: usize,
) -> [[S::I; C]; R] {
    assert!(first + C <= W, "bug: tile outside its panel");
    let within = rows.iter().all(|row| panel.len() <= row.len());
    assert!(within, "bug: a row is shorter than its panel");
    let mut sums = [[s.zero(); C]; R];
    for (k, lines) in panel.iter().enumerate() {
        let mut weights = [s.load_quads(&lines[first]); C];
        for c in 1..C {
            weights[c] = s.load_quads(&lines[first + c]);
        }
        for r in 0..R {
            // SAFETY: k < panel.len(), and every row is at least as long.
            let x = unsafe { *rows[r].get_unchecked(k) };
            for c in 0..C {
                sums[r][c] = s.dot(sums[r][c], x, weights[c]);
            }
        }
    }
    sums
}
