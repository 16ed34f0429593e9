//! Records that label a whole article: our article gold, and lines of our output.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::offsets::Offsets;
use super::record::{Record, document, id_of, list, score};
use crate::article::Place;
use crate::eval::document::{ARTICLE_TYPES, Act, ArticleLabels, Mark, Named, folded};

fn words(value: &Value, name: &str) -> Vec<String> {
    let values = value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    values
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn word(value: &Value, name: &str) -> Result<String, String> {
    value
        .get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("{name} is missing in {}", shortened(value)))
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    text.char_indices()
        .nth(120)
        .map_or_else(|| text.clone(), |(at, _)| format!("{}…", &text[..at]))
}

fn acts(value: Option<&Value>) -> Result<Vec<Act>, String> {
    let act = |measure: &Value| {
        Ok(Act {
            status: word(measure, "status")?,
            imposers: words(measure, "imposers"),
            targets: words(measure, "targets"),
        })
    };
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(act)
        .collect()
}

/// An article labelled by the guidelines: entities with aliases and roles, measures by entity names, no text.
pub(super) fn article_gold(object: &Map<String, Value>, place: Place) -> Result<Record, String> {
    let entity = |value: &Value| -> Result<Named, String> {
        let name = word(value, "name")?;
        let written = words(value, "aliases");
        Ok(Named {
            kind: word(value, "type")?,
            aliases: written
                .iter()
                .chain([&name])
                .map(|form| folded(form))
                .collect(),
            iso: value.get("iso").and_then(Value::as_str).map(str::to_owned),
            roles: words(value, "roles").into_iter().collect(),
            score: score(value.get("score")),
            first: None,
            key: name.clone(),
            name,
            written,
        })
    };
    let labels = ArticleLabels {
        relevant: object
            .get("sanctions_relevant")
            .and_then(Value::as_bool)
            .ok_or("sanctions_relevant is neither true nor false")?,
        entities: list(object, "entities")?
            .iter()
            .map(entity)
            .collect::<Result<_, _>>()?,
        measures: acts(object.get("measures"))?,
    };
    let text = object
        .get("text")
        .and_then(Value::as_str)
        .map(str::to_owned);
    Ok(document(
        id_of(object, &place),
        place,
        text,
        None,
        Some(labels),
    ))
}

/// A line of our output. Mentions are read as marks where the line holds its text.
pub(super) fn ours(object: &Map<String, Value>, place: Place) -> Result<Record, String> {
    let text = object.get("text").and_then(Value::as_str);
    let offsets = text.map(Offsets::of);
    let relevant = object.get("relevant").and_then(Value::as_bool);
    let mut marks = Vec::new();
    let mut labels = ArticleLabels {
        relevant: relevant.ok_or("relevant is neither true nor false")?,
        entities: Vec::new(),
        measures: acts(object.get("measures"))?,
    };
    for entity in list(object, "entities")? {
        let kind = word(entity, "type")?;
        let (written, found) = mentions(entity, &kind, offsets.as_ref())?;
        let first = found.first().map(|mark| mark.span);
        marks.extend(found);
        if !ARTICLE_TYPES.contains(&kind.as_str()) {
            continue;
        }
        let name = word(entity, "name")?;
        let code = entity.pointer("/country/alpha2").and_then(Value::as_str);
        labels.entities.push(Named {
            key: word(entity, "id")?,
            kind,
            aliases: written
                .iter()
                .chain([&name])
                .map(|form| folded(form))
                .collect(),
            iso: code.map(str::to_owned),
            roles: words(entity, "roles").into_iter().collect(),
            score: score(entity.get("score")),
            first,
            name,
            written,
        });
    }
    // Places and other names may be targets in our lines; the guidelines list persons, organizations and countries alone.
    let judged: HashSet<&str> = labels.entities.iter().map(|one| one.key.as_str()).collect();
    for act in &mut labels.measures {
        for side in [&mut act.imposers, &mut act.targets] {
            side.retain(|key| judged.contains(key.as_str()));
        }
    }
    marks.sort_by(|a, b| (a.span, &a.label).cmp(&(b.span, &b.label)));
    let of = |name: &str| object.get("source").and_then(|source| source.get(name));
    let path = of("path").and_then(Value::as_str).map(str::to_owned);
    let place = Place {
        path: path.unwrap_or(place.path),
        record: of("record").and_then(Value::as_u64).unwrap_or(place.record),
        offset: None,
    };
    let marks = text.is_some().then_some(marks);
    let id = id_of(object, &place);
    Ok(document(
        id,
        place,
        text.map(str::to_owned),
        marks,
        Some(labels),
    ))
}

/// The forms of an entity's mentions, and their marks where offsets can be read.
fn mentions(
    entity: &Value,
    kind: &str,
    offsets: Option<&Offsets<'_>>,
) -> Result<(Vec<String>, Vec<Mark>), String> {
    let (mut written, mut marks) = (Vec::new(), Vec::new());
    for mention in entity
        .get("mentions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let form = word(mention, "text")?;
        if let Some(offsets) = offsets {
            let number = |name: &str| mention.get(name).and_then(Value::as_u64);
            let at = |name: &str| number(name).ok_or_else(|| format!("a mention has no {name}"));
            marks.push(Mark {
                span: offsets.span(at("start")?, at("end")?, Some(&form))?,
                label: kind.to_owned(),
                score: score(mention.get("score")),
                form: mention
                    .get("form")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            });
        }
        if !written.contains(&form) {
            written.push(form);
        }
    }
    Ok((written, marks))
}
