//! What a user meets on the command line: exit codes, messages with remedies, outputs that are never lost.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use program::{lines, sanctag, sanctag_reading};

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

#[test]
fn standard_input_goes_to_standard_output_and_nothing_else_does() {
    let text = "The U.S. Treasury imposed sanctions on Iran on Tuesday.";
    for (args, input) in [
        (
            &["tag", "-"][..],
            serde_json::json!({ "text": text }).to_string(),
        ),
        (&["tag", "-", "--format", "text"][..], text.to_owned()),
    ] {
        let ended = sanctag_reading(args, input.as_bytes());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let line: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            (&line["schema"], &line["text"]),
            (&"sanctag/1".into(), &text.into())
        );
        let codes: Vec<&str> = line["entities"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|entity| entity["country"]["alpha2"].as_str())
            .collect();
        assert!(codes.contains(&"IR") && codes.contains(&"US"), "{line}");
        assert!(
            ended
                .stderr
                .contains("1 records read = 1 written + 0 faults"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn an_article_that_is_not_on_sanctions_is_written_without_running_the_model() {
    let ended = sanctag_reading(
        &["tag", "-", "--quiet"],
        br#"{"text":"Rain is expected in London on Monday."}"#,
    );
    let line: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(line["relevant"], false);
    assert_eq!(
        (
            &line["stats"]["tokens"],
            line["entities"].as_array().unwrap().len()
        ),
        (&0.into(), 0)
    );
    assert_eq!(ended.stderr, "");
}

#[test]
fn faults_are_told_kept_and_end_in_code_1() {
    let dir = folder(&[
        ("a.txt", b"Sanctions on Iran."),
        ("b.txt", b"\x89PNG\0\xff\xfe"),
        ("c.jsonl", b"{\"text\":1}\n{\"text\":\"ok\"}\n"),
    ]);
    let out = dir.path().join("out/../OUT.jsonl");
    std::fs::create_dir(dir.path().join("out")).unwrap();
    let ended = sanctag(&[
        "tag",
        dir.path().join("a.txt").to_str().unwrap(),
        dir.path().join("b.txt").to_str().unwrap(),
        dir.path().join("c.jsonl").to_str().unwrap(),
        "-o",
        out.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("4 records read = 2 written + 2 faults"),
        "{}",
        ended.stderr
    );
    let faults = lines(&dir.path().join("OUT.faults.jsonl"));
    assert!(
        faults[0]["reason"].as_str().unwrap().contains("binary"),
        "{faults:?}"
    );
    assert!(
        faults[1]["reason"]
            .as_str()
            .unwrap()
            .contains("expected a string"),
        "{faults:?}"
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dir.path().join("OUT.run.json")).unwrap())
            .unwrap();
    assert_eq!(
        (&manifest["counts"]["read"], &manifest["finished"]),
        (&4.into(), &true.into())
    );
}

#[test]
fn an_output_that_is_there_is_overwritten_by_force_alone() {
    let dir = folder(&[("a.txt", b"Nothing here."), ("OUT.jsonl", b"precious\n")]);
    let (input, out) = (dir.path().join("a.txt"), dir.path().join("OUT.jsonl"));
    let args = ["tag", input.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let refused = sanctag(&args);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "precious\n");
    let forced = sanctag(&[&args[..], &["--force"]].concat());
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert_eq!(lines(&out).len(), 1);
}

#[test]
fn what_keeps_a_run_from_starting_is_told_with_a_remedy() {
    let model = folder(&[("config.json", b"{}")]);
    let empty = tempfile::tempdir().unwrap();
    for (args, part) in [
        (vec!["tag", "/nowhere"], "no such file or folder"),
        (vec!["tag"], "<INPUT>"),
        (
            vec![
                "tag",
                "data/sample",
                "--model",
                model.path().to_str().unwrap(),
            ],
            "config.json",
        ),
        (
            vec!["tag", "data/sample", "--model", "/nowhere"],
            "tokenizer.json",
        ),
        (vec!["tag", "data/sample", "--window", "4"], "window"),
        (
            vec!["tag", "data/sample", "--min-score", "2"],
            "from 0 to 1",
        ),
        (
            vec!["tag", "data/sample", "-o", "/nowhere/at/all.jsonl"],
            "/nowhere/at/all.jsonl",
        ),
        (
            vec!["model", "verify", empty.path().to_str().unwrap()],
            "has no config.json",
        ),
        (vec!["frobnicate"], "unrecognized subcommand"),
    ] {
        let ended = sanctag(&args);
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(part), "{args:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{args:?}");
    }
}

#[test]
fn an_empty_folder_is_no_loss_but_is_told() {
    let dir = folder(&[]);
    let ended = sanctag(&["tag", dir.path().to_str().unwrap()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    assert!(
        ended.stderr.contains("no article was found"),
        "{}",
        ended.stderr
    );
}

#[test]
fn threads_do_not_change_a_byte() {
    let tag = |threads| {
        sanctag(&[
            "tag",
            "data/sample",
            "--scope",
            "all",
            "--quiet",
            "--threads",
            threads,
        ])
        .stdout
    };
    let one = tag("1");
    assert!(one.lines().count() > 30);
    assert!(tag("2") == one && tag("5") == one);
}

#[test]
fn the_shipped_model_shows_and_verifies() {
    let show = sanctag(&["model", "show"]);
    assert_eq!(show.code, 0, "{}", show.stderr);
    for part in ["sanctag-en", "architecture  bert", "PER ORG LOC MISC"] {
        assert!(show.stdout.contains(part), "{}", show.stdout);
    }
    let verify = sanctag(&["model", "verify"]);
    assert!(
        verify.stdout.contains("can be used"),
        "{}{}",
        verify.stdout,
        verify.stderr
    );
}

#[test]
fn every_subcommand_teaches_with_an_example() {
    for command in [
        &["tag"][..],
        &["model", "show"],
        &["model", "verify"],
        &["schema"],
    ] {
        let help = sanctag(&[command, &["--help"]].concat());
        assert_eq!(help.code, 0);
        assert!(
            help.stdout
                .contains(&format!("sanctag {}", command.join(" ")))
                && help.stdout.contains("Example"),
            "{}",
            help.stdout
        );
    }
}
