//! Scores of whole articles: entities, roles, measures, relevance.
//!
//! A predicted entity is a gold one when their types agree and they share a form, for countries when their ISO codes agree. Of several
//! the one that shares most forms is taken, and each is taken once, in the gold's order. Roles and measures are then compared between entities so paired.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{ARTICLE_TYPES, ArticleLabels, Named, ROLES};
use super::tally::{Sheet, Tally, add};

/// Which predicted entity is which of the gold's: keys of the predicted → keys of the gold.
pub(super) struct Paired<'a> {
    of_predicted: BTreeMap<&'a str, &'a str>,
    /// Pairs of indexes, gold first.
    pub pairs: Vec<(usize, usize)>,
}

/// An entity in the gold's terms: its key there, or the prediction's own where the gold has none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Who<'a> {
    Known(&'a str),
    Unknown(&'a str),
}

impl<'a> Paired<'a> {
    pub fn of(gold: &'a ArticleLabels, predicted: &'a ArticleLabels) -> Self {
        let mut this = Self {
            of_predicted: BTreeMap::new(),
            pairs: Vec::new(),
        };
        for (at, entity) in gold.entities.iter().enumerate() {
            let free =
                |other: &&(usize, &'a Named)| !this.of_predicted.contains_key(other.1.key.as_str());
            let candidates: Vec<(usize, &Named)> = predicted.entities.iter().enumerate().collect();
            let fitting = candidates
                .iter()
                .filter(free)
                .filter(|(_, other)| fits(entity, other));
            let mut best: Option<(usize, usize, &Named)> = None;
            for &(index, other) in fitting {
                let shared = entity.aliases.intersection(&other.aliases).count();
                if best.is_none_or(|(most, ..)| most < shared) {
                    best = Some((shared, index, other));
                }
            }
            if let Some((_, index, other)) = best {
                this.of_predicted.insert(&other.key, &entity.key);
                this.pairs.push((at, index));
            }
        }
        this
    }

    pub fn who(&self, key: &'a str) -> Who<'a> {
        self.of_predicted
            .get(key)
            .map_or(Who::Unknown(key), |key| Who::Known(key))
    }
}

fn fits(gold: &Named, predicted: &Named) -> bool {
    gold.kind == predicted.kind
        && if gold.kind == "COUNTRY" {
            gold.iso.is_some() && gold.iso == predicted.iso
        } else {
            !gold.aliases.is_disjoint(&predicted.aliases)
        }
}

fn compare<T: Ord>(gold: &BTreeSet<T>, predicted: &BTreeSet<T>) -> Tally {
    let right = gold.intersection(predicted).count();
    Tally::new(right, predicted.len() - right, gold.len() - right)
}

fn only<T: Ord + Copy>(all: &BTreeSet<T>, keep: impl Fn(&T) -> bool) -> BTreeSet<T> {
    all.iter().filter(|one| keep(one)).copied().collect()
}

/// Who has which role.
type Roles<'a> = BTreeSet<(Who<'a>, &'a str)>;

fn tied<'a>(labels: &'a ArticleLabels, who: impl Fn(&'a str) -> Who<'a>) -> Roles<'a> {
    let entities = labels.entities.iter();
    let roles = entities.flat_map(|entity| {
        entity
            .roles
            .iter()
            .map(move |role| (entity.key.as_str(), role.as_str()))
    });
    roles.map(|(key, role)| (who(key), role)).collect()
}

/// One measure's entity: status, side, who.
type Argument<'a> = (&'a str, &'static str, Who<'a>);

fn arguments<'a>(
    labels: &'a ArticleLabels,
    who: impl Fn(&'a str) -> Who<'a>,
) -> BTreeSet<Argument<'a>> {
    let sides = labels.measures.iter().flat_map(|act| {
        let of = |side: &'static str, keys: &'a [String]| {
            keys.iter()
                .map(move |key| (act.status.as_str(), side, key.as_str()))
        };
        of("imposers", &act.imposers).chain(of("targets", &act.targets))
    });
    sides
        .map(|(status, side, key)| (status, side, who(key)))
        .collect()
}

/// The statuses that an article's measures have.
pub(super) fn statuses(labels: &ArticleLabels) -> BTreeSet<&str> {
    labels
        .measures
        .iter()
        .map(|act| act.status.as_str())
        .collect()
}

/// Adds one article's counts to its sheet.
pub(super) fn score(gold: &ArticleLabels, predicted: &ArticleLabels, sheet: &mut Sheet) {
    let paired = Paired::of(gold, predicted);
    for kind in ARTICLE_TYPES {
        let of = |labels: &ArticleLabels| {
            labels
                .entities
                .iter()
                .filter(|entity| entity.kind == kind)
                .count()
        };
        let right = paired
            .pairs
            .iter()
            .filter(|(at, _)| gold.entities[*at].kind == kind)
            .count();
        let tally = Tally::new(right, of(predicted) - right, of(gold) - right);
        add(sheet, &format!("ent.{kind}"), tally);
        add(sheet, "ent", tally);
    }
    let in_gold = tied(gold, Who::Known);
    let found = tied(predicted, |key| paired.who(key));
    for role in ROLES {
        let tally = compare(
            &only(&in_gold, |(_, other)| *other == role),
            &only(&found, |(_, other)| *other == role),
        );
        add(sheet, &format!("role.{role}"), tally);
        add(sheet, "role", tally);
    }
    let in_any: (BTreeSet<_>, BTreeSet<_>) = (
        in_gold.iter().map(|one| one.0).collect(),
        found.iter().map(|one| one.0).collect(),
    );
    add(sheet, "tied", compare(&in_any.0, &in_any.1));
    let right = arguments(gold, Who::Known);
    let guess = arguments(predicted, |key| paired.who(key));
    add(sheet, "measure_args", compare(&right, &guess));
    for side in ["imposers", "targets"] {
        let tally = compare(
            &only(&right, |one| one.1 == side),
            &only(&guess, |one| one.1 == side),
        );
        add(sheet, &format!("measure_args.{side}"), tally);
    }
    let (right, guess) = (statuses(gold), statuses(predicted));
    add(sheet, "measure_status", compare(&right, &guess));
    for status in right.union(&guess) {
        let has = |all: &BTreeSet<&str>| usize::from(all.contains(status));
        let both = has(&right) * has(&guess);
        add(
            sheet,
            &format!("measure_status.{status}"),
            Tally::new(both, has(&guess) - both, has(&right) - both),
        );
    }
    relevance(gold.relevant, predicted.relevant, sheet);
}

fn relevance(gold: bool, predicted: bool, sheet: &mut Sheet) {
    let agree = Tally {
        right: f64::from(u8::from(gold == predicted)),
        predicted: 1.0,
        gold: 1.0,
    };
    add(sheet, "relevant_accuracy", agree);
    let count = |is: bool| usize::from(is);
    add(
        sheet,
        "relevant",
        Tally::new(
            count(gold && predicted),
            count(predicted && !gold),
            count(gold && !predicted),
        ),
    );
}
