//! Mentions → entities of the article.
//!
//! In: the text, its body ranges and the model's mentions in text order. Out: entities in the order of their first
//! mentions; every name a slice of the text. Two different people or bodies are never one because they share a
//! word. Time grows with the text and the number of mentions, not with its square. Deliberately absent: roles.

mod ambiguous;
mod cluster;
mod countries;
mod fold;
mod lexicon;
mod missed;
mod names;
mod orgs;
mod people;
mod repair;
mod resolve;
mod seat;
mod types;

pub use countries::{Countries, named};
pub use lexicon::Lexicon;
pub use types::{Code, Entity, EntityMention, EntityType, Form};

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::decode::{Kind, Mention};
use crate::span::Span;
pub(crate) use fold::fold;

/// Joins the mentions of one article into entities, places and other names included.
///
/// `mentions` stand in text order and do not overlap.
#[must_use]
pub fn entities(text: &str, body: &[Span], mentions: &[Mention], lexicon: &Lexicon) -> Vec<Entity> {
    let cleaned = names::cleaned(text, mentions, &lexicon.titles);
    let repaired = repair::repaired(text, &cleaned, lexicon);
    let cleaned = missed::completed(text, body, repaired, lexicon);
    let resolved = resolve::resolve(text, body, &cleaned, &lexicon.countries);
    let mut named: Vec<Name> = resolved
        .others
        .iter()
        .map(|mention| Name::new(text, mention))
        .collect();
    named.retain(|name| !name.folded.is_empty());
    add_acronyms(text, &mut named);
    settle_kinds(text, &mut named, lexicon);
    let mut groups: BTreeMap<(EntityType, usize), Vec<EntityMention>> = BTreeMap::new();
    for (at, group) in groups_of(text, &named, lexicon).into_iter().enumerate() {
        groups.entry(group).or_default().push(named[at].mention());
    }
    let mut entities: Vec<Entity> = groups
        .into_iter()
        .map(|((kind, _), mentions)| entity(text, kind, None, mentions))
        .collect();
    let mut states: BTreeMap<Code, Vec<EntityMention>> = BTreeMap::new();
    for (code, mention) in resolved.countries {
        states.entry(code).or_default().push(mention);
    }
    entities.extend(
        states
            .into_iter()
            .map(|(code, mentions)| entity(text, EntityType::Country, Some(code), mentions)),
    );
    entities.sort_by_key(|entity| {
        let first = entity.mentions[0].span;
        (first.start, std::cmp::Reverse(first.end), entity.kind)
    });
    entities
}

/// A mention with its folded name.
struct Name {
    span: Span,
    kind: EntityType,
    score: f32,
    folded: String,
    /// Index of the name whose acronym in brackets this is.
    stands_for: Option<usize>,
}

impl Name {
    fn new(text: &str, mention: &Mention) -> Self {
        Self {
            span: mention.span,
            kind: match mention.kind {
                Kind::Person => EntityType::Person,
                Kind::Org => EntityType::Org,
                Kind::Loc => EntityType::Loc,
                Kind::Norp | Kind::Misc => EntityType::Misc,
            },
            score: mention.score,
            folded: fold(mention.span.of(text)),
            stands_for: None,
        }
    }

    fn mention(&self) -> EntityMention {
        EntityMention {
            span: self.span,
            score: self.score,
            form: None,
        }
    }
}

/// Pairs "Office of Foreign Assets Control (OFAC)", and adds the acronym where the model missed it.
fn add_acronyms(text: &str, named: &mut Vec<Name>) {
    let mut out: Vec<Name> = Vec::with_capacity(named.len());
    let mut pending: Option<(usize, Span)> = None;
    for mut name in named.drain(..) {
        if let Some((long, inside)) = pending.take() {
            if inside.overlaps(name.span) {
                if inside.contains(name.span) {
                    name.kind = EntityType::Org;
                    name.stands_for = Some(long);
                }
            } else {
                out.push(acronym_of(text, &out[long], long, inside));
            }
        }
        if name.kind == EntityType::Org && name.stands_for.is_none() {
            pending = bracketed(text, &name).map(|inside| (out.len(), inside));
        }
        out.push(name);
    }
    if let Some((long, inside)) = pending {
        out.push(acronym_of(text, &out[long], long, inside));
    }
    *named = out;
}

fn acronym_of(text: &str, long: &Name, at: usize, inside: Span) -> Name {
    Name {
        span: inside,
        kind: EntityType::Org,
        score: long.score,
        folded: fold(inside.of(text)),
        stands_for: Some(at),
    }
}

/// The acronym in brackets right after a name, when its letters stand in the name in order.
fn bracketed(text: &str, name: &Name) -> Option<Span> {
    let rest = &text[name.span.end..];
    let after = rest
        .trim_start_matches([' ', '"', '”', '\''])
        .strip_prefix('(')?;
    let inside = &after[..after.find(')').filter(|end| *end <= 12)?];
    let start = text.len() - after.len();
    let quoted = inside.trim_matches(['"', '“', '”', '\'', '‘', '’']);
    let start = start + (inside.len() - inside.trim_start_matches(['"', '“', '‘', '\'']).len());
    let letters: Vec<char> = quoted
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .collect();
    let loud = letters
        .iter()
        .filter(|letter| letter.is_uppercase())
        .count();
    let acronym = letters.len() > 1 && loud * 3 >= letters.len() * 2 && !quoted.contains(' ');
    if !acronym || !name.folded.contains(' ') {
        return None;
    }
    let mut rest = name.folded.chars();
    let lower = letters.iter().flat_map(|letter| letter.to_lowercase());
    let in_order = lower
        .into_iter()
        .all(|letter| rest.any(|other| other == letter));
    in_order.then(|| Span::new(start, start + quoted.len()))
}

/// Gives all mentions of one spelling the type that their scores speak for, and well-known bodies theirs.
fn settle_kinds(text: &str, named: &mut [Name], lexicon: &Lexicon) {
    let mut votes: HashMap<String, [f32; 5]> = HashMap::new();
    for name in named.iter() {
        votes.entry(name.folded.clone()).or_default()[name.kind as usize] += name.score;
    }
    const KINDS: [EntityType; 5] = [
        EntityType::Person,
        EntityType::Org,
        EntityType::Country,
        EntityType::Loc,
        EntityType::Misc,
    ];
    let surnames: HashSet<String> = named
        .iter()
        .filter(|name| name.kind == EntityType::Person)
        .filter_map(|name| name.folded.rsplit_once(' '))
        .map(|(_, last)| last.to_owned())
        .collect();
    for name in named {
        let votes = votes[&name.folded];
        let best = (0..KINDS.len())
            .rev()
            .max_by(|a, b| votes[*a].total_cmp(&votes[*b]))
            .unwrap_or(0);
        let town = matches!(name.kind, EntityType::Loc)
            && votes[best] < 2.0 * votes[EntityType::Loc as usize];
        if !town {
            name.kind = KINDS[best];
        }
        if surnames.contains(&name.folded) {
            name.kind = EntityType::Person;
        }
        let written = name.span.of(text);
        if lexicon.bodies.known("group", written)
            || lexicon.bodies.acronyms.contains_key(&name.folded)
            || lexicon.bodies.written.contains(written)
        {
            name.kind = EntityType::Org;
        }
    }
}

/// For each name the group it belongs to: its type and a number.
fn groups_of(text: &str, named: &[Name], lexicon: &Lexicon) -> Vec<(EntityType, usize)> {
    let of = |kind: EntityType| -> Vec<usize> {
        (0..named.len())
            .filter(|at| named[*at].kind == kind)
            .collect()
    };
    let persons = of(EntityType::Person);
    let mentions: Vec<_> = persons
        .iter()
        .map(|at| people::Named {
            at: named[*at].span.start,
            name: &named[*at].folded,
        })
        .collect();
    let people = people::people(&mentions);
    let mut groups = vec![(EntityType::Misc, 0); named.len()];
    for (at, person) in persons.iter().zip(&people) {
        groups[*at] = (EntityType::Person, *person);
    }
    let orgs = of(EntityType::Org);
    let place: HashMap<usize, usize> = orgs
        .iter()
        .enumerate()
        .map(|(place, at)| (*at, place))
        .collect();
    let mentions: Vec<_> = orgs
        .iter()
        .map(|at| orgs::Body {
            at: named[*at].span.start,
            written: named[*at].span.of(text),
            name: &named[*at].folded,
            stands_for: named[*at]
                .stands_for
                .and_then(|long| place.get(&long).copied()),
        })
        .collect();
    for (at, body) in orgs.iter().zip(orgs::bodies(&mentions, lexicon)) {
        groups[*at] = (EntityType::Org, body);
    }
    let mut others: HashMap<(EntityType, &str), usize> = HashMap::new();
    for (at, name) in named.iter().enumerate() {
        if !matches!(name.kind, EntityType::Person | EntityType::Org) {
            let next = others.len();
            groups[at] = (
                name.kind,
                *others.entry((name.kind, &name.folded)).or_insert(next),
            );
        }
    }
    groups
}

/// Makes one entity of its mentions.
fn entity(
    text: &str,
    kind: EntityType,
    country: Option<Code>,
    mut mentions: Vec<EntityMention>,
) -> Entity {
    mentions.sort_by_key(|mention| mention.span);
    mentions.dedup_by_key(|mention| mention.span);
    let mut best = (mentions[0], fullness(text, &mentions[0]));
    for mention in &mentions[1..] {
        let fullness = fullness(text, mention);
        if fullness > best.1 {
            best = (*mention, fullness);
        }
    }
    Entity {
        kind,
        name: best
            .0
            .span
            .of(text)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        country,
        score: mentions
            .iter()
            .map(|mention| mention.score)
            .fold(0.0, f32::max),
        mentions,
    }
}

/// How full a form is: for countries a name before an abbreviation before an adjective; then words, then quiet
/// capitals, then length.
fn fullness(text: &str, mention: &EntityMention) -> (u8, usize, bool, usize) {
    let name = mention.span.of(text);
    let form = match mention.form {
        Some(Form::Name) => 4,
        Some(Form::Abbreviation) => 3,
        Some(Form::Demonym) => 2,
        Some(Form::Metonym) => 1,
        Some(Form::Part) | None => 0,
    };
    let quiet = name.contains(char::is_lowercase);
    (
        form,
        name.split_whitespace().count(),
        quiet,
        name.chars().count(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks mentions as `[P Name]`, kinds P, O, L, N, M.
    fn marked(marked: &str) -> (String, Vec<Mention>) {
        let mut text = String::new();
        let mut mentions = Vec::new();
        let mut rest = marked;
        while let Some(open) = rest.find('[') {
            text.push_str(&rest[..open]);
            let close = open + rest[open..].find(']').unwrap();
            let kind = match &rest[open + 1..open + 2] {
                "P" => Kind::Person,
                "O" => Kind::Org,
                "L" => Kind::Loc,
                "N" => Kind::Norp,
                _ => Kind::Misc,
            };
            let start = text.len();
            text.push_str(&rest[open + 3..close]);
            mentions.push(Mention {
                span: Span::new(start, text.len()),
                kind,
                score: 0.9,
            });
            rest = &rest[close + 1..];
        }
        text.push_str(rest);
        (text, mentions)
    }

    fn tagged(source: &str, lexicon: &Lexicon) -> Vec<String> {
        let (text, mentions) = marked(source);
        let body = [Span::new(0, text.len())];
        let entities = entities(&text, &body, &mentions, lexicon);
        let show = |entity: &Entity| {
            let forms = entity.mentions.iter().map(|mention| {
                let form = mention
                    .form
                    .map_or(String::new(), |form| format!(":{}", form.name()));
                format!("{}{form}", mention.span.of(&text))
            });
            let kind = entity
                .country
                .map_or(entity.kind.name(), |code| code.alpha2);
            format!("{kind} {}", forms.collect::<Vec<_>>().join("|"))
        };
        entities
            .iter()
            .filter(|entity| !matches!(entity.kind, EntityType::Loc | EntityType::Misc))
            .map(show)
            .collect()
    }

    #[test]
    fn an_article_yields_its_people_bodies_and_countries() {
        let lexicon = Lexicon::new();
        struct Case(&'static str, &'static [&'static str]);
        for Case(source, expected) in [
            Case(
                "The [O U.S. Treasury Department]'s [O Office of Foreign Assets Control] (OFAC) listed [P Mr. Ivan Orlov]. [P Orlov] denied it. The [O Treasury] and [O OFAC] said no more.",
                &[
                    "ORG U.S. Treasury Department|Treasury",
                    "US U.S.:part",
                    "ORG Office of Foreign Assets Control|OFAC|OFAC",
                    "PERSON Ivan Orlov|Orlov",
                ],
            ),
            Case(
                "[L Tehran] said the [M Iranian] bank would sue. [L Iran]'s envoy left [L Tehran] on Monday, and the Iran-backed group cheered.",
                &["IR Tehran:metonym|Iranian:demonym|Iran:name|Iran:name"],
            ),
            Case(
                "[P Michael Jordan] played. [P Jordan] won.",
                &["PERSON Michael Jordan|Jordan"],
            ),
            Case(
                "[L Jordan] and [L Chad] signed; [P Chad Smith] watched.",
                &["JO Jordan:name", "TD Chad:name", "PERSON Chad Smith"],
            ),
            Case(
                "In [L Atlanta], [L Georgia], voters chose. [L Georgia]'s governor signed.",
                &[],
            ),
            Case(
                "[L Tbilisi] said [L Georgia] would join; [M Georgian] voters agreed.",
                &["GE Tbilisi:metonym|Georgia:name|Georgian:demonym"],
            ),
            Case(
                "[L North Korea] fired. A [M Korean] envoy said so.",
                &["KP North Korea:name|Korean:demonym"],
            ),
            Case(
                "[L North Korea] and [L South Korea] met. The [M Korean] teams, the two [L Koreas].",
                &["KP North Korea:name", "KR South Korea:name|Korean:demonym"],
            ),
            Case(
                "They left [L Brazzaville], in the [L Republic of the Congo]; [M Congolese] troops.",
                &["CG Republic of the Congo:name|Congolese:demonym"],
            ),
            Case(
                "The [M Congolese] army left [L Goma].",
                &["CD Congolese:demonym"],
            ),
            Case(
                "[L Dominica] voted. A [M Dominican] bank.",
                &["DM Dominica:name|Dominican:demonym"],
            ),
            Case("A [M Dominican] bank.", &["DO Dominican:demonym"]),
            Case("He spoke in [M English], then in [M Russian].", &[]),
            Case(
                "[M Russian]-speaking voters and [M Russian] banks.",
                &["RU Russian:demonym"],
            ),
            Case(
                "The [M Latin American] bloc in [L South America], [L New Mexico], the [L Gulf of Oman], the [L Persian Gulf].",
                &[],
            ),
            Case(
                "[O American Airlines] flew on.",
                &["ORG American Airlines", "US American:part"],
            ),
            Case(
                "[O Central Bank of Iran] and [O Bank of China]",
                &[
                    "ORG Central Bank of Iran",
                    "IR Iran:part",
                    "ORG Bank of China",
                    "CN China:part",
                ],
            ),
            Case(
                "The [O Washington Post] reported. [P George Washington] slept.",
                &["ORG Washington Post", "PERSON George Washington"],
            ),
            Case("They cooked a turkey. We ate Turkey with stuffing.", &[]),
            Case(
                "The [O Kremlin] said so. [L Downing Street] agreed.",
                &["RU Kremlin:metonym", "GB Downing Street:metonym"],
            ),
            Case(
                "The [L EU] and [O UN] met in [L Brussels].",
                &["ORG EU", "ORG UN"],
            ),
            Case(
                "[P Ali] and [P Omar Haddad] of [O Haddad Brothers]",
                &["PERSON Ali", "PERSON Omar Haddad", "ORG Haddad Brothers"],
            ),
            Case(
                "[L Niger], [L Nigeria], [M Nigerien] and [M Nigerian]",
                &[
                    "NE Niger:name|Nigerien:demonym",
                    "NG Nigeria:name|Nigerian:demonym",
                ],
            ),
            Case(
                "[L Northern Ireland] and [L Ireland]",
                &["GB Northern Ireland:name", "IE Ireland:name"],
            ),
            Case(
                "[L Singapore] banned it; [L Kuwait] and [L Luxembourg] too, said a bank in [L Mexico City].",
                &["SG Singapore:name", "KW Kuwait:name", "LU Luxembourg:name"],
            ),
        ] {
            assert_eq!(tagged(source, &lexicon), expected, "{source}");
        }
    }

    #[test]
    fn the_fullest_form_names_an_entity() {
        let lexicon = Lexicon::new();
        let (text, mentions) = marked(
            "[P MADURO] spoke. [P President Nicolás Maduro] left. [M Iranians] met [L Iran].",
        );
        let found = entities(&text, &[Span::new(0, text.len())], &mentions, &lexicon);
        let names: Vec<_> = found.iter().map(|entity| entity.name.as_str()).collect();
        assert_eq!(names, ["Nicolás Maduro", "Iran"]);
    }

    #[test]
    fn fifty_thousand_mentions_take_linear_time() {
        let lexicon = Lexicon::new();
        let time = |n: usize| {
            let mut source = String::new();
            for at in 0..n / 5 {
                source += &format!(
                    "[P Ana{} Orlova{}] of the [O Body{} Trade Council] met [P Orlova{}] in [L Iran] and (the [O Council]).\n",
                    at % 997,
                    at % 4001,
                    at % 1009,
                    at % 3001
                );
            }
            let (text, mentions) = marked(&source);
            let start = std::time::Instant::now();
            let found = entities(&text, &[Span::new(0, text.len())], &mentions, &lexicon);
            assert!(!found.is_empty());
            start.elapsed()
        };
        time(5_000);
        let (small, large) = (time(12_500), time(50_000));
        assert!(
            large < small * 12 + std::time::Duration::from_millis(200),
            "{small:?} {large:?}"
        );
    }
}
