//! How well the text of pages is found: `cargo run --release --example html_score -- FOLDER`.
//!
//! FOLDER holds `NAME.html` beside `NAME.gold.txt`. Prints the mean over the pages of precision, recall and F1 of the words (runs of letters,
//! digits and `_`, as bags), the share of pages with a title, date, language and address, and pages a second on one thread.
//! `--each` prints a line for each page, worst first.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sanctag::article::Article;
use sanctag::ingest::{self, Item};

fn bag(text: &str) -> HashMap<&str, usize> {
    let mut bag = HashMap::new();
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    for word in words.filter(|word| !word.is_empty()) {
        *bag.entry(word).or_default() += 1;
    }
    bag
}

/// Precision, recall and F1.
fn score(found: &str, gold: &str) -> [f64; 3] {
    let (found, gold) = (bag(found), bag(gold));
    let both: usize = found
        .iter()
        .map(|(word, n)| *n.min(gold.get(word).unwrap_or(&0)))
        .sum();
    let share = |of: &HashMap<&str, usize>| match of.values().sum::<usize>() {
        0 => 1.0,
        n => both as f64 / n as f64,
    };
    let (p, r) = (share(&found), share(&gold));
    let f1 = if p + r > 0.0 {
        2.0 * p * r / (p + r)
    } else {
        0.0
    };
    [p, r, f1]
}

fn articles(folder: &str) -> anyhow::Result<(Vec<Article>, Duration)> {
    let mut articles = Vec::new();
    let mut spent = Duration::ZERO;
    ingest::read(
        &[PathBuf::from(folder)],
        &ingest::Options::default(),
        &mut |item, _| {
            let started = Instant::now();
            match item {
                Item::Page(page) => match page.article() {
                    Ok(article) => articles.push(article),
                    Err(fault) => eprintln!("{}: {}", fault.source, fault.reason),
                },
                Item::Fault(fault) => eprintln!("{}: {}", fault.source, fault.reason),
                Item::Article(_) => {}
            }
            spent += started.elapsed();
            true
        },
    )?;
    Ok((articles, spent))
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = args.first().map_or(".", String::as_str);
    let (articles, spent) = articles(folder)?;
    let mut scored = Vec::new();
    for article in &articles {
        let gold =
            std::fs::read_to_string(PathBuf::from(&article.place.path).with_extension("gold.txt"))?;
        scored.push((score(&article.text, &gold), article));
    }
    scored.sort_by(|(one, _), (two, _)| one[2].total_cmp(&two[2]));
    if args.iter().any(|arg| arg == "--each") {
        for ([p, r, f1], article) in &scored {
            println!(
                "{f1:.3} {p:.3} {r:.3}\t{}\t{:?}\t{:?}\t{:?}\t{:?}",
                article.place.path, article.published, article.lang, article.title, article.url
            );
        }
    }
    let n = scored.len().max(1) as f64;
    let mean = |at: usize| scored.iter().map(|(score, _)| score[at]).sum::<f64>() / n;
    let below = |limit: f64| scored.iter().filter(|(score, _)| score[2] < limit).count();
    println!(
        "{} pages: precision {:.4}, recall {:.4}, F1 {:.4}; below 0.8: {}, below 0.5: {}",
        scored.len(),
        mean(0),
        mean(1),
        mean(2),
        below(0.8),
        below(0.5)
    );
    let share = |has: fn(&Article) -> bool| {
        100.0 * articles.iter().filter(|article| has(article)).count() as f64 / n
    };
    println!(
        "title {:.0} %, date {:.0} %, language {:.0} %, address {:.0} %; {:.0} pages/s",
        share(|article| article.title.is_some()),
        share(|article| article.published.is_some()),
        share(|article| article.lang.is_some()),
        share(|article| article.url.is_some()),
        n / spent.as_secs_f64()
    );
    Ok(())
}
