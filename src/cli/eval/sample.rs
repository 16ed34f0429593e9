//! `sanctag eval sample`: lines to label, pre-annotated.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args as ClapArgs, ValueEnum};
use sanctag::eval::sample::{Form, Share, draw, written};
use serde_json::{Map, Value};

use crate::exit::Exit;

/// Draw a stratified sample of output lines and write it pre-annotated for labelling; corrected, it is gold for `sanctag eval`.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag eval sample out.jsonl -n 200 --for prodigy -o tasks.jsonl
  sanctag eval sample out.jsonl -n 200 --for label-studio --share equal -o tasks.json

Strata: articles without a sanction, with one but no measure, and by the status of the first measure. Each record holds its stratum and its
weight, that is how many articles of its stratum it stands for: with --share equal rare strata are over-represented, and plain scores of the
sample are not those of the corpus.")]
pub struct Args {
    /// Lines of sanctag tag, with their text.
    #[arg(value_name = "OUT.jsonl")]
    lines: PathBuf,
    /// How many articles to draw.
    #[arg(short, value_name = "N", default_value_t = 200)]
    n: usize,
    /// The program that they are labelled with; gold is article gold with roles and measures, to edit as text.
    #[arg(long = "for", value_enum, default_value = "prodigy")]
    form: FormArg,
    /// How many each stratum gives: its share of the whole (at least one), or the same number as every other.
    #[arg(long, value_enum, default_value = "proportional")]
    share: ShareArg,
    /// What the draw starts from; the same seed and ids give the same sample.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Where to write; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormArg {
    Prodigy,
    Doccano,
    LabelStudio,
    Gold,
}

#[derive(Clone, Copy, ValueEnum)]
enum ShareArg {
    Proportional,
    Equal,
}

pub fn run(args: &Args) -> Result<Exit> {
    let lines = lines(args)?;
    let share = match args.share {
        ShareArg::Proportional => Share::Proportional,
        ShareArg::Equal => Share::Equal,
    };
    let form = match args.form {
        FormArg::Prodigy => Form::Prodigy,
        FormArg::Doccano => Form::Doccano,
        FormArg::LabelStudio => Form::LabelStudio,
        FormArg::Gold => Form::Gold,
    };
    let (drawn, strata) = draw(lines, args.n, share, args.seed);
    let text = written(&drawn, form).map_err(anyhow::Error::msg)?;
    match &args.output {
        Some(path) => std::fs::write(path, text)
            .with_context(|| format!("{}: writing the sample", path.display()))?,
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
    }
    for stratum in strata {
        eprintln!(
            "{}: {} of {} articles",
            stratum.name, stratum.drawn, stratum.lines
        );
    }
    Ok(Exit::Done)
}

fn lines(args: &Args) -> Result<Vec<Map<String, Value>>> {
    let shown = args.lines.display();
    let file =
        std::fs::File::open(&args.lines).with_context(|| format!("{shown}: reading the lines"))?;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.with_context(|| format!("{shown}: line {number}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Map<String, Value> = serde_json::from_str(&line)
            .with_context(|| format!("{shown}: line {number} is no JSON object"))?;
        if line.get("schema").and_then(Value::as_str) != Some(sanctag::write::SCHEMA) {
            bail!(
                "{shown}: line {number} is no line of {}; give what sanctag tag wrote",
                sanctag::write::SCHEMA
            );
        }
        lines.push(line);
    }
    Ok(lines)
}
