//! What a labelled document is, whoever labelled it: a person's gold, our output, another program's.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::article::Place;
use crate::span::Span;

/// One document with its labels.
#[derive(Clone, PartialEq, Debug)]
pub struct Document {
    /// The record's own id, or one made of its file and number.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// The text that the spans index; absent in formats that keep it elsewhere.
    pub text: Option<String>,
    /// The tokens of token gold, in text order: no label of it can end inside one.
    pub words: Option<Vec<Span>>,
    /// Labelled stretches in text order; `None` where the format speaks of entities alone.
    pub marks: Option<Vec<Mark>>,
    /// What the whole article says; `None` where the format speaks of stretches alone.
    pub article: Option<ArticleLabels>,
}

/// A labelled stretch of the text.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// Where it stands.
    pub span: Span,
    /// Its label, as its file spells it.
    pub label: String,
    /// The program's confidence, 0 to 1, where there is one.
    pub score: Option<f32>,
    /// For countries in our output, how the mention names them.
    pub form: Option<String>,
}

/// Labels of a whole article.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ArticleLabels {
    /// Some sanction is spoken of.
    pub relevant: bool,
    /// Persons, organizations and countries, in the file's order.
    pub entities: Vec<Named>,
    /// Measures, in the file's order.
    pub measures: Vec<Act>,
}

/// One entity of an article.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// What measures call it by: its id in our output, its name in article gold.
    pub key: String,
    /// PERSON, ORG or COUNTRY.
    pub kind: String,
    /// Its fullest form.
    pub name: String,
    /// Every form, folded by [`folded`].
    pub aliases: BTreeSet<String>,
    /// Every form as written.
    pub written: Vec<String>,
    /// ISO 3166-1 alpha-2, for countries.
    pub iso: Option<String>,
    /// target, imposer, linked.
    pub roles: BTreeSet<String>,
    /// The program's confidence, 0 to 1, where there is one.
    pub score: Option<f32>,
    /// Its first mention, where the file has offsets.
    pub first: Option<Span>,
}

/// One measure of an article.
#[derive(Clone, PartialEq, Debug)]
pub struct Act {
    /// How it stands: imposed, lifted and so on.
    pub status: String,
    /// Keys of entities.
    pub imposers: Vec<String>,
    /// Keys of entities.
    pub targets: Vec<String>,
}

/// The types of entities that article gold names.
pub const ARTICLE_TYPES: [&str; 3] = ["PERSON", "ORG", "COUNTRY"];
/// The roles of an entity.
pub const ROLES: [&str; 3] = ["target", "imposer", "linked"];

/// A name without what does not tell names apart: case, a possessive ending, a leading "the", stops, commas and the width of
/// white space.
#[must_use]
pub fn folded(name: &str) -> String {
    let lower = name.nfkc().collect::<String>().replace('’', "'");
    let lower = lower.to_lowercase();
    let bare = lower.trim();
    let bare = bare.strip_suffix("'s").unwrap_or(bare);
    let bare = match bare.strip_prefix("the") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => bare,
    };
    let parts = bare.split(|letter: char| letter.is_whitespace() || letter == '.' || letter == ',');
    let mut out = String::new();
    for part in parts.filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

impl Document {
    /// The names by which labels of the same document may go elsewhere: its id, then its file's stem.
    #[must_use]
    pub fn names(&self) -> [&str; 2] {
        [&self.id, stem(&self.place.path)]
    }
}

/// A path's last part without an ending that says what the file holds.
#[must_use]
pub fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    [".txt", ".html", ".htm", ".json"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_dress_alone_fold_alike() {
        for (one, other) in [
            ("The U.S. Treasury’s", "U S Treasury"),
            ("Brian  Nelson", "brian nelson"),
            ("Ｉran", "IRAN"),
            ("Acme, Inc.", "acme inc"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
        assert_eq!(folded("Theranos"), "theranos");
        assert_eq!(folded("the"), "the");
    }

    #[test]
    fn a_stem_is_the_last_part_without_its_ending() {
        assert_eq!(stem("a/b/c.d.txt"), "c.d");
        assert_eq!(stem("x.jsonl"), "x.jsonl");
    }
}
