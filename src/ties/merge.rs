//! Acts of an article → roles of its entities and its distinct measures.
//!
//! Invariants: one [`Roles`] for each entity; `linked` only where neither target nor imposer; measures stand in text order of their triggers,
//! no two of them with the same status, imposers and targets.

use std::collections::HashMap;

use super::decide::Act;
use super::types::{Measure, Roles, Ties};
use crate::span::Span;

/// Merges what the sentences say; `acts` stand in their order.
pub(super) fn merge(acts: &[Act], spoken: &[usize], n_entities: usize, sentences: &[Span]) -> Ties {
    let mut roles = vec![Roles::default(); n_entities];
    for act in acts {
        for &i in &act.targets {
            roles[i].target = true;
        }
        for &i in &act.imposers {
            roles[i].imposer = true;
        }
        for &i in &act.linked {
            roles[i].linked = true;
        }
    }
    for &i in spoken {
        roles[i].imposer |= !roles[i].target;
    }
    for role in &mut roles {
        role.linked &= !role.target && !role.imposer;
    }
    let mut measures: Vec<Measure> = Vec::new();
    let mut known = HashMap::new();
    for act in acts {
        let mut targets = act.targets.clone();
        targets.extend(&act.evaders);
        targets.sort_unstable();
        targets.dedup();
        let Some(&evidence) = sentences.get(act.sentence) else {
            continue;
        };
        let key = (act.status, act.imposers.clone(), targets.clone());
        if let Some(&at) = known.get(&key) {
            let measure: &mut Measure = &mut measures[at];
            measure.score = measure.score.max(act.score);
            continue;
        }
        // a bare repetition of a fuller measure in the same sentence is the same act
        let within = |m: &Measure| {
            m.status == act.status
                && subset(&act.imposers, &m.imposers)
                && subset(&targets, &m.targets)
        };
        let here = measures.iter().rev();
        if here.take_while(|m| m.evidence == evidence).any(within) {
            continue;
        }
        known.insert(key, measures.len());
        measures.push(Measure {
            status: act.status,
            imposers: act.imposers.clone(),
            targets,
            trigger: act.trigger,
            evidence,
            score: act.score,
        });
    }
    measures.sort_by_key(|m| m.trigger);
    Ties {
        relevant: !acts.is_empty(),
        roles,
        measures,
    }
}

fn subset(few: &[usize], many: &[usize]) -> bool {
    few.iter().all(|i| many.contains(i))
}
