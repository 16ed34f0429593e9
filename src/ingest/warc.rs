//! WARC and WET files, as crawlers write them: pages and texts become articles, every other record is counted.
//!
//! Out: of `response` records those with a status of 2xx and a type of HTML or plain text; of `resource` and `conversion` records
//! (WET) those of these types. Their record numbers count all records of the file, their ids are the records' own.
//! The date is the page's, never that of the crawl. A damaged record is a fault, and reading goes on with the next.
//! Format: ISO 28500, <https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/>.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use super::lines::{self, Line};
use super::packing::{Member, Unpacked};
use super::page::Page;
use super::{File, Item, Options, Skipped, charset, http, id_of_place, kind};
use crate::article::{Article, Place, Stage};

/// Most bytes of a line of a record's header.
const MAX_LINE_BYTES: usize = 64 << 10;
/// Most lines of a record's header.
const MAX_LINES: usize = 128;

/// Reads all records of a file.
pub(super) fn read(
    file: &File,
    unpacked: Unpacked<'_>,
    options: &Options,
    skipped: &Skipped,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let mut stream = Stream {
        reader: BufReader::with_capacity(1 << 16, unpacked.reader),
        position: 0,
        member: unpacked.member,
    };
    let mut record = 0;
    let mut first = None;
    loop {
        let (offset, header) = match stream.header(first.take()) {
            Ok(None) => return true,
            Ok(Some(header)) => header,
            Err(error) => {
                let reason = format!("cannot be read beyond record {record}: {error}");
                return take(file.fault(record, Stage::Read, reason));
            }
        };
        let place = Place {
            offset: Some(offset),
            ..file.place(record)
        };
        let item = match header {
            Err(reason) => {
                // Without its length the record's end is not known: the next one begins where one plainly does.
                first = match stream.next_first_line() {
                    Ok(first) => Some(first),
                    Err(error) => {
                        return take(file.fault(record, Stage::Read, format!("{reason}; {error}")));
                    }
                };
                Some(file.fault(record, Stage::Parse, reason))
            }
            Ok(header) => match header.read(&mut stream, options) {
                Ok(Block::Unwanted) => None,
                Ok(Block::Bytes(block)) => item(&header, place.clone(), block, file, options),
                Ok(Block::TooLarge) => {
                    let reason = format!(
                        "has {} bytes, more than {}; raise --max-article-bytes",
                        header.length, options.max_article_bytes
                    );
                    Some(file.fault(record, Stage::Read, reason))
                }
                Err(error) => {
                    let reason = format!("the file ends or fails within this record: {error}");
                    return take(file.fault(record, Stage::Read, reason).at(file, offset));
                }
            },
        };
        match item {
            None => skipped.add_one(),
            Some(item) => {
                if !take(item.at(file, offset)) {
                    return false;
                }
            }
        }
        record += 1;
        if first == Some(None) {
            return true;
        }
    }
}

/// A file's bytes, and how far they are read.
struct Stream<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    position: u64,
    member: Option<Rc<Cell<Member>>>,
}

/// What a record's header says.
struct Header {
    kind: String,
    media: String,
    charset: Option<String>,
    id: Option<String>,
    url: Option<String>,
    lang: Option<String>,
    segment: bool,
    length: u64,
}

/// A record's block.
enum Block {
    Bytes(Vec<u8>),
    TooLarge,
    /// Of a record that holds no article.
    Unwanted,
}

/// Where a record begins, and its header or what is wrong with it.
type Begun = (u64, Result<Header, String>);

impl Stream<'_> {
    /// The next record's header, or `None` at the end. `first` is its first line where it was read already, at
    /// the end too.
    fn header(&mut self, first: Option<Option<(u64, Vec<u8>)>>) -> io::Result<Option<Begun>> {
        let (offset, line) = match first {
            Some(None) => return Ok(None),
            Some(Some(read)) => read,
            None => match self.first_line()? {
                None => return Ok(None),
                Some(read) => read,
            },
        };
        if !line.starts_with(b"WARC/") {
            let line = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
            return Ok(Some((
                offset,
                Err(format!("{line:?} begins no WARC record")),
            )));
        }
        let mut block = Vec::new();
        for _ in 0..MAX_LINES {
            let line = match self.line()? {
                None => return Ok(Some((offset, Err("ends within its header".to_owned())))),
                Some(line) => line,
            };
            block.extend_from_slice(&line);
            block.extend_from_slice(b"\r\n");
            if line.is_empty() {
                return Ok(Some((offset, Header::parse(&block))));
            }
        }
        let reason = format!("its header has more than {MAX_LINES} lines");
        Ok(Some((offset, Err(reason))))
    }

    /// Passes over the empty lines between records; the place and text of the next line.
    fn first_line(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        loop {
            let ahead = self.reader.fill_buf()?;
            let blanks = ahead.iter().take_while(|byte| b"\r\n".contains(byte));
            let (blanks, all) = (blanks.count(), ahead.len());
            if all == 0 {
                return Ok(None);
            }
            self.reader.consume(blanks);
            self.position += blanks as u64;
            if blanks < all {
                break;
            }
        }
        let member = self.member.as_ref().map(|member| member.get());
        let offset = match member {
            Some(member) if member.unpacked == self.position => member.stored,
            _ => self.position,
        };
        Ok(self.line()?.map(|line| (offset, line)))
    }

    /// The next line that begins a record, its place before it; `None` at the end.
    fn next_first_line(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        loop {
            match self.first_line()? {
                None => return Ok(None),
                Some((offset, line)) if line.starts_with(b"WARC/1.") => {
                    return Ok(Some((offset, line)));
                }
                Some(_) => {}
            }
        }
    }

    /// The next line without its end; one that is too long is passed over and empty.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let (line, length) = match lines::next(&mut self.reader, MAX_LINE_BYTES)? {
            None => return Ok(None),
            Some(Line::TooLong(length)) => (Vec::new(), length),
            Some(Line::Whole(line)) => {
                let length = line.len() as u64;
                (line, length)
            }
        };
        self.position += length + 1;
        Ok(Some(
            line.strip_suffix(b"\r")
                .map_or(line.clone(), <[u8]>::to_vec),
        ))
    }
}

impl Header {
    /// Reads the fields of a block that an empty line ends.
    fn parse(block: &[u8]) -> Result<Self, String> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_LINES];
        let parsed = httparse::parse_headers(block, &mut fields)
            .map_err(|error| format!("its header cannot be read: {error}"))?;
        let fields = match parsed {
            httparse::Status::Complete((_, fields)) => fields,
            httparse::Status::Partial => return Err("its header has no end".to_owned()),
        };
        let field = |name: &str| {
            let found = fields
                .iter()
                .find(|field| field.name.eq_ignore_ascii_case(name))?;
            let value = String::from_utf8_lossy(found.value);
            let value = value.trim().trim_start_matches('<').trim_end_matches('>');
            (!value.is_empty()).then(|| value.to_owned())
        };
        let length = field("content-length").and_then(|length| length.parse().ok());
        let (media, charset) = http::media(&field("content-type").unwrap_or_default());
        Ok(Self {
            kind: field("warc-type").unwrap_or_default().to_ascii_lowercase(),
            media,
            charset,
            id: field("warc-record-id"),
            url: field("warc-target-uri"),
            lang: field("warc-identified-content-language")
                .and_then(|lang| Some(lang.split(',').next()?.trim().to_owned())),
            segment: field("warc-segment-number").is_some(),
            length: length.ok_or("its header has no Content-Length")?,
        })
    }

    fn is_response(&self) -> bool {
        self.kind == "response" && self.media == "application/http"
    }

    fn is_wanted(&self) -> bool {
        let plain = ["resource", "conversion"].contains(&self.kind.as_str());
        self.is_response() || (plain && Media::of(&self.media) != Media::Other)
    }

    /// Reads the record's block to its end, and keeps it where it may hold an article.
    fn read(&self, stream: &mut Stream<'_>, options: &Options) -> io::Result<Block> {
        let large = self.length > options.max_article_bytes as u64;
        let mut block = stream.reader.by_ref().take(self.length);
        let mut bytes = Vec::new();
        let read = if self.is_wanted() && !large {
            block.read_to_end(&mut bytes)? as u64
        } else {
            io::copy(&mut block, &mut io::sink())?
        };
        stream.position += read;
        if read < self.length {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{read} of its {} bytes are there", self.length),
            ));
        }
        Ok(match (self.is_wanted(), large) {
            (false, _) => Block::Unwanted,
            (true, true) => Block::TooLarge,
            (true, false) => Block::Bytes(bytes),
        })
    }
}

/// What a body is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    Html,
    Text,
    Other,
}

impl Media {
    fn of(media: &str) -> Self {
        match media {
            "text/html" | "application/xhtml+xml" => Self::Html,
            "text/plain" => Self::Text,
            _ => Self::Other,
        }
    }
}

/// A record that may hold an article → its page or text; `None` when it holds none after all.
fn item(
    header: &Header,
    place: Place,
    block: Vec<u8>,
    file: &File,
    options: &Options,
) -> Option<Item> {
    let record = place.record;
    if header.segment {
        let reason = "is one of several segments; join them first".to_owned();
        return Some(file.fault(record, Stage::Parse, reason));
    }
    let (media, charset, body) = if header.is_response() {
        match http::response(&block, options.max_article_bytes) {
            Err(reason) => return Some(file.fault(record, Stage::Parse, reason)),
            Ok(response) if !(200..300).contains(&response.status) => return None,
            Ok(response) => (response.media, response.charset, response.body),
        }
    } else {
        (header.media.clone(), header.charset.clone(), block)
    };
    let media = match Media::of(&media) {
        Media::Other if media.is_empty() => match kind::format(&body, &options.fields) {
            Some(super::Format::Html) => Media::Html,
            _ => Media::Other,
        },
        media => media,
    };
    let known = Article {
        id: header
            .id
            .clone()
            .unwrap_or_else(|| id_of_place(&file.relative, record)),
        place,
        title: None,
        published: None,
        lang: header.lang.clone(),
        url: header.url.clone(),
        text: String::new(),
    };
    match media {
        Media::Other => None,
        Media::Html => Some(Item::Page(Page {
            known,
            html: body,
            charset,
        })),
        Media::Text => Some(Item::Article(Article {
            text: charset::decode(&body, charset.as_deref())
                .trim_start_matches('\u{feff}')
                .to_owned(),
            ..known
        })),
    }
}
