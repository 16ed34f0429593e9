//! Candidates: the triggers of a sentence, each with the entities that may fill its slots.
//!
//! In: a parsed sentence. Out: [`Candidate`]s with features, no decision: whether a slot makes an entity imposer or target is decided in
//! [`super::decide`].

use super::clause::{Group, Kind, Noun, Parse};
use super::lexicon::{Class, Frame, Strength};
use super::phrase::{List, Member, Part, Resolve, list, members, phrase};
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

    fn fill(&self, candidate: &mut Candidate, slot: Slot, list: List) {
        for member in list.members {
            candidate.fillers.push(Filler { slot, member });
        }
        if slot == Slot::Patient {
            candidate.plain.extend(list.plain);
        }
    }

    /// The noun phrase around a measure starts here.
    fn noun_start(&self, noun: &Noun) -> usize {
        let parse = self.parse;
        let mut start = noun.first;
        while start > 0 {
            let before = &parse.tokens[start - 1];
            let part = before.atom.is_some()
                || before.is_possessive()
                || before.text == "-"
                || before.is_number()
                || before.is(Class::Determiner)
                || before.is(Class::Adjective)
                || before.is(Class::Of)
                    && start > 1
                    && (parse.is(start - 2, Class::Adjective)
                        || parse.tokens[start - 2].is_number())
                || before.text == "and" && start > 1 && parse.is(start - 2, Class::Adjective)
                || parse.noun_at(start - 1).is_some()
                || !before.is_mark()
                    && parse.group_at[start - 1].is_none()
                    && !parse.is_preposition(start - 1)
                    && !before.is(Class::Conjunction)
                    && !before.is(Class::Subordinator)
                    && !before.is(Class::Relative)
                    && !before.is(Class::Modal)
                    && !before.is(Class::Be)
                    && !before.is(Class::Have)
                    && !before.is(Class::Adverb);
            if !part || parse.segment[start - 1] != parse.segment[noun.first] {
                break;
            }
            start -= 1;
        }
        start
    }

    fn noun(&self, noun: &Noun) -> Option<Candidate> {
        let parse = self.parse;
        let mut candidate = self.candidate(
            Sort::Noun,
            noun.first,
            noun.last,
            noun.strength,
            noun.status.unwrap_or(Status::Imposed),
        );
        candidate.governed = noun.status.is_some();
        let start = self.noun_start(noun);
        for at in start..noun.first {
            let Some(atom) = parse.tokens[at].atom else {
                continue;
            };
            let owner = parse.token(at + 1).is_some_and(|t| t.is_possessive());
            let slot = match parse
                .token(at + 2)
                .filter(|_| parse.tokens[at + 1].text == "-")
                .map(|t| t.text)
            {
                Some("related" | "linked" | "focused" | "specific") => Slot::Patient,
                Some("imposed" | "led" | "backed" | "mandated") => Slot::Owner,
                _ if owner => Slot::Owner,
                _ => Slot::Before,
            };
            candidate.fillers.push(Filler {
                slot,
                member: Member {
                    entity: atom.entity,
                    token: at,
                    part: Part::State,
                    anaphor: false,
                },
            });
        }
        self.right_of_noun(noun, &mut candidate);
        self.left_of_noun(start, noun, &mut candidate);
        Some(candidate)
    }

    /// Complements behind the noun, and a verb whose subject it is.
    fn right_of_noun(&self, noun: &Noun, candidate: &mut Candidate) {
        let parse = self.parse;
        let mut at = noun.last + 1;
        let limit = at + 18;
        while at < limit && at < parse.tokens.len() {
            let token = &parse.tokens[at];
            if let Some(g) = parse.group_at[at] {
                let group = &parse.groups[g];
                if group.first == at && !self.verb_behind(group, candidate) {
                    break;
                }
                at = group.last + 1;
                continue;
            }
            if token.atom.is_none() && !parse.is(at, Class::Adverb) {
                let time = parse.is(at + 1, Class::Adverb)
                    || parse.token(at + 1).is_some_and(|t| t.is_number());
                let trade = parse.tokens[noun.first..=noun.last].iter().any(|t| {
                    t.is(Class::Trade)
                        || matches!(
                            t.text,
                            "ban"
                                | "embargo"
                                | "controls"
                                | "restrictions"
                                | "waiver"
                                | "exemption"
                                | "licence"
                                | "license"
                        )
                });
                if token.is(Class::Against)
                    && token.text != "over"
                    && token.text != "towards"
                    && !(time && token.text == "on" && !self.counted(at + 1))
                {
                    let mut found = list(parse, at + 1, self.resolve);
                    let end = found.end;
                    self.trade_partner(end, &mut found);
                    self.fill(candidate, Slot::Patient, found);
                    at = end.max(at + 1);
                    continue;
                }
                if token.is(Class::By) {
                    let found = list(parse, at + 1, self.resolve);
                    at = found.end.max(at + 1);
                    self.fill(candidate, Slot::Actor, found);
                    continue;
                }
                if trade && (token.is(Class::To) || token.is(Class::From) || token.is(Class::For)) {
                    let found = list(parse, at + 1, self.resolve);
                    at = found.end.max(at + 1);
                    self.fill(candidate, Slot::Patient, found);
                    continue;
                }
                if (token.is(Class::For) || token.text == "over")
                    && candidate.slot(Slot::Reason).next().is_none()
                {
                    self.reason(at + 1, candidate);
                    at += 1;
                    continue;
                }
            }
            if token.is_mark() && token.text != "-" || token.is(Class::Subordinator) {
                break;
            }
            at += 1;
        }
    }

    /// A number that counts parties ("on two banks"), not a date.
    fn counted(&self, at: usize) -> bool {
        let np = phrase(self.parse, at);
        np.end > np.first + 1 && self.parse.is(np.end - 1, Class::People)
    }

    /// "on exports of arms TO Libya", "on oil FROM Iran".
    fn trade_partner(&self, mut at: usize, found: &mut List) {
        for _ in 0..3 {
            if !(self.parse.is(at, Class::To)
                || self.parse.is(at, Class::From)
                || self.parse.is(at, Class::With))
            {
                return;
            }
            let more = list(self.parse, at + 1, self.resolve);
            at = more.end;
            found.members.extend(more.members);
        }
    }

    /// What a verb behind the noun says of it; false when the search ends there.
    fn verb_behind(&self, group: &Group, candidate: &mut Candidate) -> bool {
        let act = group.sense(Frame::Act);
        if group.passive {
            if let Some(status) = act.and_then(|verb| verb.status) {
                if !candidate.governed || !group.bare {
                    candidate.status = status;
                }
                candidate.governed = true;
                candidate.passive = true;
                self.mood(group, candidate);
            }
            return true;
        }
        if group.infinitive || group.bare && !group.senses.is_empty() {
            if group.passive
                || act.is_some()
                    && self.parse.group_at.get(group.last + 1).is_some()
                    && group.infinitive
            {
                return false;
            }
            if group.bare && group.sense(Frame::Target).is_some() {
                let found = list(self.parse, group.last + 1, self.resolve);
                self.fill(candidate, Slot::Patient, found);
            }
            return false;
        }
        if let Some(verb) = group
            .sense(Frame::Target)
            .or_else(|| group.sense(Frame::With))
        {
            let _ = verb;
            let found = list(self.parse, group.last + 1, self.resolve);
            self.fill(candidate, Slot::Patient, found);
        } else if let Some(status) = act
            .and_then(|verb| verb.status)
            .filter(|status| matches!(status, Status::Lifted | Status::Extended))
        {
            // "sanctions ended", "restrictions lapsed"
            candidate.status = status;
            candidate.governed = true;
            self.mood(group, candidate);
        }
        false
    }

    /// Modals and negation of the governing verb.
    fn mood(&self, group: &Group, candidate: &mut Candidate) {
        candidate.negated |= group.negated;
        let plain = matches!(
            candidate.status,
            Status::Imposed | Status::Extended | Status::Eased | Status::Lifted
        );
        if !plain {
            return;
        }
        if group.ought {
            candidate.status = Status::Proposed;
        } else if group.possible || candidate.conditional {
            candidate.status = Status::Threatened;
        }
    }

    /// The verb, operator or preposition that governs the noun phrase starting at `start`.
    fn left_of_noun(&self, start: usize, noun: &Noun, candidate: &mut Candidate) {
        let parse = self.parse;
        if start == 0 {
            return;
        }
        let mut at = start;
        let mut crossed = 0;
        while at > 0 {
            at -= 1;
            if let Some(g) = parse.group_at[at] {
                self.governed_by(g, noun, candidate);
                return;
            }
            if let Some(operator) = parse.operators.iter().find(|o| o.last == at) {
                if !candidate.governed || candidate.status == Status::Imposed {
                    candidate.status = operator.status.unwrap_or(candidate.status);
                }
                candidate.governed = true;
                let whose = operator
                    .first
                    .checked_sub(2)
                    .filter(|_| parse.tokens[operator.first - 1].is_possessive());
                if let Some(atom) = whose.and_then(|w| parse.tokens[w].atom) {
                    let member = Member {
                        entity: atom.entity,
                        token: at,
                        part: Part::Head,
                        anaphor: false,
                    };
                    let slot = if candidate.status == Status::Evaded {
                        Slot::Evader
                    } else {
                        Slot::Actor
                    };
                    candidate.fillers.push(Filler { slot, member });
                }
                crossed += 1;
                continue;
            }
            let token = &parse.tokens[at];
            let on_list = matches!(token.text, "on" | "off")
                && parse.is(noun.last, Class::List)
                && at + 1 == start;
            if on_list {
                if token.text == "off" {
                    candidate.status = Status::Lifted;
                }
                candidate.governed = true;
                self.under(at, candidate);
                return;
            }
            if token.text.eq_ignore_ascii_case("under")
                || token.text == "to" && at > 0 && parse.tokens[at - 1].text == "subject"
            {
                self.under(at, candidate);
                return;
            }
            if token.is(Class::With) {
                self.hit_with(at, candidate);
                return;
            }
            crossed += 1;
            let passes = token.is(Class::Of)
                || token.is(Class::For)
                || token.is(Class::Against)
                || token.is(Class::To)
                || token.is(Class::Conjunction)
                || !token.is_mark() && !parse.is_preposition(at);
            if crossed > 14
                || !(passes || token.text == "-" || token.is_comma() && crossed < 8)
                || token.is(Class::Subordinator)
            {
                return;
            }
        }
    }

    fn governed_by(&self, g: usize, noun: &Noun, candidate: &mut Candidate) {
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
            for at in group.last + 1..noun.first {
                if let Some(atom) = parse.tokens[at].atom {
                    let member = Member {
                        entity: atom.entity,
                        token: at,
                        part: Part::Head,
                        anaphor: false,
                    };
                    candidate.fillers.push(Filler {
                        slot: Slot::Asked,
                        member,
                    });
                }
            }
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
    fn control(&self, g: usize, candidate: &mut Candidate) {
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
        for at in outer.last + 1..group.first {
            if let Some(atom) = parse.tokens[at].atom {
                let member = Member {
                    entity: atom.entity,
                    token: at,
                    part: Part::Head,
                    anaphor: false,
                };
                candidate.fillers.push(Filler {
                    slot: Slot::Asked,
                    member,
                });
            }
        }
        if outer.infinitive || outer.bare {
            self.control(c, candidate);
        } else if !outer.passive {
            self.fill_members(candidate, Slot::Actor, self.subject(c, 0));
        }
    }

    /// "X is under sanctions": whoever stands before.
    fn under(&self, at: usize, candidate: &mut Candidate) {
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
    fn hit_with(&self, with: usize, candidate: &mut Candidate) {
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
    fn reason(&self, from: usize, candidate: &mut Candidate) {
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

    /// A verb whose object is the target, the assets, the trade or the listed.
    fn verb(&self, g: usize) -> Option<Candidate> {
        let parse = self.parse;
        let group = &parse.groups[g];
        let frames = [
            Frame::Penal,
            Frame::Assets,
            Frame::List,
            Frame::Unlist,
            Frame::Ban,
            Frame::Target,
        ];
        frames.into_iter().find_map(|frame| {
            let verb = group.sense(frame)?;
            let mut candidate = self.candidate(
                Sort::Verb(frame),
                group.head,
                group.last,
                verb.strength,
                verb.status?,
            );
            candidate.governed = true;
            candidate.passive = group.passive;
            let object = if group.passive {
                self.subject(g, 0)
            } else {
                self.object(g)
            };
            let after = if group.passive {
                group.last + 1
            } else {
                object.end.max(group.last + 1)
            };
            if !self.fits(frame, group, &object, after, &mut candidate) {
                return None;
            }
            self.fill(&mut candidate, Slot::Patient, object);
            self.behind_verb(after, &mut candidate, frame);
            self.mood(group, &mut candidate);
            self.control(g, &mut candidate);
            candidate.negated |= group.negated;
            Some(candidate)
        })
    }

    /// The object of an active verb; in "X, which the US blacklisted" the antecedent.
    fn object(&self, g: usize) -> List {
        let parse = self.parse;
        let group = &parse.groups[g];
        let found = list(parse, group.last + 1, self.resolve);
        if !found.members.is_empty() || !found.plain.is_empty() || group.infinitive {
            return found;
        }
        match parse.kinds[parse.segment[group.head]] {
            Kind::Relative(antecedent) => List {
                end: group.last + 1,
                ..self.antecedent(antecedent)
            },
            _ => found,
        }
    }

    /// True when the words around bear the frame out.
    fn fits(
        &self,
        frame: Frame,
        group: &Group,
        object: &List,
        after: usize,
        candidate: &mut Candidate,
    ) -> bool {
        let parse = self.parse;
        let assets = object.plain.iter().any(|&p| parse.is(p, Class::Assets));
        let listed = |from: usize| {
            (from..parse.tokens.len().min(from + 12)).any(|at| {
                parse.is(at, Class::List)
                    || parse
                        .noun_at(at)
                        .is_some_and(|n| n.strength == Strength::Certain)
            })
        };
        match frame {
            Frame::Target => !(group.head > 0 && parse.tokens[group.head - 1].text == "-"),
            Frame::Assets => {
                let blocked = group.passive
                    && matches!(parse.tokens[group.head].text, "blocked" | "frozen")
                    && !object.members.is_empty();
                if assets {
                    candidate.strength = Strength::Strong;
                }
                assets || blocked
            }
            Frame::List => {
                let to = parse.is(after, Class::To)
                    || parse.is(after, Class::Against)
                    || parse.is(after, Class::Place);
                let ok = to && listed(after);
                if ok {
                    candidate.strength = Strength::Strong;
                }
                ok
            }
            Frame::Unlist => {
                (parse.is(after, Class::From)
                    || parse.token(after).is_some_and(|t| t.text == "off"))
                    && listed(after)
            }
            Frame::Penal => {
                let near = group.head.saturating_sub(14)..parse.tokens.len().min(group.head + 30);
                let breach = parse
                    .groups
                    .iter()
                    .any(|g| near.contains(&g.head) && g.sense(Frame::Evade).is_some());
                let measure = parse
                    .nouns
                    .iter()
                    .any(|n| near.contains(&n.first) && n.strength > Strength::Weak);
                let violation = parse
                    .operators
                    .iter()
                    .chain(&parse.nouns)
                    .any(|o| near.contains(&o.first) && o.status == Some(Status::Evaded));
                measure && (breach || violation)
            }
            _ => self.bans(group, object, after, candidate),
        }
    }

    fn bans(&self, group: &Group, object: &List, after: usize, candidate: &mut Candidate) -> bool {
        let parse = self.parse;
        let trade = object.plain.iter().any(|&p| parse.is(p, Class::Trade))
            && parse.tokens[group.head].text.len() > 2;
        let partner = parse.is(after, Class::To)
            || parse.is(after, Class::From)
            || parse.is(after, Class::With);
        let strong_verb = {
            let head = parse.tokens[group.head].text.to_lowercase();
            [
                "ban",
                "bar",
                "prohibit",
                "forbid",
                "exclud",
                "expel",
                "outlaw",
                "cut",
                "disconnect",
                "halt",
                "block",
                "restrict",
                "suspend",
            ]
            .iter()
            .any(|stem| head.starts_with(stem))
        };
        let closed = ["clos", "shut"]
            .iter()
            .any(|stem| parse.tokens[group.head].text.starts_with(stem))
            && object.plain.iter().any(|&p| {
                matches!(
                    parse.tokens[p].text,
                    "airspace" | "skies" | "ports" | "waters" | "markets"
                )
            })
            && parse.is(after, Class::To);
        if closed {
            candidate.strength = Strength::Strong;
            return true;
        }
        let kept_from = parse.is(after, Class::From) && !object.members.is_empty() && strong_verb;
        let modified = trade && object.members.iter().any(|m| m.part == Part::State);
        candidate.strength = Strength::Weak;
        kept_from && !trade || trade && (partner || modified) && strong_verb
    }

    /// By-phrase, partner of trade and reason behind a verb.
    fn behind_verb(&self, from: usize, candidate: &mut Candidate, frame: Frame) {
        let parse = self.parse;
        let mut at = from;
        while at < parse.tokens.len().min(from + 24) {
            let token = &parse.tokens[at];
            if token.atom.is_none() {
                if token.is(Class::By) && candidate.passive {
                    let found = list(parse, at + 1, self.resolve);
                    at = found.end.max(at + 1);
                    self.fill(candidate, Slot::Actor, found);
                    continue;
                }
                let partner = frame == Frame::Ban
                    && (token.is(Class::To) || token.is(Class::From))
                    && candidate.plain.iter().any(|&p| {
                        parse.is(p, Class::Trade)
                            || matches!(
                                parse.tokens[p].text,
                                "airspace" | "skies" | "ports" | "waters" | "markets"
                            )
                    });
                if partner && at < from + 6 {
                    let found = list(parse, at + 1, self.resolve);
                    at = found.end.max(at + 1);
                    self.fill(candidate, Slot::Patient, found);
                    continue;
                }
                if token.is(Class::For) || token.text == "over" {
                    self.reason(at + 1, candidate);
                    return;
                }
                if matches!(frame, Frame::List | Frame::Unlist)
                    && (token.is(Class::To) || token.is(Class::Against) || token.is(Class::From))
                {
                    // "its list", "OFAC's SDN list"
                    let np = phrase(parse, at + 1);
                    for a in np.first..np.end {
                        if let Some(atom) = parse.tokens[a].atom {
                            let member = Member {
                                entity: atom.entity,
                                token: a,
                                part: Part::State,
                                anaphor: false,
                            };
                            candidate.fillers.push(Filler {
                                slot: Slot::Before,
                                member,
                            });
                        }
                    }
                    at = np.end.max(at + 1);
                    continue;
                }
                if token.is_mark() && token.text != "-" && !token.is_comma() {
                    return;
                }
            }
            at += 1;
        }
    }

    /// "the sanctioned tycoon X", "US-sanctioned X".
    fn adjective(&self, adjective: &Noun) -> Option<Candidate> {
        let parse = self.parse;
        if (adjective.first..=adjective.last).any(|at| {
            parse.group_at[at].is_some_and(|g| parse.groups[g].sense(Frame::Target).is_some())
        }) {
            return None;
        }
        if parse.is(adjective.first, Class::Preposition) {
            return None;
        }
        let mut candidate = self.candidate(
            Sort::Verb(Frame::Target),
            adjective.first,
            adjective.last,
            adjective.strength,
            Status::Imposed,
        );
        let before = adjective
            .first
            .checked_sub(2)
            .filter(|_| parse.tokens[adjective.first - 1].text == "-");
        if let Some(atom) = before.and_then(|b| parse.tokens[b].atom) {
            let member = Member {
                entity: atom.entity,
                token: adjective.first,
                part: Part::State,
                anaphor: false,
            };
            candidate.fillers.push(Filler {
                slot: Slot::Owner,
                member,
            });
        }
        let mut found = List::default();
        let np = phrase(parse, adjective.last + 1);
        members(parse, np, self.resolve, &mut found);
        if found.members.iter().all(|m| m.part != Part::Head) {
            found = list(parse, adjective.last + 1, self.resolve);
        }
        found.members.retain(|m| !m.anaphor);
        if found.members.is_empty() && candidate.fillers.is_empty() {
            return None;
        }
        self.fill(&mut candidate, Slot::Patient, found);
        Some(candidate)
    }

    /// The subject of a verb group.
    pub fn subject(&self, g: usize, depth: usize) -> List {
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
    fn antecedent(&self, token: usize) -> List {
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
