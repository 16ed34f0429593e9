//! Does the article speak of sanctions of foreign policy, or of another kind?

use super::candidate::{Candidate, Slot, Sort};
use super::clause::Parse;
use super::decide::Act;
use super::lexicon::{Class, Frame, Strength};
use super::phrase::Part;
use super::profile::{Party, Profile};

/// Words of the article that speak for and against sanctions of foreign policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Context {
    pub favourable: usize,
    pub adverse: usize,
}

impl Context {
    /// Counts the words of one sentence in.
    pub fn add(&mut self, parse: &Parse<'_>) {
        for token in &parse.tokens {
            self.favourable += usize::from(token.is(Class::For_));
            self.adverse += usize::from(token.is(Class::Against_));
        }
    }

    /// True when the article is rather of sport, of a court, of an authority for data.
    pub fn is_adverse(self) -> bool {
        self.adverse > self.favourable
    }

    /// True when words of another field prevail by far.
    pub fn is_foreign(self) -> bool {
        self.adverse > 2 * self.favourable + 3
    }
}

/// True when the candidate by itself makes the article one about sanctions.
pub(super) fn anchors(
    candidate: &Candidate,
    act: &Act,
    profiles: &[Profile],
    context: Context,
) -> bool {
    let party = |i: &usize| profiles[*i].party;
    let state_target = act.targets.iter().any(|i| party(i) == Party::Country);
    let public_imposer = act.imposers.iter().any(|i| party(i).is_public());
    let any_state = state_target
        || public_imposer
        || candidate
            .fillers
            .iter()
            .any(|f| profiles[f.member.entity].party == Party::Country);
    let direct = matches!(candidate.sort, Sort::Verb(Frame::Target));
    let tied = candidate.fillers.iter().any(|f| {
        matches!(f.slot, Slot::Before | Slot::Owner | Slot::Patient)
            && f.member.part <= Part::State
            && (profiles[f.member.entity].party.is_public() || direct)
    }) || candidate
        .slot(Slot::Actor)
        .any(|f| profiles[f.member.entity].party.is_public());
    if candidate.strength > Strength::Weak && tied && !context.is_foreign() {
        return true;
    }
    match candidate.strength {
        Strength::Certain => any_state || !context.is_adverse(),
        Strength::Strong => {
            any_state && !context.is_adverse() || context.favourable > 2 * context.adverse + 4
        }
        Strength::Weak => {
            let aimed = candidate
                .slot(Slot::Patient)
                .any(|f| f.member.part <= Part::State && !f.member.anaphor);
            let measure = match candidate.sort {
                Sort::Noun => state_target,
                Sort::Verb(frame) => matches!(
                    frame,
                    Frame::Target | Frame::Assets | Frame::List | Frame::Ban
                ),
            };
            measure
                && aimed
                && public_imposer
                && !act.targets.is_empty()
                && context.favourable > 2 * context.adverse + 2
        }
        Strength::Faint => false,
    }
}
