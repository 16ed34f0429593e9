//! What `sanctag eval` prints.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use sanctag::eval::agreement::Agreement;
use sanctag::eval::bootstrap::{Draws, Interval};
use sanctag::eval::evaluation::Confidence;
use sanctag::eval::mistakes::{Group, groups};
use sanctag::eval::{Contrast, Evaluation};
use serde::Serialize;

/// Prints anything as JSON.
pub fn json(value: &impl Serialize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    Ok(())
}

/// Prints text.
pub fn say(text: &str) -> Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// A share as a percentage with one decimal; `-` where there is nothing to score.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        format!(
            "[{:.1}, {:.1}]",
            100.0 * interval.low,
            100.0 * interval.high
        )
    })
}

/// A count, which may have halves.
fn count(value: f64) -> String {
    format!("{value}")
}

/// A table with left-aligned first and right-aligned other columns.
pub fn table(rows: &[Vec<String>]) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Writing to a string cannot fail.
            let _ = if at == 0 {
                write!(line, "{cell:width$}")
            } else {
                write!(line, "  {cell:>width$}")
            };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// Prints scores, confidence and the most frequent errors.
pub fn evaluation(evaluation: &Evaluation, unused: usize, n_errors: usize) -> Result<()> {
    let mut out = format!("{} documents", evaluation.documents);
    if !evaluation.missing.is_empty() {
        let first: Vec<&str> = evaluation
            .missing
            .iter()
            .take(3)
            .map(String::as_str)
            .collect();
        let _ = write!(
            out,
            ", {} of them not predicted, all their labels missed ({}, …)",
            evaluation.missing.len(),
            first.join(", ")
        );
    }
    if 0 < unused {
        let _ = write!(out, "; {unused} predictions are of other documents");
    }
    out.push_str("\n\n");
    if evaluation.scores.is_empty() {
        out.push_str("nothing to score: the gold has no labels\n");
    } else {
        out.push_str(&scores(evaluation));
    }
    if !evaluation.unscored.is_empty() {
        let list: Vec<String> = evaluation
            .unscored
            .iter()
            .map(|(label, n)| format!("{label} ({n})"))
            .collect();
        let _ = writeln!(
            out,
            "\nnot scored, as the gold has none of them: {}. --only counts them, --map gives them the gold's names",
            list.join(", ")
        );
    }
    for one in &evaluation.confidence {
        out.push_str(&confidence(one));
    }
    let groups = groups(&evaluation.mistakes);
    if !groups.is_empty() && 0 < n_errors {
        let _ = writeln!(
            out,
            "\n{} errors; the most frequent:",
            evaluation.mistakes.len()
        );
        for group in groups.iter().take(n_errors) {
            out.push_str(&error(group));
        }
    }
    say(&out)
}

fn scores(evaluation: &Evaluation) -> String {
    let mut rows = vec![row(&[
        "",
        "F1",
        "95 %",
        "P",
        "R",
        "right",
        "predicted",
        "gold",
    ])];
    for score in &evaluation.scores {
        let name = if score.measure.contains('.') {
            format!("  {}", score.measure)
        } else {
            score.measure.clone()
        };
        rows.push(vec![
            name,
            percent(score.f1),
            range(score.interval.f1),
            percent(score.precision),
            percent(score.recall),
            count(score.right),
            count(score.predicted),
            count(score.gold),
        ]);
    }
    table(&rows)
}

fn confidence(confidence: &Confidence) -> String {
    let calibration = &confidence.calibration;
    let mut out = format!(
        "\nscores of {} {}: expected calibration error {:.3}\n",
        calibration.n, confidence.of, calibration.error
    );
    let mut rows = vec![row(&["score", "n", "mean", "right"])];
    for bin in &calibration.bins {
        rows.push(vec![
            format!("{:.1} to {:.1}", bin.from, bin.to),
            bin.n.to_string(),
            format!("{:.3}", bin.mean_score),
            format!("{:.3}", bin.right),
        ]);
    }
    out.push_str(&table(&rows));
    let mut rows = vec![row(&["--min-score", "F1", "P", "R"])];
    for cut in &confidence.cuts {
        rows.push(vec![
            cut.min_score.to_string(),
            percent(cut.f1),
            percent(cut.precision),
            percent(cut.recall),
        ]);
    }
    out.push('\n');
    out.push_str(&table(&rows));
    out
}

fn error(group: &Group) -> String {
    let mut out = format!("{:5}  {}", group.n, group.kind.name());
    for part in [&group.label, &group.words] {
        if !part.is_empty() {
            let _ = write!(out, "  {part}");
        }
    }
    out.push('\n');
    if let (Some(sentence), Some(at)) = (&group.example.sentence, group.example.at) {
        let (before, words, after) = (&sentence[..at.start], at.of(sentence), &sentence[at.end..]);
        let line = format!("{}[{words}]{}", tail(before), head(after));
        let _ = writeln!(
            out,
            "         {}",
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }
    out
}

/// How much of a sentence is printed on either side of the words in question, in characters.
const AROUND: usize = 70;

fn head(text: &str) -> String {
    match text.char_indices().nth(AROUND) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn tail(text: &str) -> String {
    match text.char_indices().rev().nth(AROUND) {
        Some((at, letter)) => format!("…{}", &text[at + letter.len_utf8()..]),
        None => text.to_owned(),
    }
}

/// Prints how two label files agree; a mistake is a disagreement, missed where only the first has it, invented where only the second.
pub fn agreement(agreement: &Agreement, unused: usize, n_errors: usize) -> Result<()> {
    let mut out = format!("{} documents labelled by both", agreement.both);
    if 0 < agreement.first_only + unused {
        let _ = write!(
            out,
            ", {} by the first alone, {unused} by the second alone",
            agreement.first_only
        );
    }
    out.push_str("\n\n");
    let mut rows = vec![row(&["", "decisions", "agreed", "kappa"])];
    for one in &agreement.kappas {
        let kappa = one
            .kappa
            .map_or_else(|| "-".to_owned(), |kappa| format!("{kappa:.3}"));
        rows.push(vec![
            one.of.clone(),
            one.n.to_string(),
            percent(Some(one.agreed)),
            kappa,
        ]);
    }
    out.push_str(&table(&rows));
    out.push('\n');
    out.push_str(&scores(&agreement.evaluation));
    let groups = groups(&agreement.evaluation.mistakes);
    if !groups.is_empty() && 0 < n_errors {
        out.push_str("\nthe most frequent disagreements, the first file taken as gold:\n");
        groups
            .iter()
            .take(n_errors)
            .for_each(|group| out.push_str(&error(group)));
    }
    say(&out)
}

/// Prints how two predictions compare.
pub fn contrasts(contrasts: &[Contrast], files: &[PathBuf], draws: Draws) -> Result<()> {
    let mut rows = vec![row(&["F1", "A", "B", "B - A", "95 %", "p", ""])];
    for contrast in contrasts {
        let difference = contrast.difference.as_ref();
        let verdict =
            difference.map_or("nothing to score", |difference| match difference.interval {
                _ if difference.f1 == 0.0 => "the same",
                Some(interval)
                    if difference.p < 0.05 && (0.0 < interval.low || interval.high < 0.0) =>
                {
                    "real"
                }
                Some(_) => "could be chance",
                None => "too few documents to tell",
            });
        rows.push(vec![
            contrast.measure.clone(),
            percent(contrast.first),
            percent(contrast.second),
            difference.map_or_else(
                || "-".to_owned(),
                |difference| format!("{:+.1}", 100.0 * difference.f1),
            ),
            range(difference.and_then(|difference| difference.interval)),
            difference.map_or_else(String::new, |difference| format!("{:.3}", difference.p)),
            verdict.to_owned(),
        ]);
    }
    let names: Vec<String> = files
        .iter()
        .zip(["A", "B"])
        .map(|(path, name)| format!("{name} is {}", path.display()))
        .collect();
    say(&format!(
        "{}\n\n{}\np: how often a difference as large arises when chance decides, document by document, which file said what ({} draws)\n",
        names.join(", "),
        table(&rows),
        draws.n
    ))
}
