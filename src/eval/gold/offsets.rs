//! Offsets of other programs → spans of bytes.

use crate::span::Span;

/// Where the code points of one text begin.
pub(super) struct Offsets<'a> {
    text: &'a str,
    /// First byte of each code point, then the text's length.
    starts: Vec<usize>,
}

impl<'a> Offsets<'a> {
    pub fn of(text: &'a str) -> Self {
        let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        Self {
            text,
            starts: starts.collect(),
        }
    }

    /// The span of `start..end`. They count code points, unless `covered` says what they must cover and that is found by counting UTF-16
    /// units (what a browser counts) or bytes.
    ///
    /// # Errors
    /// A sentence saying what the range covers instead.
    pub fn span(&self, start: u64, end: u64, covered: Option<&str>) -> Result<Span, String> {
        let points = self.points(start, end);
        let Some(covered) = covered else {
            return points.ok_or_else(|| format!("range {start}..{end} is no stretch of the text"));
        };
        let fits = |span: &Span| span.of(self.text) == covered;
        let found = points
            .filter(fits)
            .or_else(|| self.units(start, end).filter(fits))
            .or_else(|| self.bytes(start, end).filter(fits));
        found.ok_or_else(|| {
            let instead = points.map_or("nothing", |span| span.of(self.text));
            format!("range {start}..{end} covers {instead:?}, and {covered:?} is written beside it")
        })
    }

    fn points(&self, start: u64, end: u64) -> Option<Span> {
        let at = |point: u64| self.starts.get(usize::try_from(point).ok()?).copied();
        span(at(start)?, at(end)?)
    }

    fn units(&self, start: u64, end: u64) -> Option<Span> {
        let at = |unit: u64| {
            let mut units = 0_u64;
            for (byte, letter) in self.text.char_indices() {
                if units == unit {
                    return Some(byte);
                }
                units += letter.len_utf16() as u64;
            }
            (units == unit).then_some(self.text.len())
        };
        span(at(start)?, at(end)?)
    }

    fn bytes(&self, start: u64, end: u64) -> Option<Span> {
        let at = |byte: u64| usize::try_from(byte).ok();
        span(at(start)?, at(end)?).filter(|span| span.end <= self.text.len())
    }
}

fn span(start: usize, end: usize) -> Option<Span> {
    (start < end).then(|| Span::new(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_found_by_what_is_covered() {
        let text = "é😀 Iran";
        let offsets = Offsets::of(text);
        for (start, end) in [(3, 7), (4, 8), (7, 11)] {
            let span = offsets.span(start, end, Some("Iran")).unwrap();
            assert_eq!(span.of(text), "Iran", "{start}");
        }
        assert_eq!(offsets.span(3, 7, None).unwrap().of(text), "Iran");
        let error = offsets.span(0, 1, Some("Iran")).unwrap_err();
        assert!(error.contains("\"é\""), "{error}");
        assert!(offsets.span(3, 70, None).is_err() && offsets.span(3, 3, None).is_err());
    }
}
