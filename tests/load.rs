//! Output lines in real databases: SQLite, and the PostgreSQL that `SANCTAG_POSTGRES` names (scripts/postgres starts one).
#![allow(clippy::unwrap_used)] // a failed test is a failed test

mod outputs;
#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod program;

use std::path::Path;

use outputs::{Article, written};
use program::{Ended, sanctag};

/// The database that a case runs against, with a schema or file of its own.
enum Database {
    Sqlite(tempfile::TempDir),
    Postgres { url: String, schema: String },
}

impl Database {
    /// One of each kind.
    fn all(name: &str) -> [Self; 2] {
        let url = std::env::var("SANCTAG_POSTGRES").expect(
            "SANCTAG_POSTGRES is not set. Run the tests by scripts/postgres with cargo test",
        );
        let schema = format!("test_{name}");
        let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        client
            .batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
            .unwrap();
        [
            Self::Sqlite(tempfile::tempdir().unwrap()),
            Self::Postgres { url, schema },
        ]
    }

    fn load(&self, outputs: &[&Path], extra: &[&str]) -> Ended {
        let mut args = vec!["load"];
        args.extend(outputs.iter().map(|path| path.to_str().unwrap()));
        let file;
        match self {
            Self::Sqlite(dir) => {
                file = format!("sqlite:{}", dir.path().join("a.db").display());
                args.extend(["--to", &file]);
            }
            Self::Postgres { url, schema } => args.extend(["--to", url, "--schema", schema]),
        }
        args.extend(extra);
        sanctag(&args)
    }

    /// Runs a query whose values are all text; rows of fields joined by `|`, `-` for null.
    fn rows(&self, sql: &str, n_columns: usize) -> Vec<String> {
        match self {
            Self::Sqlite(dir) => {
                let connection = rusqlite::Connection::open(dir.path().join("a.db")).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| {
                    let fields = (0..n_columns).map(|at| row.get::<_, Option<String>>(at).unwrap());
                    Ok(joined(fields))
                });
                rows.unwrap().map(Result::unwrap).collect()
            }
            Self::Postgres { url, schema } => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client
                    .batch_execute(&format!("SET search_path TO {schema}"))
                    .unwrap();
                let rows = client.query(sql, &[]).unwrap();
                let fields = |row: &postgres::Row| joined((0..n_columns).map(|at| row.get(at)));
                rows.iter().map(fields).collect()
            }
        }
    }

    fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(dir) => rusqlite::Connection::open(dir.path().join("a.db"))
                .unwrap()
                .execute_batch(sql)
                .unwrap(),
            Self::Postgres { url, schema } => postgres::Client::connect(url, postgres::NoTls)
                .unwrap()
                .batch_execute(&format!("SET search_path TO {schema}; {sql}"))
                .unwrap(),
        }
    }

    /// Everything that was loaded, as text.
    fn everything(&self) -> Vec<String> {
        [
            ("SELECT id, run, title, published, CAST(published_on AS text), outlet, text, offsets, CAST(n AS text) FROM (SELECT a.*, (SELECT count(*) FROM entities e WHERE e.article = a.article) AS n FROM articles a) x ORDER BY id", 9),
            ("SELECT CAST(article AS text), entity, name, who, alpha2, CAST(n_mentions AS text) FROM entities ORDER BY 1, 2", 6),
            ("SELECT CAST(article AS text), entity, role FROM roles ORDER BY 1, 2, 3", 3),
            ("SELECT CAST(article AS text), entity, text, form, CAST(start_at AS text) FROM mentions ORDER BY 1, 2, mention", 5),
            ("SELECT CAST(article AS text), measure, status, trigger_text, evidence FROM measures ORDER BY 1, 2", 5),
            ("SELECT CAST(article AS text), measure, part, entity FROM measure_parties ORDER BY 1, 2, 3, 4", 4),
            ("SELECT run, version FROM runs ORDER BY 1", 2),
        ]
        .into_iter()
        .flat_map(|(sql, n_columns)| self.rows(sql, n_columns))
        .collect()
    }
}

fn joined(fields: impl Iterator<Item = Option<String>>) -> String {
    let fields: Vec<String> = fields
        .map(|it| it.unwrap_or_else(|| "-".to_owned()))
        .collect();
    fields.join("|")
}

fn corpus() -> Vec<Article> {
    vec![
        Article::new(
            "a",
            "2023-05-01",
            "https://www.one.example/a",
            "imposed",
            "Alp Council",
            &["Iran", "Zed Trading"],
        ),
        Article::new(
            "b",
            "2023-05-03",
            "https://two.example/b",
            "imposed",
            "ALP Council.",
            &["Zed Trading", "Iran"],
        ),
        Article::new(
            "c",
            "2023-06-01",
            "https://two.example/c",
            "lifted",
            "Alp Council",
            &["Zed Trading"],
        ),
        Article::new(
            "d",
            "about May",
            "https://two.example/d",
            "threatened",
            "",
            &["Qux\u{0}Bank"],
        ),
    ]
}

#[test]
fn every_thing_of_the_lines_becomes_a_row_and_both_databases_hold_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "out", &corpus(), 100);
    let [sqlite, postgres] = Database::all("rows").map(|database| {
        let ended = database.load(&[&out], &[]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        for said in [
            "4 lines read = 4 new + 0 replaced + 0 unchanged + 0 older than what is there + 0 faults",
            "4 articles, 9 entities, 9 roles, 9 mentions, 4 measures, 9 measure_parties",
            "in 1 articles U+FFFD stands for NUL",
        ] {
            assert!(ended.stderr.contains(said), "{}", ended.stderr);
        }
        database.everything()
    });
    assert_eq!(sqlite, postgres);
    let all = sqlite.join("\n");
    for row in [
        "a|r1|-|2023-05-01|2023-05-01|one.example|",
        "d|r1|-|about May|-|two.example|",
        "|Qux\u{fffd}Bank|qux bank|-|1",
        "|Iran|IR|IR|1",
        "|m1|imposed|sanctions|Alp Council imposed sanctions on Iran and Zed Trading.",
        "r1|9.9.9",
    ] {
        assert!(all.contains(row), "{row}\n{all}");
    }
}

#[test]
fn loading_twice_changes_nothing_and_a_newer_run_replaces_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let old = written(dir.path(), "old", &corpus(), 100);
    let mut changed = corpus();
    changed.truncate(2);
    changed[1] = Article::new(
        "b",
        "2023-05-03",
        "https://two.example/b",
        "eased",
        "Bern Office",
        &["Iran"],
    );
    let new = written(dir.path(), "new", &changed, 200);
    for database in Database::all("replace") {
        assert_eq!(database.load(&[&old], &[]).code, 0);
        let first = database.everything();
        let again = database.load(&[&old], &[]);
        assert!(
            again.stderr.contains("1 files were loaded before"),
            "{}",
            again.stderr
        );
        // Another name, so that its lines are gone through again.
        let copy = dir.path().join("copy.jsonl");
        std::fs::copy(&old, &copy).unwrap();
        std::fs::copy(
            dir.path().join("old.run.json"),
            dir.path().join("copy.run.json"),
        )
        .unwrap();
        let again = database.load(&[&copy], &[]);
        assert!(
            again.stderr.contains("0 new + 0 replaced + 4 unchanged"),
            "{}",
            again.stderr
        );
        assert_eq!(database.everything(), first);

        let newer = database.load(&[&new], &[]);
        assert!(
            newer.stderr.contains("0 new + 1 replaced + 1 unchanged"),
            "{}",
            newer.stderr
        );
        let replaced = database.everything();
        assert_eq!(
            database.rows("SELECT status, evidence FROM measures m JOIN articles a ON a.article = m.article WHERE a.id = 'b'", 2),
            ["eased|Bern Office eased sanctions on Iran."]
        );
        let copy = dir.path().join("third.jsonl");
        std::fs::copy(&old, &copy).unwrap();
        std::fs::copy(
            dir.path().join("old.run.json"),
            dir.path().join("third.run.json"),
        )
        .unwrap();
        let older = database.load(&[&copy], &[]);
        assert!(
            older.stderr.contains("3 unchanged + 1 older"),
            "{}",
            older.stderr
        );
        assert_eq!(database.everything(), replaced);
        for name in ["copy", "third"] {
            std::fs::remove_file(dir.path().join(format!("{name}.jsonl"))).unwrap();
        }
    }
}

#[test]
fn the_views_say_who_was_targeted_by_whom_when_and_by_how_many_outlets() {
    let dir = tempfile::tempdir().unwrap();
    let mut articles = corpus();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let today = chrono::DateTime::from_timestamp(now.cast_signed(), 0).unwrap();
    let today = today.date_naive().to_string();
    articles.push(Article::new(
        "e",
        &today,
        "https://one.example/e",
        "imposed",
        "Alp Council",
        &["Newcomer Ltd"],
    ));
    let out = written(dir.path(), "out", &articles, 100);
    for database in Database::all("views") {
        assert_eq!(database.load(&[&out], &[]).code, 0);
        let rows = |sql, n_columns| database.rows(sql, n_columns);
        assert_eq!(
            rows(
                "SELECT imposer, target, status, CAST(first_on AS text), CAST(last_on AS text), CAST(articles AS text), CAST(outlets AS text) FROM who_targets_whom WHERE target_who IN ('IR', 'zed trading') ORDER BY target_who, status",
                7
            ),
            [
                "ALP Council.|Iran|imposed|2023-05-01|2023-05-03|2|2",
                "ALP Council.|Zed Trading|imposed|2023-05-01|2023-05-03|2|2",
                "Alp Council|Zed Trading|lifted|2023-06-01|2023-06-01|1|1",
            ]
        );
        assert_eq!(
            rows(
                "SELECT target, other, CAST(articles AS text), CAST(outlets AS text) FROM co_targets",
                4
            ),
            ["Iran|Zed Trading|2|2"]
        );
        assert_eq!(
            rows("SELECT target FROM newly_named_targets", 1),
            ["Newcomer Ltd"]
        );
        assert_eq!(
            rows(
                "SELECT target, CAST(last_on AS text) FROM targets_first_named WHERE target_who = 'zed trading'",
                2
            ),
            ["Zed Trading|2023-05-03"]
        );
        assert_eq!(
            rows(
                "SELECT imposer, target, evidence FROM targeted WHERE id = 'd'",
                3
            ),
            ["-|Qux\u{fffd}Bank|Someone threatened sanctions on Qux\u{fffd}Bank."]
        );
    }
}

#[test]
fn a_load_goes_on_where_it_broke_off_and_takes_what_was_written_since() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "out", &corpus(), 100);
    for database in Database::all("resume") {
        assert_eq!(database.load(&[&out], &[]).code, 0);
        // As a load leaves it that was killed after the second line.
        let two: u64 = std::fs::read_to_string(&out)
            .unwrap()
            .lines()
            .take(2)
            .map(|line| line.len() as u64 + 1)
            .sum();
        database.execute(&format!(
            "UPDATE outputs SET finished = false, loaded_bytes = {two}"
        ));
        let ended = database.load(&[&out], &[]);
        assert!(
            ended
                .stderr
                .contains("2 lines read = 0 new + 0 replaced + 2 unchanged"),
            "{}",
            ended.stderr
        );
    }
    let databases = Database::all("grow");
    for database in &databases {
        assert_eq!(database.load(&[&out], &[]).code, 0);
    }
    let mut more = corpus();
    more.push(Article::new(
        "e",
        "2023-07-01",
        "",
        "imposed",
        "Alp Council",
        &["Iran"],
    ));
    let out = written(dir.path(), "out", &more, 100);
    for database in &databases {
        let ended = database.load(&[&out], &[]);
        assert!(
            ended
                .stderr
                .contains("5 lines read = 1 new + 0 replaced + 4 unchanged"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_broken_line_is_told_and_the_others_are_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "out", &corpus(), 100);
    let lines = std::fs::read_to_string(&out).unwrap();
    std::fs::write(&out, lines.replacen('\n', "\n{\"schema\":\n", 1)).unwrap();
    for database in Database::all("faults") {
        let ended = database.load(&[&out], &[]);
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        let fault: serde_json::Value =
            serde_json::from_str(ended.stderr.lines().next().unwrap()).unwrap();
        assert_eq!(fault["source"]["record"], 1);
        assert!(
            ended.stderr.contains("5 lines read = 4 new"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_database_is_brought_from_an_older_schema_and_one_of_a_newer_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "out", &corpus(), 100);
    for database in Database::all("versions") {
        assert_eq!(database.load(&[&out], &[]).code, 0);
        let loaded = database.everything();
        // Version 1 had no views.
        for view in [
            "newly_named_targets",
            "targets_first_named",
            "who_targets_whom",
            "co_targets",
            "targeted",
            "named",
        ] {
            database.execute(&format!("DROP VIEW {view}"));
        }
        database.execute("DELETE FROM schema_versions WHERE version = 2");
        assert_eq!(database.load(&[&out], &[]).code, 0);
        assert_eq!(
            database.rows("SELECT target FROM targeted WHERE id = 'c'", 1),
            ["Zed Trading"]
        );
        assert_eq!(database.everything(), loaded);
        database.execute("INSERT INTO schema_versions (version) VALUES (99)");
        let ended = database.load(&[&out], &[]);
        assert_eq!(ended.code, 2);
        assert!(
            ended.stderr.contains("schema version 99"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn texts_can_be_left_out_and_evidence_stays() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "out", &corpus(), 100);
    for database in Database::all("no_text") {
        assert_eq!(database.load(&[&out], &["--no-text", "--quiet"]).stderr, "");
        assert_eq!(database.rows("SELECT max(text) FROM articles", 1), ["-"]);
        assert_eq!(
            database.rows("SELECT evidence FROM measures WHERE status = 'lifted'", 1),
            ["Alp Council lifted sanctions on Zed Trading."]
        );
    }
}

#[test]
fn what_cannot_be_reached_or_is_no_database_is_told_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let out = written(dir.path(), "out", &corpus(), 100);
    let no_database = dir.path().join("text.db");
    std::fs::write(
        &no_database,
        "no database, but text enough to tell it from one ".repeat(40),
    )
    .unwrap();
    let no_database = format!("sqlite:{}", no_database.display());
    for (to, said) in [
        (no_database.as_str(), "Name a file of SQLite"),
        ("postgres://tester:pass-word@localhost:1/x", "connecting"),
        (
            "postgres://tester@localhost:nine/x",
            "of the form postgres://",
        ),
        (
            "postgres://tester@localhost/x?sslmode=require",
            "leave sslmode out",
        ),
        ("mysql://x", "expected sqlite:FILE"),
    ] {
        let ended = sanctag(&["load", out.to_str().unwrap(), "--to", to]);
        assert_eq!(ended.code, 2, "{to}");
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        assert!(!ended.stderr.contains("pass-word"), "{}", ended.stderr);
    }
}
