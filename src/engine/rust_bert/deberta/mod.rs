//! DeBERTa v1, v2 and v3 for token classification, written on tch.
//!
//! rust-bert 0.23 has these models, but not with the original's numbers: in v1 it takes the number of heads for the
//! row's length when it cuts the table of relative positions, in v2 it looks up content-to-position scores without
//! the table's middle, leaves the root out of both scales, and rounds the ratio inside the logarithmic buckets down.
//! So the network here follows He et al., "DeBERTa: Decoding-enhanced BERT with Disentangled Attention" (2020), and the
//! checkpoints of `transformers`, one row at a time.
//!
//! An attention score is `(q·k + q·K[b] + k·Q[b]) / sqrt(d·terms)`, where `b` is the bucket of the two tokens'
//! distance, `K` and `Q` are keys and queries made of the table of relative positions, and d is a head's width.

mod attention;
mod relative;
mod shape;

use rust_bert::Activation;
use tch::Tensor;
use tch::nn::{self, Module, Path};

use super::architecture::Row;
use attention::{Attention, no_bias};
use relative::{Reached, Relative};
pub(super) use shape::Shape;

/// The network.
pub(super) struct Deberta {
    words: nn::Embedding,
    positions: Option<nn::Embedding>,
    types: Option<nn::Embedding>,
    project: Option<nn::Linear>,
    norm: nn::LayerNorm,
    relative: Option<(Relative, nn::Embedding, Option<nn::LayerNorm>)>,
    conv: Option<(nn::Conv1D, nn::LayerNorm, Activation)>,
    layers: Vec<Layer>,
    classifier: nn::Linear,
}

struct Layer {
    attention: Attention,
    attention_out: nn::Linear,
    attention_norm: nn::LayerNorm,
    inner: nn::Linear,
    act: Activation,
    out: nn::Linear,
    norm: nn::LayerNorm,
}

impl Deberta {
    /// Builds the network with random weights under `root`, by the names of `transformers`.
    pub fn new(root: &Path, shape: &Shape) -> Self {
        let model = root / "deberta";
        let embeddings = &model / "embeddings";
        let encoder = &model / "encoder";
        let table = |name: &str, rows: i64| {
            nn::embedding(
                &embeddings / name,
                rows,
                shape.embedding,
                Default::default(),
            )
        };
        let norm = |path: Path| shape.norm(&path);
        Self {
            words: table("word_embeddings", shape.n_ids),
            positions: shape
                .n_positions
                .map(|rows| table("position_embeddings", rows)),
            types: (0 < shape.n_types).then(|| table("token_type_embeddings", shape.n_types)),
            project: (shape.embedding != shape.hidden).then(|| {
                nn::linear(
                    &embeddings / "embed_proj",
                    shape.embedding,
                    shape.hidden,
                    no_bias(),
                )
            }),
            norm: norm(&embeddings / "LayerNorm"),
            relative: shape.relative.as_ref().map(|relative| {
                let path = &encoder / "rel_embeddings";
                let table =
                    nn::embedding(path, 2 * relative.span, shape.hidden, Default::default());
                let normed = relative.normed.then(|| norm(&encoder / "LayerNorm"));
                (relative.clone(), table, normed)
            }),
            conv: shape.conv.as_ref().map(|conv| {
                let config = nn::ConvConfig {
                    padding: (conv.kernel - 1) / 2,
                    groups: conv.groups,
                    ..Default::default()
                };
                let path = &encoder / "conv";
                let layer = nn::conv1d(
                    &path / "conv",
                    shape.hidden,
                    shape.hidden,
                    conv.kernel,
                    config,
                );
                (layer, norm(&path / "LayerNorm"), conv.act)
            }),
            layers: (0..shape.layers)
                .map(|layer| Layer::new(&(&encoder / "layer" / layer), shape))
                .collect(),
            classifier: nn::linear(
                root / "classifier",
                shape.hidden,
                shape.n_columns,
                Default::default(),
            ),
        }
    }

    /// Computes the layers' keys and queries of relative positions, which no row changes.
    pub fn prepare(&mut self) {
        let Some((relative, table, norm)) = &self.relative else {
            return;
        };
        let table = match norm {
            Some(norm) => norm.forward(&table.ws),
            None => table.ws.shallow_clone(),
        };
        for layer in &mut self.layers {
            layer.attention.prepare(relative, &table);
        }
    }

    /// Logits of one row, `[tokens, labels]`.
    pub fn logits(&self, row: &Row) -> Tensor {
        let n = row.ids.size()[1];
        let embedded = self.embed(row);
        let relative = self.relative.as_ref().map(|(relative, _, _)| {
            let reached = relative.reached(n);
            Reached {
                index: reached.index.to_device(row.ids.device()),
                ..reached
            }
        });
        let mut x = embedded.shallow_clone();
        for (at, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, relative.as_ref());
            if at == 0
                && let Some((conv, norm, act)) = &self.conv
            {
                let beside = embedded
                    .transpose(0, 1)
                    .unsqueeze(0)
                    .apply(conv)
                    .squeeze_dim(0)
                    .transpose(0, 1);
                x = norm.forward(&(x + (act.get_function().get_fn())(&beside)));
            }
        }
        x.apply(&self.classifier)
    }

    fn embed(&self, row: &Row) -> Tensor {
        let mut x = row.ids.squeeze_dim(0).apply(&self.words);
        if let Some(positions) = &self.positions {
            x += row.positions.squeeze_dim(0).apply(positions);
        }
        if let Some(types) = &self.types {
            x += row.types.squeeze_dim(0).apply(types);
        }
        if let Some(project) = &self.project {
            x = x.apply(project);
        }
        self.norm.forward(&x)
    }
}

impl Shape {
    fn norm(&self, path: &Path) -> nn::LayerNorm {
        let config = nn::LayerNormConfig {
            eps: self.epsilon,
            ..Default::default()
        };
        nn::layer_norm(path, vec![self.hidden], config)
    }
}

impl Layer {
    fn new(path: &Path, shape: &Shape) -> Self {
        let attention = path / "attention";
        let attention_out = &attention / "output";
        let out = path / "output";
        let (hidden, inner) = (shape.hidden, shape.inner);
        Self {
            attention: Attention::new(&(&attention / "self"), shape),
            attention_out: nn::linear(&attention_out / "dense", hidden, hidden, Default::default()),
            attention_norm: shape.norm(&(&attention_out / "LayerNorm")),
            inner: nn::linear(
                path / "intermediate" / "dense",
                hidden,
                inner,
                Default::default(),
            ),
            act: shape.act,
            out: nn::linear(&out / "dense", inner, hidden, Default::default()),
            norm: shape.norm(&(&out / "LayerNorm")),
        }
    }

    fn forward(&self, x: &Tensor, relative: Option<&Reached>) -> Tensor {
        let attended = self
            .attention
            .forward(x, relative)
            .apply(&self.attention_out);
        let x = self.attention_norm.forward(&(attended + x));
        let inner = (self.act.get_function().get_fn())(&x.apply(&self.inner));
        self.norm.forward(&(inner.apply(&self.out) + x))
    }
}
