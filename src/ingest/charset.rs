//! Bytes of the web → text, as a browser reads them.
//!
//! In: bytes, and the character set that their header declares. Out: text, with U+FFFD where a byte means nothing.
//! What is valid UTF-8 and not plain ASCII is UTF-8 whatever it declares: a page saved from a browser or a scraper is
//! often UTF-8 with the old declaration left in it, and text of other encodings is not valid UTF-8 by chance.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes in which a declaration is looked for; the standard asks for 1024, and real heads are longer.
const HEAD_BYTES: usize = 8192;

/// Decodes a page or a text response: byte order mark, valid UTF-8, `header`, the page's own declaration, a guess.
pub(super) fn decode(bytes: &[u8], header: Option<&str>) -> String {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| (!bytes.is_ascii() && std::str::from_utf8(bytes).is_ok()).then_some(UTF_8))
        .or_else(|| header.and_then(|label| Encoding::for_label(label.trim().as_bytes())))
        .or_else(|| declared(&bytes[..bytes.len().min(HEAD_BYTES)]))
        .unwrap_or_else(|| guess(bytes));
    encoding.decode(bytes).0.into_owned()
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// What `<meta charset=…>`, `<meta http-equiv … content="…; charset=…">` or `<?xml encoding=…?>` says.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let lower = head.to_ascii_lowercase();
    let in_xml = lower
        .starts_with(b"<?xml")
        .then(|| label(tag(&lower, 0), b"encoding"))
        .flatten();
    in_xml.or_else(|| {
        memchr::memmem::find_iter(&lower, b"<meta")
            .find_map(|at| label(tag(&lower, at), b"charset"))
    })
}

/// The bytes of the tag that begins at `at`.
fn tag(bytes: &[u8], at: usize) -> &[u8] {
    let rest = &bytes[at..];
    &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())]
}

/// The encoding that stands behind `name=` in a tag.
fn label(tag: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    let after = &tag[memchr::memmem::find(tag, name)? + name.len()..];
    let value = after.trim_ascii_start().strip_prefix(b"=")?;
    let value = value.trim_ascii_start();
    let value = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"))
        .unwrap_or(value);
    let end = value
        .iter()
        .position(|&byte| b"\"'; \t\r\n/?".contains(&byte))
        .unwrap_or(value.len());
    // Bytes in which an ASCII declaration could be read are not UTF-16, whatever it says.
    Encoding::for_label(&value[..end]).map(|encoding| {
        if encoding == UTF_16LE || encoding == UTF_16BE {
            UTF_8
        } else {
            encoding
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_decoded_by_mark_validity_header_declaration_or_guess() {
        let utf16: Vec<u8> = "\u{feff}Größe"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let (russian, ..) = encoding_rs::WINDOWS_1251
            .encode("Министерство финансов объявило о новых санкциях против трёх банков.");
        let cases: &[(&[u8], Option<&str>, &str)] = &[
            (&utf16, None, "Größe"),
            (
                b"<meta charset=latin1>Gr\xf6\xdfe",
                None,
                "<meta charset=latin1>Größe",
            ),
            (
                "<meta charset=latin1>Größe".as_bytes(),
                Some("iso-8859-1"),
                "<meta charset=latin1>Größe",
            ),
            (b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("windows-1251"), "Привет"),
            (
                b"<META HTTP-EQUIV='Content-Type' content=\"text/html; charset = koi8-r\">\xf0\xd2\xc9",
                Some("no-such-label"),
                "<META HTTP-EQUIV='Content-Type' content=\"text/html; charset = koi8-r\">При",
            ),
            (
                b"<?xml version='1.0' encoding='shift_jis'?>\x93\xfa",
                None,
                "<?xml version='1.0' encoding='shift_jis'?>日",
            ),
            (
                b"<meta charset=utf-16>plain",
                None,
                "<meta charset=utf-16>plain",
            ),
            (
                &russian,
                None,
                "Министерство финансов объявило о новых санкциях против трёх банков.",
            ),
            (
                b"<meta charset=utf-8>a\xffb",
                None,
                "<meta charset=utf-8>a\u{fffd}b",
            ),
            (b"\x1b$B$\"\x1b(B", Some("iso-2022-jp"), "あ"),
            (b"", None, ""),
        ];
        for &(bytes, header, text) in cases {
            assert_eq!(decode(bytes, header), text, "{header:?}");
        }
    }
}
