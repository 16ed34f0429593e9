//! The sample corpus through the shipped model, held to golden lines and to the published schema.
//!
//! `UPDATE_GOLDEN=1 cargo test --test golden` writes the golden file anew; read the difference before committing it.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod common;
#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::Path;

use common::assert_offsets;
use program::{lines, sanctag};
use serde_json::Value;

const GOLDEN: &str = "tests/golden/sample.jsonl";
/// Kernels of different CPUs round differently in the last bits.
const SCORE_TOLERANCE: f64 = 0.02;

fn tagged(extra: &[&str]) -> Vec<Value> {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("sample.jsonl");
    let mut args = vec![
        "tag",
        "data/sample",
        "-o",
        path.to_str().unwrap(),
        "--quiet",
    ];
    args.extend(extra);
    let ended = sanctag(&args);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    lines(&path)
}

/// True when two values are equal but for scores within the tolerance and fields that name the machine's run.
fn alike(golden: &Value, found: &Value, name: &str) -> bool {
    match (golden, found) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| alike(value, other, key)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b, name))
        }
        (Value::Number(a), Value::Number(b)) if name == "score" => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= SCORE_TOLERANCE
        }
        _ => name == "run" || golden == found,
    }
}

#[test]
fn the_sample_corpus_gives_the_golden_lines() {
    let found = tagged(&["--no-text"]);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let text: Vec<String> = found.iter().map(Value::to_string).collect();
        std::fs::create_dir_all("tests/golden").unwrap();
        std::fs::write(GOLDEN, text.join("\n") + "\n").unwrap();
    }
    let golden = lines(Path::new(GOLDEN));
    assert_eq!(golden.len(), found.len());
    for (golden, found) in golden.iter().zip(&found) {
        assert!(
            alike(golden, found, ""),
            "{} differs\ngolden {golden}\nfound  {found}",
            golden["source"]["path"]
        );
    }
}

#[test]
fn every_line_keeps_the_published_schema_and_exact_offsets() {
    let schema = sanctag(&["schema"]);
    let schema: Value = serde_json::from_str(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for line in tagged(&["--scope", "all", "--types", "all"]) {
        let wrong: Vec<String> = validator
            .iter_errors(&line)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", line["id"]);
        assert_offsets(&line);
    }
}

#[test]
fn the_schema_refuses_a_line_that_breaks_it() {
    let validator =
        jsonschema::validator_for(&serde_json::from_str(&sanctag(&["schema"]).stdout).unwrap())
            .unwrap();
    let mut line = tagged(&[]).remove(0);
    assert!(validator.is_valid(&line));
    line["entities"][0]["roles"] = serde_json::json!(["victim"]);
    assert!(!validator.is_valid(&line));
}
