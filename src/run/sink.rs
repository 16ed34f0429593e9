//! Where lines and faults go: a file with its faults file beside it, or standard output.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::manifest::Position;
use crate::article::Fault;
use crate::error::{Error, Result};

/// Where the output goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// Lines to standard output, faults to standard error.
    Standard,
    /// Lines to this file, faults and manifest beside it.
    File {
        /// The file.
        path: PathBuf,
        /// What to do with an output that is there.
        existing: Existing,
    },
}

/// What to do with an output that is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    /// Stop before anything is touched.
    Refuse,
    /// Start anew.
    Overwrite,
    /// Go on where the earlier run of the same job stopped; start where there is none.
    Resume,
}

/// `OUT.jsonl` → `OUT.faults.jsonl`, `OUT.run.json`.
#[must_use]
pub fn beside(out: &Path, ending: &str) -> PathBuf {
    let name = out
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = name.strip_suffix(".jsonl").unwrap_or(&name);
    out.with_file_name(format!("{stem}.{ending}"))
}

/// The two outputs, counting their bytes.
pub(super) struct Sink {
    lines: Out,
    faults: Out,
}

struct Out {
    writer: BufWriter<Box<dyn Write>>,
    file: Option<File>,
    path: PathBuf,
    bytes: u64,
}

impl Sink {
    pub fn standard() -> Self {
        Self {
            lines: Out::new(
                Box::new(std::io::stdout()),
                None,
                "standard output".into(),
                0,
            ),
            faults: Out::new(
                Box::new(std::io::stderr()),
                None,
                "standard error".into(),
                0,
            ),
        }
    }

    /// Opens and locks the files, cuts them back to `position` and goes on behind it.
    ///
    /// # Errors
    /// When another run holds the output, or less is there than `position` says.
    pub fn files(path: &Path, position: Position) -> Result<Self> {
        Ok(Self {
            lines: Out::open(path, position.line_bytes)?,
            faults: Out::open(&beside(path, "faults.jsonl"), position.fault_bytes)?,
        })
    }

    pub fn line(&mut self, line: &str) -> Result<()> {
        self.lines.write(line)
    }

    pub fn fault(&mut self, fault: &Fault) -> Result<()> {
        let line = serde_json::to_string(fault)
            .map_err(|error| Error::Usage(format!("bug: a fault is no JSON: {error}")))?;
        self.faults.write(&line)
    }

    /// Hands everything written so far to the system.
    pub fn flush(&mut self) -> Result<()> {
        self.lines.flush()?;
        self.faults.flush()
    }

    /// Makes everything written so far durable, and says how far that is.
    pub fn sync(&mut self, chunks: u64) -> Result<Position> {
        self.flush()?;
        self.lines.sync()?;
        self.faults.sync()?;
        Ok(Position {
            chunks,
            line_bytes: self.lines.bytes,
            fault_bytes: self.faults.bytes,
        })
    }
}

impl Out {
    fn new(writer: Box<dyn Write>, file: Option<File>, path: PathBuf, bytes: u64) -> Self {
        Self {
            writer: BufWriter::with_capacity(1 << 18, writer),
            file,
            path,
            bytes,
        }
    }

    fn open(path: &Path, bytes: u64) -> Result<Self> {
        let fail = || Error::io(path, "opening the output");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(fail())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.display();
                return Err(Error::Usage(format!(
                    "{path} is being written by another run. Wait for it, or name another output"
                )));
            }
            // A file system without locks is no reason not to write.
            Err(TryLockError::Error(_)) => {}
        }
        let there = file.metadata().map_err(fail())?.len();
        if there < bytes {
            let path = path.display();
            return Err(Error::Usage(format!(
                "{path} has {there} bytes and its manifest says {bytes}; it was changed since. Start anew with --force"
            )));
        }
        file.set_len(bytes)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(fail())?;
        let writer = file.try_clone().map_err(fail())?;
        Ok(Self::new(
            Box::new(writer),
            Some(file),
            path.to_owned(),
            bytes,
        ))
    }

    fn write(&mut self, line: &str) -> Result<()> {
        self.bytes += line.len() as u64 + 1;
        let written = self
            .writer
            .write_all(line.as_bytes())
            .and_then(|()| self.writer.write_all(b"\n"));
        written.map_err(|error| self.failed("writing the output", error))
    }

    /// Only a file can be resumed.
    fn failed(&self, doing: &'static str, error: std::io::Error) -> Error {
        match self.file {
            Some(_) => Error::output(&self.path, doing)(error),
            None => Error::io(&self.path, doing)(error),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| self.failed("writing the output", error))
    }

    fn sync(&self) -> Result<()> {
        let synced = self.file.as_ref().map_or(Ok(()), File::sync_data);
        synced.map_err(|error| self.failed("making the output durable", error))
    }
}

/// Stops when an output that is there would be lost.
pub(super) fn refuse(path: &Path) -> Result<()> {
    for path in [
        path.to_owned(),
        beside(path, "faults.jsonl"),
        beside(path, "run.json"),
    ] {
        let holds_something = path
            .metadata()
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0);
        if holds_something {
            let path = path.display();
            return Err(Error::Usage(format!(
                "{path} exists. Take --resume to go on with it, --force to overwrite it, or name another output"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beside_the_output_share_its_stem() {
        for (out, faults) in [
            ("a/OUT.jsonl", "a/OUT.faults.jsonl"),
            ("x.json", "x.json.faults.jsonl"),
        ] {
            assert_eq!(beside(Path::new(out), "faults.jsonl"), Path::new(faults));
        }
    }

    #[test]
    fn an_output_shorter_than_its_manifest_says_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("OUT.jsonl");
        std::fs::write(&path, "abc\n").unwrap();
        let position = Position {
            line_bytes: 9,
            ..Position::default()
        };
        let error = Sink::files(&path, position).err().unwrap().to_string();
        assert!(
            error.contains("4 bytes") && error.contains("--force"),
            "{error}"
        );
    }

    #[test]
    fn a_second_run_on_one_output_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("OUT.jsonl");
        let first = Sink::files(&path, Position::default()).unwrap();
        let error = Sink::files(&path, Position::default())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("another run"), "{error}");
        drop(first);
        assert!(Sink::files(&path, Position::default()).is_ok());
    }
}
