//! `sanctag report`: output lines as a page to read.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;
use sanctag::report::{Job, Reported, report};

use super::tag::stop_on_signal;
use crate::exit::Exit;

/// Write a page that shows what output lines say.
///
/// One HTML file that needs nothing beside it and no network: summary, measures over time, countries, most targeted, who
/// targets whom, and the articles with their entities and measures, to be searched and filtered.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag report out.jsonl -o report.html
  sanctag report out.*.jsonl.gz -o report.html --articles 5000")]
pub struct Args {
    /// Files that sanctag tag wrote: .jsonl, also packed as .gz or .zst.
    #[arg(required = true, value_name = "OUT.jsonl")]
    outputs: Vec<PathBuf>,

    /// The page to write.
    #[arg(short, long, value_name = "report.html")]
    output: PathBuf,

    /// Most articles that can be read in the page, those with measures first and otherwise a sample; figures count all.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    articles: usize,

    /// Overwrite a page that is there.
    #[arg(long)]
    force: bool,

    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(args: Args) -> Result<Exit> {
    super::log::start(args.quiet);
    let mut job = Job {
        outputs: args.outputs,
        page: args.output,
        n_articles: args.articles,
        force: args.force,
        stop: stop_on_signal()?,
        quiet: args.quiet,
        fault: Box::new(super::tell_fault),
    };
    let reported = report(&mut job)?;
    if !args.quiet {
        let Reported {
            read,
            faults,
            shown,
            ..
        } = reported;
        eprintln!(
            "{read} lines read, {faults} of them faults; {shown} articles can be read in the page"
        );
    }
    Ok(Exit::of(reported.finished, reported.faults))
}
