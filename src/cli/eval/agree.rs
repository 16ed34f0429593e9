//! `sanctag eval agree`: how far two people who labelled the same articles agree.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;
use sanctag::eval::agreement::agreement;
use sanctag::eval::{self, Options};

use super::{LabelArgs, Lost, pair, print, read};
use crate::exit::Exit;

/// Measure how far two label files of the same documents agree.
#[derive(ClapArgs)]
#[command(after_help = "Example:
  sanctag eval agree first.jsonl second.jsonl

The files may be in different formats; documents are matched by id, by file name or by their text. F1 is of one file against the other and the
same either way round; kappa is what is left of agreement beyond chance.")]
pub struct Args {
    /// What the first labelled, in any of the gold's formats.
    #[arg(value_name = "FIRST")]
    first: PathBuf,
    /// What the second labelled.
    #[arg(value_name = "SECOND")]
    second: PathBuf,
    #[command(flatten)]
    labels: LabelArgs,
    /// How many of the most frequent disagreements to print.
    #[arg(long, value_name = "N", default_value_t = 15)]
    errors: usize,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<Exit> {
    let mut lost = Lost::default();
    let first = read(std::slice::from_ref(&args.first), &args.labels, &mut lost)?;
    let second = read(std::slice::from_ref(&args.second), &args.labels, &mut lost)?;
    let pairs = pair(first, second, &mut lost);
    let options = Options {
        labels: args.labels.labels(),
        ..eval::Options::default()
    };
    let agreement = agreement(pairs.pairs, &options);
    if agreement.both == 0 {
        lost.tell();
        bail!("the two files have no document in common");
    }
    if args.json {
        print::json(&agreement)?;
    } else {
        print::agreement(&agreement, pairs.unused, args.errors)?;
    }
    Ok(lost.exit())
}
