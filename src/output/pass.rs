//! All lines of some files, one after another, shown as they go and stopped when asked to.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::HumanCount;

use super::{Line, Output, Unit, open};
use crate::article::Fault;
use crate::error::Result;
use crate::progress::Progress;

/// Lines between two looks at the clock.
const SHOW_EVERY: u64 = 1000;

/// Who looks on while lines are read.
pub struct Watch<'w> {
    /// Shows how far it is, in bytes of all files.
    pub progress: &'w mut Progress,
    /// Set from outside to end before the last line.
    pub stop: &'w AtomicBool,
    /// Takes each line that could not be read.
    pub fault: &'w mut dyn FnMut(&Fault),
}

/// What was read; `read = taken + faults`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Passed {
    /// Lines read.
    pub read: u64,
    /// Lines that could not be read.
    pub faults: u64,
    /// False when it was stopped before the last line.
    pub finished: bool,
}

/// Opens files of output lines, in their order.
///
/// # Errors
/// As [`open`], of the first that cannot be opened.
pub fn open_all(paths: &[PathBuf]) -> Result<Vec<Output>> {
    paths.iter().map(|path| open(path)).collect()
}

/// Hands each line to `take`, with what its ranges count and its hash.
///
/// # Errors
/// When a file cannot be read on, or whatever `take` gives.
pub fn pass(
    outputs: Vec<Output>,
    watch: Watch<'_>,
    mut take: impl FnMut(&Line, Unit, [u8; 16]) -> Result<()>,
) -> Result<Passed> {
    let mut passed = Passed::default();
    let mut before = 0;
    for mut output in outputs {
        let unit = output.unit();
        while let Some(record) = output.next()? {
            passed.read += 1;
            match &record.line {
                Ok(line) => take(line, unit, record.hash)?,
                Err(fault) => {
                    passed.faults += 1;
                    (watch.fault)(fault);
                }
            }
            if passed.read.is_multiple_of(SHOW_EVERY) {
                let bytes = before + output.bytes_taken();
                watch
                    .progress
                    .show(bytes, |seconds| rate(passed.read, seconds));
                if watch.stop.load(Ordering::Relaxed) {
                    return Ok(passed);
                }
            }
        }
        before += output.file_bytes;
    }
    passed.finished = true;
    Ok(passed)
}

/// Lines so far, and how many a second.
#[must_use]
pub fn rate(lines: u64, seconds: f64) -> String {
    let a_second = (lines as f64 / seconds) as u64;
    format!(
        "{} lines, {} lines/s",
        HumanCount(lines),
        HumanCount(a_second)
    )
}
