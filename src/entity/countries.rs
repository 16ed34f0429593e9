//! The words that name countries, and where they stand in a text.
//!
//! In: the tables of `data/countries`. Out: [`Hit`]s over a stretch of text, in order, never overlapping, each on word
//! borders. Deliberately absent: the model's mentions, and every decision that needs the article.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::types::{Code, Form};
use crate::span::Span;

/// What else a country's word can mean, so what must be asked before it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Doubts {
    /// Also a given name or surname.
    pub person: bool,
    /// Also an ordinary word, place or abbreviation.
    pub word: bool,
    /// An abbreviation of other things too.
    pub abbreviation: bool,
    /// Also a language.
    pub language: bool,
    /// Shared by two places; the article decides.
    pub shared: Option<Shared>,
}

/// Words that two places share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shared {
    /// The country or the US state.
    Georgia,
    /// North or South.
    Korea,
    /// Kinshasa or Brazzaville.
    Congo,
    /// The Dominican Republic or Dominica.
    Dominican,
}

/// One word or phrase that names a country.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Word {
    /// The country it names.
    pub code: Code,
    /// How it names it.
    pub form: Form,
    /// True for a seat of government, which is a town first.
    pub seat: bool,
    /// What must be asked before it counts.
    pub doubts: Doubts,
}

/// Where a country's word stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Hit {
    /// Its bytes.
    pub span: Span,
    /// What it says.
    pub word: Word,
}

/// Names, abbreviations, demonyms, seats of government and metonyms of all states and territories, built once.
#[derive(Debug)]
pub struct Countries {
    automaton: AhoCorasick,
    /// For each pattern, the word, or none for a phrase that names no country.
    words: Vec<Option<Word>>,
    by_name: HashMap<String, usize>,
    /// Words around a seat of government, by list.
    pub(crate) seats: HashMap<&'static str, std::collections::HashSet<&'static str>>,
}

const TABLE: &str = include_str!("../../data/countries/countries.tsv");
const AMBIGUOUS: &str = include_str!("../../data/countries/ambiguous.tsv");
const METONYMS: &str = include_str!("../../data/countries/metonyms.tsv");
const BLOCKED: &str = include_str!("../../data/countries/blocked.tsv");
const SEATS: &str = include_str!("../../data/countries/seats.tsv");

/// Codes that are not in ISO 3166-1: Kosovo by usage, the former states by ISO 3166-3.
const OTHER_CODES: &[(&str, &str)] = &[
    ("XK", "XKX"),
    ("SU", "SUN"),
    ("YU", "YUG"),
    ("CS", "CSK"),
    ("DD", "DDR"),
    ("AN", "ANT"),
    ("YD", "YMD"),
];

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect())
}

fn values(field: &'static str) -> impl Iterator<Item = &'static str> {
    field.split('|').filter(|value| !value.is_empty())
}

/// All countries with the name by which each is shown, in the order of the table.
pub fn named() -> impl Iterator<Item = (Code, &'static str)> {
    rows(TABLE).filter_map(|row| Some((code(row.first()?)?, values(row.get(2)?).next()?)))
}

/// The code of a country by its two letters.
pub(crate) fn code(alpha2: &str) -> Option<Code> {
    let other = OTHER_CODES.iter().find(|(two, _)| *two == alpha2);
    let iso = || rust_iso3166::from_alpha2(alpha2).map(|iso| (iso.alpha2, iso.alpha3));
    let (alpha2, alpha3) = other.copied().or_else(iso)?;
    Some(Code { alpha2, alpha3 })
}

impl Default for Countries {
    fn default() -> Self {
        Self::new()
    }
}

impl Countries {
    /// Builds the tables the program carries.
    ///
    /// # Panics
    /// When the tables in `data/countries` are broken, which a test rules out.
    #[must_use]
    pub fn new() -> Self {
        let mut patterns = Patterns::default();
        for fields in rows(BLOCKED) {
            for phrase in fields.get(1).into_iter().flat_map(|field| values(field)) {
                patterns.add(phrase, None);
            }
        }
        for fields in rows(TABLE) {
            patterns.country(&fields);
        }
        for fields in rows(METONYMS) {
            let [two, names] = fields[..] else { continue };
            for name in values(names) {
                patterns.word(two, name, Form::Metonym, false);
            }
        }
        let (texts, words): (Vec<String>, Vec<Option<Word>>) = patterns.found.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&texts)
            .expect("bug: the country tables are small and fixed");
        let seats = rows(SEATS)
            .filter_map(|fields| Some((*fields.first()?, values(fields.get(1)?).collect())));
        Self {
            automaton,
            words,
            by_name: texts
                .into_iter()
                .enumerate()
                .map(|(at, text)| (text, at))
                .collect(),
            seats: seats.collect(),
        }
    }

    /// What `name` means, when it is exactly a word of the tables.
    pub(crate) fn word(&self, name: &str) -> Option<Word> {
        self.words[*self.by_name.get(name)?]
    }

    /// Appends the countries' words in `range` of `text`, in order.
    pub(crate) fn scan(&self, text: &str, range: Span, hits: &mut Vec<Hit>) {
        let mut from = range.start;
        while from < range.end {
            let input = Input::new(text).range(from..range.end);
            let Some(found) = self.automaton.find(input) else {
                return;
            };
            let span = Span::new(found.start(), found.end());
            if on_borders(text, span) {
                from = span.end;
                if let Some(word) = self.words[found.pattern().as_usize()]
                    && !of_water(text, span, word)
                {
                    hits.push(Hit { span, word });
                }
            } else {
                let first = text[span.start..].chars().next().map_or(1, char::len_utf8);
                from = span.start + first;
            }
        }
    }
}

#[derive(Default)]
struct Patterns {
    found: BTreeMap<String, Option<Word>>,
}

impl Patterns {
    fn country(&mut self, fields: &[&'static str]) {
        let [two, kind, names, abbreviations, demonyms, seats] = fields[..] else {
            return;
        };
        for (field, form) in [
            (names, Form::Name),
            (abbreviations, Form::Abbreviation),
            (demonyms, Form::Demonym),
        ] {
            for value in values(field) {
                self.word(two, value, form, false);
            }
        }
        if let Some(iso) = rust_iso3166::from_alpha2(two)
            && !iso.name.contains([',', '('])
        {
            self.word(two, iso.name.trim_start_matches("the "), Form::Name, false);
        }
        if kind == "state" || kind == "former" {
            for seat in values(seats) {
                self.word(two, seat, Form::Metonym, true);
            }
        }
        if two == "KR" {
            for (value, form) in [
                ("Korea", Form::Name),
                ("Koreas", Form::Name),
                ("Korean", Form::Demonym),
                ("Koreans", Form::Demonym),
            ] {
                self.word(two, value, form, false);
            }
        }
    }

    fn word(&mut self, two: &str, value: &'static str, form: Form, seat: bool) {
        let code = code(two).expect("bug: every code of the tables is checked by a test");
        let word = Word {
            code,
            form,
            seat,
            doubts: doubts(value),
        };
        self.add(value, Some(word));
    }

    /// The first meaning stays. Headlines write in capitals, so a word of more than three letters stands in both ways.
    fn add(&mut self, value: &str, word: Option<Word>) {
        self.found.entry(value.to_owned()).or_insert(word);
        if value.chars().count() > 3 {
            self.found.entry(value.to_uppercase()).or_insert(word);
        }
    }
}

fn doubts(value: &str) -> Doubts {
    let mut doubts = Doubts::default();
    for fields in rows(AMBIGUOUS) {
        let [rule, words] = fields[..] else { continue };
        if !values(words).any(|word| word == value) {
            continue;
        }
        match rule {
            "person" => doubts.person = true,
            "word" => doubts.word = true,
            "abbreviation" => doubts.abbreviation = true,
            "language" => doubts.language = true,
            "georgia" => doubts.shared = Some(Shared::Georgia),
            "korea" => doubts.shared = Some(Shared::Korea),
            "congo" => doubts.shared = Some(Shared::Congo),
            "dominican" => doubts.shared = Some(Shared::Dominican),
            _ => {}
        }
    }
    doubts
}

/// True when no letter, digit or currency sign touches the span.
fn on_borders(text: &str, span: Span) -> bool {
    let before = text[..span.start].chars().next_back();
    let after = text[span.end..].chars().next();
    let joins = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '@' | '#' | '$');
    !before.is_some_and(joins) && !after.is_some_and(joins)
}

const WATERS: &[&str] = &[
    "Sea",
    "Seas",
    "Ocean",
    "Gulf",
    "Strait",
    "Straits",
    "Channel",
    "Canal",
    "Basin",
    "Street",
    "Avenue",
    "Road",
    "Boulevard",
    "Township",
    "County",
    "SEA",
    "OCEAN",
    "GULF",
    "STRAIT",
    "CANAL",
];

/// True for the Indian Ocean, the Sea of Japan, the Gulf of Oman, Jordan Avenue.
fn of_water(text: &str, span: Span, word: Word) -> bool {
    if word.form == Form::Abbreviation {
        return false;
    }
    let next = next_word(text, span.end);
    if text[span.end..].starts_with(' ') && WATERS.contains(&next) {
        return true;
    }
    let (previous, at) = previous_word(text, span.start);
    let (previous, at) = if previous == "the" {
        previous_word(text, at)
    } else {
        (previous, at)
    };
    let (before, _) = previous_word(text, at);
    (previous == "of" || previous == "OF")
        && (WATERS.contains(&before) || matches!(before, "Bay" | "Isthmus" | "Bight"))
}

/// The word after byte `at`, over spaces alone; empty at a line's end or before a sign.
pub(crate) fn next_word(text: &str, at: usize) -> &str {
    let rest = text[at..].trim_start_matches([' ', '\u{a0}', '\t']);
    word_at_front(rest.strip_prefix('\n').unwrap_or(rest))
}

fn word_at_front(rest: &str) -> &str {
    let inside = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '.');
    let end = rest
        .find(|letter: char| !inside(letter))
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', '\'', '’'])
}

/// The word before byte `at` and its first byte; empty when a sign other than a quote or bracket stands between.
pub(crate) fn previous_word(text: &str, at: usize) -> (&str, usize) {
    let rest = text[..at].trim_end_matches([' ', '\u{a0}', '\t', '“', '‘', '"', '(']);
    let rest = rest.strip_suffix('\n').unwrap_or(rest);
    let inside = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '’');
    let start = rest
        .char_indices()
        .rev()
        .take_while(|(_, letter)| inside(*letter))
        .last()
        .map_or(rest.len(), |(start, _)| start);
    (&rest[start..], start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name_a_demonym_and_every_state_a_seat() {
        let mut seen = HashMap::new();
        for fields in rows(TABLE) {
            assert_eq!(fields.len(), 6, "{fields:?}");
            let [two, kind, names, _, demonyms, seats] = fields[..] else {
                unreachable!()
            };
            assert!(code(two).is_some(), "{two}");
            assert!(seen.insert(two, ()).is_none(), "{two} stands twice");
            assert!(!names.is_empty(), "{two} has a name");
            assert!(
                ["state", "territory", "uninhabited", "former"].contains(&kind),
                "{two}: {kind}"
            );
            if kind == "state" || kind == "territory" {
                assert!(!demonyms.is_empty(), "{two} has a demonym");
            }
            if kind == "state" {
                assert!(!seats.is_empty(), "{two} has a seat of government");
            }
        }
        for iso in rust_iso3166::ALL {
            assert!(seen.contains_key(iso.alpha2), "{} {}", iso.alpha2, iso.name);
        }
        assert_eq!(rust_iso3166::ALL.len(), 249);
    }

    #[test]
    fn no_word_of_the_tables_is_lost_to_another_country_unseen() {
        let countries = Countries::new();
        let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for fields in rows(TABLE) {
            for field in &fields[2..5] {
                for value in values(field) {
                    owners.entry(value).or_default().push(fields[0]);
                }
            }
        }
        for (value, mut codes) in owners {
            codes.dedup();
            let shared = countries
                .word(value)
                .is_none_or(|word| word.doubts.shared.is_some());
            assert!(codes.len() == 1 || shared, "{value} means {codes:?}");
        }
        for fields in rows(AMBIGUOUS) {
            assert!(
                [
                    "person",
                    "word",
                    "abbreviation",
                    "language",
                    "georgia",
                    "korea",
                    "congo",
                    "dominican"
                ]
                .contains(&fields[0]),
                "{fields:?}"
            );
        }
        for fields in rows(METONYMS) {
            assert!(fields.len() == 2 && code(fields[0]).is_some(), "{fields:?}");
        }
    }

    #[test]
    fn words_stand_on_borders_and_the_longest_wins() {
        let countries = Countries::new();
        struct Case(&'static str, &'static [(&'static str, &'static str)]);
        for Case(text, expected) in [
            Case("Niger and Nigeria", &[("Niger", "NE"), ("Nigeria", "NG")]),
            Case("Indiana, Chadwick, Omani", &[("Omani", "OM")]),
            Case(
                "Papua New Guinea, Guinea-Bissau",
                &[("Papua New Guinea", "PG"), ("Guinea-Bissau", "GW")],
            ),
            Case(
                "the Democratic Republic of the Congo",
                &[("Democratic Republic of the Congo", "CD")],
            ),
            Case(
                "the Republic of the Congo",
                &[("Republic of the Congo", "CG")],
            ),
            Case(
                "the South China Sea, the Gulf of Oman, the Indian Ocean",
                &[],
            ),
            Case("the Sea of Japan and New Mexico, New England", &[]),
            Case("Latin American, South America, North American", &[]),
            Case("French Guiana", &[("French Guiana", "GF")]),
            Case(
                "the U.S.-led U.S.S.R. US$ 5",
                &[("U.S.", "US"), ("U.S.S.R.", "SU")],
            ),
            Case(
                "anti-Russian, ex-Soviet",
                &[("Russian", "RU"), ("Soviet", "SU")],
            ),
            Case("IRAN TELLS JAPAN", &[("IRAN", "IR"), ("JAPAN", "JP")]),
            Case(
                "Dominica, the Dominican Republic",
                &[("Dominica", "DM"), ("Dominican Republic", "DO")],
            ),
            Case("East Germany", &[("East Germany", "DD")]),
            Case("a turkey in a china shop", &[]),
            Case("Éire, Ünal", &[("Éire", "IE")]),
        ] {
            let mut hits = Vec::new();
            countries.scan(text, Span::new(0, text.len()), &mut hits);
            let found: Vec<_> = hits
                .iter()
                .map(|hit| (hit.span.of(text), hit.word.code.alpha2))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
