//! Lines of bytes, each at most so long.

use std::io::BufRead;

/// One line.
pub(super) enum Line {
    /// A line without its end.
    Whole(Vec<u8>),
    /// A line longer than the limit, passed over; holds its length in bytes.
    TooLong(u64),
}

/// The next line, or `None` at the end.
pub(super) fn next(reader: &mut dyn BufRead, limit: usize) -> std::io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut length = 0_u64;
    let mut any = false;
    loop {
        let available = match reader.fill_buf() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if available.is_empty() {
            break;
        }
        any = true;
        let end = memchr::memchr(b'\n', available);
        let part = &available[..end.unwrap_or(available.len())];
        length += part.len() as u64;
        if length <= limit as u64 {
            line.extend_from_slice(part);
        } else {
            line = Vec::new();
        }
        let used = end.map_or(available.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(match (any, length <= limit as u64) {
        (false, _) => None,
        (true, true) => Some(Line::Whole(line)),
        (true, false) => Some(Line::TooLong(length)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_over_the_limit_is_passed_over_and_the_next_one_read() {
        let mut reader = std::io::BufReader::with_capacity(3, &b"abc\n0123456789\n\nlast"[..]);
        let mut seen = Vec::new();
        while let Some(line) = next(&mut reader, 5).unwrap() {
            seen.push(match line {
                Line::Whole(line) => String::from_utf8(line).unwrap(),
                Line::TooLong(length) => format!("<{length}>"),
            });
        }
        assert_eq!(seen, ["abc", "<10>", "", "last"]);
    }
}
