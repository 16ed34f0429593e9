//! Who acts: the subject of a verb, over relative clauses, chains of verbs and coordination.

use super::super::clause::Kind;
use super::super::lexicon::Class;
use super::super::phrase::{List, list};
use super::Reader;

impl Reader<'_> {
    /// The subject of a verb group.
    pub(super) fn subject(&self, g: usize, depth: usize) -> List {
        let parse = self.parse;
        let group = &parse.groups[g];
        let segment = parse.segment[group.head];
        let mut at = group.first;
        while at > 0 && parse.tokens[at - 1].atom.is_none() && parse.is(at - 1, Class::Adverb) {
            at -= 1;
        }
        // an apposition or a relative clause that ends right before the verb
        if at > 0 && parse.tokens[at - 1].is_comma() {
            let mut back = at - 1;
            while back > 0
                && !parse.tokens[back - 1].is_comma()
                && !matches!(parse.tokens[back - 1].text, "“" | "”" | ";" | ":")
            {
                back -= 1;
            }
            if back > 0 && parse.tokens[back - 1].is_comma() {
                at = back - 1;
            }
        } else if at > 0 && parse.tokens[at - 1].text == ")" {
            while at > 0 && parse.tokens[at - 1].text != "(" {
                at -= 1;
            }
            at = at.saturating_sub(1);
        }
        let end = at;
        let mut start = at;
        let mut prior = None;
        while start > 0 {
            let b = start - 1;
            let token = &parse.tokens[b];
            if token.atom.is_none() {
                if let Some(o) = parse.group_at[b] {
                    prior = Some(o);
                    break;
                }
                let comma_list = token.is_comma()
                    && parse.token(b + 1).is_some_and(|t| t.atom.is_some())
                    && b > 0
                    && parse.tokens[b - 1].atom.is_some()
                    && (b + 1..end)
                        .any(|i| parse.is(i, Class::Conjunction) || parse.tokens[i].is_comma());
                if token.is_mark() && token.text != "-" && !comma_list
                    || token.is(Class::Subordinator)
                    || token.is(Class::Relative)
                {
                    break;
                }
            }
            start = b;
        }
        if let Some(Kind::Relative(antecedent)) = parse.kinds.get(segment).copied() {
            let relative_start = (0..parse.tokens.len())
                .find(|&i| parse.segment[i] == segment)
                .unwrap_or(0);
            if group.first <= relative_start + 2 || end <= relative_start + 1 {
                return self.antecedent(antecedent);
            }
        }
        while start < end
            && (parse.is(start, Class::Conjunction) || parse.is(start, Class::Adverb))
            && parse.tokens[start].atom.is_none()
        {
            start += 1;
        }
        let found = if start < end {
            list(parse, start, self.resolve)
        } else {
            List::default()
        };
        let own = !found.members.is_empty() || !found.plain.is_empty();
        if own || depth > 3 {
            return List {
                members: found
                    .members
                    .into_iter()
                    .filter(|m| m.token < group.first)
                    .collect(),
                ..found
            };
        }
        let shared = prior.or_else(|| {
            (0..g)
                .rev()
                .find(|&o| parse.segment[parse.groups[o].head] == segment)
        });
        match shared {
            Some(o) if o < g => self.subject(o, depth + 1),
            _ => List::default(),
        }
    }

    /// The name or noun a relative pronoun points back to.
    pub(super) fn antecedent(&self, token: usize) -> List {
        let parse = self.parse;
        let mut start = token;
        while start > 0 {
            let before = &parse.tokens[start - 1];
            if before.atom.is_none()
                && (before.is_mark()
                    || parse.group_at[start - 1].is_some()
                    || parse.is_preposition(start - 1) && !before.is(Class::Of)
                    || before.is(Class::Conjunction))
            {
                break;
            }
            start -= 1;
        }
        list(parse, start, self.resolve)
    }
}
