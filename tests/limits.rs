//! Memory stays where it is however large the corpus; an article that is too large or too slow is a fault.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use program::corpus::{self, Dice};
use program::{Ended, ended, lines, tiny};

struct Place {
    dir: tempfile::TempDir,
    model: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = tiny::model(dir.path());
        Self { dir, model }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Tags `name.jsonl` into `name.out.jsonl`; gives the most memory that the program had at any time, in KiB.
    fn tag(&self, name: &str, more: &[&str]) -> (Ended, u64) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sanctag"));
        command
            .arg("tag")
            .arg(self.path(&format!("{name}.jsonl")))
            .arg("-o")
            .arg(self.path(&format!("{name}.out.jsonl")));
        command
            .args([
                "--scope",
                "all",
                "--precision",
                "f32",
                "--force",
                "--quiet",
                "--model",
            ])
            .arg(&self.model);
        let command = command
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(peak_kib(child.id()));
            std::thread::sleep(Duration::from_millis(10));
        }
        (ended(child), peak)
    }

    fn faults(&self, name: &str) -> Vec<serde_json::Value> {
        lines(&self.path(&format!("{name}.out.faults.jsonl")))
    }
}

fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// Writes `articles` articles, copies of 400 texts: what a worker remembers of them is all there from the first thousand on.
/// (The memory for windows read before is bounded; texts without copies fill it with about a million tokens.)
fn write(path: &Path, articles: usize) {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let texts: Vec<String> = (0..400)
        .map(|seed| corpus::text(&mut Dice::new(seed), 80))
        .collect();
    for id in 0..articles {
        let text = &texts[id % texts.len()];
        writeln!(
            file,
            "{}",
            serde_json::json!({"id": format!("article-{id:09}"), "text": text})
        )
        .unwrap();
    }
}

#[test]
fn memory_does_not_grow_with_the_corpus() {
    let place = Place::new();
    let many = std::env::var("SANCTAG_ARTICLES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(8_000);
    let peak = |name: &str, articles: usize| {
        write(&place.path(name).with_extension("jsonl"), articles);
        let (ended, peak) = place.tag(name, &["--threads", "1"]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert_eq!(
            lines_in(&place.path(&format!("{name}.out.jsonl"))),
            articles
        );
        peak
    };
    let (few, more) = (peak("few", 1_000), peak("many", many));
    println!("peak {few} KiB with 1,000 articles, {more} KiB with {many}");
    assert!(
        few > 10_000 && more * 10 <= few * 11,
        "{few} KiB with 1,000 articles, {more} KiB with {many}"
    );
}

/// Number of line ends, without holding the file.
fn lines_in(path: &Path) -> usize {
    let mut file = std::fs::File::open(path).unwrap();
    let mut block = vec![0; 1 << 20];
    let mut count = 0;
    loop {
        let read = std::io::Read::read(&mut file, &mut block).unwrap();
        if read == 0 {
            return count;
        }
        count += block[..read].iter().filter(|&&byte| byte == b'\n').count();
    }
}

#[test]
fn an_article_too_large_for_the_memory_is_a_fault_and_the_bound_is_kept() {
    let place = Place::new();
    let mut dice = Dice::new(5);
    let huge = "Velmar Holdings spoke. ".repeat(400_000);
    let dense = "!".repeat(1 << 21);
    let mut texts = vec![huge, dense];
    // Each is within the bound; all of them at once are far above it.
    texts.extend((0..8).map(|_| corpus::text(&mut dice, 200_000)));
    texts.push("Karl Brenner spoke.".to_owned());
    let json: Vec<String> = texts
        .iter()
        .map(|text| serde_json::json!({ "text": text }).to_string())
        .collect();
    std::fs::write(place.path("large.jsonl"), json.join("\n")).unwrap();
    let (ended, peak) = place.tag("large", &["--memory", "450M", "--threads", "2"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    println!("peak {peak} KiB");
    assert!(peak < 450 << 10, "{peak} KiB");
    let faults = place.faults("large");
    assert_eq!(faults[0]["source"]["record"], 0);
    assert!(
        faults[0]["reason"].as_str().unwrap().contains("--memory"),
        "{}",
        faults[0]["reason"]
    );
    assert_eq!(
        lines_in(&place.path("large.out.jsonl")) + faults.len(),
        texts.len()
    );
    assert!(faults.len() <= 2, "{} faults", faults.len());
    let (little, _) = place.tag("large", &["--memory", "100M", "--threads", "2"]);
    assert!(
        little.code == 2 && little.stderr.contains("fewer --threads"),
        "{}",
        little.stderr
    );
}

#[test]
fn an_article_that_takes_too_long_is_a_fault_and_the_next_is_not() {
    let place = Place::new();
    let long = corpus::text(&mut Dice::new(9), 200_000);
    let json =
        [&long, "Karl Brenner spoke."].map(|text| serde_json::json!({ "text": text }).to_string());
    std::fs::write(place.path("slow.jsonl"), json.join("\n")).unwrap();
    let (ended, _) = place.tag("slow", &["--timeout", "0.3", "--threads", "1"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let faults = place.faults("slow");
    assert_eq!(
        (faults.len(), &faults[0]["source"]["record"]),
        (1, &0.into())
    );
    assert!(
        faults[0]["reason"]
            .as_str()
            .unwrap()
            .contains("--timeout 0.3"),
        "{}",
        faults[0]
    );
    assert_eq!(
        lines(&place.path("slow.out.jsonl"))[0]["source"]["record"],
        1
    );
}
