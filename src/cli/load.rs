//! `sanctag load`: output lines into a database.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;
use sanctag::load::{Database, Job, Loaded, load};
use sanctag::tables::Table;

use super::tag::stop_on_signal;
use crate::exit::Exit;

/// Load output lines into SQLite or PostgreSQL.
///
/// Makes the tables, or brings them to the newest version, then loads in batches, each in a transaction. Loading twice
/// changes nothing; a line of a newer run replaces that of an older one; a load that broke off goes on where it stopped.
/// `sanctag schema --sql` prints the tables and the views that answer who was targeted by whom.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag load out.jsonl --to sqlite:sanctions.db
  sanctag load out.*.jsonl.zst --to postgres://me:secret@localhost/news
  sqlite3 sanctions.db 'SELECT * FROM who_targets_whom ORDER BY articles DESC LIMIT 20'

Lines that cannot be loaded are told on standard error, one JSON object each, and end in exit code 1.")]
pub struct Args {
    /// Files that sanctag tag wrote: .jsonl, also packed as .gz or .zst.
    #[arg(required = true, value_name = "OUT.jsonl")]
    outputs: Vec<PathBuf>,

    /// The database: sqlite:FILE, or postgres://USER:PASSWORD@HOST:PORT/DATABASE.
    #[arg(long, value_name = "DATABASE")]
    to: Database,

    /// The schema in a PostgreSQL database that holds the tables; made where it is not there.
    #[arg(long, value_name = "NAME", default_value = "sanctag")]
    schema: String,

    /// Leave the articles' texts out; evidence is loaded in any case.
    #[arg(long)]
    no_text: bool,

    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(args: Args) -> Result<Exit> {
    super::log::start(args.quiet);
    let mut job = Job {
        outputs: args.outputs,
        database: args.to,
        schema: args.schema,
        text: !args.no_text,
        stop: stop_on_signal()?,
        quiet: args.quiet,
        fault: Box::new(super::tell_fault),
    };
    let loaded = load(&mut job)?;
    if !args.quiet {
        tell(&loaded);
    }
    Ok(Exit::of(loaded.finished, loaded.faults))
}

/// What was read and what became of it, and how many rows went where.
fn tell(loaded: &Loaded) {
    eprintln!(
        "{} lines read = {} new + {} replaced + {} unchanged + {} older than what is there + {} faults",
        loaded.read, loaded.new, loaded.replaced, loaded.unchanged, loaded.older, loaded.faults
    );
    let rows: Vec<String> = Table::ALL
        .iter()
        .zip(loaded.rows)
        .map(|(table, n_rows)| format!("{n_rows} {}", table.name()))
        .collect();
    eprintln!("rows written: {}", rows.join(", "));
    if loaded.finished_before > 0 {
        eprintln!(
            "{} files were loaded before and have not changed since",
            loaded.finished_before
        );
    }
    if loaded.with_nul > 0 {
        eprintln!(
            "in {} articles U+FFFD stands for NUL, which databases do not hold; ranges stay true",
            loaded.with_nul
        );
    }
    if !loaded.finished {
        eprintln!("interrupted; the same command goes on from here");
    }
}
