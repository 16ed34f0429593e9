//! Output lines, read back.
//!
//! In: files of lines of schema `sanctag/1`, packed or not, with or without the manifest beside them. Out: [`Record`]s in
//! the order of the lines. Invariants: one file is open at a time and one line held; every line becomes a record, a
//! broken one with the reason; ranges keep the unit they were written in. Deliberately absent: the run that wrote
//! them, which may have been another version's.

mod line;
mod pass;
mod reader;

pub use line::{Country, Entity, Line, Measure, Mention, Range, Stats, Unit};
pub use pass::{Passed, Watch, open_all, pass, rate};
pub use reader::{Output, Record, Tagged, open};

#[cfg(test)]
mod tests;
