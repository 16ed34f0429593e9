//! An evaluation → one page of HTML that needs nothing beside it.
//!
//! Tables, curves and every error in its sentence. Everything that comes from a file is escaped by the template. No script: sections fold by
//! `<details>`, which the keyboard opens; colours follow the reader's light or dark setting and are never the only sign.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::evaluation::{Confidence, Evaluation, Score};
use super::mistakes::{Group, Mistake, groups};

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--quiet:#5a5a5a;--line:#c8c8c8;--mark:#ffe08a;--curve:#0b5cad;--other:#a33}
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#161616;--quiet:#aaa;--line:#444;--mark:#6b5200;--curve:#7db7f5;--other:#f29a9a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;margin:0 auto;padding:1rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{padding:.15rem .7rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}
th:first-child,td:first-child,td.words{text-align:left}.part td:first-child{padding-left:1.7rem}
mark{background:var(--mark);color:inherit;outline:1px solid var(--line)}.kind{font-weight:600}.quiet,figcaption{color:var(--quiet)}
summary{cursor:pointer;padding:.2rem 0}summary:focus-visible,a:focus-visible{outline:3px solid var(--curve)}
figure{display:inline-block;margin:0 2rem 1rem 0}svg{max-width:100%;height:auto}svg text{fill:var(--ink);font-size:12px}
li{margin:.3rem 0}nav a{margin-right:1rem;color:var(--curve)}
";

/// Makes the page. `title` names what was measured.
#[must_use]
pub fn page(evaluation: &Evaluation, title: &str) -> String {
    let groups = groups(&evaluation.mistakes);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { "Evaluation of " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Evaluation of " (title) }
                    nav aria-label="Sections" {
                        a href="#scores" { "Scores" }
                        @if !evaluation.confidence.is_empty() { a href="#confidence" { "Confidence" } }
                        a href="#frequent" { "Frequent errors" }
                        a href="#errors" { "All errors" }
                    }
                }
                main {
                    (scores(evaluation))
                    @if !evaluation.confidence.is_empty() {
                        section id="confidence" {
                            h2 { "Confidence" }
                            @for one in &evaluation.confidence { (confidence(one)) }
                        }
                    }
                    (frequent(&groups))
                    (errors(&evaluation.mistakes))
                }
            }
        }
    };
    page.into_string()
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

fn scores(evaluation: &Evaluation) -> Markup {
    let row = |score: &Score| {
        let interval = score
            .interval
            .f1
            .map(|range| format!("{:.1} to {:.1}", 100.0 * range.low, 100.0 * range.high));
        html! {
            tr .part[score.measure.contains('.')] {
                td { (score.measure) }
                td { (percent(score.f1)) }
                td { (interval.unwrap_or_default()) }
                td { (percent(score.precision)) }
                td { (percent(score.recall)) }
                td { (score.right) } td { (score.predicted) } td { (score.gold) }
            }
        }
    };
    html! {
        section id="scores" {
            h2 { "Scores" }
            p {
                (evaluation.documents) " documents"
                @if !evaluation.missing.is_empty() { ", " (evaluation.missing.len()) " of them not predicted: all their labels count as missed" }
                ". A dash says that there was nothing to score."
            }
            @if !evaluation.unscored.is_empty() {
                p { "Not scored, as the gold has none of them: "
                    @for (label, n) in &evaluation.unscored { (label) " (" (n) ") " }
                }
            }
            table {
                caption { "Percent, with 95 % intervals of F1 by bootstrap over documents" }
                thead { tr {
                    @for name in ["Measure", "F1", "95 %", "Precision", "Recall", "Right", "Predicted", "Gold"] { th scope="col" { (name) } }
                } }
                tbody { @for score in &evaluation.scores { (row(score)) } }
            }
        }
    }
}

/// Side of a drawing's plane in units of the picture, and the room around it.
const SIDE: f64 = 260.0;
const EDGE: f64 = 40.0;

/// One line of a drawing: its name, its dash pattern and its points, both axes from 0 to 1.
struct Curve<'a> {
    name: &'a str,
    dashes: &'a str,
    points: Vec<(f64, f64)>,
}

/// A drawing of curves over one axis, with what it says in words for those who do not see it.
fn drawing(title: &str, x_axis: &str, curves: &[Curve<'_>]) -> Markup {
    let at = |(x, y): (f64, f64)| (EDGE + x * SIDE, EDGE + (1.0 - y) * SIDE);
    let path = |curve: &Curve<'_>| {
        let points = curve.points.iter().map(|&point| at(point));
        points
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let size = SIDE + 2.0 * EDGE;
    html! {
        figure {
            svg role="img" aria-label=(title) viewBox=(format!("0 0 {size} {size}")) width=(size) height=(size) {
                rect x=(EDGE) y=(EDGE) width=(SIDE) height=(SIDE) fill="none" stroke="var(--line)" {}
                @for tick in [0.0, 0.5, 1.0] {
                    text x=(EDGE + tick * SIDE - 8.0) y=(EDGE + SIDE + 16.0) { (tick) }
                    text x=(EDGE - 28.0) y=(EDGE + (1.0 - tick) * SIDE + 4.0) { (tick) }
                }
                text x=(EDGE + SIDE / 2.0 - 40.0) y=(size - 6.0) { (x_axis) }
                @for (row, curve) in curves.iter().enumerate() {
                    polyline points=(path(curve)) fill="none" stroke="var(--curve)" stroke-width="2" stroke-dasharray=(curve.dashes) {}
                    line x1=(EDGE + 8.0) x2=(EDGE + 32.0) y1=(EDGE + 14.0 + 16.0 * row as f64) y2=(EDGE + 14.0 + 16.0 * row as f64)
                        stroke="var(--curve)" stroke-width="2" stroke-dasharray=(curve.dashes) {}
                    text x=(EDGE + 38.0) y=(EDGE + 18.0 + 16.0 * row as f64) { (curve.name) }
                }
            }
            figcaption { (title) }
        }
    }
}

fn confidence(confidence: &Confidence) -> Markup {
    let calibration = &confidence.calibration;
    let reliability = Curve {
        name: "found",
        dashes: "",
        points: calibration
            .bins
            .iter()
            .map(|bin| (bin.mean_score, bin.right))
            .collect(),
    };
    let even = Curve {
        name: "if scores meant what they say",
        dashes: "4 4",
        points: vec![(0.0, 0.0), (1.0, 1.0)],
    };
    let cuts = |of: fn(&super::evaluation::Cut) -> Option<f64>| {
        let points = confidence.cuts.iter();
        points
            .filter_map(|cut| Some((f64::from(cut.min_score), of(cut)?)))
            .collect()
    };
    let sweep = [
        Curve {
            name: "precision",
            dashes: "",
            points: cuts(|cut| cut.precision),
        },
        Curve {
            name: "recall",
            dashes: "6 3",
            points: cuts(|cut| cut.recall),
        },
        Curve {
            name: "F1",
            dashes: "2 3",
            points: cuts(|cut| cut.f1),
        },
    ];
    html! {
        h3 { "Scores of " (calibration.n) " " (confidence.of) ": expected calibration error " (format!("{:.3}", calibration.error)) }
        (drawing("Share right by score", "score", &[reliability, even]))
        (drawing("What leaving out lower scores does", "--min-score", &sweep))
        table {
            caption { "Reliability" }
            thead { tr { @for name in ["Score", "Number", "Mean score", "Share right"] { th scope="col" { (name) } } } }
            tbody { @for bin in &calibration.bins {
                tr { td { (format!("{:.1} to {:.1}", bin.from, bin.to)) } td { (bin.n) } td { (format!("{:.3}", bin.mean_score)) } td { (format!("{:.3}", bin.right)) } }
            } }
        }
        table {
            caption { "Lowest score that is kept" }
            thead { tr { @for name in ["--min-score", "F1", "Precision", "Recall"] { th scope="col" { (name) } } } }
            tbody { @for cut in &confidence.cuts {
                tr { td { (cut.min_score) } td { (percent(cut.f1)) } td { (percent(cut.precision)) } td { (percent(cut.recall)) } }
            } }
        }
    }
}

/// How many groups of errors the table shows.
const FREQUENT: usize = 100;

fn frequent(groups: &[Group]) -> Markup {
    html! {
        section id="frequent" {
            h2 { "Frequent errors" }
            @if groups.is_empty() { p { "None." } }
            @else {
                table {
                    caption { "The " (groups.len().min(FREQUENT)) " most frequent of " (groups.len()) }
                    thead { tr { @for name in ["Number", "Kind", "Label", "Words"] { th scope="col" { (name) } } } }
                    tbody { @for group in groups.iter().take(FREQUENT) {
                        tr { td { (group.n) } td.words { (group.kind.name()) } td.words { (group.label) } td.words { (group.words) } }
                    } }
                }
            }
        }
    }
}

/// Every error, document by document.
fn errors(mistakes: &[Mistake]) -> Markup {
    let documents = mistakes.chunk_by(|one, other| one.document == other.document);
    html! {
        section id="errors" {
            h2 { "All errors: " (mistakes.len()) }
            @for document in documents {
                details {
                    summary { (document[0].document) ": " (document.len()) }
                    ul { @for mistake in document { li { (one(mistake)) } } }
                }
            }
        }
    }
}

fn one(mistake: &Mistake) -> Markup {
    html! {
        span.kind { (mistake.kind.name()) } " " (mistake.label) " "
        @match (&mistake.sentence, mistake.at) {
            (Some(sentence), Some(at)) => {
                br;
                span.quiet { (&sentence[..at.start]) } mark { (at.of(sentence)) } span.quiet { (&sentence[at.end..]) }
                @if mistake.words != at.of(sentence) { " (" (mistake.words) ")" }
            }
            _ => { (mistake.words) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::mistakes::Kind;
    use crate::span::Span;

    #[test]
    fn the_page_shows_every_error_and_escapes_what_it_shows() {
        let mistake = Mistake {
            kind: Kind::Missed,
            label: "ORG".to_owned(),
            words: "<b>Acme</b>".to_owned(),
            document: "\"><script>alert(1)</script>".to_owned(),
            sentence: Some("At <b>Acme</b> & Co.".to_owned()),
            at: Some(Span::new(3, 14)),
        };
        let evaluation = Evaluation {
            mistakes: vec![mistake; 3],
            ..crate::eval::evaluate(&[], &crate::eval::Options::default())
        };
        let page = page(&evaluation, "<out>");
        assert!(!page.contains("<script") && !page.contains("<b>") && page.contains("&lt;out&gt;"));
        assert_eq!(
            page.matches("<mark>&lt;b&gt;Acme&lt;/b&gt;</mark>").count(),
            3
        );
        for outside in ["http", "src=", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
