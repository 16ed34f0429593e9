//! Each kernel on every path of this processor, against plain loops on random shapes, odd ones among them.

use super::attention::{Attention, Heads, Relative, Scratch};
use super::kernels::{BLOCK_COLUMNS, BLOCK_ROWS, Block, Isa, Op, Scalar, Simd, sums_f32, sums_i8};
use super::matmul::{Activate, Add, MatmulF32, MatmulI8, Store};
use super::norm::{Norm, NormRows};
use super::pack::{Linear, PANEL, PackedF32, PackedI8, WIDTH, round_up};
use super::quantize::{Quantize, QuantizeRows, Range, Rows8};
use super::vector::{Activation, exp};

/// Runs `op` with the instructions of `isa`.
fn on<O: Op>(isa: Isa, op: O) -> O::Output {
    #[cfg(target_arch = "x86_64")]
    {
        use super::kernels::{Avx2, Avx512};
        const MISSING: &str = "the processor has it";
        match isa {
            Isa::Amx => return Avx512::<true>::detect().expect(MISSING).vectorize(op),
            Isa::Avx512 => return Avx512::<false>::detect().expect(MISSING).vectorize(op),
            Isa::AvxVnni => return Avx2::<true>::detect().expect(MISSING).vectorize(op),
            Isa::Avx2 => return Avx2::<false>::detect().expect(MISSING).vectorize(op),
            Isa::Scalar => {}
        }
    }
    assert_eq!(isa, Isa::Scalar);
    Scalar.vectorize(op)
}

/// Numbers that look random and are the same every time.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// From -1 to 1.
    fn float(&mut self) -> f32 {
        self.next() as f32 / (1_u64 << 30) as f32 - 1.0
    }

    fn floats(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.float()).collect()
    }
}

/// Rows, inputs and outputs of linear layers.
const SHAPES: [[usize; 3]; 9] = [
    [1, 1, 1],
    [1, 384, 64],
    [2, 7, 65],
    [5, 64, 9],
    [7, 33, 130],
    [13, 100, 31],
    [33, 65, 64],
    [65, 384, 97],
    [512, 24, 72],
];

/// Values of rows with a stride of their own, zero past the last column.
fn spread(values: &[f32], width: usize, stride: usize) -> Vec<f32> {
    let mut rows = vec![0.0; values.len() / width * stride];
    for (to, from) in rows.chunks_mut(stride).zip(values.chunks(width)) {
        to[..width].copy_from_slice(from);
    }
    rows
}

fn close(isa: Isa, what: &str, ours: f32, exact: f64, tolerance: f64) {
    let off = (f64::from(ours) - exact).abs();
    assert!(
        off <= tolerance,
        "{isa:?}, {what}: {ours} against {exact}, off by {off:e}"
    );
}

/// `y = x W^T + b` in f64.
fn linear(x: &[f32], weight: &[f32], bias: &[f32], inputs: usize) -> Vec<f64> {
    let mut out = Vec::new();
    for row in x.chunks(inputs) {
        for (weights, bias) in weight.chunks(inputs).zip(bias) {
            let products = row.iter().zip(weights);
            let sum: f64 = products.map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
            out.push(sum + f64::from(*bias));
        }
    }
    out
}

#[test]
fn a_layer_in_f32_is_the_plain_sum_and_the_same_bits_on_every_path() {
    let mut seeded = Seeded(1);
    for [n_rows, inputs, outputs] in SHAPES {
        let x = seeded.floats(n_rows * inputs);
        let weight = seeded.floats(outputs * inputs);
        let bias = seeded.floats(outputs);
        let exact = linear(&x, &weight, &bias, inputs);
        let layer = PackedF32::new(&weight, &bias, inputs);
        let (stride, out_stride) = (inputs + 3, round_up(outputs, PANEL));
        let input = spread(&x, inputs, stride);
        let run = |isa| {
            let mut out = vec![0.0; n_rows * out_stride];
            let sink = Store {
                out: &mut out,
                stride: out_stride,
            };
            let op = MatmulF32 {
                input: &input,
                stride,
                n_rows,
                layer: &layer,
                sink,
            };
            on(isa, op);
            out
        };
        let reference = run(Isa::Scalar);
        for isa in Isa::available() {
            let out = run(isa);
            assert!(out == reference, "{isa:?}: other bits than the reference");
            for (out, exact) in out.chunks(out_stride).zip(exact.chunks(outputs)) {
                for (y, exact) in out.iter().zip(exact) {
                    close(isa, "layer", *y, *exact, 1e-6 * inputs as f64);
                }
            }
        }
    }
}

/// Quantizes rows with the instructions of `isa`.
fn quantized(isa: Isa, input: &[f32], n_rows: usize, stride: usize) -> Rows8 {
    let mut rows = Rows8::default();
    rows.reserve(n_rows, stride);
    let op = QuantizeRows {
        input,
        stride,
        out: &mut rows,
    };
    on(isa, op);
    rows
}

#[test]
fn a_layer_in_int8_is_the_plain_sum_of_what_was_quantized_and_the_same_bits_on_every_path() {
    let mut seeded = Seeded(2);
    for [n_rows, inputs, outputs] in SHAPES {
        let x = seeded.floats(n_rows * inputs);
        let weight = seeded.floats(outputs * inputs);
        let bias = seeded.floats(outputs);
        let layer = PackedI8::new(&weight, &bias, inputs);
        let (stride, out_stride) = (round_up(inputs, PANEL), round_up(outputs, PANEL));
        let input = spread(&x, inputs, stride);
        let run = |isa| {
            let rows = quantized(isa, &input, n_rows, stride);
            let mut out = vec![0.25; n_rows * out_stride];
            let sink = Add {
                out: &mut out,
                stride: out_stride,
            };
            let op = MatmulI8 {
                input: &rows,
                n_rows,
                layer: &layer,
                sink,
            };
            on(isa, op);
            (out, rows)
        };
        let (reference, rows) = run(Isa::Scalar);
        for (row, out) in reference.chunks(out_stride).enumerate() {
            let (scale, offset) = rows.affine(row);
            let bytes = rows.quads(row).as_flattened();
            for (column, y) in out[..outputs].iter().enumerate() {
                let (line, lane) = (column / 16, column % 16);
                let panel = &layer.lines[line / WIDTH * layer.quads..][..layer.quads];
                let mut sum = f64::from(bias[column]) + 0.25;
                for (input, byte) in bytes[..inputs].iter().enumerate() {
                    let q = panel[input / 4][line % WIDTH].0[lane * 4 + input % 4];
                    let x = f64::from(scale) * f64::from(*byte) + f64::from(offset);
                    sum += x * f64::from(layer.scales[line].0[lane]) * f64::from(q);
                }
                close(Isa::Scalar, "layer", *y, sum, 1e-5 * inputs as f64);
            }
        }
        for isa in Isa::available() {
            let (out, other) = run(isa);
            for row in 0..n_rows {
                assert_eq!(other.quads(row), rows.quads(row), "{isa:?}");
                assert_eq!(other.affine(row), rows.affine(row), "{isa:?}");
            }
            assert!(
                out == reference,
                "{isa:?}, {n_rows} rows of {inputs} to {outputs}: other bits than the reference"
            );
        }
    }
}

#[test]
fn what_is_quantized_is_within_half_a_step() {
    let mut seeded = Seeded(3);
    for n_rows in [1, 3, 40] {
        let mut input = seeded.floats(n_rows * 192);
        input[..192].fill(-0.75); // a row of one value has no width
        let rows = quantized(Isa::available()[0], &input, n_rows, 192);
        for (row, values) in input.chunks(192).enumerate() {
            let (scale, offset) = rows.affine(row);
            for (byte, x) in rows.quads(row).as_flattened().iter().zip(values) {
                let y = scale * f32::from(*byte) + offset;
                assert!((y - x).abs() <= scale * 0.5001 + 1e-7, "{x} became {y}");
            }
        }
    }
}

#[test]
fn a_layer_with_its_activation_keeps_each_rows_range() {
    let mut seeded = Seeded(4);
    let [n_rows, inputs, outputs] = [37, 66, 128];
    let x = seeded.floats(n_rows * inputs);
    let weight = seeded.floats(outputs * inputs);
    let bias = seeded.floats(outputs);
    let stride = round_up(inputs, PANEL);
    let input = spread(&x, inputs, stride);
    for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
        for int8 in [true, false] {
            let layer = Linear::new(int8, &weight, &bias, inputs);
            let run = |isa| {
                let rows = quantized(isa, &input, n_rows, stride);
                let mut out = vec![0.0; n_rows * outputs];
                let mut ranges = vec![Range::EMPTY; n_rows];
                let sink = Activate {
                    out: &mut out,
                    stride: outputs,
                    activation,
                    ranges: &mut ranges,
                };
                match &layer {
                    Linear::F32(layer) => on(
                        isa,
                        MatmulF32 {
                            input: &input,
                            stride,
                            n_rows,
                            layer,
                            sink,
                        },
                    ),
                    Linear::I8(layer) => on(
                        isa,
                        MatmulI8 {
                            input: &rows,
                            n_rows,
                            layer,
                            sink,
                        },
                    ),
                }
                let mut by_range = Rows8::default();
                by_range.reserve(n_rows, outputs);
                let op = Quantize {
                    input: &out,
                    stride: outputs,
                    ranges: &ranges,
                    out: &mut by_range,
                };
                on(isa, op);
                (out, by_range)
            };
            let (reference, _) = run(Isa::Scalar);
            for isa in Isa::available() {
                let (out, by_range) = run(isa);
                assert!(out == reference, "{isa:?}, {activation:?}");
                let by_search = quantized(isa, &out, n_rows, outputs);
                for row in 0..n_rows {
                    assert_eq!(by_range.affine(row), by_search.affine(row));
                    assert_eq!(by_range.quads(row), by_search.quads(row));
                }
            }
        }
    }
}

#[test]
fn a_norm_is_the_plain_norm_and_the_same_bits_on_every_path() {
    let mut seeded = Seeded(5);
    for (n_rows, width) in [(1, 1), (3, 24), (2, 100), (17, 384)] {
        let stride = round_up(width, PANEL);
        let rows = spread(&seeded.floats(n_rows * width), width, stride);
        let (gain, bias) = (seeded.floats(width), seeded.floats(width));
        let lines = |values: &[f32]| {
            let mut lines = values.to_vec();
            lines.resize(stride, 0.0);
            let lines = lines.as_chunks::<16>().0.iter();
            lines.map(|line| super::kernels::Floats(*line)).collect()
        };
        let norm = Norm {
            gain: lines(&gain),
            bias: lines(&bias),
            width,
            eps: 1e-5,
        };
        let run = |isa| {
            let mut rows = rows.clone();
            let op = NormRows {
                rows: &mut rows,
                stride,
                norm: &norm,
                out: None,
            };
            on(isa, op);
            rows
        };
        let reference = run(Isa::Scalar);
        for isa in Isa::available() {
            assert!(run(isa) == reference, "{isa:?}");
        }
        for (out, row) in reference.chunks(stride).zip(rows.chunks(stride)) {
            let row: Vec<f64> = row[..width].iter().map(|x| f64::from(*x)).collect();
            let mean = row.iter().sum::<f64>() / width as f64;
            let squares: f64 = row.iter().map(|x| (x - mean).powi(2)).sum();
            let scale = 1.0 / (squares / width as f64 + 1e-5).sqrt();
            for (at, y) in out[..width].iter().enumerate() {
                let exact = (row[at] - mean) * scale * f64::from(gain[at]) + f64::from(bias[at]);
                close(Isa::Scalar, "norm", *y, exact, 1e-4);
            }
            assert!(out[width..].iter().all(|y| *y == 0.0));
        }
    }
}

#[test]
fn attention_is_the_plain_formula_and_the_same_bits_on_every_path() {
    let mut seeded = Seeded(6);
    for (n_tokens, n, width) in [
        (1, 1, 1),
        (1, 3, 8),
        (5, 2, 32),
        (15, 3, 9),
        (16, 2, 20),
        (17, 2, 33),
        (33, 1, 64),
        (47, 12, 32),
        (512, 2, 8),
    ] {
        let heads = Heads { n, width };
        let (hidden, reach) = (n * width, 512);
        let (qkv_stride, out_stride) = (3 * hidden + 5, hidden + 2);
        let qkv: Vec<f32> = seeded.floats(n_tokens * qkv_stride);
        let mut bias = Vec::new();
        for _ in 0..n {
            bias.extend(seeded.floats(2 * reach + 1));
            bias.resize(bias.len() + Relative::SPARE, 0.0);
        }
        let relative = Relative { bias, reach };
        for relative in [None, Some(&relative)] {
            let run = |isa, scratch: &mut Scratch| {
                let mut out = vec![7.0; n_tokens * out_stride];
                let op = Attention {
                    qkv: &qkv,
                    qkv_stride,
                    out: &mut out,
                    out_stride,
                    n_tokens,
                    heads,
                    relative,
                    scratch,
                };
                on(isa, op);
                out
            };
            let reference = run(Isa::Scalar, &mut Scratch::default());
            for isa in Isa::available() {
                let mut scratch = Scratch::default();
                for _ in 0..2 {
                    assert!(run(isa, &mut scratch) == reference, "{isa:?}, {n_tokens}");
                }
            }
            for query in [0, n_tokens / 2, n_tokens - 1] {
                for head in 0..n {
                    let of = |token: usize, part: usize| {
                        &qkv[token * qkv_stride + (part * n + head) * width..][..width]
                    };
                    let scores: Vec<f64> = (0..n_tokens)
                        .map(|key| {
                            let pairs = of(query, 0).iter().zip(of(key, 1));
                            let dot: f64 = pairs.map(|(q, k)| f64::from(q * k)).sum();
                            let per_head = 2 * reach + 1 + Relative::SPARE;
                            let at = head * per_head + reach + query - key;
                            (dot + relative.map_or(0.0, |r| f64::from(r.bias[at]))).exp()
                        })
                        .collect();
                    let total: f64 = scores.iter().sum();
                    for column in 0..width {
                        let weighed = (0..n_tokens)
                            .map(|key| scores[key] / total * f64::from(of(key, 2)[column]))
                            .sum();
                        let y = reference[query * out_stride + head * width + column];
                        close(Isa::Scalar, "attention", y, weighed, 1e-5);
                    }
                }
            }
            let spare = reference.chunks(out_stride).flat_map(|row| &row[hidden..]);
            assert!(spare.into_iter().all(|y| *y == 7.0), "wrote past a row");
        }
    }
}

/// Every lane operation on one input, as bits.
struct Lanes<'a>(&'a [[f32; 16]; 16]);

impl Op for Lanes<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<u32> {
        let [a, b, c] = [0, 1, 2].map(|i| s.load(&self.0[i]));
        let mut lanes = vec![s.add(a, b), s.sub(a, b), s.mul(a, b), s.div(a, b)];
        lanes.extend([
            s.fma(a, b, c),
            s.min(a, b),
            s.max(a, b),
            s.splat(self.0[3][4]),
        ]);
        lanes.push(s.round(s.mul(a, s.splat(9.0))));
        lanes.push(s.scale(a, s.round(s.mul(b, s.splat(20.0)))));
        lanes.push(exp(s, s.mul(s.min(a, s.splat(0.0)), s.splat(100.0))));
        lanes.extend(s.transpose(std::array::from_fn(|i| s.load(&self.0[i]))));
        let mut out: Vec<u32> = [s.sum(a), s.greatest(a), s.least(a)]
            .map(f32::to_bits)
            .into();
        for x in lanes {
            let mut lanes = [0.0; 16];
            s.store(x, &mut lanes);
            out.extend(lanes.map(f32::to_bits));
        }
        let mut bytes = [0; 16];
        let half = s.splat(127.5);
        s.store_u8(s.fma(a, half, half), &mut bytes);
        out.extend(bytes.map(u32::from));
        out
    }
}

#[test]
fn lanes_are_the_same_bits_on_every_path() {
    let mut seeded = Seeded(7);
    for _ in 0..200 {
        let input = std::array::from_fn(|_| std::array::from_fn(|_| seeded.float()));
        let reference = on(Isa::Scalar, Lanes(&input));
        let turned: Vec<u32> = (0..16)
            .flat_map(|i| (0..16).map(move |j| (i, j)))
            .map(|(i, j)| input[j][i].to_bits())
            .collect();
        assert_eq!(reference[3 + 11 * 16..][..256], turned);
        for isa in Isa::available() {
            assert_eq!(on(isa, Lanes(&input)), reference, "{isa:?}");
        }
    }
}

/// One tile of bytes, by way of lanes and by way of a block, from vector `first`.
struct Tiles<'a> {
    rows: &'a [[u8; 4]],
    stride: usize,
    panel: &'a [[super::kernels::Quads; WIDTH]],
    first: usize,
}

impl Op for Tiles<'_> {
    type Output = Block;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Block {
        let mut block = Block::ZERO;
        let tiles = s.tiles();
        s.block(
            &tiles,
            self.rows,
            self.stride,
            self.panel,
            self.first,
            &mut block,
        );
        for row in 0..BLOCK_ROWS {
            let rows = [&self.rows[row * self.stride..][..self.stride]];
            let [sums] = sums_i8::<S, 1, 2, WIDTH>(s, rows, self.panel, self.first);
            for (sums, block) in sums.into_iter().zip(&block.0[row]) {
                let mut lanes = [0.0; 16];
                s.store(s.to_f(sums), &mut lanes);
                assert_eq!(lanes, block.map(|sum| sum as f32));
            }
        }
        block
    }
}

#[test]
fn blocks_and_tiles_of_bytes_are_exact_also_at_the_ends_of_their_range() {
    let mut seeded = Seeded(8);
    for (depth, spare) in [(16, 0), (16, 16), (96, 16), (384, 0)] {
        for extreme in [false, true] {
            let stride = depth + spare;
            let mut byte = |most: u8| if extreme { most } else { seeded.next() as u8 };
            let rows: Vec<[u8; 4]> = (0..BLOCK_ROWS * stride)
                .map(|_| [(); 4].map(|()| byte(255)))
                .collect();
            let quads =
                |_| [(); WIDTH].map(|()| super::kernels::Quads([(); 64].map(|()| byte(128) as i8)));
            let panel: Vec<_> = (0..depth).map(quads).collect();
            for first in [0, WIDTH - BLOCK_COLUMNS / 16] {
                let tiles = |isa| {
                    let (rows, panel) = (&rows[..], &panel[..]);
                    on(
                        isa,
                        Tiles {
                            rows,
                            stride,
                            panel,
                            first,
                        },
                    )
                };
                let reference = tiles(Isa::Scalar);
                for isa in Isa::available() {
                    assert!(tiles(isa) == reference, "{isa:?}, {depth}, {first}");
                }
            }
        }
    }
}

/// Six rows over one vector of columns.
struct Six<'a>([&'a [f32]; 6], &'a [[super::kernels::Floats; 2]]);

impl Op for Six<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        sums_f32::<S, 6, 1, 2>(s, self.0, self.1, 1);
    }
}

#[test]
fn a_row_shorter_than_its_panel_is_a_panic_on_every_path() {
    let panel = [[super::kernels::Floats([1.0; 16]); 2]; 8];
    let (long, short) = ([1.0; 8], [1.0; 7]);
    for isa in Isa::available() {
        on(isa, Six([&long; 6], &panel));
        let rows: [&[f32]; 6] = [&long, &long, &long, &short, &long, &long];
        let short = std::panic::catch_unwind(|| on(isa, Six(rows, &panel)));
        assert!(short.is_err(), "{isa:?}");
    }
}
