//! The doorway to a database.

use std::collections::HashMap;

use super::schema::{self, Dialect};
use crate::entity::Code;
use crate::error::Result;
use crate::output::Output;
use crate::tables::{Table, Value};

/// Takes a row with the key of its article.
pub(super) type Take<'t> = dyn FnMut(i64, &[Value<'_>]) -> Result<()> + 't;

/// Hands rows over one by one.
pub(super) type Fill<'f> = dyn FnMut(&mut Take<'_>) -> Result<()> + 'f;

/// What a database knows of an article.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Known {
    pub article: i64,
    pub hash: [u8; 16],
    pub tagged_at: i64,
}

/// How far a file was loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// The file's key.
    pub output: i64,
    /// Bytes of its lines that are loaded.
    pub loaded_bytes: u64,
    /// Loaded to its end.
    pub finished: bool,
}

/// What loading asks of a database. From `begin` to `commit` is one transaction, and one loader at a time.
pub(super) trait Store {
    /// Whose SQL it takes, and its name in messages.
    fn dialect(&self) -> (Dialect, String);

    /// Runs statements that give nothing back.
    fn run_sql(&mut self, doing: &'static str, sql: &str) -> Result<()>;

    /// Begins to change the schema, alone, and gives the version that is there.
    fn begin_migration(&mut self, doing: &'static str) -> Result<usize>;

    fn add_country(&mut self, doing: &'static str, code: Code, name: &str) -> Result<()>;

    /// Brings the schema to its newest version.
    fn migrate(&mut self) -> Result<()> {
        let doing = "bringing the schema to its newest version";
        let version = self.begin_migration(doing)?;
        let (dialect, shown) = self.dialect();
        schema::check(version, &shown)?;
        for (version, sql) in schema::migrations(dialect, version) {
            self.run_sql(doing, &sql)?;
            self.run_sql(
                doing,
                &format!("INSERT INTO schema_versions (version) VALUES ({version})"),
            )?;
        }
        for (code, name) in schema::countries(version) {
            self.add_country(doing, code, name)?;
        }
        self.run_sql(doing, "COMMIT")
    }

    /// The file's row, made anew where the file is another than when it was loaded.
    fn place(&mut self, output: &Output, path: &str) -> Result<Place>;

    /// Adds a run where it is new; what the manifest says of it is kept where it was known before.
    fn run(&mut self, run: &str, about: &RunAbout) -> Result<()>;

    fn begin(&mut self) -> Result<()>;

    /// Which of these ids are there.
    fn known(&mut self, ids: &[&str]) -> Result<HashMap<String, Known>>;

    /// The largest key of an article, 0 where there is none.
    fn last_key(&mut self) -> Result<i64>;

    /// Removes all rows of these articles.
    fn remove(&mut self, articles: &[i64]) -> Result<()>;

    /// Puts the rows that `fill` hands over into a table, and gives their number.
    fn put(&mut self, table: Table, fill: &mut Fill<'_>) -> Result<u64>;

    /// Notes how far the file is loaded.
    fn note(&mut self, place: Place) -> Result<()>;

    fn commit(&mut self) -> Result<()>;
}

/// What a manifest says of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RunAbout {
    pub version: Option<String>,
    pub model: Option<String>,
    pub model_sha256: Option<String>,
    pub options: Option<String>,
}

impl RunAbout {
    /// The run that the manifest beside an output is of, and what it says of it.
    pub fn of(output: &Output) -> Option<(String, Self)> {
        let manifest = output.tagged.manifest.as_ref()?;
        let job = &manifest["job"];
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let about = Self {
            version: text(&job["version"]),
            model: text(&job["model"]["path"]),
            model_sha256: text(&job["model"]["sha256"]),
            options: job.get("options").map(serde_json::Value::to_string),
        };
        Some((text(&manifest["run"])?, about))
    }
}
