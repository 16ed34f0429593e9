//! Functions of vectors of sixteen lanes: exponential, error function, activations.

use super::kernels::Simd;

/// `e^x` for `x <= 0`; below -87 it stays at `e^-87`.
///
/// Cody-Waite reduction by multiples of ln 2 and the polynomial of degree 6 of Cephes' `expf`. Largest
/// relative error against f64 over [-87, 0]: 1.2e-7 (`exp_is_within_its_stated_error`).
#[inline(always)]
pub(super) fn exp<S: Simd>(s: S, x: S::F) -> S::F {
    let x = s.max(x, s.splat(-87.0));
    let n = s.round(s.mul(x, s.splat(std::f32::consts::LOG2_E)));
    let r = s.fma(n, s.splat(-0.693_359_4), x);
    let r = s.fma(n, s.splat(2.121_944_4e-4), r);
    let mut p = s.splat(1.987_569_1e-4);
    for c in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        0.166_666_66,
        0.5,
    ] {
        p = s.fma(p, r, s.splat(c));
    }
    let p = s.add(s.fma(p, s.mul(r, r), r), s.splat(1.0));
    s.scale(p, n)
}

/// The error function.
///
/// The rational approximation of degree 13 over 8 on [-4, 4] that Eigen and XLA use. Largest absolute error
/// against f64: 5e-7 (`erf_is_within_its_stated_error`).
#[inline(always)]
fn erf<S: Simd>(s: S, x: S::F) -> S::F {
    let x = s.min(s.max(x, s.splat(-4.0)), s.splat(4.0));
    let square = s.mul(x, x);
    let mut p = s.splat(-2.726_142_3e-10);
    for c in [
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ] {
        p = s.fma(p, square, s.splat(c));
    }
    let mut q = s.splat(-1.456_607_2e-5);
    for c in [
        -2.133_740_6e-4,
        -1.682_827e-3,
        -7.373_329e-3,
        -1.426_473_9e-2,
    ] {
        q = s.fma(q, square, s.splat(c));
    }
    s.div(s.mul(x, p), q)
}

/// What stands between the two linear layers of a feed-forward block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Activation {
    /// `x/2 (1 + erf(x/√2))`; off by at most 2e-6 for -8 ≤ x ≤ 8 (`gelu_is_within_its_stated_error`).
    Gelu,
    /// The hyperbolic tangent's form of GELU.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    /// The activation called `name` in a `config.json`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "gelu" => Some(Self::Gelu),
            "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Some(Self::GeluTanh),
            "relu" => Some(Self::Relu),
            _ => None,
        }
    }

    #[inline(always)]
    pub(super) fn apply<S: Simd>(self, s: S, x: S::F) -> S::F {
        match self {
            Self::Gelu => {
                let erf = erf(s, s.mul(x, s.splat(std::f32::consts::FRAC_1_SQRT_2)));
                let half = s.mul(x, s.splat(0.5));
                s.fma(half, erf, half)
            }
            Self::GeluTanh => {
                let cube = s.mul(s.mul(x, x), x);
                let inner = s.fma(cube, s.splat(0.044_715), x);
                let inner = s.mul(inner, s.splat((2.0 / std::f32::consts::PI).sqrt()));
                // x (1 + tanh z) / 2 = x / (1 + e^-2z), with the exponent kept negative
                let e = exp(
                    s,
                    s.min(s.mul(inner, s.splat(-2.0)), s.mul(inner, s.splat(2.0))),
                );
                let positive = s.div(s.splat(1.0), s.add(s.splat(1.0), e));
                let negative = s.sub(s.splat(1.0), positive);
                s.add(
                    s.mul(s.max(x, s.splat(0.0)), positive),
                    s.mul(s.min(x, s.splat(0.0)), negative),
                )
            }
            Self::Relu => s.max(x, s.splat(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernels::Scalar;
    use super::*;

    /// Abramowitz and Stegun 7.1.5 (series) below 3, the asymptotic continued fraction's place taken by 1 − tiny.
    fn erf_f64(x: f64) -> f64 {
        if x.abs() > 5.0 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / n as f64;
            sum += term / (2 * n + 1) as f64;
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn exp_is_within_its_stated_error() {
        let worst = (0..87_000).map(|n| -(n as f32) / 1000.0).map(|x| {
            let exact = f64::from(x).exp();
            (f64::from(exp(Scalar, [x; 16])[0]) - exact).abs() / exact
        });
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < 1.2e-7, "{worst:e}");
    }

    #[test]
    fn erf_is_within_its_stated_error() {
        let worst = (-80_000..80_000)
            .map(|n| n as f32 / 10_000.0)
            .map(|x| (f64::from(erf(Scalar, [x; 16])[0]) - erf_f64(f64::from(x))).abs());
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < 5e-7, "{worst:e}");
    }

    #[test]
    fn gelu_is_within_its_stated_error() {
        let worst = (-80_000..80_000).map(|n| n as f32 / 10_000.0).map(|x| {
            let exact = f64::from(x) / 2.0 * (1.0 + erf_f64(f64::from(x) / 2_f64.sqrt()));
            (f64::from(Activation::Gelu.apply(Scalar, [x; 16])[0]) - exact).abs()
        });
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < 2e-6, "{worst:e}");
    }

    #[test]
    fn gelu_by_tanh_is_the_hyperbolic_tangents() {
        for n in -1000..1000 {
            let x = n as f32 / 100.0;
            let inner = (2.0 / std::f64::consts::PI).sqrt()
                * (f64::from(x) + 0.044_715 * f64::from(x).powi(3));
            let exact = f64::from(x) / 2.0 * (1.0 + inner.tanh());
            let ours = Activation::GeluTanh.apply(Scalar, [x; 16])[0];
            assert!(
                (f64::from(ours) - exact).abs() < 1e-6,
                "{x}: {ours} against {exact}"
            );
        }
    }
}
