//! Gold with predictions → everything that is said of it, and how two predictions compare.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::bootstrap::{self, Difference, Draws, Intervals};
use super::calibration::{Calibration, calibration};
use super::document::{ArticleLabels, Document};
use super::labels::{Compared, Labels, Scored};
use super::mistakes::{Collector, Mistake};
use super::pairing::Pair;
use super::tally::{Sheet, Tally, total};
use super::{article, marks};

/// What is asked for.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Options {
    /// Which labels stand for which.
    pub labels: Labels,
    /// How intervals are drawn.
    pub draws: Draws,
}

/// One measure's scores, 0 to 1; `None` where there is nothing to score.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Score {
    /// Its name, as `strict.PERSON` or `role.target`.
    pub measure: String,
    /// What is right, with halves for stretches that agree in part.
    pub right: f64,
    /// What was predicted.
    pub predicted: f64,
    /// What there was to find.
    pub gold: f64,
    /// Share of what was predicted that is right.
    pub precision: Option<f64>,
    /// Share of what there was to find that was found.
    pub recall: Option<f64>,
    /// Their harmonic mean.
    pub f1: Option<f64>,
    /// Their 95 % intervals.
    pub interval: Intervals,
}

/// Scores when predictions below a confidence are left out.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Cut {
    /// What `--min-score` would be.
    pub min_score: f32,
    /// Share of what is left that is right.
    pub precision: Option<f64>,
    /// Share of what there was to find that is left.
    pub recall: Option<f64>,
    /// Their harmonic mean.
    pub f1: Option<f64>,
}

/// What confidence says of one kind of thing.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Confidence {
    /// `mentions` or `entities`.
    pub of: &'static str,
    /// Whether scores mean what they say.
    pub calibration: Calibration,
    /// What leaving out the unsure would do.
    pub cuts: Vec<Cut>,
}

/// Everything that is said of a prediction.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Evaluation {
    /// Name and version of this format.
    pub schema: &'static str,
    /// Gold documents.
    pub documents: usize,
    /// Ids of those that nobody predicted; all their labels count as missed.
    pub missing: Vec<String>,
    /// Labels that were scored.
    pub labels: Vec<String>,
    /// Predicted labels that were not, as the gold has none of them, with how often they were predicted.
    pub unscored: BTreeMap<String, usize>,
    /// Scores, the most general first.
    pub scores: Vec<Score>,
    /// Confidence, where the predictions have scores.
    pub confidence: Vec<Confidence>,
    /// Mistakes in the order of the documents.
    pub mistakes: Vec<Mistake>,
}

/// The measures that stand for the rest, the first that is there being the headline.
pub const HEADLINES: [&str; 2] = ["strict", "ent"];

/// Confidences at which predictions are cut.
const CUTS: [f32; 11] = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

impl Evaluation {
    /// One measure's score.
    #[must_use]
    pub fn score(&self, measure: &str) -> Option<&Score> {
        self.scores.iter().find(|score| score.measure == measure)
    }

    /// The score that stands for the rest; `None` when nothing was scored.
    #[must_use]
    pub fn headline(&self) -> Option<&Score> {
        HEADLINES.iter().find_map(|measure| self.score(measure))
    }
}

/// One document as it is judged.
struct Judged {
    sheet: Sheet,
    marks: Option<(Vec<Compared>, Vec<Compared>)>,
    mistakes: Vec<Mistake>,
}

/// The labels to compare, settled by the pairs whose gold labels stretches.
pub(super) fn scored(pairs: &[Pair], options: &Options) -> Scored {
    let marked = || pairs.iter().filter(|pair| pair.gold.marks.is_some());
    let predicted = marked().filter_map(|pair| pair.predicted.as_ref());
    Scored::of(&options.labels, marked().map(|pair| &pair.gold), predicted)
}

/// The articles' labels of a pair, where the gold speaks of articles. What nobody predicted has none.
fn articles(pair: &Pair) -> Option<(&ArticleLabels, ArticleLabels)> {
    let gold = pair.gold.article.as_ref()?;
    let predicted = pair
        .predicted
        .as_ref()
        .and_then(|predicted| predicted.article.clone());
    Some((gold, predicted.unwrap_or_default()))
}

fn compared(pair: &Pair, labels: &Scored) -> Option<(Vec<Compared>, Vec<Compared>)> {
    pair.gold.marks.as_ref()?;
    let predicted = |document: &Document| labels.predicted(document, pair.gold.words.as_deref());
    let predicted = pair.predicted.as_ref().map(predicted).unwrap_or_default();
    Some((labels.gold(&pair.gold), predicted))
}

fn judge(pair: &Pair, labels: &Scored) -> Judged {
    let mut sheet = Sheet::new();
    let mut collector = Collector::new(&pair.gold, pair.predicted.as_ref());
    let marks = compared(pair, labels);
    if let Some((gold, predicted)) = &marks {
        marks::score(gold, predicted, labels, &mut sheet);
        collector.marks(gold, predicted);
    }
    if let Some((gold, predicted)) = articles(pair) {
        article::score(gold, &predicted, &mut sheet);
        collector.article(gold, &predicted);
    }
    Judged {
        sheet,
        marks,
        mistakes: collector.found,
    }
}

/// The counts of each document, in order.
#[must_use]
pub fn sheets(pairs: &[Pair], options: &Options) -> Vec<Sheet> {
    let labels = scored(pairs, options);
    pairs
        .iter()
        .map(|pair| judge(pair, &labels).sheet)
        .collect()
}

/// Says everything of a prediction.
#[must_use]
pub fn evaluate(pairs: &[Pair], options: &Options) -> Evaluation {
    let labels = scored(pairs, options);
    let judged: Vec<Judged> = pairs.iter().map(|pair| judge(pair, &labels)).collect();
    let sheets: Vec<Sheet> = judged.iter().map(|one| one.sheet.clone()).collect();
    let missing = pairs.iter().filter(|pair| pair.predicted.is_none());
    let confidence = [of_mentions(&judged), of_entities(pairs)]
        .into_iter()
        .flatten();
    Evaluation {
        schema: "sanctag-eval/1",
        documents: pairs.len(),
        missing: missing.map(|pair| pair.gold.id.clone()).collect(),
        scores: scores(&sheets, options.draws),
        confidence: confidence.collect(),
        mistakes: judged.into_iter().flat_map(|one| one.mistakes).collect(),
        labels: labels.scored.into_iter().collect(),
        unscored: labels.unscored,
    }
}

/// Where a measure stands in the tables: general before particular, kinds in a fixed order.
fn place(measure: &str) -> (usize, bool) {
    const ORDER: [&str; 11] = [
        "strict",
        "exact",
        "partial",
        "type",
        "ent",
        "tied",
        "role",
        "measure_args",
        "measure_status",
        "relevant",
        "relevant_accuracy",
    ];
    let head = measure.split('.').next().unwrap_or_default();
    (
        ORDER
            .iter()
            .position(|one| *one == head)
            .unwrap_or(ORDER.len()),
        measure != head,
    )
}

fn scores(sheets: &[Sheet], draws: Draws) -> Vec<Score> {
    let total = total(sheets);
    let mut measures: Vec<&str> = total.keys().map(String::as_str).collect();
    measures.sort_by_key(|measure| place(measure));
    let intervals = bootstrap::intervals(sheets, &measures, draws);
    let score = |(measure, interval): (&&str, Intervals)| {
        let tally: Tally = total[*measure];
        Score {
            measure: (*measure).to_owned(),
            right: tally.right,
            predicted: tally.predicted,
            gold: tally.gold,
            precision: tally.precision(),
            recall: tally.recall(),
            f1: tally.f1(),
            interval,
        }
    };
    measures.iter().zip(intervals).map(score).collect()
}

/// Confidence from all scores with whether each was right, and the number of gold labels.
fn confidence(of: &'static str, judged: &[(f32, bool)], n_gold: usize) -> Option<Confidence> {
    let cut = |min_score: f32| {
        let kept = judged.iter().filter(|(score, _)| min_score <= *score);
        let (right, all) = kept.fold((0, 0), |(right, all), (_, is)| {
            (right + usize::from(*is), all + 1)
        });
        let tally = Tally::new(right, all - right, n_gold.saturating_sub(right));
        Cut {
            min_score,
            precision: tally.precision(),
            recall: tally.recall(),
            f1: tally.f1(),
        }
    };
    Some(Confidence {
        of,
        calibration: calibration(judged)?,
        cuts: CUTS.map(cut).into(),
    })
}

fn of_mentions(judged: &[Judged]) -> Option<Confidence> {
    let (mut scores, mut n_gold) = (Vec::new(), 0);
    for (gold, predicted) in judged.iter().filter_map(|one| one.marks.as_ref()) {
        n_gold += gold.len();
        let there: BTreeSet<_> = gold.iter().map(|mark| (mark.span, &mark.label)).collect();
        scores.extend(
            predicted
                .iter()
                .filter_map(|mark| Some((mark.score?, there.contains(&(mark.span, &mark.label))))),
        );
    }
    confidence("mentions", &scores, n_gold)
}

fn of_entities(pairs: &[Pair]) -> Option<Confidence> {
    let (mut scores, mut n_gold) = (Vec::new(), 0);
    for (gold, predicted) in pairs.iter().filter_map(articles) {
        n_gold += gold.entities.len();
        let paired = article::Paired::of(gold, &predicted);
        let right: BTreeSet<usize> = paired.pairs.iter().map(|(_, at)| *at).collect();
        let entities = predicted.entities.iter().enumerate();
        scores
            .extend(entities.filter_map(|(at, entity)| Some((entity.score?, right.contains(&at)))));
    }
    confidence("entities", &scores, n_gold)
}

/// One measure of two predictions.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Contrast {
    /// The measure's name.
    pub measure: String,
    /// F1 of the first prediction.
    pub first: Option<f64>,
    /// F1 of the second.
    pub second: Option<f64>,
    /// How they differ; `None` where either has nothing to score.
    pub difference: Option<Difference>,
}

/// Compares two predictions of the same gold, measure by measure. Labels are scored that the gold has.
#[must_use]
pub fn contrast(first: &[Pair], second: &[Pair], options: &Options) -> Vec<Contrast> {
    let (one, two) = (sheets(first, options), sheets(second, options));
    let (sum_one, sum_two) = (total(&one), total(&two));
    let mut measures: Vec<&str> = sum_one
        .keys()
        .chain(sum_two.keys())
        .map(String::as_str)
        .collect();
    measures.sort_by_key(|measure| (place(measure), *measure));
    measures.dedup();
    let differences = bootstrap::differences(&one, &two, &measures, options.draws);
    let f1 = |sum: &Sheet, measure: &str| sum.get(measure).copied().and_then(Tally::f1);
    let contrast = |(measure, difference): (&&str, Option<Difference>)| Contrast {
        measure: (*measure).to_owned(),
        first: f1(&sum_one, measure),
        second: f1(&sum_two, measure),
        difference,
    };
    measures.iter().zip(differences).map(contrast).collect()
}
