//! What was missed, invented, mistyped, cut wrongly: each with the sentence around it, the most frequent first.

use std::collections::BTreeMap;

use serde::Serialize;

use super::article::{Paired, statuses};
use super::document::{ArticleLabels, Document, Named};
use super::labels::Compared;
use crate::sentence::sentences;
use crate::span::Span;

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In the gold, and nothing was predicted there.
    Missed,
    /// Predicted, and the gold has nothing there.
    Invented,
    /// The right stretch or entity under another label.
    Mistyped,
    /// The right label with other borders.
    Cut,
    /// Other borders and another label.
    CutAndMistyped,
    /// A role that the gold has and the prediction has not.
    RoleMissed,
    /// A role that the prediction has and the gold has not.
    RoleInvented,
    /// A measure's status that the gold has and the prediction has not.
    StatusMissed,
    /// A measure's status that the prediction has and the gold has not.
    StatusInvented,
    /// An article on sanctions that was not taken for one.
    RelevanceMissed,
    /// An article taken for one on sanctions.
    RelevanceInvented,
}

impl Kind {
    /// As the tables say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Invented => "invented",
            Self::Mistyped => "mistyped",
            Self::Cut => "cut wrongly",
            Self::CutAndMistyped => "cut wrongly and mistyped",
            Self::RoleMissed => "role missed",
            Self::RoleInvented => "role invented",
            Self::StatusMissed => "status missed",
            Self::StatusInvented => "status invented",
            Self::RelevanceMissed => "relevance missed",
            Self::RelevanceInvented => "relevance invented",
        }
    }
}

/// One mistake in one document.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Mistake {
    /// What went wrong.
    pub kind: Kind,
    /// The label, or `gold → predicted` where they differ.
    pub label: String,
    /// The words in question; for a wrong cut `gold → predicted`.
    pub words: String,
    /// The document's id.
    pub document: String,
    /// The sentence around it, where the text is known.
    pub sentence: Option<String>,
    /// Where the words stand in the sentence, in bytes.
    pub at: Option<Span>,
}

/// Mistakes of one kind about the same words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Group {
    /// What went wrong.
    pub kind: Kind,
    /// The label.
    pub label: String,
    /// The words in question.
    pub words: String,
    /// How often.
    pub n: usize,
    /// The first of them.
    pub example: Mistake,
}

/// Joins mistakes that are alike, the most frequent first.
#[must_use]
pub fn groups(mistakes: &[Mistake]) -> Vec<Group> {
    let mut found: BTreeMap<(Kind, &str, &str), Group> = BTreeMap::new();
    for mistake in mistakes {
        let key = (mistake.kind, mistake.label.as_str(), mistake.words.as_str());
        let group = found.entry(key).or_insert_with(|| Group {
            kind: mistake.kind,
            label: mistake.label.clone(),
            words: mistake.words.clone(),
            n: 0,
            example: mistake.clone(),
        });
        group.n += 1;
    }
    let mut groups: Vec<Group> = found.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.n));
    groups
}

/// Collects one document's mistakes.
pub(super) struct Collector<'a> {
    id: &'a str,
    text: Option<&'a str>,
    sentences: Option<Vec<Span>>,
    pub found: Vec<Mistake>,
}

impl<'a> Collector<'a> {
    /// `text` is the gold's, or the prediction's where the gold keeps none.
    pub fn new(gold: &'a Document, predicted: Option<&'a Document>) -> Self {
        let text = gold.text.as_deref().or_else(|| predicted?.text.as_deref());
        Self {
            id: &gold.id,
            text,
            sentences: None,
            found: Vec::new(),
        }
    }

    fn push(&mut self, kind: Kind, label: String, words: String, span: Option<Span>) {
        let around = span.and_then(|span| self.around(span));
        let (sentence, at) = around.unzip();
        self.found.push(Mistake {
            kind,
            label,
            words,
            document: self.id.to_owned(),
            sentence,
            at,
        });
    }

    /// The sentence that a span begins in, and where the span stands in it.
    fn around(&mut self, span: Span) -> Option<(String, Span)> {
        let text = self.text?;
        let sentences = self
            .sentences
            .get_or_insert_with(|| sentences(text, &[Span::new(0, text.len())]));
        let at = sentences.partition_point(|sentence| sentence.end <= span.start);
        let mut around = *sentences
            .get(at)
            .filter(|sentence| sentence.start <= span.start)?;
        // A stretch that runs on over a sentence's end takes the next one with it.
        for next in &sentences[at + 1..] {
            if span.end <= around.end {
                break;
            }
            around.end = next.end;
        }
        (span.end <= around.end).then(|| {
            let at = Span::new(span.start - around.start, span.end - around.start);
            (around.of(text).to_owned(), at)
        })
    }

    fn words(&self, span: Span) -> String {
        let words = self.text.map_or("", |text| span.of(text));
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Mistakes in labelled stretches. A gold mark and a prediction that overlap are one mistake, those with the same stretch first.
    pub fn marks(&mut self, gold: &[Compared], predicted: &[Compared]) {
        let same = |one: &&Compared, all: &[Compared]| {
            all.iter()
                .any(|other| (other.span, &other.label) == (one.span, &one.label))
        };
        let missed: Vec<&Compared> = gold.iter().filter(|one| !same(one, predicted)).collect();
        let wrong: Vec<&Compared> = predicted.iter().filter(|one| !same(one, gold)).collect();
        let mut free = vec![true; wrong.len()];
        for one in missed {
            let overlapping =
                (0..wrong.len()).filter(|at| free[*at] && wrong[*at].span.overlaps(one.span));
            let nearness = |at: &usize| {
                (
                    wrong[*at].span != one.span,
                    wrong[*at].label != one.label,
                    *at,
                )
            };
            let Some(at) = overlapping.min_by_key(nearness) else {
                self.push(
                    Kind::Missed,
                    one.label.clone(),
                    self.words(one.span),
                    Some(one.span),
                );
                continue;
            };
            free[at] = false;
            let other = wrong[at];
            let both = |one: &str, other: &str| {
                if one == other {
                    one.to_owned()
                } else {
                    format!("{one} → {other}")
                }
            };
            let kind = match (one.span == other.span, one.label == other.label) {
                (true, _) => Kind::Mistyped,
                (false, true) => Kind::Cut,
                (false, false) => Kind::CutAndMistyped,
            };
            let words = both(&self.words(one.span), &self.words(other.span));
            let span = Span::new(
                one.span.start.min(other.span.start),
                one.span.end.max(other.span.end),
            );
            self.push(kind, both(&one.label, &other.label), words, Some(span));
        }
        for (other, _) in wrong.iter().zip(free).filter(|(_, free)| *free) {
            self.push(
                Kind::Invented,
                other.label.clone(),
                self.words(other.span),
                Some(other.span),
            );
        }
    }

    /// Mistakes in what is said of the whole article.
    pub fn article(&mut self, gold: &ArticleLabels, predicted: &ArticleLabels) {
        let paired = Paired::of(gold, predicted);
        let mut extra: Vec<bool> = vec![true; predicted.entities.len()];
        let mut partner: Vec<Option<usize>> = vec![None; gold.entities.len()];
        for &(at, other) in &paired.pairs {
            extra[other] = false;
            partner[at] = Some(other);
        }
        for (entity, partner) in gold.entities.iter().zip(partner) {
            match partner {
                Some(other) => self.roles(entity, &predicted.entities[other]),
                None => {
                    let alike = |at: &usize| {
                        extra[*at] && !entity.aliases.is_disjoint(&predicted.entities[*at].aliases)
                    };
                    let alike = (0..extra.len()).find(alike);
                    let span = self.first(entity);
                    match alike {
                        Some(other) => {
                            extra[other] = false;
                            let label = format!(
                                "{} → {}",
                                shown(entity),
                                shown(&predicted.entities[other])
                            );
                            self.push(Kind::Mistyped, label, entity.name.clone(), span);
                        }
                        None => self.push(Kind::Missed, shown(entity), entity.name.clone(), span),
                    }
                    for role in &entity.roles {
                        self.push(Kind::RoleMissed, role.clone(), entity.name.clone(), span);
                    }
                }
            }
        }
        for (entity, _) in predicted
            .entities
            .iter()
            .zip(extra)
            .filter(|(_, extra)| *extra)
        {
            let span = self.first(entity);
            self.push(Kind::Invented, shown(entity), entity.name.clone(), span);
            for role in &entity.roles {
                self.push(Kind::RoleInvented, role.clone(), entity.name.clone(), span);
            }
        }
        self.measures(gold, predicted);
    }

    fn roles(&mut self, gold: &Named, predicted: &Named) {
        let span = predicted.first.or_else(|| self.first(gold));
        for role in gold.roles.difference(&predicted.roles) {
            self.push(Kind::RoleMissed, role.clone(), gold.name.clone(), span);
        }
        for role in predicted.roles.difference(&gold.roles) {
            self.push(Kind::RoleInvented, role.clone(), gold.name.clone(), span);
        }
    }

    fn measures(&mut self, gold: &ArticleLabels, predicted: &ArticleLabels) {
        let (right, guess) = (statuses(gold), statuses(predicted));
        for status in right.difference(&guess) {
            self.push(
                Kind::StatusMissed,
                (*status).to_owned(),
                String::new(),
                None,
            );
        }
        for status in guess.difference(&right) {
            self.push(
                Kind::StatusInvented,
                (*status).to_owned(),
                String::new(),
                None,
            );
        }
        match (gold.relevant, predicted.relevant) {
            (true, false) => self.push(Kind::RelevanceMissed, String::new(), String::new(), None),
            (false, true) => self.push(Kind::RelevanceInvented, String::new(), String::new(), None),
            _ => {}
        }
    }

    /// Where an entity is named first: as its file says, else the first of its forms that stands in the text.
    fn first(&self, entity: &Named) -> Option<Span> {
        let text = self.text?;
        let found = |form: &String| {
            text.find(form.as_str())
                .map(|at| Span::new(at, at + form.len()))
        };
        let inside = |span: &Span| {
            text.get(span.start..span.end)
                .is_some_and(|words| !words.is_empty())
        };
        entity
            .first
            .filter(inside)
            .or_else(|| entity.written.iter().filter_map(found).min())
    }
}

/// An entity's type, a country's with its code.
fn shown(entity: &Named) -> String {
    match &entity.iso {
        Some(iso) => format!("{} {iso}", entity.kind),
        None => entity.kind.clone(),
    }
}
