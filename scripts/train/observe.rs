//! What the decision on ties sees of labelled articles, from which `decide.py` fits its weights.
//!
//! usage: observe MODEL ARTICLES.jsonl > OBSERVED.jsonl
//!
//! ARTICLES are JSON lines with `id` and `text`, or a folder of `ID.txt`. The model's folder must have the ties head. A line has `id`, `entities`
//! (`type`, `name`, `names`, `iso`) and `observed`, the numbers by entity, side and status.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sanctag::decode::{Decoder, Voice};
use sanctag::engine::{self, Batch, Choice, Kind, Logits, Precision};
use sanctag::entity::{self, Entity};
use sanctag::ties::{self, Scores};
use sanctag::window::{Limit, windows};
use sanctag::{body, models, run, sentence};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, model, articles] = &args[..] else {
        anyhow::bail!("usage: observe MODEL ARTICLES");
    };
    let folder = models::open(Some(PathBuf::from(model)))?;
    let tokenizer = run::tokenizer(&folder)?;
    let choice = Choice {
        kind: Kind::Native,
        precision: Precision::Int8,
    };
    let model = engine::load(&folder, choice)?;
    let mut engine = model.engine()?;
    let decoder = Decoder::new(model.labels(), Voice::default());
    let (names, lexicon) = (entity::Lexicon::new(), ties::Lexicon::new());
    let edges = tokenizer.edges().clone();
    let limit = Limit {
        window: folder.config().window.unwrap_or(128) - edges.before.len() - edges.after.len(),
        context: 12,
    };
    let first = folder.config().labels.n();
    anyhow::ensure!(
        folder.config().ties.is_some(),
        "the model has no ties head: no sanctag_ties in its config.json"
    );
    for (id, text) in read(Path::new(articles))? {
        let body = body::body(&text, body::Mode::Auto);
        let sentences = sentence::sentences(&text, &body);
        let tokens = tokenizer
            .tokens(&text, &sentences)
            .map_err(anyhow::Error::msg)?;
        let n_columns = model.n_columns();
        let mut all = Logits {
            values: vec![0.0; tokens.len() * n_columns],
            n_columns,
        };
        let (mut batch, mut logits) = (Batch::default(), Logits::default());
        for window in windows(&tokens, limit) {
            batch.clear();
            let range = window.tokens.clone();
            let inner = tokens.ids[range.clone()].iter().copied();
            let inner = inner.zip(tokens.types[range].iter().copied());
            let before = edges.before.iter().copied();
            batch.push(before.chain(inner).chain(edges.after.iter().copied()));
            engine.forward(&batch, &mut logits)?;
            let skip = edges.before.len() + window.owned.start - window.tokens.start;
            let from = skip * n_columns..(skip + window.owned.len()) * n_columns;
            all.values[window.owned.start * n_columns..window.owned.end * n_columns]
                .copy_from_slice(&logits.values[from]);
        }
        let mentions = decoder.mentions(&text, &tokens, &all);
        let entities = entity::entities(&text, &body, &mentions, &names);
        let scores = Scores::new(&tokens, &all, first);
        let observed = ties::observed(&text, &sentences, &entities, &lexicon, scores);
        let entities: Vec<Value> = entities.iter().map(|e| described(&text, e)).collect();
        println!(
            "{}",
            json!({"id": id, "entities": entities, "observed": observed})
        );
    }
    Ok(())
}

fn described(text: &str, entity: &Entity) -> Value {
    let names: Vec<&str> = entity.mentions.iter().map(|m| m.span.of(text)).collect();
    json!({"type": entity.kind, "name": entity.name, "names": names, "iso": entity.country.map(|c| c.alpha2)})
}

fn read(path: &Path) -> Result<Vec<(String, String)>> {
    if path.is_dir() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(path)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        files.sort();
        let named = |file: &PathBuf| {
            let stem = file.file_stem().context("a file without a name")?;
            Ok((
                stem.to_string_lossy().into_owned(),
                std::fs::read_to_string(file)?,
            ))
        };
        return files
            .iter()
            .filter(|f| f.extension().is_some_and(|e| e == "txt"))
            .map(named)
            .collect();
    }
    std::fs::read_to_string(path)?
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line)?;
            let field = |name: &str| {
                let value = record[name].as_str();
                Ok::<_, anyhow::Error>(value.context(format!("no {name}"))?.to_owned())
            };
            Ok((field("id")?, field("text")?))
        })
        .collect()
}
