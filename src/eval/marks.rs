//! Scores of labelled stretches.
//!
//! Strict is exact stretch and label, what conlleval counts and seqeval in its strict mode on well-formed tags. The others are those of
//! SemEval-2013 task 9 as nervaluate counts them: `exact` (the stretch alone), `partial` (half for an overlap, whatever the label) and
//! `type` (the label, with any overlap). A prediction takes the first gold mark it fits, in text order, and each gold mark is taken once.

use std::collections::BTreeSet;

use super::labels::{Compared, Scored};
use super::tally::{Sheet, Tally, add};

/// Adds one document's counts to its sheet.
pub(super) fn score(gold: &[Compared], predicted: &[Compared], labels: &Scored, sheet: &mut Sheet) {
    for label in &labels.scored {
        let of = |marks: &[Compared]| -> Vec<Compared> {
            marks
                .iter()
                .filter(|mark| &mark.label == label)
                .cloned()
                .collect()
        };
        let (gold, predicted) = (of(gold), of(predicted));
        for (name, count) in WAYS {
            let tally = count(&gold, &predicted);
            add(sheet, &format!("{name}.{label}"), tally);
        }
    }
    for (name, count) in WAYS {
        add(sheet, name, count(gold, predicted));
    }
}

type Way = fn(&[Compared], &[Compared]) -> Tally;

/// The measures by their names.
const WAYS: [(&str, Way); 4] = [
    ("strict", strict),
    ("exact", exact),
    ("partial", partial),
    ("type", kind),
];

fn strict(gold: &[Compared], predicted: &[Compared]) -> Tally {
    let key = |mark: &'_ Compared| (mark.span, mark.label.clone());
    let there: BTreeSet<_> = gold.iter().map(key).collect();
    let right = predicted
        .iter()
        .filter(|mark| there.contains(&key(mark)))
        .count();
    Tally {
        right: right as f64,
        predicted: predicted.len() as f64,
        gold: gold.len() as f64,
    }
}

/// Lets each prediction take a gold mark: `fit` says how well they go together, best lowest, and `None` when not at all; of equals the first is
/// taken. Returns the pairs by index, gold first.
fn taken(
    gold: &[Compared],
    predicted: &[Compared],
    fit: impl Fn(&Compared, &Compared) -> Option<usize>,
) -> Vec<(usize, usize)> {
    let mut free: Vec<bool> = vec![true; gold.len()];
    let mut pairs = Vec::new();
    let mut from = 0;
    for (at, mark) in predicted.iter().enumerate() {
        while from < gold.len()
            && gold[from..]
                .iter()
                .take(1)
                .all(|one| one.span.end <= mark.span.start)
        {
            from += 1;
        }
        let near = gold
            .iter()
            .enumerate()
            .skip(from)
            .take_while(|(_, one)| one.span.start < mark.span.end);
        let fits = near
            .filter(|(one, _)| free[*one])
            .filter_map(|(one, other)| Some((fit(other, mark)?, one)));
        if let Some((_, one)) = fits.min() {
            free[one] = false;
            pairs.push((one, at));
        }
    }
    pairs
}

fn tally(gold: &[Compared], predicted: &[Compared], right: f64) -> Tally {
    Tally {
        right,
        predicted: predicted.len() as f64,
        gold: gold.len() as f64,
    }
}

/// Same stretch first; else any overlap, which is wrong but taken.
fn exact(gold: &[Compared], predicted: &[Compared]) -> Tally {
    let pairs = taken(gold, predicted, same_first);
    let right = pairs
        .iter()
        .filter(|(one, at)| gold[*one].span == predicted[*at].span)
        .count();
    tally(gold, predicted, right as f64)
}

fn partial(gold: &[Compared], predicted: &[Compared]) -> Tally {
    let pairs = taken(gold, predicted, same_first);
    let worth = |(one, at): &(usize, usize)| {
        if gold[*one].span == predicted[*at].span {
            1.0
        } else {
            0.5
        }
    };
    tally(gold, predicted, pairs.iter().map(worth).sum())
}

fn same_first(gold: &Compared, predicted: &Compared) -> Option<usize> {
    gold.span
        .overlaps(predicted.span)
        .then_some(usize::from(gold.span != predicted.span))
}

/// Same label with the nearest borders first; else any overlap, which is wrong but taken.
fn kind(gold: &[Compared], predicted: &[Compared]) -> Tally {
    let fit = |one: &Compared, other: &Compared| {
        let distance =
            one.span.start.abs_diff(other.span.start) + one.span.end.abs_diff(other.span.end);
        let fit = if one.label == other.label {
            distance
        } else {
            usize::MAX
        };
        one.span.overlaps(other.span).then_some(fit)
    };
    let pairs = taken(gold, predicted, fit);
    let right = pairs
        .iter()
        .filter(|(one, at)| gold[*one].label == predicted[*at].label)
        .count();
    tally(gold, predicted, right as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn marks(list: &[(usize, usize, &str)]) -> Vec<Compared> {
        let mark = |(start, end, label): &(usize, usize, &str)| Compared {
            span: Span::new(*start, *end),
            label: (*label).to_owned(),
            score: None,
        };
        list.iter().map(mark).collect()
    }

    #[test]
    fn each_measure_counts_what_it_asks_for() {
        struct Case(
            &'static [(usize, usize, &'static str)],
            &'static [(usize, usize, &'static str)],
            [f64; 4],
        );
        for Case(gold, predicted, right) in [
            Case(&[(0, 3, "P")], &[(0, 3, "P")], [1.0; 4]),
            Case(&[(0, 3, "P")], &[(0, 3, "O")], [0.0, 1.0, 1.0, 0.0]),
            Case(&[(0, 3, "P")], &[(1, 5, "P")], [0.0, 0.0, 0.5, 1.0]),
            Case(&[(0, 3, "P")], &[(3, 5, "P")], [0.0; 4]),
            Case(
                &[(0, 3, "P"), (4, 6, "O")],
                &[(0, 6, "O")],
                [0.0, 0.0, 0.5, 1.0],
            ),
            Case(
                &[(0, 6, "P")],
                &[(0, 2, "P"), (3, 6, "P")],
                [0.0, 0.0, 0.5, 1.0],
            ),
        ] {
            let (gold, predicted) = (marks(gold), marks(predicted));
            let found = WAYS.map(|(_, count)| count(&gold, &predicted).right);
            assert_eq!(found, right, "{gold:?} {predicted:?}");
        }
    }
}
