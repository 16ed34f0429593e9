//! Scores are those that the field's scorers gave on the same files (`scripts/fixtures/reference_scores.py` writes their numbers), and what
//! a user of `sanctag eval` meets.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::{Path, PathBuf};

use program::{lines, sanctag};
use sanctag::eval::{self, Evaluation, Options, Pairs};
use serde_json::Value;

const FOLDER: &str = "tests/fixtures/eval";

fn fixture(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

fn reference() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture("reference.json")).unwrap()).unwrap()
}

fn evaluated(gold: &str, predicted: &str) -> Evaluation {
    let read = |name: &str| {
        let gold = eval::gold::read(&[fixture(name)], &[]).unwrap();
        assert_eq!(gold.faults, []);
        gold.documents
    };
    let (gold, predicted) = (read(gold), read(predicted));
    // Token files have no ids; their documents stand in the same order.
    let same_order = gold.iter().all(|document| document.article.is_none());
    let pairs: Pairs = if same_order {
        let pairs = gold.into_iter().zip(predicted);
        let pairs = pairs.map(|(gold, predicted)| eval::Pair {
            gold,
            predicted: Some(predicted),
        });
        Pairs {
            pairs: pairs.collect(),
            ..Pairs::default()
        }
    } else {
        eval::pair(gold, predicted)
    };
    eval::evaluate(&pairs.pairs, &Options::default())
}

fn assert_near(found: Option<f64>, expected: f64, what: &str) {
    // Other scorers write 0 where there is nothing to score.
    let found = found.unwrap_or(0.0);
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: {found} and {expected}"
    );
}

/// A label of the fixtures as it is compared.
fn common(label: &str) -> String {
    match label {
        "all" => String::new(),
        "PER" => ".PERSON".to_owned(),
        other => format!(".{other}"),
    }
}

#[test]
fn strict_counts_are_those_of_conlleval_for_any_tags() {
    for (name, gold, predicted) in [
        ("iob2", "gold.conll", "predicted.conll"),
        ("bare", "bare-gold.conll", "bare-predicted.conll"),
        ("bioes", "bioes-gold.conll", "bioes-predicted.conll"),
    ] {
        let evaluation = evaluated(gold, predicted);
        let expected = reference()["tokens"][name]["conlleval"].clone();
        for (label, counts) in expected.as_object().unwrap() {
            let score = evaluation
                .score(&format!("strict{}", common(label)))
                .unwrap();
            let of = |name: &str| counts[name].as_f64().unwrap();
            assert_eq!(
                (score.right, score.predicted, score.gold),
                (of("correct"), of("pred"), of("gold")),
                "{name} {label}"
            );
        }
    }
}

#[test]
fn strict_scores_are_those_of_seqeval_in_its_strict_mode() {
    for (name, gold, predicted) in [
        ("iob2", "gold.conll", "predicted.conll"),
        ("bioes", "bioes-gold.conll", "bioes-predicted.conll"),
    ] {
        let evaluation = evaluated(gold, predicted);
        let score = evaluation.score("strict").unwrap();
        let expected = &reference()["tokens"][name]["seqeval"];
        for (what, found) in [
            ("precision", score.precision),
            ("recall", score.recall),
            ("f1", score.f1),
        ] {
            assert_near(found, expected[what].as_f64().unwrap(), what);
        }
    }
}

#[test]
fn the_measures_of_semeval_are_those_of_nervaluate() {
    let evaluation = evaluated("gold.conll", "predicted.conll");
    let expected = reference()["tokens"]["iob2"]["nervaluate"].clone();
    for (label, ways) in expected.as_object().unwrap() {
        for (ours, theirs) in [
            ("strict", "strict"),
            ("exact", "exact"),
            ("partial", "partial"),
            ("type", "ent_type"),
        ] {
            let what = format!("{ours}{}", common(label));
            let score = evaluation.score(&what).unwrap();
            let counts = &ways[theirs];
            for (name, found) in [
                ("precision", score.precision),
                ("recall", score.recall),
                ("f1", score.f1),
            ] {
                assert_near(
                    found,
                    counts[name].as_f64().unwrap(),
                    &format!("{what} {name}"),
                );
            }
            let halves = if ours == "partial" {
                counts["partial"].as_f64().unwrap() / 2.0
            } else {
                0.0
            };
            assert_near(
                Some(score.right),
                counts["correct"].as_f64().unwrap() + halves,
                &what,
            );
        }
    }
}

#[test]
fn articles_score_as_the_scorer_of_the_gold_says() {
    for (name, gold, predicted) in [
        ("lines", "article-gold.jsonl", "article-lines.jsonl"),
        ("second", "article-gold.jsonl", "article-second.jsonl"),
        ("reverse", "article-second.jsonl", "article-gold.jsonl"),
    ] {
        let evaluation = evaluated(gold, predicted);
        let expected = reference()["articles"][name].clone();
        let mut compared = 0;
        for (measure, counts) in expected.as_object().unwrap() {
            let Some(right) = counts.get("tp").and_then(Value::as_f64) else {
                continue;
            };
            let score = evaluation.score(measure).unwrap();
            let of = |name: &str| counts[name].as_f64().unwrap();
            assert_eq!(
                (score.right, score.predicted, score.gold),
                (right, right + of("fp"), right + of("fn")),
                "{name} {measure}"
            );
            compared += 1;
        }
        assert!(10 < compared);
        let accuracy = evaluation.score("relevant_accuracy").unwrap().recall;
        assert_near(
            accuracy,
            expected["relevant_accuracy"].as_f64().unwrap(),
            name,
        );
        assert_eq!(
            evaluation.missing.len() as u64,
            expected["missing"].as_u64().unwrap()
        );
    }
}

#[test]
fn what_nobody_labelled_has_no_score_rather_than_zero() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.conll");
    std::fs::write(&path, "Nothing\tO\nhere\tO\n").unwrap();
    let path = path.to_str().unwrap();
    let ended = sanctag(&["eval", path, "--against", path]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended
            .stdout
            .lines()
            .any(|line| line.split_whitespace().collect::<Vec<_>>()
                == ["strict", "-", "-", "-", "0", "0", "0"]),
        "{}",
        ended.stdout
    );
    let limited = sanctag(&["eval", path, "--against", path, "--fail-under", "0.5"]);
    assert_eq!(limited.code, 3, "{}", limited.stderr);
}

#[test]
fn a_limit_that_is_not_reached_ends_in_code_3() {
    let (gold, predicted) = (
        format!("{FOLDER}/article-gold.jsonl"),
        format!("{FOLDER}/article-second.jsonl"),
    );
    let with = |limit: &str| {
        sanctag(&[
            "eval",
            &gold,
            "--against",
            &predicted,
            "--fail-under",
            limit,
        ])
    };
    for (limit, code) in [
        ("0.9", 0),
        ("0.95", 3),
        ("ent=0.9,role.target=0.1", 0),
        ("ent=0.9,role.target=0.999", 3),
        ("nothing=0.5", 2),
    ] {
        let ended = with(limit);
        assert_eq!(ended.code, code, "{limit}: {}", ended.stderr);
    }
    assert!(with("nothing=0.5").stderr.contains("role.target"));
}

#[test]
fn the_model_is_measured_on_token_gold_through_the_whole_path() {
    let gold = format!("{FOLDER}/gold.conll");
    let ended = sanctag(&["eval", &gold, "--json", "--quiet"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&found["schema"], &found["documents"]),
        (&"sanctag-eval/1".into(), &3.into())
    );
    let strict = found["scores"]
        .as_array()
        .unwrap()
        .iter()
        .find(|score| score["measure"] == "strict")
        .unwrap();
    assert!(0.5 < strict["f1"].as_f64().unwrap(), "{strict}");
    assert!(found["confidence"][0]["calibration"]["n"].as_u64().unwrap() > 5);
}

#[test]
fn article_gold_finds_its_texts_by_the_files_names() {
    let gold = format!("{FOLDER}/article-gold.jsonl");
    let ended = sanctag(&[
        "eval",
        &gold,
        "--articles",
        "data/sample",
        "--json",
        "--quiet",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found["missing"].as_array().unwrap().len(), 0);
    let without = sanctag(&["eval", &gold]);
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("--articles"), "{}", without.stderr);
}

#[test]
fn two_predictions_are_compared_with_a_plain_verdict() {
    let (gold, second) = (
        format!("{FOLDER}/article-gold.jsonl"),
        format!("{FOLDER}/article-second.jsonl"),
    );
    let ended = sanctag(&["eval", &gold, "--compare", &gold, &second]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let entities = ended
        .stdout
        .lines()
        .find(|line| line.starts_with("ent "))
        .unwrap();
    assert!(
        entities.contains("100.0") && entities.contains("-7.9"),
        "{entities}"
    );
    let same = sanctag(&["eval", &gold, "--compare", &gold, &gold]);
    assert!(
        same.stdout.contains("the same") && !same.stdout.contains("real"),
        "{}",
        same.stdout
    );
}

#[test]
fn gold_that_cannot_be_read_is_told_and_ends_in_code_1() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gold.jsonl");
    let good = r#"{"text":"Ann Lee spoke.","spans":[{"start":0,"end":7,"label":"PERSON"}]}"#;
    let skipped = r#"{"text":"Bo","spans":[],"answer":"ignore"}"#;
    std::fs::write(
        &path,
        format!("{good}\n{{broken\n{{\"text\":\"x\"}}\n{skipped}\n"),
    )
    .unwrap();
    let ended = sanctag(&["eval", path.to_str().unwrap(), "--quiet"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    for part in [
        "record 1: is not JSON",
        "record 2: is no labelled record",
        "1 records were rejected",
    ] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    assert!(ended.stdout.starts_with("1 documents"), "{}", ended.stdout);
}

#[test]
fn a_sample_of_the_output_comes_back_as_gold_that_the_same_output_meets() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (out, tasks) = (path("out.jsonl"), path("tasks.jsonl"));
    let input = "data/sample/txt/01-karvand-drone-engines.txt";
    assert_eq!(sanctag(&["tag", input, "-o", &out, "--quiet"]).code, 0);
    assert_eq!(lines(Path::new(&out)).len(), 1);
    for form in ["prodigy", "doccano", "gold"] {
        let drawn = sanctag(&[
            "eval", "sample", &out, "-n", "1", "--for", form, "-o", &tasks,
        ]);
        assert_eq!(drawn.code, 0, "{}", drawn.stderr);
        assert!(drawn.stderr.contains("1 of 1 articles"), "{}", drawn.stderr);
        let measure = if form == "gold" { "ent" } else { "strict" };
        let limit = format!("{measure}=1");
        let measured = sanctag(&["eval", &tasks, "--against", &out, "--fail-under", &limit]);
        assert_eq!(measured.code, 0, "{form}: {}", measured.stderr);
    }
}

#[test]
fn two_people_s_labels_are_compared_by_f1_and_kappa() {
    let (first, second) = (
        format!("{FOLDER}/article-gold.jsonl"),
        format!("{FOLDER}/article-second.jsonl"),
    );
    let ended = sanctag(&["eval", "agree", &first, &second, "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found["both"], 7);
    let kappas = found["kappas"].as_array().unwrap();
    let relevant = kappas.iter().find(|one| one["of"] == "relevant").unwrap();
    assert_near(relevant["agreed"].as_f64(), 5.0 / 7.0, "relevant");
    let other = sanctag(&["eval", "agree", &first, &format!("{FOLDER}/gold.conll")]);
    assert_eq!(other.code, 2, "{}", other.stdout);
}

#[test]
fn a_report_is_one_page_with_every_error() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("eval.html");
    let (gold, predicted) = (
        format!("{FOLDER}/gold.conll"),
        format!("{FOLDER}/predicted.conll"),
    );
    let report = page.to_str().unwrap();
    let ended = sanctag(&["eval", &gold, "--against", &predicted, "--report", report]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let page = std::fs::read_to_string(page).unwrap();
    let marks = page.matches("<mark>").count();
    assert!(
        ended.stdout.contains(&format!("{marks} errors")),
        "{marks}: {}",
        ended.stdout
    );
}

#[test]
fn texts_of_token_gold_are_written_for_other_programs() {
    let ended = sanctag(&["eval", "texts", &format!("{FOLDER}/gold.conll")]);
    let first: Value = serde_json::from_str(ended.stdout.lines().next().unwrap()).unwrap();
    let text = first["text"].as_str().unwrap();
    assert!(
        text.starts_with("Mara Veldt of the Office of Foreign Assets spoke in Oslo .\n\nKarvand")
    );
}

#[test]
fn a_bench_times_every_stage_and_sizes_a_million() {
    let ended = sanctag(&[
        "bench",
        "data/sample",
        "--articles",
        "3",
        "--rounds",
        "1",
        "--threads",
        "2",
        "--quiet",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    for part in [
        "body and gate",
        "sentences and tokenizer",
        "engine",
        "whole program",
        "1 million such articles",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
}
