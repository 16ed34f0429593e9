//! The doorway to a model: a ragged [`Batch`] in, [`Logits`] out.
//!
//! In: rows of token ids, special tokens included. Out: one row of logits for each id, in the order of
//! the batch's ids. Rows of a batch never see each other: a row's logits are the same bits alone and in
//! company, in any order. Deliberately absent: articles, text, what a label means to us, padding.

pub mod folder;
mod labels;
pub mod native;
pub mod rust_bert;

pub use folder::{Config, ModelFolder, Source, TiesConfig, TokenizerFile};
pub use labels::{Labels, Prefix, Tag};
pub use native::{NativeModel, Precision};
pub use rust_bert::RustBertModel;

use serde::Serialize;

use crate::error::Result;

/// Rows of token ids without padding: row `i` is `ids[bounds[i]..bounds[i + 1]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Token ids of all rows, one after the other, special tokens included.
    pub ids: Vec<u32>,
    /// Token types, one for each id; all zero for models that take none.
    pub types: Vec<u8>,
    /// Where rows begin and end in `ids`: `rows + 1` ascending numbers from 0, or none for no rows.
    pub bounds: Vec<usize>,
    /// Asks for the labels' columns alone: further heads are not run.
    pub labels_alone: bool,
}

impl Batch {
    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    /// Number of tokens over all rows.
    #[must_use]
    pub fn n_tokens(&self) -> usize {
        self.ids.len()
    }

    /// Range of row `row` in `ids`.
    #[must_use]
    pub fn row(&self, row: usize) -> std::ops::Range<usize> {
        self.bounds[row]..self.bounds[row + 1]
    }

    /// Appends one row.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, u8)>) {
        if self.bounds.is_empty() {
            self.bounds.push(0);
        }
        for (id, kind) in row {
            self.ids.push(id);
            self.types.push(kind);
        }
        self.bounds.push(self.ids.len());
    }

    /// Takes the last row away again.
    pub fn pop(&mut self) {
        self.bounds.pop();
        let end = self.bounds.last().copied().unwrap_or(0);
        self.ids.truncate(end);
        self.types.truncate(end);
    }

    /// Empties the batch, for all columns, and keeps its memory.
    pub fn clear(&mut self) {
        self.labels_alone = false;
        self.ids.clear();
        self.types.clear();
        self.bounds.clear();
    }
}

/// Logits of a batch, `[tokens, columns]`, row-major, in the order of the batch's ids. The first columns are the labels'.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logits {
    /// The values, `tokens * n_columns` of them.
    pub values: Vec<f32>,
    /// Number of columns, of all heads.
    pub n_columns: usize,
}

impl Logits {
    /// Logits of token `token` of the batch.
    #[must_use]
    pub fn of(&self, token: usize) -> &[f32] {
        &self.values[token * self.n_columns..(token + 1) * self.n_columns]
    }
}

/// A loaded model, shared by all workers; each worker asks it for an engine of its own.
pub trait Model: Send + Sync {
    /// What the first columns of the logits stand for.
    fn labels(&self) -> &Labels;

    /// Number of columns of the logits: the labels', then those of further heads.
    fn n_columns(&self) -> usize {
        self.labels().n()
    }

    /// Longest row in tokens, special tokens included.
    fn max_row(&self) -> usize;

    /// Makes an engine for one worker. It computes in the calling thread alone.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when the backend cannot make one.
    fn engine(&self) -> Result<Box<dyn Engine>>;
}

/// Runs the forward pass for one worker.
pub trait Engine: Send {
    /// Writes the logits of `batch` into `logits`, whose memory is reused: [`Model::n_columns`] of them a token, or the labels' alone where the
    /// batch asks for no more.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when a row is longer than the model allows, an id is outside the
    /// vocabulary, or the backend fails. The engine stays usable.
    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<()>;
}

/// What runs the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Our own kernels, on any CPU.
    Native,
    /// libtorch through rust-bert, in builds with the feature `rust-bert`.
    RustBert,
}

/// Which engine, and how it computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Choice {
    /// Which engine.
    pub kind: Kind,
    /// How it computes.
    pub precision: Precision,
}

/// Loads a model with the engine chosen.
///
/// # Errors
/// When the folder does not hold what the engine expects, or this build lacks the engine.
pub fn load(folder: &ModelFolder, choice: Choice) -> Result<Box<dyn Model>> {
    match choice.kind {
        Kind::Native => Ok(Box::new(NativeModel::load(folder, choice.precision)?)),
        Kind::RustBert => Ok(Box::new(RustBertModel::load(folder)?)),
    }
}
