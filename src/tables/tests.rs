use super::rows::who;
use super::*;
use crate::output::Line;

/// An article with everything a line can have, NUL and letters of two bytes among it.
pub(crate) fn line() -> Line {
    let text = "Große «Alp»\0 ruling: Bern sanctions Iran and Zed.";
    let at = |word: &str| {
        let start = text[..text.find(word).unwrap()].chars().count();
        (start, start + word.chars().count())
    };
    let mention = |word: &str| {
        let (start, end) = at(word);
        serde_json::json!({"start": start, "end": end, "text": word, "score": 0.5})
    };
    let trigger = mention("sanctions");
    serde_json::from_value(serde_json::json!({
        "schema": "sanctag/1", "id": "a\u{0}1", "source": {"path": "x/a.txt", "record": 3},
        "title": "=SUM(1)", "published": "2024-02-29T10:00:00Z", "url": "https://u@WWW.Example.com:8/x?y",
        "text": text, "body": [[0, 49]], "relevant": true,
        "entities": [
            {"id": "e1", "type": "ORG", "name": "Bérn A.G.", "score": 0.9, "roles": ["imposer"], "mentions": [mention("Bern")]},
            {"id": "e2", "type": "COUNTRY", "name": "Iran", "country": {"alpha2": "IR", "alpha3": "IRN"}, "score": 0.9,
             "roles": ["target", "linked"], "mentions": [mention("Iran"), mention("Iran")]},
            {"id": "e3", "type": "PERSON", "name": "Zed", "score": 0.9, "roles": ["target"], "mentions": [mention("Zed")]}],
        "measures": [{"id": "m1", "status": "imposed", "imposers": ["e1"], "targets": ["e2", "e3"], "trigger": trigger,
            "evidence": {"start": at("Bern").0, "end": 49}, "score": 0.25}],
        "stats": {"sentences": 1, "tokens": 9, "windows": 1, "tokens_read": 9}, "run": "r1"}))
    .unwrap()
}

fn rows(article: &Article, table: Table, filed: bool) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut take = |row: &[Value]| -> Result<(), ()> {
        rows.push(row.iter().map(|value| format!("{value:?}")).collect());
        Ok(())
    };
    if filed {
        article.filed(table, &mut take).unwrap();
    } else {
        article.stored(table, &mut take).unwrap();
    }
    rows
}

#[test]
fn every_thing_of_a_line_is_one_row_as_wide_as_its_table() {
    let line = line();
    let article = Article::new(&line, Unit::Points);
    for (table, n_rows) in Table::ALL.into_iter().zip([1, 3, 4, 4, 1, 3]) {
        for (filed, columns) in [(false, table.stored()), (true, table.filed())] {
            let rows = rows(&article, table, filed);
            assert_eq!(rows.len(), n_rows, "{table:?}");
            assert!(
                rows.iter().all(|row| row.len() == columns.len()),
                "{table:?} {filed}"
            );
        }
    }
}

#[test]
fn text_is_without_nul_and_the_evidence_still_stands_in_its_place() {
    let line = line();
    let article = Article::new(&line, Unit::Bytes);
    let all = Table::ALL.map(|table| rows(&article, table, true)).concat();
    assert!(
        all.iter().flatten().all(|value| !value.contains("\\0")),
        "{all:?}"
    );
    assert_eq!(
        article.evidence(&line.measures[0]),
        Some("Bern sanctions Iran and Zed.")
    );
}

#[test]
fn who_is_the_same_for_spellings_of_one_name_and_a_code_for_a_country() {
    let line = line();
    let found: Vec<String> = line.entities.iter().map(who).collect();
    assert_eq!(found, ["bern ag", "IR", "zed"]);
}

#[test]
fn outlets_are_hosts_and_days_are_days() {
    for (url, host) in [
        ("https://u@WWW.Example.com:8/x?y", Some("example.com")),
        ("http://news.example.org", Some("news.example.org")),
        ("example.org/x", None),
        ("https:///x", None),
    ] {
        assert_eq!(outlet(url).as_deref(), host, "{url}");
    }
    for (published, known) in [
        ("2024-02-29", true),
        ("2024-02-29T10:00:00Z", true),
        ("2023-02-29", false),
        ("0000-01-01", false),
        ("2024-2-29x", false),
        ("2024-02-291", false),
        ("yesterday", false),
        ("März 2023", false),
    ] {
        assert_eq!(day(published).is_some(), known, "{published}");
    }
}
