use super::*;

/// Reads one file of this name and content, and shows each document as `id: words/LABEL, …`.
fn shown(name: &str, content: &[u8]) -> (Vec<String>, Gold) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, content).unwrap();
    let gold = read(
        &[path],
        &["O".to_owned(), "B-PER".to_owned(), "I-PER".to_owned()],
    )
    .unwrap();
    let of = |document: &Document| {
        let text = document.text.as_deref().unwrap();
        let marks = document.marks.iter().flatten();
        let marks: Vec<_> = marks
            .map(|mark| format!("{}/{}", mark.span.of(text), mark.label))
            .collect();
        let id = document.id.rsplit('/').next().unwrap();
        format!("{id}: {}", marks.join(", "))
    };
    (gold.documents.iter().map(of).collect(), gold)
}

#[test]
fn each_program_s_records_are_read_by_their_fields() {
    struct Case(&'static str, &'static str, &'static [&'static str]);
    for Case(name, content, expected) in [
        // Prodigy
        Case(
            "a.jsonl",
            r#"{"text":"Ünal Öz spoke","meta":{"id":"p7"},"tokens":[{"text":"Ünal","id":0}],"spans":[{"start":0,"end":7,"label":"PERSON","token_start":0}],"answer":"accept"}"#,
            &["p7: Ünal Öz/PERSON"],
        ),
        // spaCy, both forms
        Case(
            "a.jsonl",
            r#"["Ann Lee spoke",{"entities":[[0,7,"PERSON"]]}]"#,
            &["a.jsonl#0: Ann Lee/PERSON"],
        ),
        Case(
            "a.json",
            r#"[["Ann spoke",{"entities":[[0,3,"PERSON"]]}],["Bo",{"entities":[]}]]"#,
            &["a.json#0: Ann/PERSON", "a.json#1: "],
        ),
        // doccano, old and new
        Case(
            "a.jsonl",
            r#"{"id":3,"text":"Ann Lee","label":[[0,3,"PER"],[4,7,"PER"]]}"#,
            &["3: Ann/PER, Lee/PER"],
        ),
        Case(
            "a.jsonl",
            r#"{"id":3,"text":"Ann Lee","entities":[{"id":1,"label":"PER","start_offset":4,"end_offset":7}],"relations":[]}"#,
            &["3: Lee/PER"],
        ),
        // Label Studio, whole and short; offsets of a browser count UTF-16 units
        Case(
            "a.json",
            r#"[{"id":9,"data":{"text":"😀 Ann"},"annotations":[{"was_cancelled":true,"result":[]},{"result":[{"type":"labels","value":{"start":3,"end":6,"text":"Ann","labels":["PER"]}},{"type":"choices","value":{"choices":["x"]}}]}]},{"id":10,"data":{"text":"Bo"},"annotations":[]}]"#,
            &["9: Ann/PER"],
        ),
        Case(
            "a.json",
            r#"[{"id":9,"text":"Ann Lee","label":[{"start":0,"end":3,"text":"Ann","labels":["PER"]}]}]"#,
            &["9: Ann/PER"],
        ),
        // Hugging Face tokens, tags by number and by name
        Case(
            "a.jsonl",
            r#"{"id":"0","tokens":["Ann","Lee","spoke"],"ner_tags":[1,2,0]}"#,
            &["0: Ann Lee/PER"],
        ),
        Case(
            "a.jsonl",
            r#"{"tokens":["Ann","spoke"],"tags":["B-PER","O"]}"#,
            &["a.jsonl#0: Ann/PER"],
        ),
        // Tokens that begin as JSON does are tokens
        Case("a.conll", "[\tO\nAnn\tB-PER\n", &["a.conll#0: Ann/PER"]),
    ] {
        let (found, gold) = shown(name, content.as_bytes());
        assert_eq!(
            (found, gold.faults),
            (
                expected.iter().map(|&one| one.to_owned()).collect(),
                Vec::new()
            ),
            "{content}"
        );
    }
}

#[test]
fn a_packed_file_is_unpacked() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, b"Ann\tB-PER\n").unwrap();
    assert_eq!(
        shown("a.conll.gz", &packed.finish().unwrap()).0,
        ["a.conll.gz#0: Ann/PER"]
    );
    assert_eq!(
        shown(
            "a.tsv.zst",
            &zstd::encode_all(&b"Ann\tB-PER\n"[..], 1).unwrap()
        )
        .0,
        ["a.tsv.zst#0: Ann/PER"]
    );
}

#[test]
fn what_cannot_be_read_is_a_fault_with_its_place_and_reason() {
    for (name, content, part) in [
        (
            "a.jsonl",
            r#"{"text":"Ann","spans":[{"start":0,"end":9,"label":"P"}]}"#,
            "0..9",
        ),
        (
            "a.jsonl",
            r#"{"text":"Ann","spans":[{"start":0,"end":2,"text":"Bo","label":"P"}]}"#,
            "\"An\"",
        ),
        (
            "a.jsonl",
            r#"{"tokens":["Ann"],"ner_tags":[7]}"#,
            "--tag-names",
        ),
        (
            "a.jsonl",
            r#"{"tokens":["Ann"],"ner_tags":[]}"#,
            "1 tokens and 0 tags",
        ),
        ("a.jsonl", r#"{"text":"Ann"}"#, "no labelled record"),
        ("a.jsonl", "{broken", "not JSON"),
        ("a.conll", "Ann\n", "line 1"),
        ("a.parquet", "PAR1", "Parquet"),
        ("a.ann", "T1\tPER 0 1\tx", "its text"),
    ] {
        let (found, gold) = shown(name, content.as_bytes());
        assert!(found.is_empty());
        let reason = &gold.faults[0].reason;
        assert!(
            reason.to_lowercase().contains(&part.to_lowercase()),
            "{name}: {reason}"
        );
    }
}

#[test]
fn a_parquet_file_s_tags_have_the_names_it_keeps() {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/eval/tokens.parquet"
    ));
    let gold = read(&[path], &[]).unwrap();
    assert_eq!(gold.faults, []);
    let text = gold.documents[0].text.as_deref().unwrap();
    let marks: Vec<_> = gold.documents[0]
        .marks
        .iter()
        .flatten()
        .map(|mark| (mark.span.of(text), mark.label.as_str()))
        .collect();
    assert_eq!(
        (text, marks),
        (
            "Mara Veldt left Oslo",
            vec![("Mara Veldt", "PER"), ("Oslo", "LOC")]
        )
    );
    assert_eq!(gold.documents.len(), 2);
}
