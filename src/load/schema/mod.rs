//! The schema's versions, in each database's dialect.

use std::fmt::Write;

use crate::entity::Code;
use crate::error::{Error, Result};

/// Whose SQL it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// SQLite 3.35 or later.
    Sqlite,
    /// PostgreSQL 12 or later.
    Postgres,
    /// DuckDB over the Parquet files of `sanctag export`.
    Duckdb,
}

/// What makes version `n + 1` out of version `n`. A released one is never changed: what comes after is a new one.
const MIGRATIONS: [&str; 2] = [include_str!("1-tables.sql"), include_str!("2-views.sql")];

/// The newest version.
pub const VERSION: usize = MIGRATIONS.len();

/// The SQL that makes version `from + 1` and each later one, in order, with its number.
pub(super) fn migrations(dialect: Dialect, from: usize) -> impl Iterator<Item = (usize, String)> {
    let migrations = MIGRATIONS.iter().enumerate().skip(from);
    migrations.map(move |(at, sql)| (at + 1, dialect.spell(sql)))
}

/// The whole schema as SQL that can be read and run.
#[must_use]
pub fn sql(dialect: Dialect) -> String {
    if dialect == Dialect::Duckdb {
        return duckdb();
    }
    let mut all =
        format!("-- sanctag's schema, version {VERSION}. sanctag load makes it by itself.\n");
    for (version, sql) in migrations(dialect, 0) {
        write!(all, "\n-- Version {version}.\n\n{sql}")
            .expect("bug: a string takes all that is written");
    }
    all
}

/// The views alone, over files in the folder that DuckDB runs in.
fn duckdb() -> String {
    let mut all = "-- sanctag's views in DuckDB, over Parquet files in the folder it is started in. Make each of them with\n\
        -- sanctag export OUT.jsonl --to parquet --table TABLE -o TABLE.parquet\n\n"
        .to_owned();
    for table in crate::tables::Table::ALL {
        let name = table.name();
        writeln!(all, "CREATE VIEW {name} AS SELECT * FROM '{name}.parquet';")
            .expect("bug: a string takes all that is written");
    }
    let rows: Vec<String> = crate::entity::named()
        .map(|(code, name)| {
            let name = name.replace('\'', "''");
            format!("('{}', '{}', '{name}')", code.alpha2, code.alpha3)
        })
        .collect();
    let rows = rows.join(",\n    ");
    write!(
        all,
        "CREATE VIEW countries AS SELECT * FROM (VALUES\n    {rows}\n) AS it (alpha2, alpha3, name);\n\n{}",
        Dialect::Duckdb.spell(MIGRATIONS[1])
    )
    .expect("bug: a string takes all that is written");
    all
}

impl Dialect {
    fn spell(self, sql: &str) -> String {
        let (key, keyed, week_ago) = match self {
            // SQLite's own row numbers; tables whose rows lie in their key.
            Self::Sqlite => ("INTEGER", " WITHOUT ROWID", "date('now', '-6 days')"),
            Self::Postgres | Self::Duckdb => ("bigint", "", "CURRENT_DATE - 6"),
        };
        sql.replace("{key}", key)
            .replace("{keyed}", keyed)
            .replace("{week_ago}", week_ago)
    }
}

/// Stops at a database that a later version of the program made.
pub(super) fn check(version: usize, database: &str) -> Result<()> {
    if version <= VERSION {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{database} has schema version {version}; this program knows {VERSION}. Load with the program that made it, or a newer one"
    )))
}

/// The rows of `countries` for a database that is made now; none for one that has them.
pub(super) fn countries(version: usize) -> impl Iterator<Item = (Code, &'static str)> {
    crate::entity::named().filter(move |_| version == 0)
}
