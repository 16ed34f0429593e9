//! JSON records: one a line, or a whole file of one or of an array.

use std::fmt;
use std::io::BufRead;

use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::encoding::is_utf16;
use super::lines::{self, Line};
use super::page::Page;
use super::{Fields, File, Item, Options, date, decode, id_of_place, read_within, shallow};
use crate::article::{Article, Fault, MAX_KEPT_BYTES, Place, Stage};

/// Reads one record a line; blank lines are no records.
pub(super) fn read_lines(
    file: &File,
    reader: &mut dyn BufRead,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    if reader.fill_buf().is_ok_and(is_utf16) {
        return match whole(reader, options) {
            Ok(text) => read_lines(file, &mut text.as_bytes(), options, take),
            Err((stage, reason)) => take(file.fault(0, stage, reason)),
        };
    }
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
                    "line {number} has {length} bytes, more than {}; raise --max-article-bytes, and --memory to 16 times as much",
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

/// All of a file as text, where it is no longer than a record may be.
fn whole(reader: &mut dyn BufRead, options: &Options) -> Result<String, (Stage, String)> {
    let limit = options.max_article_bytes;
    match read_within(reader, limit) {
        Err(error) => Err((Stage::Read, format!("cannot be read to its end: {error}"))),
        Ok(None) => Err((
            Stage::Read,
            format!(
                "holds more than {limit} bytes of JSON; write one record a line as UTF-8 in .jsonl, or raise --max-article-bytes, and --memory to 16 times as much"
            ),
        )),
        Ok(Some(bytes)) => decode(bytes, options).map_err(|reason| (Stage::Parse, reason)),
    }
}

/// Reads a file that is one object, one array of objects, or after all one object a line.
pub(super) fn read_whole(
    file: &File,
    reader: &mut dyn BufRead,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let text = match whole(reader, options) {
        Ok(text) => text,
        Err((stage, reason)) => return take(file.fault(0, stage, reason)),
    };
    let json = text.trim_start_matches('\u{feff}').trim();
    if json.starts_with('[') {
        return read_array(file, json, options, take);
    }
    match serde_json::from_str::<&RawValue>(json) {
        Ok(_) => take(from_text(file, 0, json, &options.fields)),
        Err(error) => {
            let first = json.lines().next().unwrap_or_default();
            if serde_json::from_str::<&RawValue>(first).is_ok() {
                return read_lines(file, &mut json.as_bytes(), options, take);
            }
            let raw = Some(json.to_owned());
            take(unparsed(file, 0, format!("is not JSON: {error}"), raw))
        }
    }
}

/// Reads the records of an array one by one; what is beyond a fault in its JSON is lost, and told.
fn read_array(
    file: &File,
    json: &str,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let mut records = Records {
        file,
        fields: &options.fields,
        take,
        record: 0,
        go: true,
    };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read = deserializer
        .deserialize_seq(&mut records)
        .and_then(|()| deserializer.end());
    let (go, record) = (records.go, records.record);
    match read {
        Err(error) if go => {
            let reason = format!("is not JSON beyond record {record}: {error}");
            take(unparsed(file, record, reason, None))
        }
        _ => go,
    }
}

/// Hands on each element of an array as it is met.
struct Records<'a> {
    file: &'a File,
    fields: &'a Fields,
    take: &'a mut dyn FnMut(Item) -> bool,
    record: u64,
    go: bool,
}

impl<'de> Visitor<'de> for &mut Records<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&RawValue>()? {
            let item = from_text(self.file, self.record, element.get(), self.fields);
            self.record += 1;
            self.go = (self.take)(item);
            if !self.go {
                return Err(serde::de::Error::custom("no more is wanted"));
            }
        }
        Ok(())
    }
}

/// One record of a file that was found to be JSON.
fn from_text(file: &File, record: u64, json: &str, fields: &Fields) -> Item {
    match shallow::parse(json) {
        Ok(value) => from_value(file, record, value, fields),
        Err(error) => {
            let reason = format!("cannot be read: {error}");
            unparsed(file, record, reason, Some(json.to_owned()))
        }
    }
}

fn strip_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// A line → a JSON value, or the reason why not and the line where it is text.
fn parse(bytes: Vec<u8>, options: &Options) -> Result<Value, (String, Option<String>)> {
    let text = decode(strip_mark(&bytes).to_vec(), options).map_err(|reason| (reason, None))?;
    shallow::parse(&text).map_err(|error| (format!("is not JSON: {error}"), Some(text)))
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
