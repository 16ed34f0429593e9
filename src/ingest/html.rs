//! HTML: one page a file. What is in it is found out later, by a worker.

use std::io::BufRead;

use super::page::Page;
use super::{File, Item, Options, id_of_place, read_within};
use crate::article::{Article, Stage};

/// Reads the file as one page.
pub(super) fn read(
    file: &File,
    reader: &mut dyn BufRead,
    options: &Options,
    take: &mut dyn FnMut(Item) -> bool,
) -> bool {
    take(match read_within(reader, options.max_article_bytes) {
        Err(error) => file.fault(
            0,
            Stage::Read,
            format!("cannot be read to its end: {error}"),
        ),
        Ok(None) => {
            let limit = options.max_article_bytes;
            let reason = format!("holds more than {limit} bytes; raise --max-article-bytes");
            file.fault(0, Stage::Read, reason)
        }
        Ok(Some(html)) => Item::Page(Page {
            known: Article {
                id: id_of_place(&file.relative, 0),
                place: file.place(0),
                title: None,
                published: None,
                lang: None,
                url: None,
                text: String::new(),
            },
            html,
            charset: None,
        }),
    })
}
