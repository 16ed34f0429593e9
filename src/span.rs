//! One unit for offsets: a half-open range of bytes into an article's text.
//!
//! Code points exist in [`crate::write`] alone; a bare pair of integers exists nowhere.

use serde::{Deserialize, Serialize};

/// A half-open byte range `[start, end)` into one article's text.
///
/// Ordered by start, then by end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Makes the span `[start, end)`. `start` must not exceed `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Self { start, end }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// True when the span holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// True when `other` lies inside this span, edges included.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// True when the two spans share at least one byte.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The span moved right by `bytes`.
    #[must_use]
    pub const fn shifted(self, bytes: usize) -> Self {
        Self {
            start: self.start + bytes,
            end: self.end + bytes,
        }
    }

    /// The text the span covers; empty when the span does not lie on character borders of `text`.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// The span without white space at either end of what it covers in `text`.
    #[must_use]
    pub fn trimmed(self, text: &str) -> Self {
        let slice = self.of(text);
        let start = self.start + (slice.len() - slice.trim_start().len());
        Self {
            start,
            end: start + slice.trim().len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_keeps_the_bytes_between_the_white_space() {
        let text = "a  \u{a0}Ünal \n";
        let span = Span::new(1, text.len()).trimmed(text);
        assert_eq!(span.of(text), "Ünal");
        assert!(Span::new(2, 4).trimmed("abcd  ").contains(Span::new(2, 4)));
    }

    #[test]
    fn a_span_off_character_borders_covers_nothing() {
        assert_eq!(Span::new(0, 1).of("Ü"), "");
    }

    #[test]
    fn spans_that_touch_do_not_overlap() {
        assert!(!Span::new(0, 3).overlaps(Span::new(3, 5)));
        assert!(Span::new(0, 4).overlaps(Span::new(3, 5)));
    }
}
