//! Entities → roles and measures.
//!
//! In: an article's text, its sentences and its entities. Out: [`Ties`]. Two parts stand apart: candidates with their features
//! (`token`, `clause`, `phrase`, `candidate`: which words may speak of a measure, which entities may fill its slots) and the decision
//! (`decide`, `sense`: which do). `article` reads sentence by sentence and holds what runs on over them; `merge` makes one answer of all.
//! Absent on purpose: the model, any I/O, any list of names of persons or firms.

mod article;
mod candidate;
mod clause;
mod decide;
mod lexicon;
mod merge;
mod phrase;
mod profile;
mod sense;
mod token;
mod types;

pub use lexicon::Lexicon;
pub use types::{Measure, Roles, Status, Ties};

use crate::entity::Entity;
use crate::span::Span;

/// Says which entities a sanction aims at, who imposes it, who is linked, and which measures the article speaks of.
///
/// `sentences` stand in text order; roles come in the order of `entities`.
#[must_use]
pub fn ties(text: &str, sentences: &[Span], entities: &[Entity], lexicon: &Lexicon) -> Ties {
    article::read(text, sentences, entities, lexicon)
}
