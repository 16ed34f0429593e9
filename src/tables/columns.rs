//! The columns of each table.

use super::Table;

/// What a column's values are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The article the row belongs to.
    Article,
    /// Text.
    Text,
    /// A whole number below 2³¹.
    Integer,
    /// A whole number below 2⁶³.
    Long,
    /// A score.
    Real,
    /// Yes or no.
    Flag,
    /// A day.
    Day,
    /// JSON.
    Json,
    /// 16 bytes.
    Bytes,
    /// A moment.
    Moment,
}

/// Who has a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// Databases and files.
    Both,
    /// Databases alone.
    Database,
    /// Files alone: what a join would bring in a database.
    File,
}

/// One column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    place: Place,
}

const fn both(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        place: Place::Both,
    }
}

const fn database(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        place: Place::Database,
    }
}

const fn file(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        place: Place::File,
    }
}

const ARTICLES: &[Column] = &[
    both("article", Kind::Article),
    both("id", Kind::Text),
    database("output", Kind::Long),
    both("run", Kind::Text),
    both("path", Kind::Text),
    both("record", Kind::Long),
    both("title", Kind::Text),
    both("published", Kind::Text),
    both("published_on", Kind::Day),
    both("lang", Kind::Text),
    both("url", Kind::Text),
    both("outlet", Kind::Text),
    both("text", Kind::Text),
    both("body", Kind::Json),
    both("offsets", Kind::Text),
    both("relevant", Kind::Flag),
    both("sentences", Kind::Integer),
    both("tokens", Kind::Integer),
    both("windows", Kind::Integer),
    database("tagged_at", Kind::Moment),
    database("line_hash", Kind::Bytes),
];

const ENTITIES: &[Column] = &[
    both("article", Kind::Article),
    file("published_on", Kind::Day),
    file("outlet", Kind::Text),
    both("entity", Kind::Text),
    both("type", Kind::Text),
    both("name", Kind::Text),
    both("who", Kind::Text),
    both("alpha2", Kind::Text),
    file("alpha3", Kind::Text),
    both("score", Kind::Real),
    file("target", Kind::Flag),
    file("imposer", Kind::Flag),
    file("linked", Kind::Flag),
    both("n_mentions", Kind::Integer),
];

const ROLES: &[Column] = &[
    both("article", Kind::Article),
    both("entity", Kind::Text),
    both("role", Kind::Text),
];

const MENTIONS: &[Column] = &[
    both("article", Kind::Article),
    file("published_on", Kind::Day),
    file("outlet", Kind::Text),
    both("entity", Kind::Text),
    both("mention", Kind::Integer),
    file("type", Kind::Text),
    file("name", Kind::Text),
    file("who", Kind::Text),
    both("start_at", Kind::Integer),
    both("end_at", Kind::Integer),
    both("text", Kind::Text),
    both("score", Kind::Real),
    both("form", Kind::Text),
];

const MEASURES: &[Column] = &[
    both("article", Kind::Article),
    file("published_on", Kind::Day),
    file("outlet", Kind::Text),
    both("measure", Kind::Text),
    both("status", Kind::Text),
    file("imposers", Kind::Text),
    file("targets", Kind::Text),
    both("trigger_text", Kind::Text),
    both("trigger_start", Kind::Integer),
    both("trigger_end", Kind::Integer),
    both("evidence", Kind::Text),
    both("evidence_start", Kind::Integer),
    both("evidence_end", Kind::Integer),
    both("score", Kind::Real),
];

const MEASURE_PARTIES: &[Column] = &[
    both("article", Kind::Article),
    both("measure", Kind::Text),
    both("part", Kind::Text),
    both("entity", Kind::Text),
];

impl Table {
    pub(super) const fn all_columns(self) -> &'static [Column] {
        match self {
            Self::Articles => ARTICLES,
            Self::Entities => ENTITIES,
            Self::Roles => ROLES,
            Self::Mentions => MENTIONS,
            Self::Measures => MEASURES,
            Self::MeasureParties => MEASURE_PARTIES,
        }
    }

    /// Its columns in a database.
    #[must_use]
    pub fn stored(self) -> Vec<Column> {
        let columns = self.all_columns().iter();
        columns
            .filter(|column| column.place != Place::File)
            .copied()
            .collect()
    }

    /// Its columns in a file, where rows bring along what a join would.
    #[must_use]
    pub fn filed(self) -> Vec<Column> {
        let columns = self.all_columns().iter();
        columns
            .filter(|column| column.place != Place::Database)
            .copied()
            .collect()
    }
}
