//! Weights → roles and measures: the learned decision.
//!
//! Seven logistic decisions over the numbers of `observe`: is the article relevant, each role, each side of a measure of a status, is a status
//! spoken of. Roles and measures agree: whoever stands in a measure has the role, whoever has the role stands in one. Measures of a
//! status are told apart by the sentences that say so. Absent on purpose: training (`scripts/train/decide.py`).

use serde::Deserialize;

use super::head::{N_STATUSES, STATUSES, Side, probability, side_column};
use super::observe::{Observer, PART_FEATURES, ROLE_FEATURES, STATUS_FEATURES};
use super::types::{Measure, Roles, Status, Ties};

/// The weights of a model's decision on ties.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    relevant: Vec<f32>,
    target: Vec<f32>,
    imposer: Vec<f32>,
    linked: Vec<f32>,
    targets: Vec<f32>,
    imposers: Vec<f32>,
    status: Vec<f32>,
}

/// As `config.json` has it: a weight by the name of what it weighs; those not named weigh nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    relevant: serde_json::Map<String, serde_json::Value>,
    target: serde_json::Map<String, serde_json::Value>,
    imposer: serde_json::Map<String, serde_json::Value>,
    linked: serde_json::Map<String, serde_json::Value>,
    targets: serde_json::Map<String, serde_json::Value>,
    imposers: serde_json::Map<String, serde_json::Value>,
    status: serde_json::Map<String, serde_json::Value>,
}

impl Decision {
    /// Reads the weights from the value of `sanctag_ties.decision` in a model's `config.json`.
    ///
    /// # Errors
    /// A sentence that names what is missing, unknown or no number.
    pub fn parse(value: &serde_json::Value) -> Result<Self, String> {
        let raw = Raw::deserialize(value)
            .map_err(|error| format!("config.json: sanctag_ties.decision: {error}"))?;
        let read = |names: &[&str], weights: &serde_json::Map<String, serde_json::Value>| {
            let mut out = vec![0.0; names.len()];
            for (name, weight) in weights {
                let at = names.iter().position(|known| known == name);
                let (Some(at), Some(weight)) = (at, weight.as_f64()) else {
                    return Err(format!(
                        "config.json: sanctag_ties.decision weighs {name:?} with {weight}; expected numbers for {}",
                        names.join(", ")
                    ));
                };
                out[at] = weight as f32;
            }
            Ok(out)
        };
        Ok(Self {
            relevant: read(&STATUS_FEATURES, &raw.relevant)?,
            target: read(&ROLE_FEATURES, &raw.target)?,
            imposer: read(&ROLE_FEATURES, &raw.imposer)?,
            linked: read(&ROLE_FEATURES, &raw.linked)?,
            targets: read(&PART_FEATURES, &raw.targets)?,
            imposers: read(&PART_FEATURES, &raw.imposers)?,
            status: read(&STATUS_FEATURES, &raw.status)?,
        })
    }
}

fn weigh(weights: &[f32], features: &[f32]) -> f32 {
    weights.iter().zip(features).map(|(w, x)| w * x).sum()
}

/// An entity on one side of a measure of one status, with the sentence that says so best.
#[derive(Clone, Copy, Debug)]
struct Part {
    entity: usize,
    side: Side,
    status: usize,
    score: f32,
    sentence: usize,
}

/// Log-odds of a trigger in a sentence above which it may be the place of a measure.
const PLACE: f32 = 0.0;
/// Strength of words from which their sentence may be so too.
const SURE: u8 = 3;

/// Decides on an article.
pub(super) fn decide(observer: &Observer<'_>, decision: &Decision) -> Ties {
    let n = observer.entities.len();
    if weigh(&decision.relevant, &observer.relevant()) <= 0.0 {
        return Ties {
            relevant: false,
            roles: vec![Roles::default(); n],
            measures: Vec::new(),
        };
    }
    let spoken = spoken(observer, decision);
    let mut roles = vec![Roles::default(); n];
    let mut parts: Vec<Part> = Vec::new();
    for (at, role) in roles.iter_mut().enumerate() {
        let features = observer.role(at);
        let target = weigh(&decision.target, &features);
        let imposer = weigh(&decision.imposer, &features);
        let linked = weigh(&decision.linked, &features);
        let all = |side: Side| {
            let weights = match side {
                Side::Target => &decision.targets,
                Side::Imposer => &decision.imposers,
            };
            spoken.iter().map(move |&(status, _)| Part {
                entity: at,
                side,
                status,
                score: weigh(weights, &observer.part(at, side, status, [target, imposer])),
                sentence: place(observer, at, side, status),
            })
        };
        role.target = target > 0.0;
        role.imposer = imposer > 0.0;
        for (side, has) in [(Side::Target, target > 0.0), (Side::Imposer, imposer > 0.0)] {
            let likely = all(side).filter(|part| part.score > 0.0);
            if has {
                let before = parts.len();
                parts.extend(likely);
                if parts.len() == before {
                    parts.extend(all(side).max_by(|a, b| a.score.total_cmp(&b.score)));
                }
            }
        }
        if !role.target && !role.imposer && linked > 0.0 {
            role.linked = true;
            // Who is accused of evasion stands in its measure without being a target of the sanctions.
            let accused = |part: &Part| {
                part.score > 0.0
                    && matches!(STATUSES[part.status], Status::Evaded | Status::Enforced)
            };
            parts.extend(all(Side::Target).filter(accused));
        }
    }
    let mut measures = Vec::new();
    for &(status, score) in &spoken {
        let own = parts.iter().copied().filter(|p| p.status == status);
        measures.extend(of_status(observer, status, &own.collect::<Vec<_>>(), score));
    }
    measures.sort_by_key(|measure: &Measure| (measure.trigger, measure.status));
    Ties {
        relevant: true,
        roles,
        measures,
    }
}

/// The statuses the article speaks of with their log-odds: those that are likely, or else the likeliest.
fn spoken(observer: &Observer<'_>, decision: &Decision) -> Vec<(usize, f32)> {
    let all = (0..N_STATUSES).map(|at| (at, weigh(&decision.status, &observer.status(at))));
    let likely: Vec<(usize, f32)> = all.clone().filter(|(_, score)| *score > 0.0).collect();
    if likely.is_empty() {
        return all.max_by(|a, b| a.1.total_cmp(&b.1)).into_iter().collect();
    }
    likely
}

/// The sentence in which a mention of the entity and a trigger of the status meet best.
fn place(observer: &Observer<'_>, entity: usize, side: Side, status: usize) -> usize {
    let column = side_column(side, status);
    let meets = |voice: &&super::head::Voice| {
        let trigger = observer.heard.triggers[voice.sentence][status].score;
        voice.scores[column].min(trigger)
    };
    // of equals the first
    let own = observer.heard.own(entity).rev();
    let best = own.max_by(|a, b| meets(a).total_cmp(&meets(b)));
    best.map_or(0, |voice| voice.sentence)
}

/// The measures of one status: one for each sentence that its parts point to.
fn of_status(observer: &Observer<'_>, status: usize, parts: &[Part], spoken: f32) -> Vec<Measure> {
    let trigger = |sentence: usize| observer.heard.triggers[sentence][status];
    let words = |sentence: usize| {
        let here = observer.hints_in(sentence).iter();
        here.max_by_key(|hint| (hint.status == STATUSES[status], hint.strength))
    };
    let sure = |sentence: usize| words(sentence).is_some_and(|hint| hint.strength >= SURE);
    let mut places: Vec<usize> = parts
        .iter()
        .map(|part| part.sentence)
        .filter(|&sentence| trigger(sentence).score > PLACE || sure(sentence))
        .collect();
    if places.is_empty() {
        let sentences = 0..observer.sentences.len();
        let best = sentences
            .rev()
            .max_by(|&a, &b| trigger(a).score.total_cmp(&trigger(b).score));
        places.extend(best);
    }
    places.sort_unstable();
    places.dedup();
    let mut own: Vec<Vec<&Part>> = vec![Vec::new(); places.len()];
    for part in parts {
        for place in places_of(observer, part, &places) {
            own[place].push(part);
        }
    }
    let mut measures: Vec<Measure> = Vec::new();
    for (&place, own) in places.iter().zip(&own) {
        let side = |side: Side| {
            let mut all: Vec<usize> = own
                .iter()
                .filter(|part| part.side == side)
                .map(|part| part.entity)
                .collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let (imposers, targets) = (side(Side::Imposer), side(Side::Target));
        let score = if own.is_empty() {
            probability(spoken)
        } else {
            own.iter().map(|part| probability(part.score)).sum::<f32>() / own.len() as f32
        };
        measures.push(Measure {
            status: STATUSES[status],
            imposers,
            targets,
            trigger: words(place).map_or(trigger(place).span, |hint| hint.trigger),
            evidence: observer.sentences[place],
            score,
        });
    }
    distinct(measures)
}

/// Those of the ascending `places`, as indexes into them, that a part belongs to: the one nearest to its own sentence, of equals the first, and
/// every one where a mention of its entity is as likely as not on this side.
fn places_of(observer: &Observer<'_>, part: &Part, places: &[usize]) -> Vec<usize> {
    let after = places.partition_point(|&place| place < part.sentence);
    let around = after.saturating_sub(1)..(after + 1).min(places.len());
    let nearest = around.min_by_key(|&at| (places[at].abs_diff(part.sentence), at));
    let column = side_column(part.side, part.status);
    let said = observer.heard.own(part.entity);
    let said = said.filter(|voice| voice.scores[column] > 0.0);
    let said = said.filter_map(|voice| places.binary_search(&voice.sentence).ok());
    let mut all: Vec<usize> = nearest.into_iter().chain(said).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Drops measures that say no more than another of their status.
fn distinct(measures: Vec<Measure>) -> Vec<Measure> {
    let within = |few: &Measure, many: &Measure| {
        few.imposers.iter().all(|i| many.imposers.contains(i))
            && few.targets.iter().all(|i| many.targets.contains(i))
    };
    let mut kept: Vec<Measure> = Vec::new();
    for measure in measures {
        if kept.iter().any(|other| within(&measure, other)) {
            continue;
        }
        kept.retain(|other| !within(other, &measure));
        kept.push(measure);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn measure(imposers: &[usize], targets: &[usize]) -> Measure {
        Measure {
            status: Status::Imposed,
            imposers: imposers.into(),
            targets: targets.into(),
            trigger: Span::new(0, 1),
            evidence: Span::new(0, 9),
            score: 0.5,
        }
    }

    #[test]
    fn a_measure_that_says_no_more_than_another_is_dropped() {
        for (measures, kept) in [
            (vec![measure(&[], &[])], 1),
            (vec![measure(&[], &[]), measure(&[1], &[2])], 1),
            (vec![measure(&[1], &[2]), measure(&[1], &[2, 3])], 1),
            (vec![measure(&[1], &[2]), measure(&[4], &[2])], 2),
            (vec![measure(&[1], &[2]), measure(&[], &[3])], 2),
        ] {
            let most = measures.iter().map(|m| m.targets.len()).max();
            let left = distinct(measures);
            assert_eq!(left.len(), kept, "{left:?}");
            assert_eq!(left.iter().map(|m| m.targets.len()).max(), most);
        }
    }

    #[test]
    fn a_decision_is_read_by_name_and_refuses_what_it_does_not_know() {
        let mut value = serde_json::json!({
            "relevant": {"bias": -1.0, "words": 0.5}, "target": {}, "imposer": {}, "linked": {},
            "targets": {}, "imposers": {"enforced": 2.0}, "status": {"trigger": 1.0},
        });
        let decision = Decision::parse(&value).unwrap();
        assert_eq!(decision.relevant[0], -1.0);
        assert_eq!(weigh(&decision.status, &[1.0, 3.0]), 3.0);
        assert_eq!(decision.imposers.iter().sum::<f32>(), 2.0);
        for (field, wrong, part) in [
            ("target", serde_json::json!({"moon": 1.0}), "moon"),
            (
                "target",
                serde_json::json!({"bias": "one"}),
                "expected numbers",
            ),
            ("verdict", serde_json::json!({}), "verdict"),
        ] {
            let good = value[field].take();
            value[field] = wrong;
            let error = Decision::parse(&value).unwrap_err();
            assert!(error.contains(part), "{error}");
            match good {
                serde_json::Value::Null => value.as_object_mut().unwrap().remove(field),
                good => value.as_object_mut().unwrap().insert(field.into(), good),
            };
        }
    }
}
