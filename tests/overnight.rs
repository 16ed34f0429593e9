//! A long run that is killed, interrupted, starved of disk and failed by it: resumed, it ends with the same bytes.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use program::corpus::{self, Dice};
use program::{ended, tiny};

/// A corpus, a model and what an undisturbed run over them writes.
struct Night {
    dir: tempfile::TempDir,
    model: Option<PathBuf>,
    lines: Vec<u8>,
    faults: Vec<u8>,
    took: Duration,
}

impl Night {
    fn of(articles: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = Some(tiny::model(dir.path()));
        corpus::fill(&dir.path().join("corpus"), articles);
        Self::undisturbed(dir, model)
    }

    fn undisturbed(dir: tempfile::TempDir, model: Option<PathBuf>) -> Self {
        let mut night = Self {
            dir,
            model,
            lines: Vec::new(),
            faults: Vec::new(),
            took: Duration::ZERO,
        };
        let started = Instant::now();
        let whole = ended(night.start("whole", &[]));
        assert!(whole.code <= 1, "{}", whole.stderr);
        night.took = started.elapsed();
        (night.lines, night.faults) = (night.read("whole.jsonl"), night.read("whole.faults.jsonl"));
        night
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn remove(&self, name: &str) {
        for ending in ["jsonl", "faults.jsonl", "run.json", "run.json.part"] {
            let _ = std::fs::remove_file(self.path(&format!("{name}.{ending}")));
        }
    }

    /// The command that tags the corpus into `name.jsonl`.
    fn command(&self, name: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sanctag"));
        command
            .arg("tag")
            .arg(self.path("corpus"))
            .arg("-o")
            .arg(self.path(&format!("{name}.jsonl")));
        command
            .args(["--scope", "all", "--precision", "f32", "--threads", "2"])
            .args(more);
        if let Some(model) = &self.model {
            command.arg("--model").arg(model);
        }
        command
    }

    fn start(&self, name: &str, more: &[&str]) -> Child {
        spawn(&mut self.command(name, more))
    }

    fn resume(&self, name: &str, checkpoint: &str) -> Child {
        self.start(name, &["--resume", "--checkpoint", checkpoint])
    }

    fn manifest(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(&format!("{name}.run.json"))).unwrap()
    }

    /// Runs on to the end and holds both files to the undisturbed run's.
    fn assert_ends_the_same(&self, name: &str) {
        let last = ended(self.resume(name, "1"));
        assert!(last.code <= 1, "{}: {}", last.code, last.stderr);
        self.assert_same(name);
    }

    fn assert_same(&self, name: &str) {
        assert!(
            self.read(&format!("{name}.jsonl")) == self.lines,
            "{name}: other lines"
        );
        assert!(
            self.read(&format!("{name}.faults.jsonl")) == self.faults,
            "{name}: other faults"
        );
        let counts = &self.manifest(name)["counts"];
        let n = |name: &str| counts[name].as_u64().unwrap();
        assert_eq!(n("read"), n("written") + n("faults"));
        let newlines = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        assert_eq!(
            (n("written"), n("faults")),
            (newlines(&self.lines), newlines(&self.faults))
        );
    }
}

fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh")
        .arg("-c")
        .arg(format!("kill -{name} {}", child.id()))
        .output()
        .unwrap();
    // A child that has just ended is no failure of the test.
    drop(sent);
}

/// How many moments a run is stopped at; more by `SANCTAG_STOPS`.
fn stops(without: usize) -> usize {
    std::env::var("SANCTAG_STOPS")
        .ok()
        .and_then(|stops| stops.parse().ok())
        .unwrap_or(without)
}

/// Stops runs at `moments` random moments, resuming each, and begins anew whenever one comes to its end.
fn stopped_at_random(night: &Night, name: &str, moments: usize, stop: &dyn Fn(&mut Child)) {
    let mut dice = Dice::new(moments as u64);
    let (mut stopped, mut whole) = (0, 0);
    // On a busy machine a run takes long; a hundred of its moments must not.
    let longest = (night.took.as_millis() as usize / 2).min(1_000);
    while stopped < moments {
        let mut child = night.resume(name, ["0", "0.02", "0.1"][dice.below(3)]);
        std::thread::sleep(Duration::from_millis(dice.below(longest) as u64));
        match child.try_wait().unwrap() {
            None => {
                stop(&mut child);
                let ended = ended(child);
                stopped += usize::from(ended.code != 0 && ended.code != 1);
                if ended.code == 2 {
                    panic!("{}", ended.stderr);
                }
            }
            Some(_) => {
                let ended = ended(child);
                assert!(ended.code <= 1, "{}", ended.stderr);
            }
        }
        let finished = night.path(&format!("{name}.run.json")).exists()
            && night.manifest(name)["finished"] == true;
        if finished {
            whole += 1;
            night.assert_same(name);
            night.remove(name);
        }
    }
    night.assert_ends_the_same(name);
    println!(
        "{name}: stopped {stopped} times, {} whole runs of {:?}",
        whole + 1,
        night.took
    );
}

#[test]
fn killed_at_a_hundred_random_moments_and_resumed_it_ends_with_the_same_bytes() {
    let night = Night::of(3000);
    assert!(night.faults.len() > 1000 && night.lines.len() > 1_000_000);
    stopped_at_random(&night, "killed", stops(100), &|child| child.kill().unwrap());
}

#[test]
fn interrupted_at_random_moments_it_ends_with_code_130_and_resumes_to_the_same_bytes() {
    let night = Night::of(1500);
    for name in ["INT", "TERM"] {
        stopped_at_random(&night, name, stops(25), &|child| signal(child, name));
    }
}

#[test]
fn an_interrupted_run_says_how_to_go_on_and_a_second_signal_ends_it_at_once() {
    let night = Night::of(1500);
    let first = spawn(&mut night.command("first", &[]));
    wait_for(&night.path("first.run.json"));
    signal(&first, "INT");
    let first = ended(first);
    assert_eq!(first.code, 130, "{}", first.stderr);
    assert!(first.stderr.contains("--resume"), "{}", first.stderr);
    // What the manifest says is in the files, to the byte.
    let position = &night.manifest("first")["position"];
    assert_eq!(position["line_bytes"], night.read("first.jsonl").len());
    assert_eq!(
        position["fault_bytes"],
        night.read("first.faults.jsonl").len()
    );
    night.assert_ends_the_same("first");
    assert_eq!(night.manifest("first")["resumes"], 1);

    // Reading a pipe that never ends, it cannot come to an end by itself. Once its output is there, it listens to signals.
    let lines = night.path("second.jsonl");
    let mut second = Command::new(env!("CARGO_BIN_EXE_sanctag"))
        .args(["tag", "-", "-o"])
        .arg(&lines)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&lines);
    signal(&second, "TERM");
    std::thread::sleep(Duration::from_millis(300));
    signal(&second, "TERM");
    let since = Instant::now();
    let code = second.wait().unwrap().code();
    assert!(
        code == Some(130) && since.elapsed() < Duration::from_secs(20),
        "{code:?}"
    );
}

/// Waits until a run has begun to write.
fn wait_for(path: &std::path::Path) {
    for _ in 0..600 {
        if path.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{} did not appear", path.display());
}

#[test]
fn a_tail_that_was_torn_is_cut_back_and_written_again() {
    let night = Night::of(1500);
    let mut child = night.resume("torn", "0");
    wait_for(&night.path("torn.run.json"));
    std::thread::sleep(night.took / 3);
    child.kill().unwrap();
    ended(child);
    for (name, tail) in [
        ("torn.jsonl", "{\"schema\":\"sanctag/1\",\"id\":\"half a li"),
        ("torn.faults.jsonl", "\0\0\0\0"),
    ] {
        let mut bytes = night.read(name);
        bytes.extend_from_slice(tail.as_bytes());
        std::fs::write(night.path(name), bytes).unwrap();
    }
    // A manifest that was being written when the power went.
    std::fs::write(night.path("torn.run.json.part"), "{\"schema\":").unwrap();
    night.assert_ends_the_same("torn");
}

#[test]
fn a_full_disk_ends_the_run_with_a_remedy_and_room_lets_it_go_on_to_the_same_bytes() {
    let night = Night::of(1500);
    let blocks = night.lines.len() / 1024;
    for (at, limit) in [0, 1, blocks / 3, blocks - 1].into_iter().enumerate() {
        let name = format!("full{at}");
        let command = night.command(&name, &["--resume", "--checkpoint", "0"]);
        let mut limited = Command::new("bash");
        limited
            .arg("-c")
            .arg(format!("ulimit -f {limit}; exec \"$0\" \"$@\""));
        limited.arg(command.get_program()).args(command.get_args());
        assert_stopped_by_the_disk(&mut limited, &["File too large", "--resume"]);
        night.assert_ends_the_same(&name);
    }
}

fn assert_stopped_by_the_disk(command: &mut Command, parts: &[&str]) {
    let ended = ended(spawn(command));
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    for part in parts {
        assert!(
            ended.stderr.contains(part),
            "no {part:?} in {}",
            ended.stderr
        );
    }
}

/// Builds the library that makes calls fail, with the compiler that the program's own C parts need.
#[cfg(target_os = "linux")]
fn failing_calls(dir: &std::path::Path) -> PathBuf {
    let library = dir.join("failing_calls.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/failing_calls.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .args([source, "-ldl"])
        .output();
    let built = built.unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    library
}

#[cfg(target_os = "linux")]
#[test]
fn any_call_that_fails_ends_the_run_and_never_costs_a_byte() {
    let night = Night::of(1000);
    let library = failing_calls(night.dir.path());
    let half = (night.lines.len() / 2).to_string();
    let faults = (night.faults.len() / 2).to_string();
    let (full, broken) = ("28", "5");
    let cases = [
        // The disk is full, and stays so.
        ("write", ".jsonl", half.as_str(), "", full, "No space left"),
        ("write", ".faults.jsonl", &faults, "", full, "No space left"),
        ("write", ".run.json.part", "5000", "", full, "No space left"),
        // One call fails and the next succeeds: nothing may be taken for written that is not.
        ("write", "whole.jsonl", &half, "1", full, "No space left"),
        (
            "write",
            ".faults.jsonl",
            &faults,
            "1",
            full,
            "No space left",
        ),
        (
            "write",
            "whole.jsonl",
            &half,
            "1",
            broken,
            "Input/output error",
        ),
        (
            "write",
            ".faults.jsonl",
            "0",
            "1",
            broken,
            "Input/output error",
        ),
        (
            "fdatasync",
            ".jsonl",
            "3",
            "1",
            broken,
            "Input/output error",
        ),
        (
            "fdatasync",
            ".faults.jsonl",
            "0",
            "1",
            broken,
            "Input/output error",
        ),
        (
            "fsync",
            ".run.json.part",
            "0",
            "1",
            broken,
            "Input/output error",
        ),
        ("fsync", ".run.json.part", "4", "1", full, "No space left"),
        (
            "rename",
            ".run.json",
            "2",
            "1",
            broken,
            "Input/output error",
        ),
    ];
    for (at, (call, path, after, times, errno, message)) in cases.into_iter().enumerate() {
        let name = format!("failed{at}");
        // Without checkpoints a full buffer is written in the middle of a chunk, with them at its border.
        let checkpoint = if call == "write" && path == "whole.jsonl" {
            "60"
        } else {
            "0.05"
        };
        let path = path.trim_start_matches("whole");
        let mut command = night.command(&name, &["--resume", "--checkpoint", checkpoint]);
        command
            .env("LD_PRELOAD", &library)
            .env("FAIL_CALL", call)
            .env("FAIL_PATH", path);
        command.env("FAIL_AFTER", after).env("FAIL_ERRNO", errno);
        if !times.is_empty() {
            command.env("FAIL_TIMES", times);
        }
        println!("{call} of {path} after {after}");
        assert_stopped_by_the_disk(&mut command, &[message, "--resume"]);
        night.assert_ends_the_same(&name);
    }
}

#[test]
fn a_changed_job_is_refused_with_what_differs_and_force_begins_anew() {
    let night = Night::of(200);
    let refused = |more: &[&str], parts: &[&str]| {
        let ended = ended(night.start("whole", &[&["--resume"], more].concat()));
        assert_eq!(ended.code, 2, "{more:?}: {}", ended.stderr);
        for part in parts {
            assert!(
                ended.stderr.contains(part),
                "{more:?}: no {part:?} in {}",
                ended.stderr
            );
        }
        assert!(
            night.read("whole.jsonl") == night.lines,
            "{more:?} touched the output"
        );
    };
    refused(
        &["--offsets", "bytes"],
        &["unit", "points", "bytes", "--force"],
    );
    refused(&["--shard", "1/2"], &["shard", "none", "1/2"]);
    refused(&["--max-article-bytes", "77"], &["max_article_bytes", "77"]);
    let path = night.path("corpus/0.jsonl");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[1..]).unwrap();
    refused(&[], &["files, sizes or times"]);
    std::fs::write(&path, &bytes).unwrap();
    let other = tempfile::tempdir().unwrap();
    let model = tiny::model(other.path());
    std::fs::write(
        model.join("vocab.txt"),
        std::fs::read_to_string(model.join("vocab.txt")).unwrap() + "\nzz",
    )
    .unwrap();
    let more = night.path("corpus/0.jsonl");
    refused(&[more.to_str().unwrap()], &["inputs' names"]);

    let kept = ended(night.start("whole", &[]));
    assert!(
        kept.code == 2 && kept.stderr.contains("--force"),
        "{}",
        kept.stderr
    );
    let forced = ended(night.start("whole", &["--force"]));
    assert!(forced.code <= 1, "{}", forced.stderr);
    night.assert_same("whole");
    // The work of a run that has ended is not done again.
    let again = ended(night.start("whole", &["--resume"]));
    assert!(again.code <= 1, "{}", again.stderr);
    night.assert_same("whole");
}

#[test]
fn a_second_run_on_the_same_output_is_refused_and_the_first_goes_on() {
    let night = Night::of(1500);
    let first = night.resume("locked", "0");
    wait_for(&night.path("locked.run.json"));
    for more in ["--resume", "--force"] {
        let second = ended(night.start("locked", &[more]));
        assert_eq!(second.code, 2, "{}", second.stderr);
        assert!(second.stderr.contains("another run"), "{}", second.stderr);
    }
    let first = ended(first);
    assert!(first.code <= 1, "{}", first.stderr);
    night.assert_same("locked");
}

#[test]
fn all_shards_together_are_the_whole_even_when_each_was_killed() {
    let night = Night::of(1000);
    let mut lines: Vec<String> = Vec::new();
    let mut all = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let name = format!("shard{}", &shard[..1]);
        let mut child = night.start(&name, &["--resume", "--checkpoint", "0", "--shard", shard]);
        std::thread::sleep(night.took / 4);
        let _ = child.kill();
        ended(child);
        let rest = ended(night.start(&name, &["--resume", "--shard", shard]));
        assert!(rest.code <= 1, "{}", rest.stderr);
        for ending in ["jsonl", "faults.jsonl"] {
            let bytes = night.read(&format!("{name}.{ending}"));
            lines.extend(String::from_utf8(bytes).unwrap().lines().map(str::to_owned));
        }
        let part = night.manifest(&name)["counts"]["read"].as_u64().unwrap();
        assert!(part > 250, "shard {shard} has {part} records");
        all += part;
    }
    let mut whole: Vec<String> = [&night.lines, &night.faults]
        .into_iter()
        .flat_map(|bytes| {
            std::str::from_utf8(bytes)
                .unwrap()
                .lines()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(all, whole.len() as u64);
    lines.sort();
    whole.sort();
    assert!(lines == whole);
}

#[test]
fn the_shipped_model_killed_and_resumed_writes_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(3);
    let lines: Vec<String> = (0..60)
        .map(|id| serde_json::json!({"id": id, "text": corpus::text(&mut dice, 120)}).to_string())
        .collect();
    std::fs::create_dir(dir.path().join("corpus")).unwrap();
    std::fs::write(dir.path().join("corpus/a.jsonl"), lines.join("\n")).unwrap();
    let night = Night::undisturbed(dir, None);
    stopped_at_random(&night, "shipped", stops(100) / 20, &|child| {
        child.kill().unwrap()
    });
}

#[cfg(target_os = "linux")]
#[test]
fn tagging_asks_for_no_socket() {
    let dir = tempfile::tempdir().unwrap();
    let library = failing_calls(dir.path());
    let told = dir.path().join("told");
    let watched = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(args)
            .env("LD_PRELOAD", &library)
            .env("TELL_SOCKETS", &told);
        ended(spawn(&mut command))
    };
    let out = dir.path().join("out.jsonl");
    let tagged = watched(
        env!("CARGO_BIN_EXE_sanctag"),
        &["tag", "data/sample/txt", "-o", out.to_str().unwrap()],
    );
    assert_eq!(tagged.code, 0, "{}", tagged.stderr);
    assert!(!told.exists());
    // What would have been seen.
    watched("bash", &["-c", ": > /dev/tcp/127.0.0.1/9"]);
    assert!(told.exists());
}
