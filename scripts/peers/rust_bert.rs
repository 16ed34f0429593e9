//! rust-bert's own token classification pipeline, for `scripts/peers/peers.py`.
//!
//! `peer_rust_bert MODEL ARTICLES.jsonl` says `ready`, then answers each line `run` with the processor seconds of one pass over all articles (those of
//! this thread, which computes alone; from Linux's schedstat, else by the clock). Articles are given one by one: beyond 64 windows a call the pipeline puts results on the wrong texts.

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use rust_bert::pipelines::common::{ModelResource, ModelType};
use rust_bert::pipelines::token_classification::{
    LabelAggregationOption, TokenClassificationConfig, TokenClassificationModel,
};
use rust_bert::resources::LocalResource;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, folder, articles] = &args[..] else {
        return Err("usage: peer_rust_bert MODEL ARTICLES.jsonl".into());
    };
    tch::set_num_threads(1);
    let file = |name: &str| LocalResource::from(Path::new(folder).join(name));
    let config = TokenClassificationConfig::new(
        ModelType::Bert,
        ModelResource::Torch(Box::new(file("model.safetensors"))),
        file("config.json"),
        file("vocab.txt"),
        None,
        true,
        None,
        None,
        LabelAggregationOption::First,
    );
    let model = TokenClassificationModel::new(config)?;
    let mut texts = Vec::new();
    for line in std::fs::read_to_string(articles)?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        texts.push(
            record["text"]
                .as_str()
                .ok_or("a record has no text")?
                .to_owned(),
        );
    }
    let mut out = std::io::stdout();
    writeln!(out, "ready")?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let (start, before) = (Instant::now(), processor_seconds());
        for text in &texts {
            std::hint::black_box(model.predict(&[text], true, false));
        }
        let spent = before
            .zip(processor_seconds())
            .map(|(before, after)| after - before);
        writeln!(out, "{}", spent.unwrap_or(start.elapsed().as_secs_f64()))?;
        out.flush()?;
    }
    Ok(())
}

/// Seconds that this thread has had of a processor.
fn processor_seconds() -> Option<f64> {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = line.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
