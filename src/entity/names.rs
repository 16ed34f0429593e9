//! Mentions cleaned: possessives, titles, a leading "the", quotes and stray points are no part of a name.
//!
//! In: what the model found. Out: mentions in the same order, each a narrower slice of the same text, or two where
//! one had swallowed two names. A mention of which nothing stays disappears. Deliberately absent: text rebuilt.

use std::collections::HashSet;

use crate::decode::{Kind, Mention};
use crate::span::Span;

/// Titles, ranks and offices that stand before a person's name.
#[derive(Debug)]
pub(crate) struct Titles {
    folded: HashSet<String>,
    longest: usize,
}

impl Titles {
    /// Reads one title a line; `#` begins a comment.
    pub(crate) fn parse(lines: &str) -> Self {
        let lines = || lines.lines().filter(|line| !line.starts_with('#'));
        let folded: HashSet<String> = lines()
            .map(title_key)
            .filter(|key| !key.is_empty())
            .collect();
        let longest = folded.iter().map(|key| key.split(' ').count()).max();
        Self {
            longest: longest.unwrap_or(0),
            folded,
        }
    }

    /// Bytes of the longest title at the front of `name`, the white space after it included.
    fn at_front(&self, name: &str) -> usize {
        let mut found = 0;
        let mut end = 0;
        for _ in 0..self.longest {
            let rest = &name[end..];
            let gap = rest.len() - rest.trim_start().len();
            let word = rest[gap..].split(char::is_whitespace).next().unwrap_or("");
            if word.is_empty() {
                break;
            }
            end += gap + word.len();
            if self.folded.contains(&title_key(&name[..end])) {
                found = end;
            }
        }
        let rest = &name[found..];
        if found == 0 {
            0
        } else {
            found + rest.len() - rest.trim_start().len()
        }
    }
}

fn title_key(title: &str) -> String {
    let words = title.split_whitespace().map(str::to_lowercase);
    words
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches(',')
        .to_owned()
}

/// Cleans the mentions of one article.
pub(crate) fn cleaned(text: &str, mentions: &[Mention], titles: &Titles) -> Vec<Mention> {
    let mut cleaned = Vec::with_capacity(mentions.len());
    for mention in mentions {
        for piece in pieces(text, mention) {
            let span = clean(text, piece, mention.kind, titles);
            if span.of(text).chars().any(char::is_alphanumeric) {
                cleaned.push(Mention { span, ..*mention });
            }
        }
    }
    cleaned
}

/// The names a mention holds: apart at blank lines, and for persons at "and".
fn pieces(text: &str, mention: &Mention) -> Vec<Span> {
    let slice = mention.span.of(text);
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut cut = |from: &mut usize, end: usize, next: usize| {
        pieces.push(Span::new(*from, end).shifted(mention.span.start));
        *from = next;
    };
    for (at, gap) in gaps(slice) {
        let blank_line = gap.matches('\n').count() > 1;
        if blank_line {
            cut(&mut start, at, at + gap.len());
        }
        let word = &slice[at + gap.len()..];
        let rest = word.strip_prefix("and").or_else(|| word.strip_prefix('&'));
        if let Some(rest) = rest
            && mention.kind == Kind::Person
            && rest.starts_with(char::is_whitespace)
            && start <= at
        {
            cut(&mut start, at, slice.len() - rest.trim_start().len());
        }
    }
    cut(&mut start, slice.len(), 0);
    pieces
}

/// Runs of white space in `slice`, each with its first byte.
fn gaps(slice: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = &slice[from..];
        let at = rest.find(char::is_whitespace)?;
        let end = rest[at..]
            .find(|letter: char| !letter.is_whitespace())
            .map_or(rest.len(), |length| at + length);
        let gap = (from + at, &rest[at..end]);
        from += end;
        Some(gap)
    })
}

fn clean(text: &str, span: Span, kind: Kind, titles: &Titles) -> Span {
    let mut span = span;
    loop {
        let before = span;
        span = bare(text, span);
        let slice = span.of(text);
        let front = article(slice).max(if kind == Kind::Person {
            titles.at_front(slice)
        } else {
            0
        });
        span = Span::new(span.start + front, span.end);
        if span == before {
            return span;
        }
    }
}

/// Bytes of a leading "the" and the white space after it. The Hague and The Valley keep theirs.
fn article(slice: &str) -> usize {
    let Some((word, rest)) = slice.split_once(char::is_whitespace) else {
        return 0;
    };
    let part_of_name = ["Hague", "Valley"]
        .iter()
        .any(|town| rest.starts_with(town));
    if word.eq_ignore_ascii_case("the") && !part_of_name {
        slice.len() - rest.trim_start().len()
    } else {
        0
    }
}

/// The span without quotes, brackets, stray points and a possessive at its ends.
fn bare(text: &str, span: Span) -> Span {
    let slice = span.of(text);
    let front = slice.trim_start_matches(|sign: char| !sign.is_alphanumeric() && sign != '@');
    let start = span.end - front.len();
    let mut name = front;
    loop {
        let length = name.len();
        for possessive in ["'s", "’s", "'S", "’S", "`s", "´s"] {
            name = name.strip_suffix(possessive).unwrap_or(name);
        }
        if let Some(last) = name.chars().next_back()
            && !last.is_alphanumeric()
            && !closes(name, last)
        {
            name = &name[..name.len() - last.len_utf8()];
        }
        if name.len() == length {
            return Span::new(start, start + length);
        }
    }
}

/// True when the sign at the end of `name` belongs to it: the point of an abbreviation, a bracket opened inside.
fn closes(name: &str, last: char) -> bool {
    match last {
        ')' => name.contains('('),
        '!' | '+' => true,
        '.' => {
            let word = name[..name.len() - 1]
                .rsplit(|sign: char| sign.is_whitespace() || sign == '-')
                .next()
                .unwrap_or("");
            word.contains('.')
                || (word.chars().count() == 1 && word.chars().all(char::is_uppercase))
                || matches!(
                    word.to_lowercase().as_str(),
                    "inc"
                        | "corp"
                        | "co"
                        | "ltd"
                        | "jr"
                        | "sr"
                        | "bros"
                        | "cos"
                        | "plc"
                        | "assn"
                        | "dept"
                        | "bhd"
                )
        }
        _ => unicode_normalization::char::is_combining_mark(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles() -> Titles {
        Titles::parse(include_str!("../../data/vocabulary/titles.txt"))
    }

    fn names(text: &str, kind: Kind) -> Vec<&str> {
        let mention = Mention {
            span: Span::new(0, text.len()),
            kind,
            score: 1.0,
        };
        let cleaned = cleaned(text, &[mention], &titles());
        cleaned
            .iter()
            .map(|mention| mention.span.of(text))
            .collect()
    }

    #[test]
    fn what_is_no_part_of_a_name_is_taken_off() {
        struct Case(Kind, &'static str, &'static [&'static str]);
        for Case(kind, text, expected) in [
            Case(
                Kind::Person,
                "President Hassan Rouhani",
                &["Hassan Rouhani"],
            ),
            Case(Kind::Person, "Under Secretary Ann Lee", &["Ann Lee"]),
            Case(Kind::Person, "Mr. Orlov's", &["Orlov"]),
            Case(Kind::Person, "Lt. Gen. Sir John Smith", &["John Smith"]),
            Case(Kind::Person, "Prime Minister", &[]),
            Case(
                Kind::Person,
                "the Ayatollah Ali Khamenei’s",
                &["Ali Khamenei"],
            ),
            Case(Kind::Person, "“Ivan Petrov,”", &["Ivan Petrov"]),
            Case(Kind::Person, "Ali and Omar Haddad", &["Ali", "Omar Haddad"]),
            Case(Kind::Person, "Fernando Brandt", &["Fernando Brandt"]),
            Case(Kind::Person, "Sammy Davis Jr.", &["Sammy Davis Jr."]),
            Case(
                Kind::Person,
                "Nora Lindt\n\nCopenhagen",
                &["Nora Lindt", "Copenhagen"],
            ),
            Case(Kind::Person, "Nora\nLindt", &["Nora\nLindt"]),
            Case(
                Kind::Org,
                "the U.S. Treasury Department's",
                &["U.S. Treasury Department"],
            ),
            Case(Kind::Org, "The New York Times", &["New York Times"]),
            Case(Kind::Org, "Ross and Sons Inc.", &["Ross and Sons Inc."]),
            Case(Kind::Org, "Bank (UK)", &["Bank (UK)"]),
            Case(Kind::Org, "Yahoo!", &["Yahoo!"]),
            Case(Kind::Org, "Emirates'", &["Emirates"]),
            Case(Kind::Loc, "The Hague", &["The Hague"]),
            Case(Kind::Loc, "U.S.", &["U.S."]),
            Case(Kind::Loc, "Iran.", &["Iran"]),
            Case(Kind::Misc, "—", &[]),
            Case(Kind::Misc, "the", &["the"]),
        ] {
            assert_eq!(names(text, kind), expected, "{text}");
        }
    }
}
