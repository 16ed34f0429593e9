//! `sanctag tag`: articles in, annotated JSON lines out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};
use sanctag::engine::{Choice, Kind, Precision};
use sanctag::entity::EntityType;
use sanctag::run::{
    Existing, Job, MaxFaults, Options, Pipeline, Scope, Shard, Summary, Target, beside,
};
use sanctag::write::{self, Unit};
use sanctag::{body, export, ingest, models};

use crate::exit::Exit;

/// Tag articles and write one JSON line for each.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  sanctag tag corpus/ -o out.jsonl
  sanctag tag news.jsonl.gz --text-field body --scope all -o out.jsonl
  cat page.txt | sanctag tag - --format text")]
pub struct Args {
    /// Files, folders (read recursively, in the order of names) or - for standard input.
    ///
    /// Plain text (.txt, one article a file), JSON lines (.jsonl, .ndjson) and JSON (.json), also packed as .gz or
    /// .zst. In folders, files with other names are counted and skipped.
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

    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,

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
    #[arg(long, value_name = "TOKENS", default_value_t = 12)]
    context: usize,
}

/// Flags about how records are read.
#[derive(ClapArgs)]
#[command(next_help_heading = "Input")]
struct InputArgs {
    /// What the files hold, whatever their names.
    #[arg(long, value_enum)]
    format: Option<FormatArg>,
    /// JSON field with the record's id.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "id")]
    id_field: Vec<String>,
    /// JSON field with the headline.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "title,headline"
    )]
    title_field: Vec<String>,
    /// JSON field with the text; of several, the first present.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "text,body,content"
    )]
    text_field: Vec<String>,
    /// JSON field with the date.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "date,published,published_at,date_published"
    )]
    date_field: Vec<String>,
    /// JSON field with the language.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "lang,language"
    )]
    lang_field: Vec<String>,
    /// JSON field with the address.
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "url,link"
    )]
    url_field: Vec<String>,
    /// What to do with bytes that are not UTF-8: make the record a fault, or replace them.
    #[arg(long, value_enum, default_value = "fault")]
    invalid_utf8: InvalidArg,
    /// A record with more bytes than this is a fault.
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20)]
    max_article_bytes: usize,
    /// Follow symbolic links met inside folders.
    #[arg(long)]
    follow_links: bool,
}

/// Flags about the engine.
#[derive(ClapArgs)]
#[command(next_help_heading = "Model")]
pub struct EngineArgs {
    /// What runs the model.
    #[arg(long, value_enum, default_value = "native")]
    engine: EngineArg,
    /// Arithmetic of the native engine.
    #[arg(long, value_enum, default_value = "int8")]
    precision: PrecisionArg,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineArg {
    /// Our own kernels, on any CPU.
    Native,
    /// libtorch through rust-bert, in builds with the feature rust-bert.
    RustBert,
}

#[derive(Clone, Copy, ValueEnum)]
enum PrecisionArg {
    /// 8-bit weights and activations in the large products, the faster.
    Int8,
    /// 32-bit floating point throughout.
    F32,
}

impl EngineArgs {
    pub fn choice(&self) -> Choice {
        Choice {
            kind: match self.engine {
                EngineArg::Native => Kind::Native,
                EngineArg::RustBert => Kind::RustBert,
            },
            precision: match self.precision {
                PrecisionArg::Int8 => Precision::Int8,
                PrecisionArg::F32 => Precision::F32,
            },
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeArg {
    Sanctions,
    All,
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

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Text,
    Jsonl,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum InvalidArg {
    Fault,
    Replace,
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
            scope: match self.scope {
                ScopeArg::Sanctions => Scope::Sanctions,
                ScopeArg::All => Scope::All,
            },
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
        }
    }

    fn job(self, stop: Arc<AtomicBool>) -> Job {
        let threads = self.threads.map(usize::from);
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
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
            threads: threads.unwrap_or_else(cores),
            max_faults: self.max_faults,
            checkpoint_every: Duration::from_secs_f64(self.checkpoint),
            stop,
            quiet: self.quiet,
        }
    }
}

impl InputArgs {
    fn options(&self) -> ingest::Options {
        ingest::Options {
            fields: ingest::Fields {
                id: self.id_field.clone(),
                title: self.title_field.clone(),
                text: self.text_field.clone(),
                date: self.date_field.clone(),
                lang: self.lang_field.clone(),
                url: self.url_field.clone(),
            },
            format: self.format.map(|format| match format {
                FormatArg::Text => ingest::Format::Text,
                FormatArg::Jsonl => ingest::Format::Jsonl,
                FormatArg::Json => ingest::Format::Json,
            }),
            replace_invalid: matches!(self.invalid_utf8, InvalidArg::Replace),
            max_article_bytes: self.max_article_bytes,
            follow_links: self.follow_links,
            leave_out: Vec::new(),
        }
    }
}

pub fn run(args: Args) -> Result<Exit> {
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
    let job = args.job(Arc::clone(&stop));
    let summary = sanctag::run::run(&job, &folder, &pipeline, &options)?;
    if !job.quiet {
        tell(&summary, &job);
    }
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
    Ok(match summary {
        Summary {
            finished: false, ..
        } => Exit::Interrupted,
        Summary { counts, .. } if counts.faults > 0 => Exit::Faults,
        _ => Exit::Done,
    })
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
    Ok(stop)
}

/// The summary: counts that add up, and where the faults are.
fn tell(summary: &Summary, job: &Job) {
    let counts = &summary.counts;
    eprintln!(
        "{} records read = {} written + {} faults; {} relevant; {} tokens in {:.1} s",
        counts.read, counts.written, counts.faults, counts.relevant, counts.tokens, summary.seconds
    );
    if summary.total.skipped > 0 {
        eprintln!(
            "{} files in folders were skipped: their names are not of .txt, .jsonl, .ndjson or .json, or they are links. --format takes them all, --follow-links follows links",
            summary.total.skipped
        );
    }
    if !summary.finished {
        match &job.target {
            Target::File { .. } => eprintln!(
                "interrupted; the same command with --resume (and without --force) goes on from here"
            ),
            Target::Standard => eprintln!("interrupted"),
        }
        return;
    }
    if counts.read == 0 {
        eprintln!("no article was found in the inputs");
    }
    if let (true, Target::File { path, .. }) = (counts.faults > 0, &job.target) {
        let faults = beside(path, "faults.jsonl");
        eprintln!(
            "what could not be annotated, and why: {0}; once mended, sanctag tag {0} runs it again",
            faults.display()
        );
    }
}
