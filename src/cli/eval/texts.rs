//! `sanctag eval texts`: the texts of labelled files, for other programs to annotate.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args as ClapArgs;

use super::gold::{LabelArgs, Lost, read};
use crate::exit::Exit;

/// Write the texts of labelled files as JSON lines with their ids, for another program to annotate; its output is then given to --against.
#[derive(ClapArgs)]
#[command(after_help = "Example:
  sanctag eval texts dev.conll -o texts.jsonl

Token files have no text: theirs are the tokens joined by blanks, sentences by blank lines.")]
pub struct Args {
    /// Labelled files, in any of the gold's formats that hold their text.
    #[arg(required = true, value_name = "GOLD")]
    gold: Vec<PathBuf>,
    #[command(flatten)]
    labels: LabelArgs,
    /// Where to write; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<Exit> {
    let mut lost = Lost::default();
    let mut lines = String::new();
    for document in read(&args.gold, &args.labels, &mut lost)? {
        let text = document
            .text
            .with_context(|| format!("{}: {:?} has no text", document.place, document.id))?;
        lines.push_str(&serde_json::json!({"id": document.id, "text": text}).to_string());
        lines.push('\n');
    }
    match &args.output {
        Some(path) => std::fs::write(path, lines)
            .with_context(|| format!("{}: writing the texts", path.display()))?,
        None => std::io::stdout().lock().write_all(lines.as_bytes())?,
    }
    Ok(lost.exit())
}
