//! What scraped corpora hold beside articles: each is one clear fault, and nothing else is touched.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use program::{Ended, lines, tiny};

static MODEL: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    tiny::model(dir.path());
    dir
});

/// Address space of a run over anything here, in KiB: what is not bounded would soon be above it.
const ADDRESS_KIB: u32 = 2 << 20;

/// Tags a folder into a folder of its own, with little memory.
fn tag(corpus: &Path, out: &Path, more: &[&str]) -> Ended {
    let mut command = Command::new("bash");
    command
        .arg("-c")
        .arg(format!("ulimit -v {ADDRESS_KIB}; exec \"$0\" \"$@\""));
    command
        .arg(env!("CARGO_BIN_EXE_sanctag"))
        .arg("tag")
        .arg(corpus)
        .arg("-o")
        .arg(out.join("OUT.jsonl"));
    command
        .args([
            "--scope",
            "all",
            "--precision",
            "f32",
            "--threads",
            "2",
            "--model",
        ])
        .arg(MODEL.path().join("tiny"));
    let ended = command.args(more).output().unwrap();
    Ended {
        code: ended.status.code().unwrap_or(-1),
        stdout: String::from_utf8(ended.stdout).unwrap(),
        stderr: String::from_utf8(ended.stderr).unwrap(),
    }
}

struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    more: &'static [&'static str],
    /// Records that become lines.
    written: usize,
    /// Record, stage and a part of the reason of each fault.
    faults: &'static [(u64, &'static str, &'static str)],
}

fn case(
    name: &'static str,
    bytes: impl Into<Vec<u8>>,
    written: usize,
    faults: &'static [(u64, &'static str, &'static str)],
) -> Case {
    Case {
        name,
        bytes: bytes.into(),
        more: &[],
        written,
        faults,
    }
}

fn gzip(write: &dyn Fn(&mut dyn Write)) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    write(&mut encoder);
    encoder.finish().unwrap()
}

fn zstandard(write: &dyn Fn(&mut dyn Write)) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    write(&mut encoder);
    encoder.finish().unwrap()
}

/// 400 MB that pack into next to nothing.
fn bomb(out: &mut dyn Write) {
    let block = vec![b'x'; 1 << 20];
    out.write_all(b"{\"text\":\"").unwrap();
    (0..400).for_each(|_| out.write_all(&block).unwrap());
}

fn assert_faults(case: &Case) {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus");
    std::fs::create_dir(&corpus).unwrap();
    std::fs::write(corpus.join(case.name), &case.bytes).unwrap();
    for neighbour in ["0.txt", "z.txt"] {
        std::fs::write(corpus.join(neighbour), "Karl Brenner spoke.").unwrap();
    }
    let ended = tag(&corpus, dir.path(), case.more);
    let name = case.name;
    assert_eq!(
        ended.code,
        i32::from(!case.faults.is_empty()),
        "{name}: {}",
        ended.stderr
    );
    let written = lines(&dir.path().join("OUT.jsonl"));
    assert_eq!(written.len(), case.written + 2, "{name}: {}", ended.stderr);
    for neighbour in [&written[0], &written[written.len() - 1]] {
        assert_eq!(neighbour["entities"][0]["name"], "Karl Brenner", "{name}");
    }
    let faults = lines(&dir.path().join("OUT.faults.jsonl"));
    assert_eq!(faults.len(), case.faults.len(), "{name}: {faults:?}");
    for (fault, (record, stage, part)) in faults.iter().zip(case.faults) {
        assert_eq!(
            (&fault["source"]["record"], &fault["stage"]),
            (&(*record).into(), &(*stage).into()),
            "{name}: {fault}"
        );
        assert!(
            fault["source"]["path"].as_str().unwrap().ends_with(name),
            "{fault}"
        );
        assert!(
            fault["reason"].as_str().unwrap().contains(part),
            "{name}: {fault}"
        );
    }
}

#[test]
fn every_kind_of_rubbish_is_one_clear_fault_and_touches_nothing_else() {
    let good = "{\"text\":\"Good.\"}\n";
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let nested = format!("{{\"text\":\"a\",\"x\":{}}}", deep("[", "]"));
    let article = "Velmar Holdings and Karl Brenner met. ".repeat(50);
    let record = serde_json::json!({ "text": article }).to_string();
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 9].to_vec();
    let packed_lines = |out: &mut dyn Write| {
        (0..2000)
            .for_each(|id| writeln!(out, "{{\"id\":{id},\"text\":\"{}\"}}", id * 7919).unwrap());
    };
    let cases = [
        case(
            "deep.jsonl",
            format!("{}\n{nested}\n{good}", deep("[", "]")),
            1,
            &[(0, "parse", "recursion"), (1, "parse", "recursion")],
        ),
        case(
            "deep.json",
            deep("{\"a\":", "}"),
            0,
            &[(0, "parse", "JSON")],
        ),
        case(
            "wide.jsonl",
            format!(
                "{{\"text\":\"a\",\"x\":[{}1]}}\n{good}",
                "[],".repeat(20_000_000)
            ),
            2,
            &[],
        ),
        case(
            "bomb.jsonl.gz",
            gzip(&bomb),
            0,
            &[(0, "read", "--max-ratio")],
        ),
        case("bomb.txt.gz", gzip(&bomb), 0, &[(0, "read", "--max-ratio")]),
        case(
            "bomb.jsonl.zst",
            zstandard(&bomb),
            0,
            &[(0, "read", "--max-ratio")],
        ),
        case("cut.json", &record[..40], 0, &[(0, "parse", "is not JSON")]),
        case(
            "cut.jsonl",
            format!("{good}{}", &record[..40]),
            1,
            &[(1, "parse", "line 2: is not JSON")],
        ),
        case(
            "cut.txt.gz",
            cut(gzip(&|out| out.write_all(article.as_bytes()).unwrap())),
            0,
            &[(0, "read", "to its end")],
        ),
        case(
            "cut.txt.zst",
            cut(zstandard(&|out| out.write_all(article.as_bytes()).unwrap())),
            0,
            &[(0, "read", "to its end")],
        ),
        case(
            "cut-at-its-checksum.jsonl.gz",
            {
                let packed = gzip(&packed_lines);
                packed[..packed.len() - 4].to_vec()
            },
            2000,
            &[(2000, "read", "beyond line 2000")],
        ),
        case("no-gzip.txt.gz", "plain text", 0, &[(0, "read", "gzip")]),
        case(
            "no-zstd.txt.zst",
            "plain text",
            0,
            &[(0, "read", "to its end")],
        ),
        case(
            "binary.txt",
            b"\x7fELF\x02\x01\x01\0\0\xff\xfe".to_vec(),
            0,
            &[(0, "parse", "binary")],
        ),
        case(
            "binary.jsonl",
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\xff\n".to_vec(),
            0,
            &[
                (0, "parse", "UTF-8"),
                (1, "parse", ""),
                (2, "parse", "binary"),
            ],
        ),
        case(
            "latin.txt",
            b"caf\xe9".to_vec(),
            0,
            &[(
                0,
                "parse",
                "not UTF-8 at byte 3; name its encoding with --encoding",
            )],
        ),
        case(
            "latin.jsonl",
            [b"{\"text\":\"caf\xe9\"}\n", good.as_bytes()].concat(),
            1,
            &[(0, "parse", "not UTF-8 at byte 12")],
        ),
        Case {
            more: &["--invalid-utf8", "replace"],
            ..case("replaced.txt", b"caf\xe9".to_vec(), 1, &[])
        },
        Case {
            more: &["--encoding", "latin1"],
            ..case("named.txt", b"caf\xe9".to_vec(), 1, &[])
        },
        case("empty.txt", "", 1, &[]),
        case("empty.jsonl", "", 0, &[]),
        case("empty.json", "", 0, &[(0, "parse", "is not JSON")]),
        case("empty.jsonl.gz", "", 0, &[]),
        case(
            "nul.jsonl",
            "{\"text\":\"a\\u0000b\"}\n{\"text\":\"a\0b\"}\n",
            1,
            &[(1, "parse", "control character")],
        ),
        case(
            "surrogate.jsonl",
            format!(
                "{{\"text\":\"a\\ud800b\"}}\n{{\"text\":\"\\udc00\"}}\n{{\"text\":\"\\ud83d\\ude00\"}}\n{good}"
            ),
            2,
            &[(0, "parse", "is not JSON"), (1, "parse", "is not JSON")],
        ),
        case(
            "types.jsonl",
            "{\"text\":1}\n{\"text\":null}\n{\"text\":[\"a\"]}\n{\"text\":\"a\",\"title\":{}}\n{\"text\":\"a\",\"id\":[1]}\n{\"text\":\"a\",\"date\":7}\n7\n\"a\"\nnull\n{\"text\":\"a\",\"id\":true}\n",
            0,
            &[
                (0, "parse", "field text is a number"),
                (1, "parse", "field text is null"),
                (2, "parse", "field text is an array"),
                (3, "parse", "field title is an object"),
                (4, "parse", "field id is an array"),
                (5, "parse", "field date is a number"),
                (6, "parse", "no JSON object"),
                (7, "parse", "no JSON object"),
                (8, "parse", "no JSON object"),
                (9, "parse", "field id is true or false"),
            ],
        ),
        case(
            "dates.jsonl",
            [
                "0001-01-01",
                "9999-12-31",
                "0000-00-00",
                "10000-01-01",
                "-5",
                "yesterday",
                "2023-02-30T99:99",
            ]
            .iter()
            .map(|date| format!("{{\"text\":\"a\",\"date\":\"{date}\"}}\n"))
            .collect::<String>(),
            7,
            &[],
        ),
        case(
            "twice.jsonl",
            "{\"id\":1,\"text\":\"a\"}\n{\"id\":\"1\",\"text\":\"b\"}\n{\"id\":2,\"text\":\"c\"}\n",
            2,
            &[(1, "parse", "stands twice")],
        ),
        case("keys.jsonl", "{\"text\":\"a\",\"text\":\"b\"}\n", 1, &[]),
        Case {
            more: &["--max-article-bytes", "1000"],
            ..case(
                "large.txt",
                "x".repeat(1001),
                0,
                &[(0, "read", "--max-article-bytes")],
            )
        },
        Case {
            more: &["--max-article-bytes", "1000"],
            ..case(
                "large.jsonl",
                format!("{}\n{good}", "x".repeat(5000)),
                1,
                &[(0, "read", "line 1 has 5000 bytes")],
            )
        },
    ];
    for case in &cases {
        assert_faults(case);
    }
}

#[test]
fn a_line_of_a_gigabyte_is_passed_over_in_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus");
    std::fs::create_dir(&corpus).unwrap();
    // A hole takes no room on the disk.
    let mut file = std::fs::File::create(corpus.join("a.jsonl")).unwrap();
    file.set_len(1 << 30).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
    file.write_all(b"\n{\"text\":\"Karl Brenner spoke.\"}\n")
        .unwrap();
    let ended = tag(&corpus, dir.path(), &[]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let faults = lines(&dir.path().join("OUT.faults.jsonl"));
    assert!(
        faults[0]["reason"]
            .as_str()
            .unwrap()
            .contains("line 1 has 1073741824 bytes"),
        "{faults:?}"
    );
    assert_eq!(
        lines(&dir.path().join("OUT.jsonl"))[0]["source"]["record"],
        1
    );
}

#[test]
fn links_are_followed_by_option_alone_and_a_loop_of_them_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus");
    std::fs::create_dir_all(corpus.join("in")).unwrap();
    std::fs::write(corpus.join("in/a.txt"), "Karl Brenner spoke.").unwrap();
    std::fs::write(dir.path().join("secret.txt"), "Outside.").unwrap();
    let link = |from: &str, to: &str| std::os::unix::fs::symlink(from, corpus.join(to)).unwrap();
    link("../../secret.txt", "in/outside.txt");
    link("../in", "in/loop");
    link("nowhere.txt", "dangling.txt");
    let made = Command::new("mkfifo")
        .arg(corpus.join("pipe.txt"))
        .status()
        .unwrap();
    assert!(made.success());
    let ended = tag(&corpus, dir.path(), &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(lines(&dir.path().join("OUT.jsonl")).len(), 1);
    assert!(
        ended.stderr.contains("4 files in folders were skipped"),
        "{}",
        ended.stderr
    );
    let followed = tag(&corpus, dir.path(), &["--force", "--follow-links"]);
    assert_eq!(followed.code, 1, "{}", followed.stderr);
    let texts: Vec<String> = lines(&dir.path().join("OUT.jsonl"))
        .iter()
        .map(|line| line["text"].to_string())
        .collect();
    assert_eq!(texts, ["\"Karl Brenner spoke.\"", "\"Outside.\""]);
    let faults = lines(&dir.path().join("OUT.faults.jsonl"));
    let reasons: Vec<&str> = faults
        .iter()
        .map(|fault| fault["reason"].as_str().unwrap())
        .collect();
    assert!(
        reasons.len() == 2 && reasons.iter().any(|reason| reason.contains("loop")),
        "{reasons:?}"
    );
}

#[test]
fn what_may_not_be_read_is_a_fault() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus");
    std::fs::create_dir_all(corpus.join("closed")).unwrap();
    std::fs::write(corpus.join("a.txt"), "Karl Brenner spoke.").unwrap();
    std::fs::write(corpus.join("shut.txt"), "Unseen.").unwrap();
    for name in ["closed", "shut.txt"] {
        std::fs::set_permissions(corpus.join(name), std::fs::Permissions::from_mode(0o0)).unwrap();
    }
    if std::fs::read(corpus.join("shut.txt")).is_ok() {
        // Root may read everything: there is nothing to be tested.
        return;
    }
    let ended = tag(&corpus, dir.path(), &[]);
    std::fs::set_permissions(
        corpus.join("closed"),
        std::fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert_eq!(lines(&dir.path().join("OUT.faults.jsonl")).len(), 2);
    assert_eq!(lines(&dir.path().join("OUT.jsonl")).len(), 1);
}
