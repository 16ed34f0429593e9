//! Word F1 of extraction crates against gold text: `NAME.html` beside `NAME.gold.txt` in one folder, pages in UTF-8.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Instant;

use dom_smoothie::{Config, Readability, TextMode};
use trafilatura::ExtractionFocus;

struct Page {
    html: String,
    gold: HashMap<String, usize>,
}

fn bag(text: &str) -> HashMap<String, usize> {
    let mut bag = HashMap::new();
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    for word in words.filter(|word| !word.is_empty()) {
        *bag.entry(word.to_owned()).or_default() += 1;
    }
    bag
}

fn f1(found: &HashMap<String, usize>, gold: &HashMap<String, usize>) -> f64 {
    let both: usize = found
        .iter()
        .map(|(word, n)| n.min(gold.get(word).unwrap_or(&0)))
        .sum();
    let all = found.values().sum::<usize>() + gold.values().sum::<usize>();
    if all == 0 {
        1.0
    } else {
        2.0 * both as f64 / all as f64
    }
}

fn trafilatura(html: &str, focus: ExtractionFocus) -> String {
    let options = trafilatura::Options::default()
        .with_fallback(true)
        .with_exclude_comments(true)
        .with_focus(focus);
    trafilatura::extract(html, &options).map_or_else(|_| String::new(), |found| found.content_text)
}

fn rs_trafilatura(html: &str, favor_precision: bool) -> String {
    let options = rs_trafilatura::Options {
        favor_precision,
        ..Default::default()
    };
    rs_trafilatura::extract_with_options(html, &options)
        .map_or_else(|_| String::new(), |found| found.content_text)
}

fn dom_smoothie(html: &str) -> String {
    let config = Config {
        text_mode: TextMode::Formatted,
        ..Default::default()
    };
    Readability::new(html, None, Some(config))
        .and_then(|mut page| page.parse())
        .map_or_else(|_| String::new(), |found| found.text_content.to_string())
}

fn legible(html: &str) -> String {
    legible::parse(html, None, None).map_or_else(|_| String::new(), |found| found.text_content)
}

fn readabilityrs(html: &str) -> String {
    let page = readabilityrs::Readability::new(html, None, None).ok();
    page.and_then(|page| page.parse()?.text_content)
        .unwrap_or_default()
}

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "html")
        })
        .collect();
    paths.sort();
    let mut pages = Vec::new();
    for path in paths {
        pages.push(Page {
            html: String::from_utf8_lossy(&std::fs::read(&path)?).into_owned(),
            gold: bag(&std::fs::read_to_string(path.with_extension("gold.txt"))?),
        });
    }
    let extractors: [(&str, fn(&str) -> String); 8] = [
        ("trafilatura, precision", |html| {
            trafilatura(html, ExtractionFocus::FavorPrecision)
        }),
        ("trafilatura, balanced", |html| {
            trafilatura(html, ExtractionFocus::Balanced)
        }),
        ("trafilatura, recall", |html| {
            trafilatura(html, ExtractionFocus::FavorRecall)
        }),
        ("rs-trafilatura", |html| rs_trafilatura(html, false)),
        ("rs-trafilatura, precision", |html| {
            rs_trafilatura(html, true)
        }),
        ("dom_smoothie", dom_smoothie),
        ("legible", legible),
        ("readabilityrs", readabilityrs),
    ];
    for (name, extract) in extractors {
        let started = Instant::now();
        let scores: Vec<f64> = pages
            .iter()
            .map(|page| f1(&bag(&extract(&page.html)), &page.gold))
            .collect();
        let n = scores.len() as f64;
        println!(
            "{name:26} F1 {:.4}, below 0.8: {}, below 0.5: {}; {:.0} pages/s",
            scores.iter().sum::<f64>() / n,
            scores.iter().filter(|&&score| score < 0.8).count(),
            scores.iter().filter(|&&score| score < 0.5).count(),
            n / started.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
