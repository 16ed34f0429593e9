//! Self-attention of one window: each head over just the window's tokens.

use super::kernels::{Floats, Op, Simd, sums_f32};
use super::memory::Memory;
use super::pack::round_up;

/// Vectors of sixteen across a panel of keys or of a head's values.
const W: usize = 2;
/// Columns of such a panel.
const UNIT: usize = 16 * W;

/// Shapes of the heads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads {
    pub(super) n: usize,
    /// Width of one head.
    pub(super) width: usize,
}

/// Memory of one worker's attention.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// `[keys / 32][width][32]`.
    keys: Vec<[Floats; W]>,
    /// `[width / 32][tokens][32]`.
    values: Vec<[Floats; W]>,
    /// Scores of up to twelve queries, `[queries][keys]`.
    scores: Memory<f32>,
}

impl Scratch {
    fn reserve(&mut self, n_tokens: usize, width: usize) {
        let n_keys = round_up(n_tokens, UNIT);
        grow(
            &mut self.keys,
            n_keys / UNIT * width,
            [Floats([0.0; 16]); W],
        );
        grow(
            &mut self.values,
            width.div_ceil(UNIT) * n_tokens,
            [Floats([0.0; 16]); W],
        );
        self.scores.reserve(QUERIES * n_keys, 0.0);
    }
}

fn grow<T: Clone>(memory: &mut Vec<T>, len: usize, value: T) {
    if memory.len() < len {
        memory.resize(len, value);
    }
}

/// Queries of the largest tile.
const QUERIES: usize = 12;

/// `softmax(q k^T + bias) v` for every head. Queries are scaled already.
pub(super) struct Attention<'a> {
    /// Queries, keys and values of the window's tokens: `[tokens][3 * hidden]`, rows `qkv_stride` apart.
    pub(super) qkv: &'a [f32],
    pub(super) qkv_stride: usize,
    /// `[tokens][hidden]`, rows `out_stride` apart.
    pub(super) out: &'a mut [f32],
    pub(super) out_stride: usize,
    pub(super) n_tokens: usize,
    pub(super) heads: Heads,
    /// Added to the score of a query and a key that are `d` tokens apart: `[heads][2 * reach + 1]`, at `reach + key - query`.
    pub(super) bias: Option<(&'a [f32], usize)>,
    pub(super) scratch: &'a mut Scratch,
}

impl Op for Attention<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, s: S) {
        self.scratch.reserve(self.n_tokens, self.heads.width);
        for head in 0..self.heads.n {
            self.gather(head);
            let mut query = 0;
            while query < self.n_tokens {
                query += match self.n_tokens - query {
                    1 => self.queries::<S, 1>(s, head, query),
                    2..=3 => self.queries::<S, 2>(s, head, query),
                    4..=5 => self.queries::<S, 4>(s, head, query),
                    6..=11 => self.queries::<S, 6>(s, head, query),
                    _ if S::WIDE => self.queries::<S, 12>(s, head, query),
                    _ => self.queries::<S, 6>(s, head, query),
                };
            }
        }
    }
}

impl Attention<'_> {
    /// Lays out one head's keys, transposed, and values.
    #[inline(always)]
    fn gather(&mut self, head: usize) {
        let Heads { n, width } = self.heads;
        let hidden = n * width;
        let rows = self.qkv.chunks(self.qkv_stride).take(self.n_tokens);
        for (token, row) in rows.enumerate() {
            let key = &row[hidden + head * width..][..width];
            let panel = &mut self.scratch.keys[token / UNIT * width..][..width];
            let (line, lane) = (token % UNIT / 16, token % 16);
            for (to, x) in panel.iter_mut().zip(key) {
                to[line].0[lane] = *x;
            }
            let value = &row[2 * hidden + head * width..][..width];
            for (part, value) in value.chunks(UNIT).enumerate() {
                let to = self.scratch.values[part * self.n_tokens + token].as_mut_slice();
                for (to, x) in to.iter_mut().zip(value.chunks(16)) {
                    to.0[..x.len()].copy_from_slice(x);
                }
            }
        }
    }

    /// Answers `R` queries of one head; returns `R`.
    #[inline(always)]
    fn queries<S: Simd, const R: usize>(&mut self, s: S, head: usize, query: usize) -> usize {
        let Heads { width, .. } = self.heads;
        let n_keys = round_up(self.n_tokens, UNIT);
        let rows: [&[f32]; R] = std::array::from_fn(|r| {
            &self.qkv[(query + r) * self.qkv_stride + head * width..][..width]
        });
        for (at, panel) in self
            .scratch
            .keys
            .chunks_exact(width)
            .take(n_keys / UNIT)
            .enumerate()
        {
            if S::WIDE {
                put::<S, R, W>(
                    s,
                    sums_f32(s, rows, panel, 0),
                    &mut self.scratch.scores,
                    n_keys,
                    at * UNIT,
                );
            } else {
                for c in 0..W {
                    let tile = sums_f32::<S, R, 1, W>(s, rows, panel, c);
                    put(
                        s,
                        tile,
                        &mut self.scratch.scores,
                        n_keys,
                        at * UNIT + c * 16,
                    );
                }
            }
        }
        let mut inverses = [0.0; R];
        for (r, inverse) in inverses.iter_mut().enumerate() {
            let scores = &mut self.scratch.scores[r * n_keys..][..n_keys];
            if let Some((bias, reach)) = self.bias {
                let bias = &bias[head * (2 * reach + 1) + reach - (query + r)..];
                for (score, bias) in scores[..self.n_tokens].iter_mut().zip(bias) {
                    *score += bias;
                }
            }
            scores[self.n_tokens..].fill(f32::NEG_INFINITY);
            *inverse = softmax(s, scores);
        }
        self.weigh::<S, R>(s, head, query, inverses);
        R
    }

    /// Sums the values by the probabilities of `R` queries.
    #[inline(always)]
    fn weigh<S: Simd, const R: usize>(
        &mut self,
        s: S,
        head: usize,
        query: usize,
        inverses: [f32; R],
    ) {
        let Heads { width, .. } = self.heads;
        let n_keys = round_up(self.n_tokens, UNIT);
        let rows: [&[f32]; R] =
            std::array::from_fn(|r| &self.scratch.scores[r * n_keys..][..self.n_tokens]);
        for part in 0..width.div_ceil(UNIT) {
            let panel = &self.scratch.values[part * self.n_tokens..][..self.n_tokens];
            let first = head * width + part * UNIT;
            let left = (width - part * UNIT).min(UNIT);
            for c in 0..left.div_ceil(16) {
                // one vector at a time where registers are few; both at once otherwise
                if S::WIDE && c == 0 && left > 16 {
                    let tile = sums_f32::<S, R, W, W>(s, rows, panel, 0);
                    for r in 0..R {
                        for (c, y) in tile[r].into_iter().enumerate() {
                            let y = s.mul(y, s.splat(inverses[r]));
                            let at = (query + r) * self.out_stride + first + c * 16;
                            put_part(s, y, &mut self.out[at..], left - c * 16);
                        }
                    }
                    break;
                }
                let tile = sums_f32::<S, R, 1, W>(s, rows, panel, c);
                for r in 0..R {
                    let y = s.mul(tile[r][0], s.splat(inverses[r]));
                    let at = (query + r) * self.out_stride + first + c * 16;
                    put_part(s, y, &mut self.out[at..], left - c * 16);
                }
            }
        }
    }
}

/// Writes the first `n` lanes, or all sixteen.
#[inline(always)]
fn put_part<S: Simd>(s: S, y: S::F, to: &mut [f32], n: usize) {
    if n >= 16 {
        s.store(
            y,
            to.first_chunk_mut()
                .expect("bug: rows end on whole vectors"),
        );
    } else {
        let mut lanes = [0.0; 16];
        s.store(y, &mut lanes);
        to[..n].copy_from_slice(&lanes[..n]);
    }
}

#[inline(always)]
fn put<S: Simd, const R: usize, const C: usize>(
    s: S,
    tile: [[S::F; C]; R],
    out: &mut [f32],
    stride: usize,
    first: usize,
) {
    for (r, row) in tile.into_iter().enumerate() {
        for (c, y) in row.into_iter().enumerate() {
            let to = out[r * stride + first + c * 16..].first_chunk_mut();
            s.store(y, to.expect("bug: rows end on whole vectors"));
        }
    }
}

/// Turns scores into `e^(score - greatest)` and returns the inverse of their sum.
#[inline(always)]
fn softmax<S: Simd>(s: S, scores: &mut [f32]) -> f32 {
    let vectors = scores.as_chunks_mut::<16>().0;
    let mut greatest = s.splat(f32::NEG_INFINITY);
    for x in vectors.iter() {
        greatest = s.max(greatest, s.load(x));
    }
    let greatest = s.splat(s.greatest(greatest));
    let mut sum = s.splat(0.0);
    for x in vectors {
        let y = super::vector::exp(s, s.sub(s.load(x), greatest));
        sum = s.add(sum, y);
        s.store(y, x);
    }
    1.0 / s.sum(sum)
}
