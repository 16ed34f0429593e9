//! `sanctag eval`: how good is it on labelled articles, and is a change real?

mod agree;
mod gold;
pub mod print;
mod sample;
mod texts;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sanctag::eval::bootstrap::Draws;
use sanctag::eval::document::Document;
use sanctag::eval::predict::{self, Names};
use sanctag::eval::{self, Evaluation, Pairs};
use sanctag::run::Pipeline;
use sanctag::{body, ingest, models};

use self::gold::{LabelArgs, Lost, pair, read};
use super::engine::{EngineArgs, ScopeArg, measuring, threads};
use super::progress::Progress;
use crate::exit::Exit;

/// Measure the program, or any predictions, on labelled articles.
#[derive(ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  sanctag eval dev.conll                                    # run the model on the gold's own texts
  sanctag eval gold.jsonl --articles corpus/                # article gold, its texts elsewhere
  sanctag eval gold.jsonl --against out.jsonl --report eval.html
  sanctag eval gold.jsonl --compare old.jsonl new.jsonl     # is the difference real?
  sanctag eval dev.conll --map politician=PERSON,party=ORG --ignore event --fail-under 0.9

Exit codes: 0 measured; 1 measured, but some gold or articles could not be read; 2 did not finish; 3 below --fail-under."
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Labelled files or folders: token columns (CoNLL), brat (.ann with .txt), Parquet, or JSON of Prodigy, spaCy, doccano, Label Studio,
    /// Hugging Face tokens, article gold, or our own output. Packed as .gz or .zst or not.
    #[arg(required = true, value_name = "GOLD")]
    gold: Vec<PathBuf>,

    /// Measure these predictions, in any of the gold's formats, instead of running the model.
    #[arg(long, value_name = "PRED", conflicts_with_all = ["compare", "articles"])]
    against: Option<PathBuf>,

    /// Compare two files of predictions on the same gold: does B differ from A by more than chance?
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["articles", "report", "fail_under"])]
    compare: Vec<PathBuf>,

    /// Where the texts of gold without texts are: files or folders, matched by id or by file name.
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    articles: Vec<PathBuf>,

    #[command(flatten)]
    labels: LabelArgs,

    /// Which names are judged: those written, or those that the model itself says.
    #[arg(long, value_enum, default_value = "written")]
    names: NamesArg,

    /// Which articles the model reads: all, or those that can speak of sanctions.
    #[arg(long, value_enum, default_value = "all")]
    scope: ScopeArg,

    /// Print everything as JSON.
    #[arg(long)]
    json: bool,

    /// Write a page with the tables, curves and every error in its sentence.
    #[arg(long, value_name = "OUT.html")]
    report: Option<PathBuf>,

    /// How many of the most frequent errors to print.
    #[arg(long, value_name = "N", default_value_t = 15)]
    errors: usize,

    /// End with exit code 3 when an F1 is lower: a number from 0 to 1, of the first table's first row, or MEASURE=F1 with a measure as --json
    /// names it.
    #[arg(long, value_name = "F1", value_delimiter = ',')]
    fail_under: Vec<Limit>,

    /// Draws for the 95 % intervals.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    draws: u32,

    /// Where the draws' random streams start.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Number of workers; the machine's cores without it. The numbers are the same for any.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// No progress.
    #[arg(short, long)]
    quiet: bool,

    /// Model folder in Hugging Face's form; the shipped model without it.
    #[arg(long, value_name = "DIR", help_heading = "Model")]
    model: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Subcommand)]
enum Command {
    Sample(sample::Args),
    Agree(agree::Args),
    Texts(texts::Args),
}

#[derive(Clone, Copy, ValueEnum)]
enum NamesArg {
    Written,
    Model,
}

/// A lowest F1, of the headline or of one measure.
#[derive(Clone, Debug)]
struct Limit {
    measure: Option<String>,
    f1: f64,
}

impl std::str::FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (measure, f1) = match text.split_once('=') {
            Some((measure, f1)) => (Some(measure.to_owned()), f1),
            None => (None, text),
        };
        match f1.parse() {
            Ok(f1) if (0.0..=1.0).contains(&f1) => Ok(Self { measure, f1 }),
            _ => Err("expected a number from 0 to 1, or MEASURE=NUMBER".to_owned()),
        }
    }
}

pub fn run(args: Args) -> Result<Exit> {
    match &args.command {
        Some(Command::Sample(args)) => sample::run(args),
        Some(Command::Agree(args)) => agree::run(args),
        Some(Command::Texts(args)) => texts::run(args),
        None => measure(&args),
    }
}

fn measure(args: &Args) -> Result<Exit> {
    let mut lost = Lost::default();
    let gold = read(&args.gold, &args.labels, &mut lost)?;
    if gold.is_empty() {
        lost.tell();
        bail!("no labelled document was found in the gold");
    }
    let options = eval::Options {
        labels: args.labels.labels(),
        draws: Draws {
            n: args.draws as usize,
            seed: args.seed,
        },
    };
    let below = if let [one, two] = &args.compare[..] {
        let mut paired = |path: &PathBuf| -> Result<Pairs> {
            let predicted = read(std::slice::from_ref(path), &args.labels, &mut lost)?;
            Ok(pair(gold.clone(), predicted, &mut lost))
        };
        let (one, two) = (paired(one)?, paired(two)?);
        let contrasts = eval::contrast(&one.pairs, &two.pairs, &options);
        if args.json {
            print::json(&contrasts)?;
        } else {
            print::contrasts(&contrasts, &args.compare, options.draws)?;
        }
        false
    } else {
        let predicted = predictions(args, &gold, &mut lost)?;
        let pairs = pair(gold, predicted, &mut lost);
        let evaluation = eval::evaluate(&pairs.pairs, &options);
        if let Some(path) = &args.report {
            let page = eval::page::page(&evaluation, &title(args));
            std::fs::write(path, page)
                .with_context(|| format!("{}: writing the report", path.display()))?;
        }
        if args.json {
            print::json(&evaluation)?;
        } else {
            print::evaluation(&evaluation, pairs.unused, args.errors)?;
        }
        fails(&evaluation, &args.fail_under)?
    };
    let exit = lost.exit();
    Ok(if below { Exit::Below } else { exit })
}

/// What is measured on what, for the report.
fn title(args: &Args) -> String {
    let gold: Vec<String> = args
        .gold
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let measured = args.against.as_ref().or(args.model.as_ref());
    let measured = measured.map_or_else(
        || "the shipped model".to_owned(),
        |path| path.display().to_string(),
    );
    format!("{measured} on {}", gold.join(", "))
}

/// Predictions from a file, or by the whole path.
fn predictions(args: &Args, gold: &[Document], lost: &mut Lost) -> Result<Vec<Document>> {
    if let Some(path) = &args.against {
        return read(std::slice::from_ref(path), &args.labels, lost);
    }
    let (items, stretches) = if args.articles.is_empty() {
        if let Some(bare) = gold.iter().find(|document| document.text.is_none()) {
            bail!(
                "{}: the gold of {:?} has no text; say with --articles where the texts are, or give predictions with --against",
                bare.place,
                bare.id
            );
        }
        (
            predict::texts(gold),
            gold.iter().all(|document| document.article.is_none()),
        )
    } else {
        ingest::check(&args.articles)?;
        let items = predict::articles(&args.articles, &ingest::Options::default())?;
        (asked_for(items, gold), false)
    };
    let folder = models::open(args.model.clone())?;
    // Labelled stretches may stand anywhere, in what looks like page chrome too.
    let body = if stretches {
        body::Mode::All
    } else {
        body::Mode::Auto
    };
    let options = measuring(&args.engine, args.scope, body);
    let pipeline = Pipeline::load(&folder, &options)?;
    let names = match args.names {
        NamesArg::Written => Names::Written,
        NamesArg::Model => Names::Model,
    };
    let progress = Progress::new(items.len() as u64, "articles", args.quiet);
    let predicted = predict::predict(&pipeline, items, names, threads(args.threads), &|done| {
        progress.show(done as u64)
    })?;
    progress.finish();
    lost.0.extend(predicted.faults);
    Ok(predicted.documents)
}

/// The records that the gold names, and all that could not be read.
fn asked_for(items: Vec<ingest::Item>, gold: &[Document]) -> Vec<ingest::Item> {
    let ids: std::collections::HashSet<&str> =
        gold.iter().map(|document| document.id.as_str()).collect();
    let asked = |item: &ingest::Item| {
        let article = match item {
            ingest::Item::Article(article) => article,
            ingest::Item::Page(page) => &page.known,
            ingest::Item::Fault(_) => return true,
        };
        ids.contains(article.id.as_str()) || ids.contains(eval::document::stem(&article.place.path))
    };
    items.into_iter().filter(asked).collect()
}

/// Tells which limits were not reached.
fn fails(evaluation: &Evaluation, limits: &[Limit]) -> Result<bool> {
    let mut fails = false;
    for limit in limits {
        let score = match &limit.measure {
            Some(measure) => Some(evaluation.score(measure).with_context(|| {
                let known: Vec<&str> = evaluation
                    .scores
                    .iter()
                    .map(|score| score.measure.as_str())
                    .collect();
                format!(
                    "--fail-under: no measure {measure:?} was scored; scored are {}",
                    known.join(", ")
                )
            })?),
            None => evaluation.headline(),
        };
        let f1 = score.and_then(|score| score.f1);
        if f1.is_none_or(|f1| f1 < limit.f1) {
            fails = true;
            let name = score.map_or("nothing was scored", |score| score.measure.as_str());
            eprintln!(
                "{name}: F1 {} is below {}",
                f1.map_or("-".to_owned(), |f1| format!("{f1:.4}")),
                limit.f1
            );
        }
    }
    Ok(fails)
}
