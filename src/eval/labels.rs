//! Which label of one file is which of another, and which are scored.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::document::{Document, Mark};
use crate::decode::Kind;
use crate::span::Span;

/// One entry of a label map: `FROM=TO`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renaming {
    from: String,
    to: String,
}

impl FromStr for Renaming {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((from, to)) if !from.trim().is_empty() && !to.trim().is_empty() => Ok(Self {
                from: upper(from),
                to: upper(to),
            }),
            _ => Err("expected FROM=TO, such as politician=PERSON".to_owned()),
        }
    }
}

fn upper(label: &str) -> String {
    label.trim().to_uppercase()
}

/// What the user says of labels.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Labels {
    /// Labels that stand for others, on both sides.
    pub map: Vec<Renaming>,
    /// Labels that are not scored, as spelled or as mapped.
    pub ignore: Vec<String>,
    /// The only labels that are scored; empty: all that the gold has.
    pub only: Vec<String>,
}

/// The labels of one comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scored {
    labels: Labels,
    /// Labels that are scored, in order.
    pub scored: BTreeSet<String>,
    /// Predicted labels that are not, with how often they were predicted.
    pub unscored: BTreeMap<String, usize>,
}

impl Labels {
    /// A label in the common spelling; `None` when it is ignored.
    ///
    /// The map comes first; then the usual spellings of person, organization and place; every other label stays as it is, in capitals.
    fn common(&self, label: &str) -> Option<String> {
        let label = upper(label);
        let ignored = |label: &str| self.ignore.iter().any(|ignored| upper(ignored) == label);
        let mapped = self.map.iter().find(|renaming| renaming.from == label);
        let common = match mapped {
            Some(renaming) => renaming.to.clone(),
            None => usual(&label),
        };
        (!ignored(&label) && !ignored(&common)).then_some(common)
    }
}

/// PERSON, ORG, LOC and NORP for their usual spellings.
fn usual(label: &str) -> String {
    if ["COUNTRY", "FAC", "FACILITY"].contains(&label) {
        return label.to_owned();
    }
    let name = match Kind::of_label(label) {
        Some(Kind::Person) => "PERSON",
        Some(Kind::Org) if !label.starts_with("GROUP") => "ORG",
        Some(Kind::Loc) => "LOC",
        Some(Kind::Norp) => "NORP",
        _ => label,
    };
    name.to_owned()
}

/// A mark as it is compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Compared {
    /// Where it stands.
    pub span: Span,
    /// Its label in the common spelling.
    pub label: String,
    /// The program's confidence, where there is one.
    pub score: Option<f32>,
}

impl Scored {
    /// Settles which labels of these documents are scored: those the gold has, unless the user names them.
    #[must_use]
    pub fn of<'a>(
        labels: &Labels,
        gold: impl Iterator<Item = &'a Document>,
        predicted: impl Iterator<Item = &'a Document>,
    ) -> Self {
        let only: BTreeSet<String> = labels
            .only
            .iter()
            .filter_map(|label| labels.common(label))
            .collect();
        let marks = gold
            .filter_map(|document| document.marks.as_ref())
            .flatten();
        let in_gold: BTreeSet<String> = marks
            .filter_map(|mark| labels.common(&mark.label))
            .collect();
        let mut this = Self {
            labels: labels.clone(),
            scored: if only.is_empty() { in_gold } else { only },
            unscored: BTreeMap::new(),
        };
        let marks = predicted
            .filter_map(|document| document.marks.as_ref())
            .flatten();
        let mut unscored = BTreeMap::new();
        for label in marks.filter_map(|mark| this.predicted_label(mark)) {
            if !this.scored.contains(&label) {
                *unscored.entry(label).or_default() += 1;
            }
        }
        this.unscored = unscored;
        this
    }

    /// A predicted mark's label in the gold's terms. Our countries are places, and their demonyms nationalities or other names, where
    /// the gold does not tell countries apart; a country inside an organization's name is then no mark of its own.
    fn predicted_label(&self, mark: &Mark) -> Option<String> {
        let label = self.labels.common(&mark.label)?;
        if label != "COUNTRY" || self.scored.contains("COUNTRY") {
            return Some(label);
        }
        match mark.form.as_deref() {
            Some("part") => None,
            Some("demonym") if self.scored.contains("NORP") => Some("NORP".to_owned()),
            Some("demonym") => Some("MISC".to_owned()),
            _ => Some("LOC".to_owned()),
        }
    }

    /// The gold's marks that are scored, in text order.
    #[must_use]
    pub fn gold(&self, document: &Document) -> Vec<Compared> {
        let marks = document.marks.iter().flatten();
        self.compared(
            marks
                .filter_map(|mark| Some((mark.span, self.labels.common(&mark.label)?, mark.score))),
        )
    }

    /// The predicted marks that are scored, in text order. Where the gold labels tokens, a mark is widened to the tokens it touches,
    /// as token gold cannot say less than a token.
    #[must_use]
    pub fn predicted(&self, document: &Document, words: Option<&[Span]>) -> Vec<Compared> {
        let marks = document.marks.iter().flatten();
        let widened = |span: Span| words.map_or(span, |words| widened(span, words));
        self.compared(
            marks.filter_map(|mark| {
                Some((widened(mark.span), self.predicted_label(mark)?, mark.score))
            }),
        )
    }

    fn compared(&self, marks: impl Iterator<Item = (Span, String, Option<f32>)>) -> Vec<Compared> {
        let scored = marks.filter(|(_, label, _)| self.scored.contains(label));
        let mut compared: Vec<Compared> = scored
            .map(|(span, label, score)| Compared { span, label, score })
            .collect();
        compared.sort_by(|a, b| (a.span, &a.label).cmp(&(b.span, &b.label)));
        compared.dedup_by(|later, first| (later.span, &later.label) == (first.span, &first.label));
        compared
    }
}

fn widened(span: Span, words: &[Span]) -> Span {
    let first = words.partition_point(|word| word.end <= span.start);
    let last = words.partition_point(|word| word.start < span.end);
    match (
        words.get(first),
        last.checked_sub(1).and_then(|last| words.get(last)),
    ) {
        (Some(first), Some(last)) if first.start < span.end => Span::new(first.start, last.end),
        _ => span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_compared_in_one_spelling() {
        let labels = Labels {
            map: vec![
                "politicalparty=ORG".parse().unwrap(),
                "Election=MISC".parse().unwrap(),
            ],
            ignore: vec!["date".to_owned()],
            only: Vec::new(),
        };
        for (label, expected) in [
            ("per", Some("PERSON")),
            ("Politician", Some("PERSON")),
            ("election", Some("MISC")),
            ("GPE", Some("LOC")),
            ("country", Some("COUNTRY")),
            ("vessel", Some("VESSEL")),
            ("DATE", None),
        ] {
            assert_eq!(labels.common(label).as_deref(), expected, "{label}");
        }
        assert!("a=".parse::<Renaming>().is_err() && "a".parse::<Renaming>().is_err());
    }

    #[test]
    fn a_mark_is_widened_to_the_tokens_it_touches() {
        let words = [Span::new(0, 4), Span::new(5, 9), Span::new(10, 11)];
        for (span, expected) in [
            ((0, 3), (0, 4)),
            ((6, 7), (5, 9)),
            ((3, 10), (0, 9)),
            ((9, 10), (9, 10)),
        ] {
            assert_eq!(
                widened(Span::new(span.0, span.1), &words),
                Span::new(expected.0, expected.1)
            );
        }
    }
}
