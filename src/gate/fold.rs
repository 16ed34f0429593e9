//! The folded text: what the vocabulary is compared with.

use crate::span::Span;

/// How a hyphen at a line's end is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Breaks {
    /// As a blank: "dual-\nuse" is two words.
    Blank,
    /// As nothing: "sanc-\ntions" is one.
    Nothing,
}

/// What one character, or one broken line, becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Piece {
    /// Kept; a letter in lower case.
    Byte(u8),
    /// A character of several bytes, kept.
    Letter,
    /// Part of a run that becomes one blank.
    Gap,
    /// Dropped.
    Nothing,
}

/// The folded form of `part`. It begins and ends with a blank where `part` ends the text.
pub(super) fn fold(text: &str, part: Span, breaks: Breaks) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.len() + 2);
    walk(text, part, breaks, |byte, _| out.push(byte));
    out
}

/// The bytes of the text that stand behind `found` in the folded form of `part`, without blanks at either end.
pub(super) fn unfold(text: &str, part: Span, breaks: Breaks, found: Span) -> Span {
    let mut n = 0;
    let mut span: Option<Span> = None;
    walk(text, part, breaks, |byte, source| {
        if found.start <= n && n < found.end && byte != b' ' {
            span = Some(span.map_or(source, |s| Span::new(s.start, source.end)));
        }
        n += 1;
    });
    span.unwrap_or(Span::new(part.start, part.start))
}

/// Calls `each` with every folded byte and the bytes of the text behind it.
fn walk(text: &str, part: Span, breaks: Breaks, mut each: impl FnMut(u8, Span)) {
    let bytes = text.as_bytes();
    let mut gap = part.start == 0;
    if gap {
        each(b' ', Span::new(0, 0));
    }
    let mut at = part.start;
    while at < part.end {
        let (piece, n_bytes) = piece(bytes, at, breaks);
        let source = Span::new(at, at + n_bytes);
        at += n_bytes;
        match piece {
            Piece::Byte(byte) => each(byte, source),
            Piece::Letter => bytes[source.start..source.end]
                .iter()
                .for_each(|&b| each(b, source)),
            Piece::Gap if !gap => each(b' ', source),
            Piece::Gap => {}
            Piece::Nothing => continue,
        }
        gap = piece == Piece::Gap;
    }
    if part.end == text.len() && !gap {
        each(b' ', Span::new(at, at));
    }
}

/// The piece that begins at `at`, a character border, and its length in bytes.
fn piece(bytes: &[u8], at: usize, breaks: Breaks) -> (Piece, usize) {
    let rest = &bytes[at..];
    match *rest {
        [b, ..] if b.is_ascii_alphanumeric() => (Piece::Byte(b.to_ascii_lowercase()), 1),
        [b'.', next, ..] if next.is_ascii_alphabetic() && is_initial(&bytes[..at]) => {
            (Piece::Byte(b'.'), 1)
        }
        [b, ..] if b < 0x80 => broken_line(rest, 1, b == b'-', breaks),
        // Soft hyphen; a line break after it belongs to it.
        [0xC2, 0xAD, ..] => match broken_line(rest, 2, true, Breaks::Nothing) {
            (Piece::Nothing, n_bytes) => (Piece::Nothing, n_bytes),
            _ => (Piece::Nothing, 2),
        },
        // No-break space, guillemets and the other signs of Latin-1.
        [0xC2, ..] => (Piece::Gap, 2),
        // Zero-width space, joiners, direction marks; word joiner; byte order mark.
        [0xE2, 0x80, 0x8B..=0x8F, ..] | [0xE2, 0x81, 0xA0, ..] | [0xEF, 0xBB, 0xBF, ..] => {
            (Piece::Nothing, 3)
        }
        // Hyphens U+2010, U+2011; then every other blank, dash, quote and sign of general punctuation.
        [0xE2, 0x80, 0x90 | 0x91, ..] => broken_line(rest, 3, true, breaks),
        [0xE2, 0x80 | 0x81, ..] | [0xE3, 0x80, ..] => (Piece::Gap, 3),
        [first, ..] => {
            let n_bytes = match first {
                0xF0.. => 4,
                0xE0.. => 3,
                _ => 2,
            };
            (Piece::Letter, n_bytes)
        }
        [] => (Piece::Nothing, 1),
    }
}

/// True when one letter alone stands at the end: the stop after it and before another letter is kept, as in "E.O.".
fn is_initial(before: &[u8]) -> bool {
    match before {
        [.., a, b] => b.is_ascii_alphabetic() && !a.is_ascii_alphanumeric(),
        [b] => b.is_ascii_alphabetic(),
        [] => false,
    }
}

/// A gap of `n_bytes`; a hyphen with a line break after it is dropped together with the break and the next line's indent
/// where `breaks` says so.
fn broken_line(rest: &[u8], n_bytes: usize, hyphen: bool, breaks: Breaks) -> (Piece, usize) {
    if hyphen && breaks == Breaks::Nothing {
        let blanks = rest[n_bytes..]
            .iter()
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        if rest[n_bytes..n_bytes + blanks]
            .iter()
            .any(|b| matches!(b, b'\n' | b'\r'))
        {
            return (Piece::Nothing, n_bytes + blanks);
        }
    }
    (Piece::Gap, n_bytes)
}

/// True when some hyphen in `part` may stand at a line's end, so that the two readings of it may differ.
pub(super) fn has_broken_line(text: &str, part: Span) -> bool {
    let bytes = &text.as_bytes()[part.start..part.end];
    memchr::memchr2_iter(b'-', 0xE2, bytes).any(|at| {
        let after = match bytes[at..] {
            [b'-', after, ..] | [0xE2, 0x80, 0x90 | 0x91, after, ..] => after,
            _ => return false,
        };
        after.is_ascii_whitespace()
    })
}

/// The part of the text around byte `at` that folds to at least `reach` bytes on either side of it, or to all there is.
pub(super) fn around(text: &str, at: usize, reach: usize) -> Span {
    let counts = |c: &char| c.is_alphanumeric();
    let at = floor(text, at);
    let start = text[..at]
        .char_indices()
        .rev()
        .filter(|(_, c)| counts(c))
        .nth(reach)
        .map_or(0, |(i, _)| i);
    let end = text[at..]
        .char_indices()
        .filter(|(_, c)| counts(c))
        .nth(reach)
        .map_or(text.len(), |(i, _)| at + i);
    Span::new(start, end)
}

/// The character border at or before `at`.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
