//! SQLite: rows go in by prepared statements.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::DateTime;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::schema::Dialect;
use super::store::{Fill, Known, Place, RunAbout, Store};
use crate::entity::Code;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::tables::{Table, Value};

/// How long another loader is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Sqlite {
    connection: Connection,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the file, or makes it.
    pub fn open(path: &Path) -> Result<Self> {
        let connection =
            Connection::open(path).map_err(|error| refused(path, "opening", &error))?;
        let store = Self {
            connection,
            path: path.to_owned(),
        };
        store.done("opening", store.connection.busy_timeout(PATIENCE))?;
        // Readers go on while a batch is written.
        store.done(
            "opening",
            store.connection.pragma_update(None, "journal_mode", "wal"),
        )?;
        // With a write-ahead log this is safe against a crash of the program, and of the machine up to the last batches.
        store.done(
            "opening",
            store
                .connection
                .pragma_update(None, "synchronous", "normal"),
        )?;
        // What refers to what is as the lines have it; checking each row again takes a third of the time.
        store.done(
            "opening",
            store.connection.pragma_update(None, "foreign_keys", false),
        )?;
        Ok(store)
    }

    fn done<T>(&self, doing: &'static str, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|error| refused(&self.path, doing, &error))
    }

    fn execute(&self, doing: &'static str, sql: &str, values: &[&dyn ToSql]) -> Result<usize> {
        let executed = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values));
        self.done(doing, executed)
    }
}

impl Store for Sqlite {
    fn dialect(&self) -> (Dialect, String) {
        (Dialect::Sqlite, self.path.display().to_string())
    }

    fn run_sql(&mut self, doing: &'static str, sql: &str) -> Result<()> {
        self.done(doing, self.connection.execute_batch(sql))
    }

    fn begin_migration(&mut self, doing: &'static str) -> Result<usize> {
        self.run_sql(
            doing,
            "BEGIN IMMEDIATE;
             CREATE TABLE IF NOT EXISTS schema_versions (version integer PRIMARY KEY, since text NOT NULL DEFAULT current_timestamp)",
        )?;
        let sql = "SELECT coalesce(max(version), 0) FROM schema_versions";
        let version = self.connection.query_row(sql, [], |row| row.get(0));
        let version: i64 = self.done(doing, version)?;
        Ok(usize::try_from(version).unwrap_or(0))
    }

    fn add_country(&mut self, doing: &'static str, code: Code, name: &str) -> Result<()> {
        let sql = "INSERT INTO countries VALUES (?1, ?2, ?3)";
        self.execute(doing, sql, &[&code.alpha2, &code.alpha3, &name])?;
        Ok(())
    }

    fn place(&mut self, output: &Output, path: &str) -> Result<Place> {
        let doing = "looking for the output";
        let bytes = i64::try_from(output.file_bytes).unwrap_or(i64::MAX);
        let manifest = output.tagged.manifest.as_ref().map(ToString::to_string);
        // A file of another size or time is another file: its lines are gone through from the start.
        let placed = self.connection.query_row(
            "INSERT INTO outputs AS o (path, file_bytes, modified, loaded_bytes, finished, manifest)
             VALUES (?1, ?2, ?3, 0, false, ?4)
             ON CONFLICT (path) DO UPDATE SET
                loaded_bytes = CASE WHEN (o.file_bytes, o.modified) = (?2, ?3) THEN o.loaded_bytes ELSE 0 END,
                finished = o.finished AND (o.file_bytes, o.modified) = (?2, ?3),
                file_bytes = ?2, modified = ?3, manifest = coalesce(excluded.manifest, o.manifest)
             RETURNING output, loaded_bytes, finished",
            params![path, bytes, output.modified, manifest],
            |row| {
                Ok(Place {
                    output: row.get(0)?,
                    loaded_bytes: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
                    finished: row.get(2)?,
                })
            },
        );
        self.done(doing, placed)
    }

    fn run(&mut self, run: &str, about: &RunAbout) -> Result<()> {
        self.execute(
            "loading runs",
            "INSERT INTO runs AS r (run, version, model, model_sha256, options) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (run) DO UPDATE SET version = excluded.version, model = excluded.model,
                model_sha256 = excluded.model_sha256, options = excluded.options
             WHERE r.version IS NULL AND excluded.version IS NOT NULL",
            &[&crate::tables::without_nul(run), &about.version, &about.model, &about.model_sha256, &about.options],
        )?;
        Ok(())
    }

    fn begin(&mut self) -> Result<()> {
        self.run_sql("beginning a batch", "BEGIN IMMEDIATE")
    }

    fn known(&mut self, ids: &[&str]) -> Result<HashMap<String, Known>> {
        let doing = "looking for articles";
        let sql = "SELECT article, line_hash, unixepoch(tagged_at) FROM articles WHERE id = ?1";
        let mut statement = self.done(doing, self.connection.prepare_cached(sql))?;
        let mut known = HashMap::new();
        for &id in ids {
            let found = statement
                .query_row([id], |row| {
                    Ok(Known {
                        article: row.get(0)?,
                        hash: row.get(1)?,
                        tagged_at: row.get(2)?,
                    })
                })
                .optional();
            if let Some(found) = self.done(doing, found)? {
                known.insert(id.to_owned(), found);
            }
        }
        Ok(known)
    }

    fn last_key(&mut self) -> Result<i64> {
        let sql = "SELECT coalesce(max(article), 0) FROM articles";
        let last = self.connection.query_row(sql, [], |row| row.get(0));
        self.done("giving out keys", last)
    }

    fn remove(&mut self, articles: &[i64]) -> Result<()> {
        for table in Table::ALL.iter().rev() {
            let sql = format!("DELETE FROM {} WHERE article = ?1", table.name());
            for article in articles {
                self.execute("replacing articles", &sql, &[article])?;
            }
        }
        Ok(())
    }

    fn put(&mut self, table: Table, fill: &mut Fill<'_>) -> Result<u64> {
        let doing = "loading rows";
        let columns = table.stored();
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            table.name(),
            names.join(", "),
            vec!["?"; names.len()].join(", ")
        );
        let mut statement = self.done(doing, self.connection.prepare_cached(&sql))?;
        let mut n_rows = 0;
        fill(&mut |article, row| {
            let values = row.iter().map(|value| Bound { value, article });
            self.done(doing, statement.execute(rusqlite::params_from_iter(values)))?;
            n_rows += 1;
            Ok(())
        })?;
        Ok(n_rows)
    }

    fn note(&mut self, place: Place) -> Result<()> {
        let bytes = i64::try_from(place.loaded_bytes).unwrap_or(i64::MAX);
        self.execute(
            "noting how far the output is loaded",
            "UPDATE outputs SET loaded_bytes = ?2, finished = ?3 WHERE output = ?1",
            &[&place.output, &bytes, &place.finished],
        )?;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.run_sql("committing a batch", "COMMIT")
    }
}

/// A value in a row of an article.
struct Bound<'a> {
    value: &'a Value<'a>,
    article: i64,
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.value {
            Value::Null => rusqlite::types::Null.into(),
            Value::Article => self.article.into(),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Integer(number) => (*number).into(),
            Value::Real(number) => (*number).into(),
            Value::Flag(flag) => (*flag).into(),
            Value::Day(day) => day.to_string().into(),
            Value::Json(json) => ToSqlOutput::Borrowed(ValueRef::Text(json.as_bytes())),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Value::Moment(seconds) => DateTime::from_timestamp(*seconds, 0)
                .map(|moment| moment.format("%Y-%m-%d %H:%M:%S").to_string())
                .unwrap_or_default()
                .into(),
        })
    }
}

fn refused(path: &Path, doing: &'static str, error: &rusqlite::Error) -> Error {
    let remedy = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            ". Name a file of SQLite, or one that is not there yet"
        }
        Some(rusqlite::ErrorCode::DatabaseBusy) => {
            ". Another program writes to it; try again when it is done"
        }
        _ => "",
    };
    Error::Database {
        database: format!("sqlite:{}", path.display()),
        doing,
        reason: format!("{error}{remedy}"),
    }
}
