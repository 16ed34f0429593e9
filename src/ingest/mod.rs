//! Files, folders and standard input → articles in a stable order; one file a format.
//!
//! In: the inputs as the user named them. Out: [`Item`]s, one for each record, in the order of the inputs,
//! folders walked in the order of their entries' names. Invariants: every record becomes an article or a
//! fault; the text of an article is the record's text byte for byte; one file is open at a time; no more than
//! [`Options::max_article_bytes`] of one record are held. Deliberately absent: what the text means.

mod date;
mod encoding;
mod files;
mod jsonl;
mod lines;
mod shallow;
mod stored;
mod text;

use std::io::{BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::article::{Article, Fault, Place, Stage};
use crate::error::{Error, Result};

use encoding::decode;
use stored::Count;

pub use encoding::named as encoding_named;
pub use files::{File, Total, files, total};

/// How records are read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Options {
    /// Names of JSONL fields, each list in order of preference.
    pub fields: Fields,
    /// Overrides what a file's name says.
    pub format: Option<Format>,
    /// Replaces bytes that are not UTF-8 by U+FFFD instead of making the record a fault.
    pub replace_invalid: bool,
    /// Label of the encoding of bytes that are not UTF-8 and bear no mark, such as `windows-1251`.
    pub encoding: Option<String>,
    /// A record with more bytes than this is a fault.
    pub max_article_bytes: usize,
    /// A packed file that unpacks to more than so many times its size is a fault, once that is more than 64 MiB.
    pub max_ratio: u64,
    /// Follows symbolic links met inside folders.
    pub follow_links: bool,
    /// Files that are passed over when they are met in a folder: the run's own output.
    #[serde(skip)]
    pub leave_out: Vec<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fields: Fields::default(),
            format: None,
            replace_invalid: false,
            encoding: None,
            max_article_bytes: 256 << 20,
            max_ratio: 250,
            follow_links: false,
            leave_out: Vec::new(),
        }
    }
}

/// Which fields of a JSON record hold what; the first name present wins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fields {
    /// The record's own id: a string or a whole number.
    pub id: Vec<String>,
    /// Headline.
    pub title: Vec<String>,
    /// The text; a record without it is a fault.
    pub text: Vec<String>,
    /// Date of publication.
    pub date: Vec<String>,
    /// Language.
    pub lang: Vec<String>,
    /// Address.
    pub url: Vec<String>,
}

impl Default for Fields {
    fn default() -> Self {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        Self {
            id: names(&["id"]),
            title: names(&["title", "headline"]),
            text: names(&["text", "body", "content"]),
            date: names(&["date", "published", "published_at", "date_published"]),
            lang: names(&["lang", "language"]),
            url: names(&["url", "link"]),
        }
    }
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One article.
    Text,
    /// One JSON object a line.
    Jsonl,
    /// One JSON object, or one array of them.
    Json,
}

/// How a file is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packing {
    /// As it is.
    Plain,
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
}

/// One record of the input.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// A record that could be read.
    Article(Article),
    /// A record, file or folder that could not.
    Fault(Fault),
}

/// Where reading stands, for progress.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Bytes read so far, as stored.
    pub bytes: u64,
    /// Files skipped in folders because their names say they hold no articles.
    pub skipped: u64,
}

/// Reads all records of `inputs` in order and hands each to `take` with where reading stands; stops early
/// when `take` returns false.
///
/// # Errors
/// [`Error::Usage`] when an input does not exist. Whatever goes wrong with a file after that is a fault.
pub fn read(
    inputs: &[PathBuf],
    options: &Options,
    take: &mut dyn FnMut(Item, Seen) -> bool,
) -> Result<Seen> {
    let mut seen = Seen::default();
    let count = Count::default();
    for input in inputs {
        let mut go = true;
        files::walk(input, options, &mut |found| {
            go = match found {
                files::Found::File(file) => {
                    let before = seen.bytes;
                    let go = read_guarded(&file, options, &count, &mut |item| {
                        // Standard input has no size that the rest could be told from.
                        seen.bytes = before + count.get().min(file.bytes);
                        take(item, seen)
                    });
                    seen.bytes = before + file.bytes;
                    go
                }
                files::Found::Skipped => {
                    seen.skipped += 1;
                    true
                }
                files::Found::Fault(fault) => take(Item::Fault(fault), seen),
            };
            go
        })?;
        if !go {
            break;
        }
    }
    Ok(seen)
}

/// Reads one file's records and tells when the file changed meanwhile; false when `take` wants no more. A panic in a reader
/// costs the rest of its file alone.
fn read_guarded(
    file: &File,
    options: &Options,
    count: &Count,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let mut record = 0;
    let mut wanted = true;
    let read = catch_unwind(AssertUnwindSafe(|| {
        read_file(file, options, count, &mut |item| {
            record += 1;
            wanted = take(item);
            wanted
        })
    }));
    match read {
        Ok(false) => false,
        Ok(true) => file
            .changed()
            .is_none_or(|reason| take(file.fault(record, Stage::Read, reason))),
        Err(_) => {
            let reason = format!("a reader panicked beyond record {record}; please report it");
            wanted && take(file.fault(record, Stage::Read, reason))
        }
    }
}

/// Reads one file's records; false when `take` wants no more.
fn read_file(
    file: &File,
    options: &Options,
    count: &Count,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let opened = match file.open(options.max_ratio, count) {
        Ok(opened) => opened,
        Err(error) => {
            return take(file.fault(0, Stage::Read, format!("cannot be opened: {error}")));
        }
    };
    let mut reader = BufReader::with_capacity(1 << 16, opened);
    let format = match file.format.map_or_else(|| sniff(&mut reader), Ok) {
        Ok(format) => format,
        Err(error) => return take(file.fault(0, Stage::Read, format!("cannot be read: {error}"))),
    };
    match format {
        Format::Text => text::read(file, &mut reader, options, take),
        Format::Jsonl => jsonl::read_lines(file, &mut reader, options, take),
        Format::Json => jsonl::read_whole(file, &mut reader, options, take),
    }
}

/// Tells JSON lines from text by the first byte that is no white space.
fn sniff(reader: &mut dyn BufRead) -> std::io::Result<Format> {
    let start = reader.fill_buf()?;
    let start = start
        .strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(start)
        .trim_ascii_start();
    Ok(if start.starts_with(b"{") {
        Format::Jsonl
    } else {
        Format::Text
    })
}

/// Reads to the end, or fails when that is more than `limit` bytes.
fn read_within(reader: &mut dyn BufRead, limit: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// The id of a record that has none: 16 hex digits of the hash of its place below its input's parent folder.
fn id_of_place(relative: &str, record: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(relative.as_bytes());
    hash.update([0]);
    hash.update(record.to_string().as_bytes());
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Checks that every input exists before anything is read.
///
/// # Errors
/// [`Error::Usage`] naming the first input that is not there.
pub fn check(inputs: &[PathBuf]) -> Result<()> {
    for input in inputs {
        if input.as_os_str() != "-" && !input.exists() {
            return Err(Error::Usage(format!(
                "{}: no such file or folder. Give files, folders or - for standard input",
                input.display()
            )));
        }
    }
    Ok(())
}

impl File {
    fn place(&self, record: u64) -> Place {
        Place {
            path: self.shown.clone(),
            record,
        }
    }

    fn fault(&self, record: u64, stage: Stage, reason: String) -> Item {
        Item::Fault(Fault {
            id: None,
            source: self.place(record),
            stage,
            reason,
            record: None,
        })
    }
}

#[cfg(test)]
mod tests;
