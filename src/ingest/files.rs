//! Inputs as the user named them → files, in a stable order.

use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::stored::{Count, Stored};
use super::{Format, Options, Packing, kind, packing};
use crate::article::{Fault, Place, Stage};
use crate::error::Result;

/// One file to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Where it is; `-` for standard input.
    pub path: PathBuf,
    /// As messages and output show it.
    pub shown: String,
    /// Below the folder that holds the input, with `/` between parts: what ids are made of.
    pub relative: String,
    /// Size as stored; 0 for standard input.
    pub bytes: u64,
    /// When it was last changed, where the system knows; `None` for what is no file, such as a pipe.
    pub modified: Option<SystemTime>,
    /// What it holds; `None`: to be told from its first bytes.
    pub format: Option<Format>,
    /// How it is packed.
    pub packing: Packing,
}

/// What a walk comes upon.
pub(super) enum Found {
    File(File),
    Skipped,
    Fault(Fault),
}

/// How much there is to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Total {
    /// Number of files.
    pub files: u64,
    /// Their bytes as stored.
    pub bytes: u64,
    /// Files in folders whose names say they hold no articles.
    pub skipped: u64,
    /// Hash of all files' places, sizes and times of change.
    pub hash: u64,
}

/// Counts what there is to read, without opening a file whose name says what it holds.
///
/// # Errors
/// [`crate::Error::Usage`] when an input does not exist.
pub fn total(inputs: &[PathBuf], options: &Options) -> Result<Total> {
    let mut total = Total::default();
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        walk(input, options, &mut |found| {
            match found {
                Found::File(file) => {
                    total.files += 1;
                    total.bytes += file.bytes;
                    (&file.shown, file.bytes, file.modified).hash(&mut hasher);
                }
                Found::Skipped => total.skipped += 1,
                Found::Fault(_) => {}
            }
            true
        })?;
    }
    total.hash = hasher.finish();
    Ok(total)
}

/// Hands each file that would be read to `take`, without opening it.
///
/// # Errors
/// [`crate::Error::Usage`] when an input does not exist.
pub fn files(inputs: &[PathBuf], options: &Options, take: &mut dyn FnMut(&File)) -> Result<()> {
    for input in inputs {
        walk(input, options, &mut |found| {
            if let Found::File(file) = found {
                take(&file);
            }
            true
        })?;
    }
    Ok(())
}

/// Hands each file of one input to `take`, folders in the order of their entries' names.
pub(super) fn walk(
    input: &Path,
    options: &Options,
    take: &mut dyn FnMut(Found) -> bool,
) -> Result<()> {
    super::check(&[input.to_owned()])?;
    if input.as_os_str() == "-" {
        take(Found::File(standard_input(options)));
        return Ok(());
    }
    if !input.is_dir() {
        let relative = file_name(input);
        take(found(input, relative, options, true));
        return Ok(());
    }
    let root_name = input
        .canonicalize()
        .ok()
        .map(|path| file_name(&path))
        .unwrap_or_default();
    let entries = WalkDir::new(input)
        .min_depth(1)
        .follow_links(options.follow_links)
        .sort_by_file_name();
    for entry in entries
        .into_iter()
        .filter_entry(|entry| !hidden(entry.file_name()))
    {
        let next = match entry {
            Err(error) => Found::Fault(unreadable(input, &error)),
            Ok(entry) if entry.file_type().is_dir() => continue,
            // A link is followed by option alone; a pipe or device would be waited for without end.
            Ok(entry) if !entry.file_type().is_file() => Found::Skipped,
            Ok(entry) if ours(entry.path(), &options.leave_out) => continue,
            Ok(entry) => {
                let below = entry.path().strip_prefix(input).unwrap_or(entry.path());
                let relative = std::iter::once(root_name.clone())
                    .chain(below.iter().map(|part| part.to_string_lossy().into_owned()))
                    .collect::<Vec<_>>()
                    .join("/");
                found(entry.path(), relative, options, false)
            }
        };
        if !take(next) {
            break;
        }
    }
    Ok(())
}

/// True for a file that the run itself writes.
fn ours(path: &Path, outputs: &[PathBuf]) -> bool {
    let same = |output: &&PathBuf| output.file_name() == path.file_name();
    let mut outputs = outputs.iter().filter(same).peekable();
    outputs.peek().is_some()
        && path.canonicalize().is_ok_and(|path| {
            outputs.any(|output| output.canonicalize().is_ok_and(|output| output == path))
        })
}

fn hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn standard_input(options: &Options) -> File {
    File {
        path: PathBuf::from("-"),
        shown: "-".to_owned(),
        relative: "-".to_owned(),
        bytes: 0,
        modified: None,
        format: options.format,
        packing: Packing::Plain,
    }
}

/// A path → the file it is. A file the user named is read whatever its name; one met in a folder only when
/// its name, or where that says nothing its first bytes, say that it holds articles.
fn found(path: &Path, relative: String, options: &Options, named: bool) -> Found {
    let (format, packing) = kind::of_name(path);
    let archived = format.filter(|format| format.is_archive());
    let mut format = archived.or(options.format).or(format);
    if format.is_none() && !named {
        format = of_bytes(path, packing, options);
        if format.is_none() {
            return Found::Skipped;
        }
    }
    let (bytes, modified) = state(path);
    Found::File(File {
        path: path.to_owned(),
        shown: path.to_string_lossy().into_owned(),
        relative,
        bytes,
        modified,
        format,
        packing,
    })
}

/// Size and time of change; none for what is not there or is no file.
fn state(path: &Path) -> (u64, Option<SystemTime>) {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => (metadata.len(), metadata.modified().ok()),
        _ => (0, None),
    }
}

/// What the first bytes of a file say whose name says nothing.
fn of_bytes(path: &Path, packing: Packing, options: &Options) -> Option<Format> {
    if !kind::says_nothing(path) {
        return None;
    }
    let stored = std::fs::File::open(path).ok()?;
    let unpacked = packing::unpack(packing, Box::new(stored), u64::MAX, &Count::default()).ok()?;
    let (head, _) = packing::peek(unpacked.reader, kind::HEAD_BYTES).ok()?;
    kind::format(&head, &options.fields)
}

fn unreadable(input: &Path, error: &walkdir::Error) -> Fault {
    let path = error.path().unwrap_or(input).to_string_lossy().into_owned();
    Fault {
        id: None,
        source: Place {
            path,
            record: 0,
            offset: None,
        },
        stage: Stage::Read,
        reason: format!("cannot be read: {error}"),
        record: None,
    }
}

impl File {
    /// Opens the file as it is stored, counting what is read of it.
    pub(super) fn open(&self, count: &Count) -> std::io::Result<Box<dyn Read>> {
        if self.path.as_os_str() == "-" {
            let stdin = std::io::stdin().lock();
            return Ok(Box::new(Stored::new(stdin, None, count.clone())));
        }
        // The system makes some files as they are read, and says that they are empty.
        let limit = self.modified.map(|_| self.bytes).filter(|&bytes| bytes > 0);
        let file = std::fs::File::open(&self.path)?;
        Ok(Box::new(Stored::new(file, limit, count.clone())))
    }

    /// Says how the file differs from what it was when it was met.
    pub(super) fn changed(&self) -> Option<String> {
        self.modified?;
        let (bytes, modified) = state(&self.path);
        if (bytes, modified) == (self.bytes, self.modified) {
            return None;
        }
        Some(match modified {
            None => {
                "was removed while it was read; its records before this one were read".to_owned()
            }
            Some(_) => format!(
                "was changed while it was read ({} bytes before, {bytes} now); records may be missing or cut, run it again",
                self.bytes
            ),
        })
    }
}
