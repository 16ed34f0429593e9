//! The engine itself: a loaded model, and one network for each worker on the same weights.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use super::architecture::{Architecture, Network, Row};
use super::{epsilon, weights};
use crate::engine::{Batch, Engine, Labels, Logits, Model, ModelFolder};
use crate::error::{Error, Result};

/// A model folder on libtorch, on the first GPU where libtorch sees one, else on the CPU.
///
/// The weights are in memory once, as f32, however many engines there are.
pub struct RustBertModel {
    architecture: Architecture,
    labels: Labels,
    n_columns: usize,
    limits: Limits,
    device: Device,
    /// By the network's names. A `Tensor` may move to another thread but not be used by two at once, hence the
    /// lock; engines hold tensors of their own on the same storage, which nobody writes.
    weights: Mutex<HashMap<String, Tensor>>,
}

/// What ids, types and rows must keep to.
#[derive(Clone, Copy, Debug)]
struct Limits {
    max_row: usize,
    n_ids: usize,
    n_types: usize,
    first_position: usize,
    pad: usize,
}

impl std::fmt::Debug for RustBertModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RustBertModel")
            .field("labels", &self.labels)
            .field("limits", &self.limits)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl RustBertModel {
    /// Loads the folder's weights.
    ///
    /// # Errors
    /// [`Error::Model`] when the model type or a setting is not known to this engine, or a tensor is absent, of
    /// another shape or kind, or not part of such a model.
    pub fn load(folder: &ModelFolder) -> Result<Self> {
        single_threaded();
        let config = folder.config();
        let device = Device::cuda_if_available();
        let architecture = Architecture::read(folder).map_err(|what| folder.error(&what))?;
        let scale = if architecture.writes_epsilon() {
            epsilon::scale(config.layer_norm_eps)
        } else {
            1.0
        };
        let weights = caught(|| {
            let store = VarStore::new(device);
            architecture.build(&store)?;
            weights::read(folder, store.variables(), scale, device)
        })
        .map_err(|what| folder.error(&what))?;
        Ok(Self {
            architecture,
            labels: config.labels.clone(),
            n_columns: config.labels.n(),
            limits: Limits {
                max_row: config.max_row(),
                n_ids: config.vocab_size,
                n_types: config.type_vocab_size,
                first_position: config.first_position(),
                pad: config.pad_token_id,
            },
            device,
            weights: Mutex::new(weights),
        })
    }
}

impl Model for RustBertModel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn n_columns(&self) -> usize {
        self.n_columns
    }

    fn max_row(&self) -> usize {
        self.limits.max_row
    }

    fn engine(&self) -> Result<Box<dyn Engine>> {
        // rust-bert fills a new network with random numbers before it can be given weights: under the lock,
        // so that there is at most one such copy at a time.
        let weights = self.weights.lock().unwrap_or_else(PoisonError::into_inner);
        let network = caught(|| {
            let mut store = VarStore::new(self.device);
            let mut network = self.architecture.build(&store)?;
            for (name, mut variable) in store.variables() {
                let tensor = weights.get(&name).ok_or(format!("no tensor {name}"))?;
                variable.set_data(tensor);
            }
            store.freeze();
            tch::no_grad(|| network.prepare());
            Ok(network)
        })
        .map_err(Error::Engine)?;
        Ok(Box::new(RustBertEngine {
            network,
            limits: self.limits,
            n_columns: self.n_columns,
            device: self.device,
        }))
    }
}

/// One worker's network.
struct RustBertEngine {
    network: Network,
    limits: Limits,
    n_columns: usize,
    device: Device,
}

impl Engine for RustBertEngine {
    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<()> {
        single_threaded();
        logits.n_columns = self.n_columns;
        logits.values.clear();
        self.limits.check(batch).map_err(Error::Engine)?;
        logits.values.resize(batch.n_tokens() * self.n_columns, 0.0);
        for row in 0..batch.n_rows() {
            let range = batch.row(row);
            if range.is_empty() {
                continue;
            }
            let out = &mut logits.values[range.start * self.n_columns..range.end * self.n_columns];
            if let Err(what) = caught(|| self.row(batch, range, out)) {
                logits.values.clear();
                return Err(Error::Engine(format!("row {row}: {what}")));
            }
        }
        Ok(())
    }
}

impl RustBertEngine {
    /// Writes the logits of the tokens in `range`, one row, into `out`.
    fn row(
        &self,
        batch: &Batch,
        range: std::ops::Range<usize>,
        out: &mut [f32],
    ) -> Result<(), String> {
        let ids = &batch.ids[range.clone()];
        let tensor = |values: Vec<i64>| {
            Tensor::f_from_slice(&values)
                .and_then(|flat| flat.f_unsqueeze(0))
                .and_then(|row| row.f_to(self.device))
                .map_err(|error| first_line(&error))
        };
        let row = Row {
            ids: tensor(ids.iter().map(|id| i64::from(*id)).collect())?,
            types: tensor(
                batch.types[range]
                    .iter()
                    .map(|kind| i64::from(*kind))
                    .collect(),
            )?,
            positions: tensor(self.limits.positions(ids))?,
        };
        let logits = tch::no_grad(|| self.network.logits(&row))?;
        if logits.numel() != out.len() {
            return Err(format!(
                "the network gave logits of the shape {:?} for {} tokens and {} labels",
                logits.size(),
                ids.len(),
                self.n_columns
            ));
        }
        logits
            .f_to_kind(Kind::Float)
            .and_then(|logits| logits.f_to(Device::Cpu))
            .and_then(|logits| logits.f_contiguous())
            .and_then(|logits| logits.f_copy_data(out, out.len()))
            .map_err(|error| first_line(&error))
    }
}

impl Limits {
    /// Position ids of a row; RoBERTa's families count from one past the padding, and do not count padding.
    fn positions(&self, ids: &[u32]) -> Vec<i64> {
        let mut next = self.first_position as i64;
        let offset = self.first_position > 0;
        ids.iter()
            .map(|id| {
                if offset && *id as usize == self.pad {
                    return self.pad as i64;
                }
                next += 1;
                next - 1
            })
            .collect()
    }

    /// Checks a batch, so that libtorch never sees an index outside a table.
    fn check(&self, batch: &Batch) -> Result<(), String> {
        let ordered = batch.bounds.first().is_none_or(|first| *first == 0)
            && batch.bounds.windows(2).all(|pair| pair[0] <= pair[1])
            && batch.bounds.last().copied().unwrap_or(0) == batch.ids.len();
        if !ordered || batch.types.len() != batch.ids.len() {
            return Err(format!(
                "a batch of {} ids, {} types and bounds {:?} is not a row of rows",
                batch.ids.len(),
                batch.types.len(),
                batch.bounds
            ));
        }
        for row in 0..batch.n_rows() {
            let range = batch.row(row);
            if self.max_row < range.len() {
                return Err(format!(
                    "row {row} has {} tokens; the model reads {}",
                    range.len(),
                    self.max_row
                ));
            }
            if let Some(id) = batch.ids[range.clone()]
                .iter()
                .find(|id| self.n_ids <= **id as usize)
            {
                return Err(format!(
                    "row {row} has the token id {id}; the model knows ids below {}",
                    self.n_ids
                ));
            }
            // A model without token types takes type 0 alone.
            let n_types = self.n_types.max(1);
            if let Some(kind) = batch.types[range]
                .iter()
                .find(|kind| n_types <= usize::from(**kind))
            {
                return Err(format!(
                    "row {row} has the token type {kind}; the model knows types below {n_types}"
                ));
            }
        }
        Ok(())
    }
}

/// Keeps libtorch's work in the calling thread: workers are our own, one a core.
fn single_threaded() {
    thread_local!(static SET: Cell<bool> = const { Cell::new(false) });
    SET.with(|set| {
        if !set.replace(true) {
            tch::set_num_threads(1);
        }
    });
}

/// Runs `work`; rust-bert and tch unwrap inside, so a fault of libtorch's may come as a panic.
fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("libtorch failed without a message");
        Err(first_line(what))
    })
}

/// The first line of what libtorch says; the rest is its C++ backtrace.
pub(super) fn first_line(error: impl ToString) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    // A panic by `unwrap` prints the message escaped, in one line.
    line.split("\\n").next().unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        max_row: 4,
        n_ids: 10,
        n_types: 2,
        first_position: 2,
        pad: 1,
    };

    #[test]
    fn positions_start_past_the_padding_and_do_not_count_it() {
        assert_eq!(LIMITS.positions(&[0, 5, 1, 6]), [2, 3, 1, 4]);
        let plain = Limits {
            first_position: 0,
            ..LIMITS
        };
        assert_eq!(plain.positions(&[0, 5, 1, 6]), [0, 1, 2, 3]);
    }

    #[test]
    fn a_batch_that_would_leave_a_table_is_refused_with_its_row() {
        let good: &[(u32, u8)] = &[(0, 0), (9, 1)];
        for (row, part) in [
            (&[(10, 0)][..], "row 1 has the token id 10"),
            (&[(0, 2)][..], "row 1 has the token type 2"),
            (&[(0, 0); 5][..], "row 1 has 5 tokens; the model reads 4"),
        ] {
            let mut batch = Batch::default();
            batch.push(good.iter().copied());
            assert_eq!(LIMITS.check(&batch), Ok(()));
            batch.push(row.iter().copied());
            assert!(LIMITS.check(&batch).unwrap_err().contains(part));
        }
        let torn = Batch {
            ids: vec![1, 2],
            types: vec![0],
            bounds: vec![0, 2],
            labels_alone: false,
        };
        assert!(LIMITS.check(&torn).is_err());
    }

    #[test]
    fn a_panic_becomes_its_first_line() {
        let error = caught::<()>(|| panic!("no kernel\nbacktrace")).unwrap_err();
        assert_eq!(error, "no kernel");
    }
}
