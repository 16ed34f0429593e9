//! Whether a score means what it says: of what is scored 0.9, nine in ten should be right.

use serde::Serialize;

/// One row of the reliability table.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Bin {
    /// Scores from here,
    pub from: f64,
    /// to below here; the last bin holds its end too.
    pub to: f64,
    /// How many there are.
    pub n: usize,
    /// The mean of their scores.
    pub mean_score: f64,
    /// Share of them that is right.
    pub right: f64,
}

/// A reliability table.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Calibration {
    /// Bins that hold a score, in order.
    pub bins: Vec<Bin>,
    /// Expected calibration error (Naeini et al. 2015): mean distance of score and share, weighted by the bins' sizes.
    pub error: f64,
    /// How many scores there are.
    pub n: usize,
}

/// Bins of equal width.
const N_BINS: usize = 10;

/// Makes the table of scores with whether each was right; `None` where nothing is scored.
#[must_use]
pub fn calibration(judged: &[(f32, bool)]) -> Option<Calibration> {
    if judged.is_empty() {
        return None;
    }
    let mut sums = [(0_usize, 0.0, 0_usize); N_BINS];
    for &(score, right) in judged {
        let at = ((score * N_BINS as f32) as usize).min(N_BINS - 1);
        sums[at].0 += 1;
        sums[at].1 += f64::from(score);
        sums[at].2 += usize::from(right);
    }
    let width = 1.0 / N_BINS as f64;
    let bins: Vec<Bin> = (0..)
        .zip(sums)
        .filter(|(_, (n, ..))| 0 < *n)
        .map(|(at, (n, sum, right))| Bin {
            from: f64::from(at) * width,
            to: f64::from(at + 1) * width,
            n,
            mean_score: sum / n as f64,
            right: right as f64 / n as f64,
        })
        .collect();
    let distance = |bin: &Bin| bin.n as f64 * (bin.mean_score - bin.right).abs();
    Some(Calibration {
        error: bins.iter().map(distance).sum::<f64>() / judged.len() as f64,
        n: judged.len(),
        bins,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_weighted_distance_of_score_and_share() {
        let mut judged = vec![(0.95, true); 9];
        judged.push((0.95, false));
        judged.extend([(0.25, true); 10]);
        let found = calibration(&judged).unwrap();
        assert_eq!((found.bins.len(), found.bins[0].n, found.n), (2, 10, 20));
        // |0.95 - 0.9| and |0.25 - 1|, half the weight each.
        assert!((found.error - 0.4).abs() < 1e-6, "{}", found.error);
        assert_eq!(calibration(&[]), None);
        assert_eq!(calibration(&[(1.0, true)]).unwrap().bins[0].from, 0.9);
    }
}
