//! Output lines → rows of flat tables: what databases are loaded with and flat files hold.
//!
//! In: a [`Line`]. Out: rows of [`Value`]s in the order of a table's [`Column`]s. Invariants: a table's key columns tell
//! its rows apart; every entity, role, mention, measure and party of the line is one row; text is without NUL, which
//! PostgreSQL cannot hold (U+FFFD stands for it, so ranges stay true). Deliberately absent: files, databases, SQL.

mod columns;
mod rows;

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::output::{Line, Measure, Range, Unit};
use crate::write::Points;

pub use columns::{Column, Kind};
pub(crate) use rows::who;

/// A table with one row for each thing of its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// One row an article.
    Articles,
    /// One row an entity of an article.
    Entities,
    /// One row a role of an entity.
    Roles,
    /// One row a mention of an entity.
    Mentions,
    /// One row a measure.
    Measures,
    /// One row an imposer or target of a measure.
    MeasureParties,
}

/// One field of a row.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<'a> {
    /// Nothing is known.
    Null,
    /// The article the row belongs to: its id, or the key a database gave it.
    Article,
    /// Text without NUL.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, at most 4 decimals.
    Real(f64),
    /// Yes or no.
    Flag(bool),
    /// A day of the calendar.
    Day(NaiveDate),
    /// JSON.
    Json(String),
    /// Bytes.
    Bytes([u8; 16]),
    /// Seconds since 1970.
    Moment(i64),
}

/// An article on its way into rows: the line with what stands beside it.
pub struct Article<'a> {
    line: &'a Line,
    id: Cow<'a, str>,
    unit: Unit,
    points: Option<Points<'a>>,
    outlet: Option<String>,
    published_on: Option<NaiveDate>,
    /// First 16 bytes of SHA-256 of the line.
    pub hash: [u8; 16],
    /// When its run began, in seconds since 1970.
    pub tagged_at: i64,
    /// The key of the file of lines it came from.
    pub output: i64,
    /// Gives the text to the row of the article.
    pub keep_text: bool,
}

impl Table {
    /// All tables, each after those that its rows refer to.
    pub const ALL: [Self; 6] = [
        Self::Articles,
        Self::Entities,
        Self::Roles,
        Self::Mentions,
        Self::Measures,
        Self::MeasureParties,
    ];

    /// Its name in databases.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Articles => "articles",
            Self::Entities => "entities",
            Self::Roles => "roles",
            Self::Mentions => "mentions",
            Self::Measures => "measures",
            Self::MeasureParties => "measure_parties",
        }
    }
}

impl<'a> Article<'a> {
    /// Prepares a line; `unit` is what its ranges count where the line itself does not tell.
    #[must_use]
    pub fn new(line: &'a Line, unit: Unit) -> Self {
        Self {
            line,
            id: without_nul(&line.id),
            unit: line.unit().unwrap_or(unit),
            points: line.text.as_deref().map(Points::of),
            outlet: line.url.as_deref().and_then(outlet),
            published_on: line.published.as_deref().and_then(day),
            hash: [0; 16],
            tagged_at: 0,
            output: 0,
            keep_text: true,
        }
    }

    /// The article's id, without NUL.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The site it stood on; see [`outlet`].
    #[must_use]
    pub fn outlet(&self) -> Option<&str> {
        self.outlet.as_deref()
    }

    /// The day it was published.
    #[must_use]
    pub const fn published_on(&self) -> Option<NaiveDate> {
        self.published_on
    }

    /// A place in the text in code points, whatever the line counts.
    #[must_use]
    pub fn in_points(&self, at: usize) -> usize {
        match (&self.points, self.unit, self.line.text.as_deref()) {
            (Some(points), Unit::Bytes, Some(text)) if text.is_char_boundary(at) => {
                points.before(at)
            }
            _ => at,
        }
    }

    /// The fingerprint of the job that wrote the line.
    #[must_use]
    pub fn run(&self) -> &'a str {
        &self.line.run
    }

    /// True when a NUL of the article or its names is replaced in its rows.
    #[must_use]
    pub fn has_nul(&self) -> bool {
        let line = self.line;
        let optional = [&line.title, &line.url, &line.text];
        let own = optional.into_iter().flatten().chain([&line.id]);
        let names = line.entities.iter().map(|entity| &entity.name);
        own.chain(names)
            .any(|text| memchr::memchr(0, text.as_bytes()).is_some())
    }

    /// What a range covers, where the line has its text.
    fn covered(&self, range: &'a Range) -> Option<&'a str> {
        let text = self.line.text.as_deref();
        let sliced = match self.unit {
            Unit::Points => self.points.as_ref()?.slice(range.start, range.end),
            Unit::Bytes => text?.get(range.start..range.end),
        };
        sliced.or(range.text.as_deref())
    }

    /// The sentence that says so.
    #[must_use]
    pub fn evidence(&self, measure: &'a Measure) -> Option<&'a str> {
        self.covered(&measure.evidence)
    }
}

/// The site of an address: its host in lower case without `www.`.
#[must_use]
pub fn outlet(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?.trim_end_matches('.').to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

/// The day of a date as `YYYY-MM-DD`, with or without a time behind it; `None` for anything else.
#[must_use]
pub fn day(published: &str) -> Option<NaiveDate> {
    let (day, rest) = published.split_at_checked(10)?;
    let ends = rest.is_empty() || rest.starts_with(['T', ' ']);
    let day = ends.then(|| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok())??;
    (day >= NaiveDate::from_ymd_opt(1, 1, 1)?).then_some(day)
}

/// Text that every database holds.
#[must_use]
pub fn without_nul(text: &str) -> Cow<'_, str> {
    match memchr::memchr(0, text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.replace('\0', "\u{fffd}")),
    }
}

#[cfg(test)]
mod tests;
