//! The writer: done chunks → the outputs in input order, with the manifest from which a run can be resumed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use indicatif::HumanCount;

use super::budget::Budget;
use super::manifest::{JobPrint, Manifest};
use super::sink::{Existing, Sink, Target, beside, refuse};
use super::{Done, Job, Outcome, Summary, metrics};
use crate::error::{Error, Result};
use crate::progress::Progress;

/// How many faults stop a run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum MaxFaults {
    /// More than so many.
    Count(u64),
    /// More than this share of the records, 0 to 100, once 100 are read.
    Percent(f64),
}

/// Records after which a share of faults means something.
const ENOUGH: u64 = 100;

impl FromStr for MaxFaults {
    type Err = String;

    /// Reads `N` or `P%`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parsed = match text.strip_suffix('%') {
            Some(percent) => percent
                .parse()
                .ok()
                .filter(|percent| (0.0..=100.0).contains(percent))
                .map(Self::Percent),
            None => text.parse().ok().map(Self::Count),
        };
        parsed.ok_or_else(|| "expected a number such as 1000, or a share such as 5%".to_owned())
    }
}

pub(super) struct Writer {
    sink: Sink,
    /// Where the manifest goes; `None` for standard output.
    manifest_path: Option<PathBuf>,
    metrics_path: Option<PathBuf>,
    manifest: Manifest,
    progress: Progress,
    started: Instant,
    seconds_before: f64,
    max_faults: Option<MaxFaults>,
    checkpoint_every: Duration,
    checkpoint_at: Instant,
    input_bytes: u64,
    chunks: u64,
    /// True once a write or a sync has failed: how much of the outputs is sound is no longer known, so the last
    /// manifest stands. A later sync may well succeed, with bytes lost or a chunk half written before it.
    broken: bool,
}

impl Writer {
    /// Opens the outputs, from the start or where an earlier run of the same job stopped.
    pub fn open(job: &Job, print: JobPrint, run: &str, started: Instant) -> Result<Self> {
        let total_bytes = print.input.bytes;
        let mut manifest = Manifest::new(run, print, job.threads);
        let (sink, manifest_path) = match &job.target {
            Target::Standard => (Sink::standard(), None),
            Target::File { path, existing } => {
                let manifest_path = beside(path, "run.json");
                match existing {
                    Existing::Refuse => refuse(path)?,
                    Existing::Overwrite => {}
                    Existing::Resume => match Manifest::read(&manifest_path)? {
                        Some(earlier) => {
                            manifest.continues(&earlier, &manifest_path)?;
                            manifest = Manifest {
                                resumes: earlier.resumes + u32::from(!earlier.finished),
                                threads: job.threads,
                                ..earlier
                            };
                        }
                        None => refuse(path)?,
                    },
                }
                if job.inputs.iter().any(|input| input.as_os_str() == "-")
                    && *existing == Existing::Resume
                {
                    return Err(Error::Usage(
                        "standard input cannot be read again, so its run cannot be resumed"
                            .to_owned(),
                    ));
                }
                let sink = Sink::files(path, manifest.position)?;
                if !manifest.finished {
                    manifest.write(&manifest_path)?;
                }
                (sink, Some(manifest_path))
            }
        };
        Ok(Self {
            sink,
            manifest_path,
            metrics_path: job.metrics.clone(),
            progress: Progress::new(total_bytes, job.quiet),
            started,
            seconds_before: manifest.seconds,
            max_faults: job.max_faults,
            checkpoint_every: job.checkpoint_every,
            checkpoint_at: started,
            input_bytes: 0,
            chunks: manifest.position.chunks,
            manifest,
            broken: false,
        })
    }

    /// Chunks written, by this run and those that it resumes.
    pub fn chunks(&self) -> u64 {
        self.chunks
    }

    /// Takes over what the reader passed over, over the whole input.
    pub fn skipped(&mut self, n: u64) {
        self.manifest.counts.skipped = n;
    }

    /// True when an earlier run did it all.
    pub fn finished(&self) -> bool {
        self.manifest.finished
    }

    pub fn summary(&self) -> Summary {
        Summary {
            counts: self.manifest.counts,
            seconds: self.manifest.seconds,
            total: self.manifest.job.input,
            finished: self.manifest.finished,
        }
    }

    /// Writes chunks in their order until the workers are done.
    pub fn write_all(
        &mut self,
        done: &Receiver<Result<Done>>,
        tickets: &Receiver<()>,
        budget: &Budget,
    ) -> Result<()> {
        let mut waiting: BTreeMap<u64, Done> = BTreeMap::new();
        loop {
            match done.recv_timeout(Duration::from_millis(500)) {
                Ok(chunk) => {
                    let chunk = chunk?;
                    waiting.insert(chunk.number, chunk);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Some(chunk) = waiting.remove(&self.chunks) {
                let need = chunk.need;
                self.write(chunk)?;
                budget.give(need);
                // One chunk less on its way: the reader may go on.
                let _ = tickets.try_recv();
            }
            if self.checkpoint_at.elapsed() >= self.checkpoint_every {
                self.checkpoint()?;
            }
            let counts = &self.manifest.counts;
            self.progress.show(self.input_bytes, |seconds| {
                format!(
                    "{} articles, {} tokens/s, {} faults",
                    HumanCount(counts.read),
                    HumanCount((counts.tokens as f64 / seconds) as u64),
                    HumanCount(counts.faults)
                )
            });
        }
        match waiting.is_empty() {
            true => Ok(()),
            false => Err(Error::Engine(format!(
                "bug: a worker ended before chunk {} was done",
                self.chunks
            ))),
        }
    }

    fn write(&mut self, chunk: Done) -> Result<()> {
        self.broken = true;
        let since = Instant::now();
        let counts = &mut self.manifest.counts;
        for outcome in &chunk.outcomes {
            counts.read += 1;
            match outcome {
                Outcome::Line {
                    line,
                    tokens,
                    relevant,
                } => {
                    self.sink.line(line)?;
                    counts.written += 1;
                    counts.tokens += *tokens as u64;
                    counts.relevant += u64::from(*relevant);
                }
                Outcome::Fault(fault) => {
                    let (path, record, stage) =
                        (&fault.source.path, fault.source.record, fault.stage);
                    tracing::debug!(path, record, ?stage, "a record is a fault");
                    self.sink.fault(fault)?;
                    counts.faults += 1;
                }
            }
        }
        self.chunks += 1;
        self.input_bytes = chunk.input_bytes;
        let spent = &mut self.manifest.worker_seconds;
        spent.read += chunk.read.as_secs_f64();
        spent.prepare += chunk.spent.prepare.as_secs_f64();
        spent.model += chunk.spent.model.as_secs_f64();
        spent.finish += chunk.spent.finish.as_secs_f64();
        if self.manifest_path.is_none() {
            self.sink.flush()?;
        }
        self.broken = false;
        self.manifest.worker_seconds.write += since.elapsed().as_secs_f64();
        self.stop_on_faults(ENOUGH)
    }

    /// Stops a run that goes wrong as a whole.
    fn stop_on_faults(&self, enough: u64) -> Result<()> {
        let counts = &self.manifest.counts;
        let (too_many, limit) = match self.max_faults {
            None => return Ok(()),
            Some(MaxFaults::Count(limit)) => (counts.faults > limit, limit.to_string()),
            Some(MaxFaults::Percent(limit)) => {
                let share = counts.faults as f64 * 100.0 / counts.read.max(1) as f64;
                (counts.read >= enough && share > limit, format!("{limit}%"))
            }
        };
        if !too_many {
            return Ok(());
        }
        let (faults, read) = (counts.faults, counts.read);
        Err(Error::Usage(format!(
            "{faults} of {read} records are faults, more than --max-faults {limit} allows; the faults say what is wrong"
        )))
    }

    /// Makes what is written durable, then says so in the manifest.
    fn checkpoint(&mut self) -> Result<()> {
        self.checkpoint_at = Instant::now();
        self.broken = true;
        let position = self.sink.sync(self.chunks)?;
        self.manifest.position = position;
        self.manifest
            .time(self.seconds_before, self.started.elapsed());
        if let Some(path) = &self.manifest_path {
            self.manifest.write(path)?;
        }
        self.broken = false;
        self.metrics();
        let counts = &self.manifest.counts;
        tracing::debug!(
            read = counts.read,
            written = counts.written,
            faults = counts.faults,
            "checkpoint"
        );
        Ok(())
    }

    fn metrics(&self) {
        if let Some(path) = &self.metrics_path {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |now| now.as_secs());
            metrics::write(path, &self.manifest, self.input_bytes, now);
        }
    }

    /// Ends the run: `ended` is false when it was stopped, an error when it failed. What is written is made durable, unless
    /// writing is what failed.
    pub fn close(&mut self, ended: Result<bool>) -> Result<()> {
        self.progress.finish();
        let ended = ended.and_then(|all| self.stop_on_faults(1).map(|()| all));
        self.manifest.finished = matches!(ended, Ok(true));
        if self.manifest_path.is_none() {
            self.manifest
                .time(self.seconds_before, self.started.elapsed());
            self.metrics();
            return self.sink.flush().and(ended.map(|_| ()));
        }
        let kept = if self.broken {
            Ok(())
        } else {
            self.checkpoint()
        };
        ended?;
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_faults_is_a_number_or_a_share() {
        assert_eq!("12".parse(), Ok(MaxFaults::Count(12)));
        assert_eq!("2.5%".parse(), Ok(MaxFaults::Percent(2.5)));
        for wrong in ["", "%", "-1", "101%", "many", "NaN%"] {
            assert!(wrong.parse::<MaxFaults>().is_err(), "{wrong}");
        }
    }
}
