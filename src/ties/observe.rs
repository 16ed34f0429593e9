//! Entities with what the head and the grammar say of them → numbers for the decision.
//!
//! Every number is a log-odds, a flag (0 or 1) or a small count; their names stand beside them, and `models/*/config.json` gives each a
//! weight by name. Absent on purpose: weights, thresholds, any list of names.

use super::article::Hint;
use super::head::{Heard, N_STATUSES, Side, Trigger, Voice, side_column};
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
///
/// What is asked for many entities is looked up, not searched for: an article may have thousands of them.
pub(super) struct Observer<'a> {
    pub sentences: &'a [Span],
    pub entities: &'a [Entity],
    pub heard: &'a Heard,
    profiles: &'a [Profile],
    /// What the grammar alone decides.
    grammar: &'a Ties,
    /// The words that the grammar looked at, in the order of their sentences.
    hints: &'a [Hint],
    /// `[entities]`: the sides and statuses of the grammar's measures it stands in.
    sides: Vec<[[bool; N_STATUSES]; 2]>,
    /// Statuses of the grammar's measures.
    statuses: [bool; N_STATUSES],
    /// `[entities]`: the organs of a country or union.
    organs: Vec<Vec<usize>>,
    /// The surest words of all sentences.
    words: Words,
    /// `[entities]`: the surest words of the sentences it stands in, and of these and their neighbours.
    words_at: Vec<[Words; 2]>,
    /// `[sentences]`: the strongest trigger of any status.
    near: Vec<f32>,
    /// The strongest and the second strongest trigger of each status, each of its own sentence.
    triggers: [[f32; 2]; N_STATUSES],
}

/// The strength of the surest words of some sentences: of any status, and of each; 0 where there are none.
#[derive(Clone, Copy, Default)]
struct Words {
    any: f32,
    of: [f32; N_STATUSES],
}

impl Words {
    fn add(&mut self, hint: &Hint) {
        let strength = f32::from(hint.strength);
        self.any = self.any.max(strength);
        let of = &mut self.of[hint.status as usize];
        *of = of.max(strength);
    }

    fn or(mut self, other: &Self) -> Self {
        self.any = self.any.max(other.any);
        for (of, other) in self.of.iter_mut().zip(other.of) {
            *of = of.max(other);
        }
        self
    }
}

impl<'a> Observer<'a> {
    /// Prepares an article; `hints` stand in the order of their sentences.
    pub fn new(
        sentences: &'a [Span],
        entities: &'a [Entity],
        heard: &'a Heard,
        profiles: &'a [Profile],
        (grammar, hints): (&'a Ties, &'a [Hint]),
    ) -> Self {
        let mut sides = vec![[[false; N_STATUSES]; 2]; entities.len()];
        let mut statuses = [false; N_STATUSES];
        for measure in &grammar.measures {
            let status = measure.status as usize;
            statuses[status] = true;
            for &target in &measure.targets {
                sides[target][Side::Target as usize][status] = true;
            }
            for &imposer in &measure.imposers {
                sides[imposer][Side::Imposer as usize][status] = true;
            }
        }
        let mut organs = vec![Vec::new(); entities.len()];
        for (organ, profile) in profiles.iter().enumerate() {
            if let Some(state) = profile.state {
                organs[state].push(organ);
            }
        }
        let mut words = vec![Words::default(); sentences.len()];
        for hint in hints {
            words[hint.sentence].add(hint);
        }
        let words_at = |entity: usize| {
            [0, 1].map(|reach| {
                let places = heard.own(entity).flat_map(|voice| {
                    let end = (voice.sentence + reach + 1).min(words.len());
                    &words[voice.sentence.saturating_sub(reach)..end]
                });
                places.fold(Words::default(), Words::or)
            })
        };
        let of_sentence = |t: &[Trigger; N_STATUSES]| strongest(t.iter().map(|t| t.score));
        Self {
            sentences,
            entities,
            heard,
            profiles,
            grammar,
            hints,
            sides,
            statuses,
            organs,
            words_at: (0..entities.len()).map(words_at).collect(),
            words: words.iter().fold(Words::default(), Words::or),
            near: heard.triggers.iter().map(of_sentence).collect(),
            triggers: std::array::from_fn(|status| {
                let of_status = heard.triggers.iter().map(|t| t[status].score);
                of_status.fold([-LIMIT; 2], |[first, second], score| {
                    let score = bounded(score);
                    [first.max(score), second.max(first.min(score))]
                })
            }),
        }
    }

    /// The words of a sentence that the grammar looked at.
    pub fn hints_in(&self, sentence: usize) -> &'a [Hint] {
        let from = self.hints.partition_point(|h| h.sentence < sentence);
        let to = self.hints.partition_point(|h| h.sentence <= sentence);
        &self.hints[from..to]
    }

    fn head(&self, entity: usize, column: usize) -> f32 {
        bounded(self.heard.entities[entity][column])
    }

    /// The highest score of a mention.
    fn best(&self, entity: usize, column: usize) -> f32 {
        strongest(self.heard.own(entity).map(|voice| voice.scores[column]))
    }

    fn sides(&self, entity: usize, side: Side) -> f32 {
        strongest((0..N_STATUSES).map(|status| self.head(entity, side_column(side, status))))
    }

    /// The highest score of an organ of a country or union.
    fn organs(&self, country: usize, column: usize) -> f32 {
        let organs = self.organs[country].iter();
        strongest(organs.map(|&organ| self.head(organ, column)))
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
        let joint = |role: usize| {
            let own = self.heard.own(at);
            strongest(own.map(|voice| voice.scores[role].min(self.near[voice.sentence])))
        };
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
            self.organs(at, 1),
            strongest(self.triggers.iter().map(|t| t[0])),
            strongest(self.heard.own(at).map(|voice| self.near[voice.sentence])),
            joint(0),
            joint(1),
            self.words_at[at][0].any,
            self.words_at[at][1].any,
        ]
    }

    /// In the order of [`PART_FEATURES`]; `roles` are the decided log-odds of the entity's target and imposer roles.
    pub fn part(&self, at: usize, side: Side, status: usize, roles: [f32; 2]) -> [f32; 24] {
        let column = side_column(side, status);
        let role = side as usize;
        let here = |voice: &Voice| {
            let trigger = self.heard.triggers[voice.sentence][status].score;
            voice.scores[column].min(trigger)
        };
        let higher = (0..N_STATUSES)
            .filter(|&other| self.head(at, side_column(side, other)) > self.head(at, column))
            .count();
        let words = self.words_at[at][0];
        let mut features = [0.0; 24];
        features[..15].copy_from_slice(&[
            1.0,
            self.head(at, column),
            self.best(at, column),
            strongest(self.heard.own(at).map(here)),
            bounded(roles[role]),
            self.head(at, role),
            flag(self.sides[at][role][status]),
            flag(self.statuses[status]),
            self.triggers[status][0],
            flag(self.profiles[at].party == Party::Organ),
            flag(self.entities[at].kind == EntityType::Country),
            self.organs(at, column),
            higher as f32,
            words.any,
            words.of[status],
        ]);
        features[15 + status] = 1.0;
        features
    }

    /// In the order of [`STATUS_FEATURES`].
    pub fn status(&self, status: usize) -> [f32; 16] {
        let side = |side| {
            strongest((0..self.entities.len()).map(|at| self.head(at, side_column(side, status))))
        };
        let mut features = [0.0; 16];
        features[..7].copy_from_slice(&[
            1.0,
            self.triggers[status][0],
            self.triggers[status][1],
            side(Side::Target),
            side(Side::Imposer),
            flag(self.statuses[status]),
            self.words.of[status],
        ]);
        features[7 + status] = 1.0;
        features
    }

    /// As [`Observer::status`], of any status, with no status of its own marked.
    pub fn relevant(&self) -> [f32; 16] {
        let role = |role| strongest((0..self.entities.len()).map(|at| self.head(at, role)));
        let mut all = self.triggers.map(|t| t[0]);
        all.sort_by(|a, b| b.total_cmp(a));
        let mut features = [0.0; 16];
        features[..7].copy_from_slice(&[
            1.0,
            all[0],
            all[1],
            role(0),
            role(1),
            flag(self.grammar.relevant),
            self.words.any,
        ]);
        features
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::STATUSES;
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
        assert!(STATUSES.iter().enumerate().all(|(at, s)| *s as usize == at));
        let names = STATUSES.map(Status::name);
        assert_eq!(PART_FEATURES[15..], names);
        assert_eq!(STATUS_FEATURES[7..], names);
    }
}
