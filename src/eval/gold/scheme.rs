//! Tags of tokens → labelled runs of tokens.
//!
//! A run begins and ends where conlleval says (Tjong Kim Sang and Buchholz 2000, as seqeval's default mode does it): IOB1, IOB2, BIOES,
//! BILOU and bare `I-` are read alike, and a tag that no scheme allows there begins a run instead of being lost.

use std::ops::Range;

/// A tag taken apart: what it does, and its label.
fn parts(tag: &str) -> (char, &str) {
    if tag == "O" || tag == "." || tag == "_" {
        return ('O', "");
    }
    let (prefix, label) = tag.split_once(['-', '_']).unwrap_or((tag, ""));
    match prefix {
        "B" | "I" | "E" | "S" => (prefix.as_bytes()[0] as char, label),
        "L" => ('E', label),
        "U" | "W" => ('S', label),
        // A label without a prefix, as in files that mark each token's type alone.
        _ => ('I', tag),
    }
}

/// Whether a column's text can be a tag at all.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    text == "O"
        || text.split_once('-').is_some_and(|(prefix, label)| {
            matches!(prefix, "B" | "I" | "E" | "S" | "L" | "U" | "W") && !label.is_empty()
        })
}

/// Labelled runs of one sentence, in order, as ranges of its tokens.
#[must_use]
pub fn runs(tags: &[&str]) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    let mut before = ('O', "");
    for (at, tag) in tags.iter().chain([&"O"]).enumerate() {
        let here = parts(tag);
        if ends(before, here)
            && let Some((start, label)) = open.take()
        {
            found.push((start..at, label.to_owned()));
        }
        if begins(before, here) {
            open = Some((at, here.1));
        }
        before = here;
    }
    found
}

fn ends(before: (char, &str), here: (char, &str)) -> bool {
    match (before.0, here.0) {
        ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O') => true,
        ('O', _) => false,
        _ => before.1 != here.1,
    }
}

fn begins(before: (char, &str), here: (char, &str)) -> bool {
    match (before.0, here.0) {
        (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I') => true,
        (_, 'O') => false,
        _ => before.1 != here.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tags: &str) -> String {
        let tags: Vec<&str> = tags.split(' ').collect();
        let runs = runs(&tags);
        let shown = runs
            .iter()
            .map(|(range, label)| format!("{}-{}{label}", range.start, range.end));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_scheme_gives_the_runs_that_conlleval_finds() {
        struct Case(&'static str, &'static str);
        for Case(tags, expected) in [
            Case("B-P I-P O B-O", "0-2P 3-4O"),
            Case("B-P B-P", "0-1P 1-2P"),
            Case("I-P I-P B-P I-P", "0-2P 2-4P"),
            Case("I-P I-O O", "0-1P 1-2O"),
            Case("B-P I-O", "0-1P 1-2O"),
            Case("S-P B-P I-P E-P S-O", "0-1P 1-4P 4-5O"),
            Case("U-P B-P L-P", "0-1P 1-3P"),
            Case("B-P E-P I-P", "0-2P 2-3P"),
            Case("O E-P", "1-2P"),
            Case("PER PER O ORG", "0-2PER 3-4ORG"),
            Case("O O", ""),
        ] {
            assert_eq!(read(tags), expected, "{tags}");
        }
    }
}
