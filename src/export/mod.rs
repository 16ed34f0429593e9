//! Output lines → files for other tools: CSV, Parquet.
//!
//! In: files of output lines. Out: one file, or standard output for CSV: the lines nested as they are, or one flat
//! [`Table`]. Invariants: rows stand in the order of the lines; the file appears whole under its name, or not at all; a
//! line that cannot be read is told and the others are written. Deliberately absent: selection, which is for those
//! who read the files.

mod csv;
mod nested;
mod parquet;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::article::Fault;
use crate::error::{Error, Result};
use crate::output::{self, Line};
use crate::progress::Progress;
use crate::tables::Table;
use crate::write::Unit;

/// What is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A flat table as CSV (RFC 4180, UTF-8, a header), to a file or standard output.
    Csv {
        /// Which one.
        table: Table,
        /// `None`: standard output.
        path: Option<PathBuf>,
        /// Puts a `'` before texts that a spreadsheet would take for formulas.
        formula_safe: bool,
    },
    /// A Parquet file, packed by Zstandard.
    Parquet {
        /// A flat table; `None`: the lines, nested as they are.
        table: Option<Table>,
        /// The file.
        path: PathBuf,
    },
}

/// An export as asked for.
pub struct Job {
    /// Files of output lines.
    pub outputs: Vec<PathBuf>,
    /// What is written, and where.
    pub target: Target,
    /// Overwrites a file that is there.
    pub force: bool,
    /// Set from outside to end without a file.
    pub stop: Arc<AtomicBool>,
    /// No progress.
    pub quiet: bool,
    /// Takes each line that could not be read.
    pub fault: Box<dyn FnMut(&Fault)>,
}

/// What an export did; `read = lines + faults`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exported {
    /// Lines read.
    pub read: u64,
    /// Rows written.
    pub rows: u64,
    /// Lines that could not be read.
    pub faults: u64,
    /// False when it was stopped before its end.
    pub finished: bool,
}

/// Takes lines and makes a file of them.
trait Writer {
    /// Writes a line's rows and gives their number; `unit` is what its ranges count where it does not tell.
    fn line(&mut self, line: &Line, unit: Unit) -> Result<u64>;

    /// Writes what is left.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Writes output lines in another form.
///
/// # Errors
/// When a file of lines cannot be read or is none of output lines, or the file cannot be written or is there already.
pub fn export(job: &mut Job) -> Result<Exported> {
    let outputs = output::open_all(&job.outputs)?;
    let path = match &job.target {
        Target::Csv { path, .. } => path.clone(),
        Target::Parquet { path, .. } => Some(path.clone()),
    };
    if let Some(path) = path.as_deref().filter(|path| !job.force && path.exists()) {
        return Err(Error::Usage(format!(
            "{} exists. Take --force to overwrite it, or name another file",
            path.display()
        )));
    }
    let part = path.as_deref().map(part);
    let mut writer = open(&job.target, part.as_deref())?;
    let mut progress = Progress::new(outputs.iter().map(|it| it.file_bytes).sum(), job.quiet);
    let mut rows = 0;
    let watch = output::Watch {
        progress: &mut progress,
        stop: &job.stop,
        fault: &mut job.fault,
    };
    let passed = output::pass(outputs, watch, |line, unit, _| {
        rows += writer.line(line, unit)?;
        Ok(())
    })?;
    let exported = Exported {
        read: passed.read,
        rows,
        faults: passed.faults,
        finished: passed.finished,
    };
    if !passed.finished {
        drop(writer);
        return part.map_or(Ok(exported), |part| remove(&part).map(|()| exported));
    }
    writer.finish()?;
    if let (Some(part), Some(path)) = (part, path) {
        std::fs::rename(&part, &path).map_err(Error::io(path, "putting the file in its place"))?;
    }
    progress.finish();
    Ok(exported)
}

fn open(target: &Target, part: Option<&Path>) -> Result<Box<dyn Writer>> {
    let create = |path: &Path| File::create(path).map_err(Error::io(path, "making the file"));
    Ok(match (target, part) {
        (
            Target::Csv {
                table,
                formula_safe,
                ..
            },
            part,
        ) => {
            let (out, name): (Box<dyn std::io::Write>, _) = match part {
                Some(part) => (Box::new(create(part)?), part.to_owned()),
                None => (Box::new(std::io::stdout()), "standard output".into()),
            };
            Box::new(csv::Csv::new(*table, out, name, *formula_safe)?)
        }
        (
            Target::Parquet {
                table: Some(table),
                path,
            },
            part,
        ) => {
            let part = part.unwrap_or(path);
            Box::new(parquet::Flat::new(*table, create(part)?, part)?)
        }
        (Target::Parquet { table: None, path }, part) => {
            let part = part.unwrap_or(path);
            Box::new(nested::Nested::new(create(part)?, part)?)
        }
    })
}

/// Where a file grows until it is whole.
fn part(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn remove(part: &Path) -> Result<()> {
    std::fs::remove_file(part).map_err(Error::io(part, "removing the unfinished file"))
}
