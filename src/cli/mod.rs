//! Flags → options, one file a subcommand; the only room that knows a flag's name.

mod bench;
mod engine;
mod eval;
mod export;
mod input;
mod load;
mod log;
mod model;
mod progress;
mod report;
mod schema;
mod tag;

use clap::{Parser, Subcommand};
use sanctag::article::Fault;

use crate::exit::Exit;

/// Tags the people, organizations and countries tied to sanctions in article corpora.
#[derive(Parser)]
#[command(
    name = "sanctag",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 every article annotated; 1 finished, with faults; 2 did not finish; 130 interrupted.\nMessages go to standard error, data to standard output."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Tag(Box<tag::Args>),
    Load(load::Args),
    Export(export::Args),
    Report(report::Args),
    #[command(subcommand)]
    Model(model::Command),
    Schema(schema::Args),
    Eval(Box<eval::Args>),
    Bench(Box<bench::Args>),
}

/// Reads the command line and does what it says.
///
/// # Errors
/// Whatever keeps the command from finishing.
pub fn run() -> anyhow::Result<Exit> {
    match Cli::parse().command {
        Command::Tag(args) => tag::run(*args),
        Command::Load(args) => load::run(args),
        Command::Export(args) => export::run(args),
        Command::Report(args) => report::run(args),
        Command::Model(command) => model::run(command),
        Command::Schema(args) => schema::run(&args),
        Command::Eval(args) => eval::run(*args),
        Command::Bench(args) => bench::run(&args),
    }
}

/// One line of JSON on standard error for a line that could not be taken.
fn tell_fault(fault: &Fault) {
    match serde_json::to_string(fault) {
        Ok(line) => eprintln!("{line}"),
        Err(_) => eprintln!("{}: {}", fault.source, fault.reason),
    }
}
