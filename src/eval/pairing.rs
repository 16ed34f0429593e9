//! Which predicted document is which of the gold's.
//!
//! By id; else by the stem of the file it came from; else by the text itself. A gold document that nobody predicted counts as one in
//! which nothing was found, and is told.

use std::collections::{HashMap, HashSet};

use super::document::Document;
use crate::article::{Fault, Stage};

/// A gold document with what was predicted for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// What should be found.
    pub gold: Document,
    /// What was.
    pub predicted: Option<Document>,
}

/// Gold with its predictions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pairs {
    /// One for each gold document, in the gold's order.
    pub pairs: Vec<Pair>,
    /// Predictions that cannot be compared with their gold, which counts as not predicted.
    pub faults: Vec<Fault>,
    /// Predictions for documents that the gold does not have.
    pub unused: usize,
}

/// Finds each gold document's prediction.
#[must_use]
pub fn pair(gold: Vec<Document>, predicted: Vec<Document>) -> Pairs {
    let mut found = Pairs::default();
    let mut finder = Finder::of(&predicted);
    let chosen: Vec<Option<usize>> = gold.iter().map(|document| finder.find(document)).collect();
    let mut predicted: Vec<Option<Document>> = predicted.into_iter().map(Some).collect();
    for (gold, at) in gold.into_iter().zip(chosen) {
        let prediction = at.and_then(|at| predicted[at].take());
        let prediction = prediction.and_then(|prediction| match comparable(&gold, &prediction) {
            Ok(()) => Some(prediction),
            Err(reason) => {
                found.faults.push(Fault {
                    id: Some(prediction.id),
                    source: prediction.place,
                    stage: Stage::Parse,
                    reason,
                    record: None,
                });
                None
            }
        });
        found.pairs.push(Pair {
            gold,
            predicted: prediction,
        });
    }
    found.unused = predicted.iter().flatten().count();
    found
}

/// Looks documents up, each once.
struct Finder<'a> {
    /// Documents by each of their names; those of one name in their order.
    named: HashMap<&'a str, Vec<usize>>,
    texts: HashMap<&'a str, Vec<usize>>,
    used: HashSet<usize>,
}

impl<'a> Finder<'a> {
    fn of(documents: &'a [Document]) -> Self {
        let (mut named, mut texts): (HashMap<_, Vec<_>>, HashMap<_, Vec<_>>) = Default::default();
        for (at, document) in documents.iter().enumerate() {
            for name in document.names() {
                named.entry(name).or_default().push(at);
            }
            if let Some(text) = &document.text {
                texts.entry(text.as_str()).or_default().push(at);
            }
        }
        Self {
            named,
            texts,
            used: HashSet::new(),
        }
    }

    fn find(&mut self, gold: &Document) -> Option<usize> {
        let by_id = self.named.get(gold.id.as_str());
        let by_text = gold.text.as_deref().and_then(|text| self.texts.get(text));
        // One file of many records says nothing of which of them this is.
        let by_stem = self.named.get(gold.names()[1]).filter(|all| all.len() == 1);
        let candidates = [by_id, by_text, by_stem].into_iter().flatten().flatten();
        let at = candidates.copied().find(|at| !self.used.contains(at))?;
        self.used.insert(at);
        Some(at)
    }
}

/// Checks that both speak of the same text and that the prediction has what the gold asks for.
fn comparable(gold: &Document, predicted: &Document) -> Result<(), String> {
    if gold.marks.is_some() && gold.article.is_none() && predicted.marks.is_none() {
        return Err("has no text, so its offsets cannot be compared; write the predictions without --no-text".to_owned());
    }
    match (&gold.text, &predicted.text) {
        (Some(one), Some(other)) if one != other => {
            Err("has another text than the gold; predict on the gold's text".to_owned())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Place;

    fn document(id: &str, path: &str, text: Option<&str>) -> Document {
        Document {
            id: id.to_owned(),
            place: Place {
                path: path.to_owned(),
                record: 0,
                offset: None,
            },
            text: text.map(str::to_owned),
            words: None,
            marks: Some(Vec::new()),
            article: None,
        }
    }

    #[test]
    fn a_prediction_is_found_by_id_by_its_files_stem_or_by_its_text() {
        let gold = vec![
            document("a", "gold.jsonl", None),
            document("b", "gold.jsonl", None),
            document("g#2", "gold.conll", Some("Same text")),
            document("d", "gold.jsonl", None),
        ];
        let predicted = vec![
            document("17", "in/b.txt", Some("B")),
            document("a", "x.jsonl", Some("A")),
            document("18", "x.jsonl", Some("Same text")),
            document("extra", "x.jsonl", Some("E")),
        ];
        let found = pair(gold, predicted);
        let ids: Vec<_> = found
            .pairs
            .iter()
            .map(|pair| pair.predicted.as_ref().map(|one| one.id.as_str()))
            .collect();
        assert_eq!(ids, [Some("a"), Some("17"), Some("18"), None]);
        assert_eq!((found.unused, found.faults.len()), (1, 0));
    }

    #[test]
    fn a_prediction_on_another_text_is_a_fault_and_not_a_score() {
        let found = pair(
            vec![document("a", "g", Some("One"))],
            vec![document("a", "p", Some("Two"))],
        );
        assert!(
            found.pairs[0].predicted.is_none() && found.faults[0].reason.contains("another text")
        );
    }
}
