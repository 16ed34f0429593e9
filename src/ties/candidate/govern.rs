//! Verbs that govern a noun of measure, and what they do to it: "urged the EU to impose", "was hit with", "for supplying".

use super::super::clause::Noun;
use super::super::lexicon::{Class, Frame};
use super::super::phrase::{List, Member, Part, list};
use super::super::types::Status;
use super::{Candidate, Filler, Reader, Slot};

impl Reader<'_> {
    pub(super) fn governed_by(&self, g: usize, noun: &Noun, candidate: &mut Candidate) {
        let parse = self.parse;
        let group = &parse.groups[g];
        if parse.segment[group.head] != parse.segment[noun.first] {
            return;
        }
        if let Some(verb) = group.sense(Frame::Evade).filter(|_| !group.passive) {
            candidate.status = verb.status.unwrap_or(Status::Evaded);
            candidate.governed = true;
            candidate.negated |= group.negated;
            for member in self.subject(g, 0).members {
                candidate.fillers.push(Filler {
                    slot: Slot::Evader,
                    member,
                });
            }
            return;
        }
        if let Some(verb) = group.sense(Frame::Suffer) {
            candidate.governed = true;
            if group.possible || candidate.conditional || parse.groups[g].future {
                candidate.status = Status::Threatened;
            } else if candidate.status == Status::Imposed {
                candidate.status = verb.status.unwrap_or(Status::Imposed);
            }
            self.fill_members(candidate, Slot::Patient, self.subject(g, 0));
            return;
        }
        let asks = group
            .sense(Frame::Control)
            .filter(|_| (group.last + 1..noun.first).any(|at| parse.is(at, Class::For)));
        if let Some(status) = asks.and_then(|verb| verb.status) {
            candidate.status = status;
            candidate.governed = true;
            candidate.negated |= group.negated;
            self.fill_named(
                candidate,
                Slot::Asked,
                group.last + 1..noun.first,
                Part::Head,
            );
            self.fill_members(candidate, Slot::Actor, self.subject(g, 0));
            return;
        }
        let Some(verb) = group.sense(Frame::Act) else {
            return;
        };
        if group.passive && group.sense(Frame::With).is_none() {
            return;
        }
        if candidate.passive && candidate.governed && verb.status == Some(Status::Imposed) {
            return;
        }
        let inner = candidate.status;
        let outer = verb.status.unwrap_or(Status::Imposed);
        // "called for the lifting of": the call stands; "announced the lifting of": the lifting does
        if outer != Status::Imposed || !candidate.governed {
            candidate.status = outer;
        } else {
            candidate.status = inner;
        }
        candidate.governed = true;
        self.mood(group, candidate);
        self.control(g, candidate);
    }

    fn fill_members(&self, candidate: &mut Candidate, slot: Slot, found: List) {
        for member in found.members {
            candidate.fillers.push(Filler { slot, member });
        }
    }

    /// Follows "threaten to", "urge the EU to" outwards and fills who acts.
    pub(super) fn control(&self, g: usize, candidate: &mut Candidate) {
        let parse = self.parse;
        let group = &parse.groups[g];
        let governor = g.checked_sub(1).filter(|&c| {
            let outer = &parse.groups[c];
            (group.infinitive || group.bare)
                && outer.last < group.first
                && parse.segment[outer.head] == parse.segment[group.head]
                && group.first - outer.last <= 10
        });
        let Some(c) = governor else {
            if !group.passive {
                self.fill_members(
                    candidate,
                    if candidate.status == Status::Evaded {
                        Slot::Evader
                    } else {
                        Slot::Actor
                    },
                    self.subject(g, 0),
                );
            }
            return;
        };
        let outer = &parse.groups[c];
        let sense = outer.sense(Frame::Control);
        if let Some(status) = sense.and_then(|verb| verb.status) {
            candidate.status = status;
        }
        if outer.negated {
            candidate.negated = true;
        }
        self.mood(outer, candidate);
        self.fill_named(
            candidate,
            Slot::Asked,
            outer.last + 1..group.first,
            Part::Head,
        );
        if outer.infinitive || outer.bare {
            self.control(c, candidate);
        } else if !outer.passive {
            self.fill_members(candidate, Slot::Actor, self.subject(c, 0));
        }
    }

    /// "X is under sanctions": whoever stands before.
    pub(super) fn under(&self, at: usize, candidate: &mut Candidate) {
        let parse = self.parse;
        let segment = parse.segment[at];
        let group = parse
            .groups
            .iter()
            .rposition(|g| g.last < at && at - g.last <= 3 && parse.segment[g.head] == segment);
        if let Some(g) = group {
            self.fill_members(candidate, Slot::Patient, self.subject(g, 0));
        } else if let Some(before) = at.checked_sub(1) {
            let back = if parse.tokens[before].is_comma() || parse.is(before, Class::Adverb) {
                before.checked_sub(1)
            } else {
                Some(before)
            };
            if let Some((token, atom)) = back.and_then(|b| Some((b, parse.tokens[b].atom?))) {
                candidate.fillers.push(Filler {
                    slot: Slot::Patient,
                    member: Member {
                        entity: atom.entity,
                        token,
                        part: Part::Head,
                        anaphor: false,
                    },
                });
            }
        }
    }

    /// "hit X with sanctions".
    pub(super) fn hit_with(&self, with: usize, candidate: &mut Candidate) {
        let parse = self.parse;
        let segment = parse.segment[with];
        let found = parse.groups.iter().rposition(|g| {
            g.last < with
                && with - g.last <= 14
                && parse.segment[g.head] == segment
                && (g.sense(Frame::With).is_some()
                    || g.sense(Frame::Control)
                        .is_some_and(|v| v.status == Some(Status::Threatened)))
        });
        let Some(g) = found else {
            return;
        };
        let group = &parse.groups[g];
        if let Some(status) = group.sense(Frame::Control).and_then(|v| v.status) {
            candidate.status = status;
        }
        candidate.governed = true;
        self.mood(group, candidate);
        if group.passive {
            self.fill_members(candidate, Slot::Patient, self.subject(g, 0));
        } else {
            let object = list(parse, group.last + 1, self.resolve);
            self.fill(candidate, Slot::Patient, object);
            self.control(g, candidate);
        }
    }

    /// Names behind "for", "over" up to the end of the segment.
    pub(super) fn reason(&self, from: usize, candidate: &mut Candidate) {
        let parse = self.parse;
        let mut against = false;
        for at in from..parse.tokens.len().min(from + 30) {
            let token = &parse.tokens[at];
            if matches!(token.text, ";" | "." | "“" | "”" | ":") {
                break;
            }
            if let Some(atom) = token.atom {
                let part = if against { Part::Within } else { Part::Head };
                candidate.fillers.push(Filler {
                    slot: Slot::Reason,
                    member: Member {
                        entity: atom.entity,
                        token: at,
                        part,
                        anaphor: false,
                    },
                });
            } else if !token.is(Class::Determiner) && !token.is(Class::Adjective) {
                against = token.is(Class::Victim) && token.text != "to"
                    || against && !parse.is_preposition(at);
            }
        }
    }
}
