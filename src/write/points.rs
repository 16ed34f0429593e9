//! Bytes → code points: the one place where the unit changes.

use crate::span::Span;

/// Bytes between two counts.
const STRIDE: usize = 128;

/// Counts code points of one text; each look-up reads at most `STRIDE` bytes.
pub struct Points<'text> {
    text: &'text str,
    /// Code points that begin before byte `at * STRIDE`; empty for ASCII, where both units agree.
    counts: Vec<usize>,
}

impl<'text> Points<'text> {
    /// Prepares the counts of `text`.
    #[must_use]
    pub fn of(text: &'text str) -> Self {
        let mut counts = Vec::new();
        if !text.is_ascii() {
            let mut total = 0;
            for chunk in text.as_bytes().chunks(STRIDE) {
                counts.push(total);
                total += chunk.iter().filter(|byte| begins(**byte)).count();
            }
            counts.push(total);
        }
        Self { text, counts }
    }

    /// Code points before byte `at`.
    #[must_use]
    pub fn before(&self, at: usize) -> usize {
        if self.counts.is_empty() {
            return at;
        }
        let block = at / STRIDE;
        let rest = &self.text.as_bytes()[block * STRIDE..at];
        self.counts[block] + rest.iter().filter(|byte| begins(**byte)).count()
    }

    /// What `start..end` in code points covers, found by its own way from the counts; `None` outside the text.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Option<&'text str> {
        self.text.get(self.byte(start)?..self.byte(end)?)
    }

    /// The byte where code point `point` begins; the text's length for the one after the last.
    fn byte(&self, point: usize) -> Option<usize> {
        if self.counts.is_empty() {
            return Some(point);
        }
        let block = self
            .counts
            .partition_point(|&count| count <= point)
            .checked_sub(1)?;
        let from = self.text.ceil_char_boundary(block * STRIDE);
        let left = point - self.counts[block];
        let mut starts = self.text[from..].char_indices().map(|(at, _)| from + at);
        starts
            .nth(left)
            .or_else(|| (self.before(self.text.len()) == point).then_some(self.text.len()))
    }

    /// A byte span as (start, end) in code points.
    #[must_use]
    pub fn range(&self, span: Span) -> (usize, usize) {
        (self.before(span.start), self.before(span.end))
    }
}

/// True for the first byte of a character.
fn begins(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_border_agrees_with_counting_characters_from_the_start() {
        let long = "aé€😀\u{301}".repeat(200);
        for text in ["", "plain", "é", "\u{feff}Iran", long.as_str()] {
            let points = Points::of(text);
            let borders: Vec<usize> = (0..=text.len())
                .filter(|&at| text.is_char_boundary(at))
                .collect();
            for (count, &at) in borders.iter().enumerate() {
                assert_eq!(points.before(at), count);
                assert_eq!(points.slice(count, borders.len() - 1), Some(&text[at..]));
            }
            assert_eq!(points.slice(0, borders.len()), None);
        }
    }
}
