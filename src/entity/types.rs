//! What an entity is.

use serde::Serialize;

use crate::span::Span;

/// What an entity is in the output.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EntityType {
    /// A named individual.
    Person,
    /// A company, body, party, armed group, outlet; the EU and the UN.
    Org,
    /// A state or territory of ISO 3166-1, or a former state.
    Country,
    /// A place that is no country.
    Loc,
    /// Any other name.
    Misc,
}

impl EntityType {
    /// All types, in their order.
    pub const ALL: [Self; 5] = [
        Self::Person,
        Self::Org,
        Self::Country,
        Self::Loc,
        Self::Misc,
    ];

    /// The spelling in the output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Org => "ORG",
            Self::Country => "COUNTRY",
            Self::Loc => "LOC",
            Self::Misc => "MISC",
        }
    }
}

/// A country's two codes, of ISO 3166-1, or of ISO 3166-3 for states that are no more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code {
    /// Two letters, upper case.
    pub alpha2: &'static str,
    /// Three letters, upper case.
    pub alpha3: &'static str,
}

/// How a mention names its country.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Form {
    /// Its name, a former or a long one included.
    Name,
    /// US, U.K., DPRK.
    Abbreviation,
    /// Demonym or adjective: Iranian, Russians.
    Demonym,
    /// Its government by a place or building: Tehran, the Kremlin.
    Metonym,
    /// Inside an organization's name.
    Part,
}

impl Form {
    /// The spelling in the output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Abbreviation => "abbreviation",
            Self::Demonym => "demonym",
            Self::Metonym => "metonym",
            Self::Part => "part",
        }
    }
}

/// One place where an entity is named.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct EntityMention {
    /// Where it stands.
    pub span: Span,
    /// The model's score for it, 0 to 1.
    pub score: f32,
    /// For countries, how it names them.
    pub form: Option<Form>,
}

/// One real-world thing named in an article.
#[derive(Clone, PartialEq, Debug)]
pub struct Entity {
    /// What it is.
    pub kind: EntityType,
    /// Its fullest form in the body, without titles and a leading "the".
    pub name: String,
    /// For countries, the codes.
    pub country: Option<Code>,
    /// The highest score of its mentions, 0 to 1.
    pub score: f32,
    /// Its mentions in text order; never empty.
    pub mentions: Vec<EntityMention>,
}
