//! JSON records: one a line, or a whole file of one or of an array.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::lines::{self, Line};
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
    loop {
        number += 1;
        let line = match lines::next(reader, options.max_article_bytes) {
            Err(error) => {
                let reason = format!("cannot be read beyond line {}: {error}", number - 1);
                return take(file.fault(record, Stage::Read, reason));
            }
            Ok(None) => return true,
            Ok(Some(line)) => line,
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
        if !take(item) {
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

/// A JSON record → an article. A line of a faults file counts as the record it holds, at its first place.
fn from_value(file: &File, record: u64, value: Value, fields: &Fields) -> Item {
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
        Ok(article) => Item::Article(article),
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

fn wrong(source: Place, id: Option<String>, reason: &str, record: Option<Value>) -> Item {
    let small = |value: &Value| value.to_string().len() <= MAX_KEPT_BYTES;
    Item::Fault(Fault {
        id,
        source,
        stage: Stage::Parse,
        reason: reason.to_owned(),
        record: record.filter(small),
    })
}

fn article(
    object: &mut Map<String, Value>,
    place: &Place,
    id: Option<String>,
    file: &File,
    fields: &Fields,
) -> Result<Article, String> {
    let own_id = match first(object, &fields.id) {
        None => None,
        Some((_, Value::String(id))) if !id.is_empty() => Some(id.clone()),
        Some((_, Value::Number(id))) => Some(id.to_string()),
        Some((_, Value::Null)) => None,
        Some((name, other)) => return Err(wrong_type(name, "a string or a number", other)),
    };
    let text_name = match first(object, &fields.text) {
        Some((name, Value::String(_))) => name.to_owned(),
        Some((name, other)) => return Err(wrong_type(name, "a string", other)),
        None => {
            return Err(format!(
                "has no field {}; name the field with --text-field",
                fields.text.join(", ")
            ));
        }
    };
    let title = string(object, &fields.title)?;
    let published = string(object, &fields.date)?.map(shortened);
    let lang = string(object, &fields.lang)?;
    let url = string(object, &fields.url)?;
    let Some(Value::String(text)) = object.remove(&text_name) else {
        return Err(format!("has no field {text_name}"));
    };
    Ok(Article {
        id: own_id
            .or(id)
            .unwrap_or_else(|| id_of_place(&file.relative, place.record)),
        place: place.clone(),
        title,
        published,
        lang,
        url,
        text,
    })
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
