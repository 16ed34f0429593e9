//! The lines as they are, nested, as Parquet.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_json::ReaderBuilder;
use arrow_json::reader::Decoder;
use arrow_schema::{DataType, Field, Fields, Schema};

use super::Writer;
use super::parquet::{Growing, failed};
use crate::error::Result;
use crate::output::Line;
use crate::write::Unit;

/// Lines that are turned into columns at a time.
const BATCH_LINES: usize = 1024;

pub(super) struct Nested {
    growing: Growing,
    decoder: Decoder,
    path: PathBuf,
    n_lines: usize,
}

impl Nested {
    pub fn new(file: File, path: &Path) -> Result<Self> {
        let schema = Arc::new(schema());
        let decoder = ReaderBuilder::new(Arc::clone(&schema))
            .with_batch_size(BATCH_LINES)
            .build_decoder()
            .map_err(|error| failed(path, error))?;
        Ok(Self {
            growing: Growing::new(file, path, schema)?,
            decoder,
            path: path.to_owned(),
            n_lines: 0,
        })
    }

    fn write(&mut self) -> Result<()> {
        self.n_lines = 0;
        let batch = self
            .decoder
            .flush()
            .map_err(|error| failed(&self.path, error))?;
        batch.map_or(Ok(()), |batch| self.growing.write(&batch))
    }
}

impl Writer for Nested {
    fn line(&mut self, line: &Line, _: Unit) -> Result<u64> {
        self.decoder
            .serialize(std::slice::from_ref(line))
            .map_err(|error| failed(&self.path, error))?;
        self.n_lines += 1;
        if self.n_lines == BATCH_LINES {
            self.write()?;
        }
        Ok(1)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.write()?;
        self.growing.close()
    }
}

/// The fields of a line, under their names there.
fn schema() -> Schema {
    Schema::new(vec![
        text("schema"),
        text("id"),
        structure("source", vec![text("path"), whole("record")]),
        text("title"),
        text("published"),
        text("lang"),
        text("url"),
        text("text"),
        list(
            "body",
            Field::new("element", of_many(whole("element")), true),
        ),
        Field::new("relevant", DataType::Boolean, true),
        list("entities", structure("element", entity())),
        list("measures", structure("element", measure())),
        structure(
            "stats",
            ["sentences", "tokens", "windows", "tokens_read"]
                .map(whole)
                .into(),
        ),
        text("run"),
    ])
}

fn entity() -> Vec<Field> {
    let mention = vec![
        whole("start"),
        whole("end"),
        text("text"),
        score(),
        text("form"),
    ];
    vec![
        text("id"),
        text("type"),
        text("name"),
        structure("country", vec![text("alpha2"), text("alpha3")]),
        score(),
        list("roles", text("element")),
        list("mentions", structure("element", mention)),
    ]
}

fn measure() -> Vec<Field> {
    vec![
        text("id"),
        text("status"),
        list("imposers", text("element")),
        list("targets", text("element")),
        structure("trigger", vec![whole("start"), whole("end"), text("text")]),
        structure("evidence", vec![whole("start"), whole("end")]),
        score(),
    ]
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn whole(name: &str) -> Field {
    Field::new(name, DataType::Int64, true)
}

fn score() -> Field {
    Field::new("score", DataType::Float64, true)
}

fn structure(name: &str, fields: Vec<Field>) -> Field {
    Field::new(name, DataType::Struct(Fields::from(fields)), true)
}

fn list(name: &str, element: Field) -> Field {
    Field::new(name, of_many(element), true)
}

fn of_many(element: Field) -> DataType {
    DataType::List(Arc::new(element))
}
