//! The whole path wired: reader, workers, writer; the only room with threads.
//!
//! One thread reads records into chunks, a pool of workers annotates chunks, the calling thread writes them in input
//! order. Invariants: at most a fixed number of chunks is on its way, whatever the corpus's size; the bytes written
//! depend on input, options and model alone, after any interruption too; records read = lines + faults. Deliberately
//! absent: flags.

mod annotate;
mod batches;
mod budget;
mod chunks;
mod estimate;
mod manifest;
mod metrics;
mod pipeline;
mod reader;
mod seen;
mod sink;
pub mod speed;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use serde::{Deserialize, Serialize};

pub use annotate::{Named, Outcome, Spent, Worker};
pub use estimate::{Estimate, estimate};
pub use pipeline::{Options, Pipeline, Scope, tokenizer};
pub use reader::Shard;
pub use sink::{Existing, Target, beside};
pub use writer::MaxFaults;

use crate::engine::folder::ModelFolder;
use crate::error::{Error, Result};
use crate::ingest;
use budget::Budget;
use chunks::Chunk;
use manifest::{JobPrint, ModelPart};
use writer::Writer;

/// A run as asked for.
#[derive(Clone, Debug)]
pub struct Job {
    /// Files, folders, `-`.
    pub inputs: Vec<PathBuf>,
    /// Where the output goes.
    pub target: Target,
    /// The part of the input to take; all without it.
    pub shard: Option<Shard>,
    /// Number of workers, at least 1.
    pub threads: usize,
    /// How many faults stop the run.
    pub max_faults: Option<MaxFaults>,
    /// Longest time between two moments from which the run can be resumed.
    pub checkpoint_every: Duration,
    /// Set from outside to end the run: what is on its way is finished and written.
    pub stop: Arc<AtomicBool>,
    /// No progress bar.
    pub quiet: bool,
    /// Where the state of the run is written for Prometheus, at every checkpoint.
    pub metrics: Option<PathBuf>,
}

/// Counts of a run; they add up: `read = written + faults`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Records read.
    pub read: u64,
    /// Lines written.
    pub written: u64,
    /// Faults written.
    pub faults: u64,
    /// Lines in which some sanction is spoken of.
    pub relevant: u64,
    /// Tokens that went through the model.
    pub tokens: u64,
    /// Files in folders, members of archives and records of WARC files passed over because they hold no article; no part of
    /// `read`.
    #[serde(default)]
    pub skipped: u64,
}

/// What a run did; counts and times include the runs that it resumed.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Summary {
    /// Counts of records.
    pub counts: Counts,
    /// Seconds from start to end.
    pub seconds: f64,
    /// What there was to read.
    pub total: ingest::Total,
    /// False when the run was stopped before its end.
    pub finished: bool,
}

/// A chunk with what became of its records.
struct Done {
    number: u64,
    input_bytes: u64,
    need: u64,
    outcomes: Vec<Outcome>,
    /// Time in which its records were read.
    read: Duration,
    spent: Spent,
}

/// Chunks on their way for each worker: one in work, the others wait for it or for their turn to be written.
const CHUNKS_A_WORKER: usize = 4;

/// A record may have this part of the memory while it is read: it stands there as bytes, as text and as JSON.
const READING: u64 = 16;
/// What a worker takes beside its articles: remembered windows, the engine's rows, its stack.
const WORKER_BYTES: u64 = 72 << 20;
/// What the program and its tables take.
const PROGRAM_BYTES: u64 = 64 << 20;

/// Half of the memory is for articles; the other half has to do for the model and the workers.
fn fits(memory_bytes: u64, threads: usize, folder: &ModelFolder) -> Result<()> {
    let base = folder.weight_bytes() + threads as u64 * WORKER_BYTES + PROGRAM_BYTES;
    if base <= memory_bytes / 2 {
        return Ok(());
    }
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    Err(Error::Usage(format!(
        "{threads} workers and the model take about {} MiB; --memory {} MiB is too little. Take --memory {}M or more, or fewer --threads",
        mib(base),
        mib(memory_bytes),
        mib(2 * base)
    )))
}

/// Runs a job with a loaded pipeline.
///
/// # Errors
/// When an input is not there, the output cannot be written or is of another job, or no engine can be made.
pub fn run(
    job: &Job,
    folder: &ModelFolder,
    pipeline: &Pipeline,
    options: &Options,
) -> Result<Summary> {
    let started = Instant::now();
    if let Some(memory) = options.memory_bytes {
        fits(memory, job.threads, folder)?;
    }
    let reading = options.memory_bytes.map(|memory| memory / READING);
    let most = reading.map_or(usize::MAX, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    });
    let ingest = ingest::Options {
        leave_out: outputs(job),
        max_article_bytes: options.ingest.max_article_bytes.min(most),
        ..options.ingest.clone()
    };
    ingest::check(&job.inputs)?;
    let total = ingest::total(&job.inputs, &ingest)?;
    let mut writer = Writer::open(
        job,
        print(job, folder, options, total),
        pipeline.run(),
        started,
    )?;
    if !writer.finished() {
        let ended = annotate_all(job, &ingest, pipeline, &mut writer);
        writer.close(ended)?;
    }
    Ok(writer.summary())
}

/// Reads, annotates and writes until the end; false when the run was stopped before it.
fn annotate_all(
    job: &Job,
    ingest: &ingest::Options,
    pipeline: &Pipeline,
    writer: &mut Writer,
) -> Result<bool> {
    let threads = job.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|number| format!("worker-{number}"))
        .build()
        .map_err(|error| Error::Engine(format!("cannot start {threads} workers: {error}")))?;
    let (chunk_in, chunk_out) = bounded::<Chunk>(threads);
    let (done_in, done_out) = unbounded::<Result<Done>>();
    let (ticket_in, ticket_out) = bounded::<()>(threads * CHUNKS_A_WORKER);
    let skip = writer.chunks();
    let budget = &Budget::new(pipeline.article_bytes());
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut send = |chunk: Chunk| {
                chunk.number < skip
                    || ticket_in.send(()).is_ok()
                        && budget.take(chunk.need)
                        && chunk_in.send(chunk).is_ok()
            };
            reader::read(job, ingest, pipeline, &mut send)
        });
        let written = pool.in_place_scope(|workers| {
            for _ in 0..threads {
                let (chunks, done) = (chunk_out.clone(), done_in.clone());
                workers.spawn(move |_| work(pipeline, &chunks, &done));
            }
            drop((chunk_out, done_in));
            let written = writer.write_all(&done_out, &ticket_out, budget);
            // Without takers, the reader and the workers stop.
            drop((done_out, ticket_out));
            budget.close();
            written
        });
        let read = reader
            .join()
            .unwrap_or_else(|_| Err(Error::Usage("bug: the reader panicked".to_owned())));
        let (seen, ended) = written.and(read)?;
        writer.skipped(seen.skipped);
        Ok(ended)
    })
}

/// One worker: chunks in, done chunks out, until there are no more or nobody takes them.
fn work(pipeline: &Pipeline, chunks: &Receiver<Chunk>, done: &Sender<Result<Done>>) {
    let mut worker = match Worker::new(pipeline) {
        Ok(worker) => worker,
        Err(error) => {
            // A closed channel means that another error came first.
            let _ = done.send(Err(error));
            return;
        }
    };
    for chunk in chunks {
        let Chunk {
            number,
            items,
            input_bytes,
            need,
            read,
        } = chunk;
        let annotated = worker.annotate(items);
        let result = annotated.map(|(outcomes, spent)| Done {
            read,
            number,
            input_bytes,
            need,
            outcomes,
            spent,
        });
        if done.send(result).is_err() {
            return;
        }
    }
}

/// What the run itself writes, so that it is not read when it lies in an input folder.
#[must_use]
pub fn outputs(job: &Job) -> Vec<PathBuf> {
    match &job.target {
        Target::Standard => Vec::new(),
        Target::File { path, .. } => {
            let endings = [
                "faults.jsonl",
                "run.json",
                "run.json.part",
                "parquet",
                "parquet.part",
            ];
            let others = endings.map(|ending| beside(path, ending));
            [vec![path.clone()], others.into()].concat()
        }
    }
}

fn print(job: &Job, folder: &ModelFolder, options: &Options, input: ingest::Total) -> JobPrint {
    JobPrint {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: ModelPart {
            path: folder.path().to_owned(),
            sha256: folder.hash().to_owned(),
        },
        options: serde_json::json!(options),
        shard: job.shard.map(|shard| shard.to_string()),
        inputs: job.inputs.clone(),
        input,
    }
}
