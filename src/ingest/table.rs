//! CSV and TSV: a line of names, then one record a row, quoted as RFC 4180 says.
//!
//! A table without a column for the text is a fault. One that was met in a folder or archive and whose cells are all short is passed over: lists of
//! sources and labels lie beside articles, and hold none.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::{File, Item, Options, Reading, decode, jsonl};
use crate::article::Stage;

/// Bytes that the parser reads ahead.
const BUFFER_BYTES: usize = 1 << 16;

/// Reads all rows; `separator` is told from the line of names where it is not given.
pub(super) fn read<'a>(
    file: &File,
    reader: Box<dyn Read + 'a>,
    separator: Option<u8>,
    reading: Reading<'_>,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let options = reading.options;
    let (separator, reader) = match separator {
        Some(separator) => (separator, reader),
        None => match super::packing::peek(reader, super::kind::HEAD_BYTES) {
            Ok((head, reader)) => (likely_separator(&head), reader),
            Err(error) => {
                return take(file.fault(0, Stage::Read, format!("cannot be read: {error}")));
            }
        },
    };
    let left = Rc::new(Cell::new(0));
    let refill = || left.set(options.max_article_bytes.saturating_add(BUFFER_BYTES));
    refill();
    let mut rows = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(Bounded {
            inner: reader,
            left: Rc::clone(&left),
        });
    let names = match names(&mut rows, options) {
        Ok(names) => names,
        Err((stage, reason)) => return take(file.fault(0, stage, reason)),
    };
    if !names.is_empty() && !options.fields.has_text(&names) {
        if file.was_met() && options.format.is_none() && all_are_short(&mut rows) {
            reading.skipped.add_one();
            return true;
        }
        let reason = format!(
            "has no column {}; its first line names {}. Name the column with --text-field",
            options.fields.text.join(", "),
            names.join(", ")
        );
        return take(file.fault(0, Stage::Parse, reason));
    }
    let mut row = ByteRecord::new();
    for record in 0.. {
        refill();
        let offset = rows.position().byte();
        let item = match rows.read_byte_record(&mut row) {
            Ok(false) => break,
            Err(error) => {
                let reason = format!("cannot be read beyond record {record}: {error}");
                return take(file.fault(record, Stage::Read, reason).at(file, offset));
            }
            Ok(true) => item(file, record, &names, &row, options),
        };
        let offset = row.position().map_or(offset, csv::Position::byte);
        if !take(item.at(file, offset)) {
            return false;
        }
    }
    true
}

/// Bytes of a cell from which it may be an article's text.
const LONG_BYTES: usize = 200;
/// Rows that are looked at.
const LOOKED_AT: usize = 100;

/// True where none of the first rows has a cell that could be an article's text.
fn all_are_short<R: Read>(rows: &mut csv::Reader<R>) -> bool {
    let mut rows = rows.byte_records().take(LOOKED_AT);
    rows.all(|row| row.is_ok_and(|row| row.iter().all(|cell| cell.len() < LONG_BYTES)))
}

/// The names of the columns.
fn names<R: Read>(
    rows: &mut csv::Reader<R>,
    options: &Options,
) -> Result<Vec<String>, (Stage, String)> {
    let line = rows.byte_headers();
    let line = line.map_err(|error| {
        (
            Stage::Read,
            format!("its line of names cannot be read: {error}"),
        )
    })?;
    let names: Result<Vec<String>, String> = line
        .iter()
        .map(|name| decode(name.trim_ascii().to_vec(), options))
        .collect();
    names.map_err(|reason| (Stage::Parse, format!("its line of names {reason}")))
}

/// A row → an article, a page or a fault.
fn item(file: &File, record: u64, names: &[String], row: &ByteRecord, options: &Options) -> Item {
    let mut object = Map::new();
    for (name, value) in names.iter().zip(row) {
        let value = match decode(value.to_vec(), options) {
            Ok(value) => value,
            Err(reason) => {
                return file.fault(record, Stage::Parse, format!("column {name} {reason}"));
            }
        };
        // An empty cell is a value that is not there, but an empty text is a text.
        if !value.is_empty() || options.fields.text.contains(name) {
            object.entry(name.as_str()).or_insert(Value::String(value));
        }
    }
    if row.len() != names.len() {
        let reason = format!("has {} columns; expected {}", row.len(), names.len());
        return jsonl::wrong(file.place(record), None, &reason, Some(object.into()));
    }
    jsonl::from_value(file, record, object.into(), &options.fields)
}

/// The separator that stands most often in the first line, outside quotes.
fn likely_separator(head: &[u8]) -> u8 {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| {
        let mut quoted = false;
        line.iter()
            .filter(|&&byte| {
                quoted ^= byte == b'"';
                byte == separator && !quoted
            })
            .count()
    };
    // The last of several with the same count: a comma, where there is but one column.
    [b'|', b'\t', b';', b',']
        .into_iter()
        .max_by_key(|&separator| count(separator))
        .unwrap_or(b',')
}

/// A reader that fails where one record has no end: a quote left open makes the rest of a file one record.
struct Bounded<R> {
    inner: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(
                "the record is longer than --max-article-bytes, or a quote is left open",
            ));
        }
        let n = buffer.len().min(self.left.get());
        let n = self.inner.read(&mut buffer[..n])?;
        self.left.set(self.left.get() - n);
        Ok(n)
    }
}
