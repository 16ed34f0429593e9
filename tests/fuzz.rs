//! Arbitrary bytes at every door: no panic, no hang, offsets exact.
//!
//! A minute by default; `SANCTAG_FUZZ_CASES` sets the number of cases of each target, `SANCTAG_FUZZ_SEED` where they begin. A failure names its
//! case: give that as the seed with one case to see it again.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod common;
#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use program::corpus::Dice;
use sanctag::article::{Article, Place};
use sanctag::decode::{Decoder, Voice};
use sanctag::engine::{Labels, Logits};
use sanctag::ingest::{self, Format, Item};
use sanctag::run::{Outcome, Pipeline, Worker};
use sanctag::span::Span;
use sanctag::tokenize::Tokens;

/// Longest that one case may take; the longest inputs here have some kilobytes.
const HANG: Duration = Duration::from_secs(20);
/// Without a number of cases, so long each of the three targets is tried.
const MOMENT: Duration = Duration::from_secs(20);

/// Runs cases until their number or the time is up, and ends the program when one hangs.
fn fuzz(target: &str, case: &mut dyn FnMut(&mut Dice)) {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse::<u64>().ok())
    };
    let (cases, first) = (
        number("SANCTAG_FUZZ_CASES"),
        number("SANCTAG_FUZZ_SEED").unwrap_or(1),
    );
    let (current, done) = (Arc::new(AtomicU64::new(first)), Arc::new(AtomicU64::new(0)));
    let watched = (current.clone(), done.clone(), target.to_owned());
    std::thread::spawn(move || {
        let (current, done, target) = watched;
        let mut last = (u64::MAX, Instant::now());
        while done.load(Ordering::Relaxed) == 0 {
            let now = current.load(Ordering::Relaxed);
            if now != last.0 {
                last = (now, Instant::now());
            } else if last.1.elapsed() > HANG {
                eprintln!(
                    "{target}: case {now} hangs; SANCTAG_FUZZ_SEED={now} SANCTAG_FUZZ_CASES=1 shows it"
                );
                std::process::exit(101);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let started = Instant::now();
    let mut n = 0;
    while cases.map_or(started.elapsed() < MOMENT, |cases| n < cases) {
        let seed = first + n;
        current.store(seed, Ordering::Relaxed);
        let ended =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case(&mut Dice::new(seed))));
        assert!(
            ended.is_ok(),
            "{target}: case {seed} fails; SANCTAG_FUZZ_SEED={seed} SANCTAG_FUZZ_CASES=1 shows it"
        );
        n += 1;
    }
    done.store(1, Ordering::Relaxed);
    println!("{target}: {n} cases in {:.0?}", started.elapsed());
    assert!(n > 0);
}

const PARTS: [&str; 44] = [
    "{\"text\":\"",
    "\"}",
    "\n",
    "\r\n",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u0000",
    "\\ud83d",
    "\\ude00",
    "\\n",
    ",",
    ":",
    "null",
    "1e999",
    "-0",
    "\"id\":",
    "\"date\":\"2023-03-21\"",
    "date 2023-03-21 ",
    "Iran",
    "U.S.",
    "the EU's",
    "sanctions on",
    "were sanctioned by",
    "Treasury ",
    "OFAC",
    "Mr. Brenner ",
    "Velmar Holdings ",
    "(VH)",
    "café",
    "e\u{301}",
    "👩‍👩‍👧",
    "إيران",
    "\u{202e}",
    "\u{feff}",
    "İ",
    "ß",
    "日本",
    " ",
    ". ",
    "\u{85}",
];

/// Bytes made of parts that mean something here, arbitrary ones among them.
fn bytes(dice: &mut Dice, parts: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..dice.below(parts) {
        match dice.below(12) {
            0 => bytes.push(dice.below(256) as u8),
            1 => bytes.extend(std::iter::repeat_n(dice.below(128) as u8, dice.below(40))),
            2 if !bytes.is_empty() => {
                let from = dice.below(bytes.len());
                let again = bytes[from..].to_vec();
                bytes.extend(again.into_iter().take(60));
            }
            _ => bytes.extend_from_slice(PARTS[dice.below(PARTS.len())].as_bytes()),
        }
    }
    for _ in 0..dice.below(3) {
        if !bytes.is_empty() {
            let at = dice.below(bytes.len());
            match dice.below(3) {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << dice.below(8),
                _ => drop(bytes.remove(at)),
            }
        }
    }
    bytes
}

/// As [`bytes`], as text.
fn text(dice: &mut Dice, parts: usize) -> String {
    String::from_utf8_lossy(&bytes(dice, parts)).into_owned()
}

#[test]
fn any_bytes_are_articles_or_faults_in_every_format() {
    let dir = tempfile::tempdir().unwrap();
    let names = [
        "a.txt",
        "a.jsonl",
        "a.json",
        "a.jsonl.gz",
        "a.jsonl.zst",
        "a.txt.gz",
        "told",
    ];
    let paths: Vec<PathBuf> = names.iter().map(|name| dir.path().join(name)).collect();
    fuzz("ingest", &mut |dice| {
        let which = dice.below(names.len());
        let mut bytes = bytes(dice, 40);
        if which > 2 && names[which].ends_with('t') {
            bytes.truncate(2000);
        }
        if names[which].ends_with("zst") {
            bytes = zstd::bulk::compress(&bytes, 1).unwrap();
        } else if names[which].ends_with("gz") {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut packed, &bytes).unwrap();
            bytes = packed.finish().unwrap();
        }
        if which > 2 && dice.below(3) == 0 && !bytes.is_empty() {
            let at = dice.below(bytes.len());
            bytes[at] = dice.below(256) as u8;
        }
        std::fs::write(&paths[which], &bytes).unwrap();
        let options = ingest::Options {
            replace_invalid: dice.below(2) == 0,
            encoding: [
                None,
                Some("windows-1251".to_owned()),
                Some("shift_jis".to_owned()),
            ][dice.below(3)]
            .clone(),
            max_article_bytes: [30, 300, 1 << 20][dice.below(3)],
            format: [
                None,
                None,
                Some(Format::Text),
                Some(Format::Jsonl),
                Some(Format::Json),
            ][dice.below(5)],
            ..ingest::Options::default()
        };
        let mut last = None;
        let input = &paths[which..=which];
        ingest::read(input, &options, &mut |item, seen| {
            let (place, text) = match &item {
                Item::Article(article) => (&article.place, article.text.as_str()),
                Item::Page(page) => (&page.known.place, ""),
                Item::Fault(fault) => {
                    assert!(
                        !fault.reason.is_empty() && !fault.reason.contains("panicked"),
                        "{fault:?}"
                    );
                    (&fault.source, "")
                }
            };
            // Bytes of another encoding may take three times their number as UTF-8.
            assert!(text.len() <= 3 * options.max_article_bytes);
            assert!(seen.bytes <= bytes.len() as u64);
            if place.path == input[0].to_string_lossy() {
                assert!(
                    last < Some(place.record),
                    "record {} after {last:?}",
                    place.record
                );
                last = Some(place.record);
            }
            true
        })
        .unwrap();
    });
}

#[test]
fn any_damage_to_a_file_of_another_tool_leaves_articles_or_faults() {
    let dir = tempfile::tempdir().unwrap();
    let files: Vec<(String, Vec<u8>)> = std::fs::read_dir("tests/fixtures/inputs")
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    assert!(files.len() > 4);
    fuzz("damage", &mut |dice| {
        let (name, sound) = &files[dice.below(files.len())];
        let mut bytes = sound.clone();
        for _ in 0..dice.below(6) {
            let at = dice.below(bytes.len());
            match dice.below(4) {
                0 => bytes.truncate(at.max(1)),
                1 => drop(bytes.drain(at..(at + dice.below(40)).min(bytes.len() - 1).max(at))),
                _ => bytes[at] = dice.below(256) as u8,
            }
        }
        let path = dir.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        ingest::read(&[path], &ingest::Options::default(), &mut |item, _| {
            let fault = match item {
                Item::Article(_) => None,
                Item::Page(page) => page.article().err(),
                Item::Fault(fault) => Some(Box::new(fault)),
            };
            if let Some(fault) = fault {
                assert!(!fault.reason.is_empty(), "{fault:?}");
            }
            true
        })
        .unwrap();
    });
}

#[test]
fn any_logits_decode_to_mentions_on_the_borders_of_characters() {
    let columns: [&[&str]; 3] = [
        &["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"],
        &["I-PER", "O", "I-ORG", "I-MISC"],
        &["O", "B-ORG-GOV", "I-ORG-GOV", "B-PER", "E-PER", "S-PER"],
    ];
    let decoders: Vec<(usize, Decoder)> = columns
        .iter()
        .filter_map(|columns| Labels::parse(columns).ok())
        .map(|labels| (labels.n(), Decoder::new(&labels, Voice::default())))
        .collect();
    assert!(decoders.len() >= 2);
    fuzz("decode", &mut |dice| {
        let text = text(dice, 30);
        let (n_columns, decoder) = &decoders[dice.below(decoders.len())];
        let mut tokens = Tokens::default();
        let mut at = 0;
        for (end, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
            if dice.below(3) > 0 && end > at {
                let word = dice.below(2) == 0 || tokens.is_empty();
                tokens.push(0, 0, Span::new(at, end), word, word && dice.below(5) == 0);
                at = end;
            }
        }
        let value = |dice: &mut Dice| match dice.below(30) {
            0 => f32::NAN,
            1 => f32::INFINITY,
            2 => f32::NEG_INFINITY,
            n => (n as f32 - 15.0) * dice.below(100) as f32 / 20.0,
        };
        let values = (0..tokens.len() * n_columns).map(|_| value(dice)).collect();
        let mut last = 0;
        for mention in decoder.mentions(
            &text,
            &tokens,
            &Logits {
                values,
                n_columns: *n_columns,
            },
        ) {
            let covered = text.get(mention.span.start..mention.span.end);
            assert!(
                covered.is_some_and(|covered| !covered.is_empty()),
                "{mention:?} of {text:?}"
            );
            assert!(last <= mention.span.start, "{mention:?} after {last}");
            last = mention.span.end;
        }
    });
}

#[test]
fn any_text_goes_the_whole_path_with_exact_offsets() {
    let options = common::options();
    let (_dir, folder) = common::folder();
    let pipeline = Pipeline::with_model(&folder, common::scripted(&folder), &options).unwrap();
    let mut worker = Worker::new(&pipeline).unwrap();
    fuzz("path", &mut |dice| {
        let article = |at: u64, text: String| {
            let place = Place {
                path: "fuzz".to_owned(),
                record: at,
                offset: None,
            };
            let id = at.to_string();
            Item::Article(Article {
                id,
                place,
                title: None,
                published: None,
                lang: None,
                url: None,
                text,
            })
        };
        let texts: Vec<String> = (0..3).map(|_| text(dice, 60)).collect();
        let items = (0..)
            .zip(&texts)
            .map(|(at, text)| article(at, text.clone()))
            .collect();
        let (outcomes, _) = worker.annotate(items).unwrap();
        assert_eq!(outcomes.len(), texts.len());
        for (outcome, text) in outcomes.iter().zip(&texts) {
            match outcome {
                Outcome::Line { line, .. } => {
                    let line: serde_json::Value = serde_json::from_str(line).unwrap();
                    assert_eq!(line["text"], **text);
                    common::assert_offsets(&line);
                }
                Outcome::Fault(fault) => panic!("{fault:?}"),
            }
        }
    });
}
