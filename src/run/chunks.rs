//! Records → chunks: what one worker takes at a time, and what a checkpoint stands between.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use crate::article::{Fault, Stage};
use crate::ingest::Item;

/// A run of records in input order.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Number of the chunk, from 0.
    pub number: u64,
    /// The records.
    pub items: Vec<Item>,
    /// Input bytes finished with the chunk, as stored.
    pub input_bytes: u64,
    /// Bytes of memory that its articles need on their way.
    pub need: u64,
    /// Time in which they were read.
    pub read: Duration,
}

/// Most records in a chunk.
const MAX_ITEMS: usize = 16;
/// A chunk with this many bytes of text takes no further record.
const FULL_BYTES: usize = 48 << 10;

/// Bytes of a page for each byte of its text, about: pages of news have 20 to 60.
const MARKUP: usize = 32;

/// Collects records into chunks. The borders depend on the records alone.
pub(super) struct Chunker {
    chunk: Chunk,
    bytes: usize,
    /// 64-bit hashes of the ids so far. Among ten million ids the chance that two different ones share
    /// a hash is 3 in a million (n²/2⁶⁵); the article would become a fault that says so, and not be lost.
    ids: HashSet<u64>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl Chunker {
    pub fn new() -> Self {
        Self {
            chunk: Chunk::default(),
            bytes: 0,
            ids: HashSet::new(),
            hasher: BuildHasherDefault::default(),
        }
    }

    /// Takes one record with the memory it needs; gives the chunk that it filled.
    pub fn push(&mut self, item: Item, need: u64, input_bytes: u64) -> Option<Chunk> {
        let item = self.without_repetition(item);
        self.bytes += match &item {
            Item::Article(article) => article.text.len(),
            Item::Page(page) => page.html.len() / MARKUP,
            Item::Fault(_) => 0,
        };
        self.chunk.items.push(item);
        self.chunk.input_bytes = input_bytes;
        self.chunk.need += need;
        let full = self.chunk.items.len() >= MAX_ITEMS || self.bytes >= FULL_BYTES;
        full.then(|| self.close())
    }

    /// The last chunk, where it holds a record.
    pub fn finish(mut self) -> Option<Chunk> {
        (!self.chunk.items.is_empty()).then(|| self.close())
    }

    fn close(&mut self) -> Chunk {
        self.bytes = 0;
        let number = self.chunk.number + 1;
        std::mem::replace(
            &mut self.chunk,
            Chunk {
                number,
                ..Chunk::default()
            },
        )
    }

    fn without_repetition(&mut self, item: Item) -> Item {
        let known = match &item {
            Item::Article(article) => article,
            Item::Page(page) => &page.known,
            Item::Fault(_) => return item,
        };
        if self.ids.insert(self.hasher.hash_one(&known.id)) {
            return item;
        }
        Item::Fault(Fault {
            reason: format!(
                "id {:?} stands twice in this run; ids must differ",
                known.id
            ),
            id: Some(known.id.clone()),
            source: known.place.clone(),
            stage: Stage::Parse,
            record: item.record(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Article, Place};

    fn article(id: usize, bytes: usize) -> Item {
        Item::Article(Article {
            id: id.to_string(),
            place: Place {
                path: "a.jsonl".to_owned(),
                record: id as u64,
                offset: None,
            },
            title: None,
            published: None,
            lang: None,
            url: None,
            text: "x".repeat(bytes),
        })
    }

    fn sizes(items: Vec<Item>) -> Vec<usize> {
        let mut chunker = Chunker::new();
        let mut chunks: Vec<Chunk> = items
            .into_iter()
            .filter_map(|item| chunker.push(item, 0, 0))
            .collect();
        chunks.extend(chunker.finish());
        assert!(
            chunks
                .iter()
                .zip(0..)
                .all(|(chunk, number)| chunk.number == number)
        );
        chunks.iter().map(|chunk| chunk.items.len()).collect()
    }

    #[test]
    fn a_chunk_closes_when_it_is_full_by_records_or_by_bytes() {
        assert_eq!(
            sizes((0..40).map(|id| article(id, 10)).collect()),
            [16, 16, 8]
        );
        assert_eq!(
            sizes((0..4).map(|id| article(id, 30 << 10)).collect()),
            [2, 2]
        );
        assert_eq!(sizes(vec![article(0, 5 << 20), article(1, 1)]), [1, 1]);
        assert!(sizes(Vec::new()).is_empty());
    }

    #[test]
    fn a_repeated_id_is_a_fault_with_its_record() {
        let mut chunker = Chunker::new();
        chunker.push(article(1, 1), 0, 0);
        chunker.push(article(1, 2), 0, 0);
        let chunk = chunker.finish().unwrap();
        let Item::Fault(fault) = &chunk.items[1] else {
            panic!()
        };
        assert!(fault.reason.contains("twice") && fault.record.is_some());
    }
}
