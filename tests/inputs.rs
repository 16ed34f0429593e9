//! Inputs as other tools write them, and as they are when they are damaged.
#![allow(clippy::unwrap_used)] // a failed test is a failed test

#[allow(dead_code)] // shared with other test programs, each of which uses a part
mod common;

use std::io::Write;
use std::path::{Path, PathBuf};

use sanctag::article::{Article, Fault};
use sanctag::ingest::{self, Fields, Format, Item, Options};

const FIXTURES: &str = "tests/fixtures/inputs";

/// What was read, pages taken apart, and how many records were passed over.
struct Read {
    articles: Vec<Article>,
    faults: Vec<Fault>,
    skipped: u64,
}

fn read(input: &Path, options: &Options) -> Read {
    let (mut articles, mut faults) = (Vec::new(), Vec::new());
    let seen = ingest::read(&[input.to_owned()], options, &mut |item, _| {
        match item {
            Item::Article(article) => articles.push(article),
            Item::Fault(fault) => faults.push(fault),
            Item::Page(page) => match page.article() {
                Ok(article) => articles.push(article),
                Err(fault) => faults.push(*fault),
            },
        }
        true
    })
    .unwrap();
    Read {
        articles,
        faults,
        skipped: seen.skipped,
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(FIXTURES).join(name)
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

const STARTS: [&str; 3] = ["The Ministry of", "Der Rat hat am", "Rain is expected"];

/// Which of the fixtures' three articles each one is, in its first lines; a page's headline may come before.
fn starts(read: &Read) -> Vec<&str> {
    let start = |article: &Article| {
        let head: String = article.text.chars().take(60).collect();
        STARTS.into_iter().find(|start| head.contains(start))
    };
    read.articles
        .iter()
        .map(|article| start(article).unwrap_or("another"))
        .collect()
}

fn assert_no_faults(read: &Read) {
    assert!(read.faults.is_empty(), "{:?}", read.faults);
}

#[test]
fn a_crawl_gives_its_pages_and_texts_with_their_places_and_counts_the_rest() {
    let packed = read(&fixture("crawl.warc.gz"), &Options::default());
    let plain = read(&fixture("crawl.warc"), &Options::default());
    for read in [&packed, &plain] {
        assert_no_faults(read);
        assert_eq!(
            starts(read),
            [STARTS[0], STARTS[1], STARTS[2], STARTS[0]],
            "response in chunks of gzip, response in latin1, text, conversion"
        );
        assert_eq!(read.skipped, 4, "warcinfo, request, image, 404");
        let records: Vec<u64> = read
            .articles
            .iter()
            .map(|article| article.place.record)
            .collect();
        assert_eq!(records, [2, 3, 6, 7]);
    }
    let page = &packed.articles[0];
    assert_eq!(page.id, "urn:uuid:00000000-0000-4000-8000-000000000003");
    assert_eq!(page.title.as_deref(), Some("Two harbours, one list"));
    assert_eq!(page.published.as_deref(), Some("2023-03-21"));
    assert_eq!(page.lang.as_deref(), Some("en"));
    assert_eq!(page.url.as_deref(), Some("https://courier.example/news/0"));
    assert_eq!(
        packed.articles[1].title.as_deref(),
        Some("Größere Freiheit für Händler")
    );
    assert!(packed.articles[1].text.contains("Händler könnten"));
    assert_eq!(
        packed.articles[2].url.as_deref(),
        Some("https://courier.example/c.txt")
    );
    assert_eq!(packed.articles[2].published, None);
    // Where an index points: a gzip member of the packed file, the record's first byte in the plain one.
    for (read, name) in [(&packed, "crawl.warc.gz"), (&plain, "crawl.warc")] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        for article in &read.articles {
            let at = usize::try_from(article.place.offset.unwrap()).unwrap();
            let mut record = String::new();
            if name.ends_with(".gz") {
                let mut member = flate2::read::GzDecoder::new(&bytes[at..]);
                let mut start = [0; 400];
                std::io::Read::read_exact(&mut member, &mut start).unwrap();
                record.push_str(&String::from_utf8_lossy(&start));
            } else {
                record.push_str(&String::from_utf8_lossy(&bytes[at..at + 400]));
            }
            assert!(
                record.starts_with("WARC/1.") && record.contains(&article.id),
                "{record}"
            );
        }
    }
}

#[test]
fn a_damaged_crawl_costs_the_damaged_records_alone() {
    let whole = std::fs::read(fixture("crawl.warc")).unwrap();
    // A record without its length, and the file's end cut off.
    let find = |from: usize, what: &str| {
        from + memchr::memmem::find(&whole[from..], what.as_bytes()).unwrap()
    };
    let id = find(0, "urn:uuid:00000000-0000-4000-8000-000000000004");
    let begin = memchr::memmem::rfind(&whole[..id], b"WARC/1.").unwrap();
    let length = find(begin, "Content-Length");
    let mut bytes = whole.clone();
    bytes[length..length + 14].copy_from_slice(b"Content-Lentgh");
    bytes.truncate(bytes.len() - 40);
    let (_folder, path) = file("cut.warc", &bytes);
    let cut = read(&path, &Options::default());
    assert_eq!(starts(&cut), [STARTS[0], STARTS[2]]);
    let reasons: Vec<(u64, &str)> = cut
        .faults
        .iter()
        .map(|fault| (fault.source.record, fault.reason.as_str()))
        .collect();
    assert!(
        reasons[0].0 == 3 && reasons[0].1.contains("Content-Length"),
        "{reasons:?}"
    );
    assert!(
        reasons[1].0 == 7 && reasons[1].1.contains("ends or fails within"),
        "{reasons:?}"
    );
    assert_eq!((cut.faults.len(), cut.skipped), (2, 4));

    let small = Options {
        max_article_bytes: 800,
        ..Options::default()
    };
    let limited = read(&fixture("crawl.warc.gz"), &small);
    assert!(
        limited
            .faults
            .iter()
            .all(|fault| fault.reason.contains("--max-article-bytes")),
        "{:?}",
        limited.faults
    );
    // The page with status 404 is one of them: a record that is too large is not looked into.
    assert_eq!(limited.articles.len() + limited.faults.len(), 5);

    let (_folder, path) = file("no.warc", b"This is no crawl.\nNot at all.\n");
    assert_eq!(read(&path, &Options::default()).faults.len(), 1);
}

#[test]
fn parquet_files_are_read_in_every_compression_with_dates_and_nulls() {
    let named = Options {
        fields: Fields {
            id: vec!["key".to_owned()],
            text: vec!["article".to_owned()],
            date: vec!["day".to_owned()],
            ..Fields::default()
        },
        ..Options::default()
    };
    for compression in ["snappy", "zstd", "gzip", "brotli", "lz4"] {
        let path = fixture(&format!("articles-{compression}.parquet"));
        let found = read(&path, &named);
        assert_no_faults(&found);
        assert_eq!(starts(&found), STARTS, "{compression}");
        let article = &found.articles[2];
        assert_eq!((article.id.as_str(), article.place.record), ("p2", 2));
        assert_eq!(article.title.as_deref(), Some("Rain in the valley"));
        assert_eq!(article.published.as_deref(), Some("2023-03-21"));
        assert_eq!(found.articles[1].published, None);
        let refused = read(&path, &Options::default());
        assert_eq!((refused.articles.len(), refused.faults.len()), (0, 1));
        assert!(
            refused.faults[0].reason.contains("article, day")
                && refused.faults[0].reason.contains("--text-field"),
            "{:?}",
            refused.faults
        );
    }
    let stamped = Options {
        fields: Fields {
            date: vec!["at".to_owned()],
            ..named.fields.clone()
        },
        ..named
    };
    let found = read(&fixture("articles-zstd.parquet"), &stamped);
    assert_eq!(found.articles[0].published.as_deref(), Some("2023-03-21"));
    let pages = read(&fixture("pages.parquet"), &Options::default());
    assert_no_faults(&pages);
    assert_eq!(starts(&pages), [STARTS[0]]);
    assert_eq!(
        pages.articles[0].url.as_deref(),
        Some("https://courier.example/news/0")
    );
    let (_folder, path) = file("no.parquet", b"PAR1 and nothing else");
    assert!(
        read(&path, &Options::default()).faults[0]
            .reason
            .contains("Parquet")
    );
}

#[test]
fn members_of_archives_are_read_as_the_files_they_are() {
    let mut ids = Vec::new();
    for name in ["corpus.tar.xz", "corpus.tar.bz2", "corpus.zip"] {
        let found = read(&fixture(name), &Options::default());
        assert_no_faults(&found);
        assert_eq!(starts(&found), STARTS, "{name}");
        assert_eq!(found.skipped, 2, "an image and a hidden file");
        assert_eq!(
            found.articles[1].place.path,
            format!("{FIXTURES}/{name}!/corpus/b.html")
        );
        ids.extend(found.articles.into_iter().map(|article| article.id));
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 9);
    // An archive in an archive, and a Parquet file in it: what is read out of order is put on disk first.
    let mut outer = tar::Builder::new(Vec::new());
    for name in ["corpus.zip", "pages.parquet"] {
        outer
            .append_path_with_name(fixture(name), format!("deep/{name}"))
            .unwrap();
    }
    let outer = outer.into_inner().unwrap();
    let (_folder, path) = file("outer", &outer);
    let found = read(&path, &Options::default());
    assert_no_faults(&found);
    assert_eq!(starts(&found), [STARTS[0], STARTS[1], STARTS[2], STARTS[0]]);
    let (_folder, path) = file("cut.tar", &outer[..3000]);
    let cut = read(&path, &Options::default());
    assert!(
        !cut.faults.is_empty() && cut.articles.len() < 4,
        "{:?}",
        cut.faults
    );
}

#[test]
fn a_table_is_read_by_its_line_of_names_and_its_damaged_rows_are_faults() {
    let rows = "\u{feff}id;headline;text;published\r\n1;One;\"A \"\"quoted\"\" text;\nof two lines\";2023-03-21T10:00\r\n2;Two\r\n3;;;\r\n4;Four;last;\r\n";
    let (_folder, path) = file("a.csv", rows.as_bytes());
    let found = read(&path, &Options::default());
    let texts: Vec<(&str, &str, u64)> = found
        .articles
        .iter()
        .map(|article| {
            (
                article.id.as_str(),
                article.text.as_str(),
                article.place.record,
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            ("1", "A \"quoted\" text;\nof two lines", 0),
            ("3", "", 2),
            ("4", "last", 3)
        ]
    );
    assert_eq!(found.articles[0].published.as_deref(), Some("2023-03-21"));
    assert_eq!(found.articles[1].title, None);
    assert_eq!(found.faults.len(), 1);
    let fault = &found.faults[0];
    assert!(
        fault.source.record == 1
            && fault.reason.contains("2 columns; expected 4")
            && fault.record.is_some(),
        "{fault:?}"
    );
    for article in &found.articles {
        let at = usize::try_from(article.place.offset.unwrap()).unwrap();
        assert!(rows[at..].trim_start().starts_with(&article.id), "{at}");
    }
    for (name, bytes, expected) in [
        ("a.tsv", &b"text\turl\none\tu\n"[..], Ok("one")),
        ("nameless", b"text\turl\none\tu\n", Ok("one")),
        ("one-column.csv", b"text\nonly\n", Ok("only")),
        ("b.csv", b"name,value\na,b\n", Err("has no column text")),
        ("empty.csv", b"", Ok("")),
        ("latin.csv", b"id,text\n1,caf\xe9\n", Err("UTF-8")),
        (
            "open.csv",
            b"id,text\n1,\"never closed\n2,two\n",
            Ok("never closed\n2,two\n"),
        ),
    ] {
        let (_folder, path) = file(name, bytes);
        let found = read(&path, &Options::default());
        match expected {
            Ok("") => assert!(
                found.articles.is_empty() && found.faults.is_empty(),
                "{name}"
            ),
            Ok(text) => assert_eq!(found.articles[0].text, text, "{name}"),
            Err(part) => assert!(
                found.faults[0].reason.contains(part),
                "{name}: {:?}",
                found.faults
            ),
        }
    }
    let long = format!("id,text\n1,\"{}\n", "x".repeat(400_000));
    let (_folder, path) = file("long.csv", long.as_bytes());
    let small = Options {
        max_article_bytes: 1000,
        ..Options::default()
    };
    let found = read(&path, &small);
    assert!(
        found.faults[0].reason.contains("quote is left open"),
        "{:?}",
        found.faults
    );
}

#[test]
fn a_page_that_cannot_be_taken_apart_is_a_fault_that_can_be_read_again() {
    let deep = format!("<html><body>{}text", "<div>".repeat(5000));
    let (_folder, path) = file("deep.html", deep.as_bytes());
    let found = read(&path, &Options::default());
    let fault = &found.faults[0];
    assert!(fault.reason.contains("nests 1001"), "{}", fault.reason);
    assert_eq!(fault.record.as_ref().unwrap()["html"], deep);
    let (_folder, path) = file(
        "OUT.faults.jsonl",
        serde_json::to_string(fault).unwrap().as_bytes(),
    );
    let again = read(&path, &Options::default());
    assert_eq!(again.faults[0].source, fault.source);
    assert_eq!(again.faults[0].id, fault.id);
    for (html, text) in [
        ("", ""),
        ("<html><body><p>Short.</p>", "Short."),
        ("no markup", "no markup"),
        ("\0\0<p>\u{b}</p", "\u{b}"),
    ] {
        let (_folder, path) = file("a.html", html.as_bytes());
        let found = read(&path, &Options::default());
        assert_no_faults(&found);
        assert_eq!(
            found.articles[0].text.trim_matches('\u{fffd}'),
            text,
            "{html:?}"
        );
    }
}

#[test]
fn an_option_says_what_files_hold_and_bytes_say_it_where_names_do_not() {
    let page = b"<!doctype html><title>T</title><p>A page under another name, with words enough to be one.</p>";
    let (folder, path) = file("page.txt", page);
    let as_text = read(&path, &Options::default());
    assert!(as_text.articles[0].text.starts_with("<!doctype"));
    let html = Options {
        format: Some(Format::Html),
        ..Options::default()
    };
    assert!(
        read(&path, &html).articles[0]
            .text
            .starts_with("A page under")
    );
    // In a folder: a page without an ending, one packed against its name, and a file that is neither.
    std::fs::remove_file(&path).unwrap();
    std::fs::write(folder.path().join("nameless"), page).unwrap();
    std::fs::write(folder.path().join("notes"), b"no mark of a format").unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"{\"text\":\"packed\"}\n").unwrap();
    std::fs::write(folder.path().join("packed.jsonl"), gzip.finish().unwrap()).unwrap();
    let found = read(folder.path(), &Options::default());
    assert_no_faults(&found);
    assert_eq!(found.articles.len(), 2);
    assert!(found.articles[0].text.starts_with("A page under"));
    assert_eq!(found.articles[1].text, "packed");
    assert_eq!(found.skipped, 1);
}

#[test]
fn a_folder_of_all_formats_gives_the_same_bytes_for_any_number_of_threads() {
    let mut options = common::options();
    options.ingest.fields.text.push("article".to_owned());
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "articles-zstd.parquet",
        "corpus.zip",
        "corpus.tar.xz",
        "crawl.warc.gz",
        "pages.parquet",
    ] {
        std::fs::copy(fixture(name), folder.path().join(name)).unwrap();
    }
    std::fs::write(
        folder.path().join("a.csv"),
        "id,text\n1,Ann Lee met Bo\n2,\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("b.jsonl"),
        "{\"html\":\"<p>Cy Dee left.</p>\"}\n{}\n",
    )
    .unwrap();
    let one = common::tag(&[folder.path()], 1, &options);
    let many = common::tag(&[folder.path()], 8, &options);
    assert!(one.lines == many.lines && one.faults == many.faults);
    let counts = one.summary.counts;
    assert_eq!((counts.written, counts.faults, counts.skipped), (17, 1, 8));
    assert_eq!(one.parsed_faults()[0]["source"]["offset"], 31);
    one.parsed().iter().for_each(common::assert_offsets);
    let schema: serde_json::Value = serde_json::from_str(sanctag::write::JSON_SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(one.parsed().iter().all(|line| schema.is_valid(line)));
}

#[test]
fn a_table_met_beside_articles_is_passed_over_when_no_cell_could_be_a_text() {
    let short = "path\tsource\na.txt\tOutlet\n";
    let long = format!("path\tarticle\na.txt\t{}\n", "word ".repeat(50));
    for (table, skipped, faults) in [(short, 1, 0), (long.as_str(), 0, 1)] {
        let (folder, path) = file("list.tsv", table.as_bytes());
        std::fs::write(folder.path().join("a.txt"), "An article.").unwrap();
        let met = read(folder.path(), &Options::default());
        assert_eq!(
            (met.articles.len(), met.skipped, met.faults.len()),
            (1, skipped, faults)
        );
        let named = read(&path, &Options::default());
        assert_eq!(named.faults.len(), 1, "{table}");
    }
}
