//! The report in headless Chromium, driven by the python that `SANCTAG_READERS` names (scripts/readers).
#![allow(clippy::unwrap_used)] // a failed test is a failed test

mod outputs;
#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::Path;
use std::process::Command;

use outputs::{Article, written};
use program::sanctag;
use serde_json::{Value, json};

/// What a person sees who searches the page; with `SANCTAG_SCREENSHOT` set, pictures of it are kept there.
fn seen(page: &Path, search: &str) -> Value {
    let python = std::env::var("SANCTAG_READERS")
        .expect("SANCTAG_READERS is not set. Run the tests with export SANCTAG_READERS=\"$(scripts/readers)\"");
    let mut command = Command::new(python);
    command.arg("tests/readers/page.py").arg(page).arg(search);
    command.args(std::env::var_os("SANCTAG_SCREENSHOT"));
    let ended = command.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    serde_json::from_slice(&ended.stdout).unwrap()
}

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>";

#[test]
fn a_person_can_search_and_read_the_page_and_nothing_in_an_article_is_markup() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(
        dir.path(),
        "lines",
        &[
            Article::new(
                "a",
                "2023-05-01",
                "https://www.one.example/a",
                "imposed",
                "Alp Council",
                &["Iran", HOSTILE],
            ),
            Article::new(
                "b",
                "2023-05-03",
                "javascript:alert(2)",
                "lifted",
                "Bern Office",
                &["Iran"],
            ),
            Article::new(
                "<!--c",
                "2023-06-03",
                "https://two.example/c",
                "threatened",
                "Alp Council",
                &["Größe AG"],
            ),
        ],
        100,
    );
    let page = dir.path().join("report.html");
    let ended = sanctag(&[
        "report",
        out.to_str().unwrap(),
        "-o",
        page.to_str().unwrap(),
    ]);
    assert_eq!(
        ended.stderr,
        "3 lines read, 0 of them faults; 3 articles can be read in the page\n"
    );
    let seen = seen(&page, "one.example council");
    assert_eq!(seen["console"], json!([]));
    assert_eq!(
        seen["requests"].as_array().unwrap().len(),
        2,
        "{}",
        seen["requests"]
    );
    assert_eq!(seen["elements_from_texts"], 0);
    assert_ne!(seen["ground_light"], seen["ground_dark"]);
    assert_eq!(
        seen["lead"],
        "3 articles, 3 of them on sanctions, measures from 2023-05-01 to 2023-06-03."
    );
    assert!(
        seen["found"]
            .as_str()
            .unwrap()
            .starts_with("1 article found"),
        "{}",
        seen["found"]
    );
    let text = format!("Überschrift — Alp Council imposed sanctions on Iran and {HOSTILE}.");
    assert_eq!(seen["text"], text);
    assert_eq!(seen["imposer"], json!(["Alp Council"]));
    assert_eq!(seen["target"], json!(["Iran", HOSTILE]));
    assert_eq!(seen["trigger"], json!(["sanctions"]));
    for name in ["evidence", "lit"] {
        let pieces: Vec<&str> = seen[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|piece| piece.as_str().unwrap())
            .collect();
        assert_eq!(
            pieces.concat(),
            text.strip_prefix("Überschrift — ").unwrap(),
            "{name}"
        );
    }
    assert_eq!(
        seen["lifted"],
        json!(["Bern Office lifted sanctions on Iran."])
    );
    assert_eq!(seen["of_iran"].as_array().unwrap().len(), 2);
}

#[test]
fn fifty_thousand_articles_are_sampled_and_the_page_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let articles: Vec<Article> = (0..50_000)
        .map(|number| {
            let status = if number == 77 { "lifted" } else { "imposed" };
            let day = format!(
                "20{:02}-{:02}-{:02}",
                10 + number % 14,
                1 + number % 12,
                1 + number % 28
            );
            let target = format!("Target {}", number % 997);
            Article::new(
                &format!("a{number}"),
                &day,
                "https://one.example/x",
                status,
                "Alp Council",
                &["Iran", &target],
            )
        })
        .collect();
    let out = written(dir.path(), "lines", &articles, 100);
    let page = dir.path().join("report.html");
    let args = [
        "report",
        out.to_str().unwrap(),
        "-o",
        page.to_str().unwrap(),
    ];
    let ended = sanctag(&args);
    assert_eq!(
        ended.stderr,
        "50000 lines read, 0 of them faults; 2000 articles can be read in the page\n"
    );
    let html = std::fs::read(&page).unwrap();
    assert!(html.len() < 8 << 20, "{} bytes", html.len());
    let seen = seen(&page, "target 5");
    assert_eq!(seen["console"], json!([]));
    assert!(
        seen["lead"]
            .as_str()
            .unwrap()
            .starts_with("50,000 articles, 50,000 of them on sanctions"),
        "{}",
        seen["lead"]
    );
    let told = seen["all"].as_str().unwrap();
    assert!(
        told.contains("2,000 articles found, 50 listed. This page holds 2,000 of 50,000 articles"),
        "{told}"
    );
    assert!(
        seen["seconds_to_show"].as_f64().unwrap() < 20.0,
        "{}",
        seen["seconds_to_show"]
    );
    // The same lines give the same page.
    assert_eq!(sanctag(&args).code, 2);
    assert_eq!(sanctag(&[&args[..], &["--force"]].concat()).code, 0);
    assert_eq!(std::fs::read(&page).unwrap(), html);
}
