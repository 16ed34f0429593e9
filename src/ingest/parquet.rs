//! Parquet: one record a row, of the columns that hold what an article has.

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use super::{File, Item, Options, decode, jsonl};
use crate::article::Stage;

/// Rows decoded at a time: as many texts of each column are held.
const BATCH_ROWS: usize = 32;

/// Reads all rows of a file.
pub(super) fn read(
    file: &File,
    bytes: std::fs::File,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let rows = SerializedFileReader::new(bytes)
        .map_err(|error| (Stage::Read, format!("is no Parquet file: {error}")))
        .and_then(|reader| {
            let wanted = wanted(reader.metadata().file_metadata().schema(), options)?;
            RowIter::from_file_into(Box::new(reader))
                .project(Some(wanted))
                .map_err(|error| (Stage::Read, format!("its schema cannot be read: {error}")))
        });
    let rows = match rows {
        Ok(rows) => rows.with_batch_size(BATCH_ROWS),
        Err((stage, reason)) => return take(file.fault(0, stage, reason)),
    };
    for (record, row) in (0..).zip(rows) {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let reason = format!("cannot be read beyond record {record}: {error}");
                return take(file.fault(record, Stage::Read, reason));
            }
        };
        let object: Result<Map<String, Value>, String> = row
            .into_columns()
            .into_iter()
            .map(|(name, field)| Ok((name, value(field, options)?)))
            .collect();
        let item = match object {
            Ok(object) => jsonl::from_value(file, record, object.into(), &options.fields),
            Err(reason) => file.fault(record, Stage::Parse, reason),
        };
        if !take(item) {
            return false;
        }
    }
    true
}

/// The columns that hold what an article has, one of which must be the text's or the page's.
fn wanted(schema: &Type, options: &Options) -> Result<Type, (Stage, String)> {
    let all = schema.get_fields();
    let names: Vec<String> = all.iter().map(|field| field.name().to_owned()).collect();
    if !options.fields.has_text(&names) {
        let reason = format!(
            "has no column {}; its columns are {}. Name the column with --text-field",
            options.fields.text.join(", "),
            names.join(", ")
        );
        return Err((Stage::Parse, reason));
    }
    let kept = all
        .iter()
        .filter(|field| options.fields.has(field.name()))
        .cloned()
        .collect();
    Type::group_type_builder(schema.name())
        .with_fields(kept)
        .build()
        .map_err(|error| (Stage::Read, format!("its schema cannot be read: {error}")))
}

/// A cell as a field of a JSON record; text that its writer did not mark as text arrives as bytes.
fn value(field: Field, options: &Options) -> Result<Value, String> {
    match field {
        Field::Str(text) => Ok(Value::String(text)),
        Field::Bytes(bytes) => decode(bytes.data().to_vec(), options).map(Value::String),
        other => Ok(other.to_json_value()),
    }
}
