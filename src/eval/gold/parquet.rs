//! Parquet files → JSON values, with the names of the tags where the file keeps them as the `datasets` library does.

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Number, Value};

/// A file's rows and the names of its numbered tags, none where it keeps none.
pub(super) struct Rows {
    pub values: Vec<Value>,
    pub tag_names: Vec<String>,
}

/// Reads all rows.
///
/// # Errors
/// What the Parquet reader says.
pub(super) fn read(bytes: Vec<u8>) -> Result<Rows, String> {
    let reader =
        SerializedFileReader::new(Bytes::from(bytes)).map_err(|error| error.to_string())?;
    let metadata = reader.metadata().file_metadata().key_value_metadata();
    let names = metadata
        .into_iter()
        .flatten()
        .find(|pair| pair.key == "huggingface");
    let names = names.and_then(|pair| serde_json::from_str::<Value>(pair.value.as_ref()?).ok());
    let tag_names = names.map_or_else(Vec::new, |info| tag_names(&info));
    let rows = reader
        .get_row_iter(None)
        .map_err(|error| error.to_string())?;
    let mut values = Vec::new();
    for row in rows {
        let row = row.map_err(|error| error.to_string())?;
        let columns = row
            .get_column_iter()
            .map(|(name, field)| (name.clone(), value(field)));
        values.push(Value::Object(columns.collect::<Map<_, _>>()));
    }
    Ok(Rows { values, tag_names })
}

/// The names in `info.features.<column>`, of the first column of numbered labels.
fn tag_names(info: &Value) -> Vec<String> {
    let features = info.pointer("/info/features").and_then(Value::as_object);
    let names = features.into_iter().flatten().find_map(|(_, feature)| {
        let of = |path: &str| feature.pointer(path).and_then(Value::as_array);
        of("/feature/names").or_else(|| of("/names"))
    });
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Bool(value) => (*value).into(),
        Field::Byte(value) => (*value).into(),
        Field::Short(value) => (*value).into(),
        Field::Int(value) => (*value).into(),
        Field::Long(value) => (*value).into(),
        Field::UByte(value) => (*value).into(),
        Field::UShort(value) => (*value).into(),
        Field::UInt(value) => (*value).into(),
        Field::ULong(value) => (*value).into(),
        Field::Float(value) => number(f64::from(*value)),
        Field::Double(value) => number(*value),
        Field::Str(value) => value.clone().into(),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::Group(row) => row
            .get_column_iter()
            .map(|(name, field)| (name.clone(), value(field)))
            .collect::<Map<_, _>>()
            .into(),
        // Times, decimals and raw bytes are in no labelled record that we know.
        _ => Value::Null,
    }
}

fn number(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
