//! `sanctag tag`: articles in, annotated JSON lines out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};
use indicatif::{HumanBytes, HumanCount, HumanDuration};
use sanctag::entity::EntityType;
use sanctag::run::{Existing, Job, MaxFaults, Options, Pipeline, Shard, Summary, Target, beside};
use sanctag::write::{self, Unit};
use sanctag::{body, export, ingest, models};

use super::engine::{CONTEXT, EngineArgs, ScopeArg, threads};
use super::input::InputArgs;
use super::log::LogArgs;
use crate::exit::Exit;

/// Tag articles and write one JSON line for each.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag tag corpus/ -o out.jsonl
  sanctag tag news.jsonl.gz --text-field body --scope all -o out.jsonl
  sanctag tag pages/ crawl.warc.gz articles.parquet -o out.jsonl
  cat page.txt | sanctag tag - --format text")]
pub struct Args {
    /// Files, folders (read recursively, in the order of names) or - for standard input.
    ///
    /// Plain text (.txt, one article a file), HTML pages (.html and the like), JSON lines (.jsonl, .ndjson), JSON (.json),
    /// CSV and TSV (the first line names the columns), WARC and WET (.warc, .wet) and Parquet (.parquet); packed as
    /// .gz, .zst, .bz2 or .xz; and the same as members of .tar and .zip. A name without an ending, and standard input, are told by
    /// their first bytes. In folders, archives and WARC files, what holds no article is counted and skipped.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Write lines here, with OUT.faults.jsonl and OUT.run.json beside it; without it lines go to standard output.
    ///
    /// With OUT.parquet the lines are written to OUT.jsonl, which is what a run is resumed from, and when all are there
    /// the Parquet file is made of them.
    #[arg(short, long, value_name = "OUT.jsonl")]
    output: Option<PathBuf>,

    /// Overwrite an output that is there.
    #[arg(long, requires = "output", conflicts_with = "resume")]
    force: bool,

    /// Go on with an output where an earlier run of the same job stopped; start it where there is none.
    #[arg(long, requires = "output")]
    resume: bool,

    /// Which articles the model reads: those that can speak of sanctions, or all.
    #[arg(long, value_enum, default_value = "sanctions")]
    scope: ScopeArg,

    /// Leave page chrome (menus, cookie notices, donation boxes) out of what is tagged, or take the whole text.
    #[arg(long, value_enum, default_value = "auto")]
    body: BodyArg,

    /// Number of workers; the machine's cores without it. The output is the same for any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Entity types to write.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [TypeArg::Person, TypeArg::Org, TypeArg::Country])]
    types: Vec<TypeArg>,

    /// Leave out entities with a lower score, 0 to 1.
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = score)]
    min_score: f32,

    /// What offsets count.
    #[arg(long, value_enum, default_value = "points")]
    offsets: OffsetsArg,

    /// Leave the article's text out of the lines.
    #[arg(long)]
    no_text: bool,

    /// Take one part of the input, told apart by the records' ids: I of N, such as 3/8. The lines of all parts together
    /// are those of a run over all.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,

    /// Stop when more records are faults than this: a number, or a share such as 5%.
    #[arg(long, value_name = "N|P%")]
    max_faults: Option<MaxFaults>,

    /// Most seconds between two moments from which a run can be resumed.
    #[arg(long, value_name = "SECONDS", default_value_t = 15.0, value_parser = seconds)]
    checkpoint: f64,

    /// Memory the run may take, about: bytes, or with K, M or G. An article that needs more than half of it is a fault.
    /// Without it articles may take 2G, the model its size and each worker 72M.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,

    /// Make an article a fault when it takes longer than this; looked at between steps and batches. Which articles
    /// take too long depends on the machine, so the output may differ from run to run.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<f64>,

    /// Tell what would be read and about how long it takes, after tagging a small sample; write nothing.
    #[arg(long, conflicts_with_all = ["resume", "force"])]
    dry_run: bool,

    /// Keep the state of the run in this file, in Prometheus's text format.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,

    #[command(flatten)]
    log: LogArgs,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    model_args: ModelArgs,
}

/// Flags about the model.
#[derive(ClapArgs)]
#[command(next_help_heading = "Model")]
struct ModelArgs {
    /// Model folder in Hugging Face's form (config.json, tokenizer.json, model.safetensors); the shipped model without it.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArgs,

    /// Most tokens of a window, special tokens counted; what the model's folder says without it.
    #[arg(long, value_name = "TOKENS")]
    window: Option<usize>,

    /// Tokens of context read on either side of what a window owns.
    #[arg(long, value_name = "TOKENS", default_value_t = CONTEXT)]
    context: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum BodyArg {
    Auto,
    All,
}

#[derive(Clone, Copy, ValueEnum)]
enum OffsetsArg {
    /// Unicode code points, as a Python string index.
    Points,
    /// UTF-8 bytes.
    Bytes,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum TypeArg {
    Person,
    Org,
    Country,
    Loc,
    Misc,
    /// All of them.
    All,
}

fn score(text: &str) -> Result<f32, String> {
    let score: f32 = text
        .parse()
        .map_err(|_| "expected a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&score) {
        Ok(score)
    } else {
        Err("expected a number from 0 to 1".to_owned())
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds".to_owned())?;
    if (0.0..=86_400.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("expected 0 to 86400 seconds".to_owned())
    }
}

fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 10),
        Some((at, 'm' | 'M')) => (&text[..at], 20),
        Some((at, 'g' | 'G')) => (&text[..at], 30),
        _ => (text, 0),
    };
    let bytes = number.parse::<u64>().ok();
    bytes
        .and_then(|bytes| bytes.checked_mul(1 << unit))
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| "expected a size such as 800M or 4G".to_owned())
}

fn types(chosen: &[TypeArg]) -> Vec<EntityType> {
    let all = [
        (TypeArg::Person, EntityType::Person),
        (TypeArg::Org, EntityType::Org),
        (TypeArg::Country, EntityType::Country),
        (TypeArg::Loc, EntityType::Loc),
        (TypeArg::Misc, EntityType::Misc),
    ];
    let wanted = |arg: &TypeArg| chosen.contains(&TypeArg::All) || chosen.contains(arg);
    all.iter()
        .filter(|(arg, _)| wanted(arg))
        .map(|(_, kind)| *kind)
        .collect()
}

impl Args {
    fn options(&self) -> Options {
        Options {
            ingest: self.input.options(),
            scope: self.scope.scope(),
            body: match self.body {
                BodyArg::Auto => body::Mode::Auto,
                BodyArg::All => body::Mode::All,
            },
            engine: self.model_args.engine.choice(),
            window: self.model_args.window,
            context: self.model_args.context,
            write: write::Options {
                unit: match self.offsets {
                    OffsetsArg::Points => Unit::Points,
                    OffsetsArg::Bytes => Unit::Bytes,
                },
                text: !self.no_text,
                types: types(&self.types),
                min_score: self.min_score,
                run: String::new(),
            },
            memory_bytes: self.memory,
            timeout: self.timeout.map(Duration::from_secs_f64),
        }
    }

    fn job(self, stop: Arc<AtomicBool>) -> Job {
        let existing = match (self.resume, self.force) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        };
        Job {
            inputs: self.inputs,
            target: self
                .output
                .map(|path| {
                    if is_parquet(&path) {
                        path.with_extension("jsonl")
                    } else {
                        path
                    }
                })
                .map_or(Target::Standard, |path| Target::File { path, existing }),
            shard: self.shard,
            threads: threads(self.threads),
            max_faults: self.max_faults,
            checkpoint_every: Duration::from_secs_f64(self.checkpoint),
            stop,
            quiet: self.log.quiet || !self.log.bar(),
            metrics: self.metrics,
        }
    }
}

pub fn run(args: Args) -> Result<Exit> {
    args.log.start();
    let options = args.options();
    let parquet = args.output.clone().filter(|path| is_parquet(path));
    if let Some(path) = parquet.as_ref().filter(|path| path.exists()) {
        anyhow::ensure!(
            args.force || args.resume,
            "{} exists. Take --force to overwrite it, or name another output",
            path.display()
        );
    }
    ingest::check(&args.inputs)?;
    let stop = stop_on_signal()?;
    let folder = models::open(args.model_args.model.clone())?;
    let pipeline = Pipeline::load(&folder, &options)?;
    let dry_run = args.dry_run;
    let job = args.job(Arc::clone(&stop));
    if dry_run {
        return estimate(&job, &pipeline, &options);
    }
    let summary = sanctag::run::run(&job, &folder, &pipeline, &options)?;
    tell(&summary, &job);
    if let (Some(path), Target::File { path: lines, .. }, true) =
        (parquet, &job.target, summary.finished)
    {
        let exported = export::export(&mut export::Job {
            outputs: vec![lines.clone()],
            target: export::Target::Parquet { table: None, path },
            force: true,
            stop,
            quiet: job.quiet,
            fault: Box::new(super::tell_fault),
        })?;
        if !exported.finished {
            return Ok(Exit::Interrupted);
        }
    }
    Ok(Exit::of(summary.finished, summary.counts.faults))
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("parquet"))
}

/// The first SIGINT or SIGTERM asks the run to end well; the second ends it at once.
pub(super) fn stop_on_signal() -> Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: a signal that finds the flag set ends the program, else it sets the flag.
        signal_hook::flag::register_conditional_shutdown(
            signal,
            i32::from(Exit::Interrupted.code()),
            Arc::clone(&stop),
        )?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    // A file above the system's limit is an error of the write that meets it, and does not end the program.
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
    Ok(stop)
}

/// Lists the files on standard output, and tells what they come to.
fn estimate(job: &Job, pipeline: &Pipeline, options: &Options) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let mut written = Ok(());
    let ingest = ingest::Options {
        leave_out: sanctag::run::outputs(job),
        ..options.ingest.clone()
    };
    let estimate = sanctag::run::estimate(job, pipeline, &ingest, &mut |file| {
        if written.is_ok() {
            written = writeln!(out, "{}\t{}", file.bytes, file.shown);
        }
    })?;
    written?;
    let total = &estimate.total;
    tracing::info!(
        "{} files with {} to read, {} files skipped",
        total.files,
        HumanBytes(total.bytes),
        total.skipped
    );
    match (estimate.all_records(), estimate.duration()) {
        (Some(records), Some(duration)) => tracing::info!(
            "about {} records and {} with {} workers, by {} records of a sample ({} faults, {} tokens in {:.1} s)",
            HumanCount(records),
            HumanDuration(duration),
            estimate.threads,
            estimate.records,
            estimate.faults,
            estimate.tokens,
            estimate.seconds
        ),
        _ => tracing::info!("nothing in it could be sampled, so there is no estimate of the time"),
    }
    Ok(Exit::Done)
}

/// The summary: counts that add up, and where the faults are.
fn tell(summary: &Summary, job: &Job) {
    let counts = &summary.counts;
    tracing::info!(
        "{} records read = {} written + {} faults; {} relevant; {} tokens in {:.1} s",
        counts.read,
        counts.written,
        counts.faults,
        counts.relevant,
        counts.tokens,
        summary.seconds
    );
    if summary.total.skipped > 0 {
        tracing::info!(
            "{} files in folders were skipped: their names and types are of no article, or they are links. --format takes all files, --follow-links follows links",
            summary.total.skipped
        );
    }
    let within = counts.skipped.saturating_sub(summary.total.skipped);
    if within > 0 {
        tracing::info!(
            "{within} members of archives, records of WARC files or tables without texts were skipped: they hold no article"
        );
    }
    if !summary.finished {
        match &job.target {
            Target::File { .. } => tracing::info!(
                "interrupted; the same command with --resume (and without --force) goes on from here"
            ),
            Target::Standard => tracing::info!("interrupted"),
        }
        return;
    }
    if counts.read == 0 {
        tracing::info!("no article was found in the inputs");
    }
    if let (true, Target::File { path, .. }) = (counts.faults > 0, &job.target) {
        let faults = beside(path, "faults.jsonl");
        tracing::info!(
            "what could not be annotated, and why: {0}; once mended, sanctag tag {0} runs it again",
            faults.display()
        );
    }
}
