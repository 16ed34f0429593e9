//! How fast the gate is, and what it admits: `cargo run --release --example gate_speed -- FOLDER [--why]`.
//!
//! Reads every `.txt` file below FOLDER into memory, then times [`Gate::admits`] over all of them, and apart over those that it does not
//! admit, in GB/s of one thread (best of five rounds). `--why` prints what admitted each file.

use std::path::PathBuf;
use std::time::Instant;

use sanctag::gate::Gate;
use sanctag::span::Span;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().unwrap_or_else(|| ".".into()));
    let why = args.any(|a| a == "--why");
    let gate = Gate::new()?;
    let mut texts = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry?;
        if entry.path().extension().is_some_and(|e| e == "txt") {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path())?).into_owned();
            texts.push((entry.path().to_owned(), text));
        }
    }
    let whole = |text: &str| [Span::new(0, text.len())];
    let (admitted, refused): (Vec<_>, Vec<_>) = texts
        .iter()
        .partition(|(_, text)| gate.admits(text, &whole(text)));
    if why {
        for (path, text) in &admitted {
            if let Some(span) = gate.first(text, &whole(text)) {
                println!("{}\t{:?}", path.display(), span.of(text));
            }
        }
    }
    println!(
        "{} files, {} admitted ({:.1} %)",
        texts.len(),
        admitted.len(),
        100.0 * admitted.len() as f64 / texts.len().max(1) as f64
    );
    for (name, set) in [
        ("all", texts.iter().collect::<Vec<_>>()),
        ("refused", refused),
    ] {
        let n_bytes: usize = set.iter().map(|(_, text)| text.len()).sum();
        let best = (0..5)
            .map(|_| {
                let begun = Instant::now();
                let n = set
                    .iter()
                    .filter(|(_, text)| gate.admits(std::hint::black_box(text), &whole(text)))
                    .count();
                std::hint::black_box(n);
                begun.elapsed()
            })
            .min()
            .unwrap_or_default();
        println!(
            "{name}: {n_bytes} bytes, {:.2} GB/s",
            n_bytes as f64 / best.as_secs_f64().max(1e-9) / 1e9
        );
    }
    Ok(())
}
