//! Entities → what kind of party each is, and whose organ.

use std::collections::HashMap;

use super::lexicon::Lexicon;
use super::token::Placed;
use crate::entity::{Entity, EntityType};

/// What kind of party an entity is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Party {
    Country,
    /// A body of states: the EU, the UN, the African Union.
    Union,
    /// A body of a state or union: a ministry, a parliament, the Security Council.
    Organ,
    /// Any other organization.
    Private,
    Person,
    /// A place or another name.
    Other,
}

impl Party {
    /// True for those who can sanction in their own name.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Country | Self::Union | Self::Organ)
    }
}

/// What is known of an entity before any sentence is read.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub party: Party,
    /// Alpha-2 of a country; EU, UN or INT of a union; of an organ, that of its state.
    pub code: Option<Box<str>>,
    /// The country or union it is part of, as an index into the entities.
    pub state: Option<usize>,
    /// True when a country before the bare word "sanctions" would be the one that imposes them.
    pub sender: bool,
}

const UNIONS: [&str; 10] = [
    "european union",
    "eu",
    "e.u.",
    "united nations",
    "un",
    "u.n.",
    "european community",
    "ec",
    "eec",
    "european economic community",
];

/// One profile for each entity, in their order.
pub(super) fn profiles(
    text: &str,
    entities: &[Entity],
    placed: &[Placed],
    lexicon: &Lexicon,
) -> Vec<Profile> {
    let mut profiles: Vec<Profile> = entities.iter().map(|e| own(text, e, lexicon)).collect();
    let inside = countries_inside(entities, placed);
    let mut states: HashMap<Box<str>, usize> = HashMap::new();
    for (at, profile) in profiles.iter().enumerate() {
        if matches!(profile.party, Party::Country | Party::Union)
            && let Some(code) = &profile.code
        {
            states.entry(code.clone()).or_insert(at);
        }
    }
    for i in 0..profiles.len() {
        if profiles[i].party != Party::Organ && profiles[i].party != Party::Private {
            continue;
        }
        let part = inside.get(&i).copied();
        let state = part.or_else(|| states.get(profiles[i].code.as_ref()?).copied());
        if let Some(country) = part.filter(|_| profiles[i].party == Party::Organ) {
            let code = profiles[country].code.clone();
            profiles[i].code = code;
        }
        profiles[i].state = state;
    }
    profiles
}

fn own(text: &str, entity: &Entity, lexicon: &Lexicon) -> Profile {
    let plain = |party| Profile {
        party,
        code: None,
        state: None,
        sender: false,
    };
    match entity.kind {
        EntityType::Country => {
            let code: Option<Box<str>> = entity.country.map(|c| c.alpha2.into());
            let sender = code.as_deref().is_some_and(|code| lexicon.is_sender(code));
            Profile {
                party: Party::Country,
                code,
                state: None,
                sender,
            }
        }
        EntityType::Person => plain(Party::Person),
        EntityType::Org => {
            let mut names: Vec<String> = vec![entity.name.to_lowercase()];
            for mention in &entity.mentions {
                let name = mention.span.of(text).to_lowercase();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            if let Some(code) = names.iter().find_map(|name| lexicon.organ(name)) {
                let union = code == "INT" || names.iter().any(|name| UNIONS.contains(&&**name));
                let party = if union { Party::Union } else { Party::Organ };
                return Profile {
                    party,
                    code: Some(code.into()),
                    state: None,
                    sender: true,
                };
            }
            if names.iter().any(|name| lexicon.is_body(name)) {
                return plain(Party::Organ);
            }
            plain(Party::Private)
        }
        EntityType::Loc | EntityType::Misc => plain(Party::Other),
    }
}

/// By organization, the first country that is named inside it or right before it.
fn countries_inside(entities: &[Entity], placed: &[Placed]) -> HashMap<usize, usize> {
    let mut pairs = HashMap::new();
    for (country, e) in entities
        .iter()
        .enumerate()
        .filter(|(_, e)| e.kind == EntityType::Country)
    {
        for mention in &e.mentions {
            let at = placed.partition_point(|p| p.span.start <= mention.span.start);
            let Some(before) = at.checked_sub(1).and_then(|i| placed.get(i)) else {
                continue;
            };
            if before.span.contains(mention.span) && before.atom.entity != country {
                pairs.entry(before.atom.entity).or_insert(country);
            } else if let Some(next) = placed.get(at).filter(|next| {
                next.span.start <= mention.span.end + 1
                    && entities[next.atom.entity].kind == EntityType::Org
                    && next.span.start > mention.span.end
            }) {
                pairs.entry(next.atom.entity).or_insert(country);
            }
        }
    }
    pairs
}
