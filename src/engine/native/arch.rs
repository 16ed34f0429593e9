//! The families: which tensor of `model.safetensors` is which part of the encoder.

use super::attention::Relative;
use super::norm::Norm;
use super::pack::{Linear, PANEL, PackedF32, round_up};
use super::vector::Activation;
use super::{Embeddings, Encoder, Layer, Precision, TiesHead, kernels::Floats};
use crate::engine::folder::{Config, Weights};

type Result<T> = std::result::Result<T, String>;

/// Names of one family's tensors.
#[derive(Clone, Copy)]
struct Names {
    /// What stands before `embeddings`, in checkpoints that have a head.
    prefix: &'static str,
    /// Layers, counted from 0: `layers.0.` and so on.
    layers: &'static str,
    query: &'static str,
    key: &'static str,
    value: &'static str,
    output: &'static str,
    output_norm: &'static str,
    up: &'static str,
    down: &'static str,
    down_norm: &'static str,
}

const BERT: Names = Names {
    prefix: "bert.",
    layers: "encoder.layer.",
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    output: "attention.output.dense",
    output_norm: "attention.output.LayerNorm",
    up: "intermediate.dense",
    down: "output.dense",
    down_norm: "output.LayerNorm",
};

const DISTILBERT: Names = Names {
    prefix: "distilbert.",
    layers: "transformer.layer.",
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    output: "attention.out_lin",
    output_norm: "sa_layer_norm",
    up: "ffn.lin1",
    down: "ffn.lin2",
    down_norm: "output_layer_norm",
};

const MPNET: Names = Names {
    prefix: "mpnet.",
    query: "attention.attn.q",
    key: "attention.attn.k",
    value: "attention.attn.v",
    output: "attention.attn.o",
    output_norm: "attention.LayerNorm",
    ..BERT
};

fn names(model_type: &str) -> Result<Names> {
    match model_type {
        "bert" => Ok(BERT),
        "electra" => Ok(Names {
            prefix: "electra.",
            ..BERT
        }),
        "roberta" | "xlm-roberta" | "camembert" => Ok(Names {
            prefix: "roberta.",
            ..BERT
        }),
        "distilbert" => Ok(DISTILBERT),
        "mpnet" => Ok(MPNET),
        other => Err(format!(
            "config.json: model_type is {other:?}; the native engine reads bert, electra, distilbert, roberta, xlm-roberta, camembert and mpnet"
        )),
    }
}

/// Reads one family's tensors.
#[derive(Clone, Copy)]
struct Reader<'a> {
    weights: &'a Weights,
    config: &'a Config,
    names: Names,
    prefix: &'static str,
    int8: bool,
}

/// Reads and packs the encoder and its classifier.
pub(super) fn read(weights: &Weights, config: &Config, precision: Precision) -> Result<Encoder> {
    let names = names(&config.model_type)?;
    let activation = Activation::parse(&config.hidden_act).ok_or_else(|| {
        format!(
            "config.json: hidden_act is {:?}; expected gelu, gelu_new, gelu_fast, gelu_pytorch_tanh or relu",
            config.hidden_act
        )
    })?;
    if config.max_row() == 0 {
        return Err(
            "config.json: max_position_embeddings leaves no position for a token".to_owned(),
        );
    }
    let has_prefix = weights.has(&format!(
        "{}embeddings.word_embeddings.weight",
        names.prefix
    ));
    let prefix = if has_prefix { names.prefix } else { "" };
    let int8 = precision == Precision::Int8;
    let reader = Reader {
        weights,
        config,
        names,
        prefix,
        int8,
    };
    Ok(Encoder {
        embeddings: Some(reader.embeddings()?),
        layers: reader.layers()?,
        classifier: reader.classifier()?,
        relative: reader.relative()?,
        activation,
        ties: config
            .of_ties()
            .map(|of_ties| ties(&reader, of_ties))
            .transpose()?,
    })
}

/// Reads the second head, whose layers have BERT's names below `ties.`.
fn ties(reader: &Reader<'_>, config: Config) -> Result<TiesHead> {
    let own = Reader {
        config: &config,
        names: BERT,
        prefix: "ties.",
        ..*reader
    };
    let (wide, narrow) = (reader.config.hidden_size, config.hidden_size);
    let n_columns = config.ties.as_ref().map_or(0, |ties| ties.columns.len());
    Ok(TiesHead {
        mix: own.vec("ties.mix", &[reader.config.num_hidden_layers + 1])?,
        norm: own.norm("ties.norm", wide)?,
        project: own.linear("ties.project", [narrow, wide])?,
        project_norm: own.norm("ties.project_norm", narrow)?,
        encoder: std::sync::Arc::new(Encoder {
            embeddings: None,
            layers: own.layers()?,
            classifier: own.packed("ties.classifier", [n_columns, narrow])?,
            relative: None,
            activation: Activation::Gelu,
            ties: None,
        }),
        config,
    })
}

impl Reader<'_> {
    fn vec(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        Ok(self.weights.tensor(name, shape)?.to_vec())
    }

    fn embeddings(&self) -> Result<Embeddings> {
        let Config {
            embedding_size: width,
            hidden_size,
            ..
        } = *self.config;
        let at = format!("{}embeddings.", self.prefix);
        let word = format!("{at}word_embeddings.weight");
        let position = format!("{at}position_embeddings.weight");
        let kind = format!("{at}token_type_embeddings.weight");
        let types = self.config.type_vocab_size;
        let project = if width == hidden_size {
            None
        } else {
            let name = format!("{}embeddings_project", self.prefix);
            let weight = self.vec(&format!("{name}.weight"), &[hidden_size, width])?;
            let bias = self.vec(&format!("{name}.bias"), &[hidden_size])?;
            Some(PackedF32::new(&weight, &bias, width))
        };
        Ok(Embeddings {
            words: self
                .weights
                .tensor(&word, &[self.config.vocab_size, width])?,
            positions: self.vec(&position, &[self.config.max_position_embeddings, width])?,
            types: if types == 0 {
                Vec::new()
            } else {
                self.vec(&kind, &[types, width])?
            },
            first_position: self.config.first_position(),
            width,
            norm: self.norm(&format!("{at}LayerNorm"), width)?,
            project,
        })
    }

    fn layers(&self) -> Result<Vec<Layer>> {
        (0..self.config.num_hidden_layers)
            .map(|at| self.layer(at))
            .collect()
    }

    fn layer(&self, at: usize) -> Result<Layer> {
        let names = &self.names;
        let hidden = self.config.hidden_size;
        let inside = self.config.intermediate_size;
        let name = |part: &str| format!("{}{}{at}.{part}", self.prefix, names.layers);
        Ok(Layer {
            qkv: self.qkv([names.query, names.key, names.value].map(name))?,
            output: self.linear(&name(names.output), [hidden, hidden])?,
            output_norm: self.norm(&name(names.output_norm), hidden)?,
            up: self.linear(&name(names.up), [inside, hidden])?,
            down: self.linear(&name(names.down), [hidden, inside])?,
            down_norm: self.norm(&name(names.down_norm), hidden)?,
        })
    }

    /// Queries, keys and values as one layer; queries scaled by `1 / sqrt(head width)`.
    fn qkv(&self, names: [String; 3]) -> Result<Linear> {
        let hidden = self.config.hidden_size;
        let mut weight = Vec::with_capacity(3 * hidden * hidden);
        let mut bias = Vec::with_capacity(3 * hidden);
        for name in names {
            weight.extend(self.vec(&format!("{name}.weight"), &[hidden, hidden])?);
            bias.extend(self.vec(&format!("{name}.bias"), &[hidden])?);
        }
        let scale = 1.0 / ((hidden / self.config.num_attention_heads) as f32).sqrt();
        weight[..hidden * hidden]
            .iter_mut()
            .for_each(|w| *w *= scale);
        bias[..hidden].iter_mut().for_each(|b| *b *= scale);
        Ok(Linear::new(self.int8, &weight, &bias, hidden))
    }

    fn linear(&self, name: &str, [outputs, inputs]: [usize; 2]) -> Result<Linear> {
        let weight = self.vec(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.vec(&format!("{name}.bias"), &[outputs])?;
        Ok(Linear::new(self.int8, &weight, &bias, inputs))
    }

    fn norm(&self, name: &str, width: usize) -> Result<Norm> {
        // checkpoints converted from TensorFlow say gamma and beta
        let old = self.weights.has(&format!("{name}.gamma"));
        let (gain, bias) = if old {
            ("gamma", "beta")
        } else {
            ("weight", "bias")
        };
        let lines = |values: Vec<f32>| {
            let mut lines = vec![Floats([0.0; 16]); round_up(width, PANEL) / 16];
            for (at, value) in values.into_iter().enumerate() {
                lines[at / 16].0[at % 16] = value;
            }
            lines
        };
        Ok(Norm {
            gain: lines(self.vec(&format!("{name}.{gain}"), &[width])?),
            bias: lines(self.vec(&format!("{name}.{bias}"), &[width])?),
            width,
            eps: self.config.layer_norm_eps,
        })
    }

    fn classifier(&self) -> Result<PackedF32> {
        let (n, hidden) = (self.config.labels.n(), self.config.hidden_size);
        if !self.weights.has("classifier.weight") {
            return Err("model.safetensors has no tensor classifier.weight; expected a model for token classification".to_owned());
        }
        self.packed("classifier", [n, hidden])
    }

    /// A linear layer in f32, whatever the model's precision.
    fn packed(&self, name: &str, [outputs, inputs]: [usize; 2]) -> Result<PackedF32> {
        let weight = self.vec(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.vec(&format!("{name}.bias"), &[outputs])?;
        Ok(PackedF32::new(&weight, &bias, inputs))
    }

    /// What is added to the scores of a pair of tokens by their distance.
    fn relative(&self) -> Result<Option<Relative>> {
        let Config {
            relative_attention_num_buckets: buckets,
            num_attention_heads: heads,
            ..
        } = *self.config;
        if buckets == 0 {
            return Ok(None);
        }
        let name = format!("{}encoder.relative_attention_bias.weight", self.prefix);
        let table = self.vec(&name, &[buckets, heads])?;
        let reach = self.config.max_row();
        let mut bias = Vec::with_capacity(heads * (2 * reach + 1 + Relative::SPARE));
        for head in 0..heads {
            for at in 0..=2 * reach {
                bias.push(table[bucket(reach as i64 - at as i64, buckets) * heads + head]);
            }
            bias.resize(bias.len() + Relative::SPARE, 0.0);
        }
        Ok(Some(Relative { bias, reach }))
    }
}

/// Bucket of a distance (key minus query), as `MPNetEncoder.relative_position_bucket` has it: half the
/// buckets for each side, of these half exact and half logarithmic up to 128 tokens.
fn bucket(distance: i64, buckets: usize) -> usize {
    let half = buckets / 2;
    let exact = half / 2;
    let side = if distance > 0 { half } else { 0 };
    let n = distance.unsigned_abs() as usize;
    if n < exact {
        return side + n;
    }
    let far = (n as f32 / exact as f32).ln() / (128.0 / exact as f32).ln() * (half - exact) as f32;
    side + (exact + far as usize).min(half - 1)
}
