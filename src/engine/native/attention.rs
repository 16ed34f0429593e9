//! Self-attention of one window: each head over just the window's tokens.
//!
//! Queries stand in the lanes, sixteen a vector, so that the softmax over the keys goes lane by lane and keys and
//! values are read where they lie. Lanes past the window's end hold zeros and are not written.

use super::kernels::{Floats, Op, Simd, sums_f32};
use super::vector::exp;

/// Shapes of the heads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads {
    pub(super) n: usize,
    /// Width of one head.
    pub(super) width: usize,
}

/// What is added to the score of a pair of tokens by their distance.
#[derive(Debug)]
pub(super) struct Relative {
    /// `[heads][2 * reach + 1]` and [`Relative::SPARE`] zeros a head, at `reach + query - key`.
    pub(super) bias: Vec<f32>,
    /// Largest distance.
    pub(super) reach: usize,
}

impl Relative {
    /// Zeros after each head's numbers, for the lanes past a window's end.
    pub(super) const SPARE: usize = 16 * WIDE;
}

/// Memory of one worker's attention.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Some queries, transposed: `[width][vectors]`.
    queries: Vec<Floats>,
    /// Scores of these queries, `[keys][vectors]`.
    scores: Vec<Floats>,
    /// Their results, transposed: `[width][vectors]`.
    results: Vec<Floats>,
}

impl Scratch {
    fn reserve(&mut self, n_tokens: usize, width: usize) {
        let width = width.next_multiple_of(16);
        let grow = |memory: &mut Vec<Floats>, len: usize| {
            if memory.len() < len {
                memory.resize(len, Floats([0.0; 16]));
            }
        };
        grow(&mut self.queries, width * WIDE);
        grow(&mut self.scores, n_tokens * WIDE);
        grow(&mut self.results, width * WIDE);
    }
}

/// Vectors of queries at once, where registers are many.
const WIDE: usize = 2;

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
    pub(super) relative: Option<&'a Relative>,
    pub(super) scratch: &'a mut Scratch,
}

impl Op for Attention<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, s: S) {
        self.scratch.reserve(self.n_tokens, self.heads.width);
        for head in 0..self.heads.n {
            let mut query = 0;
            while query < self.n_tokens {
                query += if S::WIDE && self.n_tokens - query > 16 {
                    self.queries::<S, WIDE>(s, head, query)
                } else {
                    self.queries::<S, 1>(s, head, query)
                };
            }
        }
    }
}

impl Attention<'_> {
    /// Answers `V` vectors of queries of one head, or as many queries as there are; returns `V * 16`.
    #[inline(always)]
    fn queries<S: Simd, const V: usize>(&mut self, s: S, head: usize, query: usize) -> usize {
        self.gather::<S, V>(s, head, query);
        self.score_all::<S, V>(s, head);
        if let Some(relative) = self.relative {
            let table = relative.bias.len() / self.heads.n;
            for (key, scores) in self.scratch.scores.as_chunks_mut::<V>().0[..self.n_tokens]
                .iter_mut()
                .enumerate()
            {
                let bias = &relative.bias[head * table + relative.reach + query - key..];
                for (scores, bias) in scores.iter_mut().zip(bias.as_chunks::<16>().0) {
                    let y = s.add(s.load(&scores.0), s.load(bias));
                    s.store(y, &mut scores.0);
                }
            }
        }
        let inverses = softmax::<S, V>(
            s,
            &mut self.scratch.scores.as_chunks_mut::<V>().0[..self.n_tokens],
        );
        self.weigh_all::<S, V>(s, head, inverses);
        self.scatter::<S, V>(s, head, query);
        V * 16
    }

    /// Lays out queries with one of them in each lane.
    #[inline(always)]
    fn gather<S: Simd, const V: usize>(&mut self, s: S, head: usize, query: usize) {
        let width = self.heads.width;
        let queries = self.scratch.queries.as_chunks_mut::<V>().0;
        for v in 0..V {
            let first = query + v * 16;
            for part in (0..width).step_by(16) {
                let n = (width - part).min(16);
                let mut block = [s.splat(0.0); 16];
                for (lane, token) in (first..self.n_tokens.min(first + 16)).enumerate() {
                    let from = &self.qkv[token * self.qkv_stride + head * width + part..];
                    block[lane] = load_part(s, from, n);
                }
                for (to, x) in queries[part..].iter_mut().zip(s.transpose(block)) {
                    s.store(x, &mut to[v].0);
                }
            }
        }
    }

    /// Scores of the queries against every key.
    #[inline(always)]
    fn score_all<S: Simd, const V: usize>(&mut self, s: S, head: usize) {
        let mut key = 0;
        while key < self.n_tokens {
            key += match self.n_tokens - key {
                1 => self.score::<S, 1, V>(s, head, key),
                2..=3 => self.score::<S, 2, V>(s, head, key),
                4..=5 => self.score::<S, 4, V>(s, head, key),
                _ => self.score::<S, 6, V>(s, head, key),
            };
        }
    }

    /// Scores of the queries against `R` keys; returns `R`.
    #[inline(always)]
    fn score<S: Simd, const R: usize, const V: usize>(
        &mut self,
        s: S,
        head: usize,
        key: usize,
    ) -> usize {
        let Heads { n, width } = self.heads;
        let rows = std::array::from_fn(|r| {
            &self.qkv[(key + r) * self.qkv_stride + (n + head) * width..][..width]
        });
        let queries = &self.scratch.queries.as_chunks::<V>().0[..width];
        let tile = sums_f32::<S, R, V, V>(s, rows, queries, 0);
        let scores = &mut self.scratch.scores.as_chunks_mut::<V>().0[key..key + R];
        for (scores, sums) in scores.iter_mut().zip(tile) {
            for (to, sum) in scores.iter_mut().zip(sums) {
                s.store(sum, &mut to.0);
            }
        }
        R
    }

    /// Sums of all values by the queries' probabilities.
    #[inline(always)]
    fn weigh_all<S: Simd, const V: usize>(&mut self, s: S, head: usize, inverses: [S::F; V]) {
        let width = self.heads.width;
        let mut column = 0;
        while column < width {
            column += match width - column {
                1 => self.weigh::<S, 1, V>(s, head, column, inverses),
                2..=3 => self.weigh::<S, 2, V>(s, head, column, inverses),
                4..=7 => self.weigh::<S, 4, V>(s, head, column, inverses),
                _ if S::WIDE => self.weigh::<S, 8, V>(s, head, column, inverses),
                _ => self.weigh::<S, 4, V>(s, head, column, inverses),
            };
        }
    }

    /// Sums `R` columns of the values by the queries' probabilities; returns `R`.
    #[inline(always)]
    fn weigh<S: Simd, const R: usize, const V: usize>(
        &mut self,
        s: S,
        head: usize,
        column: usize,
        inverses: [S::F; V],
    ) -> usize {
        let Heads { n, width } = self.heads;
        let values = &self.qkv[(2 * n + head) * width + column..];
        let scores = &self.scratch.scores.as_chunks::<V>().0[..self.n_tokens];
        let mut sums = [[s.splat(0.0); V]; R];
        for (scores, row) in scores.iter().zip(values.chunks(self.qkv_stride)) {
            let row: &[f32; R] = row.first_chunk().expect("bug: a row ends within a head");
            let mut weights = [s.splat(0.0); V];
            for v in 0..V {
                weights[v] = s.load(&scores[v].0);
            }
            for r in 0..R {
                let x = s.splat(row[r]);
                for v in 0..V {
                    sums[r][v] = s.fma(x, weights[v], sums[r][v]);
                }
            }
        }
        let results = &mut self.scratch.results.as_chunks_mut::<V>().0[column..column + R];
        for (results, sums) in results.iter_mut().zip(sums) {
            for v in 0..V {
                s.store(s.mul(sums[v], inverses[v]), &mut results[v].0);
            }
        }
        R
    }

    /// Writes the queries' results, one row for each.
    #[inline(always)]
    fn scatter<S: Simd, const V: usize>(&mut self, s: S, head: usize, query: usize) {
        let width = self.heads.width;
        let results = self.scratch.results.as_chunks::<V>().0;
        for v in 0..V {
            let first = query + v * 16;
            for part in (0..width).step_by(16) {
                let n = (width - part).min(16);
                let mut block = [s.splat(0.0); 16];
                for (x, from) in block.iter_mut().zip(&results[part..]) {
                    *x = s.load(&from[v].0);
                }
                let rows = s.transpose(block);
                for (token, x) in (first..self.n_tokens).zip(rows) {
                    let to = &mut self.out[token * self.out_stride + head * width + part..];
                    store_part(s, x, to, n);
                }
            }
        }
    }
}

/// Reads the first `n` lanes, or all sixteen; the others are zero.
#[inline(always)]
fn load_part<S: Simd>(s: S, from: &[f32], n: usize) -> S::F {
    if let (16, Some(from)) = (n, from.first_chunk()) {
        return s.load(from);
    }
    let mut lanes = [0.0; 16];
    lanes[..n].copy_from_slice(&from[..n]);
    s.load(&lanes)
}

/// Writes the first `n` lanes, or all sixteen.
#[inline(always)]
fn store_part<S: Simd>(s: S, y: S::F, to: &mut [f32], n: usize) {
    if let (16, Some(to)) = (n, to.first_chunk_mut()) {
        return s.store(y, to);
    }
    let mut lanes = [0.0; 16];
    s.store(y, &mut lanes);
    to[..n].copy_from_slice(&lanes[..n]);
}

/// Turns scores, one query a lane, into `e^(score - greatest)` and returns the inverse of their sums.
#[inline(always)]
fn softmax<S: Simd, const V: usize>(s: S, scores: &mut [[Floats; V]]) -> [S::F; V] {
    let mut greatest = [s.splat(f32::NEG_INFINITY); V];
    for scores in scores.iter() {
        for v in 0..V {
            greatest[v] = s.max(greatest[v], s.load(&scores[v].0));
        }
    }
    let mut sums = [s.splat(0.0); V];
    for scores in scores {
        for v in 0..V {
            let y = exp(s, s.sub(s.load(&scores[v].0), greatest[v]));
            sums[v] = s.add(sums[v], y);
            s.store(y, &mut scores[v].0);
        }
    }
    sums.map(|sum| s.div(s.splat(1.0), sum))
}
