//! What the model found against what the tables know: which words name a country here, and how.
//!
//! In: cleaned mentions in text order, the tables' hits. Out: the countries' mentions, and the model's mentions that
//! name no country, each list in text order. A mention inside an organization's name leaves the organization whole.

use std::collections::HashSet;

use super::ambiguous::Evidence;
use super::countries::{Countries, Hit, next_word, previous_word};
use super::seat::governs;
use super::types::{Code, EntityMention, Form};
use crate::decode::{Kind, Mention};
use crate::span::Span;

/// Score of a country's word that the tables know and the model did not find.
const UNSEEN: f32 = 0.5;

/// What was resolved.
pub(crate) struct Resolved {
    /// Mentions of countries.
    pub countries: Vec<(Code, EntityMention)>,
    /// Mentions that name something else.
    pub others: Vec<Mention>,
}

/// Resolves one article.
pub(crate) fn resolve(
    text: &str,
    body: &[Span],
    mentions: &[Mention],
    countries: &Countries,
) -> Resolved {
    let mut hits = Vec::new();
    for part in body {
        countries.scan(text, *part, &mut hits);
    }
    let evidence = Evidence::new(text, body, &hits, surnames(text, mentions));
    let mut found = Vec::new();
    let mut consumed = vec![false; mentions.len()];
    let mut next = 0;
    for hit in &hits {
        while next < mentions.len() && mentions[next].span.end <= hit.span.start {
            next += 1;
        }
        let at = (next..mentions.len())
            .take_while(|at| mentions[*at].span.start < hit.span.end)
            .next();
        let around = at.map(|at| mentions[at]);
        let person = around.is_some_and(|mention| mention.kind == Kind::Person);
        if person && hit.word.seat && evidence.is_surname(hit.span) {
            continue;
        }
        let Some(form) = form(text, hit, around, countries) else {
            continue;
        };
        let Some(code) = evidence.country(hit) else {
            continue;
        };
        let score = around.map_or(UNSEEN, |mention| mention.score);
        let mention = EntityMention {
            span: hit.span,
            score,
            form: Some(form),
        };
        found.push((code, mention));
        for at in at.into_iter().flat_map(|at| at..mentions.len()) {
            if mentions[at].span.start >= hit.span.end {
                break;
            }
            consumed[at] |= form != Form::Part
                && (mentions[at].kind != Kind::Org
                    || hit.span.contains(mentions[at].span)
                    || same(text, hit.span, mentions[at].span));
        }
    }
    let others = mentions
        .iter()
        .zip(consumed)
        .filter(|(_, consumed)| !consumed)
        .map(|(mention, _)| *mention);
    Resolved {
        countries: found,
        others: others.collect(),
    }
}

/// The last words of the full names of persons.
fn surnames<'a>(text: &'a str, mentions: &[Mention]) -> HashSet<&'a str> {
    let persons = mentions
        .iter()
        .filter(|mention| mention.kind == Kind::Person);
    persons
        .filter_map(|mention| mention.span.of(text).rsplit_once(char::is_whitespace))
        .map(|(_, last)| last)
        .collect()
}

/// True when two spans cover the same name, points and signs at its ends left aside.
fn same(text: &str, a: Span, b: Span) -> bool {
    let bare = |span: Span| {
        span.of(text)
            .trim_matches(|letter: char| !letter.is_alphanumeric())
    };
    bare(a) == bare(b)
}

/// How the hit names a country, given what the model found there; none when it does not.
fn form(text: &str, hit: &Hit, around: Option<Mention>, countries: &Countries) -> Option<Form> {
    let word = hit.word;
    let alone = !word.doubts.person || !beside_capital(text, hit.span);
    let certain = !(word.doubts.word || word.doubts.abbreviation) && alone;
    let clear = certain && !word.doubts.person;
    let whole = around.is_some_and(|mention| {
        hit.span.contains(mention.span) || same(text, hit.span, mention.span)
    });
    match around.map(|mention| mention.kind) {
        Some(Kind::Person) if whole && word.seat => {
            governs(text, hit.span, countries).then_some(Form::Metonym)
        }
        Some(Kind::Person) => (whole && clear && !word.seat).then_some(word.form),
        Some(Kind::Org) if !whole => (word.form != Form::Metonym).then_some(Form::Part),
        Some(Kind::Org) if word.doubts.person && word.doubts.word => None,
        _ if word.seat => (whole || around.is_none())
            .then(|| governs(text, hit.span, countries))
            .and_then(|yes| yes.then_some(Form::Metonym)),
        None if !certain && !quiet_us(text, hit) => None,
        _ => Some(word.form),
    }
}

/// True when a capitalized word stands right before or after, as in a person's name.
fn beside_capital(text: &str, span: Span) -> bool {
    let capital = |word: &str| word.starts_with(char::is_uppercase);
    let (previous, _) = previous_word(text, span.start);
    text[span.end..].starts_with(' ') && capital(next_word(text, span.end)) || capital(previous)
}

/// "US" that the model missed counts where the words beside it are not all in capitals.
fn quiet_us(text: &str, hit: &Hit) -> bool {
    if hit.span.of(text) != "US" {
        return false;
    }
    let line_start = text[..hit.span.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[hit.span.end..]
        .find('\n')
        .map_or(text.len(), |at| hit.span.end + at);
    let reach = |at: usize| {
        (at.max(line_start)..=hit.span.start)
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(hit.span.start)
    };
    let from = reach(hit.span.start.saturating_sub(60));
    let mut to = line_end.min(hit.span.end + 60);
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    text[from..to].contains(char::is_lowercase)
}
