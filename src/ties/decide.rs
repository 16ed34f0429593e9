//! The decision: candidates → acts, each with its status, imposers, targets and linked entities.
//!
//! Rules over the slots of a candidate. A learned decision may stand in their place: it would read the same [`Candidate`]s and give the same
//! [`Act`]s, and nothing before or after this file would change.

use super::candidate::{Candidate, Filler, Slot, Sort};
use super::lexicon::{Frame, Strength};
use super::phrase::Part;
use super::profile::{Party, Profile};
use super::types::Status;
use crate::span::Span;

/// One trigger that stands for an act of sanctioning.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Act {
    pub status: Status,
    pub imposers: Vec<usize>,
    pub targets: Vec<usize>,
    pub linked: Vec<usize>,
    /// Named in the measure without a role from it: evaders stand here and in `linked`.
    pub evaders: Vec<usize>,
    pub trigger: Span,
    pub sentence: usize,
    pub strength: Strength,
    /// 0 to 1.
    pub score: f32,
}

/// Reads one candidate; none where it stands for no act.
pub(super) fn decide(candidate: &Candidate, profiles: &[Profile]) -> Option<Act> {
    let status = status(candidate);
    let mut act = Act {
        status,
        imposers: Vec::new(),
        targets: Vec::new(),
        linked: Vec::new(),
        evaders: Vec::new(),
        trigger: candidate.trigger,
        sentence: candidate.sentence,
        strength: candidate.strength,
        score: 0.0,
    };
    for filler in &candidate.fillers {
        place(candidate, filler, profiles, &mut act);
    }
    let states: Vec<usize> = act
        .imposers
        .iter()
        .filter_map(|&i| profiles[i].state)
        .collect();
    act.imposers.extend(states);
    tidy(&mut act);
    act.score = score(candidate, &act);
    Some(act)
}

/// The status after negation.
fn status(candidate: &Candidate) -> Status {
    match candidate.status {
        status if !candidate.negated => status,
        Status::Lifted | Status::Eased => Status::Imposed,
        Status::Threatened | Status::Proposed => Status::Opposed,
        Status::Imposed | Status::Extended if candidate.sort == Sort::Noun => Status::Imposed,
        status => status,
    }
}

fn place(candidate: &Candidate, filler: &Filler, profiles: &[Profile], act: &mut Act) {
    let member = filler.member;
    let profile = &profiles[member.entity];
    if profile.party == Party::Other {
        return;
    }
    let entity = member.entity;
    let whole = matches!(member.part, Part::Head | Part::State);
    match filler.slot {
        Slot::Patient if whole => act.targets.push(entity),
        Slot::Patient => act.linked.push(entity),
        Slot::Before => {
            let explicit = candidate
                .slot(Slot::Patient)
                .any(|f| matches!(f.member.part, Part::Head | Part::State));
            if profile.sender || explicit && profile.party.is_public() {
                act.imposers.push(entity);
            } else {
                act.targets.push(entity);
            }
        }
        Slot::Owner => {
            if profile.party != Party::Private {
                act.imposers.push(entity);
            }
        }
        Slot::Actor => actor(candidate, filler, profile, act),
        Slot::Asked => {
            if profile.party.is_public()
                && matches!(act.status, Status::Proposed | Status::Threatened)
            {
                act.imposers.push(entity);
            }
        }
        Slot::Evader => {
            if whole {
                act.evaders.push(entity);
            }
            act.linked.push(entity);
        }
        Slot::Reason => {
            if member.part == Part::Head {
                act.linked.push(entity);
            }
        }
    }
}

fn actor(candidate: &Candidate, filler: &Filler, profile: &Profile, act: &mut Act) {
    let negated = candidate.negated
        && matches!(
            candidate.status,
            Status::Imposed | Status::Extended | Status::Threatened | Status::Proposed
        );
    if negated || act.status == Status::Opposed || filler.member.part == Part::Within {
        return;
    }
    let acts = match profile.party {
        Party::Country | Party::Union | Party::Organ => true,
        Party::Person => filler.member.part == Part::Head,
        Party::Private => filler.member.part == Part::Head && act.status == Status::Proposed,
        Party::Other => false,
    };
    if acts {
        act.imposers.push(filler.member.entity);
    }
}

/// Sorts, makes unique, and keeps an entity out of the targets of its own act.
fn tidy(act: &mut Act) {
    for side in [
        &mut act.imposers,
        &mut act.targets,
        &mut act.linked,
        &mut act.evaders,
    ] {
        side.sort_unstable();
        side.dedup();
    }
    let imposers = act.imposers.clone();
    act.targets.retain(|target| !imposers.contains(target));
    let targets = act.targets.clone();
    act.linked
        .retain(|linked| !imposers.contains(linked) && !targets.contains(linked));
}

fn score(candidate: &Candidate, act: &Act) -> f32 {
    let base: f32 = match candidate.strength {
        Strength::Certain => 0.8,
        Strength::Strong => 0.7,
        Strength::Weak | Strength::Faint => 0.5,
    };
    let arguments = if act.targets.is_empty() { 0.0 } else { 0.1 }
        + if act.imposers.is_empty() { 0.0 } else { 0.05 };
    base + arguments + if candidate.governed { 0.05 } else { 0.0 }
}

/// True when a weak trigger has the arguments of a sanction.
pub(super) fn bears(candidate: &Candidate, act: &Act, profiles: &[Profile]) -> bool {
    let public = act.imposers.iter().any(|&i| profiles[i].party.is_public());
    match candidate.sort {
        Sort::Noun => !act.targets.is_empty() || candidate.governed && public,
        Sort::Verb(Frame::Target | Frame::Assets | Frame::List | Frame::Unlist | Frame::Ban) => {
            !act.targets.is_empty() && (public || candidate.passive)
        }
        Sort::Verb(_) => !act.targets.is_empty(),
    }
}
