//! An article with thousands of different entities: its cost grows with its length, not with its square.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::Path;
use std::time::{Duration, Instant};

use program::{lines, sanctag};

const SYLLABLES: [&str; 12] = [
    "ka", "ri", "mo", "sta", "ve", "lo", "tan", "shi", "bur", "ne", "zor", "pel",
];

/// One sentence with a firm and a person that no other sentence has.
fn sentence(number: usize) -> String {
    let syllable = |place: u32| SYLLABLES[number / 12_usize.pow(place) % 12];
    let name = format!("{}{}{}", syllable(0), syllable(1), syllable(2));
    format!(
        "The Treasury Department imposed sanctions on M{name} Trading LLC of Iran and its owner Reza D{name}. "
    )
}

/// Time the program takes for some texts, and the entities it finds in all of them.
fn tagged(dir: &Path, texts: &[String]) -> (Duration, usize) {
    std::fs::create_dir(dir).unwrap();
    for (number, text) in texts.iter().enumerate() {
        std::fs::write(dir.join(format!("{number:05}.txt")), text).unwrap();
    }
    let out = dir.join("out.jsonl");
    let begun = Instant::now();
    let ended = sanctag(&[
        "tag",
        dir.to_str().unwrap(),
        "-o",
        out.to_str().unwrap(),
        "--threads",
        "1",
    ]);
    let took = begun.elapsed();
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let lines = lines(&out);
    assert!(lines.iter().all(|line| line["relevant"] == true));
    let entities = lines
        .iter()
        .map(|line| line["entities"].as_array().unwrap().len());
    (took, entities.sum())
}

#[test]
fn a_long_list_in_one_article_costs_no_more_than_the_same_in_many() {
    let dir = tempfile::tempdir().unwrap();
    let sentences: Vec<String> = (0..1700).map(sentence).collect();
    let one = sentences.concat();
    let many: Vec<String> = sentences.chunks(20).map(|few| few.concat()).collect();
    let (in_one, entities) = tagged(&dir.path().join("one"), &[one]);
    let (in_many, _) = tagged(&dir.path().join("many"), &many);
    assert!(entities > 2000, "{entities}");
    assert!(in_one < in_many * 3, "{in_one:?} against {in_many:?}");
}
