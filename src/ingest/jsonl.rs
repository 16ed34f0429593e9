//! JSON records: one a line, or a whole file of one or of an array.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::lines::{self, Line};
use super::page::Page;
use super::{Fields, File, Item, Options, date, decode, id_of_place, read_within};
use crate::article::{Article, Fault, MAX_KEPT_BYTES, Place, Stage};

/// Reads one record a line; blank lines are no records.
pub(super) fn read_lines(
    file: &File,
    reader: &mut dyn BufRead,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let mut record = 0;
    let mut number = 0_u64;
    let mut next_offset = 0;
    loop {
        number += 1;
        let offset = next_offset;
        let line = match lines::next(reader, options.max_article_bytes) {
            Err(error) => {
                let reason = format!("cannot be read beyond line {}: {error}", number - 1);
                return take(file.fault(record, Stage::Read, reason));
            }
            Ok(None) => return true,
            Ok(Some(line)) => line,
        };
        next_offset += 1 + match &line {
            Line::Whole(bytes) => bytes.len() as u64,
            Line::TooLong(length) => *length,
        };
        let item = match line {
            Line::TooLong(length) => {
                let reason = format!(
                    "line {number} has {length} bytes, more than {}; raise --max-article-bytes",
                    options.max_article_bytes
                );
                file.fault(record, Stage::Read, reason)
            }
            Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
            Line::Whole(bytes) => match parse(bytes, options) {
                Ok(value) => from_value(file, record, value, &options.fields),
                Err((reason, raw)) => {
                    unparsed(file, record, format!("line {number}: {reason}"), raw)
                }
            },
        };
        if !take(item.at(file, offset)) {
            return false;
        }
        record += 1;
    }
}

/// Reads a file that is one object, one array of objects, or after all one object a line.
pub(super) fn read_whole(
    file: &File,
    reader: &mut dyn BufRead,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let bytes = match read_within(reader, options.max_article_bytes) {
        Err(error) => {
            return take(file.fault(
                0,
                Stage::Read,
                format!("cannot be read to its end: {error}"),
            ));
        }
        Ok(None) => {
            let reason = format!(
                "holds more than {} bytes of JSON; write one record a line as .jsonl, or raise --max-article-bytes",
                options.max_article_bytes
            );
            return take(file.fault(0, Stage::Read, reason));
        }
        Ok(Some(bytes)) => bytes,
    };
    match serde_json::from_slice::<Value>(strip_mark(&bytes)) {
        Ok(Value::Array(records)) => (0..)
            .zip(records)
            .all(|(record, value)| take(from_value(file, record, value, &options.fields))),
        Ok(value) => take(from_value(file, 0, value, &options.fields)),
        Err(_) => read_lines(file, &mut bytes.as_slice(), options, take),
    }
}

fn strip_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// A line → a JSON value, or the reason why not and the line where it is text.
fn parse(bytes: Vec<u8>, options: &Options) -> Result<Value, (String, Option<String>)> {
    let text = decode(strip_mark(&bytes).to_vec(), options).map_err(|reason| (reason, None))?;
    serde_json::from_str(&text).map_err(|error| (format!("is not JSON: {error}"), Some(text)))
}

fn unparsed(file: &File, record: u64, reason: String, raw: Option<String>) -> Item {
    let mut item = file.fault(record, Stage::Parse, reason);
    if let Item::Fault(fault) = &mut item {
        fault.record = raw
            .filter(|raw| raw.len() <= MAX_KEPT_BYTES)
            .map(Value::String);
    }
    item
}

/// A JSON record → an article, or a page where it holds one and no text. A line of a faults file counts as the record it holds, at its first place.
pub(super) fn from_value(file: &File, record: u64, value: Value, fields: &Fields) -> Item {
    let place = file.place(record);
    let (place, id, value) = match unwrap_fault(value) {
        Ok((fault, value)) => (fault.source, fault.id, value),
        Err(value) => (place, None, value),
    };
    let Value::Object(mut object) = value else {
        return wrong(
            place,
            id,
            "is no JSON object; expected one object a line",
            Some(value),
        );
    };
    match article(&mut object, &place, id.clone(), file, fields) {
        Ok((known, Content::Text(text))) => Item::Article(Article { text, ..known }),
        Ok((known, Content::Html(html))) => Item::Page(Page {
            known,
            html: html.into_bytes(),
            charset: Some("utf-8".to_owned()),
        }),
        Err(reason) => wrong(place, id, &reason, Some(Value::Object(object))),
    }
}

/// Tells a line of a faults file, with its record, from any other object.
fn unwrap_fault(value: Value) -> Result<(Fault, Value), Value> {
    let is_fault = value.as_object().is_some_and(|object| {
        ["source", "stage", "reason", "record"]
            .iter()
            .all(|&name| object.contains_key(name))
    });
    if !is_fault {
        return Err(value);
    }
    match serde_json::from_value::<Fault>(value.clone()) {
        Ok(mut fault) => match fault.record.take() {
            Some(Value::String(raw)) => Ok((
                fault,
                serde_json::from_str(&raw).unwrap_or(Value::String(raw)),
            )),
            Some(record) => Ok((fault, record)),
            None => Err(value),
        },
        Err(_) => Err(value),
    }
}

/// The fault of a record that is not what was expected, kept where it is small enough.
pub(super) fn wrong(
    source: Place,
    id: Option<String>,
    reason: &str,
    record: Option<Value>,
) -> Item {
    let small = |value: &Value| value.to_string().len() <= MAX_KEPT_BYTES;
    Item::Fault(Fault {
        id,
        source,
        stage: Stage::Parse,
        reason: reason.to_owned(),
        record: record.filter(small),
    })
}

/// What a record says.
enum Content {
    Text(String),
    Html(String),
}

/// The article of a record without its text, and the text or page.
fn article(
    object: &mut Map<String, Value>,
    place: &Place,
    id: Option<String>,
    file: &File,
    fields: &Fields,
) -> Result<(Article, Content), String> {
    let own_id = match first(object, &fields.id) {
        None => None,
        Some((_, Value::String(id))) if !id.is_empty() => Some(id.clone()),
        Some((_, Value::Number(id))) => Some(id.to_string()),
        Some((_, Value::Null)) => None,
        Some((name, other)) => return Err(wrong_type(name, "a string or a number", other)),
    };
    let html = first(object, &fields.html).filter(|(_, value)| value.is_string());
    let (name, is_text) = match (first(object, &fields.text), html) {
        (Some((name, Value::String(_))), _) => (name.to_owned(), true),
        (None | Some((_, Value::Null)), Some((name, _))) => (name.to_owned(), false),
        (Some((name, other)), _) => return Err(wrong_type(name, "a string", other)),
        (None, None) => {
            return Err(format!(
                "has no field {}; name the field with --text-field, or that of a page with --html-field",
                fields.text.join(", ")
            ));
        }
    };
    let title = string(object, &fields.title)?;
    let published = string(object, &fields.date)?.map(shortened);
    let lang = string(object, &fields.lang)?;
    let url = string(object, &fields.url)?;
    let Some(Value::String(content)) = object.remove(&name) else {
        return Err(format!("has no field {name}"));
    };
    let known = Article {
        id: own_id
            .or(id)
            .unwrap_or_else(|| id_of_place(&file.relative, place.record)),
        place: place.clone(),
        title,
        published,
        lang,
        url,
        text: String::new(),
    };
    let content = if is_text {
        Content::Text(content)
    } else {
        Content::Html(content)
    };
    Ok((known, content))
}

fn first<'a>(object: &'a Map<String, Value>, names: &'a [String]) -> Option<(&'a str, &'a Value)> {
    names
        .iter()
        .find_map(|name| object.get(name).map(|value| (name.as_str(), value)))
}

fn string(object: &Map<String, Value>, names: &[String]) -> Result<Option<String>, String> {
    match first(object, names) {
        None | Some((_, Value::Null)) => Ok(None),
        Some((_, Value::String(value))) => Ok(Some(value.clone())),
        Some((name, other)) => Err(wrong_type(name, "a string", other)),
    }
}

fn wrong_type(name: &str, expected: &str, value: &Value) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "an empty string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    format!("field {name} is {kind}; expected {expected}")
}

/// A time stamp's day, where it begins with one.
fn shortened(published: String) -> String {
    match published.get(..10) {
        Some(head) if date::day(head) => head.to_owned(),
        _ => published,
    }
}
