//! Plain text: one article a file.

use std::io::BufRead;

use super::{File, Item, Options, date, decode, id_of_place, read_within};
use crate::article::{Article, Stage};

/// Reads the file as one article; a first line such as ` date 2023-03-21` gives the date and stays in the text.
pub(super) fn read(
    file: &File,
    reader: &mut dyn BufRead,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let bytes = match read_within(reader, options.max_article_bytes) {
        Err(error) => {
            return take(file.fault(
                0,
                Stage::Read,
                format!("cannot be read to its end: {error}"),
            ));
        }
        Ok(None) => {
            let limit = options.max_article_bytes;
            let reason = format!(
                "holds more than {limit} bytes; raise --max-article-bytes, and --memory to 16 times as much"
            );
            return take(file.fault(0, Stage::Read, reason));
        }
        Ok(Some(bytes)) => bytes,
    };
    let text = match decode(bytes, options) {
        Ok(text) => text,
        Err(reason) => return take(file.fault(0, Stage::Parse, reason)),
    };
    take(Item::Article(Article {
        id: id_of_place(&file.relative, 0),
        place: file.place(0),
        title: None,
        published: date::of_first_line(&text),
        lang: None,
        url: None,
        text,
    }))
}
