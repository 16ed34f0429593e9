//! The manifest `OUT.run.json`: what a run is and has done so far, and from where it can be resumed.
//!
//! It is replaced as a whole (written beside, made durable, renamed), and only after the bytes it speaks of are durable.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Counts;
use crate::error::{Error, Result};
use crate::ingest::Total;

/// What makes a job this job and no other. Resuming compares it field by field.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct JobPrint {
    pub version: String,
    pub model: ModelPart,
    pub options: Value,
    pub shard: Option<String>,
    pub inputs: Vec<PathBuf>,
    pub input: Total,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct ModelPart {
    pub path: PathBuf,
    pub sha256: String,
}

/// How far the output reaches: everything before it is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Position {
    /// Chunks written.
    pub chunks: u64,
    /// Bytes of the output.
    pub line_bytes: u64,
    /// Bytes of the faults file.
    pub fault_bytes: u64,
}

/// Worker seconds by stage, summed over the workers.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Stages {
    pub prepare: f64,
    pub model: f64,
    pub finish: f64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub schema: String,
    pub run: String,
    pub job: JobPrint,
    pub counts: Counts,
    pub position: Position,
    pub finished: bool,
    pub resumes: u32,
    pub threads: usize,
    pub started_unix: u64,
    pub seconds: f64,
    pub tokens_per_second: f64,
    pub articles_per_second: f64,
    pub worker_seconds: Stages,
}

impl Manifest {
    pub fn new(run: &str, job: JobPrint, threads: usize) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            schema: "sanctag-run/1".to_owned(),
            run: run.to_owned(),
            job,
            counts: Counts::default(),
            position: Position::default(),
            finished: false,
            resumes: 0,
            threads,
            started_unix: now.map_or(0, |now| now.as_secs()),
            seconds: 0.0,
            tokens_per_second: 0.0,
            articles_per_second: 0.0,
            worker_seconds: Stages::default(),
        }
    }

    /// Reads the manifest of an earlier run.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(path, "reading the manifest")(error)),
        };
        let manifest = serde_json::from_slice(&bytes).map_err(|error| {
            let path = path.display();
            Error::Usage(format!(
                "{path}: is no manifest of this program: {error}. Start anew with --force"
            ))
        })?;
        Ok(Some(manifest))
    }

    /// Replaces the manifest by this one, durably.
    pub fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self)
            .map_err(|error| Error::Usage(format!("bug: the manifest is no JSON: {error}")))?;
        let part = path.with_extension("json.part");
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(json.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        written.map_err(Error::output(&part, "writing the manifest"))?;
        std::fs::rename(&part, path).map_err(Error::output(path, "writing the manifest"))?;
        sync_folder(path)
    }

    /// Sets the times, all runs of the job together.
    pub fn time(&mut self, before: f64, elapsed: Duration) {
        let rounded = |value: f64| (value * 1e3).round() / 1e3;
        self.seconds = rounded(before + elapsed.as_secs_f64());
        let per_second = |count: u64| rounded(count as f64 / self.seconds.max(1e-3));
        self.tokens_per_second = per_second(self.counts.tokens);
        self.articles_per_second = per_second(self.counts.read);
    }

    /// Says what keeps this job from going on where `earlier` stopped.
    ///
    /// # Errors
    /// [`Error::Usage`] naming everything that differs.
    pub fn continues(&self, earlier: &Self, path: &Path) -> Result<()> {
        let mut differs = Vec::new();
        let (old, new) = (&earlier.job, &self.job);
        if old.version != new.version {
            differs.push(format!(
                "the program's version ({} then, {} now)",
                old.version, new.version
            ));
        }
        if old.model.sha256 != new.model.sha256 {
            let (old, new) = (old.model.path.display(), new.model.path.display());
            differs.push(format!("the model ({old} then, {new} now)"));
        }
        different_options("", &old.options, &new.options, &mut differs);
        if old.shard != new.shard {
            let named = |shard: &Option<String>| shard.clone().unwrap_or_else(|| "none".to_owned());
            differs.push(format!(
                "the shard ({} then, {} now)",
                named(&old.shard),
                named(&new.shard)
            ));
        }
        if old.inputs != new.inputs {
            differs.push(format!(
                "the inputs' names ({:?} then, {:?} now)",
                old.inputs, new.inputs
            ));
        } else if old.input != new.input {
            differs.push(format!(
                "the inputs' files, sizes or times ({} files of {} bytes then, {} of {} now)",
                old.input.files, old.input.bytes, new.input.files, new.input.bytes
            ));
        }
        if differs.is_empty() {
            return Ok(());
        }
        let (path, differs) = (path.display(), differs.join("; "));
        Err(Error::Usage(format!(
            "{path} is of another job: different are {differs}. Give the same job to resume it, or --force to start anew"
        )))
    }
}

fn different_options(name: &str, old: &Value, new: &Value, differs: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in new {
                different_options(key, old.get(key).unwrap_or(&Value::Null), value, differs);
            }
        }
        (old, new) if old != new => {
            differs.push(format!("the option {name} ({old} then, {new} now)"))
        }
        _ => {}
    }
}

/// Makes a rename durable where the system can.
fn sync_folder(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied || cfg!(windows) => {
            Ok(())
        }
        other => other.map_err(Error::output(folder, "making the manifest durable")),
    }
}
