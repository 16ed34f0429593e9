//! The reader: records → chunks, for whoever takes them.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::sync::atomic::Ordering;

use crossbeam_channel::Sender;

use super::Job;
use super::chunks::{Chunk, Chunker};
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

/// Reads all records into chunks, passing over the first `skip` chunks, which are written already. Gives what was seen,
/// and false when it stopped before the end, asked to or because nobody takes chunks any more.
pub(super) fn read(
    job: &Job,
    options: &ingest::Options,
    skip: u64,
    chunks: &Sender<Chunk>,
    tickets: &Sender<()>,
) -> Result<(Seen, bool)> {
    let mut chunker = Chunker::new();
    let send = |chunk: Option<Chunk>| match chunk {
        Some(chunk) if chunk.number >= skip => {
            tickets.send(()).is_ok() && chunks.send(chunk).is_ok()
        }
        _ => true,
    };
    let mut go = true;
    let seen = ingest::read(&job.inputs, options, &mut |item, seen| {
        let ours = job.shard.is_none_or(|shard| shard.takes(&item));
        go = !job.stop.load(Ordering::Relaxed) && (!ours || send(chunker.push(item, seen.bytes)));
        go
    })?;
    Ok((seen, go && send(chunker.finish())))
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
