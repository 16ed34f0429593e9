//! Token classifiers on libtorch, by way of rust-bert: the second engine, behind the feature `rust-bert`.
//!
//! In: an opened [`super::ModelFolder`] of one of the model types in [`MODEL_TYPES`], local files only. Out:
//! [`RustBertModel`], with the same logits as PyTorch's model of that folder, to 1e-4. Rows run one by one, without
//! padding or mask, so that a row's logits are the same bits in any company: libtorch's matrix products change with the
//! number of rows, seen where rows of up to 8 tokens ran together. At 29 tokens a row that costs two fifths of the speed
//! of eight together, at 128 a tenth, at 256 nothing. Engines share one copy of the weights.
//! Deliberately absent: rust-bert's pipelines, tokenizers and downloads.
//!
//! Without the feature the same type stands here and [`RustBertModel::load`] says how to build it.

#[cfg(feature = "rust-bert")]
mod architecture;
#[cfg(feature = "rust-bert")]
mod deberta;
#[cfg(not(feature = "rust-bert"))]
mod disabled;
#[cfg(feature = "rust-bert")]
mod enabled;
#[cfg(feature = "rust-bert")]
mod epsilon;
#[cfg(feature = "rust-bert")]
mod weights;

#[cfg(not(feature = "rust-bert"))]
pub use disabled::RustBertModel;
#[cfg(feature = "rust-bert")]
pub use enabled::RustBertModel;

/// Values of `model_type` in `config.json` that this engine reads.
pub const MODEL_TYPES: &[&str] = &[
    "bert",
    "camembert",
    "deberta",
    "deberta-v2",
    "distilbert",
    "electra",
    "roberta",
    "xlm-roberta",
];
