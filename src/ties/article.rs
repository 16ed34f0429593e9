//! The whole article: memory across sentences, lists of targets that run on, officials who speak.

use super::candidate::{Candidate, Reader, Slot, candidates};
use super::clause::Parse;
use super::decide::{Act, bears, decide};
use super::lexicon::{Class, Lexicon, Strength};
use super::phrase::{Part, Resolve, list, phrase};
use super::profile::{Party, Profile};
use super::sense::{Context, anchors};
use super::token::{Placed, tokens};
use super::types::{Status, Ties};
use crate::span::Span;

/// What pronouns and descriptions of a sentence may point back to.
#[derive(Clone, Copy, Default)]
struct Memory<'p> {
    person: Option<usize>,
    private: Option<usize>,
    public: Option<usize>,
    country: Option<usize>,
    subject: Option<usize>,
    profiles: &'p [Profile],
}

impl Memory<'_> {
    fn note(&mut self, entity: usize) {
        match self.profiles[entity].party {
            Party::Person => self.person = Some(entity),
            Party::Private => self.private = Some(entity),
            Party::Organ | Party::Union => self.public = Some(entity),
            Party::Country => self.country = Some(entity),
            Party::Other => {}
        }
    }

    fn read(&mut self, parse: &Parse<'_>) {
        let mut atoms = parse.tokens.iter().filter_map(|t| t.atom);
        let first = atoms
            .clone()
            .find(|a| self.profiles[a.entity].party != Party::Person)
            .map(|a| a.entity);
        self.subject = first.or(self.subject);
        for atom in atoms.by_ref() {
            self.note(atom.entity);
        }
    }
}

impl Resolve for Memory<'_> {
    fn resolve(&self, parse: &Parse<'_>, token: usize) -> Option<usize> {
        let at = parse.token(token)?;
        let defined = token > 0
            && matches!(
                parse.tokens[token - 1].text,
                "the" | "The" | "that" | "That" | "this" | "This" | "his" | "its"
            );
        let mut here = *self;
        for t in &parse.tokens[..token] {
            if let Some(atom) = t.atom {
                here.note(atom.entity);
                if self.profiles[atom.entity].party != Party::Person {
                    here.subject = Some(atom.entity);
                }
            }
        }
        if at.is(Class::He) {
            here.person
        } else if at.is(Class::It) {
            self.subject.or(here.subject)
        } else if !defined {
            None
        } else if at.is(Class::ManS) {
            here.private
        } else if at.is(Class::ManP) {
            here.person
        } else if at.is(Class::ManB) {
            here.public
        } else if at.is(Class::ManT) {
            here.country
        } else {
            None
        }
    }
}

/// Words that may speak of a measure, whatever is decided on them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hint {
    pub sentence: usize,
    pub trigger: Span,
    /// 1 for the faintest words to 4 for the surest.
    pub strength: u8,
    pub status: Status,
}

impl Hint {
    fn of(candidate: &Candidate) -> Self {
        Self {
            sentence: candidate.sentence,
            trigger: candidate.trigger,
            strength: match candidate.strength {
                Strength::Faint => 1,
                Strength::Weak => 2,
                Strength::Strong => 3,
                Strength::Certain => 4,
            },
            status: candidate.status,
        }
    }
}

/// Reads an article: what the grammar decides, and the words it looked at.
///
/// `mentions` are the outermost ones in text order; `profiles` one for each entity.
pub(super) fn read(
    text: &str,
    sentences: &[Span],
    mentions: &[Placed],
    profiles: &[Profile],
    lexicon: &Lexicon,
) -> (Ties, Vec<Hint>) {
    let mut context = Context::default();
    let mut memory = Memory {
        profiles,
        ..Memory::default()
    };
    let mut parses = Vec::with_capacity(sentences.len());
    let mut found: Vec<Candidate> = Vec::new();
    for (sentence, &span) in sentences.iter().enumerate() {
        let from = mentions.partition_point(|p| p.span.start < span.start);
        let to = mentions.partition_point(|p| p.span.start < span.end);
        let parse = Parse::new(tokens(text, span, &mentions[from..to], lexicon), lexicon);
        context.add(&parse);
        let reader = Reader {
            parse: &parse,
            resolve: &memory,
            sentence,
        };
        found.extend(candidates(&reader));
        memory.read(&parse);
        parses.push(parse);
    }
    let hints = found.iter().map(Hint::of).collect();
    let mut decided: Vec<(Candidate, Act)> = found
        .into_iter()
        .filter_map(|candidate| {
            let act = decide(&candidate, profiles)?;
            Some((candidate, act))
        })
        .collect();
    if !decided
        .iter()
        .any(|(candidate, act)| anchors(candidate, act, profiles, context))
    {
        let none = Ties {
            relevant: false,
            roles: vec![Default::default(); profiles.len()],
            measures: Vec::new(),
        };
        return (none, hints);
    }
    decided.retain(|(candidate, act)| {
        candidate.strength > Strength::Weak || bears(candidate, act, profiles)
    });
    run_on(&parses, &mut decided, profiles, &memory);
    fill_agents(&mut decided, profiles);
    let acts: Vec<Act> = decided.into_iter().map(|(_, act)| act).collect();
    let spoken = speakers(&parses, &acts, profiles);
    let ties = super::merge::merge(&acts, &spoken, profiles.len(), sentences);
    (ties, hints)
}

/// Lists of targets that run on over sentences: "They are: …", "The new listings include …", bullets.
fn run_on(
    parses: &[Parse<'_>],
    decided: &mut [(Candidate, Act)],
    profiles: &[Profile],
    memory: &Memory<'_>,
) {
    for (candidate, act) in decided.iter_mut() {
        let direct = matches!(
            act.status,
            Status::Imposed | Status::Extended | Status::Lifted
        );
        let here = &parses[candidate.sentence];
        let announces = here.tokens.last().is_some_and(|t| t.text == ":");
        named_next(parses, candidate, act, profiles);
        if !direct || candidate.plain.is_empty() && !announces || candidate.conditional {
            continue;
        }
        let plain: Vec<String> = candidate
            .plain
            .iter()
            .map(|&p| singular(here.tokens[p].text))
            .collect();
        let parties = announces || candidate.plain.iter().any(|&p| here.is(p, Class::People));
        if !parties {
            continue;
        }
        for parse in parses.iter().skip(candidate.sentence + 1).take(12) {
            if enumerates(parse) {
                let start = first_after_include(parse);
                for member in list(parse, start, memory).members {
                    put(act, member.entity, member.part, profiles);
                }
            } else if is_item(parse) {
                for member in list(parse, item_start(parse), memory).members {
                    put(act, member.entity, member.part, profiles);
                }
            } else {
                described(parse, &plain, act, profiles);
            }
        }
    }
}

/// "A Singapore man was jailed … . Wendell Cheong had …": the next sentence names whom the first describes.
fn named_next(parses: &[Parse<'_>], candidate: &Candidate, act: &mut Act, profiles: &[Profile]) {
    let here = &parses[candidate.sentence];
    let one = candidate.plain.iter().find(|&&p| {
        let token = &here.tokens[p];
        (token.is(Class::ManS) || token.is(Class::ManP)) && !token.text.ends_with('s')
            || matches!(token.text, "business" | "man" | "woman")
    });
    let Some(&one) = one.filter(|_| {
        act.targets
            .iter()
            .all(|&t| profiles[t].party == Party::Country)
    }) else {
        return;
    };
    let wanted = if here.is(one, Class::ManS) {
        Party::Private
    } else {
        Party::Person
    };
    let next = parses.get(candidate.sentence + 1);
    let subject = next.and_then(|p| p.tokens.iter().take(5).find_map(|t| t.atom));
    if let Some(atom) = subject.filter(|a| profiles[a.entity].party == wanted) {
        put(act, atom.entity, Part::Head, profiles);
    }
}

fn put(act: &mut Act, entity: usize, part: Part, profiles: &[Profile]) {
    if act.imposers.contains(&entity) || profiles[entity].party == Party::Other {
        return;
    }
    let party = profiles[entity].party;
    let side =
        if part == Part::Head && matches!(party, Party::Person | Party::Private | Party::Organ) {
            &mut act.targets
        } else {
            &mut act.linked
        };
    if !side.contains(&entity) {
        side.push(entity);
    }
    side.sort_unstable();
    let targets = act.targets.clone();
    act.linked.retain(|linked| !targets.contains(linked));
}

fn singular(word: &str) -> String {
    let lower = word.to_lowercase();
    lower
        .strip_suffix("ies")
        .map(|stem| format!("{stem}y"))
        .or_else(|| lower.strip_suffix('s').map(String::from))
        .unwrap_or(lower)
}

/// "They are …", "Those listed include …", "Among the entities are …".
fn enumerates(parse: &Parse<'_>) -> bool {
    let first = parse.tokens.iter().take(7);
    let mut among = false;
    for token in first {
        if token.is(Class::Include) && among && token.atom.is_none() {
            return true;
        }
        among |= token.atom.is_none() && token.is(Class::Among);
        if token.atom.is_some() {
            return false;
        }
    }
    false
}

fn first_after_include(parse: &Parse<'_>) -> usize {
    let at = parse
        .tokens
        .iter()
        .position(|t| t.atom.is_none() && t.is(Class::Include))
        .map_or(0, |i| i + 1);
    if parse.token(at).is_some_and(|t| t.text == ":") {
        at + 1
    } else {
        at
    }
}

/// A line of a list: a bullet, a dash or a number, then a name.
fn is_item(parse: &Parse<'_>) -> bool {
    let start = item_start(parse);
    start > 0 && parse.token(start).is_some_and(|t| t.atom.is_some())
}

fn item_start(parse: &Parse<'_>) -> usize {
    let mut at = 0;
    while parse.token(at).is_some_and(|t| {
        t.atom.is_none()
            && (matches!(t.text, "•" | "-" | "–" | "*" | "·" | "." | ")" | "(")
                || t.is_number() && at == 0)
    }) {
        at += 1;
    }
    at
}

/// "The broker, X, …": a description that takes up a word of the list of targets and names it.
fn described(parse: &Parse<'_>, plain: &[String], act: &mut Act, profiles: &[Profile]) {
    for at in 0..parse.tokens.len() {
        if !matches!(parse.tokens[at].text, "The" | "the" | "One" | "Another") {
            continue;
        }
        let np = phrase(parse, at + 1);
        let Some(head) = np.end.checked_sub(1).filter(|&h| h > at) else {
            continue;
        };
        let (word, name) = if parse.tokens[head].atom.is_some() {
            (head - 1, head)
        } else if parse.token(np.end).is_some_and(|t| t.is_comma()) {
            (head, np.end + 1)
        } else {
            continue;
        };
        let closes = parse.token(name + 1).is_none_or(|t| t.is_mark()) || word + 1 == name;
        let Some(atom) = parse.token(name).and_then(|t| t.atom).filter(|_| closes) else {
            continue;
        };
        if plain.contains(&singular(parse.tokens[word].text))
            && matches!(profiles[atom.entity].party, Party::Private | Party::Person)
        {
            put(act, atom.entity, Part::Head, profiles);
        }
    }
}

/// A passive without agent, in an article where one side imposes: that side.
fn fill_agents(decided: &mut [(Candidate, Act)], profiles: &[Profile]) {
    let mut last: Vec<usize> = Vec::new();
    for (candidate, act) in decided {
        let public = act.imposers.iter().any(|&i| profiles[i].party.is_public());
        if public {
            last.clone_from(&act.imposers);
        } else if act.imposers.is_empty()
            && candidate.passive
            && matches!(
                act.status,
                Status::Imposed | Status::Lifted | Status::Extended
            )
            && candidate.slot(Slot::Actor).next().is_none()
        {
            let targets = act.targets.clone();
            act.imposers = last
                .iter()
                .copied()
                .filter(|i| !targets.contains(i))
                .collect();
        }
    }
}

/// Sentences between an act and an official's words on it.
const NEAR: usize = 4;

/// Officials of an imposing side who speak; `acts` stand in the order of their sentences.
fn speakers(parses: &[Parse<'_>], acts: &[Act], profiles: &[Profile]) -> Vec<usize> {
    let mut imposing = vec![false; profiles.len()];
    let mut aimed_at = vec![false; profiles.len()];
    for act in acts {
        act.imposers.iter().for_each(|&i| imposing[i] = true);
        act.targets.iter().for_each(|&i| aimed_at[i] = true);
    }
    let mut spoken = Vec::new();
    for (sentence, parse) in parses.iter().enumerate() {
        if !parse.groups.iter().any(|g| g.say) {
            continue;
        }
        let after = acts.partition_point(|act| act.sentence + NEAR < sentence);
        let near = acts
            .get(after)
            .is_some_and(|act| act.sentence <= sentence + NEAR);
        for (at, token) in parse.tokens.iter().enumerate() {
            let Some(atom) = token
                .atom
                .filter(|a| profiles[a.entity].party == Party::Person)
            else {
                continue;
            };
            if !near || aimed_at[atom.entity] || !speaks(parse, at) {
                continue;
            }
            let (from, to) = (at.saturating_sub(8), (at + 14).min(parse.tokens.len()));
            let titled =
                (from..to).any(|i| parse.tokens[i].atom.is_none() && parse.is(i, Class::Official));
            let comments = (from..to)
                .any(|i| parse.tokens[i].atom.is_none() && parse.is(i, Class::Commentator));
            let side: Vec<usize> = (from..to)
                .filter_map(|i| parse.tokens[i].atom)
                .map(|a| a.entity)
                .filter(|&e| profiles[e].party.is_public())
                .collect();
            let own = side
                .iter()
                .any(|&e| imposing[e] || profiles[e].state.is_some_and(|state| imposing[state]));
            if titled && !comments && (own || side.is_empty()) {
                spoken.push(atom.entity);
            }
        }
    }
    spoken
}

/// True when a word of saying stands right before or behind the name and its title.
fn speaks(parse: &Parse<'_>, at: usize) -> bool {
    let before = at.saturating_sub(7)..at;
    let after = at + 1..(at + 3).min(parse.tokens.len());
    before
        .chain(after)
        .any(|i| parse.group_at[i].is_some_and(|g| parse.groups[g].say))
        || {
            let mut i = at + 1;
            if parse.token(i).is_some_and(|t| t.is_comma()) {
                i += 1;
                while parse.token(i).is_some_and(|t| !t.is_comma()) {
                    i += 1;
                }
                parse
                    .group_at
                    .get(i + 1)
                    .copied()
                    .flatten()
                    .is_some_and(|g| parse.groups[g].say)
            } else {
                false
            }
        }
}
