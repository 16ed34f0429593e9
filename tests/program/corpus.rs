//! Articles made up on the spot, any number of them, the same for the same seed.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % n.max(1) as u64) as usize
    }
}

const WORDS: [&str; 30] = [
    "the",
    "a",
    "council",
    "treasury",
    "minister",
    "said",
    "on",
    "monday",
    "that",
    "sanctions",
    "against",
    "were",
    "imposed",
    "lifted",
    "and",
    "of",
    "bank",
    "port",
    "trade",
    "Iran",
    "Washington",
    "Moscow",
    "OFAC",
    "EU",
    "Karl",
    "Brenner",
    "Velmar",
    "Holdings",
    "café",
    "größer",
];

/// A text of about `words` words, in sentences and paragraphs.
pub fn text(dice: &mut Dice, words: usize) -> String {
    let mut text = String::new();
    for at in 0..words {
        let word = WORDS[dice.below(WORDS.len())];
        let end = match at % 61 {
            60 => ".\n\n",
            12 | 27 | 44 => ". ",
            _ => " ",
        };
        let _ = write!(text, "{word}{end}");
    }
    text
}

/// Fills `dir` with `articles` articles: folders of texts, JSON lines packed and not, and here and there a record that is a fault.
pub fn fill(dir: &Path, articles: usize) {
    let mut dice = Dice::new(7);
    let (texts, each) = (articles / 5, articles * 4 / 5 / 4);
    for at in 0..texts {
        let folder = dir.join(format!("pages/{:02}", at % 17));
        std::fs::create_dir_all(&folder).unwrap();
        let words = 20 + dice.below(150);
        std::fs::write(folder.join(format!("{at:05}.txt")), text(&mut dice, words)).unwrap();
    }
    for (at, packed) in [false, true, false, true].into_iter().enumerate() {
        let file = std::fs::File::create(dir.join(match packed {
            false => format!("{at}.jsonl"),
            true => format!("{at}.jsonl.gz"),
        }));
        let file = BufWriter::new(file.unwrap());
        let mut writer: Box<dyn Write> = match packed {
            false => Box::new(file),
            true => Box::new(flate2::write::GzEncoder::new(
                file,
                flate2::Compression::fast(),
            )),
        };
        for record in 0..each {
            let words = 20 + dice.below(150);
            let text = text(&mut dice, words);
            let line = match record % 97 {
                40 => "{\"text\":".to_owned(),
                41 => serde_json::json!({ "text": [text] }).to_string(),
                _ => {
                    serde_json::json!({ "id": format!("{at}-{record}"), "text": text }).to_string()
                }
            };
            writeln!(writer, "{line}").unwrap();
        }
    }
}
