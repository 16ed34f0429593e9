//! Windows that were read before → their logits, without the model.
//!
//! Syndicated copies, boilerplate and standing paragraphs make the same windows again and again. An engine gives a row the same bits alone and
//! in any company, so an answer remembered is the answer computed and the output does not change. Bounded: when full, the older half of what is
//! remembered goes. Absent on purpose: sharing between workers, which would need a lock on the hot path.

use std::collections::HashMap;

use crate::engine::Batch;

/// Bytes remembered by one worker: some 1,600 windows of 128 tokens with 39 columns.
const CAPACITY: usize = 32 << 20;
/// Bytes that a window takes beside its ids and values: two pointers with their lengths, its slot, what the allocator adds.
const ENTRY: usize = 96;

/// A window as the model reads it: ids with their types, and whether the labels' columns were enough.
type Key = (bool, Box<[(u32, u8)]>);

/// What one worker remembers.
#[derive(Default)]
pub(super) struct Seen {
    /// Written since the last halving, and before it.
    young: HashMap<Key, Box<[f32]>>,
    old: HashMap<Key, Box<[f32]>>,
    young_bytes: usize,
}

/// The row `row` of a batch as a key.
fn key(batch: &Batch, row: usize) -> Key {
    let range = batch.row(row);
    let ids = batch.ids[range.clone()].iter().copied();
    let read = ids.zip(batch.types[range].iter().copied()).collect();
    (batch.labels_alone, read)
}

fn bytes(key: &Key, logits: &[f32]) -> usize {
    ENTRY + size_of_val(&*key.1) + size_of_val(logits)
}

impl Seen {
    /// The logits of a row, where it was read before.
    pub fn get(&mut self, batch: &Batch, row: usize) -> Option<&[f32]> {
        let key = key(batch, row);
        if let Some(logits) = self.old.remove(&key) {
            self.put(key.clone(), logits);
        }
        self.young.get(&key).map(|logits| &**logits)
    }

    /// Remembers the logits of a row.
    pub fn insert(&mut self, batch: &Batch, row: usize, logits: &[f32]) {
        self.put(key(batch, row), logits.into());
    }

    fn put(&mut self, key: Key, logits: Box<[f32]>) {
        let n = bytes(&key, &logits);
        if self.young_bytes + n > CAPACITY / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(key, logits).is_none() {
            self.young_bytes += n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(rows: &[&[u32]]) -> Batch {
        let mut batch = Batch::default();
        for row in rows {
            batch.push(row.iter().map(|id| (*id, 0)));
        }
        batch
    }

    #[test]
    fn a_row_is_known_by_all_its_ids_and_types_and_the_columns_asked_for() {
        let mut seen = Seen::default();
        let mut rows = batch(&[&[1, 2], &[1, 3]]);
        seen.insert(&rows, 0, &[0.5]);
        assert_eq!(seen.get(&rows, 0), Some(&[0.5][..]));
        assert_eq!(seen.get(&rows, 1), None);
        rows.labels_alone = true;
        assert_eq!(seen.get(&rows, 0), None);
        rows.labels_alone = false;
        rows.types[1] = 4;
        assert_eq!(seen.get(&rows, 0), None);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_what_is_used_stays() {
        let mut seen = Seen::default();
        let value = vec![1.0; CAPACITY / 256];
        let kept = batch(&[&[7]]);
        seen.insert(&kept, 0, &value);
        for id in 100..400 {
            seen.insert(&batch(&[&[id]]), 0, &value);
            assert!(seen.get(&kept, 0).is_some());
            let entries = seen.young.iter().chain(&seen.old);
            assert!(entries.map(|(key, value)| bytes(key, value)).sum::<usize>() <= CAPACITY);
        }
        assert!(seen.get(&batch(&[&[100]]), 0).is_none());
    }
}
