//! Gold documents → predictions, by the whole path.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::document::{Document, Mark};
use super::gold;
use crate::article::{Article, Fault};
use crate::decode::{Kind, Mention};
use crate::error::{Error, Result};
use crate::ingest::{self, Item};
use crate::run::{Outcome, Pipeline, Worker};

/// Which names are judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Names {
    /// What the lines say, after everything that is done to the model's names.
    #[default]
    Written,
    /// What the model itself says, read off its labels.
    Model,
}

/// Predictions, and the articles that none could be made for.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Predicted {
    /// One for each article that was annotated, in order.
    pub documents: Vec<Document>,
    /// The others.
    pub faults: Vec<Fault>,
}

/// Articles that a worker takes at once, as many as a run gives it.
const AT_ONCE: usize = 16;

/// Annotates articles with `threads` workers. `progress` is told how many are done.
///
/// # Errors
/// When no worker can be made.
pub fn predict(
    pipeline: &Pipeline,
    items: Vec<Item>,
    names: Names,
    threads: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Predicted> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .build()
        .map_err(|error| Error::Engine(format!("cannot start {threads} workers: {error}")))?;
    let done = AtomicUsize::new(0);
    let mut chunks: Vec<Vec<Item>> = Vec::new();
    for item in items {
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < AT_ONCE => chunk.push(item),
            _ => chunks.push(vec![item]),
        }
    }
    let one = |chunk: Vec<Item>| -> Result<Predicted> {
        let n = chunk.len();
        let predicted = annotated(&mut Worker::new(pipeline)?, chunk, names)?;
        progress(done.fetch_add(n, Ordering::Relaxed) + n);
        Ok(predicted)
    };
    let parts: Vec<Result<Predicted>> = pool.install(|| chunks.into_par_iter().map(one).collect());
    let mut all = Predicted::default();
    for part in parts {
        let part = part?;
        all.documents.extend(part.documents);
        all.faults.extend(part.faults);
    }
    Ok(all)
}

fn annotated(worker: &mut Worker<'_>, items: Vec<Item>, names: Names) -> Result<Predicted> {
    let mut predicted = Predicted::default();
    match names {
        Names::Written => {
            for outcome in worker.annotate(items)?.0 {
                match outcome {
                    Outcome::Line { line, .. } => {
                        let document = gold::of_line(&line)
                            .map_err(|what| Error::Usage(format!("bug: a line {what}")))?;
                        predicted.documents.push(document);
                    }
                    Outcome::Fault(fault) => predicted.faults.push(*fault),
                }
            }
        }
        Names::Model => {
            for named in worker.names(items)? {
                match named {
                    Ok((article, mentions)) => {
                        predicted.documents.push(of_mentions(article, &mentions))
                    }
                    Err(fault) => predicted.faults.push(*fault),
                }
            }
        }
    }
    Ok(predicted)
}

fn of_mentions(article: Article, mentions: &[Mention]) -> Document {
    let label = |kind: Kind| match kind {
        Kind::Person => "PERSON",
        Kind::Org => "ORG",
        Kind::Loc => "LOC",
        Kind::Norp => "NORP",
        Kind::Misc => "MISC",
    };
    let mark = |mention: &Mention| Mark {
        span: mention.span,
        label: label(mention.kind).to_owned(),
        score: Some(mention.score),
        form: None,
    };
    Document {
        id: article.id,
        place: article.place,
        text: Some(article.text),
        words: None,
        marks: Some(mentions.iter().map(mark).collect()),
        article: None,
    }
}

/// The gold documents that hold their text, as records to annotate.
#[must_use]
pub fn texts(gold: &[Document]) -> Vec<Item> {
    let of = |document: &Document| {
        Some(Item::Article(Article {
            id: document.id.clone(),
            place: document.place.clone(),
            title: None,
            published: None,
            lang: None,
            url: None,
            text: document.text.clone()?,
        }))
    };
    gold.iter().filter_map(of).collect()
}

/// All records of some inputs.
///
/// # Errors
/// As [`ingest::read`].
pub fn articles(inputs: &[PathBuf], options: &ingest::Options) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    ingest::read(inputs, options, &mut |item, _| {
        items.push(item);
        true
    })?;
    Ok(items)
}
