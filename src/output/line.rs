//! A line's types, as `write` documents them.

use serde::{Deserialize, Serialize};

use crate::article::Place;
use crate::write::{Points, SCHEMA};

pub use crate::write::Unit;

/// One article as a line of the output has it. Fields that later versions add are passed over.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Line {
    /// Name and version of the format.
    pub schema: String,
    /// The article's id.
    pub id: String,
    /// Where it stood in the input.
    pub source: Place,
    /// Headline.
    pub title: Option<String>,
    /// Date as the input has it.
    pub published: Option<String>,
    /// Language tag.
    pub lang: Option<String>,
    /// Address of the page.
    pub url: Option<String>,
    /// The text that ranges index; absent with `--no-text`.
    pub text: Option<String>,
    /// Ranges of the text that are the article itself.
    pub body: Vec<(usize, usize)>,
    /// Some sanction is spoken of.
    pub relevant: bool,
    /// Entities in order of first mention.
    pub entities: Vec<Entity>,
    /// Measures in order.
    pub measures: Vec<Measure>,
    /// What was read.
    pub stats: Stats,
    /// Fingerprint of the job.
    pub run: String,
}

/// An entity of the article.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Entity {
    /// `e1` …
    pub id: String,
    /// `PERSON`, `ORG`, `COUNTRY`, `LOC` or `MISC`.
    pub r#type: String,
    /// Its fullest form.
    pub name: String,
    /// Codes of a country.
    pub country: Option<Country>,
    /// From 0 to 1.
    pub score: f64,
    /// `target`, `imposer`, `linked`.
    pub roles: Vec<String>,
    /// Mentions in text order.
    pub mentions: Vec<Mention>,
}

/// Codes of ISO 3166-1, or 3166-3 for former states.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Country {
    /// Two letters.
    pub alpha2: String,
    /// Three letters.
    pub alpha3: String,
}

/// One place where an entity is named.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Mention {
    /// First unit of the range.
    pub start: usize,
    /// The one after its last.
    pub end: usize,
    /// What the range covers.
    pub text: String,
    /// From 0 to 1.
    pub score: f64,
    /// How a country is named.
    pub form: Option<String>,
}

/// One measure.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
pub struct Measure {
    /// `m1` …
    pub id: String,
    /// `imposed` and the others of the contract.
    pub status: String,
    /// Ids of entities of the line.
    pub imposers: Vec<String>,
    /// Ids of entities of the line.
    pub targets: Vec<String>,
    /// The words that name the act.
    pub trigger: Range,
    /// The sentence that says so.
    pub evidence: Range,
    /// From 0 to 1.
    pub score: f64,
}

/// A half-open range of the text.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Range {
    /// First unit of the range.
    pub start: usize,
    /// The one after its last.
    pub end: usize,
    /// What it covers, where the line says so.
    pub text: Option<String>,
}

/// What was read of the article.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Stats {
    /// Sentences of the body.
    pub sentences: usize,
    /// Tokens of the body.
    pub tokens: usize,
    /// Windows the model read.
    pub windows: usize,
    /// Tokens that went through the model.
    pub tokens_read: usize,
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// A sentence saying what is wrong: no JSON, another schema, or parties that are no entities of the line.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let line: Self = serde_json::from_slice(json)
            .map_err(|error| format!("is no line of {SCHEMA}: {error}"))?;
        if line.schema != SCHEMA {
            return Err(format!(
                "is of schema {:?}; this program reads {SCHEMA}",
                line.schema
            ));
        }
        let known = |id: &String| line.entities.iter().any(|entity| entity.id == *id);
        for measure in &line.measures {
            let mut parties = measure.imposers.iter().chain(&measure.targets);
            if let Some(party) = parties.find(|party| !known(party)) {
                return Err(format!(
                    "measure {} names {party}, which is no entity of the line",
                    measure.id
                ));
            }
        }
        Ok(line)
    }

    /// The entity with this id.
    #[must_use]
    pub fn entity(&self, id: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.id == id)
    }

    /// What the ranges count, told from the texts that stand beside them; `None` where nothing tells: no text, no
    /// range with one, or text in which both units agree.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        let text = self.text.as_deref().filter(|text| !text.is_ascii())?;
        let points = Points::of(text);
        let mentions = self
            .entities
            .iter()
            .flat_map(|entity| &entity.mentions)
            .map(|mention| (mention.start, mention.end, mention.text.as_str()));
        let triggers = self.measures.iter().filter_map(|measure| {
            let trigger = &measure.trigger;
            Some((trigger.start, trigger.end, trigger.text.as_deref()?))
        });
        // The last range is the one that lies furthest behind the first letter of more than one byte.
        let (start, end, covered) = mentions.chain(triggers).max_by_key(|range| range.1)?;
        match (points.slice(start, end), text.get(start..end)) {
            (by_points, by_bytes) if by_points == by_bytes => None,
            (Some(found), _) if found == covered => Some(Unit::Points),
            (_, Some(found)) if found == covered => Some(Unit::Bytes),
            _ => None,
        }
    }
}
