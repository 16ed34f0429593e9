//! Entities with what the head and the grammar say of them → numbers for the decision.
//!
//! Every number is a log-odds, a flag (0 or 1) or a small count; their names stand beside them, and `models/*/config.json` gives each a
//! weight by name. Absent on purpose: weights, thresholds, any list of names.

use super::article::Hint;
use super::head::{Heard, N_STATUSES, STATUSES, Side, Voice, side_column};
use super::profile::{Party, Profile};
use super::types::Ties;
use crate::entity::{Entity, EntityType, Form};
use crate::span::Span;

/// What is known of an entity's roles.
pub(super) const ROLE_FEATURES: [&str; 29] = [
    "bias",
    "head_target",
    "head_imposer",
    "head_linked",
    "best_target",
    "best_imposer",
    "best_linked",
    "side_target",
    "side_imposer",
    "grammar_target",
    "grammar_imposer",
    "grammar_linked",
    "person",
    "org",
    "country",
    "organ",
    "union",
    "sender",
    "mentions",
    "early",
    "part_only",
    "state_imposer",
    "organ_imposer",
    "article",
    "near",
    "joint_target",
    "joint_imposer",
    "words",
    "words_near",
];

/// What is known of an entity's part on one side of a measure of one status.
pub(super) const PART_FEATURES: [&str; 24] = [
    "bias",
    "head",
    "best",
    "joint",
    "role",
    "head_role",
    "grammar",
    "grammar_status",
    "status",
    "organ",
    "country",
    "organ_part",
    "rank",
    "words",
    "words_status",
    "imposed",
    "extended",
    "eased",
    "lifted",
    "threatened",
    "proposed",
    "opposed",
    "evaded",
    "enforced",
];

/// What is known of a status in the article, or of sanctions at all (then the strongest of any status).
pub(super) const STATUS_FEATURES: [&str; 16] = [
    "bias",
    "trigger",
    "second",
    "target",
    "imposer",
    "grammar",
    "words",
    "imposed",
    "extended",
    "eased",
    "lifted",
    "threatened",
    "proposed",
    "opposed",
    "evaded",
    "enforced",
];

const LIMIT: f32 = 8.0;

fn bounded(score: f32) -> f32 {
    score.clamp(-LIMIT, LIMIT)
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

fn strongest(scores: impl Iterator<Item = f32>) -> f32 {
    bounded(scores.fold(-LIMIT, f32::max))
}

/// Everything a decision may look at, of one article.
pub(super) struct Observer<'a> {
    pub sentences: &'a [Span],
    pub entities: &'a [Entity],
    pub profiles: &'a [Profile],
    pub heard: &'a Heard,
    /// What the grammar alone decides.
    pub grammar: &'a Ties,
    /// The words that the grammar looked at.
    pub hints: &'a [Hint],
}

impl Observer<'_> {
    fn head(&self, entity: usize, column: usize) -> f32 {
        bounded(self.heard.entities[entity][column])
    }

    /// The highest score of a mention.
    fn best(&self, entity: usize, column: usize) -> f32 {
        strongest(self.own(entity).map(|voice| voice.scores[column]))
    }

    /// The mentions of an entity.
    fn own(&self, entity: usize) -> impl Iterator<Item = &Voice> {
        let voices = self.heard.voices.iter();
        voices.filter(move |voice| voice.entity == entity)
    }

    /// The strength of the surest words in a sentence at most `reach` from a mention of the entity; 0 where there are none.
    fn words(&self, entity: usize, reach: usize, wanted: impl Fn(&Hint) -> bool) -> f32 {
        let places: Vec<usize> = self.own(entity).map(|v| self.sentence_of(v.span)).collect();
        self.strongest_words(|hint| {
            wanted(hint)
                && places
                    .iter()
                    .any(|place| place.abs_diff(hint.sentence) <= reach)
        })
    }

    fn strongest_words(&self, wanted: impl Fn(&Hint) -> bool) -> f32 {
        let wanted = self.hints.iter().filter(|hint| wanted(hint));
        wanted
            .map(|hint| f32::from(hint.strength))
            .fold(0.0, f32::max)
    }

    /// The strongest trigger of any status in the sentence of a mention.
    fn near(&self, voice: &Voice) -> f32 {
        let triggers = &self.heard.triggers[self.sentence_of(voice.span)];
        strongest(triggers.iter().map(|trigger| trigger.score))
    }

    fn sides(&self, entity: usize, side: Side) -> f32 {
        strongest((0..N_STATUSES).map(|status| self.head(entity, side_column(side, status))))
    }

    /// Organs of a country or union.
    fn organs(&self, country: usize) -> impl Iterator<Item = usize> {
        let of = move |at: &usize| self.profiles[*at].state == Some(country);
        (0..self.entities.len()).filter(of)
    }

    /// Index of the sentence a place stands in.
    pub fn sentence_of(&self, place: Span) -> usize {
        let after = self.sentences.partition_point(|s| s.start <= place.start);
        after.saturating_sub(1)
    }

    /// In the order of [`ROLE_FEATURES`].
    pub fn role(&self, at: usize) -> [f32; 29] {
        let (entity, profile) = (&self.entities[at], &self.profiles[at]);
        let column = |role: usize| self.head(at, role);
        let grammar = self.grammar.roles[at];
        let first = entity.mentions[0].span.start as f32;
        let start = self.sentences.first().map_or(0, |s| s.start) as f32;
        let end = self.sentences.last().map_or(1, |s| s.end) as f32;
        let state = profile
            .state
            .filter(|_| profile.party == Party::Organ)
            .map_or(-LIMIT, |state| self.head(state, 1));
        let organs = strongest(self.organs(at).map(|organ| self.head(organ, 1)));
        [
            1.0,
            column(0),
            column(1),
            column(2),
            self.best(at, 0),
            self.best(at, 1),
            self.best(at, 2),
            self.sides(at, Side::Target),
            self.sides(at, Side::Imposer),
            flag(grammar.target),
            flag(grammar.imposer),
            flag(grammar.linked),
            flag(entity.kind == EntityType::Person),
            flag(entity.kind == EntityType::Org),
            flag(entity.kind == EntityType::Country),
            flag(profile.party == Party::Organ),
            flag(profile.party == Party::Union),
            flag(profile.sender),
            (entity.mentions.len() as f32).ln(),
            flag((first - start) * 5.0 < end - start),
            flag(entity.mentions.iter().all(|m| m.form == Some(Form::Part))),
            state,
            organs,
            self.any_trigger(),
            strongest(self.own(at).map(|voice| self.near(voice))),
            strongest(
                self.own(at)
                    .map(|voice| voice.scores[0].min(self.near(voice))),
            ),
            strongest(
                self.own(at)
                    .map(|voice| voice.scores[1].min(self.near(voice))),
            ),
            self.words(at, 0, |_| true),
            self.words(at, 1, |_| true),
        ]
    }

    /// In the order of [`PART_FEATURES`]; `roles` are the decided log-odds of the entity's target and imposer roles.
    pub fn part(&self, at: usize, side: Side, status: usize, roles: [f32; 2]) -> [f32; 24] {
        let column = side_column(side, status);
        let role = side as usize;
        let here = |voice: &Voice| {
            let trigger = self.heard.triggers[self.sentence_of(voice.span)][status].score;
            voice.scores[column].min(trigger)
        };
        let of_status = |m: &&super::types::Measure| m.status == STATUSES[status];
        let grammar = self.grammar.measures.iter().filter(of_status).any(|m| {
            let side = match side {
                Side::Target => &m.targets,
                Side::Imposer => &m.imposers,
            };
            side.contains(&at)
        });
        let higher = (0..N_STATUSES)
            .filter(|&other| self.head(at, side_column(side, other)) > self.head(at, column))
            .count();
        let mut features = [0.0; 24];
        features[..15].copy_from_slice(&[
            1.0,
            self.head(at, column),
            self.best(at, column),
            strongest(self.own(at).map(here)),
            bounded(roles[role]),
            self.head(at, role),
            flag(grammar),
            flag(
                self.grammar
                    .measures
                    .iter()
                    .any(|m| m.status == STATUSES[status]),
            ),
            self.trigger(status),
            flag(self.profiles[at].party == Party::Organ),
            flag(self.entities[at].kind == EntityType::Country),
            strongest(self.organs(at).map(|organ| self.head(organ, column))),
            higher as f32,
            self.words(at, 0, |_| true),
            self.words(at, 0, |hint| hint.status == STATUSES[status]),
        ]);
        features[15 + status] = 1.0;
        features
    }

    /// In the order of [`STATUS_FEATURES`].
    pub fn status(&self, status: usize) -> [f32; 16] {
        let mut scores: Vec<f32> = self
            .heard
            .triggers
            .iter()
            .map(|t| t[status].score)
            .collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        let side = |side| {
            strongest((0..self.entities.len()).map(|at| self.head(at, side_column(side, status))))
        };
        let mut features = [0.0; 16];
        features[..7].copy_from_slice(&[
            1.0,
            self.trigger(status),
            bounded(scores.get(1).copied().unwrap_or(-LIMIT)),
            side(Side::Target),
            side(Side::Imposer),
            flag(
                self.grammar
                    .measures
                    .iter()
                    .any(|m| m.status == STATUSES[status]),
            ),
            self.strongest_words(|hint| hint.status == STATUSES[status]),
        ]);
        features[7 + status] = 1.0;
        features
    }

    /// As [`Observer::status`], of any status, with no status of its own marked.
    pub fn relevant(&self) -> [f32; 16] {
        let role = |role| strongest((0..self.entities.len()).map(|at| self.head(at, role)));
        let mut all: Vec<f32> = (0..N_STATUSES).map(|status| self.trigger(status)).collect();
        all.sort_by(|a, b| b.total_cmp(a));
        let mut features = [0.0; 16];
        features[..7].copy_from_slice(&[
            1.0,
            all[0],
            all[1],
            role(0),
            role(1),
            flag(self.grammar.relevant),
            self.strongest_words(|_| true),
        ]);
        features
    }

    fn trigger(&self, status: usize) -> f32 {
        strongest(self.heard.triggers.iter().map(|t| t[status].score))
    }

    fn any_trigger(&self) -> f32 {
        strongest((0..N_STATUSES).map(|status| self.trigger(status)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ties::Status;

    #[test]
    fn numbers_stay_within_bounds_whatever_the_scores() {
        assert_eq!(bounded(1e9), LIMIT);
        assert_eq!(strongest([f32::NEG_INFINITY, -50.0].into_iter()), -LIMIT);
        assert_eq!(strongest([0.5, 99.0].into_iter()), LIMIT);
        assert_eq!(strongest(std::iter::empty()), -LIMIT);
    }

    #[test]
    fn the_statuses_have_a_number_each_in_their_order() {
        let names = STATUSES.map(Status::name);
        assert_eq!(PART_FEATURES[15..], names);
        assert_eq!(STATUS_FEATURES[7..], names);
    }
}
