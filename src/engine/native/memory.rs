//! Memory whose first value lies at a cache line's start, so that no vector of it straddles two.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line.
const LINE: usize = 64;

/// Values from a cache line's start on; it grows and never shrinks.
#[derive(Debug, Default)]
pub(super) struct Memory<T> {
    values: Vec<T>,
    /// Where the line starts in `values`.
    first: usize,
}

impl<T: Clone> Memory<T> {
    /// Makes room for `len` values; what was written before may be gone.
    pub(super) fn reserve(&mut self, len: usize, value: T) {
        if self.len() < len {
            self.values = vec![value; len + LINE / size_of::<T>().max(1)];
            self.first = self.values.as_ptr().align_offset(LINE).min(LINE);
        }
    }
}

impl<T> Deref for Memory<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[self.first..]
    }
}

impl<T> DerefMut for Memory<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.first..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_at_a_line_and_holds_what_was_asked_for() {
        let (mut floats, mut fours) = (Memory::default(), Memory::default());
        for len in [1, 15, 16, 17, 1000] {
            floats.reserve(len, 0.0_f32);
            fours.reserve(len, [0_u8; 4]);
            assert!(len <= floats.len() && len <= fours.len());
            assert_eq!(floats.as_ptr() as usize % LINE, 0);
            assert_eq!(fours.as_ptr() as usize % LINE, 0);
        }
    }
}
