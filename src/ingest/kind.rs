//! What a file holds and how it is packed: told by its name, and where that says nothing by its first bytes.

use std::ffi::OsStr;
use std::path::Path;

use super::{Fields, Format, Packing};

/// First bytes that are enough to tell what a file holds: the mark of a tar archive ends at byte 262.
pub(super) const HEAD_BYTES: usize = 4096;

/// What a name says of a file. What follows a question mark is of an address that the file was named after.
pub(super) fn of_name(path: &Path) -> (Option<Format>, Packing) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('?').next().unwrap_or_default();
    let (inner, packing) = match extension(name).as_str() {
        "gz" | "gzip" => (stem(name), Packing::Gzip),
        "zst" | "zstd" => (stem(name), Packing::Zstd),
        "bz2" => (stem(name), Packing::Bzip2),
        "xz" => (stem(name), Packing::Xz),
        "tgz" => return (Some(Format::Tar), Packing::Gzip),
        "tzst" => return (Some(Format::Tar), Packing::Zstd),
        "tbz2" | "tbz" => return (Some(Format::Tar), Packing::Bzip2),
        "txz" => return (Some(Format::Tar), Packing::Xz),
        _ => (name, Packing::Plain),
    };
    let format = match extension(inner).as_str() {
        "txt" | "text" => Some(Format::Text),
        "html" | "htm" | "xhtml" | "shtml" | "php" | "asp" | "aspx" | "jsp" => Some(Format::Html),
        "jsonl" | "ndjson" => Some(Format::Jsonl),
        "json" => Some(Format::Json),
        "csv" => Some(Format::Csv),
        "tsv" | "tab" => Some(Format::Tsv),
        "warc" | "wet" => Some(Format::Warc),
        "parquet" | "pq" => Some(Format::Parquet),
        "tar" => Some(Format::Tar),
        "zip" => Some(Format::Zip),
        _ => None,
    };
    (format, packing)
}

/// True for a name that says nothing of what is in the file.
pub(super) fn says_nothing(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('?').next().unwrap_or_default().to_owned();
    let inner = match of_name(path) {
        (_, Packing::Plain) => name.as_str(),
        _ => stem(&name),
    };
    extension(inner).is_empty()
}

fn extension(name: &str) -> String {
    let extension = Path::new(name).extension().and_then(OsStr::to_str);
    extension.unwrap_or_default().to_ascii_lowercase()
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// How a file is packed, by its first bytes; none of them can begin a text.
pub(super) fn packing(head: &[u8]) -> Packing {
    match head {
        [0x1f, 0x8b, 0x08, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Xz,
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Packing::Bzip2,
        _ => Packing::Plain,
    }
}

/// What a file holds, by its first bytes; `None` where they bear no mark of a format.
pub(super) fn format(head: &[u8], fields: &Fields) -> Option<Format> {
    if head.starts_with(b"PAR1") {
        return Some(Format::Parquet);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some(Format::Zip);
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(Format::Tar);
    }
    let text = head
        .strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(head)
        .trim_ascii_start();
    if text.starts_with(b"WARC/") {
        return Some(Format::Warc);
    }
    if text.starts_with(b"{") {
        return Some(Format::Jsonl);
    }
    let array = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    if array.is_some_and(|first| first.starts_with(b"{")) {
        return Some(Format::Json);
    }
    if is_html(text) {
        return Some(Format::Html);
    }
    table(text, fields)
}

fn is_html(text: &[u8]) -> bool {
    let text = text[..text.len().min(1024)].to_ascii_lowercase();
    let begins = |start: &[u8]| text.starts_with(start);
    let contains = |part: &[u8]| memchr::memmem::find(&text, part).is_some();
    begins(b"<!doctype html")
        || begins(b"<html")
        || ((begins(b"<!--") || begins(b"<?xml") || begins(b"<head"))
            && (contains(b"<html") || contains(b"<!doctype html") || contains(b"<title")))
}

/// A table is told by its first line: at least two columns, all with names that are single words, one of them that of the text's
/// or the page's field.
fn table(text: &[u8], fields: &Fields) -> Option<Format> {
    let line = std::str::from_utf8(text.split(|&byte| byte == b'\n').next()?).ok()?;
    let has_text = |separator: char| {
        let columns = || {
            line.split(separator)
                .map(|name| name.trim_matches(['"', '\r', ' ']))
        };
        let named = |name: &str| fields.text.iter().chain(&fields.html).any(|n| n == name);
        let is_word = |name: &str| {
            let part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
            !name.is_empty() && name.chars().all(part)
        };
        columns().count() >= 2 && columns().all(is_word) && columns().any(named)
    };
    if has_text('\t') {
        return Some(Format::Tsv);
    }
    [',', ';'].into_iter().any(has_text).then_some(Format::Csv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_a_file_holds_and_how_it_is_packed() {
        for (name, format, packing) in [
            ("a.TXT", Some(Format::Text), Packing::Plain),
            ("a.jsonl.gz", Some(Format::Jsonl), Packing::Gzip),
            (
                "CC-NEWS-20230321.warc.gz",
                Some(Format::Warc),
                Packing::Gzip,
            ),
            ("x.warc.wet.gz", Some(Format::Warc), Packing::Gzip),
            ("index.html?page=2.5", Some(Format::Html), Packing::Plain),
            ("a.tar.xz", Some(Format::Tar), Packing::Xz),
            ("a.tbz2", Some(Format::Tar), Packing::Bzip2),
            ("a.csv.zst", Some(Format::Csv), Packing::Zstd),
            ("photo.jpg", None, Packing::Plain),
            ("report.docx", None, Packing::Plain),
            ("article", None, Packing::Plain),
        ] {
            assert_eq!(of_name(Path::new(name)), (format, packing), "{name}");
        }
        for (name, nothing) in [
            ("article", true),
            ("article.gz", true),
            ("photo.jpg", false),
            ("a.doc.gz", false),
        ] {
            assert_eq!(says_nothing(Path::new(name)), nothing, "{name}");
        }
    }

    #[test]
    fn first_bytes_tell_what_a_nameless_file_holds() {
        let fields = Fields::default();
        let mut tar = vec![0; 300];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, expected) in [
            (&b"PAR1..."[..], Some(Format::Parquet)),
            (b"PK\x03\x04", Some(Format::Zip)),
            (&tar, Some(Format::Tar)),
            (b"WARC/1.0\r\n", Some(Format::Warc)),
            (b"\xef\xbb\xbf {\"text\"", Some(Format::Jsonl)),
            (b"[ {\"text\"", Some(Format::Json)),
            (b"\n<!DOCTYPE HTML PUBLIC", Some(Format::Html)),
            (b"<?xml version='1.0'?><!-- --><html", Some(Format::Html)),
            (b"<?xml version='1.0'?><rss>", None),
            (b"id,\"text\"\r\n1,a", Some(Format::Csv)),
            (b"id;text\n1;a", Some(Format::Csv)),
            (b"id\ttext\n", Some(Format::Tsv)),
            (b"text\nalone", None),
            (b"[1] A footnote, text", None),
            (b"", None),
        ] {
            assert_eq!(format(head, &fields), expected, "{head:?}");
        }
    }
}
