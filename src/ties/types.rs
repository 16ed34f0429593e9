//! What a tie is.

use crate::span::Span;

/// The roles of one entity in an article; none set: named only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Roles {
    /// A measure is, was, would be or is asked to be aimed at it.
    pub target: bool,
    /// It imposes, announces, extends, eases, lifts, enforces, threatens, proposes or votes a measure.
    pub imposer: bool,
    /// It is tied to the target or the conduct without being target or imposer.
    pub linked: bool,
}

impl Roles {
    /// The spellings in the output, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [
            ("target", self.target),
            ("imposer", self.imposer),
            ("linked", self.linked),
        ]
        .into_iter()
        .filter_map(|(name, set)| set.then_some(name))
    }
}

/// How a measure stands in the article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)] // each is its own word; TIES-GUIDELINES defines them
pub enum Status {
    Imposed,
    Extended,
    Eased,
    Lifted,
    Threatened,
    Proposed,
    Opposed,
    Evaded,
    Enforced,
}

impl Status {
    /// All statuses, in their order.
    pub const ALL: [Self; 9] = [
        Self::Imposed,
        Self::Extended,
        Self::Eased,
        Self::Lifted,
        Self::Threatened,
        Self::Proposed,
        Self::Opposed,
        Self::Evaded,
        Self::Enforced,
    ];

    /// The spelling in the output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Imposed => "imposed",
            Self::Extended => "extended",
            Self::Eased => "eased",
            Self::Lifted => "lifted",
            Self::Threatened => "threatened",
            Self::Proposed => "proposed",
            Self::Opposed => "opposed",
            Self::Evaded => "evaded",
            Self::Enforced => "enforced",
        }
    }
}

/// One distinct act of sanctioning the article speaks of.
#[derive(Clone, PartialEq, Debug)]
pub struct Measure {
    /// How it stands.
    pub status: Status,
    /// Who acts, as ascending indexes into the article's entities.
    pub imposers: Vec<usize>,
    /// At whom, as ascending indexes into the article's entities.
    pub targets: Vec<usize>,
    /// The words that name the act.
    pub trigger: Span,
    /// The sentence that says so; contains the trigger.
    pub evidence: Span,
    /// Confidence, 0 to 1.
    pub score: f32,
}

/// What an article says of sanctions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ties {
    /// Some sanction in the foreign-policy sense is spoken of.
    pub relevant: bool,
    /// One for each entity of the article, in their order.
    pub roles: Vec<Roles>,
    /// In text order of their triggers.
    pub measures: Vec<Measure>,
}
