//! Candidates: the triggers of a sentence, each with the entities that may fill its slots.
//!
//! In: a parsed sentence. Out: [`Candidate`]s with features, no decision: whether a slot makes an entity imposer or target is decided in
//! [`super::decide`].

mod govern;
mod noun;
mod subject;
mod verb;

use std::ops::Range;

use super::clause::{Kind, Parse};
use super::lexicon::{Frame, Strength};
use super::phrase::{List, Member, Part, Resolve};
use super::types::Status;
use crate::span::Span;

/// Where an entity stands to a trigger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// Subject of the verb, or behind "by".
    Actor,
    /// Asked to act: "urged the EU to impose".
    Asked,
    /// Object, or behind "on", "against".
    Patient,
    /// Before the noun: "UN sanctions", "Iran sanctions".
    Before,
    /// Before the noun with 's: "Washington's sanctions".
    Owner,
    /// Subject of evading, violating.
    Evader,
    /// Behind "for", "over": the conduct.
    Reason,
}

/// An entity in a slot.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Filler {
    pub slot: Slot,
    pub member: Member,
}

/// What a trigger is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sort {
    Noun,
    Verb(Frame),
}

/// One trigger with what may fill it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub sentence: usize,
    pub trigger: Span,
    pub sort: Sort,
    pub strength: Strength,
    pub status: Status,
    /// A verb, an operator or a modal gave the status, not the bare noun.
    pub governed: bool,
    pub negated: bool,
    pub conditional: bool,
    pub passive: bool,
    pub fillers: Vec<Filler>,
    /// Tokens of nouns in patient lists that are no names.
    pub plain: Vec<usize>,
}

impl Candidate {
    pub fn slot(&self, slot: Slot) -> impl Iterator<Item = &Filler> {
        self.fillers.iter().filter(move |f| f.slot == slot)
    }
}

/// What is needed to read a sentence.
pub(super) struct Reader<'a> {
    pub parse: &'a Parse<'a>,
    pub resolve: &'a dyn Resolve,
    pub sentence: usize,
}

/// The candidates of one sentence in text order.
pub(super) fn candidates(reader: &Reader<'_>) -> Vec<Candidate> {
    let mut out = Vec::new();
    for noun in &reader.parse.nouns {
        out.extend(reader.noun(noun));
    }
    for g in 0..reader.parse.groups.len() {
        out.extend(reader.verb(g));
    }
    for adjective in &reader.parse.adjectives {
        out.extend(reader.adjective(adjective));
    }
    out.sort_by_key(|c| c.trigger);
    out
}

impl Reader<'_> {
    fn span(&self, first: usize, last: usize) -> Span {
        Span::new(
            self.parse.tokens[first].span.start,
            self.parse.tokens[last].span.end,
        )
    }

    fn candidate(
        &self,
        sort: Sort,
        first: usize,
        last: usize,
        strength: Strength,
        status: Status,
    ) -> Candidate {
        Candidate {
            sentence: self.sentence,
            trigger: self.span(first, last),
            sort,
            strength,
            status,
            governed: false,
            negated: false,
            conditional: matches!(self.parse.kinds[self.parse.segment[first]], Kind::Condition),
            passive: false,
            fillers: Vec::new(),
            plain: Vec::new(),
        }
    }

    /// Fills a slot with every name among some tokens.
    fn fill_named(&self, candidate: &mut Candidate, slot: Slot, tokens: Range<usize>, part: Part) {
        for token in tokens {
            if let Some(atom) = self.parse.tokens[token].atom {
                let member = Member {
                    entity: atom.entity,
                    token,
                    part,
                    anaphor: false,
                };
                candidate.fillers.push(Filler { slot, member });
            }
        }
    }

    fn fill(&self, candidate: &mut Candidate, slot: Slot, list: List) {
        for member in list.members {
            candidate.fillers.push(Filler { slot, member });
        }
        if slot == Slot::Patient {
            candidate.plain.extend(list.plain);
        }
    }
}
