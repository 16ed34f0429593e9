//! Files, folders and standard input → articles in a stable order; one file a format.
//!
//! In: the inputs as the user named them. Out: [`Item`]s, one for each record, in the order of the inputs,
//! folders walked in the order of their entries' names, archives in that of their members. Invariants: every record
//! becomes an article, a page or a fault; the text of an article is the record's text byte for byte; one file is open
//! at a time; no more than [`Options::max_article_bytes`] of one record are held. What is in a page is found out by
//! [`Page::article`], which the workers call. Deliberately absent: what the text means.

mod archive;
mod charset;
mod date;
mod encoding;
mod files;
mod html;
mod http;
mod jsonl;
mod kind;
mod lines;
mod markup;
mod packing;
mod page;
mod parquet;
mod shallow;
mod stored;
mod table;
mod text;
mod warc;

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Seek};
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
pub use page::Page;

/// How records are read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Options {
    /// Names of JSON fields and of columns, each list in order of preference.
    pub fields: Fields,
    /// Overrides what a file's name and bytes say, but for archives: of those it is their members.
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

/// Which fields of a JSON record, or columns of a table, hold what; the first name present wins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fields {
    /// The record's own id: a string or a whole number.
    pub id: Vec<String>,
    /// Headline.
    pub title: Vec<String>,
    /// The text; a record with neither a text nor a page is a fault.
    pub text: Vec<String>,
    /// A page of HTML, of a record without text.
    pub html: Vec<String>,
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
            html: names(&["html", "raw_html"]),
            date: names(&["date", "published", "published_at", "date_published"]),
            lang: names(&["lang", "language"]),
            url: names(&["url", "link"]),
        }
    }
}

impl Fields {
    /// True where one of a table's columns holds the text or the page.
    fn has_text(&self, columns: &[String]) -> bool {
        let mut names = self.text.iter().chain(&self.html);
        names.any(|name| columns.contains(name))
    }

    /// True for a field that an article has.
    fn has(&self, name: &str) -> bool {
        let lists = [
            &self.id,
            &self.title,
            &self.text,
            &self.html,
            &self.date,
            &self.lang,
            &self.url,
        ];
        lists.into_iter().flatten().any(|field| field == name)
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
    /// One page.
    Html,
    /// One record a row, columns named by the first line and separated by what that line shows.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// Web archive records, WET files too.
    Warc,
    /// Apache Parquet.
    Parquet,
    /// An archive of files.
    Tar,
    /// An archive of files.
    Zip,
}

impl Format {
    fn is_archive(self) -> bool {
        matches!(self, Self::Tar | Self::Zip)
    }
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
    /// bzip2, one or more streams.
    Bzip2,
    /// xz, one or more streams.
    Xz,
}

/// One record of the input.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// A record that could be read.
    Article(Article),
    /// A record that is a page, whose article is still to be found.
    Page(Page),
    /// A record, file or folder that could not.
    Fault(Fault),
}

/// Where reading stands, for progress.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Bytes read so far, as stored.
    pub bytes: u64,
    /// Files in folders, members of archives and records of WARC files passed over because they hold no article.
    pub skipped: u64,
}

/// Counts what is passed over within files.
#[derive(Default)]
struct Skipped(Cell<u64>);

impl Skipped {
    fn add_one(&self) {
        self.0.set(self.0.get() + 1);
    }
}

/// What goes along while a file is read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    options: &'a Options,
    skipped: &'a Skipped,
    /// Stored bytes read so far of the file, or of the archive's member.
    count: &'a Count,
    /// Number of archives around what is read.
    depth: usize,
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
                    let skipped = Skipped::default();
                    let before = seen.bytes;
                    let reading = Reading {
                        options,
                        skipped: &skipped,
                        count: &count,
                        depth: 0,
                    };
                    let go = read_guarded(&file, reading, &mut |item| {
                        // Standard input has no size that the rest could be told from.
                        seen.bytes = before + count.get().min(file.bytes);
                        take(item, seen)
                    });
                    seen.bytes = before + file.bytes;
                    seen.skipped += skipped.0.get();
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
fn read_guarded(file: &File, reading: Reading<'_>, take: &mut dyn FnMut(Item) -> bool) -> bool {
    let mut record = 0;
    let mut wanted = true;
    let read = catch_unwind(AssertUnwindSafe(|| {
        read_file(file, reading, &mut |item| {
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
fn read_file(file: &File, reading: Reading<'_>, take: &mut dyn FnMut(Item) -> bool) -> bool {
    match file.open(reading.count) {
        Ok(opened) => read_stream(file, opened, reading, take),
        Err(error) => take(file.fault(0, Stage::Read, format!("cannot be opened: {error}"))),
    }
}

/// Reads the records of a file, or of a member of an archive, as stored.
fn read_stream<'a>(
    file: &File,
    stored: Box<dyn Read + 'a>,
    reading: Reading<'_>,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let options = reading.options;
    let unpacked = packing::unpack(file.packing, stored, options.max_ratio, reading.count);
    let told = unpacked.and_then(|mut unpacked| {
        let format = match file.format {
            Some(format) => format,
            None => {
                let (head, reader) = packing::peek(unpacked.reader, kind::HEAD_BYTES)?;
                unpacked.reader = reader;
                kind::format(&head, &options.fields).unwrap_or(Format::Text)
            }
        };
        Ok((unpacked, format))
    });
    let (unpacked, format) = match told {
        Ok(told) => told,
        Err(error) => return take(file.fault(0, Stage::Read, format!("cannot be read: {error}"))),
    };
    if matches!(format, Format::Parquet | Format::Zip) {
        let in_place = reading.depth == 0 && unpacked.is_plain;
        if in_place {
            reading.count.set(file.bytes);
        }
        let bytes = match on_disk(file, in_place, unpacked.reader) {
            Ok(bytes) => bytes,
            Err(error) => {
                return take(file.fault(0, Stage::Read, format!("cannot be read: {error}")));
            }
        };
        return match format {
            Format::Zip => archive::read_zip(file, bytes, reading, take),
            _ => parquet::read(file, bytes, options, take),
        };
    }
    if format == Format::Warc {
        return warc::read(file, unpacked, options, reading.skipped, take);
    }
    let mut reader = BufReader::with_capacity(1 << 16, unpacked.reader);
    match format {
        Format::Text => text::read(file, &mut reader, options, take),
        Format::Html => html::read(file, &mut reader, options, take),
        Format::Jsonl => jsonl::read_lines(file, &mut reader, options, take),
        Format::Json => jsonl::read_whole(file, &mut reader, options, take),
        Format::Csv => table::read(file, Box::new(reader), None, reading, take),
        Format::Tsv => table::read(file, Box::new(reader), Some(b'\t'), reading, take),
        Format::Tar => archive::read_tar(file, Box::new(reader), reading, take),
        Format::Warc | Format::Parquet | Format::Zip => true,
    }
}

/// A file that can be read out of order: itself, or a copy without a name that goes when it is closed.
fn on_disk(
    file: &File,
    in_place: bool,
    mut reader: Box<dyn Read + '_>,
) -> std::io::Result<std::fs::File> {
    if in_place && file.path.as_os_str() != "-" {
        return std::fs::File::open(&file.path);
    }
    let mut copy = tempfile::tempfile()?;
    std::io::copy(&mut reader, &mut copy)?;
    copy.rewind()?;
    Ok(copy)
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
    /// True where the user did not name it, but a folder or archive that holds it.
    fn was_met(&self) -> bool {
        self.relative.contains('/')
    }

    fn place(&self, record: u64) -> Place {
        Place {
            path: self.shown.clone(),
            record,
            offset: None,
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

impl Item {
    /// The item as a record that this room reads again; `None` when it is too large to keep in a fault.
    #[must_use]
    pub fn record(&self) -> Option<serde_json::Value> {
        match self {
            Self::Article(article) => article.record(),
            Self::Page(page) => page.record(),
            Self::Fault(fault) => fault.record.clone(),
        }
    }

    /// The item of `file` with where in it the record begins; one of an earlier run's fault keeps its place.
    fn at(mut self, file: &File, offset: u64) -> Self {
        let place = match &mut self {
            Self::Article(article) => &mut article.place,
            Self::Page(page) => &mut page.known.place,
            Self::Fault(fault) => &mut fault.source,
        };
        if place.path == file.shown {
            place.offset = Some(offset);
        }
        self
    }
}

#[cfg(test)]
mod tests;
