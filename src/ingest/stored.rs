//! A file's bytes as stored, counted and bounded on their way.
//!
//! Invariants: no more is read of a file than it held when it was met, so one that grows cannot keep a run from ending;
//! what a packed file unpacks to is bounded by what was read of it.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Read, Result};
use std::rc::Rc;

/// A packed file may unpack to this many bytes whatever their ratio to what is stored.
const FREE_BYTES: u64 = 64 << 20;

/// Stored bytes read so far of the file in hand.
pub(super) type Count = Rc<Cell<u64>>;

/// Reads at most `left` bytes and counts them.
pub(super) struct Stored<R> {
    inner: R,
    left: u64,
    count: Count,
}

impl<R: Read> Stored<R> {
    /// At most `limit` bytes of `inner`; all of them where that is `None`.
    pub fn new(inner: R, limit: Option<u64>, count: Count) -> Self {
        count.set(0);
        Self {
            inner,
            left: limit.unwrap_or(u64::MAX),
            count,
        }
    }
}

impl<R: Read> Read for Stored<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(self.left).map_or(into.len(), |left| left.min(into.len()));
        let read = self.inner.read(&mut into[..most])?;
        self.left -= read as u64;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Fails once more than `max_ratio` bytes came out for each that went in.
pub(super) struct Unpacked<R> {
    inner: R,
    max_ratio: u64,
    out: u64,
    count: Count,
}

impl<R: Read> Unpacked<R> {
    pub fn new(inner: R, max_ratio: u64, count: Count) -> Self {
        Self {
            inner,
            max_ratio,
            out: 0,
            count,
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(into)?;
        self.out += read as u64;
        let most = self.count.get().saturating_mul(self.max_ratio);
        if self.out > FREE_BYTES && self.out > most {
            return Err(Error::new(
                ErrorKind::InvalidData,
                format!(
                    "it unpacks to more than {} times its size; if that is no bomb, raise --max-ratio",
                    self.max_ratio
                ),
            ));
        }
        Ok(read)
    }
}
