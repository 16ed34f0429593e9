//! Output lines → a database.
//!
//! In: files of output lines. Out: rows in the tables of `schema/`, see [`sql`]. Invariants: what a batch of lines changes
//! stands or falls together, with the place in the file from which a broken load goes on; a line that was loaded
//! before changes nothing; of two lines with one id the one of the newer run stays; articles and rows told of in
//! [`Loaded`] are those that the database has taken. Deliberately absent: queries.

mod batch;
mod job;
mod postgres;
mod schema;
mod sqlite;
mod store;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::article::Fault;

pub use job::load;
pub use schema::{Dialect, VERSION, sql};

/// A database to load into.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Database {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// The address of a PostgreSQL database.
    Postgres(String),
}

impl FromStr for Database {
    type Err = String;

    /// Reads `sqlite:FILE`, `postgres://…` or `postgresql://…`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("expected sqlite:FILE or postgres://USER@HOST/DATABASE".to_owned())
    }
}

/// A load as asked for.
pub struct Job {
    /// Files of output lines.
    pub outputs: Vec<PathBuf>,
    /// Where they go.
    pub database: Database,
    /// The schema in a PostgreSQL database that holds the tables; it is made where it is not there.
    pub schema: String,
    /// Loads the articles' texts; evidence is loaded in any case.
    pub text: bool,
    /// Set from outside to end after the batch in work.
    pub stop: Arc<AtomicBool>,
    /// No progress.
    pub quiet: bool,
    /// Takes each line that could not be loaded.
    pub fault: Box<dyn FnMut(&Fault)>,
}

/// What a load did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loaded {
    /// Lines read.
    pub read: u64,
    /// Articles that were new.
    pub new: u64,
    /// Articles that replaced an older line.
    pub replaced: u64,
    /// Lines that stood there already.
    pub unchanged: u64,
    /// Lines older than what stood there.
    pub older: u64,
    /// Lines that could not be loaded.
    pub faults: u64,
    /// Files that an earlier load had finished.
    pub finished_before: u64,
    /// Rows written, by table.
    pub rows: [u64; 6],
    /// Articles in which a NUL was replaced.
    pub with_nul: u64,
    /// False when the load was stopped before its end.
    pub finished: bool,
}

#[cfg(test)]
mod tests;
