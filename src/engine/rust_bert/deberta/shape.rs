//! What a DeBERTa's `config.json` says, as the form of the network.

use rust_bert::Activation;
use serde::Deserialize;

use super::relative::Relative;
use crate::engine::ModelFolder;
use crate::engine::rust_bert::architecture::activation;

/// What `config.json` says of DeBERTa beyond the fields of every family; absent fields have the original's defaults.
#[derive(Deserialize)]
struct Raw {
    relative_attention: Option<bool>,
    max_relative_positions: Option<i64>,
    position_buckets: Option<i64>,
    pos_att_type: Option<Terms>,
    share_att_key: Option<bool>,
    norm_rel_ebd: Option<String>,
    position_biased_input: Option<bool>,
    talking_head: Option<bool>,
    attention_head_size: Option<i64>,
    conv_kernel_size: Option<i64>,
    conv_groups: Option<i64>,
    conv_act: Option<String>,
    layer_norm_eps: Option<f64>,
}

/// `"c2p|p2c"` or `["c2p", "p2c"]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Terms {
    One(String),
    Many(Vec<String>),
}

/// Everything that decides a network's form.
pub(in crate::engine::rust_bert) struct Shape {
    pub(super) version: Version,
    pub(super) hidden: i64,
    pub(super) embedding: i64,
    pub(super) inner: i64,
    pub(super) heads: i64,
    pub(super) layers: usize,
    pub(super) n_ids: i64,
    pub(super) n_types: i64,
    pub(super) n_columns: i64,
    /// Rows of the table of absolute positions, where the input takes them.
    pub(super) n_positions: Option<i64>,
    pub(super) act: Activation,
    pub(super) epsilon: f64,
    pub(super) relative: Option<Relative>,
    pub(super) conv: Option<Convolution>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Version {
    V1,
    V2,
}

/// The convolution beside the first layer.
pub(super) struct Convolution {
    pub(super) kernel: i64,
    pub(super) groups: i64,
    pub(super) act: Activation,
}

impl Shape {
    /// Reads the folder's configuration.
    ///
    /// # Errors
    /// A sentence that names the field and what is expected.
    pub fn read(folder: &ModelFolder) -> Result<Self, String> {
        let config = folder.config();
        let raw: Raw = serde_json::from_slice(folder.config_json()).map_err(|error| {
            format!("config.json is not the configuration of a DeBERTa: {error}")
        })?;
        let heads = config.num_attention_heads as i64;
        let hidden = config.hidden_size as i64;
        if raw.talking_head == Some(true) {
            return Err("config.json: talking_head is true; expected false".to_owned());
        }
        if let Some(size) = raw.attention_head_size
            && size * heads != hidden
        {
            return Err(format!(
                "config.json: attention_head_size is {size}; expected hidden_size {hidden} among {heads} heads"
            ));
        }
        let version = if config.model_type == "deberta" {
            Version::V1
        } else {
            Version::V2
        };
        let max_position = config.max_position_embeddings as i64;
        Ok(Self {
            version,
            hidden,
            embedding: config.embedding_size as i64,
            inner: config.intermediate_size as i64,
            heads,
            layers: config.num_hidden_layers,
            n_ids: config.vocab_size as i64,
            n_types: config.type_vocab_size as i64,
            n_columns: config.labels.n() as i64,
            n_positions: raw
                .position_biased_input
                .unwrap_or(true)
                .then_some(max_position),
            act: activation(&config.hidden_act)?,
            epsilon: raw.layer_norm_eps.unwrap_or(1e-7),
            relative: raw.relative(version, max_position)?,
            conv: raw.convolution(version)?,
        })
    }
}

impl Raw {
    fn relative(&self, version: Version, max_position: i64) -> Result<Option<Relative>, String> {
        if !self.relative_attention.unwrap_or(false) {
            return Ok(None);
        }
        let terms: Vec<&str> = match &self.pos_att_type {
            None => Vec::new(),
            Some(Terms::One(terms)) => terms.split('|').collect(),
            Some(Terms::Many(terms)) => terms.iter().map(String::as_str).collect(),
        };
        let terms: Vec<&str> = terms
            .into_iter()
            .map(str::trim)
            .filter(|term| !term.is_empty())
            .collect();
        if let Some(other) = terms.iter().find(|term| !matches!(**term, "c2p" | "p2c")) {
            return Err(format!(
                "config.json: pos_att_type has {other:?}; expected c2p and p2c"
            ));
        }
        let farthest = self
            .max_relative_positions
            .filter(|most| 0 < *most)
            .unwrap_or(max_position);
        let buckets = self
            .position_buckets
            .filter(|n| 0 < *n && version == Version::V2);
        if let Some(n) = buckets
            && (n < 4 || farthest <= n / 2 + 1)
        {
            return Err(format!(
                "config.json: {n} position_buckets cannot reach {farthest} positions"
            ));
        }
        Ok(Some(Relative {
            span: buckets.unwrap_or(farthest),
            buckets,
            farthest,
            content_to_position: terms.contains(&"c2p"),
            position_to_content: terms.contains(&"p2c"),
            shared: version == Version::V2 && self.share_att_key.unwrap_or(false),
            normed: version == Version::V2
                && self
                    .norm_rel_ebd
                    .as_deref()
                    .is_some_and(|norm| norm.contains("layer_norm")),
        }))
    }

    fn convolution(&self, version: Version) -> Result<Option<Convolution>, String> {
        match self.conv_kernel_size {
            Some(kernel) if 0 < kernel && version == Version::V2 => {
                if kernel % 2 == 0 {
                    return Err(format!(
                        "config.json: conv_kernel_size is {kernel}; expected an odd number"
                    ));
                }
                Ok(Some(Convolution {
                    kernel,
                    groups: self.conv_groups.unwrap_or(1),
                    act: activation(self.conv_act.as_deref().unwrap_or("tanh"))?,
                }))
            }
            _ => Ok(None),
        }
    }
}
