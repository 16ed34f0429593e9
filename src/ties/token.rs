//! A sentence → its words, with every entity mention as one word.
//!
//! Invariants: tokens stand in text order, do not overlap and lie within the sentence; a mention that starts inside another is not a token of
//! its own.

use super::lexicon::{Class, Classes, Lexicon, Word};
use crate::entity::Entity;
use crate::span::Span;

/// A mention as it stands in the token row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Atom {
    /// Index of the entity.
    pub entity: usize,
    /// Index into the entity's mentions.
    pub mention: usize,
}

/// One word, number, mark or mention.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub span: Span,
    pub text: &'t str,
    pub word: Word,
    pub classes: Classes,
    pub atom: Option<Atom>,
}

impl Token<'_> {
    pub fn is(&self, class: Class) -> bool {
        self.classes.has(class)
    }

    pub fn is_mark(&self) -> bool {
        self.atom.is_none()
            && !self
                .text
                .starts_with(|c: char| c.is_alphanumeric() || c == '\'')
    }

    pub fn is_comma(&self) -> bool {
        self.text == ","
    }

    pub fn is_capital(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }

    pub fn is_number(&self) -> bool {
        self.atom.is_none() && self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    pub fn is_possessive(&self) -> bool {
        self.atom.is_none() && matches!(self.text, "'s" | "’s" | "'" | "’" | "'S" | "’S")
    }
}

/// An outermost mention with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub span: Span,
    pub atom: Atom,
}

/// The outermost mentions of an article in text order; of two at one start the longer stands.
pub(super) fn placed(entities: &[Entity]) -> Vec<Placed> {
    let mut all: Vec<Placed> = Vec::new();
    for (entity, e) in entities.iter().enumerate() {
        for (mention, m) in e.mentions.iter().enumerate() {
            if !m.span.is_empty() {
                let atom = Atom { entity, mention };
                all.push(Placed { span: m.span, atom });
            }
        }
    }
    all.sort_by_key(|p| (p.span.start, std::cmp::Reverse(p.span.end)));
    let mut end = 0;
    all.retain(|p| {
        let outer = p.span.start >= end;
        if outer {
            end = p.span.end;
        }
        outer
    });
    all
}

/// The tokens of one sentence. `mentions` are those that start within it, in text order.
pub(super) fn tokens<'t>(
    text: &'t str,
    sentence: Span,
    mentions: &[Placed],
    lexicon: &Lexicon,
) -> Vec<Token<'t>> {
    let mut out = Vec::with_capacity(sentence.len() / 5 + 2);
    let mut lower = String::new();
    let mut at = sentence.start;
    let mut next = mentions.iter();
    let mut mention = next.next();
    while at < sentence.end {
        if let Some(placed) = mention.filter(|p| p.span.start <= at) {
            if placed.span.start == at {
                let text = placed.span.of(text);
                out.push(Token {
                    span: placed.span,
                    text,
                    word: 0,
                    classes: Classes::default(),
                    atom: Some(placed.atom),
                });
                at = placed.span.end;
            }
            mention = next.next();
            continue;
        }
        let stop = mention.map_or(sentence.end, |p| p.span.start.min(sentence.end));
        let Some(rest) = text.get(at..stop) else {
            break;
        };
        let Some(first) = rest.chars().next() else {
            break;
        };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let len = word_len(rest, first);
        let span = Span::new(at, at + len);
        lower.clear();
        lower.extend(
            rest[..len]
                .chars()
                .flat_map(char::to_lowercase)
                .map(|c| if c == '’' { '\'' } else { c }),
        );
        let word = lexicon.word(&lower);
        out.push(Token {
            span,
            text: &rest[..len],
            word,
            classes: lexicon.classes(word),
            atom: None,
        });
        at += len;
    }
    out
}

/// Bytes of the token that `rest` starts with.
fn word_len(rest: &str, first: char) -> usize {
    if first == '\'' || first == '’' {
        let clitic = rest[first.len_utf8()..]
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len() - first.len_utf8());
        return if matches!(
            &rest[first.len_utf8()..first.len_utf8() + clitic],
            "s" | "S" | "d" | "ll" | "re" | "ve" | "m"
        ) {
            first.len_utf8() + clitic
        } else {
            first.len_utf8()
        };
    }
    if !first.is_alphanumeric() {
        return first.len_utf8();
    }
    let mut chars = rest.char_indices().peekable();
    let mut len = 0;
    while let Some((i, c)) = chars.next() {
        if c.is_alphanumeric() {
            len = i + c.len_utf8();
            continue;
        }
        let follows = chars.peek().map(|&(_, c)| c);
        let digits = first.is_ascii_digit() && matches!(c, ',' | '.');
        let abbreviation = c == '.' && is_abbreviation(&rest[..i]);
        if abbreviation {
            len = i + 1;
        }
        if !((digits || abbreviation) && follows.is_some_and(char::is_alphanumeric)) {
            break;
        }
    }
    // didn't, won’t: one word
    if rest[..len].ends_with('n') {
        for clitic in ["'t", "’t"] {
            let tail = &rest[len..];
            if tail.starts_with(clitic) && !tail[clitic.len()..].starts_with(char::is_alphanumeric)
            {
                return len + clitic.len();
            }
        }
    }
    len
}

/// True for single letters with points between: U, U.S.
fn is_abbreviation(word: &str) -> bool {
    word.len() <= 8
        && word
            .split('.')
            .all(|part| part.chars().count() == 1 && part.starts_with(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        text: &'static str,
        words: &'static [&'static str],
    }

    #[test]
    fn words_marks_clitics_and_abbreviations_are_tokens() {
        let cases = [
            Case {
                text: "It won’t hit Iran's banks.",
                words: &["It", "won’t", "hit", "Iran", "'s", "banks", "."],
            },
            Case {
                text: "U.S.-sanctioned, 1,200 men",
                words: &["U.S.", "-", "sanctioned", ",", "1,200", "men"],
            },
            Case {
                text: "a “ban” (new)",
                words: &["a", "“", "ban", "”", "(", "new", ")"],
            },
        ];
        let lexicon = Lexicon::new();
        for case in cases {
            let row = tokens(case.text, Span::new(0, case.text.len()), &[], &lexicon);
            assert_eq!(row.iter().map(|t| t.text).collect::<Vec<_>>(), case.words);
        }
    }
}
