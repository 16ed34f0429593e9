//! Dates as scraped text and records spell them.

/// The date of a first line such as ` date 2023-03-21 …` or `Date: 2023-03-21`.
pub(super) fn of_first_line(text: &str) -> Option<String> {
    let line = text
        .trim_start_matches('\u{feff}')
        .lines()
        .next()?
        .trim_start();
    let rest = line
        .get(..4)
        .filter(|word| word.eq_ignore_ascii_case("date"))
        .map(|_| &line[4..])?;
    let rest = rest.trim_start_matches(':').trim_start();
    day(rest.get(..10)?).then(|| rest[..10].to_owned())
}

/// True for `YYYY-MM-DD` that can be a day of the calendar, from 0001 to 9999.
pub(super) fn day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    if !(digits(0..4) && digits(5..7) && digits(8..10)) {
        return false;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_gives_its_date_and_nothing_else_does() {
        for (text, date) in [
            (" date 2023-03-21 Join us today\nMore", Some("2023-03-21")),
            ("\u{feff}Date: 1999-12-31\r\nText", Some("1999-12-31")),
            ("date 0001-01-01", Some("0001-01-01")),
            ("date 2023-02-29\n", None),
            ("date 2024-02-29\n", Some("2024-02-29")),
            ("The date 2023-03-21", None),
            ("datë 2023-03-21", None),
            ("date tomorrow", None),
            ("date 2023-03", None),
            ("", None),
        ] {
            assert_eq!(of_first_line(text).as_deref(), date, "{text:?}");
        }
    }
}
