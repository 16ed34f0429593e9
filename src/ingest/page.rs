//! A page of markup → an article; what a worker does with a page that the reader handed on as it is.
//!
//! In: a page's bytes and what is known of it from elsewhere. Out: an article whose text is the page's main text,
//! one paragraph to a block with an empty line between blocks; title, date, language and address from the page where
//! they are not known already. Where no main text is found the text is all that the page shows. Pure and without
//! recursion over the page. Deliberately absent: files.

use trafilatura::dom::Document;
use trafilatura::{ExtractionFocus, Options, extract_document};
use url::Url;

use super::charset;
use super::markup::{self, visible_text};
use crate::article::{Article, Fault, MAX_KEPT_BYTES, Stage};

/// A page as read, with what is known of it from elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The article without its text: id, place, and what stands beside the page in its record.
    pub known: Article,
    /// The page.
    pub html: Vec<u8>,
    /// Character set that came with the page, as an HTTP header names it.
    pub charset: Option<String>,
}

/// A main text with fewer characters makes us ask again for more: a caption or a notice was taken for the article.
const FEWEST_CHARS: usize = 250;
/// Most bytes of one page. A tree is some twenty times as large as its page, and archives cut pages at a few MiB.
const MAX_PAGE_BYTES: usize = 32 << 20;
/// Deepest nesting of elements. Browsers stop at 512; parsing takes time in the square of the depth.
const MAX_DEPTH: usize = 1000;

impl Page {
    /// Finds the article in the page.
    ///
    /// # Errors
    /// A fault for a page that is too large or nested too deeply.
    pub fn article(&self) -> Result<Article, Box<Fault>> {
        if MAX_PAGE_BYTES < self.html.len() {
            return Err(Box::new(self.fault(format!(
                "a page of {} bytes is too large to be taken apart; the most is {MAX_PAGE_BYTES}. Extract its text first",
                self.html.len()
            ))));
        }
        let html = charset::decode(&self.html, self.charset.as_deref());
        if let Some(depth) = markup::deeper_than(&html, MAX_DEPTH) {
            return Err(Box::new(self.fault(format!(
                "nests {depth} or more elements; the most is {MAX_DEPTH}. Extract its text first"
            ))));
        }
        Ok(read(self.known.clone(), &html))
    }

    /// The fault that this page becomes, with the page where it is small enough to be read again.
    #[must_use]
    pub fn fault(&self, reason: String) -> Fault {
        Fault {
            id: Some(self.known.id.clone()),
            source: self.known.place.clone(),
            stage: Stage::Parse,
            reason,
            record: self.record(),
        }
    }

    /// The page as a record that the ingest room reads again; `None` when it is too large to keep in a fault.
    #[must_use]
    pub fn record(&self) -> Option<serde_json::Value> {
        if MAX_KEPT_BYTES < self.html.len() {
            return None;
        }
        let mut record = self.known.record()?;
        let object = record.as_object_mut()?;
        object.remove("text");
        let html = charset::decode(&self.html, self.charset.as_deref());
        object.insert("html".to_owned(), html.into());
        Some(record)
    }
}

/// Fills in what the page says of itself.
fn read(known: Article, html: &str) -> Article {
    let base = known.url.as_deref().and_then(|url| Url::parse(url).ok());
    let options = |focus| {
        let mut options = Options::default()
            .with_fallback(true)
            .with_exclude_comments(true)
            .with_focus(focus);
        options.original_url.clone_from(&base);
        options
    };
    let page = Document::parse(html);
    let declared = attribute(&page, "html[lang]", "lang");
    let shown = visible_text(&page);
    let canonical = attribute(&page, "link[rel~=canonical][href]", "href")
        .or_else(|| attribute(&page, "meta[property=\"og:url\"][content]", "content"))
        .and_then(|url| absolute(&url, base.as_ref()));
    let found = extract_document(page, &options(ExtractionFocus::FavorPrecision)).ok();
    let mut text = found.as_ref().map_or_else(String::new, main_text);
    if text.chars().count() < FEWEST_CHARS {
        let more = extract_document(
            Document::parse(html),
            &options(ExtractionFocus::FavorRecall),
        );
        let more = more.as_ref().map_or_else(|_| String::new(), main_text);
        if text.len() < more.len() {
            text = more;
        }
    }
    if text.is_empty() {
        text = shown;
    }
    let meta = found.map(|found| found.metadata);
    let meta = meta.as_ref();
    Article {
        title: known
            .title
            .or_else(|| filled(meta.map(|meta| meta.title.as_str()))),
        published: known
            .published
            .or_else(|| meta.and_then(|meta| Some(meta.date?.format("%Y-%m-%d").to_string()))),
        lang: known
            .lang
            .or(declared)
            .or_else(|| filled(meta.map(|meta| meta.language.as_str()))),
        url: canonical.or(known.url),
        text,
        id: known.id,
        place: known.place,
    }
}

fn main_text(found: &trafilatura::ExtractResult) -> String {
    visible_text(&Document::parse(&found.content_html))
}

fn attribute(page: &Document, selector: &str, name: &str) -> Option<String> {
    let node = page.query_selector(page.root(), selector)?;
    filled(page.get_attribute(node, name).as_deref())
}

fn filled(value: Option<&str>) -> Option<String> {
    value
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}

/// An address of the web, made whole by the page's own.
fn absolute(url: &str, base: Option<&Url>) -> Option<String> {
    let url = match base {
        Some(base) => base.join(url).ok()?,
        None => Url::parse(url).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}
