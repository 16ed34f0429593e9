//! The bytes of one file of a model folder: mapped, owned, or part of the program.
#![allow(unsafe_code)] // mapping a file is the one unsafe call here

use std::fs::File;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

/// Bytes that can be shared by every worker without a copy.
#[derive(Clone, Debug)]
pub(crate) enum Bytes {
    /// Part of the program.
    Static(&'static [u8]),
    /// A mapped file.
    Mapped(Arc<Mmap>),
    /// Read into memory.
    #[cfg(test)]
    Owned(Arc<[u8]>),
}

impl Bytes {
    /// Maps the file at `path`.
    pub(super) fn map(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the map is only read, as plain bytes of no particular value; every offset into it is
        // checked against its length. Whoever shortens a model's file while it is in use ends the
        // process by SIGBUS, as with any program that maps its files; the documentation says so.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self::Mapped(Arc::new(map)))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Mapped(map) => map,
            #[cfg(test)]
            Self::Owned(bytes) => bytes,
        }
    }
}
