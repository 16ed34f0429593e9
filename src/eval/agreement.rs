//! How far two people who labelled the same documents agree.
//!
//! F1 of one against the other, the usual measure where nobody counts what was not labelled (Hripcsak and Rothschild 2005), and Cohen's
//! kappa (1960) where there is a fixed list of things to decide on: the words of a text, an article's relevance, the roles of the
//! entities that both named.

use std::collections::BTreeMap;

use serde::Serialize;

use super::article::Paired;
use super::document::ROLES;
use super::evaluation::{Evaluation, Options, evaluate, scored};
use super::labels::Compared;
use super::pairing::Pair;
use crate::span::Span;

/// Agreement on one kind of decision.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Kappa {
    /// What was decided: `words`, `relevant`, `role.target` and so on.
    pub of: String,
    /// How many decisions.
    pub n: usize,
    /// Share of them on which both agree.
    pub agreed: f64,
    /// What is left of it beyond chance, -1 to 1; `None` where chance alone would agree always.
    pub kappa: Option<f64>,
}

/// How two label files agree.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Agreement {
    /// Documents that both labelled.
    pub both: usize,
    /// Documents of the first that the second does not have.
    pub first_only: usize,
    /// Kappas.
    pub kappas: Vec<Kappa>,
    /// The first as gold, the second as prediction: F1 is the same either way round. A mistake is a disagreement.
    pub evaluation: Evaluation,
}

/// Compares two label files, paired.
#[must_use]
pub fn agreement(pairs: Vec<Pair>, options: &Options) -> Agreement {
    let all = pairs.len();
    let both: Vec<Pair> = pairs
        .into_iter()
        .filter(|pair| pair.predicted.is_some())
        .collect();
    Agreement {
        both: both.len(),
        first_only: all - both.len(),
        kappas: kappas(&both, options),
        evaluation: evaluate(&both, options),
    }
}

/// Decisions of both, by what was decided.
type Decisions = BTreeMap<String, Vec<(String, String)>>;

fn kappas(pairs: &[Pair], options: &Options) -> Vec<Kappa> {
    let labels = scored(pairs, options);
    let mut decisions = Decisions::new();
    for pair in pairs {
        let Some(second) = &pair.predicted else {
            continue;
        };
        if let (Some(text), true, true) = (
            &pair.gold.text,
            pair.gold.marks.is_some(),
            second.marks.is_some(),
        ) {
            let words = words(text);
            let (one, two) = (
                by_word(&words, &labels.gold(&pair.gold)),
                by_word(&words, &labels.predicted(second, None)),
            );
            decisions
                .entry("words".to_owned())
                .or_default()
                .extend(one.into_iter().zip(two));
        }
        if let (Some(one), Some(two)) = (&pair.gold.article, &second.article) {
            let relevant = (one.relevant.to_string(), two.relevant.to_string());
            decisions
                .entry("relevant".to_owned())
                .or_default()
                .push(relevant);
            for (at, other) in Paired::of(one, two).pairs {
                for role in ROLES {
                    let has = |roles: &std::collections::BTreeSet<String>| {
                        roles.contains(role).to_string()
                    };
                    let pair = (
                        has(&one.entities[at].roles),
                        has(&two.entities[other].roles),
                    );
                    decisions
                        .entry(format!("role.{role}"))
                        .or_default()
                        .push(pair);
                }
            }
        }
    }
    decisions
        .into_iter()
        .filter(|(_, made)| !made.is_empty())
        .map(|(of, made)| kappa(of, &made))
        .collect()
}

fn kappa(of: String, made: &[(String, String)]) -> Kappa {
    let n = made.len() as f64;
    let agreed = made.iter().filter(|(one, two)| one == two).count() as f64 / n;
    let mut shares: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (one, two) in made {
        shares.entry(one).or_default().0 += 1.0 / n;
        shares.entry(two).or_default().1 += 1.0 / n;
    }
    let chance: f64 = shares.values().map(|(one, two)| one * two).sum();
    Kappa {
        of,
        n: made.len(),
        agreed,
        kappa: (chance < 1.0 - 1e-12).then(|| (agreed - chance) / (1.0 - chance)),
    }
}

/// The words of a text: runs without white space.
fn words(text: &str) -> Vec<Span> {
    let parts = text.split_whitespace();
    let start = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    parts
        .map(|part| Span::new(start(part), start(part) + part.len()))
        .collect()
}

/// Each word's label, empty for none. Marks stand in text order.
fn by_word(words: &[Span], marks: &[Compared]) -> Vec<String> {
    let mut labels = vec![String::new(); words.len()];
    for mark in marks {
        let first = words.partition_point(|word| word.end <= mark.span.start);
        let touched = words[first..]
            .iter()
            .take_while(|word| word.start < mark.span.end)
            .count();
        for label in &mut labels[first..first + touched] {
            mark.label.clone_into(label);
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_is_agreement_beyond_chance() {
        let made = |counts: [(usize, &str, &str); 4]| -> Vec<(String, String)> {
            let of = |(n, one, two): (usize, &str, &str)| vec![(one.to_owned(), two.to_owned()); n];
            counts.into_iter().flat_map(of).collect()
        };
        // The textbook's 50 grant proposals: 0.7 agreed, 0.5 by chance.
        let found = kappa(
            "x".to_owned(),
            &made([
                (20, "y", "y"),
                (5, "y", "n"),
                (10, "n", "y"),
                (15, "n", "n"),
            ]),
        );
        assert!(
            (found.agreed - 0.7).abs() < 1e-12 && (found.kappa.unwrap() - 0.4).abs() < 1e-12,
            "{found:?}"
        );
        let same = kappa(
            "x".to_owned(),
            &made([(5, "n", "n"), (0, "", ""), (0, "", ""), (0, "", "")]),
        );
        assert_eq!((same.agreed, same.kappa), (1.0, None));
    }

    #[test]
    fn a_word_has_the_label_of_the_mark_that_touches_it() {
        let text = "Ann  Lee spoke, Bo.";
        let mark = |start, end, label: &str| Compared {
            span: Span::new(start, end),
            label: label.to_owned(),
            score: None,
        };
        assert_eq!(
            by_word(&words(text), &[mark(0, 8, "P"), mark(16, 18, "P")]),
            ["P", "P", "", "P"]
        );
    }
}
