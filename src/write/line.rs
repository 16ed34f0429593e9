//! The wire types of a line and how they are made.

use serde::Serialize;

use super::{Found, Options, Points, Unit};
use crate::article::Article;
use crate::entity::Entity;
use crate::span::Span;
use crate::ties::{Measure, Roles};

/// Name and version of the output format.
pub const SCHEMA: &str = "sanctag/1";

#[derive(Serialize)]
pub(super) struct Line<'a> {
    schema: &'static str,
    id: &'a str,
    source: &'a crate::article::Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    body: Vec<(usize, usize)>,
    relevant: bool,
    entities: Vec<EntityLine<'a>>,
    measures: Vec<MeasureLine<'a>>,
    stats: StatsLine,
    run: &'a str,
}

#[derive(Serialize)]
struct EntityLine<'a> {
    id: String,
    r#type: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<CountryLine>,
    score: f64,
    roles: Vec<&'static str>,
    mentions: Vec<MentionLine<'a>>,
}

#[derive(Serialize)]
struct CountryLine {
    alpha2: &'static str,
    alpha3: &'static str,
}

#[derive(Serialize)]
struct MentionLine<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'static str>,
}

#[derive(Serialize)]
struct MeasureLine<'a> {
    id: String,
    status: &'static str,
    imposers: Vec<String>,
    targets: Vec<String>,
    trigger: RangeLine<'a>,
    evidence: RangeLine<'a>,
    score: f64,
}

#[derive(Serialize)]
struct RangeLine<'a> {
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct StatsLine {
    sentences: usize,
    tokens: usize,
    windows: usize,
    tokens_read: usize,
}

/// What turns spans into ranges of the line.
struct Ranges<'a> {
    text: &'a str,
    unit: Unit,
    points: &'a Points<'a>,
}

impl<'a> Ranges<'a> {
    /// A span's range and text, checked by reading the range back.
    fn checked(&self, span: Span) -> Result<(usize, usize, &'a str), String> {
        let covered = self.text.get(span.start..span.end);
        let (start, end) = self.bare(span)?;
        let back = match self.unit {
            Unit::Points => self.points.slice(start, end),
            Unit::Bytes => self.text.get(start..end),
        };
        match covered {
            Some(covered) if back == Some(covered) && !covered.is_empty() => {
                Ok((start, end, covered))
            }
            _ => Err(format!("range {start}..{end} does not cover its text")),
        }
    }

    fn bare(&self, span: Span) -> Result<(usize, usize), String> {
        let inside = span.start <= span.end && span.end <= self.text.len();
        if !inside
            || !self.text.is_char_boundary(span.start)
            || !self.text.is_char_boundary(span.end)
        {
            return Err(format!(
                "bytes {}..{} are no range of the text",
                span.start, span.end
            ));
        }
        Ok(match self.unit {
            Unit::Points => self.points.range(span),
            Unit::Bytes => (span.start, span.end),
        })
    }
}

pub(super) fn line<'a>(
    article: &'a Article,
    found: &'a Found,
    options: &'a Options,
    points: &'a Points<'a>,
) -> Result<Line<'a>, String> {
    let ranges = Ranges {
        text: &article.text,
        unit: options.unit,
        points,
    };
    let mut written = 0;
    let ids: Vec<Option<usize>> = found
        .entities
        .iter()
        .map(|entity| {
            let keep = options.types.contains(&entity.kind) && entity.score >= options.min_score;
            written += usize::from(keep);
            keep.then_some(written)
        })
        .collect();
    let entities = found
        .entities
        .iter()
        .zip(&ids)
        .enumerate()
        .filter_map(|(at, (entity, id))| {
            let roles = found.ties.roles.get(at).copied().unwrap_or_default();
            id.map(|id| entity_line(entity, id, roles, &ranges))
        });
    let measures = (1..)
        .zip(&found.ties.measures)
        .map(|(id, measure)| measure_line(measure, id, &ids, &ranges));
    Ok(Line {
        schema: SCHEMA,
        id: &article.id,
        source: &article.place,
        title: article.title.as_deref(),
        published: article.published.as_deref(),
        lang: article.lang.as_deref(),
        url: article.url.as_deref(),
        text: options.text.then_some(article.text.as_str()),
        body: found
            .body
            .iter()
            .map(|span| ranges.bare(*span))
            .collect::<Result<_, _>>()?,
        relevant: found.ties.relevant,
        entities: entities.collect::<Result<_, _>>()?,
        measures: measures.collect::<Result<_, _>>()?,
        stats: StatsLine {
            sentences: found.stats.sentences,
            tokens: found.stats.tokens,
            windows: found.stats.windows,
            tokens_read: found.stats.tokens_read,
        },
        run: &options.run,
    })
}

fn entity_line<'a>(
    entity: &'a Entity,
    id: usize,
    roles: Roles,
    ranges: &Ranges<'a>,
) -> Result<EntityLine<'a>, String> {
    let mention = |mention: &crate::entity::EntityMention| {
        let (start, end, text) = ranges.checked(mention.span)?;
        Ok(MentionLine {
            start,
            end,
            text,
            score: rounded(mention.score),
            form: mention.form.map(crate::entity::Form::name),
        })
    };
    Ok(EntityLine {
        id: format!("e{id}"),
        r#type: entity.kind.name(),
        name: &entity.name,
        country: entity.country.map(|code| CountryLine {
            alpha2: code.alpha2,
            alpha3: code.alpha3,
        }),
        score: rounded(entity.score),
        roles: roles.names().collect(),
        mentions: entity
            .mentions
            .iter()
            .map(mention)
            .collect::<Result<_, String>>()?,
    })
}

fn measure_line<'a>(
    measure: &Measure,
    id: usize,
    ids: &[Option<usize>],
    ranges: &Ranges<'a>,
) -> Result<MeasureLine<'a>, String> {
    let names = |entities: &[usize]| {
        let written = entities
            .iter()
            .filter_map(|&at| ids.get(at).copied().flatten());
        written.map(|id| format!("e{id}")).collect()
    };
    let (start, end, text) = ranges.checked(measure.trigger)?;
    let (from, to, _) = ranges.checked(measure.evidence)?;
    Ok(MeasureLine {
        id: format!("m{id}"),
        status: measure.status.name(),
        imposers: names(&measure.imposers),
        targets: names(&measure.targets),
        trigger: RangeLine {
            start,
            end,
            text: Some(text),
        },
        evidence: RangeLine {
            start: from,
            end: to,
            text: None,
        },
        score: rounded(measure.score),
    })
}

/// A score with at most 4 decimals.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e4).round() / 1e4
}
