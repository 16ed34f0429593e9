//! `sanctag bench`: how fast on these articles and this machine, and how long for a million.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;
use sanctag::ingest::{self, Item};
use sanctag::run::speed::{Measured, Speed, speed};
use sanctag::run::{Pipeline, Scope};
use sanctag::{body, models};

use super::engine::{EngineArgs, ScopeArg, measuring, threads};
use super::eval::print::{json, say, table};
use super::progress::Progress;
use crate::exit::Exit;

/// Time the stages and the whole program on your articles and this machine, and say how long a million of them take.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag bench corpus/
  sanctag bench news.jsonl --scope all --articles 500

Each round times every stage once; shown are the median of the rounds and their range. Files are read before and nothing is written.
Leave the machine alone meanwhile: other programs' work is in the numbers.")]
pub struct Args {
    /// Articles: files, folders, or - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Most articles to time, taken evenly from all.
    #[arg(long, value_name = "N", default_value_t = 200)]
    articles: usize,
    /// Rounds.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Workers of the last stage; the machine's cores without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Which articles the model reads: those that can speak of sanctions, or all.
    #[arg(long, value_enum, default_value = "sanctions")]
    scope: ScopeArg,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
    /// No progress.
    #[arg(short, long)]
    quiet: bool,
    /// Model folder in Hugging Face's form; the shipped model without it.
    #[arg(long, value_name = "DIR", help_heading = "Model")]
    model: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: &Args) -> Result<Exit> {
    ingest::check(&args.inputs)?;
    let items = sanctag::eval::predict::articles(&args.inputs, &ingest::Options::default())?;
    let n_records = items.len();
    let mut articles: Vec<_> = items
        .into_iter()
        .filter_map(|item| match item {
            Item::Article(article) => Some(article),
            Item::Page(page) => page.article().ok(),
            Item::Fault(_) => None,
        })
        .collect();
    let faults = n_records - articles.len();
    if articles.is_empty() {
        bail!("no article was found in the inputs");
    }
    let step = articles.len().div_ceil(args.articles.max(1));
    let mut at = 0;
    articles.retain(|_| {
        at += 1;
        (at - 1) % step == 0
    });
    let folder = models::open(args.model.clone())?;
    let options = measuring(&args.engine, args.scope, body::Mode::Auto);
    let pipeline = Pipeline::load(&folder, &options)?;
    let rounds = usize::from(args.rounds);
    let progress = Progress::new(rounds as u64, "rounds", args.quiet);
    let speed = speed(
        &folder,
        &pipeline,
        &articles,
        rounds,
        threads(args.threads),
        &|done| progress.show(done as u64),
    )?;
    progress.finish();
    if args.json {
        json(&speed)?;
    } else {
        say(&told(&speed, args.scope.scope()))?;
    }
    if 0 < faults {
        eprintln!("{faults} records could not be read and are not timed");
        return Ok(Exit::Faults);
    }
    Ok(Exit::Done)
}

/// A number with about three digits.
fn rounded(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

fn with_range(measured: Measured) -> String {
    format!(
        "{} [{}, {}]",
        rounded(measured.median),
        rounded(measured.low),
        rounded(measured.high)
    )
}

fn told(speed: &Speed, scope: Scope) -> String {
    let head = ["a second", "threads", "articles", "MB of text", "tokens"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for stage in &speed.stages {
        rows.push(vec![
            stage.name.clone(),
            stage.threads.to_string(),
            with_range(stage.articles),
            stage.megabytes.map_or_else(|| "-".to_owned(), with_range),
            stage.tokens.map_or_else(|| "-".to_owned(), with_range),
        ]);
    }
    let mut out = format!(
        "{} articles, {:.2} MB, of which the model reads {} ({} tokens); medians of {} rounds with their range\n\n{}\n",
        speed.articles,
        speed.bytes as f64 / 1e6,
        speed.read,
        speed.tokens,
        speed.rounds,
        table(&rows)
    );
    if let Some(share) = speed.share_of_peak {
        out.push_str(&format!(
            "engine: {:.0} % [{:.0}, {:.0}] of what this core's dot products of bytes can do at most without AMX (above 100 is AMX)\n",
            100.0 * share.median,
            100.0 * share.low,
            100.0 * share.high
        ));
    }
    out.push_str(&format!(
        "{} workers do {} times what one does\n",
        speed.threads,
        with_range(speed.scaling)
    ));
    out.push_str(&sizing(speed));
    if scope == Scope::Sanctions {
        out.push_str("the model reads only articles that can speak of sanctions; --scope all times it on every one\n");
    }
    out
}

/// Hours for a million such articles, here and on 16 cores that scale as those here.
fn sizing(speed: &Speed) -> String {
    const MILLION: f64 = 1e6;
    const CORES: f64 = 16.0;
    let [.., one, all] = &speed.stages[..] else {
        return String::new();
    };
    let hours = |rate: f64| rounded(MILLION / rate / 3600.0);
    let range = |rate: Measured, times: f64| {
        format!(
            "{} [{}, {}]",
            hours(rate.median * times),
            hours(rate.high * times),
            hours(rate.low * times)
        )
    };
    let efficiency = (speed.scaling.median / speed.threads as f64).min(1.0);
    format!(
        "1 million such articles: about {} hours on this machine with {} workers, {} on 16 such cores if each does {:.0} % of what one alone does, as here\n",
        range(all.articles, 1.0),
        speed.threads,
        range(one.articles, CORES * efficiency),
        100.0 * efficiency
    )
}
