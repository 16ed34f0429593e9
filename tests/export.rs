//! Exported files, read by the readers that users have: `SANCTAG_READERS` names the python that has them (scripts/readers).
#![allow(clippy::unwrap_used)] // a failed test is a failed test

mod outputs;
#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::Path;
use std::process::Command;

use outputs::{Article, written};
use program::{lines, sanctag};
use serde_json::{Value, json};

const TABLES: [&str; 6] = [
    "articles",
    "entities",
    "roles",
    "mentions",
    "measures",
    "measure_parties",
];

/// What a script of tests/readers prints.
fn python(script: &str, args: &[&str]) -> Value {
    let python = std::env::var("SANCTAG_READERS")
        .expect("SANCTAG_READERS is not set. Run the tests with export SANCTAG_READERS=\"$(scripts/readers)\"");
    let ended = Command::new(python)
        .arg(Path::new("tests/readers").join(script))
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    serde_json::from_slice(&ended.stdout).unwrap()
}

fn corpus() -> Vec<Article> {
    vec![
        Article::new(
            "a",
            "2023-05-01",
            "https://www.one.example/a",
            "imposed",
            "Alp Council",
            &["Iran", "Zed, \"Z\" Trading\nLtd"],
        ),
        Article::new(
            "b",
            "2023-05-03",
            "https://two.example/b",
            "lifted",
            "",
            &["=HYPERLINK(1)", "Iran"],
        ),
        Article::new(
            "c",
            "about May",
            "",
            "threatened",
            "Alp Council",
            &["Größe AG"],
        ),
    ]
}

/// The value with the fields that are null left out, as lines leave them out.
fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let known = fields.iter().filter(|(_, value)| !value.is_null());
            known
                .map(|(key, value)| (key.clone(), without_null(value)))
                .collect()
        }
        Value::Array(values) => values.iter().map(without_null).collect(),
        other => other.clone(),
    }
}

#[test]
fn every_reader_finds_in_the_files_what_the_lines_say() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "lines", &corpus(), 100);
    let out = out.to_str().unwrap();
    let file = |name: String| dir.path().join(name).to_str().unwrap().to_owned();
    let ended = sanctag(&[
        "export",
        out,
        "--to",
        "parquet",
        "-o",
        &file("out.parquet".to_owned()),
    ]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (0, "3 lines read, 0 of them faults; 3 rows written\n")
    );
    for table in TABLES {
        let arg = table.replace('_', "-");
        for to in ["parquet", "csv"] {
            let ended = sanctag(&[
                "export",
                out,
                "--to",
                to,
                "--table",
                &arg,
                "-o",
                &file(format!("{table}.{to}")),
            ]);
            assert_eq!(ended.code, 0, "{}", ended.stderr);
        }
    }
    let views = sanctag(&["schema", "--sql", "duckdb"]).stdout;
    std::fs::write(dir.path().join("views.sql"), views).unwrap();
    let found = python("parquet.py", &[dir.path().to_str().unwrap()]);

    let expected = lines(Path::new(out));
    for reader in ["pyarrow", "duckdb", "pandas", "polars", "spark"] {
        assert_eq!(
            without_null(&found["nested"][reader]),
            Value::from(expected.clone()),
            "{reader}"
        );
    }
    assert_eq!(found["by_type"], json!([["COUNTRY", 2], ["ORG", 5]]));
    assert_eq!(
        found["flat"]["entities"][0],
        json!({"article": "a", "published_on": "2023-05-01", "outlet": "one.example", "entity": "e1", "type": "ORG",
            "name": "Alp Council", "who": "alp council", "alpha2": null, "alpha3": null, "score": 0.75, "target": false,
            "imposer": true, "linked": false, "n_mentions": 1})
    );
    assert_eq!(
        found["flat"]["measures"][0]["targets"],
        "Iran; Zed, \"Z\" Trading\nLtd"
    );
    for table in TABLES {
        let (parquet, csv) = (
            found["flat"][table].as_array().unwrap(),
            found["csv"][table].as_array().unwrap(),
        );
        assert_eq!(parquet.len(), csv.len(), "{table}");
        for (parquet, csv) in parquet.iter().zip(csv) {
            for (name, value) in parquet.as_object().unwrap() {
                let spelt = match value {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(csv[name], spelt, "{table}.{name}");
            }
        }
    }
    let targeted = found["views"]["targeted"].as_array().unwrap();
    assert_eq!(targeted.len(), 5);
    assert_eq!(found["views"]["newly_named_targets"], json!([]));
    let pairs = found["views"]["co_targets"].as_array().unwrap();
    assert!(
        pairs
            .iter()
            .any(|pair| pair["target"] == "Iran" && pair["articles"] == 1),
        "{pairs:?}"
    );
}

#[test]
fn csv_goes_to_standard_output_and_keeps_formulas_from_spreadsheets_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "lines", &corpus(), 100);
    let args = [
        "export",
        out.to_str().unwrap(),
        "--to",
        "csv",
        "--table",
        "entities",
        "--quiet",
    ];
    let plain = sanctag(&args).stdout;
    assert!(
        plain.starts_with("article,published_on,outlet,entity,type,name,"),
        "{plain}"
    );
    assert!(
        plain.contains(",=HYPERLINK(1),") && plain.contains("\"Zed, \"\"Z\"\" Trading\nLtd\""),
        "{plain}"
    );
    let safe = sanctag(&[&args[..], &["--formula-safe"]].concat()).stdout;
    assert!(
        safe.contains(",'=HYPERLINK(1),") && !safe.contains(",=HYPERLINK(1),"),
        "{safe}"
    );
}

#[test]
fn a_file_appears_whole_and_none_is_overwritten_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "lines", &corpus(), 100);
    let lines = std::fs::read_to_string(&out).unwrap();
    std::fs::write(&out, lines + "{\"schema\"").unwrap();
    let target = dir.path().join("out.parquet");
    let args = [
        "export",
        out.to_str().unwrap(),
        "--to",
        "parquet",
        "-o",
        target.to_str().unwrap(),
    ];
    let ended = sanctag(&args);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("\"record\":3")
            && ended
                .stderr
                .contains("4 lines read, 1 of them faults; 3 rows"),
        "{}",
        ended.stderr
    );
    assert!(!dir.path().join("out.parquet.part").exists());
    let before = std::fs::read(&target).unwrap();
    let again = sanctag(&args);
    assert!(
        again.code == 2 && again.stderr.contains("--force"),
        "{}",
        again.stderr
    );
    let forced = sanctag(&[&args[..], &["--force"]].concat());
    assert_eq!(forced.code, 1);
    assert_eq!(std::fs::read(&target).unwrap(), before);
}

#[test]
fn what_does_not_go_together_is_told_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "lines", &corpus(), 100);
    let out = out.to_str().unwrap();
    for (args, said) in [
        (&["--to", "csv"][..], "Choose with --table"),
        (&["--to", "parquet"], "Give it with -o"),
        (
            &["--to", "parquet", "--formula-safe", "-o", "x"],
            "is for CSV",
        ),
    ] {
        let ended = sanctag(&[&["export", out][..], args].concat());
        assert!(
            ended.code == 2 && ended.stderr.contains(said),
            "{}",
            ended.stderr
        );
    }
    let ended = sanctag(&["export", "Cargo.toml", "--to", "csv", "--table", "roles"]);
    assert!(
        ended.code == 2 && ended.stderr.contains("no output lines"),
        "{}",
        ended.stderr
    );
}

#[test]
fn tagging_to_parquet_writes_the_lines_too_and_an_interrupted_run_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in.jsonl");
    std::fs::write(
        &input,
        "{\"text\":\"Rain is expected in London.\"}\n{\"text\":\"Snow fell in Bern.\"}\n",
    )
    .unwrap();
    let out = dir.path().join("out.parquet");
    let args = ["tag", input.to_str().unwrap(), "-o", out.to_str().unwrap()];
    assert_eq!(sanctag(&args).code, 0);
    let whole = std::fs::read(&out).unwrap();
    assert_eq!(&whole[..4], b"PAR1");
    assert_eq!(lines(&dir.path().join("out.jsonl")).len(), 2);
    let again = sanctag(&args);
    assert!(
        again.code == 2 && again.stderr.contains("--force"),
        "{}",
        again.stderr
    );
    // As a run leaves it that ended between the last line and the Parquet file.
    std::fs::remove_file(&out).unwrap();
    assert_eq!(sanctag(&[&args[..], &["--resume"]].concat()).code, 0);
    assert_eq!(std::fs::read(&out).unwrap(), whole);
}
