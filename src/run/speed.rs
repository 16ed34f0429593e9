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
    /// Megabytes of text a second.
    pub megabytes: Measured,
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
    let mut seconds: [Vec<f64>; 5] = Default::default();
    let mut peaks = Vec::new();
    for round in 0..rounds {
        seconds[0].push(timed(|| gate(pipeline, articles)).1);
        seconds[1].push(checked(timed(|| tokenize(pipeline, articles)))?);
        peaks.push(native::int8_peak());
        seconds[2].push(checked(timed(|| {
            forward(&mut *engine, &prepared.batches, &mut logits)
        }))?);
        seconds[3].push(checked(timed(|| whole(pipeline, articles, 1)))?);
        seconds[4].push(checked(timed(|| whole(pipeline, articles, threads)))?);
        progress(round + 1);
    }
    let per_second = |stage: usize, amount: f64| {
        measured(
            seconds[stage]
                .iter()
                .map(|seconds| amount / seconds)
                .collect(),
        )
    };
    let names = [
        ("body and gate", 1),
        ("sentences and tokenizer", 1),
        ("engine", 1),
        ("whole program", 1),
        ("whole program", threads),
    ];
    let stage = |(at, (name, threads)): (usize, &(&str, usize))| Stage {
        name: (*name).to_owned(),
        threads: *threads,
        articles: per_second(
            at,
            if at == 2 {
                prepared.n_read
            } else {
                articles.len()
            } as f64,
        ),
        megabytes: per_second(at, bytes as f64 / 1e6),
        tokens: (2 <= at).then(|| per_second(at, prepared.n_tokens as f64)),
    };
    let config = folder.config();
    let (hidden, inner) = (config.hidden_size as f64, config.intermediate_size as f64);
    let operations =
        2.0 * config.num_hidden_layers as f64 * (4.0 * hidden * hidden + 2.0 * hidden * inner);
    let shares: Option<Vec<f64>> = peaks
        .iter()
        .zip(&seconds[2])
        .map(|(peak, seconds)| {
            peak.map(|peak| operations * prepared.n_tokens as f64 / seconds / peak)
        })
        .collect();
    Ok(Speed {
        articles: articles.len(),
        bytes,
        tokens: prepared.n_tokens,
        read: prepared.n_read,
        rounds,
        stages: names.iter().enumerate().map(stage).collect(),
        share_of_peak: shares.filter(|_| 0 < prepared.n_tokens).map(measured),
        scaling: measured(
            seconds[3]
                .iter()
                .zip(&seconds[4])
                .map(|(one, all)| one / all)
                .collect(),
        ),
        threads,
    })
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
