//! The pass through the encoder, a group of whole windows at a time so that its working set stays in cache.

use std::ops::Range as Tokens;
use std::sync::Arc;

use super::attention::{Attention, Heads, Scratch};
use super::kernels::Simd;
use super::matmul::{Activate, Add, MatmulF32, MatmulI8, Sink, Store};
use super::memory::Memory;
use super::norm::{AddShare, Norm, NormRows};
use super::pack::{Linear, PANEL, PackedF32, round_up};
use super::quantize::{Quantize, QuantizeRows, Range, Rows8};
use super::{Encoder, Layer};
use crate::engine::{Batch, Config};

/// Tokens of a group; a longer window is a group of its own.
const GROUP: usize = 256;
/// Rows that pass through a layer's feed-forward block together: its inner activations stay in L2.
const BLOCK: usize = 256;
/// Floats after a row that is a multiple of a large power of two: without them the rows of a tile would meet in
/// few sets of the first cache.
const SKEW: usize = 16;

/// One worker's memory and its share of the model.
pub(super) struct Worker<S> {
    s: S,
    encoder: Arc<Encoder>,
    heads: Heads,
    /// Row strides: of the residual stream, of queries, keys and values, of the block's inside.
    hidden: usize,
    qkv_stride: usize,
    inside: usize,
    /// The residual stream, `[tokens][hidden]`.
    x: Memory<f32>,
    qkv: Memory<f32>,
    context: Memory<f32>,
    /// `[BLOCK][inside]`.
    up: Memory<f32>,
    up_ranges: Vec<Range>,
    /// Embeddings narrower than the stream, before they are projected to it.
    narrow: Memory<f32>,
    row: Vec<f32>,
    logits: Memory<f32>,
    rows8: Rows8,
    up8: Rows8,
    scratch: Scratch,
    /// Of the second head: what its layers read, `[tokens][hidden]`, and the worker that runs them.
    mixed: Memory<f32>,
    mixing: bool,
    head: Option<Box<Worker<S>>>,
}

impl<S: Simd> Worker<S> {
    pub(super) fn new(s: S, encoder: Arc<Encoder>, config: &Config) -> Self {
        let heads = Heads {
            n: config.num_attention_heads,
            width: config.hidden_size / config.num_attention_heads,
        };
        let head = encoder.ties.as_ref().map(|ties| {
            let encoder = Arc::clone(&ties.encoder);
            Box::new(Self::new(s, encoder, &ties.config))
        });
        let width = encoder.embeddings.as_ref().map_or(0, |tables| tables.width);
        Self {
            s,
            row: vec![0.0; width],
            head,
            mixed: Memory::default(),
            mixing: false,
            encoder,
            heads,
            hidden: round_up(config.hidden_size, PANEL),
            qkv_stride: round_up(3 * config.hidden_size, PANEL) + SKEW,
            inside: round_up(config.intermediate_size, PANEL) + SKEW,
            x: Memory::default(),
            qkv: Memory::default(),
            context: Memory::default(),
            up: Memory::default(),
            up_ranges: Vec::new(),
            narrow: Memory::default(),
            logits: Memory::default(),
            rows8: Rows8::default(),
            up8: Rows8::default(),
            scratch: Scratch::default(),
        }
    }

    /// Writes the logits of a checked batch.
    pub(super) fn forward(&mut self, batch: &Batch, logits: &mut [f32]) {
        let n_columns = logits.len().checked_div(batch.n_tokens()).unwrap_or(0);
        self.mixing = self.head.is_some() && !batch.labels_alone;
        let n_ties = if self.mixing { self.n_ties() } else { 0 };
        let mut row = 0;
        while row < batch.n_rows() {
            let first = row;
            let start = batch.bounds[first];
            row += 1;
            while row < batch.n_rows() && batch.bounds[row + 1] - start <= GROUP {
                row += 1;
            }
            let tokens = start..batch.bounds[row];
            let logits = &mut logits[tokens.start * n_columns..tokens.end * n_columns];
            self.group(batch, first..row, tokens.clone());
            let n_labels = n_columns - n_ties;
            self.classify(tokens.len(), 0..n_labels, n_columns, logits);
            if self.mixing {
                self.ties(batch, first..row, tokens, n_labels..n_columns, logits);
            }
        }
    }

    /// Number of columns of the second head.
    fn n_ties(&self) -> usize {
        let ties = self
            .encoder
            .ties
            .as_ref()
            .and_then(|ties| ties.config.ties.as_ref());
        ties.map_or(0, |ties| ties.columns.len())
    }

    /// The second head over the tokens of a group whose layers have just been mixed.
    fn ties(
        &mut self,
        batch: &Batch,
        rows: Tokens<usize>,
        tokens: Tokens<usize>,
        columns: Tokens<usize>,
        logits: &mut [f32],
    ) {
        let (Some(ties), Some(head)) = (&self.encoder.ties, &mut self.head) else {
            return;
        };
        let n = tokens.len();
        head.reserve(n);
        let int8 = matches!(ties.project, Linear::I8(_));
        for block in blocks(n) {
            let rows = &mut self.mixed[block.start * self.hidden..block.end * self.hidden];
            self.s.vectorize(NormRows {
                rows,
                stride: self.hidden,
                norm: &ties.norm,
                out: int8.then_some(&mut self.rows8),
            });
            let sink = Store {
                out: &mut head.x[block.start * head.hidden..],
                stride: head.hidden,
            };
            let input = (&*rows, self.hidden);
            linear(self.s, &ties.project, input, &self.rows8, block.len(), sink);
        }
        self.s.vectorize(NormRows {
            rows: &mut head.x[..n * head.hidden],
            stride: head.hidden,
            norm: &ties.project_norm,
            out: None,
        });
        head.layers(batch, rows, tokens);
        let stride = logits.len() / n.max(1);
        head.classify(n, columns, stride, logits);
    }

    /// Adds the residual stream to what the second head reads; `at` counts the embeddings as 0 and the layers from 1.
    fn mix(&mut self, n: usize, at: usize) {
        let Some(ties) = self.encoder.ties.as_ref().filter(|_| self.mixing) else {
            return;
        };
        let share = ties.mix[at];
        let stream = &self.x[..n * self.hidden];
        let mixed = &mut self.mixed[..n * self.hidden];
        if at == 0 {
            mixed.fill(0.0);
        }
        self.s.vectorize(AddShare {
            rows: stream,
            share,
            sum: mixed,
        });
    }

    fn reserve(&mut self, n: usize) {
        let grow = |memory: &mut Memory<f32>, len: usize| memory.reserve(len, 0.0);
        grow(&mut self.x, n * self.hidden);
        grow(&mut self.qkv, n * self.qkv_stride);
        grow(&mut self.context, n * self.hidden);
        grow(&mut self.up, BLOCK * self.inside);
        grow(
            &mut self.logits,
            n * round_up(self.encoder.classifier.bias.len() * 16, PANEL),
        );
        if let Some(tables) = &self.encoder.embeddings
            && tables.project.is_some()
        {
            grow(&mut self.narrow, n * round_up(tables.width, PANEL));
        }
        if self.encoder.ties.is_some() {
            grow(&mut self.mixed, n * self.hidden);
        }
        self.up_ranges.resize(BLOCK, Range::EMPTY);
        self.rows8.reserve(BLOCK, self.hidden);
        self.up8.reserve(BLOCK, self.inside - SKEW);
    }

    /// Takes rows `rows`, which are tokens `tokens` of the batch, through all layers.
    fn group(&mut self, batch: &Batch, rows: Tokens<usize>, tokens: Tokens<usize>) {
        self.reserve(tokens.len());
        self.embed(batch, rows.clone());
        self.mix(tokens.len(), 0);
        self.layers(batch, rows, tokens);
    }

    /// Takes the residual stream of a group through all layers.
    fn layers(&mut self, batch: &Batch, rows: Tokens<usize>, tokens: Tokens<usize>) {
        let n = tokens.len();
        let encoder = Arc::clone(&self.encoder);
        for (at, layer) in encoder.layers.iter().enumerate() {
            if at == 0 {
                for block in blocks(n) {
                    self.quantize_stream(block.clone(), layer);
                    self.project(block, layer);
                }
            }
            for row in rows.clone() {
                let window = batch.row(row);
                self.attend(window.start - tokens.start..window.end - tokens.start);
            }
            let next = encoder.layers.get(at + 1);
            for block in blocks(n) {
                self.layer(block, layer, next);
            }
            self.mix(n, at + 1);
        }
    }

    /// Sums and normalizes the embeddings of each token.
    fn embed(&mut self, batch: &Batch, rows: Tokens<usize>) {
        let encoder = Arc::clone(&self.encoder);
        let Some(tables) = &encoder.embeddings else {
            return;
        };
        let width = tables.width;
        let stride = round_up(width, PANEL);
        let start = batch.bounds[rows.start];
        let n = batch.bounds[rows.end] - start;
        let stream = if tables.project.is_some() {
            &mut self.narrow
        } else {
            &mut self.x
        };
        for row in rows {
            let mut position = tables.first_position;
            for token in batch.row(row) {
                let id = batch.ids[token] as usize;
                tables.words.row(id, &mut self.row);
                let kind = usize::from(batch.types[token]);
                let kind = tables.types.get(kind * width..(kind + 1) * width);
                // families that start past the padding's position leave the padding there
                let at = if id + 1 == tables.first_position {
                    id
                } else {
                    position += 1;
                    position - 1
                };
                let place = &tables.positions[at * width..][..width];
                let out = &mut stream[(token - start) * stride..][..stride];
                for (at, out) in out[..width].iter_mut().enumerate() {
                    *out = self.row[at] + kind.map_or(0.0, |kind| kind[at]) + place[at];
                }
                out[width..].fill(0.0);
            }
        }
        let rows = &mut stream[..n * stride];
        self.s.vectorize(NormRows {
            rows,
            stride,
            norm: &tables.norm,
            out: None,
        });
        if let Some(project) = &tables.project {
            let sink = Store {
                out: &mut self.x,
                stride: self.hidden,
            };
            self.s.vectorize(MatmulF32 {
                input: &self.narrow,
                stride,
                n_rows: n,
                layer: project,
                sink,
            });
        }
    }

    /// Quantizes a block of the residual stream, where the next layer reads it so.
    fn quantize_stream(&mut self, block: Tokens<usize>, layer: &Layer) {
        if matches!(layer.qkv, Linear::I8(_)) {
            let input = &self.x[block.start * self.hidden..block.end * self.hidden];
            self.s.vectorize(QuantizeRows {
                input,
                stride: self.hidden,
                out: &mut self.rows8,
            });
        }
    }

    /// Queries, keys and values of a block whose quantized rows stand in `rows8`.
    fn project(&mut self, block: Tokens<usize>, layer: &Layer) {
        let out = &mut self.qkv[block.start * self.qkv_stride..];
        let sink = Store {
            out,
            stride: self.qkv_stride,
        };
        let input = &self.x[block.start * self.hidden..];
        linear(
            self.s,
            &layer.qkv,
            (input, self.hidden),
            &self.rows8,
            block.len(),
            sink,
        );
    }

    fn attend(&mut self, window: Tokens<usize>) {
        self.s.vectorize(Attention {
            qkv: &self.qkv[window.start * self.qkv_stride..],
            qkv_stride: self.qkv_stride,
            out: &mut self.context[window.start * self.hidden..],
            out_stride: self.hidden,
            n_tokens: window.len(),
            heads: self.heads,
            relative: self.encoder.relative.as_ref(),
            scratch: &mut self.scratch,
        });
    }

    /// All of a layer that follows attention, and the next layer's queries, keys and values.
    fn layer(&mut self, block: Tokens<usize>, layer: &Layer, next: Option<&Layer>) {
        let (s, hidden, inside, n) = (self.s, self.hidden, self.inside, block.len());
        let stream = block.start * hidden..block.end * hidden;
        let context = &self.context[stream.clone()];
        if matches!(layer.output, Linear::I8(_)) {
            s.vectorize(QuantizeRows {
                input: context,
                stride: hidden,
                out: &mut self.rows8,
            });
        }
        let sink = Add {
            out: &mut self.x[stream.clone()],
            stride: hidden,
        };
        linear(s, &layer.output, (context, hidden), &self.rows8, n, sink);
        self.norm(
            stream.clone(),
            &layer.output_norm,
            matches!(layer.up, Linear::I8(_)),
        );

        self.up_ranges[..n].fill(Range::EMPTY);
        let activation = self.encoder.activation;
        let sink = Activate {
            out: &mut self.up,
            stride: inside,
            activation,
            ranges: &mut self.up_ranges,
        };
        linear(
            s,
            &layer.up,
            (&self.x[stream.clone()], hidden),
            &self.rows8,
            n,
            sink,
        );
        if matches!(layer.down, Linear::I8(_)) {
            let (input, ranges) = (&self.up[..n * inside], &self.up_ranges[..n]);
            s.vectorize(Quantize {
                input,
                stride: inside,
                ranges,
                out: &mut self.up8,
            });
        }
        let sink = Add {
            out: &mut self.x[stream.clone()],
            stride: hidden,
        };
        linear(s, &layer.down, (&self.up, inside), &self.up8, n, sink);
        let next8 = next.is_some_and(|next| matches!(next.qkv, Linear::I8(_)));
        self.norm(stream, &layer.down_norm, next8);
        if let Some(next) = next {
            self.project(block, next);
        }
    }

    fn norm(&mut self, stream: Tokens<usize>, norm: &Norm, int8: bool) {
        let out = int8.then_some(&mut self.rows8);
        self.s.vectorize(NormRows {
            rows: &mut self.x[stream],
            stride: self.hidden,
            norm,
            out,
        });
    }

    /// Writes the classifier's columns as `columns` of each row of `n_columns` logits.
    fn classify(&mut self, n: usize, columns: Tokens<usize>, n_columns: usize, logits: &mut [f32]) {
        let layer: &PackedF32 = &self.encoder.classifier;
        let stride = layer.bias.len() * 16;
        let sink = Store {
            out: &mut self.logits,
            stride,
        };
        self.s.vectorize(MatmulF32 {
            input: &self.x,
            stride: self.hidden,
            n_rows: n,
            layer,
            sink,
        });
        for (to, from) in logits
            .chunks_exact_mut(n_columns)
            .zip(self.logits.chunks_exact(stride))
        {
            to[columns.clone()].copy_from_slice(&from[..columns.len()]);
        }
    }
}

/// Blocks of `n` rows, of even sizes so that none is left with few.
fn blocks(n: usize) -> impl Iterator<Item = Tokens<usize>> {
    let count = n.div_ceil(BLOCK).max(1);
    (0..count).map(move |at| at * n / count..(at + 1) * n / count)
}

/// Runs a linear layer over `n_rows` rows, of f32 or quantized as its weights ask.
fn linear<S: Simd, K: Sink>(
    s: S,
    layer: &Linear,
    (input, stride): (&[f32], usize),
    rows8: &Rows8,
    n_rows: usize,
    sink: K,
) {
    match layer {
        Linear::F32(layer) => s.vectorize(MatmulF32 {
            input,
            stride,
            n_rows,
            layer,
            sink,
        }),
        Linear::I8(layer) => s.vectorize(MatmulI8 {
            input: rows8,
            n_rows,
            layer,
            sink,
        }),
    }
}
