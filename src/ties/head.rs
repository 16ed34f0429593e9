//! The model's second head → what it says of each entity and of each sentence.
//!
//! The head gives every token the scores named in [`COLUMNS`]: the role of the entity the token names, the side and status of the
//! measure it takes part in here, and of which status's measure the token itself is the trigger. A mention's score is the mean over its
//! tokens; an entity's probability is the noisy-or of its mentions' (Pearl 1988), as in training (`scripts/train/ties.py`).

use super::types::Status;
use crate::engine::Logits;
use crate::entity::{Entity, EntityType};
use crate::span::Span;
use crate::tokenize::Tokens;

/// Columns before the sides: target, imposer, linked.
pub(super) const N_ROLES: usize = 3;
/// Statuses, in the order of [`STATUSES`].
pub(super) const N_STATUSES: usize = 9;
/// Columns that speak of entities: roles, then targets by status, then imposers by status.
pub(super) const N_ENTITY: usize = N_ROLES + 2 * N_STATUSES;
/// Columns of the head.
pub(super) const N_COLUMNS: usize = N_ENTITY + N_STATUSES;

/// The statuses in the order of the head's columns.
pub(super) const STATUSES: [Status; N_STATUSES] = Status::ALL;

/// On which side of a measure an entity stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Target = 0,
    Imposer = 1,
}

/// Column of an entity's side in a measure of a status.
pub(super) fn side_column(side: Side, status: usize) -> usize {
    N_ROLES + side as usize * N_STATUSES + status
}

/// The names of the head's columns, as a model's `config.json` lists them.
pub(super) fn column_names() -> Vec<String> {
    let roles = ["target", "imposer", "linked"].map(String::from);
    let of = |side: &'static str| {
        STATUSES
            .iter()
            .map(move |status| format!("{side}:{}", status.name()))
    };
    roles
        .into_iter()
        .chain(of("targets"))
        .chain(of("imposers"))
        .chain(of("trigger"))
        .collect()
}

/// The scores of one article's tokens.
#[derive(Clone, Copy, Debug)]
pub struct Scores<'a> {
    tokens: &'a Tokens,
    logits: &'a Logits,
    first: usize,
}

impl<'a> Scores<'a> {
    /// The head's part of the logits of an article: its columns start at `first`.
    #[must_use]
    pub fn new(tokens: &'a Tokens, logits: &'a Logits, first: usize) -> Self {
        Self {
            tokens,
            logits,
            first,
        }
    }

    fn of(&self, token: usize) -> &[f32] {
        &self.logits.of(token)[self.first..self.first + N_COLUMNS]
    }

    /// Tokens that overlap a span.
    fn within(&self, span: Span) -> std::ops::Range<usize> {
        let spans = &self.tokens.spans;
        let from = spans.partition_point(|token| token.end <= span.start);
        let to = spans.partition_point(|token| token.start < span.end);
        from..to.max(from)
    }
}

/// What the head says of one mention, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    pub entity: usize,
    /// Index of the sentence it stands in.
    pub sentence: usize,
    pub span: Span,
    /// Scores of the entity's columns, log-odds.
    pub scores: [f32; N_ENTITY],
}

/// What the head says of one sentence's triggers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trigger {
    /// Highest score of a token of the sentence, log-odds.
    pub score: f32,
    /// The words that have it.
    pub span: Span,
}

/// What the head says of an article.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// Mentions in text order.
    voices: Vec<Voice>,
    /// `[entities]`: indexes into `voices`, ascending.
    of: Vec<Vec<usize>>,
    /// `[entities][N_ENTITY]`: log-odds of the noisy-or.
    pub entities: Vec<[f32; N_ENTITY]>,
    /// `[sentences][N_STATUSES]`.
    pub triggers: Vec<[Trigger; N_STATUSES]>,
}

impl Heard {
    /// The mentions of an entity in text order.
    pub fn own(&self, entity: usize) -> impl DoubleEndedIterator<Item = &Voice> {
        self.of[entity].iter().map(|&at| &self.voices[at])
    }
}

/// A score far below any that is ever seen.
const NEVER: f32 = -20.0;

/// Reads an article.
pub(super) fn heard(scores: Scores<'_>, sentences: &[Span], entities: &[Entity]) -> Heard {
    let mut voices = Vec::new();
    let mut countries: Vec<Span> = entities
        .iter()
        .filter(|entity| entity.kind == EntityType::Country)
        .flat_map(|entity| entity.mentions.iter().map(|mention| mention.span))
        .collect();
    countries.sort_unstable();
    let mut all = Vec::with_capacity(entities.len());
    for (at, entity) in entities.iter().enumerate() {
        // log of the probability that no mention says so
        let mut none = [0.0_f64; N_ENTITY];
        for mention in &entity.mentions {
            let from = countries.partition_point(|c| c.start < mention.span.start);
            let to = countries.partition_point(|c| c.start < mention.span.end);
            let inside = |token: &usize| {
                let token = scores.tokens.spans[*token];
                entity.kind == EntityType::Country
                    || !countries[from..to].iter().any(|c| {
                        mention.span.contains(*c) && *c != mention.span && c.overlaps(token)
                    })
            };
            let range = scores.within(mention.span);
            let own: Vec<usize> = range.clone().filter(inside).collect();
            let tokens = if own.is_empty() { range.collect() } else { own };
            if tokens.is_empty() {
                continue;
            }
            let mut mean = [0.0; N_ENTITY];
            for &token in &tokens {
                for (sum, score) in mean.iter_mut().zip(scores.of(token)) {
                    *sum += score / tokens.len() as f32;
                }
            }
            for (none, score) in none.iter_mut().zip(mean) {
                *none -= softplus(f64::from(score));
            }
            voices.push(Voice {
                entity: at,
                sentence: sentence_of(sentences, mention.span),
                span: mention.span,
                scores: mean,
            });
        }
        all.push(none.map(log_odds_of_any));
    }
    voices.sort_by_key(|voice| (voice.span.start, voice.span.end, voice.entity));
    let mut of = vec![Vec::new(); entities.len()];
    for (at, voice) in voices.iter().enumerate() {
        of[voice.entity].push(at);
    }
    let triggers = sentences
        .iter()
        .map(|sentence| std::array::from_fn(|status| trigger(scores, *sentence, status)))
        .collect();
    Heard {
        voices,
        of,
        entities: all,
        triggers,
    }
}

/// Index of the sentence a place stands in.
fn sentence_of(sentences: &[Span], place: Span) -> usize {
    let after = sentences.partition_point(|s| s.start <= place.start);
    after.saturating_sub(1)
}

/// The sentence's likeliest words for a measure of a status.
fn trigger(scores: Scores<'_>, sentence: Span, status: usize) -> Trigger {
    let column = N_ENTITY + status;
    let range = scores.within(sentence);
    let mut best = Trigger {
        score: NEVER,
        span: Span::new(sentence.start, sentence.start),
    };
    let mut place = range.start;
    for token in range.clone() {
        let score = scores.of(token)[column];
        if score > best.score {
            best.score = score;
            place = token;
        }
    }
    if range.is_empty() {
        return best;
    }
    // Whole words, and their neighbours that are as likely as not triggers too.
    let word = |mut from: usize, mut to: usize| {
        while from > range.start && !scores.tokens.starts_word(from) {
            from -= 1;
        }
        while to < range.end && !scores.tokens.starts_word(to) {
            to += 1;
        }
        (from, to)
    };
    let (mut from, mut to) = word(place, place + 1);
    while from > range.start && scores.of(from - 1)[column] > 0.0 {
        from = word(from - 1, from).0;
    }
    while to < range.end && scores.of(to)[column] > 0.0 {
        to = word(to, to + 1).1;
    }
    let spans = &scores.tokens.spans;
    best.span = Span::new(spans[from].start, spans[to - 1].end.max(spans[from].end));
    best
}

/// `ln(1 + e^x)`, without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Log-odds of an event whose absence has the log-probability `none`.
fn log_odds_of_any(none: f64) -> f32 {
    let any = -none.exp_m1();
    let odds = any.max(1e-9).ln() - none;
    odds.clamp(f64::from(NEVER), -f64::from(NEVER)) as f32
}

/// Probability of log-odds.
pub(super) fn probability(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sure_mention_makes_the_entity_sure_and_none_makes_it_never() {
        let of =
            |scores: &[f64]| log_odds_of_any(-scores.iter().map(|s| softplus(*s)).sum::<f64>());
        assert!((of(&[2.0]) - 2.0).abs() < 1e-4);
        assert!((of(&[-3.0]) + 3.0).abs() < 1e-4);
        assert!(of(&[5.0, -9.0, -9.0]) > 4.9);
        // 1 - (1 - 0.5)^2 = 0.75
        assert!((of(&[0.0, 0.0]) - 3.0_f32.ln()).abs() < 1e-4);
        assert!(of(&[]) <= NEVER + 1.0);
        assert!(of(&[80.0]).is_finite());
    }

    #[test]
    fn columns_are_named_once_each() {
        let names = column_names();
        let distinct: std::collections::HashSet<&String> = names.iter().collect();
        assert_eq!((names.len(), distinct.len()), (N_COLUMNS, N_COLUMNS));
        assert_eq!(names[side_column(Side::Imposer, 1)], "imposers:extended");
    }
}
