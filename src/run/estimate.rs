//! How long a job would take: a sample of its files is read and annotated, nothing is written.
//!
//! The sample is spread over the input: up to 48 files at even distances, up to 24 records of each, until the time for it
//! is up. Seconds for a stored byte in the sample, times the bytes there are, shared by the threads. What memory,
//! disk or other programs hold back later is not in it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::reader::measured;
use super::{Job, Outcome, Pipeline, Worker};
use crate::error::Result;
use crate::ingest::{self, File};

const FILES: usize = 48;
const RECORDS: usize = 24;
/// Time for the sample.
const LONGEST: Duration = Duration::from_secs(8);

/// What a job would do.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Estimate {
    /// What there is to read.
    pub total: ingest::Total,
    /// Records of the sample.
    pub records: u64,
    /// Records of the sample that are faults.
    pub faults: u64,
    /// Tokens that the model read of the sample.
    pub tokens: u64,
    /// Stored bytes of the sample.
    pub bytes: u64,
    /// Seconds that one worker took for the sample.
    pub seconds: f64,
    /// Number of workers of the job.
    pub threads: usize,
}

impl Estimate {
    /// How many times the sample the input is; `None` where nothing was sampled.
    fn times(&self) -> Option<f64> {
        (self.bytes > 0).then(|| self.total.bytes as f64 / self.bytes as f64)
    }

    /// Records in the whole input, about.
    #[must_use]
    pub fn all_records(&self) -> Option<u64> {
        self.times()
            .map(|times| (self.records as f64 * times).round() as u64)
    }

    /// How long the whole input takes all workers together, about.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let seconds = self.times()? * self.seconds / self.threads.max(1) as f64;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// Hands every file of the job to `list`, then tags a sample of them.
///
/// # Errors
/// When an input is not there or no engine can be made.
pub fn estimate(
    job: &Job,
    pipeline: &Pipeline,
    options: &ingest::Options,
    list: &mut dyn FnMut(&File),
) -> Result<Estimate> {
    let mut sample: Vec<PathBuf> = Vec::new();
    let (mut stride, mut at) = (1, 0);
    ingest::files(&job.inputs, options, &mut |file| {
        list(file);
        if at % stride == 0 && file.path.as_os_str() != "-" {
            sample.push(file.path.clone());
        }
        at += 1;
        if sample.len() == 2 * FILES {
            let mut keep = [true, false].into_iter().cycle();
            sample.retain(|_| keep.next() == Some(true));
            stride *= 2;
        }
    })?;
    let mut estimate = Estimate {
        total: ingest::total(&job.inputs, options)?,
        threads: job.threads,
        ..Estimate::default()
    };
    let mut worker = Worker::new(pipeline)?;
    let started = Instant::now();
    for path in sample {
        if started.elapsed() > LONGEST {
            break;
        }
        tag(&path, &mut worker, pipeline, options, &mut estimate)?;
    }
    Ok(estimate)
}

/// Adds the first records of one file.
fn tag(
    path: &PathBuf,
    worker: &mut Worker,
    pipeline: &Pipeline,
    options: &ingest::Options,
    estimate: &mut Estimate,
) -> Result<()> {
    let started = Instant::now();
    let mut items = Vec::new();
    let mut bytes = 0;
    let seen = ingest::read(std::slice::from_ref(path), options, &mut |item, seen| {
        items.push(measured(item, pipeline).0);
        bytes = seen.bytes;
        items.len() < RECORDS
    })?;
    estimate.bytes += if items.len() < RECORDS {
        seen.bytes
    } else {
        bytes
    };
    estimate.records += items.len() as u64;
    for outcome in worker.annotate(items)?.0 {
        match outcome {
            Outcome::Line { tokens, .. } => estimate.tokens += tokens as u64,
            Outcome::Fault(_) => estimate.faults += 1,
        }
    }
    estimate.seconds += started.elapsed().as_secs_f64();
    Ok(())
}
