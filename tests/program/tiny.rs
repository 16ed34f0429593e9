//! A model small enough to tag thousands of articles a second, for the program as it is shipped: `--model` takes its folder.
//!
//! Its weights are set by hand: a token's label follows from the spelling of its word alone. Words with a capital are
//! persons, words all in capitals organizations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};

const HIDDEN: usize = 8;
const SHAPES: usize = 8;
const LABELS: usize = 3;
const POSITIONS: usize = 128;

/// Writes the model's folder below `dir` and gives its path.
pub fn model(dir: &Path) -> PathBuf {
    let path = dir.join("tiny");
    std::fs::create_dir_all(&path).unwrap();
    let vocabulary = vocabulary();
    let config = serde_json::json!({
        "model_type": "bert", "hidden_size": HIDDEN, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 16, "max_position_embeddings": POSITIONS, "vocab_size": vocabulary.len(),
        "type_vocab_size": SHAPES, "sanctag_token_types": "word_shape", "sanctag_window": 64,
        "id2label": {"0": "O", "1": "I-PER", "2": "I-ORG"}
    });
    std::fs::write(path.join("config.json"), config.to_string()).unwrap();
    std::fs::write(path.join("vocab.txt"), vocabulary.join("\n")).unwrap();
    std::fs::write(path.join("model.safetensors"), weights(vocabulary.len())).unwrap();
    path
}

fn vocabulary() -> Vec<String> {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map(str::to_owned);
    let characters = ('a'..='z').chain('0'..='9').chain(".,-'\"".chars());
    let pieces = characters.flat_map(|char| [char.to_string(), format!("##{char}")]);
    special.into_iter().chain(pieces).collect()
}

fn weights(n_pieces: usize) -> Vec<u8> {
    let mut tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)> = BTreeMap::new();
    let mut put = |name: &str, shape: &[usize], value: &dyn Fn(usize, usize) -> f32| {
        let (rows, columns) = (shape[0], shape.get(1).copied().unwrap_or(1));
        let values = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let values = values.map(|(row, column)| value(row, column)).collect();
        tensors.insert(name.to_owned(), (shape.to_vec(), values));
    };
    let (zero, one) = (|_: usize, _: usize| 0.0, |_: usize, _: usize| 1.0);
    let table = |name: &str| format!("bert.embeddings.{name}_embeddings.weight");
    put(&table("word"), &[n_pieces, HIDDEN], &zero);
    put(&table("position"), &[POSITIONS, HIDDEN], &zero);
    // The spelling is all that the model sees.
    let spelling = |row: usize, column: usize| if row == column { 1.0 } else { 0.0 };
    put(&table("token_type"), &[SHAPES, HIDDEN], &spelling);
    let layer = "bert.encoder.layer.0.";
    for (name, outputs, inputs) in [
        ("attention.self.query", HIDDEN, HIDDEN),
        ("attention.self.key", HIDDEN, HIDDEN),
        ("attention.self.value", HIDDEN, HIDDEN),
        ("attention.output.dense", HIDDEN, HIDDEN),
        ("intermediate.dense", 16, HIDDEN),
        ("output.dense", HIDDEN, 16),
    ] {
        put(&format!("{layer}{name}.weight"), &[outputs, inputs], &zero);
        put(&format!("{layer}{name}.bias"), &[outputs], &zero);
    }
    for name in [
        "bert.embeddings.LayerNorm".to_owned(),
        format!("{layer}attention.output.LayerNorm"),
        format!("{layer}output.LayerNorm"),
    ] {
        put(&format!("{name}.weight"), &[HIDDEN], &one);
        put(&format!("{name}.bias"), &[HIDDEN], &zero);
    }
    // Columns 1 and 4: a word with a capital; column 2: capitals alone.
    let label = |row: usize, column: usize| match (row, column) {
        (1, 1 | 4) | (2, 2) => 4.0,
        _ => 0.0,
    };
    put("classifier.weight", &[LABELS, HIDDEN], &label);
    put("classifier.bias", &[LABELS], &zero);
    let bytes: BTreeMap<String, (Vec<usize>, Vec<u8>)> = tensors
        .into_iter()
        .map(|(name, (shape, values))| {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            (name, (shape, bytes.collect()))
        })
        .collect();
    let views = bytes.iter().map(|(name, (shape, bytes))| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (name, view)
    });
    safetensors::serialize(views, None).unwrap()
}
