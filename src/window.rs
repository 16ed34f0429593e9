//! Tokens → windows that fit the model, each owning a part.
//!
//! In: the tokens of one article's body. Out: windows in reading order. Invariants: the owned ranges, in
//! order, cover the tokens exactly once; an owned token has context on both sides unless the article
//! ends there; no window is longer than the limit. Owned ranges end between words, and between
//! sentences where one ends in the window's last quarter. Deliberately absent: special tokens, which belong to
//! the batch, and ids.

use std::ops::Range;

use crate::tokenize::Tokens;

/// How long a window may be, in tokens, special tokens not counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Longest window, context included; at least 4.
    pub window: usize,
    /// Context wished for on either side of the owned part; at most a quarter of the window is used.
    pub context: usize,
}

/// A stretch of tokens the model reads at once; the labels of the owned part are taken from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Window {
    /// What the model reads.
    pub tokens: Range<usize>,
    /// The part whose labels are taken from this window.
    pub owned: Range<usize>,
}

/// Cuts the tokens of an article into windows.
#[must_use]
pub fn windows(tokens: &Tokens, limit: Limit) -> Vec<Window> {
    let n = tokens.len();
    let size = limit.window.max(4);
    let context = limit.context.min(size / 4);
    let mut windows = Vec::new();
    let mut owned = 0;
    while owned < n {
        let start = start_of(tokens, owned, context);
        let farthest = start + size;
        let end = if farthest >= n {
            n
        } else {
            cut(tokens, owned, farthest - context, size)
        };
        let read_to = (end + context).min(farthest).min(n);
        windows.push(Window {
            tokens: start..read_to,
            owned: owned..end,
        });
        owned = end;
    }
    windows
}

/// Where the context before `owned` begins: between words where that costs less than the context itself.
fn start_of(tokens: &Tokens, owned: usize, context: usize) -> usize {
    let earliest = owned.saturating_sub(context);
    (earliest..owned)
        .find(|&at| tokens.starts_word(at))
        .unwrap_or(earliest)
}

/// The last good border at or before `latest`: a sentence's in the window's last quarter, else a word's, else `latest`.
fn cut(tokens: &Tokens, owned: usize, latest: usize, size: usize) -> usize {
    let from = owned.max(latest.saturating_sub(size / 4)) + 1;
    let candidates = || (from..=latest).rev();
    candidates()
        .find(|&at| tokens.starts_sentence(at))
        .or_else(|| candidates().find(|&at| tokens.starts_word(at)))
        .unwrap_or(latest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    /// Tokens of one byte; `words` and `sentences` say which begin one.
    fn tokens(n: usize, word: impl Fn(usize) -> bool, sentence: impl Fn(usize) -> bool) -> Tokens {
        let mut tokens = Tokens::default();
        for at in 0..n {
            let first = at == 0;
            tokens.push(
                0,
                0,
                Span::new(at, at + 1),
                first || word(at) || sentence(at),
                first || sentence(at),
            );
        }
        tokens
    }

    fn check(tokens: &Tokens, limit: Limit) -> Vec<Window> {
        let windows = windows(tokens, limit);
        let context = limit.context.min(limit.window / 4);
        let mut next = 0;
        for window in &windows {
            assert_eq!(window.owned.start, next, "owned ranges follow each other");
            assert!(
                window.owned.start < window.owned.end,
                "a window owns something"
            );
            assert!(
                window.tokens.len() <= limit.window,
                "{window:?} is longer than {limit:?}"
            );
            assert!(
                window.tokens.start <= window.owned.start && window.owned.end <= window.tokens.end
            );
            let before = window.owned.start - window.tokens.start;
            let after = window.tokens.end - window.owned.end;
            assert!(
                window.tokens.start == 0 || context == 0 || before > 0,
                "context before {window:?}"
            );
            assert!(
                window.tokens.end == tokens.len() || after >= context,
                "context after {window:?}"
            );
            next = window.owned.end;
        }
        assert_eq!(next, tokens.len(), "every token is owned");
        windows
    }

    #[test]
    fn owned_ranges_cover_every_token_exactly_once_with_context() {
        let mut seed = 7_u64;
        let mut random = |below: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..2_000 {
            let n = random(700);
            let (word, sentence) = (1 + random(6), 1 + random(60));
            let limit = Limit {
                window: 4 + random(130),
                context: random(40),
            };
            check(
                &tokens(n, |at| at % word == 0, |at| at % sentence == 0),
                limit,
            );
        }
    }

    #[test]
    fn one_unbroken_word_is_cut_where_the_window_ends() {
        let windows = check(
            &tokens(300_000, |_| false, |_| false),
            Limit {
                window: 126,
                context: 16,
            },
        );
        assert!(windows.len() > 300_000 / 126);
    }

    #[test]
    fn a_short_article_is_one_window_without_overlap() {
        let windows = check(
            &tokens(126, |_| true, |_| false),
            Limit {
                window: 126,
                context: 16,
            },
        );
        assert_eq!(
            windows,
            [Window {
                tokens: 0..126,
                owned: 0..126
            }]
        );
    }

    #[test]
    fn a_cut_prefers_a_sentence_border_near_the_windows_end() {
        let windows = check(
            &tokens(200, |_| true, |at| at == 95),
            Limit {
                window: 126,
                context: 16,
            },
        );
        assert_eq!(windows[0].owned, 0..95);
    }

    #[test]
    fn no_token_means_no_window() {
        assert!(
            windows(
                &Tokens::default(),
                Limit {
                    window: 126,
                    context: 16
                }
            )
            .is_empty()
        );
    }
}
