//! The forward pass on the CPU, in plain Rust: encoders of BERT's family, read straight from their folder.
//!
//! In: a [`ModelFolder`]. Out: [`NativeModel`], whose packed weights all workers share.
//! Invariants: a row's logits are the same bits alone and in any company, for any number of engines and on
//! any instruction set; nothing is padded; an engine computes in the calling thread and allocates nothing
//! once it has seen its largest batch. Deliberately absent: threads, text, GPUs.

mod arch;
mod attention;
mod forward;
mod kernels;
mod matmul;
mod memory;
mod norm;
mod pack;
mod quantize;
#[cfg(test)]
mod tests;
mod vector;

use std::sync::Arc;

use super::folder::{Config, ModelFolder, Tensor};
use super::{Batch, Engine, Labels, Logits, Model};
use crate::error::{Error, Result};
use attention::Relative;
use forward::Worker;
pub use kernels::Isa;
use norm::Norm;
use pack::{Linear, PackedF32};
use vector::Activation;

/// Multiplications and additions of bytes a second that one core can do at most without AMX: the yardstick of a share of peak. Takes about
/// a tenth of a second. `None` on processors whose dot products of bytes are not known here.
#[must_use]
pub fn int8_peak() -> Option<f64> {
    #[cfg(target_arch = "x86_64")]
    return kernels::int8_peak();
    #[cfg(not(target_arch = "x86_64"))]
    None
}

/// What the encoder's linear layers compute in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Weights in int8 with a scale a column, inputs in u8 with a scale and an offset a row.
    #[default]
    Int8,
    /// Everything in f32.
    F32,
}

/// Tables of the embeddings.
#[derive(Debug)]
struct Embeddings {
    /// Left in the file: a batch reads few rows of it.
    words: Tensor,
    positions: Vec<f32>,
    types: Vec<f32>,
    first_position: usize,
    width: usize,
    norm: Norm,
    project: Option<PackedF32>,
}

/// Weights of one layer.
#[derive(Debug)]
struct Layer {
    qkv: Linear,
    output: Linear,
    output_norm: Norm,
    up: Linear,
    down: Linear,
    down_norm: Norm,
}

/// All weights, packed.
#[derive(Debug)]
struct Encoder {
    /// `None` for the layers of the second head, which read what others made.
    embeddings: Option<Embeddings>,
    layers: Vec<Layer>,
    classifier: PackedF32,
    relative: Option<Relative>,
    activation: Activation,
    ties: Option<TiesHead>,
}

/// The second head: a mixture of the embeddings and every layer's states, normalized, projected and passed through narrow layers.
#[derive(Debug)]
struct TiesHead {
    /// Share of the embeddings and of each layer.
    mix: Vec<f32>,
    norm: Norm,
    project: Linear,
    project_norm: Norm,
    /// Its layers and its classifier.
    encoder: Arc<Encoder>,
    /// Shapes of its layers.
    config: Config,
}

/// A model whose weights are packed for one instruction set and precision.
#[derive(Clone, Debug)]
pub struct NativeModel {
    encoder: Arc<Encoder>,
    config: Arc<Config>,
    isa: Isa,
}

impl NativeModel {
    /// Reads and packs the weights for the best instructions of this processor.
    ///
    /// # Errors
    /// [`Error::Model`] when a tensor is missing or of another shape, or the architecture is unknown.
    pub fn load(folder: &ModelFolder, precision: Precision) -> Result<Self> {
        let encoder = arch::read(folder.weights(), folder.config(), precision)
            .map_err(|what| folder.error(&what))?;
        Ok(Self {
            encoder: Arc::new(encoder),
            config: Arc::new(folder.config().clone()),
            isa: Isa::available()[0],
        })
    }

    /// The same model computing with the instructions of `isa`.
    ///
    /// # Errors
    /// [`Error::Engine`] when this processor lacks them.
    pub fn with_isa(mut self, isa: Isa) -> Result<Self> {
        if !Isa::available().contains(&isa) {
            return Err(Error::Engine(format!(
                "this processor has no {isa:?}; it has {:?}",
                Isa::available()
            )));
        }
        self.isa = isa;
        Ok(self)
    }

    /// The instructions it computes with.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa
    }

    fn worker<S: kernels::Simd>(&self, s: S) -> Box<dyn Engine> {
        Box::new(NativeEngine {
            worker: Worker::new(s, Arc::clone(&self.encoder), &self.config),
            config: Arc::clone(&self.config),
        })
    }
}

impl Model for NativeModel {
    fn labels(&self) -> &Labels {
        &self.config.labels
    }

    fn n_columns(&self) -> usize {
        self.config.n_columns()
    }

    fn max_row(&self) -> usize {
        self.config.max_row()
    }

    fn engine(&self) -> Result<Box<dyn Engine>> {
        #[cfg(target_arch = "x86_64")]
        match self.isa {
            Isa::Amx => {
                if let Some(s) = kernels::Avx512::<true>::detect() {
                    return Ok(self.worker(s));
                }
            }
            Isa::Avx512 => {
                if let Some(s) = kernels::Avx512::<false>::detect() {
                    return Ok(self.worker(s));
                }
            }
            Isa::AvxVnni => {
                if let Some(s) = kernels::Avx2::<true>::detect() {
                    return Ok(self.worker(s));
                }
            }
            Isa::Avx2 => {
                if let Some(s) = kernels::Avx2::<false>::detect() {
                    return Ok(self.worker(s));
                }
            }
            Isa::Scalar => {}
        }
        Ok(self.worker(kernels::Scalar))
    }
}

/// One worker's engine.
struct NativeEngine<S> {
    worker: Worker<S>,
    config: Arc<Config>,
}

impl<S: kernels::Simd> NativeEngine<S> {
    fn check(&self, batch: &Batch) -> Result<()> {
        let n = batch.ids.len();
        let bounded = batch.bounds.first().is_none_or(|first| *first == 0)
            && batch.bounds.last().copied().unwrap_or(0) == n
            && batch.bounds.is_sorted();
        if !bounded || batch.types.len() != n {
            return Err(Error::Engine(format!(
                "a batch of {n} ids has {} types and the bounds {:?}",
                batch.types.len(),
                batch.bounds
            )));
        }
        for row in 0..batch.n_rows() {
            let (length, max) = (batch.row(row).len(), self.config.max_row());
            if max < length {
                return Err(Error::Engine(format!(
                    "row {row} has {length} tokens; the model reads {max} at most"
                )));
            }
        }
        let vocab = self.config.vocab_size;
        if let Some(id) = batch.ids.iter().find(|id| vocab <= **id as usize) {
            return Err(Error::Engine(format!(
                "token id {id} is outside the vocabulary of {vocab}"
            )));
        }
        // families without a table of types ignore them
        let types = self.config.type_vocab_size;
        match batch
            .types
            .iter()
            .find(|kind| 0 < types && types <= usize::from(**kind))
        {
            Some(kind) => Err(Error::Engine(format!(
                "token type {kind} is outside the model's {types}"
            ))),
            None => Ok(()),
        }
    }
}

impl<S: kernels::Simd> Engine for NativeEngine<S> {
    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<()> {
        self.check(batch)?;
        logits.n_columns = if batch.labels_alone {
            self.config.labels.n()
        } else {
            self.config.n_columns()
        };
        logits.values.clear();
        logits
            .values
            .resize(batch.n_tokens() * logits.n_columns, 0.0);
        self.worker.forward(batch, &mut logits.values);
        Ok(())
    }
}
