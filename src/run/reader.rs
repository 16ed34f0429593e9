//! The reader: records → chunks, for whoever takes them.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::chunks::{Chunk, Chunker};
use super::{Job, Pipeline};
use crate::article::{Fault, Stage};
use crate::error::Result;
use crate::ingest::{self, Item, Seen};

/// One of `of` parts of the input, told apart by the records' ids alone: stable, and balanced however the records are spread over files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    number: u32,
    of: u32,
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `I/N` with `1 ≤ I ≤ N`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parts = text
            .split_once('/')
            .and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("expected I/N with I from 1 to N, such as 3/8".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    fn takes(self, item: &Item) -> bool {
        // SipHash with its keys at zero: the same on every machine.
        let mut hasher = DefaultHasher::new();
        match item {
            Item::Article(article) => article.id.hash(&mut hasher),
            Item::Page(page) => page.known.id.hash(&mut hasher),
            Item::Fault(fault) => (&fault.source.path, fault.source.record).hash(&mut hasher),
        }
        hasher.finish() % u64::from(self.of) == u64::from(self.number - 1)
    }
}

/// Reads all records into chunks and hands each to `send`, which says whether more are wanted. Gives what was
/// seen, and false when it stopped before the end, asked to or because nobody takes chunks any more.
pub(super) fn read(
    job: &Job,
    options: &ingest::Options,
    pipeline: &Pipeline,
    send: &mut dyn FnMut(Chunk) -> bool,
) -> Result<(Seen, bool)> {
    let mut chunker = Chunker::new();
    let mut since = Instant::now();
    let mut send = |mut chunk: Chunk| {
        chunk.read = since.elapsed();
        let go = send(chunk);
        // Waiting for workers is not reading.
        since = Instant::now();
        go
    };
    let mut go = true;
    let seen = ingest::read(&job.inputs, options, &mut |item, seen| {
        go = !job.stop.load(Ordering::Relaxed);
        if go && job.shard.is_none_or(|shard| shard.takes(&item)) {
            let (item, need) = measured(item, pipeline);
            go = chunker.push(item, need, seen.bytes).is_none_or(&mut send);
        }
        go
    })?;
    Ok((seen, go && chunker.finish().is_none_or(send)))
}

/// Bytes of a page's tree for each byte of the page, about.
const TREE: u64 = 20;
/// A page's text is at most this part of it, as a rule; the worker holds it to what it is.
const TEXT_PART: usize = 8;

/// A record with the bytes it will need on its way; one that needs too many becomes a fault.
pub(super) fn measured(item: Item, pipeline: &Pipeline) -> (Item, u64) {
    let (known, need) = match &item {
        Item::Article(article) => (article, pipeline.need(article.text.len())),
        Item::Page(page) => {
            let text = pipeline.need(page.html.len() / TEXT_PART);
            (&page.known, text + TREE * page.html.len() as u64)
        }
        Item::Fault(_) => return (item, 0),
    };
    let Some(reason) = pipeline.too_large(need) else {
        return (item, need);
    };
    let fault = Fault {
        record: item.record(),
        id: Some(known.id.clone()),
        source: known.place.clone(),
        stage: Stage::Read,
        reason,
    };
    (Item::Fault(fault), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_a_number_of_a_number() {
        assert_eq!("3/8".parse(), Ok(Shard { number: 3, of: 8 }));
        for wrong in ["0/3", "4/3", "3", "a/b", "1/0", "-1/2", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
