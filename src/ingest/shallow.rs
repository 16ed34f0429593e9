//! A large JSON record → its own fields, without building what they hold.
//!
//! A tree of small values takes up to thirty times its JSON. Nested values stand as empty ones of their kind: enough to
//! say that a field has the wrong type.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Records with more bytes than this are read without what is nested in them.
const LARGE: usize = 1 << 20;

/// Parses one record.
///
/// # Errors
/// When it is not JSON, or nested deeper than 128 levels.
pub(super) fn parse(json: &str) -> serde_json::Result<Value> {
    if json.len() <= LARGE {
        return serde_json::from_str(json);
    }
    serde_json::from_str::<Record>(json).map(|record| record.0)
}

struct Record(Value);
struct Field(Value);

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Shallow { fields: true })
            .map(Self)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Shallow { fields: false })
            .map(Self)
    }
}

/// Takes one value; the fields of an object only where `fields` says so.
struct Shallow {
    fields: bool,
}

impl<'de> Visitor<'de> for Shallow {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(Vec::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if self.fields {
                object.insert(name, fields.next_value::<Field>()?.0);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_record_keeps_its_own_fields_and_the_kinds_of_what_is_nested() {
        let text = "x".repeat(LARGE);
        let json = serde_json::json!({"id": 7, "n": -1, "f": 0.5, "b": true, "z": null, "text": text, "list": [1, [2]], "map": {"a": {}}});
        let value = parse(&json.to_string()).unwrap();
        let mut expected = json;
        expected["list"] = serde_json::json!([]);
        expected["map"] = serde_json::json!({});
        assert!(value == expected);
        for other in [
            format!("[{}1]", "1,".repeat(LARGE)),
            format!("{{\"a\":\"{text}"),
        ] {
            assert!(parse(&other).map_or(true, |value| value == serde_json::json!([])));
        }
    }
}
