//! Serves `scripts/bench/engines.py`: reads commands from standard input, answers each with one line.
//!
//! `engine_bench MODEL ROWS`, where a line of ROWS is one row of `id:type` pairs and an empty line ends a batch.
//! `run int8|f32|rust-bert [isa]` → seconds of one pass over all batches; `pair …` → seconds in which two threads
//! with an engine each make one pass each; `cpu` → processor seconds of a thread in the run or pair before (from
//! Linux's schedstat, which other programs' turns on the core do not lengthen); `logits int8|f32|rust-bert FILE [isa]` → writes every logit as
//! little-endian f32; `peak` → this core's int8 operations a second, without AMX; `rust-bert?` → 1 when built in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use sanctag::engine::native::{Isa, int8_peak};
use sanctag::engine::{
    Batch, Engine, Logits, Model, ModelFolder, NativeModel, Precision, RustBertModel, Source,
};

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

fn load(folder: &ModelFolder, name: &str, isa: Option<&str>) -> Result<Box<dyn Model>> {
    let precision = match name {
        "int8" => Precision::Int8,
        "f32" => Precision::F32,
        "rust-bert" => return Ok(Box::new(RustBertModel::load(folder)?)),
        other => return Err(format!("no engine {other}").into()),
    };
    let mut model = NativeModel::load(folder, precision)?;
    if let Some(name) = isa {
        let isa = Isa::available()
            .into_iter()
            .find(|isa| format!("{isa:?}").eq_ignore_ascii_case(name));
        model = model.with_isa(isa.ok_or("no such instructions here")?)?;
    }
    Ok(Box::new(model))
}

/// Seconds that this thread has had of a processor.
fn cpu() -> f64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|line| line.split(' ').next()?.parse::<f64>().ok())
        .map_or(f64::NAN, |nanoseconds| nanoseconds / 1e9)
}

/// Makes a pass and returns its processor seconds.
fn pass(engine: &mut dyn Engine, batches: &[Batch], logits: &mut Logits) -> sanctag::Result<f64> {
    let start = cpu();
    batches
        .iter()
        .try_for_each(|batch| engine.forward(batch, logits))?;
    Ok(cpu() - start)
}

/// A model and an engine for each of two threads.
struct Pair {
    engines: [Box<dyn Engine>; 2],
    logits: [Logits; 2],
}

impl Pair {
    fn new(model: &dyn Model) -> Result<Self> {
        Ok(Self {
            engines: [model.engine()?, model.engine()?],
            logits: Default::default(),
        })
    }

    fn together(&mut self, batches: &[Batch]) -> sanctag::Result<f64> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .engines
                .iter_mut()
                .zip(&mut self.logits)
                .map(|(engine, logits)| scope.spawn(|| pass(&mut **engine, batches, logits)))
                .collect();
            let mut seconds = 0.0;
            for thread in threads {
                seconds += thread.join().expect("bug: a worker panicked")? / 2.0;
            }
            Ok(seconds)
        })
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, model, rows] = &args[..] else {
        return Err("usage: engine_bench MODEL ROWS".into());
    };
    let folder = ModelFolder::open(Source::Dir(model.into()))?;
    let batches = batches(rows)?;
    let mut pairs: HashMap<String, Pair> = HashMap::new();
    let mut logits = Logits::default();
    let mut of_cpu = f64::NAN;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words[..] {
            ["peak"] => int8_peak().unwrap_or(f64::NAN),
            ["cpu"] => of_cpu,
            ["rust-bert?"] => f64::from(u8::from(cfg!(feature = "rust-bert"))),
            [how @ ("run" | "pair"), name, ref isa @ ..] => {
                let pair = match pairs.entry(words[1..].join(" ")) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => {
                        let model = load(&folder, name, isa.first().copied())?;
                        entry.insert(Pair::new(&*model)?)
                    }
                };
                let start = Instant::now();
                of_cpu = if how == "run" {
                    pass(&mut *pair.engines[0], &batches, &mut pair.logits[0])?
                } else {
                    pair.together(&batches)?
                };
                start.elapsed().as_secs_f64()
            }
            ["logits", name, path, ref isa @ ..] => {
                let mut engine = load(&folder, name, isa.first().copied())?.engine()?;
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
