//! Output lines → one page that shows them.
//!
//! In: files of output lines. Out: an HTML file that needs nothing beside it and no network: summary, most targeted, who
//! targets whom, timeline, countries, articles with their entities and measures. Invariants: every figure counts all
//! lines; articles are shown up to a number, the same ones for the same lines, and the page says how many; whatever
//! stands in an article is text to the page and never markup. Deliberately absent: other programs and styles from elsewhere.

mod articles;
mod map;
mod page;
mod tally;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::article::Fault;
use crate::error::{Error, Result};
use crate::output;
use crate::progress::Progress;
use crate::tables::Article;
use articles::Sample;
use tally::Tally;

/// A report as asked for.
pub struct Job {
    /// Files of output lines.
    pub outputs: Vec<PathBuf>,
    /// The page.
    pub page: PathBuf,
    /// Most articles that can be read in the page.
    pub n_articles: usize,
    /// Overwrites a page that is there.
    pub force: bool,
    /// Set from outside to end without a page.
    pub stop: Arc<AtomicBool>,
    /// No progress.
    pub quiet: bool,
    /// Takes each line that could not be read.
    pub fault: Box<dyn FnMut(&Fault)>,
}

/// What a report holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reported {
    /// Lines read.
    pub read: u64,
    /// Lines that could not be read.
    pub faults: u64,
    /// Articles that can be read in the page.
    pub shown: usize,
    /// False when it was stopped before its end.
    pub finished: bool,
}

/// Writes the page.
///
/// # Errors
/// When a file of lines cannot be read or is none of output lines, or the page cannot be written or is there already.
pub fn report(job: &mut Job) -> Result<Reported> {
    if !job.force && job.page.exists() {
        return Err(Error::Usage(format!(
            "{} exists. Take --force to overwrite it, or name another page",
            job.page.display()
        )));
    }
    let outputs = output::open_all(&job.outputs)?;
    let mut progress = Progress::new(outputs.iter().map(|it| it.file_bytes).sum(), job.quiet);
    let mut tally = Tally::default();
    let mut sample = Sample::new(job.n_articles);
    for output in &outputs {
        tally.file(output);
    }
    let watch = output::Watch {
        progress: &mut progress,
        stop: &job.stop,
        fault: &mut job.fault,
    };
    let passed = output::pass(outputs, watch, |line, unit, hash| {
        let article = Article::new(line, unit);
        tally.add(line, &article);
        sample.add(line, &article, hash);
        Ok(())
    })?;
    let mut reported = Reported {
        read: passed.read,
        faults: passed.faults,
        ..Reported::default()
    };
    if !passed.finished {
        return Ok(reported);
    }
    let articles = sample.into_articles();
    reported.shown = articles.len();
    let html = page::html(&tally, &articles, &reported)?;
    std::fs::write(&job.page, html).map_err(Error::io(&job.page, "writing the page"))?;
    progress.finish();
    reported.finished = true;
    Ok(reported)
}

#[cfg(test)]
mod tests;
