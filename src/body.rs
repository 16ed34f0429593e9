//! Which ranges of the text are the article, which are page chrome.
//!
//! In: the text. Out: ranges of whole lines. A text without at least two lines that say what only page chrome says
//! (`data/vocabulary/chrome.txt`) is kept whole. In a page the article runs from its headline to the last prose before an end mark
//! ("Related articles"); chrome, bylines and dates in between are left out. Linear in the text. Deliberately absent: markup,
//! and any change to the text.

use crate::span::Span;

/// What page chrome says.
const VOCABULARY: &str = include_str!("../data/vocabulary/chrome.txt");

/// Whether to look for page chrome.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Leave out what is plainly page chrome.
    #[default]
    Auto,
    /// The whole text is the body.
    All,
}

/// The article's own ranges in `text`: ascending, disjoint, trimmed; empty only when the text is blank.
///
/// A first line's ` date YYYY-MM-DD` is not body in either mode, unless nothing else stands in the text.
#[must_use]
pub fn body(text: &str, mode: Mode) -> Vec<Span> {
    let whole = Span::new(0, text.len()).trimmed(text);
    let rest = Span::new(date_end(text), text.len()).trimmed(text);
    if rest.is_empty() {
        return if whole.is_empty() {
            Vec::new()
        } else {
            vec![whole]
        };
    }
    if mode == Mode::Auto {
        let lines = lines(text, rest);
        let kept = kept(text, &lines);
        if !kept.is_empty() {
            return ranges(&lines, &kept);
        }
    }
    vec![rest]
}

/// A line that is not blank.
struct Line {
    /// Its text without white space at either end.
    span: Span,
    /// Its words in folded form, one blank between them.
    folded: String,
    kind: Kind,
}

/// What a line is by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// A sentence or more.
    Prose,
    /// Says what page chrome says, or is words run together.
    Chrome,
    /// The outlet's byline, a date or an hour.
    Byline,
    /// Anything else: headlines, captions, names, link lists.
    Short,
}

/// Longest line, in bytes, that a part of it can make chrome; a folded form is made of so much alone.
const LONGEST_CHROME: usize = 300;
/// A page has at least this many lines of chrome; a text with fewer is kept whole.
const FEWEST_CHROME: usize = 2;

/// The lines of `range` that are not blank.
fn lines(text: &str, range: Span) -> Vec<Line> {
    let mut start = range.start;
    let mut out = Vec::new();
    for piece in range.of(text).split_inclusive(['\n', '\r', '\u{2028}']) {
        let span = Span::new(start, start + piece.len());
        start = span.end;
        let span = span.trimmed(text);
        if span.is_empty() {
            continue;
        }
        let line = span.of(text);
        let folded = if line.len() <= LONGEST_CHROME {
            fold(line)
        } else {
            String::new()
        };
        let kind = kind(line, &folded);
        out.push(Line { span, folded, kind });
    }
    out
}

/// Letters and digits in lower case, one blank for everything between them.
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !folded.ends_with(' ') && !folded.is_empty() {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// What a line is by itself.
fn kind(line: &str, folded: &str) -> Kind {
    if line.len() <= LONGEST_CHROME && is_chrome(line, folded) {
        return Kind::Chrome;
    }
    let n_words = line.split_whitespace().take(9).count();
    if n_words <= 8 + 1 && is_byline(line, folded) {
        return Kind::Byline;
    }
    let stopped = line
        .trim_end_matches(['"', '\'', ')', ']', '”', '’'])
        .ends_with(['.', '!', '?', '…', ':', ',', ';', '。']);
    if (n_words >= 8 && stopped) || line.len() > LONGEST_CHROME {
        Kind::Prose
    } else {
        Kind::Short
    }
}

/// True where the vocabulary names the line or a part of it, or where menus ran together ("AboutTeamJobs").
fn is_chrome(line: &str, folded: &str) -> bool {
    let sections = || {
        let mut section = "";
        VOCABULARY.lines().filter_map(move |entry| match entry {
            "" => None,
            "[line]" | "[part]" | "[end]" => {
                section = entry;
                None
            }
            _ if entry.starts_with('#') => None,
            _ => Some((section, entry)),
        })
    };
    line.starts_with('©')
        || folded.starts_with("copyright ")
        || sections().any(|(section, entry)| match section {
            "[line]" => folded == entry,
            "[part]" => folded.contains(entry),
            _ => false,
        })
        || runs_together(line)
}

/// True for a short line with a word in which three or more capitals follow a small letter.
fn runs_together(line: &str) -> bool {
    let joints = |word: &str| {
        let mut chars = word.chars().peekable();
        let mut n = 0;
        while let Some(c) = chars.next() {
            n += usize::from(
                c.is_lowercase() && chars.peek().is_some_and(|next| next.is_uppercase()),
            );
        }
        n
    };
    line.len() <= 120
        && !line.contains("://")
        && line.split_whitespace().any(|word| joints(word) >= 3)
}

/// True for a line with a year or an hour that begins as a byline or a date does.
fn is_byline(line: &str, folded: &str) -> bool {
    const STARTS: &[&str] = &[
        "by ",
        "published ",
        "updated ",
        "last updated",
        "posted ",
        "monday ",
        "tuesday ",
        "wednesday ",
        "thursday ",
        "friday ",
        "saturday ",
        "sunday ",
    ];
    let dated = || {
        folded
            .split(' ')
            .any(|word| word.len() >= 4 && word.bytes().rev().take(4).all(|b| b.is_ascii_digit()))
    };
    line.len() <= 120
        && !line.ends_with('.')
        && STARTS.iter().any(|start| folded.starts_with(start))
        && dated()
}

/// True for a line after which the article is over.
fn is_end(folded: &str) -> bool {
    let mut in_section = false;
    VOCABULARY.lines().any(|entry| {
        in_section |= entry == "[end]";
        in_section && folded == entry
    })
}

/// Which lines are the article's; empty when the text is no page, or no prose is found in it.
fn kept(text: &str, lines: &[Line]) -> Vec<bool> {
    let is = |at: usize, kind: Kind| lines[at].kind == kind;
    let n_chrome = lines
        .iter()
        .filter(|line| line.kind == Kind::Chrome)
        .count();
    let Some(first) = (0..lines.len()).find(|&at| is(at, Kind::Prose)) else {
        return Vec::new();
    };
    if n_chrome < FEWEST_CHROME {
        return Vec::new();
    }
    let end = end_of_article(lines, first);
    let start = headline(text, lines, first);
    let mut kept = vec![false; lines.len()];
    for at in start..end {
        let near_chrome = (at > 0 && is(at - 1, Kind::Chrome))
            || (at + 1 < lines.len() && is(at + 1, Kind::Chrome));
        kept[at] = match lines[at].kind {
            Kind::Prose => true,
            Kind::Chrome | Kind::Byline => false,
            // Between headline and prose a short line is a byline, a caption's credit or a count of shares.
            Kind::Short if at == start => true,
            Kind::Short if at < first => lines[at].folded.split(' ').count() >= 5,
            Kind::Short => !(near_chrome && lines[at].folded.split(' ').count() <= 5),
        };
    }
    kept
}

/// One past the article's last line: before an end mark with most of the prose ahead of it, a repeated name with its
/// biography, and whatever is no prose.
fn end_of_article(lines: &[Line], first: usize) -> usize {
    let prose = |from: usize, to: usize| -> usize {
        lines[from..to]
            .iter()
            .filter(|line| line.kind == Kind::Prose)
            .map(|line| line.span.len())
            .sum()
    };
    let all = prose(first, lines.len());
    let mut before = 0;
    let mut end = lines.len();
    for at in first..lines.len() {
        let line = &lines[at];
        let repeated = line.kind == Kind::Short
            && lines
                .get(at + 1)
                .is_some_and(|next| next.folded == line.folded)
            && before * 5 >= all * 3;
        if repeated || (is_end(&line.folded) && before * 2 >= all) {
            end = at;
            break;
        }
        if line.kind == Kind::Prose {
            before += line.span.len();
        }
    }
    (first..end)
        .rev()
        .find(|&at| lines[at].kind == Kind::Prose)
        .map_or(end, |last| last + 1)
}

/// The headline before the first prose: the nearest line of four words or more, twelve lines back at most.
fn headline(text: &str, lines: &[Line], first: usize) -> usize {
    (first.saturating_sub(12)..first)
        .rev()
        .find(|&at| {
            let line = &lines[at];
            line.kind == Kind::Short
                && line.span.len() >= 20
                && line.span.of(text).split_whitespace().take(4).count() == 4
                && !line.folded.starts_with("by ")
        })
        .unwrap_or(first)
}

/// Runs of kept lines as ranges.
fn ranges(lines: &[Line], kept: &[bool]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let mut open = false;
    for (line, &keep) in lines.iter().zip(kept) {
        match out.last_mut() {
            Some(range) if keep && open => range.end = line.span.end,
            _ if keep => out.push(line.span),
            _ => {}
        }
        open = keep;
    }
    out
}

/// One past the ` date YYYY-MM-DD` that the text begins with, else 0.
fn date_end(text: &str) -> usize {
    let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let Some(date) = trimmed.strip_prefix("date ") else {
        return 0;
    };
    let is_date = date.len() >= 10
        && date.bytes().take(10).enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        })
        && !date[10..].starts_with(|c: char| c.is_alphanumeric());
    if is_date {
        text.len() - date.len() + 10
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_before_the_article_is_not_body() {
        let cases = [
            (
                " date 2023-03-21 Talks fail\nThey did.",
                "Talks fail\nThey did.",
            ),
            ("\u{feff}date 2023-03-21\n\nTalks fail", "Talks fail"),
            ("date 2023-03-21", "date 2023-03-21"),
            ("date 2023-03-211 x", "date 2023-03-211 x"),
            ("date with fate", "date with fate"),
            ("date 20ü3-03-21 x", "date 20ü3-03-21 x"),
        ];
        for (text, expected) in cases {
            let spans = body(text, Mode::Auto);
            assert_eq!(
                spans.iter().map(|s| s.of(text)).collect::<Vec<_>>(),
                [expected]
            );
        }
        assert!(body(" \n\t", Mode::Auto).is_empty());
    }

    #[test]
    fn page_chrome_around_an_article_is_not_body() {
        let page = "Home\nAboutTeamJobsJoin Us\nSubscribe\nMonday, May 1, 2023\n\nIsland state bans arms sales to its neighbour\n\n\
            by The Northern Post news deskMay 1, 2023 10:02 am\nShare\n\n\
            The island state said on Monday that it would stop all sales of arms to its neighbour.\n\
            The neighbour's minister called the step a mistake and asked for talks.\n\n\
            The Northern Post news desk\nThe Northern Post news desk\n\n\
            We are the desk that writes the news of the day, and we like to hear from you.\n\n\
            Share our dream.\nvisamasterCardpaypal\nWe use cookies to give you the best experience.\nOK\n";
        let spans = body(page, Mode::Auto);
        let kept: Vec<&str> = spans.iter().map(|span| span.of(page)).collect();
        assert_eq!(kept[0], "Island state bans arms sales to its neighbour");
        assert!(
            kept[1].starts_with("The island state said") && kept[1].ends_with("asked for talks.")
        );
        assert_eq!(kept.len(), 2);
        assert_eq!(
            body(page, Mode::All),
            [Span::new(0, page.len()).trimmed(page)]
        );
    }

    #[test]
    fn a_clean_article_is_kept_whole() {
        for text in [
            "A headline\n\nThe first paragraph of the article says what happened on that day.\nShare\nAnd more.",
            "One word",
            "Comments\nRelated",
            "بيان\nنص قصير",
        ] {
            assert_eq!(
                body(text, Mode::Auto),
                [Span::new(0, text.len())],
                "{text:?}"
            );
        }
    }

    #[test]
    fn ranges_are_ascending_disjoint_trimmed_and_empty_only_for_blank_text() {
        let pieces = [
            "Home\n",
            "Share\n",
            "\r\n",
            " ",
            "\u{a0}",
            "AboutTeamJobsMore\n",
            "A headline of several words here\n",
            "ü",
            "The minister said on Monday that the talks would go on for a week.\n",
            "Related articles\n",
            "© 2020\n",
            "\u{2028}",
            " date 2020-01-01\n",
            "word ",
        ];
        let mut seed = 3_u64;
        let mut random = |below: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..2_000 {
            let text: String = (0..random(30))
                .map(|_| pieces[random(pieces.len())])
                .collect();
            let spans = body(&text, Mode::Auto);
            assert_eq!(spans.is_empty(), text.trim().is_empty(), "{text:?}");
            let mut last = 0;
            for span in spans {
                assert!(
                    span.start >= last && !span.is_empty() && span == span.trimmed(&text),
                    "{text:?}"
                );
                last = span.end;
            }
        }
    }
}
