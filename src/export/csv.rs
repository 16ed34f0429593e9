//! A flat table as CSV.

use std::io::Write;
use std::path::PathBuf;

use super::Writer;
use crate::error::{Error, Result};
use crate::output::Line;
use crate::tables::{Article, Table, Value};
use crate::write::Unit;

pub(super) struct Csv {
    table: Table,
    writer: csv::Writer<Box<dyn Write>>,
    path: PathBuf,
    formula_safe: bool,
    field: String,
}

impl Csv {
    pub fn new(
        table: Table,
        out: Box<dyn Write>,
        path: PathBuf,
        formula_safe: bool,
    ) -> Result<Self> {
        let mut csv = Self {
            table,
            writer: csv::Writer::from_writer(out),
            path,
            formula_safe,
            field: String::new(),
        };
        let names = table.filed();
        let names = names.iter().map(|column| column.name);
        csv.writer
            .write_record(names)
            .map_err(|error| failed(&csv.path, error))?;
        Ok(csv)
    }
}

impl Writer for Csv {
    fn line(&mut self, line: &Line, unit: Unit) -> Result<u64> {
        let article = Article::new(line, unit);
        let mut n_rows = 0;
        let (writer, path, field) = (&mut self.writer, &self.path, &mut self.field);
        article.filed(self.table, &mut |row| {
            for value in row {
                field.clear();
                spell(value, article.id(), self.formula_safe, field);
                writer
                    .write_field(&*field)
                    .map_err(|error| failed(path, error))?;
            }
            n_rows += 1;
            writer
                .write_record(None::<&[u8]>)
                .map_err(|error| failed(path, error))
        })?;
        Ok(n_rows)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.writer
            .flush()
            .map_err(Error::io(&self.path, "writing CSV"))
    }
}

/// A value as a field; nothing where nothing is known.
fn spell(value: &Value<'_>, article: &str, formula_safe: bool, field: &mut String) {
    match value {
        Value::Null => {}
        Value::Article => text(article, formula_safe, field),
        Value::Text(it) => text(it, formula_safe, field),
        Value::Json(it) => field.push_str(it),
        Value::Integer(number) | Value::Moment(number) => field.push_str(&number.to_string()),
        Value::Real(number) => field.push_str(&number.to_string()),
        Value::Flag(flag) => field.push_str(if *flag { "true" } else { "false" }),
        Value::Day(day) => field.push_str(&day.to_string()),
        Value::Bytes(bytes) => field.extend(bytes.iter().map(|byte| format!("{byte:02x}"))),
    }
}

/// Spreadsheets take a field for a formula by its first letter (OWASP, CSV injection).
fn text(text: &str, formula_safe: bool, field: &mut String) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula_safe && formula {
        field.push('\'');
    }
    field.push_str(text);
}

fn failed(path: &std::path::Path, error: csv::Error) -> Error {
    Error::io(path, "writing CSV")(error.into())
}
