//! Disentangled attention over one row.

use tch::nn::{self, Path};
use tch::{Kind, Tensor};

use super::relative::{Reached, Relative};
use super::shape::{Shape, Version};

/// One layer's attention.
pub(super) struct Attention {
    heads: i64,
    projections: Projections,
    /// Projections of the table of relative positions to keys and queries, but for shared ones.
    position_key: Option<nn::Linear>,
    position_query: Option<nn::Linear>,
    /// Keys and queries of the table, `[heads, 2 · span, width]`, once prepared.
    keys: Option<Tensor>,
    queries: Option<Tensor>,
}

/// Content to queries, keys and values.
enum Projections {
    /// v1: one for all three, head by head; biases for queries and values alone.
    One {
        all: nn::Linear,
        query_bias: Tensor,
        value_bias: Tensor,
    },
    /// v2.
    Three {
        query: nn::Linear,
        key: nn::Linear,
        value: nn::Linear,
    },
}

/// `[tokens, hidden]` → `[heads, tokens, width]`.
fn split(x: &Tensor, heads: i64) -> Tensor {
    x.view([x.size()[0], heads, -1]).permute([1, 0, 2])
}

pub(super) fn no_bias() -> nn::LinearConfig {
    nn::LinearConfig {
        bias: false,
        ..Default::default()
    }
}

impl Attention {
    /// Builds the projections with random weights under `path`, by the names of `transformers`.
    pub(super) fn new(path: &Path, shape: &Shape) -> Self {
        let hidden = shape.hidden;
        let linear = |name: &str| nn::linear(path / name, hidden, hidden, Default::default());
        let relative = shape.relative.as_ref();
        let own = |wanted: fn(&Relative) -> bool| {
            relative.is_some_and(|relative| wanted(relative) && !relative.shared)
        };
        let to_position = own(|relative| relative.content_to_position);
        let from_position = own(|relative| relative.position_to_content);
        let (projections, position_key, position_query) = match shape.version {
            Version::V1 => (
                Projections::One {
                    all: nn::linear(path / "in_proj", hidden, 3 * hidden, no_bias()),
                    query_bias: path.zeros("q_bias", &[hidden]),
                    value_bias: path.zeros("v_bias", &[hidden]),
                },
                to_position.then(|| nn::linear(path / "pos_proj", hidden, hidden, no_bias())),
                from_position.then(|| linear("pos_q_proj")),
            ),
            Version::V2 => (
                Projections::Three {
                    query: linear("query_proj"),
                    key: linear("key_proj"),
                    value: linear("value_proj"),
                },
                to_position.then(|| linear("pos_key_proj")),
                from_position.then(|| linear("pos_query_proj")),
            ),
        };
        Self {
            heads: shape.heads,
            projections,
            position_key,
            position_query,
            keys: None,
            queries: None,
        }
    }

    /// Computes keys and queries of the table of relative positions.
    pub(super) fn prepare(&mut self, relative: &Relative, table: &Tensor) {
        let (mut key, mut query) = (self.position_key.as_ref(), self.position_query.as_ref());
        if relative.shared
            && let Projections::Three {
                query: content_query,
                key: content_key,
                ..
            } = &self.projections
        {
            key = relative.content_to_position.then_some(content_key);
            query = relative.position_to_content.then_some(content_query);
        }
        let make =
            |projection: &nn::Linear| split(&table.apply(projection), self.heads).contiguous();
        self.keys = key.map(make);
        self.queries = query.map(make);
    }

    /// Context of each token, `[tokens, hidden]`.
    pub(super) fn forward(&self, x: &Tensor, relative: Option<&Reached>) -> Tensor {
        let (query, key, value) = self.project(x);
        let terms = 1 + i64::from(self.keys.is_some()) + i64::from(self.queries.is_some());
        let scale = ((query.size()[2] * terms) as f64).sqrt();
        let query = query / scale;
        let mut scores = query.matmul(&key.transpose(1, 2));
        if let Some(reached) = relative {
            let part =
                |table: &Tensor| table.narrow(1, reached.first, reached.rows).transpose(1, 2);
            let index = reached
                .index
                .unsqueeze(0)
                .expand([self.heads, -1, -1], false);
            if let Some(keys) = &self.keys {
                scores += query.matmul(&part(keys)).gather(2, &index, false);
            }
            if let Some(queries) = &self.queries {
                // Buckets are odd in the distance, so the pair's index as seen from the key is the transpose.
                let seen = key.matmul(&part(queries)) / scale;
                scores += seen
                    .gather(2, &index.transpose(1, 2), false)
                    .transpose(1, 2);
            }
        }
        let context = scores.softmax(-1, Kind::Float).matmul(&value);
        context.permute([1, 0, 2]).reshape([x.size()[0], -1])
    }

    fn project(&self, x: &Tensor) -> (Tensor, Tensor, Tensor) {
        match &self.projections {
            Projections::One {
                all,
                query_bias,
                value_bias,
            } => {
                let all = split(&x.apply(all), self.heads);
                let width = all.size()[2] / 3;
                let bias = |bias: &Tensor| bias.view([self.heads, 1, -1]);
                (
                    all.narrow(2, 0, width) + bias(query_bias),
                    all.narrow(2, width, width),
                    all.narrow(2, 2 * width, width) + bias(value_bias),
                )
            }
            Projections::Three { query, key, value } => (
                split(&x.apply(query), self.heads),
                split(&x.apply(key), self.heads),
                split(&x.apply(value), self.heads),
            ),
        }
    }
}
