//! The vocabulary file as one automaton over folded text.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::error::{Error, Result};
use crate::span::Span;

/// How far apart, in folded bytes, the two sides of a pair may stand.
const NEAR: usize = 60;
/// No match, both sides of a pair included, is wider than this in folded bytes (tested on the vocabulary).
pub(super) const WIDEST_MATCH: usize = 160;

/// The vocabulary as one automaton.
pub(super) struct Vocabulary {
    automaton: AhoCorasick,
    /// Every pattern in folded form; the first `n_words` admit by themselves.
    patterns: Vec<String>,
    /// Fragments for the screen.
    stems: Vec<String>,
    n_words: usize,
    /// For the pattern `n_words + i`: what must stand near it.
    rights: Vec<Rights>,
}

/// The right-hand sides of one pair.
struct Rights {
    automaton: AhoCorasick,
}

impl Vocabulary {
    /// Reads the file: sections `[words]` and `[pairs]`, comments with `#`.
    pub(super) fn new(file: &str) -> Result<Self> {
        let (mut words, mut pairs, mut stems) = (Vec::new(), Vec::new(), Vec::new());
        let mut section = "";
        for line in file.lines().map(str::trim) {
            match line {
                "" => {}
                "[words]" | "[pairs]" | "[stems]" => section = line,
                _ if line.starts_with('#') => {}
                _ if section == "[pairs]" => pairs.push(line),
                _ if section == "[stems]" => stems.push(line.replace('_', " ")),
                _ => words.push(pattern(line)),
            }
        }
        words.sort();
        words.dedup();
        let n_words = words.len();
        let mut patterns = words;
        let mut rights = Vec::new();
        for line in pairs {
            let (left, right) = line.split_once('~').ok_or_else(|| {
                Error::Usage(format!("gate vocabulary: a pair without ~: {line}"))
            })?;
            patterns.push(pattern(left.trim()));
            let right: Vec<String> = right.split_whitespace().map(pattern).collect();
            rights.push(Rights {
                automaton: automaton(&right)?,
            });
        }
        Ok(Self {
            automaton: automaton(&patterns)?,
            patterns,
            stems,
            n_words,
            rights,
        })
    }

    /// Fragments of words one of which stands inside whatever can be found, a blank at either end for a word's edge.
    pub(super) fn stems(&self) -> Vec<String> {
        let mut used: Vec<String> = self
            .patterns
            .iter()
            .filter_map(|pattern| {
                let listed = self
                    .stems
                    .iter()
                    .find(|stem| pattern.contains(stem.as_str()));
                let longest = || pattern.split(' ').max_by_key(|word| word.len());
                listed
                    .cloned()
                    .or_else(|| longest().map(|word| format!(" {word}")))
            })
            .collect();
        used.sort();
        used.dedup();
        used
    }

    /// The first match in a folded text by its end: a word, or a pair from its left side to its nearest right side.
    pub(super) fn first(&self, folded: &[u8]) -> Option<Span> {
        self.automaton
            .find_overlapping_iter(folded)
            .find_map(|found| {
                let span = Span::new(found.start(), found.end());
                match found.pattern().as_usize().checked_sub(self.n_words) {
                    None => Some(span),
                    Some(pair) => self.rights[pair].near(folded, span),
                }
            })
    }
}

impl Rights {
    /// `left` widened to the right side that stands nearest to it, if one is near.
    fn near(&self, folded: &[u8], left: Span) -> Option<Span> {
        let from = left.start.saturating_sub(NEAR);
        let to = (left.end + NEAR).min(folded.len());
        self.automaton
            .find_overlapping_iter(&folded[from..to])
            .map(|found| Span::new(from + found.start(), from + found.end()))
            .filter(|right| !right.overlaps(left))
            .map(|right| Span::new(left.start.min(right.start), left.end.max(right.end)))
            .min_by_key(|span| (span.len(), span.start))
    }
}

/// An entry in folded form: at a word's start unless it begins with `*`.
fn pattern(entry: &str) -> String {
    match entry.strip_prefix('*') {
        Some(inside) => inside.replace('_', " "),
        None => format!(" {}", entry.replace('_', " ")),
    }
}

fn automaton(patterns: &[String]) -> Result<AhoCorasick> {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .build(patterns)
        .map_err(|e| Error::Usage(format!("gate vocabulary: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Vocabulary {
        Vocabulary::new(include_str!("../../data/vocabulary/gate.txt"))
            .expect("the vocabulary is sound")
    }

    #[test]
    fn no_match_is_wider_than_the_window_around_a_candidate() {
        let vocabulary = shipped();
        let longest = vocabulary
            .patterns
            .iter()
            .map(String::len)
            .max()
            .unwrap_or(0);
        assert!(2 * NEAR + longest <= WIDEST_MATCH, "{longest}");
    }

    #[test]
    fn stems_are_parts_of_folded_words() {
        let stems = shipped().stems();
        for stem in stems {
            assert!(stem.trim().len() >= 2, "{stem:?}");
            assert!(!stem.trim().contains(' '), "{stem:?}");
            assert!(
                stem.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b" .".contains(&b)),
                "{stem:?}"
            );
        }
    }
}
