//! Which names are one: a union of numbered names, and the nearest name before a place in the text.

use std::collections::HashMap;

/// Disjoint sets of numbered names; the smallest number stands for its set.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    pub(crate) fn new(n: usize) -> Self {
        Self {
            parent: (0..n).collect(),
        }
    }

    pub(crate) fn find(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// For a short form, where in the text which longer names that shrink to it stand.
#[derive(Debug, Default)]
pub(crate) struct Nearest {
    places: HashMap<String, Vec<(usize, usize)>>,
}

impl Nearest {
    /// Notes that `set` stands at byte `at`. Places come in text order.
    pub(crate) fn note(&mut self, short: &str, at: usize, set: usize) {
        if let Some(places) = self.places.get_mut(short) {
            if places.last().is_none_or(|(_, last)| *last != set) {
                places.push((at, set));
            }
        } else {
            self.places.insert(short.to_owned(), vec![(at, set)]);
        }
    }

    /// The set named last before byte `at` under `short`, or else first after it.
    pub(crate) fn find(&self, short: &str, at: usize) -> Option<usize> {
        let places = self.places.get(short)?;
        let after = places.partition_point(|(start, _)| *start <= at);
        let place = places.get(after.saturating_sub(1))?;
        Some(place.1)
    }
}
