//! How sure a score is: percentile intervals over documents drawn with replacement (Efron 1979), and whether a difference between two
//! programs on the same documents could be chance (approximate randomization, Noreen 1989).
//!
//! Each draw has a random stream of its own, made of the seed and the draw's number, so the same seed gives the same
//! numbers for any number of threads.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;

use super::tally::{Sheet, Tally};

/// A 95 % interval, both ends from 0 to 1 (from -1 for differences).
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Intervals of one measure; `None` where there is nothing to score or fewer than two documents.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Intervals {
    /// Of precision.
    pub precision: Option<Interval>,
    /// Of recall.
    pub recall: Option<Interval>,
    /// Of F1.
    pub f1: Option<Interval>,
}

/// How a difference stands.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Difference {
    /// F1 of the second less that of the first.
    pub f1: f64,
    /// Its interval.
    pub interval: Option<Interval>,
    /// How often a difference as large arises when which program said what is left to chance, 0 to 1.
    pub p: f64,
}

/// How many draws, from which seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draws {
    /// Number of draws.
    pub n: usize,
    /// Where the random streams start.
    pub seed: u64,
}

impl Default for Draws {
    fn default() -> Self {
        Self { n: 2000, seed: 0 }
    }
}

/// The random stream of one draw.
fn stream(draws: Draws, number: usize, purpose: u64) -> ChaCha8Rng {
    let mut rng =
        ChaCha8Rng::seed_from_u64(draws.seed ^ purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    rng.set_stream(number as u64);
    rng
}

/// A number below `n`: the high half of a product, uneven by less than `n / 2⁶⁴`.
pub(super) fn below(rng: &mut ChaCha8Rng, n: usize) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// The tallies of some measures, `[documents][measures]`.
fn table(sheets: &[Sheet], measures: &[&str]) -> Vec<Vec<Tally>> {
    let row = |sheet: &Sheet| {
        measures
            .iter()
            .map(|name| sheet.get(*name).copied().unwrap_or_default())
            .collect()
    };
    sheets.iter().map(row).collect()
}

fn sum(table: &[Vec<Tally>], rows: impl Iterator<Item = usize>, n_measures: usize) -> Vec<Tally> {
    let mut sum = vec![Tally::default(); n_measures];
    for row in rows {
        for (total, tally) in sum.iter_mut().zip(&table[row]) {
            *total += *tally;
        }
    }
    sum
}

/// Intervals of each measure over the documents, in the order of `measures`.
#[must_use]
pub fn intervals(sheets: &[Sheet], measures: &[&str], draws: Draws) -> Vec<Intervals> {
    if sheets.len() < 2 {
        return vec![Intervals::default(); measures.len()];
    }
    let table = table(sheets, measures);
    let drawn: Vec<Vec<Tally>> = (0..draws.n)
        .into_par_iter()
        .map(|number| {
            let mut rng = stream(draws, number, 0);
            let rows = (0..table.len()).map(|_| below(&mut rng, table.len()));
            sum(&table, rows, measures.len())
        })
        .collect();
    let of = |at: usize, score: fn(Tally) -> Option<f64>| {
        interval(drawn.iter().filter_map(|sums| score(sums[at])).collect())
    };
    (0..measures.len())
        .map(|at| Intervals {
            precision: of(at, Tally::precision),
            recall: of(at, Tally::recall),
            f1: of(at, Tally::f1),
        })
        .collect()
}

/// Differences of F1, one for each measure.
type Gaps = Vec<Option<f64>>;

/// How each measure's F1 of `second` differs from that of `first`, on the same documents in the same order. `None` where either has nothing
/// to score.
#[must_use]
pub fn differences(
    first: &[Sheet],
    second: &[Sheet],
    measures: &[&str],
    draws: Draws,
) -> Vec<Option<Difference>> {
    let (one, two) = (table(first, measures), table(second, measures));
    let n = one.len().min(two.len());
    let gap = |one: Tally, two: Tally| Some(two.f1()? - one.f1()?);
    let all = |table: &[Vec<Tally>]| sum(table, 0..n, measures.len());
    let observed: Vec<Option<f64>> = all(&one)
        .into_iter()
        .zip(all(&two))
        .map(|(one, two)| gap(one, two))
        .collect();
    let drawn: Vec<(Gaps, Gaps)> = (0..draws.n)
        .into_par_iter()
        .map(|number| {
            let mut rng = stream(draws, number, 0);
            let rows: Vec<usize> = (0..n).map(|_| below(&mut rng, n)).collect();
            let of = |table: &[Vec<Tally>]| sum(table, rows.iter().copied(), measures.len());
            let resampled = of(&one)
                .into_iter()
                .zip(of(&two))
                .map(|(one, two)| gap(one, two))
                .collect();
            (
                resampled,
                swapped(
                    &one[..n],
                    &two[..n],
                    measures.len(),
                    &mut stream(draws, number, 1),
                )
                .into_iter()
                .map(|(one, two)| gap(one, two))
                .collect(),
            )
        })
        .collect();
    (0..measures.len())
        .map(|at| {
            let f1 = observed[at]?;
            let as_large =
                |gap: &&(Gaps, Gaps)| gap.1[at].is_some_and(|gap| f1.abs() - 1e-12 <= gap.abs());
            let as_large = drawn.iter().filter(as_large).count();
            Some(Difference {
                f1,
                interval: if n < 2 {
                    None
                } else {
                    interval(drawn.iter().filter_map(|gap| gap.0[at]).collect())
                },
                p: (as_large + 1) as f64 / (draws.n + 1) as f64,
            })
        })
        .collect()
}

/// The sums when chance decides, document by document, which program said what.
fn swapped(
    one: &[Vec<Tally>],
    two: &[Vec<Tally>],
    n_measures: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<(Tally, Tally)> {
    let mut sums = vec![(Tally::default(), Tally::default()); n_measures];
    for (one, two) in one.iter().zip(two) {
        let swap = rng.next_u32() & 1 == 1;
        let (one, two) = if swap { (two, one) } else { (one, two) };
        for (sum, (one, two)) in sums.iter_mut().zip(one.iter().zip(two)) {
            sum.0 += *one;
            sum.1 += *two;
        }
    }
    sums
}

/// The middle 95 % of some values, ends interpolated.
pub(crate) fn interval(mut values: Vec<f64>) -> Option<Interval> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| {
        let place = share * last as f64;
        let (low, high) = (
            values[place.floor() as usize],
            values[place.ceil() as usize],
        );
        low + (high - low) * place.fract()
    };
    Some(Interval {
        low: at(0.025),
        high: at(0.975),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(right: impl Iterator<Item = bool>) -> Vec<Sheet> {
        let sheet = |right: bool| {
            Sheet::from([(
                "m".to_owned(),
                Tally::new(usize::from(right), 0, usize::from(!right)),
            )])
        };
        right.map(sheet).collect()
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_the_binomial() {
        // Recall of 80 of 100 documents: the normal approximation gives 0.8 ± 0.078.
        let found = intervals(
            &sheets((0..100).map(|at| at % 5 != 0)),
            &["m"],
            Draws::default(),
        )[0];
        let recall = found.recall.unwrap();
        assert!(
            (recall.low - 0.72).abs() < 0.025 && (recall.high - 0.88).abs() < 0.025,
            "{recall:?}"
        );
        assert_eq!(
            found.precision,
            Some(Interval {
                low: 1.0,
                high: 1.0
            })
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers_on_any_number_of_threads() {
        let sheets = sheets((0..50).map(|at| at % 3 != 0));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| intervals(&sheets, &["m"], Draws { n: 300, seed: 7 }))
        };
        assert_eq!(on(1), on(5));
        assert_ne!(on(1), intervals(&sheets, &["m"], Draws { n: 300, seed: 8 }));
    }

    #[test]
    fn a_real_difference_is_told_from_chance() {
        let base = sheets((0..200).map(|at| at % 2 == 0));
        let better = sheets((0..200).map(|at| at % 2 == 0 || at % 3 == 0));
        let shuffled = sheets((0..200).map(|at| at % 2 == 1));
        let real = differences(&base, &better, &["m"], Draws::default())[0].unwrap();
        assert!(
            real.p < 0.01 && 0.0 < real.interval.unwrap().low,
            "{real:?}"
        );
        let none = differences(&base, &shuffled, &["m"], Draws::default())[0].unwrap();
        assert!(
            0.05 < none.p && none.interval.unwrap().low < 0.0,
            "{none:?}"
        );
        let same = differences(&base, &base, &["m"], Draws::default())[0].unwrap();
        assert_eq!((same.f1, same.p), (0.0, 1.0));
    }

    #[test]
    fn one_document_has_no_interval() {
        assert_eq!(
            intervals(&sheets([true].into_iter()), &["m"], Draws::default())[0],
            Intervals::default()
        );
    }
}
