//! Body ranges → sentence spans.
//!
//! In: the text and its body ranges. Out: sentence spans in text order, each non-empty, inside one body range, without
//! white space at either end. Invariant: every byte of the body that is not white space lies in exactly one
//! of them. Two passes, both linear whatever the text: lines to paragraphs (a line break inside hard-wrapped prose
//! is white space, any other ends the sentence), then paragraphs to sentences by stops and what stands on either side of
//! them. Deliberately absent: any limit on a sentence's length (windows do that), other languages' abbreviations.

mod abbreviation;
mod paragraph;

use crate::span::Span;
use abbreviation::{Kind, kind, opens_a_sentence, own_line_number};

/// Cuts the body into sentences, in text order. `body` must be ascending, disjoint and on character borders of `text`.
#[must_use]
pub fn sentences(text: &str, body: &[Span]) -> Vec<Span> {
    let mut out = Vec::new();
    for paragraph in paragraph::paragraphs(text, body) {
        cut(text, paragraph, &mut out);
    }
    out
}

/// Cuts one trimmed paragraph at its sentence stops.
fn cut(text: &str, paragraph: Span, out: &mut Vec<Span>) {
    let bytes = &text.as_bytes()[..paragraph.end];
    let mut start = paragraph.start;
    let mut at = start;
    while at < paragraph.end {
        let Some(skipped) = bytes[at..].iter().position(|&b| may_stop(b)) else {
            break;
        };
        at += skipped;
        let Some(stop) = Stop::at(bytes, at) else {
            at += 1;
            continue;
        };
        at = stop.end;
        if ends_sentence(text, Span::new(start, paragraph.end), &stop) {
            push(text, Span::new(start, stop.end), out);
            start = stop.end;
        }
    }
    push(text, Span::new(start, paragraph.end), out);
}

/// True for the first byte of any stop, and of little else.
const fn may_stop(byte: u8) -> bool {
    matches!(
        byte,
        b'.' | b'!' | b'?' | 0xD8 | 0xDB | 0xE0 | 0xE2 | 0xE3 | 0xEF
    )
}

fn push(text: &str, span: Span, out: &mut Vec<Span>) {
    let span = span.trimmed(text);
    if !span.is_empty() {
        out.push(span);
    }
}

/// A run of stops with the closing quotes and brackets that follow it.
struct Stop {
    /// First byte of the run.
    start: usize,
    /// One past the last stop, before the closers.
    marks_end: usize,
    /// One past the last closer.
    end: usize,
    /// Full stops in the run, an ellipsis counting three.
    dots: usize,
    /// The run holds a question or exclamation mark.
    strong: bool,
    /// The run holds a mark of a script that writes no space after it.
    unspaced: bool,
}

impl Stop {
    /// Reads the run that begins at `at`, if one does.
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let mut stop = Self {
            start: at,
            marks_end: at,
            end: at,
            dots: 0,
            strong: false,
            unspaced: false,
        };
        loop {
            let rest = &bytes[stop.marks_end..];
            let n_bytes = match rest {
                [b'.', ..] => {
                    stop.dots += 1;
                    1
                }
                [b'!' | b'?', ..] => {
                    stop.strong = true;
                    1
                }
                // … horizontal ellipsis
                [0xE2, 0x80, 0xA6, ..] => {
                    stop.dots += 3;
                    3
                }
                // ‼ ⁇ ⁈ ⁉
                [0xE2, 0x80, 0xBC, ..] | [0xE2, 0x81, 0x87..=0x89, ..] => {
                    stop.strong = true;
                    3
                }
                // ؟ Arabic question mark, ۔ Urdu full stop
                [0xD8, 0x9F, ..] | [0xDB, 0x94, ..] => {
                    stop.strong = true;
                    2
                }
                // । ॥ Devanagari danda
                [0xE0, 0xA5, 0xA4 | 0xA5, ..] => {
                    stop.strong = true;
                    3
                }
                // 。 ideographic full stop, ！ ． ？ full-width marks, ｡ half-width full stop
                [0xE3, 0x80, 0x82, ..]
                | [0xEF, 0xBC, 0x81 | 0x8E | 0x9F, ..]
                | [0xEF, 0xBD, 0xA1, ..] => {
                    stop.unspaced = true;
                    3
                }
                _ => 0,
            };
            if n_bytes == 0 {
                break;
            }
            stop.marks_end += n_bytes;
        }
        if stop.marks_end == at {
            return None;
        }
        stop.end = closers_end(bytes, stop.marks_end);
        Some(stop)
    }
}

/// One past the closing quotes, brackets and footnote numbers that begin at `at`.
fn closers_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at += match &bytes[at..] {
            [b'"' | b'\'' | b')' | b']' | b'}', ..] => 1,
            // » right guillemet
            [0xC2, 0xBB, ..] => 2,
            // ’ ” right quotes, › single guillemet
            [0xE2, 0x80, 0x99 | 0x9D | 0xBA, ..] => 3,
            // 」 』 】 ） closing brackets of CJK text
            [0xE3, 0x80, 0x8D | 0x8F | 0x91, ..] | [0xEF, 0xBC, 0x89, ..] => 3,
            [b'[', a, b']', ..] if a.is_ascii_digit() => 3,
            [b'[', a, b, b']', ..] if a.is_ascii_digit() && b.is_ascii_digit() => 4,
            _ => return at,
        };
    }
}

/// True when the sentence that begins at `rest.start` ends with `stop`; `rest.end` is the paragraph's end.
fn ends_sentence(text: &str, rest: Span, stop: &Stop) -> bool {
    if stop.unspaced {
        return true;
    }
    let after = Span::new(stop.end, rest.end).of(text);
    let next = after.trim_start();
    if next.is_empty() {
        return true;
    }
    if next.len() == after.len() {
        return glued(text, rest.start, stop, next);
    }
    let next = next.trim_start_matches(['"', '\'', '(', '[', '{', '“', '‘', '«', '‹', '¿', '¡']);
    let Some(first) = next.chars().next() else {
        return true;
    };
    if first.is_lowercase() || matches!(first, ',' | ';' | ':' | ')' | '%') {
        return false;
    }
    if stop.strong {
        return true;
    }
    let word = word_before(text, rest.start, stop.start);
    if stop.dots > 1 {
        // " ... " inside a sentence marks an omission; "word..." at its end a pause.
        return !word.is_empty();
    }
    let closed = stop.end > stop.marks_end;
    match kind(word) {
        _ if own_line_number(word, text, rest.start, stop.start) => false,
        Kind::Word => true,
        _ if closed && !closed_by_brackets(text, stop) => true,
        Kind::Title => false,
        Kind::Number => !first.is_ascii_digit(),
        Kind::Hour => !abbreviation::follows_an_hour(next),
        Kind::Other => opens_a_sentence(next),
    }
}

/// True where brackets alone follow the stop, as in "(Reuters Inc.)": the sentence may go on after them.
fn closed_by_brackets(text: &str, stop: &Stop) -> bool {
    Span::new(stop.marks_end, stop.end)
        .of(text)
        .bytes()
        .all(|b| matches!(b, b')' | b']'))
}

/// A stop with no space after it ends a sentence where pages ran two together: "…the deal.The Kremlin said".
fn glued(text: &str, start: usize, stop: &Stop, next: &str) -> bool {
    let mut chars = next.chars();
    let opens = chars.next().is_some_and(char::is_uppercase)
        && chars.next().is_some_and(|c| c.is_lowercase() || c == ' ');
    if !opens || stop.dots > 1 {
        return false;
    }
    let word = word_before(text, start, stop.start);
    let n_lower = word
        .chars()
        .rev()
        .take_while(|c| c.is_lowercase())
        .take(3)
        .count();
    n_lower == 3 && !word.contains(['.', '@', '/']) && matches!(kind(word), Kind::Word)
}

/// The word that ends at byte `end`, back to a space, an opening quote or bracket, or `start`; at most 24 bytes of it.
fn word_before(text: &str, start: usize, end: usize) -> &str {
    let mut from = end.saturating_sub(24).max(start);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let word = Span::new(from, end).of(text);
    let border = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '(' | '[' | '{' | '"' | '\'' | '“' | '‘' | '«' | '—' | '–' | '-' | '’'
            )
    };
    match word.char_indices().rev().find(|&(_, c)| border(c)) {
        Some((at, c)) => &word[at + c.len_utf8()..],
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_all(text: &str) -> Vec<&str> {
        sentences(text, &[Span::new(0, text.len())])
            .into_iter()
            .map(|span| span.of(text))
            .collect()
    }

    #[test]
    fn sentences_end_where_news_english_ends_them() {
        // `|` marks where a sentence must end.
        let cases = [
            "The U.S. Treasury acted on Monday. | Mr. Alvarez, of Acme Inc. in Boston, said no.",
            "Gen. A. B. Kovac met Lt. Col. Smith. | Both left at 5 p.m. Tuesday. | It was Jan. 5.",
            "He lives in the U.S. | The rest live in D.C. or in St. Louis.",
            "Shares fell 3.5 percent to 12.75. | Oil rose.",
            "\"We will not yield.\" | \"We never did,\" she said. | (He agreed.) | Then he left.",
            "\"Why now?\" he asked. | Why not? | Stop! | Go...",
            "It was late ... Some say too late… | Others disagree.",
            "Talks with J. K. Martin, i.e. the envoy, e.g. on trade vs. Cuba failed.",
            "See No. 5 and Art. 3. | He said no. | Five remained.",
            "制裁が発表された。 | 米国は「反対」と述べた。",
            "هل هذا صحيح؟ | نعم.",
            "The deal.The Kremlin said so on example.com and Node.js.",
            "He said so.[12] | They agreed.[3][4] | Done.",
            "It hit Vitamin C. | The rest was fine under Plan B. | But not all.",
            "1. Freeze the assets. | 2. Ban the ships.",
        ];
        for case in cases {
            let expected: Vec<&str> = case.split(" | ").collect();
            let text = case.replace(" | ", " ");
            if case.starts_with("The deal.The") {
                assert_eq!(
                    cut_all(&text),
                    [
                        "The deal.",
                        "The Kremlin said so on example.com and Node.js."
                    ]
                );
                continue;
            }
            assert_eq!(cut_all(&text), expected, "{case}");
        }
    }

    #[test]
    fn line_breaks_end_sentences_except_inside_wrapped_prose() {
        let wrapped = "MINISTERS AGREE NEW CURBS\n\nMinisters agreed on Monday to widen the\ncurbs on trade with the islands, which\nhave been in force since the war of the\nyear before last. A spokesman for the\n\
            port of Northhaven said that no ship\nhad been stopped so far.\n    The curbs will be reviewed in spring\nby a committee of the seven members.\n";
        assert_eq!(cut_all(wrapped).len(), 4, "{:?}", cut_all(wrapped));
        let cases: &[(&str, &[&str])] = &[
            (
                "Headline here\nThe body starts",
                &["Headline here", "The body starts"],
            ),
            ("One\r\n\r\nTwo\r\nThree", &["One", "Two", "Three"]),
            (
                "It names:\n- a bank\n- a ship",
                &["It names:", "- a bank", "- a ship"],
            ),
            (
                "As was reported by the daily\nNorth Post\n, the talks failed.",
                &[
                    "As was reported by the daily",
                    "North Post\n, the talks failed.",
                ],
            ),
            ("No stop\u{2028}Next", &["No stop", "Next"]),
        ];
        for (text, expected) in cases {
            assert_eq!(&cut_all(text), expected);
        }
    }

    #[test]
    fn sentences_cover_every_byte_that_is_not_white_space_once() {
        let alphabet: Vec<&str> = vec![
            "a", "U.S.", ".", "!", "…", "\n", "\r\n", " ", " ", "The", "Mr.", "\"", "”", "(", ")",
            "[1]", "。", "؟", "é", "\u{a0}", "\u{2028}", "- ", "12", "word", "Word", "😀",
            "\u{301}",
        ];
        let mut seed = 11_u64;
        let mut random = |below: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..3_000 {
            let pieces: Vec<&str> = (0..random(60))
                .map(|_| alphabet[random(alphabet.len())])
                .collect();
            let text = pieces.concat();
            let borders: Vec<usize> = text
                .char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect();
            let (a, b) = (
                borders[random(borders.len())],
                borders[random(borders.len())],
            );
            let body = [Span::new(0, a.min(b)), Span::new(a.max(b), text.len())];
            let mut covered = vec![0_u8; text.len()];
            let mut last = 0;
            for span in sentences(&text, &body) {
                assert!(!span.is_empty() && span.start >= last, "{text:?}");
                assert_eq!(span, span.trimmed(&text), "{text:?}");
                assert!(body.iter().any(|range| range.contains(span)), "{text:?}");
                covered[span.start..span.end].fill(1);
                last = span.end;
            }
            for (at, c) in text.char_indices() {
                let inside = body
                    .iter()
                    .any(|range| range.contains(Span::new(at, at + c.len_utf8())));
                if inside && !c.is_whitespace() {
                    assert_eq!(covered[at], 1, "{at} of {text:?}");
                }
            }
        }
    }

    #[test]
    fn one_unbroken_token_is_one_sentence_and_takes_no_time() {
        for unit in [
            "x",
            ".",
            ".a",
            "!\n",
            " .",
            "\n \n",
            "A.",
            "。",
            "a.\u{301}",
        ] {
            let text = unit.repeat(300_000);
            let begun = std::time::Instant::now();
            let n = sentences(&text, &[Span::new(0, text.len())]).len();
            assert!(
                begun.elapsed().as_secs() < 5,
                "{unit:?} took {:?}",
                begun.elapsed()
            );
            assert!(n >= usize::from(!unit.trim().is_empty()));
        }
        assert_eq!(cut_all(&"x".repeat(300_000)).len(), 1);
    }
}
