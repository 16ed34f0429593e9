//! The whole path with a scripted engine: order, ownership, faults, and the same bytes however it is run.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod common;

use std::collections::HashSet;
use std::fmt::Write as _;

use common::{FAIL, PANIC, assert_offsets, options, tag};
use sanctag::run::Options;

/// An article of `words` words, with a name of its own about every seventh; and those names.
fn article(seed: usize, words: usize) -> (String, Vec<String>) {
    let mut state = seed as u64 * 2 + 1;
    let mut names = Vec::new();
    let mut text = String::new();
    for at in 0..words {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(99);
        let letter = |shift: u32| char::from(b'a' + ((state >> shift) % 26) as u8);
        if (state >> 20).is_multiple_of(7) {
            let name: String = [
                letter(30).to_ascii_uppercase(),
                letter(35),
                letter(40),
                letter(45),
                letter(50),
                'x',
            ]
            .iter()
            .collect();
            let _ = write!(text, "{name} ");
            names.push(name);
        }
        let end = if at % 13 == 12 { ".\n\n" } else { " " };
        let _ = write!(text, "{}{}{end}", letter(31), letter(36));
    }
    (text, names)
}

fn corpus(articles: &[String]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let lines: Vec<String> = articles
        .iter()
        .enumerate()
        .map(|(id, text)| serde_json::json!({"id": id, "text": text}).to_string())
        .collect();
    std::fs::write(dir.path().join("a.jsonl"), lines.join("\n")).unwrap();
    dir
}

fn mentioned(line: &serde_json::Value) -> HashSet<&str> {
    let entities = line["entities"].as_array().unwrap().iter();
    entities
        .flat_map(|entity| entity["mentions"].as_array().unwrap())
        .map(|mention| mention["text"].as_str().unwrap())
        .collect()
}

#[test]
fn any_number_of_workers_writes_the_same_bytes() {
    let articles: Vec<String> = (0..120)
        .map(|seed| article(seed, 1 + seed * 37 % 900).0)
        .collect();
    let dir = corpus(&articles);
    let one = tag(&[dir.path()], 1, &options());
    assert_eq!(one.summary.counts.written, 120);
    for threads in [2, 8] {
        assert!(
            tag(&[dir.path()], threads, &options()).lines == one.lines,
            "{threads} workers"
        );
    }
}

#[test]
fn every_name_is_found_in_its_own_article_whatever_the_windows() {
    let (articles, names): (Vec<String>, Vec<Vec<String>>) =
        (0..40).map(|seed| article(seed, seed * 41 % 800)).unzip();
    let dir = corpus(&articles);
    for (window, context) in [(16, 3), (64, 12), (512, 0), (66, 16)] {
        let left = tag(
            &[dir.path()],
            2,
            &Options {
                window: Some(window),
                context,
                ..options()
            },
        );
        for (line, names) in left.parsed().iter().zip(&names) {
            assert_offsets(line);
            let found = mentioned(line);
            let missed: Vec<_> = names
                .iter()
                .filter(|name| !found.iter().any(|found| found.contains(name.as_str())))
                .collect();
            assert!(
                missed.is_empty(),
                "window {window}: {missed:?} of {}",
                line["id"]
            );
        }
    }
}

#[test]
fn a_thousand_windows_in_one_article_keep_their_order() {
    let (text, names) = article(3, 20_000);
    let dir = corpus(&[text]);
    let left = tag(&[dir.path()], 2, &options());
    let line = &left.parsed()[0];
    assert!(line["stats"]["windows"].as_u64().unwrap() > 1_000);
    assert_offsets(line);
    let found = mentioned(line);
    assert!(
        names
            .iter()
            .all(|name| found.iter().any(|found| found.contains(name.as_str())))
    );
}

#[test]
fn a_failure_or_panic_of_the_engine_costs_its_article_alone() {
    let good: Vec<String> = (0..30).map(|seed| article(seed, 60).0).collect();
    let mut bad = good.clone();
    bad[7].push_str(&format!("{FAIL} then"));
    bad[19].push_str(&format!("{PANIC} then"));
    let (good_dir, bad_dir) = (corpus(&good), corpus(&bad));
    std::panic::set_hook(Box::new(|_| {}));
    let left = tag(&[bad_dir.path()], 2, &options());
    let _ = std::panic::take_hook();
    assert_eq!(
        (left.summary.counts.written, left.summary.counts.faults),
        (28, 2)
    );
    let text = |lines: &[serde_json::Value], id: &str| {
        let line = lines.iter().find(|line| line["id"] == id).cloned();
        line.map(|mut line| {
            line["source"] = serde_json::Value::Null;
            line
        })
    };
    let expected = tag(&[good_dir.path()], 1, &options()).parsed();
    for id in 0..30 {
        let id = id.to_string();
        let found = text(&left.parsed(), &id);
        assert!(
            found == text(&expected, &id).filter(|_| id != "7" && id != "19"),
            "article {id}"
        );
    }
    let faults = left.parsed_faults();
    assert_eq!(faults[0]["stage"], "model");
    assert!(
        faults[0]["reason"]
            .as_str()
            .unwrap()
            .contains("scripted failure")
    );
    assert!(
        faults[1]["reason"]
            .as_str()
            .unwrap()
            .contains("scripted panic")
    );
    assert!(
        faults[1]["record"]["text"]
            .as_str()
            .unwrap()
            .contains(PANIC)
    );
}

#[test]
fn odd_text_comes_back_unchanged_with_exact_offsets() {
    let unbroken = "x".repeat(300_000);
    let odd = [
        "Iran",
        "",
        " ",
        "\u{feff}Iran said\r\nso.\r\n",
        "a\0Iran\0b",
        "👩‍👩‍👧 Iran 🇮🇷",
        "إيران Iran ايران",
        "I\u{301}ran e\u{301}",
        "\u{202e}Iran\u{202c}",
        "Iran\u{2028}Iraq\u{85}Oman",
        "ﬁ Ⅷ İstanbul ẞ",
        unbroken.as_str(),
    ];
    let dir = corpus(&odd.map(str::to_owned));
    let left = tag(&[dir.path()], 2, &options());
    let lines = left.parsed();
    assert_eq!(lines.len(), odd.len());
    for (line, text) in lines.iter().zip(odd) {
        assert_eq!(line["text"], text);
        assert_offsets(line);
    }
}

#[test]
fn records_read_are_lines_and_faults() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("a.jsonl"),
        "{\"id\":1,\"text\":\"One\"}\n{\"id\":1,\"text\":\"Two\"}\n{broken\n",
    )
    .unwrap();
    std::fs::write(dir.path().join("b.txt"), b"\x89PNG\0\xff").unwrap();
    std::fs::write(dir.path().join("c.txt"), "Three").unwrap();
    let left = tag(&[dir.path()], 2, &options());
    let counts = left.summary.counts;
    assert_eq!((counts.read, counts.written, counts.faults), (5, 2, 3));
    assert_eq!((left.parsed().len(), left.parsed_faults().len()), (2, 3));
}

#[test]
fn a_faults_file_is_run_again_record_by_record() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("OUT.faults.jsonl");
    let fault = serde_json::json!({"id": "x", "source": {"path": "a.jsonl", "record": 4}, "stage": "model", "reason": "r", "record": {"id": "x", "text": "Alp spoke"}});
    std::fs::write(&path, fault.to_string()).unwrap();
    let line = &tag(&[&path], 1, &options()).parsed()[0];
    assert_eq!(
        (&line["id"], &line["source"]["record"]),
        (&"x".into(), &4.into())
    );
}
