//! A flat table as Parquet, and what all Parquet files share.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder,
    StringBuilder,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use chrono::NaiveDate;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::Writer;
use crate::error::{Error, Result};
use crate::output::Line;
use crate::tables::{Article, Kind, Table, Value};
use crate::write::Unit;

/// Rows that are turned into columns at a time.
const BATCH_ROWS: usize = 8192;
/// Packed bytes after which a row group ends: what a reader holds at once, and what is held until it is written.
const GROUP_BYTES: usize = 64 << 20;

/// A Parquet file that grows by batches.
pub(super) struct Growing {
    writer: ArrowWriter<File>,
    path: PathBuf,
}

impl Growing {
    pub fn new(file: File, path: &Path, schema: SchemaRef) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties))
            .map_err(|error| failed(path, error))?;
        Ok(Self {
            writer,
            path: path.to_owned(),
        })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let written = self.writer.write(batch).and_then(|()| {
            if self.writer.in_progress_size() >= GROUP_BYTES {
                self.writer.flush()?;
            }
            Ok(())
        });
        written.map_err(|error| failed(&self.path, error))
    }

    pub fn close(self) -> Result<()> {
        let path = self.path;
        self.writer
            .close()
            .map(|_| ())
            .map_err(|error| failed(&path, error))
    }
}

/// What went wrong with a file, as an error of its path.
pub(super) fn failed(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::io(path, "writing Parquet")(std::io::Error::other(error))
}

/// A table's file.
pub(super) struct Flat {
    table: Table,
    growing: Growing,
    schema: SchemaRef,
    columns: Vec<Column>,
    n_rows: usize,
}

/// The values of one column so far.
enum Column {
    Text(StringBuilder),
    Integer(Int32Builder),
    Long(Int64Builder),
    Real(Float64Builder),
    Flag(BooleanBuilder),
    Day(Date32Builder),
}

impl Flat {
    pub fn new(table: Table, file: File, path: &Path) -> Result<Self> {
        let fields: Vec<Field> = table
            .filed()
            .iter()
            .map(|column| Field::new(column.name, data_type(column.kind), true))
            .collect();
        let columns = fields
            .iter()
            .map(|field| Column::of(field.data_type()))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        Ok(Self {
            table,
            growing: Growing::new(file, path, Arc::clone(&schema))?,
            schema,
            columns,
            n_rows: 0,
        })
    }

    fn write(&mut self) -> Result<()> {
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| failed(&self.growing.path, error))?;
        self.n_rows = 0;
        self.growing.write(&batch)
    }
}

impl Writer for Flat {
    fn line(&mut self, line: &Line, unit: Unit) -> Result<u64> {
        let article = Article::new(line, unit);
        let mut n_rows = 0;
        let columns = &mut self.columns;
        article.filed(self.table, &mut |row| -> Result<()> {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value, article.id());
            }
            n_rows += 1;
            Ok(())
        })?;
        self.n_rows += n_rows;
        if self.n_rows >= BATCH_ROWS {
            self.write()?;
        }
        Ok(n_rows as u64)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.write()?;
        self.growing.close()
    }
}

const fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Article | Kind::Text | Kind::Json | Kind::Bytes => DataType::Utf8,
        Kind::Integer => DataType::Int32,
        Kind::Long | Kind::Moment => DataType::Int64,
        Kind::Real => DataType::Float64,
        Kind::Flag => DataType::Boolean,
        Kind::Day => DataType::Date32,
    }
}

impl Column {
    fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Int32 => Self::Integer(Int32Builder::new()),
            DataType::Int64 => Self::Long(Int64Builder::new()),
            DataType::Float64 => Self::Real(Float64Builder::new()),
            DataType::Boolean => Self::Flag(BooleanBuilder::new()),
            DataType::Date32 => Self::Day(Date32Builder::new()),
            _ => Self::Text(StringBuilder::new()),
        }
    }

    /// Adds a value; nothing is known where it is of another kind than the column.
    fn push(&mut self, value: &Value<'_>, article: &str) {
        match (self, value) {
            (Self::Text(column), Value::Text(text)) => column.append_value(text),
            (Self::Text(column), Value::Json(text)) => column.append_value(text),
            (Self::Text(column), Value::Article) => column.append_value(article),
            (Self::Text(column), _) => column.append_null(),
            (Self::Integer(column), Value::Integer(number)) => {
                column.append_option(i32::try_from(*number).ok());
            }
            (Self::Integer(column), _) => column.append_null(),
            (Self::Long(column), Value::Integer(number)) => column.append_value(*number),
            (Self::Long(column), _) => column.append_null(),
            (Self::Real(column), Value::Real(number)) => column.append_value(*number),
            (Self::Real(column), _) => column.append_null(),
            (Self::Flag(column), Value::Flag(flag)) => column.append_value(*flag),
            (Self::Flag(column), _) => column.append_null(),
            (Self::Day(column), Value::Day(day)) => {
                let days = day.signed_duration_since(NaiveDate::default()).num_days();
                column.append_option(i32::try_from(days).ok());
            }
            (Self::Day(column), _) => column.append_null(),
        }
    }

    fn finish(&mut self) -> arrow_array::ArrayRef {
        let builder: &mut dyn ArrayBuilder = match self {
            Self::Text(column) => column,
            Self::Integer(column) => column,
            Self::Long(column) => column,
            Self::Real(column) => column,
            Self::Flag(column) => column,
            Self::Day(column) => column,
        };
        builder.finish()
    }
}
