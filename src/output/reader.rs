//! Files of lines → records, with the manifest that stands beside them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Line, Unit};
use crate::article::{Fault, Place, Stage};
use crate::error::{Error, Result};
use crate::run::beside;

/// One file of output lines, open.
pub struct Output {
    /// As the user named it.
    pub path: PathBuf,
    /// Size as stored.
    pub file_bytes: u64,
    /// Time of change, in nanoseconds since 1970; 0 where the system does not say.
    pub modified: i64,
    /// What is known of the run that wrote it.
    pub tagged: Tagged,
    reader: BufReader<Box<dyn Read + Send>>,
    taken: Arc<AtomicU64>,
    buffer: Vec<u8>,
    record: u64,
    end: u64,
}

/// When and by what an output was written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tagged {
    /// Seconds since 1970: the run's start by its manifest, else the file's time of change.
    pub at: i64,
    /// The manifest beside the output.
    pub manifest: Option<Value>,
}

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// Its number in the file, from 0.
    pub record: u64,
    /// The byte after its end, of the unpacked lines.
    pub end: u64,
    /// The first 16 bytes of SHA-256 of the line.
    pub hash: [u8; 16],
    /// The article, or why there is none.
    pub line: std::result::Result<Box<Line>, Box<Fault>>,
}

/// Counts the bytes taken from a file, packed as they are.
struct Counted {
    file: File,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n_bytes = self.file.read(buffer)?;
        self.taken.fetch_add(n_bytes as u64, Ordering::Relaxed);
        Ok(n_bytes)
    }
}

/// Opens a file of output lines: plain, `.gz` or `.zst`.
///
/// # Errors
/// [`Error::Io`] when it cannot be opened; [`Error::Usage`] when its first line is none of an output.
pub fn open(path: &Path) -> Result<Output> {
    let fail = || Error::io(path, "opening the output to read it");
    let file = File::open(path).map_err(fail())?;
    let metadata = file.metadata().map_err(fail())?;
    let modified = metadata.modified().ok().and_then(nanoseconds).unwrap_or(0);
    let taken = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        file,
        taken: Arc::clone(&taken),
    };
    let (reader, name): (Box<dyn Read + Send>, _) =
        match path.extension().and_then(|it| it.to_str()) {
            Some("gz") => (
                Box::new(flate2::read::MultiGzDecoder::new(counted)),
                path.with_extension(""),
            ),
            Some("zst") => (
                Box::new(zstd::Decoder::new(counted).map_err(fail())?),
                path.with_extension(""),
            ),
            _ => (Box::new(counted), path.to_owned()),
        };
    let mut output = Output {
        path: path.to_owned(),
        file_bytes: metadata.len(),
        modified,
        tagged: tagged(&name, modified)?,
        reader: BufReader::with_capacity(1 << 18, reader),
        taken,
        buffer: Vec::new(),
        record: 0,
        end: 0,
    };
    output.check_first_line()?;
    Ok(output)
}

impl Output {
    /// Bytes taken from the file so far, packed as they are: what progress counts.
    #[must_use]
    pub fn bytes_taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// What ranges count by the manifest; code points where it does not say.
    #[must_use]
    pub fn unit(&self) -> Unit {
        let bytes = self
            .tagged
            .manifest
            .as_ref()
            .is_some_and(|manifest| manifest["job"]["options"]["write"]["unit"] == "bytes");
        if bytes { Unit::Bytes } else { Unit::Points }
    }

    /// The byte of the unpacked lines up to which they have been read.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.end
    }

    /// Passes over the lines that end at or before byte `end` of the unpacked lines.
    ///
    /// # Errors
    /// As [`Output::next`].
    pub fn skip_to(&mut self, end: u64) -> Result<()> {
        while self.end < end && self.fill()? {}
        Ok(())
    }

    /// The next line that is not empty; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read on.
    #[allow(clippy::should_implement_trait)] // an iterator would hide that an error ends the file
    pub fn next(&mut self) -> Result<Option<Record>> {
        while self.fill()? {
            let json = self.buffer.trim_ascii();
            if json.is_empty() {
                continue;
            }
            let record = self.record - 1;
            let digest = Sha256::digest(json);
            let mut hash = [0; 16];
            hash.copy_from_slice(&digest[..16]);
            let line = Line::parse(json).map(Box::new).map_err(|reason| {
                Box::new(Fault {
                    id: None,
                    source: Place {
                        path: self.path.to_string_lossy().into_owned(),
                        record,
                        offset: None,
                    },
                    stage: Stage::Parse,
                    reason: format!("{reason}. Tag the article again, or take the line out"),
                    record: None,
                })
            });
            return Ok(Some(Record {
                record,
                end: self.end,
                hash,
                line,
            }));
        }
        Ok(None)
    }

    /// Reads one line, an empty one too, into the buffer; false at the end.
    fn fill(&mut self) -> Result<bool> {
        self.buffer.clear();
        let n_bytes = self
            .reader
            .read_until(b'\n', &mut self.buffer)
            .map_err(Error::io(&self.path, "reading output lines"))?;
        self.end += n_bytes as u64;
        self.record += u64::from(n_bytes > 0);
        Ok(n_bytes > 0)
    }

    /// A wrong file is told at once, not by a fault for each of its lines.
    fn check_first_line(&mut self) -> Result<()> {
        let start = self
            .reader
            .fill_buf()
            .map_err(Error::io(&self.path, "reading output lines"))?;
        let is_object = start
            .trim_ascii_start()
            .first()
            .is_none_or(|&byte| byte == b'{');
        let first = start
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let names_a_schema =
            first.is_empty() || memchr::memmem::find(first, b"\"schema\"").is_some();
        // A first line longer than the buffer is judged when it is read.
        if is_object && (names_a_schema || first.len() == start.len()) {
            return Ok(());
        }
        Err(Error::Usage(format!(
            "{} holds no output lines of sanctag. Give what sanctag tag wrote with -o",
            self.path.display()
        )))
    }
}

/// The manifest beside an output, and when its run began.
fn tagged(output: &Path, modified: i64) -> Result<Tagged> {
    let path = beside(output, "run.json");
    let manifest: Option<Value> = match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(|error| {
            Error::Usage(format!(
                "{} is no manifest: {error}. Move it away to read the lines without it",
                path.display()
            ))
        })?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io(&path, "reading the manifest")(error)),
    };
    let started = manifest
        .as_ref()
        .and_then(|manifest| manifest["started_unix"].as_i64());
    Ok(Tagged {
        at: started.unwrap_or(modified / 1_000_000_000),
        manifest,
    })
}

fn nanoseconds(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_nanos()).ok()
}
