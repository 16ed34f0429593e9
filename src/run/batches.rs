//! Windows of a chunk → batches.
//!
//! In: rows in reading order. Out: batches in the order in which they are sent. Invariants: each row is in
//! one batch; a batch is never above its budget, except a lone row, which is always sent; all rows of a batch ask for the same columns;
//! provenance moves with the row.

/// One window to send, with where it came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Row {
    /// Index of its article in the chunk.
    pub article: usize,
    /// Index of the window in the article.
    pub window: usize,
    /// Its length in tokens, special tokens not counted.
    pub n_tokens: usize,
    /// True when the labels' columns are enough: its article speaks of no sanction.
    pub labels_alone: bool,
}

/// Groups rows of like length into batches of at most `budget` tokens.
pub(super) fn plan(mut rows: Vec<Row>, budget: usize) -> Vec<Vec<Row>> {
    let longest_first = |row: &Row| {
        let length = std::cmp::Reverse(row.n_tokens);
        (row.labels_alone, length, row.article, row.window)
    };
    rows.sort_by_key(longest_first);
    let mut batches: Vec<Vec<Row>> = Vec::new();
    let mut used = 0;
    for row in rows {
        match batches.last_mut() {
            Some(batch)
                if used + row.n_tokens <= budget && batch[0].labels_alone == row.labels_alone =>
            {
                batch.push(row);
            }
            _ => {
                batches.push(vec![row]);
                used = 0;
            }
        }
        used += row.n_tokens;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_sent_once_and_no_batch_is_above_its_budget_but_a_lone_row() {
        let lengths = [5, 130, 7, 130, 1, 0, 64, 64, 500, 3];
        let rows: Vec<Row> = lengths
            .iter()
            .enumerate()
            .map(|(at, &n_tokens)| Row {
                article: at / 3,
                window: at,
                n_tokens,
                labels_alone: at / 3 == 1,
            })
            .collect();
        for budget in [1, 64, 130, 256, 10_000] {
            let batches = plan(rows.clone(), budget);
            let mut sent: Vec<Row> = batches.concat();
            sent.sort_by_key(|row| row.window);
            assert_eq!(sent, rows);
            for batch in batches {
                let alone = batch.iter().filter(|row| row.labels_alone).count();
                assert!(alone == 0 || alone == batch.len(), "{batch:?}");
                let total: usize = batch.iter().map(|row| row.n_tokens).sum();
                assert!(
                    total <= budget || batch.len() == 1 || total == batch[0].n_tokens,
                    "{batch:?}"
                );
            }
        }
    }
}
