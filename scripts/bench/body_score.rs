//! How much of a text the body keeps: `cargo run --release --example body_score -- FOLDER [GOLD]`.
//!
//! Without GOLD: the share of bytes kept over every `.txt` file of FOLDER. With it: precision, recall and F1 of the kept words
//! (as bags, per file, averaged) against `GOLD/NAME.gold.txt`, for the body and for the whole text.

use std::collections::HashMap;
use std::path::Path;

use sanctag::body::{Mode, body};

fn bag(text: &str) -> HashMap<&str, usize> {
    let mut bag = HashMap::new();
    for word in text.split_whitespace() {
        *bag.entry(word).or_default() += 1;
    }
    bag
}

fn score(kept: &str, gold: &str) -> [f64; 3] {
    let (kept, gold) = (bag(kept), bag(gold));
    let both: usize = kept
        .iter()
        .map(|(word, n)| *n.min(gold.get(word).unwrap_or(&0)))
        .sum();
    let share = |n: usize| both as f64 / n.max(1) as f64;
    let (p, r) = (share(kept.values().sum()), share(gold.values().sum()));
    [
        p,
        r,
        if p + r > 0.0 {
            2.0 * p * r / (p + r)
        } else {
            0.0
        },
    ]
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = args.first().map_or(".", String::as_str);
    let (mut n, mut all, mut kept_bytes, mut cut) = (0, 0, 0, 0);
    let mut sums = [[0.0; 3]; 2];
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.path().extension().is_none_or(|e| e != "txt") {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(entry.path())?).into_owned();
        let spans = body(&text, Mode::Auto);
        let kept: Vec<&str> = spans.iter().map(|span| span.of(&text)).collect();
        let bytes = kept.iter().map(|part| part.len()).sum::<usize>();
        n += 1;
        all += text.trim().len();
        kept_bytes += bytes;
        if bytes < text.trim().len() {
            cut += 1;
            if args.len() == 1 {
                println!(
                    "{}\t{bytes} of {}",
                    entry.path().display(),
                    text.trim().len()
                );
            }
        }
        if let (Some(gold), Some(stem)) = (args.get(1), entry.path().file_stem()) {
            let gold = Path::new(gold).join(format!("{}.gold.txt", stem.display()));
            let gold = std::fs::read_to_string(gold)?;
            for (sum, text) in sums.iter_mut().zip([kept.join("\n"), text.clone()]) {
                for (sum, value) in sum.iter_mut().zip(score(&text, &gold)) {
                    *sum += value;
                }
            }
        }
    }
    println!(
        "{n} files, {cut} cut, {:.3} % of bytes kept",
        100.0 * kept_bytes as f64 / all.max(1) as f64
    );
    if args.len() > 1 {
        for (name, sum) in ["body", "whole"].iter().zip(sums) {
            let [p, r, f] = sum.map(|s| s / f64::from(n.max(1)));
            println!("{name}: precision {p:.3}, recall {r:.3}, F1 {f:.3}");
        }
    }
    Ok(())
}
