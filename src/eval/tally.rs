//! Counts that add up, and the scores they give. "Nothing to score" is `None`, never zero.

use std::collections::BTreeMap;
use std::ops::{Add, AddAssign, Sub};

/// Counts of one measure. Halves occur, for stretches that agree in part.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Tally {
    /// What is right.
    pub right: f64,
    /// What was predicted.
    pub predicted: f64,
    /// What there was to find.
    pub gold: f64,
}

/// The counts of one document by the name of the measure.
pub type Sheet = BTreeMap<String, Tally>;

impl Tally {
    /// Counts as `n` right, `n` invented, `n` missed.
    #[must_use]
    pub fn new(right: usize, invented: usize, missed: usize) -> Self {
        Self {
            right: right as f64,
            predicted: (right + invented) as f64,
            gold: (right + missed) as f64,
        }
    }

    /// Share of what was predicted that is right.
    #[must_use]
    pub fn precision(self) -> Option<f64> {
        share(self.right, self.predicted)
    }

    /// Share of what there was to find that was found.
    #[must_use]
    pub fn recall(self) -> Option<f64> {
        share(self.right, self.gold)
    }

    /// Harmonic mean of both, `2 right / (predicted + gold)`.
    #[must_use]
    pub fn f1(self) -> Option<f64> {
        share(2.0 * self.right, self.predicted + self.gold)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (0.0 < whole).then(|| part / whole)
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            predicted: self.predicted + other.predicted,
            gold: self.gold + other.gold,
        }
    }
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            right: self.right - other.right,
            predicted: self.predicted - other.predicted,
            gold: self.gold - other.gold,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Adds to one measure of a sheet.
pub(super) fn add(sheet: &mut Sheet, measure: &str, tally: Tally) {
    match sheet.get_mut(measure) {
        Some(sum) => *sum += tally,
        None => {
            sheet.insert(measure.to_owned(), tally);
        }
    }
}

/// The sum of all sheets.
#[must_use]
pub fn total(sheets: &[Sheet]) -> Sheet {
    let mut sum = Sheet::new();
    for (measure, tally) in sheets.iter().flatten() {
        add(&mut sum, measure, *tally);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_score_is_not_zero() {
        let nothing = Tally::default();
        assert_eq!(
            (nothing.precision(), nothing.recall(), nothing.f1()),
            (None, None, None)
        );
        let missed = Tally::new(0, 0, 3);
        assert_eq!(
            (missed.precision(), missed.recall(), missed.f1()),
            (None, Some(0.0), Some(0.0))
        );
        let some = Tally::new(2, 1, 2) + Tally::new(1, 0, 0);
        assert_eq!(
            (some.precision(), some.recall(), some.f1()),
            (Some(0.75), Some(0.6), Some(2.0 / 3.0))
        );
    }
}
