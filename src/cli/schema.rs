//! `sanctag schema`: the published JSON Schema of the output, and the SQL of the databases.

use std::io::Write;

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};
use sanctag::load::{Dialect, sql};
use sanctag::write::JSON_SCHEMA;

use crate::exit::Exit;

/// Print the JSON Schema of the output lines, or the SQL of the tables and views.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag schema > sanctag-1.schema.json
  sanctag schema --sql > tables.sql
  sanctag schema --sql duckdb | duckdb sanctions.duckdb")]
pub struct Args {
    /// The SQL of the tables and views that sanctag load makes; for duckdb, of the views over exported Parquet files.
    #[arg(long, value_enum, value_name = "DIALECT", num_args = 0..=1, default_missing_value = "postgres")]
    sql: Option<DialectArg>,
}

#[derive(Clone, Copy, ValueEnum)]
enum DialectArg {
    Postgres,
    Sqlite,
    Duckdb,
}

pub fn run(args: &Args) -> Result<Exit> {
    let text = match args.sql {
        None => JSON_SCHEMA.to_owned(),
        Some(DialectArg::Postgres) => sql(Dialect::Postgres),
        Some(DialectArg::Sqlite) => sql(Dialect::Sqlite),
        Some(DialectArg::Duckdb) => sql(Dialect::Duckdb),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}
