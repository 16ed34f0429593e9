//! A web response as archived → its status, type and body.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// A response, its body as the server meant it.
pub(super) struct Response {
    /// Status code, such as 200.
    pub status: u16,
    /// Type of the body in small letters without parameters; empty where none is declared.
    pub media: String,
    /// Character set that the header declares.
    pub charset: Option<String>,
    /// Body, no longer in chunks or packed.
    pub body: Vec<u8>,
}

/// Most header fields; servers in the wild send up to a hundred.
const MAX_FIELDS: usize = 256;

/// Takes a response apart; its body may have at most `limit` bytes.
///
/// # Errors
/// The reason, for a damaged header or body. A body that is not packed as its header says was unpacked by the archive's writer
/// and is taken as it is.
pub(super) fn response(bytes: &[u8], limit: usize) -> Result<Response, String> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    let status = httparse::ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut parsed, bytes)
        .map_err(|error| format!("the response's header cannot be read: {error}"))?;
    let httparse::Status::Complete(length) = status else {
        return Err("the response ends within its header".to_owned());
    };
    let field = |name: &str| {
        let found = parsed
            .headers
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name));
        found.map_or_else(String::new, |field| {
            String::from_utf8_lossy(field.value).trim().to_owned()
        })
    };
    let (media, charset) = media(&field("content-type"));
    let chunked = field("transfer-encoding")
        .to_ascii_lowercase()
        .contains("chunked");
    let encodings = field("content-encoding").to_ascii_lowercase();
    let mut body = bytes[length..].to_vec();
    if chunked && is_chunked(&body) {
        body = all(chunked_transfer::Decoder::new(body.as_slice()), limit)?;
    }
    // The last encoding named was put on last.
    for encoding in encodings.rsplit(',') {
        body = unpacked(encoding.trim(), body, limit)?;
    }
    Ok(Response {
        status: parsed.code.unwrap_or_default(),
        media,
        charset,
        body,
    })
}

/// `text/html; charset="utf-8"` → `text/html`, `utf-8`.
pub(super) fn media(value: &str) -> (String, Option<String>) {
    let mut parts = value.split(';');
    let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    });
    (media, charset)
}

/// True where the body begins with a chunk's length.
fn is_chunked(body: &[u8]) -> bool {
    let line = body.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let digits = line
        .split(|&byte| byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    (1..=8).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_hexdigit)
        && line.len() < body.len()
}

fn unpacked(encoding: &str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, String> {
    let bytes = body.as_slice();
    match (encoding, bytes) {
        ("gzip" | "x-gzip", [0x1f, 0x8b, ..]) => all(MultiGzDecoder::new(bytes), limit),
        ("deflate", [first, ..]) if first & 0x0f == 8 => {
            all(ZlibDecoder::new(bytes), limit).or_else(|_| all(DeflateDecoder::new(bytes), limit))
        }
        ("deflate", _) if !is_plain(bytes) => all(DeflateDecoder::new(bytes), limit),
        ("zstd", [0x28, 0xb5, 0x2f, 0xfd, ..]) => {
            let decoder = zstd::Decoder::with_buffer(bytes).map_err(|error| error.to_string())?;
            all(decoder, limit)
        }
        ("br", _) if !is_plain(bytes) => {
            all(brotli_decompressor::Decompressor::new(bytes, 4096), limit)
        }
        _ => Ok(body),
    }
}

/// True for a body that is markup, and so was unpacked before it was archived.
fn is_plain(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn all(reader: impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("the response's body cannot be unpacked: {error}"))?;
    if limit < bytes.len() {
        return Err(format!(
            "the response's body unpacks to more than {limit} bytes; raise --max-article-bytes"
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const PAGE: &[u8] = b"<p>The same page, however it was sent.</p>";

    fn gzip() -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(PAGE).unwrap();
        gzip.finish().unwrap()
    }

    fn zlib(raw: bool) -> Vec<u8> {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(PAGE).unwrap();
        let zlib = zlib.finish().unwrap();
        if raw {
            zlib[2..zlib.len() - 4].to_vec()
        } else {
            zlib
        }
    }

    fn chunks(body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for chunk in body.chunks(7) {
            out.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            out.extend(chunk);
            out.extend(b"\r\n");
        }
        out.extend(b"0\r\n\r\n");
        out
    }

    #[test]
    fn a_body_is_the_same_however_it_was_sent() {
        for (name, header, body) in [
            ("plain", "", PAGE.to_vec()),
            ("chunks", "Transfer-Encoding: chunked\r\n", chunks(PAGE)),
            ("gzip", "content-encoding: gzip\r\n", gzip()),
            (
                "chunks of gzip",
                "Transfer-Encoding: Chunked\r\nContent-Encoding: gzip\r\n",
                chunks(&gzip()),
            ),
            ("zlib", "Content-Encoding: deflate\r\n", zlib(false)),
            ("raw deflate", "Content-Encoding: deflate\r\n", zlib(true)),
            (
                "zstd",
                "Content-Encoding: zstd\r\n",
                zstd::encode_all(PAGE, 1).unwrap(),
            ),
            (
                "unpacked by the crawler",
                "Content-Encoding: gzip\r\n",
                PAGE.to_vec(),
            ),
            (
                "unpacked by the crawler, brotli",
                "Content-Encoding: br\r\n",
                PAGE.to_vec(),
            ),
            (
                "chunks joined by the crawler",
                "Transfer-Encoding: chunked\r\n",
                PAGE.to_vec(),
            ),
            ("damaged fields", "Bad Field : x\r\n:\r\n", PAGE.to_vec()),
        ] {
            let header = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; Charset=\"koi8-r\"\r\n{header}\r\n"
            );
            let bytes = [header.as_bytes(), &body].concat();
            let response = response(&bytes, 1000).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(
                (response.status, response.body.as_slice()),
                (200, PAGE),
                "{name}"
            );
            assert_eq!(response.media, "text/html");
            assert_eq!(response.charset.as_deref(), Some("koi8-r"));
        }
    }

    #[test]
    fn what_is_damaged_or_too_large_says_why() {
        let packed = [
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
            &gzip()[..],
        ]
        .concat();
        for (bytes, limit, part) in [
            (&b"HTTP/1.1 200 OK\r\nA: b\r\n"[..], 1000, "ends within"),
            (b"<html>no response", 1000, "header"),
            (&packed[..packed.len() - 9], 1000, "unpacked"),
            (&packed, 20, "more than 20 bytes"),
        ] {
            let error = response(bytes, limit).err().unwrap();
            assert!(error.contains(part), "{error}");
        }
    }
}
