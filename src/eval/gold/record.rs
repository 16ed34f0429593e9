//! One JSON record → one document, whichever program wrote it.
//!
//! Told apart by their fields: our output, our article gold, Hugging Face tokens, Label Studio tasks (full and "min"), Prodigy and spaCy,
//! doccano. A record that its annotator rejected or skipped is no gold and is left out, which is counted.

use serde_json::{Map, Value};

use super::columns::append;
use super::offsets::Offsets;
use crate::article::Place;
use crate::eval::document::{ARTICLE_TYPES, Act, ArticleLabels, Document, Mark, Named, folded};

/// What a record turned out to be.
pub(super) enum Record {
    Document(Box<Document>),
    /// Rejected or skipped by whoever labelled it.
    LeftOut,
}

/// Takes a record apart. `tag_names` are the names of tags that are numbers.
///
/// # Errors
/// A sentence saying what is missing or does not fit, and what is expected.
pub(super) fn read(value: &Value, place: Place, tag_names: &[String]) -> Result<Record, String> {
    if let Some([Value::String(text), Value::Object(labels)]) = value.as_array().map(Vec::as_slice)
    {
        return spans(text, list(labels, "entities")?, labels, place);
    }
    let Value::Object(object) = value else {
        return Err("is no JSON object".to_owned());
    };
    let text = object.get("text").and_then(Value::as_str);
    if object
        .get("schema")
        .and_then(Value::as_str)
        .is_some_and(|schema| schema.starts_with("sanctag/"))
    {
        return ours(object, place);
    }
    if object.contains_key("sanctions_relevant") {
        return article_gold(object, place);
    }
    if object
        .get("tokens")
        .is_some_and(|tokens| tokens.get(0).is_none_or(Value::is_string))
        && let Some(tags) = ["ner_tags", "tags", "ner", "labels"]
            .iter()
            .find_map(|name| object.get(*name))
    {
        return tokens(object, tags, place, tag_names);
    }
    if let Some(Value::Object(data)) = object.get("data") {
        return label_studio(object, data, place);
    }
    if let (Some(text), Some(name)) = (
        text,
        ["spans", "entities", "label", "labels"]
            .iter()
            .find(|name| object.contains_key(**name)),
    ) {
        return spans(text, list(object, name)?, object, place);
    }
    Err("is no labelled record of a known form. Expected text with spans, entities or label (Prodigy, spaCy, doccano), data with annotations \
         (Label Studio), tokens with ner_tags (Hugging Face), sanctions_relevant with entities (article gold), or a line of sanctag"
        .to_owned())
}

fn list<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], String> {
    match object.get(name) {
        Some(Value::Array(values)) => Ok(values),
        None | Some(Value::Null) => Ok(&[]),
        Some(_) => Err(format!("field {name} is no array")),
    }
}

/// A record's own name: ours where it went out for labelling and came back, else its id, else its place.
fn id_of(object: &Map<String, Value>, place: &Place) -> String {
    let named = |value: &Value| match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let inside = |name: &str| object.get(name).and_then(Value::as_object);
    let places = [Some(object), inside("meta"), inside("data")];
    let of = |key: &str| {
        places
            .iter()
            .flatten()
            .find_map(|place| place.get(key).and_then(named))
    };
    of("sanctag_id")
        .or_else(|| of("id"))
        .unwrap_or_else(|| format!("{}#{}", place.path, place.record))
}

fn rejected(object: &Map<String, Value>) -> bool {
    matches!(
        object.get("answer").and_then(Value::as_str),
        Some("reject" | "ignore")
    )
}

/// Prodigy, spaCy, doccano and Label Studio's short form: a text with labelled ranges.
fn spans(
    text: &str,
    ranges: &[Value],
    object: &Map<String, Value>,
    place: Place,
) -> Result<Record, String> {
    if rejected(object) {
        return Ok(Record::LeftOut);
    }
    let marks = marks(text, ranges)?;
    let id = id_of(object, &place);
    Ok(document(
        id,
        place,
        Some(text.to_owned()),
        Some(marks),
        None,
    ))
}

fn marks(text: &str, ranges: &[Value]) -> Result<Vec<Mark>, String> {
    let offsets = Offsets::of(text);
    let mut marks = Vec::with_capacity(ranges.len());
    for range in ranges {
        marks.push(mark(range, &offsets)?);
    }
    marks.sort_by_key(|mark| mark.span);
    Ok(marks)
}

/// `[start, end, label]`, or an object with `start`, `end` and `label` under one of their names.
fn mark(range: &Value, offsets: &Offsets<'_>) -> Result<Mark, String> {
    let of = |names: &[&str]| names.iter().find_map(|name| range.get(*name));
    let (start, end, label) = match range.as_array().map(Vec::as_slice) {
        Some([start, end, label]) => (Some(start), Some(end), Some(label)),
        _ => (
            of(&["start", "start_offset"]),
            of(&["end", "end_offset"]),
            of(&["label", "labels", "entity_group", "entity", "type"]),
        ),
    };
    let label = label.and_then(|label| label.as_str().or_else(|| label.get(0)?.as_str()));
    let (Some(start), Some(end), Some(label)) = (
        start.and_then(Value::as_u64),
        end.and_then(Value::as_u64),
        label,
    ) else {
        return Err(format!(
            "{range} is no labelled range; expected start, end and label"
        ));
    };
    Ok(Mark {
        span: offsets.span(start, end, of(&["text"]).and_then(Value::as_str))?,
        label: label.to_owned(),
        score: score(of(&["score"])),
        form: None,
    })
}

fn score(value: Option<&Value>) -> Option<f32> {
    value.and_then(Value::as_f64).map(|score| score as f32)
}

/// A task of Label Studio. Of several annotations the last that was not cancelled counts; a task without one is left out.
fn label_studio(
    object: &Map<String, Value>,
    data: &Map<String, Value>,
    place: Place,
) -> Result<Record, String> {
    let text = data.get("text").and_then(Value::as_str).or_else(|| {
        // The text may go by any name; the only long string is it.
        let mut strings = data.values().filter_map(Value::as_str);
        strings.by_ref().max_by_key(|text| text.len())
    });
    let text = text.ok_or("data has no text")?;
    let kept = |annotation: &&Value| annotation.get("was_cancelled") != Some(&Value::Bool(true));
    let Some(annotation) = list(object, "annotations")?.iter().rev().find(kept) else {
        return Ok(Record::LeftOut);
    };
    let results = annotation.get("result").and_then(Value::as_array);
    let labelled = results.into_iter().flatten().filter_map(|result| {
        let value = result.get("value")?;
        value.get("labels").is_some().then(|| value.clone())
    });
    let marks = marks(text, &labelled.collect::<Vec<_>>())?;
    let id = id_of(object, &place);
    Ok(document(
        id,
        place,
        Some(text.to_owned()),
        Some(marks),
        None,
    ))
}

/// Tokens with one tag each, names or numbers; the text is the tokens joined by blanks.
fn tokens(
    object: &Map<String, Value>,
    tags: &Value,
    place: Place,
    tag_names: &[String],
) -> Result<Record, String> {
    let tokens: Option<Vec<&str>> = list(object, "tokens")?.iter().map(Value::as_str).collect();
    let tokens = tokens.ok_or("tokens are not all strings")?;
    let tags = tags.as_array().ok_or("the tags are no array")?;
    if tags.len() != tokens.len() {
        return Err(format!(
            "has {} tokens and {} tags",
            tokens.len(),
            tags.len()
        ));
    }
    let name = |tag: &'_ Value| {
        match tag {
        Value::String(name) => Ok(name.clone()),
        Value::Number(number) => number
            .as_u64()
            .and_then(|number| tag_names.get(usize::try_from(number).ok()?).cloned())
            .ok_or_else(|| format!("tag {number} has no name; give the names in their order with --tag-names O,B-PER,…")),
        other => Err(format!("tag {other} is neither a name nor a number")),
    }
    };
    let tags = tags.iter().map(name).collect::<Result<Vec<_>, _>>()?;
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let (mut text, mut words, mut marks) = (String::new(), Vec::new(), Vec::new());
    append(tokens.into_iter(), &tags, &mut text, &mut words, &mut marks);
    let id = id_of(object, &place);
    let Record::Document(mut document) = document(id, place, Some(text), Some(marks), None) else {
        return Ok(Record::LeftOut);
    };
    document.words = Some(words);
    Ok(Record::Document(document))
}

fn document(
    id: String,
    place: Place,
    text: Option<String>,
    marks: Option<Vec<Mark>>,
    article: Option<ArticleLabels>,
) -> Record {
    Record::Document(Box::new(Document {
        id,
        place,
        text,
        words: None,
        marks,
        article,
    }))
}

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
fn article_gold(object: &Map<String, Value>, place: Place) -> Result<Record, String> {
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
fn ours(object: &Map<String, Value>, place: Place) -> Result<Record, String> {
    let text = object.get("text").and_then(Value::as_str);
    let offsets = text.map(Offsets::of);
    let mut marks = Vec::new();
    let mut labels = ArticleLabels {
        relevant: object
            .get("relevant")
            .and_then(Value::as_bool)
            .ok_or("relevant is neither true nor false")?,
        entities: Vec::new(),
        measures: acts(object.get("measures"))?,
    };
    for entity in list(object, "entities")? {
        let kind = word(entity, "type")?;
        let name = word(entity, "name")?;
        let mut written = Vec::new();
        let mut first = None;
        for mention in entity
            .get("mentions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let form = word(mention, "text")?;
            if let Some(offsets) = &offsets {
                let at = |name: &str| {
                    mention
                        .get(name)
                        .and_then(Value::as_u64)
                        .ok_or_else(|| format!("a mention has no {name}"))
                };
                let span = offsets.span(at("start")?, at("end")?, Some(&form))?;
                first = first.or(Some(span));
                marks.push(Mark {
                    span,
                    label: kind.clone(),
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
        if ARTICLE_TYPES.contains(&kind.as_str()) {
            labels.entities.push(Named {
                key: word(entity, "id")?,
                kind,
                aliases: written
                    .iter()
                    .chain([&name])
                    .map(|form| folded(form))
                    .collect(),
                iso: entity
                    .get("country")
                    .and_then(|country| country.get("alpha2")?.as_str())
                    .map(str::to_owned),
                roles: words(entity, "roles").into_iter().collect(),
                score: score(entity.get("score")),
                first,
                name,
                written,
            });
        }
    }
    marks.sort_by(|a, b| (a.span, &a.label).cmp(&(b.span, &b.label)));
    let source = object.get("source");
    let of = |name: &str| source.and_then(|source| source.get(name));
    let place = Place {
        path: of("path")
            .and_then(Value::as_str)
            .map_or(place.path, str::to_owned),
        record: of("record").and_then(Value::as_u64).unwrap_or(place.record),
        offset: None,
    };
    let marks = text.is_some().then_some(marks);
    Ok(document(
        id_of(object, &place),
        place,
        text.map(str::to_owned),
        marks,
        Some(labels),
    ))
}
