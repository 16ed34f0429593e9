//! Names the model did not find, added where a list or the article itself leaves no doubt.
//!
//! In: mentions in text order. Out: the same and more, in text order, without overlaps: well-known bodies by their
//! long names, ministries in lower case ("the foreign ministry"), bare heads with a capital after "the" ("the
//! Council"), and further places of names of several words that the model found elsewhere in the article.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};

use super::countries::{next_word, previous_word};
use super::lexicon::Lexicon;
use crate::decode::{Kind, Mention};
use crate::span::Span;

/// Score of a name that a list knows and the model did not find.
const UNSEEN: f32 = 0.5;

/// Adds to the mentions of one article.
pub(crate) fn completed(
    text: &str,
    body: &[Span],
    mentions: Vec<Mention>,
    lexicon: &Lexicon,
) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for part in body {
        known(text, *part, lexicon, &mut found);
        ministries(text, *part, lexicon, &mut found);
        heads(text, *part, lexicon, &mut found);
    }
    let mentions = merged(text, mentions, found);
    let again = repeated(text, body, &mentions);
    merged(text, mentions, again)
}

/// Bodies of the lists by their long names, and acronyms of three letters or more.
fn known(text: &str, part: Span, lexicon: &Lexicon, found: &mut Vec<Mention>) {
    for hit in lexicon.bodies.automaton.find_iter(part.of(text)) {
        let span = Span::new(hit.start(), hit.end()).shifted(part.start);
        if on_borders(text, span) && !continues(text, span) {
            found.push(org(span));
        }
    }
}

const fn org(span: Span) -> Mention {
    Mention {
        span,
        kind: Kind::Org,
        score: UNSEEN,
    }
}

fn on_borders(text: &str, span: Span) -> bool {
    let before = text[..span.start].chars().next_back();
    let after = text[span.end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// True when the name goes on: "Islamic State Khorasan", "Red Cross Society of China".
fn continues(text: &str, span: Span) -> bool {
    text[span.end..].starts_with(' ') && next_word(text, span.end).starts_with(char::is_uppercase)
}

/// "the foreign ministry", "Iran's oil ministry".
fn ministries(text: &str, part: Span, lexicon: &Lexicon, found: &mut Vec<Mention>) {
    for (at, word) in part.of(text).match_indices("ministry") {
        let end = part.start + at + word.len();
        let (of, start) = previous_word(text, part.start + at);
        let gap = &text[start + of.len()..part.start + at];
        if lexicon.bodies.known("ministry", &of.to_lowercase())
            && gap.trim_matches(['\n', ' ']).is_empty()
            && on_borders(text, Span::new(start, end))
            && start >= part.start
        {
            found.push(org(Span::new(start, end)));
        }
    }
}

/// "the Council", "The Treasury": a head with a capital that no capital follows.
fn heads(text: &str, part: Span, lexicon: &Lexicon, found: &mut Vec<Mention>) {
    let slice = part.of(text);
    for article in ["the ", "The "] {
        for (at, word) in slice.match_indices(article) {
            let start = part.start + at + word.len();
            let head = next_word(text, start);
            let span = Span::new(start, start + head.len());
            if text[start..].starts_with(head)
                && lexicon.bodies.known("bare", head)
                && on_borders(text, span)
                && !continues(text, span)
                && !text[span.end..].starts_with('-')
                && !(text[span.end..].starts_with(" of ") || text[span.end..].starts_with(" for "))
            {
                found.push(org(span));
            }
        }
    }
    found.sort_by_key(|mention| (mention.span.start, std::cmp::Reverse(mention.span.end)));
}

/// Further places of names of several words, and of one-word names of persons and bodies found twice.
fn repeated(text: &str, body: &[Span], mentions: &[Mention]) -> Vec<Mention> {
    let mut names: BTreeMap<&str, (Kind, f32)> = BTreeMap::new();
    let mut torn: BTreeSet<&str> = BTreeSet::new();
    for mention in mentions
        .iter()
        .filter(|mention| matches!(mention.kind, Kind::Person | Kind::Org))
    {
        let name = mention.span.of(text);
        let several = name.contains(' ') && !name.contains('\n');
        let loud = name.len() > 2
            && name
                .chars()
                .all(|letter| letter.is_uppercase() || letter == '-');
        let long =
            name.chars().count() > 4 && name.starts_with(char::is_uppercase) && mention.score > 0.9;
        if !(several || loud || long) {
            continue;
        }
        let known = names.entry(name).or_insert((mention.kind, mention.score));
        if known.0 != mention.kind {
            torn.insert(name);
        }
        known.1 = known.1.max(mention.score);
    }
    names.retain(|name, _| !torn.contains(name));
    let patterns: Vec<&str> = names.keys().copied().collect();
    let Ok(automaton) = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(&patterns)
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for part in body {
        for hit in automaton.find_iter(part.of(text)) {
            let span = Span::new(hit.start(), hit.end()).shifted(part.start);
            let (kind, score) = names[patterns[hit.pattern().as_usize()]];
            let alone = span.of(text).contains(' ') || !beside_capital(text, span);
            if on_borders(text, span) && alone {
                found.push(Mention { span, kind, score });
            }
        }
    }
    found
}

fn beside_capital(text: &str, span: Span) -> bool {
    let (before, _) = previous_word(text, span.start);
    let opens = matches!(
        before,
        "The" | "But" | "And" | "In" | "For" | "If" | "When" | "While" | "As" | "At"
    );
    (before.starts_with(char::is_uppercase) && !opens) || continues(text, span)
}

/// Both lists in text order; a new name gives way to an old one it touches, unless it holds it and is a body's.
fn merged(text: &str, old: Vec<Mention>, new: Vec<Mention>) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::with_capacity(old.len() + new.len());
    let mut new = new.into_iter().peekable();
    let mut old = old.into_iter().peekable();
    loop {
        let Some(next) = new.peek().copied() else {
            all.extend(old);
            return all;
        };
        if old
            .peek()
            .is_some_and(|known| known.span.end <= next.span.start)
        {
            all.extend(old.next());
            continue;
        }
        new.next();
        if all.last().is_some_and(|last| last.span.overlaps(next.span)) {
            continue;
        }
        let mut whole = next;
        let mut inside = 0;
        while let Some(known) = old
            .peek()
            .filter(|known| known.span.overlaps(next.span))
            .copied()
        {
            let swallowed = next.span.contains(known.span)
                && known.span != next.span
                && known.kind != Kind::Person;
            if !swallowed {
                inside = 0;
                whole = known;
                break;
            }
            whole.score = whole.score.max(known.score);
            inside += 1;
            old.next();
        }
        if whole.span == next.span
            && (inside > 0
                || !old
                    .peek()
                    .is_some_and(|known| known.span.overlaps(next.span)))
        {
            all.push(whole);
        } else if let Some(known) = old.next() {
            let body = known.kind == Kind::Misc
                && known.span.contains(next.span)
                && next.kind == Kind::Org;
            all.push(if body && text.is_char_boundary(next.span.start) {
                Mention {
                    score: known.score,
                    ..next
                }
            } else {
                known
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lists_and_the_article_know_is_added() {
        let lexicon = Lexicon::new();
        struct Case(
            &'static str,
            &'static [(&'static str, Kind)],
            &'static [&'static str],
        );
        for Case(text, model, expected) in [
            Case(
                "Ruritania's foreign ministry said",
                &[],
                &["foreign ministry"],
            ),
            Case("The Council met. A council met.", &[], &["Council"]),
            Case("The Council of Elders met.", &[], &[]),
            Case(
                "the European Union and the Taliban",
                &[],
                &["European Union", "Taliban"],
            ),
            Case(
                "Norden Line sank. Norden Line paid.",
                &[("Norden Line", Kind::Org)],
                &["Norden Line", "Norden Line"],
            ),
            Case(
                "the UN Security Council Resolution 12",
                &[("UN Security Council Resolution 12", Kind::Misc)],
                &["UN Security Council Resolution 12"],
            ),
            Case(
                "the Office of Financial Sanctions Implementation",
                &[("Office of Financial Sanctions", Kind::Org)],
                &["Office of Financial Sanctions Implementation"],
            ),
        ] {
            let mentions = model
                .iter()
                .map(|(name, kind)| {
                    let start = text.find(name).unwrap();
                    Mention {
                        span: Span::new(start, start + name.len()),
                        kind: *kind,
                        score: 0.95,
                    }
                })
                .collect();
            let all = completed(text, &[Span::new(0, text.len())], mentions, &lexicon);
            let names: Vec<_> = all.iter().map(|mention| mention.span.of(text)).collect();
            assert_eq!(names, expected, "{text}");
        }
    }
}
