//! What articles on their way may take of memory, all together.
//!
//! In: chunks with what they need. Invariants: chunks are let in in input order, so the oldest is always under way and
//! none waits for ever; a lone chunk is let in whatever it needs. Deliberately absent: measuring; a need is an estimate.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes that articles on their way may take.
pub(super) struct Budget {
    limit: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    used: u64,
    closed: bool,
}

impl Budget {
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `bytes` more fit; false when the run has ended meanwhile.
    pub fn take(&self, bytes: u64) -> bool {
        let full = |state: &mut State| {
            !state.closed && state.used > 0 && state.used.saturating_add(bytes) > self.limit
        };
        let waited = self.changed.wait_while(self.state(), full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.used += bytes;
        !state.closed
    }

    /// Gives back what a chunk took.
    pub fn give(&self, bytes: u64) {
        let mut state = self.state();
        state.used = state.used.saturating_sub(bytes);
        drop(state);
        self.changed.notify_all();
    }

    /// Lets nobody in any more, and nobody wait.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn what_is_under_way_stays_within_the_limit_and_a_lone_chunk_always_goes() {
        let budget = Budget::new(100);
        let (used, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let (chunks, taken) = crossbeam_channel::unbounded::<u64>();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let taken = taken.clone();
                let (budget, used) = (&budget, &used);
                scope.spawn(move || {
                    for need in taken {
                        std::thread::yield_now();
                        used.fetch_sub(need, Ordering::SeqCst);
                        budget.give(need);
                    }
                });
            }
            for need in (0..2000).map(|at| at * 37 % 70 + 1) {
                assert!(budget.take(need));
                let now = used.fetch_add(need, Ordering::SeqCst) + need;
                most.fetch_max(now, Ordering::SeqCst);
                chunks.send(need).unwrap();
            }
            drop(chunks);
        });
        assert!((70..=100).contains(&most.into_inner()));
        assert!(budget.take(1_000_000));
        budget.give(1_000_000);
        budget.take(100);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.take(1));
            budget.close();
            assert!(!waiting.join().unwrap());
        });
    }
}
