//! The path of one chunk, wired: articles in, lines and faults out. One thread, no files.
//!
//! Windows of all articles of a chunk share batches, so which windows share a batch is decided by the input
//! and the options alone. A failure or panic costs the article it happened in: the rows of a failed batch are
//! sent again one by one. A window that was read before is not read again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::batches::{self, Row};
use super::pipeline::{Pipeline, Scope};
use super::seen::Seen;
use crate::article::{Article, Fault, Stage};
use crate::decode::Mention;
use crate::engine::{Batch, Engine, Logits};
use crate::error::Result;
use crate::ingest::Item;
use crate::span::Span;
use crate::tokenize::Tokens;
use crate::window::{Window, windows};
use crate::write::{self, Found, Stats};
use crate::{body, entity, sentence, ties};

/// What became of one record.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// Its output line, without a line end.
    Line {
        /// The line.
        line: String,
        /// Tokens that the model read for it.
        tokens: usize,
        /// Whether some sanction is spoken of.
        relevant: bool,
    },
    /// It could not be annotated.
    Fault(Box<Fault>),
}

/// Where a chunk's time went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spent {
    /// Body, gate, sentences, tokens, windows.
    pub prepare: Duration,
    /// The model.
    pub model: Duration,
    /// Mentions, entities, ties, the line.
    pub finish: Duration,
}

/// An article on its way to the model.
struct Prepared {
    admitted: bool,
    found: Found,
    sentences: Vec<Span>,
    tokens: Tokens,
    windows: Vec<Window>,
    /// Which windows have been read.
    read: Vec<bool>,
    logits: Logits,
    failed: Option<String>,
    /// Time spent on the article so far; of a batch, its share by tokens.
    took: Duration,
}

/// An article with how far it came.
type Work = (Article, Result<Prepared, Box<Fault>>);

/// An article with the names that the model finds in it.
pub type Named = Result<(Article, Vec<Mention>), Box<Fault>>;

impl Prepared {
    /// Takes over what the model said of a window: the rows of its own tokens, of a batch's row that has `before` special tokens first.
    fn take(&mut self, at: usize, before: usize, logits: &[f32]) {
        let (window, n) = (&self.windows[at], self.logits.n_columns);
        let first = before + window.owned.start - window.tokens.start;
        let from = &logits[first * n..(first + window.owned.len()) * n];
        self.logits.values[window.owned.start * n..window.owned.end * n].copy_from_slice(from);
        // A batch that failed is sent again, with the rows that had been answered from memory.
        if !std::mem::replace(&mut self.read[at], true) {
            self.found.stats.tokens_read += window.owned.len();
        }
    }
}

/// One worker: an engine of its own and memory that is used again.
pub struct Worker<'p> {
    pipeline: &'p Pipeline,
    engine: Box<dyn Engine>,
    batch: Batch,
    logits: Logits,
    seen: Seen,
}

impl<'p> Worker<'p> {
    /// Makes a worker with an engine of its own.
    ///
    /// # Errors
    /// When the model cannot make an engine.
    pub fn new(pipeline: &'p Pipeline) -> Result<Self> {
        Ok(Self {
            pipeline,
            engine: pipeline.model.engine()?,
            batch: Batch::default(),
            logits: Logits::default(),
            seen: Seen::default(),
        })
    }

    /// Annotates a chunk; one outcome for each item, in order.
    ///
    /// # Errors
    /// When an engine that panicked cannot be replaced.
    pub fn annotate(&mut self, items: Vec<Item>) -> Result<(Vec<Outcome>, Spent)> {
        let started = Instant::now();
        let (mut works, order) = self.prepare(items);
        let prepared = Instant::now();
        self.read(&mut works)?;
        let read = Instant::now();
        let mut finished: Vec<Option<Outcome>> = works
            .into_iter()
            .map(|(article, prepared)| Some(self.pipeline.finish(&article, prepared)))
            .collect();
        let outcomes = order
            .into_iter()
            .map(|place| match place {
                Err(fault) => Outcome::Fault(fault),
                Ok(at) => finished[at]
                    .take()
                    .expect("bug: each article has one outcome"),
            })
            .collect();
        let spent = Spent {
            prepare: prepared - started,
            model: read - prepared,
            finish: read.elapsed(),
        };
        Ok((outcomes, spent))
    }

    /// The names that the model itself finds in each article, before anything is made of them.
    ///
    /// # Errors
    /// When an engine that panicked cannot be replaced.
    pub fn names(&mut self, items: Vec<Item>) -> Result<Vec<Named>> {
        let (mut works, order) = self.prepare(items);
        self.read(&mut works)?;
        let faults = order.into_iter().filter_map(|place| place.err().map(Err));
        let faults: Vec<Named> = faults.collect();
        let named = works.into_iter().map(|(article, prepared)| {
            let prepared = prepared?;
            if let Some(reason) = &prepared.failed {
                return Err(fault(Stage::Model, &article, reason.clone()));
            }
            let mentions = guarded(Stage::Annotate, &article, || {
                let (tokens, logits) = (&prepared.tokens, &prepared.logits);
                Ok(self
                    .pipeline
                    .decoder
                    .mentions(&article.text, tokens, logits))
            })?;
            Ok((article, mentions))
        });
        Ok(named.chain(faults).collect())
    }

    /// Takes records to what the model reads: the articles, and for each record its article's index or its fault.
    fn prepare(&self, items: Vec<Item>) -> (Vec<Work>, Vec<Result<usize, Box<Fault>>>) {
        let mut works: Vec<Work> = Vec::new();
        let mut order = Vec::with_capacity(items.len());
        for item in items {
            let since = Instant::now();
            match opened(item) {
                Err(fault) => order.push(Err(fault)),
                Ok(article) => {
                    let mut prepared = guarded(Stage::Tokenize, &article, || {
                        self.pipeline.prepare(&article)
                    });
                    if let Ok(prepared) = &mut prepared {
                        self.pipeline.spend(prepared, since.elapsed());
                    }
                    order.push(Ok(works.len()));
                    works.push((article, prepared));
                }
            }
        }
        (works, order)
    }

    /// Sends all windows of the chunk through the model.
    fn read(&mut self, works: &mut [Work]) -> Result<()> {
        let rows: Vec<Row> = works
            .iter()
            .enumerate()
            .filter_map(|(article, (_, prepared))| Some((article, prepared.as_ref().ok()?)))
            .flat_map(|(article, prepared)| {
                let rows = prepared.windows.iter().enumerate();
                rows.map(move |(window, Window { tokens, .. })| Row {
                    article,
                    window,
                    n_tokens: tokens.len(),
                    labels_alone: !prepared.admitted,
                })
            })
            .collect();
        for mut rows in batches::plan(rows, self.pipeline.batch_tokens) {
            rows.retain(
                |row| matches!(&works[row.article].1, Ok(prepared) if prepared.failed.is_none()),
            );
            let since = Instant::now();
            let sent = self.send(&rows, works)?;
            self.share(&rows, since.elapsed(), works);
            if sent.is_err() {
                for row in rows {
                    if let (Err(reason), Ok(prepared)) =
                        (self.send(&[row], works)?, &mut works[row.article].1)
                    {
                        prepared.failed.get_or_insert(reason);
                    }
                }
            }
        }
        Ok(())
    }

    /// Counts a batch's time to the articles of its rows, by tokens.
    fn share(&self, rows: &[Row], took: Duration, works: &mut [Work]) {
        let total: usize = rows.iter().map(|row| row.n_tokens).sum();
        for row in rows {
            if let Ok(prepared) = &mut works[row.article].1 {
                let share = row.n_tokens as f64 / total.max(1) as f64;
                self.pipeline.spend(prepared, took.mul_f64(share));
            }
        }
    }

    /// One forward pass; what it says goes to the articles its rows came from. The inner error says why it failed.
    fn send(
        &mut self,
        rows: &[Row],
        works: &mut [Work],
    ) -> Result<std::result::Result<(), String>> {
        self.batch.clear();
        self.batch.labels_alone = rows.iter().all(|row| row.labels_alone);
        let edges = self.pipeline.tokenizer.edges();
        let mut sent = Vec::with_capacity(rows.len());
        for row in rows {
            let Ok(prepared) = &mut works[row.article].1 else {
                continue;
            };
            let range = prepared.windows[row.window].tokens.clone();
            let tokens = &prepared.tokens;
            let inner = tokens.ids[range.clone()]
                .iter()
                .copied()
                .zip(tokens.types[range].iter().copied());
            self.batch.push(
                edges
                    .before
                    .iter()
                    .copied()
                    .chain(inner)
                    .chain(edges.after.iter().copied()),
            );
            match self.seen.get(&self.batch, sent.len()) {
                Some(logits) => {
                    prepared.take(row.window, edges.before.len(), logits);
                    self.batch.pop();
                }
                None => sent.push(row),
            }
        }
        if sent.is_empty() {
            return Ok(Ok(()));
        }
        let (engine, batch, logits) = (&mut self.engine, &self.batch, &mut self.logits);
        match catch_unwind(AssertUnwindSafe(|| engine.forward(batch, logits))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Ok(Err(error.to_string())),
            Err(panic) => {
                self.engine = self.pipeline.model.engine()?;
                return Ok(Err(format!(
                    "the engine panicked: {}",
                    message(panic.as_ref())
                )));
            }
        }
        let n_columns = self.logits.n_columns;
        for (at, row) in sent.into_iter().enumerate() {
            let range = self.batch.row(at);
            let logits = &self.logits.values[range.start * n_columns..range.end * n_columns];
            self.seen.insert(&self.batch, at, logits);
            if let Ok(prepared) = &mut works[row.article].1 {
                prepared.take(row.window, edges.before.len(), logits);
            }
        }
        Ok(Ok(()))
    }
}

impl Pipeline {
    fn prepare(&self, article: &Article) -> Result<Prepared, String> {
        let text = &article.text;
        let body = body::body(text, self.body);
        let admitted = self.gate.admits(text, &body);
        let mut prepared = Prepared {
            admitted,
            found: Found {
                body,
                ..Found::default()
            },
            sentences: Vec::new(),
            tokens: Tokens::default(),
            windows: Vec::new(),
            read: Vec::new(),
            logits: Logits::default(),
            failed: None,
            took: Duration::ZERO,
        };
        if !admitted && self.scope == Scope::Sanctions {
            return Ok(prepared);
        }
        prepared.sentences = sentence::sentences(text, &prepared.found.body);
        prepared.tokens = self.tokenizer.tokens(text, &prepared.sentences)?;
        let need = self.need_of(prepared.tokens.len(), text.len());
        if let Some(reason) = self.too_large(need) {
            return Err(reason);
        }
        prepared.windows = windows(&prepared.tokens, self.limit);
        prepared.read = vec![false; prepared.windows.len()];
        prepared.found.stats = Stats {
            sentences: prepared.sentences.len(),
            tokens: prepared.tokens.len(),
            windows: prepared.windows.len(),
            tokens_read: 0,
        };
        let n_columns = if admitted {
            self.model.n_columns()
        } else {
            self.model.labels().n()
        };
        prepared.logits = Logits {
            values: vec![0.0; prepared.tokens.len() * n_columns],
            n_columns,
        };
        Ok(prepared)
    }

    /// Counts time to an article, and gives it up when it has taken too long.
    fn spend(&self, prepared: &mut Prepared, took: Duration) {
        prepared.took += took;
        if let Some(limit) = self.timeout
            && prepared.took > limit
        {
            prepared.failed.get_or_insert_with(|| {
                let limit = limit.as_secs_f64();
                format!("took longer than --timeout {limit}; raise it, or leave it out")
            });
        }
    }

    fn finish(&self, article: &Article, prepared: Result<Prepared, Box<Fault>>) -> Outcome {
        let line = prepared.and_then(|mut prepared| {
            if let Some(reason) = prepared.failed.take() {
                return Err(fault(Stage::Model, article, reason));
            }
            guarded(Stage::Annotate, article, || {
                self.annotate(&article.text, &mut prepared);
                Ok(())
            })?;
            let line = guarded(Stage::Write, article, || {
                write::line(article, &prepared.found, &self.write)
            })?;
            Ok(Outcome::Line {
                line,
                tokens: prepared.found.stats.tokens_read,
                relevant: prepared.found.ties.relevant,
            })
        });
        line.unwrap_or_else(Outcome::Fault)
    }

    /// Mentions → entities → ties.
    fn annotate(&self, text: &str, prepared: &mut Prepared) {
        if prepared.tokens.is_empty() {
            return;
        }
        let mentions = self
            .decoder
            .mentions(text, &prepared.tokens, &prepared.logits);
        let found = &mut prepared.found;
        found.entities = entity::entities(text, &found.body, &mentions, &self.names);
        if prepared.admitted {
            let learned = self.ties_head.as_ref().map(|(first, decision)| {
                let scores = ties::Scores::new(&prepared.tokens, &prepared.logits, *first);
                (scores, decision)
            });
            let (sentences, entities) = (&prepared.sentences, &found.entities);
            found.ties = ties::ties(text, sentences, entities, &self.lexicon, learned);
        }
    }
}

/// An item's article; of a page what is found in it.
fn opened(item: Item) -> Result<Article, Box<Fault>> {
    match item {
        Item::Article(article) => Ok(article),
        Item::Fault(fault) => Err(Box::new(fault)),
        Item::Page(page) => catch_unwind(|| page.article()).unwrap_or_else(|panic| {
            let reason = format!(
                "taking the page apart panicked: {}",
                message(panic.as_ref())
            );
            Err(Box::new(page.fault(reason)))
        }),
    }
}

/// Runs one article's step; a failure or panic becomes its fault.
fn guarded<T>(
    stage: Stage,
    article: &Article,
    step: impl FnOnce() -> Result<T, String>,
) -> Result<T, Box<Fault>> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(reason)) => Err(fault(stage, article, reason)),
        Err(panic) => Err(fault(
            stage,
            article,
            format!("panicked: {}", message(panic.as_ref())),
        )),
    }
}

fn fault(stage: Stage, article: &Article, reason: String) -> Box<Fault> {
    Box::new(Fault {
        id: Some(article.id.clone()),
        source: article.place.clone(),
        stage,
        reason,
        record: article.record(),
    })
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
