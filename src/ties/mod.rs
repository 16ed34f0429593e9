//! Entities → roles and measures.
//!
//! In: an article's text, its sentences, its entities, and the scores of the model's second head where it has one. Out: [`Ties`].
//!
//! Two witnesses are heard. The grammar: candidates (`token`, `clause`, `phrase`, `candidate`: which words may speak of a measure, which
//! entities may fill its slots), its own decision on them (`decide`, `sense`), `article` for what runs on over sentences, `merge` for one
//! answer of all. The head: `head` turns scores of tokens into scores of mentions, entities and sentences. `observe` puts what both say
//! into numbers, `learned` weighs them. Without a head the grammar decides alone.
//! Absent on purpose: the model's forward pass, any I/O, any list of names of persons or firms.

mod article;
mod candidate;
mod clause;
mod decide;
mod head;
mod learned;
mod lexicon;
mod merge;
mod observe;
mod phrase;
mod profile;
mod sense;
mod token;
mod types;

pub use head::Scores;
pub use learned::Decision;
pub use lexicon::Lexicon;
pub use types::{Measure, Roles, Status, Ties};

use serde::Serialize;

use crate::entity::Entity;
use crate::span::Span;
use article::Hint;
use head::{Heard, N_STATUSES, Side};
use observe::{Observer, PART_FEATURES, ROLE_FEATURES, STATUS_FEATURES};
use profile::Profile;

/// Says which entities a sanction aims at, who imposes it, who is linked, and which measures the article speaks of.
///
/// `sentences` stand in text order; roles come in the order of `entities`. With a model that was trained for ties its scores are decided on;
/// without, the grammar decides alone.
#[must_use]
pub fn ties(
    text: &str,
    sentences: &[Span],
    entities: &[Entity],
    lexicon: &Lexicon,
    learned: Option<(Scores<'_>, &Decision)>,
) -> Ties {
    let read = read(text, sentences, entities, lexicon);
    let Some((scores, decision)) = learned else {
        return read.grammar;
    };
    let heard = head::heard(scores, sentences, entities);
    learned::decide(&read.observer(sentences, entities, &heard), decision)
}

/// What the grammar reads of an article.
struct Read {
    profiles: Vec<Profile>,
    grammar: Ties,
    hints: Vec<Hint>,
}

fn read(text: &str, sentences: &[Span], entities: &[Entity], lexicon: &Lexicon) -> Read {
    let mentions = token::placed(entities);
    let profiles = profile::profiles(text, entities, &mentions, lexicon);
    let (grammar, hints) = article::read(text, sentences, &mentions, &profiles, lexicon);
    Read {
        profiles,
        grammar,
        hints,
    }
}

impl Read {
    /// Both witnesses together.
    fn observer<'a>(
        &'a self,
        sentences: &'a [Span],
        entities: &'a [Entity],
        heard: &'a Heard,
    ) -> Observer<'a> {
        let grammar = (&self.grammar, self.hints.as_slice());
        Observer::new(sentences, entities, heard, &self.profiles, grammar)
    }
}

/// The columns of the head that [`Scores`] reads, by name and in their order.
#[must_use]
pub fn columns() -> Vec<String> {
    head::column_names()
}

/// The numbers that an article is decided on, from which the weights of a [`Decision`] are fitted. Outer to inner as named.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Observed {
    /// Names of the numbers of `roles`.
    pub role_features: &'static [&'static str],
    /// Names of the numbers of `parts`.
    pub part_features: &'static [&'static str],
    /// Names of the numbers of `statuses` and `relevant`.
    pub status_features: &'static [&'static str],
    /// For each entity.
    pub roles: Vec<Vec<f32>>,
    /// For each entity, side (targets, imposers) and status; the decided role is left at 0.
    pub parts: Vec<Vec<Vec<Vec<f32>>>>,
    /// For each status.
    pub statuses: Vec<Vec<f32>>,
    /// For the article.
    pub relevant: Vec<f32>,
}

/// The numbers that [`ties`] decides on.
#[must_use]
pub fn observed(
    text: &str,
    sentences: &[Span],
    entities: &[Entity],
    lexicon: &Lexicon,
    scores: Scores<'_>,
) -> Observed {
    let read = read(text, sentences, entities, lexicon);
    let heard = head::heard(scores, sentences, entities);
    let observer = read.observer(sentences, entities, &heard);
    let part = |at, side, status| observer.part(at, side, status, [0.0; 2]).to_vec();
    let of_side = |at, side| {
        (0..N_STATUSES)
            .map(|status| part(at, side, status))
            .collect()
    };
    Observed {
        role_features: &ROLE_FEATURES,
        part_features: &PART_FEATURES,
        status_features: &STATUS_FEATURES,
        roles: (0..entities.len())
            .map(|at| observer.role(at).to_vec())
            .collect(),
        parts: (0..entities.len())
            .map(|at| {
                [Side::Target, Side::Imposer]
                    .map(|side| of_side(at, side))
                    .to_vec()
            })
            .collect(),
        statuses: (0..N_STATUSES)
            .map(|status| observer.status(status).to_vec())
            .collect(),
        relevant: observer.relevant().to_vec(),
    }
}
