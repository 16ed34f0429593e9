//! Measures named by a verb or an adjective: "blacklisted", "froze the assets of", "US-sanctioned".

use super::super::clause::{Group, Kind, Noun};
use super::super::lexicon::{Class, Frame, Strength};
use super::super::phrase::{List, Member, Part, list, members, phrase};
use super::super::types::Status;
use super::{Candidate, Filler, Reader, Slot, Sort};

impl Reader<'_> {
    /// A verb whose object is the target, the assets, the trade or the listed.
    pub(super) fn verb(&self, g: usize) -> Option<Candidate> {
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
                    self.fill_named(candidate, Slot::Before, np.first..np.end, Part::State);
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
    pub(super) fn adjective(&self, adjective: &Noun) -> Option<Candidate> {
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
}
