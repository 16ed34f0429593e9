//! `sanctag export`: output lines as CSV or Parquet.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args as ClapArgs, ValueEnum};
use sanctag::export::{Exported, Job, Target, export};
use sanctag::tables::Table;

use super::tag::stop_on_signal;
use crate::exit::Exit;

/// Write output lines as CSV or Parquet.
///
/// Without --table, Parquet holds the lines nested as they are. The flat tables have the columns of the databases' (see
/// sanctag schema --sql), with the article's id, and bring along the day, the outlet and names.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag export out.jsonl --to parquet -o out.parquet
  sanctag export out.jsonl --to csv --table measures > measures.csv
  sanctag export out.*.jsonl.gz --to parquet --table entities -o entities.parquet

Lines that cannot be read are told on standard error, one JSON object each, and end in exit code 1.")]
pub struct Args {
    /// Files that sanctag tag wrote: .jsonl, also packed as .gz or .zst.
    #[arg(required = true, value_name = "OUT.jsonl")]
    outputs: Vec<PathBuf>,

    /// The form to write.
    #[arg(long, value_enum)]
    to: Format,

    /// One flat table in place of the nested lines; CSV is always flat.
    #[arg(long, value_enum)]
    table: Option<TableArg>,

    /// The file to write; CSV goes to standard output without it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Overwrite a file that is there.
    #[arg(long, requires = "output")]
    force: bool,

    /// In CSV, put ' before texts that a spreadsheet would take for formulas.
    #[arg(long)]
    formula_safe: bool,

    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Parquet,
}

#[derive(Clone, Copy, ValueEnum)]
enum TableArg {
    Articles,
    Entities,
    Roles,
    Mentions,
    Measures,
    MeasureParties,
}

impl TableArg {
    const fn table(self) -> Table {
        match self {
            Self::Articles => Table::Articles,
            Self::Entities => Table::Entities,
            Self::Roles => Table::Roles,
            Self::Mentions => Table::Mentions,
            Self::Measures => Table::Measures,
            Self::MeasureParties => Table::MeasureParties,
        }
    }
}

pub fn run(args: Args) -> Result<Exit> {
    super::log::start(args.quiet);
    let table = args.table.map(TableArg::table);
    let target = match (args.to, table, args.output) {
        (Format::Csv, Some(table), path) => Target::Csv {
            table,
            path,
            formula_safe: args.formula_safe,
        },
        (Format::Csv, None, _) => {
            bail!(
                "CSV is flat. Choose with --table: entities, measures, mentions, articles, roles or measure-parties"
            )
        }
        (Format::Parquet, _, _) if args.formula_safe => {
            bail!("--formula-safe is for CSV; Parquet holds texts as they are")
        }
        (Format::Parquet, table, Some(path)) => Target::Parquet { table, path },
        (Format::Parquet, _, None) => bail!("a Parquet file needs a name. Give it with -o"),
    };
    let mut job = Job {
        outputs: args.outputs,
        target,
        force: args.force,
        stop: stop_on_signal()?,
        quiet: args.quiet,
        fault: Box::new(super::tell_fault),
    };
    let exported = export(&mut job)?;
    if !args.quiet {
        tell(&exported);
    }
    Ok(Exit::of(exported.finished, exported.faults))
}

fn tell(exported: &Exported) {
    let Exported {
        read, rows, faults, ..
    } = exported;
    eprintln!("{read} lines read, {faults} of them faults; {rows} rows written");
    if !exported.finished {
        eprintln!("interrupted; nothing is left of the file");
    }
}
