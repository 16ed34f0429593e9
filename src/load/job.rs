//! Files → batches → the database, with a reader beside the one who loads.

use std::path::Path;
use std::sync::atomic::Ordering;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::batch::{self, Batch, Shared};
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::store::{Place, RunAbout, Store};
use super::{Database, Job, Loaded};
use crate::error::{Error, Result};
use crate::output::{self, Output};
use crate::progress::Progress;

/// Most lines of a batch, and the bytes of lines after which it ends.
const BATCH_LINES: usize = 4096;
const BATCH_BYTES: u64 = 32 << 20;
/// Batches that wait to be loaded.
const WAITING: usize = 2;

/// Loads files of output lines into a database, which is made or brought to the newest schema first.
///
/// # Errors
/// When a file cannot be read or is none of output lines, or the database refuses. What was committed before stays.
pub fn load(job: &mut Job) -> Result<Loaded> {
    let outputs = output::open_all(&job.outputs)?;
    let total_bytes = outputs.iter().map(|output| output.file_bytes).sum();
    let mut store: Box<dyn Store> = match &job.database {
        Database::Sqlite(path) => Box::new(Sqlite::open(path)?),
        Database::Postgres(url) => Box::new(Postgres::open(url, &job.schema)?),
    };
    store.migrate()?;
    let mut progress = Progress::new(total_bytes, job.quiet);
    let mut loaded = Loaded::default();
    let mut before = 0;
    for output in outputs {
        let file_bytes = output.file_bytes;
        load_file(
            store.as_mut(),
            job,
            output,
            before,
            &mut progress,
            &mut loaded,
        )?;
        if job.stop.load(Ordering::Relaxed) {
            progress.finish();
            return Ok(loaded);
        }
        before += file_bytes;
    }
    progress.finish();
    loaded.finished = true;
    Ok(loaded)
}

fn load_file(
    store: &mut dyn Store,
    job: &mut Job,
    mut output: Output,
    before: u64,
    progress: &mut Progress,
    loaded: &mut Loaded,
) -> Result<()> {
    let mut place = store.place(&output, &absolute(&output.path)?)?;
    if place.finished {
        loaded.finished_before += 1;
        return Ok(());
    }
    let about = RunAbout::of(&output);
    let shared = Shared {
        unit: output.unit(),
        tagged_at: output.tagged.at,
        text: job.text,
        about,
    };
    output.skip_to(place.loaded_bytes)?;
    let (batch_in, batch_out) = bounded(WAITING);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(&mut output, &batch_in));
        let taken = take(
            store,
            job,
            &batch_out,
            &shared,
            &mut place,
            &mut |loaded, bytes| {
                progress.show(before + bytes, |seconds| output::rate(loaded.read, seconds));
            },
            loaded,
        );
        // Without a taker the reader stops.
        drop(batch_out);
        let read = reader
            .join()
            .unwrap_or_else(|_| Err(Error::Usage("bug: the reader panicked".to_owned())));
        taken.and(read)
    })
}

/// Loads batches as they come.
fn take(
    store: &mut dyn Store,
    job: &mut Job,
    batches: &Receiver<(Batch, u64)>,
    shared: &Shared,
    place: &mut Place,
    show: &mut dyn FnMut(&Loaded, u64),
    loaded: &mut Loaded,
) -> Result<()> {
    for (batch, bytes) in batches {
        batch::load(store, &batch, shared, place, loaded)?;
        loaded.read += batch.records.len() as u64;
        for fault in batch
            .records
            .iter()
            .filter_map(|record| record.line.as_ref().err())
        {
            loaded.faults += 1;
            (job.fault)(fault);
        }
        show(loaded, bytes);
        if job.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(())
}

/// Reads a file's lines into batches, each with the bytes taken from the file so far; stops when nobody takes them.
fn read(output: &mut Output, batches: &Sender<(Batch, u64)>) -> Result<()> {
    let mut records = Vec::new();
    let (mut began, mut end) = (None, 0);
    loop {
        let record = output.next()?;
        let last = record.is_none();
        if let Some(record) = record {
            end = record.end;
            began.get_or_insert(end);
            records.push(record);
        }
        let full = records.len() >= BATCH_LINES || end - began.unwrap_or(end) >= BATCH_BYTES;
        if !full && !last {
            continue;
        }
        let batch = Batch {
            records: std::mem::take(&mut records),
            end: end.max(output.position()),
            last,
        };
        began = None;
        if batches.send((batch, output.bytes_taken())).is_err() || last {
            return Ok(());
        }
    }
}

fn absolute(path: &Path) -> Result<String> {
    let path = path
        .canonicalize()
        .map_err(Error::io(path, "finding the output"))?;
    Ok(path.to_string_lossy().into_owned())
}
