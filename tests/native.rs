//! The native engine against PyTorch's logits on tiny seeded models (`scripts/fixtures/`), with each of this
//! processor's instruction sets.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

use std::path::{Path, PathBuf};

use sanctag::engine::native::Isa;
use sanctag::engine::{Batch, Logits, Model, ModelFolder, NativeModel, Precision, Source};
use serde::Deserialize;

/// The largest difference from PyTorch's logits, which are of size 1; 3e-6 was seen.
const TOLERANCE: f32 = 1e-4;

/// Fixtures of the model types that this engine reads, and a tagger with a ties head.
const FIXTURES: [&str; 8] = [
    "../ties-head",
    "bert-epsilon",
    "camembert",
    "distilbert-relu",
    "electra-epsilon",
    "mpnet",
    "roberta-epsilon",
    "xlm-roberta",
];

/// Rows of ids and types, and their logits, one list of labels for each token.
#[derive(Deserialize)]
struct Reference {
    rows: Vec<Vec<u32>>,
    types: Vec<Vec<u8>>,
    logits: Vec<Vec<Vec<f32>>>,
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

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/engines")
        .join(name)
}

fn open(name: &str, weights: Vec<u8>) -> sanctag::Result<ModelFolder> {
    let config = std::fs::read(fixture(name).join("config.json")).unwrap();
    ModelFolder::open(Source::Embedded {
        name: "fixture",
        config: config.leak(),
        tokenizer: b"{}",
        weights: weights.leak(),
        hash: None,
    })
}

fn weights(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name).join("model.safetensors")).unwrap()
}

/// The fixture `name` with each instruction set, the reference's last.
fn models(name: &str, precision: Precision) -> (Vec<NativeModel>, Reference) {
    let folder = open(name, weights(name)).unwrap();
    let model = NativeModel::load(&folder, precision).unwrap();
    let models = Isa::available()
        .into_iter()
        .map(|isa| model.clone().with_isa(isa).unwrap());
    let reference = std::fs::read(fixture(name).join("reference.json")).unwrap();
    (
        models.collect(),
        serde_json::from_slice(&reference).unwrap(),
    )
}

fn run(model: &NativeModel, batch: &Batch) -> Logits {
    let mut logits = Logits::default();
    model.engine().unwrap().forward(batch, &mut logits).unwrap();
    logits
}

#[test]
fn a_batch_that_asks_for_the_labels_alone_gets_their_bits_and_no_more() {
    for precision in [Precision::F32, Precision::Int8] {
        let (models, reference) = models("../ties-head", precision);
        for model in &models {
            let mut batch = reference.batch(0..reference.rows.len());
            let all = run(model, &batch);
            batch.labels_alone = true;
            let labels = run(model, &batch);
            assert_eq!(labels.n_columns, model.labels().n());
            assert!(labels.n_columns < all.n_columns);
            for token in 0..batch.n_tokens() {
                assert_eq!(labels.of(token), &all.of(token)[..labels.n_columns]);
            }
        }
    }
}

#[test]
fn logits_in_f32_are_pytorchs_for_every_architecture_and_instruction_set() {
    for name in FIXTURES {
        let (models, reference) = models(name, Precision::F32);
        let expected: Vec<f32> = reference
            .logits
            .iter()
            .flatten()
            .flatten()
            .copied()
            .collect();
        for model in &models {
            let logits = run(model, &reference.batch(0..reference.rows.len()));
            assert_eq!(logits.values.len(), expected.len(), "{name}");
            let pairs = logits.values.iter().zip(&expected);
            let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            println!("{name}, {:?}: {worst:.1e}", model.isa());
            assert!(
                worst < TOLERANCE,
                "{name}, {:?}: off by {worst}",
                model.isa()
            );
        }
    }
}

#[test]
fn a_row_has_the_same_bits_alone_in_company_and_with_every_instruction_set() {
    for precision in [Precision::Int8, Precision::F32] {
        for name in FIXTURES {
            let (models, reference) = models(name, precision);
            let order: Vec<usize> = (0..66).map(|row| row * 7 % reference.rows.len()).collect();
            let expected: Vec<f32> = order
                .iter()
                .flat_map(|row| run(models.last().unwrap(), &reference.batch([*row])).values)
                .collect();
            for model in &models {
                let together = run(model, &reference.batch(order.iter().copied()));
                assert!(
                    together.values == expected,
                    "{name}, {precision:?}, {:?}",
                    model.isa()
                );
            }
        }
    }
}

#[test]
fn engines_in_several_threads_give_the_same_bits() {
    for name in FIXTURES {
        let (models, reference) = models(name, Precision::Int8);
        let batch = reference.batch(0..reference.rows.len());
        for model in &models {
            let expected = run(model, &batch);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        let mut engine = model.engine().unwrap();
                        let mut logits = Logits::default();
                        for rows in [1, reference.rows.len()] {
                            engine
                                .forward(&reference.batch(0..rows), &mut logits)
                                .unwrap();
                        }
                        assert_eq!(logits, expected, "{name}");
                    });
                }
            });
        }
    }
}

#[test]
fn weights_cut_off_or_corrupt_are_errors() {
    let whole = weights("electra-epsilon");
    let load = |bytes: Vec<u8>| {
        let folder = open("electra-epsilon", bytes)?;
        NativeModel::load(&folder, Precision::Int8)
    };
    assert!(load(whole.clone()).is_ok());
    for length in (0..whole.len()).step_by(97) {
        assert!(load(whole[..length].into()).is_err(), "{length} bytes");
    }
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for at in (0..8).chain((8..header).step_by(13)) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x15;
        // a changed letter of a name that is not asked for may pass; a fault must be an error, not a panic
        let _ = load(bytes);
    }
    let mut bytes = whole;
    let name = b"encoder.layer.1.output.dense.weight";
    let at = bytes
        .windows(name.len())
        .position(|part| part == name)
        .unwrap();
    bytes[at + 14] = b'7';
    let error = load(bytes).unwrap_err().to_string();
    assert!(error.contains("layer.1.output.dense.weight"), "{error}");
}
