//! PostgreSQL: rows go in by COPY in its binary form.

use std::collections::HashMap;
use std::io::Write;

use chrono::NaiveDate;
use postgres::config::SslMode;
use postgres::{Client, Config, NoTls, Statement};

use super::schema::Dialect;
use super::store::{Fill, Known, Place, RunAbout, Store};
use crate::entity::Code;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::tables::{Column, Kind, Table, Value, without_nul};

/// Bytes of rows that are sent at a time.
const SEND_BYTES: usize = 1 << 18;
/// 2000-01-01, from which PostgreSQL counts, in seconds since 1970.
const EPOCH_SECONDS: i64 = 946_684_800;
/// What the file of a binary COPY begins with: signature, flags, length of the header's extension.
const COPY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

pub(super) struct Postgres {
    client: Client,
    schema: String,
    shown: String,
    known: Option<Statement>,
    buffer: Vec<u8>,
}

impl Postgres {
    /// Connects; the tables will be in `schema`.
    pub fn open(url: &str, schema: &str) -> Result<Self> {
        let usable = !schema.is_empty() && schema.len() < 64 && !schema.contains(['"', '\0']);
        if !usable {
            return Err(Error::Usage(format!(
                "{schema:?} cannot be a schema's name. Give one of 1 to 63 bytes without quotes"
            )));
        }
        let mut config: Config = url.parse().map_err(|error| {
            Error::Usage(format!(
                "the address of the database cannot be read: {error}. It is of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE"
            ))
        })?;
        let shown = shown(&config);
        if config.get_ssl_mode() == SslMode::Require {
            return Err(Error::Usage(format!(
                "{shown} asks for an encrypted connection, which this program does not make. Go through a local socket or a tunnel, and leave sslmode out"
            )));
        }
        if config.get_application_name().is_none() {
            config.application_name("sanctag");
        }
        let client = config
            .connect(NoTls)
            .map_err(|error| refused(&shown, "connecting", &error))?;
        Ok(Self {
            client,
            schema: schema.to_owned(),
            shown,
            known: None,
            buffer: Vec::new(),
        })
    }

    fn execute(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[&(dyn postgres::types::ToSql + Sync)],
    ) -> Result<u64> {
        self.client
            .execute(sql, values)
            .map_err(|error| refused(&self.shown, doing, &error))
    }

    fn query(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[&(dyn postgres::types::ToSql + Sync)],
    ) -> Result<Vec<postgres::Row>> {
        self.client
            .query(sql, values)
            .map_err(|error| refused(&self.shown, doing, &error))
    }

    /// Makes the schema and its table of versions; gives the version that is there.
    fn version(&mut self) -> Result<usize> {
        let doing = "looking at the schema";
        let schema = self.schema.clone();
        let there = self.query(
            doing,
            "SELECT 1 FROM pg_namespace WHERE nspname = $1",
            &[&schema],
        )?;
        if there.is_empty() {
            self.run_sql("making the schema", &format!("CREATE SCHEMA \"{schema}\""))?;
        }
        self.run_sql(
            doing,
            &format!(
                "SET search_path TO \"{schema}\"; SET client_min_messages TO warning;
                 CREATE TABLE IF NOT EXISTS schema_versions (version integer PRIMARY KEY, since timestamptz NOT NULL DEFAULT now())"
            ),
        )?;
        let rows = self.query(
            doing,
            "SELECT coalesce(max(version), 0) FROM schema_versions",
            &[],
        )?;
        let version: i32 = rows.first().map_or(0, |row| row.get(0));
        Ok(usize::try_from(version).unwrap_or(0))
    }
}

impl Store for Postgres {
    fn dialect(&self) -> (Dialect, String) {
        (Dialect::Postgres, self.shown.clone())
    }

    fn run_sql(&mut self, doing: &'static str, sql: &str) -> Result<()> {
        self.client
            .batch_execute(sql)
            .map_err(|error| refused(&self.shown, doing, &error))
    }

    fn begin_migration(&mut self, doing: &'static str) -> Result<usize> {
        // Two loaders that begin at once: one makes the schema, the other waits for it.
        self.run_sql(
            doing,
            "BEGIN; SELECT pg_advisory_xact_lock(hashtext('sanctag schema'))",
        )?;
        self.version()
    }

    fn add_country(&mut self, doing: &'static str, code: Code, name: &str) -> Result<()> {
        let sql = "INSERT INTO countries VALUES ($1, $2, $3)";
        self.execute(doing, sql, &[&code.alpha2, &code.alpha3, &name])?;
        Ok(())
    }

    fn place(&mut self, output: &Output, path: &str) -> Result<Place> {
        let doing = "looking for the output";
        let bytes = i64::try_from(output.file_bytes).unwrap_or(i64::MAX);
        let manifest = output.tagged.manifest.as_ref().map(ToString::to_string);
        let manifest = manifest.map(|manifest| manifest.replace("\\u0000", "\\ufffd"));
        let path = without_nul(path);
        // A file of another size or time is another file: its lines are gone through from the start.
        let rows = self.query(
            doing,
            "INSERT INTO outputs AS o (output, path, file_bytes, modified, loaded_bytes, finished, manifest)
             VALUES ((SELECT coalesce(max(output), 0) + 1 FROM outputs), $1, $2, $3, 0, false, $4::text::jsonb)
             ON CONFLICT (path) DO UPDATE SET
                loaded_bytes = CASE WHEN (o.file_bytes, o.modified) = ($2, $3) THEN o.loaded_bytes ELSE 0 END,
                finished = o.finished AND (o.file_bytes, o.modified) = ($2, $3),
                file_bytes = $2, modified = $3, manifest = coalesce(excluded.manifest, o.manifest)
             RETURNING output, loaded_bytes, finished",
            &[&path, &bytes, &output.modified, &manifest],
        )?;
        let row = rows.first().ok_or_else(|| Error::Database {
            database: self.shown.clone(),
            doing,
            reason: "no row came back".to_owned(),
        })?;
        Ok(Place {
            output: row.get(0),
            loaded_bytes: u64::try_from(row.get::<_, i64>(1)).unwrap_or(0),
            finished: row.get(2),
        })
    }

    fn run(&mut self, run: &str, about: &RunAbout) -> Result<()> {
        let options = about
            .options
            .as_ref()
            .map(|options| options.replace("\\u0000", "\\ufffd"));
        self.execute(
            "loading runs",
            "INSERT INTO runs AS r (run, version, model, model_sha256, options)
             VALUES ($1, $2, $3, $4, $5::text::jsonb)
             ON CONFLICT (run) DO UPDATE SET version = excluded.version, model = excluded.model,
                model_sha256 = excluded.model_sha256, options = excluded.options
             WHERE r.version IS NULL AND excluded.version IS NOT NULL",
            &[
                &without_nul(run),
                &about.version,
                &about.model,
                &about.model_sha256,
                &options,
            ],
        )?;
        Ok(())
    }

    fn begin(&mut self) -> Result<()> {
        // One loader at a time gives out keys; readers are not kept waiting.
        self.run_sql(
            "beginning a batch",
            "BEGIN; LOCK TABLE articles IN SHARE ROW EXCLUSIVE MODE",
        )
    }

    fn known(&mut self, ids: &[&str]) -> Result<HashMap<String, Known>> {
        let doing = "looking for articles";
        let statement = match &self.known {
            Some(statement) => statement.clone(),
            None => {
                let sql = "SELECT id, article, line_hash, extract(epoch FROM tagged_at)::bigint
                    FROM articles WHERE id = ANY($1)";
                let statement = self
                    .client
                    .prepare(sql)
                    .map_err(|error| refused(&self.shown, doing, &error))?;
                self.known.insert(statement).clone()
            }
        };
        let rows = self
            .client
            .query(&statement, &[&ids])
            .map_err(|error| refused(&self.shown, doing, &error))?;
        Ok(rows
            .iter()
            .map(|row| {
                let known = Known {
                    article: row.get(1),
                    hash: row.get::<_, &[u8]>(2).try_into().unwrap_or_default(),
                    tagged_at: row.get(3),
                };
                (row.get(0), known)
            })
            .collect())
    }

    fn last_key(&mut self) -> Result<i64> {
        let rows = self.query(
            "giving out keys",
            "SELECT coalesce(max(article), 0) FROM articles",
            &[],
        )?;
        Ok(rows.first().map_or(0, |row| row.get(0)))
    }

    fn remove(&mut self, articles: &[i64]) -> Result<()> {
        for table in Table::ALL.iter().rev() {
            let sql = format!("DELETE FROM {} WHERE article = ANY($1)", table.name());
            self.execute("replacing articles", &sql, &[&articles])?;
        }
        Ok(())
    }

    fn put(&mut self, table: Table, fill: &mut Fill<'_>) -> Result<u64> {
        let columns = table.stored();
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let sql = format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary)",
            table.name(),
            names.join(", ")
        );
        let shown = &self.shown;
        let refuses = |error: postgres::Error| refused(shown, "loading rows", &error);
        let sends = |error: std::io::Error| Error::Database {
            database: shown.clone(),
            doing: "sending rows",
            reason: error.to_string(),
        };
        let mut writer = self.client.copy_in(&sql).map_err(refuses)?;
        let buffer = &mut self.buffer;
        buffer.clear();
        buffer.extend_from_slice(COPY_HEADER);
        fill(&mut |article, row| {
            encode(buffer, &columns, article, row);
            if buffer.len() >= SEND_BYTES {
                writer.write_all(buffer).map_err(sends)?;
                buffer.clear();
            }
            Ok(())
        })?;
        buffer.extend_from_slice(&(-1_i16).to_be_bytes());
        writer.write_all(buffer).map_err(sends)?;
        writer.finish().map_err(refuses)
    }

    fn note(&mut self, place: Place) -> Result<()> {
        let bytes = i64::try_from(place.loaded_bytes).unwrap_or(i64::MAX);
        self.execute(
            "noting how far the output is loaded",
            "UPDATE outputs SET loaded_bytes = $2, finished = $3 WHERE output = $1",
            &[&place.output, &bytes, &place.finished],
        )?;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.run_sql("committing a batch", "COMMIT")
    }
}

/// One row of a binary COPY: the number of fields, then each field's length and bytes, -1 for none.
fn encode(buffer: &mut Vec<u8>, columns: &[Column], article: i64, row: &[Value<'_>]) {
    let n_columns = i16::try_from(columns.len()).expect("bug: tables are not as wide");
    buffer.extend_from_slice(&n_columns.to_be_bytes());
    for (column, value) in columns.iter().zip(row) {
        match (value, column.kind) {
            (Value::Null, _) => buffer.extend_from_slice(&(-1_i32).to_be_bytes()),
            (Value::Article, _) => field(buffer, &article.to_be_bytes()),
            (Value::Text(text), _) => field(buffer, text.as_bytes()),
            (Value::Integer(number), Kind::Long) => field(buffer, &number.to_be_bytes()),
            (Value::Integer(number), _) => {
                let number = i32::try_from(*number).unwrap_or(i32::MAX);
                field(buffer, &number.to_be_bytes());
            }
            (Value::Real(number), _) => field(buffer, &(*number as f32).to_be_bytes()),
            (Value::Flag(flag), _) => field(buffer, &[u8::from(*flag)]),
            (Value::Day(day), _) => {
                let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
                let days = day.signed_duration_since(epoch).num_days();
                field(buffer, &(days as i32).to_be_bytes());
            }
            (Value::Json(json), _) => {
                buffer.extend_from_slice(&(json.len() as i32 + 1).to_be_bytes());
                // The version of jsonb's binary form.
                buffer.push(1);
                buffer.extend_from_slice(json.as_bytes());
            }
            (Value::Bytes(bytes), _) => field(buffer, bytes),
            (Value::Moment(seconds), _) => {
                field(
                    buffer,
                    &((seconds - EPOCH_SECONDS) * 1_000_000).to_be_bytes(),
                );
            }
        }
    }
}

fn field(buffer: &mut Vec<u8>, bytes: &[u8]) {
    // A text of 2 GiB is more than PostgreSQL holds; it refuses the row.
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(bytes);
}

/// The address as messages show it: without a password.
fn shown(config: &Config) -> String {
    let host = config.get_hosts().first().map(|host| match host {
        postgres::config::Host::Tcp(host) => host.clone(),
        postgres::config::Host::Unix(path) => path.display().to_string(),
    });
    format!(
        "postgres://{}/{}",
        host.unwrap_or_default(),
        config.get_dbname().unwrap_or_default()
    )
}

fn refused(shown: &str, doing: &'static str, error: &postgres::Error) -> Error {
    let mut reason = match error.as_db_error() {
        Some(said) => [Some(said.message()), said.detail(), said.hint()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; "),
        None => error.to_string(),
    };
    let mut cause = std::error::Error::source(error).filter(|_| error.as_db_error().is_none());
    while let Some(next) = cause {
        reason = format!("{reason}: {next}");
        cause = next.source();
    }
    Error::Database {
        database: shown.to_owned(),
        doing,
        reason,
    }
}
