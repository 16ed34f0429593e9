//! What the program knows about names before it reads an article, built once and shared by reference.

use std::collections::{HashMap, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};

use super::countries::Countries;
use super::fold::fold;
use super::names::Titles;

/// Countries, titles, acronyms and the words that organizations' names share.
#[derive(Debug)]
pub struct Lexicon {
    /// The words that name countries.
    pub countries: Countries,
    pub(crate) titles: Titles,
    pub(crate) bodies: Bodies,
}

/// How organizations' names shrink.
#[derive(Debug)]
pub(crate) struct Bodies {
    /// Folded long form to its acronym.
    pub acronyms: HashMap<String, &'static str>,
    /// Acronyms as they are written.
    pub written: HashSet<&'static str>,
    /// Forms of incorporation.
    pub legal: HashSet<&'static str>,
    /// Words that may follow or lead a body's own name and add nothing.
    pub generic: HashSet<&'static str>,
    /// Words that alone mean the body of this kind named last.
    pub heads: HashSet<&'static str>,
    /// Names and words by the rule of bodies.tsv they stand under.
    lists: HashMap<&'static str, HashSet<&'static str>>,
    /// Finds well-known bodies by name.
    pub automaton: AhoCorasick,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::new()
    }
}

impl Lexicon {
    /// Reads the vocabularies the program carries.
    #[must_use]
    pub fn new() -> Self {
        Self {
            countries: Countries::new(),
            titles: Titles::parse(include_str!("../../data/vocabulary/titles.txt")),
            bodies: Bodies::new(),
        }
    }
}

impl Bodies {
    fn new() -> Self {
        let lists: HashMap<_, HashSet<_>> = rows(include_str!("../../data/vocabulary/bodies.tsv"))
            .map(|(rule, names)| (rule, names.split('|').collect()))
            .collect();
        let mut names: Vec<&str> = lists.get("group").into_iter().flatten().copied().collect();
        let mut bodies = Self {
            acronyms: HashMap::new(),
            written: HashSet::new(),
            legal: HashSet::new(),
            generic: HashSet::new(),
            heads: HashSet::new(),
            lists,
            automaton: automaton(&[]),
        };
        for (acronym, forms) in rows(include_str!("../../data/vocabulary/acronyms.tsv")) {
            bodies.written.insert(acronym);
            for form in forms.split('|') {
                bodies.acronyms.entry(fold(form)).or_insert(acronym);
                names.push(form);
            }
        }
        names.extend([
            "EU", "UN", "NATO", "OFAC", "IRGC", "IAEA", "IMF", "OPEC", "ASEAN", "SWIFT",
        ]);
        names.sort_unstable();
        names.dedup();
        bodies.automaton = automaton(&names);
        for (rule, words) in rows(include_str!("../../data/vocabulary/organizations.tsv")) {
            let set = match rule {
                "legal" => &mut bodies.legal,
                "generic" => &mut bodies.generic,
                _ => &mut bodies.heads,
            };
            set.extend(words.split('|'));
        }
        bodies
    }

    /// True when `word` stands under `rule` in bodies.tsv.
    pub(crate) fn known(&self, rule: &str, word: &str) -> bool {
        self.lists
            .get(rule)
            .is_some_and(|words| words.contains(word))
    }
}

/// # Panics
/// Never: the lists are small and fixed.
fn automaton(names: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(names)
        .expect("bug: the lists of bodies are small and fixed")
}

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}
