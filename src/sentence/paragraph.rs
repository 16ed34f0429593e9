//! Lines → paragraphs: which line breaks are white space inside hard-wrapped prose, and which end a sentence.

use crate::span::Span;

/// Lines longer than this, in bytes, are paragraphs of their own: nobody wraps there.
const WIDEST: usize = 120;
/// A hard-wrapped text has at least this width.
const NARROWEST: usize = 40;

/// Paragraphs of the body, trimmed and non-empty, in text order.
pub(super) fn paragraphs(text: &str, body: &[Span]) -> Vec<Span> {
    let mut lines = Vec::new();
    for (range, span) in body.iter().enumerate() {
        lines_of(text, range, *span, &mut lines);
    }
    let width = wrap_width(text, &lines);
    let mut out: Vec<Span> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        match out.last_mut() {
            Some(paragraph) if at > 0 && joins(text, &lines[at - 1], line, width) => {
                paragraph.end = line.words.end;
            }
            _ => out.push(line.words),
        }
    }
    out
}

/// A line that is not blank.
struct Line {
    /// Which body range it lies in.
    range: usize,
    /// Its text without white space at either end.
    words: Span,
    /// White space before its text, in bytes.
    indent: usize,
    /// A blank line stands before it.
    after_blank: bool,
}

/// Appends the lines of one body range that are not blank.
fn lines_of(text: &str, range: usize, span: Span, out: &mut Vec<Line>) {
    let mut after_blank = true;
    let mut start = span.start;
    let mut ended_by_cr = false;
    for piece in span.of(text).split_inclusive([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ]) {
        let line = Span::new(start, start + piece.len());
        start = line.end;
        let words = line.trimmed(text);
        if words.is_empty() {
            // The \n of \r\n is no blank line.
            after_blank |= !(ended_by_cr && piece == "\n");
        } else {
            out.push(Line {
                range,
                words,
                indent: words.start - line.start,
                after_blank,
            });
            after_blank = false;
        }
        ended_by_cr = piece.ends_with('\r');
    }
}

/// The width at which the body is hard-wrapped, in bytes; `None` when it is not.
///
/// A wrapped text breaks a line where the next word would not have fitted. That must hold for most breaks, taking as width
/// what nine lines in ten do not exceed.
fn wrap_width(text: &str, lines: &[Line]) -> Option<usize> {
    let mut lengths = [0_usize; WIDEST + 2];
    for line in lines {
        lengths[line.words.len().min(WIDEST + 1)] += 1;
    }
    let mut left = lines.len() - lines.len() / 10;
    let width = lengths.iter().position(|&n| {
        left = left.saturating_sub(n);
        left == 0
    })?;
    if !(NARROWEST..=WIDEST).contains(&width) {
        return None;
    }
    let (mut full, mut breaks) = (0, 0);
    for pair in lines.windows(2) {
        let (line, next) = (&pair[0], &pair[1]);
        if next.range != line.range || next.after_blank || next.indent > line.indent {
            continue;
        }
        breaks += 1;
        full += usize::from(is_full(text, line, next, width));
    }
    (breaks >= 3 && full * 5 >= breaks * 3).then_some(width)
}

/// True when the first word of `next` would not have fitted on `line`.
fn is_full(text: &str, line: &Line, next: &Line, width: usize) -> bool {
    let word = next
        .words
        .of(text)
        .bytes()
        .take(WIDEST)
        .take_while(|b| !b.is_ascii_whitespace());
    line.indent + line.words.len() + 1 + word.count() > width
}

/// True when the break between two lines is white space inside a sentence.
fn joins(text: &str, line: &Line, next: &Line, width: Option<usize>) -> bool {
    if line.range != next.range || next.after_blank {
        return false;
    }
    let (before, after) = (line.words.of(text), next.words.of(text));
    if is_bullet(after, width.is_some() && !ends_clause(before)) {
        return false;
    }
    if width.is_some_and(|width| next.indent <= line.indent && is_full(text, line, next, width)) {
        return true;
    }
    goes_on(before, after)
}

/// True when `after` plainly continues the sentence of `before`, as where a page breaks the line around a link.
fn goes_on(before: &str, after: &str) -> bool {
    if ends_clause(before) {
        return false;
    }
    match after.chars().next() {
        Some(',' | ';' | ')') => true,
        Some(c) if c.is_lowercase() => {
            before.ends_with(',') || before.len() >= 25 || after.len() >= NARROWEST
        }
        _ => false,
    }
}

/// True when a line ends with a mark after which a new line opens something new.
fn ends_clause(line: &str) -> bool {
    line.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»'])
        .ends_with([
            '.', '!', '?', ':', ';', '…', '。', '？', '！', '؟', '۔', '।',
        ])
}

/// True when a line begins like an item of a list or a heading. `strict` wants a mark that prose cannot wrap to.
fn is_bullet(line: &str, strict: bool) -> bool {
    let mut chars = line.chars();
    match chars.next() {
        Some('•' | '‣' | '◦' | '▪' | '■' | '●' | '○' | '►' | '▶' | '⁃' | '·' | '✓' | '#' | '|') => {
            true
        }
        Some('-' | '–' | '*' | '>' | '+') => {
            !strict && chars.next().is_none_or(char::is_whitespace)
        }
        _ => !strict && is_numbered(line),
    }
}

/// True for "1. ", "12) ", "(a) ", "b) ".
fn is_numbered(line: &str) -> bool {
    let open = line.starts_with('(');
    let mark = &line.as_bytes()[usize::from(open)..];
    let n_digits = mark
        .iter()
        .take(4)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let n = match n_digits {
        0 => usize::from(mark.first().is_some_and(u8::is_ascii_alphabetic)),
        4 => return false,
        n => n,
    };
    let close = mark.get(n);
    n > 0
        && (close == Some(&b')') || (close == Some(&b'.') && n_digits > 0 && !open))
        && mark.get(n + 1).is_none_or(u8::is_ascii_whitespace)
}
