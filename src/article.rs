//! What flows through the program: an [`Article`] and where it came from.

use serde::{Deserialize, Serialize};

/// Where a record stands in the input.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The file's path as the user named it (folder paths joined with what was found inside), or `-`.
    pub path: String,
    /// Number of the record in that file, from 0.
    pub record: u64,
    /// Where the record begins, in bytes from the start of the file as unpacked; of a WARC record that is a gzip member of its
    /// own, where that member begins in the file as stored.
    /// A row of CSV may have the line break before it counted in. Absent for what has no such place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, record {}", self.path, self.record)
    }
}

/// One article as read, its text untouched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Article {
    /// The record's own id, or a hash of its place below the input root.
    pub id: String,
    /// Where it came from.
    pub place: Place,
    /// Headline, where the input has one beside the text.
    pub title: Option<String>,
    /// Date of publication as `YYYY-MM-DD`, or as the input spells it when it is not a date.
    pub published: Option<String>,
    /// Language tag, where the input has one.
    pub lang: Option<String>,
    /// Address of the page, where the input has one.
    pub url: Option<String>,
    /// The text that every offset indexes, byte for byte as read.
    pub text: String,
}

/// Where in the path an article failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Opening or reading the file.
    Read,
    /// Taking the record apart.
    Parse,
    /// Text to word pieces.
    Tokenize,
    /// The model's forward pass.
    Model,
    /// Everything after the model.
    Annotate,
    /// Making the output line.
    Write,
}

/// An article that could not be annotated: one line of the faults file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// The article's id where it got one.
    pub id: Option<String>,
    /// Where it came from.
    pub source: Place,
    /// Where in the path it failed.
    pub stage: Stage,
    /// What is wrong, and what to do about it.
    pub reason: String,
    /// The record itself, where it is small enough to be run again from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<serde_json::Value>,
}

/// Longest record, in bytes of JSON, that is kept in a fault.
pub const MAX_KEPT_BYTES: usize = 64 << 10;

impl Article {
    /// The article as a record that the ingest room reads again; `None` when it is too large to keep in a fault.
    #[must_use]
    pub fn record(&self) -> Option<serde_json::Value> {
        if self.text.len() > MAX_KEPT_BYTES {
            return None;
        }
        let optional = [
            ("title", &self.title),
            ("published", &self.published),
            ("lang", &self.lang),
            ("url", &self.url),
        ];
        let mut record = serde_json::Map::new();
        record.insert("id".to_owned(), self.id.clone().into());
        for (name, value) in optional {
            if let Some(value) = value {
                record.insert(name.to_owned(), value.clone().into());
            }
        }
        record.insert("text".to_owned(), self.text.clone().into());
        Some(record.into())
    }
}
