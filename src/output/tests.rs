use std::io::Write;

use super::*;

fn line(id: &str, text: &str, mention: (usize, usize, &str)) -> String {
    serde_json::json!({
        "schema": "sanctag/1", "id": id, "source": {"path": "a.txt", "record": 0}, "text": text, "body": [],
        "relevant": true,
        "entities": [{"id": "e1", "type": "ORG", "name": mention.2, "score": 0.9, "roles": [],
            "mentions": [{"start": mention.0, "end": mention.1, "text": mention.2, "score": 0.9}]}],
        "measures": [], "stats": {"sentences": 1, "tokens": 3, "windows": 1, "tokens_read": 3}, "run": "r",
        "a_later_field": 1})
    .to_string()
}

#[test]
fn the_unit_of_ranges_is_told_from_the_texts_beside_them() {
    for (text, mention, unit) in [
        ("Größe Alp", (6, 9, "Alp"), Some(Unit::Points)),
        ("Größe Alp", (8, 11, "Alp"), Some(Unit::Bytes)),
        ("Plain Alp", (6, 9, "Alp"), None),
        ("Alp Größe", (0, 3, "Alp"), None),
    ] {
        let line = Line::parse(line("a", text, mention).as_bytes()).unwrap();
        assert_eq!(line.unit(), unit, "{text} {mention:?}");
    }
}

#[test]
fn a_broken_line_is_a_fault_with_its_place_and_the_next_one_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.jsonl");
    let good = line("a", "Alp", (0, 3, "Alp"));
    let other = good.replace("sanctag/1", "sanctag/9");
    let party = good.replace(
        "\"measures\":[]",
        r#""measures":[{"id":"m1","status":"imposed","imposers":["e7"],"targets":[],"trigger":{"start":0,"end":3,"text":"Alp"},"evidence":{"start":0,"end":3},"score":1}]"#,
    );
    std::fs::write(
        &path,
        format!("{good}\n{{\"schema\n\n{other}\n{party}\n{good}"),
    )
    .unwrap();
    let mut output = open(&path).unwrap();
    let mut seen = Vec::new();
    while let Some(record) = output.next().unwrap() {
        seen.push(match record.line {
            Ok(line) => format!("{} {}", record.record, line.id),
            Err(fault) => format!("{} {}", fault.source.record, fault.reason),
        });
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert_eq!((seen[0].as_str(), seen[4].as_str()), ("0 a", "5 a"));
    for (at, part) in [
        (1, "1 is no line"),
        (2, "3 is of schema"),
        (3, "4 measure m1 names e7"),
    ] {
        assert!(seen[at].starts_with(part), "{}", seen[at]);
    }
}

#[test]
fn packed_lines_read_as_plain_ones_and_can_be_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let lines = format!(
        "{}\n{}\n",
        line("a", "Alp", (0, 3, "Alp")),
        line("b", "Alp", (0, 3, "Alp"))
    );
    let plain = dir.path().join("out.jsonl");
    std::fs::write(&plain, &lines).unwrap();
    let gz = dir.path().join("out.jsonl.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(lines.as_bytes()).unwrap();
    std::fs::write(&gz, encoder.finish().unwrap()).unwrap();
    let zst = dir.path().join("out.jsonl.zst");
    std::fs::write(&zst, zstd::encode_all(lines.as_bytes(), 1).unwrap()).unwrap();
    for path in [plain, gz, zst] {
        let mut output = open(&path).unwrap();
        let first = output.next().unwrap().unwrap();
        let second = output.next().unwrap().unwrap();
        assert_eq!(second.line.unwrap().id, "b");
        assert!(output.next().unwrap().is_none());
        let mut again = open(&path).unwrap();
        again.skip_to(first.end).unwrap();
        assert_eq!(again.next().unwrap().unwrap().hash, second.hash);
    }
}

#[test]
fn a_file_that_is_no_output_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.jsonl");
    for text in ["id,name\n1,a\n", "{\"id\":1,\"text\":\"a\"}\n"] {
        std::fs::write(&path, text).unwrap();
        let error = open(&path).err().unwrap().to_string();
        assert!(error.contains("no output lines"), "{error}");
    }
}

#[test]
fn the_manifest_beside_an_output_says_when_its_run_began() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.jsonl");
    std::fs::write(&path, "").unwrap();
    assert!(open(&path).unwrap().tagged.at > 1_600_000_000);
    std::fs::write(dir.path().join("out.run.json"), "{\"started_unix\":12}").unwrap();
    assert_eq!(open(&path).unwrap().tagged.at, 12);
}
