//! The rust-bert engine against PyTorch's logits on tiny seeded models (`scripts/fixtures/`).
#![cfg(feature = "rust-bert")]
#![allow(clippy::unwrap_used)] // a failed test is a failed test

use std::path::{Path, PathBuf};

use sanctag::Error;
use sanctag::engine::rust_bert::MODEL_TYPES;
use sanctag::engine::{Batch, Engine, Logits, Model, ModelFolder, RustBertModel, Source};
use serde::Deserialize;

/// The largest difference from PyTorch's logits, which are of size 1; 3e-6 was seen.
const TOLERANCE: f32 = 5e-5;

/// Rows of ids and types, and their logits, one list of labels for each token.
#[derive(Deserialize)]
struct Reference {
    rows: Vec<Vec<u32>>,
    types: Vec<Vec<u8>>,
    logits: Vec<Vec<Vec<f32>>>,
}

/// A model that the original made, with its reference; the name is the fixture's folder.
struct Fixture {
    name: String,
    folder: ModelFolder,
    reference: Reference,
}

fn open(name: &str, config: &str, weights: &[u8]) -> ModelFolder {
    ModelFolder::open(Source::Embedded {
        name: "fixture",
        config: Box::leak(config.as_bytes().into()),
        tokenizer: b"{}",
        weights: Box::leak(weights.into()),
        hash: None,
    })
    .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text of a fixture's configuration, and its weights.
fn files(name: &str) -> (String, Vec<u8>) {
    let folder = engines().join(name);
    let config = std::fs::read_to_string(folder.join("config.json")).unwrap();
    (
        config,
        std::fs::read(folder.join("model.safetensors")).unwrap(),
    )
}

fn engines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/engines")
}

/// Every fixture of a model type that this engine reads.
fn fixtures() -> Vec<Fixture> {
    let mut names: Vec<String> = std::fs::read_dir(engines())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| engines().join(name).join("reference.json").exists())
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let (config, weights) = files(&name);
            let reference = std::fs::read(engines().join(&name).join("reference.json")).unwrap();
            Fixture {
                folder: open(&name, &config, &weights),
                reference: serde_json::from_slice(&reference).unwrap(),
                name,
            }
        })
        .filter(|fixture| MODEL_TYPES.contains(&fixture.folder.config().model_type.as_str()))
        .collect()
}

fn engine(folder: &ModelFolder) -> Box<dyn Engine> {
    RustBertModel::load(folder).unwrap().engine().unwrap()
}

impl Reference {
    fn batch(&self, rows: impl IntoIterator<Item = usize>) -> Batch {
        let mut batch = Batch::default();
        for row in rows {
            let ids = self.rows[row].iter().copied();
            batch.push(ids.zip(self.types[row].iter().copied()));
        }
        batch
    }
}

fn run(engine: &mut dyn Engine, batch: &Batch) -> Logits {
    let mut logits = Logits::default();
    engine.forward(batch, &mut logits).unwrap();
    logits
}

#[test]
fn logits_are_pytorchs_for_every_architecture() {
    let fixtures = fixtures();
    let mut seen: Vec<&str> = fixtures
        .iter()
        .map(|f| f.folder.config().model_type.as_str())
        .collect();
    seen.dedup();
    for expected in [
        "bert",
        "deberta",
        "deberta-v2",
        "distilbert",
        "electra",
        "roberta",
    ] {
        assert!(seen.contains(&expected), "no fixture of {expected}");
    }
    for Fixture {
        name,
        folder,
        reference,
    } in &fixtures
    {
        let logits = run(
            &mut *engine(folder),
            &reference.batch(0..reference.rows.len()),
        );
        let expected: Vec<f32> = reference
            .logits
            .iter()
            .flatten()
            .flatten()
            .copied()
            .collect();
        assert_eq!(logits.values.len(), expected.len(), "{name}");
        let worst = logits
            .values
            .iter()
            .zip(&expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        println!("{name}: {worst:.2e}");
        assert!(worst < TOLERANCE, "{name}: off by {worst}");
    }
}

#[test]
fn sixty_six_rows_keep_their_order_and_each_has_the_bits_it_has_alone() {
    for Fixture {
        name,
        folder,
        reference,
    } in &fixtures()
    {
        let mut engine = engine(folder);
        let order: Vec<usize> = (0..66).map(|row| row * 7 % reference.rows.len()).collect();
        let together = run(&mut *engine, &reference.batch(order.iter().copied()));
        let alone: Vec<f32> = order
            .iter()
            .flat_map(|row| run(&mut *engine, &reference.batch([*row])).values)
            .collect();
        assert_eq!(together.values, alone, "{name}");
    }
}

#[test]
fn engines_in_several_threads_share_the_weights_and_give_the_same_bits() {
    let fixtures = fixtures();
    for Fixture {
        name,
        folder,
        reference,
    } in &fixtures
    {
        let model = RustBertModel::load(folder).unwrap();
        let batch = reference.batch(0..reference.rows.len());
        let expected = run(&mut *model.engine().unwrap(), &batch);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut engine = model.engine().unwrap();
                    for _ in 0..5 {
                        assert_eq!(run(&mut *engine, &batch), expected, "{name}");
                    }
                });
            }
        });
    }
}

#[test]
fn a_bad_batch_is_an_error_and_leaves_the_engine_usable() {
    for Fixture {
        name,
        folder,
        reference,
    } in &fixtures()
    {
        let model = RustBertModel::load(folder).unwrap();
        let mut engine = model.engine().unwrap();
        let good = reference.batch([1]);
        let before = run(&mut *engine, &good);
        let unknown = folder.config().vocab_size as u32;
        for row in [
            vec![(unknown, 0)],
            vec![(0, u8::MAX)],
            vec![(0, 0); model.max_row() + 1],
        ] {
            let mut batch = good.clone();
            batch.push(row);
            let mut logits = Logits::default();
            let error = engine.forward(&batch, &mut logits).unwrap_err();
            assert!(matches!(error, Error::Engine(_)), "{name}: {error}");
            assert!(error.to_string().contains("row 1"), "{name}: {error}");
            assert!(logits.values.is_empty());
        }
        assert_eq!(run(&mut *engine, &good), before);
        let empty = run(&mut *engine, &Batch::default());
        assert_eq!(
            (empty.values.len(), empty.n_columns),
            (0, folder.config().labels.n())
        );
    }
}

#[test]
fn what_does_not_fit_the_network_is_one_error_that_names_it() {
    let refused = |name: &str, config: &str, weights: &[u8]| {
        let error = RustBertModel::load(&open(name, config, weights)).unwrap_err();
        assert!(matches!(error, Error::Model { .. }), "{error}");
        error.to_string()
    };
    for (name, from, to, part) in [
        (
            "deberta",
            "\"deberta\"",
            "\"longformer\"",
            "model_type is \"longformer\"",
        ),
        (
            "deberta",
            "\"hidden_act\": \"gelu\"",
            "\"hidden_act\": \"maxout\"",
            "\"maxout\"",
        ),
        (
            "deberta",
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": 3",
            "no tensor deberta.encoder.layer.2",
        ),
        (
            "deberta",
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": 1",
            "does not use",
        ),
        (
            "deberta",
            "\"vocab_size\": 48",
            "\"vocab_size\": 49",
            "[48, 24]",
        ),
        (
            "deberta-v2",
            "\"p2c\"",
            "\"p2p\"",
            "pos_att_type has \"p2p\"",
        ),
        (
            "deberta-v2-conv",
            "\"conv_kernel_size\": 3",
            "\"conv_kernel_size\": 4",
            "expected an odd number",
        ),
        (
            "bert-epsilon",
            "\"hidden_act\": \"gelu_new\"",
            "\"hidden_act\": \"maxout\"",
            "\"maxout\"",
        ),
    ] {
        let (config, weights) = files(name);
        assert!(config.contains(from), "{name} has no {from}");
        let error = refused(name, &config.replace(from, to), &weights);
        assert!(error.contains(part), "{name}, {to}: {error}");
    }
    let (config, weights) = files("deberta");
    for (from, to, part) in [
        (
            "classifier.bias",
            "classifier.base",
            "no tensor classifier.bias",
        ),
        (
            "deberta.encoder.rel_embeddings",
            "deberta.encoder.rel_embedding_",
            "no tensor deberta.encoder.rel_embeddings.weight",
        ),
    ] {
        let error = refused("deberta", &config, &renamed(&weights, from, to));
        assert!(error.contains(part), "{error}");
    }
}

/// The weights with another string in place of `from` in all names.
fn renamed(weights: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (length, rest) = weights.split_first_chunk::<8>().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header = std::str::from_utf8(header).unwrap();
    assert!(header.contains(from), "no tensor's name has {from}");
    let mut header = header.replace(from, to).into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    [&(header.len() as u64).to_le_bytes()[..], &header, data].concat()
}

#[test]
fn norms_by_their_old_names_and_heads_of_pretraining_make_no_difference() {
    let (config, weights) = files("bert-epsilon");
    let fixtures = fixtures();
    let fixture = fixtures
        .iter()
        .find(|fixture| fixture.name == "bert-epsilon")
        .unwrap();
    let batch = fixture.reference.batch(0..3);
    let plain = run(&mut *engine(&open("plain", &config, &weights)), &batch);
    let old = renamed(&weights, "LayerNorm.weight", "LayerNorm.gamma");
    let old = renamed(&old, "LayerNorm.bias", "LayerNorm.beta");
    assert_eq!(
        run(&mut *engine(&open("old", &config, &old)), &batch),
        plain
    );
    // An entry of no bytes at the start of the data.
    let head = r#"{"cls.bias":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"__metadata__""#;
    let more = renamed(&weights, "{\"__metadata__\"", head);
    assert_eq!(
        run(&mut *engine(&open("more", &config, &more)), &batch),
        plain
    );
}
