//! Noun phrases and lists of them → the entities in them, each with the part it plays.

use super::clause::Parse;
use super::lexicon::Class;

/// The part an entity plays in the phrase that names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Part {
    /// The phrase is its name.
    Head,
    /// The phrase is its government, economy, trade, assets: Iran's oil exports.
    State,
    /// The phrase are people or firms of it: two Iranian companies.
    People,
    /// Stands beside a name: Russia's Rosneft, a bank in Dubai.
    Beside,
    /// Within a description or a relative clause.
    Within,
}

/// An entity in a phrase.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Member {
    pub entity: usize,
    /// Its token, or that of the pronoun or description that stands for it.
    pub token: usize,
    pub part: Part,
    /// Reached over a pronoun or a description.
    pub anaphor: bool,
}

/// A list of noun phrases.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    pub members: Vec<Member>,
    /// Tokens of heads that are no names: companies, tycoon.
    pub plain: Vec<usize>,
    pub end: usize,
}

/// One noun phrase: tokens `[first, end)` and its last word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase {
    pub first: usize,
    pub end: usize,
}

/// Who a pronoun or description stands for.
pub(super) trait Resolve {
    fn resolve(&self, parse: &Parse<'_>, token: usize) -> Option<usize>;
}

const MAX_LIST_TOKENS: usize = 240;

/// The noun phrase that starts at `first`; empty where none does.
pub(super) fn phrase(parse: &Parse<'_>, first: usize) -> Phrase {
    let mut end = first;
    while let Some(token) = parse.token(end) {
        if token.atom.is_some() || token.is_possessive() {
            end += 1;
            continue;
        }
        let hyphen = matches!(token.text, "-" | "‑" | "‘" | "&") && end > first;
        let stops = token.is_mark() && !hyphen
            || parse.is_preposition(end)
            || token.is(Class::Conjunction) && token.text != "&"
            || token.is(Class::Subordinator)
            || token.is(Class::Relative) && !(end == first && token.text == "that")
            || token.is(Class::Modal)
            || matches!(token.text, "including" | "such" | "namely") && end > first
            || parse.group_at[end].is_some()
            || token.is(Class::Be)
            || end > first && token.is(Class::Have);
        if stops {
            break;
        }
        end += 1;
    }
    Phrase { first, end }
}

/// The entities of one noun phrase.
pub(super) fn members(parse: &Parse<'_>, np: Phrase, resolve: &dyn Resolve, list: &mut List) {
    let mut last = np.end;
    while last > np.first
        && (parse.tokens[last - 1].is_possessive()
            || parse.is(last - 1, Class::Adverb) && parse.tokens[last - 1].atom.is_none())
    {
        last -= 1;
    }
    if last == np.first {
        return;
    }
    let head = last - 1;
    let token = parse.tokens[head];
    let named = token.atom.is_some();
    let part = if named {
        Part::Beside
    } else if token.is(Class::State)
        || token.is(Class::Assets) && !token.is(Class::People)
        || parse.noun_at(head).is_some()
    {
        Part::State
    } else {
        Part::People
    };
    for at in np.first..last {
        if let Some(atom) = parse.tokens[at].atom {
            let part = if at == head { Part::Head } else { part };
            // "X, Y" without a comma is rare; "US-China" is a pair
            list.members.push(Member {
                entity: atom.entity,
                token: at,
                part,
                anaphor: false,
            });
        }
    }
    if !named {
        list.plain.push(head);
        let empty = !(np.first..last).any(|at| parse.tokens[at].atom.is_some());
        let possessor = parse.is(np.first, Class::He)
            || parse.tokens[np.first].text.eq_ignore_ascii_case("its");
        if empty || possessor {
            let at = if possessor && head > np.first {
                np.first
            } else {
                head
            };
            if let Some(entity) = resolve.resolve(parse, at) {
                let part = if at == head { Part::Head } else { part };
                list.members.push(Member {
                    entity,
                    token: at,
                    part,
                    anaphor: true,
                });
            }
        }
    }
}

/// Reads the coordinated, apposed and enumerated noun phrases from `first` on.
pub(super) fn list(parse: &Parse<'_>, first: usize, resolve: &dyn Resolve) -> List {
    let mut list = List {
        end: first,
        ..List::default()
    };
    let mut at = first;
    while at < parse.tokens.len() && at < first + MAX_LIST_TOKENS {
        let np = phrase(parse, at);
        if np.end == np.first {
            break;
        }
        members(parse, np, resolve, &mut list);
        list.end = attach(parse, np.end, resolve, &mut list);
        match follow(parse, list.end, &mut list) {
            Some(next) if next > at => at = next,
            _ => break,
        }
    }
    list
}

/// Prepositional phrases that belong to the noun phrase before them.
fn attach(parse: &Parse<'_>, mut at: usize, resolve: &dyn Resolve, list: &mut List) -> usize {
    for _ in 0..4 {
        let of = parse.is(at, Class::Of);
        let place = parse.is(at, Class::Place) || parse.is(at, Class::From);
        if !(of || place) {
            break;
        }
        let np = phrase(parse, at + 1);
        if np.end == np.first {
            break;
        }
        let governor = parse.tokens[at - 1];
        let mut inner = List::default();
        members(parse, np, resolve, &mut inner);
        for mut member in inner.members {
            member.part = if governor.atom.is_some() || place {
                if governor.is(Class::State) || governor.is(Class::Trade) {
                    member.part.max(Part::State)
                } else {
                    Part::Beside
                }
            } else if governor.is(Class::State) || governor.is(Class::Assets) {
                if member.part == Part::Head {
                    Part::State
                } else {
                    member.part
                }
            } else if governor.is(Class::People) || governor.is(Class::Office) {
                Part::People
            } else {
                member.part
            };
            list.members.push(member);
        }
        list.plain.extend(inner.plain);
        at = np.end;
    }
    at
}

/// Where the list goes on after a phrase that ends at `at`.
fn follow(parse: &Parse<'_>, mut at: usize, list: &mut List) -> Option<usize> {
    let named = list
        .members
        .iter()
        .any(|m| m.part == Part::Head && !m.anaphor);
    // "(OFAC)", "(58)"
    if parse.token(at)?.text == "(" {
        while parse.token(at)?.text != ")" {
            at += 1;
        }
        at += 1;
    }
    let token = parse.token(at)?;
    if matches!(token.text, ":" | "—" | "–" | "-") {
        return (!named).then_some(at + 1);
    }
    if matches!(token.text, "including" | "namely" | "notably") {
        return Some(at + 1);
    }
    if token.text == "such" && parse.token(at + 1)?.text == "as" {
        return Some(at + 2);
    }
    if token.is(Class::Conjunction) {
        let next = at + 1;
        return starts_phrase(parse, next).then_some(next);
    }
    if matches!(token.text, "as")
        && parse.token(at + 1)?.text == "well"
        && parse.token(at + 2)?.text == "as"
    {
        return Some(at + 3);
    }
    if matches!(token.text, "along" | "together") && parse.is(at + 1, Class::With) {
        return Some(at + 2);
    }
    if !(token.is_comma() || token.text == ";" || token.text == "•") {
        return None;
    }
    let mut next = at + 1;
    if parse.is(next, Class::Conjunction) {
        next += 1;
    }
    while matches!(
        parse.token(next)?.text,
        "including"
            | "namely"
            | "notably"
            | "such"
            | "as"
            | "well"
            | "along"
            | "together"
            | "with"
            | "among"
            | "them"
            | "they"
            | ":"
    ) {
        next += 1;
    }
    if parse.is(next, Class::Relative)
        || is_bare(parse, next)
        || parse.is_preposition(next) && parse.tokens[next].text != "from"
    {
        return skip_description(parse, next, list);
    }
    if named && parse.is(next, Class::Determiner) {
        let np = phrase(parse, next);
        let names = np.end > np.first && parse.tokens[np.end - 1].atom.is_some();
        if !names {
            return skip_description(parse, next, list);
        }
    }
    starts_phrase(parse, next).then_some(next)
}

fn is_bare(parse: &Parse<'_>, at: usize) -> bool {
    parse
        .group_at
        .get(at)
        .copied()
        .flatten()
        .is_some_and(|g| parse.groups[g].bare)
}

/// Passes over a description up to the next comma, noting the names in it; goes on where the list does.
fn skip_description(parse: &Parse<'_>, from: usize, list: &mut List) -> Option<usize> {
    let mut at = from;
    loop {
        let token = parse.token(at)?;
        if token.is_comma() || token.text == ";" {
            break;
        }
        if matches!(token.text, "." | "“" | "”" | ":") {
            list.end = at;
            return None;
        }
        if let Some(atom) = token.atom {
            list.members.push(Member {
                entity: atom.entity,
                token: at,
                part: Part::Within,
                anaphor: false,
            });
        }
        at += 1;
    }
    list.end = at;
    let mut next = at + 1;
    let joined = parse.tokens[at].text == ";" || parse.is(next, Class::Conjunction);
    if parse.is(next, Class::Conjunction) {
        next += 1;
    }
    let starts = joined && starts_phrase(parse, next) || parse.token(next)?.atom.is_some();
    starts.then_some(next)
}

/// True where a noun phrase starts that is not the subject of a verb of its own.
fn starts_phrase(parse: &Parse<'_>, at: usize) -> bool {
    let np = phrase(parse, at);
    if np.end == np.first {
        return false;
    }
    let verb = parse
        .group_at
        .get(np.end)
        .copied()
        .flatten()
        .is_some_and(|g| {
            let group = &parse.groups[g];
            group.finite() && group.first == np.end
        });
    let be = parse.is(np.end, Class::Be) || parse.is(np.end, Class::Modal);
    !(verb || be)
}
