//! Labelled files → documents; one file a format.
//!
//! In: files or folders, packed by gzip or zstd or not. Out: [`Gold`]: documents in the order of their files, and a fault for each record or
//! file that could not be read, so that nothing is lost unseen. What a file holds is told by its name, then by its first byte.

mod brat;
mod columns;
mod offsets;
mod parquet;
mod record;
mod scheme;

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::document::Document;
use crate::article::{Fault, Place, Stage};
use crate::error::{Error, Result};
use record::Record;

/// What was read of labelled files.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Gold {
    /// The documents.
    pub documents: Vec<Document>,
    /// What could not be read.
    pub faults: Vec<Fault>,
    /// Records that their annotators rejected or skipped.
    pub left_out: usize,
    /// brat's labels in several pieces, read as one stretch.
    pub in_pieces: usize,
}

/// Reads labelled files and folders. `tag_names` are the names of tags that are numbers, where the files do not say.
///
/// # Errors
/// When a path is not there or a folder cannot be listed.
pub fn read(paths: &[PathBuf], tag_names: &[String]) -> Result<Gold> {
    let mut gold = Gold::default();
    for path in paths {
        if !path.exists() {
            return Err(Error::Usage(format!(
                "{}: no such file or folder",
                path.display()
            )));
        }
        for file in files(path)? {
            let shown = file.to_string_lossy().into_owned();
            if let Err((stage, reason)) = gold.read_file(&file, &shown, tag_names) {
                gold.fault(shown, 0, stage, reason);
            }
        }
    }
    Ok(gold)
}

/// The files of a path in the order of their names. In a folder with brat's annotations these alone are files of labels.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            Error::Usage(format!("{}: cannot be listed: {error}", path.display()))
        })?;
        if entry.file_type().is_file() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            found.push(entry.into_path());
        }
    }
    let is_ann = |file: &PathBuf| ending(file) == "ann";
    if found.iter().any(is_ann) {
        found.retain(is_ann);
    }
    Ok(found)
}

/// A file's ending in lower case, that of its packing apart.
fn ending(path: &Path) -> String {
    let of = |path: &Path| {
        let ending = path.extension().and_then(std::ffi::OsStr::to_str);
        ending.unwrap_or_default().to_ascii_lowercase()
    };
    match of(path).as_str() {
        "gz" | "zst" => of(&path.with_extension("")),
        other => other.to_owned(),
    }
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    match path.extension().and_then(std::ffi::OsStr::to_str) {
        Some("gz") => flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes)?,
        Some("zst") => zstd::Decoder::new(file)?.read_to_end(&mut bytes)?,
        _ => std::io::BufReader::new(file).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

impl Gold {
    fn fault(&mut self, path: String, record: u64, stage: Stage, reason: String) {
        self.faults.push(Fault {
            id: None,
            source: Place {
                path,
                record,
                offset: None,
            },
            stage,
            reason,
            record: None,
        });
    }

    fn read_file(
        &mut self,
        path: &Path,
        shown: &str,
        tag_names: &[String],
    ) -> Result<(), (Stage, String)> {
        let unreadable = |error: std::io::Error| (Stage::Read, format!("cannot be read: {error}"));
        let wrong = |reason: String| (Stage::Parse, reason);
        let bytes = bytes(path).map_err(unreadable)?;
        if ending(path) == "parquet" {
            let rows = parquet::read(bytes).map_err(wrong)?;
            let names = if tag_names.is_empty() {
                &rows.tag_names
            } else {
                tag_names
            };
            self.records(&rows.values, shown, names);
            return Ok(());
        }
        let utf8 = |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .map_err(|error| (Stage::Parse, format!("is not UTF-8: {error}")))
        };
        let text = utf8(bytes)?;
        if ending(path) == "ann" {
            let beside = path.with_extension("txt");
            let missing = |error| {
                (
                    Stage::Read,
                    format!("its text {} cannot be read: {error}", beside.display()),
                )
            };
            let article = utf8(std::fs::read(&beside).map_err(missing)?)?;
            let (document, in_pieces) = brat::read(&text, article, shown).map_err(wrong)?;
            self.documents.push(document);
            self.in_pieces += in_pieces;
            return Ok(());
        }
        let bare = text.trim_start_matches('\u{feff}').trim_start();
        if bare.starts_with(['{', '['])
            && serde_json::from_str::<Value>(bare.lines().next().unwrap_or_default())
                .is_ok_and(|first| !is_list(&first))
        {
            self.lines(&text, shown, tag_names);
        } else if bare.starts_with(['{', '['])
            && ["json", "jsonl", "ndjson"].contains(&ending(path).as_str())
        {
            match serde_json::from_str::<Value>(bare) {
                Ok(Value::Array(values)) => self.records(&values, shown, tag_names),
                Ok(value) => self.records(&[value], shown, tag_names),
                Err(_) => self.lines(&text, shown, tag_names),
            }
        } else {
            self.documents
                .extend(columns::read(&text, shown).map_err(wrong)?);
        }
        Ok(())
    }

    /// One record a line.
    fn lines(&mut self, text: &str, shown: &str, tag_names: &[String]) {
        let lines = text.trim_start_matches('\u{feff}').split('\n');
        for (record, line) in (0..).zip(lines.filter(|line| !line.trim().is_empty())) {
            match serde_json::from_str::<Value>(line) {
                Ok(value) => self.record(&value, shown, record, tag_names),
                Err(error) => self.fault(
                    shown.to_owned(),
                    record,
                    Stage::Parse,
                    format!("is not JSON: {error}"),
                ),
            }
        }
    }

    fn records(&mut self, values: &[Value], shown: &str, tag_names: &[String]) {
        for (record, value) in (0..).zip(values) {
            self.record(value, shown, record, tag_names);
        }
    }

    fn record(&mut self, value: &Value, shown: &str, record: u64, tag_names: &[String]) {
        let place = Place {
            path: shown.to_owned(),
            record,
            offset: None,
        };
        match record::read(value, place, tag_names) {
            Ok(Record::Document(document)) => self.documents.push(*document),
            Ok(Record::LeftOut) => self.left_out += 1,
            Err(reason) => self.fault(shown.to_owned(), record, Stage::Parse, reason),
        }
    }
}

/// True for an array of records, which spaCy's pair of text and labels is not.
fn is_list(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|values| !values.first().is_some_and(Value::is_string))
}

/// One document of a line of our output.
///
/// # Errors
/// What is wrong with the line.
pub(super) fn of_line(line: &str) -> Result<Document, String> {
    let value: Value =
        serde_json::from_str(line).map_err(|error| format!("is not JSON: {error}"))?;
    let place = Place {
        path: "-".to_owned(),
        record: 0,
        offset: None,
    };
    match record::read(&value, place, &[])? {
        Record::Document(document) => Ok(*document),
        Record::LeftOut => Err("is no line of ours".to_owned()),
    }
}

#[cfg(test)]
mod tests;
