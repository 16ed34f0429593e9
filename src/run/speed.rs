//! How fast the stages and the whole path are on given articles and this machine.
//!
//! Each round times every stage once, one after the other, so that whatever else the machine does touches all alike; a stage's speed is the median of the
//! rounds, from the slowest to the fastest. With seven rounds or more that range holds the true median with 98 % (2 · 0.5ⁿ outside).
//! A round has workers of its own, which remember nothing of the rounds before. Not timed: reading and writing files.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde::Serialize;

use super::annotate::Worker;
use super::batches::{self, Row};
use super::pipeline::{Pipeline, Scope};
use crate::article::Article;
use crate::body;
use crate::engine::folder::ModelFolder;
use crate::engine::native;
use crate::engine::{Batch, Engine, Logits};
use crate::error::{Error, Result};
use crate::ingest::Item;
use crate::sentence::sentences;
use crate::tokenize::Tokens;
use crate::window::windows;

/// The median of some rounds with their range.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Measured {
    /// Their median.
    pub median: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

/// One stage's speed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Stage {
    /// What is timed.
    pub name: String,
    /// How many threads it ran on.
    pub threads: usize,
    /// Articles a second.
    pub articles: Measured,
    /// Megabytes of text a second; `None` for the engine, which sees tokens.
    pub megabytes: Option<Measured>,
    /// Tokens a second, for stages that handle tokens.
    pub tokens: Option<Measured>,
}

/// Everything that was measured.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Speed {
    /// Articles timed.
    pub articles: usize,
    /// Their bytes of text.
    pub bytes: usize,
    /// Tokens that the model reads of them.
    pub tokens: usize,
    /// Articles that the model reads.
    pub read: usize,
    /// Rounds.
    pub rounds: usize,
    /// The stages.
    pub stages: Vec<Stage>,
    /// Operations of the encoder's linear layers a second on one core, as a share of what the core's dot products of bytes could do at most
    /// without AMX; above 1 is AMX. `None` where the processor has no such instructions that we know.
    pub share_of_peak: Option<Measured>,
    /// What so many workers do, as a multiple of one.
    pub scaling: Measured,
    /// Workers of the last stage.
    pub threads: usize,
}

/// Articles of a chunk, as in a run.
const CHUNK: usize = 16;

/// Rows of one forward pass after the other.
struct Prepared {
    batches: Vec<Batch>,
    n_tokens: usize,
    n_read: usize,
}

/// Times all stages for `rounds` rounds. `progress` is told how many rounds are done.
///
/// # Errors
/// When there is nothing to time, an engine cannot be made, or an article cannot be annotated.
pub fn speed(
    folder: &ModelFolder,
    pipeline: &Pipeline,
    articles: &[Article],
    rounds: usize,
    threads: usize,
    progress: &dyn Fn(usize),
) -> Result<Speed> {
    let bytes: usize = articles.iter().map(|article| article.text.len()).sum();
    if bytes == 0 || rounds == 0 {
        return Err(Error::Usage("there is no text to time".to_owned()));
    }
    let prepared = prepare(pipeline, articles)?;
    let mut engine = pipeline.model.engine()?;
    let mut logits = Logits::default();
    // Once untimed, so that the first round finds memory and caches as the others do.
    forward(&mut *engine, &prepared.batches, &mut logits)?;
    let mut times = Times::default();
    for round in 0..rounds {
        let [gates, tokenizes, models, ones, alls] = &mut times.seconds;
        gates.push(timed(|| gate(pipeline, articles)).1);
        tokenizes.push(checked(timed(|| tokenize(pipeline, articles)))?);
        times.peaks.push(native::int8_peak());
        let model = || forward(&mut *engine, &prepared.batches, &mut logits);
        models.push(checked(timed(model))?);
        ones.push(checked(timed(|| whole(pipeline, articles, 1)))?);
        alls.push(checked(timed(|| whole(pipeline, articles, threads)))?);
        progress(round + 1);
    }
    Ok(Speed {
        articles: articles.len(),
        bytes,
        tokens: prepared.n_tokens,
        read: prepared.n_read,
        rounds,
        stages: times.stages(articles.len(), bytes, &prepared, threads),
        share_of_peak: times.share_of_peak(folder, prepared.n_tokens),
        scaling: times.scaling(),
        threads,
    })
}

/// What the rounds took: one list of seconds for each stage, and the peaks measured beside them.
#[derive(Default)]
struct Times {
    seconds: [Vec<f64>; 5],
    peaks: Vec<Option<f64>>,
}

impl Times {
    fn stages(
        &self,
        n_articles: usize,
        bytes: usize,
        prepared: &Prepared,
        threads: usize,
    ) -> Vec<Stage> {
        let names = [
            ("body and gate", 1),
            ("sentences and tokenizer", 1),
            ("engine", 1),
            ("whole program", 1),
            ("whole program", threads),
        ];
        let stage = |(at, (name, threads)): (usize, &(&str, usize))| {
            let seconds = self.seconds[at].iter();
            let per_second =
                |amount: f64| measured(seconds.clone().map(|seconds| amount / seconds).collect());
            let is_engine = at == 2;
            Stage {
                name: (*name).to_owned(),
                threads: *threads,
                articles: per_second(if is_engine {
                    prepared.n_read
                } else {
                    n_articles
                } as f64),
                megabytes: (!is_engine).then(|| per_second(bytes as f64 / 1e6)),
                tokens: (2 <= at).then(|| per_second(prepared.n_tokens as f64)),
            }
        };
        names.iter().enumerate().map(stage).collect()
    }

    /// The encoder's linear layers alone are counted: four products of hidden by hidden and two of hidden by inner a layer.
    fn share_of_peak(&self, folder: &ModelFolder, n_tokens: usize) -> Option<Measured> {
        let config = folder.config();
        let (hidden, inner) = (config.hidden_size as f64, config.intermediate_size as f64);
        let layers = config.num_hidden_layers as f64;
        let operations =
            2.0 * layers * (4.0 * hidden * hidden + 2.0 * hidden * inner) * n_tokens as f64;
        let rounds = self.peaks.iter().zip(&self.seconds[2]);
        let shares: Option<Vec<f64>> = rounds
            .map(|(peak, seconds)| peak.map(|peak| operations / seconds / peak))
            .collect();
        shares.filter(|_| 0 < n_tokens).map(measured)
    }

    fn scaling(&self) -> Measured {
        let [.., ones, alls] = &self.seconds;
        measured(ones.iter().zip(alls).map(|(one, all)| one / all).collect())
    }
}

fn measured(mut values: Vec<f64>) -> Measured {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    Measured {
        median: (values[(n - 1) / 2] + values[n / 2]) / 2.0,
        low: values[0],
        high: values[n - 1],
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}

fn checked<T>((done, seconds): (Result<T>, f64)) -> Result<f64> {
    done.map(|_| seconds)
}

fn gate(pipeline: &Pipeline, articles: &[Article]) -> usize {
    let admitted = articles.iter().filter(|article| {
        pipeline
            .gate
            .admits(&article.text, &body::body(&article.text, pipeline.body))
    });
    std::hint::black_box(admitted.count())
}

/// The tokens of the articles that the model reads; none for the others.
fn tokenize(pipeline: &Pipeline, articles: &[Article]) -> Result<Vec<Tokens>> {
    let tokens = |article: &Article| {
        let body = body::body(&article.text, pipeline.body);
        if pipeline.scope == Scope::Sanctions && !pipeline.gate.admits(&article.text, &body) {
            return Ok(Tokens::default());
        }
        let tokens = pipeline
            .tokenizer
            .tokens(&article.text, &sentences(&article.text, &body));
        tokens.map_err(|what| Error::Usage(format!("{}: {what}", article.place)))
    };
    articles.iter().map(tokens).collect()
}

/// Batches as a run would send them, chunk by chunk.
fn prepare(pipeline: &Pipeline, articles: &[Article]) -> Result<Prepared> {
    let mut prepared = Prepared {
        batches: Vec::new(),
        n_tokens: 0,
        n_read: 0,
    };
    let edges = pipeline.tokenizer.edges();
    for chunk in articles.chunks(CHUNK) {
        let tokens = tokenize(pipeline, chunk)?;
        let cut: Vec<_> = tokens
            .iter()
            .map(|tokens| windows(tokens, pipeline.limit))
            .collect();
        prepared.n_tokens += tokens.iter().map(Tokens::len).sum::<usize>();
        prepared.n_read += tokens.iter().filter(|tokens| !tokens.is_empty()).count();
        let rows = cut.iter().enumerate().flat_map(|(article, windows)| {
            let windows = windows.iter().enumerate();
            windows.map(move |(window, one)| Row {
                article,
                window,
                n_tokens: one.tokens.len(),
                labels_alone: false,
            })
        });
        for rows in batches::plan(rows.collect(), pipeline.batch_tokens) {
            let mut batch = Batch::default();
            for row in rows {
                let (range, tokens) = (
                    cut[row.article][row.window].tokens.clone(),
                    &tokens[row.article],
                );
                let inner = tokens.ids[range.clone()]
                    .iter()
                    .copied()
                    .zip(tokens.types[range].iter().copied());
                batch.push(
                    edges
                        .before
                        .iter()
                        .copied()
                        .chain(inner)
                        .chain(edges.after.iter().copied()),
                );
            }
            prepared.batches.push(batch);
        }
    }
    Ok(prepared)
}

fn forward(engine: &mut dyn Engine, batches: &[Batch], logits: &mut Logits) -> Result<()> {
    batches
        .iter()
        .try_for_each(|batch| engine.forward(batch, logits))
}

/// Articles to lines with so many workers, chunks shared out as they become free.
fn whole(pipeline: &Pipeline, articles: &[Article], threads: usize) -> Result<()> {
    let chunks: Vec<&[Article]> = articles.chunks(CHUNK).collect();
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        let mut worker = Worker::new(pipeline)?;
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let items = chunk.iter().cloned().map(Item::Article).collect();
            std::hint::black_box(worker.annotate(items)?);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let bug = || Error::Engine("bug: a worker panicked".to_owned());
        // All are waited for, whichever fails first.
        let ended: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        ended
            .into_iter()
            .try_for_each(|ended| ended.map_err(|_| bug())?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_stands_in_the_middle_of_its_range() {
        let found = measured(vec![3.0, 1.0, 2.0, 10.0]);
        assert_eq!((found.median, found.low, found.high), (2.5, 1.0, 10.0));
    }
}
