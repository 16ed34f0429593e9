use std::io::Write;

use super::*;

fn read_all(inputs: &[PathBuf], options: &Options) -> Vec<Item> {
    let mut items = Vec::new();
    read(inputs, options, &mut |item, _| {
        items.push(item);
        true
    })
    .unwrap();
    items
}

fn described(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .map(|item| match item {
            Item::Article(article) => format!("{}:{}", article.place.record, article.text),
            Item::Page(page) => format!("{}<{}>", page.known.place.record, page.html.len()),
            Item::Fault(fault) => format!("{}!{:?}", fault.source.record, fault.stage),
        })
        .collect()
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn a_folder_is_read_in_the_order_of_its_names_and_other_files_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("b.txt", "B"),
        ("a/z.txt", "AZ"),
        ("a.xyz", "no"),
        (".hidden.txt", "no"),
        ("c.json", r#"[{"text":"C0"},{"text":"C1"}]"#),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let inputs = [folder.path().to_owned()];
    let items = read_all(&inputs, &Options::default());
    assert_eq!(described(&items), ["0:AZ", "0:B", "0:C0", "1:C1"]);
    assert_eq!(total(&inputs, &Options::default()).unwrap().skipped, 1);
}

#[test]
fn every_line_becomes_an_article_or_a_fault() {
    let lines = concat!(
        r#"{"id":7,"body":"one","date":"2023-03-21T10:00:00Z"}"#,
        "\n\n",
        r#"{"text":5}"#,
        "\n",
        r#"{"title":"no text"}"#,
        "\n",
        "[1]\n",
        "{broken\n",
        r#"{"text":"lone \ud800"}"#,
        "\r\n",
        r#"{"id":"x","content":"last"}"#,
    );
    let (_folder, path) = file("a.jsonl", lines.as_bytes());
    let items = read_all(&[path], &Options::default());
    assert_eq!(
        described(&items),
        [
            "0:one", "1!Parse", "2!Parse", "3!Parse", "4!Parse", "5!Parse", "6:last"
        ]
    );
    let Item::Article(first) = &items[0] else {
        panic!()
    };
    assert_eq!(
        (first.id.as_str(), first.published.as_deref()),
        ("7", Some("2023-03-21"))
    );
}

#[test]
fn packed_files_are_unpacked_and_broken_ones_are_one_fault() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all("größer".as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstandard = zstd::encode_all("größer".as_bytes(), 1).unwrap();
    for (name, bytes, expected) in [
        ("a.txt.gz", gzip.as_slice(), "0:größer"),
        ("a.txt.zst", zstandard.as_slice(), "0:größer"),
        ("b.txt.gz", &gzip[..gzip.len() - 6], "0!Read"),
        ("b.txt.zst", &zstandard[..zstandard.len() - 3], "0!Read"),
        ("c.txt.gz", b"no gzip at all", "0!Read"),
        ("told-by-its-first-byte", b" {\"text\":\"one\"}\n", "0:one"),
        ("told-by-its-first-byte", b"one", "0:one"),
    ] {
        let (_folder, path) = file(name, bytes);
        assert_eq!(
            described(&read_all(&[path], &Options::default())),
            [expected],
            "{name}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf8_are_a_fault_or_replaced_by_option() {
    let named = |encoding: &str| Options {
        encoding: Some(encoding.to_owned()),
        ..Options::default()
    };
    let replacing = Options {
        replace_invalid: true,
        ..Options::default()
    };
    for (bytes, options, expected) in [
        (&b"caf\xe9"[..], Options::default(), "0!Parse"),
        (&b"caf\xe9"[..], replacing.clone(), "0:caf\u{fffd}"),
        (&b"\xff\xfea\0"[..], Options::default(), "0:a"),
        (&b"\xfe\xff\0a\xd8\0"[..], Options::default(), "0!Parse"),
        (&b"\xfe\xff\0a\xd8\0"[..], replacing.clone(), "0:a\u{fffd}"),
        (&b"\xcf\xf0\xe8"[..], named("windows-1251"), "0:При"),
        (&b"\x93\xfa"[..], named("shift_jis"), "0:日"),
        (&b"\x93"[..], named("shift_jis"), "0!Parse"),
        ("größer".as_bytes(), named("windows-1251"), "0:größer"),
        (
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff"[..],
            replacing,
            "0!Parse",
        ),
        (
            &b"\xef\xbb\xbfmark and \0 stay"[..],
            Options::default(),
            "0:\u{feff}mark and \0 stay",
        ),
        (&b""[..], Options::default(), "0:"),
    ] {
        let (_folder, path) = file("a.txt", bytes);
        assert_eq!(described(&read_all(&[path], &options)), [expected]);
    }
}

#[test]
fn a_record_over_the_limit_is_a_fault_and_the_next_is_read() {
    let options = Options {
        max_article_bytes: 20,
        ..Options::default()
    };
    let (_folder, path) = file(
        "a.jsonl",
        b"{\"text\":\"far too long for the limit\"}\n{\"text\":\"short\"}\n",
    );
    assert_eq!(
        described(&read_all(&[path], &options)),
        ["0!Read", "1:short"]
    );
    let (_folder, path) = file("a.txt", b"far too long for the limit");
    assert_eq!(described(&read_all(&[path], &options)), ["0!Read"]);
}

#[test]
fn a_faults_file_is_read_as_the_records_it_holds() {
    let line = r#"{"id":"x1","source":{"path":"old.jsonl","record":9},"stage":"model","reason":"r","record":{"text":"again"}}"#;
    let (_folder, path) = file("OUT.faults.jsonl", line.as_bytes());
    let items = read_all(&[path], &Options::default());
    let Item::Article(article) = &items[0] else {
        panic!("{items:?}")
    };
    assert_eq!(
        (
            article.id.as_str(),
            article.place.record,
            article.text.as_str()
        ),
        ("x1", 9, "again")
    );
}

#[test]
fn ids_depend_on_the_place_below_the_input_alone() {
    let (one, _) = file("a.txt", b"1");
    let (two, _) = file("a.txt", b"2");
    let inner = |folder: &tempfile::TempDir| {
        let path = folder.path().join("corpus");
        std::fs::create_dir(&path).unwrap();
        std::fs::rename(folder.path().join("a.txt"), path.join("a.txt")).unwrap();
        path
    };
    let ids = |path: PathBuf| match &read_all(&[path], &Options::default())[0] {
        Item::Article(article) => article.id.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ids(inner(&one)), ids(inner(&two)));
    assert_ne!(
        ids(one.path().join("corpus")),
        ids(one.path().join("corpus/a.txt"))
    );
}

#[test]
fn an_input_that_is_not_there_stops_the_run_with_a_remedy() {
    let error = check(&[PathBuf::from("/nowhere/at/all")])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("/nowhere/at/all") && error.contains("standard input"),
        "{error}"
    );
}

#[test]
fn json_lines_in_utf16_are_read() {
    let text: Vec<u8> = "\u{feff}{\"text\":\"one\"}\r\n{\"text\":\"größer\"}\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let (_folder, path) = file("a.jsonl", &text);
    let items = read_all(&[path], &Options::default());
    assert_eq!(described(&items), ["0:one", "1:größer"]);
}

#[test]
fn a_json_file_is_an_object_an_array_or_one_object_a_line() {
    for (json, expected) in [
        ("{\n \"text\": \"one\"\n}\n", &["0:one"][..]),
        (
            "\u{feff}[{\"text\":\"a\"},7,{\"text\":\"b\"}]",
            &["0:a", "1!Parse", "2:b"],
        ),
        ("{\"text\":\"a\"}\n{\"text\":\"b\"}\n", &["0:a", "1:b"]),
        ("[{\"text\":\"a\"},{\"text\":\"b", &["0:a", "1!Parse"]),
        ("[{\"text\":\"a\"}] more", &["0:a", "1!Parse"]),
        ("{\n \"text\": \"one\",\n \"title\"", &["0!Parse"]),
        ("[]", &[]),
        ("", &["0!Parse"]),
    ] {
        let (_folder, path) = file("a.json", json.as_bytes());
        let items = read_all(&[path], &Options::default());
        assert_eq!(described(&items), expected, "{json}");
    }
}

#[test]
fn files_that_vanish_or_grow_while_others_are_read_are_one_fault_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["a.txt", "b.txt", "c.jsonl", "d.txt"] {
        std::fs::write(path(name), "{\"text\":\"one\"}\n").unwrap();
    }
    let mut items = Vec::new();
    read(
        &[folder.path().to_owned()],
        &Options::default(),
        &mut |item, _| {
            match items.len() {
                0 => std::fs::remove_file(path("b.txt")).unwrap(),
                // While it is being read: its first record has just been handed on.
                2 => std::fs::write(path("c.jsonl"), "{\"text\":\"one\"}\n".repeat(3)).unwrap(),
                _ => {}
            }
            items.push(item);
            true
        },
    )
    .unwrap();
    assert_eq!(described(&items)[1..4], ["0!Read", "0:one", "1!Read"]);
    let Item::Fault(grown) = &items[3] else {
        panic!()
    };
    assert!(
        grown.reason.contains("15 bytes before, 45 now"),
        "{grown:?}"
    );
    assert_eq!(items.len(), 5);
}
