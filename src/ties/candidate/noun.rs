//! Measures named by a noun: "UN sanctions on …", "the embargo against …": what stands around it.

use super::super::clause::{Group, Noun};
use super::super::lexicon::{Class, Frame};
use super::super::phrase::{List, Member, Part, list, phrase};
use super::super::types::Status;
use super::{Candidate, Filler, Reader, Slot, Sort};

impl Reader<'_> {
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

    pub(super) fn noun(&self, noun: &Noun) -> Option<Candidate> {
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
    pub(super) fn mood(&self, group: &Group, candidate: &mut Candidate) {
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
}
