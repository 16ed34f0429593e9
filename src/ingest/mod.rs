//! Files, folders and standard input → articles in a stable order; one file a format.
//!
//! In: the inputs as the user named them. Out: [`Item`]s, one for each record, in the order of the inputs,
//! folders walked in the order of their entries' names. Invariants: every record becomes an article or a
//! fault; the text of an article is the record's text byte for byte; one file is open at a time; no more than
//! [`Options::max_article_bytes`] of one record are held. Deliberately absent: what the text means.

mod date;
mod files;
mod jsonl;
mod lines;
mod text;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::article::{Article, Fault, Place, Stage};
use crate::error::{Error, Result};

pub use files::{File, Total, total};

/// How records are read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Options {
    /// Names of JSONL fields, each list in order of preference.
    pub fields: Fields,
    /// Overrides what a file's name says.
    pub format: Option<Format>,
    /// Replaces bytes that are not UTF-8 by U+FFFD instead of making the record a fault.
    pub replace_invalid: bool,
    /// A record with more bytes than this is a fault.
    pub max_article_bytes: usize,
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
            max_article_bytes: 256 << 20,
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
    /// Bytes of the files finished so far, as stored.
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
    for input in inputs {
        let mut go = true;
        files::walk(input, options, &mut |found| {
            go = match found {
                files::Found::File(file) => {
                    let go = read_file(&file, options, &mut |item| take(item, seen));
                    seen.bytes += file.bytes;
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

/// Reads one file's records; false when `take` wants no more.
fn read_file(file: &File, options: &Options, take: &mut dyn FnMut(Item) -> bool) -> bool {
    let opened = match file.open() {
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

/// Bytes → text, by the user's choice for what is not UTF-8.
fn decode(bytes: Vec<u8>, options: &Options) -> Result<String, String> {
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = bytes.as_slice() {
        return Err("is UTF-16; convert it to UTF-8 first, for example with iconv".to_owned());
    }
    String::from_utf8(bytes).or_else(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let zeros = bytes.iter().take(8192).filter(|&&byte| byte == 0).count();
        if zeros > 0 {
            return Err(
                "holds binary data; name the files to read, or leave this one out".to_owned(),
            );
        }
        if options.replace_invalid {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        Err(format!(
            "is not UTF-8 at byte {at}; convert it, or take --invalid-utf8 replace"
        ))
    })
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
