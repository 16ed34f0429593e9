//! `config.json` → the network of its model type.

use std::collections::HashMap;

use rust_bert::Activation;
use rust_bert::bert::{BertConfig, BertForTokenClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertForTokenClassification};
use rust_bert::electra::{ElectraConfig, ElectraForTokenClassification};
use rust_bert::roberta::RobertaForTokenClassification;
use tch::Tensor;
use tch::nn::VarStore;

use super::MODEL_TYPES;
use super::deberta::{Deberta, Shape};
use super::enabled::first_line;
use crate::engine::{Config, ModelFolder};

/// What to build.
pub(super) enum Architecture {
    Bert(BertConfig),
    Roberta(BertConfig),
    DistilBert(DistilBertConfig),
    Electra(ElectraConfig),
    Deberta(Shape),
}

/// A network whose variables lie in a `VarStore`.
pub(super) enum Network {
    Bert(BertForTokenClassification),
    Roberta(RobertaForTokenClassification),
    DistilBert(DistilBertForTokenClassification),
    Electra(ElectraForTokenClassification),
    Deberta(Box<Deberta>),
}

/// One row, each tensor `[1, tokens]`, i64.
pub(super) struct Row {
    pub ids: Tensor,
    pub types: Tensor,
    pub positions: Tensor,
}

impl Architecture {
    /// Reads the folder's configuration.
    ///
    /// # Errors
    /// A sentence that names the field and what is expected.
    pub fn read(folder: &ModelFolder) -> Result<Self, String> {
        let config = folder.config();
        Ok(match config.model_type.as_str() {
            "bert" => Self::Bert(bert(config)?),
            "roberta" | "xlm-roberta" | "camembert" => Self::Roberta(bert(config)?),
            "distilbert" => Self::DistilBert(distilbert(config)?),
            "electra" => Self::Electra(electra(config)?),
            "deberta" | "deberta-v2" => Self::Deberta(Shape::read(folder)?),
            other => {
                return Err(format!(
                    "config.json: model_type is {other:?}; the rust-bert engine reads {}",
                    MODEL_TYPES.join(", ")
                ));
            }
        })
    }

    /// True where rust-bert's layer norms do not take their epsilon from the configuration (DistilBERT's is
    /// fixed in the original, too).
    pub fn writes_epsilon(&self) -> bool {
        matches!(self, Self::Bert(_) | Self::Roberta(_) | Self::Electra(_))
    }

    /// Builds the network with random weights in `store`.
    ///
    /// # Errors
    /// What rust-bert says; it may also panic.
    pub fn build(&self, store: &VarStore) -> Result<Network, String> {
        let root = store.root();
        Ok(match self {
            Self::Bert(config) => {
                Network::Bert(BertForTokenClassification::new(&root, config).map_err(first_line)?)
            }
            Self::Roberta(config) => Network::Roberta(
                RobertaForTokenClassification::new(&root, config).map_err(first_line)?,
            ),
            Self::DistilBert(config) => Network::DistilBert(
                DistilBertForTokenClassification::new(&root, config).map_err(first_line)?,
            ),
            Self::Electra(config) => Network::Electra(
                ElectraForTokenClassification::new(&root, config).map_err(first_line)?,
            ),
            Self::Deberta(shape) => Network::Deberta(Box::new(Deberta::new(&root, shape))),
        })
    }
}

impl Network {
    /// Computes what depends on the weights alone. Called once, when they are in place.
    pub fn prepare(&mut self) {
        if let Self::Deberta(network) = self {
            network.prepare();
        }
    }

    /// Logits of one row, `[.., tokens, labels]`.
    ///
    /// # Errors
    /// What rust-bert says; it may also panic.
    pub fn logits(&self, row: &Row) -> Result<Tensor, String> {
        let (ids, types, positions) = (Some(&row.ids), Some(&row.types), Some(&row.positions));
        Ok(match self {
            Self::Bert(network) => {
                network
                    .forward_t(ids, None, types, positions, None, false)
                    .logits
            }
            Self::Roberta(network) => {
                network
                    .forward_t(ids, None, types, positions, None, false)
                    .logits
            }
            Self::DistilBert(network) => {
                network
                    .forward_t(ids, None, None, false)
                    .map_err(first_line)?
                    .logits
            }
            Self::Electra(network) => {
                // rust-bert adds ELECTRA's mask to the attention scores as it stands; with zeros it adds nothing.
                let mask = row.ids.zeros_like();
                network
                    .forward_t(ids, Some(&mask), types, positions, None, false)
                    .logits
            }
            Self::Deberta(network) => network.logits(row),
        })
    }
}

/// The activation of a name of `transformers`.
///
/// # Errors
/// A sentence that lists the names.
pub(super) fn activation(name: &str) -> Result<Activation, String> {
    Ok(match name {
        "gelu" | "gelu_python" => Activation::gelu,
        // One formula, by tanh, under several names.
        "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Activation::gelu_new,
        "relu" => Activation::relu,
        "silu" | "swish" => Activation::swish,
        "mish" => Activation::mish,
        "tanh" => Activation::tanh,
        "linear" => Activation::identity,
        other => {
            return Err(format!(
                "config.json: the activation {other:?} is not known; expected gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, silu, mish, tanh or linear"
            ));
        }
    })
}

/// rust-bert counts the labels and asks no more of them.
fn labels(config: &Config) -> Option<HashMap<i64, String>> {
    Some(
        (0..config.labels.n() as i64)
            .map(|column| (column, String::new()))
            .collect(),
    )
}

fn bert(config: &Config) -> Result<BertConfig, String> {
    Ok(BertConfig {
        hidden_act: activation(&config.hidden_act)?,
        hidden_size: config.hidden_size as i64,
        intermediate_size: config.intermediate_size as i64,
        max_position_embeddings: config.max_position_embeddings as i64,
        num_attention_heads: config.num_attention_heads as i64,
        num_hidden_layers: config.num_hidden_layers as i64,
        type_vocab_size: config.type_vocab_size as i64,
        vocab_size: config.vocab_size as i64,
        id2label: labels(config),
        ..BertConfig::default()
    })
}

fn distilbert(config: &Config) -> Result<DistilBertConfig, String> {
    Ok(DistilBertConfig {
        activation: activation(&config.hidden_act)?,
        dim: config.hidden_size as i64,
        hidden_dim: config.intermediate_size as i64,
        max_position_embeddings: config.max_position_embeddings as i64,
        n_heads: config.num_attention_heads as i64,
        n_layers: config.num_hidden_layers as i64,
        vocab_size: config.vocab_size as i64,
        id2label: labels(config),
        // Sinusoidal tables are stored like learned ones.
        sinusoidal_pos_embds: false,
        ..DistilBertConfig::default()
    })
}

fn electra(config: &Config) -> Result<ElectraConfig, String> {
    Ok(ElectraConfig {
        hidden_act: activation(&config.hidden_act)?,
        embedding_size: config.embedding_size as i64,
        hidden_size: config.hidden_size as i64,
        // The encoder's is written into rust-bert; the embeddings' is held to the same (see `epsilon`).
        layer_norm_eps: None,
        intermediate_size: config.intermediate_size as i64,
        max_position_embeddings: config.max_position_embeddings as i64,
        num_attention_heads: config.num_attention_heads as i64,
        num_hidden_layers: config.num_hidden_layers as i64,
        type_vocab_size: config.type_vocab_size as i64,
        vocab_size: config.vocab_size as i64,
        pad_token_id: config.pad_token_id as i64,
        id2label: labels(config),
        ..ElectraConfig::default()
    })
}
