//! Serves `scripts/bench/engines.py`: reads commands from standard input, answers each with one line.
//!
//! `engine_bench MODEL ROWS`, where a line of ROWS is one row of `id:type` pairs and an empty line ends a batch.
//! `run int8|f32 [isa]` → seconds of one pass over all batches; `logits int8|f32 FILE [isa]` → writes every
//! logit as little-endian f32; `peak` → this core's int8 operations a second.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use sanctag::engine::native::Isa;
use sanctag::engine::{Batch, Engine, Logits, Model, ModelFolder, NativeModel, Precision, Source};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn batches(path: &str) -> Result<Vec<Batch>> {
    let mut batches = Vec::new();
    let mut batch = Batch::default();
    for line in std::fs::read_to_string(path)?.lines() {
        if line.is_empty() {
            batches.push(std::mem::take(&mut batch));
            continue;
        }
        let mut row = Vec::new();
        for pair in line.split(' ') {
            let (id, kind) = pair.split_once(':').ok_or("expected id:type")?;
            row.push((id.parse()?, kind.parse()?));
        }
        batch.push(row);
    }
    if 0 < batch.n_rows() {
        batches.push(batch);
    }
    Ok(batches)
}

fn make(folder: &ModelFolder, precision: &str, isa: Option<&str>) -> Result<Box<dyn Engine>> {
    let precision = match precision {
        "int8" => Precision::Int8,
        "f32" => Precision::F32,
        other => return Err(format!("no precision {other}").into()),
    };
    let mut model = NativeModel::load(folder, precision)?;
    if let Some(name) = isa {
        let isa = Isa::available()
            .into_iter()
            .find(|isa| format!("{isa:?}").eq_ignore_ascii_case(name));
        model = model.with_isa(isa.ok_or("no such instructions here")?)?;
    }
    Ok(model.engine()?)
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, model, rows] = &args[..] else {
        return Err("usage: engine_bench MODEL ROWS".into());
    };
    let folder = ModelFolder::open(Source::Dir(model.into()))?;
    let batches = batches(rows)?;
    let mut engines: HashMap<String, Box<dyn Engine>> = HashMap::new();
    let mut logits = Logits::default();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words[..] {
            ["peak"] => peak(),
            ["run", precision, ref isa @ ..] => {
                let key = words[1..].join(" ");
                if !engines.contains_key(&key) {
                    engines.insert(key.clone(), make(&folder, precision, isa.first().copied())?);
                }
                let engine = engines.get_mut(&key).ok_or("no engine")?;
                let start = Instant::now();
                for batch in &batches {
                    engine.forward(batch, &mut logits)?;
                }
                start.elapsed().as_secs_f64()
            }
            ["logits", precision, path, ref isa @ ..] => {
                let mut engine = make(&folder, precision, isa.first().copied())?;
                let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
                for batch in &batches {
                    engine.forward(batch, &mut logits)?;
                    for value in &logits.values {
                        out.write_all(&value.to_le_bytes())?;
                    }
                }
                out.flush()?;
                0.0
            }
            _ => return Err(format!("unknown command {line:?}").into()),
        };
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Multiplications and additions a second of 24 independent chains of the processor's dot product of bytes.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // the loop is of intrinsics
fn peak() -> f64 {
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f,avx512vnni")]
    fn chains(n: usize) -> i32 {
        let x = _mm512_set1_epi32(std::hint::black_box(0x0101_0101));
        let mut sums = [_mm512_setzero_si512(); 24];
        for _ in 0..n {
            for sum in &mut sums {
                *sum = _mm512_dpbusd_epi32(*sum, x, x);
            }
        }
        sums.into_iter()
            .map(|sum| _mm512_reduce_add_epi32(sum))
            .fold(0, i32::wrapping_add)
    }

    if !(is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")) {
        return f64::NAN;
    }
    const TURNS: usize = 2_000_000;
    let start = Instant::now();
    // SAFETY: the features were just detected.
    std::hint::black_box(unsafe { chains(TURNS) });
    (TURNS * 24 * 128) as f64 / start.elapsed().as_secs_f64()
}

#[cfg(not(target_arch = "x86_64"))]
fn peak() -> f64 {
    f64::NAN
}
