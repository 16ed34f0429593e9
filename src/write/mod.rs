//! The output line.
//!
//! In: an article and what was found in it. Out: one line of JSON, schema `sanctag/1`, without its line end:
//!
//! | field | what |
//! |---|---|
//! | `schema` | `"sanctag/1"` |
//! | `id` | the record's own id, or 16 hex digits of a hash of its place below the folder that holds the input |
//! | `source` | `path` as the user named it (of an archive's member `ARCHIVE!/MEMBER`), `record` from 0, `offset` in bytes where the record has one |
//! | `title`, `published`, `lang`, `url` | as the input has them, of a page what it says of itself; absent where there is none |
//! | `text` | the input's text unchanged, of a page its main text; absent with [`Options::text`] false |
//! | `body` | ranges of `text` that are the article itself |
//! | `relevant` | some sanction in the foreign-policy sense is spoken of |
//! | `entities` | `id` (`e1` …), `type`, `name`, `country` (`alpha2`, `alpha3`), `score`, `roles`, `mentions` (`start`, `end`, `text`, `score`, `form`) |
//! | `measures` | `id` (`m1` …), `status`, `imposers`, `targets` (ids of entities), `trigger`, `evidence`, `score` |
//! | `stats` | `sentences`, `tokens`, `windows`, `tokens_read` |
//! | `run` | fingerprint of the job |
//!
//! Ranges are half-open and count Unicode code points, or bytes by [`Unit`]. Invariants: for every range
//! with a `text` beside it, `text[start:end]` equals it, which is checked before a line leaves; a measure names
//! entities of the line alone; scores have at most 4 decimals; no clock, no thread number. Deliberately absent: files.

mod line;
mod points;

use serde::Serialize;

use crate::article::Article;
use crate::entity::{Entity, EntityType};
use crate::span::Span;
use crate::ties::Ties;

pub use line::SCHEMA;
pub use points::Points;

/// JSON Schema of a line; every golden line is held to it.
pub const JSON_SCHEMA: &str = include_str!("schema.json");

/// What offsets count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Unicode code points, as a Python string index does.
    #[default]
    Points,
    /// UTF-8 bytes.
    Bytes,
}

/// What a line holds.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Options {
    /// What offsets count.
    pub unit: Unit,
    /// Writes the article's text into the line.
    pub text: bool,
    /// Which entities are written.
    pub types: Vec<EntityType>,
    /// Entities with a lower score are left out, 0 to 1.
    pub min_score: f32,
    /// Fingerprint of the job.
    #[serde(skip)]
    pub run: String,
}

/// What was found in an article.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Found {
    /// Ranges that are the article itself.
    pub body: Vec<Span>,
    /// Entities in order of their first mention.
    pub entities: Vec<Entity>,
    /// Roles and measures.
    pub ties: Ties,
    /// What was read.
    pub stats: Stats,
}

/// What was read of an article.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Sentences of the body.
    pub sentences: usize,
    /// Tokens of the body; 0 when the model was not run.
    pub tokens: usize,
    /// Windows the model read.
    pub windows: usize,
    /// Tokens that went through the model; equals `tokens`.
    pub tokens_read: usize,
}

/// Makes the line of an article, without a line end.
///
/// # Errors
/// A sentence naming the first range that does not cover the text written beside it, or the token count that does
/// not add up. Either is a bug of ours: the line is held back rather than written wrong.
pub fn line(article: &Article, found: &Found, options: &Options) -> Result<String, String> {
    if found.stats.tokens != found.stats.tokens_read {
        return Err(format!(
            "{} of {} tokens were read",
            found.stats.tokens_read, found.stats.tokens
        ));
    }
    let points = Points::of(&article.text);
    let line = line::line(article, found, options, &points)?;
    serde_json::to_string(&line).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
